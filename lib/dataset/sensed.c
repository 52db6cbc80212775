/* SPDX-License-Identifier: MIT */
/* lib/dataset/sensed.c: see sensed.h. */
#include "dataset/sensed.h"

#include <stdlib.h>

/* The first gauge that tips tell of. */
static const struct wx_gauge *gauge_of(const struct wx_site_evidence *s)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct wx_gauge *g = &s->station[i].e.gauge;

		if (g->read.n && !g->by_amount && !g->no_bucket)
			return g;
	}
	return NULL;
}

static int add_all(struct wx_senses *s, struct wx_csv *csv,
		   struct wx_error *err)
{
	struct wx_window_cols cols;
	int more, rc = wx_window_cols(csv, &cols, NULL);

	if (rc != WX_OK ||
	    !wx_senses_asks(s, cols.rel_hum_pct >= 0, cols.rain_band_db >= 0))
		return WX_OK;
	while (rc == WX_OK && (more = wx_csv_next(csv, NULL)) > 0) {
		struct wx_window w;

		if (wx_window_get(csv, &cols, &w, NULL) == WX_OK)
			rc = wx_senses_add(s, &w, err);
	}
	return rc;
}

int wx_sensed_day(struct wx_senses *s, const struct wx_archive *a,
		  const char *node, int64_t day,
		  const struct wx_site_evidence *stations, struct wx_error *err)
{
	const struct wx_gauge *gauge = gauge_of(stations);
	char date[WX_DAY_SIZE], *path;
	struct wx_csv *csv = NULL;
	int rc = WX_OK;

	wx_senses_begin(s, day);
	if (!gauge)
		return WX_OK;
	wx_day_format(day, date);
	path = wx_archive_path(a, "windows/%s/%s.csv", node, date);
	if (!path)
		return wx_fail_nomem(err);
	if (wx_csv_open(path, NULL, &csv, NULL) == WX_OK)
		rc = add_all(s, csv, err);
	if (rc == WX_OK)
		wx_senses_learn(s, gauge);
	wx_csv_close(csv);
	free(path);
	return rc;
}

int wx_sensed_upto(struct wx_senses *s, const struct wx_archive *a,
		   const char *node, const struct wx_days *days, int64_t day,
		   struct wx_site_evidence *stations, struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < days->n && rc == WX_OK; i++) {
		if (days->day[i] < day - WX_SENSES_DAYS || days->day[i] > day)
			continue;
		rc = wx_site_evidence_day(stations, days->day[i], err);
		if (rc == WX_OK)
			rc = wx_sensed_day(s, a, node, days->day[i], stations,
					   err);
	}
	return rc;
}
