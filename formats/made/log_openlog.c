/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_openlog.c: the card of a micro:bit with the weather kit: counts
 * since power-up, which writes the header again.
 */
#include <math.h>

#include "made/log.h"

static const char header[] = "timestamp,wind_dir,wind_count,rain_count\r\n";

static void begin(struct wx_made_log *log, FILE *out)
{
	(void)log;
	fputs(header, out);
}

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	static const char *const points[] = { "N",  "NE", "E",  "SE", "S",
					      "SW", "W",  "NW", "???" };
	double sector = r->wind_dir_deg / 45;
	bool between = fabs(sector - floor(sector) - 0.5) < 0.02;

	(void)log;
	if (r->restarted)
		fputs(header, out);
	fprintf(out, "%lld,%s,%lld,%lld\r\n", (long long)r->end_s,
		points[between ? 8 : lround(sector) % 8],
		(long long)r->total_turns, (long long)r->total_tips);
}

const struct wx_made_format wx_made_log_openlog = {
	.name = "openlog",
	.file = "openlog.txt",
	.site = "\"cup\": { \"m_s_per_hz\": 0.6667 }",
	.step_s = 10,
	.wind_step_m_s = 0.001,
	.rain = WX_MADE_COUNTER,
	.turns_alone = true,
	.begin = begin,
	.row = row,
};
