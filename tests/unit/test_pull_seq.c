/* SPDX-License-Identifier: MIT */
/* Sequence numbers in any order: how many are missing. */
#include <stdlib.h>

#include "archive/pull_in.h"
#include "testing.h"

static const struct {
	const char *what;
	int64_t seq[8]; /* -2 ends */
	uint64_t missing;
} table[] = {
	{ "none", { -2 }, 0 },
	{ "not told", { -1, -1, -2 }, 0 },
	{ "one", { 7, -2 }, 0 },
	{ "in order", { 7, 8, 9, 10, -2 }, 0 },
	{ "backwards", { 10, 9, 8, 7, -2 }, 0 },
	{ "twice", { 7, 8, 8, 7, 9, -2 }, 0 },
	{ "a table that was begun first", { 7, 9, 10, 8, -2 }, 0 },
	{ "one lost", { 7, 9, 10, -2 }, 1 },
	{ "two gaps", { 20, 1, 2, 10, -2 }, 16 },
	{ "a gap that is filled", { 1, 3, 5, 4, 2, -2 }, 0 },
	{ "far", { 0, INT64_C(9007199254740991), -2 }, 9007199254740990 },
};

/* All of 1..N but each tenth, shuffled by a step that meets every one. */
static void test_many(void)
{
	enum { N = 9973, STEP = 4999 };
	struct pull_seqs s = { 0 };

	for (int64_t i = 0, q = 0; i < N; i++, q = (q + STEP) % N)
		if (q % 10 != 5)
			pull_seqs_add(&s, q, NULL);
	CHECK_INT("many", pull_seqs_missing(&s), (N + 4) / 10);
	CHECK_INT("runs", s.n, (N + 4) / 10 + 1);
	pull_seqs_fini(&s);
}

/* A stranger's numbers cost no more than so much. */
static void test_scattered(void)
{
	struct pull_seqs s = { 0 };

	for (int64_t i = 0; i < 10000; i++)
		pull_seqs_add(&s, i * 2, NULL);
	CHECK_INT("not counted", pull_seqs_missing(&s), 0);
	CHECK_INT("bounded", s.n, 4096);
	pull_seqs_fini(&s);
}

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(table); i++) {
		struct pull_seqs s = { 0 };

		for (const int64_t *q = table[i].seq; *q != -2; q++)
			pull_seqs_add(&s, *q, NULL);
		CHECK_INT(table[i].what, pull_seqs_missing(&s),
			  table[i].missing);
		pull_seqs_fini(&s);
	}
	test_many();
	test_scattered();
	return wx_test_end();
}
