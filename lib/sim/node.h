/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/node.h: what a made node goes through in its season.
 *
 * Boots (a power cut in mid-season, with or without the real-time clock
 * surviving it), clocks, and one after the other what the node writes into its
 * index: boots, captures, clock events, environment tables. Nothing depends on
 * what other nodes do, nor on the sound.
 */
#ifndef WX_SIM_NODE_H
#define WX_SIM_NODE_H

#include "sim/clock.h"
#include "sim/rng.h"
#include "sim/weather.h"

/* What a made site is a function of. */
struct wx_sim_opts {
	int64_t seed;
	int64_t start_s; /* Unix, true UTC */
	double days;     /* 0.01 .. 400 */
	int n_nodes;     /* the last one is a card; 0: only the mast */
	double capture_s, every_s; /* every_s > capture_s */
	int rate_hz;
	double bucket_mm;
	int utc_offset_s; /* of the logger, ahead of UTC */
	const char *climate;
	bool aurora; /* a node that writes packets stands beside the others */
};

int64_t wx_sim_end_s(const struct wx_sim_opts *o); /* of the season */
struct wx_sim_weather wx_sim_weather_of(const struct wx_sim_opts *o);

enum { WX_SIM_ID_SIZE = 8, WX_SIM_NAME_SIZE = 40 };

/* A made node: all of it follows from the options and its number. */
struct wx_sim_plan {
	char id[WX_SIM_ID_SIZE]; /* "n1" */
	bool card;
	bool sha256; /* its firmware writes the optional digest, too */
	uint64_t key;
	struct wx_sim_weather weather;
	struct wx_sim_opts opts;
	/* Of the fork: at its turnover, how it bends away, and where that is. */
	double crystal_ppm, crystal_ppm_k2, crystal_t0_degc;
	double sample_ppm; /* of the sample clock, against true time */
	double temp_bias_k, sun_k, rel_hum_bias, pressure_bias_hpa;
	double gain_db, noise_dbfs, dc; /* of the microphone */
	struct wx_sim_clock clock;
	int64_t first_seq;
	bool *rtc_lost; /* of each boot: did it come up without the time? */
};

int wx_sim_plan_init(struct wx_sim_plan *p, const struct wx_sim_opts *o,
		     int number, struct wx_error *err);
void wx_sim_plan_fini(struct wx_sim_plan *p);

/* A node's own sensors at true time t_s, noise and bias included. */
struct wx_sim_env {
	double air_temp_degc, rel_hum_pct, pressure_hpa;
};
struct wx_sim_env wx_sim_plan_env(const struct wx_sim_plan *p, double t_s);

enum wx_sim_item_kind {
	WX_SIM_CAPTURE,
	WX_SIM_ENV,   /* a boot's table of readings */
	WX_SIM_EVENT, /* of the clock */
};

enum wx_sim_state { WX_SIM_CLOSED, WX_SIM_OPEN, WX_SIM_RECOVERED };

/* One line of the index. */
struct wx_sim_item {
	enum wx_sim_item_kind kind;
	enum wx_sim_state state;
	char name[WX_SIM_NAME_SIZE]; /* "b0017/000123.wav" */
	int64_t boot, seq;
	int64_t m0_us, m1_us, r0_us;
	int64_t n_frames;
	int64_t start_us, end_us; /* true UTC of first and past last frame */
	double temp_degc;
	/* events; m0_us is their time */
	char event[12], source[8];
	int64_t utc_us; /* INT64_MIN: none */
	double err_ms;  /* NAN: none */
};

/* Goes through a node's index from its first line to its last. */
struct wx_sim_cursor {
	const struct wx_sim_plan *plan;
	size_t boot;
	int stage;
	int64_t seq, capture, n_captures; /* of this boot */
	int64_t env_seq; /* given when the boot's table was begun */
	size_t rtc;      /* next piece of the boot's RTC */
	bool has_next;   /* next: a capture that waits for an event before it */
	bool has_rest;   /* rest: what a power cut or the end left unfinished */
	struct wx_sim_item next, rest;
};

void wx_sim_cursor_init(struct wx_sim_cursor *c, const struct wx_sim_plan *p);
/* False: that was all. */
bool wx_sim_cursor_next(struct wx_sim_cursor *c, struct wx_sim_item *out);

#endif
