/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/table.h: the table of one folder of captures, brought up to date.
 *
 * A table holds its captures by name, each with its rows (soundrow.h). What it
 * has is never measured again, and stays even when the capture has gone; what
 * is new is measured and merged in. A table of older columns, before there were
 * scores of speech, is made again of the captures that are there. The table is
 * written whole, so that its bytes do not depend on how often it was brought up
 * to date.
 */
#ifndef WX_SOUND_TABLE_H
#define WX_SOUND_TABLE_H

#include <stdbool.h>

#include "sound/listen.h"

struct wx_sound_folder {
	const char *root;        /* the archive, to find the captures */
	const char *prefix;      /* of their names: "raw/n1/" */
	const char *const *name; /* sorted by strcmp: "b0017/000123.wav" */
	size_t n;
	const struct wx_told *told; /* of each name; NULL: of none */
};

struct wx_sound_update {
	int64_t n_new, n_no_sound; /* captures measured, and those without */
	int64_t n_unread;          /* not read for I/O errors: the next time */
	int64_t n_suspect, n_fail; /* rows made */
	int64_t n_speech;          /* captures that sound like speech */
	double length_s;           /* of the sound measured */
	bool changed;
};

/* Called before each capture; false: measure no more, keep what is done. */
typedef bool wx_sound_more_fn(void *ctx);

/**
 * Bring the table at path up to date.
 *
 * @param more     may be NULL.
 * @param[out] out  added to.
 * @param log      told of captures without sound, and of those not read.
 *
 * @retval WX_ERR_FORMAT  the table is not as it is written here; it is left
 *                        as it is.
 */
int wx_sound_table_update(const char *path, const struct wx_sound_folder *f,
			  struct wx_listener *l, wx_sound_more_fn *more,
			  void *ctx, struct wx_sound_update *out,
			  struct wx_log *log, struct wx_error *err);

#endif
