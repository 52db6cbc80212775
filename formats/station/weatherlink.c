/* SPDX-License-Identifier: MIT */
/*
 * formats/station/weatherlink.c: text exports of Davis WeatherLink.
 *
 *                      Temp     Hi    Out   Wind  Wind    Hi           Arc.
 *       Date    Time    Out   Temp    Hum  Speed   Dir  Speed   Rain   Int.
 *     ---------------------------------------------------------------------
 *      1/06/26    0:10   12.6   12.7    71    2.2   NNE    4.9    0.2    10
 *      1/06/26   12:20a  ---    ---     70    0.0   ---    0.4    0.00   10
 *
 * - a column's name is what stands above it in both lines; between them are
 *   tabs or blanks
 * - dates are in the order, values in the units that WeatherLink was set to.
 *   The first the whole file may decide; the second the user must tell
 * - the stamp is the interval's end. Midnight is 0:00 of the new day, in some
 *   versions of the old: then it is the one that the row before has, too
 * - --- is no value
 *
 * Source: WeatherLink 5 and 6, "Export Records"; exports of the field.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "station/column.h"
#include "station/stamped.h"
#include "station/station.h"

enum { HEAD_SIZE = 2048, MAX_COLUMNS = 64, HALF_DAY_S = 43200 };

struct weatherlink {
	struct wx_rawlog lines;
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	enum wx_date_order order;
	char head[2][HEAD_SIZE]; /* the lines above the rule */
	bool has_names, tabs;
	struct wx_header names;
	struct wx_columns cols;
	int arc; /* column of the interval; -1 */
	struct wx_time last;
	struct wx_field f[WX_FIELDS_MAX + 2]; /* date and time first */
};

static const struct {
	const char *name;
	int key;
	const char *unit; /* for an example; NULL: there is only one */
} known[] = {
	{ "Rain", WX_KEY_RAIN, "mm" },
	{ "Wind Speed", WX_KEY_WIND, "m/s" },
	{ "Hi Speed", WX_KEY_GUST, "m/s" },
	{ "Temp Out", WX_KEY_TEMP, "C" },
	{ "Bar", WX_KEY_PRES, "hPa" },
	{ "Wind Dir", WX_KEY_DIR, NULL },
	{ "Out Hum", WX_KEY_HUM, NULL },
};

static bool has_word(const uint8_t *head, size_t n, const char *word)
{
	return memmem(head, n, word, strlen(word)) != NULL;
}

static int probe(const uint8_t *head, size_t n)
{
	return has_word(head, n, "Date") && has_word(head, n, "Time") &&
			       has_word(head, n, "Arc.") &&
			       has_word(head, n, "Rain")
		       ? 85
		       : 0;
}

/* Past the second word, and an "a" or "p" behind it: date and time. */
static size_t find_values(const char *text, size_t n)
{
	size_t at = 0;

	for (int word = 0; word < 2; word++) {
		at += strspn(text + at, " \t");
		at += strcspn(text + at, " \t");
	}
	if (at + 2 < n && strchr("apAP", text[at + 1]) &&
	    strchr(" \tmM", text[at + 2]))
		at += 1 + strcspn(text + at + 1, " \t");
	return at;
}

/* ---- the header ---- */

/* A word, or what is between tabs: [from, to) of a line. */
struct word {
	size_t from, to;
};

static int words_of(const char *line, bool tabs, struct word out[MAX_COLUMNS])
{
	const char *gap = tabs ? "\t" : " ";
	size_t at = 0;
	int n = 0;

	while (n < MAX_COLUMNS &&
	       (tabs || line[at += strspn(line + at, gap)])) {
		struct word w = { at, at + strcspn(line + at, gap) };

		at = w.to + 1;
		while (w.from < w.to && line[w.from] == ' ')
			w.from++;
		while (w.to > w.from && line[w.to - 1] == ' ')
			w.to--;
		out[n++] = w;
		if (!line[at - 1])
			break;
	}
	return n;
}

/* The column whose middle is nearest to the word's. */
static int below(const struct word *w, const struct word *col, int n)
{
	long best = LONG_MAX;
	int at = 0;

	for (int i = 0; i < n; i++) {
		long off = labs((long)(w->from + w->to) -
				(long)(col[i].from + col[i].to));

		if (off < best) {
			best = off;
			at = i;
		}
	}
	return at;
}

/* Both lines' words above a column, joined. */
static int read_names(struct weatherlink *w, struct wx_error *err)
{
	struct word top[MAX_COLUMNS], col[MAX_COLUMNS];
	char name[MAX_COLUMNS][80] = { "" };
	struct wx_field f[MAX_COLUMNS];
	int n_top, n;

	w->tabs = strchr(w->head[1], '\t') != NULL;
	n_top = words_of(w->head[0], w->tabs, top);
	n = words_of(w->head[1], w->tabs, col);
	for (int i = 0; i < n_top + n; i++) {
		bool upper = i < n_top;
		const struct word *word = upper ? &top[i] : &col[i - n_top];
		int at = !upper ? i - n_top : w->tabs ? i : below(word, col, n);
		size_t len = at < n ? strlen(name[at]) : 0;

		if (at < n && word->to > word->from)
			snprintf(name[at] + len, sizeof(name[at]) - len,
				 "%s%.*s", len ? " " : "",
				 (int)(word->to - word->from),
				 w->head[!upper] + word->from);
	}
	for (int i = 0; i < n; i++)
		f[i] = (struct wx_field){ name[i], strlen(name[i]) };
	return wx_header_init(&w->names, f, n, err);
}

static int find_name(const struct weatherlink *w, const char *name)
{
	for (int i = 0; i < w->names.n; i++)
		if (!strcasecmp(w->names.name[i], name))
			return i;
	return -1;
}

/* Asks for all units at once. */
static int no_units(struct weatherlink *w, struct wx_error *err)
{
	char list[300] = "";
	size_t n = 0;

	for (size_t i = 0; i < WX_COUNT(known); i++)
		if (known[i].unit && find_name(w, known[i].name) >= 0)
			n += (size_t)snprintf(list + n, sizeof(list) - n,
					      "%s%s=%s [%s]", n ? "," : "",
					      wx_keys[known[i].key].name,
					      known[i].name, known[i].unit);
	return wx_rawlog_fail(&w->lines, err, WX_ERR_FORMAT,
			      "the units that WeatherLink was set to are not "
			      "in its export; say which they are, as in "
			      "--columns '%s' (columns in site.json)",
			      list);
}

/* What needs no unit, and the gust in the unit of the mean. */
static void add_rest(struct weatherlink *w)
{
	struct wx_columns *cols = &w->cols;
	struct wx_unit wind = { 0 };

	for (int i = 0; i < cols->n; i++)
		if (cols->col[i].key == WX_KEY_WIND)
			wind = cols->col[i].unit;
	for (size_t i = 0; i < WX_COUNT(known); i++) {
		int key = known[i].key, at = find_name(w, known[i].name);
		bool gust = key == WX_KEY_GUST && wind.scale > 0;

		if (at < 0 || wx_columns_told(w->opts, wx_keys[key].name))
			continue;
		if (gust || !known[i].unit)
			cols->col[cols->n++] = (struct wx_column){
				.key = key,
				.at = at,
				.unit = gust ? wind : (struct wx_unit){ 1, 0 }
			};
		else
			wx_warn(w->opts->notes,
				"%s: column '%s' is not taken: its unit is not "
				"told",
				w->lines.name, known[i].name);
	}
}

static int take_columns(struct weatherlink *w, struct wx_error *err)
{
	bool any = false;
	int rc = read_names(w, err);

	if (rc)
		return rc;
	w->has_names = true;
	w->cols = (struct wx_columns){ .time = 0,
				       .time2 = 1,
				       .decimal_comma = true };
	w->arc = find_name(w, "Arc. Int.");
	if (find_name(w, "Date") != 0 || find_name(w, "Time") != 1)
		return wx_rawlog_fail(&w->lines, err, WX_ERR_FORMAT,
				      "expected columns Date and Time first "
				      "in the two lines above the rows");
	for (size_t i = 0; i < WX_COUNT(known); i++)
		any |= known[i].unit &&
		       wx_columns_told(w->opts, wx_keys[known[i].key].name);
	if (!any)
		return no_units(w, err);
	rc = wx_columns_add_told(&w->cols, &w->names, w->opts, NULL, NULL,
				 &w->lines, err);
	if (!rc)
		add_rest(w);
	return rc;
}

/* ---- rows ---- */

/* Midnight under the old day's date is the end of that day. */
static void fix_midnight(struct weatherlink *w, const struct wx_field *stamp,
			 struct wx_time *utc)
{
	struct wx_stamp s;
	double back_s =
		wx_time_is_none(w->last) ? 0 : wx_time_diff_s(w->last, *utc);

	wx_stamp_parse(stamp->text, stamp->n, w->order, &s);
	if (s.kind == WX_STAMP_LOCAL && !s.civil.hour && !s.civil.minute &&
	    back_s >= HALF_DAY_S && back_s < WX_S_PER_DAY)
		*utc = wx_time_add_s(*utc, WX_S_PER_DAY);
	w->last = *utc;
}

/* at: where the values begin, behind date and time. */
static int read_row(struct weatherlink *w, char *text, size_t n, size_t at,
		    const struct wx_field *stamp, struct wx_error *err)
{
	struct wx_raw_row raw;
	struct wx_time utc;
	double minutes;
	bool use;
	int n_f, rc = wx_rows_time(&w->lines, stamp, w->opts, w->order, &utc,
				   &use, err);

	if (rc || !use)
		return rc;
	if (w->tabs) {
		at += strspn(text + at, " ");
		at += text[at] == '\t';
	}
	n_f = wx_fields_split(text + at, n - at, w->tabs ? '\t' : ' ',
			      w->f + 2) +
	      2;
	if (n_f < w->names.n || (!w->tabs && n_f > w->names.n)) {
		wx_rawlog_warn(&w->lines, WX_ROW_WIDTH,
			       "expected %d columns, found %d: row left out",
			       w->names.n, n_f);
		return WX_OK;
	}
	w->f[0] = w->f[1] = *stamp;
	fix_midnight(w, stamp, &utc);
	wx_columns_read(&w->cols, w->f, &w->names, &w->lines, &raw);
	raw.obs.utc = utc;
	if (w->arc >= 0 && isnan(w->opts->interval_s) &&
	    wx_f64_parse(w->f[w->arc].text, w->f[w->arc].n, &minutes) &&
	    minutes > 0 && minutes <= 1440)
		raw.obs.interval_s = minutes * 60;
	wx_raw_row_torn(&raw, &w->lines);
	return wx_rows_put(&w->rows, &raw, err);
}

static int read_line(struct weatherlink *w, char *text, size_t n,
		     struct wx_error *err)
{
	size_t at = find_values(text, n);
	char buf[WX_PREFIX_SIZE], quoted[WX_QUOTE_SIZE];
	struct wx_field stamp;
	int rc = WX_OK;

	if (wx_prefix_stamp(text, at, w->order, buf, &stamp) != WX_STAMP_BAD) {
		if (!w->has_names)
			rc = take_columns(w, err);
		return rc ? rc : read_row(w, text, n, at, &stamp, err);
	}
	if (strspn(text, "- \t") == n)
		return WX_OK;
	if (w->has_names) {
		wx_rawlog_warn(&w->lines, WX_ROW_TIME,
			       "expected a row of date, time and values, found "
			       "'%s': left out",
			       wx_quote(text, n, quoted));
		return WX_OK;
	}
	memcpy(w->head[0], w->head[1], HEAD_SIZE);
	snprintf(w->head[1], HEAD_SIZE, "%s", text);
	return WX_OK;
}

static int read_all(struct weatherlink *w, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc = wx_prefix_order(&w->lines, find_values, false, &w->order, err);

	while (!rc && (rc = wx_rawlog_next(&w->lines, &text, &n, err)) == 1)
		rc = read_line(w, text, n, err);
	if (!rc && !w->has_names)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected two lines of names and rows that "
			       "begin with date and time, found none",
			       w->lines.name);
	return rc ? rc : wx_rows_end(&w->rows, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct weatherlink *w = calloc(1, sizeof(*w));
	int rc;

	if (!w)
		return wx_fail_nomem(err);
	w->opts = opts;
	w->last = WX_TIME_NONE;
	w->order = wx_date_order_parse(opts->date_order);
	rc = wx_rawlog_init(&w->lines, in, name, log, err);
	wx_rows_init(&w->rows, &w->lines, opts, WX_RAIN_INTERVAL, row, ctx);
	if (!rc)
		rc = read_all(w, err);
	wx_rawlog_fini(&w->lines);
	wx_header_fini(&w->names);
	free(w);
	return rc;
}

const struct wx_station_format wx_station_weatherlink = {
	.name = "weatherlink",
	.desc = "text exports of Davis WeatherLink",
	.probe = probe,
	.read = read_rows,
};
