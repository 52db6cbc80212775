/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/fit_bend.c: a line in pieces, where anchors prove one line wrong.
 *
 * The pieces meet: time has no steps that no clock made. They meet at anchors,
 * where most is known, or rather at the nearest full 6 h of m: a repeated pull
 * moves an anchor. How high the line is there comes from least squares, held
 * together by how much a rate changes from piece to piece; how many pieces
 * there are, from what it costs to have more of them (Schwarz 1978).
 */
#include <math.h>
#include <stdlib.h>

#include "clock/fit_parts.h"
#include "clock/step.h"

#define KNOT_US INT64_C(21600000000)
/* Two anchors are always on a line. */
#define MIN_POINTS 3
/* A piece for each anchor, for two, four ... are tried. */
#define MAX_EVERY 16

/* Five diagonals of a symmetric matrix, then its factor L D L'. */
struct band {
	double *d, *e, *f; /* [i][i], [i][i + 1], [i][i + 2] */
	double *b;         /* right side, then the solution */
	size_t n;
};

static int band_init(struct band *s, size_t n)
{
	*s = (struct band){ .n = n };
	s->d = calloc(n, sizeof(double));
	s->e = calloc(n, sizeof(double));
	s->f = calloc(n, sizeof(double));
	s->b = calloc(n, sizeof(double));
	return s->d && s->e && s->f && s->b ? WX_OK : WX_ERR_NOMEM;
}

static void band_fini(struct band *s)
{
	free(s->d);
	free(s->e);
	free(s->f);
	free(s->b);
}

static void factor(struct band *s)
{
	for (size_t i = 0; i < s->n; i++) {
		double e = s->e[i], f = s->f[i];

		if (i + 1 < s->n) {
			s->e[i] = e / s->d[i];
			s->d[i + 1] -= e * s->e[i];
		}
		if (i + 2 < s->n) {
			s->f[i] = f / s->d[i];
			s->e[i + 1] -= f * s->e[i];
			s->d[i + 2] -= f * s->f[i];
		}
	}
}

static void solve(struct band *s)
{
	size_t n = s->n;

	for (size_t i = 0; i < n; i++) {
		if (i + 1 < n)
			s->b[i + 1] -= s->e[i] * s->b[i];
		if (i + 2 < n)
			s->b[i + 2] -= s->f[i] * s->b[i];
	}
	for (size_t i = n; i-- > 0;) {
		s->b[i] /= s->d[i];
		if (i + 1 < n)
			s->b[i] -= s->e[i] * s->b[i + 1];
		if (i + 2 < n)
			s->b[i] -= s->f[i] * s->b[i + 2];
	}
}

/* The piece that m lies in, and how far along: 0 to 1, or beyond the ends. */
static size_t place(const struct wx_bend *bend, double m_us, double *along)
{
	size_t lo = 0, hi = bend->n - 2;
	double from;

	while (lo < hi) { /* the last knot not after m */
		size_t mid = (lo + hi + 1) / 2;

		if ((double)bend->knot_m_us[mid] <= m_us)
			lo = mid;
		else
			hi = mid - 1;
	}
	from = (double)bend->knot_m_us[lo];
	*along = (m_us - from) / ((double)bend->knot_m_us[lo + 1] - from);
	return lo;
}

static double weight(const struct wx_bend_point *p)
{
	return 1 / (p->sigma_s * p->sigma_s);
}

/* The rates of the two pieces that meet at k differ by wander, 1 sigma. */
static void stiffen(const struct wx_bend *bend, size_t k, double wander_ppm,
		    struct band *s)
{
	const int64_t *m = bend->knot_m_us;
	double before = 1e6 / (double)(m[k] - m[k - 1]);
	double after = 1e6 / (double)(m[k + 1] - m[k]);
	double both = before + after;
	double stiff = 1e12 / (wander_ppm * wander_ppm);

	s->d[k - 1] += stiff * before * before;
	s->d[k] += stiff * both * both;
	s->d[k + 1] += stiff * after * after;
	s->e[k - 1] -= stiff * before * both;
	s->e[k] -= stiff * after * both;
	s->f[k - 1] += stiff * before * after;
}

static void set_matrix(const struct wx_bend *bend,
		       const struct wx_bend_point *p, size_t n,
		       double wander_ppm, struct band *s)
{
	for (size_t i = 0; i < n; i++) {
		double u, g = weight(&p[i]);
		size_t k = place(bend, (double)p[i].m_us, &u);

		s->d[k] += g * (1 - u) * (1 - u);
		s->e[k] += g * (1 - u) * u;
		s->d[k + 1] += g * u * u;
		s->b[k] += g * (1 - u) * p[i].resid_s;
		s->b[k + 1] += g * u * p[i].resid_s;
	}
	for (size_t k = 1; k + 1 < s->n; k++)
		stiffen(bend, k, wander_ppm, s);
}

/*
 * By how much one repeated pull moves all knots together: each is a chance to
 * fall on another grid point.
 */
static double jitter(const struct wx_bend *bend, const struct wx_bend_point *p,
		     size_t n, double jitter_ppm, struct band *s)
{
	double worst = 0, drift = jitter_ppm * 1e-6 * WX_REPEAT_S;

	for (size_t i = 0; i < n; i++) {
		double u, sum = 0, g = weight(&p[i]);
		size_t k = place(bend, (double)p[i].m_us, &u);

		if (p[i].jitter_s == 0)
			continue;
		for (size_t j = 0; j < s->n; j++)
			s->b[j] = 0;
		s->b[k] = g * (1 - u);
		s->b[k + 1] = g * u;
		solve(s);
		for (size_t j = 0; j < s->n; j++)
			sum += fabs(s->b[j]);
		worst = fmax(worst, sum * hypot(p[i].jitter_s, drift));
	}
	return worst;
}

static double chi2(const struct wx_bend *bend, const struct wx_bend_point *p,
		   size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++) {
		double r = p[i].resid_s - wx_bend_at(bend, (double)p[i].m_us);

		sum += weight(&p[i]) * r * r;
	}
	return sum;
}

/* Fit the pieces; rounded, if it is told how much they jitter. */
static int fit(struct wx_bend *bend, const struct wx_bend_point *p, size_t n,
	       double wander_ppm, double jitter_ppm)
{
	struct band s;
	int rc = band_init(&s, bend->n);

	if (rc == WX_OK) {
		set_matrix(bend, p, n, wander_ppm, &s);
		factor(&s);
		solve(&s);
		for (size_t i = 0; i < bend->n; i++)
			bend->knot_s[i] = s.b[i];
	}
	if (rc == WX_OK && jitter_ppm > 0) {
		bend->grid_s = wx_step_up(fmax(
			0.001, WX_GRID_OVER_JITTER *
				       jitter(bend, p, n, jitter_ppm, &s)));
		for (size_t i = 0; i < bend->n; i++)
			bend->knot_s[i] =
				round(bend->knot_s[i] / bend->grid_s) *
				bend->grid_s;
	}
	band_fini(&s);
	return rc;
}

/* A knot at each so-many-th point, and at the last. */
static void lay_out(struct wx_bend *bend, const struct wx_bend_point *p,
		    size_t n, size_t every)
{
	bend->n = 0;
	for (size_t i = 0; i < n;
	     i += i + every < n || i == n - 1 ? every : n - 1 - i) {
		int64_t m = (p[i].m_us + KNOT_US / 2) / KNOT_US * KNOT_US;

		if (!bend->n || m > bend->knot_m_us[bend->n - 1])
			bend->knot_m_us[bend->n++] = m;
	}
}

static int choose(struct wx_bend *bend, const struct wx_bend_point *p, size_t n,
		  double wander_ppm, double jitter_ppm)
{
	double best = chi2(bend, p, n); /* of the line itself */
	size_t best_every = 0;
	int rc = WX_OK;

	for (size_t every = 1; every <= MAX_EVERY && rc == WX_OK; every *= 2) {
		double cost;

		lay_out(bend, p, n, every);
		if (bend->n < 3)
			break;
		rc = fit(bend, p, n, wander_ppm, 0);
		cost = chi2(bend, p, n) + (double)bend->n * log((double)n);
		if (rc == WX_OK && cost < best) {
			best = cost;
			best_every = every;
		}
	}
	bend->n = 0;
	if (rc != WX_OK || !best_every)
		return rc;
	lay_out(bend, p, n, best_every);
	return fit(bend, p, n, wander_ppm, jitter_ppm);
}

int wx_bend_init(struct wx_bend *bend, const struct wx_bend_point *p, size_t n,
		 double wander_ppm, double jitter_ppm, struct wx_error *err)
{
	int rc = WX_OK;

	*bend = (struct wx_bend){ 0 };
	if (n < MIN_POINTS)
		return WX_OK;
	bend->knot_m_us = calloc(n, sizeof(*bend->knot_m_us));
	bend->knot_s = calloc(n, sizeof(*bend->knot_s));
	if (!bend->knot_m_us || !bend->knot_s)
		rc = WX_ERR_NOMEM;
	if (rc == WX_OK)
		rc = choose(bend, p, n, wander_ppm, jitter_ppm);
	if (rc != WX_OK || !bend->n)
		wx_bend_fini(bend);
	return rc == WX_OK ? WX_OK : wx_fail_nomem(err);
}

void wx_bend_fini(struct wx_bend *bend)
{
	free(bend->knot_m_us);
	free(bend->knot_s);
	*bend = (struct wx_bend){ 0 };
}

double wx_bend_at(const struct wx_bend *bend, double m_us)
{
	double u;
	size_t i;

	if (!bend->n)
		return 0;
	i = place(bend, m_us, &u);
	return bend->knot_s[i] + (bend->knot_s[i + 1] - bend->knot_s[i]) * u;
}
