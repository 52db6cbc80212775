/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_wrap.c: m that wraps, because a firmware counts it in 32
 * bits: microseconds every 71.6 minutes, milliseconds every 49.7 days.
 *
 * It shows in captures, in the order of their names, that fall back. How often
 * it wrapped between them the node's real-time clock tells, which may be hours
 * wrong, but is not in between; where it tells nothing, once each time. An
 * exchange or an event is placed by the same clock, or is of no use.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "dataset/lineup_parts.h"

static const int64_t periods[] = { INT64_C(4294967296),
				   INT64_C(4294967296000) };

/* How often m wrapped between two instants that r tells apart. */
static int64_t wraps(int64_t dr_us, int64_t dm_us, int64_t period)
{
	return llround(((double)dr_us - (double)dm_us) / (double)period);
}

/* m falls while the real-time clock goes on; or by nearly all of it. */
static bool falls_back(const struct wx_held *a, const struct wx_held *b,
		       int64_t period)
{
	if (a->r0_us != INT64_MIN && b->r0_us != INT64_MIN)
		return b->m0_us < a->m0_us && b->r0_us > a->r0_us &&
		       wraps(b->r0_us - a->r0_us, b->m0_us - a->m0_us, period) >
			       0;
	return a->m0_us - b->m0_us > period / 2;
}

/* The boot's captures that have m, first to before last: do they wrap? 0: no. */
static int64_t period_of(struct wx_held *const *c, size_t n)
{
	for (size_t p = 0; p < WX_COUNT(periods); p++) {
		bool falls = false, fits = true;

		for (size_t i = 0; i < n && fits; i++) {
			fits = c[i]->m0_us < periods[p];
			falls |= i && falls_back(c[i - 1], c[i], periods[p]);
		}
		if (fits)
			return falls ? periods[p] : 0;
	}
	return 0;
}

static void unwrap(struct wx_held *const *c, size_t n, int64_t period)
{
	int64_t add = 0, last = c[0]->m0_us, first = c[0]->m0_us;

	for (size_t i = 0; i < n; i++) {
		int64_t m = c[i]->m0_us;

		if (m < last - period / 2)
			add += period;
		last = m;
		if (c[i]->r0_us != INT64_MIN && c[0]->r0_us != INT64_MIN)
			add = period * wraps(c[i]->r0_us - c[0]->r0_us,
					     m - first, period);
		c[i]->m0_us += add;
		if (c[i]->m1_us >= 0)
			c[i]->m1_us += add;
	}
}

/* Of events and exchanges: where r puts them. */
bool wx_lineup_unwrap_m(const struct wx_lineup *l, int64_t boot, int64_t r_us,
			int64_t *m_us)
{
	for (size_t i = 0; i < l->n_wraps; i++) {
		const struct wx_lineup_wrap *w = &l->wrap[i];

		if (w->boot != boot)
			continue;
		if (r_us == INT64_MIN || w->r_us == INT64_MIN)
			return false;
		*m_us += w->period *
			 wraps(r_us - w->r_us, *m_us - w->m_us, w->period);
		return true;
	}
	return true;
}

static int add_boot(struct wx_lineup *l, struct wx_held *const *c, size_t n,
		    struct wx_error *err)
{
	int64_t period = period_of(c, n);

	if (!period)
		return WX_OK;
	if (WX_GROW(&l->wrap, &l->size_wraps, l->n_wraps + 1, err))
		return WX_ERR_NOMEM;
	l->wrap[l->n_wraps++] =
		(struct wx_lineup_wrap){ c[0]->form->boot, period, c[0]->m0_us,
					 c[0]->r0_us };
	unwrap(c, n, period);
	wx_warn(l->log,
		"%s boot %" PRId64 ": m wraps at %.10g s, expected a count "
		"that does not: put together %s",
		l->node, c[0]->form->boot, (double)period * 1e-6,
		c[0]->r0_us == INT64_MIN
			? "by the order of names; its anchors are lost"
			: "by its real-time clock");
	return WX_OK;
}

/* One in which m wraps has none, but does not begin the boot anew. */
static int add_boots(struct wx_lineup *l, struct wx_held **has,
		     struct wx_error *err)
{
	struct wx_held *c = l->catalog.capture;
	size_t n = 0;
	int rc = WX_OK;

	for (size_t i = 0; i < l->catalog.n_captures && rc == WX_OK; i++) {
		if (!wx_lineup_has_m(&c[i]))
			continue;
		if (n && has[0]->form->boot != c[i].form->boot) {
			rc = add_boot(l, has, n, err);
			n = 0;
		}
		has[n++] = &c[i];
	}
	return rc == WX_OK && n ? add_boot(l, has, n, err) : rc;
}

int wx_lineup_unwrap(struct wx_lineup *l, struct wx_error *err)
{
	struct wx_held **has =
		malloc((l->catalog.n_captures + 1) * sizeof(*has));
	int rc = has ? add_boots(l, has, err) : wx_fail_nomem(err);

	free(has);
	for (size_t i = 0; i < l->catalog.n_events && rc == WX_OK; i++) {
		struct wx_clock_event *e = &l->catalog.event[i];

		if (e->m_us >= 0 &&
		    !wx_lineup_unwrap_m(l, e->boot, e->r_us, &e->m_us))
			e->utc_us = INT64_MIN;
	}
	return rc;
}
