/* SPDX-License-Identifier: MIT */
/*
 * A chunk of a recording, its kind by the first byte, and whatever it says
 * against a name, the rest of the first line. A time only where there is a
 * date and a zone, and all texts within their room.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "capture/recorder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t room)
{
	size_t n = strnlen(text, room);

	if (n == room)
		abort();
	for (size_t i = 0; i < n; i++)
		if (text[i] < 0x20 || text[i] > 0x7e)
			abort();
}

static void check_start(const struct wx_recording_says *says, const char *name)
{
	struct wx_says_start with, without;
	char remark[WX_SAYS_REMARK];

	wx_says_start(says, name, false, 0, &without);
	wx_says_start(says, name, true, 3600, &with);
	if (with.needs_offset || without.by_site_offset ||
	    wx_time_is_none(with.start) !=
		    (wx_time_is_none(without.start) && !without.needs_offset) ||
	    (without.needs_offset && !with.by_site_offset) ||
	    with.match != without.match)
		abort();
	wx_says_remark(&with, remark);
	check_text(remark, sizeof(remark));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const ids[] = { "LIST", "guan", "wamd", "ICMT" };
	const uint8_t *line = size > 1 ? memchr(data, '\n', size) : NULL;
	size_t at = line ? (size_t)(line - data) + 1 : 0;
	struct wx_recording_says says;
	struct wx_recorder r;
	char *body, *name;

	if (!line || at < 2 || size == at)
		return 0;
	name = strndup((const char *)data + 1, at - 2);
	body = malloc(size - at); /* its end is its end */
	if (!name || !body)
		abort();
	memcpy(body, data + at, size - at);
	wx_recorder_init(&r);
	if (data[0] % 4 < 3)
		wx_recorder_chunk(&r, ids[data[0] % 4], body, size - at);
	else
		r.has_comment = wx_audiomoth_parse(body, size - at, &r.comment);
	wx_recorder_says(&r, data[0] & 4, &says);
	check_text(says.device, WX_SAYS_TEXT);
	check_text(says.deployment, WX_SAYS_TEXT);
	check_text(says.firmware, WX_SAYS_TEXT);
	check_text(says.model, WX_SAYS_TEXT);
	check_text(says.gain, WX_SAYS_TEXT);
	if ((!wx_time_is_none(says.start) &&
	     (!says.has_civil || !says.has_zone || says.unset)) ||
	    says.has_civil != (says.from != WX_SAYS_NOTHING) ||
	    isnan(says.lat_deg) != isnan(says.lon_deg))
		abort();
	check_start(&says, name);
	free(body);
	free(name);
	return 0;
}
