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

#include "clock/fit_parts.h"
#include "clock/step.h"

/* With the heat known, rates of pieces differ by what beta may be wrong. */
#define BEND_HEAT_PPM 1.0
/*
 * How much the rate may change from anchor to anchor, 1 sigma: a fork whose
 * beta is 18 % and T0 3 K off does 10 ppm less or more than the typical one
 * when -5 degC become -20. As wx_osc.chain_ppm where temperature is not known.
 */
#define CHAIN_HEAT_PPM 2.5
/* A line that bends is rounded to these. */
#define BENT_GRID_US  INT64_C(1000000)
#define BENT_GRID_PPM 1.0
/* Anchors this far apart tell a mean rate; nightly pulls mostly are. */
#define STRETCH_S 72000.0
/* Points of a block at which max_err looks: every half hour. */
#define BLOCK_POINTS 12

const struct wx_osc wx_osc_crystal = {
	.name = "crystal",
	.max_ppm = WX_CLOCK_MAX_PPM,
	.prior_sd_ppm = WX_PRIOR_SD_PPM,
	.sibling_sd_ppm = WX_SIBLING_SD_PPM,
	.wander_ppm = WX_WANDER_PPM,
	.chain_ppm = 10, /* a fork is 42 ppm slower at -10 degC than at 25 */
	.jitter_ppm = 5,
};
const struct wx_osc wx_osc_rc = {
	.name = "RC oscillator",
	.max_ppm = 60000,
	.prior_sd_ppm = 15000,
	.sibling_sd_ppm = 1000,
	.wander_ppm = 600,
	.chain_ppm = 1000,
	.jitter_ppm = 800,
};
const struct wx_osc wx_osc_tcxo = {
	.name = "compensated crystal",
	.max_ppm = 20,
	.prior_sd_ppm = 2,
	.sibling_sd_ppm = 1,
	.wander_ppm = 2 * WX_TCXO_REST_PPM,
	.chain_ppm = WX_TCXO_REST_PPM,
	.jitter_ppm = WX_TCXO_REST_PPM,
};

/* Weighted least squares with the prior rate as one more observation. */
static struct wx_fit_line solve(const struct wx_fit_work *w,
				struct wx_clock_prior prior, struct wx_clock *c)
{
	double sd = prior.sd_ppm * 1e-6, k0 = prior.rate_ppm * 1e-6;
	double s0 = 0, s1 = 0, s2 = 1 / (sd * sd);
	double b0 = 0, b1 = k0 / (sd * sd), det, common = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct wx_anchor *a = &w->a[i];
		double x = wx_fit_x(w, a), y = wx_fit_y(w, a), g;

		if (!a->used)
			continue;
		g = 1 / (a->sigma_s * a->sigma_s + w->model_s * w->model_s);
		s0 += g;
		s1 += g * x;
		s2 += g * x * x;
		b0 += g * y;
		b1 += g * x * y;
		common += g * a->common_s;
	}
	c->common_s = wx_step_up(common / s0);
	det = s0 * s2 - s1 * s1;
	c->var_s2 = s2 / det;
	c->cov_s = -s1 / det;
	c->var_rate = s0 / det;
	return (struct wx_fit_line){ c->var_s2 * b0 + c->cov_s * b1,
				     c->cov_s * b0 + c->var_rate * b1 };
}

/* How far a repeated pull would move offset (s) and rate (s/s). */
static void jitter(const struct wx_fit_work *w, const struct wx_clock *c,
		   double prior_sd_ppm, double *off_s, double *rate)
{
	double drift =
		(c->n_used == 1 ? prior_sd_ppm : c->osc->wander_ppm / 2) *
		1e-6 * WX_REPEAT_S;

	*off_s = *rate = 0;
	for (size_t i = 0; i < w->n; i++) {
		const struct wx_anchor *a = &w->a[i];
		double x = wx_fit_x(w, a), g, j;

		if (!a->used || a->jitter_s == 0)
			continue;
		g = 1 / (a->sigma_s * a->sigma_s + w->model_s * w->model_s);
		j = hypot(a->jitter_s, drift);
		*off_s = hypot(*off_s, g * (c->var_s2 + c->cov_s * x) * j);
		*rate = hypot(*rate, g * (c->cov_s + c->var_rate * x) * j);
	}
}

static void round_line(const struct wx_fit_work *w, const struct wx_fit_line *l,
		       struct wx_clock_prior prior, struct wx_clock *c)
{
	double span_s = fmax((double)(c->hi_m_us - c->lo_m_us) * 1e-6, 1);
	double off_s, rate;
	int64_t grid_us, utc_us;

	jitter(w, c, prior.sd_ppm, &off_s, &rate);
	c->grid_s = wx_step_up(fmax(0.001, WX_GRID_OVER_JITTER * off_s));
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
		wx_step_up(1e6 * fmax(WX_GRID_OVER_JITTER * rate,
				      fmin(c->grid_s / span_s, 1e-6)));
	c->rate_ppm =
		round(l->rate * 1e6 / c->rate_grid_ppm) * c->rate_grid_ppm;
}

/* Against the line as it is used, rounded. */
static void set_residuals(const struct wx_fit_work *w, struct wx_clock *c)
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
	/* Nor of another clock, whose captures are here too. */
	c->other_clock_s = wx_fit_other_clock(w);
	c->disagree_s = fmax(c->disagree_s, c->other_clock_s);
}

/* Mean rates from anchor to anchor: how far is one from the next? */
static void set_swing(const struct wx_fit_work *w, struct wx_clock *c)
{
	const struct wx_anchor *last = NULL;
	double rate = NAN, most = 0;
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++) {
		const struct wx_anchor *a = &w->a[i];
		double dx = last ? wx_fit_x(w, a) - wx_fit_x(w, last) : 0;
		double next = NAN;

		if (!a->used || (last && dx < STRETCH_S))
			continue;
		if (last)
			next = (wx_fit_y(w, a) - wx_fit_y(w, last)) / dx;
		n += !isnan(next);
		most = fmax(most, fabs(next - rate)); /* no NAN */
		rate = next;
		last = a;
	}
	c->swing_ppm = n >= WX_SWING_STRETCHES ? most * 1e6 : NAN;
}

/* --- the fit ------------------------------------------------------------ */

static void reset(struct wx_fit_work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		struct wx_anchor *a = &w->a[i];

		a->used = !a->invalid;
		if (a->used) /* it may be there from an earlier fit */
			a->fault = NULL;
	}
	for (size_t i = w->n; i-- > 0;)
		if (w->a[i].used)
			w->base_us = w->a[i].utc_us - w->a[i].m_us;
	w->model_s = 0;
}

/*
 * From the first good anchor or capture to the last, by full quarters of a
 * day: a repeated pull changes nothing.
 */
static int init_heat(const struct wx_fit_work *w, struct wx_clock *c,
		     const struct wx_env *air, struct wx_error *err)
{
	int64_t lo = c->lo_m_us, hi = c->hi_m_us;

	for (size_t i = 0; i < w->n; i++) {
		int64_t m = w->a[i].m_us;

		if (!w->a[i].used)
			continue;
		lo = m < lo ? m : lo;
		hi = m > hi ? m : hi;
	}
	lo = lo / WX_ERR_BLOCK_US * WX_ERR_BLOCK_US;
	hi = (hi + WX_ERR_BLOCK_US * 3 / 2) / WX_ERR_BLOCK_US * WX_ERR_BLOCK_US;
	return wx_heat_init(&c->heat, air, lo, hi, w->ref_m_us, err);
}

static int bend_line(const struct wx_fit_work *w, struct wx_clock *c,
		     struct wx_error *err)
{
	bool heat = c->heat.n && c->heat.share > 0;
	struct wx_bend_point *p;
	size_t n = 0;
	int rc;

	if (c->disagree_s > 0)
		return WX_OK;
	p = malloc(w->n * sizeof(*p));
	if (!p)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < w->n; i++) {
		const struct wx_anchor *a = &w->a[i];

		if (a->used)
			p[n++] = (struct wx_bend_point){ a->m_us, a->resid_s,
							 a->sigma_s,
							 a->jitter_s };
	}
	rc = wx_bend_init(&c->bend, p, n,
			  heat ? BEND_HEAT_PPM : c->osc->wander_ppm / 2,
			  c->osc->jitter_ppm, err);
	free(p);
	return rc;
}

static void coarsen_line(struct wx_clock *c)
{
	const int64_t grid_us = BENT_GRID_US;

	c->grid_s = (double)grid_us * 1e-6;
	c->ref_utc_us = (c->ref_utc_us + grid_us / 2) / grid_us * grid_us;
	c->rate_grid_ppm = BENT_GRID_PPM;
	c->rate_ppm = round(c->rate_ppm / BENT_GRID_PPM) * BENT_GRID_PPM;
}

static int draw_line(struct wx_fit_work *w, struct wx_clock_prior prior,
		     struct wx_clock *c, struct wx_error *err)
{
	struct wx_fit_line l;
	int rc;

	c->n_used = wx_fit_count(w);
	c->model_s = w->model_s;
	l = solve(w, prior, c);
	c->rate_sd_ppm = sqrt(c->var_rate) * 1e6;
	round_line(w, &l, prior, c);
	set_residuals(w, c);
	set_swing(w, c);
	rc = bend_line(w, c, err);
	if (rc != WX_OK || !c->bend.n)
		return rc;
	/* The knots make good what a coarser line does not say, and one that
	 * is coarse stays the same when a pull is repeated. */
	coarsen_line(c);
	wx_bend_fini(&c->bend);
	set_residuals(w, c);
	rc = bend_line(w, c, err);
	set_residuals(w, c);
	return rc;
}

/* Fewer than half of the anchors are compatible with one crystal. */
static bool is_no_crystal(const struct wx_fit_work *w, size_t n_valid)
{
	return n_valid >= WX_RC_ANCHORS && 2 * wx_fit_count(w) < n_valid;
}

static void set_osc(struct wx_fit_work *w, const struct wx_osc *osc)
{
	w->osc = osc;
	w->heat_ppm = w->chain_ppm = osc->chain_ppm;
}

/* Are the anchors of the oscillator that was told? Else as if it was not. */
static int choose_told(struct wx_fit_work *w, const struct wx_osc *told,
		       struct wx_error *err)
{
	size_t n = wx_fit_count(w);
	int rc;

	set_osc(w, told);
	rc = wx_fit_choose(w, err);
	if (rc == WX_OK && 2 * wx_fit_count(w) < n) {
		w->osc = NULL;
		reset(w);
	}
	return rc;
}

static int choose(struct wx_fit_work *w, struct wx_clock *c,
		  const struct wx_env *air, struct wx_error *err)
{
	size_t n = wx_fit_count(w);
	int rc = init_heat(w, c, air, err);

	if (rc != WX_OK)
		return rc;
	set_osc(w, &wx_osc_crystal);
	rc = wx_fit_choose(w, err);
	/* Who is wrong was judged by another curve, and leniently: again. */
	for (int i = 0; i < 2 && rc == WX_OK && c->heat.n; i++) {
		w->heat_ppm = CHAIN_HEAT_PPM;
		rc = wx_fit_share(w, &c->heat, err);
		reset(w);
		if (rc == WX_OK)
			rc = wx_fit_choose(w, err);
	}
	if (rc != WX_OK || !is_no_crystal(w, n))
		return rc;
	wx_heat_fini(&c->heat);
	set_osc(w, &wx_osc_rc);
	reset(w);
	rc = wx_fit_choose(w, err);
	if (rc == WX_OK && 5 * wx_fit_count(w) < 4 * n) { /* nor that */
		set_osc(w, &wx_osc_crystal);
		reset(w);
		rc = wx_fit_choose(w, err);
	}
	return rc;
}

int wx_clock_fit(struct wx_anchor *a, size_t n, int64_t lo_m_us,
		 int64_t hi_m_us, const struct wx_env *air,
		 struct wx_clock_prior prior, struct wx_clock *out,
		 struct wx_error *err)
{
	struct wx_fit_work w = { .ref_m_us =
					 lo_m_us + (hi_m_us - lo_m_us) / 2 };
	struct wx_clock c = { .lo_m_us = lo_m_us,
			      .hi_m_us = hi_m_us,
			      .block = -1 };
	int rc = WX_OK;

	w.a = a;
	w.n = n;
	w.heat = &c.heat;
	reset(&w);
	if (!wx_fit_count(&w))
		return 0;
	c.boot = a[0].boot;
	c.ref_m_us = w.ref_m_us;
	c.anchor = a;
	c.n_anchors = n;
	c.told = prior.told;
	if (c.told)
		rc = choose_told(&w, c.told, err);
	if (rc == WX_OK && !w.osc)
		rc = choose(&w, &c, air, err);
	c.osc = w.osc;
	if (c.osc == &wx_osc_rc) /* it knows of no crystal's rate */
		prior.sd_ppm = fmax(prior.sd_ppm, c.osc->prior_sd_ppm);
	if (c.osc == &wx_osc_tcxo)
		prior.sd_ppm = fmin(prior.sd_ppm, c.osc->prior_sd_ppm);
	/* The heat has its part of the mean rate. */
	if (rc == WX_OK && c.heat.n)
		prior.rate_ppm -= wx_clock_mean_rate_ppm(&c);
	if (rc == WX_OK)
		rc = draw_line(&w, prior, &c, err);
	if (rc != WX_OK) {
		wx_clock_fini(&c);
		return rc;
	}
	*out = c;
	return 1;
}

void wx_clock_fini(struct wx_clock *c)
{
	wx_heat_fini(&c->heat);
	wx_bend_fini(&c->bend);
}

bool wx_clock_has_rate(const struct wx_clock *c)
{
	return c->n_used > 1 && c->rate_sd_ppm < c->osc->sibling_sd_ppm / 2 &&
	       c->disagree_s == 0;
}

struct wx_time wx_clock_utc(const struct wx_clock *c, double m_us)
{
	double d_us = m_us - (double)c->ref_m_us;
	double utc_us = d_us + d_us * c->rate_ppm * 1e-6;

	if (c->heat.n || c->bend.n)
		utc_us += 1e6 * (wx_heat_gain(&c->heat, m_us) +
				 wx_bend_at(&c->bend, m_us));
	return wx_time_add_ns(wx_time_from_us(c->ref_utc_us),
			      llround(utc_us * 1e3));
}

double wx_clock_mean_rate_ppm(const struct wx_clock *c)
{
	double lo = (double)c->lo_m_us, hi = (double)c->hi_m_us, gain_s;

	if ((!c->heat.n && !c->bend.n) || !(hi > lo))
		return c->rate_ppm;
	gain_s = wx_heat_gain(&c->heat, hi) - wx_heat_gain(&c->heat, lo) +
		 wx_bend_at(&c->bend, hi) - wx_bend_at(&c->bend, lo);
	return c->rate_ppm + gain_s * 1e12 / (hi - lo);
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

/* To the nearest quarter of a day: a repeated pull changes nothing. */
static int64_t m_of(const struct wx_anchor *a)
{
	const int64_t step = WX_ERR_BLOCK_US;

	return a ? (a->m_us + step / 2) / step * step : INT64_MIN;
}

/*
 * 2 sigma at near seconds from an anchor, where no temperature is known;
 * between: there is one on either side.
 */
static double wander_s(const struct wx_clock *c, double near, bool between)
{
	double any = wx_wander_s(c->osc->wander_ppm, near);

	if (!between || isnan(c->swing_ppm))
		return any;
	return fmin(any, 1e-6 * (c->osc->wander_ppm * WX_SWING_S +
				 2 * c->swing_ppm * near));
}

/* What neither its own error nor rounding explains: those count apart. */
static double misfit_s(const struct wx_clock *c, const struct wx_anchor *a)
{
	double x = (double)(a->m_us - c->ref_m_us) * 1e-6;
	double round_s =
		c->bend.n ? c->bend.grid_s
			  : c->grid_s + c->rate_grid_ppm * 1e-6 * fabs(x);

	return fabs(a->resid_s) - 2 * a->sigma_s - round_s / 2;
}

/* wx_clock_max_err() at one instant, not rounded. */
static double err_at(const struct wx_clock *c, int64_t m_us)
{
	double x = (double)(m_us - c->ref_m_us) * 1e-6;
	double var = c->var_s2 + 2 * c->cov_s * x + c->var_rate * x * x;
	double round_s = hypot(c->grid_s, c->rate_grid_ppm * 1e-6 * x);
	const struct wx_anchor *side[2];
	double near = INFINITY, misfit = 0, sigma = 0, wander;
	double grid_s = c->bend.n ? c->bend.grid_s : c->grid_s;
	int64_t at_us;

	if (c->bend.n)
		round_s = grid_s;
	beside(c, m_us, &side[0], &side[1]);
	for (int i = 0; i < 2; i++) {
		if (!side[i])
			continue;
		at_us = c->n_used == 1 ? m_of(side[i]) : side[i]->m_us;
		near = fmin(near, fabs((double)(m_us - at_us) * 1e-6));
		sigma = fmax(sigma, side[i]->sigma_s);
		misfit = fmax(misfit, misfit_s(c, side[i]));
	}
	/* In steps: it is in many blocks, and moves with a repeated pull. */
	misfit = ceil(misfit / grid_s) * grid_s;
	if (c->bend.n) /* no line far off, but what the next anchors say */
		var = sigma * sigma;
	else if (c->n_used == 1)
		var = sigma * sigma + c->var_rate * near * near;
	var = fmax(var, c->common_s * c->common_s);
	wander = wander_s(c, near, side[0] && side[1]);
	if (c->heat.n)
		wander = wx_heat_err(&c->heat, m_us, m_of(side[0]),
				     m_of(side[1]));
	/* Rounding is uniform: sd grid / sqrt(12), two of them. */
	return sqrt(4 * var + wander * wander + round_s * round_s / 3) +
	       misfit + c->disagree_s;
}

double wx_clock_max_err(struct wx_clock *c, int64_t m_us)
{
	int64_t block = m_us / WX_ERR_BLOCK_US;
	double worst = 0;
	/* A single anchor may be half a block from where it is taken to be. */
	int around = c->n_used == 1 ? BLOCK_POINTS / 2 : 0;

	if (block == c->block)
		return c->block_err_s;
	for (int i = -around; i <= BLOCK_POINTS + around; i++) {
		int64_t m = block * WX_ERR_BLOCK_US +
			    i * (WX_ERR_BLOCK_US / BLOCK_POINTS);

		/* Not where there is no capture. */
		m = m < c->lo_m_us ? c->lo_m_us : m;
		m = m > c->hi_m_us ? c->hi_m_us : m;
		worst = fmax(worst, err_at(c, m));
	}
	c->block = block;
	c->block_err_s = wx_step_bound(worst);
	return c->block_err_s;
}
