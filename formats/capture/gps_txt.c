/* SPDX-License-Identifier: MIT */
/* formats/capture/gps_txt.c: see gps_txt.h. */
#include "capture/gps_txt.h"

#include <math.h>

#include "capture/scan.h"

/* Half a millisecond, and GPS's own pulse, which the firmware reads by it. */
#define CORRECT_ERR_S 0.0005

/* DD/MM/YYYY HH:MM:SS.mmm */
static bool take_stamp(struct wx_scan *s, struct wx_time *out)
{
	struct wx_civil c = { 0 };
	int ms;

	if (!wx_scan_digits(s, 2, &c.day) || !wx_scan_text(s, "/") ||
	    !wx_scan_digits(s, 2, &c.month) || !wx_scan_text(s, "/") ||
	    !wx_scan_digits(s, 4, &c.year) || !wx_scan_text(s, " ") ||
	    !wx_scan_digits(s, 2, &c.hour) || !wx_scan_text(s, ":") ||
	    !wx_scan_digits(s, 2, &c.minute) || !wx_scan_text(s, ":") ||
	    !wx_scan_digits(s, 2, &c.second) || !wx_scan_text(s, ".") ||
	    !wx_scan_digits(s, 3, &ms) || wx_civil_check(&c, NULL))
		return false;
	c.ns = ms * 1000000;
	*out = wx_civil_to_time(&c, 0);
	return true;
}

/* "12ms fast." "12.3ms slow." An hour is the most it ever corrects. */
static bool take_offset(struct wx_scan *s, struct wx_gps_line *out)
{
	const char *from = s->p;
	double ms, unit_ms = 1;
	int sign;

	if (!wx_scan_f64(s, &ms) || ms < 0 || ms > 3.6e6)
		return false;
	for (const char *p = from; p < s->p; p++)
		if (*p == '.')
			unit_ms = pow(10, (double)(p + 1 - s->p));
	if (!wx_scan_text(s, "ms "))
		return false;
	sign = wx_scan_text(s, "fast.") ? 1 : wx_scan_text(s, "slow.") ? -1 : 0;
	out->offset_s = sign * (ms + unit_ms / 2) / 1000;
	out->err_s = unit_ms / 2 / 1000;
	return sign != 0;
}

/* 46.230000°N, or 46°13.8000'N. The sign is some bytes of some code page. */
static bool take_degrees(struct wx_scan *s, const char *positive,
			 const char *negative, double limit, double *out)
{
	double minutes = 0;

	if (!wx_scan_f64(s, out) || !(*out >= 0))
		return false;
	while (s->p < s->end && ((unsigned char)*s->p & 0x80))
		s->p++;
	if (wx_scan_f64(s, &minutes) &&
	    (!wx_scan_text(s, "'") || minutes < 0 || minutes >= 60))
		return false;
	*out += minutes / 60;
	if (wx_scan_text(s, negative))
		*out = -*out;
	else if (!wx_scan_text(s, positive))
		return false;
	return fabs(*out) <= limit;
}

static bool take_fix(struct wx_scan *s, struct wx_gps_line *out)
{
	double lat, lon;

	if (!take_degrees(s, "N", "S", 90, &lat) || !wx_scan_text(s, " ") ||
	    !take_degrees(s, "E", "W", 180, &lon) || !wx_scan_find(s, " at ") ||
	    !take_stamp(s, &out->fix_utc) || !wx_scan_text(s, " UTC."))
		return false;
	out->lat_deg = lat;
	out->lon_deg = lon;
	return true;
}

static enum wx_gps_kind kind_of(struct wx_scan s, struct wx_gps_line *out)
{
	if (wx_scan_text(&s, "Time was set from GPS."))
		return WX_GPS_SET;
	if (wx_scan_text(&s, "Time was updated. The internal clock was "))
		return take_offset(&s, out) ? WX_GPS_UPDATED : WX_GPS_OTHER;
	if (wx_scan_text(&s, "Time was not updated. The internal clock was "
			     "correct.")) {
		out->offset_s = 0;
		out->err_s = CORRECT_ERR_S;
		return WX_GPS_CORRECT;
	}
	if (wx_scan_text(&s, "Time was not updated. The discrepancy"))
		return WX_GPS_REJECTED;
	if (wx_scan_text(&s, "Actual sample rate will be "))
		return wx_scan_f64(&s, &out->rate_hz) &&
				       wx_scan_text(&s, " Hz.") &&
				       out->rate_hz >= 1000 &&
				       out->rate_hz <= 1e6
			       ? WX_GPS_RATE
			       : WX_GPS_OTHER;
	if (wx_scan_text(&s, "Received GPS fix - "))
		return take_fix(&s, out) ? WX_GPS_FIX : WX_GPS_OTHER;
	return WX_GPS_OTHER;
}

bool wx_gps_txt_line(const char *text, size_t n, struct wx_gps_line *out)
{
	static const struct wx_gps_line nothing = { .offset_s = NAN,
						    .err_s = NAN,
						    .rate_hz = NAN,
						    .lat_deg = NAN,
						    .lon_deg = NAN,
						    .fix_utc = WX_TIME_NONE };
	struct wx_scan s = wx_scan_of(text, n);
	struct wx_time utc;

	*out = nothing;
	wx_scan_trim(&s);
	if (!take_stamp(&s, &utc) || !wx_scan_text(&s, " UTC: "))
		return false;
	out->kind = kind_of(s, out);
	if (out->kind == WX_GPS_OTHER) /* what was read of it is not told */
		*out = nothing;
	out->utc = utc;
	return true;
}
