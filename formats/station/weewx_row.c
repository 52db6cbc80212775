/* SPDX-License-Identifier: MIT */
/* formats/station/weewx_row.c: see weewx_row.h. */
#include "station/weewx_row.h"

#include <math.h>

#include "station/unit.h"

const char *const wx_weewx_names[WX_WEEWX_N] = {
	"dateTime", "usUnits", "interval", "rain",        "windSpeed",
	"windGust", "windDir", "outTemp",  "outHumidity", "pressure"
};

static const int keys[WX_WEEWX_N - WX_WEEWX_VALUES] = {
	WX_KEY_RAIN, WX_KEY_WIND, WX_KEY_GUST, WX_KEY_DIR,
	WX_KEY_TEMP, WX_KEY_HUM,  WX_KEY_PRES
};

static const struct units {
	int number;
	struct wx_unit rain, speed, temp, pres;
} systems[] = {
	{ 1,
	  { WX_MM_PER_INCH, 0 },
	  { WX_M_S_PER_MPH, 0 },
	  { WX_DEGC_PER_DEGF, WX_DEGC_AT_0F },
	  { WX_HPA_PER_INHG, 0 } },
	{ 16, { 10, 0 }, { WX_M_S_PER_KM_H, 0 }, { 1, 0 }, { 1, 0 } },
	{ 17, { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 } },
};

static const struct wx_unit *unit_of(const struct units *u, int key)
{
	static const struct wx_unit same = { 1, 0 };

	switch (key) {
	case WX_KEY_RAIN:
		return &u->rain;
	case WX_KEY_WIND:
	case WX_KEY_GUST:
		return &u->speed;
	case WX_KEY_TEMP:
		return &u->temp;
	case WX_KEY_PRES:
		return &u->pres;
	default:
		return &same;
	}
}

static const struct units *system_of(double number)
{
	for (size_t i = 0; i < WX_COUNT(systems); i++)
		if (systems[i].number == number)
			return &systems[i];
	return NULL;
}

int wx_weewx_put(struct wx_rows *rows, const double v[WX_WEEWX_N],
		 struct wx_error *err)
{
	const struct units *u = system_of(v[WX_WEEWX_UNITS]);
	double utc_s = v[WX_WEEWX_TIME], minutes = v[WX_WEEWX_INTERVAL];
	struct wx_raw_row raw;

	if (!u || !(utc_s > 0 && utc_s < 4102444800) ||
	    !(minutes > 0 && minutes <= 1440)) {
		wx_rawlog_warn(rows->lines, WX_ROW_TIME,
			       "dateTime %.0f, usUnits %.0f, interval %g: "
			       "expected Unix seconds, 1, 16 or 17, and "
			       "minutes: row left out",
			       utc_s, v[WX_WEEWX_UNITS], minutes);
		return WX_OK;
	}
	wx_raw_row_init(&raw);
	raw.obs.utc = (struct wx_time){ (int64_t)utc_s * WX_NS_PER_S };
	raw.obs.interval_s = minutes * 60;
	for (int i = WX_WEEWX_VALUES; i < WX_WEEWX_N; i++) {
		int key = keys[i - WX_WEEWX_VALUES];
		const struct wx_unit *unit = unit_of(u, key);

		wx_raw_row_set(&raw, key, v[i] * unit->scale + unit->offset,
			       rows->lines);
	}
	raw.rain_step_mm = 0.01 * u->rain.scale;
	wx_raw_row_torn(&raw, rows->lines);
	return wx_rows_put(rows, &raw, err);
}
