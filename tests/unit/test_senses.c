/* SPDX-License-Identifier: MIT */
/* A node's humidity and sound beside tips, where what fell is known. */
#include "weather/senses.h"

#include <stdlib.h>
#include <string.h>

#include "clock/window.h"
#include "testing.h"
#include "weather/rate.h"

enum { DAY_N = 8640, MOST_TIPS = 4000, WINDOW_S = 10 };
#define NS        INT64_C(1000000000)
#define BUCKET_MM 0.2

static const struct wx_classes aurora = { .n = 3,
					  .name = { "none", "little", "rain" },
					  .limit = { .1, 2.5 },
					  .min_p = .8 };
static struct wx_tip tip[MOST_TIPS];
static struct wx_span record = { .from_ns = -NS, .to_ns = 40 * 86400 * NS };
static struct wx_gauge gauge = { .bucket_mm = BUCKET_MM,
				 .tip = tip,
				 .read = { .v = &record, .n = 1 } };

/*
 * The rain of every day: an hour each four of them; strong and weak by turns
 * of 200 s, the one some 5 mm/h and the other a tenth of that.
 */
static double rain(size_t i)
{
	double t = (double)(i % DAY_N) * WINDOW_S, in = fmod(t, 14400);

	if (in >= 3600)
		return 0;
	return (3 + floor(t / 14400)) * (fmod(in, 400) < 200 ? 1 : .1);
}

static void make_tips(int days)
{
	double mm = 0;

	gauge.n_tips = 0;
	for (size_t i = 0; i < (size_t)days * DAY_N; i++) {
		mm += rain(i) * WINDOW_S / 3600;
		if (mm < BUCKET_MM)
			continue;
		mm -= BUCKET_MM;
		tip[gauge.n_tips++].utc_ns =
			((int64_t)i * WINDOW_S + 5) * NS + 1;
	}
}

enum kind { RIGHT, SHUFFLED, STILL, NOTHING, SAME };

static uint64_t seed = 1;
static double uniform(void)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (double)(seed >> 11) / 9007199254740992.0;
}

/* A microphone 50 dB down, and air that is 40 to 60 when dry and 95 in rain. */
static struct wx_window window(size_t i, enum kind kind)
{
	double r = rain(i), wet = fmod((double)(i % DAY_N) * WINDOW_S, 14400);
	struct wx_window w = { .start_utc = { (int64_t)i * WINDOW_S * NS },
			       .length_s = WINDOW_S,
			       .quality = 1,
			       .max_err_s = .1 };

	w.rain_band_db = -50 + 10 * log10(.05 + pow(r, 1.3)) + uniform();
	w.rel_hum_pct = wet < 4200 ? 95 + uniform() : 40 + 20 * uniform();
	if (i % 7 == 3) /* either may be missing now and then */
		w.rel_hum_pct = NAN;
	if (i % 11 == 5)
		w.rain_band_db = NAN;
	if (kind == SHUFFLED)
		w.rain_band_db = -50 + 20 * uniform();
	if (kind == STILL) {
		w.rain_band_db = -60;
		w.rel_hum_pct = 100;
	}
	if (kind == SAME)
		w.rel_hum_pct = 94 + 3 * uniform();
	if (kind == NOTHING)
		w.rain_band_db = w.rel_hum_pct = NAN;
	return w;
}

static void add_day(struct wx_senses *s, int day, enum kind kind)
{
	wx_senses_begin(s, day);
	for (size_t i = 0; i < DAY_N; i++) {
		/* Backwards: order does not matter. */
		size_t at = (size_t)day * DAY_N + DAY_N - 1 - i;
		struct wx_window w = window(at, kind);

		CHECK_INT("add", wx_senses_add(s, &w, NULL), WX_OK);
	}
	wx_senses_learn(s, &gauge);
}

struct sums {
	size_t used[WX_N_SENSES], right, was_right, n;
	double mm, was_mm, dry_p, was_dry_p;
};

/* The last day's windows, with s and without. */
static struct sums judge(const struct wx_senses *s, int day)
{
	struct sums t = { 0 };
	struct wx_rate r;

	wx_rate_init(&r, &gauge, &aurora);
	for (size_t i = (size_t)day * DAY_N; i < (size_t)(day + 1) * DAY_N;
	     i++) {
		struct wx_time at = { (int64_t)i * WINDOW_S * NS };
		int class = (rain(i) >= .1) + (rain(i) >= 2.5);
		struct wx_class_label was, is;
		struct wx_rate_why why;

		r.senses = NULL;
		wx_rate_label(&r, at, WINDOW_S, 0, &was, &why);
		CHECK_INT("not asked", why.sensed, 0);
		r.senses = s;
		wx_rate_label(&r, at, WINDOW_S, 0, &is, &why);
		CHECK("a probability", is.probs[0] >= 0 && is.probs[1] >= 0 &&
					       is.probs[2] >= 0 && is.p <= 1 &&
					       is.value >= 0);
		CHECK_F64("what it was", why.unsensed_cdf[0], was.probs[0],
			  1e-12);
		for (int k = 0; k < WX_N_SENSES; k++)
			t.used[k] += why.sensed >> k & 1;
		if (!why.sensed)
			CHECK_F64("as it was", is.p, was.p, 0);
		/* Humidity moves no water, and sound none without tips. */
		if (!(why.sensed & WX_SENSE_SOUND))
			CHECK_F64("rate as it was", is.value, was.value, 0);
		else
			CHECK("between two tips",
			      why.prev != SIZE_MAX && why.next != SIZE_MAX);
		t.n++;
		t.mm += is.value;
		t.was_mm += was.value;
		if (class == 0) {
			t.dry_p += is.probs[0];
			t.was_dry_p += was.probs[0];
		}
		t.right += !strcmp(is.name, aurora.name[class]);
		t.was_right += !strcmp(was.name, aurora.name[class]);
	}
	return t;
}

static struct wx_senses *after(unsigned use, int days, enum kind kind)
{
	struct wx_senses *s;

	CHECK_INT("new", wx_senses_new(use, &s, NULL), WX_OK);
	for (int d = 0; d < days; d++)
		add_day(s, d, kind);
	return s;
}

/* Sound knows when it was strong. */
static void test_sound(void)
{
	struct wx_senses *s = after(WX_SENSE_SOUND, 2, RIGHT);
	struct wx_senses_told told;
	struct sums t = judge(s, 1);

	wx_senses_told(s, &told);
	CHECK("gaps", told.n_gaps > 40 && told.n_gaps <= 128);
	CHECK("ranks", told.rank > .8 && told.hears);
	CHECK_F64("slope", told.db_per_db, 1.3, .5);
	CHECK("scatter", told.scatter_db >= 1.5 && told.scatter_db < 3);
	CHECK("used", t.used[1] > 500 && t.used[0] == 0);
	CHECK("righter", t.right > t.was_right + t.used[1] / 10);
	CHECK("the tips keep the total",
	      fabs(t.mm - t.was_mm) < 1e-5 * t.was_mm);
	wx_senses_free(s);
}

static void test_humidity(void)
{
	struct wx_senses *s = after(WX_SENSE_HUMIDITY, 2, RIGHT);
	struct wx_senses_told told;
	struct sums t = judge(s, 1);

	wx_senses_told(s, &told);
	CHECK("hours", told.wet_h > 4 && told.dry_h > 4);
	CHECK("used", t.used[0] > 1000 && t.used[1] == 0);
	CHECK("surer of none where it is", t.dry_p > t.was_dry_p);
	CHECK("no worse", t.right >= t.was_right);
	wx_senses_free(s);
}

/* What has nothing to say changes nothing, or hardly anything. */
static void test_bad(void)
{
	static const struct {
		const char *what;
		unsigned use;
		enum kind kind;
	} cases[] = {
		{ "loud at any time", WX_SENSE_SOUND, SHUFFLED },
		{ "dead", WX_SENSE_SOUND, STILL },
		{ "stands at 100", WX_SENSE_HUMIDITY, STILL },
		{ "damp all the time", WX_SENSE_HUMIDITY, SAME },
		{ "neither", WX_SENSE_HUMIDITY | WX_SENSE_SOUND, NOTHING },
		{ "not asked for", 0, RIGHT },
	};

	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		struct wx_senses *s = after(cases[i].use, 1, cases[i].kind);
		struct wx_senses_told told;
		struct sums t = judge(s, 0);

		wx_senses_told(s, &told);
		CHECK_INT(cases[i].what, t.right, t.was_right);
		CHECK_F64(cases[i].what, t.dry_p / (double)t.n,
			  t.was_dry_p / (double)t.n, .02);
		CHECK_INT(cases[i].what, t.used[1], 0);
		CHECK("not believed",
		      !told.hears || cases[i].use != WX_SENSE_SOUND);
		wx_senses_free(s);
	}
}

/* Days are forgotten; so are windows that say they are bad. */
static void test_days(void)
{
	struct wx_senses *s = after(WX_SENSE_SOUND, 1, RIGHT);
	struct wx_window w = window(0, RIGHT);
	struct wx_senses_told told, later;
	struct wx_rate_why why = { 0 };
	double mm_h = 1, cdf[WX_MAX_LIMITS] = { .1, .9 };
	struct wx_rate r;

	wx_senses_told(s, &told);
	wx_senses_begin(s, WX_SENSES_DAYS);
	wx_senses_learn(s, &gauge);
	wx_senses_told(s, &later);
	CHECK_INT("a fortnight", later.n_gaps, told.n_gaps);
	wx_senses_begin(s, WX_SENSES_DAYS + 1);
	wx_senses_learn(s, &gauge);
	wx_senses_told(s, &later);
	CHECK_INT("and no longer", later.n_gaps, 0);
	CHECK("so not believed", !later.hears);

	wx_rate_init(&r, &gauge, &aurora);
	wx_senses_begin(s, 20);
	w.quality = 4;
	CHECK_INT("bad", wx_senses_add(s, &w, NULL), WX_OK);
	w = window(0, RIGHT);
	w.max_err_s = 1000;
	CHECK_INT("anywhere", wx_senses_add(s, &w, NULL), WX_OK);
	w.start_utc = WX_TIME_NONE;
	CHECK_INT("undated", wx_senses_add(s, &w, NULL), WX_OK);
	w = window(1, RIGHT);
	w.rel_hum_pct = 1e9;
	w.rain_band_db = -1e9;
	CHECK_INT("no numbers", wx_senses_add(s, &w, NULL), WX_OK);
	wx_senses_learn(s, &gauge);
	CHECK_INT("nothing", wx_senses_weigh(s, &r, 0, NS, &why, &mm_h, cdf),
		  0);
	wx_senses_begin(s, INT64_MAX / 2); /* by a name of a file */
	w = window(0, RIGHT);
	CHECK_INT("that day", wx_senses_add(s, &w, NULL), WX_OK);
	wx_senses_learn(s, &gauge);
	CHECK_INT("no day", wx_senses_weigh(s, &r, 0, NS, &why, &mm_h, cdf), 0);
	wx_senses_rest(s);
	CHECK_INT("at rest", wx_senses_weigh(s, &r, 0, NS, &why, &mm_h, cdf),
		  0);
	CHECK_F64("as it was", mm_h, 1, 0);
	wx_senses_free(s);
	wx_senses_free(NULL);
}

static void test_parse(void)
{
	static const struct {
		const char *text;
		bool ok;
		unsigned use;
	} cases[] = {
		{ "none", true, 0 },        { "humidity", true, 1 },
		{ "sound", true, 2 },       { "sound,humidity", true, 3 },
		{ "", false, 0 },           { "sound,", false, 0 },
		{ ",sound", false, 0 },     { "sounds", false, 0 },
		{ "none,sound", false, 0 }, { "soun", false, 0 },
	};

	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		unsigned use;
		bool ok = wx_senses_parse(cases[i].text, &use);

		CHECK_INT(cases[i].text, ok, cases[i].ok);
		if (ok)
			CHECK_INT(cases[i].text, use, cases[i].use);
	}
}

int main(void)
{
	make_tips(2);
	test_sound();
	test_humidity();
	test_bad();
	test_days();
	test_parse();
	return wx_test_end();
}
