/* SPDX-License-Identifier: MIT */
/*
 * formats/station/tips.c: a list of tips, one line each.
 *
 *     1717243200.25          seconds since 1970, or milliseconds
 *     2026-06-01T12:00:00Z   or any other time, with a zone or without
 *     1717243211,            what an ALog writes
 *     2026-06-01T12:00:00.250Z TIP   logged live: arrival, what came (live.h)
 *
 * The first line may be a header. Rows are handed over as they stand: equal
 * stamps are two tips where the clock ticks coarsely, and bounce is for the
 * reader of the table to judge.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "station/rows.h"
#include "station/stamp.h"
#include "station/station.h"

struct tips {
	struct wx_rawlog lines;
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	size_t last_n; /* length of the line before */
};

enum { ARRIVAL = 24 }; /* "2026-06-01T12:00:00.250Z" */

/* The stamp of a line: without quotes, and commas after it. */
static struct wx_field stamp_of(char *text, size_t n)
{
	/* Behind an arrival is what the gauge sent: any word or byte. */
	if (n > ARRIVAL && text[10] == 'T' && text[ARRIVAL - 1] == 'Z' &&
	    text[ARRIVAL] == ' ')
		n = ARRIVAL;
	while (n && strchr(" \t,;\"", text[n - 1]))
		n--;
	while (n && strchr(" \t\"", *text)) {
		text++;
		n--;
	}
	text[n] = '\0';
	return (struct wx_field){ text, n };
}

/* Lines of nothing but a time; a header may come first. */
static int probe(const uint8_t *head, size_t n)
{
	char line[80];
	size_t at = 0;
	int n_lines = 0, n_stamps = 0;

	if (n >= 3 && !memcmp(head, "\xef\xbb\xbf", 3))
		at = 3;
	while (at < n && n_lines < 20) {
		size_t len = 0;
		struct wx_field f;
		struct wx_stamp s;

		while (at + len < n && head[at + len] != '\n' &&
		       head[at + len] != '\r')
			len++;
		if (len && head[at] != '#') {
			if (len >= sizeof(line))
				return 0;
			memcpy(line, head + at, len);
			line[len] = '\0';
			f = stamp_of(line, len);
			wx_stamp_parse(f.text, f.n, WX_DATE_NOT_TOLD, &s);
			n_stamps += s.kind != WX_STAMP_BAD;
			n_lines++;
		}
		at += len + 1;
	}
	return n_stamps && n_stamps * 2 > n_lines - 1 ? 60 : 0;
}

static int read_line(struct tips *t, char *text, size_t n, bool first,
		     struct wx_error *err)
{
	struct wx_field f = stamp_of(text, n);
	enum wx_date_order order = wx_date_order_parse(t->opts->date_order);
	struct wx_raw_row raw;
	struct wx_stamp s;
	bool use;
	int rc;

	wx_stamp_parse(f.text, f.n, order, &s);
	if (first && s.kind == WX_STAMP_BAD)
		return WX_OK; /* a header */
	if (!t->lines.complete && n < t->last_n) {
		wx_rawlog_warn(&t->lines, WX_ROW_WIDTH,
			       "the last line does not end and is shorter than "
			       "the one before: cut? left out");
		return WX_OK;
	}
	t->last_n = n;
	wx_raw_row_init(&raw);
	raw.obs.tips = 1;
	rc = wx_rows_time(&t->lines, &f, t->opts, order, &raw.obs.utc, &use,
			  err);
	return rc || !use ? rc : wx_rows_put(&t->rows, &raw, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct tips *t = calloc(1, sizeof(*t));
	bool first = true;
	char *text;
	size_t n;
	int rc;

	if (!t)
		return wx_fail_nomem(err);
	t->opts = opts;
	rc = wx_rawlog_init(&t->lines, in, name, log, err);
	wx_rows_init(&t->rows, &t->lines, opts, WX_RAIN_TIPS, row, ctx);
	while (!rc && (rc = wx_rawlog_next(&t->lines, &text, &n, err)) == 1) {
		rc = WX_OK;
		if (*text == '#')
			continue;
		rc = read_line(t, text, n, first, err);
		first = false;
	}
	if (!rc && first)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: expected a line a tip, found an empty file",
			     name);
	if (!rc)
		rc = wx_rows_check_times(&t->rows, err);
	if (!rc)
		rc = wx_rows_end(&t->rows, err);
	wx_rawlog_fini(&t->lines);
	free(t);
	return rc;
}

const struct wx_station_format wx_station_tips = {
	.name = "tips",
	.desc = "one line a tip: its time",
	.probe = probe,
	.read = read_rows,
};
