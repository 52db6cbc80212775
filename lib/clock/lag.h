/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/lag.h: the lag between two series of the same thing.
 *
 * Two sensors within some 100 m of each other saw the same weather. How far
 * apart are their stamps? Generalized cross-correlation (Knapp and Carter
 * 1976): the phases of Welch's averaged cross-spectrum, each frequency as
 * heavy as its coherence deserves (PHAT; Hannan-Thomson where there are 8
 * segments or more), and the time at which they line up best. First coarsely,
 * far and wide, which finds zones and days; then at the series' own step.
 *
 * The sign: lag_s is the stamp that the node gave to an event, less the stamp
 * that the reference gave it. Positive: the node's clock is ahead; what the
 * node calls t happened at t - lag_s by the reference.
 *
 * Stamps are the middle of what a value averages. Whoever knows that they are
 * the end of an interval takes half of it off first; if nobody knows, the lag
 * is wrong by that half.
 *
 * The same series give the same answer to the last bit: the bootstrap's dice
 * are its own.
 */
#ifndef WX_CLOCK_LAG_H
#define WX_CLOCK_LAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Lent. Times increase; values that are not finite are passed over. */
struct wx_lag_series {
	const int64_t *utc_us;
	const double *value;
	size_t n;
};

struct wx_lag_how {
	double step_s;        /* average to this at least; 0: as they are */
	double high_pass_s;   /* a running mean of this length is taken off;
				 * 0: the mean of all */
	double coarse_step_s; /* of the wide search */
	double coarse_max_s;  /* it looks this far either way; 0: none */
	double fine_max_s;    /* and the fine one, around what that found */
	/*
	 * Where the wide search has no peak, what the fine one finds may be one
	 * of many: a pump that both feel each half hour. Not for what shows
	 * in minutes only, as gusts.
	 */
	bool needs_coarse;
	/*
	 * Fewer samples than this share differ from the one before: held or
	 * dead-banded (a reading that moves by 0.1 hPa only has 2.9 Pa rms of
	 * error that is not noise). 0 for what may stand still, as rain.
	 */
	double min_changing;
};

/*
 * Weather: 3 h takes the tides of the day away; 26 h finds every zone and a
 * wrong day; 10 minutes the rest.
 */
#define WX_LAG_WEATHER                               \
	((struct wx_lag_how){ .high_pass_s = 10800,  \
			      .coarse_step_s = 60,   \
			      .coarse_max_s = 93600, \
			      .fine_max_s = 600,     \
			      .needs_coarse = true,  \
			      .min_changing = 0.3 })

enum wx_lag_verdict {
	WX_LAG_ACCEPTED,     /* may become an anchor with sigma_s */
	WX_LAG_DOUBTFUL,     /* a number was found, and is not to be used */
	WX_LAG_INSUFFICIENT, /* no number: too little signal in common */
};

struct wx_lag {
	enum wx_lag_verdict verdict;
	const char *why; /* not accepted: a constant text; NULL */

	/* NAN if insufficient. */
	double lag_s;
	double sd_s;       /* bootstrap */
	double lo_s, hi_s; /* its 95 % interval */
	double sigma_s;    /* for an anchor: sd_s, 0.1 step_s at least */
	/*
	 * Peak over sidelobes: (peak - mean) / sd of the correlation beside
	 * it. What is no signal has 3 to 5.
	 */
	double psr;
	double second; /* height of the second highest peak over the first's */
	double half_s[2]; /* lag of either half of the time */
	double half_psr[2];
	double drift_ppm; /* from them; positive: the node's clock gains */
	double drift_sd_ppm;

	double coarse_s, coarse_psr; /* of the wide search; NAN: none */
	double step_s;               /* to which both were averaged */
	double span_s;               /* that both cover */
	size_t n_segments, n_blocks;
};

/**
 * Measure the lag of node behind or before ref.
 *
 * @param[out] out  written only on WX_OK, which says nothing of the verdict.
 *
 * @retval WX_ERR_RANGE  a search too wide for the step (2^20 samples).
 * @retval WX_ERR_NOMEM
 */
int wx_lag(const struct wx_lag_series *node, const struct wx_lag_series *ref,
	   const struct wx_lag_how *how, struct wx_lag *out,
	   struct wx_error *err);

/*
 * Do the halves of the time tell different lags, by 3 sigma more than a crystal
 * drifts (50 ppm), or one of them nothing? Not if insufficient.
 */
bool wx_lag_halves_differ(const struct wx_lag *lag);

/* "the node's clock is 3.2 s behind the reference"; returns buf. */
enum { WX_LAG_WORDS_SIZE = 96 };
const char *wx_lag_words(double lag_s, char buf[WX_LAG_WORDS_SIZE]);

#endif
