/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/noise.h: smooth chance in time that can be asked at any time.
 *
 * One octave is a row of normal numbers, one each step_s, joined smoothly: a
 * stationary process with mean 0 and variance 1 that is alike over less than
 * a step and forgets over more. Octaves of halved step add up to any red
 * spectrum: amplitudes as step^(1/2) give f^-2 (pressure), as step^(1/3)
 * f^-5/3 (turbulence). Being a function of time, it needs no history: the
 * weather of one second costs the same in the first and in the last month.
 */
#ifndef WX_SIM_NOISE_H
#define WX_SIM_NOISE_H

#include <stddef.h>
#include <stdint.h>

/* One octave at t_s (seconds since the epoch). */
double wx_sim_noise_at(uint64_t key, double step_s, double t_s);

/* out[i] += amp x the octave at t0_s + i, i < n. */
void wx_sim_noise_add(uint64_t key, double step_s, double amp, double t0_s,
		      size_t n, double *out);

/*
 * A ladder of octaves, steps from longest_s down by halves to shortest_s,
 * amplitudes as step^slope, scaled to variance sd^2 in all; added to out.
 */
struct wx_sim_ladder {
	double longest_s, shortest_s, slope, sd;
};
void wx_sim_ladder_add(uint64_t key, const struct wx_sim_ladder *l, double t0_s,
		       size_t n, double *out);

#endif
