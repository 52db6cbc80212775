/* SPDX-License-Identifier: MIT */
/* tests/unit/test_doubt.c: what a station cannot well have measured. */
#include <stdlib.h>

#include "testing.h"
#include "weather/doubt.h"

enum { MINUTES = 300 };

/* A quiet, believable day: nothing of it is doubted. */
static void plain(struct wx_obs *o, int i)
{
	wx_obs_init(o);
	o->utc = (struct wx_time){ (int64_t)(i + 1) * 60 * WX_NS_PER_S };
	o->interval_s = 60;
	o->rain_mm = 0;
	o->wind_avg_m_s = 4 + i % 7 * 0.3;
	o->wind_gust_m_s = o->wind_avg_m_s + 2;
	o->wind_dir_deg = 350 + i % 25 - (i % 25 >= 10 ? 360 : 0);
	o->air_temp_degc = 10 + i * 0.02;
	o->rel_hum_pct = 80 - i * 0.1;
	o->pressure_hpa = 900 + i * 0.01;
}

/* --- and what spoils it --- */

static void hot(struct wx_obs *o, int i)
{
	if (i == 100)
		o->air_temp_degc = 61;
}
static void wet_sensor(struct wx_obs *o, int i)
{
	o->rel_hum_pct = i == 100 ? 102.5 : 101.5;
}
static void vacuum(struct wx_obs *o, int i)
{
	if (i == 100)
		o->pressure_hpa = 499;
}
static void warm_jump(struct wx_obs *o, int i)
{
	o->air_temp_degc += i >= 100 ? 3.2 : 0;
}
static void pressure_jump(struct wx_obs *o, int i)
{
	o->pressure_hpa += i >= 100 ? 0.7 : 0;
}
static void stuck_temp(struct wx_obs *o, int i)
{
	(void)i;
	o->air_temp_degc = 12;
}
static void stuck_50_min(struct wx_obs *o, int i)
{
	o->air_temp_degc = i < 50 ? 12 : 12 + i;
	o->air_temp_degc = i < 50 ? 12 : fmin(12 + (i - 49) * 0.5, 50);
	o->air_temp_degc -= i > 120 ? (i - 120) * 0.02 : 0;
}
static void fog(struct wx_obs *o, int i)
{
	(void)i;
	o->rel_hum_pct = 97;
	o->air_temp_degc = 12;
}
static void stuck_hum(struct wx_obs *o, int i)
{
	(void)i;
	o->rel_hum_pct = 70;
}
static void turning_point(struct wx_obs *o, int i)
{
	o->pressure_hpa = 900 + fabs(i - 150.0) * 0.0005;
}
static void gust_front(struct wx_obs *o, int i)
{
	o->wind_avg_m_s = i >= 100 ? 15 + i % 7 : 4 + i % 7 * 0.3;
	o->wind_gust_m_s = o->wind_avg_m_s + 2;
}
static void spike(struct wx_obs *o, int i)
{
	if (i == 100)
		o->wind_avg_m_s = o->wind_gust_m_s = 40;
}
static void frozen_cups(struct wx_obs *o, int i)
{
	(void)i;
	o->wind_avg_m_s = 3;
	o->wind_gust_m_s = 3;
}
static void calm(struct wx_obs *o, int i)
{
	(void)i;
	o->wind_avg_m_s = o->wind_gust_m_s = 0;
	o->wind_dir_deg = 90;
}
static void stuck_vane(struct wx_obs *o, int i)
{
	o->wind_dir_deg = i % 2 ? 359 : 2;
}
static void gust_below(struct wx_obs *o, int i)
{
	if (i == 100)
		o->wind_gust_m_s = o->wind_avg_m_s - 1;
}
static void cloudburst(struct wx_obs *o, int i)
{
	if (i == 100)
		o->rain_mm = 6;
}
static void bucket_emptied(struct wx_obs *o, int i)
{
	if (i == 100)
		o->rain_mm = 45;
}
static void rain_in_dry_air(struct wx_obs *o, int i)
{
	if (i == 100) {
		o->rel_hum_pct = 40;
		o->rain_mm = 0.2;
	}
}
static void storm(struct wx_obs *o, int i)
{
	if (i == 100)
		o->wind_avg_m_s = o->wind_gust_m_s = 80;
}
static void nothing(struct wx_obs *o, int i)
{
	(void)i;
	(void)o;
}
static void gap(struct wx_obs *o, int i) /* 50 min, a gap, 50 min more */
{
	if (i >= 50 && i < 70)
		o->utc = WX_TIME_NONE;
	if (i >= 120)
		o->utc = WX_TIME_NONE;
	o->air_temp_degc = 12;
}

static unsigned judge(void (*spoil)(struct wx_obs *o, int i), bool backwards)
{
	struct wx_limits limits;
	struct wx_doubts d;
	unsigned bits;

	CHECK_INT("limits", wx_limits_read(NULL, &limits, NULL), WX_OK);
	wx_doubts_init(&d, &limits);
	for (int i = 0; i < MINUTES; i++) {
		struct wx_obs o;
		int k = backwards ? MINUTES - 1 - i : i;

		plain(&o, k);
		spoil(&o, k);
		CHECK_INT("add", wx_doubts_add(&d, &o, NULL), WX_OK);
	}
	wx_doubts_finish(&d);
	bits = wx_doubts_of(&d, 0, INT64_C(86400) * WX_NS_PER_S);
	wx_doubts_fini(&d);
	return bits;
}

static void test_where(void)
{
	const int64_t minute = 60 * WX_NS_PER_S;
	struct wx_limits limits;
	struct wx_doubts d;

	wx_limits_read(NULL, &limits, NULL);
	wx_doubts_init(&d, &limits);
	for (int i = 0; i < MINUTES; i++) {
		struct wx_obs o;

		plain(&o, i);
		gust_below(&o, i);
		wx_doubts_add(&d, &o, NULL);
	}
	wx_doubts_finish(&d);
	CHECK_INT("before", wx_doubts_of(&d, 99 * minute, 100 * minute), 0);
	CHECK_INT("in it", wx_doubts_of(&d, 100 * minute + 1, 100 * minute + 2),
		  WX_DOUBT_GUST);
	CHECK_INT("behind", wx_doubts_of(&d, 101 * minute, 102 * minute), 0);
	wx_doubts_trim(&d, (struct wx_time){ 200 * minute });
	CHECK_INT("trimmed", wx_doubts_of(&d, 0, 300 * minute), 0);
	wx_doubts_fini(&d);
}

int main(void)
{
	static const struct {
		const char *label;
		void (*spoil)(struct wx_obs *o, int i);
		unsigned bits;
	} rows[] = {
		{ "a plain day", nothing, 0 },
		{ "61 degC", hot, WX_DOUBT_AIR_RANGE | WX_DOUBT_AIR_STEP },
		{ "102.5 %", wet_sensor, WX_DOUBT_AIR_RANGE },
		{ "499 hPa", vacuum, WX_DOUBT_AIR_RANGE | WX_DOUBT_AIR_STEP },
		{ "3.2 degC in a minute", warm_jump, WX_DOUBT_AIR_STEP },
		{ "0.7 hPa in a minute", pressure_jump, WX_DOUBT_AIR_STEP },
		{ "one temperature for 5 h", stuck_temp, WX_DOUBT_AIR_STILL },
		{ "for 50 min", stuck_50_min, 0 },
		{ "for twice 50 min, a gap between", gap, 0 },
		{ "fog for 5 h", fog, 0 },
		{ "70 % for 5 h", stuck_hum, WX_DOUBT_AIR_STILL },
		{ "pressure turns for 5 h", turning_point, WX_DOUBT_AIR_STILL },
		{ "a gust front", gust_front, WX_DOUBT_WIND_STEP },
		{ "a spike", spike, WX_DOUBT_WIND_STEP | WX_DOUBT_WIND_BAD },
		{ "cups that froze at 3 m/s", frozen_cups,
		  WX_DOUBT_WIND_STILL },
		{ "calm for 5 h", calm, 0 },
		{ "a vane that stands, across north", stuck_vane,
		  WX_DOUBT_VANE_STILL },
		{ "a gust below the mean", gust_below, WX_DOUBT_GUST },
		{ "6 mm in a minute", cloudburst, WX_DOUBT_RAIN_RANGE },
		{ "45 mm in a minute", bucket_emptied,
		  WX_DOUBT_RAIN_RANGE | WX_DOUBT_RAIN_BAD },
		{ "rain at 40 %", rain_in_dry_air,
		  WX_DOUBT_DRY_RAIN | WX_DOUBT_AIR_STEP },
		{ "80 m/s", storm, WX_DOUBT_WIND_STEP | WX_DOUBT_WIND_BAD },
	};

	for (size_t i = 0; i < WX_COUNT(rows); i++)
		CHECK_INT(rows[i].label, judge(rows[i].spoil, false),
			  rows[i].bits);
	/* Out of order, only what a row says by itself is known. */
	CHECK_INT("backwards", judge(gust_below, true), WX_DOUBT_GUST);
	test_where();
	return wx_test_end();
}
