/* SPDX-License-Identifier: MIT */
/*
 * formats/station/csv.c: any delimited table with a column for the time.
 *
 *     # comment lines, anywhere
 *     time;Regen [mm];Wind [km/h];Luftdruck [hPa]
 *     01.06.2026 12:00;0,2;12,6;890,1
 *
 * - the delimiter is , ; or tab, or blanks where there is none of these; with
 *   any but the comma, numbers may have a decimal comma
 * - columns are told by the user (station/column.h), or have the names of our
 *   own tables: time or utc, rain_mm, wind_avg_m_s ...
 * - what the file itself can decide is decided over the whole of it, never by
 *   one row: whether 06/01/26 is in June, and whether rain is a counter
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "station/column.h"
#include "station/registers.h"
#include "station/stamp.h"
#include "station/station.h"

/* How often a column rises and falls from row to row. */
struct trend {
	int64_t rises, falls;
	double last, least;
};

/* What one pass over the rows tells of the whole file. */
struct survey {
	struct wx_date_orders may;
	bool first_only;          /* is there anything to decide at all? */
	int64_t n_rows, n_orders; /* dates that need an order */
	struct trend rain, turns;
	int64_t steps, steady; /* in time; those like the usual one */
	double usual_s;
	struct wx_time last_utc;
};

struct csv {
	struct wx_rawlog lines;
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	struct wx_header names;
	struct wx_columns cols;
	enum wx_date_order order;
	enum wx_rain_kind kind;
	bool turns_are_counted;
	char delim;
	bool by_number; /* columns are told by number: no header is needed */
	struct wx_field fields[WX_FIELDS_MAX];
};

/* How often each delimiter stands outside quotes. */
static void count_delims(const char *p, size_t n, size_t count[3])
{
	bool quoted = false;

	memset(count, 0, 3 * sizeof(*count));
	for (size_t i = 0; i < n; i++) {
		quoted ^= p[i] == '"';
		count[0] += !quoted && p[i] == ',';
		count[1] += !quoted && p[i] == ';';
		count[2] += !quoted && p[i] == '\t';
	}
}

static char likeliest_delim(const char *p, size_t n)
{
	size_t c[3];

	count_delims(p, n, c);
	if (c[1] && c[1] >= c[2]) /* commas beside it are decimals or text */
		return ';';
	if (c[2] && c[2] >= c[0])
		return '\t';
	if (c[0])
		return ',';
	return c[2] ? '\t' : ' ';
}

static int probe(const uint8_t *head, size_t n)
{
	const char *p = (const char *)head, *end = p + n;

	while (p < end && *p == '#') {
		while (p < end && *p != '\n' && *p != '\r')
			p++;
		while (p < end && (*p == '\n' || *p == '\r'))
			p++;
	}
	if (p == end)
		return 0;

	size_t line = 0;

	while (p + line < end && p[line] != '\n' && p[line] != '\r')
		line++;
	return likeliest_delim(p, line) == ' ' ? 10 : 30;
}

static const char *told(const struct csv *c, const char *key)
{
	return wx_columns_told(c->opts, key);
}

static bool all_by_number(const struct wx_station_opts *opts)
{
	const char *key;
	json_t *spec;
	bool any = false;

	json_object_foreach((json_t *)opts->columns, key, spec)
	{
		const char *text = json_string_value(spec);

		if (!text || (text[0] != '#' && strcmp(text, "-") != 0))
			return false;
		any = true;
	}
	return any;
}

/* The time column, when the user tells none: by its usual names. */
static int find_time(const struct wx_header *h)
{
	static const char *const names[] = { "utc", "time", "timestamp",
					     "datetime", "date_time" };

	for (size_t k = 0; k < WX_COUNT(names); k++)
		for (int i = 0; i < h->n; i++)
			if (!strcasecmp(h->name[i], names[k]))
				return i;
	return -1;
}

static int split(struct csv *c, char *text, size_t n)
{
	return wx_fields_split(text, n, c->delim, c->fields);
}

/* The header says nothing of time, and begins with one itself. */
static int no_header(struct csv *c, struct wx_error *err)
{
	return wx_rawlog_fail(
		&c->lines, err, WX_ERR_FORMAT,
		"expected a header with the columns' names, found a row of "
		"data; give columns by number, as in --columns "
		"time=#1,rain_mm=#2");
}

static int take_columns(struct csv *c, struct wx_error *err)
{
	char list[500];
	int rc;

	c->cols = (struct wx_columns){ .time = -1,
				       .time2 = -1,
				       .interval = -1,
				       .decimal_comma = c->delim != ',' };
	if (!told(c, "time"))
		c->cols.time = find_time(&c->names);
	rc = wx_columns_add_told(&c->cols, &c->names, c->opts, NULL, NULL,
				 &c->lines, err);
	if (!rc && c->opts->registers)
		rc = wx_registers_add(&c->cols, &c->names, c->opts, &c->lines,
				      err);
	if (!rc)
		rc = wx_columns_add_plain(&c->cols, &c->names, c->opts,
					  &c->lines, err);
	if (rc || (c->cols.time >= 0 && c->cols.n))
		return rc;
	wx_header_list(&c->names, list, sizeof(list));
	return wx_rawlog_fail(&c->lines, err, WX_ERR_FORMAT,
			      "%s; say which column is what, as in --columns "
			      "time=NAME,rain_mm='NAME [mm]' (or --skip N, if "
			      "this is no header); there are %s",
			      c->cols.time < 0 ? "no column is known for the "
						 "time"
					       : "no column is known",
			      list);
}

/* The first line: names, or a first row when columns go by number. */
static int read_header(struct csv *c, char *text, size_t n, bool *is_data,
		       struct wx_error *err)
{
	struct wx_stamp s;
	int n_fields, rc;

	c->delim = likeliest_delim(text, n);
	n_fields = split(c, text, n);
	if (n_fields < 0)
		return wx_rawlog_fail(
			&c->lines, err, WX_ERR_FORMAT,
			"the header is cut: a quote is not closed");
	wx_rows_stamp(c->opts, &c->fields[0], c->order, &s);
	*is_data = false;
	if (!c->by_number && s.kind != WX_STAMP_BAD)
		return no_header(c, err);
	wx_header_fini(&c->names);
	rc = wx_header_init(&c->names, c->fields, n_fields, err);
	if (!rc)
		rc = take_columns(c, err);
	if (rc || !c->by_number)
		return rc;
	wx_rows_stamp(c->opts, &c->fields[c->cols.time], c->order, &s);
	*is_data = s.kind != WX_STAMP_BAD;
	return WX_OK;
}

/* Date and time of two columns as one field, in buf. */
static struct wx_field time_field(struct csv *c, char buf[80])
{
	struct wx_field f = c->fields[c->cols.time];

	if (c->cols.time2 >= 0) {
		f.n = (size_t)snprintf(buf, 80, "%.39s %.39s", f.text,
				       c->fields[c->cols.time2].text);
		f.text = buf;
	}
	return f;
}

static bool width_fits(struct csv *c, int n)
{
	if (n == c->names.n ||
	    (n == c->names.n + 1 && !c->fields[n - 1].n)) /* "a,b," */
		return true;
	wx_rawlog_warn_width(&c->lines, c->names.n, n);
	return false;
}

static const struct wx_column *rain_column(const struct csv *c)
{
	for (int i = 0; i < c->cols.n; i++)
		if (c->cols.col[i].key == WX_KEY_RAIN ||
		    c->cols.col[i].key == WX_KEY_TIPS)
			return &c->cols.col[i];
	return NULL;
}

static int read_row(struct csv *c, int n, struct wx_error *err)
{
	struct wx_raw_row raw;
	struct wx_field stamp;
	struct wx_time utc;
	char buf[80];
	bool use;
	int rc;

	if (!width_fits(c, n))
		return WX_OK;
	stamp = time_field(c, buf);
	rc = wx_rows_time(&c->lines, &stamp, c->opts, c->order, &utc, &use,
			  err);
	if (rc || !use)
		return rc;
	wx_columns_read(&c->cols, c->fields, &c->names, &c->lines, &raw);
	raw.obs.utc = utc;
	raw.obs.interval_s = wx_columns_interval(&c->cols, c->fields);
	c->rows.rows_are_tips = c->kind == WX_RAIN_TIPS && !rain_column(c);
	wx_raw_row_torn(&raw, &c->lines);
	return wx_rows_put(&c->rows, &raw, err);
}

static const struct wx_column *turns_column(const struct csv *c)
{
	for (int i = 0; i < c->cols.n; i++)
		if (c->cols.col[i].key == WX_KEY_TURNS)
			return &c->cols.col[i];
	return NULL;
}

static void trend_see(struct csv *c, const struct wx_column *col,
		      struct trend *t)
{
	struct wx_field f;
	char *comma;
	double v;

	if (!col)
		return;
	f = c->fields[col->at];
	comma = memchr(f.text, ',', f.n);
	if (comma)
		*comma = '.';
	if (!wx_column_number(col, c->fields, &v))
		return;
	t->rises += v > t->last;
	t->falls += v < t->last;
	t->last = v;
	t->least = fmin(t->least, v);
}

/*
 * A counter only falls when it is reset; what is counted anew in each row falls
 * about as often as it rises.
 */
static bool is_counter(const struct trend *t, int rises_per_fall)
{
	return t->rises >= 3 && t->falls * rises_per_fall <= t->rises;
}

static void survey_row(struct csv *c, struct survey *s)
{
	struct wx_field f;
	struct wx_stamp stamp;
	char buf[80];
	double step_s;

	f = time_field(c, buf);
	wx_rows_stamp(c->opts, &f, c->order, &stamp);
	s->n_rows++;
	if (stamp.kind == WX_STAMP_ORDER) {
		s->n_orders++;
		wx_date_orders_see(&s->may, stamp.date);
	}
	if (stamp.kind == WX_STAMP_LOCAL)
		stamp.utc = wx_civil_to_time(&stamp.civil, 0);
	else if (stamp.kind != WX_STAMP_UTC)
		return;
	step_s = wx_time_is_none(s->last_utc)
			 ? NAN
			 : wx_time_diff_s(stamp.utc, s->last_utc);
	s->last_utc = stamp.utc;
	if (!isnan(step_s)) {
		s->steps++;
		s->steady += fabs(step_s - s->usual_s) <= 0.1 * s->usual_s;
		s->usual_s = step_s;
	}
	trend_see(c, rain_column(c), &s->rain);
	trend_see(c, turns_column(c), &s->turns);
}

/* Read rows until the end: into s when given, else hand them over. */
static int pass(struct csv *c, struct survey *s, struct wx_error *err)
{
	bool begun = false, is_data = false;
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&c->lines, &text, &n, err)) == 1) {
		int n_fields;

		if (*text == '#' || c->lines.line <= c->opts->skip_lines)
			continue;
		if (!begun) {
			rc = read_header(c, text, n, &is_data, err);
			begun = true;
			if (rc)
				return rc;
			if (!is_data)
				continue;
			n_fields = c->names.n;
		} else {
			n_fields = split(c, text, n);
		}
		if (!s)
			rc = read_row(c, n_fields, err);
		else if (n_fields >= c->names.n)
			survey_row(c, s);
		if (!s && rc)
			return rc;
		if (s && s->first_only && s->n_rows && !s->n_orders &&
		    !turns_column(c))
			return WX_OK;
	}
	if (rc < 0 || begun)
		return rc;
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: expected a header and rows, found %s",
		       c->lines.name,
		       c->lines.warned[WX_ROW_LONG]
			       ? "only lines that no station writes"
			       : "an empty file");
}

/* One pass that only looks; the next one starts at the top again. */
static int survey(struct csv *c, struct survey *s, struct wx_error *err)
{
	struct wx_rawlog *l = &c->lines;
	struct wx_log *log = l->log;
	FILE *in = l->in;
	int rc;

	*s = (struct survey){ .may = { true, true, true },
			      .first_only = c->kind != WX_RAIN_NOT_TOLD,
			      .rain = { .last = NAN, .least = NAN },
			      .turns = { .last = NAN, .least = NAN },
			      .usual_s = NAN,
			      .last_utc = WX_TIME_NONE };
	l->log = NULL; /* the pass that counts will say it */
	rc = pass(c, s, err);
	wx_rawlog_fini(l);
	if (!rc && fseek(in, 0, SEEK_SET) != 0)
		rc = wx_fail_errno(err, "%s: cannot read twice", l->name);
	return rc ? rc : wx_rawlog_init(l, in, l->name, log, err);
}

static int decide_order(struct csv *c, const struct survey *s,
			struct wx_error *err)
{
	c->order = wx_date_orders_left(&s->may);
	if (!s->may.dmy && !s->may.mdy && !s->may.ymd)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: no one order of day, month and year fits "
			       "all rows",
			       c->lines.name);
	if (c->order == WX_DATE_NOT_TOLD)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: no row decides whether dates are day/month "
			       "or month/day; give --date-order dmy, mdy or "
			       "ymd",
			       c->lines.name);
	wx_warn(c->opts->notes,
		"%s: dates are %s: over the whole file no other order is "
		"possible",
		c->lines.name,
		c->order == WX_DATE_DMY   ? "day, month, year"
		: c->order == WX_DATE_MDY ? "month, day, year"
					  : "year, month, day");
	return WX_OK;
}

/*
 * An interval's rain falls back to 0, about as often as it rises; a counter
 * only falls when it is reset. One that never stood at 0 and was misread once
 * in a short file, 112, 115, 49, 115, 118, is no rain of intervals.
 */
static bool is_interval(const struct trend *t)
{
	return t->falls * (t->least <= 0 ? 4 : 2) >= t->rises;
}

/* In a few rows, a hole looks like it; but where none is dry, it is events. */
static bool is_unsteady(const struct survey *s)
{
	return s->steps >= 4
		       ? s->steady * 2 < s->steps
		       : s->steps >= 2 && s->steady == 0 && s->rain.least > 0;
}

static int decide_rain(struct csv *c, const struct survey *s,
		       struct wx_error *err)
{
	const struct wx_column *rain = rain_column(c);
	const char *name = c->names.name[rain->at];

	if (c->cols.interval >= 0) { /* as wx-station itself writes it */
		c->kind = WX_RAIN_INTERVAL;
		return WX_OK;
	}
	if (is_unsteady(s) && isnan(c->opts->interval_s))
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: rows come at no steady interval, so it is "
			"not told what '%s' means; give --rain-kind tips "
			"(each row an event), interval (with --interval "
			"SECONDS) or cumulative",
			c->lines.name, name);
	if (is_interval(&s->rain))
		c->kind = WX_RAIN_INTERVAL;
	else if (is_counter(&s->rain, 10))
		c->kind = WX_RAIN_CUMULATIVE;
	else
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: '%s' rises %lld times and falls %lld times: "
			"rain of each interval or a counter? give "
			"--rain-kind interval or --rain-kind cumulative",
			c->lines.name, name, (long long)s->rain.rises,
			(long long)s->rain.falls);
	wx_warn(c->kind == WX_RAIN_CUMULATIVE ? c->lines.log : c->opts->notes,
		"%s: '%s' is taken for %s: it rises %lld times and falls %lld "
		"times (--rain-kind decides)",
		c->lines.name, name,
		c->kind == WX_RAIN_CUMULATIVE ? "a counter"
					      : "rain of each interval",
		(long long)s->rain.rises, (long long)s->rain.falls);
	return WX_OK;
}

static void decide_turns(struct csv *c, const struct survey *s)
{
	const struct wx_column *turns = turns_column(c);

	c->turns_are_counted = turns && is_counter(&s->turns, 4);
	if (c->turns_are_counted)
		wx_warn(c->opts->notes,
			"%s: '%s' is taken for a counter: it rises %lld times "
			"and falls %lld times",
			c->lines.name, c->names.name[turns->at],
			(long long)s->turns.rises, (long long)s->turns.falls);
}

/* What the user did not tell and the whole file can. */
static int decide(struct csv *c, struct wx_error *err)
{
	struct survey s;
	int rc;

	if (fseek(c->lines.in, 0, SEEK_CUR) != 0) {
		if (c->kind) /* a date that needs an order is refused later */
			return WX_OK;
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: a pipe cannot be read twice; give "
			       "--rain-kind (and --date-order, if dates are "
			       "not as 2026-06-01)",
			       c->lines.name);
	}
	rc = survey(c, &s, err);
	if (!rc && s.n_orders && !c->order) {
		rc = decide_order(c, &s, err);
		if (!rc && !c->kind) /* now that times can be read */
			rc = survey(c, &s, err);
	}
	if (rc)
		return rc;
	decide_turns(c, &s);
	if (c->kind)
		return WX_OK;
	if (rain_column(c))
		return decide_rain(c, &s, err);
	c->kind = WX_RAIN_INTERVAL; /* of no rain at all */
	return WX_OK;
}

static void tell_columns(const struct csv *c)
{
	for (int i = 0; i < c->cols.n; i++) {
		const struct wx_column *col = &c->cols.col[i];
		char unit[80] = "";

		if (!col->unit.scale)
			snprintf(unit, sizeof(unit), ", ohms of a vane");
		else if (col->unit.scale != 1 || col->unit.offset != 0)
			snprintf(unit, sizeof(unit), ", x %.9g %+.9g",
				 col->unit.scale, col->unit.offset);
		wx_warn(c->opts->notes, "%s: %s from column '%s'%s",
			c->lines.name, wx_keys[col->key].name,
			c->names.name[col->at], unit);
	}
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct csv *c = calloc(1, sizeof(*c));
	int rc;

	if (!c)
		return wx_fail_nomem(err);
	c->opts = opts;
	c->by_number = all_by_number(opts);
	c->order = wx_date_order_parse(opts->date_order);
	c->kind = wx_rain_kind_parse(opts->rain_kind);
	rc = wx_rawlog_init(&c->lines, in, name, log, err);
	if (!rc)
		rc = decide(c, err);
	if (!rc) {
		wx_rows_init(&c->rows, &c->lines, opts, c->kind, row, ctx);
		c->rows.turns_are_counted = c->turns_are_counted;
		rc = pass(c, NULL, err);
	}
	if (!rc) {
		tell_columns(c);
		rc = wx_rows_check_times(&c->rows, err);
	}
	if (!rc)
		rc = wx_rows_end(&c->rows, err);
	wx_rawlog_fini(&c->lines);
	wx_header_fini(&c->names);
	free(c);
	return rc;
}

const struct wx_station_format wx_station_csv = {
	.name = "csv",
	.desc = "any delimited table; --columns says which column is what",
	.probe = probe,
	.read = read_rows,
};
