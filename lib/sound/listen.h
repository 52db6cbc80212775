/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/listen.h: one capture becomes its rows of sound/ (soundrow.h).
 *
 * Quality of a row is the worst of what its second shows (levels.h) and of
 * what the whole capture shows: fewer bytes than its header says, a header
 * without a believable size (suspect), fewer frames than the node told, or
 * another rate. The flags name both. A row's speech score is of the 5 s around
 * it, at the ends of a capture of the first and the last 5 s.
 */
#ifndef WX_SOUND_LISTEN_H
#define WX_SOUND_LISTEN_H

#include "base/csv.h"
#include "base/limits.h"
#include "sound/voices.h"
#include "sound/wav.h"

struct wx_listener; /* buffers and tables that serve many captures */

/* limits are copied. */
int wx_listener_new(const struct wx_limits *limits, struct wx_listener **out,
		    struct wx_error *err);
void wx_listener_free(struct wx_listener *l);

/*
 * Something that hears speech better, asked once for each capture that holds
 * sound. false: it has nothing to say, and the own score counts. A failure
 * leaves the capture for the next time.
 */
typedef int wx_voices_fn(void *ctx, const char *path, bool *says,
			 struct wx_voices *out, struct wx_log *log,
			 struct wx_error *err);
void wx_listener_ask(struct wx_listener *l, wx_voices_fn *fn, void *ctx);

/* What the node's index told of a capture. */
struct wx_told {
	double rate_hz;   /* NAN: nothing */
	int64_t n_frames; /* -1: nothing */
};

struct wx_listened {
	double length_s;
	int64_t n_rows, n_suspect, n_fail;
	int64_t n_speech; /* rows that sound like speech */
	/* Holds no sound that can be read: one row of quality 4 says so. */
	bool no_sound;
};

/**
 * Measure a capture and write its rows.
 *
 * @param path     the file.
 * @param capture  its name in the rows, "raw/n1/b0017/000123.wav".
 * @param told     NULL: nothing.
 * @param log      told of a capture that holds no sound.
 *
 * @retval WX_ERR_IO  the file could not be read; it may have rows already,
 *                    which are the caller's to take back.
 */
int wx_listen(struct wx_listener *l, const char *path, const char *capture,
	      const struct wx_told *told, struct wx_row *row,
	      struct wx_listened *out, struct wx_log *log,
	      struct wx_error *err);

#endif
