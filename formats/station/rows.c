/* SPDX-License-Identifier: MIT */
/* formats/station/rows.c: see rows.h. */
#include "station/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "station/unit.h"

/* Steps may be this much longer than the nominal one and still be one. */
#define JITTER 1.1

/* Rows so far apart, steadily, are of two hours if they have one stamp. */
#define LONG_STEP_S 1800

static bool is_second(const struct wx_rawlog *l, struct wx_time first)
{
	double s;

	if (!l->zoned.has_last)
		return false;
	s = wx_time_diff_s(first, l->zoned.last);
	return s < 0 ||
	       (s == 0 && l->zoned.steady && l->zoned.step_s >= LONG_STEP_S);
}

static int in_zone(struct wx_rawlog *l, const struct wx_civil *civil,
		   const char *text, const struct wx_zone *zone,
		   struct wx_time *utc, struct wx_error *err)
{
	struct wx_time at[2];
	int n = wx_zone_instants(zone, civil, at);
	double step_s;

	if (!n)
		return wx_rawlog_fail(
			l, err, WX_ERR_FORMAT,
			"there was no '%s' in %s, where the clock was put "
			"forward: the logger's was not; give --utc-offset "
			"+hh:mm (utc_offset in site.json) instead",
			text, wx_zone_name(zone));
	*utc = at[n == 2 && is_second(l, at[0])];
	step_s = l->zoned.has_last ? wx_time_diff_s(*utc, l->zoned.last) : NAN;
	/* A hole longer than the clock's step may hide which it is. */
	if (n == 2 && utc->utc_ns == at[0].utc_ns &&
	    !(step_s <= wx_time_diff_s(at[1], at[0])))
		wx_rawlog_warn(l, WX_ROW_TWICE,
			       "'%s' was twice in %s, and no row before tells "
			       "which: taken for the first",
			       text, wx_zone_name(zone));
	l->zoned.steady = step_s == l->zoned.step_s;
	if (step_s > 0)
		l->zoned.step_s = step_s;
	l->zoned.last = *utc;
	l->zoned.has_last = true;
	return WX_OK;
}

int wx_rows_civil(struct wx_rawlog *lines, const struct wx_civil *civil,
		  const char *text, const struct wx_station_opts *opts,
		  struct wx_time *utc, struct wx_error *err)
{
	if (opts->zone)
		return in_zone(lines, civil, text, opts->zone, utc, err);
	if (!opts->has_offset)
		return wx_rawlog_fail(
			lines, err, WX_ERR_FORMAT,
			"the zone of '%s' is not told; give --utc-offset "
			"+hh:mm or --zone NAME (utc_offset or zone in "
			"site.json)",
			text);
	*utc = wx_civil_to_time(civil, opts->offset_s);
	return WX_OK;
}

/* A fraction may follow what strptime(3) takes for the seconds. */
static bool by_format(const char *text, const char *format,
		      struct wx_stamp *out)
{
	struct tm tm = { .tm_mday = 1, .tm_year = -1 };
	const char *end = strptime(text, format, &tm);
	double fraction = 0;

	if (!end || (*end && (*end != '.' ||
			      !wx_f64_parse(end, strlen(end), &fraction))))
		return false;
	out->civil = (struct wx_civil){ .year = tm.tm_year + 1900,
					.month = tm.tm_mon + 1,
					.day = tm.tm_mday,
					.hour = tm.tm_hour,
					.minute = tm.tm_min,
					.second = tm.tm_sec,
					.ns = (int32_t)(fraction * 1e9) };
	if (tm.tm_year < 70 || wx_civil_check(&out->civil, NULL))
		return false;
	out->kind = WX_STAMP_LOCAL;
	if (strstr(format, "%z")) {
		out->kind = WX_STAMP_UTC;
		out->utc = wx_civil_to_time(&out->civil, (int)tm.tm_gmtoff);
	}
	return true;
}

void wx_rows_stamp(const struct wx_station_opts *opts,
		   const struct wx_field *stamp, enum wx_date_order order,
		   struct wx_stamp *out)
{
	if (!opts->time_format)
		wx_stamp_parse(stamp->text, stamp->n, order, out);
	else if (!by_format(stamp->text, opts->time_format, out))
		out->kind = WX_STAMP_BAD;
}

int wx_rows_time(struct wx_rawlog *lines, const struct wx_field *stamp,
		 const struct wx_station_opts *opts, enum wx_date_order order,
		 struct wx_time *utc, bool *use, struct wx_error *err)
{
	char quoted[WX_QUOTE_SIZE];
	struct wx_stamp s;

	*use = true;
	wx_rows_stamp(opts, stamp, order, &s);
	if (s.kind == WX_STAMP_UTC) {
		*utc = s.utc;
		return WX_OK;
	}
	if (s.kind == WX_STAMP_LOCAL)
		return wx_rows_civil(lines, &s.civil,
				     wx_quote(stamp->text, stamp->n, quoted),
				     opts, utc, err);
	if (s.kind == WX_STAMP_ORDER)
		return wx_rawlog_fail(
			lines, err, WX_ERR_FORMAT,
			"'%s' does not tell whether its date is "
			"day/month or month/day; give --date-order "
			"dmy, mdy or ymd",
			wx_quote(stamp->text, stamp->n, quoted));
	*use = false;
	wx_rawlog_warn(lines, WX_ROW_TIME,
		       "expected a time as %s, found '%s': row left out",
		       opts->time_format ? opts->time_format
					 : "2026-06-01 12:00:00",
		       wx_quote(stamp->text, stamp->n, quoted));
	return WX_OK;
}

void wx_obs_flag(struct wx_obs *obs, const char *word)
{
	size_t n = strlen(obs->flags), add = strlen(word);
	const char *at = strstr(obs->flags, word);

	if (at || n + add + 2 > sizeof(obs->flags))
		return;
	if (n)
		obs->flags[n++] = ' ';
	memcpy(obs->flags + n, word, add + 1);
}

void wx_raw_row_init(struct wx_raw_row *raw)
{
	*raw = (struct wx_raw_row){ .rain_step_mm = NAN };
	wx_obs_init(&raw->obs);
}

void wx_raw_row_set(struct wx_raw_row *raw, int key, double v,
		    struct wx_rawlog *lines)
{
	if (isnan(v))
		return;
	if (key == WX_KEY_DIR && v > 360 && v <= wx_keys[key].max) {
		wx_rawlog_warn(lines, WX_ROW_WRAP,
			       "direction %g is past 360: taken as %g", v,
			       v - 360);
		v -= 360;
	}
	if (wx_key_believes(key, v))
		*wx_key_value(&raw->obs, key) = v;
	else
		wx_rawlog_warn(lines, WX_ROW_RANGE,
			       "%s %g is not believable: taken as missing",
			       wx_keys[key].name, v);
}

void wx_raw_row_torn(struct wx_raw_row *raw, struct wx_rawlog *lines)
{
	if (lines->complete)
		return;
	wx_obs_flag(&raw->obs, "torn");
	wx_rawlog_warn(lines, WX_ROW_WIDTH,
		       "the last line does not end: kept, flagged torn");
}

void wx_rows_init(struct wx_rows *r, struct wx_rawlog *lines,
		  const struct wx_station_opts *opts, enum wx_rain_kind kind,
		  wx_obs_fn *row, void *ctx)
{
	r->lines = lines;
	r->opts = opts;
	r->row = row;
	r->ctx = ctx;
	r->kind = kind;
	r->rain = r->tips = (struct wx_counter){ .modulus = opts->modulus };
	r->turns = (struct wx_counter){ 0 };
	r->turns_are_counted = r->rows_are_tips = false;
	r->last = r->latest = WX_TIME_NONE;
	r->interval_s = kind == WX_RAIN_TIPS ? 0 : opts->interval_s;
	r->settled = !isnan(r->interval_s);
	r->n_ahead = 0;
}

static double read_counter(struct wx_rows *r, struct wx_counter *c,
			   struct wx_obs *obs, double value, double mm_per_unit,
			   double *span_s)
{
	enum wx_counter_event event;
	double span, was = c->base;
	double credit =
		wx_counter_read(c, obs->utc, value, mm_per_unit, &span, &event);

	if (event == WX_COUNTER_WRAP)
		wx_obs_flag(obs, "counter_wrap");
	if (value >= c->modulus)
		wx_rawlog_warn(r->lines, WX_ROW_COUNTER,
			       "the rain counter reads %g, past its modulus of "
			       "%g: it does not begin again there",
			       value, c->modulus);
	if (event == WX_COUNTER_BACK) {
		wx_obs_flag(obs, "counter_back");
		wx_rawlog_warn(r->lines, WX_ROW_COUNTER,
			       "the rain counter went back from %g to %g: "
			       "credited nothing",
			       was, value);
	} else if (event == WX_COUNTER_JUMP) {
		wx_obs_flag(obs, "counter_jump");
		wx_rawlog_warn(r->lines, WX_ROW_COUNTER,
			       "the rain counter jumped from %g to %g, faster "
			       "than a bucket can tip: credited only if the "
			       "next reading confirms it",
			       was, value);
	}
	if (credit > 0 && span > *span_s)
		*span_s = span;
	return credit;
}

/* A counter goes on where the file before ended, if this one begins later. */
static void take_over(struct wx_rows *r, struct wx_time utc)
{
	const struct wx_rain_carry *c = r->opts->carry;

	if (!c)
		return;
	if (c->rain.has_base && c->rain.base_utc.utc_ns < utc.utc_ns)
		r->rain = c->rain;
	if (c->tips.has_base && c->tips.base_utc.utc_ns < utc.utc_ns)
		r->tips = c->tips;
}

/* The rain of one row, as its kind means it; how much time it covers. */
static double settle_rain(struct wx_rows *r, const struct wx_raw_row *raw,
			  struct wx_obs *obs)
{
	double bucket = r->opts->bucket_mm, step = raw->rain_step_mm;
	double span_s = obs->interval_s;

	if (r->kind == WX_RAIN_CUMULATIVE) {
		obs->rain_mm = read_counter(r, &r->rain, obs, obs->rain_mm, 1,
					    &span_s);
		obs->tips = read_counter(r, &r->tips, obs, obs->tips,
					 isnan(bucket) ? 0.2 : bucket, &span_s);
		step *= 2; /* of a difference */
	} else if (obs->rain_mm > WX_RAIN_MOST_MM) {
		wx_rawlog_warn(r->lines, WX_ROW_RANGE,
			       "%g mm of rain in one row is not believable: "
			       "left out; if the column is a counter: "
			       "--rain-kind cumulative",
			       obs->rain_mm);
		obs->rain_mm = NAN;
	}
	/* A column's void mark, "V" or -99.99, is no tip. */
	if (r->rows_are_tips)
		obs->tips = 1;
	if (isnan(obs->tips))
		obs->tips = wx_rain_tips(obs->rain_mm, bucket, step);
	if (isnan(obs->rain_mm))
		obs->rain_mm = obs->tips * bucket;
	return span_s;
}

/* No cup or propeller pulses faster, Hz: 150 m/s at 0.05 m/s per Hz. */
#define MAX_TURNS_HZ 3000.0

/* What a counter of turns rose by within the interval, and only then. */
static void settle_turns(struct wx_rows *r, struct wx_obs *obs)
{
	enum wx_counter_event event;
	double span_s, turns = obs->cup_turns;

	if (r->turns_are_counted) {
		turns = wx_counter_read(&r->turns, obs->utc, turns, 0, &span_s,
					&event);
		/* Over a hole it is another mean than the row's. */
		obs->cup_turns =
			span_s <= obs->interval_s * JITTER ? turns : NAN;
	}
	if (obs->cup_turns > MAX_TURNS_HZ * obs->interval_s) {
		wx_rawlog_warn(r->lines, WX_ROW_RANGE,
			       "%g turns in %g s are not believable: taken as "
			       "missing",
			       obs->cup_turns, obs->interval_s);
		obs->cup_turns = NAN;
	}
}

static void settle_wind(const struct wx_rows *r, struct wx_obs *obs)
{
	double slope = r->opts->m_s_per_hz, offset = r->opts->cup_offset_m_s;
	double hz = obs->cup_turns / obs->interval_s;

	if (!isnan(obs->wind_avg_m_s) || isnan(slope) || !isfinite(hz))
		return;
	/* No turn is no wind, whatever the line through the rest says. */
	obs->wind_avg_m_s =
		hz > 0 ? (isnan(offset) ? 0 : offset) + slope * hz : 0;
}

static bool measures_more_than_rain(const struct wx_obs *o)
{
	return !isnan(o->cup_turns) || !isnan(o->wind_avg_m_s) ||
	       !isnan(o->wind_gust_m_s) || !isnan(o->wind_dir_deg) ||
	       !isnan(o->air_temp_degc) || !isnan(o->rel_hum_pct) ||
	       !isnan(o->pressure_hpa);
}

/*
 * A counter read after a hole gives the rain of the whole hole, the other
 * values only that of their own interval: two rows with one end.
 */
static int hand_over(struct wx_rows *r, struct wx_obs *obs, double rain_span_s,
		     struct wx_error *err)
{
	struct wx_obs rain;
	int rc;

	if (!(rain_span_s > obs->interval_s * JITTER))
		return r->row(r->ctx, obs, err);
	wx_obs_init(&rain);
	rain.utc = obs->utc;
	rain.interval_s = rain_span_s;
	rain.tips = obs->tips;
	rain.rain_mm = obs->rain_mm;
	wx_obs_flag(&rain, "rain_gap");
	rc = r->row(r->ctx, &rain, err);
	obs->tips = obs->rain_mm = NAN;
	if (!rc && measures_more_than_rain(obs))
		rc = r->row(r->ctx, obs, err);
	return rc;
}

/* As the row tells it; a poller's jitter; else as of the others. */
static double interval_of(const struct wx_rows *r, const struct wx_raw_row *raw,
			  double step_s)
{
	if (!isnan(raw->obs.interval_s))
		return raw->obs.interval_s;
	if (isnan(r->opts->interval_s) && !r->opts->stamp_start && step_s > 0 &&
	    step_s <= r->interval_s * JITTER)
		return step_s;
	return r->interval_s;
}

static int process(struct wx_rows *r, const struct wx_raw_row *raw,
		   struct wx_error *err)
{
	long line = r->lines->line;
	struct wx_obs obs = raw->obs;
	bool first = wx_time_is_none(r->last);
	double step_s = first ? NAN : wx_time_diff_s(obs.utc, r->last);
	double span_s;
	int rc;

	r->lines->line = raw->line; /* it may have waited */
	/* Tips in one tick of the clock are tips; rows cannot be. */
	if (step_s < 0 || (step_s == 0 && r->kind != WX_RAIN_TIPS))
		wx_rawlog_warn(r->lines, WX_ROW_BACK,
			       step_s < 0
				       ? "time goes back by %g s: kept in the "
					 "order of the file, flagged clock_back"
				       : "the time is that of the row before "
					 "(%g s): kept, flagged clock_back",
			       0 - step_s);
	if (!first &&
	    (obs.utc.utc_ns < r->latest.utc_ns ||
	     (obs.utc.utc_ns == r->latest.utc_ns && r->kind != WX_RAIN_TIPS)))
		wx_obs_flag(&obs, "clock_back");
	obs.interval_s = interval_of(r, raw, step_s);
	r->last = obs.utc;
	if (r->latest.utc_ns < obs.utc.utc_ns)
		r->latest = obs.utc;
	if (r->opts->stamp_start && obs.interval_s > 0)
		obs.utc = wx_time_add_s(obs.utc, obs.interval_s);
	if (first)
		take_over(r, obs.utc);
	span_s = settle_rain(r, raw, &obs);
	settle_turns(r, &obs);
	settle_wind(r, &obs);
	rc = hand_over(r, &obs, span_s, err);
	r->lines->line = line;
	return rc;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The interval is the median step of the first rows. */
static int settle_interval(struct wx_rows *r, struct wx_error *err)
{
	double steps[WX_ROWS_AHEAD];
	int n = 0, rc = WX_OK, n_ahead = r->n_ahead;

	for (int i = 1; i < n_ahead; i++) {
		double s = wx_time_diff_s(r->ahead[i].obs.utc,
					  r->ahead[i - 1].obs.utc);

		if (s > 0)
			steps[n++] = s;
	}
	qsort(steps, (size_t)n, sizeof(*steps), by_value);
	r->interval_s = n ? steps[(n - 1) / 2] : NAN;
	r->settled = true;
	if (!n && n_ahead && r->opts->stamp_start)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: one row does not tell how long an interval "
			       "is; give --interval SECONDS",
			       r->lines->name);
	if (!n && n_ahead)
		wx_warn(r->lines->log,
			"%s: one row does not tell how long an interval is; "
			"give --interval SECONDS",
			r->lines->name);
	r->n_ahead = 0;
	for (int i = 0; !rc && i < n_ahead; i++)
		rc = process(r, &r->ahead[i], err);
	return rc;
}

int wx_rows_put(struct wx_rows *r, const struct wx_raw_row *raw,
		struct wx_error *err)
{
	bool told = r->settled || !isnan(raw->obs.interval_s);
	struct wx_raw_row *next = &r->ahead[told ? 0 : r->n_ahead];

	*next = *raw;
	next->line = r->lines->line;
	if (told)
		return process(r, next, err);
	r->n_ahead++;
	return r->n_ahead < WX_ROWS_AHEAD ? WX_OK : settle_interval(r, err);
}

int wx_rows_check_times(const struct wx_rows *r, struct wx_error *err)
{
	if (!wx_time_is_none(r->last) || r->n_ahead ||
	    !r->lines->warned[WX_ROW_TIME])
		return WX_OK;
	return wx_fail(
		err, WX_ERR_FORMAT,
		"%s: no row has a time that can be read, as 2026-06-01 "
		"12:00:00; say which column it is: --columns time=NAME, "
		"or how it is written: --time-format '%%d %%b %%Y %%H:%%M'",
		r->lines->name);
}

int wx_rows_end(struct wx_rows *r, struct wx_error *err)
{
	int rc = r->settled ? WX_OK : settle_interval(r, err);

	if (r->opts->carry && r->kind == WX_RAIN_CUMULATIVE) {
		r->opts->carry->rain = r->rain;
		r->opts->carry->tips = r->tips;
	}
	return rc;
}
