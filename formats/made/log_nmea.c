/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_nmea.c: sentences of a weather transmitter, MWV and XDR, behind the
 * time of arrival.
 */
#include "made/log.h"

/* What stands between $ and *, and its checksum. */
static void put_sentence(const char *stamp, const char *text, FILE *out)
{
	unsigned sum = 0;

	for (const char *p = text; *p; p++)
		sum ^= (unsigned char)*p;
	fprintf(out, "%s $%s*%02X\r\n", stamp, text, sum);
}

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	char stamp[WX_TIME_SIZE], text[200];

	(void)log;
	wx_time_format(wx_time_from_us(r->end_s * 1000000), 3, stamp);
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
