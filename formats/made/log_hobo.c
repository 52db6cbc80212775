/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_hobo.c: HOBOware's export of a logger with a rain gauge and
 * a wind sensor, its clock an hour ahead of UTC all year.
 */
#include <math.h>

#include "made/log.h"

enum { STEP_S = 300, OFFSET_S = 3600 };

struct hobo {
	int64_t line, n_events;
};

static void put_stamp(struct hobo *h, int64_t utc_s, FILE *out)
{
	struct wx_civil c =
		wx_time_to_civil(wx_time_from_us(utc_s * 1000000), OFFSET_S);

	fprintf(out, "%lld,%02d/%02d/%02d %02d:%02d:%02d,",
		(long long)++h->line, c.month, c.day, c.year % 100, c.hour,
		c.minute, c.second);
}

static void begin(struct wx_made_log *log, FILE *out)
{
	struct hobo *h = log->state;
	int64_t utc_s = log->opts->start_s;

	fputs("\xef\xbb\xbf\"Plot Title: made\"\r\n"
	      "\"#\",\"Date Time, GMT+01:00\",\"Event, units "
	      "(LGR S/N: 1, SEN S/N: 1)\",\"Temp, \xc2\xb0"
	      "C (LGR S/N: 1, SEN S/N: 2)\",\"Wind Speed, m/s (LGR S/N: 1, "
	      "SEN S/N: 3)\",\"Coupler Attached (LGR S/N: 1)\",\"End Of File "
	      "(LGR S/N: 1)\"\r\n",
	      out);
	/* The launch: an event that is no tip. */
	put_stamp(h, utc_s, out);
	fputs("0.00,,,,\r\n", out);
}

static void tip(struct wx_made_log *log, int64_t utc_s, FILE *out)
{
	struct hobo *h = log->state;

	put_stamp(h, utc_s, out);
	fprintf(out, "%lld.00,,,,\r\n", (long long)++h->n_events);
}

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	put_stamp(log->state, r->end_s, out);
	fprintf(out, ",%.3f,%.2f,,\r\n", r->air_temp_degc, r->wind_avg_m_s);
}

const struct wx_made_format wx_made_log_hobo = {
	.name = "hobo",
	.file = "hobo.csv",
	.site = "",
	.step_s = STEP_S,
	.wind_step_m_s = 0.01,
	.rain = WX_MADE_EVENTS,
	.state_size = sizeof(struct hobo),
	.begin = begin,
	.tip = tip,
	.row = row,
};
