/* SPDX-License-Identifier: MIT */
/* lib/clock/fit_choose.c: which anchors belong together, and which are wrong. */
#include <math.h>
#include <stdlib.h>

#include "clock/fit_parts.h"
#include "clock/sanity.h"

#define REJECT_SIGMA 4.0
/* How many anchors back the one before may be: so many wrong ones in a row are
 * passed over. */
#define CHAIN_BACK 60
#define DAY_S      86400.0
/* Fewer anchors do not tell which of them is off. */
#define MIN_SPIKE 5
/* Up to here all pairs of anchors vote on the slope (45,000). */
#define ALL_PAIRS 300

struct vote {
	double v, weight;
};

static int by_value(const void *pa, const void *pb)
{
	const struct vote *a = pa, *b = pb;

	return (a->v > b->v) - (a->v < b->v);
}

/* Where half of the weight is reached; sorts votes. n > 0. */
static double median(struct vote *vote, size_t n)
{
	double half = 0, sum = 0;
	size_t i = 0;

	qsort(vote, n, sizeof(*vote), by_value);
	for (size_t k = 0; k < n; k++)
		half += vote[k].weight / 2;
	/* Less a hair, so that of two equals it is always the lower one. */
	while (i < n - 1 && (sum += vote[i].weight) < half * (1 - 1e-9))
		i++;
	return vote[i].v;
}

/*
 * Sigma as it counts in votes: what claims to be exact may be as wrong as any
 * other, and has no more than its vote.
 */
static double vote_sigma(const struct wx_anchor *a)
{
	return fmax(a->sigma_s, 0.1);
}

/* The slope that two anchors give, if a crystal can have it. */
static bool pair_slope(const struct wx_fit_work *w, const struct wx_anchor *a,
		       const struct wx_anchor *b, struct vote *slope)
{
	double dx = wx_fit_x(w, b) - wx_fit_x(w, a);
	double noise = REJECT_SIGMA * hypot(a->sigma_s, b->sigma_s);
	double sd = hypot(vote_sigma(a), vote_sigma(b)) / dx;

	if (dx <= 0)
		return false;
	sd = hypot(sd, w->osc->wander_ppm / 2 * 1e-6);
	slope->v = (wx_fit_y(w, b) - wx_fit_y(w, a)) / dx;
	slope->weight = 1 / (sd * sd);
	return fabs(slope->v) <= w->osc->max_ppm * 1e-6 + noise / dx;
}

/*
 * Theil and Sen: the median of the slopes of all pairs, then the median of
 * what remains, weighted. Anchors wrong by whatever do no harm while they are
 * fewer than half. False when no two anchors agree.
 */
static bool robust_line(const struct wx_fit_work *w, struct vote *v,
			struct wx_fit_line *out)
{
	size_t far = w->n / 2, n = 0;

	for (size_t i = 0; i < w->n; i++) {
		size_t last = w->n;
		size_t j = i + 1;

		if (w->n > ALL_PAIRS) { /* one distant partner each */
			j = i + far;
			last = j < w->n ? j + 1 : j;
		}
		for (; j < last; j++)
			if (w->a[i].used && w->a[j].used &&
			    pair_slope(w, &w->a[i], &w->a[j], &v[n]))
				n++;
	}
	if (!n)
		return false;
	*out = (struct wx_fit_line){ 0, median(v, n) };
	n = 0;
	for (size_t i = 0; i < w->n; i++)
		if (w->a[i].used)
			v[n++] = (struct vote){ wx_fit_resid(w, out, &w->a[i]),
						1 / vote_sigma(&w->a[i]) };
	out->off_s = median(v, n);
	return true;
}

static const char *name_fault(double resid_s)
{
	const char *zone = wx_zone_text(wx_zone_of(resid_s).kind);

	return zone ? zone : "over 4 sigma off";
}

/* By how much the rate may change between a and b, s/s, 1 sigma. */
static double chain_rate(const struct wx_fit_work *w, const struct wx_anchor *a,
			 const struct wx_anchor *b)
{
	double unknown = wx_heat_unknown_s(w->heat, a->m_us, b->m_us);

	return 1e-6 * (unknown > 0 ? w->chain_ppm : w->heat_ppm);
}

/* May a and b be of one crystal, whose mean rate is that of the line? */
static bool compatible(const struct wx_fit_work *w, const struct wx_fit_line *l,
		       const struct wx_anchor *a, const struct wx_anchor *b)
{
	double dx = wx_fit_x(w, b) - wx_fit_x(w, a);
	double sigma =
		hypot(hypot(a->sigma_s, b->sigma_s), chain_rate(w, a, b) * dx);

	return fabs(wx_fit_resid(w, l, b) - wx_fit_resid(w, l, a)) <=
	       REJECT_SIGMA * sigma;
}

struct link {
	double length; /* of the best chain that ends here */
	size_t before; /* SIZE_MAX: it begins here */
};

/*
 * The longest chain of anchors each of which is compatible with the next: a
 * clock whose rate changes with the weather stays in one, a wrong anchor is
 * in none. What is not in it is put aside.
 */
static void keep_chain(struct wx_fit_work *w, const struct wx_fit_line *l,
		       struct link *link)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < w->n; i++) {
		link[i] = (struct link){ 0, SIZE_MAX };
		if (!w->a[i].used)
			continue;
		link[i].length = 1 / vote_sigma(&w->a[i]);
		for (size_t k = 1; k <= CHAIN_BACK && k <= i; k++) {
			const struct link *b = &link[i - k];
			double length = b->length + 1 / vote_sigma(&w->a[i]);

			if (w->a[i - k].used && length > link[i].length &&
			    compatible(w, l, &w->a[i - k], &w->a[i]))
				link[i] = (struct link){ length, i - k };
		}
		if (best == SIZE_MAX || link[i].length > link[best].length)
			best = i;
	}
	for (size_t i = 0; i < w->n; i++)
		if (w->a[i].used) {
			w->a[i].fault =
				name_fault(wx_fit_resid(w, l, &w->a[i]));
			w->a[i].used = false;
		}
	for (; best != SIZE_MAX; best = link[best].before) {
		w->a[best].used = true;
		w->a[best].fault = NULL;
	}
}

struct spike {
	size_t i;     /* of an anchor in use */
	double sigma; /* how far it is off the line of the two beside it */
};

/*
 * Between the two beside it, or beyond the two next to it: as far as a change
 * of rate may take it? A front changes the rate for long, and passes; a host
 * that was wrong for one night does not.
 */
static double spike_sigma(const struct wx_fit_work *w, const struct spike *s,
			  size_t n, size_t k)
{
	size_t p = k == 0 ? 1 : k - 1, q = k == n - 1 ? n - 2 : k + 1;
	const struct wx_anchor *a = &w->a[s[k].i], *l, *r;
	double dl, dr, span, dev, sigma;

	p = k == n - 1 ? n - 3 : p;
	q = k == 0 ? 2 : q;
	l = &w->a[s[p].i];
	r = &w->a[s[q].i];
	dl = wx_fit_x(w, a) - wx_fit_x(w, l);
	dr = wx_fit_x(w, r) - wx_fit_x(w, a);
	span = dl + dr;
	if (!(span > 0))
		return 0;
	dev = wx_fit_y(w, a) -
	      (wx_fit_y(w, l) * dr + wx_fit_y(w, r) * dl) / span;
	sigma = hypot(hypot(l->sigma_s * dr / span, r->sigma_s * dl / span),
		      a->sigma_s);
	return fabs(dev) /
	       hypot(sigma, chain_rate(w, l, r) * fabs(dl * dr / span));
}

/* Put the worst of each neighbourhood aside, until none is left. */
static void drop_spikes(struct wx_fit_work *w, const struct wx_fit_line *l,
			struct spike *s)
{
	bool dropped = true;

	while (dropped) {
		size_t n = 0;

		for (size_t i = 0; i < w->n; i++)
			if (w->a[i].used)
				s[n++].i = i;
		dropped = false;
		if (n < MIN_SPIKE)
			return;
		for (size_t k = 0; k < n; k++)
			s[k].sigma = spike_sigma(w, s, n, k);
		for (size_t k = 0; k < n; k++) {
			struct wx_anchor *a = &w->a[s[k].i];

			if (s[k].sigma <= REJECT_SIGMA ||
			    (k && s[k - 1].sigma > s[k].sigma) ||
			    (k + 1 < n && s[k + 1].sigma >= s[k].sigma))
				continue;
			a->used = false;
			a->fault = name_fault(wx_fit_resid(w, l, a));
			dropped = true;
		}
	}
}

/* How far the anchors are off the line beyond their own errors. */
static void learn_model(struct wx_fit_work *w, const struct wx_fit_line *l)
{
	double sum_r2 = 0, sum_s2 = 0;
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct wx_anchor *a = &w->a[i];
		double r = wx_fit_resid(w, l, a);

		if (!a->used)
			continue;
		sum_r2 += r * r;
		sum_s2 += a->sigma_s * a->sigma_s;
		n++;
	}
	if (n > 2)
		w->model_s = sqrt(fmax(0, sum_r2 - sum_s2) / (double)(n - 2));
}

static int reject(struct wx_fit_work *w, const struct wx_fit_line *l,
		  struct wx_error *err)
{
	struct link *link = malloc(w->n * sizeof(*link));
	struct spike *spike;

	if (!link)
		return wx_fail_nomem(err);
	keep_chain(w, l, link);
	free(link);
	spike = malloc(w->n * sizeof(*spike));
	if (!spike)
		return wx_fail_nomem(err);
	drop_spikes(w, l, spike);
	free(spike);
	learn_model(w, l);
	return WX_OK;
}

/* No two anchors agree: the surest stays, of equals the last. */
static void keep_best(struct wx_fit_work *w)
{
	struct wx_anchor *best = NULL;

	for (size_t i = 0; i < w->n; i++)
		if (w->a[i].used && (!best || w->a[i].sigma_s <= best->sigma_s))
			best = &w->a[i];
	for (size_t i = 0; i < w->n; i++)
		if (w->a[i].used && &w->a[i] != best) {
			w->a[i].used = false;
			w->a[i].fault = "contradicts a surer anchor";
		}
}

/* Of one clock, whichever? Its offset, and no faster than a crystal goes. */
static bool same_clock(const struct wx_anchor *a, const struct wx_anchor *b)
{
	double dx = ((double)b->m_us - (double)a->m_us) * 1e-6;

	return fabs(b->resid_s - a->resid_s) <=
	       REJECT_SIGMA * hypot(a->sigma_s, b->sigma_s) + 1 +
		       WX_CLOCK_MAX_PPM * 1e-6 * fabs(dx);
}

static bool is_far(const struct wx_anchor *a)
{
	return !a->invalid && !a->used && fabs(a->resid_s) > DAY_S &&
	       wx_zone_of(a->resid_s).kind == WX_ZONE_NONE;
}

double wx_fit_other_clock(const struct wx_fit_work *w)
{
	double nearest = 0;

	for (size_t i = 0; i < w->n; i++) {
		struct wx_anchor *a = &w->a[i];
		size_t n = 0;

		for (size_t k = i > CHAIN_BACK ? i - CHAIN_BACK : 0;
		     k < w->n && k <= i + CHAIN_BACK && is_far(a); k++)
			n += k != i && is_far(&w->a[k]) &&
			     same_clock(a, &w->a[k]);
		if (!n)
			continue;
		a->fault = "of another clock under this boot number";
		if (!(nearest > 0) || fabs(a->resid_s) < nearest)
			nearest = fabs(a->resid_s);
	}
	return nearest;
}

int wx_fit_choose(struct wx_fit_work *w, struct wx_error *err)
{
	size_t n = wx_fit_count(w);
	size_t n_pairs = w->n <= ALL_PAIRS ? w->n * w->n : w->n;
	struct wx_fit_line l;
	struct vote *v;
	int rc = WX_OK;

	if (n < 2)
		return WX_OK;
	v = malloc(n_pairs * sizeof(*v));
	if (!v)
		return wx_fail_nomem(err);
	if (!robust_line(w, v, &l))
		keep_best(w);
	else if (n > 2)
		rc = reject(w, &l, err);
	free(v);
	return rc;
}
