/* SPDX-License-Identifier: MIT */
/* lib/clock/window.c: rows of windows/NODE/DATE.csv, written and read. */
#include "clock/window.h"

#include <math.h>

#include "base/quality.h"

void wx_window_write(struct wx_row *row, const struct wx_window *w)
{
	wx_row_str(row, w->node);
	wx_row_str(row, w->capture);
	wx_row_f64(row, w->offset_s, 3);
	wx_row_time(row, w->start_utc, 3);
	wx_row_f64(row, w->length_s, 3);
	wx_row_f64(row, w->max_err_s, 3);
	wx_row_f64(row, w->air_temp_degc, 2);
	wx_row_f64(row, w->rel_hum_pct, 1);
	wx_row_f64(row, w->pressure_hpa, 2);
	wx_row_i64(row, w->quality);
	wx_row_str(row, w->flags);
	wx_row_f64(row, w->rain_band_db, 1);
	wx_row_end(row);
}

int wx_window_cols(const struct wx_csv *csv, struct wx_window_cols *cols,
		   struct wx_error *err)
{
	struct wx_window_cols c = {
		.node = wx_csv_col(csv, "node"),
		.capture = wx_csv_col(csv, "capture"),
		.offset_s = wx_csv_col(csv, "offset_s"),
		.max_err_s = wx_csv_col(csv, "max_err_s"),
		.air_temp_degc = wx_csv_col(csv, "air_temp_degc"),
		.rel_hum_pct = wx_csv_col(csv, "rel_hum_pct"),
		.pressure_hpa = wx_csv_col(csv, "pressure_hpa"),
		.quality = wx_csv_col(csv, "quality"),
		.flags = wx_csv_col(csv, "flags"),
		.rain_band_db = wx_csv_col(csv, "rain_band_db"),
	};
	int rc = wx_csv_need(csv, "start_utc", &c.start_utc, err);

	if (rc == WX_OK)
		rc = wx_csv_need(csv, "length_s", &c.length_s, err);
	if (rc == WX_OK)
		*cols = c;
	return rc;
}

/* Times and lengths as a row tells them; believable, not only well formed. */
static int check(const struct wx_csv *csv, const struct wx_window *w,
		 struct wx_error *err)
{
	if (!(w->length_s > 0) || w->length_s > WX_S_PER_DAY)
		return wx_csv_fail(csv, err, WX_ERR_RANGE,
				   "length_s %g: expected a length over 0 and "
				   "up to a day",
				   w->length_s);
	if (w->max_err_s < 0)
		return wx_csv_fail(csv, err, WX_ERR_RANGE,
				   "max_err_s %g: expected 0 or more",
				   w->max_err_s);
	return WX_OK;
}

int wx_window_get(const struct wx_csv *csv, const struct wx_window_cols *cols,
		  struct wx_window *out, struct wx_error *err)
{
	struct wx_window w = { 0 };
	const struct {
		int col;
		double *value;
	} numbers[] = {
		{ cols->offset_s, &w.offset_s },
		{ cols->length_s, &w.length_s },
		{ cols->max_err_s, &w.max_err_s },
		{ cols->air_temp_degc, &w.air_temp_degc },
		{ cols->rel_hum_pct, &w.rel_hum_pct },
		{ cols->pressure_hpa, &w.pressure_hpa },
		{ cols->rain_band_db, &w.rain_band_db },
	};
	int64_t quality = 0;
	int rc;

	for (size_t i = 0; i < WX_COUNT(numbers); i++) {
		rc = wx_csv_f64(csv, numbers[i].col, numbers[i].value, err);
		if (rc != WX_OK)
			return rc;
	}
	rc = wx_csv_time(csv, cols->start_utc, &w.start_utc, err);
	if (rc == WX_OK)
		rc = wx_csv_i64(csv, cols->quality, WX_QUALITY_UNKNOWN,
				&quality, err);
	if (rc == WX_OK)
		rc = check(csv, &w, err);
	if (rc != WX_OK)
		return rc;
	w.quality = quality >= 1 && quality <= 9 ? (int)quality
						 : WX_QUALITY_UNKNOWN;
	w.node = wx_csv_get(csv, cols->node);
	w.capture = wx_csv_get(csv, cols->capture);
	w.flags = wx_csv_get(csv, cols->flags);
	*out = w;
	return WX_OK;
}
