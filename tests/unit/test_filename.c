/* SPDX-License-Identifier: MIT */
/* Start times in recorders' file names. */
#include "capture/filename.h"

#include "testing.h"

enum {
	U = WX_FILENAME_UNDATED,
	L = WX_FILENAME_LOCAL,
	Z = WX_FILENAME_UTC,
	N = WX_FILENAME_UNSET,
	T = WX_FILENAME_TRIGGERED
};

static const struct {
	const char *name;
	int kind;
	const char *utc; /* with local times two hours ahead */
} cases[] = {
	{ "20250619_030030.WAV", L, "2025-06-19T01:00:30.000Z" },
	{ "20250619/20250619_000000.WAV", L, "2025-06-18T22:00:00.000Z" },
	{ "24F31901603712F8_20211013_000000.WAV", L,
	  "2021-10-12T22:00:00.000Z" },
	{ "S4A03895_20190522_060000.wav", L, "2019-05-22T04:00:00.000Z" },
	{ "SM301297_0+1_20170912_220000.wav", L, "2017-09-12T20:00:00.000Z" },
	{ "OLONG-CH1_0+1_20171121$143444.wav", L, "2017-11-21T12:34:44.000Z" },
	{ "FNQ-RBS_20190102_044802_010.wav", L, "2019-01-02T02:48:02.010Z" },
	{ "20150703_050000_MusimunatDay2.wav", L, "2015-07-03T03:00:00.000Z" },
	{ "20180517_010348.5AFCD4F4.WAV", L, "2018-05-16T23:03:48.000Z" },
	{ "20250619_030030_SYNC.WAV", L, "2025-06-19T01:00:30.000Z" },
	{ "20070415051314.wav", L, "2007-04-15T03:13:14.000Z" },
	/* its own zone counts, not the declared one */
	{ "20210617T080000+0000_Rec2_-18.2+144.5.flac", Z,
	  "2021-06-17T08:00:00.000Z" },
	{ "WOO_20170611_100000+1000.wav", Z, "2017-06-11T00:00:00.000Z" },
	{ "S20240815T091156.982648+1000_E20240815T091251.96+1000.wav", Z,
	  "2024-08-14T23:11:56.983Z" },
	{ "20180226_040000Z_+40.1.flac", Z, "2018-02-26T04:00:00.000Z" },
	{ "5B07C752.WAV", Z, "2018-05-25T08:20:34.000Z" },
	/* a counter, a channel, a place: not part of the time */
	{ "123_20131012_123456-09_456.mpg", L, "2013-10-12T10:34:56.000Z" },
	{ "X_20131012_123456_00600.wav", L, "2013-10-12T10:34:56.000Z" },
	{ "PILLIGA_20121204_234600_+13-090.wav", L,
	  "2012-12-04T21:46:00.000Z" },
	/* prefixes of all kinds, and what tools put behind */
	{ "MyWood-3_20250619_030030.WAV", L, "2025-06-19T01:00:30.000Z" },
	{ "24F31901603712F8_20250619_030030_SYNC.WAV", L,
	  "2025-06-19T01:00:30.000Z" },
	{ "NW3_0+1_20190102_044802_010.wav", L, "2019-01-02T02:48:02.010Z" },
	{ "20180226_040000_Bar29 [27.2819 90.1361].wav", L,
	  "2018-02-26T02:00:00.000Z" },
	/* Frontier Labs */
	{ "00008570_Site_20220331T094900-0300_Rec.flac", Z,
	  "2022-03-31T12:49:00.000Z" },
	{ "201905 8T132000+1000_REC.flac", Z, "2019-05-08T03:20:00.000Z" },
	{ "2019 5 8T 3 2 1+1000_REC.flac", Z, "2019-05-07T17:02:01.000Z" },
	{ "2019 5 8_ 3 2 1.wav", U, "" },
	{ "201905 8T132000", L, "2019-05-08T11:20:00.000Z" },
	{ "201905 8T1320001", U, "" },
	{ "20240815T091156.982648+0545_x.wav", Z, "2024-08-15T03:26:56.983Z" },
	/* SoundTrap */
	{ "671629352.181204100002.wav", L, "2018-12-04T08:00:02.000Z" },
	{ "671629352.181304100002.wav", U, "" },
	{ "671629352.1812041000021.wav", U, "" },
	{ "x71629352.181204100002.wav", U, "" },
	/* Raspberry Pi */
	{ "2024-05-28T10-00-00.wav", L, "2024-05-28T08:00:00.000Z" },
	{ "pi7_2024-05-28_10-00-00.wav", L, "2024-05-28T08:00:00.000Z" },
	{ "2024-05-28T10:00:00Z.wav", Z, "2024-05-28T10:00:00.000Z" },
	{ "2024-05-28-birdnet-10:00:00.wav", L, "2024-05-28T08:00:00.000Z" },
	{ "2024-05-28-10-00.wav", U, "" },
	{ "2024-05-28.wav", U, "" },
	{ "2024-05-28T10-00:00.wav", U, "" },
	{ "20210201_210100T.WAV", T, "" },
	{ "24F31901603712F8_20210201_210100T.WAV", T, "" },
	{ "20210201/210100T.WAV", T, "" },
	{ "card/20210201/24F31901603712F8_210100T.WAV", T, "" },
	{ "20210201/210100.WAV", U, "" },
	{ "x0210201/210100T.WAV", U, "" },
	{ "120210201/210100T.WAV", U, "" },
	{ "210100T.WAV", U, "" },
	{ "19700101_000000T.WAV", N, "" },
	{ "20100101T000312+1000_REC.flac", N, "" }, /* BAR-LT without power */
	{ "20100102_000312.wav", L, "2010-01-01T22:03:12.000Z" },
	{ "21000101_000000.wav", U, "" },
	{ "19700101_000030.WAV", N, "" },
	{ "EMER_20000101_000553.wav", N, "" },
	{ "00000000.WAV", N, "" },
	{ "0000001F.WAV", N, "" },
	{ "20251399_000000.WAV", U, "" }, /* month 13 */
	{ "20250619_250000.WAV", U, "" },
	{ "20180801_240000.wav", U, "" },
	{ "120250619_030030.WAV", U, "" }, /* digits on */
	{ "20250619_0300301.WAV", U, "" },
	{ "20190522.WAV", U, "" },
	{ "short_time_180801_1630_test.wav", U, "" },
	{ "record_17.wav", U, "" },
	{ "20250619_030030/a.wav", U, "" }, /* only the last part counts */
	{ "86f5923d-ef1d-4159-b120-a8dec3f6334e.wav", U, "" },
	{ "", U, "" },
};

/* A triggered recording has a date, though its frames tell no time. */
static void test_read(void)
{
	struct wx_filename f;

	wx_filename_read("20210201/210100T.WAV", &f);
	CHECK("date", f.has_civil && !f.has_zone && f.civil.day == 1 &&
			      f.civil.hour == 21 && f.civil.minute == 1);
	wx_filename_read("20210617T080000-0330_x.flac", &f);
	CHECK("zone", f.has_civil && f.has_zone && f.zone_s == -12600);
	wx_filename_read("19800101_000000.wav", &f);
	CHECK("unset", f.kind == WX_FILENAME_UNSET && f.has_civil);
	wx_filename_read("record_17.wav", &f);
	CHECK("none", !f.has_civil);
}

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		struct wx_time t;
		char text[WX_TIME_SIZE];
		int kind = wx_filename_time(cases[i].name, 7200, &t);

		wx_time_format(t, 3, text);
		CHECK_INT(cases[i].name, kind, cases[i].kind);
		CHECK_STR(cases[i].name, text, cases[i].utc);
	}
	test_read();
	return wx_test_end();
}
