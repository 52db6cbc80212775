/* SPDX-License-Identifier: MIT */
/* lib/clock/lag_row.c: the likelihood of each place, block by block. */
#include "clock/lag_row.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "clock/lag_parts.h"

#define BLOCK_S 10800.0
/* Differences that one call looks at; more are passed over evenly. */
enum { MAX_PAIRS = 8640, MIN_PAIRS = 20 };
/* Fewer blocks tell no spread. */
enum { MIN_BLOCKS = 4 };
/* A mean of the dense series must have this share of its weight: one of three
 * may be missing. */
#define MIN_WEIGHT 0.4
/*
 * Differences have the tails of Student's t with 4 degrees of freedom: gusts
 * and steps of a sensor count little.
 */
#define FREEDOM 4.0

struct rows {
	const struct wx_lag_series *sparse, *dense;
	double sign;    /* a later place is later in dense: 1; else -1 */
	double shift_s; /* dense time = sparse time + shift_s */
	double step_s, interval_s;
	double width_s; /* of the dense series' means */
};

/* Cubic B-spline, knots 1 apart: its sum hardly knows where samples lie. */
static double spline(double x)
{
	double a = fabs(x);

	if (a >= 2)
		return 0;
	return a >= 1 ? (2 - a) * (2 - a) * (2 - a) / 6
		      : 2.0 / 3 - a * a * (1 - a / 2);
}

/* The dense series around at_us; *from: where to begin, moves on. */
static double dense_at(const struct rows *r, double at_us, size_t *from)
{
	const struct wx_lag_series *d = r->dense;
	double reach_us = 2e6 * r->width_s, sum = 0, weight = 0;

	while (*from < d->n && (double)d->utc_us[*from] < at_us - reach_us)
		++*from;
	for (size_t i = *from;
	     i < d->n && (double)d->utc_us[i] < at_us + reach_us; i++) {
		double w = spline(((double)d->utc_us[i] - at_us) * 1e-6 /
				  r->width_s);

		if (!isfinite(d->value[i]))
			continue;
		sum += w * (d->value[i] - d->value[0]);
		weight += w;
	}
	return weight >= MIN_WEIGHT * r->width_s / r->step_s ? sum / weight
							     : NAN;
}

static size_t first_from(const struct wx_lag_series *s, double at_us)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if ((double)s->utc_us[mid] < at_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Sparse less dense at each place, of the sparse sample i. */
static void differences(const struct rows *r, size_t i,
			double out[WX_LAG_ROW_PLACES])
{
	double t_us = (double)r->sparse->utc_us[i] + r->shift_s * 1e6;
	size_t from =
		first_from(r->dense, t_us - 2e6 * (r->interval_s + r->width_s));

	for (int k = 0; k < WX_LAG_ROW_PLACES; k++) {
		int place = r->sign > 0 ? k : WX_LAG_ROW_PLACES - 1 - k;
		double off_s =
			r->sign * wx_lag_row_place(place) * r->interval_s;

		out[place] = r->sparse->value[i] -
			     dense_at(r, t_us + off_s * 1e6, &from);
	}
}

/* --- pairs of neighbours ------------------------------------------------ */

struct pairs {
	float (*e)[WX_LAG_ROW_PLACES]; /* changes of the difference */
	int64_t *block;
	size_t n;
};

static int pairs_init(struct pairs *p, struct wx_error *err)
{
	*p = (struct pairs){ 0 };
	p->e = malloc(MAX_PAIRS * sizeof(*p->e));
	p->block = malloc(MAX_PAIRS * sizeof(*p->block));
	return p->e && p->block ? WX_OK : wx_fail_nomem(err);
}

static void pairs_fini(struct pairs *p)
{
	free(p->e);
	free(p->block);
}

static void find_pairs(const struct rows *r, double sparse_step_s,
		       struct pairs *p)
{
	const struct wx_lag_series *s = r->sparse;
	size_t every = s->n / MAX_PAIRS + 1;

	for (size_t i = 0; i + 1 < s->n; i += every) {
		double a[WX_LAG_ROW_PLACES], b[WX_LAG_ROW_PLACES];
		double apart_s =
			(double)(s->utc_us[i + 1] - s->utc_us[i]) * 1e-6;
		bool known = apart_s > 0 && apart_s < 2 * sparse_step_s;

		if (!known)
			continue;
		differences(r, i, a);
		differences(r, i + 1, b);
		for (int k = 0; k < WX_LAG_ROW_PLACES; k++) {
			p->e[p->n][k] = (float)(b[k] - a[k]);
			known = known && isfinite(p->e[p->n][k]);
		}
		if (known)
			p->block[p->n++] = (int64_t)floor((double)s->utc_us[i] *
							  1e-6 / BLOCK_S);
	}
}

static int by_float(const void *pa, const void *pb)
{
	float a = *(const float *)pa, b = *(const float *)pb;

	return (a > b) - (a < b);
}

/* Standard deviation by the median, where the place is the steadiest. */
static double scale_of(const struct pairs *p, float *v)
{
	double least = INFINITY;

	for (int k = 0; k < WX_LAG_ROW_PLACES; k += WX_LAG_ROW_PER / 2) {
		for (size_t i = 0; i < p->n; i++)
			v[i] = fabsf(p->e[i][k]);
		qsort(v, p->n, sizeof(*v), by_float);
		least = fmin(least, 1.4826 * (double)v[p->n / 2]);
	}
	return least;
}

static int add_blocks(struct wx_lag_rows *rows, const struct pairs *p,
		      double scale, struct wx_error *err)
{
	struct wx_lag_row *row = NULL;

	for (size_t i = 0; i < p->n; i++) {
		if (!row || row->block != p->block[i]) {
			int rc = WX_GROW(&rows->row, &rows->size, rows->n + 1,
					 err);

			if (rc != WX_OK)
				return rc;
			row = &rows->row[rows->n++];
			*row = (struct wx_lag_row){ .block = p->block[i] };
		}
		for (int k = 0; k < WX_LAG_ROW_PLACES; k++) {
			double z = (double)p->e[i][k] / scale;

			row->unlike[k] +=
				(FREEDOM + 1) / 2 * log1p(z * z / FREEDOM);
		}
	}
	return WX_OK;
}

int wx_lag_rows_add(struct wx_lag_rows *rows, const struct wx_lag_series *node,
		    const struct wx_lag_series *ref, double interval_s,
		    double near_s, struct wx_error *err)
{
	double node_s = wx_lag_native_step(node);
	double ref_s = wx_lag_native_step(ref);
	bool node_is_sparse = node_s >= ref_s;
	struct rows r = {
		.sparse = node_is_sparse ? node : ref,
		.dense = node_is_sparse ? ref : node,
		.sign = node_is_sparse ? -1 : 1,
		.shift_s = node_is_sparse ? -near_s : near_s,
		.step_s = fmin(node_s, ref_s),
		.interval_s = interval_s,
		.width_s =
			fmax(fmin(node_s, ref_s), interval_s / WX_LAG_ROW_PER),
	};
	struct pairs p = { 0 };
	float *scratch = NULL;
	double scale = 0;
	int rc = WX_OK;

	if (!(node_s > 0 && ref_s > 0 && interval_s > 0))
		return WX_OK;
	rc = pairs_init(&p, err);
	if (rc == WX_OK)
		find_pairs(&r, fmax(node_s, ref_s), &p);
	if (rc == WX_OK && p.n >= MIN_PAIRS) {
		scratch = malloc(p.n * sizeof(*scratch));
		if (scratch)
			scale = scale_of(&p, scratch);
		else
			rc = wx_fail_nomem(err);
	}
	if (scale > 0)
		rc = add_blocks(rows, &p, scale, err);
	free(scratch);
	pairs_fini(&p);
	return rc;
}

int wx_lag_rows_join(struct wx_lag_rows *to, const struct wx_lag_rows *from,
		     struct wx_error *err)
{
	int rc = WX_GROW(&to->row, &to->size, to->n + from->n, err);

	if (rc != WX_OK)
		return rc;
	if (from->n)
		memcpy(to->row + to->n, from->row,
		       from->n * sizeof(*from->row));
	to->n += from->n;
	return WX_OK;
}

void wx_lag_rows_fini(struct wx_lag_rows *rows)
{
	free(rows->row);
	*rows = (struct wx_lag_rows){ 0 };
}

/* --- all together ------------------------------------------------------- */

static int by_block(const void *pa, const void *pb)
{
	const struct wx_lag_row *a = pa, *b = pb;

	return (a->block > b->block) - (a->block < b->block);
}

/* The likeliest of from .. to. */
static int best_of(const double *unlike, int from, int to)
{
	int best = from;

	for (int k = from + 1; k <= to; k++)
		if (unlike[k] < unlike[best])
			best = k;
	return best;
}

/* Between the places: a parabola's top. NAN: at the edge. */
static double refined(const double unlike[WX_LAG_ROW_PLACES])
{
	int k = best_of(unlike, 0, WX_LAG_ROW_PLACES - 1);
	double bend;

	if (k == 0 || k == WX_LAG_ROW_PLACES - 1)
		return NAN;
	bend = unlike[k - 1] - 2 * unlike[k] + unlike[k + 1];
	return wx_lag_row_place(k) +
	       (bend > 0 ? (unlike[k - 1] - unlike[k + 1]) / (2 * bend) : 0) /
		       WX_LAG_ROW_PER;
}

/* The rows of one block, of all nodes and days, are one. */
static void merge(struct wx_lag_rows *rows)
{
	size_t n = 0;

	qsort(rows->row, rows->n, sizeof(*rows->row), by_block);
	for (size_t i = 0; i < rows->n; i++) {
		if (n && rows->row[n - 1].block == rows->row[i].block)
			for (int k = 0; k < WX_LAG_ROW_PLACES; k++)
				rows->row[n - 1].unlike[k] +=
					rows->row[i].unlike[k];
		else
			rows->row[n++] = rows->row[i];
	}
	rows->n = n;
}

struct wx_lag_row_sum wx_lag_rows_sum(struct wx_lag_rows *rows)
{
	struct wx_lag_row_sum out = { .place = NAN, .sd = NAN };
	double total[WX_LAG_ROW_PLACES] = { 0 }, sum2 = 0, n;

	if (!rows->n)
		return out;
	merge(rows);
	out.n_blocks = rows->n;
	n = (double)rows->n;
	for (size_t i = 0; i < rows->n; i++)
		for (int k = 0; k < WX_LAG_ROW_PLACES; k++)
			total[k] += rows->row[i].unlike[k];
	out.place = refined(total);
	if (rows->n < MIN_BLOCKS)
		out.place = NAN;
	for (size_t i = 0; i < rows->n; i++) { /* jackknife */
		double without[WX_LAG_ROW_PLACES], d;

		for (int k = 0; k < WX_LAG_ROW_PLACES; k++)
			without[k] = total[k] - rows->row[i].unlike[k];
		d = refined(without) - out.place;
		sum2 += d * d;
	}
	out.sd = sqrt(sum2 * (n - 1) / n);
	if (isnan(out.sd))
		out.place = NAN;
	return out;
}

/* Of lo .. hi the likeliest by all blocks. */
static int best_within(const struct wx_lag_rows *rows, double lo, double hi)
{
	double total[WX_LAG_ROW_PLACES] = { 0 };

	for (size_t i = 0; i < rows->n; i++)
		for (int k = 0; k < WX_LAG_ROW_PLACES; k++)
			total[k] += rows->row[i].unlike[k];
	return best_of(total, (int)lround((lo + 2) * WX_LAG_ROW_PER),
		       (int)lround((hi + 2) * WX_LAG_ROW_PER));
}

double wx_lag_rows_prefer(const struct wx_lag_rows *rows, double lo, double hi,
			  double lo2, double hi2)
{
	int a = best_within(rows, lo, hi), b = best_within(rows, lo2, hi2);
	double n = (double)rows->n, sum = 0, sum2 = 0, var;

	if (rows->n < MIN_BLOCKS)
		return 0;
	for (size_t i = 0; i < rows->n; i++) {
		double d = rows->row[i].unlike[b] - rows->row[i].unlike[a];

		sum += d;
		sum2 += d * d;
	}
	var = (sum2 - sum * sum / n) / (n - 1) * n;
	return var > 0 ? sum / sqrt(var) : 0;
}
