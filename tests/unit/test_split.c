/* SPDX-License-Identifier: MIT */
/* Properties of the split, over many made seasons. */
#include "dataset/split.h"

#include <stdlib.h>

#include "testing.h"

enum { N = 30 * 24 * 60 }; /* windows a minute apart, 30 days */

static struct {
	struct wx_time start;
	int class;
	int event; /* 0: none */
} win[N];

/* Rain events of 5 min to 6 h, with dry gaps of up to 29 min inside. */
static void make_season(unsigned seed)
{
	int event = 0;

	srand(seed);
	for (int i = 0; i < N; i++) {
		win[i].start.utc_ns = INT64_C(1700000000) * WX_NS_PER_S +
				      i * 60 * WX_NS_PER_S;
		win[i].class = win[i].event = 0;
	}
	for (int i = rand() % 600; i < N; i += 120 + rand() % 2000) {
		int len = 5 + rand() % 355, gap = 0;

		event++;
		for (; len-- && i < N; i++) {
			win[i].event = event;
			if (gap == 0 && i && win[i - 1].class &&
			    rand() % 40 == 0)
				gap = 1 + rand() % 29;
			if (gap && len > 30)
				gap--;
			else
				win[i].class = 1 + (rand() % 3 == 0);
		}
	}
}

static struct wx_split *deal(double share, unsigned seed, int n)
{
	struct wx_split *s = wx_split_new(WX_SPLIT_PURGE_S);

	for (int i = 0; i < n; i++)
		wx_split_add(s, win[i].start, 10, win[i].class,
			     win[i].class > 0, NULL);
	wx_split_deal(s, share, seed);
	return s;
}

static void check_season(unsigned seed)
{
	static enum wx_side side[N];
	struct wx_split *s = deal(0.2, seed, N);
	struct wx_split *half = deal(0.2, seed, N / 2);
	int n[3][3] = { { 0 } };
	int close = 0, split_events = 0, moved = 0;
	int last_train = -1000, last_test = -1000, event_side[2000];

	memset(event_side, -1, sizeof(event_side));
	for (int i = 0; i < N; i++) {
		side[i] = wx_split_side(s, win[i].start, 10);
		n[side[i]][win[i].class]++;
		if (side[i] == WX_SIDE_TRAINING)
			last_train = i;
		if (side[i] == WX_SIDE_TESTING)
			last_test = i;
		if (side[i] != WX_SIDE_PURGED)
			close += abs(last_train - last_test) < 10;
		if (win[i].event && side[i] != WX_SIDE_PURGED) {
			int *e = &event_side[win[i].event];

			split_events += *e >= 0 && *e != (int)side[i];
			*e = (int)side[i];
		}
		/* a day from the end of the half, nothing may have moved */
		if (i < N / 2 - 1440)
			moved += wx_split_side(half, win[i].start, 10) !=
				 side[i];
	}
	CHECK_INT("train and test under 10 min apart", close, 0);
	CHECK_INT("events on both sides", split_events, 0);
	CHECK_INT("moved by later data", moved, 0);
	for (int c = 0; c < 3; c++) {
		double all = n[0][c] + n[1][c] + n[2][c];

		CHECK("every class trains", n[WX_SIDE_TRAINING][c] > 0);
		CHECK("every class is tested", n[WX_SIDE_TESTING][c] > 0);
		CHECK_F64("share tested", n[WX_SIDE_TESTING][c] / all, 0.2,
			  0.2);
	}
	CHECK("purged little", n[WX_SIDE_PURGED][0] < N / 5);
	wx_split_free(s);
	wx_split_free(half);
}

/* What a project has stays, though the deal of more data has it otherwise. */
static void check_locks(void)
{
	static enum wx_side side[N];
	struct wx_split *s, *more;
	int moved = 0, kept = 0;

	make_season(3);
	s = deal(0.2, 3, N / 2);
	for (int i = 0; i < N / 2; i++)
		side[i] = wx_split_side(s, win[i].start, 10);
	/* Another seed deals all anew, but for these. */
	more = wx_split_new(WX_SPLIT_PURGE_S);
	for (int i = 0; i < N; i++)
		wx_split_add(more, win[i].start, 10, win[i].class,
			     win[i].class > 0, NULL);
	for (int i = 0; i < N / 2; i++)
		if (i % 7 == 0)
			wx_split_lock(more, win[i].start, side[i]);
	wx_split_lock(more, (struct wx_time){ 0 }, WX_SIDE_TESTING);
	wx_split_deal(more, 0.3, 99);
	for (int i = 0; i < N / 2; i++) {
		enum wx_side now = wx_split_side(more, win[i].start, 10);

		/* Purged is no side: next to a new test block it may be. */
		moved += side[i] == WX_SIDE_TESTING && now != WX_SIDE_TESTING;
		moved += side[i] == WX_SIDE_TRAINING && now == WX_SIDE_TESTING;
		kept += now == side[i];
	}
	CHECK_INT("moved though locked", moved, 0);
	CHECK("most are where they were", kept > N / 2 * 8 / 10);
	wx_split_free(s);
	wx_split_free(more);
}

/* A capture of hours may not lie on both sides of a border within it. */
static void check_long(void)
{
	struct wx_split *s = deal(0.2, 1, N);
	int bad = 0;

	for (int i = 0; i + 300 < N; i += 60) {
		enum wx_side whole = wx_split_side(s, win[i].start, 5 * 3600);

		for (int k = i; k < i + 300 && whole != WX_SIDE_PURGED; k++)
			bad += wx_split_side(s, win[k].start, 10) != whole;
	}
	CHECK_INT("windows of another side in a capture", bad, 0);
	wx_split_free(s);
}

static void odd_ones(void)
{
	struct wx_split *s = wx_split_new(WX_SPLIT_PURGE_S);
	struct wx_time late = { INT64_C(3000000000) * WX_NS_PER_S };
	struct wx_time early = { -INT64_C(3000000000) * WX_NS_PER_S };

	CHECK_INT("one", wx_split_add(s, late, 10, 0, false, NULL), WX_OK);
	CHECK_INT("a century before",
		  wx_split_add(s, early, 10, 0, false, NULL), WX_ERR_RANGE);
	wx_split_deal(s, 0, 1);
	CHECK_INT("no test share", wx_split_side(s, late, 10),
		  WX_SIDE_TRAINING);
	CHECK_INT("blocks", wx_split_n_blocks(s, WX_SIDE_TRAINING), 1);
	wx_split_free(s);
	s = wx_split_new(WX_SPLIT_PURGE_S);
	wx_split_deal(s, 0.5, 1); /* of nothing */
	CHECK_INT("never shown", wx_split_side(s, late, 10), WX_SIDE_TRAINING);
	wx_split_free(s);
}

int main(void)
{
	for (unsigned seed = 1; seed <= 20; seed++) {
		make_season(seed);
		check_season(seed);
	}
	check_locks();
	check_long();
	odd_ones();
	return wx_test_end();
}
