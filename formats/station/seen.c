/* SPDX-License-Identifier: MIT */
/* formats/station/seen.c: see seen.h. */
#include "station/seen.h"

static bool run_holds(const struct wx_seen_run *r, int64_t record,
		      struct wx_time utc)
{
	int64_t i, offset;

	if (__builtin_sub_overflow(record, r->record, &i) || i < 0 || i >= r->n)
		return false;
	return !__builtin_mul_overflow(i, r->step_ns, &offset) &&
	       !__builtin_sub_overflow(utc.utc_ns, offset, &offset) &&
	       offset == r->utc_ns;
}

/* The next of the run that grows? */
static bool grow(struct wx_seen_run *r, int64_t record, struct wx_time utc)
{
	int64_t step = 0, end;

	if (record == INT64_MIN || record - 1 - r->n + 1 != r->record)
		return false;
	if (r->n == 1) {
		if (__builtin_sub_overflow(utc.utc_ns, r->utc_ns, &step))
			return false;
		r->step_ns = step;
	} else if (__builtin_mul_overflow(r->n, r->step_ns, &end) ||
		   __builtin_add_overflow(end, r->utc_ns, &end) ||
		   end != utc.utc_ns) {
		return false;
	}
	r->n++;
	return true;
}

bool wx_seen_before(struct wx_seen *s, int64_t record, struct wx_time utc)
{
	/* Nearly always it is simply the next one. */
	if (s->n && grow(&s->run[s->last], record, utc))
		return false;
	for (int i = 0; i < s->n; i++)
		if (run_holds(&s->run[i], record, utc))
			return true;
	if (s->n < WX_SEEN_RUNS)
		s->last = s->n++;
	else
		s->last = (s->last + 1) % WX_SEEN_RUNS;
	s->run[s->last] = (struct wx_seen_run){ record, utc.utc_ns, 0, 1 };
	return false;
}
