/* SPDX-License-Identifier: MIT */
/* lib/weather/senses_humidity.c: how damp a node's air is in rain and without. */
#include <math.h>

#include "weather/senses_parts.h"

/* In gaps up to this it rains for certain; so far from tips it hardly does, s. */
#define WET_GAP_S  900.0
#define DRY_NEAR_S 2700.0
#define DRY_FAR_S  21600.0
/* Air changes in half an hour: so much of it is one independent look, s. */
#define LOOK_S 1800.0
/* Looks of each that it takes to say anything. */
#define LEAST_LOOKS 2.0
/* Humidities this near are alike, %, 1 sigma. */
#define ALIKE_PCT 3.0
/* What is made of it, and the most that may come of it, log odds. */
#define TRUST     0.5
#define MOST_ODDS 1.5
/* Each humidity is possible in any air: so often per 1 %. */
#define POSSIBLE 0.03

void wx_senses_humidity_add(struct wx_senses *s, const struct wx_sensed *w,
			    const struct wx_sensed_at *at, double stands_s)
{
	uint32_t for_s = (uint32_t)(stands_s + .5);
	int i;

	if (isnan(w->rel_hum_pct))
		return;
	i = (int)w->rel_hum_pct;
	if (at->within && at->prev_ns != INT64_MIN &&
	    at->next_ns != INT64_MAX &&
	    (double)(at->next_ns - at->prev_ns) / 1e9 <= WET_GAP_S * s->scale)
		s->now->wet_s[i] += for_s;
	else if (at->near_s >= DRY_NEAR_S * s->scale &&
		 at->near_s <= DRY_FAR_S * s->scale)
		s->now->dry_s[i] += for_s;
}

/* How often a humidity comes, per 1 %, as far as so many seconds tell. */
static double density(const double seconds[SENSES_RH], double all_s, int at)
{
	double looks = all_s / LOOK_S, sum = 0;

	for (int i = 0; i < SENSES_RH; i++) {
		double z = (i - at) / ALIKE_PCT;

		sum += seconds[i] * exp(-z * z / 2);
	}
	sum /= all_s * ALIKE_PCT * sqrt(2 * M_PI);
	return (sum * looks + POSSIBLE) / (looks + 1);
}

void wx_senses_humidity_learn(struct wx_senses *s)
{
	double wet[SENSES_RH] = { 0 }, dry[SENSES_RH] = { 0 };
	double wet_s = 0, dry_s = 0;
	bool enough;

	for (size_t d = 0; d < WX_COUNT(s->day); d++)
		for (int i = 0; i < SENSES_RH && s->day[d].day != INT64_MIN;
		     i++) {
			wet[i] += s->day[d].wet_s[i];
			dry[i] += s->day[d].dry_s[i];
			wet_s += s->day[d].wet_s[i];
			dry_s += s->day[d].dry_s[i];
		}
	s->told.wet_h = wet_s / 3600;
	s->told.dry_h = dry_s / 3600;
	enough = fmin(wet_s, dry_s) >= LEAST_LOOKS * LOOK_S;
	for (int i = 0; i < SENSES_RH; i++) {
		double odds = 0;

		if (enough)
			odds = TRUST * log(density(dry, dry_s, i) /
					   density(wet, wet_s, i));
		s->dry_odds[i] = fmin(fmax(odds, 0), MOST_ODDS);
	}
}
