/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/filename.h: when a recording began, as its name tells it.
 *
 *     20250619_030030.WAV               AudioMoth, Song Meter: the zone is the
 *     S4A03895_20190522_060000.wav      recorder's setting, not in the name
 *     SM301297_0+1_20170912_220000.wav
 *     FNQ-RBS_20190102_044802_010.wav   with milliseconds
 *     20210201_210100T.WAV              AudioMoth, triggered
 *     5B07C752.WAV                      AudioMoth 1.0: Unix seconds, hex, UTC
 *     20210617T080000+0000_Rec2.flac    Frontier Labs: the zone is in the name
 *
 * Sources: AudioMoth-Firmware-Basic 1.11 main.c, Song Meter SM4 user guide,
 * Frontier Labs BAR-LT user guide.
 */
#ifndef WX_CAPTURE_FILENAME_H
#define WX_CAPTURE_FILENAME_H

#include <stdbool.h>

#include "base/time.h"

enum wx_filename_kind {
	WX_FILENAME_UNDATED,   /* no date in it, or an impossible one */
	WX_FILENAME_LOCAL,     /* a date whose zone must be declared */
	WX_FILENAME_UTC,       /* a date with its zone */
	WX_FILENAME_UNSET,     /* what a clock that nobody set shows */
	WX_FILENAME_TRIGGERED, /* silence was left out: frames tell no time */
};

/*
 * The first date in the last part of name. *start is set for LOCAL (taken as
 * offset_s ahead of UTC) and UTC, otherwise WX_TIME_NONE.
 *
 * UNSET is a year before 2007, when the first of these recorders was sold:
 * clocks that lost their power show 1970 (AudioMoth), 1980 (FAT) or 2000
 * (DS1307, DS3231 and Song Meter).
 */
enum wx_filename_kind wx_filename_time(const char *name, int offset_s,
				       struct wx_time *start);

#endif
