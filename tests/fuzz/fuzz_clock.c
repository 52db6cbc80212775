/* SPDX-License-Identifier: MIT */
/*
 * A stranger's clock: lines of clock.jsonl and events of an index, as text,
 * through parsing, anchors, fit and map. No input may crash or overflow, and
 * what is dated is dated in range.
 */
#include <stdlib.h>
#include <string.h>

#include "clock/timeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t whole(const json_t *o, const char *key, int64_t dflt)
{
	const json_t *v = json_object_get(o, key);

	return json_is_integer(v) ? json_integer_value(v) : dflt;
}

static void one(struct wx_timeline *tl, const json_t *o, struct wx_time latest)
{
	const char *kind = json_string_value(json_object_get(o, "ev"));
	struct wx_exchange x;

	if (kind)
		wx_anchors_add_event(&tl->anchors, kind, "", whole(o, "b", -1),
				     whole(o, "m", INT64_MIN),
				     whole(o, "utc", INT64_MIN),
				     json_number_value(json_object_get(o, "e")),
				     latest, NULL);
	else if (wx_exchange_parse(o, &x, NULL) == WX_OK)
		wx_anchors_add_exchanges(&tl->anchors, &x, 1, latest, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct wx_time latest = { INT64_C(1800000000000000000) };
	struct wx_timeline tl = { 0 };
	const char *text = (const char *)data, *end = text + size;

	while (text < end) {
		const char *nl = memchr(text, '\n', (size_t)(end - text));
		size_t n = (size_t)((nl ? nl : end) - text);
		json_t *o = json_loadb(text, n, 0, NULL);

		if (json_is_object(o))
			one(&tl, o, latest);
		json_decref(o);
		text += n + 1;
	}
	wx_timeline_add(&tl, 1, 0, 10000000, NULL);
	if (wx_timeline_fit(&tl, NULL) == WX_OK) {
		struct wx_clock *c = wx_timeline_clock(&tl, 1);
		FILE *sink = fopen("/dev/null", "w");

		if (c && (wx_time_is_none(wx_clock_utc(c, 5e6)) ||
			  !(wx_clock_max_err(c, 5000000) > 0)))
			abort();
		if (c)
			wx_clock_utc(c, (double)WX_CLOCK_MAX_M_US);
		wx_timeline_explain(&tl, "n1", sink);
		fclose(sink);
	}
	wx_timeline_fini(&tl);
	return 0;
}
