/* SPDX-License-Identifier: MIT */
/* lib/weather/doubt.c: see doubt.h. */
#include "weather/doubt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/quality.h"

#define MIN_STEP_NS  (INT64_C(30) * WX_NS_PER_S)
#define MAX_STEP_NS  (INT64_C(120) * WX_NS_PER_S)
#define MAX_GAP_NS   (INT64_C(900) * WX_NS_PER_S)
#define HOUR_NS      (INT64_C(3600) * WX_NS_PER_S)
#define FOG_PCT      95.0 /* capacitive sensors rest there for hours */
#define CALM_M_S     0.5
#define VANE_MIN_M_S 2.0 /* below it a vane need not turn */
#define GUST_SLACK   0.1 /* m/s: both are rounded */

enum { TEMP, HUM, PRESSURE, WIND, VANE };

/* How each channel is judged. */
static const struct {
	unsigned step, still; /* bits; 0: not looked at */
	enum wx_test step_test, still_test;
	int64_t still_ns;
} channels[WX_N_DOUBT_CHANNELS] = {
	[TEMP] = { WX_DOUBT_AIR_STEP, WX_DOUBT_AIR_STILL, WX_TEST_AIR_TEMP_STEP,
		   WX_TEST_AIR_TEMP_STILL, HOUR_NS },
	[HUM] = { WX_DOUBT_AIR_STEP, WX_DOUBT_AIR_STILL, WX_TEST_REL_HUM_STEP,
		  WX_TEST_REL_HUM_STILL, HOUR_NS },
	[PRESSURE] = { WX_DOUBT_AIR_STEP, WX_DOUBT_AIR_STILL,
		       WX_TEST_PRESSURE_STEP, WX_TEST_PRESSURE_STILL,
		       3 * HOUR_NS },
	[WIND] = { WX_DOUBT_WIND_STEP, WX_DOUBT_WIND_STILL, WX_TEST_WIND_STEP,
		   WX_TEST_WIND_STILL, HOUR_NS },
	[VANE] = { 0, WX_DOUBT_VANE_STILL, 0, WX_TEST_WIND_DIR_STILL, HOUR_NS },
};

void wx_doubts_init(struct wx_doubts *d, const struct wx_limits *limits)
{
	*d = (struct wx_doubts){ .on = limits != NULL };
	if (limits)
		d->limits = *limits;
	for (int i = 0; i < WX_N_DOUBT_CHANNELS; i++)
		d->channel[i] =
			(struct wx_doubt_channel){ NAN, NAN, NAN, 0, 0 };
}

void wx_doubts_fini(struct wx_doubts *d)
{
	for (int i = 0; i < WX_N_DOUBTS; i++)
		free(d->spans[i].v);
	*d = (struct wx_doubts){ 0 };
}

/* Spans that touch are one. */
static int add_span(struct wx_doubts *d, int bit, int64_t from_ns,
		    int64_t to_ns, struct wx_error *err)
{
	struct wx_doubt_spans *s = &d->spans[bit];
	struct wx_doubt_span *last = s->n ? &s->v[s->n - 1] : NULL;

	if (last && from_ns <= last->to_ns && from_ns >= last->from_ns) {
		last->to_ns = to_ns > last->to_ns ? to_ns : last->to_ns;
		return WX_OK;
	}
	d->unsorted |= last && from_ns < last->from_ns;
	if (WX_GROW(&s->v, &s->room, s->n + 1, err))
		return WX_ERR_NOMEM;
	s->v[s->n++] = (struct wx_doubt_span){ from_ns, to_ns };
	return WX_OK;
}

static int add_bits(struct wx_doubts *d, unsigned bits, int64_t from_ns,
		    int64_t to_ns, struct wx_error *err)
{
	int rc = WX_OK;

	for (int i = 0; i < WX_N_DOUBTS && rc == WX_OK; i++)
		if (bits >> i & 1)
			rc = add_span(d, i, from_ns, to_ns, err);
	return rc;
}

static unsigned if_doubted(int quality, unsigned suspect, unsigned fail)
{
	return quality == WX_QUALITY_FAIL      ? suspect | fail
	       : quality == WX_QUALITY_SUSPECT ? suspect
					       : 0;
}

/* Directions: how far from the one before, the short way round. */
static double unwrap(double v, double last)
{
	if (fabs(v - last) <= 180) /* remainder() is slow, and the same here */
		return last + (v - last);
	return isnan(last) ? v : last + remainder(v - last, 360);
}

/*
 * Follow a channel: how far it jumped, and from when on it has stood still.
 * exempt: may stand still.
 */
static int follow(struct wx_doubts *d, int i, double v, int64_t at_ns,
		  bool exempt, struct wx_error *err)
{
	struct wx_doubt_channel *c = &d->channel[i];
	const struct wx_limit *step = &d->limits.of[channels[i].step_test];
	const struct wx_limit *still = &d->limits.of[channels[i].still_test];
	uint64_t since = (uint64_t)at_ns - (uint64_t)c->last_ns;
	unsigned bits = 0;
	int rc = WX_OK;

	if (isnan(v) || (!isnan(c->last) && at_ns <= c->last_ns))
		return WX_OK;
	if (i == VANE)
		v = unwrap(v, c->last);
	if (channels[i].step && !isnan(c->last) && since >= MIN_STEP_NS &&
	    since <= MAX_STEP_NS) {
		double a_minute =
			fabs(v - c->last) / fmax((double)since / 60e9, 1);

		bits = if_doubted(wx_limit_over(step, a_minute),
				  channels[i].step,
				  i == WIND ? WX_DOUBT_WIND_BAD : 0);
		rc = add_bits(d, bits, c->last_ns, at_ns, err);
	}
	c->low = c->low < v ? c->low : v; /* v where there is none yet */
	c->high = c->high > v ? c->high : v;
	if (exempt || isnan(c->last) || since > MAX_GAP_NS ||
	    wx_limit_under(still, c->high - c->low) == WX_QUALITY_GOOD) {
		c->low = c->high = v;
		c->from_ns = at_ns;
	}
	c->last = v;
	c->last_ns = at_ns;
	if (rc == WX_OK && at_ns - c->from_ns >= channels[i].still_ns)
		rc = add_bits(d, channels[i].still, c->from_ns, at_ns, err);
	return rc;
}

static unsigned ranges(const struct wx_limits *l, const struct wx_obs *o)
{
	const struct wx_limit *of = l->of;
	double minutes = fmax(o->interval_s / 60, 1);
	unsigned bits = 0;

	bits |= if_doubted(
		wx_limit_under(&of[WX_TEST_AIR_TEMP_LOW], o->air_temp_degc),
		WX_DOUBT_AIR_RANGE, 0);
	bits |= if_doubted(
		wx_limit_over(&of[WX_TEST_AIR_TEMP_HIGH], o->air_temp_degc),
		WX_DOUBT_AIR_RANGE, 0);
	bits |= if_doubted(
		wx_limit_over(&of[WX_TEST_REL_HUM_HIGH], o->rel_hum_pct),
		WX_DOUBT_AIR_RANGE, 0);
	bits |= if_doubted(
		wx_limit_under(&of[WX_TEST_PRESSURE_LOW], o->pressure_hpa),
		WX_DOUBT_AIR_RANGE, 0);
	bits |= if_doubted(
		wx_limit_over(&of[WX_TEST_PRESSURE_HIGH], o->pressure_hpa),
		WX_DOUBT_AIR_RANGE, 0);
	bits |= if_doubted(
		wx_limit_over(&of[WX_TEST_WIND_HIGH], o->wind_avg_m_s), 0,
		WX_DOUBT_WIND_BAD);
	bits |= if_doubted(
		wx_limit_over(&of[WX_TEST_GUST_HIGH], o->wind_gust_m_s), 0,
		WX_DOUBT_WIND_BAD);
	if (o->interval_s > 0)
		bits |= if_doubted(wx_limit_over(&of[WX_TEST_RAIN_HIGH],
						 o->rain_mm / minutes),
				   WX_DOUBT_RAIN_RANGE, WX_DOUBT_RAIN_BAD);
	return bits;
}

/* Channels of one row that contradict each other. */
static unsigned contradictions(const struct wx_limits *l,
			       const struct wx_obs *o)
{
	unsigned bits = 0;

	if (o->wind_gust_m_s + GUST_SLACK < o->wind_avg_m_s)
		bits |= WX_DOUBT_GUST;
	if (o->rain_mm > 0 || o->tips > 0)
		bits |= if_doubted(
			wx_limit_under(&l->of[WX_TEST_DRY_AIR], o->rel_hum_pct),
			WX_DOUBT_DRY_RAIN, 0);
	return bits;
}

int wx_doubts_add(struct wx_doubts *d, const struct wx_obs *o,
		  struct wx_error *err)
{
	int64_t at_ns = o->utc.utc_ns, from_ns;
	double len_s = o->interval_s > 0 && o->interval_s <= WX_S_PER_DAY
			       ? o->interval_s
			       : 0;
	int rc;

	if (!d->on || wx_time_is_none(o->utc))
		return WX_OK;
	from_ns = at_ns - (int64_t)(len_s * 1e9);
	rc = add_bits(d, ranges(&d->limits, o) | contradictions(&d->limits, o),
		      from_ns, at_ns, err);
	if (rc == WX_OK)
		rc = follow(d, TEMP, o->air_temp_degc, at_ns,
			    o->rel_hum_pct >= FOG_PCT, err);
	if (rc == WX_OK)
		rc = follow(d, HUM, o->rel_hum_pct, at_ns,
			    o->rel_hum_pct >= FOG_PCT, err);
	if (rc == WX_OK)
		rc = follow(d, PRESSURE, o->pressure_hpa, at_ns, false, err);
	if (rc == WX_OK)
		rc = follow(d, WIND, o->wind_avg_m_s, at_ns,
			    o->wind_avg_m_s < CALM_M_S, err);
	if (rc == WX_OK)
		rc = follow(d, VANE, o->wind_dir_deg, at_ns,
			    !(o->wind_avg_m_s >= VANE_MIN_M_S), err);
	return rc;
}

static int by_from(const void *pa, const void *pb, void *ctx)
{
	const struct wx_doubt_span *a = pa, *b = pb;

	(void)ctx;
	return (a->from_ns > b->from_ns) - (a->from_ns < b->from_ns);
}

void wx_doubts_finish(struct wx_doubts *d)
{
	for (int i = 0; i < WX_N_DOUBTS && d->unsorted; i++) {
		struct wx_doubt_spans *s = &d->spans[i];
		size_t n = 0;

		wx_sort(s->v, s->n, sizeof(*s->v), by_from, NULL);
		for (size_t k = 0; k < s->n; k++)
			if (n && s->v[k].from_ns <= s->v[n - 1].to_ns) {
				if (s->v[k].to_ns > s->v[n - 1].to_ns)
					s->v[n - 1].to_ns = s->v[k].to_ns;
			} else {
				s->v[n++] = s->v[k];
			}
		s->n = n;
	}
	d->unsorted = false;
}

void wx_doubts_trim(struct wx_doubts *d, struct wx_time before)
{
	for (int i = 0; i < WX_N_DOUBTS; i++) {
		struct wx_doubt_spans *s = &d->spans[i];
		size_t from = 0;

		while (from < s->n && s->v[from].to_ns < before.utc_ns)
			from++;
		if (from)
			memmove(s->v, s->v + from,
				(s->n - from) * sizeof(*s->v));
		s->n -= from;
	}
}

/* The first that ends after from_ns. */
static size_t seek(const struct wx_doubt_spans *s, int64_t from_ns)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (s->v[mid].to_ns <= from_ns)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

unsigned wx_doubts_of(const struct wx_doubts *d, int64_t from_ns, int64_t to_ns)
{
	unsigned bits = 0;

	for (int i = 0; i < WX_N_DOUBTS; i++) {
		size_t at = seek(&d->spans[i], from_ns);

		if (at < d->spans[i].n && d->spans[i].v[at].from_ns < to_ns)
			bits |= 1u << i;
	}
	return bits;
}

const char *wx_doubt_word(int i)
{
	static const char *const words[WX_N_DOUBTS] = {
		"air_range",  "air_step",   "air_still",       "wind_step",
		"wind_still", "vane_still", "gust_below_mean", "rain_range",
		"dry_rain",   "wind_bad",   "rain_bad",
	};

	return words[i];
}
