/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_davis_loop.c: packets of a Davis console in hexadecimal,
 * behind the time of arrival: LOOP, whose counter is that of the year, and LOOP
 * and LOOP2 by turns, with that of the day, as LPS 3 sends them.
 */
#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "made/log.h"
#include "station/unit.h"

enum { PACKET = 99 };

static void put16(uint8_t *at, double v)
{
	int x = (int)lround(v);

	at[0] = (uint8_t)(x & 0xff);
	at[1] = (uint8_t)(x >> 8 & 0xff);
}

static void packet(const struct wx_made_reading *r, bool loop2, size_t rain_at,
		   FILE *out)
{
	char stamp[WX_TIME_SIZE], hex[2 * PACKET + 1];
	long dir = lround(r->wind_dir_deg);
	uint8_t p[PACKET];
	unsigned crc;

	memset(p, 0xff, sizeof(p));
	memcpy(p, "LOO\x14\0\0", 7); /* LOOP, its archive at record 0 */
	p[4] = loop2;
	if (loop2)
		p[5] = p[6] = 0xff; /* unused */
	put16(p + 7, r->pressure_hpa / WX_HPA_PER_INHG * 1000);
	put16(p + 12, (r->air_temp_degc * 1.8 + 32) * 10);
	p[14] = (uint8_t)lround(r->wind_avg_m_s / WX_M_S_PER_MPH);
	put16(p + 16, (double)(dir ? dir : 360)); /* 0 is no direction */
	p[33] = (uint8_t)lround(r->rel_hum_pct);
	put16(p + rain_at, (double)r->total_tips);
	p[95] = '\n';
	p[96] = '\r';
	crc = wx_crc16(p, PACKET - 2);
	p[97] = (uint8_t)(crc >> 8);
	p[98] = (uint8_t)crc;
	wx_time_format(wx_time_from_us(r->end_s * 1000000), 3, stamp);
	wx_hex(p, PACKET, hex);
	fprintf(out, "%s %s\n", stamp, hex);
}

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	(void)log;
	packet(r, false, 54, out);
}

static void either_row(struct wx_made_log *log, const struct wx_made_reading *r,
		       FILE *out)
{
	packet(r, log->row % 2 != 0, 50, out);
}

const struct wx_made_format wx_made_log_davis_loop2 = {
	.name = "davis-loop2",
	.file = "loop2.log",
	.site = "",
	.step_s = 10,
	.wind_step_m_s = WX_M_S_PER_MPH,
	.rain = WX_MADE_COUNTER,
	.row = either_row,
};

const struct wx_made_format wx_made_log_davis_loop = {
	.name = "davis-loop",
	.file = "loop.log",
	.site = "",
	.step_s = 10,
	.wind_step_m_s = WX_M_S_PER_MPH,
	.rain = WX_MADE_COUNTER,
	.row = row,
};
