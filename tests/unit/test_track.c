/* SPDX-License-Identifier: MIT */
/* Label tracks: what is read, what is refused, and written as it was. */
#include "track/track.h"

#include <stdlib.h>

#include "testing.h"

#define RAVEN "Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\t"

struct said { /* warnings, one after another */
	char text[4000];
	size_t n;
};

static void listen(void *ctx, const char *text)
{
	struct said *s = ctx;

	s->n += (size_t)snprintf(s->text + s->n, sizeof(s->text) - s->n, "%s\n",
				 text);
}

/* What a track holds, short: "from-to text capture|" in ms. */
static const char *shown(const struct wx_track *t)
{
	static char buf[2000];
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < t->n; i++) {
		const struct wx_mark *m = &t->mark[i];

		n += (size_t)snprintf(buf + n, sizeof(buf) - n, "%g-%g %s%s%s|",
				      (double)m->from_ns / 1e6,
				      (double)m->to_ns / 1e6, m->text,
				      m->capture ? " @" : "",
				      m->capture ? m->capture : "");
	}
	return buf;
}

static const struct {
	const char *name, *text;
	const char *format; /* NULL: none */
	const char *marks;
	const char *warned; /* part of a warning; NULL: none */
	bool same;          /* written again: the same bytes */
} cases[] = {
	{ "Audacity: regions and a point",
	  "0.000000\t10.000000\tnone\n12.500000\t22.250000\tlittle breeze\n"
	  "31.000000\t31.000000\ttip\n",
	  "audacity", "0-10000 none|12500-22250 little breeze|31000-31000 tip|",
	  NULL, true },
	{ "frequencies",
	  "1.000000\t2.000000\train\n\\\t600.000000\t-1.000000\n", "audacity",
	  "1000-2000 rain|", NULL, true },
	{ "a frequency of nothing",
	  "\\\t600.000000\t700.000000\n"
	  "1.0\t2.0\train\n",
	  "audacity", "1000-2000 rain|",
	  "t.txt:1: expected '\\ TAB low TAB high'", false },
	{ "comma decimals and CRLF",
	  "1,500000\t2,500000\train\r\n\\\t1,250000\t2,500000\r\n", "audacity",
	  "1500-2500 rain|", NULL, true },
	{ "both in one number is none", "1.0\t2.0\ta\n1.000,5\t2\tb\n",
	  "audacity", "1000-2000 a|", "t.txt:2: expected 'start TAB end",
	  false },
	{ "no text, no last line break", "1\t2\n3\t4\t", "audacity",
	  "1000-2000 |3000-4000 |", NULL, false },
	{ "a TAB in the text is the text's", "1\t2\ta\tb\n", "audacity",
	  "1000-2000 a\tb|", NULL, false },
	{ "Audacity 1.2", "1.5\train\n2.5\t\n", "audacity", "1500-1500 rain|",
	  "t.txt:2:", false },
	{ "a byte-order mark and blank lines", "\xef\xbb\xbf\n1\t2\ta\n\n",
	  "audacity", "1000-2000 a|", NULL, false },
	{ "an end before its start", "1\t2\ta\n5\t4\tb\n", "audacity",
	  "1000-2000 a|", "t.txt:2: a label that ends before it starts",
	  false },
	{ "NaN, infinity, hex, exponents",
	  "1\t2\ta\nnan\tnan\tb\ninf\tinf\tc\n"
	  "0x1\t0x2\td\n1e3\t2e3\te\n"
	  "7\t8\tf\n9\t10\tg\n11\t12\th\n",
	  "audacity", "1000-2000 a|7000-8000 f|9000-10000 g|11000-12000 h|",
	  "t.txt:5: expected", false },
	{ "before the capture", "-1.5\t2\ta\n", "audacity", "-1500-2000 a|",
	  NULL, false },
	{ "past all time", "1\t2\ta\n1\t99999999999\tb\n", "audacity",
	  "1000-2000 a|", "t.txt:2:", false },
	{ "nothing", "", NULL, "", NULL, false },
	{ "blanks", " \n\t\r\n", NULL, "", NULL, false },

	{ "Raven",
	  RAVEN "Low Freq (Hz)\tHigh Freq (Hz)\tAnnotation\tMine\n"
		"1\tSpectrogram 1\t1\t0.500000000\t3.250000000\t600.0\t1200.5\t"
		"little\tx y\n"
		"2\tWaveform 1\t1\t4.000000000\t5.000000000\t\t\train\t\n",
	  "raven", "500-3250 little|4000-5000 rain|", NULL, false },
	{ "Raven, as it writes it",
	  RAVEN "Low Freq (Hz)\tHigh Freq (Hz)\tClass\tMine\n"
		"1\tSpectrogram 1\t1\t0.500000000\t3.250000000\t600.0\t1200.5\t"
		"little\tx y\n"
		"2\tSpectrogram 1\t1\t4.000000000\t5.000000000\t10.0\t20.0\t"
		"rain\t\n",
	  "raven", "500-3250 little|4000-5000 rain|", NULL, true },
	{ "a short row", RAVEN "Class\tMine\n1\tS\t1\t0.5\t3.5\tlittle\n",
	  "raven", "500-3500 little|", NULL, true },
	{ "several files, with their offsets",
	  RAVEN "Begin Path\tFile Offset (s)\tAnnotation\n"
		"1\tS\t1\t0.50\t3.50\traw/n1/a.wav\t20.50\tlittle\n"
		"2\tS\t1\t3.50\t9.50\traw/n1/b.wav\t0.00\train\n",
	  "raven",
	  "20500-23500 little @raw/n1/a.wav|0-6000 rain @raw/n1/b.wav|", NULL,
	  true },
	{ "comma decimals", RAVEN "Tag\n1\tS\t1\t0,5\t3,5\tlittle\n", "raven",
	  "500-3500 little|", NULL, true },
	{ "bad rows",
	  RAVEN "Label\n1\tS\t1\tNaN\t3.5\ta\n2\tS\t1\t9\t3\tb\n"
		"3\tS\t1\t1\t2\tc\n4\tS\t1\t1\t2\td\tone too many\n",
	  "raven", "1000-2000 c|", "t.txt:2: expected a selection's times",
	  false },

	{ "hour table",
	  "hour,minutes,seconds,rain_level\n0,0,0,0\n0,12,30,2\n1,5,0,\n"
	  "26,0,0,1\n26,0,10,0\n",
	  "levels",
	  "0-750000 rain=0|750000-3.9e+06 rain=2|"
	  "9.36e+07-9.361e+07 rain=1|9.361e+07-9.361e+07 rain=0|",
	  NULL, true },
	{ "ends without a level",
	  "hour,minutes,seconds,level\n0,0,0,2\n0,1,0,\n", "levels",
	  "0-60000 2|", NULL, true },
	{ "tabs, other order, decimals after a comma",
	  "wind_level\tHour\tMinute\tSecond\nbreeze\t0\t0\t1,5\n"
	  "wind\t0\t0\t3,0\n",
	  "levels", "1500-3000 wind=breeze|3000-3000 wind=wind|", NULL, true },
	{ "back in time",
	  "hour,minutes,seconds,level\n23,0,0,1\n0,0,0,2\n24,0,0,3\n", "levels",
	  "8.28e+07-8.64e+07 1|8.64e+07-8.64e+07 3|",
	  "t.txt:3: earlier than the row before", false },
	{ "no such minute",
	  "hour,minutes,seconds,level\n0,60,0,1\n0,0,60,1\n"
	  "0,0,nan,1\n-1,0,0,1\n0,0,1.5,1\n",
	  "levels", "1500-1500 1|", "t.txt:2: expected hour,minutes", false },
};

static void check_again(size_t i, const struct wx_track_format *f,
			const struct wx_track *t)
{
	const char *want = cases[i].text;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct wx_track again;
	char first[2000];

	snprintf(first, sizeof(first), "%s", shown(t));
	CHECK_INT(cases[i].name, f->write(out, t, NULL), WX_OK);
	fclose(out);
	if (cases[i].same)
		CHECK_STR(cases[i].name, text, want);
	CHECK_INT(cases[i].name,
		  wx_track_parse(text, n, "again", &again, NULL, NULL, NULL),
		  WX_OK);
	CHECK_STR(cases[i].name, shown(&again), first);
	wx_track_fini(&again);
	free(text);
}

static void test_cases(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		const char *name = cases[i].name, *text = cases[i].text;
		const struct wx_track_format *f;
		struct said said = { .text = "" };
		struct wx_log log = { .write = listen, .ctx = &said };
		struct wx_error err = { 0 };
		struct wx_track t;

		CHECK_INT(name,
			  wx_track_parse(text, strlen(text), "t.txt", &t, &f,
					 &log, &err),
			  WX_OK);
		CHECK_STR(name, f ? f->name : NULL, cases[i].format);
		CHECK_STR(name, shown(&t), cases[i].marks);
		CHECK_INT(name, log.n_warnings > 0, cases[i].warned != NULL);
		CHECK(said.text,
		      !cases[i].warned || strstr(said.text, cases[i].warned));
		if (f)
			check_again(i, f, &t);
		wx_track_fini(&t);
	}
}

static void test_refused(void)
{
	static const struct {
		const char *text, *said;
	} bad[] = {
		{ "utc,tips\n2026-06-01T00:00:00Z,1\n", "no label track" },
		{ RAVEN "Mine\n1\tS\t1\t1\t2\tx\n", "one of Annotation" },
		{ RAVEN "Begin File\tClass\n1\tS\t1\t1\t2\ta.wav\tx\n"
			"2\tS\t1\t1\t2\tb.wav\tx\n",
		  "t.txt:3: selections of several files" },
		{ "\x89PNG\r\n\x1a\n", "no label track" },
	};

	for (size_t i = 0; i < WX_COUNT(bad); i++) {
		struct wx_error err = { 0 };
		struct wx_track t;

		CHECK_INT(bad[i].text,
			  wx_track_parse(bad[i].text, strlen(bad[i].text),
					 "t.txt", &t, NULL, NULL, &err),
			  WX_ERR_FORMAT);
		CHECK(err.text, strstr(err.text, bad[i].said));
		wx_track_fini(&t);
	}
}

/* A thousand bad lines are ten warnings and a count. */
static void test_many_bad(void)
{
	char text[16000] = "1\t2\ta\n";
	size_t n = strlen(text);
	struct wx_log log = { 0 };
	struct wx_track t;

	for (int i = 0; i < 15; i++)
		n += (size_t)sprintf(text + n, "%d\t%d\tok\n", i, i + 1);
	for (int i = 0; i < 1000; i++)
		n += (size_t)sprintf(text + n, "9\t1\tend\n");
	CHECK_INT("many", wx_track_parse(text, n, "t", &t, NULL, &log, NULL),
		  WX_OK);
	CHECK_INT("labels", t.n, 16);
	CHECK_INT("warnings", log.n_warnings, 11);
	wx_track_fini(&t);
}

/* What a format has no room for is refused, not bent. */
static void test_no_room(void)
{
	static const struct wx_mark later = { .from_ns = 5,
					      .to_ns = 9,
					      .low_hz = NAN,
					      .high_hz = NAN,
					      .text = "a" },
				    earlier = { .from_ns = 1,
						.to_ns = 7,
						.low_hz = NAN,
						.high_hz = NAN,
						.text = "b" },
				    lines = { .low_hz = NAN,
					      .high_hz = NAN,
					      .text = "a\nb" };
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);
	struct wx_track t;

	wx_track_init(&t);
	wx_track_add(&t, &later, NULL);
	wx_track_add(&t, &earlier, NULL);
	CHECK_INT("overlap", wx_track_levels.write(out, &t, NULL),
		  WX_ERR_RANGE);
	wx_track_add(&t, &lines, NULL);
	CHECK_INT("lines", wx_track_audacity.write(out, &t, NULL),
		  WX_ERR_RANGE);
	CHECK_INT("lines", wx_track_raven.write(out, &t, NULL), WX_ERR_RANGE);
	wx_track_fini(&t);
	fclose(out);
	free(text);
}

int main(void)
{
	test_cases();
	test_refused();
	test_many_bad();
	test_no_room();
	return wx_test_end();
}
