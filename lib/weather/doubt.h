/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/doubt.h: what air, wind and rain cannot well have been: out of
 * range, a jump from one minute to the next, a value that stands still, and
 * channels that contradict each other.
 *
 * Limits are those of limits/quality.json, which names their sources and what
 * is exempt: humidity from 95 % up, and temperature in such air (fog stays for
 * hours), calm, a vane without wind, and rain, whose zeros are normal. Jumps are
 * looked for between rows 30 to 120 s apart. A value stands still from when it
 * last left its band, for as long as rows come; 15 minutes without one begin
 * anew.
 *
 * Doubt is told, not acted on; but what is bad beyond doubt makes no label.
 */
#ifndef WX_WEATHER_DOUBT_H
#define WX_WEATHER_DOUBT_H

#include "base/limits.h"
#include "weather/obs.h"

enum wx_doubt {
	WX_DOUBT_AIR_RANGE = 1 << 0,  /* "air_range" */
	WX_DOUBT_AIR_STEP = 1 << 1,   /* "air_step" */
	WX_DOUBT_AIR_STILL = 1 << 2,  /* "air_still" */
	WX_DOUBT_WIND_STEP = 1 << 3,  /* "wind_step" */
	WX_DOUBT_WIND_STILL = 1 << 4, /* "wind_still" */
	WX_DOUBT_VANE_STILL = 1 << 5, /* "vane_still" */
	WX_DOUBT_GUST = 1 << 6,       /* "gust_below_mean" */
	WX_DOUBT_RAIN_RANGE = 1 << 7, /* "rain_range" */
	WX_DOUBT_DRY_RAIN = 1 << 8,   /* "dry_rain": rain in dry air */
	WX_DOUBT_WIND_BAD = 1 << 9,   /* "wind_bad": fails, no label */
	WX_DOUBT_RAIN_BAD = 1 << 10,  /* "rain_bad": fails, no label */
	WX_N_DOUBTS = 11,
};

struct wx_doubt_spans { /* sorted and disjoint once finished */
	struct wx_doubt_span {
		int64_t from_ns, to_ns;
	} * v;
	size_t n, room;
};

/* A value that may stand still, or jump. */
struct wx_doubt_channel {
	double last, low, high; /* low to high since from_ns; NAN: none yet */
	int64_t last_ns, from_ns;
};

enum { WX_N_DOUBT_CHANNELS = 5 }; /* air x 3, wind, vane */

struct wx_doubts {
	struct wx_limits limits;
	bool on; /* without limits nothing is doubted */
	struct wx_doubt_channel channel[WX_N_DOUBT_CHANNELS];
	struct wx_doubt_spans spans[WX_N_DOUBTS];
	bool unsorted;
};

/* limits: copied; NULL: doubt nothing. */
void wx_doubts_init(struct wx_doubts *d, const struct wx_limits *limits);
void wx_doubts_fini(struct wx_doubts *d);
/* Rows by rising time, mostly; one without utc is passed over. WX_ERR_NOMEM. */
int wx_doubts_add(struct wx_doubts *d, const struct wx_obs *obs,
		  struct wx_error *err);
/* Before the first look-up, and again after more rows. */
void wx_doubts_finish(struct wx_doubts *d);
void wx_doubts_trim(struct wx_doubts *d, struct wx_time before);

/* What is doubted of [from, to): bits of wx_doubt. */
unsigned wx_doubts_of(const struct wx_doubts *d, int64_t from_ns,
		      int64_t to_ns);
/* The word of bit i, counted from 0. */
const char *wx_doubt_word(int i);

#endif
