/* SPDX-License-Identifier: MIT */
/* lib/weather/senses_parts.h: what senses*.c share; nobody else needs it. */
#ifndef WX_WEATHER_SENSES_PARTS_H
#define WX_WEATHER_SENSES_PARTS_H

#include "weather/rate_parts.h"
#include "weather/senses.h"

enum {
	SENSES_RH = 111,  /* humidity by 1 %, up to 110 */
	SENSES_DB = 160,  /* loudness by 1 dB, from SENSES_LOW_DB */
	SENSES_GAPS = 64, /* of a day, spread over it */
	SENSES_LOW_DB = -150,
	SENSES_QUIET = 7, /* odd: one is the median */
};

/* A window of the day at hand. */
struct wx_sensed {
	int64_t from_ns;
	float length_s, rel_hum_pct, level_db; /* NAN: not sensed */
	/* By the sound of its whole gap; NAN: not told. */
	float share;    /* its rate over the gap's */
	float heard_db; /* its level, smoothed */
};

/* A gap between two tips that was heard. */
struct wx_sensed_gap {
	float rate_db;  /* 10 log10 of mm/h */
	float level_db; /* mean power */
};

/* What a day told of the sensors; humidity and loudness in seconds. */
struct wx_sensed_day {
	int64_t day; /* INT64_MIN: none */
	uint32_t wet_s[SENSES_RH], dry_s[SENSES_RH];
	uint32_t quiet_s[SENSES_DB];
	struct wx_sensed_gap gap[SENSES_GAPS];
	size_t n_gaps, stride, n_seen;
};

struct wx_senses {
	unsigned use;
	struct wx_sensed *v;
	size_t n, room;
	struct wx_sensed_day day[WX_SENSES_DAYS + 1], *now;
	const struct wx_gauge *gauge; /* whose tips it is known by */
	double scale;                 /* of times, bucket_mm / 0.2 */
	/* Made by learning. */
	double dry_odds[SENSES_RH]; /* log odds of no rain, at a humidity */
	/* What it hears without rain, power, equally often; NAN: not known. */
	double quiet[SENSES_QUIET];
	struct wx_senses_told told;
};

/* The tips around a window, of a gauge that was read all along. */
struct wx_sensed_at {
	int64_t prev_ns, next_ns; /* INT64_MIN, INT64_MAX: none */
	double near_s;            /* to the nearer one; INFINITY */
	bool within;              /* no tip is inside */
};

/* senses_humidity.c */
void wx_senses_humidity_add(struct wx_senses *s, const struct wx_sensed *w,
			    const struct wx_sensed_at *at, double stands_s);
void wx_senses_humidity_learn(struct wx_senses *s);

/* senses_sound.c: v[0..n) are the windows within one gap. */
void wx_senses_sound_add(struct wx_senses *s, const struct wx_sensed *w,
			 const struct wx_sensed_at *at, double stands_s);
void wx_senses_sound_gap(struct wx_senses *s, const struct wx_sensed *v,
			 size_t n, double gap_s);
void wx_senses_sound_learn(struct wx_senses *s);
void wx_senses_sound_share(const struct wx_senses *s, struct wx_sensed *v,
			   size_t n, double gap_s);
/* From its gap's rate and P(rate < limit) to the window's own. */
void wx_senses_sound_weigh(const struct wx_senses *s, const struct wx_sensed *w,
			   const struct wx_classes *classes, double gap_s,
			   double *mm_h, double *cdf);

#endif
