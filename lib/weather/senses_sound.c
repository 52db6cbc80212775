/* SPDX-License-Identifier: MIT */
/* lib/weather/senses_sound.c: how loud rain is to a node, and when in a gap. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "weather/senses_parts.h"

/* So far from tips a node hears its place without rain, s. */
#define QUIET_S 1800.0
/* How long it takes to know it, s. */
#define LEAST_QUIET_S 600
/* Windows of a gap, at least; none of its time is without for over a share. */
#define LEAST_WINDOWS 4
#define MOST_HOLE     0.34
/* What passes by is short: levels are medians of what is within this, s. */
#define SMOOTH_S 15.0
/* Loudness by rate, dB per 10 log10(mm/h): what may come of it. */
#define LEAST_SLOPE 0.6
#define MOST_SLOPE  2.5
/* Scatter about that, dB: splashes are never less, and more is no scatter. */
#define LEAST_SCATTER_DB 1.5
#define MOST_SCATTER_DB  6.0

static double power(double db)
{
	return pow(10, db / 10);
}

void wx_senses_sound_add(struct wx_senses *s, const struct wx_sensed *w,
			 const struct wx_sensed_at *at, double stands_s)
{
	if (!isnan(w->level_db) && at->near_s >= QUIET_S * s->scale)
		s->now->quiet_s[(int)floorf(w->level_db) - SENSES_LOW_DB] +=
			(uint32_t)(stands_s + .5);
}

/* Is a gap heard well enough, all along? */
static bool is_heard(const struct wx_sensed *v, size_t n, double gap_s)
{
	int64_t last = 0;
	size_t heard = 0;
	double hole_s = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(v[i].level_db))
			continue;
		if (heard++)
			hole_s = fmax(hole_s,
				      (double)(v[i].from_ns - last) / 1e9 -
					      (double)v[i].length_s);
		last = v[i].from_ns;
	}
	if (heard < LEAST_WINDOWS)
		return false;
	/* What lies before the first and after the last is such a hole. */
	hole_s = fmax(hole_s,
		      gap_s - (double)(v[n - 1].from_ns - v[0].from_ns) / 1e9 -
			      (double)v[n - 1].length_s);
	return hole_s <= MOST_HOLE * gap_s;
}

void wx_senses_sound_gap(struct wx_senses *s, const struct wx_sensed *v,
			 size_t n, double gap_s)
{
	struct wx_sensed_day *d = s->now;
	double sum = 0, length_s = 0;

	if (!is_heard(v, n, gap_s) || d->n_seen++ % d->stride)
		return;
	if (d->n_gaps == SENSES_GAPS) { /* from now on every other */
		for (size_t i = 0; i < SENSES_GAPS / 2; i++)
			d->gap[i] = d->gap[2 * i];
		d->n_gaps /= 2;
		d->stride *= 2;
	}
	for (size_t i = 0; i < n; i++)
		if (!isnan(v[i].level_db)) {
			sum += power((double)v[i].level_db) *
			       (double)v[i].length_s;
			length_s += (double)v[i].length_s;
		}
	d->gap[d->n_gaps++] = (struct wx_sensed_gap){
		(float)(10 * log10(3600 * s->gauge->bucket_mm / gap_s)),
		(float)(10 * log10(sum / length_s))
	};
}

/* ---- what all days tell ---- */

struct ranked {
	double rate_db, level_db, rate_rank, level_rank;
};

static int by_rate(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	return (a->rate_db > b->rate_db) - (a->rate_db < b->rate_db);
}

static int by_level(const void *pa, const void *pb)
{
	const struct ranked *a = pa, *b = pb;

	return (a->level_db > b->level_db) - (a->level_db < b->level_db);
}

static double correlation(const struct ranked *v, size_t n)
{
	double mean = ((double)n - 1) / 2, ab = 0, aa = 0, bb = 0;

	for (size_t i = 0; i < n; i++) {
		double a = v[i].rate_rank - mean, b = v[i].level_rank - mean;

		ab += a * b;
		aa += a * a;
		bb += b * b;
	}
	return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : NAN;
}

/* Equal values share the mean of their ranks; Spearman's correlation. */
static double rank(struct ranked *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_rate);
	for (size_t i = 0, to; i < n; i = to) {
		for (to = i + 1; to < n && by_rate(&v[i], &v[to]) == 0;)
			to++;
		for (size_t k = i; k < to; k++)
			v[k].rate_rank = (double)(i + to - 1) / 2;
	}
	qsort(v, n, sizeof(*v), by_level);
	for (size_t i = 0, to; i < n; i = to) {
		for (to = i + 1; to < n && by_level(&v[i], &v[to]) == 0;)
			to++;
		for (size_t k = i; k < to; k++)
			v[k].level_rank = (double)(i + to - 1) / 2;
	}
	return correlation(v, n);
}

/*
 * Loudness by rate. Both scatter, so the slope is the ratio of their spreads.
 * What scatters about the line is at least what windows of one gap do: between
 * gaps drops are of other sizes, too.
 */
static void fit(struct wx_senses_told *t, const struct ranked *v, size_t n)
{
	double a = 0, b = 0, aa = 0, ab = 0, bb = 0, k;

	for (size_t i = 0; i < n; i++) {
		a += v[i].rate_db / (double)n;
		b += v[i].level_db / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		aa += (v[i].rate_db - a) * (v[i].rate_db - a);
		ab += (v[i].rate_db - a) * (v[i].level_db - b);
		bb += (v[i].level_db - b) * (v[i].level_db - b);
	}
	k = fmin(fmax(sqrt(bb / aa), LEAST_SLOPE), MOST_SLOPE);
	t->db_per_db = k;
	t->scatter_db = sqrt(fmax(bb - 2 * k * ab + k * k * aa, 0) / (double)n);
	t->scatter_db =
		fmin(fmax(t->scatter_db, LEAST_SCATTER_DB), MOST_SCATTER_DB);
}

/* What is heard far from rain. */
static void learn_quiet(struct wx_senses *s)
{
	uint64_t count[SENSES_DB] = { 0 }, all = 0, below = 0;
	int i = 0;

	for (size_t d = 0; d < WX_COUNT(s->day); d++)
		for (int k = 0; k < SENSES_DB && s->day[d].day != INT64_MIN;
		     k++) {
			count[k] += s->day[d].quiet_s[k];
			all += s->day[d].quiet_s[k];
		}
	for (int q = 0; q < SENSES_QUIET; q++) {
		uint64_t rank =
			all * (uint64_t)(2 * q + 1) / (2 * SENSES_QUIET);

		while (i < SENSES_DB - 1 && below + count[i] <= rank)
			below += count[i++];
		s->quiet[q] = all >= LEAST_QUIET_S
				      ? power(SENSES_LOW_DB + i + .5)
				      : NAN;
	}
}

/* What is louder than without rain; a tenth of it, where nothing is. NAN. */
static double above(const struct wx_senses *s, double level_db)
{
	double p = power(level_db);

	return fmax(p - s->quiet[SENSES_QUIET / 2], p / 10);
}

void wx_senses_sound_learn(struct wx_senses *s)
{
	struct ranked v[(WX_SENSES_DAYS + 1) * SENSES_GAPS];
	size_t n = 0;

	learn_quiet(s);
	for (size_t d = 0; d < WX_COUNT(s->day); d++)
		for (size_t i = 0;
		     i < s->day[d].n_gaps && s->day[d].day != INT64_MIN; i++) {
			const struct wx_sensed_gap *g = &s->day[d].gap[i];

			v[n++] = (struct ranked){ .rate_db = (double)g->rate_db,
						  .level_db =
							  (double)g->level_db };
		}
	s->told.n_gaps = n;
	s->told.rank = n > 1 ? rank(v, n) : NAN;
	s->told.db_per_db = s->told.scatter_db = NAN;
	if (s->told.rank > 0)
		fit(&s->told, v, n);
	s->told.hears = n >= WX_SENSES_LEAST_GAPS &&
			s->told.rank >= WX_SENSES_LEAST_RANK;
}

/* ---- one gap ---- */

static int by_f64(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

/* The median level around window i; NAN. */
static double level_at(const struct wx_sensed *v, size_t n, size_t i)
{
	enum { MOST = 64 };
	double near[MOST];
	int64_t reach = (int64_t)(SMOOTH_S * 1e9);
	size_t first = i, m = 0;

	while (first > 0 && v[i].from_ns - v[first - 1].from_ns <= reach)
		first--;
	for (size_t k = first;
	     k < n && v[k].from_ns - v[i].from_ns <= reach && m < MOST; k++)
		if (!isnan(v[k].level_db))
			near[m++] = (double)v[k].level_db;
	if (!m)
		return NAN;
	qsort(near, m, sizeof(*near), by_f64);
	return (near[(m - 1) / 2] + near[m / 2]) / 2;
}

void wx_senses_sound_share(const struct wx_senses *s, struct wx_sensed *v,
			   size_t n, double gap_s)
{
	double sum = 0, length_s = 0;

	if (!is_heard(v, n, gap_s))
		return;
	for (size_t i = 0; i < n; i++) {
		double level = level_at(v, n, i);

		if (isnan(level) || isnan(s->quiet[0]))
			continue;
		v[i].heard_db = (float)level;
		v[i].share = (float)pow(above(s, level), 1 / s->told.db_per_db);
		sum += (double)(v[i].share * v[i].length_s);
		length_s += (double)v[i].length_s;
	}
	/* Their mean is 1: the tips keep the total. */
	for (size_t i = 0; i < n; i++)
		v[i].share = (float)((double)v[i].share * length_s / sum);
}

/* ---- one window ---- */

/* So many levels tell of anything but rain and what is heard without. */
#define STRAY 0.1
/* Within a class, rates are as the tips have them, and at least so uncertain. */
#define LEAST_SCATTER 0.5
/* Of a first class, what is dry and not just little rain. */
#define DRY_SHARE 0.2
/* Rates that are looked at: ln(mm/h), 5e-3 to 200 mm/h. */
#define LOWEST  (-5.3)
#define HIGHEST 5.3
enum { RATES = 40 };

/* Of a level, where rain of this power adds to what is heard without. */
static double likelihood(const struct wx_senses *s, double level_db,
			 double rain)
{
	float sum = 0;

	/* Half the time that labelling takes with doubles. */
	for (int q = 0; q < SENSES_QUIET; q++) {
		float db = 10 * log10f((float)(s->quiet[q] + rain));
		float z = ((float)level_db - db) / (float)s->told.scatter_db;

		sum += expf(-z * z / 2);
	}
	return (double)sum / SENSES_QUIET + STRAY;
}

/* Of the window's level in each class. */
static void by_class(const struct wx_senses *s, const struct wx_sensed *w,
		     const struct wx_classes *c, double gap_s, double mm_h,
		     double out[WX_MAX_CLASSES])
{
	double scatter = fmax(wx_rate_scatter(gap_s / s->scale), LEAST_SCATTER);
	double level = (double)w->heard_db, weight[WX_MAX_CLASSES] = { 0 };
	double slope = s->told.db_per_db, mean = log(mm_h);
	/* The power of rain of the gap's rate. */
	double at_mean = above(s, level) * pow((double)w->share, -slope);

	memset(out, 0, WX_MAX_CLASSES * sizeof(*out));
	for (int k = 0, i = 0; k < RATES; k++) {
		double x = LOWEST + (HIGHEST - LOWEST) * (k + .5) / RATES;
		double z = (x - mean) / scatter;
		double p = exp(-z * z / 2) + 1e-6; /* none is impossible */

		while (i < c->n - 1 && x >= log(c->limit[i]))
			i++;
		weight[i] += p;
		out[i] += p * likelihood(s, level,
					 at_mean * exp(slope * (x - mean)));
	}
	for (int i = 0; i < c->n; i++)
		out[i] = weight[i] > 0 ? out[i] / weight[i] : 1;
	out[0] += DRY_SHARE * (likelihood(s, level, 0) - out[0]);
}

void wx_senses_sound_weigh(const struct wx_senses *s, const struct wx_sensed *w,
			   const struct wx_classes *c, double gap_s,
			   double *mm_h, double *cdf)
{
	double said[WX_MAX_CLASSES], was = 0, sum = 0;

	by_class(s, w, c, gap_s, *mm_h, said);
	for (int i = 0; i < c->n; i++) {
		double upto = i < c->n - 1 ? cdf[i] : 1;

		sum += said[i] * fmax(upto - was, 0);
		was = upto;
		if (i < c->n - 1)
			cdf[i] = sum;
	}
	for (int i = 0; i < c->n - 1; i++)
		cdf[i] /= sum;
	*mm_h *= (double)w->share;
}
