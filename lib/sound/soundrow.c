/* SPDX-License-Identifier: MIT */
/* lib/sound/soundrow.c: rows of sound/NODE/FOLDER.csv, written and read. */
#include "sound/soundrow.h"

#include <stdio.h>

const double wx_band_edges_hz[WX_N_BANDS + 1] = { 20,   60,   100,  200,  400,
						  600,  1200, 2000, 3000, 4400,
						  5600, 7000, 7900 };

#define BAND_COLUMNS                                                    \
	"band_20_60_db,band_60_100_db,band_100_200_db,band_200_400_db," \
	"band_400_600_db,band_600_1200_db,band_1200_2000_db,"           \
	"band_2000_3000_db,band_3000_4400_db,band_4400_5600_db,"        \
	"band_5600_7000_db,band_7000_7900_db"

const char wx_sound_header[] =
	"capture,offset_s,length_s,level_dbfs,peak_dbfs," BAND_COLUMNS
	",flatness_600_1200,speech,quality,flags";

void wx_sound_row_write(struct wx_row *row, const struct wx_sound_row *s)
{
	wx_row_str(row, s->capture);
	wx_row_f64(row, s->offset_s, 3);
	wx_row_f64(row, s->length_s, 3);
	wx_row_f64(row, s->level_dbfs, 1);
	wx_row_f64(row, s->peak_dbfs, 1);
	for (int i = 0; i < WX_N_BANDS; i++)
		wx_row_f64(row, s->band_db[i], 1);
	wx_row_f64(row, s->flatness, 3);
	wx_row_f64(row, s->speech, 3);
	wx_row_i64(row, s->quality);
	wx_row_str(row, s->flags);
	wx_row_end(row);
}

int wx_sound_cols(const struct wx_csv *csv, struct wx_sound_cols *cols,
		  struct wx_error *err)
{
	struct wx_sound_cols c = {
		.level_dbfs = wx_csv_col(csv, "level_dbfs"),
		.peak_dbfs = wx_csv_col(csv, "peak_dbfs"),
		.flatness = wx_csv_col(csv, "flatness_600_1200"),
		.speech = wx_csv_col(csv, "speech"),
		.flags = wx_csv_col(csv, "flags"),
	};
	int rc = wx_csv_need(csv, "capture", &c.capture, err);

	for (int i = 0; i < WX_N_BANDS; i++) {
		char name[32];

		snprintf(name, sizeof(name), "band_%.0f_%.0f_db",
			 wx_band_edges_hz[i], wx_band_edges_hz[i + 1]);
		c.band_db[i] = wx_csv_col(csv, name);
	}
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "offset_s", &c.offset_s, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "length_s", &c.length_s, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "quality", &c.quality, err);
	if (rc == WX_OK)
		*cols = c;
	return rc;
}

int wx_sound_row_get(const struct wx_csv *csv, const struct wx_sound_cols *cols,
		     struct wx_sound_row *out, struct wx_error *err)
{
	struct wx_sound_row s = { 0 };
	const struct {
		int col;
		double *value;
	} numbers[] = {
		{ cols->offset_s, &s.offset_s },
		{ cols->length_s, &s.length_s },
		{ cols->level_dbfs, &s.level_dbfs },
		{ cols->peak_dbfs, &s.peak_dbfs },
		{ cols->flatness, &s.flatness },
		{ cols->speech, &s.speech },
	};
	int64_t quality = 0;
	int rc = WX_OK;

	for (size_t i = 0; rc == WX_OK && i < WX_COUNT(numbers); i++)
		rc = wx_csv_f64(csv, numbers[i].col, numbers[i].value, err);
	for (int i = 0; rc == WX_OK && i < WX_N_BANDS; i++)
		rc = wx_csv_f64(csv, cols->band_db[i], &s.band_db[i], err);
	if (rc == WX_OK)
		rc = wx_csv_i64(csv, cols->quality, WX_QUALITY_UNKNOWN,
				&quality, err);
	if (rc != WX_OK)
		return rc;
	if (!(s.offset_s >= 0) || !(s.length_s >= 0) || quality < 1 ||
	    quality > 9)
		return wx_csv_fail(csv, err, WX_ERR_RANGE,
				   "offset_s %g, length_s %g, quality %lld: "
				   "expected 0 or more, 0 or more, 1 to 9",
				   s.offset_s, s.length_s, (long long)quality);
	s.quality = (int)quality;
	s.capture = wx_csv_get(csv, cols->capture);
	s.flags = wx_csv_get(csv, cols->flags);
	*out = s;
	return WX_OK;
}
