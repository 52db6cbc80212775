/* SPDX-License-Identifier: MIT */
/*
 * lib/base/instrument.h: what the makers say of rain gauges and anemometers,
 * by the model's name, so that site.json can name the thing on the mast.
 *
 * A maker's figure is a start: a gauge that was calibrated with water, or cups
 * with a certificate, have figures of their own, and those win.
 */
#ifndef WX_BASE_INSTRUMENT_H
#define WX_BASE_INSTRUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct wx_gauge_model {
	const char *name; /* [a-z0-9.-] */
	double bucket_mm; /* water per tip */
	bool siphon;      /* that lets water into the bucket at its own rate */
};

/* speed = offset_m_s + m_s_per_hz x frequency, from threshold_m_s on */
struct wx_cup_model {
	const char *name;
	double m_s_per_hz, offset_m_s, threshold_m_s;
};

/* NULL when there is none of that name. */
const struct wx_gauge_model *wx_gauge_model(const char *name);
const struct wx_cup_model *wx_cup_model(const char *name);

/*
 * A model's name, or a figure of one's own: 0.01 to 5 mm a tip, 0.001 to 10
 * m/s per Hz (without offset or threshold). False when it is neither.
 */
bool wx_gauge_parse(const char *text, double *bucket_mm);
bool wx_cup_parse(const char *text, struct wx_cup_model *out);

/*
 * What --bucket and --cup say; NULL: not given, and its figures stay.
 * WX_ERR_RANGE when one is neither a model nor a figure, with the models.
 */
int wx_instruments_parse(const char *bucket, double *bucket_mm, const char *cup,
			 struct wx_cup_model *out, struct wx_error *err);

/*
 * Degrees of SparkFun's vane (SEN-15901, Argent 80422) by its resistance, ohm:
 * the nearest of its sixteen steps, NAN when none is within 6 %, half the way
 * between the closest two.
 */
double wx_vane_deg(double ohm);

/* "a, b, c": for messages. Returns buf. */
const char *wx_gauge_names(char *buf, size_t size);
const char *wx_cup_names(char *buf, size_t size);

#endif
