/* SPDX-License-Identifier: MIT */
/* lib/weather/summary.c: see summary.h. */
#include "weather/summary.h"

#include <math.h>
#include <stddef.h>
#include <string.h>

#define SAMPLE_S 30.0   /* values nearer than this are samples, */
#define MINUTE_S 90.0   /* than this one-minute values, */
#define HOUR_S   3600.0 /* past this nothing is said of steps */
/* A hole this long ends what did not move. */
#define BREAK_S 900.0
/* A row that begins this share of its interval late leaves a gap. */
#define LATE 0.5
/* Moderate wind turns a vane for sure, m/s. */
#define VANE_M_S 2.0
/* A gust of counted pulses may read less than the mean by so much. */
#define COUNT_M_S 0.5
/* Suspect, mm in a minute: 300 mm/h. */
#define MAX_MM_MIN 5.0

static const struct limits {
	const char *name;
	size_t offset;
	double min, max; /* WMO's plausible values; NAN: none */
	/* Largest step between samples, minutes, values up to an hour apart;
	 * 0: any. That of the hour only tells spikes. */
	double sample, minute, hour;
	/* Not moving by this much for so long is stuck; 0: may stand still. */
	double spread, stuck_s;
} limits[WX_SUM_N] = {
	[WX_SUM_TIPS] = { "tips", offsetof(struct wx_obs, tips), NAN, NAN, 0, 0,
			  0, 0, 0 },
	[WX_SUM_RAIN] = { "rain_mm", offsetof(struct wx_obs, rain_mm), NAN, NAN,
			  0, 0, 0, 0, 0 },
	[WX_SUM_TURNS] = { "cup_turns", offsetof(struct wx_obs, cup_turns), NAN,
			   NAN, 0, 0, 0, 0, 0 },
	[WX_SUM_WIND] = { "wind_avg_m_s", offsetof(struct wx_obs, wind_avg_m_s),
			  0, 75, 20, 20, 0, 0.5, 3600 },
	[WX_SUM_GUST] = { "wind_gust_m_s",
			  offsetof(struct wx_obs, wind_gust_m_s), 0, 150, 0, 0,
			  0, 0, 0 },
	[WX_SUM_DIR] = { "wind_dir_deg", offsetof(struct wx_obs, wind_dir_deg),
			 0, 360, 0, 0, 0, 10, 3600 },
	[WX_SUM_TEMP] = { "air_temp_degc",
			  offsetof(struct wx_obs, air_temp_degc), -80, 60, 2, 3,
			  4, 0.1, 3600 },
	[WX_SUM_HUM] = { "rel_hum_pct", offsetof(struct wx_obs, rel_hum_pct), 0,
			 102, 5, 15, 0, 1, 3600 },
	/* It turns for longer than an hour; plateaus of 2.6 h were seen. */
	[WX_SUM_PRES] = { "pressure_hpa", offsetof(struct wx_obs, pressure_hpa),
			  500, 1100, 0.3, 2, 3, 0.1, 3 * 3600 },
};

/* Calm is real, and so is fog. */
#define CALM_M_S 0.5
#define FOG_PCT  95.0

const char *wx_summary_column_name(enum wx_summary_column column)
{
	return limits[column].name;
}

const char *wx_suspect_name(enum wx_suspect_kind kind)
{
	static const char *const name[WX_SUSPECT_N] = {
		[WX_SUSPECT_DOUBLE] = "double", [WX_SUSPECT_RANGE] = "range",
		[WX_SUSPECT_SPIKE] = "spike",   [WX_SUSPECT_STEP] = "step",
		[WX_SUSPECT_STUCK] = "stuck",   [WX_SUSPECT_RATE] = "rate",
		[WX_SUSPECT_ORDER] = "order",
	};

	return name[kind];
}

void wx_summary_init(struct wx_summary *s)
{
	*s = (struct wx_summary){ .first = WX_TIME_NONE,
				  .last = WX_TIME_NONE,
				  .longest_gap = WX_TIME_NONE,
				  .interval_s = NAN,
				  .until = WX_TIME_NONE,
				  .last_utc = WX_TIME_NONE,
				  .last_tip = WX_TIME_NONE,
				  .minute = INT64_MIN };
	for (int c = 0; c < WX_SUM_N; c++) {
		struct wx_summary_values *v = &s->column[c];

		v->min = v->max = NAN;
		v->at = v->since = WX_TIME_NONE;
		for (int k = 0; k < WX_SUSPECT_N; k++)
			s->suspect[c][k] = (struct wx_suspect){
				.first = WX_TIME_NONE,
				.value = NAN,
				.previous = NAN,
			};
	}
	for (int k = 0; k < WX_SUM_N_RAIN; k++)
		s->rain_mm[k] = s->tips[k] = NAN;
}

static void suspect(struct wx_summary *s, int column, enum wx_suspect_kind kind,
		    struct wx_time at, double value, double previous)
{
	struct wx_suspect *x = &s->suspect[column][kind];

	if (x->n++)
		return;
	x->first = at;
	x->value = value;
	x->previous = previous;
}

/* ---- one column ---- */

/* The step that waited was one: nothing came back. */
static void settle_step(struct wx_summary *s, int column)
{
	struct wx_summary_values *v = &s->column[column];

	if (v->waits && !v->spike_only)
		suspect(s, column, WX_SUSPECT_STEP, v->at, v->last, v->before);
	v->waits = false;
}

static void see_step(struct wx_summary *s, int column, struct wx_time utc,
		     double value)
{
	const struct limits *l = &limits[column];
	struct wx_summary_values *v = &s->column[column];
	double dt = wx_time_is_none(v->at) ? NAN : wx_time_diff_s(utc, v->at);
	double most = !(dt > 0)        ? 0
		      : dt <= SAMPLE_S ? l->sample
		      : dt <= MINUTE_S ? l->minute
		      : dt <= HOUR_S   ? l->hour
				       : 0;
	double step = value - v->last;
	bool large = most > 0 && fabs(step) > most;

	if (v->waits && large && (step > 0) != (v->step > 0)) {
		suspect(s, column, WX_SUSPECT_SPIKE, v->at, v->last, v->before);
		v->waits = false;
		return;
	}
	settle_step(s, column);
	if (large) {
		v->waits = true;
		v->spike_only = dt > MINUTE_S;
		v->step = step;
		v->before = v->last;
	}
}

static bool may_stand_still(int column, const struct wx_summary_values *v)
{
	return (column == WX_SUM_WIND && v->high < CALM_M_S) ||
	       (column == WX_SUM_HUM && v->low >= FOG_PCT);
}

/* How long the values have kept within the column's spread. */
static void see_still(struct wx_summary *s, int column, struct wx_time utc,
		      double value)
{
	const struct limits *l = &limits[column];
	struct wx_summary_values *v = &s->column[column];
	struct wx_suspect *x = &s->suspect[column][WX_SUSPECT_STUCK];
	double dt = wx_time_is_none(v->at) ? NAN : wx_time_diff_s(utc, v->at);
	double low, high, held_s;

	if (column == WX_SUM_DIR && v->n_run)
		value = v->from + remainder(value - v->from, 360);
	low = fmin(v->low, value);
	high = fmax(v->high, value);
	if (!v->n_run || !(dt >= 0 && dt <= BREAK_S) ||
	    high - low >= l->spread) {
		v->since = utc;
		v->low = v->high = v->from = value;
		v->n_run = 1;
		v->told = false;
		return;
	}
	v->low = low;
	v->high = high;
	v->n_run++;
	held_s = wx_time_diff_s(utc, v->since);
	if (held_s < l->stuck_s || v->n_run < WX_SUMMARY_STUCK_N ||
	    may_stand_still(column, v))
		return;
	if (!v->told)
		suspect(s, column, WX_SUSPECT_STUCK, v->since, held_s, NAN);
	v->told = true;
	x->value = fmax(x->value, held_s);
}

static void see_value(struct wx_summary *s, int column,
		      const struct wx_obs *obs, double value)
{
	const struct limits *l = &limits[column];
	struct wx_summary_values *v = &s->column[column];

	v->n++;
	v->sum += value;
	v->min = fmin(v->min, value);
	v->max = fmax(v->max, value);
	if (value < l->min || value > l->max)
		suspect(s, column, WX_SUSPECT_RANGE, obs->utc, value, NAN);
	if (l->sample > 0)
		see_step(s, column, obs->utc, value);
	if (column == WX_SUM_DIR && !(obs->wind_avg_m_s >= VANE_M_S))
		v->n_run = 0; /* too weak to turn it */
	else if (l->spread > 0)
		see_still(s, column, obs->utc, value);
	v->at = obs->utc;
	v->last = value;
}

/* ---- rain ---- */

static void credit(double *sum, double v)
{
	if (!isnan(v))
		*sum = isnan(*sum) ? v : *sum + v;
}

static void end_minute(struct wx_summary *s)
{
	if (s->minute_mm > MAX_MM_MIN)
		suspect(s, WX_SUM_RAIN, WX_SUSPECT_RATE,
			(struct wx_time){ s->minute * 60 * WX_NS_PER_S },
			s->minute_mm, NAN);
	s->minute_mm = 0;
}

/* More than a bucket's ceiling; short rows are added up to minutes. */
static void see_rate(struct wx_summary *s, const struct wx_obs *obs)
{
	int64_t minute = obs->utc.utc_ns / (60 * WX_NS_PER_S);

	if (isnan(obs->rain_mm) || isnan(obs->interval_s))
		return;
	if (obs->interval_s >= 60) {
		double rate = obs->rain_mm / (obs->interval_s / 60);

		if (rate > MAX_MM_MIN)
			suspect(s, WX_SUM_RAIN, WX_SUSPECT_RATE, obs->utc, rate,
				NAN);
		return;
	}
	if (minute != s->minute)
		end_minute(s);
	s->minute = minute;
	s->minute_mm += obs->rain_mm;
}

static int64_t gcd(int64_t a, int64_t b)
{
	while (b) {
		int64_t r = a % b;

		a = b;
		b = r;
	}
	return a < 0 ? -a : a;
}

/* One tip, or more in one stamp. */
static void see_tip(struct wx_summary *s, const struct wx_obs *obs)
{
	uint64_t n_at_once =
		obs->tips > 1 && obs->tips < 1e6 ? (uint64_t)obs->tips - 1 : 0;
	double gap_s = wx_time_is_none(s->last_tip)
			       ? NAN
			       : wx_time_diff_s(obs->utc, s->last_tip);

	s->stamp_step_ns = gcd(s->stamp_step_ns, obs->utc.utc_ns);
	s->n_tip_rows += 1 + n_at_once;
	s->tip_gaps[0] += n_at_once;
	if (gap_s >= 0 && gap_s < WX_SUMMARY_GAPS)
		s->tip_gaps[(int)gap_s]++;
	if (n_at_once || (gap_s >= 0 && gap_s < WX_SUMMARY_DOUBLE_S)) {
		suspect(s, WX_SUM_TIPS, WX_SUSPECT_DOUBLE, obs->utc,
			n_at_once ? 0 : gap_s, NAN);
		s->n_double += n_at_once + (gap_s < WX_SUMMARY_DOUBLE_S);
	}
	s->last_tip = obs->utc;
}

static void see_rain(struct wx_summary *s, const struct wx_obs *obs,
		     enum wx_summary_rain kind)
{
	credit(&s->rain_mm[kind], obs->rain_mm);
	credit(&s->tips[kind], obs->tips);
	if (kind == WX_SUM_AT_INSTANTS && obs->tips >= 1)
		see_tip(s, obs);
	if (kind != WX_SUM_OVER_GAPS)
		see_rate(s, obs);
}

/* ---- rows ---- */

static void see_flags(struct wx_summary *s, const char *p)
{
	while (*p) {
		size_t n = strcspn(p, " ");
		int i = 0;

		while (i < WX_SUMMARY_FLAGS && s->flag[i].n &&
		       (strncmp(s->flag[i].word, p, n) != 0 ||
			s->flag[i].word[n]))
			i++;
		if (i < WX_SUMMARY_FLAGS && n && n < WX_SUMMARY_WORD) {
			memcpy(s->flag[i].word, p, n);
			s->flag[i].n++;
		}
		p += n + (p[n] == ' ');
	}
}

/* The interval that most rows have, by Boyer and Moore's vote. */
static void vote(struct wx_summary *s, double interval_s)
{
	if (!s->n_votes)
		s->interval_s = interval_s;
	if (s->interval_s == interval_s)
		s->n_votes++;
	else
		s->n_votes--;
}

/* Where no row was, between the rows that cover some time. */
static void see_cover(struct wx_summary *s, const struct wx_obs *obs)
{
	struct wx_time from = wx_time_add_s(obs->utc, -obs->interval_s);
	double hole_s =
		wx_time_is_none(s->until) ? 0 : wx_time_diff_s(from, s->until);

	vote(s, obs->interval_s);
	if (hole_s > LATE * obs->interval_s) {
		s->n_gaps++;
		s->gaps_s += hole_s;
		if (hole_s > s->longest_gap_s) {
			s->longest_gap_s = hole_s;
			s->longest_gap = s->until;
		}
	}
	if (s->until.utc_ns < obs->utc.utc_ns)
		s->until = obs->utc;
}

void wx_summary_add(struct wx_summary *s, const struct wx_obs *obs)
{
	/* A row beside the one that has the same end. */
	bool over_gap = strstr(obs->flags, "rain_gap") != NULL;
	bool instant = obs->interval_s == 0;

	if (wx_time_is_none(obs->utc))
		return;
	s->n_rows++;
	s->n_instants += instant;
	s->n_back += obs->utc.utc_ns < s->last_utc.utc_ns;
	s->last_utc = obs->utc;
	if (wx_time_is_none(s->first) || obs->utc.utc_ns < s->first.utc_ns)
		s->first = obs->utc;
	if (s->last.utc_ns < obs->utc.utc_ns)
		s->last = obs->utc;
	if (obs->flags[0])
		see_flags(s, obs->flags);
	if (obs->interval_s > 0 && !over_gap)
		see_cover(s, obs);
	see_rain(s, obs,
		 over_gap  ? WX_SUM_OVER_GAPS
		 : instant ? WX_SUM_AT_INSTANTS
			   : WX_SUM_IN_INTERVALS);
	for (int c = 0; c < WX_SUM_N; c++) {
		double v;

		memcpy(&v, (const char *)obs + limits[c].offset, sizeof(v));
		if (!isnan(v))
			see_value(s, c, obs, v);
	}
	if (obs->wind_gust_m_s < obs->wind_avg_m_s - COUNT_M_S)
		suspect(s, WX_SUM_GUST, WX_SUSPECT_ORDER, obs->utc,
			obs->wind_gust_m_s, obs->wind_avg_m_s);
}

/* Few of many tips may be near; in stamps of minutes all of them are. */
static void judge_doubles(struct wx_summary *s)
{
	struct wx_suspect *x = &s->suspect[WX_SUM_TIPS][WX_SUSPECT_DOUBLE];
	double most = WX_SUMMARY_DOUBLE_SHARE * (double)s->n_tip_rows;

	x->n = s->n_double;
	if ((double)s->n_double <= most || s->stamp_step_ns > WX_NS_PER_S)
		x->n = 0;
}

bool wx_summary_finish(struct wx_summary *s)
{
	bool found = !s->n_rows;

	end_minute(s);
	judge_doubles(s);
	for (int c = 0; c < WX_SUM_N; c++) {
		settle_step(s, c);
		for (int k = 0; k < WX_SUSPECT_N; k++)
			found |= s->suspect[c][k].n > 0;
	}
	return found;
}
