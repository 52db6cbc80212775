/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/soundrow.h: one second of sound as wx-listen tells it.
 *
 *     capture,offset_s,length_s,level_dbfs,peak_dbfs,band_20_60_db,...,
 *     band_7000_7900_db,flatness_600_1200,speech,quality,flags,dc
 *
 * Rows of a capture cover it without gaps: one for each whole second, and one
 * for the rest if there is one, with its own length_s. A capture that holds no
 * sound has one row: offset_s and length_s 0, quality 4, flags that say why.
 *
 * All levels are mean squares re full scale, so that the bands add up to the
 * level: 0 dB is a square wave of full scale, a sine of full scale is -3.01
 * (as the "RMS lev dB" of sox). Levels and bands leave out the second's mean
 * (many recorders have an offset). WX_SOUND_FLOOR_DB stands for less, such as
 * digital silence.
 */
#ifndef WX_SOUND_SOUNDROW_H
#define WX_SOUND_SOUNDROW_H

#include "base/csv.h"
#include "base/quality.h"

enum { WX_N_BANDS = 12 };

#define WX_SOUND_FLOOR_DB -150.0 /* below the noise of 24 bits */

/* Lower edges and the last upper one, Hz: audio work's 12 bands. */
extern const double wx_band_edges_hz[WX_N_BANDS + 1];

struct wx_sound_row {
	const char *capture; /* "raw/n1/b0017/000123.wav" */
	double offset_s, length_s;
	double level_dbfs; /* RMS; NAN without sound */
	double peak_dbfs;  /* largest sample, its offset included: 0 is full */
	/* NAN if the band passes half the rate, or no bin falls into it. */
	double band_db[WX_N_BANDS];
	double flatness;   /* 600 to 1200 Hz, 0 tonal .. 1 noise */
	double speech;     /* score of speech.h, 0..1; NAN: not evaluated */
	int quality;       /* enum wx_quality */
	const char *flags; /* words, blank between */
	double dc;         /* mean of the samples, of full scale; NAN */
};

extern const char wx_sound_header[];
/* As it was before there were scores of speech: without dc. */
extern const char wx_sound_header_old[];

void wx_sound_row_write(struct wx_row *row, const struct wx_sound_row *s);

#endif
