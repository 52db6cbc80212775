/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/voices.h: where in a capture another program heard speech.
 *
 *     3.2 5.9 0.97
 *
 * A line is a start and an end, seconds from the first sample, and the
 * probability, 0 to 1, with blanks, tabs or commas between; what stands behind
 * is not read. Empty lines and those that begin with '#' say nothing.
 */
#ifndef WX_SOUND_VOICES_H
#define WX_SOUND_VOICES_H

#include <stddef.h>

#include "base/error.h"

struct wx_voice {
	double from_s, to_s, p;
};

struct wx_voices {
	struct wx_voice *v;
	size_t n, room;
	size_t n_bad; /* lines that were none */
	long bad;     /* the first of them, from 1 */
};

/* Lines of a stranger: those that say nothing sensible are counted. */
int wx_voices_parse(const char *text, size_t n, struct wx_voices *out,
		    struct wx_error *err);
void wx_voices_fini(struct wx_voices *v);

/* The highest probability that any has between two instants; 0: none. */
double wx_voices_between(const struct wx_voices *v, double from_s, double to_s);

#endif
