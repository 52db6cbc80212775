/* SPDX-License-Identifier: MIT */
/* lib/clock/timeline.c: the boots of a node, fitted one by one. */
#include "clock/timeline.h"

#include <stdlib.h>

#include "base/array.h"

static int push(struct wx_timeline *tl, const struct wx_boot *b,
		struct wx_error *err)
{
	if (WX_GROW(&tl->boot, &tl->size, tl->n + 1, err))
		return WX_ERR_NOMEM;
	tl->boot[tl->n++] = *b;
	return WX_OK;
}

static void extend(struct wx_boot *b, const struct wx_boot *with)
{
	if (with->lo_m_us < b->lo_m_us)
		b->lo_m_us = with->lo_m_us;
	if (with->hi_m_us > b->hi_m_us)
		b->hi_m_us = with->hi_m_us;
	b->n_captures += with->n_captures;
}

int wx_timeline_add(struct wx_timeline *tl, int64_t boot, int64_t m0_us,
		    int64_t m1_us, struct wx_error *err)
{
	struct wx_boot b = { .boot = boot,
			     .lo_m_us = m0_us,
			     .hi_m_us = m1_us,
			     .n_captures = 1 };

	if (tl->n && tl->boot[tl->n - 1].boot == boot) {
		extend(&tl->boot[tl->n - 1], &b);
		return WX_OK;
	}
	return push(tl, &b, err);
}

static int by_boot(const void *pa, const void *pb)
{
	const struct wx_boot *a = pa, *b = pb;

	return (a->boot > b->boot) - (a->boot < b->boot);
}

static void merge(struct wx_timeline *tl)
{
	size_t n = 0;

	if (tl->n)
		qsort(tl->boot, tl->n, sizeof(*tl->boot), by_boot);
	for (size_t i = 0; i < tl->n; i++) {
		if (n && tl->boot[n - 1].boot == tl->boot[i].boot)
			extend(&tl->boot[n - 1], &tl->boot[i]);
		else
			tl->boot[n++] = tl->boot[i];
	}
	tl->n = n;
}

static struct wx_boot *find(const struct wx_timeline *tl, int64_t boot)
{
	struct wx_boot key = { .boot = boot };

	return tl->n ? bsearch(&key, tl->boot, tl->n, sizeof(key), by_boot)
		     : NULL;
}

/* A boot without captures still tells the rate of the crystal. */
static int add_bare_boots(struct wx_timeline *tl, struct wx_error *err)
{
	size_t n_with = tl->n, added = 0;

	for (size_t i = 0; i < tl->anchors.n; i++) {
		const struct wx_anchor *a = &tl->anchors.anchor[i];
		struct wx_boot b = { .boot = a->boot,
				     .lo_m_us = a->m_us,
				     .hi_m_us = a->m_us };
		struct wx_timeline with = { .boot = tl->boot, .n = n_with };
		int rc;

		if (a->invalid || find(&with, a->boot))
			continue;
		if (added && tl->boot[tl->n - 1].boot == a->boot) {
			extend(&tl->boot[tl->n - 1], &b);
			continue;
		}
		rc = push(tl, &b, err);
		if (rc != WX_OK)
			return rc;
		added++;
	}
	merge(tl);
	return WX_OK;
}

static int fit(struct wx_timeline *tl, struct wx_boot *b,
	       struct wx_clock_prior prior, struct wx_error *err)
{
	const struct wx_env *air = NULL;
	struct wx_anchor *a;
	size_t n;
	int rc;

	if (b->fitted)
		wx_clock_fini(&b->clock);
	b->fitted = false;
	a = wx_anchors_of_boot(&tl->anchors, b->boot, &n);
	if (n && tl->air)
		air = tl->air(tl->air_ctx, b->boot);
	rc = wx_clock_fit(a, n, b->lo_m_us, b->hi_m_us, air, prior, &b->clock,
			  err);
	b->fitted = rc == 1;
	return rc < 0 ? rc : WX_OK;
}

static bool has_rate(const struct wx_boot *b)
{
	return b->fitted && !b->has_sibling && wx_clock_has_rate(&b->clock);
}

/* Of the rated boots around b, either of which may lack, the nearer by number;
 * the earlier of two. */
static const struct wx_boot *nearer(const struct wx_boot *b,
				    const struct wx_boot *down,
				    const struct wx_boot *up)
{
	if (!down || !up)
		return down ? down : up;
	return up->boot - b->boot < b->boot - down->boot ? up : down;
}

/*
 * Boots without a rate of their own take the nearest sibling's. One pass: the
 * rated boots before and after go along, since logs can tell of 100,000s of
 * boots without one.
 */
static int fit_siblings(struct wx_timeline *tl, struct wx_error *err)
{
	const struct wx_boot *down = NULL, *s;
	size_t up = 0;
	int rc = WX_OK;

	for (size_t i = 0; i < tl->n && rc == WX_OK; i++) {
		struct wx_boot *b = &tl->boot[i];

		if (has_rate(b))
			down = b;
		if (!b->fitted || has_rate(b))
			continue;
		if (up <= i)
			up = i + 1;
		while (up < tl->n && !has_rate(&tl->boot[up]))
			up++;
		s = nearer(b, down, up < tl->n ? &tl->boot[up] : NULL);
		if (!s)
			continue;
		b->has_sibling = true;
		b->sibling = s->boot;
		rc = fit(tl, b,
			 (struct wx_clock_prior){
				 wx_clock_mean_rate_ppm(&s->clock),
				 s->clock.osc->sibling_sd_ppm, tl->told },
			 err);
	}
	return rc;
}

int wx_timeline_fit(struct wx_timeline *tl, struct wx_error *err)
{
	const struct wx_clock_prior unknown = { 0, WX_PRIOR_SD_PPM, tl->told };
	int rc;

	wx_anchors_sort(&tl->anchors);
	merge(tl);
	rc = add_bare_boots(tl, err);
	for (size_t i = 0; i < tl->n && rc == WX_OK; i++)
		rc = fit(tl, &tl->boot[i], unknown, err);
	return rc == WX_OK ? fit_siblings(tl, err) : rc;
}

const struct wx_boot *wx_timeline_boot(const struct wx_timeline *tl,
				       int64_t boot)
{
	return find(tl, boot);
}

struct wx_clock *wx_timeline_clock(const struct wx_timeline *tl, int64_t boot)
{
	struct wx_boot *b = find(tl, boot);

	return b && b->fitted ? &b->clock : NULL;
}

void wx_timeline_fini(struct wx_timeline *tl)
{
	for (size_t i = 0; i < tl->n; i++)
		if (tl->boot[i].fitted)
			wx_clock_fini(&tl->boot[i].clock);
	wx_anchors_fini(&tl->anchors);
	free(tl->boot);
	*tl = (struct wx_timeline){ 0 };
}
