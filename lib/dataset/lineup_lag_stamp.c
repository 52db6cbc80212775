/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_lag_stamp.c: which end of its rows does a station stamp?
 *
 * All nodes and days together, by lib/clock/lag_row.h. Nodes must know the time
 * better than what is asked; half an interval decides nothing between a value
 * that was read at the end and a mean, and either is right.
 */
#include <math.h>
#include <stdlib.h>

#include "dataset/lineup_lag_parts.h"

/* A node's clock that is worse than this share of an interval is not asked. */
#define MAX_CLOCK 0.25
/* Sensors differ in what they average, intervals. */
#define PLACE_SD 0.05
/*
 * By so many sigma must the other end be likelier, of very many blocks and of
 * one: of few the sigma itself is poorly known. Simulated, 700 sites of hardly
 * any weather: 4.6 of 9 blocks and of 17, 2.9 of 33. The likelihoods' own ratio
 * is no measure: noise alone makes it e^100 either way.
 */
#define SURE     4.0
#define SURE_ONE 20.0

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

double wx_lag_median(double *v, size_t n, double *sd)
{
	double m, mad;

	qsort(v, n, sizeof(*v), by_value);
	m = (v[(n - 1) / 2] + v[n / 2]) / 2;
	for (size_t i = 0; i < n; i++)
		v[i] = fabs(v[i] - m);
	qsort(v, n, sizeof(*v), by_value);
	mad = (v[(n - 1) / 2] + v[n / 2]) / 2;
	*sd = 1.2533 * 1.4826 * mad / sqrt((double)n);
	return m;
}

/* Lags of one station whose rest tells of its stamps. */
struct told {
	double *rest_s;
	size_t n;
	double interval_s;
	double clock_s; /* rms of what the nodes' clocks are wrong by */
	bool all_of_station;
	struct wx_lag_rows rows;
	struct wx_lag_finding cover;
};

static bool is_told(const struct wx_lag_entry *e, double interval_s)
{
	const struct wx_lineup_lag *lag = e->lag;

	return (e->zone_s == 0 || (!isnan(e->zone_s) && e->of_station)) &&
	       lag->felt == WX_FELT_PRESSURE && !isnan(lag->interval_s) &&
	       (isnan(interval_s) || lag->interval_s == interval_s) &&
	       lag->max_err_s <= MAX_CLOCK * lag->interval_s;
}

static int collect(const struct wx_lag_judge *j, struct told *t)
{
	double sum2 = 0;

	*t = (struct told){ .interval_s = NAN, .all_of_station = true };
	t->rest_s = malloc((j->n + 1) * sizeof(*t->rest_s));
	if (!t->rest_s)
		return wx_fail_nomem(j->err);
	for (size_t i = 0; i < j->n; i++) {
		const struct wx_lag_entry *e = &j->entry[i];
		const struct wx_lineup_lag *lag = e->lag;
		int rc;

		if (!is_told(e, t->interval_s))
			continue;
		t->interval_s = lag->interval_s;
		t->rest_s[t->n++] = e->rest_s;
		t->all_of_station &= e->of_station;
		sum2 += lag->max_err_s * lag->max_err_s / 4;
		wx_lag_finding_cover(&t->cover, e);
		rc = wx_lag_rows_join(&t->rows, &lag->rows, j->err);
		if (rc != WX_OK)
			return rc;
	}
	t->clock_s = t->n ? sqrt(sum2 / (double)t->n) : 0;
	t->cover.station = j->entry[0].lag->station;
	return WX_OK;
}

/* Stamped at its other end? 1: it is, and was told of. */
static int judge_stamp(struct wx_lag_judge *j, const struct told *t,
		       const struct wx_lag_row_sum *sum)
{
	bool start = j->entry[0].lag->stamp_start;
	double lo = start ? -1.5 : 0.5, hi = lo + 0.5;
	double sure = SURE + SURE_ONE / (double)sum->n_blocks;
	double slack = 0.25 + 3 * hypot(PLACE_SD, sum->sd);
	struct wx_lag_finding f = t->cover;
	int rc;

	f.sure = wx_lag_rows_prefer(&t->rows, lo, hi, -0.5, 0);
	if (!(sum->place >= lo - slack && sum->place <= hi + slack) ||
	    f.sure < sure)
		return 0;
	f.fault = WX_LAG_STATION_STAMP;
	f.was_start = start;
	f.off_s = start ? t->interval_s : -t->interval_s;
	rc = wx_lag_judge_add(j, &f);
	return rc == WX_OK ? 1 : rc;
}

/* Off by what no stamp explains, as the nodes agree? */
static int judge_clock(struct wx_lag_judge *j, const struct told *t,
		       const struct wx_lag_rest *rest)
{
	double beyond_s = fmax(rest->s, -0.5 * t->interval_s - rest->s);
	struct wx_lag_finding f = t->cover;

	if (!t->all_of_station ||
	    beyond_s < WX_LAG_SLACK_S + 0.5 * t->interval_s + 4 * rest->sd_s)
		return WX_OK;
	f.fault = WX_LAG_STATION_OFF;
	f.off_s = -rest->s;
	return wx_lag_judge_add(j, &f);
}

int wx_lag_station_rest(struct wx_lag_judge *j, struct wx_lag_rest *rest)
{
	struct wx_lag_row_sum sum;
	struct told t;
	int rc = collect(j, &t);

	*rest = (struct wx_lag_rest){ .n = t.n };
	if (rc != WX_OK || !t.n)
		goto out;
	sum = wx_lag_rows_sum(&t.rows);
	rest->s = wx_lag_median(t.rest_s, t.n, &rest->sd_s);
	if (!isnan(sum.place)) {
		rest->s = sum.place * t.interval_s;
		rest->sd_s = hypot(PLACE_SD, sum.sd) * t.interval_s;
	}
	rest->sd_s = hypot(rest->sd_s, t.clock_s);
	rc = judge_stamp(j, &t, &sum);
	if (rc == 0)
		rc = judge_clock(j, &t, rest);
	rc = rc == 1 ? WX_OK : rc;
out:
	wx_lag_rows_fini(&t.rows);
	free(t.rest_s);
	return rc;
}
