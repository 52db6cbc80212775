/* SPDX-License-Identifier: MIT */
/*
 * Leaks of made seasons: none by blocks, most of the testing side at random;
 * and balance, which leaves out whole blocks of training alone.
 */
#include "dataset/leak.h"

#include <stdlib.h>

#include "dataset/balance.h"
#include "testing.h"

enum {
	SITES = 20,
	DAYS = 20,
	PER_HOUR = 12,
	N = DAYS * 24 * PER_HOUR,
	NODES = 2
};

static struct {
	struct wx_time start;
	int class;
} win[N];

/* A season whose hours are none, or little and rain by turns. */
static void make_site(unsigned seed)
{
	int class = 0, left = 0;

	srand(seed);
	for (int i = 0; i < N; i++, left--) {
		if (left <= 0) {
			class = rand() % 4 ? 0 : 1 + rand() % 2;
			left = 6 + rand() % (class ? 40 : 200);
		}
		win[i].start.utc_ns = INT64_C(1780000000) * WX_NS_PER_S +
				      i * (3600 / PER_HOUR) * WX_NS_PER_S;
		win[i].class = class;
	}
}

static struct wx_split *deal(uint64_t seed)
{
	struct wx_split *s = wx_split_new(WX_SPLIT_PURGE_S);

	for (int i = 0; i < N; i++)
		wx_split_add(s, win[i].start, 10, win[i].class,
			     win[i].class > 0, NULL);
	wx_split_deal(s, 0.2, seed);
	return s;
}

static void check_site(unsigned seed)
{
	struct wx_split *s = deal(seed);
	struct wx_leak *l = wx_leak_new();
	struct wx_leak_sum sum;
	int n_testing = 0;

	/* Node by node, hence not by time; their clocks are a little apart. */
	for (int node = 0; node < NODES; node++)
		for (int i = 0; i < N; i++) {
			struct wx_time t =
				wx_time_add_s(win[i].start, node * 0.2);
			enum wx_side side = wx_split_side(s, t, 10);

			if (side == WX_SIDE_PURGED)
				continue;
			n_testing += side == WX_SIDE_TESTING;
			wx_leak_add(l, t, 10, side, NULL);
		}
	wx_leak_measure(l, WX_SPLIT_PURGE_S, seed, &sum);
	CHECK_INT("testing", sum.n_testing, n_testing);
	CHECK_INT("leaking", sum.n_leaking, 0);
	CHECK_F64("as many at random", sum.n_random_testing, n_testing,
		  0.15 * n_testing);
	CHECK("nearly all of them leak",
	      sum.n_random_leaking * 100 > sum.n_random_testing * 95);
	wx_leak_free(l);
	wx_split_free(s);
}

/* One sample against another: which distance is a leak? */
static void check_edges(void)
{
	static const struct {
		double training_s, testing_s;
		int leaks;
	} cases[] = {
		{ 0, 610, 0 }, /* ends at 10: the gap is 600 */
		{ 0, 609, 1 }, { 610, 0, 0 }, { 609, 0, 1 },
		{ 5, 0, 1 },   { 0, 5, 1 },   { 0, 0, 1 },
	};

	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		struct wx_leak *l = wx_leak_new();
		struct wx_time t = { 1780000000 * WX_NS_PER_S };
		struct wx_leak_sum sum;

		wx_leak_add(l, wx_time_add_s(t, cases[i].training_s), 10,
			    WX_SIDE_TRAINING, NULL);
		wx_leak_add(l, wx_time_add_s(t, cases[i].testing_s), 10,
			    WX_SIDE_TESTING, NULL);
		wx_leak_measure(l, 600, 1, &sum);
		CHECK_INT("edge", sum.n_leaking, cases[i].leaks);
		wx_leak_free(l);
	}
}

static void check_balance(unsigned seed, double ratio, int64_t limit)
{
	struct wx_split *s = deal(seed);
	struct wx_balance *b = wx_balance_new();
	double before[3] = { 0 }, after[3] = { 0 }, rarest, most;
	int broken = 0;

	for (int node = 0; node < NODES; node++)
		for (int i = 0; i < N; i++) {
			if (wx_split_side(s, win[i].start, 10))
				continue;
			before[win[i].class]++;
			wx_balance_add(b, wx_split_block(s, win[i].start),
				       win[i].class, NULL);
		}
	CHECK_INT("deal", wx_balance_deal(b, ratio, limit, seed, NULL), WX_OK);
	for (int i = 0; i < N; i++) {
		bool drop =
			wx_balance_drops(b, wx_split_block(s, win[i].start));

		if (wx_split_side(s, win[i].start, 10))
			continue;
		after[win[i].class] += drop ? 0 : NODES;
		/* whole blocks: neighbours of one block share its fate */
		broken +=
			i && wx_split_side(s, win[i - 1].start, 10) == 0 &&
			wx_split_block(s, win[i].start).utc_ns ==
				wx_split_block(s, win[i - 1].start).utc_ns &&
			drop != wx_balance_drops(
					b, wx_split_block(s, win[i - 1].start));
	}
	rarest = fmin(before[0], fmin(before[1], before[2]));
	most = fmin(ratio * rarest, limit ? (double)limit : INFINITY);
	CHECK_INT("blocks in part", broken, 0);
	for (int c = 0; c < 3; c++) {
		CHECK("none below its limit",
		      after[c] >= fmin(before[c], most));
		CHECK("none gained", after[c] <= before[c]);
	}
	CHECK("the common one is cut down to it, but for a block",
	      after[0] <=
		      fmax(fmin(before[0], most), 0) + 24 * PER_HOUR * NODES);
	wx_balance_free(b);
	wx_split_free(s);
}

/* Two dozen classes of each rain and wind: none is taken for another. */
static void check_many(void)
{
	struct wx_balance *b = wx_balance_new();
	struct wx_time t = { 0 };

	for (int class = 0; class < 24 * 24; class += 5)
		CHECK_INT("add", wx_balance_add(b, t, class, NULL), WX_OK);
	for (int class = 0; class < 24 * 24; class ++)
		CHECK_INT("blocks", wx_balance_n_blocks(b, class),
			  class % 5 == 0);
	wx_balance_free(b);
}

int main(void)
{
	for (unsigned seed = 1; seed <= SITES; seed++) {
		make_site(seed);
		check_site(seed);
		check_balance(seed, 1.5, 0);
		check_balance(seed, INFINITY, 200);
		check_balance(seed, INFINITY, 0);
	}
	check_edges();
	check_many();
	return wx_test_end();
}
