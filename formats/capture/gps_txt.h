/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/gps_txt.h: GPS.TXT, where an AudioMoth (firmware 1.8 and
 * later, with a GPS) tells how it set its clock.
 *
 *     DD/MM/YYYY HH:MM:SS.mmm UTC: <message>
 *
 *     Time was set from GPS.
 *     Time was updated. The internal clock was <n>[.<n>]ms fast|slow.
 *     Time was not updated. The internal clock was correct.
 *     Time was not updated. The discrepancy between the internal clock and the
 *       GPS was too large.
 *     Time was not updated. Timed out.
 *     Actual sample rate will be <hz>.<mmm> Hz.
 *     Received GPS fix - 46.230000°N 7.360000°E [(...)] at DD/... UTC.
 *     Received GPS fix - 46°13.8000'N 007°21.6000'E at DD/... UTC.   (to 1.10)
 *     Received pulse per second signal. Received first GPS message. ...
 *
 * Whose time stands before the message: GPS's in all that say "Time was set",
 * "was updated", "was correct" and in "Actual sample rate", the recorder's own
 * in the rest. The milliseconds are cut, not rounded, so that the clock was off
 * by half of their last digit more, on average.
 *
 * A recorder's clock that was updated was off by that much just before, and
 * right just after: the time before and the time behind are two lines.
 *
 * Sources: AudioMoth-Firmware-Basic 1.11.1 src/main.c GPS_handleSetTime,
 * GPS_handleFixEvent; AudioMoth-Utils aligner.js.
 */
#ifndef WX_CAPTURE_GPS_TXT_H
#define WX_CAPTURE_GPS_TXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

enum wx_gps_kind {
	WX_GPS_OTHER,    /* of no use for the clock */
	WX_GPS_SET,      /* the clock had not been set before */
	WX_GPS_UPDATED,  /* by -offset_s */
	WX_GPS_CORRECT,  /* to the millisecond */
	WX_GPS_REJECTED, /* over an hour off, left as it was */
	WX_GPS_RATE,     /* rate_hz */
	WX_GPS_FIX,      /* lat_deg, lon_deg */
};

struct wx_gps_line {
	enum wx_gps_kind kind;
	struct wx_time utc; /* of the line, by GPS or the recorder: see above */
	/*
	 * UPDATED, CORRECT: the recorder's clock less UTC just before, seconds
	 * (positive: fast); it showed utc + offset_s then. NAN otherwise.
	 */
	double offset_s;
	double err_s;            /* how wrong offset_s may be; NAN */
	double rate_hz;          /* RATE: samples per true second; NAN */
	double lat_deg, lon_deg; /* FIX; NAN both */
	struct wx_time fix_utc;  /* FIX: of the fix, by GPS; NONE */
};

/* One line, without its end. False: no line of such a file. */
bool wx_gps_txt_line(const char *text, size_t n, struct wx_gps_line *out);

#endif
