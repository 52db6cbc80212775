/* SPDX-License-Identifier: MIT */
/* formats/capture/guano.c: see guano.h. */
#include "capture/guano.h"

#include <math.h>
#include <string.h>

#include "capture/scan.h"

static void take_timestamp(struct wx_scan v, struct wx_guano *out)
{
	struct wx_civil c;

	if (!wx_scan_civil(&v, &c))
		return;
	wx_scan_trim(&v);
	out->has_zone = wx_scan_zone(&v, &out->zone_s);
	/* A zone in words that nobody understands is not "no zone". */
	if (v.p != v.end) {
		out->has_zone = false;
		return;
	}
	out->civil = c;
	out->has_civil = true;
}

static void take_position(struct wx_scan v, struct wx_guano *out)
{
	double lat, lon;

	if (!wx_scan_f64(&v, &lat) || !(wx_scan_text(&v, " ")))
		return;
	wx_scan_trim(&v);
	if (!wx_scan_f64(&v, &lon) || v.p != v.end || fabs(lat) > 90 ||
	    fabs(lon) > 180)
		return;
	out->lat_deg = lat;
	out->lon_deg = lon;
}

/* "48000 GAIN 2 FREQ 8.0 ..." AudioMoth names a trigger AMP or FREQ. */
static void take_settings(struct wx_scan v, struct wx_guano *out)
{
	struct wx_scan word;

	wx_scan_copy(&v, out->settings, sizeof(out->settings));
	while (wx_scan_field(&v, ' ', &word))
		if (wx_scan_is(&word, "AMP") || wx_scan_is(&word, "FREQ"))
			out->triggered = true;
}

struct text_key {
	const char *key;
	size_t at, size;
};

#define TEXT(key, member)                                         \
	{                                                         \
		key, offsetof(struct wx_guano, member),           \
			sizeof(((struct wx_guano *)NULL)->member) \
	}

static const struct text_key texts[] = {
	TEXT("Make", make),
	TEXT("Model", model),
	TEXT("Serial", serial),
	TEXT("Firmware Version", firmware),
	TEXT("OAD|Deployment ID", deployment),
};

static const struct {
	const char *key;
	size_t at;
	double lo, hi;
} numbers[] = {
	{ "OAD|Battery Voltage", offsetof(struct wx_guano, battery_v), 0, 100 },
	{ "Temperature Int", offsetof(struct wx_guano, temp_int_degc), -100,
	  150 },
	{ "Temperature Ext", offsetof(struct wx_guano, temp_ext_degc), -100,
	  150 },
	{ "Humidity", offsetof(struct wx_guano, rel_hum_pct), 0, 110 },
};

static void take(struct wx_scan key, struct wx_scan v, struct wx_guano *out)
{
	char *base = (char *)out;

	for (size_t i = 0; i < WX_COUNT(texts); i++)
		if (wx_scan_is(&key, texts[i].key) && !base[texts[i].at])
			wx_scan_copy(&v, base + texts[i].at, texts[i].size);
	for (size_t i = 0; i < WX_COUNT(numbers); i++) {
		double *x = (double *)(void *)(base + numbers[i].at);

		if (wx_scan_is(&key, numbers[i].key) && isnan(*x))
			*x = wx_scan_within(v, numbers[i].lo, numbers[i].hi);
	}
	if (wx_scan_is(&key, "Timestamp") && !out->has_civil)
		take_timestamp(v, out);
	else if (wx_scan_is(&key, "Loc Position") && isnan(out->lat_deg))
		take_position(v, out);
	else if (wx_scan_is(&key, "OAD|Recording Settings") &&
		 !out->settings[0])
		take_settings(v, out);
}

bool wx_guano_parse(const char *text, size_t n, struct wx_guano *out)
{
	struct wx_scan s = wx_scan_of(text, n), line;

	*out = (struct wx_guano){ .battery_v = NAN,
				  .temp_int_degc = NAN,
				  .temp_ext_degc = NAN,
				  .rel_hum_pct = NAN,
				  .lat_deg = NAN,
				  .lon_deg = NAN };
	wx_scan_text(&s, "\xef\xbb\xbf"); /* a byte-order mark */
	wx_scan_trim(&s);
	line = s;
	if (!wx_scan_text(&line, "GUANO|Version"))
		return false;
	while (wx_scan_line(&s, &line)) {
		struct wx_scan key = wx_scan_until(&line, ":");

		if (!wx_scan_text(&line, ":"))
			continue;
		wx_scan_trim(&key);
		wx_scan_trim(&line);
		take(key, line, out);
	}
	return true;
}
