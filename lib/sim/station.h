/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/station.h: the instruments of a made mast, and the logger's count.
 *
 * All of it is fed with the weather second by second, in order.
 */
#ifndef WX_SIM_STATION_H
#define WX_SIM_STATION_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/rng.h"
#include "sim/weather.h"

/* A closure of the bucket's reed; bounce: the second one of a tip. */
typedef void wx_sim_tip_fn(void *ctx, int64_t utc_us, bool bounce);

/*
 * A tipping bucket. While it tips, water is lost (0.45 s of inflow: Duchon,
 * Fiebrich, Grimsley 2014); the funnel holds back 0.1 mm until it is wet and
 * dries again; what stands in the bucket evaporates; the two sides are not
 * quite the same size. Amounts in mm; every drop is in one of them:
 * inflow = tipped + lost + evaporated + wetness + fill - fill at the start.
 */
struct wx_sim_bucket {
	double bucket_mm;    /* nominal */
	double side_mm[2];   /* what each side really takes */
	double bounce_share; /* of tips that close the reed twice */
	struct wx_sim_rng rng;
	/* state */
	int side;
	double fill_mm, wetness_mm, tipping_s; /* tipping_s: left of a tip */
	/* totals */
	double inflow_mm, tipped_mm, lost_mm, evaporated_mm, start_mm;
	int64_t n_tips, n_bounces;
};

void wx_sim_bucket_init(struct wx_sim_bucket *b, uint64_t key,
			double bucket_mm);
/* One second from utc_us of rain at rain_mm_h. */
void wx_sim_bucket_step(struct wx_sim_bucket *b, int64_t utc_us,
			double rain_mm_h, wx_sim_tip_fn *tip, void *ctx);

/*
 * Cups: first order with a distance constant, so quick in strong and slow in
 * weak wind; they start at a threshold. One closure a turn.
 */
struct wx_sim_cups {
	double m_s_per_hz, distance_m, threshold_m_s;
	double speed_m_s; /* what they turn at now */
	double turns;     /* since the start */
};
#define WX_SIM_CUPS_INIT               \
	{                              \
		0.6667, 2.5, 0.5, 0, 0 \
	}

/*
 * One second of wind going from u0 to u1. Times of closures, microseconds
 * after the second's start, go to pulse_us if it is not NULL (room for
 * WX_SIM_MAX_PULSES). Returns the number of closures.
 */
enum { WX_SIM_MAX_PULSES = 256 };
int wx_sim_cups_step(struct wx_sim_cups *c, double u0_m_s, double u1_m_s,
		     int32_t *pulse_us);

/* A logger's row: what the instruments gave in interval_s seconds. */
struct wx_sim_row {
	int64_t end_s; /* Unix, end of the interval */
	int tips;      /* after a debounce of 0.2 s */
	int turns;
	double wind_avg_m_s; /* from closures, so in steps */
	double wind_max_m_s; /* largest 3 s mean of closures (WMO gust) */
	double wind_dir_deg, air_temp_degc, rel_hum_pct, pressure_hpa;
	bool nan[4]; /* wind, temperature, humidity, pressure failed */
	bool off;    /* the logger was off: no row */
};

struct wx_sim_logger {
	struct wx_sim_bucket bucket;
	struct wx_sim_cups cups;
	uint64_t key;
	int interval_s;
	int64_t start_s;    /* of the season */
	wx_sim_tip_fn *tip; /* every closure, bounces too; may be NULL */
	void *ctx;
	/* of the row being gathered */
	int n_s, tips, turns, max3;
	int last3[3]; /* closures of the last seconds */
};

void wx_sim_logger_init(struct wx_sim_logger *l, uint64_t key, int64_t start_s,
			double bucket_mm, int interval_s);
/* One second of weather and the one after it. True: *row is complete. */
bool wx_sim_logger_step(struct wx_sim_logger *l, int64_t t_s,
			const struct wx_sim_sample now[2],
			struct wx_sim_row *row);

#endif
