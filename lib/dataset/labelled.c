/* SPDX-License-Identifier: MIT */
/* lib/dataset/labelled.c: see labelled.h. */
#include "dataset/labelled.h"

#include <string.h>

#include "base/text.h"

void wx_labelled_count(struct wx_labelled *n, const struct wx_label *l)
{
	n->windows++;
	n->rain_kept += (uint64_t)l->rain.keep;
	n->wind_kept += (uint64_t)l->wind.keep;
	n->rain_heard += !strcmp(l->rain.source, "track");
	n->wind_heard += !strcmp(l->wind.source, "track");
	n->by_humidity += wx_words_have(l->flags, "humidity_used");
	n->by_sound += wx_words_have(l->flags, "sound_used");
}

void wx_agreement_sum(const struct wx_agreement *a, uint64_t *agree,
		      uint64_t *n)
{
	*agree = *n = 0;
	for (int i = 0; i < WX_MAX_CLASSES; i++)
		for (int k = 0; k < WX_MAX_CLASSES; k++) {
			*n += a->n[i][k];
			*agree += i == k ? a->n[i][k] : 0;
		}
}

json_t *wx_agreement_json(const struct wx_classes *c,
			  const struct wx_agreement *a)
{
	json_t *names = json_array(), *table = json_array();

	for (int i = 0; i < c->n; i++) {
		json_t *row = json_array();

		json_array_append_new(names, json_string(c->name[i]));
		for (int k = 0; k < c->n; k++)
			json_array_append_new(
				row, json_integer((json_int_t)a->n[i][k]));
		json_array_append_new(table, row);
	}
	return json_pack("{soso}", "classes", names, "ear_by_station", table);
}

static json_t *target_json(uint64_t kept, uint64_t heard,
			   const struct wx_classes *c,
			   const struct wx_agreement *a)
{
	return json_pack("{sIsIso}", "kept", (json_int_t)kept, "by_ear",
			 (json_int_t)heard, "agreement",
			 wx_agreement_json(c, a));
}

json_t *wx_labelled_json(const struct wx_labelled *n,
			 const struct wx_profile *p, size_t n_nodes)
{
	return json_pack("{sssIsIsIsIsIsIsoso}", "profile", p->name, "windows",
			 (json_int_t)n->windows, "nodes", (json_int_t)n_nodes,
			 "days", (json_int_t)n->days, "days_changed",
			 (json_int_t)n->days_changed, "by_humidity",
			 (json_int_t)n->by_humidity, "by_sound",
			 (json_int_t)n->by_sound, "rain",
			 target_json(n->rain_kept, n->rain_heard, &p->rain,
				     &n->rain_ear),
			 "wind",
			 target_json(n->wind_kept, n->wind_heard, &p->wind,
				     &n->wind_ear));
}
