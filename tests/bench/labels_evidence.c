/* SPDX-License-Identifier: MIT */
/*
 * tests/bench/labels_evidence.c: what humidity and sound of a node are worth.
 *
 *     labels_evidence [-n SEEDS] [-s FIRST] [-d DAYS] CLIMATE|SERIES.csv...
 *
 * Weather and bucket are wx-sim's; of a real series, all but its rain. The node's sensors are made here, harder
 * than wx-sim's: see labels_evidence_node.c. Judged are 10 s windows within 30
 * minutes of true rain, by tips alone and with the evidence, on the same
 * windows: for each measure the difference and its 95 % interval, by a
 * bootstrap over what shares no rain: a seed of a climate, all nodes of a real
 * series. Bad evidence stands beside honest one: what it costs must be bounded.
 */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock/window.h"
#include "labels_evidence_node.h"
#include "labels_series.h"
#include "sim/station.h"
#include "sim/weather.h"
#include "weather/rate.h"
#include "weather/senses.h"
#include "weather/smooth.h"

enum { NEAR = 1800 / WINDOW_S, DRAWS = 2000, MAX_TIPS = 200000, DAY_N = 8640 };
#define NS        INT64_C(1000000000)
#define MARGIN_S  86400
#define BUCKET_MM 0.2

/* Sums of a season, by tips alone [0] and with the evidence [1]. */
struct sums {
	double n, of[3], used;
	double hit[2][3], two[2], kept[2], kept_right[2], sure[2],
		sure_right[2], loss[2], used_right[2];
};

enum { ACC3, BALANCED, ACC2, AT80, KEPT, KEPT_ACC, LOSS, N_MEASURES };
static const char *const measures[N_MEASURES] = { "acc3", "bal.", "acc2",
						  "@80%", "kept", "kept acc.",
						  "-ln p" };

struct one {
	unsigned char truth, label[2], keep[2], used;
	float p[2], p_truth[2];
};

struct season {
	struct one *v;
	size_t n, block; /* what shares its rain is of one block */
};

static double at_least[2]; /* p of the surest 80 % */

static void tip_add(void *ctx, int64_t utc_us, bool bounce)
{
	struct wx_gauge *g = ctx;

	if (!bounce && g->n_tips < MAX_TIPS)
		g->tip[g->n_tips++] =
			(struct wx_tip){ .utc_ns = utc_us * 1000 };
}

static void tips_make(const struct site *site, struct wx_gauge *g)
{
	struct wx_sim_bucket b;

	wx_sim_bucket_init(&b, site->key, BUCKET_MM);
	for (size_t i = 0; i < site->n_s; i++)
		wx_sim_bucket_step(&b, (int64_t)i * 1000000,
				   (double)site->rain_mm_h[i], tip_add, g);
}

static int class_of(double mm_h)
{
	return (mm_h >= aurora3.limit[0]) + (mm_h >= aurora3.limit[1]);
}

static void label_one(struct wx_rate *r, size_t i, int k, struct one *o)
{
	struct wx_class_label l;
	struct wx_rate_why why;
	int best = 0;

	wx_rate_label(r, (struct wx_time){ (int64_t)i * WINDOW_S * NS },
		      WINDOW_S, 0, &l, &why);
	for (int c = 1; c < 3; c++)
		if (l.probs[c] > l.probs[best])
			best = c;
	o->label[k] = (unsigned char)best;
	o->keep[k] = (unsigned char)l.keep;
	o->p[k] = (float)l.p;
	o->p_truth[k] = (float)l.probs[o->truth];
	if (k)
		o->used = (unsigned char)why.sensed;
}

/* Label all near windows; k: with the node's senses, day by day, or not. */
static void label_all(const struct site *site, const struct node *node,
		      struct wx_rate *r, unsigned use, const char *near,
		      struct season *out)
{
	struct wx_senses *senses = NULL;
	size_t m = 0;

	if (use && wx_senses_new(use, &senses, NULL) != WX_OK)
		exit(1);
	r->senses = senses;
	for (size_t i = 0; i < site->n; i++) {
		if (use && i % DAY_N == 0) {
			wx_senses_begin(senses, (int64_t)(i / DAY_N));
			for (size_t k = i; k < i + DAY_N && k < site->n; k++) {
				struct wx_window w = {
					.start_utc = { (int64_t)k * WINDOW_S *
						       NS },
					.length_s = WINDOW_S,
					.quality = 1,
					.rel_hum_pct = (double)node->rh[k],
					.rain_band_db = (double)node->db[k]
				};

				if (wx_senses_add(senses, &w, NULL) != WX_OK)
					exit(1);
			}
			wx_senses_learn(senses, r->gauge);
		}
		if (near[i])
			label_one(r, i, use != 0, &out->v[m++]);
	}
	r->senses = NULL;
	wx_senses_free(senses);
}

static struct season season_start(const struct site *site, char *near)
{
	struct season s = { 0 };
	size_t m = 0;

	memset(near, 0, site->n);
	for (size_t i = 0; i < site->n; i++)
		if (class_of((double)site->truth[i]) > 0)
			for (size_t k = i < NEAR ? 0 : i - NEAR;
			     k < site->n && k <= i + NEAR; k++)
				near[k] = 1;
	s.v = calloc(site->n, sizeof(*s.v));
	for (size_t i = 0; i < site->n; i++)
		if (near[i])
			s.v[m++].truth =
				(unsigned char)class_of((double)site->truth[i]);
	s.n = m;
	return s;
}

static int by_f32(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

static void find_at_least(const struct season *s, size_t n, int k)
{
	size_t all = 0, m = 0;
	float *p;

	for (size_t i = 0; i < n; i++)
		all += s[i].n;
	p = calloc(all, sizeof(*p));
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < s[i].n; j++)
			p[m++] = s[i].v[j].p[k];
	qsort(p, all, sizeof(*p), by_f32);
	at_least[k] = (double)p[all / 5];
	free(p);
}

static void add(struct sums *to, const struct sums *s)
{
	const double *from = (const double *)s;
	double *out = (double *)to;

	for (size_t i = 0; i < sizeof(*s) / sizeof(double); i++)
		out[i] += from[i];
}

static struct sums sums_of(const struct season *s)
{
	struct sums t = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		const struct one *o = &s->v[i];

		t.n++;
		t.of[o->truth]++;
		t.used += o->used != 0;
		for (int k = 0; k < 2; k++) {
			bool right = o->label[k] == o->truth;
			bool sure = (double)o->p[k] >= at_least[k];
			bool kept = o->keep[k] != 0;

			t.hit[k][o->truth] += right;
			t.two[k] += (o->label[k] == 2) == (o->truth == 2);
			t.kept[k] += kept;
			t.kept_right[k] += kept && right;
			t.sure[k] += sure;
			t.sure_right[k] += sure && right;
			t.used_right[k] += o->used && right;
			t.loss[k] -= log(fmax((double)o->p_truth[k], 1e-4));
		}
	}
	return t;
}

static void measure(const struct sums *t, int k, double out[N_MEASURES])
{
	double right = t->hit[k][0] + t->hit[k][1] + t->hit[k][2];

	out[ACC3] = right / t->n;
	out[BALANCED] = (t->hit[k][0] / t->of[0] + t->hit[k][1] / t->of[1] +
			 t->hit[k][2] / t->of[2]) /
			3;
	out[ACC2] = t->two[k] / t->n;
	out[AT80] = t->sure_right[k] / t->sure[k];
	out[KEPT] = t->kept[k] / t->n;
	out[KEPT_ACC] = t->kept_right[k] / t->kept[k];
	out[LOSS] = t->loss[k] / t->n;
}

static int by_f64(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* How far said and right are apart, of tenths of p from 0.5 up, at most. */
static double dishonesty(const struct season *s, size_t n, int k)
{
	double said[5] = { 0 }, right[5] = { 0 }, count[5] = { 0 }, worst = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < s[i].n; j++) {
			const struct one *o = &s[i].v[j];
			int t = (int)fminf(o->p[k] * 10 - 5, 4);

			if (o->p[k] < .5F)
				continue;
			said[t] += (double)o->p[k];
			right[t] += o->label[k] == o->truth;
			count[t]++;
		}
	for (int t = 0; t < 5; t++)
		if (count[t] > 0)
			worst = fmax(worst,
				     fabs(said[t] - right[t]) / count[t]);
	return worst;
}

static void report(const char *name, const struct season *s, size_t n)
{
	struct sums *each = calloc(n, sizeof(*each)), all = { 0 };
	size_t blocks = s[n - 1].block + 1;
	static double diff[N_MEASURES][DRAWS];
	double was[N_MEASURES], is[N_MEASURES];
	uint64_t seed = 1;

	for (int k = 0; k < 2; k++)
		find_at_least(s, n, k);
	for (size_t i = 0; i < n; i++) {
		struct sums t = sums_of(&s[i]);

		add(&each[s[i].block], &t);
		add(&all, &t);
	}
	for (int d = 0; d < DRAWS; d++) {
		struct sums t = { 0 };

		for (size_t i = 0; i < blocks; i++)
			add(&t, &each[(size_t)(draw(&seed) * (double)blocks)]);
		measure(&t, 0, was);
		measure(&t, 1, is);
		for (int m = 0; m < N_MEASURES; m++)
			diff[m][d] = is[m] - was[m];
	}
	measure(&all, 0, was);
	measure(&all, 1, is);
	printf("%s: used in %.1f %% of %.0f windows", name,
	       100 * all.used / all.n, all.n);
	if (all.used > 0)
		printf(", right there %.3f -> %.3f",
		       all.used_right[0] / all.used,
		       all.used_right[1] / all.used);
	putchar('\n');
	for (int m = 0; m < N_MEASURES; m++) {
		qsort(diff[m], DRAWS, sizeof(double), by_f64);
		printf("  %-9s %.4f -> %.4f  %+.4f [%+.4f, %+.4f]\n",
		       measures[m], was[m], is[m], is[m] - was[m],
		       diff[m][DRAWS / 40], diff[m][DRAWS - 1 - DRAWS / 40]);
	}
	printf("  %-9s %.4f -> %.4f, the tenth where p is least honest\n",
	       "honesty", dishonesty(s, n, 0), dishonesty(s, n, 1));
	fflush(stdout);
	free(each);
}

static void site_label(const struct site *site, struct wx_smooth *smooth,
		       char *near, struct season *base, struct season *out,
		       size_t stride)
{
	struct wx_span read = { .from_ns = -MARGIN_S * NS,
				.to_ns = ((int64_t)site->n_s + MARGIN_S) * NS };
	struct wx_gauge g = { .bucket_mm = BUCKET_MM,
			      .tip = calloc(MAX_TIPS, sizeof(struct wx_tip)),
			      .read = { .v = &read, .n = 1 } };
	struct node node = { 0 };
	struct wx_rate r;

	tips_make(site, &g);
	wx_rate_init(&r, &g, &aurora3);
	wx_smooth_begin(smooth, &g, &aurora3);
	r.smooth = smooth;
	*base = season_start(site, near);
	label_all(site, NULL, &r, 0, near, base);
	for (int c = 0; c < n_cases; c++) {
		struct season *s = &out[(size_t)c * stride];

		node_make(site, &cases[c], &node);
		s->n = base->n;
		s->v = calloc(base->n, sizeof(*s->v));
		memcpy(s->v, base->v, base->n * sizeof(*s->v));
		label_all(site, &node, &r, cases[c].use, near, s);
	}
	node_free(&node);
	free(g.tip);
}

int main(int argc, char *argv[])
{
	int seeds = 7, days = 4, first = 1, c;
	size_t n = 0, most, blocks = 0;
	struct season *s;
	struct wx_smooth *smooth;

	while ((c = getopt(argc, argv, "n:d:s:")) != -1) {
		if (c == 'n')
			seeds = atoi(optarg);
		else if (c == 'd')
			days = atoi(optarg);
		else if (c == 's')
			first = atoi(optarg);
		else
			return 2;
	}
	most = (size_t)(seeds * (argc - optind));
	s = calloc(most * (size_t)n_cases + 1, sizeof(*s));
	if (!s || wx_smooth_new(NULL, &smooth, NULL) != WX_OK)
		return 1;
	for (int i = optind; i < argc; i++)
		for (int seed = first; seed < first + seeds; seed++) {
			struct season base;
			struct site site;
			char *near;

			site_make(argv[i], (uint64_t)seed, days, &site);
			near = calloc(site.n, 1);
			site_label(&site, smooth, near, &base, &s[n], most);
			for (c = 0; c < n_cases; c++)
				s[(size_t)c * most + n].block = blocks;
			n++;
			if (seed == first + seeds - 1 ||
			    wx_sim_climate_get(argv[i]))
				blocks++;
			free(base.v);
			free(near);
			site_free(&site);
		}
	for (c = 0; c < n_cases; c++)
		report(cases[c].name, &s[(size_t)c * most], n);
	for (size_t i = 0; i < most * (size_t)n_cases; i++)
		free(s[i].v);
	free(s);
	wx_smooth_free(smooth);
	return 0;
}
