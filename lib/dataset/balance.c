/* SPDX-License-Identifier: MIT */
/* lib/dataset/balance.c: see balance.h. */
#include "dataset/balance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dataset/split.h"

/* Samples of one class in one block. */
struct cell {
	int64_t block; /* hours since 1970 */
	uint32_t n;
	uint16_t class;
};

struct block {
	int64_t hour;
	size_t first, n; /* its cells */
	double turn;     /* in which it goes, 0..1 */
	uint16_t class;  /* highest of its cells */
	bool drop;
};

struct wx_balance {
	struct cell *cell; /* sorted and merged now and then */
	size_t n, room;
	struct block *block; /* sorted by hour; once dealt */
	size_t n_blocks;
};

struct wx_balance *wx_balance_new(void)
{
	return calloc(1, sizeof(struct wx_balance));
}

void wx_balance_free(struct wx_balance *b)
{
	if (!b)
		return;
	free(b->cell);
	free(b->block);
	free(b);
}

static int by_block(const void *a, const void *b)
{
	const struct cell *x = a, *y = b;

	if (x->block != y->block)
		return x->block < y->block ? -1 : 1;
	return (x->class > y->class) - (x->class < y->class);
}

static void merge(struct wx_balance *b)
{
	size_t n = 0;

	if (b->n)
		qsort(b->cell, b->n, sizeof(*b->cell), by_block);
	for (size_t i = 0; i < b->n; i++)
		if (n && by_block(&b->cell[n - 1], &b->cell[i]) == 0)
			b->cell[n - 1].n += b->cell[i].n;
		else
			b->cell[n++] = b->cell[i];
	b->n = n;
}

int wx_balance_add(struct wx_balance *b, struct wx_time block, int class,
		   struct wx_error *err)
{
	int64_t hour = block.utc_ns / (WX_SPLIT_BLOCK_S * WX_NS_PER_S);
	struct cell *last = b->n ? &b->cell[b->n - 1] : NULL;
	int rc;

	/* Neighbours mostly are of one block and one class. */
	if (last && last->block == hour && last->class == class) {
		last->n++;
		return WX_OK;
	}
	/* Nodes come one after the other: their blocks are the same. */
	if (b->n == b->room)
		merge(b);
	rc = WX_GROW(&b->cell, &b->room, b->n + 1, err);
	if (!rc)
		b->cell[b->n++] = (struct cell){ hour, 1, (uint16_t) class };
	return rc;
}

int wx_balance_n_blocks(struct wx_balance *b, int class)
{
	int n = 0;

	merge(b);
	for (size_t i = 0; i < b->n; i++)
		n += b->cell[i].class == class;
	return n;
}

static int make_blocks(struct wx_balance *b, uint64_t seed,
		       struct wx_error *err)
{
	merge(b);
	b->block = calloc(b->n + 1, sizeof(*b->block));
	if (!b->block)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < b->n; i++) {
		const struct cell *c = &b->cell[i];
		struct block *k;

		if (!i || c->block != b->cell[i - 1].block)
			b->block[b->n_blocks++] = (struct block){
				.hour = c->block,
				.first = i,
				.turn = wx_split_chance(seed,
							(uint64_t)c->block),
			};
		k = &b->block[b->n_blocks - 1];
		k->n++;
		k->class = c->class; /* the highest comes last */
	}
	return WX_OK;
}

static int by_turn(const void *a, const void *b)
{
	const struct block *x = *(struct block *const *)a;
	const struct block *y = *(struct block *const *)b;

	return (x->turn > y->turn) - (x->turn < y->turn);
}

/* A block may go if none of its classes falls below its limit. */
static bool may_go(const struct wx_balance *b, const struct block *k,
		   const double *n, const double *limit)
{
	for (size_t i = k->first; i < k->first + k->n; i++) {
		const struct cell *c = &b->cell[i];

		if (n[c->class] - c->n < limit[c->class])
			return false;
	}
	return true;
}

static void drop_of_class(struct wx_balance *b, struct block **turn, int class,
			  double *n, const double *limit)
{
	for (size_t i = 0; i < b->n_blocks && n[class] > limit[class]; i++) {
		struct block *k = turn[i];

		if (k->class != class || k->drop || !may_go(b, k, n, limit))
			continue;
		k->drop = true;
		for (size_t c = k->first; c < k->first + k->n; c++)
			n[b->cell[c].class] -= b->cell[c].n;
	}
}

int wx_balance_deal(struct wx_balance *b, double max_ratio, int64_t limit,
		    uint64_t seed, struct wx_error *err)
{
	double n[WX_BALANCE_CLASSES] = { 0 }, most[WX_BALANCE_CLASSES];
	double rarest = INFINITY;
	struct block **turn;
	int rc = make_blocks(b, seed, err);

	turn = rc ? NULL : calloc(b->n_blocks + 1, sizeof(struct block *));
	if (!turn)
		return rc ? rc : wx_fail_nomem(err);
	for (size_t i = 0; i < b->n; i++)
		n[b->cell[i].class] += b->cell[i].n;
	for (int i = 0; i < WX_BALANCE_CLASSES; i++)
		if (n[i] > 0)
			rarest = fmin(rarest, n[i]);
	for (int i = 0; i < WX_BALANCE_CLASSES; i++)
		most[i] = fmin(max_ratio * rarest,
			       limit ? (double)limit : INFINITY);
	for (size_t i = 0; i < b->n_blocks; i++)
		turn[i] = &b->block[i];
	qsort(turn, b->n_blocks, sizeof(struct block *), by_turn);
	/* Low classes are the common ones, and their blocks hold no other. */
	for (int i = 0; i < WX_BALANCE_CLASSES; i++)
		drop_of_class(b, turn, i, n, most);
	free(turn);
	return WX_OK;
}

static int by_hour(const void *a, const void *b)
{
	const struct block *x = a, *y = b;

	return (x->hour > y->hour) - (x->hour < y->hour);
}

bool wx_balance_drops(const struct wx_balance *b, struct wx_time block)
{
	struct block key = { .hour = block.utc_ns /
				     (WX_SPLIT_BLOCK_S * WX_NS_PER_S) };
	const struct block *k = b->n_blocks
					? bsearch(&key, b->block, b->n_blocks,
						  sizeof(key), by_hour)
					: NULL;

	return k && k->drop;
}
