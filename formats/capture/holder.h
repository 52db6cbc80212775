/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/holder.h: files that hold recordings, or readings of the
 * air, in a form of their own. To add one: its file here with a struct
 * wx_holder wx_holder_NAME, and one line in the table.
 *
 * What lies in one is told by its line of the journal:
 *
 *     "says": {"kind":"aurora","parts":[{"w":"0001.wav","ns":..,"fs":..,
 *              "r0":..},{"w":"env.csv"}]}
 *
 * A part is made as the file's own name, '~' and w. One with ns is a recording;
 * its r0 is absent where it begins with the file itself.
 */
#ifndef WX_CAPTURE_HOLDER_H
#define WX_CAPTURE_HOLDER_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"

/* Parts of these names are no captures: a repaired copy, readings of the air. */
#define WX_HOLDER_RECOVERED "recovered.wav"
#define WX_HOLDER_ENV       "env.csv"

/* Of so many parts a line of the journal can tell. */
enum { WX_HOLDER_MAX_PARTS = 500 };

struct wx_holder {
	const char *kind;
	bool grows; /* on its card: what is made of it is made anew */
	/* Is it one, by these first n bytes and its name? */
	bool (*is)(const char *name, const void *head, size_t n);
	/*
	 * Add to says what it says and its parts. What is wrong with it goes
	 * into "dmg", as lib/sound/rescue.h has the words.
	 */
	void (*describe)(int fd, const char *name, json_t *says);
	/* Make the part w at path `to`, whole. NULL: it has no parts. */
	int (*make)(int fd, const char *name, const json_t *says, const char *w,
		    const char *to, struct wx_error *err);

	/*
	 * Instead of make, where there are too many parts for a list of them:
	 * says tells of them in "runs", a text of the holder's own.
	 */
	/* Make all that are not there, each whole; dir: ROOT/raw/NODE. */
	int (*make_all)(const char *dir, const json_t *line, size_t *n_made,
			struct wx_log *log, struct wx_error *err);
	/* Their lines of index.jsl; name: of the file as it lies here. */
	int (*index)(const char *name, const json_t *says, FILE *out,
		     struct wx_error *err);
};

#define WX_HOLDERS(X)  \
	X(acquisition) \
	X(aurora)      \
	X(flac)        \
	X(pps)         \
	X(songmeter)

#define WX_HOLDER_DECLARE(name) extern const struct wx_holder wx_holder_##name;
WX_HOLDERS(WX_HOLDER_DECLARE)
#undef WX_HOLDER_DECLARE

/* Of the kind that says tells; NULL. */
const struct wx_holder *wx_holder_get(const json_t *says);

/* Append to says.parts. n_frames -1: no recording; r0_us INT64_MIN: none. */
void wx_holder_add_part(json_t *says, const char *w, int64_t n_frames,
			double rate_hz, int64_t r0_us);
/*
 * The lines of a text, each up to 1000 bytes: longer ones come in pieces. fn
 * returns false to end it. What lies past 128 MiB, more than a recorder writes
 * in years, is not looked at.
 */
typedef bool wx_holder_line_fn(void *ctx, const char *text, size_t n);
void wx_holder_lines(int fd, wx_holder_line_fn *fn, void *ctx);

/* Append a word of damage to says.dmg. */
void wx_holder_add_damage(json_t *says, const char *word);

#endif
