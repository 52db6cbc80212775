/* SPDX-License-Identifier: MIT */
/*
 * tests/bench/labels_score.c: how right rain labels are, and how honest.
 *
 *     labels_score [-b BUCKET_MM] [-n SEEDS] [-d DAYS] [-m MODEL|DIR]
 *                  [-t TIPS.csv] [-f EPOCH_S] [-p 1|2] [-e S] [-s S]
 *                  CLIMATE|SERIES.csv...
 *
 * A row for each series, one for all. Beside the labels: tips in the window,
 * tips in the minute and the bare inter-tip rate, on the same windows. DIR
 * holds a model for each series, NAME.json. Nothing before -f is judged.
 * -e: the record ends and begins so often, and windows near that are judged.
 * -s: its tips were counted so often, not stamped.
 * -p: the gauge has a siphon that nobody told of (1), or that is known (2).
 *
 * Then the same of rain or not, which is right where the window's chance of
 * rain is above or below a half. What can be reached there is a matter of the
 * windows: beside it stand the share of them that is rain, that whose true rate
 * is within a quarter of the limit, and how often the true mean of the minute
 * and of 5 minutes is on the same side of it as the window. Tips of 0.2 mm are
 * 288 s apart at the limit.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

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
		two += (v[i].cdf[1] < .5F) == (v[i].truth == 2);
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

static void head_two(FILE *out)
{
	fprintf(out,
		"rain or not\n%-34s windows  rain  near   acc2  window minute  "
		"bare   true minute, 5 min\n",
		"");
}

static void row_two(FILE *out, const char *name, const struct judged *v,
		    size_t n)
{
	size_t rain = 0, near = 0, right = 0, naive[3] = { 0 }, known[2];

	memset(known, 0, sizeof(known));
	for (size_t i = 0; i < n; i++) {
		bool is = v[i].truth == 2;

		rain += is;
		near += fabs(log((double)v[i].mm_h / 2.5)) < log(1.25);
		right += (v[i].cdf[1] < .5F) == is;
		for (int k = 0; k < 3; k++)
			naive[k] += (v[i].naive[k] == 2) == is;
		for (int k = 0; k < 2; k++)
			known[k] += (v[i].known[k] == 2) == is;
	}
	fprintf(out,
		"%-34.34s %7zu %.3f %.3f  %.3f  %.3f  %.3f %.3f   %.3f %.3f\n",
		name, n, (double)rain / (double)n, (double)near / (double)n,
		(double)right / (double)n, (double)naive[0] / (double)n,
		(double)naive[1] / (double)n, (double)naive[2] / (double)n,
		(double)known[0] / (double)n, (double)known[1] / (double)n);
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

struct args {
	double bucket_mm, from_s, cut_s, stamp_s;
	int seeds, days;
	enum siphon siphon;
	const char *model, *tips;
};

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

/* By the model of the series; NULL: the one that is built in. */
static struct wx_smooth *smoother(const char *model, const char *series)
{
	struct wx_states_law law;
	struct wx_smooth *smooth;
	struct stat st;
	char path[4096];

	if (model) {
		bool folder = stat(model, &st) == 0 && S_ISDIR(st.st_mode);

		snprintf(path, sizeof(path), folder ? "%s/%s.json" : "%s",
			 model, series);
		law_read(path, &law);
	}
	if (wx_smooth_new(model ? &law : NULL, &smooth, NULL) != WX_OK)
		exit(1);
	return smooth;
}

/* All seeds of a climate or series; returns its name. */
static void score(const struct args *a, const char *what, char name[64],
		  struct all_judged *out)
{
	bool made = wx_sim_climate_get(what) != NULL;
	struct wx_smooth *smooth = NULL;

	*out = (struct all_judged){ 0 };
	for (int seed = 1; seed <= a->seeds; seed++) {
		double bucket_mm = a->bucket_mm;
		struct series s;

		if (made)
			series_made(what, (uint64_t)seed, a->days, &s);
		else
			series_read(what, &s);
		s.stamp_s = a->stamp_s;
		s.cut_s = a->cut_s;
		s.siphon = a->siphon;
		s.from_s = a->from_s - s.t0_s;
		snprintf(name, 64, "%s", made ? what : s.name);
		if (!smooth)
			smooth = smoother(a->model, name);
		if (a->tips)
			bucket_mm = series_tips(a->tips, &s);
		series_judge(&s, bucket_mm, (uint64_t)seed, smooth, false, out);
		free(s.rate_mm_h);
		free(s.tip_s);
	}
	wx_smooth_free(smooth);
}

static void report(const struct args *a, char *const *what, int n)
{
	struct all_judged all = { 0 };
	char name[64], *text = NULL;
	size_t size;
	FILE *two = open_memstream(&text, &size);

	if (!two)
		exit(1);
	head();
	head_two(two);
	for (int i = 0; i < n; i++) {
		struct all_judged one;

		score(a, what[i], name, &one);
		if (!one.n)
			continue;
		all.v = realloc(all.v, (all.n + one.n) * sizeof(*all.v));
		if (!all.v)
			exit(1);
		memcpy(all.v + all.n, one.v, one.n * sizeof(*one.v));
		all.n += one.n;
		row(name, one.v, one.n);
		row_two(two, name, one.v, one.n);
		free(one.v);
	}
	if (all.n) {
		row("all", all.v, all.n);
		row_two(two, "all", all.v, all.n);
		honesty(all.v, all.n);
	}
	fclose(two);
	if (all.n)
		fputs(text, stdout);
	free(text);
	free(all.v);
}
int main(int argc, char *argv[])
{
	struct args a = {
		.bucket_mm = .2, .from_s = -INFINITY, .seeds = 2, .days = 4
	};
	int c;

	while ((c = getopt(argc, argv, "b:n:d:m:t:f:p:e:s:")) != -1) {
		if (c == 'b')
			a.bucket_mm = atof(optarg);
		else if (c == 'n')
			a.seeds = atoi(optarg);
		else if (c == 'd')
			a.days = atoi(optarg);
		else if (c == 't')
			a.tips = optarg;
		else if (c == 'm')
			a.model = optarg;
		else if (c == 's')
			a.stamp_s = atof(optarg);
		else if (c == 'e')
			a.cut_s = atof(optarg);
		else if (c == 'p')
			a.siphon = (enum siphon)atoi(optarg);
		else if (c == 'f')
			a.from_s = atof(optarg);
		else
			return 2;
	}
	report(&a, argv + optind, argc - optind);
	return 0;
}
