/* SPDX-License-Identifier: MIT */
/* tests/unit/made_noise.h: dice that fall alike everywhere; seed rng_state. */
#ifndef WX_MADE_NOISE_H
#define WX_MADE_NOISE_H

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static uint64_t rng_state;

static inline double uniform(void) /* splitmix64 */
{
	uint64_t z = rng_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static inline double normal(void)
{
	return sqrt(-2 * log(1 - uniform())) * cos(2 * M_PI * uniform());
}

/* Pressure: its power falls as f^-2. n steps, each of sd step; free() it. */
static inline float *walk(size_t n, double step)
{
	float *w = malloc(n * sizeof(*w));
	double v = 0;

	for (size_t i = 0; i < n; i++)
		w[i] = (float)(v += step * normal());
	return w;
}

#endif
