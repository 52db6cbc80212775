/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_vaisala_wxt.c: composite messages of a WXT536, of odd seeds
 * with a CRC, behind the time of arrival.
 */
#include "made/log.h"

/* Polynomial 0xa001, from 0, as three characters of 0x40 and up. */
static void put_crc(const char *text, FILE *out)
{
	unsigned crc = 0;

	for (; *text; text++) {
		crc ^= (unsigned char)*text;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
	}
	fputc((int)(0x40 | crc >> 12), out);
	fputc((int)(0x40 | (crc >> 6 & 63)), out);
	fputc((int)(0x40 | (crc & 63)), out);
}

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	bool crc = log->opts->seed % 2;
	char stamp[WX_TIME_SIZE], text[200];

	wx_time_format(wx_time_from_us(r->end_s * 1000000), 3, stamp);
	snprintf(text, sizeof(text),
		 "0%c0,Dm=%03.0fD,Sm=%.1fM,Sx=%.1fM,Ta=%.1fC,Ua=%.1fP,"
		 "Pa=%.1fH,Rc=%.2fM",
		 crc ? 'r' : 'R', r->wind_dir_deg, r->wind_avg_m_s,
		 r->wind_gust_m_s, r->air_temp_degc, r->rel_hum_pct,
		 r->pressure_hpa, r->total_mm);
	fprintf(out, "%s %s", stamp, text);
	if (crc)
		put_crc(text, out);
	fputs("\r\n", out);
}

const struct wx_made_format wx_made_log_vaisala_wxt = {
	.name = "vaisala-wxt",
	.file = "wxt.log",
	.site = "",
	.step_s = 10,
	.wind_step_m_s = 0.1,
	.rain = WX_MADE_COUNTER,
	.row = row,
};
