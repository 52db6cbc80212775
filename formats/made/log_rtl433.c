/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_rtl433.c: what rtl_433 -F json hears of a Fine Offset WH24, on a
 * clock of the host that keeps daylight saving time. Messages come twice.
 */
#include "made/log.h"

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	struct wx_civil c = wx_made_civil(log, r->end_s);

	fprintf(out,
		"{\"time\" : \"%04d-%02d-%02d %02d:%02d:%02d\", \"model\" : "
		"\"Fineoffset-WH24\", \"id\" : 5, \"battery_ok\" : 1, "
		"\"temperature_C\" : %.1f, \"humidity\" : %.0f, "
		"\"wind_dir_deg\" : %.0f, \"wind_avg_m_s\" : %.3f, "
		"\"wind_max_m_s\" : %.3f, \"rain_mm\" : %.1f, \"mic\" : "
		"\"CRC\"}\n",
		c.year, c.month, c.day, c.hour, c.minute, c.second,
		r->air_temp_degc, r->rel_hum_pct, r->wind_dir_deg,
		r->wind_avg_m_s, r->wind_gust_m_s, r->total_mm);
}

const struct wx_made_format wx_made_log_rtl433 = {
	.name = "rtl433",
	.file = "rtl433.json",
	.site = "\"zone\": \"" WX_MADE_ZONE "\"",
	.step_s = 30,
	.wind_step_m_s = 0.001,
	.rain = WX_MADE_COUNTER,
	.resends = true,
	.row = row,
};
