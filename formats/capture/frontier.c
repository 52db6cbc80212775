/* SPDX-License-Identifier: MIT */
/* formats/capture/frontier.c: see frontier.h. */
#include "capture/frontier.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "capture/scan.h"

static void begin(struct wx_frontier_line *out)
{
	*out = (struct wx_frontier_line){ .lat_deg = NAN,
					  .lon_deg = NAN,
					  .utc = WX_TIME_NONE,
					  .battery_v = NAN };
}

/* "-27.3886+152.8717": the second sign parts the two. */
static bool take_position(struct wx_scan *s, struct wx_frontier_line *out)
{
	double lat, lon;

	if (!wx_scan_f64(s, &lat) || s->p == s->end ||
	    (*s->p != '+' && *s->p != '-') || !wx_scan_f64(s, &lon) ||
	    fabs(lat) > 90 || fabs(lon) > 180)
		return false;
	out->lat_deg = lat;
	out->lon_deg = lon;
	return true;
}

/* ",10:08,19/09/2019" */
static bool take_minute(struct wx_scan *s, struct wx_civil *c)
{
	return wx_scan_text(s, ",") && wx_scan_digits(s, 2, &c->hour) &&
	       wx_scan_text(s, ":") && wx_scan_digits(s, 2, &c->minute) &&
	       wx_scan_text(s, ",") && wx_scan_digits(s, 2, &c->day) &&
	       wx_scan_text(s, "/") && wx_scan_digits(s, 2, &c->month) &&
	       wx_scan_text(s, "/") && wx_scan_digits(s, 4, &c->year) &&
	       s->p == s->end && wx_civil_check(c, NULL) == WX_OK;
}

void wx_frontier_gps_line(const char *text, size_t n,
			  struct wx_frontier_line *out)
{
	struct wx_scan s = wx_scan_of(text, n);

	begin(out);
	wx_scan_trim(&s);
	if (wx_scan_text(&s, "Failed to acquire GPS lock")) {
		out->kind = WX_FRONTIER_NO_FIX;
	} else if (take_position(&s, out)) {
		out->has_civil = take_minute(&s, &out->civil);
		out->kind = WX_FRONTIER_FIX;
		if (!out->has_civil)
			begin(out); /* torn: the position may be, too */
	}
}

/* "Updating clock from the GPS to local time 09:48:40 (UTC-03:00)" */
static bool take_update(struct wx_scan *s, struct wx_frontier_line *out)
{
	struct wx_civil c = out->civil;
	int64_t apart_ns;

	if (!wx_scan_digits(s, 2, &c.hour) || !wx_scan_text(s, ":") ||
	    !wx_scan_digits(s, 2, &c.minute) || !wx_scan_text(s, ":") ||
	    !wx_scan_digits(s, 2, &c.second) || !wx_scan_text(s, " (UTC") ||
	    !wx_scan_zone(s, &out->zone_s) || !wx_scan_text(s, ")") ||
	    wx_civil_check(&c, NULL))
		return false;
	/* The date is the line's, which may be of the other side of 24:00. */
	apart_ns = wx_civil_to_time(&c, 0).utc_ns -
		   wx_civil_to_time(&out->civil, 0).utc_ns;
	out->utc = wx_civil_to_time(&c, out->zone_s);
	if (apart_ns > 43200 * WX_NS_PER_S)
		out->utc = wx_time_add_ns(out->utc, -86400 * WX_NS_PER_S);
	else if (apart_ns < -43200 * WX_NS_PER_S)
		out->utc = wx_time_add_ns(out->utc, 86400 * WX_NS_PER_S);
	return true;
}

static void take_event(struct wx_scan s, struct wx_frontier_line *out)
{
	struct wx_scan at = s;
	double v;

	if (wx_scan_text(&s, "Updating clock from the GPS to local time ")) {
		if (take_update(&s, out))
			out->kind = WX_FRONTIER_UPDATED;
	} else if (wx_scan_text(&s, "GPS position lock acquired [")) {
		if (take_position(&s, out) && wx_scan_text(&s, "]"))
			out->kind = WX_FRONTIER_FIX;
	} else if (wx_scan_text(&s, "Total buffer overruns = ")) {
		if (wx_scan_f64(&s, &v) && v > 0)
			out->kind = WX_FRONTIER_OVERRUN;
	} else if (wx_scan_text(&s, "| Battery: ") ||
		   wx_scan_text(&s, "Battery at ")) {
		at = s;
		if (wx_scan_find(&at, "( ") && wx_scan_f64(&at, &v) &&
		    wx_scan_text(&at, " V") && v >= 0 && v < 100) {
			out->kind = WX_FRONTIER_BATTERY;
			out->battery_v = v;
		}
	}
}

void wx_frontier_log_line(const char *text, size_t n,
			  struct wx_frontier_line *out)
{
	struct wx_scan s = wx_scan_of(text, n);

	begin(out);
	wx_scan_trim(&s);
	if (wx_scan_text(&s, "Serial Number:"))
		out->kind = WX_FRONTIER_SERIAL;
	else if (wx_scan_text(&s, "Firmware:"))
		out->kind = WX_FRONTIER_FIRMWARE;
	if (out->kind) {
		wx_scan_trim(&s);
		wx_scan_copy(&s, out->text, sizeof(out->text));
		return;
	}
	out->has_civil = wx_scan_civil(&s, &out->civil);
	if (out->has_civil && wx_scan_text(&s, " "))
		take_event(s, out);
	if (out->kind != WX_FRONTIER_FIX)
		out->lat_deg = out->lon_deg = NAN;
}

enum wx_frontier_file wx_frontier_name(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	size_t n = strlen(base);

	if (strcasecmp(base, "GPS_log.csv") == 0)
		return WX_FRONTIER_GPS_LOG;
	if (strncasecmp(base, "logfile", 7) == 0 && n > 4 &&
	    strcasecmp(base + n - 4, ".txt") == 0)
		return WX_FRONTIER_LOGFILE;
	return WX_FRONTIER_NEITHER;
}
