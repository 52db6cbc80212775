/* SPDX-License-Identifier: MIT */
/* lib/base/instrument.c: see instrument.h. */
#include "base/instrument.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"

/*
 * From the makers' sheets, but wh1080 and wh40, which are what their owners
 * found. SparkFun's sheet of SEN-15901 says 0.2794 (its Chinese text 0.3).
 * HyQuest's TB3 and Campbell's CS700 (made by HyQuest) have a siphon in the
 * funnel; the others are straight through.
 */
static const struct wx_gauge_model gauges[] = {
	{ "cs700", 0.254, true },      { "davis-metric", 0.2, false },
	{ "davis-us", 0.254, false },  { "rainwise", 0.254, false },
	{ "rg3", 0.254, false },       { "rg3-m", 0.2, false },
	{ "sparkfun", 0.2794, false }, { "tb3", 0.2, true },
	{ "te525", 0.254, false },     { "te525mm", 0.1, false },
	{ "wh1080", 0.3, false },      { "wh40", 0.1, false },
};

/*
 * Davis: 2.25 mph per Hz, starts below the 1 mph that it resolves. SparkFun:
 * 2.4 km/h per Hz; no sheet tells the start. Young: threshold of the propeller
 * as the US mesonets take it. Vector A100L2: 10 Hz per knot.
 */
static const struct wx_cup_model cups[] = {
	{ "davis-6410", 1.00584, 0, 0.45 },
	{ "metone-014a", 0.8, 0.447, 0.447 },
	{ "nrg-40", 0.765, 0.35, 0.78 },
	{ "sparkfun", 2.4 / 3.6, 0, 0.5 },
	{ "thies-4.3351", 0.0462, 0.21, 0.3 },
	{ "vector-a100l2", 1852.0 / 36000, 0, 0.2 },
	{ "vector-a100m", 0.1, 0, 0.2 },
	{ "vector-a100r", 1.25, 0, 0.2 },
	{ "young-05103", 0.098, 0, 1.0 },
};

const struct wx_gauge_model *wx_gauge_model(const char *name)
{
	for (size_t i = 0; i < WX_COUNT(gauges); i++)
		if (!strcmp(gauges[i].name, name))
			return &gauges[i];
	return NULL;
}

const struct wx_cup_model *wx_cup_model(const char *name)
{
	for (size_t i = 0; i < WX_COUNT(cups); i++)
		if (!strcmp(cups[i].name, name))
			return &cups[i];
	return NULL;
}

static bool in_range(const char *text, double min, double max, double *out)
{
	return wx_f64_parse(text, strlen(text), out) && *out >= min &&
	       *out <= max;
}

bool wx_gauge_parse(const char *text, double *bucket_mm)
{
	const struct wx_gauge_model *m = wx_gauge_model(text);

	if (m)
		*bucket_mm = m->bucket_mm;
	return m || in_range(text, 0.01, 5, bucket_mm);
}

bool wx_cup_parse(const char *text, struct wx_cup_model *out)
{
	const struct wx_cup_model *m = wx_cup_model(text);

	*out = m ? *m : (struct wx_cup_model){ .name = NULL };
	return m || in_range(text, 0.001, 10, &out->m_s_per_hz);
}

double wx_vane_deg(double ohm)
{
	/* North first, by 22.5 degrees; Argent's sheet. */
	static const double steps[] = { 33000,  6570,  8200,  891,
					1000,   688,   2200,  1410,
					3900,   3140,  16000, 14120,
					120000, 42120, 64900, 21880 };
	double best = 0.06, deg = NAN;

	for (size_t i = 0; i < WX_COUNT(steps); i++) {
		double off = fabs(ohm / steps[i] - 1);

		if (off <= best) {
			best = off;
			deg = 22.5 * (double)i;
		}
	}
	return deg;
}

static size_t add(char *buf, size_t size, size_t n, const char *name)
{
	if (n < size)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", n ? ", " : "",
				      name);
	return n;
}

const char *wx_gauge_names(char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < WX_COUNT(gauges); i++)
		n = add(buf, size, n, gauges[i].name);
	return buf;
}

const char *wx_cup_names(char *buf, size_t size)
{
	size_t n = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < WX_COUNT(cups); i++)
		n = add(buf, size, n, cups[i].name);
	return buf;
}

int wx_instruments_parse(const char *bucket, double *bucket_mm, const char *cup,
			 struct wx_cup_model *out, struct wx_error *err)
{
	char names[400];

	if (bucket && !wx_gauge_parse(bucket, bucket_mm))
		return wx_fail(err, WX_ERR_RANGE,
			       "--bucket: expected a number from 0.01 to 5, "
			       "mm, or one of %s; found '%s'",
			       wx_gauge_names(names, sizeof(names)), bucket);
	if (cup && !wx_cup_parse(cup, out))
		return wx_fail(err, WX_ERR_RANGE,
			       "--cup: expected a number from 0.001 to 10, m/s "
			       "per Hz, or one of %s; found '%s'",
			       wx_cup_names(names, sizeof(names)), cup);
	return WX_OK;
}
