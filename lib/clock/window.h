/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/window.h: where one window of sound is on the one time line.
 *
 *     node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc,
 *     rel_hum_pct,pressure_hpa,quality,flags,rain_band_db
 */
#ifndef WX_CLOCK_WINDOW_H
#define WX_CLOCK_WINDOW_H

#include "base/csv.h"

struct wx_window {
	const char *node;    /* lent: by the caller, or the row it came from */
	const char *capture; /* "raw/n1/b0017/000123.wav" */
	double offset_s;     /* from the capture's first sample, nominal rate */
	struct wx_time start_utc; /* WX_TIME_NONE: not known */
	double length_s;
	double max_err_s; /* of start_utc, about 2 sigma; NAN: not known */
	double air_temp_degc, rel_hum_pct, pressure_hpa; /* NAN: not known */
	int quality;         /* enum wx_quality; rows without are UNKNOWN */
	const char *flags;   /* words, blank between */
	double rain_band_db; /* loudest second of 600 to 1200 Hz, dBFS; NAN */
};

/* What each table has; those of before rain_band_db have no more. */
#define WX_WINDOW_COLUMNS                                                   \
	"node,capture,offset_s,start_utc,length_s,max_err_s,air_temp_degc," \
	"rel_hum_pct,pressure_hpa,quality,flags"
#define WX_WINDOW_HEADER WX_WINDOW_COLUMNS ",rain_band_db"

void wx_window_write(struct wx_row *row, const struct wx_window *w);

struct wx_window_cols {
	int node, capture, offset_s, start_utc, length_s, max_err_s,
		air_temp_degc, rel_hum_pct, pressure_hpa, quality, flags,
		rain_band_db;
};
/* Needs start_utc and length_s; the rest may be missing. */
int wx_window_cols(const struct wx_csv *csv, struct wx_window_cols *cols,
		   struct wx_error *err);
/* Texts are lent by csv until its next row. No quality: UNKNOWN. */
int wx_window_get(const struct wx_csv *csv, const struct wx_window_cols *cols,
		  struct wx_window *out, struct wx_error *err);

#endif
