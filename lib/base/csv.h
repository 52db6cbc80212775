/* SPDX-License-Identifier: MIT */
/*
 * lib/base/csv.h: tables with a header row, read and written as streams.
 *
 * RFC 4180, LF, CRLF or bare CR, a byte-order mark is skipped. Columns are
 * found by name, so that their order does not matter. A line that holds no
 * quote is split in place; lines with quotes go through libcsv.
 */
#ifndef WX_BASE_CSV_H
#define WX_BASE_CSV_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/time.h"

/* Longest row, quoted line breaks included: a 10 MB line is refused. */
enum { WX_CSV_MAX_ROW = 1 << 20 };

struct wx_csv;

struct wx_csv_opts {
	char delim;    /* 0: ',' */
	int no_header; /* all rows are data; columns have no names */
};

/* Reads from path, or from stdin for "-". opts may be NULL. */
int wx_csv_open(const char *path, const struct wx_csv_opts *opts,
		struct wx_csv **out, struct wx_error *err);
/* Reads from a stream that stays the caller's; name is for messages. */
int wx_csv_open_stream(FILE *in, const char *name,
		       const struct wx_csv_opts *opts, struct wx_csv **out,
		       struct wx_error *err);
void wx_csv_close(struct wx_csv *csv);

/* Next row: 1, at the end 0, or a failure. Blank lines are passed over. */
int wx_csv_next(struct wx_csv *csv, struct wx_error *err);

/*
 * No two columns of one name: WX_ERR_FORMAT that names them. Whoever opens a
 * table with a header has that checked already.
 */
int wx_csv_check_head(const struct wx_csv *csv, struct wx_error *err);
/* Column by name, -1 when there is none. */
int wx_csv_col(const struct wx_csv *csv, const char *name);
/* The same, but missing is WX_ERR_FORMAT, naming the columns there are. */
int wx_csv_need(const struct wx_csv *csv, const char *name, int *col,
		struct wx_error *err);
int wx_csv_n_cols(const struct wx_csv *csv); /* of the header */
const char *wx_csv_col_name(const struct wx_csv *csv, int col);

/*
 * A field of the current row, blanks around it kept; lent until the next row.
 * "" when col is -1 or the row is shorter.
 */
const char *wx_csv_get(const struct wx_csv *csv, int col);
size_t wx_csv_get_len(const struct wx_csv *csv, int col);
int wx_csv_n_fields(const struct wx_csv *csv); /* of the current row */
long wx_csv_line(const struct wx_csv *csv); /* where the row starts, from 1 */
const char *wx_csv_name(const struct wx_csv *csv);
/* Did the current row end in a line break? A torn last line did not. */
int wx_csv_row_complete(const struct wx_csv *csv);

/*
 * Typed fields. Empty (or col -1) is NAN, WX_TIME_NONE or dflt; anything else
 * that does not parse is WX_ERR_FORMAT "FILE:LINE: column NAME: expected a
 * number, found 'x'".
 */
int wx_csv_f64(const struct wx_csv *csv, int col, double *out,
	       struct wx_error *err);
int wx_csv_i64(const struct wx_csv *csv, int col, int64_t dflt, int64_t *out,
	       struct wx_error *err);
int wx_csv_time(const struct wx_csv *csv, int col, struct wx_time *out,
		struct wx_error *err);

/* "FILE:LINE: " and the text: a failure of the current row. */
int wx_csv_fail(const struct wx_csv *csv, struct wx_error *err, int code,
		const char *fmt, ...) WX_PRINTF(4, 5);

/*
 * Writing: fields of a row one after another, then wx_row_end. Rows gather in
 * a buffer of their own; wx_row_flush hands them to the stream. A failed write
 * shows in ferror(), hence in wx_file_commit or wx_cli_end.
 */
struct wx_row {
	FILE *out;
	uint64_t n_flushed;
	size_t n;
	int n_fields;
	char buf[1 << 16];
};

void wx_row_init(struct wx_row *row, FILE *out);
void wx_row_str(struct wx_row *row, const char *text); /* quoted if need be */
void wx_row_f64(struct wx_row *row, double v, int decimals);
/* All in one field, ';' between. */
void wx_row_f64s(struct wx_row *row, const double *v, int n, int decimals);
void wx_row_i64(struct wx_row *row, int64_t v);
void wx_row_time(struct wx_row *row, struct wx_time t, int decimals);
void wx_row_empty(struct wx_row *row);
void wx_row_end(struct wx_row *row);
void wx_row_flush(struct wx_row *row);
/* A line as it stands, such as a header; adds the line break. */
void wx_row_line(struct wx_row *row, const char *line);

/*
 * Fields as they were written, to be written again where a row has the same:
 * all that was written from wx_row_at() as it was before them, n_fields of
 * them. They are not kept if they are long or the buffer was flushed
 * meanwhile. wx_row_again() is false, and writes nothing, if none are; { 0 }
 * is none.
 */
struct wx_row_kept {
	size_t n;
	int n_fields;
	char text[248];
};
uint64_t wx_row_at(const struct wx_row *row);
void wx_row_keep(const struct wx_row *row, uint64_t from, int n_fields,
		 struct wx_row_kept *out);
bool wx_row_again(struct wx_row *row, const struct wx_row_kept *kept);

#endif
