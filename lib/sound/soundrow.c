/* SPDX-License-Identifier: MIT */
/* lib/sound/soundrow.c: rows of sound/NODE/FOLDER.csv. */
#include "sound/soundrow.h"

const double wx_band_edges_hz[WX_N_BANDS + 1] = { 20,   60,   100,  200,  400,
						  600,  1200, 2000, 3000, 4400,
						  5600, 7000, 7900 };

#define BAND_COLUMNS                                                    \
	"band_20_60_db,band_60_100_db,band_100_200_db,band_200_400_db," \
	"band_400_600_db,band_600_1200_db,band_1200_2000_db,"           \
	"band_2000_3000_db,band_3000_4400_db,band_4400_5600_db,"        \
	"band_5600_7000_db,band_7000_7900_db"

#define OLD_COLUMNS                                                    \
	"capture,offset_s,length_s,level_dbfs,peak_dbfs," BAND_COLUMNS \
	",flatness_600_1200,speech,quality,flags"

const char wx_sound_header[] = OLD_COLUMNS ",dc";
const char wx_sound_header_old[] = OLD_COLUMNS;

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
	wx_row_f64(row, s->dc, 4);
	wx_row_end(row);
}
