/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_ecowitt.c: uploads of an Ecowitt console as a listener saved
 * them, a form a line; one that was not answered comes again.
 */
#include "made/log.h"
#include "station/unit.h"

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	struct wx_civil c =
		wx_time_to_civil(wx_time_from_us(r->end_s * 1000000), 0);

	(void)log;
	fprintf(out,
		"PASSKEY=0&stationtype=EasyWeatherV1.6.4&dateutc="
		"%04d-%02d-%02d+%02d:%02d:%02d&baromabsin=%.3f&tempf=%.1f"
		"&humidity=%.0f&winddir=%.0f&windspeedmph=%.2f&windgustmph=%.2f"
		"&totalrainin=%.3f&wh65batt=0&freq=868M&model=WS2900\n",
		c.year, c.month, c.day, c.hour, c.minute, c.second,
		r->pressure_hpa / WX_HPA_PER_INHG, r->air_temp_degc * 1.8 + 32,
		r->rel_hum_pct, r->wind_dir_deg,
		r->wind_avg_m_s / WX_M_S_PER_MPH,
		r->wind_gust_m_s / WX_M_S_PER_MPH,
		r->total_mm / WX_MM_PER_INCH);
}

const struct wx_made_format wx_made_log_ecowitt = {
	.name = "ecowitt",
	.file = "ecowitt.log",
	.site = "",
	.step_s = 60,
	.wind_step_m_s = 0.01 * WX_M_S_PER_MPH,
	.rain = WX_MADE_COUNTER,
	.resends = true,
	.row = row,
};
