/* SPDX-License-Identifier: MIT */
/* lib/clock/lag.c: the two searches, the bootstrap, the verdict. */
#include "clock/lag.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock/lag_parts.h"

enum { MAX_BLOCKS = 24, N_RESAMPLES = 200 };
/* Segments for Hannan-Thomson, and for anything. */
enum { MIN_HT = 8, MIN_SEGMENTS = 3 };
#define LAGS_PER_SEGMENT 8
#define MAX_LENGTH       (1 << 20)
/* The least lags that the noise beside a peak is learned from. */
#define MIN_PSR_LAGS 60
/* A wide search needs that many bins. */
#define MIN_COARSE 120

/*
 * As measured: tests/unit/test_clock_lag.c says on what. The wide search's peak
 * was 5.0 at most of 1000 pairs with nothing in common, and under 6 of three of
 * 3000 that were found beside it.
 */
#define COARSE_PSR  6.0 /* the fine search goes there */
#define ACCEPT_PSR  8.0
#define ACCEPT_PSR2 6.0 /* where the interval is within a step */
/*
 * What has a lag in one half only has a peak of 1 to 2 in the other; of one lag
 * the weaker half's was 0.4 of the other at least.
 */
#define MIN_HALF_PSR   5.0
#define MIN_HALF_SHARE 0.25

/*
 * A node's crystal that nobody measured: 20 ppm at 25 degC, and what a fork of
 * 32 kHz loses at -5, 30 ppm. So much drift is a clock's own, and no two lags.
 */
#define DRIFT_PPM 50.0

/*
 * What no bootstrap sees: instants taken of weather that moves between them,
 * 2 sigma, steps. Simulated: 0.03 at 1 s, 0.06 at 60 s.
 */
#define STEP_BIAS 0.07

/* Half-overlapped Hann segments share 1/36 of their power's variance. */
#define INDEPENDENT 0.947

struct pair {
	const struct wx_lag_series *node, *ref;
	const struct wx_lag_how *how;
	double native_s; /* the coarser series' */
};

struct grids {
	struct wx_lag_grid a, b; /* node, ref */
	double step_s;
};

static int grids_init(struct grids *g, const struct pair *p, double step_s,
		      struct wx_error *err)
{
	int rc;

	*g = (struct grids){ .step_s = fmax(step_s, p->native_s) };
	rc = wx_lag_grid_init(&g->a, p->node, g->step_s, err);
	if (rc == WX_OK)
		rc = wx_lag_grid_init(&g->b, p->ref, g->step_s, err);
	if (rc == WX_OK)
		rc = wx_lag_grid_clean(&g->a, p->how->high_pass_s, err);
	if (rc == WX_OK)
		rc = wx_lag_grid_clean(&g->b, p->how->high_pass_s, err);
	return rc;
}

static void grids_fini(struct grids *g)
{
	wx_lag_grid_fini(&g->a);
	wx_lag_grid_fini(&g->b);
}

/* How far on to read b so that a lag becomes 0 samples or nearly. */
static int64_t offset_for(const struct grids *g, double lag_s)
{
	return llround((g->a.t0_s - g->b.t0_s - lag_s) / g->step_s);
}

static double lag_of(const struct grids *g, int64_t off, double lag_samples)
{
	return g->a.t0_s - g->b.t0_s + (lag_samples - (double)off) * g->step_s;
}

static int init_spectra(struct wx_lag_spectra *s, const struct grids *g,
			const struct wx_lag_how *how, int64_t length,
			int max_blocks, struct wx_error *err)
{
	int rc;

	if (length > MAX_LENGTH)
		return wx_fail(err, WX_ERR_RANGE,
			       "segments of %lld samples of %g s: expected %d "
			       "at most: a longer step or a narrower search",
			       (long long)length, g->step_s, MAX_LENGTH);
	rc = wx_lag_spectra_init(s, length, max_blocks, err);
	if (rc == WX_OK && how->high_pass_s > 0)
		s->first_freq = (int)fmax(
			1, ceil(s->nfft * g->step_s / how->high_pass_s));
	return rc;
}

/* --- peaks -------------------------------------------------------------- */

struct peak {
	int64_t at;
	double psr, second;
};

/* r[0 .. n), NAN where nothing is known; at: of its highest value. */
static struct peak judge_peak(const float *r, int64_t n, int64_t at)
{
	int64_t reach = (int64_t)fmax(3, 0.01 * (double)n);
	int64_t lo = at - reach, hi = at + reach;
	double sum = 0, sum2 = 0, m = 0, second = 0, mean, sd;

	/* Out of the lobe itself, however wide. */
	while (lo > 0 && !(r[lo] <= 0) && r[lo - 1] < r[lo])
		lo--;
	while (hi < n - 1 && !(r[hi] <= 0) && r[hi + 1] < r[hi])
		hi++;
	for (int64_t i = 0; i < n; i++) {
		double v = r[i];

		if (isnan(v) || (i >= lo && i <= hi))
			continue;
		sum += v;
		sum2 += v * v;
		second = fmax(second, v);
		m++;
	}
	if (m < 2 || !(r[at] > 0))
		return (struct peak){ at, 0, 1 };
	mean = sum / m;
	sd = sqrt(fmax(sum2 / m - mean * mean, 0));
	return (struct peak){ at, sd > 0 ? (r[at] - mean) / sd : 0,
			      second / r[at] };
}

static int64_t highest(const float *r, int64_t n)
{
	int64_t at = -1;

	for (int64_t i = 0; i < n; i++)
		if (!isnan(r[i]) && (at < 0 || r[i] > r[at]))
			at = i;
	return at;
}

/* --- far and wide ------------------------------------------------------- */

/*
 * Segments as long as the lags are far would be 9 days. Where the series are
 * shorter, all of the shorter one is held against the other at several places.
 */
static void coarse_places(struct wx_lag_spectra *s, const struct grids *g,
			  int64_t max, float *r)
{
	int64_t near = s->length / LAGS_PER_SEGMENT;

	for (int64_t i = 0; i <= 2 * max; i++)
		r[i] = NAN;
	for (int64_t c = -(max / near + 1) / 2; c <= (max / near + 1) / 2;
	     c++) {
		int64_t at = c * 2 * near;
		double lag_s = (double)at * g->step_s;

		wx_lag_spectra_set(s, &g->a, &g->b, offset_for(g, lag_s));
		if (!s->n_blocks)
			continue;
		wx_lag_correlate(s, &s->total, WX_LAG_PHAT, s->total.n);
		for (int64_t k = -near; k <= near; k++)
			if (at + k >= -max && at + k <= max)
				r[at + k + max] = wx_lag_corr(s, k);
	}
}

static int coarse(const struct pair *p, struct wx_lag *lag,
		  struct wx_error *err)
{
	const struct wx_lag_how *how = p->how;
	struct wx_lag_spectra s = { 0 };
	struct grids g;
	float *r = NULL;
	int64_t max, length, at;
	struct peak peak;
	int rc = grids_init(&g, p, how->coarse_step_s, err);

	lag->coarse_s = lag->coarse_psr = NAN;
	max = llround(how->coarse_max_s / g.step_s);
	length = g.a.n < g.b.n ? g.a.n : g.b.n;
	if (length > max * LAGS_PER_SEGMENT)
		length = max * LAGS_PER_SEGMENT;
	if (rc != WX_OK || length < MIN_COARSE)
		goto out;
	rc = init_spectra(&s, &g, how, length, 1, err);
	r = malloc((size_t)(2 * max + 1) * sizeof(*r));
	if (rc == WX_OK && !r)
		rc = wx_fail_nomem(err);
	if (rc != WX_OK)
		goto out;
	coarse_places(&s, &g, max, r);
	at = highest(r, 2 * max + 1);
	if (at < 0)
		goto out;
	peak = judge_peak(r, 2 * max + 1, at);
	lag->coarse_psr = peak.psr;
	lag->coarse_s = lag_of(&g, offset_for(&g, 0), (double)(at - max));
out:
	free(r);
	wx_lag_spectra_fini(&s);
	grids_fini(&g);
	return rc;
}

/* --- near --------------------------------------------------------------- */

struct fine {
	struct grids g;
	struct wx_lag_spectra s;
	int64_t off, max;
	enum wx_lag_weight weight;
};

/*
 * Long segments tell more of slow weather, many tell more of coherence: about
 * 24, not shorter than 8 times the search and not longer than 24 times.
 */
static int64_t fine_length(const struct fine *f)
{
	int64_t from, n = wx_lag_common(&f->g.a, &f->g.b, f->off, &from);
	int64_t least = LAGS_PER_SEGMENT * f->max;
	int64_t length = (int64_t)((double)n * 2 / (MAX_BLOCKS + 1));

	length = length > 3 * least ? 3 * least : length;
	return length < least ? least : length;
}

static int fine_init(struct fine *f, const struct pair *p, double centre_s,
		     struct wx_error *err)
{
	int rc;

	*f = (struct fine){ 0 };
	rc = grids_init(&f->g, p, p->how->step_s, err);
	if (rc != WX_OK)
		return rc;
	f->off = offset_for(&f->g, centre_s);
	f->max = llround(fmax(p->how->fine_max_s / f->g.step_s, 10));
	rc = init_spectra(&f->s, &f->g, p->how, fine_length(f), MAX_BLOCKS,
			  err);
	if (rc != WX_OK)
		return rc;
	wx_lag_spectra_set(&f->s, &f->g.a, &f->g.b, f->off);
	f->weight = f->s.total.n >= MIN_HT ? WX_LAG_HT : WX_LAG_PHAT;
	return WX_OK;
}

static void fine_fini(struct fine *f)
{
	wx_lag_spectra_fini(&f->s);
	grids_fini(&f->g);
}

static double fine_lag(struct fine *f, const struct wx_lag_sum *sum,
		       double n_eff, int64_t *at)
{
	wx_lag_correlate(&f->s, sum, f->weight, fmax(n_eff * INDEPENDENT, 1.5));
	*at = wx_lag_peak(&f->s, f->max);
	return lag_of(&f->g, f->off, wx_lag_refine(&f->s, *at));
}

/*
 * How the peak stands out is asked of a correlation whose frequencies weigh
 * what their coherence is: Hannan-Thomson's own peak may be as wide as the
 * search.
 */
static int fine_psr(struct fine *f, const struct wx_lag_sum *sum,
		    struct peak *peak, struct wx_error *err)
{
	int64_t max = f->max > MIN_PSR_LAGS ? f->max : MIN_PSR_LAGS;
	float *r;

	if (max > f->s.nfft / 2 - 1)
		max = f->s.nfft / 2 - 1;
	r = malloc((size_t)(2 * max + 1) * sizeof(*r));
	if (!r)
		return wx_fail_nomem(err);
	wx_lag_correlate(&f->s, sum,
			 f->weight == WX_LAG_HT ? WX_LAG_COHERENT : WX_LAG_PHAT,
			 fmax(sum->n * INDEPENDENT, 1.5));
	for (int64_t k = -max; k <= max; k++)
		r[k + max] = wx_lag_corr(&f->s, k);
	*peak = judge_peak(r, 2 * max + 1, max + wx_lag_peak(&f->s, f->max));
	free(r);
	return WX_OK;
}

/* --- the bootstrap ------------------------------------------------------ */

static uint64_t dice(uint64_t *state) /* SplitMix64 */
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* As many blocks as there are, drawn with replacement, as one sum. */
static double resample(struct fine *f, struct wx_lag_sum *sum, uint64_t *state)
{
	int drawn[MAX_BLOCKS] = { 0 }, n = f->s.n_blocks;
	double n2 = 0;

	wx_lag_sum_clear(&f->s, sum);
	for (int i = 0; i < n; i++) {
		int k = (int)(dice(state) % (uint64_t)n);

		wx_lag_sum_add(&f->s, sum, &f->s.block[k]);
		drawn[k]++;
	}
	for (int i = 0; i < n; i++)
		n2 += f->s.block[i].n * drawn[i] * drawn[i];
	return sum->n * sum->n / n2; /* what was drawn twice tells once */
}

/* Student's t, 97.5 %, for n blocks: within 1 % from 4 on. */
static double student(int n)
{
	double v = n - 1;

	return 1.96 + 2.372 / v + 2.823 / (v * v) + 3.5 / (v * v * v);
}

/* Lags of resamples, and their standard deviation. */
static double bootstrap(struct fine *f, double v[N_RESAMPLES])
{
	struct wx_lag_sum sum = f->s.total; /* as scratch */
	double mean = 0, sum2 = 0, n = f->s.n_blocks;
	uint64_t state = 1;
	int64_t at;

	for (int i = 0; i < N_RESAMPLES; i++) {
		double n_eff = resample(f, &sum, &state);

		v[i] = fine_lag(f, &sum, n_eff, &at);
		mean += v[i] / N_RESAMPLES;
	}
	for (int i = 0; i < N_RESAMPLES; i++)
		sum2 += (v[i] - mean) * (v[i] - mean);
	return sqrt(sum2 / (N_RESAMPLES - 1) * n / (n - 1));
}

static void set_interval(struct fine *f, struct wx_lag *lag)
{
	double v[N_RESAMPLES], half, mid;
	double n = f->s.n_blocks;

	lag->sd_s = bootstrap(f, v);
	qsort(v, N_RESAMPLES, sizeof(*v), by_value);
	/* One resample that went astray is no reason to doubt the others. */
	mid = sqrt(n / (n - 1)) * (v[168] - v[31]) / 2;
	half = hypot(student(f->s.n_blocks) * fmin(lag->sd_s, mid),
		     STEP_BIAS * lag->step_s);
	lag->lo_s = fmin(v[4], lag->lag_s - half);
	lag->hi_s = fmax(v[195], lag->lag_s + half);
}

static int set_half(struct fine *f, struct wx_lag *lag, int half,
		    struct wx_error *err)
{
	struct wx_lag_sum *sum = &f->s.total; /* as scratch */
	int n = f->s.n_blocks, to = half ? n : n / 2;
	struct peak peak;
	int64_t at;
	int rc;

	wx_lag_sum_clear(&f->s, sum);
	for (int i = half ? n / 2 : 0; i < to; i++)
		wx_lag_sum_add(&f->s, sum, &f->s.block[i]);
	lag->half_s[half] = fine_lag(f, sum, sum->n, &at);
	rc = fine_psr(f, sum, &peak, err);
	if (rc == WX_OK)
		lag->half_psr[half] = peak.psr;
	return rc;
}

/*
 * Do both halves of the time tell one lag? If it drifts, the drift is in the
 * bootstrap's spread too, and would excuse itself: it is taken off each block
 * first. Changes the blocks.
 */
static int set_drift(struct fine *f, struct wx_lag *lag, struct wx_error *err)
{
	int n = f->s.n_blocks;
	double v[N_RESAMPLES], sd_s = lag->sd_s, apart;
	int rc = set_half(f, lag, 0, err);

	if (rc == WX_OK)
		rc = set_half(f, lag, 1, err);
	apart = lag->half_s[1] - lag->half_s[0];
	if (fabs(apart) > 2 * sd_s) { /* 1 sigma */
		for (int i = 0; i < n; i++)
			wx_lag_sum_turn(&f->s, &f->s.block[i],
					2 * apart * (i - (n - 1) / 2.0) / n /
						lag->step_s);
		/* What is no drift, but two lags or one and none, spreads more. */
		sd_s = fmin(sd_s, bootstrap(f, v));
	}
	/* A half is sqrt(2) less sure than the whole, their difference 2. */
	sd_s = 2 * fmax(sd_s, STEP_BIAS * lag->step_s);
	lag->drift_ppm = apart / (lag->span_s / 2) * 1e6;
	lag->drift_sd_ppm = sd_s / (lag->span_s / 2) * 1e6;
	return rc;
}

/* --- the verdict -------------------------------------------------------- */

static struct wx_lag insufficient(const char *why)
{
	return (struct wx_lag){
		.verdict = WX_LAG_INSUFFICIENT,
		.why = why,
		.lag_s = NAN,
		.sd_s = NAN,
		.lo_s = NAN,
		.hi_s = NAN,
		.sigma_s = NAN,
		.psr = NAN,
		.second = NAN,
		.half_s = { NAN, NAN },
		.half_psr = { NAN, NAN },
		.drift_ppm = NAN,
		.drift_sd_ppm = NAN,
		.coarse_s = NAN,
		.coarse_psr = NAN,
	};
}

/* One half has no peak, and the other one that is all of it. */
static bool is_of_one_half(const struct wx_lag *lag)
{
	double least = fmin(lag->half_psr[0], lag->half_psr[1]);
	double most = fmax(lag->half_psr[0], lag->half_psr[1]);

	return least < MIN_HALF_PSR && least < MIN_HALF_SHARE * most;
}

bool wx_lag_halves_differ(const struct wx_lag *lag)
{
	return fabs(lag->drift_ppm) > DRIFT_PPM + 3 * lag->drift_sd_ppm ||
	       is_of_one_half(lag);
}

static const char *why_not(const struct wx_lag *lag, bool at_edge,
			   bool needs_coarse)
{
	double width = lag->hi_s - lag->lo_s;

	if (at_edge)
		return "the peak is at the edge of the search";
	if (lag->psr < ACCEPT_PSR2 ||
	    (lag->psr < ACCEPT_PSR && width > lag->step_s))
		return "no peak stands out";
	if (needs_coarse && lag->coarse_psr < COARSE_PSR) /* NAN: none */
		return "the wide search does not find it";
	if (is_of_one_half(lag))
		return "one half of the time tells nothing of it";
	if (wx_lag_halves_differ(lag))
		return "the halves tell different lags";
	return NULL;
}

static int fine(const struct pair *p, double centre_s, struct wx_lag *lag,
		struct wx_error *err)
{
	struct fine f;
	struct peak peak;
	int64_t at = 0, again, from;
	int rc = fine_init(&f, p, centre_s, err);

	if (rc != WX_OK)
		goto out;
	lag->step_s = f.g.step_s;
	lag->span_s = f.g.step_s *
		      (double)wx_lag_common(&f.g.a, &f.g.b, f.off, &from);
	lag->n_segments = (size_t)f.s.total.n;
	lag->n_blocks = (size_t)f.s.n_blocks;
	if (f.s.n_blocks < MIN_SEGMENTS) {
		lag->why = "too short, too gappy, or not of the same time";
		goto out;
	}
	rc = fine_psr(&f, &f.s.total, &peak, err);
	if (rc != WX_OK)
		goto out;
	lag->psr = peak.psr;
	lag->second = peak.second;
	fine_lag(&f, &f.s.total, f.s.total.n, &at);
	/* Segments of the same time, not of 10 minutes apart, tell it best. */
	f.off -= at;
	wx_lag_spectra_set(&f.s, &f.g.a, &f.g.b, f.off);
	lag->lag_s = fine_lag(&f, &f.s.total, f.s.total.n, &again);
	set_interval(&f, lag); /* from here total is scratch */
	rc = set_drift(&f, lag, err);
	lag->sigma_s = fmax((lag->hi_s - lag->lo_s) / 3.92, 0.1 * lag->step_s);
	lag->why =
		why_not(lag, at == f.max || at == -f.max, p->how->needs_coarse);
	lag->verdict = lag->why ? WX_LAG_DOUBTFUL : WX_LAG_ACCEPTED;
out:
	fine_fini(&f);
	return rc;
}

int wx_lag(const struct wx_lag_series *node, const struct wx_lag_series *ref,
	   const struct wx_lag_how *how, struct wx_lag *out,
	   struct wx_error *err)
{
	struct pair p = { node, ref, how, 0 };
	const char *why = wx_lag_unfit(node, how);
	struct wx_lag lag;
	double centre_s = 0;
	int rc = WX_OK;

	why = why ? why : wx_lag_unfit(ref, how);
	lag = insufficient(why);
	if (!why)
		p.native_s =
			fmax(wx_lag_native_step(node), wx_lag_native_step(ref));
	if (!why && !(p.native_s > 0))
		lag.why = "too short";
	if (!lag.why && how->coarse_max_s > how->fine_max_s)
		rc = coarse(&p, &lag, err);
	if (lag.coarse_psr >= COARSE_PSR)
		centre_s = lag.coarse_s;
	if (!lag.why && rc == WX_OK)
		rc = fine(&p, centre_s, &lag, err);
	if (rc == WX_OK)
		*out = lag;
	return rc;
}

const char *wx_lag_words(double lag_s, char buf[WX_LAG_WORDS_SIZE])
{
	double abs_s = round(fabs(lag_s) * 1000) / 1000;

	if (abs_s == 0)
		snprintf(buf, WX_LAG_WORDS_SIZE,
			 "the node's clock agrees with the reference");
	else
		snprintf(buf, WX_LAG_WORDS_SIZE,
			 "the node's clock is %.10g s %s the reference", abs_s,
			 lag_s > 0 ? "ahead of" : "behind");
	return buf;
}
