/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/audiomoth.h: the sentence in an AudioMoth's recordings.
 *
 * LIST INFO ICMT, NUL-padded to 256 bytes (1.0) or 384. Every firmware's
 * grammar, oldest first; later ones keep what is not named again:
 *
 * 1.0      Recorded at HH:MM:SS DD/MM/YYYY by AudioMoth ID at gain setting N
 *          while battery state was (D.DV | < 3.6V | > 5.0V)
 * 1.0.1    ... DD/MM/YYYY (UTC) by ...
 * 1.2.0    ends in a point
 * 1.2.1    (UTC+N), (UTC-N); less than 3.6V, greater than 4.9V;
 *          Recording cancelled before completion due to (low battery voltage |
 *          change of switch position).
 * 1.2.2    (UTC-3:30)
 * 1.4.0    at (low|low-medium|medium|medium-high|high) gain setting while
 *          battery state was (less than 2.5V|...) and temperature was [-]D.DC.
 *          [Amplitude threshold was N.]
 *          [Band-pass filter applied with cut-off frequencies of D.DkHz and
 *          D.DkHz. | Low-pass, High-pass filter applied with cut-off frequency
 *          of D.DkHz.]
 *          [Recording cancelled before completion due to (low voltage | change
 *          of switch position | file size limit: 1.4.2).]
 * 1.4.4/1.5.0  during deployment ID; recorded with or using external microphone
 * 1.6.0    at medium gain while battery was D.DV and temperature was D.DC.
 *          [... filter with frequenc(y|ies) of ... applied.]
 *          [Amplitude threshold was (N | P% | [-]D dB) with Ns minimum trigger
 *          duration.] [Recording stopped due to ... | by magnetic switch.]
 * 1.8.0    [Frequency trigger (D.DkHz and window length of N samples)
 *          threshold was P% with Ns minimum trigger duration.]
 * 1.11.0   At opening: Recording stopped due to SD card write error.
 *
 * The time is the recorder's wall clock, UTC + zone; a comment without a zone
 * (1.0) is in UTC. Zones read (UTC), (UTC+1), (UTC-3:30), (UTC+0:30),
 * (UTC-0:30). An ID is 16 hex digits by the book, but published files have
 * theirs masked ("11X11..."): any word is taken.
 *
 * Firmware 1.2.2 to 1.3.0 print a wrong time when the zone has minutes: off by
 * up to 3600 s, while the file's name is right.
 *
 * Sources: AudioMoth-Firmware-Basic 1.11.1 src/main.c setHeaderComment; the
 * older variants as metamoth's documentation lists them; known problem OAD004
 * of ecoacoustics/known-problems.
 */
#ifndef WX_CAPTURE_AUDIOMOTH_H
#define WX_CAPTURE_AUDIOMOTH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

enum wx_audiomoth_stop {
	WX_STOP_NOT_SAID, /* it ran its time */
	WX_STOP_MICROPHONE,
	WX_STOP_SWITCH,
	WX_STOP_MAGNET,
	WX_STOP_LOW_VOLTAGE,
	WX_STOP_SIZE_LIMIT,
	WX_STOP_CARD_ERROR, /* or the power went: see interrupted */
	WX_STOP_OTHER,      /* a reason that later firmware may print */
};

enum wx_audiomoth_era { /* which grammar; the firmware is of this range */
			WX_AUDIOMOTH_1_0, /* 1.0: no zone */
			WX_AUDIOMOTH_1_0_1, /* 1.0.1..1.2.0: UTC, by gain setting N, no point */
			WX_AUDIOMOTH_1_2, /* 1.2.0..1.3.0: gain setting N. */
			WX_AUDIOMOTH_1_4, /* 1.4.0..1.5.0: medium gain setting */
			WX_AUDIOMOTH_1_6, /* 1.6.0 on: medium gain while battery was */
};

struct wx_audiomoth {
	struct wx_civil civil; /* as printed */
	int zone_s;            /* ahead of UTC; 0 where none is printed */
	char device[33];       /* "": a deployment is named instead */
	char deployment[33];
	bool external_mic;
	char gain[12];          /* "0".."4" to 1.3.0, then "low".."high"; "" */
	double battery_v;       /* NAN: not said */
	int battery_bound;      /* -1: less than battery_v, +1: more */
	double temp_degc;       /* NAN before 1.4.0 */
	bool triggered;         /* by amplitude or frequency */
	char threshold[16];     /* "160", "0.5%", "-30 dB"; "" */
	double trigger_hz;      /* of a frequency trigger; NAN */
	double low_hz, high_hz; /* of a filter: passed from, to; NAN */
	enum wx_audiomoth_stop stop;
	enum wx_audiomoth_era era;
	bool zone_fault; /* era 1_2 and a zone with minutes: trust the name */
};

/*
 * n bytes, NULs and blanks at the end are passed over. False unless it begins
 * as such a sentence and its time is possible; what follows the time may be
 * worded in ways not known here, and gives what is understood.
 */
bool wx_audiomoth_parse(const char *text, size_t n, struct wx_audiomoth *out);

/* "AudioMoth 24526B065D325963", the IART: the id, or "". id has 33 bytes. */
void wx_audiomoth_artist(const char *text, size_t n, char *id);

/* "1.2.2..1.3.0": what a comment's wording lets one say of its firmware. */
const char *wx_audiomoth_firmware(const struct wx_audiomoth *a);

#endif
