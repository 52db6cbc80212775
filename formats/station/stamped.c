/* SPDX-License-Identifier: MIT */
/* formats/station/stamped.c: see stamped.h. */
#include "station/stamped.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* A step up to this much longer than the usual one is no hole. */
#define LATE 1.5

#define HALF_DAY_S 43200.0

/* ---- the time in front ---- */

/* Columns and brackets become single blanks; marks at the ends are dropped. */
static size_t tidy(const char *text, size_t n, char buf[WX_PREFIX_SIZE])
{
	size_t len = 0;

	while (n && strchr(" \t[('\"<", *text)) {
		text++;
		n--;
	}
	for (size_t i = 0; i < n && len < WX_PREFIX_SIZE - 2; i++) {
		char c = strchr(";,\t[]()'\"", text[i]) ? ' ' : text[i];

		if (c != ' ' || (len && buf[len - 1] != ' '))
			buf[len++] = c;
	}
	while (len && strchr(" :<>=|-", buf[len - 1]))
		len--;
	buf[len] = '\0';
	return len;
}

/* "UTC" and "GMT" as the last word are a zone. */
static size_t zone_word(char *buf, size_t n)
{
	if (n > 4 && buf[n - 4] == ' ' &&
	    (!strcasecmp(buf + n - 3, "UTC") ||
	     !strcasecmp(buf + n - 3, "GMT"))) {
		memcpy(buf + n - 3, "Z", 2);
		n -= 2;
	}
	return n;
}

enum wx_stamp_kind wx_prefix_stamp(const char *text, size_t n,
				   enum wx_date_order order,
				   char buf[WX_PREFIX_SIZE],
				   struct wx_field *stamp)
{
	size_t len = tidy(text, n, buf);
	struct wx_stamp s = { .kind = WX_STAMP_BAD };

	/* Words behind it are columns of something else. */
	while (len) {
		len = zone_word(buf, len);
		wx_stamp_parse(buf, len, order, &s);
		if (s.kind != WX_STAMP_BAD)
			break;
		while (len && buf[len - 1] != ' ')
			len--;
		while (len && strchr(" :<>=|-", buf[len - 1]))
			len--;
		buf[len] = '\0';
	}
	*stamp = (struct wx_field){ buf, len };
	return s.kind;
}

/* "12:00:00.25": seconds since midnight; NAN: it is no time of day alone. */
static double day_seconds(const char *text, size_t n)
{
	double s, h, m;

	if (n < 8 || text[2] != ':' || text[5] != ':' ||
	    !wx_f64_parse(text, 2, &h) || !wx_f64_parse(text + 3, 2, &m) ||
	    !wx_f64_parse(text + 6, n - 6, &s))
		return NAN;
	return h >= 0 && h < 24 && m >= 0 && m < 60 && s >= 0 && s < 60
		       ? h * 3600 + m * 60 + s
		       : NAN;
}

/* Of the date that is told, and the midnights since. */
static int on_date(struct wx_rawlog *lines, double day_s,
		   const struct wx_station_opts *opts, const char *text,
		   struct wx_time *utc, struct wx_error *err)
{
	struct wx_civil c;
	struct wx_time t;
	int64_t day;

	if (!opts->date)
		return wx_rawlog_fail(
			lines, err, WX_ERR_FORMAT,
			"'%s' is a time without its day; give --date "
			"YYYY-MM-DD, that of the first line (date in "
			"site.json)",
			text);
	if (wx_day_parse(opts->date, &day, err))
		return err ? err->code : WX_ERR_FORMAT;
	if (lines->day_s - day_s > HALF_DAY_S)
		lines->days++;
	lines->day_s = day_s;
	t.utc_ns = (day + lines->days) * WX_S_PER_DAY * WX_NS_PER_S +
		   llround(day_s * 1000) * 1000000;
	c = wx_time_to_civil(t, 0);
	return wx_rows_civil(lines, &c, text, opts, utc, err);
}

int wx_prefix_time(struct wx_rawlog *lines, const char *text, size_t n,
		   enum wx_date_order order, const struct wx_station_opts *opts,
		   struct wx_time *utc, bool *told, bool *use,
		   struct wx_error *err)
{
	char buf[WX_PREFIX_SIZE];
	struct wx_field stamp;
	double day_s;

	*told = *use = true;
	if (wx_prefix_stamp(text, n, order, buf, &stamp) != WX_STAMP_BAD)
		return wx_rows_time(lines, &stamp, opts, order, utc, use, err);
	day_s = day_seconds(buf, tidy(text, n, buf));
	if (!isnan(day_s))
		return on_date(lines, day_s, opts, buf, utc, err);
	*told = *use = false;
	return WX_OK;
}

/* False: there is nothing more to decide. */
static bool see_date(const char *text, size_t n, struct wx_date_orders *may)
{
	char buf[WX_PREFIX_SIZE];
	struct wx_field f;
	struct wx_stamp s;

	switch (wx_prefix_stamp(text, n, WX_DATE_NOT_TOLD, buf, &f)) {
	case WX_STAMP_ORDER:
		wx_stamp_parse(f.text, f.n, WX_DATE_NOT_TOLD, &s);
		wx_date_orders_see(may, s.date);
		return wx_date_orders_left(may) == WX_DATE_NOT_TOLD;
	case WX_STAMP_BAD:
		return true;
	default:
		return false;
	}
}

static int look(struct wx_rawlog *lines, wx_message_fn *find,
		struct wx_date_orders *may, struct wx_error *err)
{
	bool more = true;
	char *text;
	size_t n, at;
	int rc = 1;

	while (more && (rc = wx_rawlog_next(lines, &text, &n, err)) == 1) {
		at = find(text, n);
		more = at == n || see_date(text, at, may);
	}
	return rc < 0 ? rc : WX_OK;
}

int wx_prefix_order(struct wx_rawlog *lines, wx_message_fn *find,
		    bool year_first, enum wx_date_order *order,
		    struct wx_error *err)
{
	struct wx_date_orders may = { true, true, year_first };
	struct wx_log *log = lines->log;
	const char *name = lines->name;
	FILE *in = lines->in;
	int rc;

	if (*order != WX_DATE_NOT_TOLD || fseek(in, 0, SEEK_CUR) != 0)
		return WX_OK;
	lines->log = NULL; /* the pass that counts will say it */
	rc = look(lines, find, &may, err);
	wx_rawlog_fini(lines);
	if (!rc && fseek(in, 0, SEEK_SET) != 0)
		rc = wx_fail_errno(err, "%s: cannot read twice", name);
	if (!rc)
		rc = wx_rawlog_init(lines, in, name, log, err);
	*order = wx_date_orders_left(&may);
	return rc;
}

/* ---- streams ---- */

void wx_stream_init(struct wx_stream *s, struct wx_rawlog *lines,
		    const struct wx_station_opts *opts, enum wx_rain_kind kind,
		    wx_obs_fn *row, void *ctx)
{
	*s = (struct wx_stream){ .opts = *opts, .last = WX_TIME_NONE };
	s->opts.stamp_start = false;
	wx_rows_init(&s->rows, lines, &s->opts, kind, row, ctx);
	s->rows.settled = true; /* the interval is told here, row by row */
}

void wx_stream_set(struct wx_stream *s, struct wx_time utc, int key, double v)
{
	struct wx_obs *o = &s->raw.obs;
	double *at, x = v * M_PI / 180;

	if (!s->has_raw) {
		wx_raw_row_init(&s->raw);
		o->utc = utc;
		s->line = s->rows.lines->line;
		s->has_raw = true;
		s->n_wind = s->n_dir = 0;
		s->dir_x = s->dir_y = 0;
	}
	at = wx_key_value(o, key);
	if (!wx_key_believes(key, v) || (key == WX_KEY_DIR && v > 360)) {
		wx_raw_row_set(&s->raw, key, v, s->rows.lines);
	} else if (key == WX_KEY_WIND && s->n_wind++) {
		*at += (v - *at) / s->n_wind;
	} else if (key == WX_KEY_DIR && s->n_dir++) {
		double deg;

		s->dir_x += cos(x);
		s->dir_y += sin(x);
		deg = atan2(s->dir_y, s->dir_x) * 180 / M_PI;
		*at = deg < 0 ? deg + 360 : deg;
	} else {
		if (key == WX_KEY_GUST && *at > v)
			v = *at;
		wx_raw_row_set(&s->raw, key, v, s->rows.lines);
		if (key == WX_KEY_DIR) {
			s->dir_x = cos(x);
			s->dir_y = sin(x);
		}
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The time since the row before, or after a hole the usual one. */
static double interval_of(struct wx_stream *s)
{
	double step_s = wx_time_is_none(s->last)
				? NAN
				: wx_time_diff_s(s->raw.obs.utc, s->last);
	double sorted[WX_STREAM_STEPS], usual_s;
	int n;

	if (!isnan(s->opts.interval_s))
		return s->opts.interval_s;
	if (step_s > 0)
		s->step_s[s->n_steps++ % WX_STREAM_STEPS] = step_s;
	n = s->n_steps < WX_STREAM_STEPS ? s->n_steps : WX_STREAM_STEPS;
	if (!n)
		return NAN;
	memcpy(sorted, s->step_s, sizeof(sorted));
	qsort(sorted, (size_t)n, sizeof(*sorted), by_value);
	usual_s = sorted[(n - 1) / 2];
	return step_s > 0 && step_s <= usual_s * LATE ? step_s : usual_s;
}

static int flush(struct wx_stream *s, struct wx_error *err)
{
	struct wx_rawlog *lines = s->rows.lines;
	long line = lines->line;
	int rc;

	s->raw.obs.interval_s = interval_of(s);
	s->last = s->raw.obs.utc;
	s->has_raw = false;
	lines->line = s->line;
	rc = wx_rows_put(&s->rows, &s->raw, err);
	lines->line = line;
	return rc;
}

int wx_streams_turn(struct wx_stream *s, size_t n, struct wx_time utc,
		    struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; !rc && i < n; i++)
		if (s[i].has_raw && s[i].raw.obs.utc.utc_ns != utc.utc_ns)
			rc = flush(&s[i], err);
	return rc;
}
