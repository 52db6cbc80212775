/* SPDX-License-Identifier: MIT */
/* lib/clock/fit_share.c: does the crystal follow its temperature, how much? */
#include <math.h>
#include <stdlib.h>

#include "clock/fit_parts.h"

/* Anchors that tell a fork from another crystal, and by how much of chi2. */
#define MIN_SHARE   4
#define SHARE_PROOF 20.0
/* A measured share: sure enough to be used, its grid, and a fork's most. */
#define SHARE_KNOWN 0.1
#define SHARE_GRID  0.05
#define SHARE_MAX   1.6
#define LEAN_GRID   0.01 /* 1/K */

/* Of y, the heat and what T0 does, each off its own weighted line. */
struct moments {
	double hh, hy, yy, ht;
};

static double weight_of(const struct wx_anchor *a, double rest_s)
{
	return 1 / (a->sigma_s * a->sigma_s + rest_s * rest_s);
}

/* Take the weighted line through (x, v) of used anchors off v. */
static void flatten(const struct wx_fit_work *w, double rest_s, double *v)
{
	double s = 0, sx = 0, sxx = 0, sv = 0, sxv = 0, det, k, off;

	for (size_t i = 0; i < w->n; i++) {
		double x = wx_fit_x(w, &w->a[i]), g;

		if (!w->a[i].used)
			continue;
		g = weight_of(&w->a[i], rest_s);
		s += g;
		sx += g * x;
		sxx += g * x * x;
		sv += g * v[i];
		sxv += g * x * v[i];
	}
	det = s * sxx - sx * sx;
	k = det > 0 ? (s * sxv - sx * sv) / det : 0;
	off = (sv - k * sx) / s;
	for (size_t i = 0; i < w->n; i++)
		v[i] -= off + k * wx_fit_x(w, &w->a[i]);
}

/* With the heat at share 1. */
static int heat_moments(const struct wx_fit_work *w, double rest_s,
			struct moments *m, struct wx_error *err)
{
	double *h = malloc(w->n * sizeof(*h)), *y = malloc(w->n * sizeof(*y));
	double *t = malloc(w->n * sizeof(*t));
	int rc = h && y && t ? WX_OK : wx_fail_nomem(err);

	*m = (struct moments){ 0 };
	for (size_t i = 0; i < w->n && rc == WX_OK; i++) {
		h[i] = wx_heat_gain(w->heat, (double)w->a[i].m_us);
		y[i] = wx_fit_y(w, &w->a[i]) + h[i];
		t[i] = wx_heat_turn(w->heat, (double)w->a[i].m_us);
	}
	if (rc == WX_OK) {
		flatten(w, rest_s, h);
		flatten(w, rest_s, y);
		flatten(w, rest_s, t);
	}
	for (size_t i = 0; i < w->n && rc == WX_OK; i++) {
		double g = weight_of(&w->a[i], rest_s);

		if (!w->a[i].used)
			continue;
		m->hh += g * h[i] * h[i];
		m->hy += g * h[i] * y[i];
		m->yy += g * y[i] * y[i];
		m->ht += g * h[i] * t[i];
	}
	free(h);
	free(y);
	free(t);
	return rc;
}

/*
 * Few anchors can only tell a fork from a crystal that does not feel the cold;
 * many tell how much it does. Rounded, so that a repeated pull changes nothing.
 */
int wx_fit_share(const struct wx_fit_work *w, struct wx_heat *heat,
		 struct wx_error *err)
{
	size_t n = wx_fit_count(w);
	double span_s = wx_fit_x(w, &w->a[w->n - 1]) - wx_fit_x(w, &w->a[0]);
	double prior_sd = heat->station ? WX_AIR_SHARE_SD : WX_FORK_BETA_SD;
	double rest_s, share, sd, chi2, over;
	struct moments m;
	int rc;

	if (!heat->n || n < MIN_SHARE)
		return WX_OK;
	heat->share = 1;
	heat->share_sd = prior_sd;
	heat->lean = 0;
	rest_s = 2 * WX_FORK_REST_PPM * 1e-6 * span_s / (double)(n - 1);
	rc = heat_moments(w, rest_s, &m, err);
	if (rc != WX_OK || !(m.hh > 0))
		return rc;
	share = m.hy / m.hh;
	chi2 = m.yy - share * m.hy;
	/* More than the anchors' own errors: nothing is proven by so little. */
	over = fmax(1, chi2 / (double)(n - 3));
	sd = sqrt(over / m.hh);
	if (n >= WX_FORK_FREE_ANCHORS && heat->range_k >= WX_FORK_FREE_K &&
	    sd < SHARE_KNOWN) {
		heat->share =
			fmin(fmax(round(share / SHARE_GRID), 0) * SHARE_GRID,
			     SHARE_MAX);
		heat->share_sd =
			fmax(2 * sd, heat->station ? WX_AIR_LEAST_SHARE_SD
						   : SHARE_GRID);
		heat->lean = round(m.ht / m.hh / LEAN_GRID) * LEAN_GRID;
	} else if (m.hh - 2 * m.hy >
		   SHARE_PROOF * over) { /* chi2 at 1 less at 0 */
		heat->share = 0;
		heat->share_sd = prior_sd;
	}
	return WX_OK;
}
