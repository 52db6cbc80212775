/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/soundrow.h: one second of sound as wx-listen tells it.
 *
 *     capture,offset_s,length_s,level_dbfs,peak_dbfs,band_20_60_db,...,
 *     band_7000_7900_db,flatness_600_1200,speech,quality,flags
 */
#ifndef WX_SOUND_SOUNDROW_H
#define WX_SOUND_SOUNDROW_H

#include "base/csv.h"

enum { WX_N_BANDS = 12 };

/* Lower edges and the last upper one, Hz: audio work's 12 bands. */
extern const double wx_band_edges_hz[WX_N_BANDS + 1];

struct wx_sound_row {
	const char *capture; /* "raw/n1/b0017/000123.wav" */
	double offset_s, length_s;
	double level_dbfs, peak_dbfs;
	double band_db[WX_N_BANDS]; /* re full scale; NAN above half the rate */
	double flatness;            /* 600 to 1200 Hz, 0 tonal .. 1 noise */
	double speech;              /* 0..1; NAN: not evaluated */
	int quality;                /* QARTOD */
	const char *flags;          /* words, blank between */
};

extern const char wx_sound_header[];

void wx_sound_row_write(struct wx_row *row, const struct wx_sound_row *s);

struct wx_sound_cols {
	int capture, offset_s, length_s, level_dbfs, peak_dbfs,
		band_db[WX_N_BANDS], flatness, speech, quality, flags;
};
int wx_sound_cols(const struct wx_csv *csv, struct wx_sound_cols *cols,
		  struct wx_error *err);
int wx_sound_row_get(const struct wx_csv *csv, const struct wx_sound_cols *cols,
		     struct wx_sound_row *out, struct wx_error *err);

#endif
