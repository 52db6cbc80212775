/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_boots.c: boots follow each other. What no clock and no
 * weather tells of one lies between its neighbours, at worst in the middle;
 * unless their numbers do not follow the time, or one number is two boots.
 */
#include <inttypes.h>
#include <math.h>

#include "clock/step.h"
#include "dataset/lineup_parts.h"

#define US 1e6
/* Labels are made for windows within a day of where they are said to be. */
#define MAX_SLACK_S (2.0 * 86400)
/* Rate of a boot of which nothing is known: 2 sigma. */
#define RATE (2 * WX_PRIOR_SD_PPM * 1e-6)

static int64_t utc_us(const struct wx_clock *c, int64_t m_us)
{
	return wx_clock_utc(c, (double)m_us).utc_ns / WX_NS_PER_US;
}

static int64_t span_us(const struct wx_boot *b)
{
	return b->hi_m_us - b->lo_m_us;
}

struct wx_lineup_bounds wx_lineup_bounds(struct wx_lineup *l, size_t i)
{
	struct wx_boot *boot = l->timeline.boot;
	struct wx_lineup_bounds r = { 0 };
	int64_t between = 0;

	if (l->boots_go_back)
		return r;
	for (size_t k = i; k-- > 0 && !r.has_lo; between += span_us(&boot[k])) {
		if (!boot[k].fitted)
			continue;
		r.has_lo = true;
		r.lo_us = utc_us(&boot[k].clock, boot[k].hi_m_us) + between;
		r.err_s = wx_clock_max_err(&boot[k].clock, boot[k].hi_m_us);
	}
	between = 0;
	for (size_t k = i + 1; k < l->timeline.n && !r.has_hi;
	     between += span_us(&boot[k++])) {
		if (!boot[k].fitted)
			continue;
		r.has_hi = true;
		r.hi_us = utc_us(&boot[k].clock, boot[k].lo_m_us) - between;
		r.err_s = fmax(r.err_s, wx_clock_max_err(&boot[k].clock,
							 boot[k].lo_m_us));
	}
	return r;
}

/* Does b, of a higher number, begin before a ends, whatever their errors? */
static bool goes_back(struct wx_boot *a, struct wx_boot *b)
{
	double gap_s = (double)(utc_us(&b->clock, b->lo_m_us) -
				utc_us(&a->clock, a->hi_m_us)) /
		       US;

	return gap_s < -1 - wx_clock_max_err(&a->clock, a->hi_m_us) -
			       wx_clock_max_err(&b->clock, b->lo_m_us);
}

/*
 * Anchors of boots that no capture is of are a boot without captures; if no
 * capture is of any boot that has anchors, they are another node's.
 */
static void judge_identity(const struct wx_lineup *l)
{
	const struct wx_boot *bare = NULL, *held = NULL;

	for (size_t i = 0; i < l->timeline.n; i++) {
		const struct wx_boot *b = &l->timeline.boot[i];

		if (b->fitted && b->n_captures)
			return;
		if (b->fitted)
			bare = bare ? bare : b;
		else if (b->n_captures)
			held = held ? held : b;
	}
	if (bare && held)
		wx_warn(l->log,
			"%s: its captures are of boot %" PRId64
			" and others, its anchors of boot %" PRId64
			" and others, expected one at least in common: are "
			"the anchors another node's?",
			l->node, held->boot, bare->boot);
}

/* By its captures, where m does not wrap. */
static bool used_twice(const struct wx_lineup *l, int64_t boot)
{
	for (size_t i = 0; i < l->n_wraps; i++)
		if (l->wrap[i].boot == boot)
			return false;
	for (size_t i = 0; i < l->catalog.n_refolds; i++)
		if (l->catalog.refold[i].boot == boot)
			return l->catalog.refold[i].n > 1;
	return false;
}

/* Whose captures the anchors are of is not known, nor when the others were. */
static void doubt(const struct wx_lineup *l, struct wx_boot *b)
{
	double since_s = wx_time_diff_s(
		l->latest, wx_time_from_us(utc_us(&b->clock, b->lo_m_us)));

	b->clock.disagree_s = fmax(b->clock.disagree_s, since_s);
	b->clock.block = -1;
	wx_warn(l->log,
		"%s boot %" PRId64 ": m falls where q rises, expected both to "
		"rise: its number was used twice, and its times may be off by "
		"all the time since",
		l->node, b->boot);
}

void wx_lineup_judge_boots(struct wx_lineup *l)
{
	struct wx_boot *last = NULL;

	for (size_t i = 0; i < l->timeline.n; i++) {
		struct wx_boot *b = &l->timeline.boot[i];

		if (!b->fitted)
			continue;
		if (b->clock.other_clock_s > 0)
			wx_warn(l->log,
				"%s boot %" PRId64 ": anchors of two clocks, "
				"%.0f s apart, expected of one: its number was "
				"used twice, or another node answered; see "
				"wx-align --explain",
				l->node, b->boot, b->clock.other_clock_s);
		else if (used_twice(l, b->boot))
			doubt(l, b);
		else if (last && !l->boots_go_back && goes_back(last, b)) {
			l->boots_go_back = true;
			wx_warn(l->log,
				"%s boot %" PRId64
				" begins before boot %" PRId64
				" ends, expected boots by number: none is "
				"placed between its neighbours",
				l->node, b->boot, last->boot);
		}
		last = b;
	}
	judge_identity(l);
}

void wx_lineup_bracket_boots(struct wx_lineup *l)
{
	for (size_t i = 0; i < l->timeline.n; i++) {
		struct wx_boot *b = &l->timeline.boot[i];
		struct wx_lineup_bounds r;
		double slack_s, span_s = (double)span_us(b) / US;

		if (b->fitted || used_twice(l, b->boot))
			continue;
		r = wx_lineup_bounds(l, i);
		slack_s = (double)(r.hi_us - r.lo_us) / US - span_s;
		if (!r.has_lo || !r.has_hi || slack_s < -2 * r.err_s ||
		    slack_s > MAX_SLACK_S)
			continue;
		slack_s = fmax(slack_s, 0);
		b->bracketed = true;
		b->after_us = r.lo_us;
		b->before_us = r.hi_us;
		b->rough_us = r.lo_us + llround(slack_s / 2 * US) - b->lo_m_us;
		b->rough_err_s =
			wx_step_bound(slack_s / 2 + r.err_s + RATE * span_s);
	}
}
