/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_weatherlink.c: WeatherLink's text export, set to metric
 * units and days before months.
 */
#include <math.h>

#include "made/log.h"

static void begin(struct wx_made_log *log, FILE *out)
{
	(void)log;
	fputs("                 Temp     Hi    Out   Wind  Wind     Hi        "
	      "   Arc.\r\n"
	      "  Date    Time    Out   Temp    Hum  Speed   Dir  Speed   Rain "
	      "  Int.\r\n"
	      "---------------------------------------------------------------"
	      "------\r\n",
	      out);
}

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	static const char *const points[] = {
		"N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
		"S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW",
	};
	struct wx_civil c = wx_made_civil(log, r->end_s);

	fprintf(out,
		"%2d/%02d/%02d %5d:%02d %6.1f %6.1f %6.0f %6.1f %5s %6.1f "
		"%6.1f %6d\r\n",
		c.day, c.month, c.year % 100, c.hour, c.minute,
		r->air_temp_degc, r->air_temp_degc, r->rel_hum_pct,
		r->wind_avg_m_s, points[lround(r->wind_dir_deg / 22.5) % 16],
		r->wind_gust_m_s, r->rain_mm, r->step_s / 60);
}

const struct wx_made_format wx_made_log_weatherlink = {
	.name = "weatherlink",
	.file = "weatherlink.txt",
	.site = "\"zone\": \"" WX_MADE_ZONE
		"\", \"date_order\": \"dmy\", \"columns\": { \"rain_mm\": "
		"\"Rain [mm]\", \"wind_avg_m_s\": \"Wind Speed [m/s]\", "
		"\"air_temp_degc\": \"Temp Out [C]\" }",
	.step_s = 600,
	.wind_step_m_s = 0.1,
	.rain = WX_MADE_INTERVAL,
	.begin = begin,
	.row = row,
};
