/* SPDX-License-Identifier: MIT */
/* lib/dataset/leak.c: see leak.h. */
#include "dataset/leak.h"

#include <stdlib.h>

#include "base/array.h"

struct span {
	int64_t start_ns, end_ns;
	bool testing; /* as it is */
	bool random;  /* dealt by itself, would it test? */
};

struct wx_leak {
	struct span *v;
	size_t n, room;
};

struct wx_leak *wx_leak_new(void)
{
	return calloc(1, sizeof(struct wx_leak));
}

void wx_leak_free(struct wx_leak *l)
{
	if (l)
		free(l->v);
	free(l);
}

int wx_leak_add(struct wx_leak *l, struct wx_time start, double length_s,
		enum wx_side side, struct wx_error *err)
{
	int rc = WX_GROW(&l->v, &l->room, l->n + 1, err);

	if (!rc)
		l->v[l->n++] = (struct span){
			.start_ns = start.utc_ns,
			.end_ns = wx_time_add_s(start, length_s).utc_ns,
			.testing = side == WX_SIDE_TESTING,
		};
	return rc;
}

static int by_start(const void *a, const void *b, void *ctx)
{
	const struct span *x = a, *y = b;

	(void)ctx;
	return (x->start_ns > y->start_ns) - (x->start_ns < y->start_ns);
}

static bool tests(const struct span *s, bool random)
{
	return random ? s->random : s->testing;
}

/*
 * Forward, the latest end of a training span so far; backward, the earliest
 * start of one to come. Spans are sorted by start.
 */
static size_t count(const struct wx_leak *l, int64_t gap_ns, bool random,
		    size_t *n_testing)
{
	size_t n_leaking = 0, next = 0;
	int64_t end = INT64_MIN;

	*n_testing = 0;
	for (size_t i = 0; i < l->n; i++) {
		const struct span *s = &l->v[i];

		if (!tests(s, random)) {
			if (s->end_ns > end)
				end = s->end_ns;
			continue;
		}
		if (next < i)
			next = i;
		while (next < l->n && tests(&l->v[next], random))
			next++;
		++*n_testing;
		n_leaking += (end != INT64_MIN && s->start_ns - end < gap_ns) ||
			     (next < l->n &&
			      l->v[next].start_ns - s->end_ns < gap_ns);
	}
	return n_leaking;
}

void wx_leak_measure(struct wx_leak *l, double gap_s, uint64_t seed,
		     struct wx_leak_sum *out)
{
	int64_t gap_ns = (int64_t)(gap_s * 1e9);
	double share = 0;

	*out = (struct wx_leak_sum){ 0 };
	if (!l->n)
		return;
	wx_sort(l->v, l->n, sizeof(*l->v), by_start, NULL);
	out->n_leaking = count(l, gap_ns, false, &out->n_testing);
	share = (double)out->n_testing / (double)l->n;
	for (size_t i = 0; i < l->n; i++)
		l->v[i].random = wx_split_chance(seed, (uint64_t)i) < share;
	out->n_random_leaking = count(l, gap_ns, true, &out->n_random_testing);
}
