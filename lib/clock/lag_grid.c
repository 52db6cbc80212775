/* SPDX-License-Identifier: MIT */
/* lib/clock/lag_grid.c: stamped values to an even step, and cleaned. */
#include <math.h>
#include <stdlib.h>

#include "clock/lag_parts.h"

/* Steps and medians are learned from this many samples at most. */
#define MAX_LEARN 4096
#define CLIP_MAD  6.0
/* A quantum over this share of the signal's sd is no noise any more. */
#define MAX_QUANTUM 0.3
#define MAX_BINS    (INT64_C(1) << 24)
/* Less of a value than this in a bin is one of a neighbour's. */
#define MIN_WEIGHT 0.4F
/* 1684 to 2255: sums of stamps stay in 64 bits. */
#define MAX_UTC_US INT64_C(9000000000000000)

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

static double quantile(double *v, size_t n, double q)
{
	qsort(v, n, sizeof(*v), by_value);
	return v[(size_t)(q * (double)(n - 1))];
}

double wx_lag_native_step(const struct wx_lag_series *s)
{
	size_t every = s->n / MAX_LEARN + 1, n = 0;
	double d[MAX_LEARN + 1], step = NAN;

	for (size_t i = 0; i + 1 < s->n; i += every)
		if (s->utc_us[i + 1] > s->utc_us[i])
			d[n++] = (double)(s->utc_us[i + 1] - s->utc_us[i]);
	if (n >= 2)
		step = quantile(d, n, 0.5) * 1e-6;
	return step;
}

/*
 * How far values go within stretches of within_s: what a quantum is held
 * against. Over longer ones a day's tide would hide it.
 */
static double local_sd(const struct wx_lag_series *s, double within_s)
{
	double total = 0, n_total = 0;
	size_t i = 0;

	while (i < s->n) {
		double n = 0, mean = 0, m2 = 0; /* Welford */
		int64_t from = s->utc_us[i];

		for (; i < s->n &&
		       (double)(s->utc_us[i] - from) * 1e-6 < within_s;
		     i++) {
			double d = s->value[i] - mean;

			if (!isfinite(d))
				continue;
			n++;
			mean += d / n;
			m2 += d * (s->value[i] - mean);
		}
		total += m2;
		n_total += n;
		if (!n)
			i++;
	}
	return n_total > 1 ? sqrt(total / n_total) : 0;
}

/*
 * Values that stand still most of the time: the resolution of a fine sensor
 * does that too, and is known by changes that are single small quanta.
 */
static bool is_coarse(const struct wx_lag_series *s, double within_s, double *d,
		      size_t n_d)
{
	double quantum = quantile(d, n_d, 0.01), mid = quantile(d, n_d, 0.5);

	return quantum > MAX_QUANTUM * local_sd(s, within_s) ||
	       mid > 2.5 * quantum;
}

const char *wx_lag_unfit(const struct wx_lag_series *s,
			 const struct wx_lag_how *how)
{
	size_t n = 0, n_changed = 0, n_d = 0;
	double last = NAN, d[MAX_LEARN];
	const char *why = NULL;

	for (size_t i = 0; i < s->n; i++) {
		if (s->utc_us[i] < -MAX_UTC_US || s->utc_us[i] > MAX_UTC_US)
			why = "has stamps that no clock has";
		if (!isfinite(s->value[i]))
			continue;
		n++;
		if (!isnan(last) && s->value[i] != last) {
			n_changed++;
			if (n_d < MAX_LEARN)
				d[n_d++] = fabs(s->value[i] - last);
		}
		last = s->value[i];
	}
	if (!why && n < 3)
		why = "too short";
	else if (!why && !n_changed)
		why = "constant";
	else if (!why && (double)n_changed < how->min_changing * (double)n &&
		 is_coarse(s, how->high_pass_s, d, n_d))
		why = "stands still: held, dead-banded or quantised";
	return why;
}

/*
 * Where in a step the stamps lie, seconds: a mean on the circle, so that 0.01
 * and 0.99 of a second are neighbours.
 */
static double phase_s(const struct wx_lag_series *s, double step_s)
{
	size_t every = s->n / MAX_LEARN + 1;
	double c = 0, q = 0;

	for (size_t i = 0; i < s->n; i += every) {
		double t = (double)(s->utc_us[i] - s->utc_us[0]) * 1e-6;
		double turn = 2 * M_PI * fmod(t, step_s) / step_s;

		c += cos(turn);
		q += sin(turn);
	}
	return atan2(q, c) / (2 * M_PI) * step_s;
}

/*
 * A value counts for the two bins around it, as linear interpolation would have
 * it: the stamps of a clock that gains a second in the span slide through all
 * of a step, and would jump where they enter the next.
 */
static void add(struct wx_lag_grid *g, float *weight, double at, float v)
{
	int64_t bin = (int64_t)floor(at);
	float share = (float)(at - floor(at));

	if (bin >= 0 && bin < g->n) {
		g->v[bin] += (1 - share) * v;
		weight[bin] += 1 - share;
	}
	if (bin + 1 >= 0 && bin + 1 < g->n) {
		g->v[bin + 1] += share * v;
		weight[bin + 1] += share;
	}
}

int wx_lag_grid_init(struct wx_lag_grid *g, const struct wx_lag_series *s,
		     double step_s, struct wx_error *err)
{
	double first_s = phase_s(s, step_s);
	double span_s = (double)(s->utc_us[s->n - 1] - s->utc_us[0]) * 1e-6;
	double base = NAN;
	float *weight;

	*g = (struct wx_lag_grid){ .step_s = step_s };
	if (!(span_s / step_s < (double)MAX_BINS))
		return wx_fail(err, WX_ERR_RANGE,
			       "%.0f s in steps of %g s: expected %g steps at "
			       "most",
			       span_s, step_s, (double)MAX_BINS);
	g->n = (int64_t)((span_s - first_s) / step_s) + 2;
	g->v = calloc((size_t)g->n, sizeof(*g->v));
	weight = calloc((size_t)g->n, sizeof(*weight));
	if (!g->v || !weight) {
		free(weight);
		wx_lag_grid_fini(g);
		return wx_fail_nomem(err);
	}
	for (size_t i = 0; i < s->n; i++) {
		double t = (double)(s->utc_us[i] - s->utc_us[0]) * 1e-6;

		if (!isfinite(s->value[i]))
			continue;
		/* Over the first value: floats then keep Pa of hPa. */
		base = isnan(base) ? s->value[i] : base;
		add(g, weight, (t - first_s) / step_s,
		    (float)(s->value[i] - base));
	}
	for (int64_t i = 0; i < g->n; i++)
		g->v[i] = weight[i] >= MIN_WEIGHT ? g->v[i] / weight[i] : NAN;
	g->t0_s = (double)s->utc_us[0] * 1e-6 + first_s;
	free(weight);
	return WX_OK;
}

/* sum[i], n[i]: of the bins before i. */
static void prefix(const struct wx_lag_grid *g, double *sum, int *n)
{
	sum[0] = 0;
	n[0] = 0;
	for (int64_t i = 0; i < g->n; i++) {
		bool is = !isnan(g->v[i]);

		sum[i + 1] = sum[i] + (is ? (double)g->v[i] : 0);
		n[i + 1] = n[i] + is;
	}
}

static double mad(const float *v, int64_t n)
{
	int64_t every = n / MAX_LEARN + 1;
	double d[MAX_LEARN + 1], m = 0;
	size_t n_d = 0;

	for (int64_t i = 0; i < n; i += every)
		if (!isnan(v[i]))
			d[n_d++] = fabs((double)v[i]);
	if (n_d) /* around 0: the mean was taken off */
		m = quantile(d, n_d, 0.5);
	return m;
}

int wx_lag_grid_clean(struct wx_lag_grid *g, double high_pass_s,
		      struct wx_error *err)
{
	/* 0: no high pass, only the mean of all */
	int64_t half =
		high_pass_s > 0 ? (int64_t)(high_pass_s / g->step_s / 2) : g->n;
	double *sum = malloc((size_t)(g->n + 1) * sizeof(*sum));
	int *n = malloc((size_t)(g->n + 1) * sizeof(*n));
	double clip;

	if (!sum || !n) {
		free(sum);
		free(n);
		return wx_fail_nomem(err);
	}
	prefix(g, sum, n);
	for (int64_t i = 0; i < g->n; i++) {
		int64_t lo = i > half ? i - half : 0;
		int64_t hi = i + half < g->n ? i + half + 1 : g->n;

		if (!isnan(g->v[i]))
			g->v[i] -=
				(float)((sum[hi] - sum[lo]) / (n[hi] - n[lo]));
	}
	free(sum);
	free(n);
	clip = CLIP_MAD * mad(g->v, g->n);
	for (int64_t i = 0; i < g->n && clip > 0; i++)
		if (fabs((double)g->v[i]) > clip)
			g->v[i] = (float)copysign(clip, (double)g->v[i]);
	return WX_OK;
}

void wx_lag_grid_fini(struct wx_lag_grid *g)
{
	free(g->v);
	g->v = NULL;
}
