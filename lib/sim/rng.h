/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/rng.h: chance that does not depend on who asks first.
 *
 * A stream is a key; its i-th number is a hash of key and i. A key splits into
 * as many independent keys as there are labels, so that every part of a made
 * site has its own chance, whatever else is made, in whatever order and by
 * however many threads. The hash is the finaliser of SplitMix64 (Steele, Lea,
 * Flood 2014, "Fast splittable pseudorandom number generators").
 */
#ifndef WX_SIM_RNG_H
#define WX_SIM_RNG_H

#include <stddef.h>
#include <stdint.h>

/* Number i of a stream. */
static inline uint64_t wx_sim_hash(uint64_t key, uint64_t i)
{
	uint64_t z = key + (i + 1) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

/*
 * The key of a part: wx_sim_split(seed, "rain", day). Two rounds, so that
 * neighbouring labels share no pattern with the numbers of the parent.
 */
uint64_t wx_sim_split(uint64_t key, const char *label, int64_t i);

/* 53 bits, in [0, 1). */
static inline double wx_sim_unit(uint64_t bits)
{
	return (double)(bits >> 11) * 0x1p-53;
}

/* Number i of a stream, normal, mean 0, variance 1. */
double wx_sim_normal_at(uint64_t key, uint64_t i);

/* Numbers in order. */
struct wx_sim_rng {
	uint64_t key, n;
};

static inline struct wx_sim_rng wx_sim_rng(uint64_t key, const char *label,
					   int64_t i)
{
	return (struct wx_sim_rng){ wx_sim_split(key, label, i), 0 };
}

static inline double wx_sim_uniform(struct wx_sim_rng *r, double lo, double hi)
{
	return lo + (hi - lo) * wx_sim_unit(wx_sim_hash(r->key, r->n++));
}

static inline double wx_sim_normal(struct wx_sim_rng *r)
{
	return wx_sim_normal_at(r->key, r->n++);
}

/* Mean 1. */
double wx_sim_exponential(struct wx_sim_rng *r);

#endif
