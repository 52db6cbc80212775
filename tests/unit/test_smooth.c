/* SPDX-License-Identifier: MIT */
/* The smoother, on tips of rain whose truth is known. */
#include "weather/smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "testing.h"
#include "weather/states.h"

#define NS INT64_C(1000000000)
enum { MANY = 12000 };

static const struct wx_classes aurora = { .n = 3,
					  .name = { "none", "little", "rain" },
					  .limit = { .1, 2.5 } };
static struct wx_tip tip[MANY];
static struct wx_span record;
static struct wx_gauge gauge;

static void gauge_set(double bucket_mm, size_t n, double from_s, double to_s)
{
	record = (struct wx_span){ .from_ns = (int64_t)(from_s * 1e9),
				   .to_ns = (int64_t)(to_s * 1e9) };
	gauge = (struct wx_gauge){ .bucket_mm = bucket_mm,
				   .tip = tip,
				   .n_tips = n,
				   .read = { .v = &record, .n = 1 } };
}

static void tips_every(double gap_s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		tip[i] = (struct wx_tip){ .utc_ns = (int64_t)((double)i *
							      gap_s * 1e9) };
}

static uint64_t seed = 88172645463325252U;

static double uniform(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (double)(seed >> 11) / 9007199254740992.0;
}

static void test_law(void)
{
	static struct wx_states st;
	struct wx_states_law law;
	double share = 0;

	CHECK_INT("built in", wx_states_law_read(&law, NULL), WX_OK);
	wx_states_init(&st, &law);
	for (int n = 0; n < WX_STATE_STEPS; n++)
		for (int i = 0; i < WX_STATES; i++) {
			double sum = 0;

			for (int j = 0; j < WX_STATES; j++) {
				CHECK("chance", st.move[n][i][j] > -1e-6F);
				sum += (double)st.move[n][i][j];
			}
			CHECK_F64("a row of moves", sum, 1, 1e-4);
		}
	for (int i = 0; i < WX_STATES; i++)
		share += st.share[i];
	CHECK_F64("shares", share, 1, 1e-6);
	CHECK("dry most of the time", st.share[0] + st.share[1] > .7);
	CHECK_F64("dry is below", wx_states_below(&st, 0, .1), 1, 0);
	CHECK_F64("heavy is above", wx_states_below(&st, WX_STATES - 1, 2.5), 0,
		  1e-9);
	CHECK_INT("a quarter second", wx_states_step(.25), 0);
	CHECK_INT("a second", wx_states_step(1), 8);
	CHECK_INT("a year", wx_states_step(3e7), WX_STATE_STEPS - 1);
}

/* A model is its schema's, whole. */
static void test_model(void)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[1]",
		"{\"model\":\"x\",\"series\":[],\"hold_s\":0}",
		"{\"model\":\"x\",\"series\":[\"a\"],\"ln_mean\":0}",
	};
	struct wx_states_law law;

	for (size_t i = 0; i < WX_COUNT(bad); i++) {
		struct wx_error err = { 0 };

		CHECK_INT(bad[i],
			  wx_states_law_parse(bad[i], strlen(bad[i]), "m.json",
					      &law, &err),
			  WX_ERR_FORMAT);
		CHECK("names it", strstr(err.text, "m.json") != NULL);
	}
}

/* Steady rain, and the class that nobody can doubt. */
static void test_steady(struct wx_smooth *s)
{
	static const struct {
		double bucket_mm, gap_s;
		int class;
	} cases[] = {
		{ .2, 72, 2 },  { .2, 900, 1 },    { .2, 3, 2 },
		{ .1, 36, 2 },  { .254, 1143, 1 }, { .2794, 100, 2 },
		{ .2, 150, 2 },
	};

	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		double cdf[WX_MAX_LIMITS], p;

		tips_every(cases[i].gap_s, 40);
		gauge_set(cases[i].bucket_mm, 40, -86400, 86400);
		wx_smooth_begin(s, &gauge, &aurora);
		CHECK("told",
		      wx_smooth_at(s, &record,
				   (int64_t)(20.4 * cases[i].gap_s) * NS, cdf));
		p = cases[i].class == 2 ? 1 - cdf[1] : cdf[1] - cdf[0];
		CHECK("sure of it", p > .85);
		CHECK("rising", cdf[0] >= 0 && cdf[0] <= cdf[1] && cdf[1] <= 1);
	}
}

/* Whatever a limit that no rain reaches: all of it is below. */
static void test_whole(struct wx_smooth *s)
{
	static const struct wx_classes one = { .n = 2,
					       .name = { "any", "flood" },
					       .limit = { 1e6 } };
	static const double gap_s[] = { 3, 20, 70, 250, 900, 2500 };
	double cdf[WX_MAX_LIMITS];

	for (size_t i = 0; i < WX_COUNT(gap_s); i++) {
		tips_every(gap_s[i], 300);
		gauge_set(.2, 300, -86400, 1e6);
		wx_smooth_begin(s, &gauge, &one);
		CHECK("told",
		      wx_smooth_at(s, &record, (int64_t)(150.4 * gap_s[i]) * NS,
				   cdf));
		CHECK_F64("all", cdf[0], 1, 1e-4);
	}
}

static void test_far(struct wx_smooth *s)
{
	double cdf[WX_MAX_LIMITS];

	tips_every(300, 3);
	gauge_set(.2, 3, -1e6, 1e6);
	wx_smooth_begin(s, &gauge, &aurora);
	CHECK("far before", !wx_smooth_at(s, &record, -22000 * NS, cdf));
	CHECK("far after", !wx_smooth_at(s, &record, 22700 * NS, cdf));
	CHECK("near", wx_smooth_at(s, &record, 18000 * NS, cdf));
	CHECK("and dry", cdf[0] > .9);
	gauge_set(.2, 0, -1e6, 1e6);
	wx_smooth_begin(s, &gauge, &aurora);
	CHECK("no tips", !wx_smooth_at(s, &record, 0, cdf));
}

/* An outage says nothing: what is beyond it does not matter. */
static void test_outage(struct wx_smooth *s)
{
	double alone[WX_MAX_LIMITS], cdf[WX_MAX_LIMITS];

	tips_every(300, 20);
	gauge_set(.2, 10, -1000, 2800);
	wx_smooth_begin(s, &gauge, &aurora);
	CHECK("told", wx_smooth_at(s, &record, 2750 * NS, alone));
	gauge.n_tips = 20;
	wx_smooth_begin(s, &gauge, &aurora);
	CHECK("told", wx_smooth_at(s, &record, 2750 * NS, cdf));
	for (int i = 0; i < 2; i++)
		CHECK_F64("the same", cdf[i], alone[i], 1e-6);
}

/* In any order of asking, over many blocks, it says the same. */
static void test_blocks(struct wx_smooth *s)
{
	enum { N = 420, ASKED = 38 };
	double first[ASKED], cdf[WX_MAX_LIMITS], t = 0;

	for (size_t i = 0; i < N; i++) {
		t += 30 + 600 * uniform() + (uniform() < .02 ? 50000 : 0);
		tip[i] = (struct wx_tip){ .utc_ns = (int64_t)(t * 1e9) };
	}
	gauge_set(.2, N, -5000, t + 5000);
	wx_smooth_begin(s, &gauge, &aurora);
	for (int i = 0; i < ASKED; i++) {
		int64_t at = tip[i * 11].utc_ns + 20 * NS;

		first[i] = NAN;
		if (wx_smooth_at(s, &record, at, cdf))
			first[i] = cdf[1];
		CHECK("told", !isnan(first[i]));
	}
	for (int i = ASKED - 1; i >= 0; i -= 7) {
		wx_smooth_at(s, &record, tip[i * 11].utc_ns + 20 * NS, cdf);
		CHECK_F64("the same", cdf[1], first[i], 0);
	}
}

/* Tips that no rain makes: an answer all the same, and an end. */
static void test_hostile(struct wx_smooth *s)
{
	double cdf[WX_MAX_LIMITS];

	tips_every(.006, 10000);
	gauge_set(.2, 10000, -60, 120);
	wx_smooth_begin(s, &gauge, &aurora);
	CHECK("10,000 in a minute", wx_smooth_at(s, &record, 30 * NS, cdf));
	CHECK("heavy", cdf[1] < .01);
	for (int i = 0; i < 300; i++)
		tip[i] = (struct wx_tip){ .utc_ns = (i / 150) * NS };
	gauge_set(.2, 300, -60, 120);
	wx_smooth_begin(s, &gauge, &aurora);
	CHECK("at one instant", wx_smooth_at(s, &record, NS / 2, cdf));
	CHECK("a number", cdf[0] >= 0 && cdf[1] <= 1.0001);
}

/* A state a step later, drawn. */
static int drawn(const struct wx_states *st, int move, int state)
{
	double u = uniform();

	for (int j = 0; j < WX_STATES; j++) {
		u -= (double)st->move[move][state][j];
		if (u < 0)
			return j;
	}
	return state;
}

/*
 * Rain of the law itself, or of a character that it does not begin with: of
 * what it says with p, p must be so, and its tips tell which character it is.
 */
static void test_honest(enum wx_character character)
{
	enum { STEP_S = 10, N = 5 * 8640 };
	struct wx_smooth *s = NULL;
	static struct wx_states st;
	static int state[N];
	double n[5] = { 0 }, said[5] = { 0 }, right[5] = { 0 };
	double mm = .1, cdf[WX_MAX_LIMITS], share[WX_CHARACTERS];
	struct wx_states_law law, of;
	/* Leaner ones take less time; there fewer windows are of a few gaps. */
	int n_steps = character == WX_COMMON ? N : N * 3 / 5;
	int least = character == WX_COMMON ? 1500 : 3000;
	size_t n_tips = 0, told = 0, known = 0;

	CHECK_INT("built in", wx_states_law_read(&law, NULL), WX_OK);
	law.dry_s = 10000; /* no dry weeks */
	of = wx_states_law_of(&law, character);
	wx_states_init(&st, &of);
	CHECK_INT("new", wx_smooth_new(&law, &s, NULL), WX_OK);
	for (int i = 0; i < n_steps; i++) {
		state[i] = drawn(&st, wx_states_step(STEP_S),
				 i ? state[i - 1] : 1);
		mm += st.rate_mm_h[state[i]] * STEP_S / 3600;
		while (mm >= .2 && n_tips < MANY) {
			tip[n_tips++] =
				(struct wx_tip){ .utc_ns = (int64_t)(i + .5) *
							   STEP_S * NS };
			mm -= .2;
		}
	}
	gauge_set(.2, n_tips, 0, (double)n_steps * STEP_S);
	wx_smooth_begin(s, &gauge, &aurora);
	for (int i = 0; i < n_steps; i++) {
		double p;
		int k;

		if (!wx_smooth_at(s, &record, (int64_t)i * STEP_S * NS, cdf))
			continue;
		wx_smooth_characters(s, share);
		told++;
		known += share[character] > .4;
		p = 1 - cdf[0]; /* wet */
		k = (int)fmin(p * 5, 4);
		n[k]++;
		said[k] += p;
		right[k] += 1 - wx_states_below(&st, state[i], .1);
	}
	for (int k = 0; k < 5; k++)
		if (n[k] > least)
			CHECK_F64("as often as it says", right[k] / n[k],
				  said[k] / n[k], .15);
	CHECK("knows its character", known > told * 7 / 10);
	wx_smooth_free(s);
}

int main(void)
{
	struct wx_smooth *s = NULL;

	CHECK_INT("new", wx_smooth_new(NULL, &s, NULL), WX_OK);
	test_law();
	test_model();
	test_steady(s);
	test_whole(s);
	test_far(s);
	test_outage(s);
	test_blocks(s);
	test_hostile(s);
	for (int k = 0; k < WX_CHARACTERS; k++)
		test_honest((enum wx_character)k);
	wx_smooth_free(s);
	return wx_test_end();
}
