/* SPDX-License-Identifier: MIT */
/* lib/weather/rain.c: counters of rain, and tips from water. */
#include "weather/rain.h"

#include <math.h>
#include <string.h>

enum wx_rain_kind wx_rain_kind_parse(const char *text)
{
	if (text && !strcmp(text, "interval"))
		return WX_RAIN_INTERVAL;
	if (text && !strcmp(text, "cumulative"))
		return WX_RAIN_CUMULATIVE;
	if (text && !strcmp(text, "tips"))
		return WX_RAIN_TIPS;
	return WX_RAIN_NOT_TOLD;
}

static double since_s(struct wx_time now, struct wx_time then)
{
	double s = wx_time_diff_s(now, then);

	return s > 0 ? s : NAN; /* the clock was set back */
}

/* Most that can fall in a time; 1 mm more, for a burst of tips at its edge. */
static double ceiling_mm(double span_s)
{
	return 1.0 + (isnan(span_s) ? 0 : span_s / 3600 * WX_RAIN_CEILING_MM_H);
}

static double credit(struct wx_counter *c, struct wx_time utc, double value,
		     double *span_s)
{
	double d = value - c->base;

	*span_s = since_s(utc, c->base_utc);
	c->base = value;
	c->base_utc = utc;
	return d;
}

/* A counter that was reset within an interval has not gone far: two tips. */
#define RESET_MM 0.51

/* Rain of a minute or more hardly ever exceeds this, mm/h. */
#define HEAVY_MM_H 150.0

/*
 * The reading after an unbelievable one settles what that was. True when the
 * held reading was real and is the base from now on.
 */
static bool held_was_real(const struct wx_counter *c, struct wx_time utc,
			  double value, double mm_per_unit)
{
	double span_s = since_s(utc, c->held_utc);

	if (c->held >= c->base) /* a jump up: real if the counter stays there */
		return value >= c->held;
	/*
	 * A step down and back to where it was is a misread, unless it looks
	 * like a reset and rain no heavier than rain is.
	 */
	if (value >= c->base &&
	    (value - c->base) * mm_per_unit <=
		    ceiling_mm(since_s(utc, c->base_utc)) &&
	    (c->held * mm_per_unit > RESET_MM ||
	     (value - c->held) * mm_per_unit > HEAVY_MM_H * span_s / 3600))
		return false;
	/* Else real if the counter goes on from there, not too fast. */
	return value >= c->held &&
	       (value - c->held) * mm_per_unit <= ceiling_mm(span_s);
}

/* From the last quarter of what it can count into the first? */
static bool is_wrap(const struct wx_counter *c, double value)
{
	return c->modulus > 0 && c->base > 0.75 * c->modulus &&
	       c->base < c->modulus && value < 0.25 * c->modulus;
}

/*
 * Settles a held reading by the one after it. True when that may pass the
 * ceiling: it confirms a jump.
 */
static bool settle_held(struct wx_counter *c, struct wx_time utc, double value,
			double mm_per_unit)
{
	c->has_held = false;
	if (!held_was_real(c, utc, value, mm_per_unit))
		return false;
	if (c->held >= c->base)
		return true;
	if (is_wrap(c, c->held)) {
		c->base -= c->modulus; /* from here on the way is upward */
	} else {
		c->base = c->held;
		c->base_utc = c->held_utc;
	}
	return false;
}

/* It counts on from there, but no such rain fell. */
static double beyond(struct wx_counter *c, struct wx_time utc, double value,
		     enum wx_counter_event *event)
{
	c->base = value;
	c->base_utc = utc;
	*event = WX_COUNTER_JUMP;
	return NAN;
}

double wx_counter_read(struct wx_counter *c, struct wx_time utc, double value,
		       double mm_per_unit, double *span_s,
		       enum wx_counter_event *event)
{
	bool confirmed = false;

	*span_s = NAN;
	*event = WX_COUNTER_STEP;
	if (isnan(value))
		return NAN;
	if (!c->has_base) {
		*event = WX_COUNTER_FIRST;
		c->has_base = true;
		credit(c, utc, value, span_s);
		*span_s = NAN;
		return NAN;
	}
	if (c->has_held)
		confirmed = settle_held(c, utc, value, mm_per_unit);
	if (value < c->base)
		*event = is_wrap(c, value) ? WX_COUNTER_WRAP : WX_COUNTER_BACK;
	else if (!confirmed && (value - c->base) * mm_per_unit >
				       ceiling_mm(since_s(utc, c->base_utc)))
		*event = WX_COUNTER_JUMP;
	else if ((value - c->base) * mm_per_unit > WX_RAIN_MOST_MM)
		return beyond(c, utc, value, event);
	else
		return credit(c, utc, value, span_s);
	c->held = value;
	c->held_utc = utc;
	c->has_held = true;
	return NAN;
}

double wx_rain_tips(double rain_mm, double bucket_mm, double quantum_mm)
{
	double n = round(rain_mm / bucket_mm);
	double off = fabs(rain_mm - n * bucket_mm);
	double may = quantum_mm / 2;

	if (!isfinite(n) || isnan(quantum_mm))
		return NAN;
	/* Coarser than a quarter of a tip, any amount would pass for tips. */
	if (may > bucket_mm / 4)
		may = bucket_mm / 4;
	return off <= may + 1e-9 ? n : NAN;
}
