/* SPDX-License-Identifier: MIT */
/*
 * tests/bench/labels_fit.c: models/rain.json from real series of rain.
 *
 *     labels_fit SERIES.csv... >models/rain.json
 *
 * The law starts as what is common of rain and is moved, number by number, as
 * long as the truth of the series becomes more probable to the smoother of
 * their tips: the mean over the series of -ln P(true class), every series
 * counting the same. A move away from where it started costs: few series must
 * not make a law of themselves. Numbers keep two digits, so that the file is
 * the same wherever this runs. How far gentler and fiercer rain lean from it is
 * not learnt: too few series are of one character.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labels_series.h"
#include "weather/smooth.h"
#include "weather/states.h"

enum { MAX_SERIES = 40, ROUNDS = 2, MANY_WINDOWS = 5000, SEEDS = 4 };
#define BUCKET_MM 0.2
/* Of a move by one step away from the start, squared. */
#define COST    5e-3
#define LEAST_P 1e-3

/* What is common, and a step of it: to be added, or a factor. */
static const struct number {
	const char *key;
	double start, step;
	bool factor;
} numbers[] = {
	{ "ln_mean", 0.2, .3, false },
	{ "ln_sigma", 1.6, 1.2, true },
	{ "hold_s", 1800, 1.4, true },
	{ "end_s", 4500, 1.4, true },
	{ "end_slope", -.7, .15, false },
	{ "pause_s", 1300, 1.4, true },
	{ "leave_s", 5400, 1.4, true },
	{ "dry_s", 40000, 1.5, true },
	{ "begin_ln_mean", -.8, .3, false },
	{ "begin_ln_sigma", 1.1, 1.2, true },
};
enum { N = sizeof(numbers) / sizeof(*numbers) };

static struct series series[MAX_SERIES];
static size_t n_series;
static struct all_judged rows[MAX_SERIES];
static struct wx_states_law builtin; /* for what is not learnt: leans */

/* The law's first members stand in the order of numbers[]. */
static struct wx_states_law law_of(const double *v)
{
	struct wx_states_law l = builtin;
	double *to[N] = { &l.ln_mean,       &l.ln_sigma,  &l.hold_s,
			  &l.end_s,         &l.end_slope, &l.pause_s,
			  &l.leave_s,       &l.dry_s,     &l.begin_ln_mean,
			  &l.begin_ln_sigma };

	for (int i = 0; i < N; i++)
		*to[i] = v[i];
	l.trust_states = 1;
	return l;
}

static double two_digits(double x)
{
	char text[32];

	snprintf(text, sizeof(text), "%.2g", x);
	return atof(text);
}

static double log_odds(double p)
{
	p = fmin(fmax(p, 2e-4), 1 - 2e-4);
	return log(p / (1 - p));
}

/* -ln P(true class), the mean of a series' windows. */
static double loss(const struct all_judged *a, double states, double gaps)
{
	double sum = 0;

	for (size_t i = 0; i < a->n; i++) {
		const struct judged *j = &a->v[i];
		double cdf[4] = { 0, 0, 0, 1 };

		for (int l = 0; l < 2; l++)
			cdf[l + 1] =
				1 /
				(1 +
				 exp(-states * log_odds((double)j->states[l]) -
				     gaps * log_odds((double)j->gaps[l])));
		sum -= log(fmax(cdf[j->truth + 1] - cdf[j->truth], LEAST_P));
	}
	return a->n ? sum / (double)a->n : NAN;
}

static double mean_loss(double states, double gaps)
{
	double sum = 0;
	int n = 0;

	for (size_t i = 0; i < n_series; i++) {
		double l = loss(&rows[i], states, gaps);

		if (!isnan(l)) {
			sum += l;
			n++;
		}
	}
	return sum / n;
}

static double cost_of(const double *v)
{
	double sum = 0;

	for (int i = 0; i < N; i++) {
		const struct number *k = &numbers[i];
		double z = k->factor ? log(v[i] / k->start) / log(k->step)
				     : (v[i] - k->start) / k->step;

		sum += z * z;
	}
	return COST * sum;
}

static double try_law(const double *v)
{
	struct wx_states_law law = law_of(v);
	struct wx_smooth *smooth;

	if (wx_smooth_new(&law, &smooth, NULL) != WX_OK)
		exit(1);
	for (size_t i = 0; i < n_series; i++) {
		rows[i].n = 0;
		for (uint64_t seed = 1; seed <= SEEDS; seed++)
			if (rows[i].n < MANY_WINDOWS)
				series_judge(&series[i], BUCKET_MM, seed,
					     smooth, true, &rows[i]);
	}
	wx_smooth_free(smooth);
	return mean_loss(1, 0) + cost_of(v);
}

static double moved(const struct number *k, double v, int way)
{
	double to = k->factor ? v * pow(k->step, way) : v + way * k->step;

	return two_digits(to);
}

static void search(double *v)
{
	double best = try_law(v);

	for (int round = 0; round < ROUNDS; round++)
		for (int i = 0; i < N; i++)
			for (int way = -1; way <= 1; way += 2) {
				double was = v[i], now;

				v[i] = moved(&numbers[i], was, way);
				now = try_law(v);
				fprintf(stderr, "%s %g: %.4f (%.4f)\n",
					numbers[i].key, v[i], now, best);
				if (now < best - 1e-4) {
					best = now;
					break;
				}
				v[i] = was;
			}
	try_law(v);
}

/* The two log-odds are of one sky: their weights add up to 1. */
static double trust(void)
{
	double best = INFINITY, out = 1;

	for (int a = 10; a <= 20; a++) {
		double l = mean_loss(a / 20.0, 1 - a / 20.0);

		fprintf(stderr, "trust %g: %.4f\n", a / 20.0, l);
		if (l < best) {
			best = l;
			out = a / 20.0;
		}
	}
	return out;
}

int main(int argc, char *argv[])
{
	double v[N], states;

	for (int i = 1; i < argc && n_series < MAX_SERIES; i++)
		series_read(argv[i], &series[n_series++]);
	if (!n_series || wx_states_law_read(&builtin, NULL) != WX_OK)
		return 2;
	for (int i = 0; i < N; i++)
		v[i] = numbers[i].start;
	search(v);
	states = trust();
	printf("{\n  \"model\": \"rain-1\",\n  \"description\": \"how rain "
	       "goes "
	       "on, for lib/weather/states.h; tests/bench/labels_fit.c prints "
	       "it\",\n  \"series\": [");
	for (size_t i = 0; i < n_series; i++)
		printf("%s\n    \"%s\"", i ? "," : "", series[i].name);
	printf("\n  ],\n");
	for (int i = 0; i < N; i++)
		printf("  \"%s\": %g,\n", numbers[i].key, v[i]);
	printf("  \"lean_ln_mean\": %g,\n  \"lean_begin_ln_mean\": %g,\n  "
	       "\"lean_hold\": %g,\n  \"lean_end\": %g,\n",
	       builtin.lean_ln_mean, builtin.lean_begin_ln_mean,
	       builtin.lean_hold, builtin.lean_end);
	printf("  \"trust_states\": %g,\n  \"trust_gaps\": %g\n}\n", states,
	       two_digits(1 - states));
	return 0;
}
