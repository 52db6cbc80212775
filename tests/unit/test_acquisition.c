/* SPDX-License-Identifier: MIT */
/* Edge Impulse acquisition CBOR: what boards write, and what strangers do. */
#include "capture/acquisition.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sound/wav.h"
#include "testing.h"

/* A literal with its NULs. */
#define B(text) text, sizeof(text) - 1

#define PROTECTED                      \
	"\x69protected\xa2\x63ver\x62" \
	"v1\x63"                       \
	"alg\x64none"
#define SIGNATURE           \
	"\x69signature\x62" \
	"00"
#define HEAD "\xa3" PROTECTED SIGNATURE "\x67payload"
#define DEVICE                      \
	"\x6b"                      \
	"device_name\x66node-3\x6b" \
	"device_type\x68RAINNODE"
#define MS_16K              "\x6binterval_ms\xf9\x2c\x00"
#define SENSOR(name, units) "\xa2\x64name" name "\x65units" units
#define AUDIO                             \
	"\x67sensors\x81" SENSOR("\x65"   \
				 "audio", \
				 "\x63wav")
#define VALUES "\x66values"
#define SOUND  HEAD "\xa5" DEVICE MS_16K AUDIO VALUES
#define I16    "\x6eRef-BINARY-i16"
#define ENV4   "\x6binterval_ms\x19\x0f\xa0" /* 4000 */
#define FW53_SENSORS                                        \
	"\x67sensors\x84" SENSOR("\x6btemperature", "\x64"  \
						    "degC") \
		SENSOR("\x68pressure", "\x63kPa")           \
			SENSOR("\x68humidity", "\x61%")     \
				SENSOR("\x67gas res", "\x64MOhm")
#define AIR HEAD "\xa5" DEVICE ENV4 FW53_SENSORS VALUES

static int file_of(const void *data, size_t n)
{
	int fd = memfd_create("acquisition", 0);

	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	return fd;
}

static const struct {
	const char *label, *data;
	size_t n;
	int rc;
	const char *why; /* part of the text */
	int code;
	int64_t n_rows;
	double first, last; /* of the first axis */
	bool truncated;
	int64_t behind;
} cases[] = {
	{ "documented", B(SOUND "\x9f" I16 "\xff\xe8\x03\x18\xfc"), WX_OK, "",
	  WX_ACQ_I16, 2, 1000, -1000, false, 0 },
	{ "lower case, padded",
	  B(SOUND "\x9f\x71Ref-Binary-i16   \xff\xe8\x03\x18\xfc"), WX_OK, "",
	  WX_ACQ_I16, 2, 1000, -1000, false, 0 },
	/* a closed array, and the ff that has to be there all the same */
	{ "definite, then ff", B(SOUND "\x81" I16 "\xff\xe8\x03\x18\xfc"),
	  WX_OK, "", WX_ACQ_I16, 2, 1000, -1000, false, 0 },
	{ "definite, none, ff starts a sample",
	  B(SOUND "\x81" I16 "\xff\xff\x18\xfc"), WX_OK, "", WX_ACQ_I16, 2, -1,
	  -1000, false, 0 },
	{ "half a sample", B(SOUND "\x9f" I16 "\xff\xe8\x03\x18"), WX_OK, "",
	  WX_ACQ_I16, 1, 1000, 1000, true, 0 },
	{ "no payload", B(SOUND "\x9f" I16 "\xff"), WX_OK, "", WX_ACQ_I16, 0,
	  NAN, NAN, false, 0 },
	{ "ff in the sound is sound",
	  B(SOUND "\x9f" I16 "\xff\xe8\x03\xff\xff\xff\xff"), WX_OK, "",
	  WX_ACQ_I16, 3, 1000, -1, false, 0 },
	{ "u8", B(SOUND "\x9f\x6dRef-BINARY-u8\xff\x80\xff"), WX_OK, "",
	  WX_ACQ_U8, 2, 128, 255, false, 0 },
	{ "i8", B(SOUND "\x9f\x6dRef-BINARY-i8\xff\x80\xff"), WX_OK, "",
	  WX_ACQ_I8, 2, -128, -1, false, 0 },
	{ "u16", B(SOUND "\x9f\x6eRef-BINARY-u16\xff\x01\x02\xff\xff"), WX_OK,
	  "", WX_ACQ_U16, 2, 513, 65535, false, 0 },
	{ "u32", B(SOUND "\x9f\x6eRef-BINARY-u32\xff\x01\x02\x03\xff"), WX_OK,
	  "", WX_ACQ_U32, 1, 4278387201, 4278387201, false, 0 },
	{ "i32", B(SOUND "\x9f\x6eRef-BINARY-i32\xff\xfe\xff\xff\xff"), WX_OK,
	  "", WX_ACQ_I32, 1, -2, -2, false, 0 },
	{ "f32", B(SOUND "\x9f\x6eRef-BINARY-f32\xff\x00\x00\x00\xbf"), WX_OK,
	  "", WX_ACQ_F32, 1, -0.5, -0.5, false, 0 },
	{ "f64: no such type", B(SOUND "\x9f\x6eRef-BINARY-f64\xff"),
	  WX_ERR_FORMAT, "Ref-BINARY-TYPE", 0, 0, NAN, NAN, false, 0 },
	/* every number: 1, 200, 1000, -1, -200, half, single, double */
	{ "flat, all kinds",
	  B(SOUND "\x9f\x01\x18\xc8\x19\x03\xe8\x20\x38\xc7\xf9\x38\x00"
		  "\xfa\x3f\x00\x00\x00\xfb\x3f\xd0\x00\x00\x00\x00\x00\x00"
		  "\xff"),
	  WX_OK, "", WX_ACQ_CBOR, 8, 1, 0.25, false, 0 },
	{ "arrays of one, tagged, null",
	  B(SOUND "\x83\x81\x05\xc1\x81\x06\x81\xf6"), WX_OK, "", WX_ACQ_CBOR,
	  3, 5, NAN, false, 0 },
	{ "four axes, a flash's ff",
	  B(AIR "\x9f\x84\xfa\x41\xac\x00\x00\xfa\x42\xc0\x33\x33\x18\x2e\x03"
		"\x84\x16\x18\x60\x18\x2f\x03\xff\xff\xff\xff"),
	  WX_OK, "", WX_ACQ_CBOR, 2, 21.5, 22, false, 0 },
	{ "something else behind", B(SOUND "\x9f\x01\xff\xff\x00\x00\xff"),
	  WX_OK, "", WX_ACQ_CBOR, 1, 1, 1, false, 3 },
	{ "breaks off in a row",
	  B(AIR "\x9f\x84\x15\x18\x60\x18\x2e\x03\x84\x16\x18"), WX_OK, "",
	  WX_ACQ_CBOR, 1, 21, 21, true, 0 },
	{ "payload first, key unknown, maps open",
	  B("\xbf\x67payload\xbf\x64more\x82\x01\xa1\x61x\x7f\x61y\xff" VALUES
	    "\x9f\x07\xff" AUDIO MS_16K "\xff" PROTECTED "\xff"),
	  WX_OK, "", WX_ACQ_CBOR, 1, 7, 7, false, 0 },
	{ "signed",
	  B("\xa2\x69protected\xa3\x63ver\x62v1\x63"
	    "alg\x65HS256\x63iat\x1a\x6a\x18\x5d\x00\x67payload\xa3" MS_16K
		    AUDIO VALUES "\x9f\x07\xff"),
	  WX_OK, "", WX_ACQ_CBOR, 1, 7, 7, false, 0 },

	{ "empty", B(""), WX_ERR_FORMAT, "no \"protected\"", 0, 0, NAN, NAN,
	  true, 0 },
	{ "a WAV", B("RIFF\x24\x00\x00\x00WAVE"), WX_ERR_FORMAT,
	  "no \"protected\"", 0, 0, NAN, NAN, false, 0 },
	{ "JSON", B("{\"protected\":{}}"), WX_ERR_FORMAT, "", 0, 0, NAN, NAN,
	  false, 0 },
	{ "an array", B("\x83\x01\x02\x03"), WX_ERR_FORMAT, "expected a map", 0,
	  0, NAN, NAN, false, 0 },
	{ "no values", B(HEAD "\xa2" MS_16K AUDIO), WX_ERR_FORMAT,
	  "without values", 0, 0, NAN, NAN, false, 0 },
	{ "no sensors", B(HEAD "\xa2" MS_16K VALUES "\x9f\x01\xff"),
	  WX_ERR_FORMAT, "without sensors", 0, 0, NAN, NAN, false, 0 },
	{ "no interval", B(HEAD "\xa2" AUDIO VALUES "\x9f\x01\xff"),
	  WX_ERR_FORMAT, "without interval_ms", 0, 0, NAN, NAN, false, 0 },
	{ "interval 0",
	  B(HEAD "\xa3\x6binterval_ms\x00" AUDIO VALUES "\x9f\x01\xff"),
	  WX_ERR_RANGE, "interval_ms 0", 0, 0, NAN, NAN, false, 0 },
	{ "interval NaN",
	  B(HEAD "\xa3\x6binterval_ms\xf9\x7e\x00" AUDIO VALUES "\x9f\x01\xff"),
	  WX_ERR_RANGE, "interval_ms", 0, 0, NAN, NAN, false, 0 },
	{ "version 2", B("\xa1\x69protected\xa1\x63ver\x62v2"), WX_ERR_FORMAT,
	  "version 'v2'", 0, 0, NAN, NAN, false, 0 },
	{ "rows of two", B(SOUND "\x9f\x82\x01\x02\xff"), WX_ERR_FORMAT,
	  "rows of 2", 0, 0, NAN, NAN, false, 0 },
	{ "rows of one, then two", B(SOUND "\x9f\x01\x82\x01\x02\xff"),
	  WX_ERR_FORMAT, "as many numbers", 0, 0, NAN, NAN, false, 0 },
	{ "empty row", B(SOUND "\x9f\x80\xff"), WX_ERR_FORMAT, "numbers", 0, 0,
	  NAN, NAN, false, 0 },
	{ "text among numbers", B(SOUND "\x9f\x01\x61x\xff"), WX_ERR_FORMAT,
	  "a number", 0, 0, NAN, NAN, false, 0 },
	{ "two Refs", B(SOUND "\x9f" I16 I16 "\xff"), WX_ERR_FORMAT,
	  "nothing behind", 0, 0, NAN, NAN, false, 0 },
	{ "binary, four axes", B(AIR "\x9f" I16 "\xff\x01\x02"), WX_ERR_FORMAT,
	  "4 sensors", 0, 0, NAN, NAN, false, 0 },
	{ "values twice",
	  B(HEAD "\xa4" MS_16K AUDIO VALUES "\x9f\x01\xff" VALUES
		 "\x9f\x01\xff"),
	  WX_ERR_FORMAT, "one array of values", 0, 0, NAN, NAN, false, 0 },
	{ "break for a value", B("\xbf\x67payload\xff"), WX_ERR_FORMAT,
	  "expected a value", 0, 0, NAN, NAN, false, 0 },
	{ "reserved byte", B("\xa1\x1c"), WX_ERR_FORMAT, "0x1c", 0, 0, NAN, NAN,
	  false, 0 },
	/* sizes that no file has */
	{ "huge text", B("\xa1\x7b\x7f\xff\xff\xff\xff\xff\xff\xff"),
	  WX_ERR_FORMAT, "no \"protected\"", 0, 0, NAN, NAN, true, 0 },
	{ "huge map", B("\xbb\xff\xff\xff\xff\xff\xff\xff\xff\x61x\x01"),
	  WX_ERR_FORMAT, "no \"protected\"", 0, 0, NAN, NAN, true, 0 },
	{ "huge array of values",
	  B(SOUND "\x9b\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02"), WX_OK, "",
	  WX_ACQ_CBOR, 2, 1, 2, true, 0 },
	{ "nested",
	  B("\xa1\x61x\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81"
	    "\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x81\x01"),
	  WX_ERR_FORMAT, "too deeply", 0, 0, NAN, NAN, false, 0 },
};

struct ends {
	double first, last;
};

static int keep_ends(void *ctx, int64_t row, const double *v,
		     struct wx_error *err)
{
	struct ends *e = ctx;

	(void)err;
	if (row == 0)
		e->first = v[0];
	e->last = v[0];
	return WX_OK;
}

static void check_cases(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		int fd = file_of(cases[i].data, cases[i].n);
		struct ends e = { NAN, NAN };
		struct wx_error err = { 0 };
		struct wx_acquisition a;
		const char *label = cases[i].label;
		int rc = wx_acquisition_read(fd, "x", &a, &err);

		CHECK_INT(label, rc, cases[i].rc);
		CHECK(label, strstr(err.text, cases[i].why));
		if (rc == WX_OK) {
			rc = wx_acquisition_rows(fd, "x", &a, keep_ends, &e,
						 &err);
			CHECK_INT(label, rc, WX_OK);
			CHECK_INT(label, a.code, cases[i].code);
			CHECK_INT(label, a.n_rows, cases[i].n_rows);
			CHECK_INT(label, a.truncated, cases[i].truncated);
			CHECK_INT(label, a.n_behind_bytes, cases[i].behind);
			CHECK_F64(label, e.first, cases[i].first, 1e-6);
			CHECK_F64(label, e.last, cases[i].last, 1e-6);
		} else {
			CHECK_INT(label, err.code, rc);
		}
		close(fd);
	}
}

static void check_fields(void)
{
	static const char sound[] = SOUND "\x9f" I16 "\xff\xe8\x03\x18\xfc";
	static const char evil[] = HEAD "\xa3" MS_16K "\x67sensors\x81" SENSOR(
		"\x65\x1b[31m", "\x63\xff\xfe\x00") VALUES "\x9f\x01\xff";
	int fd = file_of(B(sound));
	struct wx_acquisition a;

	CHECK_INT("sound", wx_acquisition_read(fd, "x", &a, NULL), WX_OK);
	CHECK_STR("device", a.device_name, "node-3");
	CHECK_STR("type", a.device_type, "RAINNODE");
	CHECK_F64("interval", a.interval_ms, 0.0625, 0);
	CHECK_INT("rate", wx_acquisition_rate_hz(&a), 16000);
	CHECK_INT("channels", wx_acquisition_channels(&a), 1);
	CHECK("not signed", !a.is_signed && isnan(a.iat_s));
	CHECK_STR("name", a.sensor[0].name, "audio");
	CHECK_STR("units", a.sensor[0].units, "wav");
	CHECK_F64("min", a.sensor[0].min, -1000, 0);
	CHECK_F64("max", a.sensor[0].max, 1000, 0);
	close(fd);

	fd = file_of(B(evil));
	CHECK_INT("evil", wx_acquisition_read(fd, "x", &a, NULL), WX_OK);
	CHECK_STR("control", a.sensor[0].name, "\\x1B[31m");
	CHECK_STR("not UTF-8", a.sensor[0].units, "\\xFF\\xFE\\x00");
	close(fd);
}

static void check_looks(void)
{
	static const char half[] = HEAD;

	CHECK("looks", wx_acquisition_looks(B(half)));
	CHECK("short", !wx_acquisition_looks(half, 5));
	CHECK("WAV", !wx_acquisition_looks(B("RIFF....WAVEfmt ....")));
	CHECK("empty", !wx_acquisition_looks("", 0));
	CHECK("other map", !wx_acquisition_looks(B("\xa2\x61x\x01\x61y\x02")));
}

/* ---- what is made ---- */

static const struct {
	const char *label, *data;
	size_t n;
	int bytes; /* a sample; 0: no sound */
	bool is_float;
	double first, last; /* as coded; of floats their values */
} sounds[] = {
	{ "i16", B(SOUND "\x9f" I16 "\xff\xe8\x03\x18\xfc"), 2, false, 1000,
	  -1000 },
	{ "u8", B(SOUND "\x9f\x6dRef-BINARY-u8\xff\x80\xff"), 2, false, 0,
	  32512 },
	{ "i8", B(SOUND "\x9f\x6dRef-BINARY-i8\xff\x80\x01"), 2, false, -32768,
	  256 },
	{ "u16", B(SOUND "\x9f\x6eRef-BINARY-u16\xff\x00\x80\xff\xff"), 2,
	  false, 0, 32767 },
	{ "u32",
	  B(SOUND "\x9f\x6eRef-BINARY-u32\xff\x00\x00\x00\x00\xff\xff\xff\xff"),
	  4, false, INT32_MIN, INT32_MAX },
	{ "i32",
	  B(SOUND "\x9f\x6eRef-BINARY-i32\xff\x01\x00\x00\x00\xff\xff\xff\xff"),
	  4, false, 1, -1 },
	{ "f32 of full scale 1",
	  B(SOUND "\x9f\x6eRef-BINARY-f32\xff\x00\x00\x00\xbf\x00\x00\x80\x3f"),
	  4, true, -0.5, 1 },
	{ "f32 that holds integers", /* -2, 1000 */
	  B(SOUND "\x9f\x6eRef-BINARY-f32\xff\x00\x00\x00\xc0\x00\x00\x7a\x44"),
	  2, false, -2, 1000 },
	{ "f32 of full scale 32768", /* 0.5, 1000 */
	  B(SOUND "\x9f\x6eRef-BINARY-f32\xff\x00\x00\x00\x3f\x00\x00\x7a\x44"),
	  4, true, 0.5 / 32768, 1000.0 / 32768 },
	{ "numbers", B(SOUND "\x9f\x01\x39\x03\xe7\xff"), 2, false, 1, -1000 },
	{ "numbers with fractions", B(SOUND "\x9f\x01\xf9\x38\x00\xff"), 4,
	  true, 1, 0.5 },
	{ "no number is no sound", B(SOUND "\x9f\x01\xf6\xff"), 2, false, 1,
	  0 },
	{ "too slow for sound", /* 10 ms */
	  B(HEAD "\xa3\x6binterval_ms\x0a" AUDIO VALUES "\x9f\x01\xff"), 0,
	  false, 0, 0 },
	{ "no microphone", B(AIR "\x9f\x84\x15\x18\x60\x18\x2e\x03\xff"), 0,
	  false, 0, 0 },
};

static double coded_at(const uint8_t *p, int bytes, bool is_float)
{
	uint32_t u = 0;
	float f;

	for (int i = 0; i < bytes; i++)
		u |= (uint32_t)p[i] << 8 * i;
	memcpy(&f, &u, sizeof(f));
	return is_float     ? (double)f
	       : bytes == 2 ? (double)(int16_t)u
			    : (double)(int32_t)u;
}

static void check_wav(void)
{
	for (size_t i = 0; i < WX_COUNT(sounds); i++) {
		int fd = file_of(sounds[i].data, sounds[i].n);
		const char *label = sounds[i].label;
		int bytes = sounds[i].bytes;
		struct wx_acquisition a;
		struct wx_wav wav;
		char *text = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&text, &n);
		const uint8_t *p;
		int rc;

		CHECK_INT(label, wx_acquisition_read(fd, "x", &a, NULL), WX_OK);
		rc = wx_acquisition_write_wav(fd, "x", &a, out, NULL);
		fclose(out);
		close(fd);
		CHECK_INT(label, rc, bytes ? WX_OK : WX_ERR_RANGE);
		if (rc == WX_OK) {
			rc = wx_wav_probe_mem(text, n, "x", &wav, NULL);
			CHECK_INT(label, rc, WX_OK);
			CHECK_INT(label, wav.odd, 0);
			CHECK_INT(label, wav.rate_hz, 16000);
			CHECK_INT(label, wav.n_frames, a.n_rows);
			CHECK_INT(label, wav.sample_bytes, bytes);
			p = (const uint8_t *)text + wav.data_offset;
			CHECK_F64(label, coded_at(p, bytes, sounds[i].is_float),
				  sounds[i].first, 1e-9);
			p += (a.n_rows - 1) * bytes;
			CHECK_F64(label, coded_at(p, bytes, sounds[i].is_float),
				  sounds[i].last, 1e-9);
		}
		free(text);
	}
}

#define ONE(ms, name, units, value)                                 \
	HEAD "\xa3" ms "\x67sensors\x81" SENSOR(name, units) VALUES \
		"\x9f" value "\xff"

static const struct {
	const char *label, *data;
	size_t n;
	const char *csv; /* "": none */
} airs[] = {
	{ "Thingy:53", /* 21.5 degC, 96.1 kPa, 46 % */
	  B(AIR "\x9f\x84\xfa\x41\xac\x00\x00\xfa\x42\xc0\x33\x33\x18\x2e\x03"
		"\x84\x16\x18\x60\x18\x2f\x03\xff"),
	  "m,air_temp_degc,rel_hum_pct,pressure_hpa\n"
	  "7000000,21.500,46.000,961.000\n"
	  "11000000,22.000,47.000,960.000\n" },
	{ "SenML",
	  B(ONE(ENV4, "\x64temp",
		"\x63"
		"Cel",
		"\x15")),
	  "m,air_temp_degc\n7000000,21.000\n" },
	{ "kelvin", B(ONE(ENV4, "\x64Temp", "\x61K", "\xfa\x43\x93\x13\x33")),
	  "m,air_temp_degc\n7000000,21.000\n" },
	{ "pascal",
	  B(ONE(ENV4, "\x68Pressure", "\x62Pa", "\x1a\x00\x01\x77\x64")),
	  "m,pressure_hpa\n7000000,961.000\n" },
	{ "hectopascal",
	  B(ONE(ENV4,
		"\x69"
		"barometer",
		"\x63hPa", "\x19\x03\xc1")),
	  "m,pressure_hpa\n7000000,961.000\n" },
	{ "%RH", B(ONE(ENV4, "\x62rh", "\x63%RH", "\x18\x2e")),
	  "m,rel_hum_pct\n7000000,46.000\n" },
	{ "missing", B(ONE(ENV4, "\x62rh", "\x63%RH", "\xf6")),
	  "m,rel_hum_pct\n7000000,\n" },
	/* one a second at most: 400 ms */
	{ "fast",
	  B(ONE("\x6binterval_ms\x19\x01\x90", "\x62rh", "\x63%RH",
		"\x01\x02\x03\x04\x05\x06\x07")),
	  "m,rel_hum_pct\n7000000,1.000\n8200000,4.000\n9400000,7.000\n" },
	/* what is not told is not guessed */
	{ "no units", B(ONE(ENV4, "\x64temp", "\x63N/A", "\x15")), "" },
	{ "a battery",
	  B(ONE(ENV4,
		"\x67"
		"battery",
		"\x61%", "\x15")),
	  "" },
	{ "sound", B(SOUND "\x9f\x01\xff"), "" },
};

static void check_env(void)
{
	for (size_t i = 0; i < WX_COUNT(airs); i++) {
		int fd = file_of(airs[i].data, airs[i].n);
		const char *label = airs[i].label;
		struct wx_acquisition a;
		char *text = NULL;
		size_t n = 0;
		FILE *out = open_memstream(&text, &n);
		int rc;

		CHECK_INT(label, wx_acquisition_read(fd, "x", &a, NULL), WX_OK);
		rc = wx_acquisition_write_env(fd, "x", &a, 7000000, out, NULL);
		fclose(out);
		close(fd);
		CHECK_INT(label, rc, *airs[i].csv ? WX_OK : WX_ERR_RANGE);
		CHECK_STR(label, text, airs[i].csv);
		free(text);
	}
}

int main(void)
{
	check_cases();
	check_fields();
	check_looks();
	check_wav();
	check_env();
	return wx_test_end();
}
