/* SPDX-License-Identifier: MIT */
/* lib/clock/fit_parts.h: what fit*.c share; nobody else needs it. */
#ifndef WX_CLOCK_FIT_PARTS_H
#define WX_CLOCK_FIT_PARTS_H

#include <math.h>

#include "clock/fit.h"

/* A pull that was killed and repeated comes about this much later. */
#define WX_REPEAT_S 60.0
/* Grid over jitter: two runs fall on two grid points once in 100 or less. */
#define WX_GRID_OVER_JITTER 100.0

/* 2 sigma, near seconds from where it is known, at so many ppm at first. */
static inline double wx_wander_s(double ppm, double near)
{
	return ppm * 1e-6 * near *
	       (1 + (WX_FRONT_TIMES - 1) * fmin(near / WX_FRONT_S, 1));
}

/* --- fit_heat.c: what temperature did to the crystal -------------------- */

/*
 * Build the curves from lo to hi. heat->n stays 0 where too little is known of
 * the temperature, or air is NULL.
 */
int wx_heat_init(struct wx_heat *heat, const struct wx_env *air,
		 int64_t lo_m_us, int64_t hi_m_us, int64_t ref_m_us,
		 struct wx_error *err);
void wx_heat_fini(struct wx_heat *heat);
/* Seconds that UTC gained on m since ref_m, at the share of a fork's. */
double wx_heat_gain(const struct wx_heat *heat, double m_us);
/* The same for a K that T0 is lower, of a whole fork; from anywhere. */
double wx_heat_turn(const struct wx_heat *heat, double m_us);
/* Of the time between, how much without a reading; no heat: all. */
double wx_heat_unknown_s(const struct wx_heat *heat, int64_t from_m_us,
			 int64_t to_m_us);
/*
 * How wrong the gain may be at m, 2 sigma, seconds, when it is right at left
 * and right (one of which may be INT64_MIN: none).
 */
double wx_heat_err(const struct wx_heat *heat, int64_t m_us, int64_t left_us,
		   int64_t right_us);

/* --- a fit under way ---------------------------------------------------- */

struct wx_fit_line {
	double off_s, rate; /* at ref; s/s */
};

struct wx_fit_work {
	struct wx_anchor *a;
	size_t n;
	int64_t ref_m_us;
	int64_t base_us; /* utc - m of the first usable anchor */
	double model_s;
	const struct wx_osc *osc;
	/* 1 sigma, from one anchor to the next: with temperature known, without */
	double heat_ppm, chain_ppm;
	const struct wx_heat *heat;
};

/* Doubles hold microseconds of UTC; a stranger's integers may overflow. */
static inline double wx_fit_x(const struct wx_fit_work *w,
			      const struct wx_anchor *a)
{
	return ((double)a->m_us - (double)w->ref_m_us) * 1e-6;
}

/* What the line has to explain. */
static inline double wx_fit_y(const struct wx_fit_work *w,
			      const struct wx_anchor *a)
{
	return ((double)a->utc_us - (double)a->m_us - (double)w->base_us) *
		       1e-6 -
	       wx_heat_gain(w->heat, (double)a->m_us);
}

static inline double wx_fit_resid(const struct wx_fit_work *w,
				  const struct wx_fit_line *l,
				  const struct wx_anchor *a)
{
	return wx_fit_y(w, a) - l->off_s - l->rate * wx_fit_x(w, a);
}

static inline size_t wx_fit_count(const struct wx_fit_work *w)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n; i++)
		n += w->a[i].used;
	return n;
}

/*
 * fit_choose.c: which anchors are used, and why the others are not; learns
 * model_s.
 */
int wx_fit_choose(struct wx_fit_work *w, struct wx_error *err);
/*
 * Of the anchors put aside, do two or more agree with each other, a day or more
 * off and not by whole days? That is another clock under the same boot number:
 * they are named, and the least distance is returned, seconds; else 0.
 */
double wx_fit_other_clock(const struct wx_fit_work *w);
/* fit_share.c: the share of the heat, by the chosen anchors. */
int wx_fit_share(const struct wx_fit_work *w, struct wx_heat *heat,
		 struct wx_error *err);

/* --- fit_bend.c: where one line is proven wrong ------------------------- */

struct wx_bend_point {
	int64_t m_us;
	double resid_s; /* off the line */
	double sigma_s, jitter_s;
};

/*
 * Bend the line through n points by m, if they prove it wrong. wander_ppm: by
 * how much the rate of one piece differs from the next one's, 1 sigma;
 * jitter_ppm: by how much it is off within a piece.
 */
int wx_bend_init(struct wx_bend *bend, const struct wx_bend_point *p, size_t n,
		 double wander_ppm, double jitter_ppm, struct wx_error *err);
void wx_bend_fini(struct wx_bend *bend);
double wx_bend_at(const struct wx_bend *bend, double m_us);

#endif
