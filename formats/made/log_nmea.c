/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_nmea.c: sentences of a weather transmitter, MWV and XDR,
 * behind the time of arrival; and those of one with a GPS, MWD and MDA after
 * ZDA, whose rain comes by XDR.
 */
#include <math.h>
#include <string.h>

#include "made/log.h"
#include "station/unit.h"

/* What stands between $ and *, and its checksum. */
static void put_sentence(const char *stamp, const char *text, FILE *out)
{
	unsigned sum = 0;

	for (const char *p = text; *p; p++)
		sum ^= (unsigned char)*p;
	fprintf(out, "%s$%s*%02X\r\n", stamp, text, sum);
}

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	char stamp[WX_TIME_SIZE + 1], text[200];

	(void)log;
	wx_time_format(wx_time_from_us(r->end_s * 1000000), 3, stamp);
	strcat(stamp, " ");
	snprintf(text, sizeof(text), "WIMWV,%.1f,R,%.1f,M,A", r->wind_dir_deg,
		 r->wind_avg_m_s);
	put_sentence(stamp, text, out);
	snprintf(text, sizeof(text),
		 "WIXDR,C,%.1f,C,0,H,%.1f,P,0,P,%.1f,H,0,V,%.2f,M,0",
		 r->air_temp_degc, r->rel_hum_pct, r->pressure_hpa,
		 r->total_mm);
	put_sentence(stamp, text, out);
}

const struct wx_made_format wx_made_log_nmea = {
	.name = "nmea",
	.file = "nmea.log",
	.site = "",
	.step_s = 10,
	.wind_step_m_s = 0.1,
	.rain = WX_MADE_COUNTER,
	.row = row,
};

static void gps_row(struct wx_made_log *log, const struct wx_made_reading *r,
		    FILE *out)
{
	struct wx_civil c =
		wx_time_to_civil(wx_time_from_us(r->end_s * 1000000), 0);
	double knots = r->wind_avg_m_s * 3600 / 1852;
	double magnetic = fmod(r->wind_dir_deg + 358, 360); /* 2 deg east */
	char text[200];

	(void)log;
	snprintf(text, sizeof(text),
		 "WIZDA,%02d%02d%02d.00,%02d,%02d,%04d,00,00", c.hour, c.minute,
		 c.second, c.day, c.month, c.year);
	put_sentence("", text, out);
	snprintf(text, sizeof(text), "WIMWD,%.1f,T,%.1f,M,%.1f,N,%.1f,M",
		 r->wind_dir_deg, magnetic, knots, r->wind_avg_m_s);
	put_sentence("", text, out);
	snprintf(text, sizeof(text),
		 "WIMDA,%.4f,I,%.5f,B,%.1f,C,,C,%.1f,,,C,%.1f,T,%.1f,M,%.1f,N,"
		 "%.1f,M",
		 r->pressure_hpa / WX_HPA_PER_INHG, r->pressure_hpa / 1000,
		 r->air_temp_degc, r->rel_hum_pct, r->wind_dir_deg, magnetic,
		 knots, r->wind_avg_m_s);
	put_sentence("", text, out);
	snprintf(text, sizeof(text), "WIXDR,V,%.2f,M,0", r->total_mm);
	put_sentence("", text, out);
}

const struct wx_made_format wx_made_log_nmea_gps = {
	.name = "nmea-gps",
	.file = "nmea-gps.log",
	.site = "",
	.step_s = 10,
	.wind_step_m_s = 0.1,
	.rain = WX_MADE_COUNTER,
	.row = gps_row,
};
