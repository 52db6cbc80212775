/* SPDX-License-Identifier: MIT */
/*
 * formats/station/unit.h: what can be observed, and the units it comes in.
 */
#ifndef WX_STATION_UNIT_H
#define WX_STATION_UNIT_H

#include <stdbool.h>
#include <stddef.h>

#include "weather/obs.h"

/* One for each value of struct wx_obs that a log can hold, in its order. */
enum wx_key {
	WX_KEY_TIPS,
	WX_KEY_RAIN,
	WX_KEY_TURNS,
	WX_KEY_WIND,
	WX_KEY_GUST,
	WX_KEY_DIR,
	WX_KEY_TEMP,
	WX_KEY_HUM,
	WX_KEY_PRES,
	WX_N_KEYS,
};

struct wx_key_info {
	const char *name; /* "rain_mm" */
	size_t offset;    /* of its double in struct wx_obs */
	double min, max;  /* believable, in the key's own unit */
};

extern const struct wx_key_info wx_keys[WX_N_KEYS];

/* -1 when there is none of that name. */
int wx_key_find(const char *name, size_t n);

static inline bool wx_key_believes(int key, double v)
{
	return v >= wx_keys[key].min && v <= wx_keys[key].max;
}

static inline double *wx_key_value(struct wx_obs *obs, int key)
{
	return (double *)((char *)obs + wx_keys[key].offset);
}

/* Units that loggers use, in ours. An inch of mercury is of 0 degC. */
#define WX_MM_PER_INCH   25.4
#define WX_M_S_PER_KM_H  (1 / 3.6)
#define WX_M_S_PER_MPH   (1609.344 / 3600)
#define WX_HPA_PER_INHG  33.863886667
#define WX_DEGC_PER_DEGF (5.0 / 9)
#define WX_DEGC_AT_0F    (-160.0 / 9)

/*
 * value in the key's own unit = scale x value in this one + offset; scale 0:
 * ohms of a vane, whose steps no line goes through (wx_vane_deg)
 */
struct wx_unit {
	double scale, offset;
};

/*
 * The unit that text names, as people and loggers write it: "meters/second",
 * "Deg C", "%". Letter case, blanks and degree signs do not matter. False when
 * the key cannot come in it; an empty text is no unit.
 */
bool wx_unit_find(int key, const char *text, size_t n, struct wx_unit *out);

/*
 * The unit that one letter stands for on a wire, as Vaisala and NMEA 0183 have
 * it: speed M K S N, temperature C F, pressure H P B M I, water M I, humidity
 * P, angle D.
 */
bool wx_unit_letter(int key, char letter, struct wx_unit *out);

/*
 * Degrees of a point of the compass: "N", "nne", "North West",
 * "South-southeast", of sixteen. False for anything else.
 */
bool wx_compass(const char *text, size_t n, double *deg);

/* "mm, in, cm": for messages. */
const char *wx_unit_list(int key);

#endif
