/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/guano.h: GUANO, key and value lines in a WAV's "guan" chunk.
 *
 *     GUANO|Version:1.0
 *     Make:Open Acoustic Devices
 *     Serial:24F3190361DA3578
 *     Timestamp:2024-05-28T10:00:00-03:30
 *     Loc Position:46.23 7.36
 *     OAD|Battery Voltage:4.1
 *     Temperature Int:12.8
 *
 * UTF-8; a line is "key:value", a key may have name spaces before '|'; blanks,
 * CR and NUL around either are trimmed; unknown keys are passed over; of a key
 * that stands twice the first counts. Timestamp: ISO 8601, 'T' or a blank, any
 * fraction, then Z, +hh:mm, +hhmm or nothing (local time of nobody knows
 * where). The chunk should be padded with blanks to an even size; AudioMoth's
 * is not.
 *
 * Sources: riggsd/guano-spec 1.0; AudioMoth-Firmware-Basic 1.11.1 src/main.c;
 * Song Meter files, which write the zone as +0100.
 */
#ifndef WX_CAPTURE_GUANO_H
#define WX_CAPTURE_GUANO_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

struct wx_guano {
	bool has_civil; /* a Timestamp that could be read */
	struct wx_civil civil;
	bool has_zone;
	int zone_s;
	char make[64], model[64], serial[64], firmware[64]; /* "" */
	char deployment[64];     /* OAD|Deployment ID */
	char settings[64];       /* OAD|Recording Settings */
	double battery_v;        /* OAD|Battery Voltage; NAN */
	double temp_int_degc;    /* NAN */
	double temp_ext_degc;    /* NAN */
	double rel_hum_pct;      /* NAN */
	double lat_deg, lon_deg; /* NAN both */
	bool triggered;          /* settings name a trigger: AMP, FREQ */
};

/* False: no GUANO (it must begin with GUANO|Version). */
bool wx_guano_parse(const char *text, size_t n, struct wx_guano *out);

#endif
