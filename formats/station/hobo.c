/* SPDX-License-Identifier: MIT */
/*
 * formats/station/hobo.c: exports of Onset HOBO loggers.
 *
 *     "Plot Title: A03_PRCP"
 *     "#","Date Time, GMT-06:00","Event, Event (LGR S/N: 1, SEN S/N: 1)",...
 *     2,04/10/19 04:26:57,1.00,,,,
 *     797,04/16/20 15:21:55,,Logged,Logged,,
 *     801,04/16/20 15:26:29,792.00,,,,Logged
 *
 * - a column is "NAME, UNIT (serial numbers)"; the zone is in the name of the
 *   time's, fixed, without daylight saving. HOBOmobile writes its sign the
 *   other way about on some phones: there it is asked for
 * - Event counts on, in tips or in water: each row that adds something is the
 *   instant of a tip. The first row and the End Of File row add nothing
 * - rows with "Logged" and no value are visits (coupler, host, button): tips
 *   from 5 minutes before to 10 after one are flagged "service", for whoever
 *   stands at a bucket tips it
 * - dates are in the order of the computer that exported: the whole file, or
 *   the user, decides
 * - BoxCar exports are the same with tabs
 *
 * Source: HOBOware user's guide, "Exporting"; real exports of UA-003, U23,
 * MX2301; the span around a visit is that of the raindancer package.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/text.h"
#include "station/column.h"
#include "station/station.h"

enum { SERVICE_BEFORE_S = 300, SERVICE_AFTER_S = 600, MAX_VISITS = 10000 };

struct hobo {
	struct wx_rawlog lines;
	struct wx_rows tips, rest; /* events; what is read at intervals */
	struct wx_station_opts opts;
	struct wx_header names;
	int time, event; /* columns; -1 */
	bool event_counts;
	struct wx_unit event_unit;
	int n_cols;
	struct wx_column col[WX_N_KEYS];
	char delim;
	enum wx_date_order order;
	struct wx_date_orders may; /* over the whole file */
	int64_t n_orders;
	struct wx_counter counter;
	double last_count;
	struct wx_time *visit;
	size_t n_visits, room_visits;
	struct wx_field fields[WX_FIELDS_MAX];
};

static const struct {
	const char *name;
	int key;
} sensors[] = {
	{ "Temp", WX_KEY_TEMP },       { "RH", WX_KEY_HUM },
	{ "Rain", WX_KEY_RAIN },       { "Wind Speed", WX_KEY_WIND },
	{ "Gust Speed", WX_KEY_GUST }, { "Wind Direction", WX_KEY_DIR },
	{ "Abs Pres", WX_KEY_PRES },   { "Pressure", WX_KEY_PRES },
};

static int probe(const uint8_t *head, size_t n)
{
	const uint8_t *time = memmem(head, n, "Date Time", 9);
	size_t rest = time ? n - (size_t)(time - head) : 0;

	return time && memmem(time, rest < 40 ? rest : 40, "GMT", 3) ? 90 : 0;
}

/* ---- the header ---- */

/*
 * "NAME, UNIT (serials)", on phones "NAME, (UNIT)": the length of NAME, and
 * where UNIT is.
 */
static size_t split_name(const char *text, const char **unit, size_t *n_unit)
{
	size_t n = strcspn(text, ",(");

	*unit = text + n + (text[n] == ',');
	*unit += strspn(*unit, " ");
	if (text[n] == ',' && **unit == '(') {
		*unit += 1 + strspn(*unit + 1, "*");
		*n_unit = strcspn(*unit, ")");
	} else {
		*n_unit = text[n] == ',' ? strcspn(*unit, "(") : 0;
	}
	while (*n_unit && (*unit)[*n_unit - 1] == ' ')
		--*n_unit;
	while (n && text[n - 1] == ' ')
		n--;
	return n;
}

static bool is_named(const char *text, size_t n, const char *name)
{
	return strlen(name) == n && !strncasecmp(text, name, n);
}

static int add_column(struct hobo *h, int at, int key, const char *unit,
		      size_t n_unit, struct wx_error *err)
{
	struct wx_column c = { .key = key, .at = at };
	char quoted[WX_QUOTE_SIZE];

	if (key == WX_KEY_DIR)
		c.unit = (struct wx_unit){ 1, 0 };
	else if (!wx_unit_find(key, unit, n_unit, &c.unit))
		return wx_rawlog_fail(&h->lines, err, WX_ERR_FORMAT,
				      "column '%s': expected a unit of %s, as "
				      "%s",
				      wx_quote(h->names.name[at],
					       strlen(h->names.name[at]),
					       quoted),
				      wx_keys[key].name, wx_unit_list(key));
	for (int i = 0; i < h->n_cols; i++)
		if (h->col[i].key == key)
			return WX_OK; /* the first sensor of a kind */
	h->col[h->n_cols++] = c;
	return WX_OK;
}

/* Tips, or water. */
static void take_event(struct hobo *h, int at, const char *unit, size_t n_unit)
{
	h->event = at;
	h->event_counts =
		!wx_unit_find(WX_KEY_RAIN, unit, n_unit, &h->event_unit);
	if (h->event_counts)
		h->event_unit = (struct wx_unit){ 1, 0 };
}

/* "GMT-06:00" or "GMT +05:00" behind the time's name. */
static int take_zone(struct hobo *h, const char *name, struct wx_error *err)
{
	const char *gmt = strstr(name, "GMT");
	bool mobile = strstr(name, " - GMT") != NULL;
	char zone[8] = "";

	if (h->opts.has_offset || h->opts.zone || !gmt)
		return WX_OK;
	if (mobile)
		return wx_rawlog_fail(
			&h->lines, err, WX_ERR_FORMAT,
			"'%s': HOBOmobile writes the sign of the zone both "
			"ways; say which it is: --utc-offset +hh:mm or -hh:mm "
			"(utc_offset in site.json)",
			name);
	gmt += 3 + strspn(gmt + 3, " ");
	snprintf(zone, sizeof(zone), "%.6s", gmt);
	h->opts.has_offset =
		wx_offset_parse(zone, &h->opts.offset_s, NULL) == WX_OK;
	return WX_OK;
}

static int take_columns(struct hobo *h, struct wx_error *err)
{
	int rc = WX_OK;

	for (int i = 0; i < h->names.n && !rc; i++) {
		const char *name = h->names.name[i], *unit;
		size_t n_unit, n = split_name(name, &unit, &n_unit);

		if (h->time < 0 && !strncasecmp(name, "Date Time", 9)) {
			h->time = i;
			rc = take_zone(h, name, err);
		} else if (h->event < 0 && is_named(name, n, "Event")) {
			take_event(h, i, unit, n_unit);
		}
		for (size_t k = 0; k < WX_COUNT(sensors) && !rc; k++)
			if (is_named(name, n, sensors[k].name))
				rc = add_column(h, i, sensors[k].key, unit,
						n_unit, err);
	}
	if (!rc && h->time < 0)
		rc = wx_rawlog_fail(&h->lines, err, WX_ERR_FORMAT,
				    "expected a column whose name begins with "
				    "'Date Time'");
	if (!rc && h->event < 0 && !h->n_cols)
		rc = wx_rawlog_fail(&h->lines, err, WX_ERR_FORMAT,
				    "no column is known (Event, Rain, Temp, "
				    "RH, Wind Speed, Gust Speed, Wind "
				    "Direction, Pressure)");
	return rc;
}

/* Lines up to that of the names; *found when it is this one. */
static int read_header(struct hobo *h, char *text, size_t n, bool *found,
		       struct wx_error *err)
{
	int n_fields;

	*found = strstr(text, "Date Time") != NULL;
	if (!*found)
		return WX_OK;
	h->delim = strchr(text, '\t') ? '\t' : ',';
	n_fields = wx_fields_split(text, n, h->delim, h->fields);
	if (n_fields < 0)
		return wx_rawlog_fail(
			&h->lines, err, WX_ERR_FORMAT,
			"the header is cut: a quote is not closed");
	wx_header_fini(&h->names);
	if (wx_header_init(&h->names, h->fields, n_fields, err))
		return err->code;
	h->time = h->event = -1;
	h->n_cols = 0;
	return take_columns(h, err);
}

/* ---- rows ---- */

static int visit(struct hobo *h, struct wx_time utc, struct wx_error *err)
{
	if (h->n_visits == MAX_VISITS)
		return WX_OK;
	if (WX_GROW(&h->visit, &h->room_visits, h->n_visits + 1, err))
		return WX_ERR_NOMEM;
	h->visit[h->n_visits++] = utc;
	return WX_OK;
}

static bool in_service(const struct hobo *h, struct wx_time utc)
{
	for (size_t i = 0; i < h->n_visits; i++) {
		double s = wx_time_diff_s(utc, h->visit[i]);

		if (s >= -SERVICE_BEFORE_S && s <= SERVICE_AFTER_S)
			return true;
	}
	return false;
}

/* A cell with a number that is there. */
static bool value_at(const struct hobo *h, int at, int n, double *v)
{
	return at >= 0 && at < n &&
	       wx_f64_parse(h->fields[at].text, h->fields[at].n, v);
}

static int put_event(struct hobo *h, struct wx_time utc, double count,
		     struct wx_error *err)
{
	struct wx_raw_row raw;
	double add = count - h->last_count;
	bool first = isnan(h->last_count);

	h->last_count = count;
	if (add < 0)
		wx_rawlog_warn(&h->lines, WX_ROW_COUNTER,
			       "the count of events went back from %g to %g: "
			       "credited nothing",
			       count - add, count);
	if (first || !(add > 0))
		return WX_OK;
	wx_raw_row_init(&raw);
	raw.obs.utc = utc;
	if (h->event_counts) {
		wx_raw_row_set(&raw, WX_KEY_TIPS, add, &h->lines);
	} else {
		wx_raw_row_set(&raw, WX_KEY_RAIN, add * h->event_unit.scale,
			       &h->lines);
		raw.rain_step_mm = 0.01 * h->event_unit.scale;
	}
	if (in_service(h, utc))
		wx_obs_flag(&raw.obs, "service");
	wx_raw_row_torn(&raw, &h->lines);
	return wx_rows_put(&h->tips, &raw, err);
}

static int put_rest(struct hobo *h, struct wx_time utc, int n,
		    struct wx_error *err)
{
	struct wx_raw_row raw;
	bool any = false;
	double v;

	wx_raw_row_init(&raw);
	raw.obs.utc = utc;
	for (int i = 0; i < h->n_cols; i++) {
		const struct wx_column *c = &h->col[i];

		if (!value_at(h, c->at, n, &v))
			continue;
		wx_raw_row_set(&raw, c->key, v * c->unit.scale + c->unit.offset,
			       &h->lines);
		if (c->key == WX_KEY_RAIN)
			raw.rain_step_mm = 0.01 * c->unit.scale;
		any = true;
	}
	if (!any)
		return WX_OK;
	wx_raw_row_torn(&raw, &h->lines);
	return wx_rows_put(&h->rest, &raw, err);
}

/* look: only what the whole file decides. */
static int read_row(struct hobo *h, char *text, size_t size, bool look,
		    struct wx_error *err)
{
	int n = wx_fields_split(text, size, h->delim, h->fields);
	struct wx_stamp s;
	struct wx_time utc;
	bool use, any = false;
	double v;
	int rc;

	if (n <= h->time || n < 2) {
		wx_rawlog_warn_width(&h->lines, h->names.n, n);
		return WX_OK;
	}
	if (look) {
		const struct wx_field *f = &h->fields[h->time];

		wx_stamp_parse(f->text, f->n, h->order, &s);
		if (s.kind == WX_STAMP_ORDER) {
			h->n_orders++;
			wx_date_orders_see(&h->may, s.date);
			return WX_OK;
		}
	}
	rc = wx_rows_time(&h->lines, &h->fields[h->time], &h->opts, h->order,
			  &utc, &use, err);
	if (rc || !use)
		return rc;
	if (!h->lines.complete && n < h->names.n) {
		n--; /* the last number of a line that was cut may be, too */
		wx_rawlog_warn(&h->lines, WX_ROW_WIDTH,
			       "the last line does not end: expected %d "
			       "columns, found %d: its last value is left out",
			       h->names.n, n + 1);
	}
	any = value_at(h, h->event, n, &v);
	if (look) {
		for (int i = h->time + 1; i < n; i++)
			if (!strcmp(h->fields[i].text, "Logged"))
				return any ? WX_OK : visit(h, utc, err);
		return WX_OK;
	}
	if (any)
		rc = put_event(h, utc, v, err);
	return rc ? rc : put_rest(h, utc, n, err);
}

static int pass(struct hobo *h, bool look, struct wx_error *err)
{
	bool begun = false;
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&h->lines, &text, &n, err)) == 1) {
		rc = begun ? read_row(h, text, n, look, err)
			   : read_header(h, text, n, &begun, err);
		if (rc)
			return rc;
	}
	if (!rc && !begun)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected a header with a column 'Date "
			       "Time', found none",
			       h->lines.name);
	return rc;
}

/* A pass that only looks, silently; then the file begins again. */
static int look(struct hobo *h, struct wx_error *err)
{
	struct wx_rawlog *l = &h->lines;
	struct wx_log *log = l->log;
	FILE *in = l->in;
	int rc;

	l->log = NULL;
	rc = pass(h, true, err);
	wx_rawlog_fini(l);
	if (!rc && fseek(in, 0, SEEK_SET) != 0)
		rc = wx_fail_errno(err, "%s: cannot read twice, give a file",
				   l->name);
	return rc ? rc : wx_rawlog_init(l, in, l->name, log, err);
}

/* The order of dates, then the visits, which need it. */
static int survey(struct hobo *h, struct wx_error *err)
{
	int rc = look(h, err);

	if (rc || !h->n_orders)
		return rc;
	h->order = wx_date_orders_left(&h->may);
	if (h->order == WX_DATE_NOT_TOLD)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: no row decides in which order day, month "
			       "and year stand; give --date-order mdy, dmy or "
			       "ymd",
			       h->lines.name);
	return look(h, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct hobo *h = calloc(1, sizeof(*h));
	int rc;

	if (!h)
		return wx_fail_nomem(err);
	h->opts = *opts;
	h->last_count = NAN;
	h->may = (struct wx_date_orders){ true, true, true };
	h->order = wx_date_order_parse(opts->date_order);
	rc = wx_rawlog_init(&h->lines, in, name, log, err);
	if (!rc)
		rc = survey(h, err);
	wx_rows_init(&h->tips, &h->lines, &h->opts, WX_RAIN_TIPS, row, ctx);
	wx_rows_init(&h->rest, &h->lines, &h->opts,
		     opts->rain_kind ? wx_rain_kind_parse(opts->rain_kind)
				     : WX_RAIN_INTERVAL,
		     row, ctx);
	if (!rc)
		rc = pass(h, false, err);
	if (!rc)
		rc = wx_rows_end(&h->tips, err);
	if (!rc)
		rc = wx_rows_end(&h->rest, err);
	wx_rawlog_fini(&h->lines);
	wx_header_fini(&h->names);
	free(h->visit);
	free(h);
	return rc;
}

const struct wx_station_format wx_station_hobo = {
	.name = "hobo",
	.desc = "exports of Onset HOBO loggers",
	.probe = probe,
	.read = read_rows,
};
