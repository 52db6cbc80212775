/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/clock.h: the clocks of a made node, with nothing hidden.
 *
 * A node counts microseconds since it was powered on, by a 32 kHz tuning fork
 * that runs fast or slow with its temperature. Its real-time clock (RTC) runs
 * off the same crystal and jumps where something sets it. Here both are known
 * as functions of true UTC, so that what others estimate can be judged, and so
 * that a server can play the node long after its site was made.
 *
 * The drift is a table of whole microseconds, one knot each
 * WX_SIM_KNOT_US of true time, straight lines between: the table is the
 * clock, not an approximation of it. Past its last knot the node goes on at
 * the mean rate of its last day.
 */
#ifndef WX_SIM_CLOCK_H
#define WX_SIM_CLOCK_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

#define WX_SIM_KNOT_US INT64_C(1800000000)

/*
 * A 32.768 kHz tuning fork: slower by this away from its turnover, each as its
 * data sheet allows (typical: -0.034 +-0.006 ppm/K^2, 25 +-5 degC).
 */
#define WX_SIM_FORK_PPM_K2    (-0.034)
#define WX_SIM_FORK_PPM_K2_PM 0.006
#define WX_SIM_FORK_T0        25.0
#define WX_SIM_FORK_T0_PM     5.0

/* From m_us on the RTC reads r_us + (m - m_us). */
struct wx_sim_rtc {
	int64_t m_us, r_us;
	char source[8]; /* who set it: none set sntp gps pps */
	double err_ms;  /* what the node believes its error is; NAN: no idea */
};

struct wx_sim_boot {
	int64_t boot;           /* number over the node's life */
	int64_t on_us, off_us;  /* true UTC; off_us INT64_MAX: still running */
	int64_t *drift_us;      /* m - (t - on_us) at on_us + i x the knot */
	size_t n_drift;         /* 2 or more */
	struct wx_sim_rtc *rtc; /* by rising m_us, the first at 0 */
	size_t n_rtc;
};

struct wx_sim_clock {
	struct wx_sim_boot *boot; /* by time; they do not overlap */
	size_t n_boots;
};

struct wx_sim_reading {
	int64_t boot, m_us, r_us;
	const char *source; /* of the RTC; lent by the clock */
	double err_ms;      /* NAN: no idea */
};

/* What the node's clocks say at true time t. False: it has no power then. */
bool wx_sim_clock_at(const struct wx_sim_clock *c, struct wx_time t,
		     struct wx_sim_reading *out);
/* The other way, exact to 1 us. WX_TIME_NONE: no such boot. */
struct wx_time wx_sim_clock_utc(const struct wx_sim_clock *c, int64_t boot,
				int64_t m_us);
/* m of a boot at true time, whether it has power then or not. */
int64_t wx_sim_boot_m_us(const struct wx_sim_boot *b, int64_t true_us);

/* The piece of the RTC that counts at m_us of a boot; lent. */
const struct wx_sim_rtc *wx_sim_boot_rtc(const struct wx_sim_boot *b,
					 int64_t m_us);

void wx_sim_clock_fini(struct wx_sim_clock *c);

/* One node of a made site, as sim.json tells it. */
struct wx_sim_node {
	const char *id; /* lent by the site */
	bool card;      /* a folder that is carried home, not a server */
	struct wx_sim_clock clock;
};

/* A made site as its sim.json tells it. */
struct wx_sim_site {
	json_t *doc;               /* all of it */
	struct wx_time start, end; /* of the season, true UTC */
	struct wx_sim_node *node;
	size_t n_nodes;
};

/* path: DIR/sim.json. WX_ERR_FORMAT where it is not one of ours. */
int wx_sim_site_read(const char *path, struct wx_sim_site **out,
		     struct wx_error *err);
void wx_sim_site_free(struct wx_sim_site *site);

#endif
