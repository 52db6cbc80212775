/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/listen.h: one capture becomes its rows of sound/ (soundrow.h).
 *
 * Quality of a row is the worst of what its second shows (levels.h) and of
 * what the whole capture shows: fewer bytes than its header says (suspect if
 * 20 ms or 0.1 % are missing, fail if 10 % are), or a header without a
 * believable size (suspect). The flags name both.
 */
#ifndef WX_SOUND_LISTEN_H
#define WX_SOUND_LISTEN_H

#include "base/csv.h"
#include "sound/wav.h"

struct wx_listener; /* buffers and tables that serve many captures */

int wx_listener_new(struct wx_listener **out, struct wx_error *err);
void wx_listener_free(struct wx_listener *l);

struct wx_listened {
	double length_s;
	int64_t n_rows, n_suspect, n_fail;
	/* Holds no sound that can be read: one row of quality 4 says so. */
	bool no_sound;
};

/**
 * Measure a capture and write its rows.
 *
 * @param path     the file.
 * @param capture  its name in the rows, "raw/n1/b0017/000123.wav".
 * @param log      told of a capture that holds no sound.
 *
 * @retval WX_ERR_IO  the file could not be read; it may have rows already,
 *                    which are the caller's to take back.
 */
int wx_listen(struct wx_listener *l, const char *path, const char *capture,
	      struct wx_row *row, struct wx_listened *out, struct wx_log *log,
	      struct wx_error *err);

#endif
