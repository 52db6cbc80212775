/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_weewx_csv.c: WeeWX's archive as sqlite3 -header -csv writes
 * it, in the unit system METRICWX.
 */
#include "made/log.h"

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	if (!log->row)
		fputs("dateTime,usUnits,interval,barometer,rain,windSpeed,"
		      "windDir,windGust,outTemp,outHumidity,pressure\n",
		      out);
	fprintf(out, "%lld,17,%d,,%.6g,%.15g,%.15g,%.15g,%.15g,%.15g,%.15g\n",
		(long long)r->end_s, r->step_s / 60, r->rain_mm,
		r->wind_avg_m_s, r->wind_dir_deg, r->wind_gust_m_s,
		r->air_temp_degc, r->rel_hum_pct, r->pressure_hpa);
}

const struct wx_made_format wx_made_log_weewx_csv = {
	.name = "weewx-csv",
	.file = "weewx.csv",
	.site = "",
	.step_s = 300,
	.wind_step_m_s = 0.001,
	.rain = WX_MADE_INTERVAL,
	.row = row,
};
