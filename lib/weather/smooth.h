/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/smooth.h: how probable each rate is at any instant, by all tips
 * before and after it.
 *
 * A hidden Markov model: what goes on is the state of the rain (states.h) and
 * how full the bucket is; what is seen is when it tipped, and that it did not
 * in between. Going through the tips forward and backward tells of each
 * instant what both sides agree on. A tip empties the bucket, so only the
 * chances of the states need be known there, and a gap is a problem of its own.
 *
 * Steps are fine near a tip and coarse far from it. Beyond WX_SMOOTH_FAR_S of
 * any tip nothing is computed: the answer is no longer about these tips. The
 * ends of the gauge's record are where a bucket of any fill begins, or where
 * nobody knows when it tips next.
 *
 * Rain is of one of three characters. Each block of tips is gone through by
 * the law of each, and what the laws say counts as much as they made its tips
 * probable.
 *
 * Memory does not grow with the record: tips are gone through in blocks, with
 * some more at both ends, and the last few blocks are kept. Less than 6 MiB.
 */
#ifndef WX_WEATHER_SMOOTH_H
#define WX_WEATHER_SMOOTH_H

#include "weather/gauge.h"
#include "weather/profile.h"
#include "weather/states.h"

/* Beyond this from any tip, scaled like all times by bucket_mm / 0.2. */
#define WX_SMOOTH_FAR_S 21600.0
/* Windows longer than this hold more than one rate: not for this. */
#define WX_SMOOTH_LONGEST_S 300.0

struct wx_smooth;

/* law NULL: the one that is built in. */
int wx_smooth_new(const struct wx_states_law *law, struct wx_smooth **out,
		  struct wx_error *err);
void wx_smooth_free(struct wx_smooth *s); /* NULL is allowed */

/* Begin with a finished gauge of tips; both are lent until the next call. */
void wx_smooth_begin(struct wx_smooth *s, const struct wx_gauge *gauge,
		     const struct wx_classes *classes);

/*
 * P(rate < limit) for each limit of the classes, at an instant within read, a
 * span of the gauge's. False: too far from any tip, or no memory.
 */
bool wx_smooth_at(struct wx_smooth *s, const struct wx_span *read,
		  int64_t at_ns, double cdf[WX_MAX_LIMITS]);

/*
 * How probable each character (see states.h) was by the 100 tips and more
 * around the instant last told of.
 */
void wx_smooth_characters(const struct wx_smooth *s, double p[WX_CHARACTERS]);

/* How far its chances and those by the gap are to be trusted: see states.h. */
void wx_smooth_trust(const struct wx_smooth *s, double *states, double *gaps);

#endif
