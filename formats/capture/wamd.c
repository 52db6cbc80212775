/* SPDX-License-Identifier: MIT */
/* formats/capture/wamd.c: see wamd.h. */
#include "capture/wamd.h"

#include <math.h>
#include <string.h>

#include "base/bytes.h"
#include "capture/scan.h"

enum {
	ID_VERSION = 0,
	ID_MODEL = 1,
	ID_SERIAL = 2,
	ID_FIRMWARE = 3,
	ID_PREFIX = 4,
	ID_START = 5,
	ID_GPS_FIRST = 6,
	ID_POSITION = 20,
	ID_TEMP_INT = 21,
	ID_TEMP_EXT = 22,
	ID_HUMIDITY = 23,
	HEAD = 6,
};

static void take_start(struct wx_scan v, struct wx_wamd *out)
{
	struct wx_civil c;
	int zone_s = 0;
	bool zoned;

	if (!wx_scan_civil(&v, &c))
		return;
	zoned = wx_scan_zone(&v, &zone_s);
	if (v.p != v.end)
		return;
	out->has_civil = true;
	out->civil = c;
	out->has_zone = zoned;
	out->zone_s = zone_s;
}

/* "46.23,N" or "-46.23"; the comma behind it is taken too. */
static bool take_degrees(struct wx_scan *v, const char *positive,
			 const char *negative, double limit, double *out)
{
	struct wx_scan field, side;

	if (!wx_scan_field(v, ',', &field) || !wx_scan_f64(&field, out) ||
	    field.p != field.end || !(fabs(*out) <= limit))
		return false;
	side = *v;
	if (!side.p || !wx_scan_field(&side, ',', &field))
		return true;
	if (wx_scan_is(&field, negative))
		*out = -*out;
	else if (!wx_scan_is(&field, positive))
		return true;
	*v = side;
	return true;
}

static void take_position(struct wx_scan v, struct wx_wamd *out)
{
	struct wx_scan datum;
	double lat, lon;

	if (!wx_scan_field(&v, ',', &datum) || !wx_scan_text(&datum, "WGS") ||
	    !take_degrees(&v, "N", "S", 90, &lat) ||
	    !take_degrees(&v, "E", "W", 180, &lon))
		return;
	out->lat_deg = lat;
	out->lon_deg = lon;
}

/* "12.3C", "80.2%RH": the number if this unit follows. */
static double measure(struct wx_scan v, const char *unit, double lo, double hi)
{
	double x;

	return wx_scan_f64(&v, &x) && wx_scan_text(&v, unit) && x >= lo &&
			       x <= hi
		       ? x
		       : NAN;
}

static void take(unsigned id, const uint8_t *body, size_t n,
		 struct wx_wamd *out)
{
	struct wx_scan v = wx_scan_of((const char *)body, n);

	wx_scan_trim(&v);
	switch (id) {
	case ID_MODEL:
		wx_scan_copy(&v, out->model, sizeof(out->model));
		break;
	case ID_SERIAL:
		wx_scan_copy(&v, out->serial, sizeof(out->serial));
		break;
	case ID_FIRMWARE:
		wx_scan_copy(&v, out->firmware, sizeof(out->firmware));
		break;
	case ID_PREFIX:
		wx_scan_copy(&v, out->prefix, sizeof(out->prefix));
		break;
	case ID_START:
		take_start(v, out);
		break;
	case ID_GPS_FIRST:
		take_position(v, out);
		break;
	case ID_POSITION:
		if (isnan(out->lat_deg))
			take_position(v, out);
		break;
	case ID_TEMP_INT:
		out->temp_int_degc = measure(v, "C", -100, 150);
		break;
	case ID_TEMP_EXT:
		out->temp_ext_degc = measure(v, "C", -100, 150);
		break;
	case ID_HUMIDITY:
		out->rel_hum_pct = measure(v, "%", 0, 110);
		break;
	default:
		break;
	}
}

bool wx_wamd_parse(const void *data, size_t n, struct wx_wamd *out)
{
	const uint8_t *p = data;
	size_t at = 0;

	*out = (struct wx_wamd){ .lat_deg = NAN,
				 .lon_deg = NAN,
				 .temp_int_degc = NAN,
				 .temp_ext_degc = NAN,
				 .rel_hum_pct = NAN };
	if (n < HEAD + 2 || wx_le16(p) != ID_VERSION || wx_le32(p + 2) != 2 ||
	    wx_le16(p + HEAD) != 1)
		return false;
	while (n - at >= HEAD) {
		size_t len = wx_le32(p + at + 2);

		if (len > n - at - HEAD)
			break;
		take(wx_le16(p + at), p + at + HEAD, len, out);
		at += HEAD + len;
	}
	return true;
}
