/* SPDX-License-Identifier: MIT */
/*
 * formats/made/made.h: a made site on disk (wx-sim -o DIR).
 *
 *     sim.json              seed, options, clocks: all that was decided
 *     site.json             for an archive: nodes as folders, the mast's log
 *     nodes/ID/             what a node's card holds: index.jsl,
 *                           bNNNN/NNNNNN.wav, bNNNN/env.csv
 *     station/mast.dat      Campbell TOA5, 10 s rows
 *     station/tips.csv      one line a closure of the bucket's reed
 *     station/mast.csv      one-minute rows with other names and units
 *     truth/weather.csv     1 s rows
 *     truth/captures.csv    true times of every finished capture
 *     truth/tips.csv        true tips, without bounces
 *
 * Every file is a function of the options alone. A file that is there already
 * with the right bytes is left alone, so a run that was cut short is finished
 * by running it again. Captures are not synced to disk one by one; after a
 * power cut the next run finds the damaged ones by their CRC.
 */
#ifndef WX_MADE_MADE_H
#define WX_MADE_MADE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "sim/node.h"

/* Between the threads that make and the one that shows. */
struct wx_made_tick {
	atomic_uint_fast64_t done; /* captures and hours of weather */
	atomic_bool stop;          /* set: leave off soon */
};

struct wx_made_opts {
	struct wx_sim_opts sim;
	int n_threads;
	/* Called some times a second; true: stop. May be NULL. */
	bool (*progress)(void *ctx, uint64_t done, uint64_t total);
	void *ctx;
};

/*
 * Make, or complete, the site in folder dir. WX_ERR_FORMAT where dir holds
 * something else, or a site of other options; WX_ERR_IO before anything is
 * written if the disk has no room for it, and when stopped.
 */
int wx_made_write(const char *dir, const struct wx_made_opts *o,
		  struct wx_error *err);

/* Its parts. Told to stop they return WX_ERR_IO without a text. */

/* sim.json and site.json, and the check of what dir holds. */
int wx_made_claim(const char *dir, const struct wx_sim_opts *o,
		  const struct wx_sim_plan *plans, struct wx_error *err);
/* station/ and truth/, but for truth/captures.csv. */
int wx_made_mast(const char *dir, const struct wx_sim_opts *o,
		 struct wx_made_tick *tick, struct wx_error *err);
/* nodes/ID/. */
int wx_made_store(const char *dir, const struct wx_sim_plan *p,
		  struct wx_made_tick *tick, struct wx_error *err);
/* nodes/aurora/ and truth/aurora.csv. */
enum { WX_MADE_AURORA_S = 7200 };
int wx_made_aurora(const char *dir, const struct wx_sim_opts *o,
		   struct wx_made_tick *tick, struct wx_error *err);
/* Bytes of a capture's file. */
static inline uint64_t wx_made_capture_size(int64_t n_frames)
{
	return 44 + 2 * (uint64_t)n_frames;
}

#endif
