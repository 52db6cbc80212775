/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/leak.h: how much of the testing side the training side has all
 * but seen, measured on the samples as they are, and on the same ones dealt at
 * random: what a split by blocks of time is worth.
 *
 * Only time counts, for all nodes of a site share the weather. 24 bytes a
 * sample.
 */
#ifndef WX_DATASET_LEAK_H
#define WX_DATASET_LEAK_H

#include <stddef.h>
#include <stdint.h>

#include "dataset/split.h"

struct wx_leak;

struct wx_leak *wx_leak_new(void); /* NULL when out of memory */
void wx_leak_free(struct wx_leak *l);
/* A sample of either side, in any order. */
int wx_leak_add(struct wx_leak *l, struct wx_time start, double length_s,
		enum wx_side side, struct wx_error *err);

struct wx_leak_sum {
	/* Testing samples, and those with a training one within the gap. */
	size_t n_testing, n_leaking;
	/* The same if each sample were dealt by itself, in the same shares. */
	size_t n_random_testing, n_random_leaking;
};
void wx_leak_measure(struct wx_leak *l, double gap_s, uint64_t seed,
		     struct wx_leak_sum *out);

#endif
