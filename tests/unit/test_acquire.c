/* SPDX-License-Identifier: MIT */
/*
 * The documented examples of the acquisition format, byte for byte: a signature
 * over all bytes is right only if they are.
 */
#include "dataset/acquire.h"

#include <stdlib.h>

#include "base/hash.h"
#include "testing.h"

static struct {
	char *text;
	size_t n;
	FILE *out;
	int64_t signature_at;
} made;

static FILE *open_made(void)
{
	free(made.text);
	made.text = NULL;
	made.out = open_memstream(&made.text, &made.n);
	return made.out;
}

static void signature(const char *key, char hex[WX_SHA256_HEX])
{
	uint8_t digest[WX_SHA256_LEN];

	wx_hmac_sha256(key, strlen(key), made.text, made.n, digest);
	wx_hex(digest, sizeof(digest), hex);
}

/*
 * docs.edgeimpulse.com, "Data acquisition format", "Binary notation (CBOR)":
 * 344 bytes that verify with the key of its examples.
 */
static void check_documented(void)
{
	static const double rows[][3] = { { -9.81, 0.03, 1.21 },
					  { -9.83, 0.04, 1.28 },
					  { -9.12, 0.03, 1.23 },
					  { -9.14, 0.01, 1.25 } };
	struct wx_acquire a = {
		.device_name = "ac:87:a3:0a:2d:1b",
		.device_type = "DISCO-L475VG-IOT01A",
		.iat_s = 1564138813,
		.interval_ms = 10,
		.is_signed = true,
		.n_axes = 3,
		.axis = { { "accX", "m/s2" },
			  { "accY", "m/s2" },
			  { "accZ", "m/s2" } },
	};
	char hex[WX_SHA256_HEX];

	wx_acquire_cbor_begin(open_made(), &a, &made.signature_at);
	for (size_t i = 0; i < WX_COUNT(rows); i++)
		wx_acquire_cbor_row(made.out, &a, rows[i]);
	wx_acquire_cbor_end(made.out);
	fclose(made.out);
	CHECK_INT("bytes", made.n, 344);
	CHECK_INT("signature's place", made.signature_at, 50);
	signature("fed53116f20684c067774ebf9e7bcbdc", hex);
	CHECK_STR("documented signature", hex,
		  "b0ee0572a1984b93b6bc56e6576e2cbbd6bccd65d0c356e26b31bbc9a482"
		  "10c6");
}

/* Two samples of sound, unsigned: the smallest there is. */
static void check_sound(void)
{
	static const uint8_t want[] =
		"\xa3\x69protected\xa2\x63ver\x62v1\x63"
		"alg\x64none\x69signature\x62"
		"00\x67payload\xa5\x6b"
		"device_name\x66node-3\x6b"
		"device_type\x68RAINNODE\x6b"
		"interval_ms\xf9\x2c\x00\x67sensors\x81\xa2\x64name\x65"
		"audio\x65units\x63wav\x66values\x9f\x6e"
		"Ref-BINARY-i16\xff\xe8\x03\x18\xfc";
	static const int16_t pcm[] = { 1000, -1000 };
	struct wx_acquire a = {
		.device_name = "node-3",
		.device_type = "RAINNODE",
		.interval_ms = 0.0625,
		.n_axes = 1,
		.axis = { { "audio", "wav" } },
	};

	wx_acquire_cbor_begin(open_made(), &a, &made.signature_at);
	wx_acquire_cbor_i16(made.out, pcm, 2);
	fclose(made.out);
	CHECK_INT("unsigned", made.signature_at, -1);
	CHECK_INT("bytes", made.n, sizeof(want) - 1);
	CHECK("as drawn", made.n == sizeof(want) - 1 &&
				  memcmp(made.text, want, made.n) == 0);
}

static void check_json(void)
{
	static const double rows[][2] = { { 20, 1 }, { 20.5, 2.5 } };
	static const int16_t pcm[] = { 0, -32768, 32767, -7 };
	struct wx_acquire a = {
		.device_name = "node-3",
		.device_type = "RAINNODE",
		.iat_s = 1780000000,
		.interval_ms = 1000,
		.is_signed = true,
		.n_axes = 2,
		.axis = { { "temp", "Cel" }, { "wind", "m/s" } },
	};

	wx_acquire_json_begin(open_made(), &a, &made.signature_at);
	wx_acquire_json_row(made.out, &a, rows[0], true);
	wx_acquire_json_row(made.out, &a, rows[1], false);
	wx_acquire_json_end(made.out);
	fclose(made.out);
	CHECK_STR("signed", made.text,
		  "{\"protected\":{\"ver\":\"v1\",\"alg\":\"HS256\",\"iat\":"
		  "1780000000},\"signature\":"
		  "\"00000000000000000000000000000000000000000000000000000000"
		  "00000000\",\"payload\":{\"device_name\":\"node-3\","
		  "\"device_type\":\"RAINNODE\",\"interval_ms\":1000,"
		  "\"sensors\":[{\"name\":\"temp\",\"units\":\"Cel\"},{"
		  "\"name\":\"wind\",\"units\":\"m/s\"}],\"values\":[[20,1],["
		  "20.5,2.5]]}}");
	CHECK("signature's place",
	      strncmp(made.text + made.signature_at - 1, "\"0", 2) == 0 &&
		      made.text[made.signature_at + 64] == '"');

	a.is_signed = false;
	a.iat_s = 0;
	a.n_axes = 1;
	a.interval_ms = 1000.0 / 44100;
	wx_acquire_json_begin(open_made(), &a, &made.signature_at);
	wx_acquire_json_i16(made.out, pcm, 4);
	wx_acquire_json_end(made.out);
	fclose(made.out);
	CHECK("values", strstr(made.text, "\"values\":[     0,-32768, 32767,"
					  "    -7]}}"));
	CHECK("interval", strstr(made.text, "\"interval_ms\":0.0226757369614"));
}

/* The smallest form of a number that has all its bits. */
static void check_numbers(void)
{
	static const struct {
		double v;
		const char *hex;
	} cases[] = {
		{ 1.25, "f93d00" },        { -1.25, "f9bd00" },
		{ 0, "f90000" },           { 65504, "f97bff" },
		{ 65505, "fa477fe100" },   { 6.103515625e-05, "f90400" },
		{ 3e-5, "fa37fba882" },    { 0.0625, "f92c00" },
		{ -9.81, "fac11cf5c3" },   { 2049, "fa45001000" },
		{ 98765.4, "fa47c0e6b3" },
	};
	struct wx_acquire a = { .n_axes = 1 };

	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		char hex[32];

		wx_acquire_cbor_row(open_made(), &a, &cases[i].v);
		fclose(made.out);
		wx_hex((const uint8_t *)made.text, made.n, hex);
		CHECK_STR("number", hex, cases[i].hex);
	}
}

int main(void)
{
	check_documented();
	check_sound();
	check_json();
	check_numbers();
	free(made.text);
	return wx_test_end();
}
