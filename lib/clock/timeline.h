/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/timeline.h: all boots of one node on the one time line.
 *
 * Feed anchors and captures, fit, ask. A boot whose own anchors tell no rate
 * leans on the rate of the boot next to it (by number) that has one: it is the
 * same crystal.
 */
#ifndef WX_CLOCK_TIMELINE_H
#define WX_CLOCK_TIMELINE_H

#include <jansson.h>
#include <stdio.h>

#include "clock/fit.h"
#include "clock/sanity.h"

struct wx_boot {
	int64_t boot;
	int64_t lo_m_us, hi_m_us; /* of its captures; of its anchors if none */
	size_t n_captures;
	bool fitted;      /* false: no anchor, and clock is not set */
	bool has_sibling; /* the prior rate is that of another boot */
	int64_t sibling;  /* its number */
	struct wx_clock clock;
	/* Of its captures, if the caller knows: nominal_hz 0 if not. */
	struct wx_sample_clock sample;
	double nominal_hz;
	/*
	 * Without anchors, between the boots before and after, if the caller
	 * found it so: it lies within [after_us, before_us], utc = m + rough_us
	 * is the middle, wrong by rough_err_s at most.
	 */
	bool bracketed;
	int64_t after_us, before_us, rough_us;
	double rough_err_s;
};

/*
 * The air of a boot beside its crystal, sorted, NULL if the node logged none.
 * Asked once or twice for each boot that has anchors; lent until the next call.
 */
typedef const struct wx_env *wx_timeline_air_fn(void *ctx, int64_t boot);

struct wx_timeline {
	wx_timeline_air_fn *air; /* NULL: no temperature is known */
	void *air_ctx;
	const struct wx_osc *told; /* what drives the clock; NULL: not told */
	struct wx_anchors anchors; /* the caller adds to them before the fit */
	struct wx_boot *boot;      /* after the fit: by number */
	size_t n, size;
};

/* A capture of that boot, from m0 to m1. Before the fit; any order. */
int wx_timeline_add(struct wx_timeline *tl, int64_t boot, int64_t m0_us,
		    int64_t m1_us, struct wx_error *err);
int wx_timeline_fit(struct wx_timeline *tl, struct wx_error *err);
/* NULL: it has neither captures nor anchors. Lent. */
const struct wx_boot *wx_timeline_boot(const struct wx_timeline *tl,
				       int64_t boot);
/* The clock of a boot; NULL: unanchored. Lent. */
struct wx_clock *wx_timeline_clock(const struct wx_timeline *tl, int64_t boot);
void wx_timeline_fini(struct wx_timeline *tl);

/*
 * What the fit is and why, boot by boot, as text. For each boot: the line and
 * its grids, every anchor with its sigma and residual or why it was put aside,
 * and max_err_s over the time of its captures.
 */
void wx_timeline_explain(const struct wx_timeline *tl, const char *node,
			 FILE *out);
/* One boot of it as JSON; a new reference, NULL: out of memory. */
json_t *wx_boot_json(const struct wx_timeline *tl, const struct wx_boot *b,
		     const char *node);

#endif
