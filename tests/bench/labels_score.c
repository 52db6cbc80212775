/* SPDX-License-Identifier: MIT */
/*
 * tests/bench/labels_score.c: how right rain labels are, and how honest.
 *
 *     labels_score [-b BUCKET_MM] [-n SEEDS] [-d DAYS] [-m MODEL]
 *                  [-t TIPS.csv] CLIMATE|SERIES.csv...
 *
 * A row for each series, one for all. Beside the labels: tips in the window,
 * tips in the minute and the bare inter-tip rate, on the same windows.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labels_series.h"
#include "sim/weather.h"
#include "weather/smooth.h"
#include "weather/states.h"

static int surer(const void *a, const void *b)
{
	const struct judged *x = a, *y = b;

	return (x->p < y->p) - (x->p > y->p);
}

static double share(const struct judged *v, size_t n)
{
	size_t right = 0;

	for (size_t i = 0; i < n; i++)
		right += v[i].label == v[i].truth;
	return n ? (double)right / (double)n : NAN;
}

static void head(void)
{
	printf("%-34s windows  acc3  bal.  acc2  @80%%  @70%%  kept  acc.   "
	       "window minute  bare\n",
	       "");
}

static void row(const char *name, struct judged *v, size_t n)
{
	size_t of[3] = { 0 }, hit[3] = { 0 }, two = 0, kept = 0, naive[3];
	double balanced = 0;
	int present = 0;

	memset(naive, 0, sizeof(naive));
	qsort(v, n, sizeof(*v), surer);
	for (size_t i = 0; i < n; i++) {
		of[v[i].truth]++;
		hit[v[i].truth] += v[i].label == v[i].truth;
		two += (v[i].label == 2) == (v[i].truth == 2);
		kept += v[i].p >= .8F;
		for (int k = 0; k < 3; k++)
			naive[k] += v[i].naive[k] == v[i].truth;
	}
	for (int k = 0; k < 3; k++)
		if (of[k]) {
			balanced += (double)hit[k] / (double)of[k];
			present++;
		}
	printf("%-34.34s %7zu %.3f %.3f %.3f %.3f %.3f  %.2f %.3f   "
	       "%.3f  %.3f %.3f\n",
	       name, n, share(v, n), balanced / present,
	       (double)two / (double)n, share(v, n * 8 / 10),
	       share(v, n * 7 / 10), (double)kept / (double)n, share(v, kept),
	       (double)naive[0] / (double)n, (double)naive[1] / (double)n,
	       (double)naive[2] / (double)n);
}

/* v is sorted by p. */
static void honesty(const struct judged *v, size_t n)
{
	size_t i = 0;

	for (int k = 9; k >= 5; k--) {
		double said = 0;
		size_t first = i;

		for (; i < n && v[i].p >= (float)k / 10; i++)
			said += (double)v[i].p;
		if (i > first)
			printf("said %.1f to %.1f: %7zu windows, mean %.3f, "
			       "right %.3f\n",
			       k / 10.0, k / 10.0 + .1, i - first,
			       said / (double)(i - first),
			       share(v + first, i - first));
	}
}

static void law_read(const char *path, struct wx_states_law *law)
{
	static char text[10000];
	struct wx_error err = { 0 };
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(text, 1, sizeof(text), f) : 0;

	if (f)
		fclose(f);
	if (wx_states_law_parse(text, n, path, law, &err) != WX_OK) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
}

int main(int argc, char *argv[])
{
	double bucket_mm = .2;
	int seeds = 2, days = 4, c;
	struct all_judged all = { 0 };
	struct wx_smooth *smooth;
	struct wx_states_law law;
	const char *tips = NULL;
	bool own = false;

	while ((c = getopt(argc, argv, "b:n:d:m:t:")) != -1) {
		if (c == 'b')
			bucket_mm = atof(optarg);
		else if (c == 'n')
			seeds = atoi(optarg);
		else if (c == 'd')
			days = atoi(optarg);
		else if (c == 't')
			tips = optarg;
		else if (c == 'm') {
			law_read(optarg, &law);
			own = true;
		} else
			return 2;
	}
	if (wx_smooth_new(own ? &law : NULL, &smooth, NULL) != WX_OK)
		return 1;
	head();
	for (int i = optind; i < argc; i++) {
		bool made = wx_sim_climate_get(argv[i]) != NULL;
		struct all_judged one = { 0 };
		char name[64];

		for (int seed = 1; seed <= seeds; seed++) {
			struct series s;

			if (made)
				series_made(argv[i], (uint64_t)seed, days, &s);
			else
				series_read(argv[i], &s);
			if (tips)
				bucket_mm = series_tips(tips, &s);
			series_judge(&s, bucket_mm, (uint64_t)seed, smooth,
				     false, &one);
			snprintf(name, sizeof(name), "%s",
				 made ? argv[i] : s.name);
			free(s.rate_mm_h);
			free(s.tip_s);
		}
		if (!one.n)
			continue;
		all.v = realloc(all.v, (all.n + one.n) * sizeof(*all.v));
		if (!all.v)
			return 1;
		memcpy(all.v + all.n, one.v, one.n * sizeof(*one.v));
		all.n += one.n;
		row(name, one.v, one.n);
		free(one.v);
	}
	if (all.n) {
		row("all", all.v, all.n);
		honesty(all.v, all.n);
	}
	free(all.v);
	wx_smooth_free(smooth);
	return 0;
}
