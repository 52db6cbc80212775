/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/fit.c: the line of one boot, and how wrong it may be.
 *
 * All sums are in seconds relative to the first anchor (utc - m) and to ref_m,
 * so that doubles keep nanoseconds over decades.
 */
#include "clock/fit.h"

#include <math.h>
#include <stdlib.h>

#include "clock/step.h"

/* A pull that was killed and repeated comes about this much later. */
#define REPEAT_S 60.0
/* Grid over jitter: two runs fall on two grid points once in 100 or less. */
#define GRID_OVER_JITTER 100.0
#define REJECT_SIGMA     4.0
/* Up to here all pairs of anchors vote on the slope (45,000). */
#define ALL_PAIRS 300
/* Points of a block at which max_err looks: every half hour. */
#define BLOCK_POINTS 12

struct line {
	double off_s, rate; /* at ref; s/s */
};

struct work {
	struct wx_anchor *a;
	size_t n;
	int64_t ref_m_us;
	int64_t base_us; /* utc - m of the first usable anchor */
	double model_s;
};

/* Doubles hold microseconds of UTC; a stranger's integers may overflow. */
static double x_of(const struct work *w, const struct wx_anchor *a)
{
	return ((double)a->m_us - (double)w->ref_m_us) * 1e-6;
}

static double y_of(const struct work *w, const struct wx_anchor *a)
{
	return ((double)a->utc_us - (double)a->m_us - (double)w->base_us) *
	       1e-6;
}

static double resid(const struct work *w, const struct line *l,
		    const struct wx_anchor *a)
{
	return y_of(w, a) - l->off_s - l->rate * x_of(w, a);
}

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

static size_t count_used(const struct work *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->a[i].used;
	return n;
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
static bool pair_slope(const struct work *w, const struct wx_anchor *a,
		       const struct wx_anchor *b, struct vote *slope)
{
	double dx = x_of(w, b) - x_of(w, a);
	double noise = REJECT_SIGMA * hypot(a->sigma_s, b->sigma_s);
	double sd = hypot(vote_sigma(a), vote_sigma(b)) / dx;

	if (dx <= 0)
		return false;
	sd = hypot(sd, WX_WANDER_PPM / 2 * 1e-6);
	slope->v = (y_of(w, b) - y_of(w, a)) / dx;
	slope->weight = 1 / (sd * sd);
	return fabs(slope->v) <= WX_CLOCK_MAX_PPM * 1e-6 + noise / dx;
}

/*
 * Theil and Sen: the median of the slopes of all pairs, then the median of
 * what remains, weighted. Anchors wrong by whatever do no harm while they are
 * fewer than half. False when no two anchors agree.
 */
static bool robust_line(const struct work *w, struct vote *v, struct line *out)
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
	*out = (struct line){ 0, median(v, n) };
	n = 0;
	for (size_t i = 0; i < w->n; i++)
		if (w->a[i].used)
			v[n++] = (struct vote){ resid(w, out, &w->a[i]),
						1 / vote_sigma(&w->a[i]) };
	out->off_s = median(v, n);
	return true;
}

/* Seconds from anchor i to the nearest other one that is used. */
static double neighbour_s(const struct work *w, size_t i)
{
	double best = INFINITY;

	for (size_t j = i; j-- > 0;)
		if (w->a[j].used) {
			best = x_of(w, &w->a[i]) - x_of(w, &w->a[j]);
			break;
		}
	for (size_t j = i + 1; j < w->n; j++)
		if (w->a[j].used) {
			best = fmin(best,
				    x_of(w, &w->a[j]) - x_of(w, &w->a[i]));
			break;
		}
	return best;
}

static const char *name_fault(double resid_s)
{
	double hours = round(resid_s / 3600);

	if (hours != 0 && fabs(resid_s - 3600 * hours) <= 60)
		return "off by whole hours: a wrong time zone?";
	return "over 4 sigma off";
}

/*
 * Put aside what is over 4 sigma off the robust line, and learn how far the
 * rest are off it beyond their own errors.
 */
static void reject(struct work *w, const struct line *l, struct vote *v)
{
	double sum_r2 = 0, sum_s2 = 0, mad;
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		if (w->a[i].used)
			v[n++] =
				(struct vote){ fabs(resid(w, l, &w->a[i])), 1 };
	mad = 1.4826 * median(v, n);
	n = 0;
	for (size_t i = 0; i < w->n; i++) {
		struct wx_anchor *a = &w->a[i];
		double wander, sigma, r;

		if (!a->used)
			continue;
		r = resid(w, l, a);
		wander = WX_WANDER_PPM / 2 * 1e-6 * neighbour_s(w, i);
		sigma = hypot(hypot(a->sigma_s, mad), wander);
		if (fabs(r) > REJECT_SIGMA * sigma) {
			a->fault = name_fault(r);
			continue;
		}
		sum_r2 += r * r;
		sum_s2 += a->sigma_s * a->sigma_s;
		n++;
	}
	for (size_t i = 0; i < w->n; i++)
		w->a[i].used = w->a[i].used && !w->a[i].fault;
	if (n > 2)
		w->model_s = sqrt(fmax(0, sum_r2 - sum_s2) / (double)(n - 2));
}

/* No two anchors agree: the surest stays, of equals the last. */
static void keep_best(struct work *w)
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

static int choose(struct work *w, struct wx_error *err)
{
	size_t n = count_used(w);
	size_t n_pairs = w->n <= ALL_PAIRS ? w->n * w->n : w->n;
	struct line l;
	struct vote *v;

	if (n < 2)
		return WX_OK;
	v = malloc(n_pairs * sizeof(*v));
	if (!v)
		return wx_fail_nomem(err);
	if (!robust_line(w, v, &l))
		keep_best(w);
	else if (n > 2)
		reject(w, &l, v);
	free(v);
	return WX_OK;
}

/* Weighted least squares with the prior rate as one more observation. */
static struct line solve(const struct work *w, struct wx_clock_prior prior,
			 struct wx_clock *c)
{
	double sd = prior.sd_ppm * 1e-6, k0 = prior.rate_ppm * 1e-6;
	double s0 = 0, s1 = 0, s2 = 1 / (sd * sd);
	double b0 = 0, b1 = k0 / (sd * sd), det;

	for (size_t i = 0; i < w->n; i++) {
		const struct wx_anchor *a = &w->a[i];
		double x = x_of(w, a), y = y_of(w, a), g;

		if (!a->used)
			continue;
		g = 1 / (a->sigma_s * a->sigma_s + w->model_s * w->model_s);
		s0 += g;
		s1 += g * x;
		s2 += g * x * x;
		b0 += g * y;
		b1 += g * x * y;
	}
	det = s0 * s2 - s1 * s1;
	c->var_s2 = s2 / det;
	c->cov_s = -s1 / det;
	c->var_rate = s0 / det;
	return (struct line){ c->var_s2 * b0 + c->cov_s * b1,
			      c->cov_s * b0 + c->var_rate * b1 };
}

/* How far a repeated pull would move offset (s) and rate (s/s). */
static void jitter(const struct work *w, const struct wx_clock *c,
		   double prior_sd_ppm, double *off_s, double *rate)
{
	double drift = (c->n_used == 1 ? prior_sd_ppm : WX_WANDER_PPM / 2) *
		       1e-6 * REPEAT_S;

	*off_s = *rate = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct wx_anchor *a = &w->a[i];
		double x = x_of(w, a), g, j;

		if (!a->used || a->jitter_s == 0)
			continue;
		g = 1 / (a->sigma_s * a->sigma_s + w->model_s * w->model_s);
		j = hypot(a->jitter_s, drift);
		*off_s = hypot(*off_s, g * (c->var_s2 + c->cov_s * x) * j);
		*rate = hypot(*rate, g * (c->cov_s + c->var_rate * x) * j);
	}
}

static void round_line(const struct work *w, const struct line *l,
		       struct wx_clock_prior prior, struct wx_clock *c)
{
	double span_s = fmax((double)(c->hi_m_us - c->lo_m_us) * 1e-6, 1);
	double off_s, rate;
	int64_t grid_us, utc_us;

	jitter(w, c, prior.sd_ppm, &off_s, &rate);
	c->grid_s = wx_step_up(fmax(0.001, GRID_OVER_JITTER * off_s));
	grid_us = llround(c->grid_s * 1e6);
	utc_us = w->base_us + w->ref_m_us + llround(l->off_s * 1e6);
	c->ref_utc_us =
		(utc_us + grid_us / 2) / grid_us * grid_us; /* after 1970 */
	if (c->n_used == 1) { /* nothing was measured, nothing to round */
		c->rate_grid_ppm = 0;
		c->rate_ppm = prior.rate_ppm;
		return;
	}
	/* Over a short span the grid's effect is nothing, but other boots may
	 * lean on this rate: 1 ppm at most, unless it jitters more. */
	c->rate_grid_ppm =
		wx_step_up(1e6 * fmax(GRID_OVER_JITTER * rate,
				      fmin(c->grid_s / span_s, 1e-6)));
	c->rate_ppm =
		round(l->rate * 1e6 / c->rate_grid_ppm) * c->rate_grid_ppm;
}

/* Against the line as it is used, rounded. */
static void set_residuals(const struct work *w, struct wx_clock *c)
{
	double nearest = INFINITY;
	size_t n_good = 0;

	c->n_rejected = 0;
	for (size_t i = 0; i < w->n; i++) {
		struct wx_anchor *a = &w->a[i];
		struct wx_time t;

		if (a->invalid)
			continue;
		t = wx_clock_utc(c, (double)a->m_us);
		a->resid_s = wx_time_diff_s(wx_time_from_us(a->utc_us), t);
		c->n_rejected += !a->used;
		n_good += a->used;
		if (!a->used)
			nearest = fmin(nearest, fabs(a->resid_s));
	}
	/* Not outvoted: it may be the others that are wrong. */
	c->disagree_s = c->n_rejected >= n_good ? nearest : 0;
}

int wx_clock_fit(struct wx_anchor *a, size_t n, int64_t lo_m_us,
		 int64_t hi_m_us, struct wx_clock_prior prior,
		 struct wx_clock *out, struct wx_error *err)
{
	struct work w = { .ref_m_us = lo_m_us + (hi_m_us - lo_m_us) / 2 };
	struct wx_clock c = { .lo_m_us = lo_m_us,
			      .hi_m_us = hi_m_us,
			      .block = -1 };
	struct line l;
	int rc;

	for (size_t i = 0; i < n; i++) {
		a[i].used = !a[i].invalid;
		if (a[i].used) /* it may be there from an earlier fit */
			a[i].fault = NULL;
	}
	w.a = a;
	w.n = n;
	for (size_t i = n; i-- > 0;)
		if (a[i].used)
			w.base_us = a[i].utc_us - a[i].m_us;
	if (!count_used(&w))
		return 0;
	rc = choose(&w, err);
	if (rc != WX_OK)
		return rc;
	c.boot = a[0].boot;
	c.ref_m_us = w.ref_m_us;
	c.n_used = count_used(&w);
	c.model_s = w.model_s;
	c.anchor = a;
	c.n_anchors = n;
	l = solve(&w, prior, &c);
	c.rate_sd_ppm = sqrt(c.var_rate) * 1e6;
	round_line(&w, &l, prior, &c);
	set_residuals(&w, &c);
	*out = c;
	return 1;
}

bool wx_clock_has_rate(const struct wx_clock *c)
{
	return c->n_used > 1 && c->rate_sd_ppm < WX_SIBLING_SD_PPM / 2 &&
	       c->disagree_s == 0;
}

struct wx_time wx_clock_utc(const struct wx_clock *c, double m_us)
{
	double d_us = m_us - (double)c->ref_m_us;
	double utc_us = d_us + d_us * c->rate_ppm * 1e-6;

	return wx_time_add_ns(wx_time_from_us(c->ref_utc_us),
			      llround(utc_us * 1e3));
}

/* The used anchors beside m, or NULL. */
static void beside(const struct wx_clock *c, int64_t m_us,
		   const struct wx_anchor **left,
		   const struct wx_anchor **right)
{
	size_t lo = 0, hi = c->n_anchors;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->anchor[mid].m_us <= m_us)
			lo = mid + 1;
		else
			hi = mid;
	}
	*left = *right = NULL;
	for (size_t i = lo; i-- > 0 && !*left;)
		if (c->anchor[i].used)
			*left = &c->anchor[i];
	for (size_t i = lo; i < c->n_anchors && !*right; i++)
		if (c->anchor[i].used)
			*right = &c->anchor[i];
}

/* wx_clock_max_err() at one instant, not rounded. */
static double err_at(const struct wx_clock *c, int64_t m_us)
{
	double x = (double)(m_us - c->ref_m_us) * 1e-6;
	double var = c->var_s2 + 2 * c->cov_s * x + c->var_rate * x * x;
	double round_s = hypot(c->grid_s, c->rate_grid_ppm * 1e-6 * x);
	const struct wx_anchor *side[2];
	double near = INFINITY, misfit = 0, wander;

	beside(c, m_us, &side[0], &side[1]);
	for (int i = 0; i < 2; i++) {
		if (!side[i])
			continue;
		near = fmin(near, fabs((double)(m_us - side[i]->m_us) * 1e-6));
		/* What its own error explains is in var already. */
		misfit = fmax(misfit,
			      fabs(side[i]->resid_s) - 2 * side[i]->sigma_s);
	}
	wander = WX_WANDER_PPM * 1e-6 * near;
	/* Rounding is uniform: sd grid / sqrt(12), two of them. */
	return sqrt(4 * var + wander * wander + round_s * round_s / 3) +
	       misfit + c->disagree_s;
}

double wx_clock_max_err(struct wx_clock *c, int64_t m_us)
{
	int64_t block = m_us / WX_ERR_BLOCK_US;
	double worst = 0;

	if (block == c->block)
		return c->block_err_s;
	for (int i = 0; i <= BLOCK_POINTS; i++) {
		int64_t m = block * WX_ERR_BLOCK_US +
			    i * (WX_ERR_BLOCK_US / BLOCK_POINTS);

		/* Not where there is no capture. */
		m = m < c->lo_m_us ? c->lo_m_us : m;
		m = m > c->hi_m_us ? c->hi_m_us : m;
		worst = fmax(worst, err_at(c, m));
	}
	c->block = block;
	c->block_err_s = wx_step_up(worst);
	return c->block_err_s;
}
