/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/fit.h: a line from a node's monotonic clock to UTC, for one boot.
 *
 *     utc = ref_utc + (m - ref_m) * (1 + rate_ppm / 1e6)
 *
 * One anchor: its offset and a prior rate. Two or more: weighted least squares
 * with the prior beside them (which two good anchors outweigh at once), after
 * those that contradict the others are put aside.
 *
 * The same raw data, pulled at another moment or by a pull that was killed and
 * repeated, must give the same windows to the byte, although the exchanges
 * then differ. So a fit is rounded before it is used: the offset in the middle
 * of the boot's captures to a grid 100 times as wide as a repeated pull would
 * move it, the rate to one that moves the ends by no more. The rounding counts
 * in max_err. Where nothing jitters (events alone), the grid is 1 ms.
 */
#ifndef WX_CLOCK_FIT_H
#define WX_CLOCK_FIT_H

#include "clock/anchor.h"

/*
 * A rate nobody has measured: 0 +-50 ppm (2 sigma). A 32 kHz tuning fork is
 * within 20 ppm at 25 degC and 42 ppm slower at -10 degC (typical data sheets:
 * -0.034 ppm/K^2 around 25 degC).
 */
#define WX_PRIOR_SD_PPM 25.0
/* +-20 ppm (2 sigma) where another boot of the same unit was measured. */
#define WX_SIBLING_SD_PPM 10.0
/*
 * How far a rate wanders with temperature from the mean between two anchors,
 * 2 sigma. Simulated (fork, 15 +-8 degC, then 5 +-8 degC, a cold front of
 * 15 K in 14 days): a line between anchors 1 day apart is wrong by 0.15 and
 * 0.30 s at most, 14 days apart by 3.7 s, 30 days by 8.7 s. 7 ppm times the
 * distance to the nearer anchor gives 0.30, 4.2 and 9.1 s.
 */
#define WX_WANDER_PPM 7.0
/* A crystal does not do more; two anchors that say so contradict each other. */
#define WX_CLOCK_MAX_PPM 200.0
/* max_err_s is told for stretches of this much m, the worst in each. */
#define WX_ERR_BLOCK_US INT64_C(21600000000)

struct wx_clock_prior {
	double rate_ppm, sd_ppm;
};

struct wx_clock {
	int64_t boot;
	int64_t ref_m_us, ref_utc_us; /* rounded to grid_s */
	double rate_ppm; /* positive: the node runs slow, UTC gains on m */
	double grid_s, rate_grid_ppm; /* rate_grid 0: the prior's rate */
	double rate_sd_ppm;
	size_t n_used, n_rejected;
	double model_s;    /* 1 sigma by which one line fails the anchors */
	double disagree_s; /* how far apart they are if they contradict; 0 */

	/* For wx_clock_max_err. */
	double var_s2, cov_s, var_rate; /* of the line at ref_m; rate in s/s */
	int64_t lo_m_us, hi_m_us;
	const struct wx_anchor *anchor; /* lent */
	size_t n_anchors;
	int64_t block; /* the last answer */
	double block_err_s;
};

/**
 * Fit one boot.
 *
 * @param a      n anchors of that boot, sorted; used, resid_s and fault are
 *               set. They are lent to out.
 * @param lo_m_us, hi_m_us  from the boot's first captured sample to its last;
 *               where there are no captures, twice the same m.
 * @param prior  of the rate.
 * @param[out] out  written only when 1 is returned.
 *
 * @return 1 done; 0 no anchor can be used; WX_ERR_NOMEM.
 */
int wx_clock_fit(struct wx_anchor *a, size_t n, int64_t lo_m_us,
		 int64_t hi_m_us, struct wx_clock_prior prior,
		 struct wx_clock *out, struct wx_error *err);

/* Was the rate measured, so that other boots of the unit may lean on it? */
bool wx_clock_has_rate(const struct wx_clock *c);

/* UTC at m microseconds (a fraction is a part of a sample). */
struct wx_time wx_clock_utc(const struct wx_clock *c, double m_us);

/*
 * How wrong that may be, seconds, about 2 sigma: anchors, rate, wander with
 * temperature, misfit of the line, rounding. The worst in the 6 h of m that
 * m_us lies in, rounded up to 1, 2 or 5 times a power of ten.
 */
double wx_clock_max_err(struct wx_clock *c, int64_t m_us);

#endif
