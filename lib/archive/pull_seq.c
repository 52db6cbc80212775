/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_seq.c: which sequence numbers of a node no line tells: each
 * is a capture that was lost before its line was written.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/pull_in.h"
#include "base/array.h"

/* Numbers come nearly in order: a season is a handful of runs. */
enum { MAX_RUNS = 4096 };

/* The first run that ends at seq - 1 or later. */
static size_t find(const struct pull_seqs *s, int64_t seq)
{
	size_t i = s->n;

	while (i && s->run[i - 1].last + 1 >= seq)
		i--;
	return i;
}

static int insert(struct pull_seqs *s, size_t i, int64_t seq,
		  struct wx_error *err)
{
	if (s->n == MAX_RUNS) {
		s->overflow = true;
		return WX_OK;
	}
	if (WX_GROW(&s->run, &s->room, s->n + 1, err))
		return WX_ERR_NOMEM;
	memmove(&s->run[i + 1], &s->run[i], (s->n - i) * sizeof(*s->run));
	s->run[i] = (struct pull_seq_run){ seq, seq };
	s->n++;
	return WX_OK;
}

int pull_seqs_add(struct pull_seqs *s, int64_t seq, struct wx_error *err)
{
	size_t i = find(s, seq);
	struct pull_seq_run *r = s->run + i;

	if (seq < 0 || s->overflow)
		return WX_OK;
	if (i == s->n || seq + 1 < r->first)
		return insert(s, i, seq, err);
	if (seq < r->first)
		r->first = seq;
	if (seq > r->last)
		r->last = seq;
	if (i + 1 < s->n && r[1].first == r->last + 1) {
		r->last = r[1].last;
		s->n--;
		memmove(r + 1, r + 2, (s->n - i - 1) * sizeof(*r));
	}
	return WX_OK;
}

uint64_t pull_seqs_missing(const struct pull_seqs *s)
{
	uint64_t n = 0;

	for (size_t i = 1; i < s->n && !s->overflow; i++)
		n += (uint64_t)(s->run[i].first - s->run[i - 1].last - 1);
	return n;
}

void pull_seqs_fini(struct pull_seqs *s)
{
	free(s->run);
	*s = (struct pull_seqs){ 0 };
}
