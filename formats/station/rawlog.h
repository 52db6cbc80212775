/* SPDX-License-Identifier: MIT */
/*
 * formats/station/rawlog.h: the lines of a stranger's log, and their fields.
 *
 * Not base/csv.h or base/lines.h, on purpose: no logger breaks a line inside
 * quotes, but many a copied log has a torn quote, and that must cost one row,
 * not swallow the rest of the file. Lines end in LF, CRLF or bare CR, or in
 * <br /> and one of these.
 */
#ifndef WX_STATION_RAWLOG_H
#define WX_STATION_RAWLOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/time.h"

enum {
	WX_LINE_MAX = 1 << 16, /* longer ones are passed over, with a warning */
	WX_FIELDS_MAX = 1024,  /* widest table */
	WX_WARN_MAX = 5,       /* of one kind; the rest are counted */
};

/* Kinds of remarks that may come once a row. */
enum wx_row_warn {
	WX_ROW_LONG,
	WX_ROW_WIDTH,
	WX_ROW_TIME,
	WX_ROW_NUMBER,
	WX_ROW_RANGE,
	WX_ROW_WRAP,
	WX_ROW_REPEAT,
	WX_ROW_BACK,
	WX_ROW_TWICE,
	WX_ROW_COUNTER,
	WX_ROW_N_WARNS,
};

struct wx_rawlog {
	FILE *in;
	const char *name; /* for messages; borrowed */
	struct wx_log *log;
	char *buf;
	size_t at, end; /* what is left in buf */
	char *nl;       /* next LF in buf, or NULL; valid when scanned */
	bool scanned, at_eof, started;
	long line;     /* of the last one handed over, from 1 */
	bool complete; /* did it end in a line break? */
	unsigned warned[WX_ROW_N_WARNS];
	struct {
		struct wx_time last;   /* time of the row before */
		double step_s;         /* to it from the one before */
		bool has_last, steady; /* steady: as the step before */
	} zoned;      /* rows whose zone puts its clock back: see rows.h */
	double day_s; /* of the last time without a date: see stamped.h */
	int days;     /* since the date that was told */
};

/* WX_ERR_FORMAT for gzip, UTF-16 and what has NUL bytes in its first 16. */
int wx_text_check(const void *head, size_t n, const char *name,
		  struct wx_error *err);

/* in, name and log stay the caller's. */
int wx_rawlog_init(struct wx_rawlog *l, FILE *in, const char *name,
		   struct wx_log *log, struct wx_error *err);
/* Says how many remarks were not said. */
void wx_rawlog_fini(struct wx_rawlog *l);

/*
 * The next line that is not blank, NUL-terminated, without its line break,
 * lent until the next call: 1, at the end 0, or a failure. The first call
 * refuses what is no text (gzip, UTF-16, NUL bytes up front) and skips a
 * byte-order mark.
 */
int wx_rawlog_next(struct wx_rawlog *l, char **text, size_t *n,
		   struct wx_error *err);
/* "NAME:LINE: ..." at most WX_WARN_MAX times a kind. */
void wx_rawlog_warn(struct wx_rawlog *l, enum wx_row_warn kind, const char *fmt,
		    ...) WX_PRINTF(3, 4);
/* Of a row left out: it has not as many fields; found -1: cut in a quote. */
void wx_rawlog_warn_width(struct wx_rawlog *l, int expected, int found);
/* A failure at the current line. */
int wx_rawlog_fail(const struct wx_rawlog *l, struct wx_error *err, int code,
		   const char *fmt, ...) WX_PRINTF(4, 5);

struct wx_field {
	char *text; /* NUL-terminated, outer blanks and quotes removed */
	size_t n;
};

/*
 * Split a line in place. delim ' ' stands for runs of blanks and tabs.
 * Returns the number of fields; -1 when a quote is not closed or there are
 * more than WX_FIELDS_MAX.
 */
int wx_fields_split(char *text, size_t n, char delim,
		    struct wx_field fields[WX_FIELDS_MAX]);

#endif
