/* SPDX-License-Identifier: MIT */
/* tests/unit/test_httpcond.c: ranges and ETags as RFC 9110 has them. */
#include "node/httpcond.h"
#include "testing.h"

static const struct {
	const char *text;
	uint64_t size_bytes;
	enum wx_range kind;
	uint64_t first, n;
} ranges[] = {
	{ NULL, 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes=0-", 100, WX_RANGE_PART, 0, 100 },
	{ "bytes=10-19", 100, WX_RANGE_PART, 10, 10 },
	{ "BYTES=10-19", 100, WX_RANGE_PART, 10, 10 }, /* no case in units */
	{ "bytes=99-99", 100, WX_RANGE_PART, 99, 1 },
	{ "bytes=90-500", 100, WX_RANGE_PART, 90, 10 },
	{ "bytes=-7", 100, WX_RANGE_PART, 93, 7 },
	{ "bytes=-500", 100, WX_RANGE_PART, 0, 100 },
	{ "bytes=0-99 ", 100, WX_RANGE_PART, 0, 100 },
	{ "bytes=0-18446744073709551615", 100, WX_RANGE_PART, 0, 100 },
	{ "bytes=100-", 100, WX_RANGE_NOWHERE, 0, 100 },
	{ "bytes=18446744073709551616-", 100, WX_RANGE_NOWHERE, 0, 100 },
	{ "bytes=-0", 100, WX_RANGE_NOWHERE, 0, 100 },
	{ "bytes=0-", 0, WX_RANGE_NOWHERE, 0, 0 },
	{ "bytes=-1", 0, WX_RANGE_NOWHERE, 0, 0 },
	/* A server may pass over what it does not understand. */
	{ "bytes=20-10", 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes=0-4,10-14", 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes=", 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes=-", 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes=1", 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes=a-b", 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes=1-b", 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes=--7", 100, WX_RANGE_ALL, 0, 100 },
	{ "bytes =0-1", 100, WX_RANGE_ALL, 0, 100 },
	{ "lines=0-1", 100, WX_RANGE_ALL, 0, 100 },
	{ "", 100, WX_RANGE_ALL, 0, 100 },
};

static const struct {
	const char *list;
	int strong, weak; /* is "a-1" in it? */
} lists[] = {
	{ "\"a-1\"", 1, 1 },
	{ "  \"a-1\" ", 1, 1 },
	{ "\"b\", \"a-1\"", 1, 1 },
	{ "\"b\",,\"a-1\"", 1, 1 },
	{ "*", 1, 1 },
	{ " * ", 1, 1 },
	{ "W/\"a-1\"", 0, 1 },
	{ "W/\"b\", W/\"a-1\"", 0, 1 },
	{ "\"a-1", 0, 0 },
	{ "a-1", 0, 0 },
	{ "\"a-10\"", 0, 0 },
	{ "\"x\"y\"a-1\"", 0, 0 }, /* malformed: nothing after it counts */
	{ "*, \"b\"", 0, 0 },
	{ "", 0, 0 },
};

int main(void)
{
	char tag[WX_TAG_SIZE];

	for (size_t i = 0; i < WX_COUNT(ranges); i++) {
		const char *label = ranges[i].text ? ranges[i].text : "none";
		uint64_t first, n;

		CHECK_INT(label,
			  wx_range_parse(ranges[i].text, ranges[i].size_bytes,
					 &first, &n),
			  ranges[i].kind);
		CHECK_INT(label, first, ranges[i].first);
		CHECK_INT(label, n, ranges[i].n);
	}
	for (size_t i = 0; i < WX_COUNT(lists); i++) {
		CHECK_INT(lists[i].list,
			  wx_etag_listed(lists[i].list, "\"a-1\"", false),
			  lists[i].strong);
		CHECK_INT(lists[i].list,
			  wx_etag_listed(lists[i].list, "\"a-1\"", true),
			  lists[i].weak);
	}
	wx_etag_format(0x1ab23cd, 5120, tag);
	CHECK_STR("leading zero", tag, "\"01ab23cd-5120\"");
	wx_etag_format(UINT32_MAX, UINT64_MAX, tag);
	CHECK_STR("longest", tag, "\"ffffffff-18446744073709551615\"");
	return wx_test_end();
}
