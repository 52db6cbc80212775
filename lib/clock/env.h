/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/env.h: a node's own temperature, humidity and pressure.
 *
 *     m,air_temp_degc,rel_hum_pct,pressure_hpa
 *     81234567,21.40,46.2,961.33
 *
 * Any subset of columns after m, which counts microseconds since the boot.
 * What no air has is read as missing: outside -60..70 degC (a failed sensor
 * says -127 or 85), 0..105 % (over 100 is 100), 300..1100 hPa.
 */
#ifndef WX_CLOCK_ENV_H
#define WX_CLOCK_ENV_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Readings closer to the last one than this are passed over. */
#define WX_ENV_MIN_STEP_US INT64_C(10000000)
/* Between two readings this far apart or less: a straight line. */
#define WX_ENV_MAX_GAP_US INT64_C(900000000)
/* Otherwise the nearest, if it is within this. */
#define WX_ENV_NEAREST_US INT64_C(600000000)

struct wx_env_reading {
	int64_t m_us;
	float air_temp_degc, rel_hum_pct, pressure_hpa; /* NAN: missing */
};

/* As it is kept, in 16 bytes, for a year of minutes is half a million. */
struct wx_env_held {
	int64_t m_us;
	float pressure_hpa;
	int16_t temp_c100, rel_hum_c100; /* hundredths; INT16_MIN: missing */
};

struct wx_env { /* of one boot */
	struct wx_env_held *held;
	size_t n, size;
	size_t at; /* where the last look-up was: the next is near */
	/* Some readings are of this station, not of the node; lent; NULL. */
	const char *station;
};

/*
 * Add the readings of a table. Rows that cannot be read are passed over with
 * one warning for all of them. WX_ERR_FORMAT: no column m.
 */
int wx_env_read(struct wx_env *env, const char *path, struct wx_log *log,
		struct wx_error *err);
/* Once, after the last wx_env_read. */
void wx_env_sort(struct wx_env *env);

/* At the end, sorted or not: temperature and humidity to a hundredth. */
int wx_env_add(struct wx_env *env, const struct wx_env_reading *r,
	       struct wx_error *err);
struct wx_env_reading wx_env_get(const struct wx_env *env, size_t i);

/*
 * Of sorted readings keep those with a temperature that changes: one that is
 * the same for a day is of a sensor that got stuck, for no air stands so still.
 */
void wx_env_keep_temperature(struct wx_env *env);
#define WX_ENV_STILL_US INT64_C(86400000000)

/* The air at m_us; NAN where there is no reading near enough. */
struct wx_env_reading wx_env_at(struct wx_env *env, int64_t m_us);

void wx_env_fini(struct wx_env *env);

#endif
