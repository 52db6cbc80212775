/* SPDX-License-Identifier: MIT */
/* formats/capture/config_txt.c: see config_txt.h. */
#include "capture/config_txt.h"

#include "capture/scan.h"

static bool take_zone(struct wx_scan v, int *zone_s)
{
	int s;

	if (!wx_scan_utc(&v, &s) || v.p != v.end)
		return false;
	*zone_s = s;
	return true;
}

static void take(struct wx_scan key, struct wx_scan v,
		 struct wx_config_txt *out)
{
	int rate;

	if (wx_scan_is(&key, "Device ID"))
		wx_scan_copy(&v, out->device, sizeof(out->device));
	else if (wx_scan_is(&key, "Deployment ID"))
		wx_scan_copy(&v, out->deployment, sizeof(out->deployment));
	else if (wx_scan_is(&key, "Firmware"))
		wx_scan_copy(&v, out->firmware, sizeof(out->firmware));
	else if (wx_scan_is(&key, "Time zone"))
		out->has_zone = take_zone(v, &out->zone_s);
	else if (wx_scan_is(&key, "Sample rate (Hz)") &&
		 wx_scan_uint(&v, 7, &rate) && v.p == v.end)
		out->rate_hz = rate;
	else if (wx_scan_is(&key, "Enable GPS time setting"))
		out->gps = wx_scan_is(&v, "Yes");
	else if (wx_scan_is(&key, "Trigger type"))
		out->triggered = !wx_scan_is(&v, "-");
}

bool wx_config_txt_parse(const char *text, size_t n, struct wx_config_txt *out)
{
	struct wx_scan s = wx_scan_of(text, n), line = s;

	*out = (struct wx_config_txt){ 0 };
	if (!wx_scan_text(&line, "Device ID"))
		return false;
	while (wx_scan_line(&s, &line)) {
		struct wx_scan key = wx_scan_until(&line, " : ");

		if (!wx_scan_text(&line, " : "))
			continue;
		wx_scan_trim(&key);
		wx_scan_trim(&line);
		take(key, line, out);
	}
	return true;
}
