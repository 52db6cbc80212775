/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/spans.h: stretches of time in which something holds.
 *
 * Sorted and disjoint, unless said otherwise: rows mostly come in order, and
 * those that do not are put right once, by wx_spans_sort and wx_spans_copy.
 */
#ifndef WX_WEATHER_SPANS_H
#define WX_WEATHER_SPANS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct wx_span { /* [from, to) */
	int64_t from_ns, to_ns;
	int64_t reach_ns; /* how far after to the next may begin to join it */
};

struct wx_spans { /* {0} to begin; free(v) to end */
	struct wx_span *v;
	size_t n, cap;
};

/*
 * At the end; what begins within the last one, or within its reach, makes that
 * one longer. One that begins before the last is out of order. WX_ERR_NOMEM.
 */
int wx_spans_add(struct wx_spans *s, int64_t from_ns, int64_t to_ns,
		 int64_t reach_ns, struct wx_error *err);
/* By their beginnings; what overlaps stays two. */
void wx_spans_sort(struct wx_spans *s);
/* Of sorted ones, which may overlap, into disjoint ones. WX_ERR_NOMEM. */
int wx_spans_copy(struct wx_spans *to, const struct wx_spans *from,
		  struct wx_error *err);
/* Take out what lies in any of out. On WX_ERR_NOMEM s is as it was. */
int wx_spans_cut(struct wx_spans *s, const struct wx_spans *out,
		 struct wx_error *err);
/* Forget what is before. */
void wx_spans_trim(struct wx_spans *s, int64_t before_ns);

/* The span that holds [from, to), NULL when none does. */
const struct wx_span *wx_spans_find(const struct wx_spans *s, int64_t from_ns,
				    int64_t to_ns);
/* Does any span touch [from, to)? */
bool wx_spans_touch(const struct wx_spans *s, int64_t from_ns, int64_t to_ns);
/* ... one that is at least so long, all of it? */
bool wx_spans_touch_long(const struct wx_spans *s, int64_t from_ns,
			 int64_t to_ns, int64_t least_ns);

#endif
