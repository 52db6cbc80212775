/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/gps_sync.h: the pulses that an AudioMoth with the GPS-Sync
 * firmware counts while it records: NAME.CSV beside NAME.WAV (PPS.CSV until
 * the recording ends).
 *
 *     PPS_NUMBER,AUDIOMOTH_TIME,SAMPLES,TOTAL_SAMPLES,TIMER_COUNT,
 *     BUFFERS_FILLED,BUFFERS_WRITTEN,LAST_RMC_AUDIOMOTH_TIME,
 *     LAST_RMC_GPS_TIME,STATUS,LAT_DEG,...          one line; CRLF
 *     0,2024-05-28T10:00:00.003,0,0,944,0,0,,,,,,,,,
 *     1,2024-05-28T10:00:01.003,47999,47999,747,2,2,2024-05-28T10:00:00.524,
 *     2024-05-28T10:00:00.000,A,...
 *
 * A row a pulse, hence a row each full second of UTC; times are UTC, by the
 * recorder's own clock, which GPS set before. TOTAL_SAMPLES are finished at
 * that pulse; TIMER_COUNT, in ticks of 48 MHz, tells how far the next one is,
 * so that a pulse is known to a fraction of a sample: better than 1 us between
 * recorders, by the makers' measurement. Columns are found by name.
 *
 * What is taken, as the makers' own reader does (which also asks that the first
 * pulse be within 500 ms of the name's time):
 * - rows up to the one before an overflow: BUFFERS_FILLED - BUFFERS_WRITTEN of
 *   8 or more, when samples begin to be lost;
 * - a pulse that lies, to 100 ppm (the clock's crystal), full seconds after the
 *   last good one, and that many samples of the nominal rate to 1000 ppm as the
 *   first, of the mean rate so far to 40 ppm as another. More seconds than one
 *   are missed pulses, and no harm. Others are passed over and counted.
 *
 * The second of a pulse is the recorder's, rounded; where its clock is wrong by
 * full seconds against LAST_RMC (a sentence comes within the second after its
 * pulse), GPS's word counts.
 *
 * (Of the makers' reader there are versions that allow the first interval 100
 * ppm.)
 *
 * Sources: AudioMoth-GPS-Sync src/main.c, AudioMoth-Utils syncer.js, Open
 * Acoustic Devices' application note "Measuring the Accuracy of AudioMoth GPS
 * Sync" (2024).
 */
#ifndef WX_CAPTURE_GPS_SYNC_H
#define WX_CAPTURE_GPS_SYNC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

struct wx_pps_anchor {
	double sample;      /* counted from the first of the recording, 0 */
	struct wx_time utc; /* a full second, by the recorder: see wx_pps_utc */
};

enum wx_pps_line {
	WX_PPS_HEADER,   /* or a blank line */
	WX_PPS_ANCHOR,   /* *anchor is set */
	WX_PPS_PASSED,   /* no good pulse */
	WX_PPS_OVERFLOW, /* this and all after it count no more */
	WX_PPS_BAD,      /* no row: torn, or no such file */
};

enum {
	WX_PPS_NUMBER,
	WX_PPS_TIME,
	WX_PPS_TOTAL,
	WX_PPS_TIMER,
	WX_PPS_FILLED,
	WX_PPS_WRITTEN,
	WX_PPS_RMC_TIME,
	WX_PPS_RMC_GPS,
	WX_PPS_STATUS,
	WX_PPS_N_COLS,
};

struct wx_pps {
	double nominal_hz;
	int col[WX_PPS_N_COLS];
	bool has_header, overflow;
	size_t n_anchors, n_passed, n_missed; /* missed: seconds without one */
	struct wx_pps_anchor first, last;
	/* Since the first good pulse: samples and full seconds. */
	int64_t last_total, first_total;
	struct wx_time last_time;
	bool has_off;
	int64_t off_s; /* the recorder's clock less GPS, full seconds */
};

/* nominal_hz: frames per second as the WAV header says, 1000 or more. */
void wx_pps_init(struct wx_pps *p, double nominal_hz);

/* One line, header first. */
enum wx_pps_line wx_pps_line(struct wx_pps *p, const char *text, size_t n,
			     struct wx_pps_anchor *anchor);

/* An anchor's second by GPS. Ask when all lines are read. */
struct wx_time wx_pps_utc(const struct wx_pps *p,
			  const struct wx_pps_anchor *anchor);

#endif
