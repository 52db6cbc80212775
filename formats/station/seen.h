/* SPDX-License-Identifier: MIT */
/*
 * formats/station/seen.h: which records of a table came before.
 *
 * Downloads that were glued together hold the same records twice. A logger's
 * records are evenly spaced, so that the pairs (record, time) of a season are
 * a handful of straight runs: the memory is exact and does not grow with the
 * file. Once WX_SEEN_RUNS breaks are passed, the oldest run is forgotten.
 */
#ifndef WX_STATION_SEEN_H
#define WX_STATION_SEEN_H

#include <stdbool.h>

#include "base/time.h"

enum { WX_SEEN_RUNS = 1024 };

struct wx_seen_run {
	int64_t record, utc_ns; /* first of the run */
	int64_t step_ns;        /* between neighbours; 0: a run of one */
	int64_t n;
};

struct wx_seen { /* {0} to start */
	struct wx_seen_run run[WX_SEEN_RUNS];
	int n, last; /* runs in use; the one that grows */
};

/* Was it there? If not, it is from now on. */
bool wx_seen_before(struct wx_seen *s, int64_t record, struct wx_time utc);

#endif
