/* SPDX-License-Identifier: MIT */
/* SMP packets that are, and that are not. */
#include <stdlib.h>

#include "base/hash.h"
#include "node/smp_message.h"
#include "testing.h"

/* After the header 09 00 LLLL 0008 03 00, whose length is filled in. */
static const struct {
	const char *what, *map, *json; /* json NULL: refused */
} cases[] = {
	{ "empty", "a0", "{}" },
	{ "empty, indefinite", "bfff", "{}" },
	{ "numbers",
	  "a661610061621818616319 01f4 61641a00010000 61652061663901f3",
	  "{\"a\":0,\"b\":24,\"c\":500,\"d\":65536,\"e\":-1,\"f\":-500}" },
	{ "largest", "a161611b7fffffffffffffff",
	  "{\"a\":9223372036854775807}" },
	{ "least", "a161613b7fffffffffffffff", "{\"a\":-9223372036854775808}" },
	{ "too large is left out", "a261611bffffffffffffffff616201",
	  "{\"b\":1}" },
	{ "too small is left out", "a261613bffffffffffffffff616201",
	  "{\"b\":1}" },
	{ "reals", "a36161f93c006162fa3fc000006163fb4000000000000000",
	  "{\"a\":1.0,\"b\":1.5,\"c\":2.0}" },
	{ "no number", "a26161f97e00616201", "{\"b\":1}" },
	{ "words", "a36161f46162f56163f6",
	  "{\"a\":false,\"b\":true,\"c\":null}" },
	{ "undefined", "a16161f7", "{\"a\":null}" },
	{ "bytes", "a26161420aff616240",
	  "{\"a\":{\"hex\":\"0aff\"},\"b\":{\"hex\":\"\"}}" },
	{ "a map in it", "a163657272a26567726f75700862726303",
	  "{\"err\":{\"group\":8,\"rc\":3}}" },
	{ "the same, indefinite", "bf63657272bf6567726f75700862726303ffff",
	  "{\"err\":{\"group\":8,\"rc\":3}}" },
	{ "an empty map in it", "a26161a0616201", "{\"a\":{},\"b\":1}" },
	{ "an array is passed over", "a261618301a1616305 02616201",
	  "{\"b\":1}" },
	{ "an indefinite one", "a261619f01bf616305ff02ff616201", "{\"b\":1}" },
	{ "a tag is passed over", "a16161c11a514b67b0", "{\"a\":1363896240}" },
	{ "a key that is no text", "a20102616201", "{\"b\":1}" },
	{ "a key with a NUL", "a2620061 02616201", "{\"b\":1}" },
	{ "a key twice: the first", "a2616101616102", "{\"a\":1}" },
	{ "a text that is no UTF-8", "a2616161ff616201", "{\"b\":1}" },
	{ "nothing", "", NULL },
	{ "no map", "01", NULL },
	{ "an array", "80", NULL },
	{ "two maps", "a0a0", NULL },
	{ "bytes behind it", "a000", NULL },
	{ "cut in a key", "a16261", NULL },
	{ "cut before a value", "a16161", NULL },
	{ "cut in a number", "a161611901", NULL },
	{ "cut in bytes", "a16161420a", NULL },
	{ "bytes without end", "a161615bffffffffffffffff", NULL },
	{ "members without end", "bbffffffffffffffff616101", NULL },
	{ "elements without end", "a161619bffffffffffffffff01", NULL },
	{ "not closed", "bf616101", NULL },
	{ "closed before a value", "bf6161ff", NULL },
	{ "a definite one closed", "a16161ff", NULL },
	{ "closed twice", "bfffff", NULL },
	{ "a map as a key", "a1a001", NULL },
	{ "an array as a key", "a18001", NULL },
	{ "text in pieces", "a161617f61616162ff", NULL },
	{ "bytes in pieces", "a161615f41004101ff", NULL },
	{ "too deep", "a16161a16161a16161a16161a0", NULL },
	{ "a reserved head", "a161611c", NULL },
};

static size_t unhex(const char *text, uint8_t *out)
{
	char hex[512] = "";
	size_t k = 0;

	for (; *text; text++)
		if (*text != ' ')
			hex[k++] = *text;
	CHECK("hex", wx_hex_parse(hex, k, out, k / 2));
	return k / 2;
}

static void check_cases(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		uint8_t p[256] = { 0x09, 0, 0, 0, 0, 8, 3, 0 };
		size_t n = unhex(cases[i].map, p + WX_SMP_HEADER);
		struct wx_smp_msg m;
		struct wx_error err = { 0 };
		json_t *want = NULL, *is = NULL;
		/* of its own size, so that a sanitizer sees its end */
		uint8_t *own = malloc(WX_SMP_HEADER + n);
		int rc;

		p[3] = (uint8_t)n;
		memcpy(own, p, WX_SMP_HEADER + n);
		rc = wx_smp_parse(own, WX_SMP_HEADER + n, &m, &err);
		CHECK_INT(cases[i].what, rc,
			  cases[i].json ? WX_OK : WX_ERR_FORMAT);
		if (cases[i].json && !rc) {
			want = json_loads(cases[i].json, 0, NULL);
			is = wx_smp_json(&m);
			CHECK(cases[i].what, want && json_equal(want, is));
		}
		json_decref(want);
		json_decref(is);
		free(own);
	}
}

static void check_header(void)
{
	static const struct {
		const char *what, *packet;
		int rc;
	} heads[] = {
		{ "seven bytes", "09000001000803", WX_ERR_FORMAT },
		{ "no map", "0900000000080300", WX_ERR_FORMAT },
		{ "longer than told", "0900000100080300a0a0", WX_ERR_FORMAT },
		{ "shorter than told", "0900000200080300a0", WX_ERR_FORMAT },
		{ "right", "0900000100080300a0", WX_OK },
		{ "reserved bits", "e9ff000100080300a0", WX_OK },
	};
	struct wx_smp_msg m;
	uint8_t p[64];

	for (size_t i = 0; i < WX_COUNT(heads); i++) {
		size_t n = unhex(heads[i].packet, p);

		CHECK_INT(heads[i].what, wx_smp_parse(p, n, &m, NULL),
			  heads[i].rc);
	}
	CHECK_INT("op", m.head.op, WX_SMP_READ_RSP);
	CHECK_INT("version", m.head.version, 1);
	CHECK_INT("group", m.head.group, 8);
	CHECK_INT("seq", m.head.seq, 3);
}

static void check_errors(void)
{
	static const struct {
		const char *map;
		bool is;
		int group, rc;
	} errors[] = {
		{ "a1627263 00", false, -1, 0 },
		{ "a1627263 05", true, -1, 5 },
		{ "bf63657272bf6567726f75700862726303ffff", true, 8, 3 },
		{ "a163657272a26567726f75700862726300", false, 8, 0 },
		/* Malformed: an error all the same. */
		{ "a163657272a0", true, -1, WX_SMP_UNKNOWN },
		{ "a16365727201", false, -1, 0 },
		{ "a0", false, -1, 0 },
	};

	for (size_t i = 0; i < WX_COUNT(errors); i++) {
		uint8_t p[64] = { 0x09, 0, 0, 0, 0, 8, 3, 0 };
		size_t n = unhex(errors[i].map, p + WX_SMP_HEADER);
		struct wx_smp_msg m;
		int group;
		int64_t rc;

		p[3] = (uint8_t)n;
		CHECK_INT(errors[i].map,
			  wx_smp_parse(p, WX_SMP_HEADER + n, &m, NULL), WX_OK);
		CHECK_INT(errors[i].map, wx_smp_error(&m, &group, &rc),
			  errors[i].is);
		CHECK_INT(errors[i].map, group, errors[i].group);
		CHECK_INT(errors[i].map, rc, errors[i].rc);
	}
}

static void check_get(void)
{
	uint8_t p[64] = { 0x09, 0, 0, 0, 0, 8, 3, 0 }; /* s "crc32", n -7 */
	size_t n = unhex("a3617365637263333261 6e266162620078", p + 8);
	struct wx_smp_msg m;
	char text[4];

	p[3] = (uint8_t)n;
	CHECK_INT("parse", wx_smp_parse(p, 8 + n, &m, NULL), WX_OK);
	CHECK("is", wx_smp_is(&m, "s", "crc32"));
	CHECK("is shorter", !wx_smp_is(&m, "s", "crc3"));
	CHECK("is of another type", !wx_smp_is(&m, "n", "crc32"));
	CHECK_INT("number", wx_smp_i64(&m, "n", 1), -7);
	CHECK_INT("no number", wx_smp_i64(&m, "s", 1), 1);
	CHECK_INT("not there", wx_smp_i64(&m, "x", 1), 1);
	CHECK("text", wx_smp_text(&m, "s", text, sizeof(text)));
	CHECK_STR("text, cut", text, "crc");
	CHECK("text with a NUL", !wx_smp_text(&m, "b", text, sizeof(text)));
	CHECK_STR("nothing of it", text, "");
}

/* What does not fit is no packet; what does is the same for any room. */
static void check_room(void)
{
	json_t *all =
		json_pack("{s:i, s:I, s:f, s:s, s:b, s:n, s:{s:{s:i}}, s:[i]}",
			  "a", 1, "b", (json_int_t)-70000, "c", 1.5, "d",
			  "text", "e", 1, "f", "g", "h", "i", 2, "j", 3);
	const struct wx_smp_head head = { .op = WX_SMP_READ_RSP, .seq = 255 };
	uint8_t whole[256];
	size_t n_whole = 0;

	for (size_t size = sizeof(whole) + 1; size-- > 0;) {
		uint8_t *buf = malloc(size ? size : 1);
		struct wx_smp_out o = { .indefinite = true };
		size_t n;

		wx_smp_begin(&o, buf, size, head);
		wx_smp_put_json(&o, all);
		n = wx_smp_end(&o);
		if (size == sizeof(whole)) {
			memcpy(whole, buf, n);
			n_whole = n;
		}
		CHECK_INT("length", n, size >= n_whole ? n_whole : 0);
		CHECK("bytes", !n || memcmp(buf, whole, n) == 0);
		free(buf);
	}
	json_decref(all);
}

static void check_limits(void)
{
	uint8_t buf[1024];
	struct wx_smp_out o = { 0 };
	struct wx_smp_head head = { 0 };

	wx_smp_begin(&o, buf, sizeof(buf), head);
	for (int i = 0; i < 23; i++)
		wx_smp_put_i64(&o, "k", i);
	CHECK("23 members", wx_smp_end(&o) > 0);
	wx_smp_begin(&o, buf, sizeof(buf), head);
	for (int i = 0; i < 24; i++)
		wx_smp_put_i64(&o, "k", i);
	CHECK_INT("24 members", wx_smp_end(&o), 0);
	wx_smp_begin(&o, buf, sizeof(buf), head);
	wx_smp_put_map(&o, "m");
	CHECK_INT("a map not ended", wx_smp_end(&o), 0);
	wx_smp_begin(&o, buf, sizeof(buf), head);
	wx_smp_put_end(&o);
	CHECK_INT("ended twice", wx_smp_end(&o), 0);
	wx_smp_begin(&o, buf, sizeof(buf), head);
	for (int i = 0; i < WX_SMP_DEPTH; i++)
		wx_smp_put_map(&o, "m");
	CHECK_INT("too deep", wx_smp_end(&o), 0);
}

int main(void)
{
	check_cases();
	check_header();
	check_errors();
	check_get();
	check_room();
	check_limits();
	return wx_test_end();
}
