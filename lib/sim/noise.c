/* SPDX-License-Identifier: MIT */
/* lib/sim/noise.c: octaves of smooth chance. */
#include "sim/noise.h"

#include <math.h>

#include "sim/rng.h"

/* Between two independent normals: smooth, and of variance 1 everywhere. */
static inline double between(double a, double b, double x)
{
	double w = x * x * (3 - 2 * x);

	return (a * (1 - w) + b * w) / sqrt((1 - w) * (1 - w) + w * w);
}

double wx_sim_noise_at(uint64_t key, double step_s, double t_s)
{
	double out = 0;

	wx_sim_noise_add(key, step_s, 1, t_s, 1, &out);
	return out;
}

void wx_sim_noise_add(uint64_t key, double step_s, double amp, double t0_s,
		      size_t n, double *out)
{
	double cell = NAN, a = 0, b = 0;

	for (size_t i = 0; i < n; i++) {
		double x = (t0_s + (double)i) / step_s;
		double c = floor(x);

		if (c != cell) {
			cell = c;
			a = wx_sim_normal_at(key, (uint64_t)(int64_t)c);
			b = wx_sim_normal_at(key, (uint64_t)((int64_t)c + 1));
		}
		out[i] += amp * between(a, b, x - c);
	}
}

void wx_sim_ladder_add(uint64_t key, const struct wx_sim_ladder *l, double t0_s,
		       size_t n, double *out)
{
	double var = 0;
	double step;

	for (step = l->longest_s; step >= l->shortest_s; step /= 2)
		var += pow(step, 2 * l->slope);
	step = l->longest_s;
	for (int k = 0; step >= l->shortest_s; k++, step /= 2)
		wx_sim_noise_add(wx_sim_split(key, "octave", k), step,
				 l->sd * pow(step, l->slope) / sqrt(var), t0_s,
				 n, out);
}
