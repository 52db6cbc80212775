/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/fit_heat.c: the temperature term of a tuning fork crystal.
 *
 * Off its turnover temperature T0 a fork is slow by beta (T - T0)^2, so that
 * UTC gains on m. Summed up over m from the node's own temperature that is a
 * curve known but for beta and T0, which differ from crystal to crystal.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock/fit_parts.h"

#define STEP_US INT64_C(600000000)
#define STEP_S  600.0
/* Readings further apart than this leave what was between unknown. */
#define MAX_GAP_US INT64_C(10800000000)
/* Past 4 years in one boot nothing is kept: 20,000 steps a year, 24 bytes. */
#define MAX_STEPS 210000
/* Of the time that must be known for the term to be used at all. */
#define MIN_KNOWN 0.5

/*
 * T at m, readings up to i being before it: between two, or near the first or
 * the last. NAN where they are too far away.
 */
static double temp_at(const struct wx_env *air, size_t i, int64_t m_us)
{
	struct wx_env_reading a = wx_env_get(air, i > 0 ? i - 1 : 0);
	struct wx_env_reading b = wx_env_get(air, i < air->n ? i : air->n - 1);

	if (b.m_us - a.m_us > MAX_GAP_US || m_us - b.m_us > MAX_GAP_US ||
	    a.m_us - m_us > MAX_GAP_US)
		return NAN;
	if (b.m_us == a.m_us)
		return (double)a.air_temp_degc;
	return (double)a.air_temp_degc +
	       (double)(b.air_temp_degc - a.air_temp_degc) *
		       (double)(m_us - a.m_us) / (double)(b.m_us - a.m_us);
}

/* Temperature in the middle of each step, into slow_s for now. */
static void sample(struct wx_heat *heat, const struct wx_env *air)
{
	size_t at = 0;

	for (size_t i = 0; i + 1 < heat->n; i++) {
		int64_t m =
			heat->from_m_us + (int64_t)i * STEP_US + STEP_US / 2;

		while (at < air->n && air->held[at].m_us <= m)
			at++;
		heat->slow_s[i] = temp_at(air, at, m);
	}
}

/* Sums of what is known, its mean where it is not. Returns the known share. */
static double sum_up(struct wx_heat *heat)
{
	double mean = 0, mean2 = 0, known = 0, slow = 0, turn = 0, unknown = 0;
	double t_min = INFINITY, t_max = -INFINITY;
	size_t n = heat->n - 1;

	for (size_t i = 0; i < n; i++) {
		double t = heat->slow_s[i] - WX_FORK_T0_DEGC;

		if (isnan(t))
			continue;
		mean += t;
		mean2 += t * t;
		known++;
		t_min = fmin(t_min, t);
		t_max = fmax(t_max, t);
	}
	mean /= known;
	mean2 /= known;
	heat->range_k = t_max - t_min;
	for (size_t i = 0; i <= n; i++) {
		double t = i < n ? heat->slow_s[i] - WX_FORK_T0_DEGC : 0;
		bool is = !isnan(t);

		heat->slow_s[i] = slow;
		heat->turn_s[i] = turn;
		heat->unknown_s[i] = unknown;
		slow += WX_FORK_PPM_K2 * 1e-6 * STEP_S * (is ? t * t : mean2);
		turn += WX_FORK_PPM_K2 * 2e-6 * STEP_S * (is ? t : mean);
		unknown += is ? 0 : STEP_S;
	}
	return n ? known / (double)n : 0;
}

static double curve(const struct wx_heat *heat, const double *v, double m_us)
{
	double x = (m_us - (double)heat->from_m_us) / (double)STEP_US;
	size_t i;

	/* Beyond its ends: as steeply as on the whole. */
	if (!(x > 0) || x >= (double)(heat->n - 1))
		return (x > 0 ? v[heat->n - 1] : v[0]) +
		       (x > 0 ? x - (double)(heat->n - 1) : x) *
			       (v[heat->n - 1] - v[0]) / (double)(heat->n - 1);
	i = (size_t)x;
	return v[i] + (v[i + 1] - v[i]) * (x - (double)i);
}

int wx_heat_init(struct wx_heat *heat, const struct wx_env *air,
		 int64_t lo_m_us, int64_t hi_m_us, int64_t ref_m_us,
		 struct wx_error *err)
{
	size_t n = (size_t)((hi_m_us - lo_m_us) / STEP_US) + 2;

	*heat = (struct wx_heat){ .share = 1,
				  .share_sd = WX_FORK_BETA_SD,
				  .station = air ? air->station : NULL };
	if (heat->station)
		heat->share_sd = WX_AIR_SHARE_SD;
	if (!air || !air->n || n > MAX_STEPS)
		return WX_OK;
	heat->from_m_us = lo_m_us;
	heat->n = n;
	heat->slow_s = malloc(n * sizeof(double));
	heat->turn_s = malloc(n * sizeof(double));
	heat->unknown_s = malloc(n * sizeof(double));
	if (!heat->slow_s || !heat->turn_s || !heat->unknown_s) {
		wx_heat_fini(heat);
		return wx_fail_nomem(err);
	}
	sample(heat, air);
	if (!(sum_up(heat) >= MIN_KNOWN)) {
		wx_heat_fini(heat);
		return WX_OK;
	}
	heat->ref_s = curve(heat, heat->slow_s, (double)ref_m_us);
	return WX_OK;
}

void wx_heat_fini(struct wx_heat *heat)
{
	free(heat->slow_s);
	free(heat->turn_s);
	free(heat->unknown_s);
	*heat = (struct wx_heat){ 0 };
}

double wx_heat_gain(const struct wx_heat *heat, double m_us)
{
	if (!heat->n)
		return 0;
	return heat->share * (curve(heat, heat->slow_s, m_us) - heat->ref_s);
}

double wx_heat_turn(const struct wx_heat *heat, double m_us)
{
	return curve(heat, heat->turn_s, m_us);
}

double wx_heat_unknown_s(const struct wx_heat *heat, int64_t from_m_us,
			 int64_t to_m_us)
{
	if (!heat->n)
		return fabs((double)to_m_us - (double)from_m_us) * 1e-6;
	return fabs(curve(heat, heat->unknown_s, (double)to_m_us) -
		    curve(heat, heat->unknown_s, (double)from_m_us));
}

/* A curve's bend: how far it is off the line between two points of it. */
static double off_chord(const struct wx_heat *heat, const double *v, double m,
			double left, double right)
{
	double a, b;

	if (left == right) /* one of them: the mean slope */
		return curve(heat, v, m) - curve(heat, v, left) -
		       (m - left) * (v[heat->n - 1] - v[0]) /
			       ((double)(heat->n - 1) * (double)STEP_US);
	a = curve(heat, v, left);
	b = curve(heat, v, right);
	return curve(heat, v, m) - a - (b - a) * (m - left) / (right - left);
}

/* Per second. */
static double mean_slope(const struct wx_heat *heat, const double *v)
{
	return (v[heat->n - 1] - v[0]) / ((double)(heat->n - 1) * STEP_S);
}

/*
 * For how long the rate was another than is thought, as it tells at m: a gap
 * elsewhere between two anchors bends their line too.
 */
static double unknown_s(const struct wx_heat *heat, double m, double left,
			double right)
{
	const double *v = heat->unknown_s;
	double at = curve(heat, v, m);
	double here = fmin(fabs(at - curve(heat, v, left)),
			   fabs(at - curve(heat, v, right)));

	if (left == right)
		return here;
	return fmax(here, fabs(off_chord(heat, v, m, left, right)));
}

double wx_heat_err(const struct wx_heat *heat, int64_t m_us, int64_t left_us,
		   int64_t right_us)
{
	double m = (double)m_us, unknown, slow, turn, rest, sun, near;
	double left = (double)(left_us == INT64_MIN ? right_us : left_us);
	double right = (double)(right_us == INT64_MIN ? left_us : right_us);
	double side = fabs(m - left) < fabs(m - right) ? left : right;

	near = fabs(m - side) * 1e-6;
	slow = off_chord(heat, heat->slow_s, m, left, right);
	turn = off_chord(heat, heat->turn_s, m, left, right);
	turn = heat->share * WX_FORK_T0_SD_K * (turn - heat->lean * slow);
	slow *= heat->share_sd;
	rest = heat->share > 0 ? WX_FORK_REST_PPM : WX_TCXO_REST_PPM;
	rest *= 1e-6 * near;
	sun = heat->share * (heat->station ? WX_AIR_SUN_K : WX_FORK_SUN_K) *
	      mean_slope(heat, heat->turn_s) * fmin(near, WX_FORK_SUN_S);
	unknown = unknown_s(heat, m, left, right);
	return 2 * sqrt(slow * slow + turn * turn + rest * rest + sun * sun) +
	       wx_wander_s(WX_WANDER_PPM, unknown);
}
