/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/rain.h: what a column of rain means, and what it credits.
 *
 * A logger tells rain in one of three ways: the water of each interval, a
 * counter that only grows (until it is reset, wraps or is misread), or one row
 * a tip. Adding up a counter's readings as if they were intervals is the
 * costliest mistake there is; so is crediting the step back up after one
 * corrupt reading.
 */
#ifndef WX_WEATHER_RAIN_H
#define WX_WEATHER_RAIN_H

#include <stdbool.h>

#include "base/time.h"

enum wx_rain_kind {
	WX_RAIN_NOT_TOLD,
	WX_RAIN_INTERVAL,   /* water (or tips) within each interval */
	WX_RAIN_CUMULATIVE, /* a counter's readings */
	WX_RAIN_TIPS,       /* a row is an event: one tip, or its water */
};

/* "interval" "cumulative" "tips"; anything else is NOT_TOLD. */
enum wx_rain_kind wx_rain_kind_parse(const char *text);

/*
 * No tipping bucket follows more than this, mm/h (siphons and funnels choke
 * near 500 to 700). A counter that steps faster was misread, or did not run.
 */
#define WX_RAIN_CEILING_MM_H 600.0

/*
 * More than this is not credited at once, mm, however often it is read: 1825 is
 * the most that ever fell in a day (WMO, Foc-Foc 1966). A LaCrosse-R3 was
 * heard to send 10921.75 with a right checksum.
 */
#define WX_RAIN_MOST_MM 2000.0

enum wx_counter_event {
	WX_COUNTER_STEP,  /* an ordinary reading */
	WX_COUNTER_FIRST, /* nothing to compare with: credits NAN */
	WX_COUNTER_BACK,  /* lower than before: a reset, a wrap or a misread */
	WX_COUNTER_JUMP, /* past the ceiling: held until the next confirms it */
	WX_COUNTER_WRAP, /* past its modulus: likewise */
};

/*
 * A growing counter; {0} to start. One that is declared to begin again at 0
 * after modulus - 1 is believed to have done so when it falls from its last
 * quarter into its first: any other fall is a reset or a misread.
 */
struct wx_counter {
	double modulus; /* in the counter's unit; 0 or NAN: none declared */
	double base, held;
	struct wx_time base_utc, held_utc;
	bool has_base, has_held;
};

/* Counters from one file to the next that goes on where it ends. */
struct wx_rain_carry {
	struct wx_counter rain, tips;
};

/*
 * What a reading adds, in the counter's unit. An unbelievable reading (lower
 * than the last, or past the ceiling) credits nothing and is held: the next
 * one tells whether the counter was reset or once misread. Back where it was,
 * it was misread, unless the fall was to 0 or nearly and the way back is what
 * may well have fallen. So a corrupt reading never rebases twice, and a reset
 * credits only what fell after it.
 *
 * @param mm_per_unit  water per count, for the ceiling.
 * @param[out] span_s  time that the credit covers; NAN when not known.
 * @return             credit, 0 or more; NAN where nothing is known: for a NAN
 *                     reading, the first, and one that is held.
 */
double wx_counter_read(struct wx_counter *c, struct wx_time utc, double value,
		       double mm_per_unit, double *span_s,
		       enum wx_counter_event *event);

/*
 * Tips that make rain_mm, printed in steps of quantum_mm: 0.51 is two tips of
 * 0.254. NAN when it is no whole number of tips (then it was not a bucket of
 * that size), or when any of them is NAN.
 */
double wx_rain_tips(double rain_mm, double bucket_mm, double quantum_mm);

#endif
