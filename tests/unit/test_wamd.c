/* SPDX-License-Identifier: MIT */
/* Wildlife Acoustics' records, whole and torn. */
#include "capture/wamd.h"

#include "make_wav.h"
#include "testing.h"

static void put_record(struct bytes *b, int id, const char *text, size_t n)
{
	put_int(b, (uint64_t)id, 2);
	put_int(b, n, 4);
	put(b, text, n);
}

static void put_words(struct bytes *b, int id, const char *text)
{
	put_record(b, id, text, strlen(text));
}

static struct bytes begun(void)
{
	struct bytes b = { 0 };

	put_record(&b, 0, "\1\0", 2);
	return b;
}

static void test_whole(void)
{
	struct bytes b = begun();
	struct wx_wamd w;

	put_words(&b, 1, "SM4");
	put_record(&b, 2, "S4A03895\0\0", 10);
	put_words(&b, 3, "2.3.0");
	put_words(&b, 4, "RIDGE");
	put_words(&b, 5, "2022-08-15 21:34:14+0100");
	put_words(&b, 6, "WGS84,46.23000,N,007.36000,W,1480");
	put_words(&b, 0xffff, "\0");
	put_words(&b, 0x0d, "a voice");
	put_record(&b, 15, "\12\0", 2);
	put_words(&b, 20, "WGS84,1.0,N,1.0,E");
	put_words(&b, 21, "12.3C");
	put_words(&b, 22, "-4C");
	put_words(&b, 23, "80.2%RH");
	CHECK("whole", wx_wamd_parse(b.p, b.n, &w));
	CHECK_STR("model", w.model, "SM4");
	CHECK_STR("serial", w.serial, "S4A03895");
	CHECK_STR("firmware", w.firmware, "2.3.0");
	CHECK_STR("prefix", w.prefix, "RIDGE");
	CHECK("start", w.has_civil && w.has_zone && w.zone_s == 3600);
	CHECK_INT("hour", w.civil.hour, 21);
	CHECK_F64("lat", w.lat_deg, 46.23, 1e-9);
	CHECK_F64("lon", w.lon_deg, -7.36, 1e-9);
	CHECK_F64("inside", w.temp_int_degc, 12.3, 1e-9);
	CHECK_F64("outside", w.temp_ext_degc, -4, 1e-9);
	CHECK_F64("humidity", w.rel_hum_pct, 80.2, 1e-9);
	/* Cut anywhere: what came before the cut, and no more. */
	for (size_t n = 0; n < b.n; n++) {
		uint8_t *copy = malloc(n ? n : 1);

		memcpy(copy, b.p, n);
		CHECK_INT("cut", wx_wamd_parse(copy, n, &w), n >= 8);
		CHECK("cut", n < b.n || isnan(w.rel_hum_pct));
		free(copy);
	}
	free(b.p);
}

static const struct {
	int id;
	const char *text;
	const char *utc; /* of 5, by UTC without a zone; "" */
	bool has_zone;
	double lat_deg, lon_deg;
} cases[] = {
	{ 5, "2014-04-02 22:59:14-05:00", "2014-04-03T03:59:14.000Z", true, NAN,
	  NAN },
	{ 5, "2014-04-02 22:59:14.250", "2014-04-02T22:59:14.250Z", false, NAN,
	  NAN },
	{ 5, "2014-04-02 22:59:14", "2014-04-02T22:59:14.000Z", false, NAN,
	  NAN },
	{ 5, "2014-04-02 22:59:14 or so", "", false, NAN, NAN },
	{ 5, "2014-13-02 22:59:14", "", false, NAN, NAN },
	{ 6, "WGS84,-46.23,7.36", "", false, -46.23, 7.36 },
	{ 6, "WGS84,46.23,-7.36,1480", "", false, 46.23, -7.36 },
	{ 6, "WGS84,46.23,S,7.36,E", "", false, -46.23, 7.36 },
	{ 20, "WGS84, 46.23, N, 7.36, W", "", false, 46.23, -7.36 },
	{ 6, "WGS84,96.23,N,7.36,E", "", false, NAN, NAN },
	{ 6, "WGS84,46.23,N", "", false, NAN, NAN },
	{ 6, "WGS84,,,,", "", false, NAN, NAN },
	{ 6, "NAD27,46.23,N,7.36,W", "", false, NAN, NAN },
	{ 6, "", "", false, NAN, NAN },
	{ 21, "12.3F", "", false, NAN, NAN }, /* not guessed */
};

static void test_values(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		const char *label = cases[i].text;
		struct bytes b = begun();
		char utc[WX_TIME_SIZE] = "";
		struct wx_wamd w;

		put_words(&b, cases[i].id, label);
		CHECK(label, wx_wamd_parse(b.p, b.n, &w));
		if (w.has_civil)
			wx_time_format(
				wx_civil_to_time(&w.civil,
						 w.has_zone ? w.zone_s : 0),
				3, utc);
		CHECK_STR(label, utc, cases[i].utc);
		CHECK_INT(label, w.has_zone, cases[i].has_zone);
		CHECK_F64(label, w.lat_deg, cases[i].lat_deg, 1e-9);
		CHECK_F64(label, w.lon_deg, cases[i].lon_deg, 1e-9);
		CHECK_F64(label, w.temp_int_degc, NAN, 0);
		free(b.p);
	}
}

static void test_bad(void)
{
	static const uint8_t later[] = { 0, 0, 2, 0, 0, 0, 2, 0 };
	static const uint8_t longer[] = { 0, 0, 4, 0, 0, 0, 1, 0, 0, 0 };
	static const uint8_t other[] = { 1, 0, 2, 0, 0, 0, 1, 0 };
	static const uint8_t huge[] = { 0, 0, 2, 0,    0,    0,    1,    0,
					1, 0, 0, 0xff, 0xff, 0xff, 0xff, 'S' };
	struct wx_wamd w;

	CHECK("version 2", !wx_wamd_parse(later, sizeof(later), &w));
	CHECK("no version", !wx_wamd_parse(longer, sizeof(longer), &w));
	CHECK("model first", !wx_wamd_parse(other, sizeof(other), &w));
	CHECK("huge record", wx_wamd_parse(huge, sizeof(huge), &w));
	CHECK_STR("not taken", w.model, "");
}

int main(void)
{
	test_whole();
	test_values();
	test_bad();
	return wx_test_end();
}
