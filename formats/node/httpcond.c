/* SPDX-License-Identifier: MIT */
/*
 * formats/node/httpcond.c: the conditions and ranges of an HTTP request.
 *
 *     Range: bytes=1000-1999 | bytes=1000- | bytes=-500
 *     If-Match: "9ae0daaf-480044", "01ab23cd-5120" | *
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "node/httpcond.h"

void wx_etag_format(uint32_t crc, uint64_t size_bytes, char buf[WX_TAG_SIZE])
{
	snprintf(buf, WX_TAG_SIZE, "\"%08" PRIx32 "-%" PRIu64 "\"", crc,
		 size_bytes);
}

bool wx_etag_listed(const char *list, const char *tag, bool weak)
{
	size_t n_tag = strlen(tag);

	list += strspn(list, " \t");
	if (*list == '*')
		return list[1 + strspn(list + 1, " \t")] == '\0';
	while (*list) {
		bool is_weak = !strncmp(list, "W/", 2);
		const char *open = list + (is_weak ? 2 : 0), *close;

		close = *open == '"' ? strchr(open + 1, '"') : NULL;
		if (!close)
			return false; /* malformed: holds nothing more */
		if ((weak || !is_weak) && (size_t)(close - open) + 1 == n_tag &&
		    !memcmp(open, tag, n_tag))
			return true;
		list = close + 1 + strspn(close + 1, " \t,");
	}
	return false;
}

/* Digits to a number that stops growing at its maximum. NULL: no digit. */
static const char *number(const char *at, uint64_t *out)
{
	if (*at < '0' || *at > '9')
		return NULL;
	for (*out = 0; *at >= '0' && *at <= '9'; at++) {
		uint64_t digit = (uint64_t)(*at - '0');

		*out = *out > (UINT64_MAX - digit) / 10 ? UINT64_MAX
							: *out * 10 + digit;
	}
	return at;
}

enum wx_range wx_range_parse(const char *text, uint64_t size_bytes,
			     uint64_t *first, uint64_t *n)
{
	uint64_t from = 0, to = UINT64_MAX;
	bool suffix;

	*first = 0;
	*n = size_bytes;
	if (!text || strncasecmp(text, "bytes=", 6) != 0)
		return WX_RANGE_ALL;
	text += 6;
	suffix = *text == '-';
	if (!suffix && !(text = number(text, &from)))
		return WX_RANGE_ALL;
	if (*text++ != '-')
		return WX_RANGE_ALL;
	if (*text && !(text = number(text, &to)))
		return WX_RANGE_ALL;
	if (text[strspn(text, " \t")] || text[-1] == '=' ||
	    (!suffix && to < from))
		return WX_RANGE_ALL; /* more than one, or nonsense */
	if (suffix) {                /* the last `to` bytes */
		if (text[-1] == '-')
			return WX_RANGE_ALL;
		from = to < size_bytes ? size_bytes - to : 0;
		if (to == 0 || size_bytes == 0)
			return WX_RANGE_NOWHERE;
		to = UINT64_MAX;
	}
	if (from >= size_bytes)
		return WX_RANGE_NOWHERE;
	*first = from;
	*n = (to < size_bytes ? to + 1 : size_bytes) - from;
	return WX_RANGE_PART;
}
