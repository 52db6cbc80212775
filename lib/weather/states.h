/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/states.h: how rain goes on, as states and moves between them.
 *
 * Rain is in one of WX_STATES states: two dry ones (a pause within a shower's
 * day, and the long dry time between) and WX_STATES - 2 of a rate, evenly
 * spaced in ln(rate). How often one follows another is physics of rain, not of
 * a gauge: it is learnt once from real series and kept as data
 * (models/rain.json, which says from which series), as rates of change, so
 * that it holds for a step of any length.
 */
#ifndef WX_WEATHER_STATES_H
#define WX_WEATHER_STATES_H

#include "base/error.h"

enum { WX_STATES = 20, WX_STATES_DRY = 2, WX_STATE_STEPS = 60 };

/* Steps in time that moves are ready for: 2^(i/4) times 0.25 s, up to 1.9 h. */
#define WX_STATE_STEP_S 0.25
enum { WX_STATE_STEPS_PER_OCTAVE = 4 };

/* What describes it; each a number of models/rain.json. */
struct wx_states_law {
	double ln_mean, ln_sigma; /* of ln(mm/h) while it rains */
	double hold_s;            /* correlation time of ln(rate) */
	double end_s;             /* mean time to a pause, at the mean rate */
	double end_slope;     /* d ln(chance to end) / d ln(rate), negative */
	double pause_s;       /* mean length of a pause that rain ends */
	double leave_s;       /* mean time from pause to long dry time */
	double dry_s;         /* mean length of that */
	double begin_ln_mean; /* of ln(mm/h) where rain begins */
	double begin_ln_sigma;
	/* By how much gentler or fiercer rain differs from it; see below. */
	double lean_ln_mean, lean_begin_ln_mean; /* added */
	double lean_hold, lean_end;              /* factors */
	/* How far smoothed chances and the table of gaps are to be trusted. */
	double trust_states, trust_gaps;
};

/*
 * No law holds for drizzle and for a thunderstorm's day. Rain is of one of
 * three characters, and its own tips tell of which: as the law says, gentler
 * (lighter, slower to change, longer) or fiercer, by as much each way.
 */
enum wx_character { WX_COMMON, WX_GENTLE, WX_FIERCE, WX_CHARACTERS };
/* "common", "gentle", "fierce" */
const char *wx_character_word(enum wx_character character);

struct wx_states {
	struct wx_states_law law;
	double rate_mm_h[WX_STATES];
	/* Below edge[i] lies state i; those of dry ones are 0. */
	double edge_mm_h[WX_STATES];
	double share[WX_STATES]; /* of all time */
	/* P(state j, a step later | state i). */
	float move[WX_STATE_STEPS][WX_STATES][WX_STATES];
};

/* The law of a character. */
struct wx_states_law wx_states_law_of(const struct wx_states_law *law,
				      enum wx_character character);

/* Ready for use; cannot fail on a law whose times and sigmas are above 0. */
void wx_states_init(struct wx_states *s, const struct wx_states_law *law);

/* The step next to dt_s. */
int wx_states_step(double dt_s);

/*
 * Ten seconds of rain scatter about the rate that goes on: 0.33 to 0.41 of it
 * within a minute of single drops (disdrometers), of which most is change that
 * the states know of.
 */
#define WX_STATES_FLICKER 0.1

/* P(10 s of state i are below a limit): ln(rate) is anywhere in it. */
double wx_states_below(const struct wx_states *s, int i, double limit_mm_h);

/* The law that is built in. */
int wx_states_law_read(struct wx_states_law *law, struct wx_error *err);
/* One from memory; name stands for the file in messages. */
int wx_states_law_parse(const char *text, size_t n, const char *name,
			struct wx_states_law *law, struct wx_error *err);

#endif
