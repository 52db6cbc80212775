/* SPDX-License-Identifier: MIT */
/* lib/base/limits.c: see limits.h. */
#include "base/limits.h"

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/quality.h"

#define BUILTIN "limits/quality.json"

static const char *const names[WX_N_TESTS] = {
	[WX_TEST_SHORT] = "short",
	[WX_TEST_RATE] = "rate",
	[WX_TEST_CLIPPED] = "clipped",
	[WX_TEST_FLAT_TOP] = "flat_top",
	[WX_TEST_ZERO_RUN] = "zero_run",
	[WX_TEST_STUCK] = "stuck",
	[WX_TEST_QUIET] = "quiet",
	[WX_TEST_DEAD] = "dead",
	[WX_TEST_FEW_VALUES] = "few_values",
	[WX_TEST_REPEATED] = "repeated",
	[WX_TEST_STEP] = "step",
	[WX_TEST_OVERLOAD] = "overload",
	[WX_TEST_NARROW_BAND] = "narrow_band",
	[WX_TEST_FEW_BITS] = "few_bits",
	[WX_TEST_OFFSET] = "offset",
	[WX_TEST_SPEECH] = "speech",
	[WX_TEST_SPEECH_CMD] = "speech_cmd",
	[WX_TEST_AIR_TEMP_LOW] = "air_temp_low",
	[WX_TEST_AIR_TEMP_HIGH] = "air_temp_high",
	[WX_TEST_AIR_TEMP_STEP] = "air_temp_step",
	[WX_TEST_AIR_TEMP_STILL] = "air_temp_still",
	[WX_TEST_REL_HUM_HIGH] = "rel_hum_high",
	[WX_TEST_REL_HUM_STEP] = "rel_hum_step",
	[WX_TEST_REL_HUM_STILL] = "rel_hum_still",
	[WX_TEST_PRESSURE_LOW] = "pressure_low",
	[WX_TEST_PRESSURE_HIGH] = "pressure_high",
	[WX_TEST_PRESSURE_STEP] = "pressure_step",
	[WX_TEST_PRESSURE_STILL] = "pressure_still",
	[WX_TEST_WIND_HIGH] = "wind_high",
	[WX_TEST_GUST_HIGH] = "gust_high",
	[WX_TEST_WIND_STEP] = "wind_step",
	[WX_TEST_WIND_STILL] = "wind_still",
	[WX_TEST_WIND_DIR_STILL] = "wind_dir_still",
	[WX_TEST_RAIN_HIGH] = "rain_high",
	[WX_TEST_DRY_AIR] = "dry_air",
	[WX_TEST_RAIN_BAND] = "rain_band",
};

const char *wx_limit_name(enum wx_test test)
{
	return names[test];
}

/* A test that the file names is replaced whole: no suspect there, none here. */
static void take(const json_t *doc, struct wx_limits *out)
{
	const json_t *tests = json_object_get(doc, "tests");

	for (int i = 0; i < WX_N_TESTS; i++) {
		const json_t *t = json_object_get(tests, names[i]);

		if (t)
			out->of[i] = (struct wx_limit){
				wx_json_f64(t, "suspect", NAN),
				wx_json_f64(t, "fail", NAN),
			};
	}
}

int wx_limits_read(const char *path, struct wx_limits *out,
		   struct wx_error *err)
{
	const char *text = wx_builtin_get(BUILTIN);
	json_t *doc = NULL;
	int rc;

	for (int i = 0; i < WX_N_TESTS; i++)
		out->of[i] = (struct wx_limit){ NAN, NAN };
	rc = wx_json_parse(text, strlen(text), BUILTIN, "quality", &doc, err);
	if (rc == WX_OK)
		take(doc, out);
	json_decref(doc);
	if (rc != WX_OK || !path)
		return rc;
	rc = wx_json_read(path, "quality", &doc, err);
	if (rc != WX_OK)
		return rc;
	take(doc, out);
	json_decref(doc);
	return WX_OK;
}

int wx_limit_from(const struct wx_limit *limit, double count)
{
	if (count >= limit->fail)
		return WX_QUALITY_FAIL;
	return count >= limit->suspect ? WX_QUALITY_SUSPECT : WX_QUALITY_GOOD;
}
