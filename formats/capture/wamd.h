/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/wamd.h: Wildlife Acoustics' records in a WAV's "wamd" chunk.
 *
 *     u16 id | u32 length | length bytes      little-endian, one after another
 *
 * 0 version, u16, 1, comes first   1 model            2 serial number
 * 3 firmware                       4 the recorder's name (prefix)
 * 5 start: YYYY-MM-DD hh:mm:ss[.mmm][+hh:mm | +hhmm]
 * 6 first GPS fix: WGS84,lat,N|S,lon,E|W[,alt] or WGS84,[-]lat,[-]lon[,alt]
 * 20 position as last set, form of 6
 * 21 temperature inside, "12.3C"   22 outside         23 humidity, "80.2%RH"
 * 65535 padding; any other is passed over
 *
 * Texts may end in NULs. A record that is longer than what is left ends the
 * reading; what came before stands.
 *
 * Source: Wildlife Acoustics wa_meta.h, 2014-2017.
 */
#ifndef WX_CAPTURE_WAMD_H
#define WX_CAPTURE_WAMD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

struct wx_wamd {
	bool has_civil;
	struct wx_civil civil;
	bool has_zone;
	int zone_s;
	char model[64], serial[64], firmware[64], prefix[64]; /* "" */
	double lat_deg, lon_deg;                              /* NAN both */
	double temp_int_degc, temp_ext_degc;                  /* NAN */
	double rel_hum_pct;                                   /* NAN */
};

/* False: not of version 1, the only one that is described. */
bool wx_wamd_parse(const void *data, size_t n, struct wx_wamd *out);

#endif
