/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/senses.h: what a node itself felt and heard of the rain, beside
 * the gauge: how damp its air was, how loud the band that rain is heard in.
 *
 * Neither makes rain. Humidity only speaks where tips hardly do, far from any
 * of them, and only against rain: air drier than this node knows it from rain.
 * Sound only tells when within one gap between two tips the water fell, whose
 * amount stays the gauge's; without a tip on either side it is not heard.
 *
 * A node's sensors are known by nothing but what they said beside the tips,
 * over WX_SENSES_DAYS and the day itself: bias, gain and background do not
 * matter, and a sensor that stands still, or says the same of rain and dry
 * air, has nothing to say. Sound is believed only where it is the louder the
 * quicker tips follow each other: see wx_senses_told.
 *
 * Memory: a summary of 2 KiB for each of those days, and 32 bytes for each
 * window of the day at hand, until wx_senses_rest.
 */
#ifndef WX_WEATHER_SENSES_H
#define WX_WEATHER_SENSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum wx_sense {
	WX_SENSE_HUMIDITY = 1 << 0, /* "humidity" */
	WX_SENSE_SOUND = 1 << 1,    /* "sound" */
	WX_N_SENSES = 2,
};

/* Those with a proven gain: tests/bench/labels_evidence.c. */
#define WX_SENSES_PROVEN WX_SENSE_SOUND

/* Gaps to judge a node's sound by, and the rank correlation to believe it. */
#define WX_SENSES_LEAST_GAPS 10
#define WX_SENSES_LEAST_RANK 0.6

/* Days before the one at hand that a node's sensors are known from. */
#define WX_SENSES_DAYS 14

struct wx_senses;
struct wx_gauge;
struct wx_rate;
struct wx_rate_why;
struct wx_window;

/* use: bits of wx_sense. */
int wx_senses_new(unsigned use, struct wx_senses **out, struct wx_error *err);
void wx_senses_free(struct wx_senses *s); /* NULL is allowed */

/* Is it worth adding windows that have the one and the other, or lack it? */
bool wx_senses_asks(const struct wx_senses *s, bool humidity, bool sound);

/* The word of bit i, counted from 0. */
const char *wx_sense_word(int i);
/* "humidity,sound", "none"; false: a word that is none of them. */
bool wx_senses_parse(const char *text, unsigned *use);

/*
 * One UTC day of one node, days by rising date; the one before is summed up
 * and its windows are forgotten. Windows come in any order; those without a
 * time tell nothing.
 */
void wx_senses_begin(struct wx_senses *s, int64_t day);
int wx_senses_add(struct wx_senses *s, const struct wx_window *w,
		  struct wx_error *err);
/*
 * Once all windows of the day are in, by the gauge that tells of them: a
 * finished one of tips, of which only the address is kept.
 */
void wx_senses_learn(struct wx_senses *s, const struct wx_gauge *gauge);

/* No more windows of this day are asked of; what was learnt stays. */
void wx_senses_rest(struct wx_senses *s);

/*
 * Weigh what was sensed in the window [from, to) into its rate and
 * cdf[i] = P(rate < limit[i]), by which the gauge judged it as why tells.
 * Returns bits of wx_sense that were used; 0 left both as they were.
 */
unsigned wx_senses_weigh(const struct wx_senses *s, const struct wx_rate *r,
			 int64_t from_ns, int64_t to_ns,
			 const struct wx_rate_why *why, double *mm_h,
			 double *cdf);

/* What the day at hand and those before it told of the sensors. */
struct wx_senses_told {
	double wet_h, dry_h; /* hours with humidity, of rain and far from it */
	size_t n_gaps;       /* heard between two tips */
	double rank;         /* correlation of their loudness and rate; NAN */
	double db_per_db;    /* loudness by 10 log10 of the rate; NAN */
	double scatter_db;   /* of loudness about that; NAN */
	bool hears;          /* ... are enough to believe the sound */
};
void wx_senses_told(const struct wx_senses *s, struct wx_senses_told *out);

#endif
