/* SPDX-License-Identifier: MIT */
/*
 * lib/base/csv.c: see csv.h.
 *
 * The buffer holds whole lines. A row is found by the next line break; if it
 * holds a quote, libcsv is fed from there until it hands over a row, which may
 * span line breaks. Else it is cut at the delimiters where it stands.
 */
#include "base/csv.h"

#include <csv.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_FIELDS = 4096, READ_SIZE = 1 << 16 };

struct field {
	uint32_t at, n; /* in row[] */
};

struct wx_csv {
	FILE *in;
	bool owns_in;
	char *name;
	char delim;
	char *buf; /* [start, end) is unread */
	size_t start, end, room;
	bool eof;
	long next_line, row_line;
	bool row_complete, failed;
	char *row; /* the current row; fields end in NUL */
	size_t row_n, row_room;
	struct field *fields;
	int n_fields, fields_room;
	char *head; /* names of the columns, NUL after each */
	struct field *cols;
	int n_cols;
	bool have_row, nomem; /* set by libcsv's callbacks */
	struct csv_parser parser;
};

int wx_csv_fail(const struct wx_csv *csv, struct wx_error *err, int code,
		const char *fmt, ...)
{
	char text[800];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return wx_fail(err, code, "%s:%ld: %s", csv->name, csv->row_line, text);
}

static bool row_room(struct wx_csv *csv, size_t n)
{
	char *more;

	if (n <= csv->row_room)
		return true;
	more = realloc(csv->row, n * 2);
	if (!more)
		return false;
	csv->row = more;
	csv->row_room = n * 2;
	return true;
}

static bool fields_grow(struct wx_csv *csv)
{
	int room = csv->fields_room ? csv->fields_room * 2 : 64;
	struct field *more = realloc(csv->fields, (size_t)room * sizeof(*more));

	if (more)
		csv->fields = more;
	if (!more || room > 2 * MAX_FIELDS)
		return false;
	csv->fields_room = room;
	return true;
}

static inline bool add_field(struct wx_csv *csv, size_t at, size_t n)
{
	if (csv->n_fields == csv->fields_room && !fields_grow(csv))
		return false;
	csv->fields[csv->n_fields++] =
		(struct field){ (uint32_t)at, (uint32_t)n };
	return true;
}

static void on_field(void *text, size_t n, void *ctx)
{
	struct wx_csv *csv = ctx;

	if (csv->have_row)
		return; /* of the row after ours: read again later */
	if (!row_room(csv, csv->row_n + n + 1) ||
	    !add_field(csv, csv->row_n, n)) {
		csv->nomem = true;
		return;
	}
	if (n)
		memcpy(csv->row + csv->row_n, text, n);
	csv->row[csv->row_n + n] = '\0';
	csv->row_n += n + 1;
}

/* Blanks are the field's own, as in the lines that split() cuts. */
static int no_blank(unsigned char c)
{
	(void)c;
	return 0;
}

static void on_row(int c, void *ctx)
{
	(void)c;
	((struct wx_csv *)ctx)->have_row = true;
}

/* More bytes after end; false at the end of the file. */
static int fill(struct wx_csv *csv, struct wx_error *err)
{
	size_t got;

	if (csv->start) {
		memmove(csv->buf, csv->buf + csv->start, csv->end - csv->start);
		csv->end -= csv->start;
		csv->start = 0;
	}
	if (csv->end + READ_SIZE > csv->room) {
		char *more = realloc(csv->buf, csv->room * 2 + READ_SIZE);

		if (!more)
			return wx_fail_nomem(err);
		csv->buf = more;
		csv->room = csv->room * 2 + READ_SIZE;
	}
	got = fread(csv->buf + csv->end, 1, READ_SIZE, csv->in);
	csv->end += got;
	if (got == 0) {
		csv->eof = true;
		if (ferror(csv->in))
			return wx_fail_errno(err, "%s: cannot read", csv->name);
	}
	return WX_OK;
}

/*
 * The next line break at or after start + from: its index, its length in *n.
 * At the end of the file: end, 0. Bare CR counts too, but a CR that is the
 * last byte so far waits for its LF.
 */
static int find_break(struct wx_csv *csv, size_t from, size_t *at, size_t *n,
		      struct wx_error *err)
{
	for (;;) {
		char *begin = csv->buf + csv->start + from;
		size_t len = csv->end - csv->start - from;
		char *lf = memchr(begin, '\n', len);
		char *cr = memchr(begin, '\r', lf ? (size_t)(lf - begin) : len);

		if (cr && (cr + 1 < csv->buf + csv->end || csv->eof)) {
			*at = (size_t)(cr - csv->buf);
			*n = cr + 1 < csv->buf + csv->end && cr[1] == '\n' ? 2
									   : 1;
			return WX_OK;
		}
		if (lf && !cr) {
			*at = (size_t)(lf - csv->buf);
			*n = 1;
			return WX_OK;
		}
		if (csv->eof) {
			*at = csv->end;
			*n = 0;
			return WX_OK;
		}
		from = cr ? (size_t)(cr - csv->buf) - csv->start
			  : csv->end - csv->start;
		if (from > WX_CSV_MAX_ROW)
			return wx_csv_fail(csv, err, WX_ERR_FORMAT,
					   "a row of over %d bytes; is this "
					   "a text table?",
					   WX_CSV_MAX_ROW);

		int rc = fill(csv, err);

		if (rc)
			return rc;
	}
}

static int row_fail(struct wx_csv *csv, struct wx_error *err)
{
	return csv->n_fields >= MAX_FIELDS
		       ? wx_csv_fail(csv, err, WX_ERR_FORMAT,
				     "a row of over %d fields", MAX_FIELDS)
		       : wx_fail_nomem(err);
}

/* A line without quotes: cut a copy of it at the delimiters. */
static int split(struct wx_csv *csv, size_t n, struct wx_error *err)
{
	const char delim = csv->delim;
	char *row;

	if (!row_room(csv, n + 1))
		return wx_fail_nomem(err);
	row = csv->row;
	memcpy(row, csv->buf + csv->start, n);
	row[n] = delim; /* so that the last field ends like others */
	for (size_t at = 0, end = 0; at <= n; at = ++end) {
		/* By hand: fields are shorter than memchr() takes to call. */
		while (row[end] != delim)
			end++;
		row[end] = '\0';
		if (!add_field(csv, at, end - at))
			return row_fail(csv, err);
	}
	return WX_OK;
}

/* Of what is left of the file. */
static bool is_quote_open(const struct wx_csv *csv)
{
	bool open = false;

	for (size_t i = csv->start; i < csv->end; i++)
		open ^= csv->buf[i] == '"';
	return open;
}

/*
 * A line with quotes: feed libcsv a line at a time until it has a row. *at and
 * *n are moved to the break that ends it.
 */
static int split_quoted(struct wx_csv *csv, size_t *at, size_t *n,
			struct wx_error *err)
{
	size_t from = 0;

	csv_fini(&csv->parser, NULL, NULL, NULL); /* forget what was before */
	csv->row_n = 0;
	for (;;) {
		size_t len = *at + *n - csv->start - from;

		csv_parse(&csv->parser, csv->buf + csv->start + from, len,
			  on_field, on_row, csv);
		if (!*n && from && is_quote_open(csv))
			return wx_csv_fail(
				csv, err, WX_ERR_FORMAT,
				"a quote opens here that never "
				"closes: what follows is lost in it");
		if (!*n && !csv->have_row)
			csv_fini(&csv->parser, on_field, on_row, csv);
		if (csv->nomem)
			return row_fail(csv, err);
		if (csv->have_row || !*n)
			return WX_OK;
		csv->next_line++;
		from += len;
		if (from > WX_CSV_MAX_ROW)
			return wx_csv_fail(csv, err, WX_ERR_FORMAT,
					   "a quote opens here that does not "
					   "close within %d bytes",
					   WX_CSV_MAX_ROW);

		int rc = find_break(csv, from, at, n, err);

		if (rc)
			return rc;
	}
}

int wx_csv_next(struct wx_csv *csv, struct wx_error *err)
{
	size_t at, n;
	int rc;

	if (csv->failed)
		return wx_fail(err, WX_ERR_FORMAT, "%s: read past a failure",
			       csv->name);
	for (;;) {
		csv->row_line = csv->next_line;
		csv->n_fields = 0;
		csv->have_row = csv->nomem = false;
		rc = find_break(csv, 0, &at, &n, err);
		if (rc)
			break;
		if (at == csv->start && n == 0)
			return 0;
		if (at == csv->start) { /* a blank line */
			csv->start += n;
			csv->next_line++;
			continue;
		}
		if (memchr(csv->buf + csv->start, '"', at - csv->start))
			rc = split_quoted(csv, &at, &n, err);
		else
			rc = split(csv, at - csv->start, err);
		if (rc)
			break;
		csv->row_complete = n > 0;
		csv->start = at + n;
		csv->next_line++;
		return 1;
	}
	csv->failed = true;
	return rc;
}

/* The row just read becomes the names of the columns. */
static int take_header(struct wx_csv *csv, struct wx_error *err)
{
	csv->head = csv->row;
	csv->cols = csv->fields;
	csv->n_cols = csv->n_fields;
	csv->row = NULL;
	csv->fields = NULL;
	csv->row_room = 0;
	csv->fields_room = csv->n_fields = 0;
	for (int i = 0; i < csv->n_cols; i++)
		if (!wx_utf8_valid(csv->head + csv->cols[i].at,
				   csv->cols[i].n) &&
		    memchr(csv->head + csv->cols[i].at, '\0', csv->cols[i].n))
			return wx_csv_fail(csv, err, WX_ERR_FORMAT,
					   "not a text table");
	return wx_csv_check_head(csv, err);
}

static int start(struct wx_csv *csv, const struct wx_csv_opts *opts,
		 struct wx_error *err)
{
	int rc = fill(csv, err);

	if (rc)
		return rc;
	if (csv->end >= 3 && memcmp(csv->buf, "\xef\xbb\xbf", 3) == 0)
		csv->start = 3;
	if (opts && opts->no_header)
		return WX_OK;
	rc = wx_csv_next(csv, err);
	if (rc == 0)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: empty; expected a header row", csv->name);
	return rc < 0 ? rc : take_header(csv, err);
}

int wx_csv_open_stream(FILE *in, const char *name,
		       const struct wx_csv_opts *opts, struct wx_csv **out,
		       struct wx_error *err)
{
	struct wx_csv *csv = calloc(1, sizeof(*csv));
	int rc;

	*out = NULL;
	if (!csv)
		return wx_fail_nomem(err);
	csv->in = in;
	csv->delim = opts && opts->delim ? opts->delim : ',';
	csv->next_line = csv->row_line = 1;
	csv->name = strdup(name);
	if (!csv->name || csv_init(&csv->parser, CSV_APPEND_NULL) != 0) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	csv_set_delim(&csv->parser, (unsigned char)csv->delim);
	csv_set_space_func(&csv->parser, no_blank);
	rc = start(csv, opts, err);
	if (rc)
		goto out;
	*out = csv;
	csv = NULL;
out:
	wx_csv_close(csv);
	return rc;
}

int wx_csv_open(const char *path, const struct wx_csv_opts *opts,
		struct wx_csv **out, struct wx_error *err)
{
	bool is_stdin = strcmp(path, "-") == 0;
	FILE *in = is_stdin ? stdin : fopen(path, "re");
	int rc;

	*out = NULL;
	if (!in)
		return wx_fail_errno(err, "%s: cannot open", path);
	rc = wx_csv_open_stream(in, is_stdin ? "stdin" : path, opts, out, err);
	if (rc == WX_OK)
		(*out)->owns_in = !is_stdin;
	else if (!is_stdin)
		fclose(in);
	return rc;
}

void wx_csv_close(struct wx_csv *csv)
{
	if (!csv)
		return;
	csv_free(&csv->parser);
	if (csv->owns_in)
		fclose(csv->in);
	free(csv->name);
	free(csv->buf);
	free(csv->row);
	free(csv->fields);
	free(csv->head);
	free(csv->cols);
	free(csv);
}

int wx_csv_col(const struct wx_csv *csv, const char *name)
{
	for (int i = 0; i < csv->n_cols; i++)
		if (strcmp(csv->head + csv->cols[i].at, name) == 0)
			return i;
	return -1;
}

int wx_csv_n_cols(const struct wx_csv *csv)
{
	return csv->n_cols;
}

const char *wx_csv_col_name(const struct wx_csv *csv, int col)
{
	return col >= 0 && col < csv->n_cols ? csv->head + csv->cols[col].at
					     : "";
}

const char *wx_csv_get(const struct wx_csv *csv, int col)
{
	return col >= 0 && col < csv->n_fields ? csv->row + csv->fields[col].at
					       : "";
}

size_t wx_csv_get_len(const struct wx_csv *csv, int col)
{
	return col >= 0 && col < csv->n_fields ? csv->fields[col].n : 0;
}

int wx_csv_n_fields(const struct wx_csv *csv)
{
	return csv->n_fields;
}

long wx_csv_line(const struct wx_csv *csv)
{
	return csv->row_line;
}

const char *wx_csv_name(const struct wx_csv *csv)
{
	return csv->name;
}

int wx_csv_row_complete(const struct wx_csv *csv)
{
	return csv->row_complete;
}

static int field_fail(const struct wx_csv *csv, int col, const char *expected,
		      struct wx_error *err)
{
	char q[WX_QUOTE_SIZE];

	wx_quote(wx_csv_get(csv, col), wx_csv_get_len(csv, col), q);
	return wx_csv_fail(csv, err, WX_ERR_FORMAT,
			   "column %s: expected %s, found '%s'",
			   wx_csv_col_name(csv, col), expected, q);
}

int wx_csv_f64(const struct wx_csv *csv, int col, double *out,
	       struct wx_error *err)
{
	size_t n = wx_csv_get_len(csv, col);

	*out = NAN;
	if (n == 0 || wx_f64_parse(wx_csv_get(csv, col), n, out))
		return WX_OK;
	return field_fail(csv, col, "a number", err);
}

int wx_csv_i64(const struct wx_csv *csv, int col, int64_t dflt, int64_t *out,
	       struct wx_error *err)
{
	size_t n = wx_csv_get_len(csv, col);

	*out = dflt;
	if (n == 0 || wx_i64_parse(wx_csv_get(csv, col), n, out))
		return WX_OK;
	return field_fail(csv, col, "a whole number", err);
}

int wx_csv_time(const struct wx_csv *csv, int col, struct wx_time *out,
		struct wx_error *err)
{
	*out = WX_TIME_NONE;
	if (wx_csv_get_len(csv, col) == 0 ||
	    wx_time_parse(wx_csv_get(csv, col), out, NULL) == WX_OK)
		return WX_OK;
	return field_fail(csv, col, "a time as 2026-06-01T12:00:00Z", err);
}
