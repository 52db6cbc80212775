/* SPDX-License-Identifier: MIT */
/* lib/weather/gauge.c: rows of a rain gauge into clean tips and spans. */
#include "weather/gauge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "weather/rain.h"
#include "weather/siphon.h"

struct wx_gauge_row {
	int64_t end_ns;
	double interval_s; /* 0: an instant */
	double tips;       /* NAN: not told */
	double mm;         /* NAN: not told */
};

/* A tip is a closure of its own, not one of several spread over a row. */
enum { TIP_EXACT = 1 << 8 };

/* Most tips that one instant may stand for. */
#define MAX_TIPS_AT_ONCE 100
/* Rain at which tips of one instant are told apart, mm/h. */
#define SPREAD_MM_H 300.0
/* Smallest step of amounts that looks like a bucket, mm. */
#define MIN_STEP_MM 0.09

static int64_t ns_of(double s)
{
	return (int64_t)llround(s * 1e9);
}

size_t wx_gauge_tip_after(const struct wx_gauge *g, size_t lo, int64_t ns)
{
	size_t hi = g->n_tips;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (g->tip[mid].utc_ns > ns)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* A tip stands amid its share of its row, which is sqrt(12) sigma long. */
static bool is_near_coarse(const struct wx_tip *t, int64_t from, int64_t to)
{
	double reach_s = sqrt(3) * (double)t->sigma_s;

	return (t->flags & WX_TIP_COARSE) &&
	       (double)(from - t->utc_ns) / 1e9 < reach_s &&
	       (double)(t->utc_ns - to) / 1e9 < reach_s;
}

bool wx_gauge_is_coarse(const struct wx_gauge *g, int64_t from, int64_t to)
{
	size_t i = g->coarse ? wx_gauge_tip_after(g, 0, from) : 0;

	return g->coarse &&
	       ((i > 0 && is_near_coarse(&g->tip[i - 1], from, to)) ||
		(i < g->n_tips && is_near_coarse(&g->tip[i], from, to)));
}

static unsigned coarse_flag(struct wx_gauge *g, int64_t len)
{
	if (len <= (int64_t)(WX_GAUGE_COARSE_S * 1e9))
		return 0;
	g->coarse = true;
	return WX_TIP_COARSE;
}

/* ---- rows in ---- */

void wx_gauge_init(struct wx_gauge *g, double bucket_mm)
{
	*g = (struct wx_gauge){ .given_mm = bucket_mm,
				.bucket_mm = bucket_mm,
				.last_ns = INT64_MIN };
}

void wx_gauge_fini(struct wx_gauge *g)
{
	free(g->tip);
	free(g->amount);
	free(g->row);
	free(g->read.v);
	free(g->frozen.v);
	free(g->solid.v);
	free(g->closed.v);
	free(g->by_row.v);
	free(g->alive.v);
	free(g->cold.v);
	*g = (struct wx_gauge){ 0 };
}

int wx_gauge_close(struct wx_gauge *g, struct wx_time from, struct wx_time to,
		   struct wx_error *err)
{
	struct wx_spans sorted = { 0 };
	int rc = wx_spans_add(&g->closed, from.utc_ns, to.utc_ns, 0, err);

	wx_spans_sort(&g->closed);
	if (rc == WX_OK)
		rc = wx_spans_copy(&sorted, &g->closed, err);
	if (rc != WX_OK) {
		free(sorted.v);
		return rc;
	}
	free(g->closed.v);
	g->closed = sorted;
	return WX_OK;
}

/* Of the row: seconds, 0 for an instant, NAN when nobody knows. */
static double interval_of(const struct wx_gauge *g, const struct wx_obs *obs)
{
	double s = obs->interval_s;

	if (isnan(s) && g->last_ns != INT64_MIN) {
		s = (double)(obs->utc.utc_ns - g->last_ns) / 1e9;
		return s > 0 && s <= WX_GAUGE_MAX_STEP_S ? s : NAN;
	}
	return s >= 0 && s <= WX_S_PER_DAY ? s : NAN;
}

/* Water in the row as tips and mm; false when it cannot have been. */
static bool water_of(const struct wx_gauge *g, const struct wx_obs *obs,
		     double interval_s, struct wx_gauge_row *row)
{
	double mm = obs->rain_mm, tips = obs->tips;

	if (mm < 0 || tips < 0)
		return false;
	if (isnan(tips) && !isnan(g->given_mm)) {
		tips = mm > 0 ? wx_rain_tips(mm, g->given_mm, 0.1) : 0;
		if (isnan(tips))
			return false;
	}
	if (tips > 0 && tips < 0.5)
		return false;
	if (isnan(mm) || !isnan(g->given_mm))
		mm = tips * g->given_mm;
	if (interval_s > 0 ? mm * 3600 > WX_GAUGE_CEILING_MM_H * interval_s &&
				     tips != 1
			   : tips > MAX_TIPS_AT_ONCE)
		return false;
	row->tips = tips;
	row->mm = mm;
	return true;
}

static int add_rain(struct wx_gauge *g, const struct wx_obs *obs,
		    double interval_s, struct wx_error *err)
{
	struct wx_gauge_row row = { .end_ns = obs->utc.utc_ns,
				    .interval_s = interval_s };
	int64_t len = ns_of(interval_s);

	if (!water_of(g, obs, interval_s, &row)) {
		g->n_refused++;
		return WX_OK;
	}
	if (interval_s > 0 && wx_spans_add(&g->by_row, row.end_ns - len,
					   row.end_ns, 3 * len, err))
		return WX_ERR_NOMEM;
	/* A dry row says no more than that the gauge was read. */
	if (interval_s > 0 && !(row.tips > 0) && !(row.mm > 0))
		return WX_OK;
	if (g->n_rows && row.end_ns < g->row[g->n_rows - 1].end_ns)
		g->n_unsorted++;
	if (WX_GROW(&g->row, &g->cap_rows, g->n_rows + 1, err))
		return WX_ERR_NOMEM;
	g->row[g->n_rows++] = row;
	return WX_OK;
}

int wx_gauge_add(struct wx_gauge *g, const struct wx_obs *obs,
		 struct wx_error *err)
{
	int64_t end = obs->utc.utc_ns, len;
	double interval_s;
	bool closed;
	int rc = WX_OK;

	if (wx_time_is_none(obs->utc))
		return WX_OK;
	if (end < -WX_EVIDENCE_MAX_NS || end > WX_EVIDENCE_MAX_NS) {
		g->n_refused++;
		return WX_OK;
	}
	interval_s = interval_of(g, obs);
	g->last_ns = end;
	if (isnan(interval_s))
		return WX_OK; /* the first row of such a table */
	len = ns_of(interval_s);
	if (wx_words_have(obs->flags, "hail") ||
	    wx_words_have(obs->flags, "snow"))
		rc = wx_spans_add(&g->solid, end - len, end + 1, 0, err);
	closed = wx_spans_touch(&g->closed, end - len, end + 1);
	if (rc == WX_OK && interval_s > 0)
		rc = wx_spans_add(&g->alive, end - len, end, 3 * len, err);
	if (rc == WX_OK && obs->air_temp_degc < WX_GAUGE_FROST_DEGC) {
		/* A reading stands for its row, or for five minutes. */
		if (len == 0)
			len = 300 * WX_NS_PER_S;
		rc = wx_spans_add(&g->cold, end - len, end + len, len, err);
	}
	if (rc == WX_OK && !closed &&
	    (!isnan(obs->tips) || !isnan(obs->rain_mm)))
		rc = add_rain(g, obs, interval_s, err);
	return rc;
}

void wx_gauge_trim(struct wx_gauge *g, struct wx_time before)
{
	size_t n = 0;

	for (size_t i = 0; i < g->n_rows; i++)
		if (g->row[i].end_ns >= before.utc_ns)
			g->row[n++] = g->row[i];
	g->n_rows = n;
	wx_spans_trim(&g->by_row, before.utc_ns);
	wx_spans_trim(&g->alive, before.utc_ns);
	wx_spans_trim(&g->cold, before.utc_ns);
	wx_spans_trim(&g->solid, before.utc_ns);
}

/* ---- rows into tips ---- */

static int by_end(const void *a, const void *b)
{
	const struct wx_gauge_row *x = a, *y = b;

	if (x->end_ns != y->end_ns)
		return x->end_ns < y->end_ns ? -1 : 1;
	/* Nothing else may depend on the order the rows came in. */
	if (x->interval_s != y->interval_s)
		return x->interval_s < y->interval_s ? -1 : 1;
	return (x->mm > y->mm) - (x->mm < y->mm);
}

/*
 * Step of the stamps of instants, seconds; 0: finer than a second. A coarse
 * one is believed of so many different stamps that stamps of whole seconds
 * would all fall on it once in 200,000 lists or less.
 */
static double stamp_step_s(const struct wx_gauge *g)
{
	static const struct {
		int step_s;
		size_t least;
	} steps[] = { { 60, 3 }, { 30, 4 }, { 10, 6 }, { 5, 8 }, { 1, 0 } };

	for (size_t k = 0; k < WX_COUNT(steps); k++) {
		size_t n = 0;
		bool all = true;
		int64_t last = INT64_MIN;

		for (size_t i = 0; i < g->n_rows && all; i++) {
			int64_t at = g->row[i].end_ns;

			if (g->row[i].interval_s > 0)
				continue;
			all = at % (steps[k].step_s * WX_NS_PER_S) == 0;
			n += at != last;
			last = at;
		}
		if (all && n >= steps[k].least)
			return steps[k].step_s;
	}
	return 0;
}

/* k tips spread evenly over [from, from + len). */
static int tips_spread(struct wx_gauge *g, int64_t from, int64_t len, long k,
		       unsigned flags, struct wx_error *err)
{
	float sigma_s = (float)((double)len / 1e9 / sqrt(12) / (double)k);

	if (k > 0 && WX_GROW(&g->tip, &g->cap_tips, g->n_tips + (size_t)k, err))
		return WX_ERR_NOMEM;
	flags |= coarse_flag(g, len);
	for (long i = 0; i < k; i++)
		g->tip[g->n_tips++] = (struct wx_tip){
			from + (int64_t)((double)len * ((double)i + 0.5) /
					 (double)k),
			sigma_s, i ? flags | WX_TIP_SAME_ROW : flags
		};
	return WX_OK;
}

/* The tips of all rows with the stamp i has, if they are instants. */
static int instant_tips(struct wx_gauge *g, size_t i, size_t n, double step_s,
			struct wx_error *err)
{
	int64_t at = g->row[i].end_ns;
	double k = 0;

	for (size_t j = i; j < i + n; j++)
		k = step_s > 1 ? k + g->row[j].tips : fmax(k, g->row[j].tips);
	if (k < 0.5)
		return WX_OK;
	if (k > MAX_TIPS_AT_ONCE)
		k = MAX_TIPS_AT_ONCE;
	/* A stamp that is cut to the minute stands for what follows it. */
	if (step_s > 1)
		return tips_spread(g, at, ns_of(step_s), lround(k),
				   lround(k) == 1 ? TIP_EXACT : 0, err);
	if (lround(k) == 1)
		return tips_spread(g, at, ns_of(step_s), 1, TIP_EXACT, err);
	step_s = k * 3600 * g->bucket_mm / SPREAD_MM_H;
	return tips_spread(g, at - ns_of(step_s), ns_of(step_s), lround(k), 0,
			   err);
}

static int by_time(const void *a, const void *b)
{
	const struct wx_tip *x = a, *y = b;

	return (x->utc_ns > y->utc_ns) - (x->utc_ns < y->utc_ns);
}

/* Tips of a row that sums up an interval; told as water, perhaps. */
static long interval_tips(const struct wx_gauge *g,
			  const struct wx_gauge_row *r)
{
	double k = r->tips;

	if (isnan(k))
		k = wx_rain_tips(r->mm, g->bucket_mm, 0.1);
	return isnan(k) ? 0 : lround(k);
}

static int tips_make(struct wx_gauge *g, struct wx_error *err)
{
	double step_s = stamp_step_s(g);
	int64_t instant = INT64_MIN; /* the last one before */
	int rc = WX_OK;

	g->n_tips = 0;
	for (size_t i = 0, n; i < g->n_rows && rc == WX_OK; i += n) {
		const struct wx_gauge_row *r = &g->row[i];
		int64_t len = ns_of(r->interval_s);

		for (n = 1; i + n < g->n_rows; n++)
			if (r[n].end_ns != r->end_ns ||
			    r[n].interval_s != r->interval_s)
				break;
		if (len == 0) {
			if (step_s <= 1)
				g->n_merged += n - 1;
			rc = instant_tips(g, i, n, step_s, err);
			instant = r->end_ns;
			continue;
		}
		/* The same row twice; or instants within know better. */
		g->n_merged += n - 1;
		if (instant == INT64_MIN ||
		    instant < r->end_ns - len - ns_of(step_s))
			rc = tips_spread(g, r->end_ns - len, len,
					 interval_tips(g, r), 0, err);
	}
	for (size_t i = 1; i < g->n_tips; i++)
		if (g->tip[i].utc_ns < g->tip[i - 1].utc_ns) {
			qsort(g->tip, g->n_tips, sizeof(*g->tip), by_time);
			break;
		}
	return rc;
}

/* Drop closures that are no tip; see the constants in gauge.h. */
static void tips_clean(struct wx_gauge *g)
{
	struct wx_tip *t = g->tip;
	size_t n = 0;

	for (size_t i = 0; i < g->n_tips; i++) {
		if (n && (t[i].flags & t[n - 1].flags & TIP_EXACT) &&
		    t[i].utc_ns - t[n - 1].utc_ns < ns_of(WX_GAUGE_MERGE_S))
			g->n_merged++;
		else
			t[n++] = t[i];
	}
	g->n_tips = n;
	n = 0;
	for (size_t i = 0; i < g->n_tips; i++) {
		int64_t alone = ns_of(WX_GAUGE_ALONE_S);
		bool pair = n && (t[i].flags & t[n - 1].flags & TIP_EXACT) &&
			    t[i].utc_ns - t[n - 1].utc_ns <
				    ns_of(WX_GAUGE_BOUNCE_S);

		if (pair &&
		    (n < 2 || t[n - 1].utc_ns - t[n - 2].utc_ns > alone) &&
		    (i + 1 == g->n_tips ||
		     t[i + 1].utc_ns - t[i].utc_ns > alone)) {
			t[n - 1].flags |= WX_TIP_BOUNCE;
			g->n_bounced++;
		} else {
			t[n++] = t[i];
		}
	}
	g->n_tips = n;
}

/* Nobody knows the bucket: each wet row is evidence of its own. */
static int amounts_make(struct wx_gauge *g, struct wx_error *err)
{
	double step = INFINITY, odd = 0;

	if (WX_GROW(&g->amount, &g->cap_amounts, g->n_rows + 1, err) ||
	    WX_GROW(&g->tip, &g->cap_tips, g->n_rows + 1, err))
		return WX_ERR_NOMEM;
	g->n_tips = 0;
	for (size_t i = 0; i < g->n_rows; i++) {
		const struct wx_gauge_row *r = &g->row[i];
		int64_t len = ns_of(r->interval_s);

		if (!(r->mm > 0))
			continue;
		step = fmin(step, r->mm);
		g->amount[g->n_tips] =
			(struct wx_amount){ r->end_ns - len, r->end_ns, r->mm };
		g->tip[g->n_tips++] =
			(struct wx_tip){ r->end_ns - len / 2,
					 (float)(r->interval_s / sqrt(12)),
					 coarse_flag(g, len) };
	}
	for (size_t i = 0; i < g->n_tips; i++)
		odd += isnan(wx_rain_tips(g->amount[i].mm, step, 0.01));
	g->step_mm = g->n_tips && step >= MIN_STEP_MM && odd == 0 ? step : 0;
	return WX_OK;
}

/* A list of tips was read from its first row to its last. */
static int spans_of_instants(struct wx_gauge *g, struct wx_error *err)
{
	int rc = WX_OK;

	g->read.n = 0;
	for (size_t i = 0; i < g->n_rows && rc == WX_OK; i++)
		rc = wx_spans_add(&g->read, g->row[i].end_ns, g->row[i].end_ns,
				  ns_of(WX_GAUGE_MAX_SILENCE_S), err);
	return rc;
}

/*
 * A tip whose stamp was cut to a step lies within that step after it, so that
 * the record reaches as far: else the last tip of a list would lie behind its
 * own record, and the rain before it would be none.
 */
static void spans_reach_stamps(struct wx_gauge *g)
{
	int64_t step = ns_of(stamp_step_s(g));
	size_t k = 0;

	for (size_t i = 0; step && i < g->n_rows; i++) {
		int64_t at = g->row[i].end_ns, end = at + step;
		struct wx_span *read;

		if (g->row[i].interval_s > 0)
			continue;
		while (k < g->read.n && g->read.v[k].to_ns < at)
			k++;
		if (k == g->read.n)
			break;
		read = &g->read.v[k];
		if (k + 1 < g->read.n && end > read[1].from_ns)
			end = read[1].from_ns;
		if (read->from_ns <= at && read->to_ns < end)
			read->to_ns = end;
	}
}

int wx_gauge_finish(struct wx_gauge *g, struct wx_error *err)
{
	bool counted = false;
	int rc;

	if (g->n_rows)
		qsort(g->row, g->n_rows, sizeof(*g->row), by_end);
	g->n_merged = g->n_bounced = 0;
	g->bucket_mm = g->given_mm;
	for (size_t i = 0; i < g->n_rows; i++) {
		const struct wx_gauge_row *r = &g->row[i];

		counted |= r->tips > 0;
		if (isnan(g->bucket_mm) && r->tips > 0 && r->mm > 0)
			g->bucket_mm = r->mm / r->tips;
	}
	g->no_bucket = isnan(g->bucket_mm) && counted;
	g->by_amount = isnan(g->bucket_mm) && !counted;
	g->siphon_like = g->coarse = false;
	g->step_mm = 0;
	wx_spans_sort(&g->by_row);
	wx_spans_sort(&g->alive);
	wx_spans_sort(&g->cold);
	wx_spans_sort(&g->solid);
	if (g->by_row.n)
		rc = wx_spans_copy(&g->read, &g->by_row, err);
	else if (g->alive.n && g->n_rows)
		rc = wx_spans_copy(&g->read, &g->alive, err);
	else
		rc = spans_of_instants(g, err);
	if (rc == WX_OK)
		spans_reach_stamps(g);
	if (rc == WX_OK)
		rc = wx_spans_cut(&g->read, &g->closed, err);
	if (rc == WX_OK)
		rc = wx_spans_copy(&g->frozen, &g->cold, err);
	if (rc == WX_OK && g->by_amount)
		rc = amounts_make(g, err);
	else if (rc == WX_OK && !g->no_bucket) {
		rc = tips_make(g, err);
		if (rc == WX_OK)
			tips_clean(g);
		g->siphon_like = rc == WX_OK && !g->siphon &&
				 wx_siphon_like(g->tip, g->n_tips);
		if (rc == WX_OK && g->siphon)
			g->n_tips = wx_siphon_join(g->tip, g->n_tips,
						   &g->bucket_mm);
	}
	return rc;
}
