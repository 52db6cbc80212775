/* SPDX-License-Identifier: MIT */
/* Content-Range, ETag, Repr-Digest and paths, good and bad. */
#include "node/http_head.h"

#include <stdlib.h>

#include "testing.h"

static const struct {
	const char *in;
	bool ok;
	int64_t start, end, total;
} ranges[] = {
	{ "bytes 1024-2047/480044", true, 1024, 2047, 480044 },
	{ " Bytes 0-0/1 ", true, 0, 0, 1 },
	{ "bytes 5-9/*", true, 5, 9, -1 },
	{ "bytes */480044", false, 0, 0, 0 }, /* of a 416 */
	{ "bytes 9-5/10", false, 0, 0, 0 },
	{ "bytes 5-9/9", false, 0, 0, 0 }, /* ends past the end */
	{ "bytes -5-9/10", false, 0, 0, 0 },
	{ "bytes +5-9/10", false, 0, 0, 0 },
	{ "bytes 5-9", false, 0, 0, 0 },
	{ "bytes 5-9/10x", false, 0, 0, 0 },
	{ "bytes 5 -9/10", false, 0, 0, 0 },
	{ "octets 5-9/10", false, 0, 0, 0 },
	{ "bytes 0-9223372036854775807/*", true, 0, INT64_MAX, -1 },
	{ "bytes 0-9223372036854775808/*", false, 0, 0, 0 },
	{ "", false, 0, 0, 0 },
};

static const struct {
	const char *in, *etag;
	bool has_crc;
	uint32_t crc;
	int64_t len;
} etags[] = {
	{ "\"9ae0daaf-480044\"", "\"9ae0daaf-480044\"", true, 0x9ae0daaf,
	  480044 },
	{ " \"x\"\r", "\"x\"", false, 0, 0 },
	{ "\"\"", "\"\"", false, 0, 0 },
	{ "W/\"9ae0daaf-480044\"", "", false, 0, 0 }, /* weak: not our bytes */
	{ "9ae0daaf-480044", "", false, 0, 0 },
	{ "\"9ae0daaf\"", "\"9ae0daaf\"", false, 0, 0 },
	{ "\"9ae0daaf-\"", "\"9ae0daaf-\"", false, 0, 0 },
	{ "\"9ae0daaf--4\"", "\"9ae0daaf--4\"", false, 0, 0 },
	{ "\"9ae0daag-48\"", "\"9ae0daag-48\"", false, 0, 0 },
	{ "\"66a1b2c3-7532c\"", "\"66a1b2c3-7532c\"", false, 0, 0 }, /* nginx */
	{ "\"a\"b\"", "", false, 0, 0 },
	{ "\"a\nb\"", "", false, 0, 0 },
	{ "\"", "", false, 0, 0 },
	{ "", "", false, 0, 0 },
};

/* of "", sha-256 e3b0c442... */
#define EMPTY "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

static const struct {
	const char *in;
	bool ok;
} digests[] = {
	{ "sha-256=:" EMPTY ":", true },
	{ "sha-512=:AAAA:, sha-256=:" EMPTY ":", true },
	{ "SHA-256=:" EMPTY ":;x", true },
	{ "xsha-256=:" EMPTY ":", false },
	{ "sha-256=" EMPTY, false },
	{ "sha-256=:" EMPTY, false },
	{ "sha-256=:47DEQpj8HBSa:", false },
	{ "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSu U=:", false },
	{ "", false },
};

static const struct {
	const char *in, *out;
} paths[] = {
	{ "b0017/000123.wav", "b0017/000123.wav" },
	{ "a b?c#d%.wav", "a%20b%3Fc%23d%25.wav" },
	{ "\xc3\xa9_0+1.wav", "%C3%A9_0%2B1.wav" },
};

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(ranges); i++) {
		int64_t start = 0, end = 0, total = 0;
		bool ok = wx_http_range(ranges[i].in, strlen(ranges[i].in),
					&start, &end, &total);

		CHECK_INT(ranges[i].in, ok, ranges[i].ok);
		if (!ok)
			continue;
		CHECK_INT(ranges[i].in, start, ranges[i].start);
		CHECK_INT(ranges[i].in, end, ranges[i].end);
		CHECK_INT(ranges[i].in, total, ranges[i].total);
	}
	for (size_t i = 0; i < WX_COUNT(etags); i++) {
		struct wx_node_head head = { 0 };
		bool ok = wx_http_etag(etags[i].in, strlen(etags[i].in), &head);

		CHECK_INT(etags[i].in, ok, etags[i].etag[0] != '\0');
		CHECK_STR(etags[i].in, head.etag, etags[i].etag);
		CHECK_INT(etags[i].in, head.has_crc, etags[i].has_crc);
		if (!head.has_crc)
			continue;
		CHECK_INT(etags[i].in, head.crc, etags[i].crc);
		CHECK_INT(etags[i].in, head.etag_len, etags[i].len);
	}
	for (size_t i = 0; i < WX_COUNT(digests); i++) {
		uint8_t sha256[WX_SHA256_LEN], empty[WX_SHA256_LEN];
		bool ok = wx_http_repr_digest(digests[i].in,
					      strlen(digests[i].in), sha256);

		wx_sha256("", 0, empty);
		CHECK_INT(digests[i].in, ok, digests[i].ok);
		if (ok)
			CHECK(digests[i].in,
			      memcmp(sha256, empty, sizeof(empty)) == 0);
	}
	for (size_t i = 0; i < WX_COUNT(paths); i++) {
		char *out = wx_http_path(paths[i].in);

		CHECK_STR(paths[i].in, out, paths[i].out);
		free(out);
	}
	return wx_test_end();
}
