/* SPDX-License-Identifier: MIT */
/*
 * What the chunks of a recording say together, and against its name. With
 * paths: what those recordings say.
 */
#include "capture/recorder.h"

#include <fcntl.h>
#include <unistd.h>

#include "make_wav.h"
#include "testing.h"

#define AT "Recorded at 08:00:00 20/11/2024 "
#define BY "by AudioMoth 24F31901603712F8 "
#define NOW                                                       \
	"at medium gain while battery was greater than 4.9V and " \
	"temperature was 18.4C."
#define COMMENT AT "(UTC+10) " BY NOW
#define GUANO                                          \
	"GUANO|Version:1.0\nSerial:24F31901603712F8\n" \
	"Timestamp:2024-11-20T08:00:00+10:00\nOAD|Battery Voltage:5.0"

static void put_chunk(struct bytes *b, const char *id, const char *body,
		      size_t n, bool pad)
{
	put_text(b, id);
	put_int(b, n, 4);
	put(b, body, n);
	if (n % 2 && pad)
		put_int(b, 0, 1);
}

/* LIST INFO of these, "" for none. */
static struct bytes info(const char *comment, const char *artist, bool pad)
{
	struct bytes b = { 0 };

	put_text(&b, "INFO");
	if (*comment)
		put_chunk(&b, "ICMT", comment, strlen(comment), pad);
	if (*artist)
		put_chunk(&b, "IART", artist, strlen(artist), pad);
	return b;
}

static void read_list(struct wx_recorder *r, const char *comment,
		      const char *artist, bool pad)
{
	struct bytes b = info(comment, artist, pad);

	wx_recorder_chunk(r, "LIST", b.p, b.n);
	free(b.p);
}

static const struct {
	const char *label, *comment, *guano, *wamd_start;
	const char *utc; /* "": not known */
	int from;
} cases[] = {
	{ "comment", COMMENT, "", "", "2024-11-19T22:00:00.000Z",
	  WX_SAYS_COMMENT },
	{ "-3:30", AT "(UTC-3:30) " BY NOW, "", "", "2024-11-20T11:30:00.000Z",
	  WX_SAYS_COMMENT },
	{ "+0:30", AT "(UTC+0:30) " BY NOW, "", "", "2024-11-20T07:30:00.000Z",
	  WX_SAYS_COMMENT },
	{ "guano", "", GUANO, "", "2024-11-19T22:00:00.000Z", WX_SAYS_GUANO },
	{ "both", COMMENT, GUANO, "", "2024-11-19T22:00:00.000Z",
	  WX_SAYS_GUANO },
	{ "wamd", "", "", "2022-08-15 21:34:14+0100",
	  "2022-08-15T20:34:14.000Z", WX_SAYS_WAMD },
	{ "no zone", "", "GUANO|Version:1.0\nTimestamp:2024-11-20T08:00:00", "",
	  "", WX_SAYS_GUANO },
	/* whoever tells the zone counts */
	{ "a zone after none", COMMENT,
	  "GUANO|Version:1.0\nTimestamp:2024-11-20T08:00:00",
	  "2022-08-15 21:34:14", "2024-11-19T22:00:00.000Z", WX_SAYS_COMMENT },
	{ "unset", "Recorded at 00:00:30 01/01/1970 (UTC) " BY NOW, "", "", "",
	  WX_SAYS_COMMENT },
	{ "nothing", "hello", "world", "", "", WX_SAYS_NOTHING },
	/* OpenSoundscape: the clip's start, not the recording's */
	{ "clip",
	  "opso_metadata{\"comment\": \"" COMMENT "\", "
	  "\"recording_start_time\": \"2024-11-20T08:00:03.500000+10:00\"}",
	  "", "", "2024-11-19T22:00:03.500Z", WX_SAYS_OPSO },
	{ "clip without a start",
	  "opso_metadata{\"comment\": \"" COMMENT "\", \"frames\": 3}", "", "",
	  "2024-11-19T22:00:00.000Z", WX_SAYS_COMMENT },
	{ "clip without a zone",
	  "opso_metadata{\"recording_start_time\": \"2024-11-20T08:00:03\"}",
	  "", "", "", WX_SAYS_NOTHING },
	{ "torn clip", "opso_metadata{\"comment\": \"Recorded at", "", "", "",
	  WX_SAYS_NOTHING },
	{ "clip of other types",
	  "opso_metadata{\"comment\": [1], \"artist\": null}", "", "", "",
	  WX_SAYS_NOTHING },
	{ "clip of no object", "opso_metadata[[[[1]]]]", "", "", "",
	  WX_SAYS_NOTHING },
};

static void test_starts(void)
{
	for (size_t i = 0; i < 2 * WX_COUNT(cases); i++) {
		const char *label = cases[i / 2].label;
		const char *wamd_start = cases[i / 2].wamd_start;
		struct bytes wamd = { 0 };
		struct wx_recording_says says;
		struct wx_recorder r;
		char utc[WX_TIME_SIZE];

		put(&wamd, "\0\0\2\0\0\0\1\0\5\0", 10);
		put_int(&wamd, strlen(wamd_start), 4);
		put_text(&wamd, wamd_start);
		wx_recorder_init(&r);
		read_list(&r, cases[i / 2].comment, "AudioMoth Q", i % 2);
		wx_recorder_chunk(&r, "guan", cases[i / 2].guano,
				  strlen(cases[i / 2].guano));
		if (*wamd_start)
			wx_recorder_chunk(&r, "wamd", wamd.p, wamd.n);
		wx_recorder_says(&r, 100, &says);
		wx_time_format(says.start, 3, utc);
		CHECK_STR(label, utc, cases[i / 2].utc);
		CHECK_INT(label, says.from, cases[i / 2].from);
		CHECK(label, !says.interrupted);
		free(wamd.p);
	}
}

static void test_facts(void)
{
	struct wx_recording_says says;
	struct wx_recorder r;

	wx_recorder_init(&r);
	read_list(&r, COMMENT, "AudioMoth 24F31901603712F8", false);
	wx_recorder_chunk(&r, "guan", GUANO, strlen(GUANO));
	wx_recorder_says(&r, 100, &says);
	CHECK_STR("device", says.device, "24F31901603712F8");
	CHECK_STR("make", says.make, "AudioMoth");
	CHECK_STR("firmware", says.firmware, "1.6.0..");
	CHECK_STR("gain", says.gain, "medium");
	CHECK_F64("bound, not GUANO's 5.0", says.battery_v, 4.9, 1e-9);
	CHECK_INT("bound", says.battery_bound, 1);
	CHECK_F64("temperature", says.temp_degc, 18.4, 1e-9);
	CHECK_F64("humidity", says.rel_hum_pct, NAN, 0);
	CHECK("whole", !says.interrupted && !says.triggered);

	/* In deployment mode the serial number is the artist's. */
	wx_recorder_init(&r);
	read_list(&r,
		  AT "(UTC) during deployment 0123456789ABCDEF " NOW
		     " Amplitude threshold was 16 with 1s minimum trigger "
		     "duration. Recording stopped due to SD card write "
		     "error.",
		  "AudioMoth 11X111111X111111", true);
	wx_recorder_says(&r, 0, &says);
	CHECK_STR("device", says.device, "11X111111X111111");
	CHECK_STR("deployment", says.deployment, "0123456789ABCDEF");
	CHECK("triggered", says.triggered);
	CHECK("interrupted", says.interrupted);
	wx_recorder_says(&r, 4096, &says);
	CHECK("closed by a full card",
	      !says.interrupted && says.stop == WX_STOP_CARD_ERROR);
}

/* Lists that are none, torn anywhere, or whose sizes lie. */
static void test_torn(void)
{
	struct bytes b = info(COMMENT, "AudioMoth Q", true);
	struct wx_recording_says says;
	struct wx_recorder r;

	for (size_t n = 0; n <= b.n; n++) {
		uint8_t *copy = malloc(n ? n : 1);

		memcpy(copy, b.p, n);
		wx_recorder_init(&r);
		wx_recorder_chunk(&r, "LIST", copy, n);
		wx_recorder_says(&r, 1, &says);
		CHECK("torn", says.from == (n >= 12 + strlen(AT "(UTC+10)")
						    ? WX_SAYS_COMMENT
						    : WX_SAYS_NOTHING));
		free(copy);
	}
	memset(b.p + 8, 0xff, 4);
	wx_recorder_init(&r);
	wx_recorder_chunk(&r, "LIST", b.p, b.n);
	wx_recorder_says(&r, 1, &says);
	CHECK("a size past the end", says.from == WX_SAYS_COMMENT);
	wx_recorder_init(&r);
	wx_recorder_chunk(&r, "LIST", "adtlICMT", 8);
	wx_recorder_chunk(&r, "junk", COMMENT, strlen(COMMENT));
	wx_recorder_chunk(&r, "LIST", "", 0);
	wx_recorder_says(&r, 1, &says);
	CHECK("nothing of ours", says.from == WX_SAYS_NOTHING);
	free(b.p);
}

#define OLD   "at gain setting 2 while battery state was 4.0V."
#define FAULT AT "(UTC+5:45) " BY OLD

static const struct {
	const char *comment, *name;
	bool has_offset; /* +02:00 */
	const char *utc;
	int from, match;
	bool by_site, needs;
} matches[] = {
	{ COMMENT, "20241120_080000.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_AGREE, false, false },
	{ COMMENT, "20241120_080001.WAV", false, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_AGREE, false, false },
	{ COMMENT, "20241120_080000T.WAV", false, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_AGREE, false, false },
	{ COMMENT, "a.wav", true, "2024-11-19T22:00:00Z", WX_SAYS_COMMENT,
	  WX_MATCH_ALONE, false, false },
	/* the name in UTC, with its zone or without */
	{ COMMENT, "20241119T220000Z.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_AGREE, false, false },
	{ COMMENT, "20241119_220000.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_ZONE, false, false },
	{ COMMENT, "20241120_090000.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_ZONE, false, false },
	{ COMMENT, "20241120_081500.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_ZONE, false, false },
	/* renamed */
	{ COMMENT, "20241120_080003.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_OFF, false, false },
	{ COMMENT, "20231120_080000.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_OFF, false, false },
	{ COMMENT, "19700101_000000.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_ALONE, false, false },
	/* firmware 1.2.2: the name is right, in the header's zone */
	{ FAULT, "20241120_080000.WAV", true, "2024-11-20T02:15:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_AGREE, false, false },
	{ FAULT, "20241120_084500.WAV", true, "2024-11-20T03:00:00Z",
	  WX_SAYS_NAME, WX_MATCH_FAULT, false, false },
	{ FAULT, "20241120_070000.WAV", false, "2024-11-20T01:15:00Z",
	  WX_SAYS_NAME, WX_MATCH_FAULT, false, false },
	{ FAULT, "20241120_070100T.WAV", false, "2024-11-20T01:16:00Z",
	  WX_SAYS_NAME, WX_MATCH_FAULT, false, false },
	{ FAULT, "20241120_064500.WAV", false, "2024-11-20T02:15:00Z",
	  WX_SAYS_COMMENT, WX_MATCH_ZONE, false, false }, /* too far for it */
	{ AT "(UTC+5) " BY OLD, "20241120_083000.WAV", false,
	  "2024-11-20T03:00:00Z", WX_SAYS_COMMENT, WX_MATCH_ZONE, false,
	  false }, /* whole hours: not that fault */
	/* a header that was never set, or says nothing */
	{ "Recorded at 00:00:30 01/01/1970 (UTC) " BY NOW,
	  "20241120_080000.WAV", true, "2024-11-20T06:00:00Z", WX_SAYS_NAME,
	  WX_MATCH_ALONE, true, false },
	{ "", "20241120_080000.WAV", true, "2024-11-20T06:00:00Z", WX_SAYS_NAME,
	  WX_MATCH_ALONE, true, false },
	{ "", "20241120_080000.WAV", false, "", WX_SAYS_NAME, WX_MATCH_ALONE,
	  false, true },
	{ "", "20241120T080000+1000.WAV", true, "2024-11-19T22:00:00Z",
	  WX_SAYS_NAME, WX_MATCH_ALONE, false, false },
	{ "", "a.wav", true, "", WX_SAYS_NOTHING, WX_MATCH_ALONE, false,
	  false },
	{ "", "", false, "", WX_SAYS_NOTHING, WX_MATCH_ALONE, false, false },
};

static void test_matches(void)
{
	for (size_t i = 0; i < WX_COUNT(matches); i++) {
		const char *label = matches[i].name;
		struct wx_recording_says says;
		struct wx_says_start s;
		struct wx_recorder r;
		char utc[WX_TIME_SIZE], remark[WX_SAYS_REMARK];

		wx_recorder_init(&r);
		read_list(&r, matches[i].comment, "", true);
		wx_recorder_says(&r, 1, &says);
		wx_says_start(&says, label, matches[i].has_offset, 7200, &s);
		wx_time_format(s.start, 0, utc);
		CHECK_STR(label, utc, matches[i].utc);
		CHECK_INT(label, s.from, matches[i].from);
		CHECK_INT(label, s.match, matches[i].match);
		CHECK_INT(label, s.by_site_offset, matches[i].by_site);
		CHECK_INT(label, s.needs_offset, matches[i].needs);
		CHECK_INT(label, *wx_says_remark(&s, remark) != '\0',
			  s.match > WX_MATCH_AGREE);
	}
}

/* A header without a zone takes the name's, if they agree, or the site's. */
static void test_no_zone(void)
{
	static const char guano[] =
		"GUANO|Version:1.0\nTimestamp:2024-11-20T08:00:00";
	struct wx_recording_says says;
	struct wx_says_start s;
	struct wx_recorder r;

	wx_recorder_init(&r);
	wx_recorder_chunk(&r, "guan", guano, strlen(guano));
	wx_recorder_says(&r, 1, &says);
	wx_says_start(&says, "20241120T080000+1000.wav", true, 7200, &s);
	CHECK("the name's zone",
	      s.start.utc_ns == INT64_C(1732053600) * WX_NS_PER_S &&
		      !s.by_site_offset);
	wx_says_start(&says, "20241120_080000.wav", true, 7200, &s);
	CHECK("the site's zone",
	      s.start.utc_ns == INT64_C(1732082400) * WX_NS_PER_S &&
		      s.by_site_offset && s.from == WX_SAYS_GUANO);
	wx_says_start(&says, "20241120_080000.wav", false, 0, &s);
	CHECK("none", wx_time_is_none(s.start) && s.needs_offset);
	CHECK_STR("word", wx_says_from_word(s.from), "guano");
}

static void print_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct wx_recording_says says;
	struct wx_wav_chunks chunks;
	struct wx_says_start start;
	struct wx_wav wav;
	char utc[WX_TIME_SIZE];

	wx_wav_chunks_fd(fd, path, &wav, &chunks, NULL);
	wx_recording_says_fd(fd, &wav, &chunks, &says);
	wx_says_start(&says, path, false, 0, &start);
	wx_time_format(start.start, 1, utc);
	printf("%s|%s|%d|%s|%.1f|%d|%.1f|%s|%d\n",
	       wx_says_from_word(start.from), utc, start.match, says.device,
	       says.battery_v, says.battery_bound, says.temp_degc,
	       says.firmware, says.triggered);
	close(fd);
}

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++)
		print_file(argv[i]);
	if (argc > 1)
		return 0;
	test_starts();
	test_facts();
	test_torn();
	test_matches();
	test_no_zone();
	return wx_test_end();
}
