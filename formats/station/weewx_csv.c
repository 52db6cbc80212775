/* SPDX-License-Identifier: MIT */
/*
 * formats/station/weewx_csv.c: WeeWX's archive as a table with its own names.
 *
 *     dateTime,usUnits,interval,barometer,...,outTemp,windSpeed,...,rain
 *     1780315200,17,5,,...
 *
 * as sqlite3 -header -csv writes it, its older list mode (with |), or WeeWX's
 * csv extension ("# dateTime,..." on top, None where nothing is known). A time
 * may be a date, of the zone that is told then. Without usUnits, or with the
 * names of a spreadsheet, it is a table for csv.c and --columns.
 *
 * Source: WeeWX's customization guide; the csv extension's read-me.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "station/column.h"
#include "station/station.h"
#include "station/weewx_row.h"

struct weewx_csv {
	struct wx_rawlog lines;
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	char delim;
	int n_names, at[WX_WEEWX_N]; /* -1: no such column */
	struct wx_field f[WX_FIELDS_MAX];
};

/* A line of names that has the two that tell what it is. */
static bool is_header(const char *text, size_t n)
{
	return memmem(text, n, "dateTime", 8) && memmem(text, n, "usUnits", 7);
}

static int probe(const uint8_t *head, size_t n)
{
	size_t len = 0;

	while (len < n && head[len] != '\n' && head[len] != '\r')
		len++;
	return is_header((const char *)head, len) ? 85 : 0;
}

static char delim_of(const char *text)
{
	return text[strcspn(text, ",;\t|")];
}

static int split(struct weewx_csv *w, char *text, size_t n)
{
	return wx_fields_split(text, n, w->delim, w->f);
}

static int read_header(struct weewx_csv *w, char *text, size_t n,
		       struct wx_error *err)
{
	size_t mark = strspn(text, "# ");

	if (!is_header(text, n) || !delim_of(text))
		return wx_rawlog_fail(&w->lines, err, WX_ERR_FORMAT,
				      "expected a header with dateTime and "
				      "usUnits, found none; of a table with "
				      "other names give -f csv and --columns");
	w->delim = delim_of(text);
	w->n_names = split(w, text + mark, n - mark);
	for (int i = 0; i < WX_WEEWX_N; i++) {
		w->at[i] = -1;
		for (int k = 0; k < w->n_names; k++)
			if (!strcmp(w->f[k].text, wx_weewx_names[i]))
				w->at[i] = k;
	}
	if (w->at[WX_WEEWX_TIME] >= 0 && w->at[WX_WEEWX_UNITS] >= 0 &&
	    (w->at[WX_WEEWX_INTERVAL] >= 0 || !isnan(w->opts->interval_s)))
		return WX_OK;
	return wx_rawlog_fail(&w->lines, err, WX_ERR_FORMAT,
			      "expected columns dateTime, usUnits and interval "
			      "(minutes); without interval give --interval "
			      "SECONDS");
}

/* NAN for None, NULL, an empty field and a column that is not there. */
static double number(struct weewx_csv *w, int i)
{
	const struct wx_field *f = &w->f[w->at[i] < 0 ? 0 : w->at[i]];
	char quoted[WX_QUOTE_SIZE];
	double v;

	if (w->at[i] < 0 || !f->n || !strcmp(f->text, "None") ||
	    !strcmp(f->text, "NULL"))
		return NAN;
	if (wx_f64_parse(f->text, f->n, &v))
		return v;
	wx_rawlog_warn(&w->lines, WX_ROW_NUMBER,
		       "column '%s': expected a number, found '%s': taken as "
		       "missing",
		       wx_weewx_names[i], wx_quote(f->text, f->n, quoted));
	return NAN;
}

static int read_row(struct weewx_csv *w, int n_fields, struct wx_error *err)
{
	const struct wx_field *stamp = &w->f[w->at[WX_WEEWX_TIME]];
	double v[WX_WEEWX_N];
	struct wx_time utc;
	bool use;
	int rc;

	if (n_fields != w->n_names) {
		wx_rawlog_warn_width(&w->lines, w->n_names, n_fields);
		return WX_OK;
	}
	rc = wx_rows_time(&w->lines, stamp, w->opts,
			  wx_date_order_parse(w->opts->date_order), &utc, &use,
			  err);
	if (rc || !use)
		return rc;
	v[WX_WEEWX_TIME] = (double)(utc.utc_ns / WX_NS_PER_S);
	for (int i = WX_WEEWX_UNITS; i < WX_WEEWX_N; i++)
		v[i] = number(w, i);
	if (w->at[WX_WEEWX_INTERVAL] < 0)
		v[WX_WEEWX_INTERVAL] = w->opts->interval_s / 60;
	return wx_weewx_put(&w->rows, v, err);
}

static int read_all(struct weewx_csv *w, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&w->lines, &text, &n, err)) == 1) {
		if (!w->delim || is_header(text, n)) /* one more download */
			rc = read_header(w, text, n, err);
		else if (*text != '#')
			rc = read_row(w, split(w, text, n), err);
		if (rc < 0)
			return rc;
	}
	if (!rc && !w->delim)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: expected a header with dateTime and usUnits, "
			     "found an empty file",
			     w->lines.name);
	if (!rc)
		rc = wx_rows_check_times(&w->rows, err);
	return rc ? rc : wx_rows_end(&w->rows, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct weewx_csv *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return wx_fail_nomem(err);
	w->opts = opts;
	rc = wx_rawlog_init(&w->lines, in, name, log, err);
	wx_rows_init(&w->rows, &w->lines, opts, WX_RAIN_INTERVAL, row, ctx);
	if (!rc)
		rc = read_all(w, err);
	wx_rawlog_fini(&w->lines);
	free(w);
	return rc;
}

const struct wx_station_format wx_station_weewx_csv = {
	.name = "weewx-csv",
	.desc = "the archive of WeeWX as a table",
	.probe = probe,
	.read = read_rows,
};
