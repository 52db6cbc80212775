/* SPDX-License-Identifier: MIT */
/* Clocks that were not set, zones, steps, and sample clocks. */
#include "clock/sanity.h"
#include "testing.h"

#define S     INT64_C(1000000)
#define NOW   (INT64_C(1780272000) * S) /* 2026-06-01T00:00:00Z */
#define BUILT (INT64_C(1777680000) * S) /* 2026-05-02 */
#define DAY   (86400 * S)

static const struct {
	const char *label;
	int64_t r_us, m_us, built_us;
	enum wx_rtc rtc;
} readings[] = {
	{ "now", NOW, 5 * S, BUILT, WX_RTC_PLAUSIBLE },
	{ "now, build not known", NOW, 5 * S, INT64_MIN, WX_RTC_PLAUSIBLE },
	{ "1970", 33 * S, 33 * S, BUILT, WX_RTC_UNSET },
	{ "before that", -S, 0, INT64_MIN, WX_RTC_UNSET },
	{ "1980, GPS and FAT", INT64_C(315964800) * S, 0, BUILT, WX_RTC_UNSET },
	{ "2000, DS3231", INT64_C(946684807) * S, 0, BUILT, WX_RTC_UNSET },
	{ "2010, Frontier", INT64_C(1262304000) * S, 0, BUILT, WX_RTC_UNSET },
	{ "2001 is no such year", INT64_C(978307200) * S, 0, INT64_MIN,
	  WX_RTC_PLAUSIBLE },
	{ "but before the build", INT64_C(978307200) * S, 0, BUILT,
	  WX_RTC_PAST },
	{ "the build's time, 3 days on", BUILT + 3 * DAY, 3 * DAY, BUILT,
	  WX_RTC_BUILT },
	{ "the same in another zone", BUILT + 3 * DAY - 7200 * S, 3 * DAY,
	  BUILT, WX_RTC_BUILT },
	{ "3 days after the build, just booted", BUILT + 3 * DAY, 9 * S, BUILT,
	  WX_RTC_PLAUSIBLE },
	{ "tomorrow", NOW + DAY, 0, BUILT, WX_RTC_PLAUSIBLE },
	{ "the day after", NOW + 2 * DAY, 0, BUILT, WX_RTC_FUTURE },
	{ "the end of time", INT64_MAX, 0, BUILT, WX_RTC_FUTURE },
};

static const struct {
	double offset_s;
	enum wx_zone_kind kind;
	double zone_s, rest_s;
} zones[] = {
	{ 0, WX_ZONE_NONE, 0, 0 },
	{ 59, WX_ZONE_NONE, 0, 59 },
	{ 3600, WX_ZONE_HOUR, 3600, 0 },
	{ -3600, WX_ZONE_HOUR, -3600, 0 },
	{ -7094, WX_ZONE_NONE, 0, -7094 }, /* 2 h and 106 s of drift */
	{ 7259, WX_ZONE_HOUR, 7200, 59 },
	{ 7261, WX_ZONE_NONE, 0, 7261 },
	{ 19800, WX_ZONE_HALF, 19800, 0 }, /* India */
	{ -12600, WX_ZONE_HALF, -12600, 0 },
	{ 20700, WX_ZONE_QUARTER, 20700, 0 }, /* Nepal */
	{ 1434, WX_ZONE_NONE, 0, 1434 },
	{ 93600, WX_ZONE_HOUR, 93600, 0 }, /* 26 h */
	{ 97200, WX_ZONE_NONE, 0, 97200 }, /* 27 h */
	{ 86401, WX_ZONE_DAY, 86400, 1 },
	{ -864000, WX_ZONE_DAY, -864000, 0 },
	{ NAN, WX_ZONE_NONE, 0, NAN },
	{ INFINITY, WX_ZONE_NONE, 0, INFINITY },
};

static void test_tables(void)
{
	for (size_t i = 0; i < WX_COUNT(readings); i++)
		CHECK_STR(readings[i].label,
			  wx_rtc_text(wx_rtc_judge(readings[i].r_us,
						   readings[i].m_us,
						   readings[i].built_us, NOW)),
			  wx_rtc_text(readings[i].rtc));
	for (size_t i = 0; i < WX_COUNT(zones); i++) {
		struct wx_zone z = wx_zone_of(zones[i].offset_s);
		char label[32];

		snprintf(label, sizeof(label), "%g s", zones[i].offset_s);
		CHECK_INT(label, z.kind, zones[i].kind);
		CHECK_F64(label, z.zone_s, zones[i].zone_s, 0);
		CHECK(label,
		      z.rest_s == zones[i].rest_s || isnan(zones[i].rest_s));
		CHECK(label, !wx_zone_text(z.kind) == (z.kind == WX_ZONE_NONE));
	}
}

static void test_steps(void)
{
	static const struct wx_rtc_point p[] = {
		{ 0, NOW },
		{ 60 * S, NOW + 60 * S },
		{ 120 * S, NOW + 121 * S }, /* whole seconds */
		{ 3600 * S, NOW + 3601 * S },
		{ 3660 * S, NOW + 7261 * S }, /* summer time */
		{ 4000 * S, NOW + 7601 * S },
		{ 4060 * S, NOW + 7601 * S - 400 * S }, /* backwards */
		{ 90400 * S, NOW + 93581 * S },         /* 0.3 % in a day: no */
		{ 90401 * S, INT64_MIN },
	};
	static const struct {
		size_t from, at;
		double step_s;
		enum wx_zone_kind kind;
	} want[] = { { 0, 4, 3600, WX_ZONE_HOUR },
		     { 4, 6, -460, WX_ZONE_NONE },
		     { 7, 8, -9.2234e12, WX_ZONE_NONE },
		     { 8, 9, 0, WX_ZONE_NONE } };

	for (size_t i = 0; i < WX_COUNT(want); i++) {
		struct wx_rtc_step s =
			wx_rtc_step(p, WX_COUNT(p), want[i].from);

		CHECK_INT("at", s.at, want[i].at);
		CHECK_F64("step", s.step_s, want[i].step_s,
			  1e-3 * fabs(want[i].step_s) + 1e-6);
		CHECK_INT("zone", s.zone.kind, want[i].kind);
	}
	CHECK_INT("no points", wx_rtc_step(NULL, 0, 0).at, 0);
}

enum { MAX_RUNS = 60 };

static const struct {
	const char *label;
	double nominal_hz, true_hz;
	int n;
	double length_s, gap_s;
	bool has_m1;
	enum wx_sample_verdict verdict;
	double tol_ppm;
} clocks[] = {
	{ "one of 60 s", 16000, 16000.8, 1, 60, 0, true, WX_SAMPLE_GOOD, 20 },
	{ "an hour of them", 16000, 16000.8, 60, 60, 0, true, WX_SAMPLE_GOOD,
	  1 },
	{ "an hour of them, m1 not told", 16000, 16000.8, 60, 60, 0, false,
	  WX_SAMPLE_GOOD, 1 },
	{ "10 s each, without a gap", 16000, 16000.8, 60, 10, 0, true,
	  WX_SAMPLE_GOOD, 4 },
	{ "10 s each minute", 16000, 16000.8, 60, 10, 50, true,
	  WX_SAMPLE_UNKNOWN, 0 },
	{ "60 s each 5 minutes, m1 not told", 16000, 16000.8, 60, 60, 240,
	  false, WX_SAMPLE_UNKNOWN, 0 },
	{ "44100 that are 43945", 44100, 43945.24, 5, 60, 1, true,
	  WX_SAMPLE_DIVIDER, 20 },
	{ "PDM: 16000 that are 32258", 16000, 32258, 5, 60, 1, true,
	  WX_SAMPLE_DOUBLE, 40 },
	{ "stereo told as mono", 32000, 16000, 5, 120, 0, false, WX_SAMPLE_HALF,
	  20 },
	{ "Song Meter, overlapping next", 22050, 22075, 3, 3600, -4, true,
	  WX_SAMPLE_DIVIDER, 2 },
};

static void test_sample_clocks(void)
{
	struct wx_sample_run run[MAX_RUNS];

	for (size_t i = 0; i < WX_COUNT(clocks); i++) {
		struct wx_sample_clock c;
		double at_s = 7;

		for (int k = 0; k < clocks[i].n; k++) {
			double frames =
				round(clocks[i].length_s * clocks[i].true_hz);

			run[k].n_frames = (int64_t)frames;
			run[k].m0_us = llround(at_s * 1e3) * 1000;
			at_s += frames / clocks[i].true_hz;
			run[k].m1_us = llround(at_s * 1e3) * 1000;
			at_s += clocks[i].gap_s;
			if (!clocks[i].has_m1)
				run[k].m1_us = -1;
		}
		c = wx_sample_clock(run, (size_t)clocks[i].n,
				    clocks[i].nominal_hz);
		CHECK_STR(clocks[i].label, wx_sample_text(c.verdict),
			  wx_sample_text(clocks[i].verdict));
		if (clocks[i].verdict == WX_SAMPLE_UNKNOWN) {
			CHECK_F64(clocks[i].label, c.rate_hz,
				  clocks[i].nominal_hz, 0);
			continue;
		}
		CHECK_F64(clocks[i].label, c.rate_hz / clocks[i].true_hz, 1,
			  clocks[i].tol_ppm * 1e-6);
		CHECK(clocks[i].label, c.sd_ppm <= 17);
	}
}

static void test_hostile_runs(void)
{
	static const struct wx_sample_run bad[] = {
		{ 0, INT64_MAX, 1 },         { INT64_MIN, -1, 5 },
		{ INT64_MAX, 0, INT64_MAX }, { 5, 5, 0 },
		{ 5, 90 * S, -7 },
	};
	struct wx_sample_clock c = wx_sample_clock(bad, WX_COUNT(bad), 16000);

	CHECK("some number", c.rate_hz >= 0);
	CHECK_INT("none", wx_sample_clock(NULL, 0, 16000).verdict,
		  WX_SAMPLE_UNKNOWN);
	CHECK_INT("no rate", wx_sample_clock(bad, 2, NAN).verdict,
		  WX_SAMPLE_UNKNOWN);
}

int main(void)
{
	test_tables();
	test_steps();
	test_sample_clocks();
	test_hostile_runs();
	return wx_test_end();
}
