/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/split.h: which windows train and which test, so that nothing of
 * the one can be known from the other.
 *
 * Windows that lie side by side share their weather, and mostly the very tip
 * their label rests on: put at random on both sides they make a model look far
 * better than it is. So whole blocks of time are dealt out, for all nodes
 * together: the hours of UTC, joined where a rain event (wet windows with dry
 * gaps of up to WX_SPLIT_EVENT_GAP_S) crosses the border between two. Training
 * windows closer than the purge gap to a test block are left out.
 *
 * Blocks are dealt in order of time within each stratum (the highest class a
 * block holds), so that the rare classes reach both sides, and so that what
 * comes later never moves what was dealt before. The first block of a stratum
 * trains; the seed decides how soon one tests. A block that a project was told
 * is on one side stays there, whatever came since.
 *
 * Source of block length, event gap and purge gap: the labelling practice of
 * leak studies as summed up in wx-export(1), "SPLIT".
 */
#ifndef WX_DATASET_SPLIT_H
#define WX_DATASET_SPLIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define WX_SPLIT_BLOCK_S     3600
#define WX_SPLIT_EVENT_GAP_S 1800
#define WX_SPLIT_PURGE_S     600

enum wx_side {
	WX_SIDE_TRAINING,
	WX_SIDE_TESTING,
	WX_SIDE_PURGED, /* too close to the other side: in neither */
};

struct wx_split; /* grows with the hours of the archive, not its windows */

/* purge_s: the gap, 0 or more. NULL when out of memory. */
struct wx_split *wx_split_new(double purge_s);
void wx_split_free(struct wx_split *s);

enum { WX_SPLIT_STRATA = 1024 };

/*
 * First, show it every window that could be exported, in any order. stratum: 0
 * to WX_SPLIT_STRATA - 1, higher is rarer; -1: no sample itself, but it may be
 * wet. wet: part of a rain event. WX_ERR_RANGE when the windows span over a
 * century.
 */
int wx_split_add(struct wx_split *s, struct wx_time start, double length_s,
		 int stratum, bool wet, struct wx_error *err);

/*
 * Then, the hour that holds t is on this side for good. One that was never
 * shown is passed over.
 */
void wx_split_lock(struct wx_split *s, struct wx_time t, enum wx_side side);

/*
 * Then deal the blocks out. test_share: 0..1, of the windows of each stratum;
 * seed: another one deals otherwise.
 */
void wx_split_deal(struct wx_split *s, double test_share, uint64_t seed);

/* Then ask, for windows that were shown, or for captures that hold them. */
enum wx_side wx_split_side(const struct wx_split *s, struct wx_time start,
			   double length_s);
/* Blocks of a side that hold windows. */
int wx_split_n_blocks(const struct wx_split *s, enum wx_side side);
/* Hours from the first window to the last, and those that hold none. */
void wx_split_hours(const struct wx_split *s, int *n, int *n_empty);
/* Start of the block that holds t: the group a window belongs to. */
struct wx_time wx_split_block(const struct wx_split *s, struct wx_time t);

/* 0 up to 1 at random, the same each time for a seed and a number. */
double wx_split_chance(uint64_t seed, uint64_t of);

#endif
