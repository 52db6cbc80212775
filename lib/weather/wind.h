/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/wind.h: mean wind of any stretch of time from cup pulses,
 * counters or interval means, and how probable each class is.
 *
 * A pulse stands for the time since the pulse before, a counter row and a mean
 * for their interval; the mean of a window weighs what it overlaps. For pulses
 * this is the interpolated phase of the cups, which has a quarter of the error
 * of counting them. Pulses that do not come mean still cups, for as long as
 * the logger is heard of otherwise: other rows of the station, each no later
 * than WX_WIND_MAX_PULSE_GAP_S after the one before.
 *
 * The doubt of a window's mean: the instrument, what counting cuts off, gusts
 * within an interval longer than the window, and gusts that a wrong clock puts
 * into another window. For the gusts a turbulence intensity of 0.2 is taken
 * (open land near the ground) that forgets itself over WX_WIND_EDDY_M of air.
 */
#ifndef WX_WEATHER_WIND_H
#define WX_WEATHER_WIND_H

#include "weather/obs.h"
#include "weather/profile.h"
#include "weather/spans.h"

/* Past this it is a misread: the strongest gust on record is 113 m/s. */
#define WX_WIND_MAX_M_S 115.0
/* Silence of a logger of pulses longer than this may be an outage, s. */
#define WX_WIND_MAX_PULSE_GAP_S 600.0
/*
 * Shorter windows are judged by the 3 s around their middle, a gust's length
 * by definition: cups cannot follow faster.
 */
#define WX_WIND_MIN_LENGTH_S 3.0
#define WX_WIND_TURBULENCE   0.2
#define WX_WIND_EDDY_M       50.0
/* A window is judged if that share of it was measured. */
#define WX_WIND_MIN_COVER 0.9

struct wx_wind_row;

struct wx_wind {
	double m_s_per_hz;    /* NAN: not known, turns are of no use */
	double offset_m_s;    /* added when the cups turn at all */
	double threshold_m_s; /* below it they may stand still */
	size_t n_refused, n_unsorted;
	/* Private. */
	struct wx_wind_row *row;
	size_t n_rows, cap_rows, n_used;
	struct wx_wind_row *used; /* disjoint, sorted; row itself, or a copy */
	size_t cap_used, at;
	int64_t last_ns;
	struct wx_spans heard, alive; /* in any order; after finish */
};

struct wx_wind_why {
	double length_s; /* of what was averaged */
	bool widened;    /* to WX_WIND_MIN_LENGTH_S */
	bool still;      /* below the cups' threshold */
	double sigma_m_s;
};

void wx_wind_init(struct wx_wind *w, double m_s_per_hz, double offset_m_s,
		  double threshold_m_s);
void wx_wind_fini(struct wx_wind *w);
int wx_wind_add(struct wx_wind *w, const struct wx_obs *obs,
		struct wx_error *err);
/* Sort and make disjoint; more may be added afterwards. */
int wx_wind_finish(struct wx_wind *w, struct wx_error *err);
void wx_wind_trim(struct wx_wind *w, struct wx_time before);
/*
 * Wind from start for length_s seconds, with start known to start_sigma_s;
 * unknown where not measured. gust_m_s is the largest that a row tells, or
 * the largest 3 s mean where rows are that short; else NAN.
 */
void wx_wind_label(struct wx_wind *w, const struct wx_classes *classes,
		   struct wx_time start, double length_s, double start_sigma_s,
		   struct wx_class_label *out, double *gust_m_s,
		   struct wx_wind_why *why);

#endif
