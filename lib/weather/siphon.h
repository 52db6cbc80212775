/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/siphon.h: tips of a gauge whose funnel has a siphon.
 *
 * A siphon holds water back until it is full, then lets it go at a rate of its
 * own, so that a bucket always fills evenly. Its total is good at any rate; but
 * two or three tips come within seconds of each other, and their gaps tell of
 * the siphon and not of the rain (Dunkerley 2024, Water 16(7) 998).
 */
#ifndef WX_WEATHER_SIPHON_H
#define WX_WEATHER_SIPHON_H

#include "weather/gauge.h"

/*
 * Gaps below this are never used one by one: a release of a few tenths of a
 * millimetre takes 10 to 20 s, and is over by then.
 */
#define WX_SIPHON_RELEASE_S 30.0
/* No siphon holds more. */
#define WX_SIPHON_MOST_MM 1.0

/*
 * What a siphon lets go at once is what is known, so it takes the place of the
 * bucket: of n sorted tips those of one release become one, at the first of
 * them, where the siphon was full. How much a release is, the tips tell
 * themselves: their mean number where releases stand alone. Rain that fills it
 * faster than it can be told apart is cut, and spread evenly.
 *
 * @param[in,out] bucket_mm  water per tip; the total stays the same.
 * @return                   how many are left of n.
 */
size_t wx_siphon_join(struct wx_tip *tip, size_t n, double *bucket_mm);

/*
 * Do n sorted tips look like those of a siphon that nobody told of? Where they
 * come alone, after minutes of silence and before as much, rain has no reason
 * to bring two within half a minute. Tips known to a minute cannot tell.
 */
bool wx_siphon_like(const struct wx_tip *tip, size_t n);

#endif
