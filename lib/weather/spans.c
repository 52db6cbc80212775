/* SPDX-License-Identifier: MIT */
/* lib/weather/spans.c: see spans.h. */
#include "weather/spans.h"

#include <stdlib.h>

#include "base/array.h"

int wx_spans_add(struct wx_spans *s, int64_t from, int64_t to, int64_t reach,
		 struct wx_error *err)
{
	struct wx_span *last = s->n ? &s->v[s->n - 1] : NULL;

	if (last && from >= last->from_ns &&
	    from <= last->to_ns + last->reach_ns) {
		if (to >= last->to_ns) {
			last->to_ns = to;
			last->reach_ns = reach;
		}
		return WX_OK;
	}
	if (WX_GROW(&s->v, &s->cap, s->n + 1, err))
		return WX_ERR_NOMEM;
	s->v[s->n++] = (struct wx_span){ from, to, reach };
	return WX_OK;
}

static int by_from(const void *a, const void *b)
{
	const struct wx_span *x = a, *y = b;

	return (x->from_ns > y->from_ns) - (x->from_ns < y->from_ns);
}

int wx_spans_copy(struct wx_spans *to, const struct wx_spans *from,
		  struct wx_error *err)
{
	int rc = WX_OK;

	to->n = 0;
	for (size_t i = 0; i < from->n && rc == WX_OK; i++)
		rc = wx_spans_add(to, from->v[i].from_ns, from->v[i].to_ns,
				  from->v[i].reach_ns, err);
	return rc;
}

void wx_spans_sort(struct wx_spans *s)
{
	for (size_t i = 1; i < s->n; i++)
		if (s->v[i].from_ns < s->v[i - 1].from_ns) {
			qsort(s->v, s->n, sizeof(*s->v), by_from);
			return;
		}
}

void wx_spans_trim(struct wx_spans *s, int64_t before)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		struct wx_span v = s->v[i];

		if (v.to_ns < before)
			continue;
		if (v.from_ns < before)
			v.from_ns = before;
		s->v[n++] = v;
	}
	s->n = n;
}

/* The first span that ends after ns. */
static size_t spans_seek(const struct wx_spans *s, int64_t ns)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->v[mid].to_ns > ns)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

const struct wx_span *wx_spans_find(const struct wx_spans *s, int64_t from_ns,
				    int64_t to_ns)
{
	size_t i = spans_seek(s, from_ns);

	return i < s->n && s->v[i].from_ns <= from_ns && s->v[i].to_ns >= to_ns
		       ? &s->v[i]
		       : NULL;
}

bool wx_spans_touch(const struct wx_spans *s, int64_t from_ns, int64_t to_ns)
{
	size_t i = spans_seek(s, from_ns);

	return i < s->n && s->v[i].from_ns < to_ns;
}

bool wx_spans_touch_long(const struct wx_spans *s, int64_t from_ns,
			 int64_t to_ns, int64_t least_ns)
{
	for (size_t i = spans_seek(s, from_ns);
	     i < s->n && s->v[i].from_ns < to_ns; i++)
		if (s->v[i].to_ns - s->v[i].from_ns >= least_ns)
			return true;
	return false;
}

int wx_spans_cut(struct wx_spans *s, const struct wx_spans *out,
		 struct wx_error *err)
{
	struct wx_spans left = { 0 };
	int rc = WX_OK;

	for (size_t i = 0; i < s->n && rc == WX_OK; i++) {
		struct wx_span v = s->v[i];

		for (size_t k = spans_seek(out, v.from_ns);
		     rc == WX_OK && k < out->n && out->v[k].from_ns < v.to_ns;
		     k++) {
			if (out->v[k].from_ns > v.from_ns)
				rc = wx_spans_add(&left, v.from_ns,
						  out->v[k].from_ns, -1, err);
			v.from_ns = out->v[k].to_ns;
		}
		/* An instant that nothing takes out has no length either. */
		if (rc == WX_OK &&
		    (v.from_ns < v.to_ns || v.from_ns == s->v[i].from_ns))
			rc = wx_spans_add(&left, v.from_ns, v.to_ns, -1, err);
	}
	if (rc != WX_OK) {
		free(left.v);
		return rc;
	}
	free(s->v);
	*s = left;
	return WX_OK;
}
