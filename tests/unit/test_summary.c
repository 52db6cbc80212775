/* SPDX-License-Identifier: MIT */
/* What a summary of a station's rows says, and what it suspects. */
#include "testing.h"
#include "weather/summary.h"

static struct wx_obs row(double utc_s, double interval_s)
{
	struct wx_obs o;

	wx_obs_init(&o);
	o.utc = wx_time_add_s((struct wx_time){ 0 }, utc_s);
	o.interval_s = interval_s;
	return o;
}

static void set(struct wx_obs *o, int column, double v)
{
	double *const at[WX_SUM_N] = {
		&o->tips,          &o->rain_mm,       &o->cup_turns,
		&o->wind_avg_m_s,  &o->wind_gust_m_s, &o->wind_dir_deg,
		&o->air_temp_degc, &o->rel_hum_pct,   &o->pressure_hpa,
	};

	*at[column] = v;
}

/* The values of one column, step_s apart, and what is suspect of them. */
static const struct {
	const char *label;
	int column;
	double step_s, v[10];
	int n, kind;
	uint64_t n_suspect;
	double value, previous;
} columns[] = {
	{ "calm",
	  WX_SUM_TEMP,
	  60,
	  { 10, 12, 10, 12.9 },
	  4,
	  WX_SUSPECT_STEP,
	  0,
	  0,
	  0 },
	{ "a step",
	  WX_SUM_TEMP,
	  60,
	  { 10, 13.5, 13.5 },
	  3,
	  WX_SUSPECT_STEP,
	  1,
	  13.5,
	  10 },
	{ "one that stays is no spike",
	  WX_SUM_TEMP,
	  60,
	  { 10, 13.5, 13.5 },
	  3,
	  WX_SUSPECT_SPIKE,
	  0,
	  0,
	  0 },
	{ "a spike",
	  WX_SUM_TEMP,
	  60,
	  { 10, 14, 10 },
	  3,
	  WX_SUSPECT_SPIKE,
	  1,
	  14,
	  10 },
	{ "a spike is no step",
	  WX_SUM_TEMP,
	  60,
	  { 10, 14, 10 },
	  3,
	  WX_SUSPECT_STEP,
	  0,
	  0,
	  0 },
	{ "two spikes",
	  WX_SUM_TEMP,
	  60,
	  { 10, 20, 10, 10, 0, 10 },
	  6,
	  WX_SUSPECT_SPIKE,
	  2,
	  20,
	  10 },
	{ "the last value",
	  WX_SUM_TEMP,
	  60,
	  { 10, 10, 19 },
	  3,
	  WX_SUSPECT_STEP,
	  1,
	  19,
	  10 },
	{ "up in two steps",
	  WX_SUM_TEMP,
	  60,
	  { 10, 14, 18, 18 },
	  4,
	  WX_SUSPECT_STEP,
	  2,
	  14,
	  10 },
	{ "samples",
	  WX_SUM_TEMP,
	  2.5,
	  { 10, 12.5, 12.5 },
	  3,
	  WX_SUSPECT_STEP,
	  1,
	  12.5,
	  10 },
	{ "a front within ten minutes",
	  WX_SUM_TEMP,
	  600,
	  { 20, 13, 12 },
	  3,
	  WX_SUSPECT_STEP,
	  0,
	  0,
	  0 },
	{ "no front goes back",
	  WX_SUM_TEMP,
	  600,
	  { 20, 13, 20 },
	  3,
	  WX_SUSPECT_SPIKE,
	  1,
	  13,
	  20 },
	{ "a day apart",
	  WX_SUM_TEMP,
	  86400,
	  { 20, 5, 20 },
	  3,
	  WX_SUSPECT_SPIKE,
	  0,
	  0,
	  0 },
	{ "pressure",
	  WX_SUM_PRES,
	  60,
	  { 980, 982.5, 982 },
	  3,
	  WX_SUSPECT_STEP,
	  1,
	  982.5,
	  980 },
	{ "humidity",
	  WX_SUM_HUM,
	  60,
	  { 50, 66, 66 },
	  3,
	  WX_SUSPECT_STEP,
	  1,
	  66,
	  50 },
	{ "wind", WX_SUM_WIND, 60, { 0, 19, 0 }, 3, WX_SUSPECT_SPIKE, 0, 0, 0 },
	{ "too warm",
	  WX_SUM_TEMP,
	  60,
	  { 59, 61, 61 },
	  3,
	  WX_SUSPECT_RANGE,
	  2,
	  61,
	  NAN },
	{ "as the sensor reads in fog",
	  WX_SUM_HUM,
	  60,
	  { 100, 102 },
	  2,
	  WX_SUSPECT_RANGE,
	  0,
	  0,
	  0 },
	{ "too moist",
	  WX_SUM_HUM,
	  60,
	  { 100, 103 },
	  2,
	  WX_SUSPECT_RANGE,
	  1,
	  103,
	  NAN },
	{ "a cloudburst",
	  WX_SUM_RAIN,
	  60,
	  { 0, 4.8, 0 },
	  3,
	  WX_SUSPECT_RATE,
	  0,
	  0,
	  0 },
	{ "no cloud",
	  WX_SUM_RAIN,
	  60,
	  { 0, 5.2, 0 },
	  3,
	  WX_SUSPECT_RATE,
	  1,
	  5.2,
	  NAN },
	{ "long rows",
	  WX_SUM_RAIN,
	  3600,
	  { 0, 50, 0 },
	  3,
	  WX_SUSPECT_RATE,
	  0,
	  0,
	  0 },
	{ "short rows are added up",
	  WX_SUM_RAIN,
	  10,
	  { 0.2, 0, 0.2, 0 },
	  4,
	  WX_SUSPECT_RATE,
	  0,
	  0,
	  0 },
	{ "to too much",
	  WX_SUM_RAIN,
	  10,
	  { 3, 0, 3, 0 },
	  4,
	  WX_SUSPECT_RATE,
	  1,
	  6,
	  NAN },
};

static void check_columns(void)
{
	for (size_t i = 0; i < WX_COUNT(columns); i++) {
		const struct wx_suspect *x;
		struct wx_summary s;

		wx_summary_init(&s);
		for (int k = 0; k < columns[i].n; k++) {
			struct wx_obs o =
				row(k * columns[i].step_s, columns[i].step_s);

			set(&o, columns[i].column, columns[i].v[k]);
			wx_summary_add(&s, &o);
		}
		wx_summary_finish(&s);
		x = &s.suspect[columns[i].column][columns[i].kind];
		CHECK_INT(columns[i].label, x->n, columns[i].n_suspect);
		if (!x->n)
			continue;
		CHECK_F64(columns[i].label, x->value, columns[i].value, 1e-9);
		CHECK_F64(columns[i].label, x->previous, columns[i].previous,
			  1e-9);
	}
}

/* A value that swings by so much about another, and for how long. */
static const struct {
	const char *label;
	int column;
	double mean, swing, wind, step_s;
	int n, n_suspect;
	double longest_s;
} stuck[] = {
	{ "for an hour", WX_SUM_TEMP, 10, 0.04, NAN, 60, 61, 1, 3600 },
	{ "not yet", WX_SUM_TEMP, 10, 0.04, NAN, 60, 60, 0, 0 },
	{ "it moves", WX_SUM_TEMP, 10, 0.06, NAN, 60, 300, 0, 0 },
	{ "for five hours", WX_SUM_TEMP, 10, 0, NAN, 60, 301, 1, 18000 },
	{ "too few values to tell", WX_SUM_TEMP, 10, 0, NAN, 600, 29, 0, 0 },
	{ "hours apart", WX_SUM_TEMP, 10, 0, NAN, 3600, 100, 0, 0 },
	{ "fog", WX_SUM_HUM, 99.5, 0.4, NAN, 60, 300, 0, 0 },
	{ "no fog", WX_SUM_HUM, 80, 0.4, NAN, 60, 61, 1, 3600 },
	{ "pressure turns", WX_SUM_PRES, 980, 0.04, NAN, 60, 180, 0, 0 },
	{ "but not for 3 h", WX_SUM_PRES, 980, 0.04, NAN, 60, 181, 1, 10800 },
	{ "calm", WX_SUM_WIND, 0, 0, NAN, 60, 300, 0, 0 },
	{ "steady wind is none", WX_SUM_WIND, 3, 0.2, NAN, 60, 61, 1, 3600 },
	{ "a vane in no wind", WX_SUM_DIR, 270, 2, 1, 60, 300, 0, 0 },
	{ "a vane that is stuck", WX_SUM_DIR, 270, 2, 4, 60, 61, 1, 3600 },
	{ "about north", WX_SUM_DIR, 0, 2, 4, 60, 61, 1, 3600 },
	{ "a vane that turns", WX_SUM_DIR, 0, 6, 4, 60, 300, 0, 0 },
};

static void check_stuck(void)
{
	for (size_t i = 0; i < WX_COUNT(stuck); i++) {
		const struct wx_suspect *x;
		struct wx_summary s;

		wx_summary_init(&s);
		for (int k = 0; k < stuck[i].n; k++) {
			struct wx_obs o =
				row(k * stuck[i].step_s, stuck[i].step_s);
			double v = stuck[i].mean +
				   (k % 2 ? 1 : -1) * stuck[i].swing;

			if (stuck[i].column == WX_SUM_DIR && v < 0)
				v += 360;
			o.wind_avg_m_s = stuck[i].wind;
			set(&o, stuck[i].column, v);
			wx_summary_add(&s, &o);
		}
		wx_summary_finish(&s);
		x = &s.suspect[stuck[i].column][WX_SUSPECT_STUCK];
		CHECK_INT(stuck[i].label, x->n, stuck[i].n_suspect);
		if (x->n)
			CHECK_F64(stuck[i].label, x->value, stuck[i].longest_s,
				  1e-6);
	}
}

/* Tips at such times, n of them step_s apart after that. */
static const struct {
	const char *label;
	double at[6];
	int n_at, n;
	double step_s;
	uint64_t n_double, gaps[WX_SUMMARY_GAPS];
} tips[] = {
	{ "rain", { 0.25 }, 1, 50, 10, 0, { 0 } },
	{ "bounce",
	  { 0.25, 0.5, 60.25, 62.25, 120.25 },
	  5,
	  0,
	  0,
	  1,
	  { 1, 0, 1 } },
	{ "whole seconds",
	  { 0, 1, 60, 61, 120, 125 },
	  6,
	  0,
	  0,
	  2,
	  { 0, 2, 0, 0, 0, 1 } },
	{ "whole minutes", { 0, 60, 60, 60, 120 }, 5, 0, 0, 0, { 2 } },
	{ "one of many", { 0.25, 1, 20 }, 3, 200, 10, 0, { 1 } },
	{ "nearer than six",
	  { 0.5, 2.5, 5.5, 9.5, 14.5, 20.5 },
	  6,
	  0,
	  0,
	  0,
	  { 0, 0, 1, 1, 1, 1 } },
};

static void check_tips(void)
{
	for (size_t i = 0; i < WX_COUNT(tips); i++) {
		struct wx_summary s;
		double at = 0;

		wx_summary_init(&s);
		for (int k = 0; k < tips[i].n_at + tips[i].n; k++) {
			struct wx_obs o;

			at = k < tips[i].n_at ? tips[i].at[k]
					      : at + tips[i].step_s;
			o = row(at, 0);
			o.tips = 1;
			o.rain_mm = 0.2;
			wx_summary_add(&s, &o);
		}
		CHECK_INT(tips[i].label, wx_summary_finish(&s),
			  tips[i].n_double > 0);
		CHECK_INT(tips[i].label,
			  s.suspect[WX_SUM_TIPS][WX_SUSPECT_DOUBLE].n,
			  tips[i].n_double);
		for (int k = 0; k < WX_SUMMARY_GAPS; k++)
			CHECK_INT(tips[i].label, s.tip_gaps[k],
				  tips[i].gaps[k]);
		CHECK_F64(tips[i].label, s.tips[WX_SUM_AT_INSTANTS],
			  tips[i].n_at + tips[i].n, 0);
		CHECK_F64(tips[i].label, s.rain_mm[WX_SUM_IN_INTERVALS], NAN,
			  0);
	}
}

/* Rows, a hole that the counter tells the rain of, a row of the past. */
static void check_rows(void)
{
	struct wx_summary s;
	struct wx_obs o;

	wx_summary_init(&s);
	CHECK("no rows", wx_summary_finish(&s));
	wx_summary_init(&s);
	for (int k = 1; k <= 10; k++) {
		o = row(k * 60, 60);
		o.rain_mm = 0.5;
		wx_summary_add(&s, &o);
	}
	o = row(1200, 600);
	o.rain_mm = 3;
	strcpy(o.flags, "rain_gap");
	wx_summary_add(&s, &o);
	o = row(1200, 60);
	o.wind_avg_m_s = 3;
	o.wind_gust_m_s = 2.7; /* a count less */
	wx_summary_add(&s, &o);
	o = row(1140, 60);
	strcpy(o.flags, "clock_back torn");
	wx_summary_add(&s, &o);
	CHECK("nothing", !wx_summary_finish(&s));
	CHECK_INT("rows", s.n_rows, 13);
	CHECK_INT("back", s.n_back, 1);
	CHECK_F64("interval", s.interval_s, 60, 0);
	CHECK_INT("first", s.first.utc_ns, 60 * WX_NS_PER_S);
	CHECK_INT("last", s.last.utc_ns, 1200 * WX_NS_PER_S);
	CHECK_INT("gaps", s.n_gaps, 1);
	CHECK_F64("gap", s.longest_gap_s, 540, 1e-9);
	CHECK_INT("gap at", s.longest_gap.utc_ns, 600 * WX_NS_PER_S);
	CHECK_F64("rain", s.rain_mm[WX_SUM_IN_INTERVALS], 5, 1e-9);
	CHECK_F64("over it", s.rain_mm[WX_SUM_OVER_GAPS], 3, 1e-9);
	CHECK_STR("flag", s.flag[0].word, "rain_gap");
	CHECK_STR("flag", s.flag[2].word, "torn");
	CHECK_INT("wind", s.column[WX_SUM_WIND].n, 1);
	wx_summary_init(&s);
	o = row(60, 60);
	o.wind_avg_m_s = 3;
	o.wind_gust_m_s = 1;
	wx_summary_add(&s, &o);
	CHECK("gust below mean", wx_summary_finish(&s));
}

int main(void)
{
	check_columns();
	check_stuck();
	check_tips();
	check_rows();
	return wx_test_end();
}
