/* SPDX-License-Identifier: MIT */
/*
 * lib/base/limits.h: from where on sound and weather are suspect, and from
 * where on bad. The numbers, their units and sources are in limits/quality.json,
 * which is built in; a site's own file says what it wants otherwise.
 */
#ifndef WX_BASE_LIMITS_H
#define WX_BASE_LIMITS_H

#include <stddef.h>

#include "base/error.h"
#include "base/quality.h"

/* In the order of wx_limit_name(). Each has its unit in limits/quality.json. */
enum wx_test {
	WX_TEST_SHORT,
	WX_TEST_RATE,
	WX_TEST_CLIPPED,
	WX_TEST_FLAT_TOP,
	WX_TEST_ZERO_RUN,
	WX_TEST_STUCK,
	WX_TEST_QUIET,
	WX_TEST_DEAD,
	WX_TEST_FEW_VALUES,
	WX_TEST_REPEATED,
	WX_TEST_STEP,
	WX_TEST_OVERLOAD,
	WX_TEST_NARROW_BAND,
	WX_TEST_FEW_BITS,
	WX_TEST_OFFSET,
	WX_TEST_SPEECH,
	WX_TEST_SPEECH_CMD,
	WX_TEST_AIR_TEMP_LOW,
	WX_TEST_AIR_TEMP_HIGH,
	WX_TEST_AIR_TEMP_STEP,
	WX_TEST_AIR_TEMP_STILL,
	WX_TEST_REL_HUM_HIGH,
	WX_TEST_REL_HUM_STEP,
	WX_TEST_REL_HUM_STILL,
	WX_TEST_PRESSURE_LOW,
	WX_TEST_PRESSURE_HIGH,
	WX_TEST_PRESSURE_STEP,
	WX_TEST_PRESSURE_STILL,
	WX_TEST_WIND_HIGH,
	WX_TEST_GUST_HIGH,
	WX_TEST_WIND_STEP,
	WX_TEST_WIND_STILL,
	WX_TEST_WIND_DIR_STILL,
	WX_TEST_RAIN_HIGH,
	WX_TEST_DRY_AIR,
	WX_TEST_RAIN_BAND,
	WX_N_TESTS,
};

struct wx_limit {
	double suspect, fail; /* NAN: never */
};

struct wx_limits {
	struct wx_limit of[WX_N_TESTS];
};

/* "short", "rate", ... */
const char *wx_limit_name(enum wx_test test);

/**
 * The built-in limits, under those of a site's own file.
 *
 * @param path  as of schemas/quality.schema.json; NULL: built-in ones alone.
 *
 * @retval WX_ERR_FORMAT  not as the schema has it.
 */
int wx_limits_read(const char *path, struct wx_limits *out,
		   struct wx_error *err);

/*
 * The quality (base/quality.h) of a value that is worse the larger it is, and
 * of one that is worse the smaller: GOOD, SUSPECT or FAIL. Equal to the limit
 * is not over it. NAN is GOOD: what is not known is not held against anyone.
 */
static inline int wx_limit_over(const struct wx_limit *limit, double value)
{
	if (value > limit->fail)
		return WX_QUALITY_FAIL;
	return value > limit->suspect ? WX_QUALITY_SUSPECT : WX_QUALITY_GOOD;
}

static inline int wx_limit_under(const struct wx_limit *limit, double value)
{
	if (value < limit->fail)
		return WX_QUALITY_FAIL;
	return value < limit->suspect ? WX_QUALITY_SUSPECT : WX_QUALITY_GOOD;
}

/* Of a count, which is bad from the limit on. */
int wx_limit_from(const struct wx_limit *limit, double count);

#endif
