/* SPDX-License-Identifier: MIT */
/* formats/capture/songmeter.c: see songmeter.h. */
#include "capture/songmeter.h"

#include <ctype.h>
#include <math.h>
#include <string.h>
#include <strings.h>

#include "capture/scan.h"

static bool holds(const struct wx_scan *s, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = s->p; (size_t)(s->end - p) >= n; p++)
		if (strncasecmp(p, word, n) == 0)
			return true;
	return false;
}

/* "RTC-GPS(s)" or however it is called. */
static void find_rtc(struct wx_songmeter *sm, struct wx_scan header)
{
	struct wx_scan field;

	sm->rtc = -1;
	for (int i = 0; wx_scan_field(&header, ',', &field); i++) {
		bool ms = holds(&field, "(ms)");

		if (holds(&field, "RTC") && holds(&field, "GPS") &&
		    (ms || holds(&field, "(s)"))) {
			sm->rtc = i;
			sm->rtc_unit_s = ms ? 1e-3 : 1;
		}
	}
}

static bool take_header(struct wx_songmeter *sm, struct wx_scan s)
{
	int date = wx_scan_column(s, ',', "DATE");
	int time = wx_scan_column(s, ',', "TIME");

	if (date < 0 || time < 0)
		return false;
	sm->has_header = true;
	sm->date = date;
	sm->time = time;
	sm->lat = wx_scan_column(s, ',', "LAT");
	sm->lon = wx_scan_column(s, ',', "LON");
	sm->power = wx_scan_column(s, ',', "POWER(V)");
	sm->temp = wx_scan_column(s, ',', "TEMP(C)");
	find_rtc(sm, s);
	return true;
}

/* "2021-Sep-21" */
static bool take_date(struct wx_scan s, struct wx_civil *c)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	if (!wx_scan_digits(&s, 4, &c->year) || !wx_scan_text(&s, "-") ||
	    s.end - s.p < 3)
		return false;
	for (int i = 0; i < 12; i++)
		if (strncasecmp(s.p, months + (size_t)i * 3, 3) == 0)
			c->month = i + 1;
	s.p += 3;
	return wx_scan_text(&s, "-") && wx_scan_digits(&s, 2, &c->day) &&
	       s.p == s.end;
}

static bool take_clock(struct wx_scan s, struct wx_civil *c)
{
	return wx_scan_digits(&s, 2, &c->hour) && wx_scan_text(&s, ":") &&
	       wx_scan_digits(&s, 2, &c->minute) && wx_scan_text(&s, ":") &&
	       wx_scan_digits(&s, 2, &c->second) && s.p == s.end;
}

static double number(struct wx_scan s, int col, double lo, double hi)
{
	struct wx_scan field;

	return wx_scan_nth(s, ',', col, &field) ? wx_scan_within(field, lo, hi)
						: NAN;
}

/* "46.23,S": the side stands in the column behind. */
static double degrees(struct wx_scan s, int col, double limit,
		      const char *negative)
{
	double v = number(s, col, 0, limit);
	struct wx_scan side;

	return col >= 0 && wx_scan_nth(s, ',', col + 1, &side) &&
			       wx_scan_is(&side, negative)
		       ? -v
		       : v;
}

static bool take_row(const struct wx_songmeter *sm, struct wx_scan s,
		     struct wx_songmeter_row *row)
{
	struct wx_scan date, clock;

	*row = (struct wx_songmeter_row){ .lat_deg = NAN, .lon_deg = NAN };
	if (!wx_scan_nth(s, ',', sm->date, &date) ||
	    !wx_scan_nth(s, ',', sm->time, &clock) ||
	    !take_date(date, &row->civil) || !take_clock(clock, &row->civil) ||
	    wx_civil_check(&row->civil, NULL))
		return false;
	row->power_v = number(s, sm->power, 0, 100);
	row->temp_degc = number(s, sm->temp, -60, 100);
	row->rtc_ahead_s = number(s, sm->rtc, -1e9, 1e9) *
			   (sm->rtc >= 0 ? sm->rtc_unit_s : NAN);
	row->lat_deg = degrees(s, sm->lat, 90, "S");
	row->lon_deg = degrees(s, sm->lon, 180, "W");
	if (isnan(row->lat_deg) || isnan(row->lon_deg) ||
	    (row->lat_deg == 0 && row->lon_deg == 0))
		row->lat_deg = row->lon_deg = NAN;
	return true;
}

enum wx_songmeter_line wx_songmeter_line(struct wx_songmeter *sm,
					 const char *text, size_t n,
					 struct wx_songmeter_row *row)
{
	struct wx_scan s = wx_scan_of(text, n);

	wx_scan_trim(&s);
	if (s.p == s.end || take_header(sm, s))
		return WX_SONGMETER_HEADER;
	return sm->has_header && take_row(sm, s, row) ? WX_SONGMETER_ROW
						      : WX_SONGMETER_BAD;
}

bool wx_songmeter_name(const char *name)
{
	const char *at = strcasestr(name, "_Summary");

	if (!at || strchr(at, '/'))
		return false;
	at += strlen("_Summary");
	if (at[0] == '_' && isdigit((unsigned char)at[1]))
		at += 2;
	return strcasecmp(at, ".txt") == 0;
}
