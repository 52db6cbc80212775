/* SPDX-License-Identifier: MIT */
/* AudioMoth's sentence, as every firmware words it, and as none does. */
#include "capture/audiomoth.h"

#include "testing.h"

#define AT  "Recorded at 20:30:00 14/06/2024 "
#define BY  "by AudioMoth 24F31901603712F8 "
#define DEP "during deployment 0123456789ABCDEF "
#define NOW "at medium gain while battery was 4.1V and temperature was 18.4C."
#define V14                                                            \
	"at low-medium gain setting while battery state was 4.1V and " \
	"temperature was -5.8C."

enum {
	RAN = WX_STOP_NOT_SAID,
	E0 = WX_AUDIOMOTH_1_0,
	E1 = WX_AUDIOMOTH_1_0_1,
	E2 = WX_AUDIOMOTH_1_2,
	E4 = WX_AUDIOMOTH_1_4,
	E6 = WX_AUDIOMOTH_1_6,
};

static const struct {
	const char *text;
	const char *utc;
	const char *gain;
	double battery_v;
	int bound;
	double temp_degc;
	const char *threshold; /* NULL: not triggered */
	double low_hz, high_hz;
	int stop, era;
} good[] = {
	/* 1.0: no zone, hence UTC */
	{ AT BY "at gain setting 2 while battery state was 4.2V",
	  "2024-06-14T20:30:00Z", "2", 4.2, 0, NAN, NULL, NAN, NAN, RAN, E0 },
	{ AT BY "at gain setting 0 while battery state was < 3.6V",
	  "2024-06-14T20:30:00Z", "0", 3.6, -1, NAN, NULL, NAN, NAN, RAN, E0 },
	{ AT BY "at gain setting 4 while battery state was > 5.0V",
	  "2024-06-14T20:30:00Z", "4", 5.0, 1, NAN, NULL, NAN, NAN, RAN, E0 },
	/* 1.0.1 */
	{ AT "(UTC) " BY "at gain setting 3 while battery state was 4.7V",
	  "2024-06-14T20:30:00Z", "3", 4.7, 0, NAN, NULL, NAN, NAN, RAN, E1 },
	/* 1.2.0, 1.2.1 */
	{ AT "(UTC) " BY "at gain setting 3 while battery state was 4.7V.",
	  "2024-06-14T20:30:00Z", "3", 4.7, 0, NAN, NULL, NAN, NAN, RAN, E2 },
	{ AT "(UTC-3) " BY "at gain setting 2 while battery state was less "
	     "than 3.6V. Recording cancelled before completion due to low "
	     "battery voltage.",
	  "2024-06-14T23:30:00Z", "2", 3.6, -1, NAN, NULL, NAN, NAN,
	  WX_STOP_LOW_VOLTAGE, E2 },
	{ AT "(UTC+10) " BY "at gain setting 2 while battery state was "
	     "greater than 4.9V. Recording cancelled before completion due "
	     "to change of switch position.",
	  "2024-06-14T10:30:00Z", "2", 4.9, 1, NAN, NULL, NAN, NAN,
	  WX_STOP_SWITCH, E2 },
	/* 1.2.2 */
	{ AT "(UTC+5:45) " BY "at gain setting 2 while battery state was 4.0V.",
	  "2024-06-14T14:45:00Z", "2", 4.0, 0, NAN, NULL, NAN, NAN, RAN, E2 },
	/* 1.4.0 */
	{ AT "(UTC) " BY V14, "2024-06-14T20:30:00Z", "low-medium", 4.1, 0,
	  -5.8, NULL, NAN, NAN, RAN, E4 },
	{ AT "(UTC) " BY V14 " Amplitude threshold was 160. Band-pass filter "
	     "applied with cut-off frequencies of 6.0kHz and 16.5kHz.",
	  "2024-06-14T20:30:00Z", "low-medium", 4.1, 0, -5.8, "160", 6000,
	  16500, RAN, E4 },
	{ AT "(UTC) " BY V14 " Low-pass filter applied with cut-off frequency "
	     "of 16.5kHz. Recording cancelled before completion due to file "
	     "size limit.",
	  "2024-06-14T20:30:00Z", "low-medium", 4.1, 0, -5.8, NULL, NAN, 16500,
	  WX_STOP_SIZE_LIMIT, E4 },
	{ AT "(UTC) " BY V14 " High-pass filter applied with cut-off frequency "
	     "of 0.5kHz. Recording cancelled before completion due to low "
	     "voltage.",
	  "2024-06-14T20:30:00Z", "low-medium", 4.1, 0, -5.8, NULL, 500, NAN,
	  WX_STOP_LOW_VOLTAGE, E4 },
	/* 1.6.0 on */
	{ AT "(UTC) " BY NOW, "2024-06-14T20:30:00Z", "medium", 4.1, 0, 18.4,
	  NULL, NAN, NAN, RAN, E6 },
	{ AT "(UTC) " DEP "using external microphone at high gain while "
	     "battery was less than 2.5V and temperature was -0.1C.",
	  "2024-06-14T20:30:00Z", "high", 2.5, -1, -0.1, NULL, NAN, NAN, RAN,
	  E6 },
	{ AT "(UTC) " BY "at medium-high gain while battery was greater than "
	     "4.9V and temperature was 31.0C. Low-pass filter with frequency "
	     "of 8.0kHz applied. Amplitude threshold was 0.05% with 1s "
	     "minimum trigger duration. Recording stopped due to microphone "
	     "change.",
	  "2024-06-14T20:30:00Z", "medium-high", 4.9, 1, 31, "0.05%", NAN, 8000,
	  WX_STOP_MICROPHONE, E6 },
	{ AT "(UTC) " BY NOW " Band-pass filter with frequencies of 2.0kHz "
	     "and 8.0kHz applied. Amplitude threshold was -30 dB with 0s "
	     "minimum trigger duration. Recording stopped by magnetic switch.",
	  "2024-06-14T20:30:00Z", "medium", 4.1, 0, 18.4, "-30 dB", 2000, 8000,
	  WX_STOP_MAGNET, E6 },
	{ AT "(UTC) " BY NOW " Frequency trigger (8.0kHz and window length of "
	     "128 samples) threshold was 2% with 10s minimum trigger "
	     "duration. High-pass filter with frequency of 1.0kHz applied. "
	     "Recording stopped due to switch position change.",
	  "2024-06-14T20:30:00Z", "medium", 4.1, 0, 18.4, "2%", 1000, NAN,
	  WX_STOP_SWITCH, E6 },
	{ AT "(UTC) " BY NOW " Amplitude threshold was 512 with 1s minimum "
	     "trigger duration. Recording stopped due to low voltage.",
	  "2024-06-14T20:30:00Z", "medium", 4.1, 0, 18.4, "512", NAN, NAN,
	  WX_STOP_LOW_VOLTAGE, E6 },
	{ AT "(UTC) " BY NOW " Recording stopped due to file size limit.",
	  "2024-06-14T20:30:00Z", "medium", 4.1, 0, 18.4, NULL, NAN, NAN,
	  WX_STOP_SIZE_LIMIT, E6 },
	{ AT "(UTC) " BY NOW " Recording stopped due to SD card write error.",
	  "2024-06-14T20:30:00Z", "medium", 4.1, 0, 18.4, NULL, NAN, NAN,
	  WX_STOP_CARD_ERROR, E6 },
	/* a reason of tomorrow is one */
	{ AT "(UTC) " BY NOW " Recording stopped due to a passing cow.",
	  "2024-06-14T20:30:00Z", "medium", 4.1, 0, 18.4, NULL, NAN, NAN,
	  WX_STOP_OTHER, E6 },
	/* zones, over midnight too */
	{ AT "(UTC+10) " BY NOW, "2024-06-14T10:30:00Z", "medium", 4.1, 0, 18.4,
	  NULL, NAN, NAN, RAN, E6 },
	{ AT "(UTC-3:30) " BY NOW, "2024-06-15T00:00:00Z", "medium", 4.1, 0,
	  18.4, NULL, NAN, NAN, RAN, E6 },
	{ AT "(UTC+0:30) " BY NOW, "2024-06-14T20:00:00Z", "medium", 4.1, 0,
	  18.4, NULL, NAN, NAN, RAN, E6 },
	{ AT "(UTC-0:30) " BY NOW, "2024-06-14T21:00:00Z", "medium", 4.1, 0,
	  18.4, NULL, NAN, NAN, RAN, E6 },
	{ "Recorded at 03:15:00 01/03/2024 (UTC+14) " BY NOW,
	  "2024-02-29T13:15:00Z", "medium", 4.1, 0, 18.4, NULL, NAN, NAN, RAN,
	  E6 },
	/* cut after the zone: when, but no more */
	{ "Recorded at 03:15:00 01/03/2024 (UTC)", "2024-03-01T03:15:00Z", "",
	  NAN, 0, NAN, NULL, NAN, NAN, RAN, E1 },
	{ AT "(UTC) " BY "at medium gain while battery was 4.",
	  "2024-06-14T20:30:00Z", "medium", NAN, 0, NAN, NULL, NAN, NAN, RAN,
	  E6 },
};

static const char *const bad[] = {
	"",
	"Recorded",
	"Recorded at 20:30:00 14/06/2024",         /* and then? */
	"Recorded at 20:30:00 14/06/2024 by hand", /* no AudioMoth */
	"Recorded at 20:30:00 14/06/2024 (UTC+99) " BY NOW,
	"Recorded at 20:30:00 14/06/2024 (UTC+1 " BY NOW,
	"Recorded at 20:30:00 14/06/2024 (UTC1) " BY NOW,
	"Recorded at 20:30:00 14/06/2024 (UTC+1:60) " BY NOW,
	"Recorded at 20:30:00 31/06/2024 (UTC) " BY NOW,
	"Recorded at 24:30:00 14/06/2024 (UTC) " BY NOW,
	"Recorded at 2:30:00 14/06/2024 (UTC) " BY NOW,
	"recorded at 20:30:00 14/06/2024 (UTC) " BY NOW,
	" Recorded at 20:30:00 14/06/2024 (UTC) " BY NOW,
	"{\"comment\": \"Recorded at 20:30:00 14/06/2024 (UTC)\"}",
};

static void test_good(void)
{
	for (size_t i = 0; i < WX_COUNT(good); i++) {
		const char *t = good[i].text;
		struct wx_audiomoth a;
		char utc[WX_TIME_SIZE];

		CHECK(t, wx_audiomoth_parse(t, strlen(t), &a));
		wx_time_format(wx_civil_to_time(&a.civil, a.zone_s), 0, utc);
		CHECK_STR(t, utc, good[i].utc);
		CHECK_STR(t, a.gain, good[i].gain);
		CHECK_F64(t, a.battery_v, good[i].battery_v, 1e-9);
		CHECK_INT(t, a.battery_bound, good[i].bound);
		CHECK_F64(t, a.temp_degc, good[i].temp_degc, 1e-9);
		CHECK_INT(t, a.triggered, good[i].threshold != NULL);
		CHECK_STR(t, a.threshold,
			  good[i].threshold ? good[i].threshold : "");
		CHECK_F64(t, a.low_hz, good[i].low_hz, 1e-6);
		CHECK_F64(t, a.high_hz, good[i].high_hz, 1e-6);
		CHECK_INT(t, a.stop, good[i].stop);
		CHECK_INT(t, a.era, good[i].era);
	}
}

static void test_bad(void)
{
	for (size_t i = 0; i < WX_COUNT(bad); i++) {
		struct wx_audiomoth a;

		CHECK(bad[i], !wx_audiomoth_parse(bad[i], strlen(bad[i]), &a));
	}
}

/* Any beginning of a sentence is a time or it is not; never a false one. */
static void test_cut(void)
{
	const char *t = good[18].text;
	size_t zone = strlen(AT "(UTC)");

	for (size_t n = 0; n <= strlen(t); n++) {
		struct wx_audiomoth a;

		CHECK_INT(t, wx_audiomoth_parse(t, n, &a), n >= zone);
	}
}

static void test_ids(void)
{
	static const char masked[] =
		AT "(UTC) by AudioMoth 11X11111 " NOW "\0\0\0Recording stopped";
	static const char deployed[] =
		AT "(UTC) " DEP "using external microphone " NOW;
	static const char long_id[] =
		AT "(UTC) by AudioMoth "
		   "0123456789012345678901234567890123456789 " NOW;
	struct wx_audiomoth a;
	char id[33];

	CHECK("masked", wx_audiomoth_parse(masked, sizeof(masked) - 1, &a));
	CHECK_STR("not hex", a.device, "11X11111");
	CHECK_INT("ends at its first NUL", a.stop, WX_STOP_NOT_SAID);
	CHECK("deployed", wx_audiomoth_parse(deployed, strlen(deployed), &a));
	CHECK_STR("no device", a.device, "");
	CHECK_STR("deployment", a.deployment, "0123456789ABCDEF");
	CHECK("microphone", a.external_mic);
	CHECK("long", wx_audiomoth_parse(long_id, strlen(long_id), &a));
	CHECK_INT("cut", (int64_t)strlen(a.device), 32);
	wx_audiomoth_artist("AudioMoth 24F31901603712F8\0\0\0", 29, id);
	CHECK_STR("artist", id, "24F31901603712F8");
	wx_audiomoth_artist("AudioMoth 11X\x80\n1", 16, id);
	CHECK_STR("artist, not ASCII", id, "11X??1");
	wx_audiomoth_artist("Somebody else", 13, id);
	CHECK_STR("no artist", id, "");
}

/* Only 1.2.2 to 1.3.0, and only with minutes in the zone. */
static void test_fault(void)
{
	static const struct {
		const char *text;
		bool fault;
		const char *firmware;
	} cases[] = {
		{ AT "(UTC+5:45) " BY
		     "at gain setting 2 while battery state was 4.0V.",
		  true, "1.2.2..1.3.0" },
		{ AT "(UTC+5) " BY
		     "at gain setting 2 while battery state was 4.0V.",
		  false, "1.2.0..1.3.0" },
		{ AT BY "at gain setting 2 while battery state was 4.0V", false,
		  "1.0" },
		{ AT "(UTC-3:30) " BY V14, false, "1.4.0..1.5.0" },
		{ AT "(UTC-3:30) " BY NOW, false, "1.6.0.." },
	};

	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		struct wx_audiomoth a;

		CHECK(cases[i].text,
		      wx_audiomoth_parse(cases[i].text, strlen(cases[i].text),
					 &a));
		CHECK_INT(cases[i].text, a.zone_fault, cases[i].fault);
		CHECK_STR(cases[i].text, wx_audiomoth_firmware(&a),
			  cases[i].firmware);
	}
}

int main(void)
{
	test_good();
	test_bad();
	test_cut();
	test_ids();
	test_fault();
	return wx_test_end();
}
