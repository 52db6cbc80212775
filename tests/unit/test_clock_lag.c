/* SPDX-License-Identifier: MIT */
/*
 * The lag between two barometers, against made weather whose lag is known:
 * pressure that walks (power as f^-2), each sensor with noise of its own. What
 * is asked of many trials, never of one.
 *
 *     test_clock_lag [TRIALS [none]]
 *
 * TRIALS of 24 h at 1 Hz, and up to 20 times as many of the quicker; 5 unless
 * told, behind $RUN (valgrind) 1 of each. none: only what no lag is in.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock/lag.h"
#include "made_noise.h"
#include "testing.h"

#define UTC0 INT64_C(1780272000000000) /* 2026-06-01T00:00:00Z */

enum what {
	BAROMETERS,
	OTHER_WEATHER, /* each its own: nothing in common */
	WHITE,         /* noise of the sensors alone */
	STUCK,         /* the node's */
	DEAD_BAND,     /* both move by 0.1 hPa only */
	FINE_QUANTA,   /* 0.01 hPa: no harm */
	TIDE,          /* 1.5 hPa in 12 h, and noise */
	SPIKE,         /* the node stands still but once */
	PUMP,          /* each its own weather, but a pump each 30 min */
	DRIFTING,      /* the node's clock gains 1 s an hour */
	CRYSTAL,       /* it gains 30 ppm, right at noon */
};

struct scene {
	const char *label;
	enum what what;
	double step_s, span_h;
	double noise_pa, weather_pa; /* sd; of a change in 60 s */
	double lag_max_s;            /* lags are uniform within */
	double margin_h; /* the station's series is longer, by that */
	double gaps;     /* share of the node's that is missing */
	int quick;       /* so many times the trials told; 0: as told */
	/* Asked: */
	double accepted;        /* share, at least; 0: none at all */
	double median_s, p95_s; /* of the accepted ones */
	double worst_s, inside; /* share of intervals that hold */
};

static const struct scene scenes[] = {
	{ "1 s, 24 h", BAROMETERS, 1, 24, 0.3, 3, 300, 0, 0, 0, 1, 0.03, 0.05,
	  0.1, 0.95 },
	{ "1 s, 24 h, noisy", BAROMETERS, 1, 24, 1.5, 3, 300, 0, 0, 0, 1, 0.1,
	  0.2, 0.5, 0.9 },
	{ "1 s, 24 h, noisy, quiet air", BAROMETERS, 1, 24, 1.5, 1, 300, 0, 0,
	  0, 0.9, 0.5, 1, 2, 0.9 },
	{ "1 s, 24 h, noisy, 30 ppm", CRYSTAL, 1, 24, 1.5, 3, 300, 0, 0, 0, 1,
	  0.2, 0.4, 0.5, 0.9 },
	{ "10 s, 6 h", BAROMETERS, 10, 6, 0.3, 3, 300, 0, 0, 4, 0.98, 0.4, 0.8,
	  1.5, 0.95 },
	{ "10 s, 6 h, noisy", BAROMETERS, 10, 6, 1.5, 3, 300, 0, 0, 4, 0.98,
	  0.8, 2.3, 4, 0.95 },
	{ "10 s, 6 h, a fifth missing", BAROMETERS, 10, 6, 0.3, 3, 300, 0, 0.2,
	  4, 0.98, 0.6, 1.5, 3, 0.95 },
	{ "60 s, 24 h", BAROMETERS, 60, 24, 0.3, 3, 300, 0, 0, 8, 0.98, 3, 6, 9,
	  0.95 },
	{ "60 s, 24 h, noisy, quiet air", BAROMETERS, 60, 24, 1.5, 1, 300, 0, 0,
	  8, 0.95, 8, 21, 30, 0.9 },
	{ "22 h off, a long log", BAROMETERS, 60, 24, 1.5, 3, 80000, 26, 0, 20,
	  0.98, 3, 8, 12, 0.95 },
	{ "2 h off, a day each", BAROMETERS, 10, 24, 1.5, 3, 7500, 0, 0, 1,
	  0.98, 0.6, 2, 4, 0.9 },
	{ "resolution of 0.01 hPa", FINE_QUANTA, 10, 24, 0.3, 3, 300, 0, 0, 1,
	  0.98, 0.4, 0.8, 1.5, 0.9 },
	{ "each its own weather", OTHER_WEATHER, 60, 24, 1.5, 3, 300, 26, 0, 8,
	  0, 0, 0, 0, 0 },
	{ "each its own weather, 1 s", OTHER_WEATHER, 1, 24, 1.5, 3, 300, 0, 0,
	  0, 0, 0, 0, 0, 0 },
	{ "a tide", TIDE, 60, 24, 1.5, 0, 300, 26, 0, 2, 0, 0, 0, 0, 0 },
	{ "a spike", SPIKE, 60, 24, 0.3, 3, 300, 26, 0, 2, 0, 0, 0, 0, 0 },
	{ "a pump each 30 min", PUMP, 60, 24, 0.3, 1, 300, 0, 0, 4, 0, 0, 0, 0,
	  0 },
	{ "white noise", WHITE, 1, 24, 1.5, 0, 300, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "white noise, 60 s", WHITE, 60, 24, 1.5, 0, 300, 26, 0, 8, 0, 0, 0, 0,
	  0 },
	{ "stuck", STUCK, 1, 24, 1.5, 3, 300, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "dead band", DEAD_BAND, 1, 24, 1.5, 3, 300, 0, 0, 0, 0, 0, 0, 0, 0 },
	{ "dead band, quiet", DEAD_BAND, 1, 24, 0.3, 1, 300, 0, 0, 0, 0, 0, 0,
	  0, 0 },
	{ "half of it missing", BAROMETERS, 10, 24, 0.3, 3, 300, 0, 0.5, 1, 0,
	  0, 0, 0, 0 },
	{ "two hours", BAROMETERS, 10, 2, 0.3, 3, 300, 0, 0, 1, 0, 0, 0, 0, 0 },
	{ "26 h off, a long log", BAROMETERS, 60, 24, 0.3, 3, 93600, 30, 0, 1,
	  0.98, 3, 8, 12, 0.95 },
	{ "not of the same days", BAROMETERS, 60, 24, 0.3, 3, 0, -80, 0, 1, 0,
	  0, 0, 0, 0 },
	{ "26 h off, a day each", BAROMETERS, 60, 24, 0.3, 3, 0, -26, 0, 1, 0,
	  0, 0, 0, 0 },
};

/* --- a made pair -------------------------------------------------------- */

enum { SUB = 4 }; /* steps of the walk in a sample */

struct series {
	int64_t *utc_us;
	double *value;
	size_t n;
};

static void series_new(struct series *s, size_t n)
{
	s->utc_us = malloc(n * sizeof(*s->utc_us));
	s->value = malloc(n * sizeof(*s->value));
	s->n = n;
}

static void series_free(struct series *s)
{
	free(s->utc_us);
	free(s->value);
}

static double read_out(const struct scene *sc, const float *weather, double t_s)
{
	double x = t_s / sc->step_s * SUB;
	size_t i = (size_t)x;
	double pa =
		weather[i] + (weather[i + 1] - weather[i]) * (x - (double)i);
	double hpa = 960 + (pa + sc->noise_pa * normal()) / 100;

	if (sc->what == TIDE)
		hpa += 1.5 * sin(2 * M_PI * t_s / 43200);
	if (sc->what == PUMP)
		hpa += 0.3 * (fmod(t_s, 1800) < 600);
	if (sc->what == DEAD_BAND)
		return round(hpa * 10) / 10;
	if (sc->what == FINE_QUANTA)
		return round(hpa * 100) / 100;
	return hpa;
}

/* What the node's clock has gained by then. */
static double gain_s(const struct scene *sc, double t_s)
{
	if (sc->what == DRIFTING)
		return t_s / 3600;
	if (sc->what == CRYSTAL)
		return (t_s - sc->span_h * 1800) * 30e-6;
	return 0;
}

static double made_pair(const struct scene *sc, int trial, struct series *node,
			struct series *ref)
{
	double span_s = sc->span_h * 3600, margin_s = sc->margin_h * 3600;
	double start_s = fabs(margin_s) + 20, lag_s, phase_s;
	double end_s = start_s + span_s + fabs(margin_s) + 20;
	size_t n_walk = (size_t)(end_s / sc->step_s * SUB) + 2;
	double step_pa = sc->weather_pa * sqrt(sc->step_s / SUB / 60);
	double ref_from_s = sc->margin_h < 0 ? 1 : start_s - margin_s;
	double ref_span_s = margin_s < 0 ? span_s : span_s + 2 * margin_s;
	float *weather, *other = NULL;

	rng_state = (uint64_t)trial * 7919 + (uint64_t)(sc->step_s * 100) + 1;
	lag_s = (2 * uniform() - 1) * sc->lag_max_s;
	weather = walk(n_walk, step_pa);
	if (sc->what == OTHER_WEATHER || sc->what == PUMP)
		other = walk(n_walk, step_pa);
	series_new(node, (size_t)(span_s / sc->step_s));
	series_new(ref, (size_t)(ref_span_s / sc->step_s));
	phase_s = uniform() * sc->step_s;
	for (size_t i = 0; i < node->n; i++) {
		double t = start_s + (double)i * sc->step_s + phase_s;
		double gain = gain_s(sc, (double)i * sc->step_s);

		node->utc_us[i] = UTC0 + llround((t + lag_s + gain) * 1e6);
		node->value[i] =
			sc->what == STUCK ? 961.3 : read_out(sc, weather, t);
		if (sc->what == SPIKE)
			node->value[i] = i == node->n / 2 ? 1000 : 961.3;
		if (uniform() < sc->gaps)
			node->value[i] = NAN;
	}
	phase_s = uniform() * sc->step_s;
	for (size_t i = 0; i < ref->n; i++) {
		double t = ref_from_s + (double)i * sc->step_s + phase_s;

		ref->utc_us[i] = UTC0 + llround(t * 1e6);
		ref->value[i] = read_out(sc, other ? other : weather, t);
	}
	free(weather);
	free(other);
	return lag_s;
}

static struct wx_lag measure(const struct series *node,
			     const struct series *ref)
{
	struct wx_lag_series a = { node->utc_us, node->value, node->n };
	struct wx_lag_series b = { ref->utc_us, ref->value, ref->n };
	struct wx_lag lag = { .verdict = WX_LAG_INSUFFICIENT };

	CHECK_INT("lag", wx_lag(&a, &b, &WX_LAG_WEATHER, &lag, NULL), WX_OK);
	return lag;
}

/* --- what is asked ------------------------------------------------------ */

enum { MAX_TRIALS = 400, MAX_QUICK = 20 };

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static bool is_slow(void)
{
	const char *run = getenv("RUN");

	return run && *run;
}

static void test_scene(const struct scene *sc, int told)
{
	static double error[MAX_TRIALS * MAX_QUICK];
	int quick = is_slow() ? (sc->quick + 19) / 20 : sc->quick;
	int trials = told * (quick ? quick : 1);
	int accepted = 0, inside = 0;
	double psr_least = INFINITY, psr_most = 0, sigma = 0;

	for (int i = 0; i < trials; i++) {
		struct series node, ref;
		double truth = made_pair(sc, i, &node, &ref);
		struct wx_lag lag = measure(&node, &ref);

		series_free(&node);
		series_free(&ref);
		CHECK(sc->label, (lag.verdict == WX_LAG_ACCEPTED) == !lag.why);
		psr_most = fmax(psr_most, lag.psr);
		if (lag.verdict != WX_LAG_ACCEPTED)
			continue;
		psr_least = fmin(psr_least, lag.psr);
		inside += lag.lo_s <= truth && truth <= lag.hi_s;
		sigma += lag.sigma_s;
		error[accepted++] = fabs(lag.lag_s - truth);
	}
	if (sc->accepted == 0) {
		printf("%-30s accepted %d of %d, PSR up to %.1f\n", sc->label,
		       accepted, trials, psr_most);
		CHECK_INT(sc->label, accepted, 0);
		return;
	}
	CHECK(sc->label, accepted && accepted >= sc->accepted * trials);
	if (!accepted)
		return;
	qsort(error, (size_t)accepted, sizeof(*error), by_value);
	printf("%-30s accepted %d of %d, error p50 %.3f p95 %.3f max %.3f s, "
	       "sigma %.3f, inside %.1f %%, PSR %.1f to %.1f\n",
	       sc->label, accepted, trials, error[accepted / 2],
	       error[accepted * 95 / 100], error[accepted - 1],
	       sigma / accepted, 100.0 * inside / accepted, psr_least,
	       psr_most);
	CHECK(sc->label, error[accepted - 1] <= sc->worst_s);
	if (accepted < 8) /* no distribution */
		return;
	CHECK(sc->label, error[accepted / 2] <= sc->median_s);
	CHECK(sc->label, error[accepted * 95 / 100] <= sc->p95_s);
	CHECK(sc->label, inside >= sc->inside * accepted);
}

/* One lag, all that is said of it; twice, and the other way round. */
static void test_once(void)
{
	static const struct scene sc = { "once", BAROMETERS, 10, 24, 0.3,
					 3,      300,        0,  0,  0,
					 0,      0,          0,  0,  0 };
	struct series node, ref;
	double truth = made_pair(&sc, 4, &node, &ref);
	struct wx_lag lag = measure(&node, &ref), again = measure(&node, &ref);
	struct wx_lag back = measure(&ref, &node);
	char words[WX_LAG_WORDS_SIZE];

	CHECK_F64("lag", lag.lag_s, truth, 1);
	CHECK("the same to the last bit",
	      lag.lag_s == again.lag_s && lag.lo_s == again.lo_s &&
		      lag.hi_s == again.hi_s && lag.psr == again.psr);
	CHECK_F64("swapped, the other sign", back.lag_s, -lag.lag_s, 0.3);
	CHECK_F64("step", lag.step_s, 10, 1e-9);
	CHECK_F64("coarse", lag.coarse_s, truth, 60);
	CHECK("interval", lag.lo_s < lag.lag_s && lag.lag_s < lag.hi_s);
	CHECK("sigma", lag.sigma_s >= 0.1 * lag.step_s);
	CHECK("segments", lag.n_segments >= 20 && lag.n_blocks <= 24);
	CHECK_F64("no drift", lag.drift_ppm, 0, 20);
	/* Each second value only: the step is the coarser one's. */
	for (size_t i = 0; i < ref.n / 2; i++) {
		ref.utc_us[i] = ref.utc_us[2 * i];
		ref.value[i] = ref.value[2 * i];
	}
	ref.n /= 2;
	lag = measure(&node, &ref);
	CHECK_F64("step of the coarser", lag.step_s, 20, 1e-9);
	CHECK_F64("lag at that step", lag.lag_s, truth, 3);
	series_free(&node);
	series_free(&ref);
	CHECK_STR("words", wx_lag_words(-3.2, words),
		  "the node's clock is 3.2 s behind the reference");
	CHECK_STR("words", wx_lag_words(3600, words),
		  "the node's clock is 3600 s ahead of the reference");
}

static void test_drift(void)
{
	static const struct scene sc = { "drift", DRIFTING, 1, 24, 0.3,
					 3,       100,      0, 0,  0,
					 0,       0,        0, 0,  0 };
	struct series node, ref;
	struct wx_lag lag;

	made_pair(&sc, 1, &node, &ref);
	lag = measure(&node, &ref);
	CHECK_F64("ppm", lag.drift_ppm, 1e6 / 3600, 60);
	CHECK_STR("not one lag", lag.why, "the halves tell different lags");
	series_free(&node);
	series_free(&ref);
}

/* Summer time begins at noon: each half may be measured, the whole may not. */
static void test_change(void)
{
	static const struct scene sc = { "change", BAROMETERS, 60, 24, 0.3,
					 3,        100,        2,  0,  0,
					 0,        0,          0,  0,  0 };

	for (int trial = 0; trial < 5; trial++) {
		struct series node, ref;
		struct wx_lag lag;

		made_pair(&sc, trial, &node, &ref);
		for (size_t i = node.n / 2; i < node.n; i++)
			node.utc_us[i] += INT64_C(3600000000);
		lag = measure(&node, &ref);
		CHECK_INT("doubtful", lag.verdict, WX_LAG_DOUBTFUL);
		CHECK("halves", wx_lag_halves_differ(&lag));
		series_free(&node);
		series_free(&ref);
	}
}

/* Nothing of this may do worse than tell nothing. */
static void test_hostile(void)
{
	static int64_t t[400];
	static double v[400], nothing[400];
	const struct wx_lag_series none = { t, v, 0 }, one = { t, v, 1 },
				   all = { t, v, 400 },
				   nan = { t, nothing, 400 };
	const struct wx_lag_series *pairs[][2] = {
		{ &none, &none }, { &one, &all }, { &all, &nan }, { &nan, &all }
	};
	struct wx_lag_how how = WX_LAG_WEATHER;
	struct wx_lag lag;

	for (int i = 0; i < 400; i++) {
		t[i] = UTC0 + i * INT64_C(60000000);
		v[i] = normal();
		nothing[i] = NAN;
	}
	for (size_t i = 0; i < WX_COUNT(pairs); i++) {
		CHECK_INT("rc",
			  wx_lag(pairs[i][0], pairs[i][1], &how, &lag, NULL),
			  WX_OK);
		CHECK_INT("insufficient", lag.verdict, WX_LAG_INSUFFICIENT);
		CHECK("why", lag.why != NULL);
		CHECK_F64("no number", lag.lag_s, NAN, 0);
	}
	for (int i = 0; i < 400; i++)
		t[i] = UTC0; /* a clock that stands */
	CHECK_INT("rc", wx_lag(&all, &all, &how, &lag, NULL), WX_OK);
	CHECK_STR("why", lag.why, "too short");
	for (int i = 0; i < 400; i++) /* from one end of time to the other */
		t[i] = i < 200 ? INT64_MIN + i : INT64_MAX - 400 + i;
	CHECK_INT("rc", wx_lag(&all, &all, &how, &lag, NULL), WX_OK);
	CHECK_STR("ends of time", lag.why, "has stamps that no clock has");
	for (int i = 0; i < 400; i++) /* 1970, then now */
		t[i] = (i < 200 ? 0 : UTC0) + i * INT64_C(60000);
	CHECK_INT("1970", wx_lag(&all, &all, &how, &lag, NULL), WX_ERR_RANGE);
	for (int i = 0; i < 400; i++)
		t[i] = UTC0 - i * INT64_C(60000000); /* backwards */
	CHECK_INT("rc", wx_lag(&all, &all, &how, &lag, NULL), WX_OK);
	CHECK_INT("backwards", lag.verdict, WX_LAG_INSUFFICIENT);
	how.fine_max_s = 1e12;
	for (int i = 0; i < 400; i++)
		t[i] = UTC0 + i * INT64_C(60000000);
	CHECK_INT("too wide", wx_lag(&all, &all, &how, &lag, NULL),
		  WX_ERR_RANGE);
}

int main(int argc, char *argv[])
{
	int trials = argc > 1 ? atoi(argv[1]) : 5;
	bool only_none = argc > 2 && !strcmp(argv[2], "none");

	trials = trials < 1 || trials > MAX_TRIALS ? 5 : trials;
	trials = is_slow() ? 1 : trials;
	test_once();
	test_drift();
	test_change();
	test_hostile();
	for (size_t i = 0; i < WX_COUNT(scenes); i++)
		if (!only_none || scenes[i].accepted == 0)
			test_scene(&scenes[i], trials);
	return wx_test_end();
}
