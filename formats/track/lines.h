/* SPDX-License-Identifier: MIT */
/* formats/track/lines.h: what the formats of this folder share. */
#ifndef WX_TRACK_LINES_H
#define WX_TRACK_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "track/track.h"

struct wx_cell {
	const char *text;
	size_t n;
};

/* Lines of a text in memory, and what is wrong with them. */
struct wx_track_lines {
	const char *at, *end;
	const char *name;
	struct wx_log *log;
	long number;         /* of the line at hand, from 1 */
	struct wx_cell line; /* without its line break */
	bool crlf;           /* any line so far ended in one */
	size_t n_bad;
};

struct wx_track_lines wx_track_lines(const char *text, size_t n,
				     const char *name, struct wx_log *log);
/* Go to the next line; false at the end. Blank lines are passed over. */
bool wx_track_lines_next(struct wx_track_lines *l);
/*
 * "FILE:LINE: " and the text as a warning: of the first ten lines. The rest
 * are counted and told of by wx_track_lines_end.
 */
void wx_track_bad(struct wx_track_lines *l, const char *fmt, ...)
	WX_PRINTF(2, 3);
void wx_track_lines_end(struct wx_track_lines *l);

/* Cut at delim; how many cells there are, of which max come out. */
size_t wx_cells_split(struct wx_cell line, char delim, struct wx_cell *out,
		      size_t max);
bool wx_cell_is(struct wx_cell c, const char *name); /* but for case */
struct wx_cell wx_cell_trim(struct wx_cell c);       /* blanks around it */

/*
 * Seconds "12.5", or "12,5" where comma is not NULL (it then tells), as
 * nanoseconds within WX_TRACK_MAX_NS; digits past the ninth decimal are
 * rounded. *decimals becomes the number of them, if that is more. No exponent,
 * no "nan". False: no such number.
 */
bool wx_track_ns_parse(struct wx_cell c, bool *comma, int64_t *ns,
		       int *decimals);
void wx_track_ns_write(FILE *out, int64_t ns, int decimals, bool comma);
/* The same for frequencies; -1 and an empty cell are NAN. */
bool wx_track_hz_parse(struct wx_cell c, bool *comma, double *hz,
		       int *decimals);
void wx_track_hz_write(FILE *out, double hz, int decimals, bool comma);

#endif
