/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/weather.h: the weather of a made site, second by second.
 *
 * Weather is a function of time and seed: any span can be asked for, in any
 * order, and nothing is kept. Each UTC day is dealt its rain events and its
 * hours of calm, breeze and wind from a deck, so that two days of the
 * "showery" climate hold every class several times whatever the seed, while
 * order, times, strengths and textures are left to chance.
 *
 * Rain: an event has a kind (drizzle, shower, steady, storm, cloudburst), an
 * envelope, lognormal texture over 1 to 16 minutes, dry gaps in showers, and
 * flicker below the minute (coefficient of variation of 10 s rates within a
 * minute about 0.35, as measured with disdrometers). Wind: a mean that
 * follows the day, turbulence of intensity 0.2 with an f^-5/3 spectrum, gust
 * fronts ahead of storms. Pressure: f^-2 fluctuations, 3 Pa between one
 * minute and the next, the same for every sensor of a site.
 */
#ifndef WX_SIM_WEATHER_H
#define WX_SIM_WEATHER_H

#include <stddef.h>
#include <stdint.h>

struct wx_sim_sample {
	double rain_mm_h;     /* 0 when dry */
	double wind_m_s;      /* at the cups, 1 s mean */
	double wind_dir_deg;  /* where it blows from, [0, 360) */
	double air_temp_degc; /* shade */
	double rel_hum_pct;
	double pressure_hpa; /* at the site's height */
};

struct wx_sim_climate; /* "dry", "showery", "wet" */

/* NULL when there is none of that name. */
const struct wx_sim_climate *wx_sim_climate_get(const char *name);

struct wx_sim_weather {
	uint64_t key;
	const struct wx_sim_climate *climate;
	int solar_offset_s; /* of local noon, ahead of UTC */
};

/* n seconds from t0_s (Unix, true UTC); out[i] is the second t0_s + i. */
void wx_sim_weather_get(const struct wx_sim_weather *w, int64_t t0_s, size_t n,
			struct wx_sim_sample *out);

#endif
