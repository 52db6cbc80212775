/* SPDX-License-Identifier: MIT */
/* Pulses, counters and means into the wind of windows. */
#include "weather/wind.h"

#include "testing.h"

#define T0 (INT64_C(1767225600) * WX_NS_PER_S)
enum { MAX_ROWS = 8 };

static const struct wx_classes aurora = {
	3, { "calm", "breeze", "wind" }, { 1.5, 5.5 }, .15, .8
};

struct row {
	double t_s, interval_s, turns, avg_m_s, gust_m_s;
};

#define MEAN(t, i, v)             \
	{                         \
		t, i, NAN, v, NAN \
	}
#define TURNS(t, i, n)            \
	{                         \
		t, i, n, NAN, NAN \
	}

/* A row that tells no wind. */
#define ALIVE(t, i)                 \
	{                           \
		t, i, NAN, NAN, NAN \
	}

/* With 2/3 m/s a hertz, no offset, starting at 0.5 m/s. */
static const struct {
	const char *name;
	int n;
	struct row row[MAX_ROWS];
	double at_s, length_s, sigma_s;
	const char *class;
	double m_s;
	int keep;
	const char *source;
	double gust_m_s;
} cases[] = {
	{ "a row of its own",
	  1,
	  { MEAN(10, 10, 3) },
	  0,
	  10,
	  0,
	  "breeze",
	  3,
	  1,
	  "interval",
	  NAN },
	{ "two rows, 3:7",
	  2,
	  { MEAN(10, 10, 3), MEAN(20, 10, 4) },
	  7,
	  10,
	  0,
	  "breeze",
	  3.7,
	  1,
	  "interval",
	  NAN },
	{ "rows out of order",
	  2,
	  { MEAN(20, 10, 4), MEAN(10, 10, 3) },
	  7,
	  10,
	  0,
	  "breeze",
	  3.7,
	  1,
	  "interval",
	  NAN },
	{ "within 15 % of a limit",
	  1,
	  { MEAN(10, 10, 6.2) },
	  0,
	  10,
	  0,
	  "wind",
	  6.2,
	  0,
	  "interval",
	  NAN },
	{ "past 15 % of it",
	  1,
	  { MEAN(10, 10, 6.4) },
	  0,
	  10,
	  0,
	  "wind",
	  6.4,
	  1,
	  "interval",
	  NAN },
	{ "on a limit: the lower class, and not kept",
	  1,
	  { MEAN(10, 10, 5.5) },
	  0,
	  10,
	  0,
	  "breeze",
	  5.5,
	  0,
	  "interval",
	  NAN },
	{ "a minute's mean says less of 10 s",
	  1,
	  { MEAN(60, 60, 6.8) },
	  20,
	  10,
	  0,
	  "wind",
	  6.8,
	  1,
	  "interval",
	  NAN },
	{ "... and so may a clock that is off",
	  1,
	  { MEAN(60, 60, 6.8) },
	  20,
	  10,
	  60,
	  "wind",
	  6.8,
	  0,
	  "interval",
	  NAN },
	{ "half of it not measured",
	  1,
	  { MEAN(10, 10, 3) },
	  5,
	  10,
	  0,
	  "",
	  NAN,
	  0,
	  "none",
	  NAN },
	{ "nothing at all",
	  0,
	  { MEAN(0, 0, 0) },
	  5,
	  10,
	  0,
	  "",
	  NAN,
	  0,
	  "none",
	  NAN },
	{ "negative and 200 m/s are not wind",
	  2,
	  { MEAN(10, 10, -3), MEAN(20, 10, 200) },
	  0,
	  20,
	  0,
	  "",
	  NAN,
	  0,
	  "none",
	  NAN },
	{ "a counter: 30 turns in 10 s",
	  1,
	  { TURNS(10, 10, 30) },
	  0,
	  10,
	  0,
	  "breeze",
	  2,
	  1,
	  "pulses",
	  NAN },
	{ "turns win over a mean",
	  1,
	  { { 10, 10, 30, 9, 11 } },
	  0,
	  10,
	  0,
	  "breeze",
	  2,
	  1,
	  "pulses",
	  11 },
	/* 0.5 s between pulses until 2 s, then 1 s: 4/3 and 2/3 m/s. */
	{ "pulses by phase",
	  6,
	  { TURNS(1, 0, 1), TURNS(1.5, 0, 1), TURNS(2, 0, 1), TURNS(3, 0, 1),
	    TURNS(4, 0, 1), TURNS(5, 0, 1) },
	  1,
	  4,
	  0,
	  "calm",
	  (4 / 3. + 3 * 2 / 3.) / 4,
	  1,
	  "pulses",
	  (4 / 3. + 2 * 2 / 3.) / 3 },
	{ "no pulse for minutes: still, not unknown",
	  2,
	  { TURNS(1, 0, 1), TURNS(301, 0, 1) },
	  100,
	  10,
	  0,
	  "calm",
	  0,
	  1,
	  "pulses",
	  NAN },
	{ "no pulse for an hour: who knows",
	  2,
	  { TURNS(1, 0, 1), TURNS(3601, 0, 1) },
	  100,
	  10,
	  0,
	  "",
	  NAN,
	  0,
	  "none",
	  NAN },
	{ "... unless other rows show that it ran",
	  8,
	  { TURNS(1, 0, 1), TURNS(2701, 0, 1), ALIVE(500, 0), ALIVE(2300, 300),
	    ALIVE(1000, 0), ALIVE(1500, 500), TURNS(1700, 0, 0),
	    ALIVE(4000, 0) },
	  100,
	  10,
	  0,
	  "calm",
	  0,
	  1,
	  "pulses",
	  NAN },
	{ "... all the time",
	  4,
	  { TURNS(1, 0, 1), ALIVE(500, 0), ALIVE(1101, 0), TURNS(1200, 0, 1) },
	  100,
	  10,
	  0,
	  "",
	  NAN,
	  0,
	  "none",
	  NAN },
	{ "readings are no pulses: not between them",
	  3,
	  { MEAN(1, 0, 3), ALIVE(500, 0), MEAN(1001, 0, 3) },
	  100,
	  10,
	  0,
	  "",
	  NAN,
	  0,
	  "none",
	  NAN },
	{ "1 s of sound: the 3 s around",
	  3,
	  { MEAN(1, 1, 3), MEAN(2, 1, 6), MEAN(3, 1, 9) },
	  1,
	  1,
	  0,
	  "wind",
	  6,
	  0,
	  "interval",
	  6 },
	{ "a coarse row after fine ones tells nothing new",
	  3,
	  { MEAN(10, 10, 3), MEAN(20, 10, 3), MEAN(20, 20, 9) },
	  0,
	  20,
	  0,
	  "breeze",
	  3,
	  1,
	  "interval",
	  NAN },
};

static void test_case(size_t i)
{
	const char *name = cases[i].name;
	struct wx_class_label l;
	struct wx_wind_why why;
	struct wx_wind w;
	double gust;

	wx_wind_init(&w, 2 / 3., 0, .5);
	for (int k = 0; k < cases[i].n; k++) {
		const struct row *r = &cases[i].row[k];
		struct wx_obs o;

		wx_obs_init(&o);
		o.utc.utc_ns = T0 + (int64_t)llround(r->t_s * 1e9);
		o.interval_s = r->interval_s;
		o.cup_turns = r->turns;
		o.wind_avg_m_s = r->avg_m_s;
		o.wind_gust_m_s = r->gust_m_s;
		CHECK_INT(name, wx_wind_add(&w, &o, NULL), WX_OK);
	}
	CHECK_INT(name, wx_wind_finish(&w, NULL), WX_OK);
	wx_wind_label(&w, &aurora,
		      (struct wx_time){ T0 + (int64_t)(cases[i].at_s * 1e9) },
		      cases[i].length_s, cases[i].sigma_s, &l, &gust, &why);
	CHECK_STR(name, l.name, cases[i].class);
	CHECK_F64(name, l.value, cases[i].m_s, 1e-5);
	CHECK_INT(name, l.keep, cases[i].keep);
	CHECK_STR(name, l.source, cases[i].source);
	CHECK_F64(name, gust, cases[i].gust_m_s, 1e-5);
	CHECK_INT(name, l.n_probs, isnan(cases[i].m_s) ? 0 : 3);
	wx_wind_fini(&w);
}

/* A cup with an offset that does not turn reads 0, not the offset. */
static void test_offset(void)
{
	static const struct {
		double turns, m_s;
	} table[] = { { 0, 0 }, { 10, 1.115 } };

	for (size_t i = 0; i < WX_COUNT(table); i++) {
		struct wx_class_label l;
		struct wx_wind_why why;
		struct wx_wind w;
		struct wx_obs o;
		double gust;

		wx_wind_init(&w, .765, .35, .78);
		wx_obs_init(&o);
		o.utc.utc_ns = T0;
		o.interval_s = 10;
		o.cup_turns = table[i].turns;
		wx_wind_add(&w, &o, NULL);
		wx_wind_finish(&w, NULL);
		wx_wind_label(&w, &aurora,
			      (struct wx_time){ T0 - 10 * WX_NS_PER_S }, 10, 0,
			      &l, &gust, &why);
		CHECK_F64("offset", l.value, table[i].m_s, 1e-6);
		CHECK("below the threshold it says so",
		      why.still == (table[i].turns == 0));
		wx_wind_fini(&w);
	}
}

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++)
		test_case(i);
	test_offset();
	return wx_test_end();
}
