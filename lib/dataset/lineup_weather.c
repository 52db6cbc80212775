/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_weather.c: boots that nobody compared with a clock.
 *
 * What a node and a station both felt ties such a boot to the station's time,
 * as soon as it is known roughly: from the node's real-time clock, which may be
 * hours wrong, or from the boots before and after. Where boots of the node are
 * anchored, their lag tells what the station's stamps are worth, zone and all,
 * and is taken off.
 */
#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "dataset/lineup_felt.h"

#define US 1e6
/* Places to look at when only neighbours tell where; the search is 26 h wide. */
enum { MAX_PLACES = 16, MAX_KNOWN = 5 };
#define PLACE_STEP_US INT64_C(172800000000)
/* The first search found it: later spans must be near. */
#define NEAR_S 300.0
/*
 * Wind reaches the mast and the node at different times, 1 sigma: 200 m apart,
 * at 4 m/s.
 */
#define WIND_S 50.0

struct search {
	struct wx_lineup *l;
	const char *station;
	enum wx_felt felt;
	double known_s; /* lag of right clocks behind this station */
	double known_sd_s;
};

/* --- roughly ------------------------------------------------------------ */

static int by_i64(const void *pa, const void *pb)
{
	int64_t a = *(const int64_t *)pa, b = *(const int64_t *)pb;

	return (a > b) - (a < b);
}

int64_t wx_lineup_median(int64_t *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_i64);
	return v[n / 2];
}

/* By the node's real-time clock: utc - m, the median. */
static bool rough_by_rtc(const struct wx_lineup *l, int64_t boot,
			 int64_t *rough_us)
{
	int64_t v[257];
	size_t n = 0;

	for (size_t i = 0; i < l->catalog.n_captures && n < WX_COUNT(v); i++) {
		const struct wx_held *c = &l->catalog.capture[i];

		if (c->form->boot == boot && wx_lineup_has_m(c) &&
		    c->r0_us != INT64_MIN && wx_lineup_date_is_set(l, c))
			v[n++] = c->r0_us - c->m0_us;
	}
	if (!n)
		return false;
	*rough_us = wx_lineup_median(v, n);
	return true;
}

/* Values of utc - m that are worth a search, the likeliest first. */
static size_t places(struct wx_lineup *l, size_t i, int64_t v[MAX_PLACES])
{
	const struct wx_boot *b = &l->timeline.boot[i];
	struct wx_lineup_bounds r = wx_lineup_bounds(l, i);
	int64_t lo, hi;
	size_t n = 0;

	if (rough_by_rtc(l, b->boot, &v[0]))
		n = 1;
	if (!r.has_lo && !r.has_hi)
		return n;
	lo = r.lo_us - b->lo_m_us;
	hi = r.hi_us - b->hi_m_us;
	if (!r.has_lo)
		lo = hi - MAX_PLACES * PLACE_STEP_US;
	if (!r.has_hi)
		hi = lo + MAX_PLACES * PLACE_STEP_US;
	if (hi < lo)
		return n;
	if (hi - lo <= PLACE_STEP_US) {
		v[n++] = lo + (hi - lo) / 2;
		return n;
	}
	for (int64_t at = 0; at < hi - lo && n < MAX_PLACES;
	     at += PLACE_STEP_US)
		v[n++] = r.has_lo ? lo + at + PLACE_STEP_US / 2
				  : hi - at - PLACE_STEP_US / 2;
	return n;
}

/* --- what right clocks have --------------------------------------------- */

static int read_series(const struct search *s, const struct wx_felt_sound *snd,
		       int64_t boot, struct wx_felt_series *out,
		       struct wx_error *err)
{
	return s->felt == WX_FELT_PRESSURE
		       ? wx_felt_read_pressure(s->l, boot, out, err)
		       : wx_felt_of_sound(snd, boot, s->felt, out, err);
}

/* Lags of an anchored boot, up to MAX_KNOWN. */
static int known_of(struct search *s, struct wx_boot *b,
		    const struct wx_felt_sound *snd, double v[MAX_KNOWN],
		    size_t *n, double *interval_s, struct wx_error *err)
{
	struct wx_felt_series series = { 0 };
	int rc = read_series(s, snd, b->boot, &series, err);

	for (size_t i = 0, m; i < series.n && rc == WX_OK && *n < MAX_KNOWN;
	     i += m) {
		struct wx_felt_span span = { series.at_us + i,
					     series.value + i,
					     0,
					     &b->clock,
					     0,
					     false };
		struct wx_lineup_lag lag;

		span.n = m = wx_felt_span_at(&series, i, s->felt);
		rc = wx_lineup_lag_span(s->l, s->station, s->felt, b->boot,
					&span, &lag, err);
		if (rc != WX_OK || lag.lag.verdict != WX_LAG_ACCEPTED)
			continue;
		v[(*n)++] = lag.lag.lag_s;
		*interval_s = lag.interval_s;
	}
	wx_felt_fini(&series);
	return rc;
}

/* From the boots next to i outwards. */
static int learn_known(struct search *s, size_t i,
		       const struct wx_felt_sound *snd, struct wx_error *err)
{
	struct wx_timeline *tl = &s->l->timeline;
	double v[MAX_KNOWN] = { 0 }, interval_s = NAN, lo, hi;
	size_t n = 0;
	int rc = WX_OK;

	for (size_t d = 1; d < tl->n && n < MAX_KNOWN && rc == WX_OK; d++) {
		if (d <= i && tl->boot[i - d].fitted)
			rc = known_of(s, &tl->boot[i - d], snd, v, &n,
				      &interval_s, err);
		if (rc == WX_OK && i + d < tl->n && tl->boot[i + d].fitted)
			rc = known_of(s, &tl->boot[i + d], snd, v, &n,
				      &interval_s, err);
	}
	s->known_s = s->known_sd_s = NAN;
	if (n < 2)
		return rc;
	lo = hi = v[0];
	for (size_t k = 1; k < n; k++) {
		lo = fmin(lo, v[k]);
		hi = fmax(hi, v[k]);
	}
	/* A station that changed its zone between them tells nothing. */
	if (hi - lo > 4 * NEAR_S)
		return rc;
	s->known_s = 0;
	for (size_t k = 0; k < n; k++)
		s->known_s += v[k] / (double)n;
	s->known_sd_s = (hi - lo) / 2 / sqrt((double)n);
	return rc;
}

/* --- anchors ------------------------------------------------------------ */

static int add_anchor(const struct search *s, const struct wx_lineup_lag *lag,
		      int64_t rough_us, struct wx_error *err)
{
	double interval_s = isnan(lag->interval_s) ? 0 : lag->interval_s;
	double known_s = s->known_s, sd_s = s->known_sd_s;
	struct wx_anchor a = { .boot = lag->boot,
			       .m_us = lag->m_us,
			       .kind = WX_ANCHOR_LAG };

	if (isnan(known_s)) { /* read at the end, or a mean: not known */
		known_s = s->felt == WX_FELT_PRESSURE ? -interval_s / 4 : 0;
		sd_s = interval_s / 4;
	}
	if (s->felt == WX_FELT_WIND)
		sd_s = hypot(sd_s, WIND_S);
	a.utc_us =
		lag->m_us + rough_us - llround((lag->lag.lag_s - known_s) * US);
	a.sigma_s = fmax(hypot(lag->lag.sigma_s, sd_s), 0.01);
	a.common_s = sd_s;
	for (size_t k = 0; k + 1 < sizeof(a.source) && s->station[k]; k++)
		a.source[k] = s->station[k];
	return wx_anchors_add(&s->l->timeline.anchors, &a, s->l->latest, err);
}

/* The span with the most values: where a search is most likely to succeed. */
static size_t longest(const struct wx_felt_series *s, enum wx_felt felt)
{
	size_t best = 0, n_best = 0;

	for (size_t i = 0, n; i < s->n; i += n) {
		n = wx_felt_span_at(s, i, felt);
		if (n > n_best) {
			n_best = n;
			best = i;
		}
	}
	return best;
}

/* Where is it? *rough_us is changed when it was found: 1. */
static int find_place(const struct search *s, size_t boot_at,
		      const struct wx_felt_series *series, int64_t *rough_us,
		      struct wx_error *err)
{
	int64_t v[MAX_PLACES];
	size_t n = places(s->l, boot_at, v), at = longest(series, s->felt);
	double psr = 0;
	int rc = WX_OK;

	for (size_t i = 0; i < n && rc == WX_OK; i++) {
		struct wx_felt_span span = { series->at_us + at,
					     series->value + at,
					     wx_felt_span_at(series, at,
							     s->felt),
					     NULL,
					     v[i],
					     false };
		struct wx_lineup_lag lag;

		rc = wx_lineup_lag_span(s->l, s->station, s->felt,
					s->l->timeline.boot[boot_at].boot,
					&span, &lag, err);
		if (rc != WX_OK || lag.lag.verdict != WX_LAG_ACCEPTED ||
		    lag.lag.psr <= psr)
			continue;
		psr = lag.lag.psr;
		*rough_us = v[i] - llround(lag.lag.lag_s * US);
	}
	return rc != WX_OK ? rc : psr > 0;
}

/* How many anchors the boot got. */
static int anchor_boot(const struct search *s, size_t boot_at,
		       const struct wx_felt_series *series, size_t *n_anchors,
		       struct wx_error *err)
{
	int64_t rough_us = 0;
	int rc = series->n ? find_place(s, boot_at, series, &rough_us, err) : 0;

	if (rc != 1)
		return rc;
	rc = WX_OK;
	for (size_t i = 0, n; i < series->n && rc == WX_OK; i += n) {
		struct wx_felt_span span = { series->at_us + i,
					     series->value + i,
					     0,
					     NULL,
					     rough_us,
					     false };
		struct wx_lineup_lag lag;

		span.n = n = wx_felt_span_at(series, i, s->felt);
		rc = wx_lineup_lag_span(s->l, s->station, s->felt,
					s->l->timeline.boot[boot_at].boot,
					&span, &lag, err);
		if (rc != WX_OK || lag.lag.verdict != WX_LAG_ACCEPTED ||
		    fabs(lag.lag.lag_s) > NEAR_S)
			continue;
		rc = add_anchor(s, &lag, rough_us, err);
		++*n_anchors;
	}
	return rc;
}

static int try_station(struct search *s, size_t boot_at,
		       const struct wx_felt_sound *snd, size_t *n,
		       struct wx_error *err)
{
	struct wx_felt_series series = { 0 };
	int rc = read_series(s, snd, s->l->timeline.boot[boot_at].boot, &series,
			     err);

	if (rc == WX_OK && series.n)
		rc = learn_known(s, boot_at, snd, err);
	if (rc == WX_OK)
		rc = anchor_boot(s, boot_at, &series, n, err);
	wx_felt_fini(&series);
	return rc;
}

static bool has_unanchored(const struct wx_lineup *l)
{
	for (size_t i = 0; i < l->timeline.n; i++)
		if (!l->timeline.boot[i].fitted)
			return true;
	return false;
}

int wx_lineup_anchor_by_weather(struct wx_lineup *l, struct wx_error *err)
{
	static const enum wx_felt senses[] = { WX_FELT_PRESSURE, WX_FELT_WIND };
	const struct wx_site *site = l->a->site;
	struct wx_felt_sound sound = { 0 };
	int rc = WX_OK;

	if (!site->n_stations || !has_unanchored(l))
		return WX_OK;
	rc = wx_felt_read_sound(l, &sound, err);
	for (size_t i = 0; i < l->timeline.n && rc == WX_OK; i++) {
		size_t n = 0;

		if (l->timeline.boot[i].fitted)
			continue;
		for (size_t k = 0; k < WX_COUNT(senses); k++)
			for (size_t j = 0;
			     j < site->n_stations && !n && rc == WX_OK; j++) {
				struct search s = {
					.l = l,
					.station = site->stations[j].id,
					.felt = senses[k]
				};

				rc = try_station(&s, i, &sound, &n, err);
			}
	}
	wx_felt_sound_fini(&sound);
	return rc;
}
