/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/songmeter.h: what a Song Meter notes each minute.
 *
 * PREFIX[_A]_Summary.txt at the root of its card (SM5: PREFIX_Summary_1.txt):
 *
 *     DATE,TIME,LAT,,LON,,POWER(V),TEMP(C),#FILES,MIC0 TYPE,MIC1 TYPE
 *     2021-Sep-21,17:01:01,46.23000,N,7.36000,E,6.4,13.75,0,...
 *
 * Columns come and go with model and firmware (STEP, NS and EW for the empty
 * names, no TEMP on some Mini): found by name. The header stands again each
 * time the recorder started. Months are English whatever the reader's
 * language; times are the recorder's wall clock, as in its file names. A
 * position of 0, 0 is none.
 *
 * A SM3 with its GPS notes how far its clock is off GPS's, negative where it is
 * slow. No such file has been seen: a column is taken for it whose name holds
 * RTC and GPS and ends in its unit, (s) or (ms).
 *
 * Sources: Wildlife Acoustics SM5 and Mini 2 user guides; SM3 and SM4 files
 * published by the Queensland University of Technology (emu); SM3BAT manual,
 * p. 27.
 */
#ifndef WX_CAPTURE_SONGMETER_H
#define WX_CAPTURE_SONGMETER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

struct wx_songmeter { /* of one file; {0} at first */
	bool has_header;
	int date, time, lat, lon, power, temp, rtc; /* columns; -1: none */
	double rtc_unit_s;
};

struct wx_songmeter_row {
	struct wx_civil civil;     /* the recorder's wall clock */
	double power_v, temp_degc; /* NAN */
	double lat_deg, lon_deg;   /* NAN both */
	double rtc_ahead_s;        /* its clock less GPS's; NAN */
};

enum wx_songmeter_line {
	WX_SONGMETER_HEADER, /* or a blank line */
	WX_SONGMETER_ROW,
	WX_SONGMETER_BAD, /* torn, or no such file */
};

enum wx_songmeter_line wx_songmeter_line(struct wx_songmeter *sm,
					 const char *text, size_t n,
					 struct wx_songmeter_row *row);

/* Is this how such a file is called? */
bool wx_songmeter_name(const char *name);

#endif
