/* SPDX-License-Identifier: MIT */
/* formats/capture/says.c: see says.h. */
#include "capture/says.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

int wx_says_zone(int fd, const char *name)
{
	struct wx_wav wav = { 0 };
	struct wx_wav_chunks chunks = { 0 };
	struct wx_recording_says says;
	struct wx_says_start start;
	int rc = wx_wav_chunks_fd(fd, name, &wav, &chunks, NULL);

	wx_recording_says_fd(fd, &wav, &chunks, &says);
	wx_says_start(&says, name, false, 0, &start);
	if (!start.needs_offset)
		return 1;
	return rc && !says.has_civil ? -1 : 0;
}

/* ---- to and from the journal ---- */

static void put_text(json_t *obj, const char *key, const char *text)
{
	if (*text)
		json_object_set_new(obj, key, json_string(text));
}

/* To the decimals that a line is worth: 12.3, not 12.300000190734863. */
static void put_real(json_t *obj, const char *key, double v)
{
	if (isfinite(v))
		json_object_set_new(obj, key, json_real(round(v * 1e6) / 1e6));
}

static void put_flag(json_t *obj, const char *key, bool is)
{
	if (is)
		json_object_set_new(obj, key, json_true());
}

static void put_time(const struct wx_recording_says *says, json_t *obj)
{
	char text[WX_TIME_SIZE];

	if (!says->has_civil && wx_time_is_none(says->start))
		return;
	put_text(obj, "from", wx_says_from_word(says->from));
	if (!wx_time_is_none(says->start))
		json_object_set_new(
			obj, "r0",
			json_integer(says->start.utc_ns / WX_NS_PER_US));
	if (says->has_zone)
		json_object_set_new(obj, "zone_s", json_integer(says->zone_s));
	if (says->has_civil && wx_time_is_none(says->start)) {
		int n = wx_time_format(wx_civil_to_time(&says->civil, 0), 6,
				       text);

		text[n - 1] = '\0'; /* the 'Z': it is not in UTC */
		put_text(obj, "at", text);
	}
	put_flag(obj, "unset", says->unset);
	put_flag(obj, "zone_fault", says->zone_fault);
}

void wx_says_put(const struct wx_recording_says *says, json_t *obj)
{
	put_time(says, obj);
	put_real(obj, "T", says->temp_degc);
	put_real(obj, "bat_v", says->battery_v);
	if (says->battery_bound)
		put_text(obj, "bat_is",
			 says->battery_bound < 0 ? "below" : "above");
	put_text(obj, "dev", says->device);
	put_text(obj, "fw", says->firmware);
	put_flag(obj, "trig", says->triggered);
}

static enum wx_says_from from_of(const char *word)
{
	for (int i = WX_SAYS_NAME; i > WX_SAYS_NOTHING; i--)
		if (*word && !strcmp(wx_says_from_word(i), word))
			return i;
	return WX_SAYS_NOTHING;
}

void wx_says_get(const json_t *obj, struct wx_recording_says *out)
{
	int64_t r0_us = wx_json_i64(obj, "r0", INT64_MIN);
	const char *at = wx_json_str(obj, "at", NULL);
	char text[WX_TIME_SIZE + 1];
	struct wx_time t;

	*out = (struct wx_recording_says){
		.from = from_of(wx_json_str(obj, "from", "")),
		.start = WX_TIME_NONE,
		.has_zone = json_is_integer(json_object_get(obj, "zone_s")),
		.zone_s = (int)wx_json_i64(obj, "zone_s", 0),
		.unset = wx_json_bool(obj, "unset", 0),
		.zone_fault = wx_json_bool(obj, "zone_fault", 0),
		.triggered = wx_json_bool(obj, "trig", 0),
		.battery_v = NAN,
		.temp_degc = wx_json_f64(obj, "T", NAN),
		.temp_ext_degc = NAN,
		.rel_hum_pct = NAN,
		.lat_deg = NAN,
		.lon_deg = NAN,
	};
	if (r0_us != INT64_MIN) {
		out->start = wx_time_from_us(r0_us);
		out->civil = wx_time_to_civil(out->start, out->zone_s);
		out->has_civil = true;
	} else if (at &&
		   snprintf(text, sizeof(text), "%sZ", at) <
			   (int)sizeof(text) &&
		   !wx_time_parse(text, &t, NULL)) {
		out->civil = wx_time_to_civil(t, 0);
		out->has_civil = true;
	}
}
