/* SPDX-License-Identifier: MIT */
/* lib/sim/site.c: sim.json of a made site, read back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "sim/clock.h"

static int read_rtc(const json_t *list, struct wx_sim_boot *b)
{
	size_t n = json_array_size(list);

	b->rtc = calloc(n ? n : 1, sizeof(*b->rtc));
	if (!b->rtc)
		return WX_ERR_NOMEM;
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_array_get(list, i);
		struct wx_sim_rtc *r = &b->rtc[b->n_rtc++];

		r->m_us = wx_json_i64(v, "m_us", 0);
		r->r_us = wx_json_i64(v, "r_us", 0);
		r->err_ms = wx_json_f64(v, "err_ms", NAN);
		strncpy(r->source, wx_json_str(v, "source", ""),
			sizeof(r->source) - 1);
	}
	return WX_OK;
}

static int read_boot(const json_t *v, struct wx_sim_boot *b)
{
	const json_t *drift = json_object_get(v, "drift_us");

	b->boot = wx_json_i64(v, "boot", 0);
	b->on_us = wx_json_i64(v, "on_us", 0);
	b->off_us = wx_json_i64(v, "off_us", INT64_MAX);
	b->drift_us = calloc(json_array_size(drift) + 1, sizeof(*b->drift_us));
	if (!b->drift_us)
		return WX_ERR_NOMEM;
	b->n_drift = json_array_size(drift);
	for (size_t i = 0; i < b->n_drift; i++)
		b->drift_us[i] = json_integer_value(json_array_get(drift, i));
	return read_rtc(json_object_get(v, "rtc"), b);
}

static int read_node(const json_t *v, struct wx_sim_node *node)
{
	const json_t *boots = json_object_get(v, "boots");
	struct wx_sim_clock *c = &node->clock;

	node->id = wx_json_str(v, "id", "");
	node->card = !strcmp(wx_json_str(v, "kind", ""), "card");
	c->boot = calloc(json_array_size(boots) + 1, sizeof(*c->boot));
	if (!c->boot)
		return WX_ERR_NOMEM;
	for (size_t i = 0; i < json_array_size(boots); i++)
		if (read_boot(json_array_get(boots, i), &c->boot[c->n_boots++]))
			return WX_ERR_NOMEM;
	return WX_OK;
}

static int read_times(struct wx_sim_site *s, const char *path,
		      struct wx_error *err)
{
	struct wx_error why = { 0 };

	if (wx_time_parse(wx_json_str(s->doc, "start_utc", ""), &s->start,
			  &why) ||
	    wx_time_parse(wx_json_str(s->doc, "end_utc", ""), &s->end, &why))
		return wx_fail(err, WX_ERR_FORMAT, "%s: %s", path, why.text);
	return WX_OK;
}

int wx_sim_site_read(const char *path, struct wx_sim_site **out,
		     struct wx_error *err)
{
	struct wx_sim_site *s = calloc(1, sizeof(*s));
	const json_t *nodes;
	int rc;

	*out = NULL;
	if (!s)
		return wx_fail_nomem(err);
	rc = wx_json_read(path, "sim", &s->doc, err);
	if (!rc)
		rc = read_times(s, path, err);
	if (rc)
		goto out;
	nodes = json_object_get(s->doc, "nodes");
	s->node = calloc(json_array_size(nodes) + 1, sizeof(*s->node));
	if (!s->node) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	for (size_t i = 0; i < json_array_size(nodes); i++) {
		rc = read_node(json_array_get(nodes, i),
			       &s->node[s->n_nodes++]);
		if (rc) {
			wx_fail_nomem(err);
			goto out;
		}
	}
	*out = s;
	s = NULL;
out:
	wx_sim_site_free(s);
	return rc;
}

void wx_sim_site_free(struct wx_sim_site *site)
{
	if (!site)
		return;
	for (size_t i = 0; i < site->n_nodes; i++)
		wx_sim_clock_fini(&site->node[i].clock);
	free(site->node);
	json_decref(site->doc);
	free(site);
}
