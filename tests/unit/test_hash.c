/* SPDX-License-Identifier: MIT */
/* Published vectors: zlib's check value, FIPS 180-4, RFC 4231 case 2. */
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testing.h"

static const char abc[] =
	"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static const struct {
	const char *text;
	bool ok;
} hexes[] = {
	{ "00fFa9", true },  { "00ffa", false },  { "00ffa9a", false },
	{ "00ffag", false }, { "0x0fa9", false }, { "", false },
	{ " 0ffa9", false },
};

static void test_hex_parse(void)
{
	static const uint8_t want[3] = { 0x00, 0xff, 0xa9 };
	uint32_t crc = 0;

	for (size_t i = 0; i < WX_COUNT(hexes); i++) {
		const char *text = hexes[i].text;
		uint8_t got[3];
		bool ok = wx_hex_parse(text, strlen(text), got, sizeof(got));

		CHECK_INT(text, ok, hexes[i].ok);
		if (ok)
			CHECK_INT(text, memcmp(got, want, sizeof(got)), 0);
	}
	CHECK_INT("crc", wx_crc32_parse("cbf43926", 8, &crc), true);
	CHECK_INT("its value", crc, 0xcbf43926);
	CHECK_INT("short", wx_crc32_parse("cbf4392", 7, &crc), false);
}

/* The check value of CRC-16/XMODEM; and data with its CRC behind gives 0. */
static void test_crc16(void)
{
	CHECK_INT("check", wx_crc16("123456789", 9), 0x31c3);
	CHECK_INT("with it", wx_crc16("123456789\x31\xc3", 11), 0);
	CHECK_INT("nothing", wx_crc16("", 0), 0);
}

int main(void)
{
	test_crc16();
	char path[] = "/tmp/wxset-hash.XXXXXX";
	int fd = mkstemp(path);
	uint8_t d[WX_SHA256_LEN];
	char hex[WX_SHA256_HEX];
	uint64_t size = 0;
	uint32_t crc = 0;
	struct wx_sha256 *h = wx_sha256_new();

	CHECK_INT("crc", wx_crc32(0, "123456789", 9), 0xcbf43926);
	CHECK_INT("crc in two", wx_crc32(wx_crc32(0, "1234", 4), "56789", 5),
		  0xcbf43926);
	wx_sha256("abc", 3, d);
	wx_hex(d, sizeof(d), hex);
	CHECK_STR("sha256", hex, abc);
	wx_sha256_add(h, "a", 1);
	wx_sha256_get(h, d); /* a look on the way changes nothing */
	wx_sha256_add(h, "bc", 2);
	wx_sha256_get(h, d);
	wx_hex(d, sizeof(d), hex);
	CHECK_STR("sha256 in two", hex, abc);
	wx_sha256_reset(h);
	wx_sha256_add(h, "abc", 3);
	wx_sha256_get(h, d);
	wx_hex(d, sizeof(d), hex);
	CHECK_STR("sha256 again", hex, abc);
	wx_sha256_free(h);
	wx_hmac_sha256("Jefe", 4, "what do ya want for nothing?", 28, d);
	wx_hex(d, sizeof(d), hex);
	CHECK_STR("hmac", hex,
		  "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec"
		  "3843");
	CHECK_INT("write", write(fd, "abc", 3), 3);
	CHECK_INT("file", wx_file_hash(path, &crc, d, &size, NULL), WX_OK);
	wx_hex(d, sizeof(d), hex);
	CHECK_STR("sha256 of a file", hex, abc);
	CHECK_INT("crc of a file", crc, wx_crc32(0, "abc", 3));
	CHECK_INT("size", size, 3);
	unlink(path);
	CHECK_INT("gone", wx_file_hash(path, &crc, d, &size, NULL), WX_ERR_IO);
	close(fd);
	test_hex_parse();
	return wx_test_end();
}
