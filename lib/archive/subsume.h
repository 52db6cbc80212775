/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/subsume.h: of rows about the same instant, those that say less.
 *
 * The first row of a download cannot tell what a counter rose by; the download
 * before can. Of rows with equal first two fields (utc, interval_s) one that
 * agrees with another wherever it says anything, and says less, is left out.
 */
#ifndef WX_ARCHIVE_SUBSUME_H
#define WX_ARCHIVE_SUBSUME_H

#include <stdio.h>

#include "base/error.h"

enum { WX_SUBSUME_MAX = 64 }; /* rows of one instant that are compared */

struct wx_subsume {
	FILE *out;
	char *line[WX_SUBSUME_MAX];
	size_t n;
};

void wx_subsume_init(struct wx_subsume *g, FILE *out);
/* Sorted lines, '\n' included; they come out in the same order. */
int wx_subsume_add(struct wx_subsume *g, const char *line, size_t n,
		   struct wx_error *err);
/* Writes what is left. */
void wx_subsume_fini(struct wx_subsume *g);

#endif
