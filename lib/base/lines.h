/* SPDX-License-Identifier: MIT */
/*
 * lib/base/lines.h: the lines of a stranger's file, one after another, in
 * memory that does not grow with the file or with its longest line.
 */
#ifndef WX_BASE_LINES_H
#define WX_BASE_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* A longer line is passed over: it comes as "", marked too_long. */
enum { WX_LINES_MAX = 1 << 16 };

struct wx_lines;

struct wx_line {
	char *text; /* lent until the next line; NUL at text[n], CR cut off */
	size_t n;
	long number;   /* from 1 */
	bool complete; /* ended in a line break */
	bool too_long;
};

/* WX_ERR_IO when it cannot be opened. */
int wx_lines_open(const char *path, struct wx_lines **out,
		  struct wx_error *err);
/* Next line: 1, at the end 0, or a failure. */
int wx_lines_next(struct wx_lines *in, struct wx_line *out,
		  struct wx_error *err);
void wx_lines_close(struct wx_lines *in); /* NULL is allowed */

/*
 * Cut NULs off the front of a line, which a power cut leaves where a file had
 * grown but its data had not arrived. Returns how many.
 */
size_t wx_line_cut_nuls(struct wx_line *line);

#endif
