/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/fit.h: a line from a node's monotonic clock to UTC, for one boot.
 *
 *     utc = ref_utc + (m - ref_m) * (1 + rate_ppm / 1e6) + heat(m) + bend(m)
 *
 * heat is what the node's own temperature says of a tuning fork crystal, where
 * the node logged it and the anchors do not say otherwise; bend makes pieces of
 * the line, where the anchors prove that one line is wrong. Mostly both are 0.
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
#include "clock/env.h"

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
 * 0.30 s at most, 14 days apart by 3.7 s, 30 days by 8.7 s. 8 ppm times the
 * distance to the nearer anchor gives 0.35, 4.8 and 10.4 s.
 */
#define WX_WANDER_PPM 8.0
/*
 * From so far on so many times that: a front that stays. Simulated, 15 K colder
 * from some day of 30 on: 11.6 s in the middle at the worst, 25 s are told.
 */
#define WX_FRONT_S     259200.0
#define WX_FRONT_TIMES 2.4
/*
 * So many stretches between anchors tell how much a rate wanders from one to
 * the next: within one it does twice that, and the day's swing.
 */
#define WX_SWING_STRETCHES 5
#define WX_SWING_S         86400.0
/*
 * A tuning fork: slow by 0.034 ppm/K^2 around 25 degC. Data sheets have -0.035
 * +-0.0086, -0.030 +-0.01, at most -0.040, and 25 +-5 degC: 18 % and 3 K, 1
 * sigma. What is left of it, ppm, 1 sigma, assumed: the sensor is not the
 * crystal. And of a compensated crystal (DS3231: +-2 ppm over 0 to 40 degC,
 * which is slow).
 */
#define WX_FORK_PPM_K2   0.034
#define WX_FORK_T0_DEGC  25.0
#define WX_FORK_BETA_SD  0.18
#define WX_FORK_T0_SD_K  3.0
#define WX_FORK_REST_PPM 0.05
#define WX_TCXO_REST_PPM 0.35
/*
 * And by day, when the sun is on one of them, 1 sigma, assumed; for as long as
 * half a day of a sine is at its height.
 */
#define WX_FORK_SUN_K 2.0
#define WX_FORK_SUN_S 27500.0
/*
 * The same where the temperature is a station's, 1 sigma, assumed: a box in the
 * sun, and how much of the air's swing it goes along with, which in a cellar is
 * nothing. And no less than so much where anchors tell beta: they tell of weeks.
 */
#define WX_AIR_SUN_K          3.0
#define WX_AIR_SHARE_SD       0.5
#define WX_AIR_LEAST_SHARE_SD 0.25
/*
 * So many anchors, over so wide a range of temperature, tell beta themselves:
 * 0 for a compensated crystal (DS3231).
 */
#define WX_FORK_FREE_ANCHORS 8
#define WX_FORK_FREE_K       10.0
/* A crystal does not do more; two anchors that say so contradict each other. */
#define WX_CLOCK_MAX_PPM 200.0
/* max_err_s is told for stretches of this much m, the worst in each. */
#define WX_ERR_BLOCK_US INT64_C(21600000000)

/*
 * What drives the clock. A crystal, unless the anchors are of no crystal and
 * all of one RC oscillator: an ESP32 that sleeps without one is 0.6 to 5 % off,
 * after its calibration 100 ppm, and follows the temperature strongly (reports
 * of users; the figures for what it wanders are assumed). Or a compensated
 * crystal where somebody told of one and the anchors are of one: +-2 ppm over 0
 * to 40 degC, +-3.5 to -40 and 85, a ppm more a year (data sheet of the
 * DS3231); what it wanders is WX_TCXO_REST_PPM.
 */
struct wx_osc {
	const char *name;
	double max_ppm;      /* no more than that, ever */
	double prior_sd_ppm; /* of one nobody measured */
	double sibling_sd_ppm;
	double wander_ppm; /* 2 sigma, as WX_WANDER_PPM */
	double chain_ppm;  /* 1 sigma, from one anchor to the next */
	double jitter_ppm; /* off its mean rate, day and night */
};
extern const struct wx_osc wx_osc_crystal, wx_osc_rc, wx_osc_tcxo;
/* Anchors that it takes to believe in an RC oscillator. */
#define WX_RC_ANCHORS 4

struct wx_clock_prior {
	double rate_ppm, sd_ppm;
	const struct wx_osc *told; /* wx_osc_tcxo; NULL: nobody told */
};

/* Curves each 600 s of m: the fork's, and what is not known of them. */
struct wx_heat {
	int64_t from_m_us;
	size_t n;          /* 0: temperature counts for nothing */
	double *slow_s;    /* UTC's gain on m, of the typical fork */
	double *turn_s;    /* the same for a K of T0 */
	double *unknown_s; /* time without a reading */
	double ref_s;      /* of slow_s, at ref_m */
	double range_k;    /* warmest less coldest */
	double share;      /* of the typical fork's beta; 1 unless told */
	double share_sd;
	/*
	 * By how much more of the share a measured one makes good a K of T0: of
	 * both together the anchors know more than of either. 0: not measured.
	 */
	double lean;
	const char *station; /* of wx_env: the air is not all the node's own */
};

/* What is added to the line, straight between knots and beyond them. */
struct wx_bend {
	size_t n; /* 0: one line */
	int64_t *knot_m_us;
	double *knot_s;
	double grid_s; /* they are rounded to */
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
	/*
	 * The most by which the mean rate of one stretch between anchors
	 * differs from the next one's; NAN: too few of them to tell.
	 */
	double swing_ppm;
	/*
	 * Two or more of those put aside agree with each other, so far off: of
	 * another clock under this boot number. Part of disagree_s; 0.
	 */
	double other_clock_s;

	const struct wx_osc *osc;
	const struct wx_osc *told; /* of the prior */
	struct wx_heat heat;       /* of a crystal only */
	struct wx_bend bend;

	/* For wx_clock_max_err. */
	double var_s2, cov_s, var_rate; /* of the line at ref_m; rate in s/s */
	double common_s; /* 1 sigma, what no number of anchors makes better */
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
 * @param air    the node's own temperature in that boot, sorted; NULL.
 * @param prior  of the rate, in the mean over the boot.
 * @param[out] out  written only when 1 is returned; wx_clock_fini() then.
 *
 * @return 1 done; 0 no anchor can be used; WX_ERR_NOMEM.
 */
int wx_clock_fit(struct wx_anchor *a, size_t n, int64_t lo_m_us,
		 int64_t hi_m_us, const struct wx_env *air,
		 struct wx_clock_prior prior, struct wx_clock *out,
		 struct wx_error *err);
void wx_clock_fini(struct wx_clock *c);

/* Was the rate measured, so that other boots of the unit may lean on it? */
bool wx_clock_has_rate(const struct wx_clock *c);

/*
 * What the rate was in the mean, temperature and bends and all: what another
 * boot may lean on.
 */
double wx_clock_mean_rate_ppm(const struct wx_clock *c);

/* UTC at m microseconds (a fraction is a part of a sample). */
struct wx_time wx_clock_utc(const struct wx_clock *c, double m_us);

/*
 * How wrong that may be, seconds, about 2 sigma: anchors, rate, wander with
 * temperature, misfit of the line, rounding. The worst in the 6 h of m that
 * m_us lies in, rounded up by at most a third (wx_step_bound).
 */
double wx_clock_max_err(struct wx_clock *c, int64_t m_us);

#endif
