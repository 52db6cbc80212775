/* SPDX-License-Identifier: MIT */
/* lib/dataset/evidence.c: see evidence.h. */
#include "dataset/evidence.h"

#include <math.h>
#include <stdlib.h>

#include "weather/siphon.h"
#include "weather/smooth.h"

/* ---- a station's table ---- */

/*
 * Tables by hand often have no interval_s: one that gives more than instants
 * of tips and pulses then tells of the time since the row before.
 */
static bool is_series(const struct wx_obs_cols *c)
{
	return c->interval_s < 0 && (c->rain_mm >= 0 || c->wind_avg_m_s >= 0);
}

static int obs_read(struct wx_csv *csv, struct wx_evidence *e,
		    struct wx_log *log, size_t *n_bad, struct wx_error *err)
{
	struct wx_obs_cols cols;
	int rc = wx_obs_cols(csv, &cols, err);

	if (rc == WX_OK && cols.tips < 0 && cols.rain_mm < 0 &&
	    cols.cup_turns < 0 && cols.wind_avg_m_s < 0)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: no column of rain or wind: expected tips, "
			     "rain_mm, cup_turns or wind_avg_m_s",
			     wx_csv_name(csv));
	if (rc != WX_OK)
		return rc;
	while ((rc = wx_csv_next(csv, err)) > 0) {
		struct wx_error bad = { 0 };
		struct wx_obs obs;

		if (wx_obs_get(csv, &cols, &obs, &bad) != WX_OK) {
			wx_warn(log, "%s", bad.text);
			++*n_bad;
			continue;
		}
		if (is_series(&cols))
			obs.interval_s = NAN;
		rc = wx_evidence_add(e, &obs, err);
		if (rc != WX_OK)
			return rc;
	}
	return rc;
}

int wx_evidence_read(const char *path, struct wx_evidence *e,
		     struct wx_log *log, size_t *n_bad, struct wx_error *err)
{
	struct wx_csv *csv = NULL;
	int rc = wx_csv_open(path, NULL, &csv, err);

	if (rc == WX_OK)
		rc = obs_read(csv, e, log, n_bad, err);
	wx_csv_close(csv);
	return rc;
}

int wx_evidence_close(struct wx_evidence *e, const char *pair,
		      struct wx_error *err)
{
	struct wx_time from, to;
	int rc = wx_time_pair_parse(pair, &from, &to, err);

	return rc == WX_OK ? wx_gauge_close(&e->gauge, from, to, err) : rc;
}

/* ---- the stations of a site ---- */

static int close_times(struct wx_evidence *e, const json_t *times,
		       struct wx_error *err)
{
	const json_t *item;
	int rc = WX_OK;
	size_t k;

	json_array_foreach(times, k, item)
	{
		if (rc == WX_OK)
			rc = wx_evidence_close(e, json_string_value(item), err);
	}
	return rc;
}

int wx_site_evidence_open(struct wx_site_evidence *s,
			  const struct wx_archive *a, struct wx_log *log,
			  struct wx_error *err)
{
	size_t n = a->site->n_stations;
	struct wx_limits limits;
	int rc = wx_limits_read(a->site->quality, &limits, err);

	*s = (struct wx_site_evidence){ .a = a, .log = log };
	s->station = calloc(n + 1, sizeof(*s->station));
	s->evidence = calloc(n + 1, sizeof(struct wx_evidence *));
	if (!s->station || !s->evidence)
		return wx_fail_nomem(err);
	for (; s->n < n && rc == WX_OK; s->n++) {
		const struct wx_site_station *site = &a->site->stations[s->n];
		struct wx_station_evidence *e = &s->station[s->n];

		e->site = site;
		s->evidence[s->n] = &e->e;
		wx_evidence_init(&e->e, site->bucket_mm, site->cup.m_s_per_hz,
				 site->cup.offset_m_s, site->cup.threshold_m_s);
		e->e.gauge.siphon = site->siphon;
		wx_evidence_doubt(&e->e, &limits);
		rc = wx_evidence_smooth(&e->e, err);
		if (rc == WX_OK)
			rc = close_times(&e->e, site->maintenance, err);
		if (rc == WX_OK)
			rc = wx_archive_days(a, "station", site->id, &e->days,
					     err);
	}
	return rc;
}

static struct wx_time day_start(int64_t day)
{
	return (struct wx_time){ day * WX_S_PER_DAY * WX_NS_PER_S };
}

/* One day's table; one that is bad is told of and passed over. */
static int load_day(struct wx_site_evidence *s, struct wx_station_evidence *e,
		    int64_t day, struct wx_error *err)
{
	struct wx_error bad = { 0 };
	char date[WX_DAY_SIZE], *path;
	int rc;

	wx_day_format(day, date);
	path = wx_archive_path(s->a, "station/%s/%s.csv", e->site->id, date);
	if (!path)
		return wx_fail_nomem(err);
	rc = wx_evidence_read(path, &e->e, s->log, &s->n_bad, &bad);
	free(path);
	if (rc == WX_ERR_NOMEM)
		return wx_fail(err, rc, "%s", bad.text);
	if (rc != WX_OK) {
		wx_warn(s->log, "%s", bad.text);
		s->n_bad++;
		s->failed |= rc == WX_ERR_IO;
	}
	return WX_OK;
}

/*
 * Bring in what may bear on a day: the days around it that the tips around
 * it can be in, and for a list of tips the next ones there are on either side.
 */
static int station_load(struct wx_site_evidence *s,
			struct wx_station_evidence *e, int64_t day,
			struct wx_error *err)
{
	double most_mm = e->site->siphon ? WX_SIPHON_MOST_MM : 0;
	double far_s = 2 * WX_SMOOTH_FAR_S / WX_RATE_TABLE_BUCKET_MM *
		       fmax(isnan(e->site->bucket_mm) ? WX_RATE_TABLE_BUCKET_MM
						      : e->site->bucket_mm,
			    most_mm);
	int64_t reach = 1 + (int64_t)(far_s / WX_S_PER_DAY);
	const struct wx_days *d = &e->days;
	size_t first = 0;
	int rc = WX_OK;

	while (first + 1 < d->n && d->day[first + 1] <= day - reach)
		first++;
	if (e->n_loaded < first)
		e->n_loaded = first;
	if (d->n)
		wx_evidence_trim(&e->e, day_start(d->day[first]));
	while (rc == WX_OK && e->n_loaded < d->n &&
	       (e->n_loaded == 0 || d->day[e->n_loaded - 1] < day + reach))
		rc = load_day(s, e, d->day[e->n_loaded++], err);
	if (rc == WX_OK)
		rc = wx_evidence_finish(&e->e, err);
	e->no_bucket |= e->e.gauge.no_bucket;
	e->siphon_like |= e->e.gauge.siphon_like;
	return rc;
}

int wx_site_evidence_day(struct wx_site_evidence *s, int64_t day,
			 struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < s->n && rc == WX_OK; i++)
		rc = station_load(s, &s->station[i], day, err);
	return rc;
}

void wx_site_evidence_close(struct wx_site_evidence *s)
{
	for (size_t i = 0; i < s->n; i++) {
		wx_evidence_fini(&s->station[i].e);
		wx_days_fini(&s->station[i].days);
	}
	free(s->station);
	free(s->evidence);
	*s = (struct wx_site_evidence){ 0 };
}
