/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/obs.h: one row of a reference station, whoever made it.
 *
 *     utc,interval_s,tips,rain_mm,cup_turns,wind_avg_m_s,wind_gust_m_s,
 *     wind_dir_deg,air_temp_degc,rel_hum_pct,pressure_hpa,flags
 */
#ifndef WX_WEATHER_OBS_H
#define WX_WEATHER_OBS_H

#include "base/csv.h"

enum { WX_OBS_FLAGS_SIZE = 64 };

struct wx_obs {
	struct wx_time utc;  /* END of the interval */
	double interval_s;   /* 0: an instant, such as a tip; NAN: not known */
	double tips;         /* bucket tips in the interval; NAN all below: */
	double rain_mm;      /* not measured */
	double cup_turns;    /* turns of the cups in the interval */
	double wind_avg_m_s; /* mean over the interval */
	double wind_gust_m_s;
	double wind_dir_deg; /* 0..360, where it blows from */
	double air_temp_degc;
	double rel_hum_pct; /* 0..100 */
	double pressure_hpa;
	char flags[WX_OBS_FLAGS_SIZE]; /* words, blank between; "" */
};

#define WX_OBS_HEADER                                                       \
	"utc,interval_s,tips,rain_mm,cup_turns,wind_avg_m_s,wind_gust_m_s," \
	"wind_dir_deg,air_temp_degc,rel_hum_pct,pressure_hpa,flags"

void wx_obs_init(struct wx_obs *obs); /* all not known */
void wx_obs_write(struct wx_row *row, const struct wx_obs *obs);

/* Columns of an opened table; those it lacks read as not known. */
struct wx_obs_cols {
	int utc, interval_s, tips, rain_mm, cup_turns, wind_avg_m_s,
		wind_gust_m_s, wind_dir_deg, air_temp_degc, rel_hum_pct,
		pressure_hpa, flags;
};
/* WX_ERR_FORMAT when utc is missing. */
int wx_obs_cols(const struct wx_csv *csv, struct wx_obs_cols *cols,
		struct wx_error *err);
/* The current row. Without interval_s an obs is an instant (0). */
int wx_obs_get(const struct wx_csv *csv, const struct wx_obs_cols *cols,
	       struct wx_obs *out, struct wx_error *err);

#endif
