/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/info_write.c: the list that Edge Impulse's uploaders read.
 *
 *     info.labels
 *     {"version":1,"files":[
 *     {"path":"training/rain.n1-20260601T120000.000Z.wav",
 *      "name":"rain.n1-20260601T120000.000Z",     without the extension: the
 *                                                 uploader appends it
 *      "category":"training",                     the folder alone is ignored
 *      "label":{"type":"label","label":"rain"},   an object: a bare string is
 *                                                 dropped without a word
 *      "metadata":{"node":"n1",...}},             text to text, ASCII: beyond
 *                                                 U+00FF the uploader fails
 *     ...
 *     ]}
 *
 * As lines, for large sets, these bytes come first, and then one file a line:
 *
 *     {"__ndjson":true,"version":1}
 *     {"__key":"files","__item":{"path":...}}
 *
 * version is the number 1. There is no byte-order mark.
 *
 * Source: docs.edgeimpulse.com, "Edge Impulse exporter format (info.labels)",
 * and what edgeimpulse-uploader 1.39.2 does with it.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "dataset/info_write.h"

static void set_f64(json_t *meta, const char *key, double v, int decimals)
{
	char text[WX_NUM_SIZE];

	if (!isfinite(v))
		return;
	wx_f64_format(v, decimals, text);
	json_object_set_new(meta, key, json_string(text));
}

/* Ids, class names and names of captures: '?' for what is not ASCII. */
static void set_text(json_t *meta, const char *key, const char *text)
{
	char ascii[1100];
	size_t n = 0;

	for (; *text && n < sizeof(ascii) - 1; text++)
		if (*text >= 0x20 && *text < 0x7f)
			ascii[n++] = *text;
		else if ((*text & 0xc0) != 0x80)
			ascii[n++] = '?';
	ascii[n] = '\0';
	if (n)
		json_object_set_new(meta, key, json_string(ascii));
}

static json_t *metadata(const struct wx_sample *s)
{
	const struct wx_window *w = &s->window;
	const struct wx_label *l = &s->label;
	char utc[WX_TIME_SIZE];
	json_t *meta = json_object();

	wx_time_format(w->start_utc, 3, utc);
	set_text(meta, "site", s->site);
	set_text(meta, "node", w->node);
	set_text(meta, "start_utc", utc);
	set_f64(meta, "max_err_s", w->max_err_s, 3);
	set_text(meta, "capture", w->capture);
	set_f64(meta, "offset_s", w->offset_s, 3);
	set_text(meta, "rain_class", l->rain.name);
	set_f64(meta, "rain_mm_h", l->rain.value, 2);
	set_f64(meta, "rain_p", l->rain.p, 3);
	set_text(meta, "wind_class", l->wind.name);
	set_f64(meta, "wind_m_s", l->wind.value, 2);
	set_f64(meta, "wind_gust_m_s", l->wind_gust_m_s, 2);
	set_f64(meta, "wind_p", l->wind.p, 3);
	set_f64(meta, "air_temp_degc", w->air_temp_degc, 2);
	set_f64(meta, "rel_hum_pct", w->rel_hum_pct, 1);
	set_f64(meta, "pressure_hpa", w->pressure_hpa, 2);
	set_f64(meta, "quality", w->quality, 0);
	set_text(meta, "flags", w->flags);
	return meta;
}

/* Every value in exactly one segment, ends included: see wx_segment. */
static json_t *label_json(const struct wx_sample *s)
{
	json_t *labels;

	if (!s->n_segments)
		return json_pack("{s:s, s:s}", "type", "label", "label",
				 s->class);
	labels = json_array();
	for (size_t i = 0; i < s->n_segments; i++)
		json_array_append_new(labels,
				      json_pack("{s:I, s:I, s:s}", "startIndex",
						(json_int_t)s->segment[i].first,
						"endIndex",
						(json_int_t)s->segment[i].last,
						"label", s->segment[i].class));
	return json_pack("{s:s, s:o}", "type", "multi-label", "labels", labels);
}

void wx_info_begin(FILE *out, bool lines)
{
	fputs(lines ? "{\"__ndjson\":true,\"version\":1}\n"
		    : "{\"version\":1,\"files\":[",
	      out);
}

int wx_info_add(FILE *out, const struct wx_sample *s, size_t n, bool lines,
		struct wx_error *err)
{
	const char *side = wx_side_name(s->side);
	json_t *obj = json_pack("{s:s++++, s:s, s:s, s:o, s:o}", "path", side,
				"/", s->name, s->ext, "", "name", s->name,
				"category", side, "label", label_json(s),
				"metadata", metadata(s));
	int rc = WX_OK;

	if (!obj)
		return wx_fail_nomem(err);
	fputs(lines ? "{\"__key\":\"files\",\"__item\":"
	      : n   ? ",\n"
		    : "\n",
	      out);
	/* Write errors are out's, and show when it is committed. */
	if (json_dumpf(obj, out, JSON_COMPACT) != 0 && !ferror(out))
		rc = wx_fail_nomem(err);
	if (lines)
		fputs("}\n", out);
	json_decref(obj);
	return rc;
}

void wx_info_end(FILE *out, bool lines)
{
	if (!lines)
		fputs("\n]}\n", out);
}
