/* SPDX-License-Identifier: MIT */
/* lib/sim/rng.c: keys, and distributions other than the uniform one. */
#include "sim/rng.h"

#include <math.h>

uint64_t wx_sim_split(uint64_t key, const char *label, int64_t i)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a of the label */

	for (; *label; label++)
		h = (h ^ (unsigned char)*label) * UINT64_C(0x100000001b3);
	return wx_sim_hash(wx_sim_hash(key, h), (uint64_t)i);
}

double wx_sim_normal_at(uint64_t key, uint64_t i)
{
	/* Box-Muller; 1 - u keeps the logarithm finite. */
	double u = wx_sim_unit(wx_sim_hash(key, 2 * i));
	double v = wx_sim_unit(wx_sim_hash(key, 2 * i + 1));

	return sqrt(-2 * log(1 - u)) * cos(2 * M_PI * v);
}

double wx_sim_exponential(struct wx_sim_rng *r)
{
	return -log(1 - wx_sim_uniform(r, 0, 1));
}
