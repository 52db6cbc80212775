/* SPDX-License-Identifier: MIT */
/* GUANO lines: what is taken, and what says nothing. */
#include "capture/guano.h"

#include "testing.h"

#define V "GUANO|Version:1.0\n"

static const struct {
	const char *stamp;
	const char
		*utc; /* by its zone, else by UTC; NULL: none could be read */
	bool has_zone;
} stamps[] = {
	{ "2024-05-28T10:00:00Z", "2024-05-28T10:00:00.000Z", true },
	{ "2024-05-28T10:00:00+10:00", "2024-05-28T00:00:00.000Z", true },
	{ "2024-05-28T10:00:00-03:30", "2024-05-28T13:30:00.000Z", true },
	{ "2024-05-28T10:00:00-00:30", "2024-05-28T10:30:00.000Z", true },
	{ "2024-05-28T10:00:00+0030", "2024-05-28T09:30:00.000Z", true },
	{ "2022-08-15 21:34:14+0100", "2022-08-15T20:34:14.000Z", true },
	{ "2022-08-15 21:34:14 +01:00", "2022-08-15T20:34:14.000Z", true },
	{ "2024-05-28T10:00:00.125Z", "2024-05-28T10:00:00.125Z", true },
	{ "2024-05-28T10:00:00", "2024-05-28T10:00:00.000Z", false },
	{ "2024-05-28T10:00:00.5", "2024-05-28T10:00:00.500Z", false },
	{ "  2024-05-28T10:00:00Z \r", "2024-05-28T10:00:00.000Z", true },
	{ "2024-05-28T10:00:00 CEST", NULL, false }, /* not "no zone" */
	{ "2024-05-28T10:00:00+19:00", NULL, false },
	{ "2024-05-28", NULL, false },
	{ "2024-05-28T10:00", NULL, false },
	{ "2024-02-30T10:00:00Z", NULL, false },
	{ "2024-05-28T10:00:60Z", NULL, false },
	{ "28.05.2024 10:00:00", NULL, false },
	{ "", NULL, false },
};

static void test_stamps(void)
{
	for (size_t i = 0; i < WX_COUNT(stamps); i++) {
		const char *label = stamps[i].stamp;
		char text[200], utc[WX_TIME_SIZE];
		struct wx_guano g;
		int n = snprintf(text, sizeof(text), V "Timestamp:%s\nMake:X",
				 label);

		CHECK(label, wx_guano_parse(text, (size_t)n, &g));
		CHECK_STR(label, g.make, "X");
		CHECK_INT(label, g.has_civil, stamps[i].utc != NULL);
		if (!stamps[i].utc)
			continue;
		wx_time_format(
			wx_civil_to_time(&g.civil, g.has_zone ? g.zone_s : 0),
			3, utc);
		CHECK_STR(label, utc, stamps[i].utc);
		CHECK_INT(label, g.has_zone, stamps[i].has_zone);
	}
}

/* As AudioMoth writes it: no last line break, no pad. */
static void test_audiomoth(void)
{
	static const char text[] = V
		"Make:Open Acoustic Devices\nModel:AudioMoth\n"
		"Serial:24F31901603712F8\nOAD|Deployment ID:0123456789ABCDEF\n"
		"Firmware Version:AudioMoth-Firmware-Basic (1.11.0)\n"
		"Timestamp:2024-11-20T08:00:00+05:45\n"
		"Loc Position:27.717200 -85.324000\nOAD|Loc Source:GPS\n"
		"Original Filename:20241120_080000T.WAV\n"
		"OAD|Recording Settings:48000 GAIN 2 AMP 0.5% 1 LGR\n"
		"OAD|Battery Voltage:4.6\nTemperature Int:-3.4";
	struct wx_guano g;

	CHECK("AudioMoth", wx_guano_parse(text, sizeof(text) - 1, &g));
	CHECK_STR("make", g.make, "Open Acoustic Devices");
	CHECK_STR("model", g.model, "AudioMoth");
	CHECK_STR("serial", g.serial, "24F31901603712F8");
	CHECK_STR("deployment", g.deployment, "0123456789ABCDEF");
	CHECK_STR("firmware", g.firmware, "AudioMoth-Firmware-Basic (1.11.0)");
	CHECK_INT("zone", g.zone_s, 20700);
	CHECK_F64("lat", g.lat_deg, 27.7172, 1e-9);
	CHECK_F64("lon", g.lon_deg, -85.324, 1e-9);
	CHECK_F64("battery", g.battery_v, 4.6, 1e-9);
	CHECK_F64("inside", g.temp_int_degc, -3.4, 1e-9);
	CHECK_F64("outside", g.temp_ext_degc, NAN, 0);
	CHECK("triggered", g.triggered);
	CHECK_STR("settings", g.settings, "48000 GAIN 2 AMP 0.5% 1 LGR");
}

/* Keys and blanks as others write them, and values that say nothing. */
static void test_others(void)
{
	static const char text[] =
		"\n GUANO|Version :  1.0\r\n\r\nHUMIDITY : 81.5 \r\n"
		"Temperature Ext: 12\r\nTemperature Int: warm\r\n"
		"Temperature Int: 13\r\nno colon here\r\n:no key\r\n"
		"Loc Position: 91.0 7.0\r\nLoc Position: 46.2  7.4\r\n"
		"Make: First\r\nMake: Second\r\nModel:\r\n"
		"PET|D500X|TSens: high\r\nTE: 10\r\n"
		"Serial: \xc3\xa9\x01tude\r\nNote: a\\nb: c\r\n\0\0\0 ";
	struct wx_guano g;

	CHECK("others", wx_guano_parse(text, sizeof(text) - 1, &g));
	CHECK_F64("humidity", g.rel_hum_pct, 81.5, 1e-9);
	CHECK_F64("outside", g.temp_ext_degc, 12, 1e-9);
	CHECK_F64("the first that is a number", g.temp_int_degc, 13, 1e-9);
	CHECK_F64("the first that is on earth", g.lat_deg, 46.2, 1e-9);
	CHECK_F64("lon", g.lon_deg, 7.4, 1e-9);
	CHECK_STR("the first counts", g.make, "First");
	CHECK_STR("empty", g.model, "");
	CHECK_STR("not ASCII", g.serial, "???tude");
	CHECK("no time", !g.has_civil);
	CHECK("no trigger", !g.triggered);
}

static void test_bad(void)
{
	static const char *const bad[] = { "", "GUANO", "Timestamp:2024",
					   "guan|Version:1.0\n",
					   "\0GUANO|Version:1.0" };
	struct wx_guano g;
	char longer[300];

	for (size_t i = 0; i < WX_COUNT(bad); i++)
		CHECK(bad[i], !wx_guano_parse(bad[i], strlen(bad[i]), &g));
	memset(longer, 'x', sizeof(longer));
	memcpy(longer, V "Make:", strlen(V "Make:"));
	CHECK("long", wx_guano_parse(longer, sizeof(longer), &g));
	CHECK_INT("cut", (int64_t)strlen(g.make), 63);
}

int main(void)
{
	test_stamps();
	test_audiomoth();
	test_others();
	test_bad();
	return wx_test_end();
}
