/* SPDX-License-Identifier: MIT */
/*
 * formats/station/campbell_toa5.c: Campbell Scientific TOA5 tables.
 *
 *     "TOA5","name","CR1000","88296","CR1000.Std.31","CPU:a.CR1","64103","T"
 *     "TIMESTAMP","RECORD","WS_ms_S_WVT","AirTC_Avg","Rain_mm_Tot"
 *     "TS","RN","meters/second","Deg C","mm"
 *     "","","WVc","Avg","Tot"
 *     "2022-02-09 17:00:00",14596,2.132,29.86,0
 *
 * - the stamp is the END of the interval, in the logger's zone, which the
 *   file does not tell; fractions of seconds are trimmed of zeros
 * - "NAN", "INF" and, in integer and FP2 columns, -7999, 7999 and
 *   2147483648 are no values
 * - a program that was changed appends its own four header lines, in mid-file
 * - every line ends in CR LF or LF: one that does not was cut while copying
 * - rows stand in the order of RECORD, even when the clock was set back; rows
 *   whose RECORD and TIMESTAMP both came before are a second download
 *
 * Source: LoggerNet manual, "TOA5"; real tables of CR300, CR1000, CR1000X.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "station/convention.h"
#include "station/seen.h"
#include "station/stamp.h"
#include "station/station.h"

struct toa5 {
	struct wx_rawlog lines;
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	struct wx_header names, units, procs;
	struct wx_columns cols;
	bool begun; /* a header was read */
	int record; /* column of RECORD; -1 */
	struct wx_seen seen;
	struct wx_field fields[WX_FIELDS_MAX];
};

static bool starts_env(const char *p, size_t n)
{
	if (n && *p == '"') {
		p++;
		n--;
	}
	return n >= 4 && (!memcmp(p, "TOA", 3) || !memcmp(p, "TOB", 3)) &&
	       p[3] >= '0' && p[3] <= '9';
}

static int probe(const uint8_t *head, size_t n)
{
	if (n >= 3 && !memcmp(head, "\xef\xbb\xbf", 3)) {
		head += 3;
		n -= 3;
	}
	return starts_env((const char *)head, n) ? 100 : 0;
}

/* The next header line as fields; which is its place, from 2. */
static int header_line(struct toa5 *t, int which, struct wx_header *out,
		       bool *same, struct wx_error *err)
{
	static const char *const what[] = { "line of column names",
					    "line of units",
					    "line of processing" };
	struct wx_stamp stamp;
	char *text;
	size_t size;
	int n, rc = wx_rawlog_next(&t->lines, &text, &size, err);

	if (rc < 0)
		return rc;
	if (rc == 0)
		return wx_rawlog_fail(
			&t->lines, err, WX_ERR_FORMAT,
			"the header is cut: expected 4 lines, the "
			"%s is missing",
			what[which - 2]);
	n = wx_fields_split(text, size, ',', t->fields);
	if (n < 0)
		return wx_rawlog_fail(&t->lines, err, WX_ERR_FORMAT,
				      "header line %d (%s): a quote is not "
				      "closed",
				      which, what[which - 2]);
	wx_stamp_parse(t->fields[0].text, t->fields[0].n, WX_DATE_NOT_TOLD,
		       &stamp);
	if (stamp.kind != WX_STAMP_BAD)
		return wx_rawlog_fail(
			&t->lines, err, WX_ERR_FORMAT,
			"expected header line %d (%s), found a row "
			"of data: a header has 4 lines",
			which, what[which - 2]);
	/* Units and processing may be shorter than the names, not longer. */
	for (; which > 2 && n < t->names.n; n++)
		t->fields[n] = (struct wx_field){ .text = text + size };
	*same = *same && wx_header_same(out, t->fields, n);
	wx_header_fini(out);
	return wx_header_init(out, t->fields, n, err);
}

static const char *file_unit(void *ctx, int at)
{
	const struct toa5 *t = ctx;

	return t->units.name[at];
}

static void tell_columns(const struct toa5 *t, enum wx_rain_kind kind)
{
	static const char *const kinds[] = {
		[WX_RAIN_INTERVAL] = ", water of each interval",
		[WX_RAIN_CUMULATIVE] = ", a counter",
		[WX_RAIN_TIPS] = ", one row a tip",
	};

	for (int i = 0; i < t->cols.n; i++) {
		const struct wx_column *c = &t->cols.col[i];
		bool rain = c->key == WX_KEY_RAIN || c->key == WX_KEY_TIPS;

		wx_warn(t->opts->notes,
			"%s: %s from column '%s' (unit '%s', processing "
			"'%s'%s)%s",
			t->lines.name, wx_keys[c->key].name,
			t->names.name[c->at], t->units.name[c->at],
			t->procs.name[c->at], rain ? kinds[kind] : "",
			wx_columns_told(t->opts, wx_keys[c->key].name)
				? ", as told"
				: "");
	}
}

/* Which columns there are, once all four lines are read. */
static int take_columns(struct toa5 *t, enum wx_rain_kind *kind,
			struct wx_error *err)
{
	struct wx_campbell_table table = { &t->names, &t->units, &t->procs };
	char list[500];
	int rc;

	t->cols = (struct wx_columns){ .time = -1,
				       .time2 = -1,
				       .campbell = true };
	t->record = -1;
	for (int i = 0; i < t->names.n; i++) {
		if (t->cols.time < 0 && !strcmp(t->names.name[i], "TIMESTAMP"))
			t->cols.time = i;
		if (t->record < 0 && !strcmp(t->names.name[i], "RECORD"))
			t->record = i;
	}
	rc = wx_columns_add_told(&t->cols, &t->names, t->opts, file_unit, t,
				 &t->lines, err);
	if (!rc && t->cols.time < 0)
		rc = wx_rawlog_fail(&t->lines, err, WX_ERR_FORMAT,
				    "the header has no column TIMESTAMP; say "
				    "which it is: --columns time=NAME");
	if (!rc)
		rc = wx_convention_add(&t->cols, &table, t->opts, &t->lines,
				       err);
	if (!rc && !t->cols.n) {
		wx_header_list(&t->names, list, sizeof(list));
		rc = wx_rawlog_fail(&t->lines, err, WX_ERR_FORMAT,
				    "no column is known by name and unit; say "
				    "which is what, as in --columns "
				    "rain_mm='NAME [mm]'; there are %s",
				    list);
	}
	if (!rc)
		rc = wx_convention_rain_kind(&t->cols, &table, t->opts,
					     &t->lines, kind, err);
	return rc;
}

/* All of a header; text is its first line. */
static int read_header(struct toa5 *t, char *text, size_t n, wx_obs_fn *row,
		       void *ctx, struct wx_error *err)
{
	enum wx_rain_kind kind;
	char quoted[WX_QUOTE_SIZE];
	bool same = true; /* as the header before: two downloads in one */
	int n_fields, rc;

	wx_quote(text, n, quoted);
	n_fields = wx_fields_split(text, n, ',', t->fields);
	if (n_fields < 0)
		return wx_rawlog_fail(
			&t->lines, err, WX_ERR_FORMAT,
			"the header is cut: a quote is not closed "
			"in '%s'",
			quoted);
	if (strcmp(t->fields[0].text, "TOA5") != 0)
		return wx_rawlog_fail(
			&t->lines, err, WX_ERR_FORMAT,
			"expected a TOA5 header, \"TOA5\",..., "
			"found '%s'; export the table as TOA5 with "
			"its header",
			quoted);
	rc = header_line(t, 2, &t->names, &same, err);
	if (!rc)
		rc = header_line(t, 3, &t->units, &same, err);
	if (!rc)
		rc = header_line(t, 4, &t->procs, &same, err);
	if (!rc && t->begun && same)
		return WX_OK;
	if (!rc && t->begun)
		rc = wx_rows_end(&t->rows, err);
	if (!rc)
		rc = take_columns(t, &kind, err);
	if (rc)
		return rc;
	t->begun = true;
	tell_columns(t, kind);
	wx_rows_init(&t->rows, &t->lines, t->opts, kind, row, ctx);
	t->rows.rows_are_tips = kind == WX_RAIN_TIPS &&
				!wx_columns_has(&t->cols, WX_KEY_RAIN) &&
				!wx_columns_has(&t->cols, WX_KEY_TIPS);
	for (int i = 0; i < t->cols.n; i++)
		if (t->cols.col[i].key == WX_KEY_TURNS)
			t->rows.turns_are_counted = !strcmp(
				t->procs.name[t->cols.col[i].at], "Smp");
	return WX_OK;
}

/* Has this record been read before, in a download that came before? */
static bool is_repeat(struct toa5 *t, struct wx_time utc)
{
	const struct wx_field *f;
	int64_t record;

	if (t->record < 0)
		return false;
	f = &t->fields[t->record];
	if (!wx_i64_parse(f->text, f->n, &record) ||
	    !wx_seen_before(&t->seen, record, utc))
		return false;
	wx_rawlog_warn(&t->lines, WX_ROW_REPEAT,
		       "record %lld came before, with the same time: left out",
		       (long long)record);
	return true;
}

static int read_row(struct toa5 *t, char *text, size_t size,
		    struct wx_error *err)
{
	struct wx_raw_row raw;
	struct wx_time utc;
	bool use;
	int rc, n = wx_fields_split(text, size, ',', t->fields);

	if (!t->lines.complete) {
		wx_rawlog_warn(&t->lines, WX_ROW_WIDTH,
			       "the last line does not end: cut while it was "
			       "copied? left out");
		return WX_OK;
	}
	if (n != t->names.n) {
		wx_rawlog_warn_width(&t->lines, t->names.n, n);
		return WX_OK;
	}
	rc = wx_rows_time(&t->lines, &t->fields[t->cols.time], t->opts,
			  wx_date_order_parse(t->opts->date_order), &utc, &use,
			  err);
	if (rc || !use || is_repeat(t, utc))
		return rc;
	wx_columns_read(&t->cols, t->fields, &t->names, &t->lines, &raw);
	raw.obs.utc = utc;
	return wx_rows_put(&t->rows, &raw, err);
}

static int read_all(struct toa5 *t, wx_obs_fn *row, void *ctx,
		    struct wx_error *err)
{
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&t->lines, &text, &n, err)) == 1) {
		if (!t->begun || starts_env(text, n))
			rc = read_header(t, text, n, row, ctx, err);
		else
			rc = read_row(t, text, n, err);
		if (rc)
			return rc;
	}
	if (rc < 0)
		return rc;
	if (!t->begun)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected a TOA5 header, found an empty "
			       "file",
			       t->lines.name);
	return wx_rows_end(&t->rows, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct toa5 *t = calloc(1, sizeof(*t));
	int rc;

	if (!t)
		return wx_fail_nomem(err);
	t->opts = opts;
	rc = wx_rawlog_init(&t->lines, in, name, log, err);
	if (!rc)
		rc = read_all(t, row, ctx, err);
	wx_rawlog_fini(&t->lines);
	wx_header_fini(&t->names);
	wx_header_fini(&t->units);
	wx_header_fini(&t->procs);
	free(t);
	return rc;
}

const struct wx_station_format wx_station_campbell_toa5 = {
	.name = "campbell-toa5",
	.desc = "Campbell Scientific TOA5 tables",
	.probe = probe,
	.read = read_rows,
};
