/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_pairs.c: both clocks, as a person wrote them down.
 *
 *     node_time,utc,err_s
 *     2026-06-01 10:02:11,2026-06-01T08:02:05Z,1
 *     2026-09-14T18:30:47+02:00,2026-09-14T16:29:12Z,1
 *
 * What the node's own clock showed, in the zone of its file names unless it
 * says another; and the true time. Instead of node_time: boot and m. err_s is
 * how wrong the pair may be, 1 sigma, 2 s unless told.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "dataset/lineup_parts.h"

#define ERR_S 2.0
/* The node's clock may go on alone from the nearest capture so long. */
#define NEAR_US INT64_C(2592000000000)

struct cols {
	int node_time, boot, m, utc, err_s;
};

/* A time with a zone, or by the node's. */
static int read_node_time(const struct wx_csv *csv, const struct cols *col,
			  const struct wx_site_node *node, int64_t *us,
			  struct wx_error *err)
{
	const char *text = wx_csv_get(csv, col->node_time);
	char with[64];
	struct wx_time t;

	if (wx_time_parse(text, &t, NULL) == WX_OK) {
		*us = t.utc_ns / WX_NS_PER_US;
		return WX_OK;
	}
	if (!node->has_offset)
		return wx_csv_fail(csv, err, WX_ERR_FORMAT,
				   "node_time: found no zone: add one, or "
				   "utc_offset to node %s in site.json",
				   node->id);
	if (strlen(text) > 40)
		return wx_csv_fail(csv, err, WX_ERR_FORMAT,
				   "node_time: expected a time");
	snprintf(with, sizeof(with), "%sZ", text);
	if (wx_time_parse(with, &t, NULL) != WX_OK)
		return wx_csv_fail(csv, err, WX_ERR_FORMAT,
				   "node_time: expected a time such as "
				   "2026-06-01 10:02:11");
	*us = t.utc_ns / WX_NS_PER_US - node->offset_s * INT64_C(1000000);
	return WX_OK;
}

/* The capture whose real-time clock was nearest tells boot and m. */
static bool place_node_time(struct wx_lineup *l, int64_t r_us,
			    struct wx_anchor *a)
{
	const struct wx_held *best = NULL;
	int64_t best_us = NEAR_US;

	for (size_t i = 0; i < l->catalog.n_captures; i++) {
		const struct wx_held *c = &l->catalog.capture[i];
		int64_t d;

		if (c->r0_us == INT64_MIN || !wx_lineup_date_is_set(l, c))
			continue;
		d = llabs(c->r0_us - r_us);
		if (d > best_us || (d == best_us && best))
			continue;
		best = c;
		best_us = d;
	}
	if (!best)
		return false;
	if (wx_lineup_has_m(best)) {
		a->boot = best->form->boot;
		a->m_us = best->m0_us + (r_us - best->r0_us);
	} else {
		a->boot = WX_LINEUP_CARD_BOOT;
		a->m_us = r_us - WX_LINEUP_CARD_EPOCH_US;
		l->card_has_pairs = true;
	}
	a->sigma_s =
		hypot(a->sigma_s, WX_PRIOR_SD_PPM * 1e-12 * (double)best_us);
	return true;
}

static int read_row(struct wx_lineup *l, const struct wx_csv *csv,
		    const struct cols *col, const struct wx_site_node *node,
		    struct wx_anchor *a, struct wx_error *err)
{
	struct wx_time utc;
	int64_t r_us = 0;
	double err_s;
	int rc = wx_csv_time(csv, col->utc, &utc, err);

	if (rc == WX_OK)
		rc = wx_csv_f64(csv, col->err_s, &err_s, err);
	if (rc == WX_OK && wx_time_is_none(utc))
		rc = wx_csv_fail(csv, err, WX_ERR_FORMAT,
				 "utc: expected a time");
	if (rc == WX_OK && !isnan(err_s) && !(err_s >= 0.001 && err_s <= 1e5))
		rc = wx_csv_fail(csv, err, WX_ERR_RANGE,
				 "err_s: found %g, expected 0.001 to 100000",
				 err_s);
	if (rc != WX_OK)
		return rc;
	*a = (struct wx_anchor){ .kind = WX_ANCHOR_PAIR,
				 .utc_us = utc.utc_ns / WX_NS_PER_US,
				 .sigma_s = isnan(err_s) ? ERR_S : err_s };
	if (col->m >= 0 && wx_csv_get_len(csv, col->m)) {
		rc = wx_csv_i64(csv, col->m, -1, &a->m_us, err);
		return rc ? rc : wx_csv_i64(csv, col->boot, -1, &a->boot, err);
	}
	rc = read_node_time(csv, col, node, &r_us, err);
	if (rc == WX_OK && !place_node_time(l, r_us, a))
		rc = wx_csv_fail(csv, err, WX_ERR_RANGE,
				 "no capture of %s was dated within 30 days of "
				 "it by the node's clock",
				 node->id);
	return rc;
}

static int read_rows(struct wx_lineup *l, struct wx_csv *csv,
		     const struct wx_site_node *node, struct wx_error *err)
{
	struct cols col = { .node_time = wx_csv_col(csv, "node_time"),
			    .boot = wx_csv_col(csv, "boot"),
			    .m = wx_csv_col(csv, "m"),
			    .err_s = wx_csv_col(csv, "err_s") };
	int rc = wx_csv_need(csv, "utc", &col.utc, err);

	if (rc == WX_OK && col.node_time < 0 && (col.m < 0 || col.boot < 0))
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: found neither a column node_time nor boot "
			     "and m, expected one or the other beside utc",
			     wx_csv_name(csv));
	while (rc == WX_OK && (rc = wx_csv_next(csv, err)) > 0) {
		struct wx_error why = { 0 };
		struct wx_anchor a;

		rc = read_row(l, csv, &col, node, &a, &why);
		if (rc == WX_OK) {
			rc = wx_anchors_add(&l->timeline.anchors, &a, l->latest,
					    err);
		} else {
			wx_warn(l->log, "%s; pair passed over", why.text);
			rc = WX_OK;
		}
	}
	return rc;
}

int wx_lineup_read_pairs(struct wx_lineup *l, struct wx_error *err)
{
	const struct wx_site_node *node = wx_site_node(l->a->site, l->node);
	struct wx_csv *csv = NULL;
	int rc;

	if (!node || !node->clock_pairs)
		return WX_OK;
	rc = wx_csv_open(node->clock_pairs, NULL, &csv, err);
	if (rc == WX_OK)
		rc = read_rows(l, csv, node, err);
	wx_csv_close(csv);
	return rc;
}
