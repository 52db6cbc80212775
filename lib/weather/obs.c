/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/obs.c: a station's row as text and back.
 *
 * A number is written with as many decimals as a station can mean and without
 * the zeros after them, so that what a logger printed as 16.85 stays 16.85.
 */
#include "weather/obs.h"

#include <math.h>
#include <string.h>

void wx_obs_init(struct wx_obs *obs)
{
	obs->utc = WX_TIME_NONE;
	obs->interval_s = NAN;
	obs->tips = NAN;
	obs->rain_mm = NAN;
	obs->cup_turns = NAN;
	obs->wind_avg_m_s = NAN;
	obs->wind_gust_m_s = NAN;
	obs->wind_dir_deg = NAN;
	obs->air_temp_degc = NAN;
	obs->rel_hum_pct = NAN;
	obs->pressure_hpa = NAN;
	obs->flags[0] = '\0';
}

static void write_trimmed(struct wx_row *row, double v, int decimals)
{
	if (!isfinite(v)) {
		wx_row_empty(row);
		return;
	}
	if (v == floor(v)) { /* most of a dry day's fields are 0 */
		wx_row_f64(row, v, 0);
		return;
	}
	wx_row_f64(row, v, decimals);
	while (row->n && row->buf[row->n - 1] == '0')
		row->n--;
	if (row->n && row->buf[row->n - 1] == '.')
		row->n--;
}

void wx_obs_write(struct wx_row *row, const struct wx_obs *obs)
{
	wx_row_time(row, obs->utc, 3);
	write_trimmed(row, obs->interval_s, 3);
	write_trimmed(row, obs->tips, 3);
	write_trimmed(row, obs->rain_mm, 4); /* 0.2794 mm buckets exist */
	write_trimmed(row, obs->cup_turns, 3);
	write_trimmed(row, obs->wind_avg_m_s, 3);
	write_trimmed(row, obs->wind_gust_m_s, 3);
	write_trimmed(row, obs->wind_dir_deg, 1);
	write_trimmed(row, obs->air_temp_degc, 3);
	write_trimmed(row, obs->rel_hum_pct, 2);
	write_trimmed(row, obs->pressure_hpa, 3);
	wx_row_str(row, obs->flags);
	wx_row_end(row);
}

int wx_obs_cols(const struct wx_csv *csv, struct wx_obs_cols *cols,
		struct wx_error *err)
{
	cols->interval_s = wx_csv_col(csv, "interval_s");
	cols->tips = wx_csv_col(csv, "tips");
	cols->rain_mm = wx_csv_col(csv, "rain_mm");
	cols->cup_turns = wx_csv_col(csv, "cup_turns");
	cols->wind_avg_m_s = wx_csv_col(csv, "wind_avg_m_s");
	cols->wind_gust_m_s = wx_csv_col(csv, "wind_gust_m_s");
	cols->wind_dir_deg = wx_csv_col(csv, "wind_dir_deg");
	cols->air_temp_degc = wx_csv_col(csv, "air_temp_degc");
	cols->rel_hum_pct = wx_csv_col(csv, "rel_hum_pct");
	cols->pressure_hpa = wx_csv_col(csv, "pressure_hpa");
	cols->flags = wx_csv_col(csv, "flags");
	return wx_csv_need(csv, "utc", &cols->utc, err);
}

/* Keeps whole words only: half a flag would be another flag. */
static void flags_copy(const char *text, char out[WX_OBS_FLAGS_SIZE])
{
	size_t n = strlen(text);

	if (n >= WX_OBS_FLAGS_SIZE) {
		n = WX_OBS_FLAGS_SIZE - 1;
		while (n && text[n] != ' ')
			n--;
	}
	memcpy(out, text, n);
	out[n] = '\0';
}

int wx_obs_get(const struct wx_csv *csv, const struct wx_obs_cols *cols,
	       struct wx_obs *out, struct wx_error *err)
{
	const struct {
		int col;
		double *value;
	} fields[] = {
		{ cols->interval_s, &out->interval_s },
		{ cols->tips, &out->tips },
		{ cols->rain_mm, &out->rain_mm },
		{ cols->cup_turns, &out->cup_turns },
		{ cols->wind_avg_m_s, &out->wind_avg_m_s },
		{ cols->wind_gust_m_s, &out->wind_gust_m_s },
		{ cols->wind_dir_deg, &out->wind_dir_deg },
		{ cols->air_temp_degc, &out->air_temp_degc },
		{ cols->rel_hum_pct, &out->rel_hum_pct },
		{ cols->pressure_hpa, &out->pressure_hpa },
	};
	int rc = wx_csv_time(csv, cols->utc, &out->utc, err);

	for (size_t i = 0; rc == WX_OK && i < WX_COUNT(fields); i++)
		rc = wx_csv_f64(csv, fields[i].col, fields[i].value, err);
	if (rc != WX_OK)
		return rc;
	if (wx_time_is_none(out->utc))
		return wx_csv_fail(csv, err, WX_ERR_FORMAT,
				   "column utc: expected a time, found none");
	if (cols->interval_s < 0)
		out->interval_s = 0;
	if (out->interval_s < 0)
		return wx_csv_fail(csv, err, WX_ERR_RANGE,
				   "column interval_s: expected 0 or more, "
				   "found %g",
				   out->interval_s);
	flags_copy(wx_csv_get(csv, cols->flags), out->flags);
	return WX_OK;
}
