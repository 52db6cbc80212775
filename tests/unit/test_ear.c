/* SPDX-License-Identifier: MIT */
/* Words into classes, labels into windows. */
#include "weather/ear.h"

#include "testing.h"

enum { N = WX_EAR_NOTHING, U = WX_EAR_UNKNOWN };
#define S INT64_C(1000000000)

static struct wx_profile profile = {
	"test",
	{ 3, { "none", "little", "rain" }, { .1, 2.5 }, .15, .8 },
	{ 3, { "none", "breeze", "wind" }, { 1.5, 5.5 }, .15, .8 },
	{ 2, { 2, 4 } },
	{ 0, { 0 } },
	true,
	0,
};

static const struct {
	const char *text;
	bool ok;
	int rain, wind;
} words[] = {
	{ "", true, N, N },
	{ "little", true, 1, N },
	{ " Little,BREEZE ; ", true, 1, 1 },
	{ "none", false, N, N }, /* of which? */
	{ "rain=none", true, 0, N },
	{ "wind:none rain", true, 2, 0 },
	{ "birds", false, N, N },
	{ "rain birds", false, N, N }, /* half a label is none */
	{ "rain=birds", false, N, N },
	{ "rain=wind", false, N, N },
	{ "unknown", true, U, U },
	{ "?", true, U, U },
	{ "wind=unknown rain=little", true, 1, U },
	{ "rain=unknown", true, U, N },
	{ "little rain", true, U, N }, /* contradicts itself */
	{ "0", true, 0, N },
	{ "1.9", true, 0, N },
	{ "rain=2", true, 1, N },
	{ "4+", true, 2, N },
	{ "rain=99", true, 2, N },
	{ "-1", false, N, N },
	{ "nan", false, N, N },
	{ "wind=2", false, N, N }, /* the profile knows no levels of wind */
	{ "rain=", false, N, N },
	{ "=", false, N, N },
};

static void test_words(void)
{
	for (size_t i = 0; i < WX_COUNT(words); i++) {
		char word[WX_CLASS_NAME_SIZE] = "";
		int rain, wind;

		CHECK_INT(words[i].text,
			  wx_ear_parse(&profile, words[i].text, &rain, &wind,
				       word),
			  words[i].ok);
		CHECK_INT(words[i].text, rain, words[i].rain);
		CHECK_INT(words[i].text, wind, words[i].wind);
		CHECK(words[i].text, words[i].ok || *word);
	}
}

/* Labels in seconds, and a window from 100 to 110. */
static const struct {
	const char *name;
	struct {
		int from, to, class;
	} heard[4];
	int sigma_s;
	bool told, mixed;
	const char *class;
	double p[3];
	int keep, warnings;
} windows[] = {
	{ "nothing", { { 0 } }, 0, false, false, "", { 0 }, 0, 0 },
	{ "all of it",
	  { { 90, 120, 2 } },
	  0,
	  true,
	  false,
	  "rain",
	  { 0, 0, 1 },
	  1,
	  0 },
	{ "half of it",
	  { { 90, 105, 1 } },
	  0,
	  true,
	  false,
	  "little",
	  { 0, 1, 0 },
	  1,
	  0 },
	{ "less", { { 90, 104, 1 } }, 0, false, false, "", { 0 }, 0, 0 },
	{ "it ends where the window begins",
	  { { 90, 100, 1 }, { 110, 120, 2 } },
	  0,
	  false,
	  false,
	  "",
	  { 0 },
	  0,
	  0 },
	{ "two classes",
	  { { 90, 103, 1 }, { 103, 120, 2 } },
	  0,
	  true,
	  true,
	  "rain",
	  { 0, .3, .7 },
	  0,
	  0 },
	{ "mostly one",
	  { { 90, 102, 1 }, { 102, 120, 2 } },
	  0,
	  true,
	  true,
	  "rain",
	  { 0, .2, .8 },
	  1,
	  0 },
	{ "even: the lower",
	  { { 90, 105, 1 }, { 105, 120, 2 } },
	  0,
	  true,
	  true,
	  "little",
	  { 0, .5, .5 },
	  0,
	  0 },
	{ "the same twice, overlapping",
	  { { 90, 106, 2 }, { 104, 120, 2 } },
	  0,
	  true,
	  false,
	  "rain",
	  { 0, 0, 1 },
	  1,
	  0 },
	{ "contradiction",
	  { { 90, 120, 2 }, { 104, 110, 1 } },
	  0,
	  true,
	  true,
	  "",
	  { 0 },
	  0,
	  1 },
	{ "a short contradiction",
	  { { 90, 120, 2 }, { 107, 109, 0 } },
	  0,
	  true,
	  true,
	  "rain",
	  { .2 / 3, .2 / 3, .8 + .2 / 3 },
	  1,
	  1 },
	{ "told that it is unknown",
	  { { 90, 120, U } },
	  0,
	  true,
	  false,
	  "",
	  { 0 },
	  0,
	  0 },
	{ "of any order",
	  { { 106, 120, 0 }, { 90, 106, 1 } },
	  0,
	  true,
	  true,
	  "little",
	  { .4, .6, 0 },
	  0,
	  0 },
	/* 10 s off to either side: a sixth each is silence or another. */
	{ "an uncertain clock",
	  { { 60, 112, 2 }, { 112, 140, 0 } },
	  10,
	  true,
	  true,
	  "rain",
	  { 1 / 6., 0, 5 / 6. },
	  1,
	  0 },
};

static void test_window(size_t i)
{
	const char *name = windows[i].name, *by_file = "";
	struct wx_class_label l = { .value = 7,
				    .name = "old",
				    .source = "tips" };
	struct wx_log log = { 0 };
	const struct wx_heard *by = NULL;
	struct wx_ear e = { 0 };
	bool mixed = false, told;

	for (int k = 0; k < 4 && windows[i].heard[k].to; k++) {
		struct wx_heard h = { windows[i].heard[k].from * S,
				      windows[i].heard[k].to * S,
				      windows[i].heard[k].class, "t.txt",
				      k + 1 };

		CHECK_INT(name, wx_ear_add(&e, &h, NULL), WX_OK);
	}
	CHECK_INT(name, wx_ear_finish(&e, &log, NULL), WX_OK);
	CHECK_INT(name, log.n_warnings, windows[i].warnings);
	for (size_t k = 1; k < e.n; k++)
		CHECK(name, e.v[k].from_ns >= e.v[k - 1].to_ns);
	told = wx_ear_label(&e, &profile.rain, 100 * S, 110 * S,
			    windows[i].sigma_s * S, &l, &by, &mixed);
	CHECK_INT(name, told, windows[i].told);
	CHECK_F64(name, l.value, 7, 0);
	CHECK_STR(name, l.source, told ? "track" : "tips");
	CHECK_STR(name, l.name, told ? windows[i].class : "old");
	CHECK_INT(name, l.keep, windows[i].keep);
	CHECK_INT(name, mixed, windows[i].mixed);
	for (int k = 0; k < l.n_probs; k++)
		CHECK_F64(name, l.probs[k], windows[i].p[k], 1e-6);
	if (told && by)
		by_file = by->file;
	CHECK_STR(name, by_file, told ? "t.txt" : "");
	wx_ear_fini(&e);
}

/* A window's label does not depend on which was asked for before. */
static void test_order(void)
{
	struct wx_ear e = { 0 }, fresh = { 0 };
	const struct wx_heard *by;
	bool mixed;

	for (int i = 0; i < 200; i++) {
		struct wx_heard h = { i * 7 % 500 * S, (i * 7 % 500 + 9) * S,
				      i % 3, "t", i };

		wx_ear_add(&e, &h, NULL);
		wx_ear_add(&fresh, &h, NULL);
	}
	wx_ear_finish(&e, NULL, NULL);
	wx_ear_finish(&fresh, NULL, NULL);
	for (int i = 0; i < 500; i++) {
		int64_t t = i * 7919 % 520 * S;
		struct wx_class_label a = { .name = "" }, b = { .name = "" };
		bool told = wx_ear_label(&e, &profile.rain, t, t + 10 * S, 0,
					 &a, &by, &mixed);

		fresh.at = 0;
		CHECK_INT("told",
			  wx_ear_label(&fresh, &profile.rain, t, t + 10 * S, 0,
				       &b, &by, &mixed),
			  told);
		CHECK_STR("class", a.name, b.name);
	}
	wx_ear_fini(&e);
	wx_ear_fini(&fresh);
}

int main(void)
{
	test_words();
	for (size_t i = 0; i < WX_COUNT(windows); i++)
		test_window(i);
	test_order();
	return wx_test_end();
}
