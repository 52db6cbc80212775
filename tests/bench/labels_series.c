/* SPDX-License-Identifier: MIT */
/* tests/bench/labels_series.c: see labels_series.h. */
#include "labels_series.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "sim/weather.h"
#include "weather/rate.h"
#include "weather/siphon.h"
#include "weather/smooth.h"

enum { MAX_TIPS = 400000, MAX_PIECES = 10000, NEAR_S = 1800, MARGIN_S = 86400 };
#define LOST_S       0.5
#define MINUTE_S     60.0
#define SIPHON_MM    0.4
#define SIPHON_TIP_S 6
#define NS           INT64_C(1000000000)

const struct wx_classes aurora3 = { .n = 3,
				    .name = { "none", "little", "rain" },
				    .limit = { .1, 2.5 },
				    .min_p = .8 };

double draw(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) +
		UINT64_C(1442695040888963407);
	return (double)(*seed >> 11) / 9007199254740992.0;
}

static void *must(void *p)
{
	if (!p) {
		perror("labels");
		exit(1);
	}
	return p;
}

static void name_of(const char *path, struct series *out)
{
	const char *base = strrchr(path, '/');

	snprintf(out->name, sizeof(out->name), "%s", base ? base + 1 : path);
	out->name[strcspn(out->name, ".")] = '\0';
}

void series_read(const char *path, struct series *out)
{
	FILE *f = must(fopen(path, "r"));
	char line[200];
	double *t = NULL, *v = NULL, t0;
	size_t n = 0, room_t = 0, room_v = 0;
	bool drops;

	must(fgets(line, sizeof(line), f));
	drops = !strstr(line, "mm_per_h");
	while (fgets(line, sizeof(line), f)) {
		if (WX_GROW(&t, &room_t, n + 1, NULL) != WX_OK ||
		    WX_GROW(&v, &room_v, n + 1, NULL) != WX_OK)
			must(NULL);
		if (sscanf(line, "%lf,%lf", &t[n], &v[n]) == 2)
			n++;
	}
	fclose(f);
	if (n < 2)
		must(NULL);
	*out = (struct series){ 0 };
	name_of(path, out);
	out->step_s = drops ? WINDOW_S : t[1] - t[0];
	t0 = drops ? floor(t[0] / 60) * 60 : t[0];
	out->t0_s = t0;
	out->n = (size_t)((t[n - 1] - t0) / out->step_s) + 1;
	out->rate_mm_h = must(calloc(out->n, sizeof(double)));
	for (size_t i = 0; i < n; i++) {
		double *r =
			&out->rate_mm_h[(size_t)((t[i] - t0) / out->step_s)];

		*r = drops ? *r + v[i] * 3600 / WINDOW_S : fmax(v[i], 0);
	}
	free(t);
	free(v);
}

void series_made(const char *climate, uint64_t seed, int days,
		 struct series *out)
{
	struct wx_sim_weather w = { .key = seed,
				    .climate = wx_sim_climate_get(climate) };
	static struct wx_sim_sample day[86400];

	*out = (struct series){ 0 };
	snprintf(out->name, sizeof(out->name), "%s %d", climate, (int)seed);
	out->step_s = 1;
	out->n = (size_t)days * 86400;
	out->rate_mm_h = must(calloc(out->n, sizeof(double)));
	for (int d = 0; d < days; d++) {
		wx_sim_weather_get(&w, INT64_C(1767225600) + d * 86400, 86400,
				   day);
		for (size_t i = 0; i < 86400; i++)
			out->rate_mm_h[(size_t)d * 86400 + i] =
				day[i].rain_mm_h;
	}
}

double series_tips(const char *path, struct series *s)
{
	FILE *f = must(fopen(path, "r"));
	double t, mm, each = NAN;
	char line[200];
	size_t room = 0;

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lf,%lf", &t, &mm) != 2)
			continue;
		each = fmin(each, mm); /* NAN: mm */
		if (WX_GROW(&s->tip_s, &room, s->n_tips + 1, NULL) != WX_OK)
			must(NULL);
		s->tip_s[s->n_tips++] = t + MINUTE_S / 2 - s->t0_s;
	}
	fclose(f);
	return each;
}

static size_t tips_given(const struct series *s, struct wx_tip *tip)
{
	for (size_t i = 0; i < s->n_tips && i < MAX_TIPS; i++)
		tip[i] =
			(struct wx_tip){ .utc_ns = (int64_t)(s->tip_s[i] * 1e9),
					 .sigma_s =
						 (float)(MINUTE_S / sqrt(12)) };
	return s->n_tips;
}

/*
 * The same through a siphon that holds SIPHON_MM back and lets it go within a
 * quarter of a minute, whatever rains; what is known of it is up to the gauge.
 */
static size_t siphoned(struct wx_tip *tip, size_t n, double bucket_mm)
{
	size_t k = (size_t)lround(SIPHON_MM / bucket_mm);

	for (size_t i = k - 1; i < n; i += k)
		for (size_t m = 1; m < k; m++) {
			int64_t at =
				tip[i].utc_ns - (int64_t)m * SIPHON_TIP_S * NS;

			if (at > tip[i - m].utc_ns)
				tip[i - m].utc_ns = at;
		}
	return n - n % k;
}

/* As a gauge takes tips that a logger counted by the step: spread over it. */
static void stamp(struct wx_tip *tip, size_t n, double step_s)
{
	int64_t step = (int64_t)(step_s * 1e9);

	for (size_t i = 0, k; i < n; i += k) {
		int64_t from = tip[i].utc_ns / step * step;

		for (k = 1; i + k < n && tip[i + k].utc_ns < from + step;)
			k++;
		for (size_t m = 0; m < k; m++) {
			double at = ((double)m + .5) / (double)k;

			tip[i + m].utc_ns = from + (int64_t)((double)step * at);
			tip[i + m].sigma_s =
				(float)(step_s / sqrt(12) / (double)k);
			tip[i + m].flags = m ? WX_TIP_SAME_ROW : 0;
		}
	}
}

static size_t tips_of(const struct series *s, double bucket_mm, uint64_t seed,
		      struct wx_tip *tip)
{
	double mm, deaf = 0;
	size_t n = 0;

	if (s->tip_s)
		return tips_given(s, tip);
	seed = seed * 7919 + 17;
	draw(&seed);
	mm = draw(&seed) * bucket_mm;
	for (size_t i = 0; i < s->n; i++) {
		double t = (double)i * s->step_s, end = t + s->step_s;
		double r = s->rate_mm_h[i];

		while (r > 0 && t < end && n < MAX_TIPS) {
			double full = t + (bucket_mm - mm) * 3600 / r;

			if (t < deaf) {
				t = fmin(deaf, end);
				continue;
			}
			if (full > end) {
				mm += r * (end - t) / 3600;
				break;
			}
			tip[n++] = (struct wx_tip){ .utc_ns = (int64_t)(full *
									1e9) };
			t = full;
			mm = 0;
			deaf = full + LOST_S;
		}
	}
	return n;
}

static int class_of(double mm_h)
{
	return (mm_h >= aurora3.limit[0]) + (mm_h >= aurora3.limit[1]);
}

/* Mean rate of each window; returns how many. */
static size_t truth_of(const struct series *s, float *out)
{
	size_t n = (size_t)((double)s->n * s->step_s / WINDOW_S);

	for (size_t i = 0; i < n; i++) {
		double a = (double)i * WINDOW_S, b = a + WINDOW_S, sum = 0;

		for (size_t k = (size_t)(a / s->step_s);
		     k < s->n && (double)k * s->step_s < b; k++)
			sum += s->rate_mm_h[k] *
			       (fmin(b, (double)(k + 1) * s->step_s) -
				fmax(a, (double)k * s->step_s));
		out[i] = (float)(sum / WINDOW_S);
	}
	return n;
}

static void near_rain(const float *truth, size_t n, char *near)
{
	size_t reach = NEAR_S / WINDOW_S;

	for (size_t i = 0; i < n; i++)
		if (class_of((double)truth[i]) > 0)
			for (size_t k = i < reach ? 0 : i - reach;
			     k < n && k <= i + reach; k++)
				near[k] = 1;
}

/* Tips in [from, to). */
static int count(const struct wx_gauge *g, int64_t from, int64_t to)
{
	int n = 0;

	for (size_t i = 0; i < g->n_tips && g->tip[i].utc_ns < to; i++)
		n += g->tip[i].utc_ns >= from;
	return n;
}

static void naive(const struct wx_gauge *g, int64_t from, size_t *at,
		  struct judged *j)
{
	int64_t minute = from - from % (60 * NS), mid = from + 5 * NS;
	double b = g->bucket_mm, gap_s = INFINITY;
	struct wx_gauge near = *g;
	size_t first;

	while (*at < g->n_tips && g->tip[*at].utc_ns <= mid)
		++*at;
	if (*at > 0 && *at < g->n_tips)
		gap_s = (double)(g->tip[*at].utc_ns - g->tip[*at - 1].utc_ns) /
			1e9;
	first = *at > 100 ? *at - 100 : 0;
	near.tip += first;
	near.n_tips -= first;
	j->naive[0] = class_of(count(&near, from, from + WINDOW_S * NS) * b *
			       3600 / WINDOW_S);
	j->naive[1] = class_of(count(&near, minute, minute + 60 * NS) * b * 60);
	j->naive[2] = class_of(3600 * b / gap_s);
}

/* What even a gauge that is never wrong would say of longer than the window. */
static void known(const float *truth, size_t n, size_t i, struct judged *j)
{
	static const size_t each_side[2] = { 30 / WINDOW_S, 150 / WINDOW_S };

	for (int k = 0; k < 2; k++) {
		size_t a = i > each_side[k] ? i - each_side[k] : 0, b = a;
		double sum = 0;

		for (; b < n && b <= i + each_side[k]; b++)
			sum += (double)truth[b];
		j->known[k] = class_of(sum / (double)(b - a));
	}
}

/* Does the record end before the gap does? */
static bool judge(struct wx_rate *r, int64_t from, struct judged *j)
{
	struct wx_class_label l = { .n_probs = 0 };
	struct wx_rate_why why;

	wx_rate_label(r, (struct wx_time){ from }, WINDOW_S, 0, &l, &why);
	j->label = 0;
	for (int i = 1; i < 3; i++)
		if (l.probs[i] > l.probs[j->label])
			j->label = i;
	j->p = (float)l.p;
	j->cdf[0] = (float)l.probs[0];
	j->cdf[1] = (float)(l.probs[0] + l.probs[1]);
	return why.edge;
}

/* The two that are put together, each alone. */
static void judge_apart(struct wx_rate *r, const struct wx_span *read,
			int64_t from, struct judged *j)
{
	struct wx_smooth *smooth = r->smooth;
	double cdf[WX_MAX_LIMITS];
	struct judged gap = { 0 };

	r->smooth = NULL;
	judge(r, from, &gap);
	r->smooth = smooth;
	memcpy(j->gaps, gap.cdf, sizeof(gap.cdf));
	memcpy(j->states, gap.cdf, sizeof(gap.cdf));
	if (wx_smooth_at(smooth, read, from + WINDOW_S * NS / 2, cdf))
		for (int i = 0; i < 2; i++)
			j->states[i] = (float)cdf[i];
}

static size_t cut(struct wx_span all, double step_s, struct wx_span *out)
{
	int64_t step = (int64_t)(step_s * 1e9);
	size_t n = 0;

	for (int64_t t = all.from_ns; t < all.to_ns && n < MAX_PIECES;
	     t += step)
		out[n++] = (struct wx_span){ t, t + step, 0 };
	return n;
}

void series_judge(const struct series *s, double bucket_mm, uint64_t seed,
		  struct wx_smooth *smooth, bool both, struct all_judged *out)
{
	struct wx_tip *tip = must(calloc(MAX_TIPS, sizeof(*tip)));
	double length_s = (double)s->n * s->step_s;
	size_t most = (size_t)(length_s / WINDOW_S) + 1, n, at = 0;
	float *truth = must(calloc(most, sizeof(*truth)));
	char *near = must(calloc(most, 1));
	struct wx_span read = { .from_ns = -MARGIN_S * NS,
				.to_ns = ((int64_t)length_s + MARGIN_S) * NS };
	static struct wx_span pieces[MAX_PIECES];
	struct wx_gauge g = { .bucket_mm = bucket_mm,
			      .tip = tip,
			      .n_tips = tips_of(s, bucket_mm, seed, tip),
			      .read = { .v = &read, .n = 1 } };
	struct wx_rate r;

	if (s->siphon)
		g.n_tips = siphoned(tip, g.n_tips, bucket_mm);
	if (s->stamp_s > 0)
		stamp(tip, g.n_tips, s->stamp_s);
	if (s->cut_s > 0)
		g.read = (struct wx_spans){ .v = pieces,
					    .n = cut(read, s->cut_s, pieces) };
	if (s->siphon == SIPHON_KNOWN)
		g.n_tips = wx_siphon_join(tip, g.n_tips, &g.bucket_mm);
	wx_rate_init(&r, &g, &aurora3);
	wx_smooth_begin(smooth, &g, &aurora3);
	r.smooth = smooth;
	n = truth_of(s, truth);
	near_rain(truth, n, near);
	for (size_t i = 0; i < n; i++) {
		int64_t from = (int64_t)i * WINDOW_S * NS;
		struct judged j = { .truth = class_of((double)truth[i]),
				    .mm_h = truth[i] };

		if (!near[i] || (double)i * WINDOW_S < s->from_s)
			continue;
		if (!judge(&r, from, &j) && s->cut_s > 0)
			continue;
		known(truth, n, i, &j);
		naive(&g, from, &at, &j);
		if (both)
			judge_apart(&r, &read, from, &j);
		if (WX_GROW(&out->v, &out->room, out->n + 1, NULL) != WX_OK)
			must(NULL);
		out->v[out->n++] = j;
	}
	free(tip);
	free(truth);
	free(near);
}
