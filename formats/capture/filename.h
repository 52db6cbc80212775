/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/filename.h: when a recording began, as its name tells it.
 *
 *     20250619_030030.WAV               AudioMoth, Song Meter: the zone is the
 *     S4A03895_20190522_060000.wav      recorder's setting, not in the name
 *     SM301297_0+1_20170912_220000.wav
 *     FNQ-RBS_20190102_044802_010.wav   with milliseconds
 *     OLONG_0+1_20171121$143444.wav     SM2: '$' once its clock was set by GPS
 *     24F31901603712F8_20211013_000000.WAV      AudioMoth, with its id or a
 *     20250619_030030_SYNC.WAV                  prefix; corrected by GPS
 *     20210201_210100T.WAV              AudioMoth, triggered
 *     20210201/210100T.WAV              the same, its date the folder's name
 *     5B07C752.WAV                      AudioMoth 1.0: Unix seconds, hex, UTC
 *     20210617T080000+0000_Rec2.flac    Frontier Labs: the zone is in the name
 *     201905 8T132000+1000_REC.flac     the same, blanks for leading zeros
 *     00008570_Site_20220331T094900-0300_Rec.flac   a serial number before it
 *     S20240815T091156.982648+1000_E20240815T091251.967555+1000_x.wav
 *                                       its localisation firmware: start, end
 *     671629352.181204100002.wav        SoundTrap: serial, YYMMDDhhmmss
 *     2024-05-28T10-00-00.wav           Raspberry Pi recorders, also with '_',
 *     2024-05-28-birdnet-10:00:00.wav   ' ' and ':'
 *
 * Sources: AudioMoth-Firmware-Basic 1.11 main.c, AudioMoth-Utils, Song Meter
 * SM2, SM4 user guides, Frontier Labs BAR-LT user guide, file names published
 * by the Queensland University of Technology (emu), known problem FL008 of
 * ecoacoustics/known-problems, BirdNET-Pi.
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
 * Is this date what a clock shows that lost its power? A year before 2007,
 * when the first of these recorders was sold: 1970 (AudioMoth), 1980 (FAT),
 * 2000 (DS1307, DS3231 and Song Meter); or 1 January 2010 (Frontier Labs,
 * known problem FL006).
 */
bool wx_civil_unset(const struct wx_civil *civil);

struct wx_filename {
	enum wx_filename_kind kind;
	bool has_civil; /* all kinds but UNDATED */
	struct wx_civil civil;
	bool has_zone; /* of UTC; zone_s ahead of it */
	int zone_s;
};

/* The first date in the last part of name. */
void wx_filename_read(const char *name, struct wx_filename *out);

/*
 * The same; *start is set for LOCAL (taken as offset_s ahead of UTC) and UTC,
 * otherwise WX_TIME_NONE.
 */
enum wx_filename_kind wx_filename_time(const char *name, int offset_s,
				       struct wx_time *start);

#endif
