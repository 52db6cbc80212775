/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/made_clock.h: a made crystal, its weather, the hosts that pull
 * from it, and what anchors they get: the truth is known.
 */
#ifndef WX_MADE_CLOCK_H
#define WX_MADE_CLOCK_H

#include <math.h>

#include "clock/fit.h"
#include "made_noise.h"
#include "testing.h"

#define UTC0 INT64_C(1780272000000000) /* 2026-06-01T00:00:00Z */
#define S    INT64_C(1000000)
#define HOUR (3600 * S)
#define DAY  (24 * HOUR)

static const struct wx_time latest = { (UTC0 + 1000 * DAY) * 1000 };

static inline double either(double v)
{
	return uniform() < 0.5 ? -v : v;
}

/* --- the crystal -------------------------------------------------------- */

enum { KNOT_S = 600, MAX_DAYS = 95, MAX_KNOTS = MAX_DAYS * 144 };

enum made_what { FORK, FORK_FAR, COMPENSATED, TOLD, RC };
enum made_weather {
	PLAIN,  /* 15 +-8 degC */
	FRONT,  /* and 15 K colder, for good, from some day on */
	SPELL,  /* 15 K colder for two to five days */
	SEASON, /* 12 K warmer at the end than at the beginning */
	ALPINE, /* -5 +-8 degC: far off the turnover */
	CELLAR, /* 12 degC, and PLAIN outdoors */
	BOX,    /* PLAIN, an hour late, and warmer in the sun on fair days */
	BOX_FRONT,
};

/* m - (utc - on) at each 600 s, and what its box's temperature was. */
struct crystal {
	double gain_s[MAX_KNOTS];
	double t_degc[MAX_KNOTS];
	double mast_degc[MAX_KNOTS]; /* of the air outdoors */
	int n;
};

struct made_days {
	double phase, from, to; /* of the day; of the cold, days */
	double sun_k[MAX_DAYS]; /* at its height; BOX only */
};

/* Outdoors. */
static inline double made_mast_degc(enum made_weather w,
				    const struct made_days *d, double day,
				    int days)
{
	double t = (w == ALPINE ? -5 : 15) + 8 * cos(2 * M_PI * day + d->phase);

	if (w == SEASON)
		t += 12 * (day / days - 0.5);
	if (((w == FRONT || w == BOX_FRONT) && day > d->from) ||
	    (w == SPELL && day > d->from && day < d->to))
		t -= 15;
	return t;
}

/* Beside the crystal. */
static inline double made_degc(enum made_weather w, const struct made_days *d,
			       double day, int days)
{
	double noon = fmax(0, cos(2 * M_PI * day + d->phase));

	if (w == CELLAR)
		return 12;
	if (w == BOX || w == BOX_FRONT)
		return made_mast_degc(w, d, day - 1 / 24.0, days) +
		       noon * d->sun_k[(int)day];
	return made_mast_degc(w, d, day, days);
}

/*
 * A fork of +-20 ppm, beta and T0 spread as data sheets have them, or both as
 * far off as 1 sigma of them (18 %, 3 K); a compensated crystal of +-2 ppm, of
 * which 0.5 ppm or so come and go with the temperature, which somebody may have
 * told of; an RC oscillator, 2 % off or so, with 40 ppm/K.
 */
static inline void crystal_make(struct crystal *c, int days,
				enum made_what what, enum made_weather weather)
{
	bool tcxo = what == COMPENSATED || what == TOLD;
	struct made_days d = { .phase = uniform() * 2 * M_PI,
			       .from = days * (0.1 + 0.8 * uniform()) };
	double ppm = (2 * uniform() - 1) * (tcxo ? 2 : 20);
	double beta = 0.034 * (what == FORK_FAR ? 1 + either(0.18)
						: 1 + 0.15 * normal());
	double t0 = 25 + (what == FORK_FAR ? either(3) : 2.5 * normal());
	double swing = tcxo ? 0.2 * (t0 - 25) : 0;
	double gain = 0;

	d.to = d.from + 2 + 3 * uniform();
	c->n = days * 144;
	if (weather == BOX || weather == BOX_FRONT) {
		double sun_k = 6 * uniform();

		for (int i = 0; i < days; i++)
			d.sun_k[i] = sun_k * uniform();
	}
	for (int i = 0; i < c->n; i++) {
		double t = made_degc(weather, &d, i / 144.0, days);

		c->mast_degc[i] = made_mast_degc(weather, &d, i / 144.0, days);
		c->t_degc[i] = t;
		c->gain_s[i] = gain;
		if (what == RC)
			gain += (1000 * ppm + 40 * (t - t0)) * 1e-6 * KNOT_S;
		if (!tcxo)
			gain -= beta * (t - t0) * (t - t0) * 1e-6 * KNOT_S;
		gain += (ppm + swing * sin(2 * M_PI * (t - t0) / 40)) * 1e-6 *
			KNOT_S;
	}
}

static inline double crystal_gain(const struct crystal *c, double t_s)
{
	int i = (int)(t_s / KNOT_S);

	i = i > c->n - 2 ? c->n - 2 : i;
	return c->gain_s[i] +
	       (t_s / KNOT_S - i) * (c->gain_s[i + 1] - c->gain_s[i]);
}

static inline int64_t crystal_m(const struct crystal *c, double t_s)
{
	return llround((t_s + crystal_gain(c, t_s)) * 1e6);
}

/* What a node logs of the temperature, each 10 minutes. */
enum made_air {
	NO_AIR,
	AIR,         /* half a degree off */
	AIR_SUN,     /* the sensor follows the day 3 K less than the crystal */
	AIR_GAP,     /* the middle third of the time is missing */
	AIR_STUCK,   /* it stays at what it was after a third of the time */
	AIR_STEPS,   /* of 2 K */
	AIR_STATION, /* a mast's */
};

static inline void crystal_air(const struct crystal *c, enum made_air how,
			       struct wx_env *env)
{
	double mean = 0;

	*env = (struct wx_env){ .station = how == AIR_STATION ? "mast" : NULL };
	if (how == NO_AIR)
		return;
	for (int i = 0; i < c->n; i++)
		mean += c->t_degc[i] / c->n;
	for (int i = 0; i < c->n; i++) {
		double t = c->t_degc[i] + 0.5;

		if (how == AIR_GAP && i > c->n / 3 && i < 2 * c->n / 3)
			continue;
		if (how == AIR_STATION)
			t = c->mast_degc[i] + 0.5;
		if (how == AIR_SUN)
			t -= 3.0 / 8 * (t - mean);
		if (how == AIR_STUCK && i > c->n / 3)
			t = c->t_degc[c->n / 3] + 0.5;
		if (how == AIR_STEPS)
			t = 2 * round(t / 2);
		wx_env_add(env,
			   &(struct wx_env_reading){
				   llround((i * (double)KNOT_S + c->gain_s[i]) *
					   1e6),
				   (float)t, NAN, NAN },
			   NULL);
	}
	wx_env_keep_temperature(env);
}

/* --- exchanges ---------------------------------------------------------- */

enum made_link {
	LAN,    /* 1 ms, three in ten answers late */
	WIFI,   /* 3 ms and a heavy tail on either way */
	SERIAL, /* the answer waits up to 16 ms in the host's adapter */
};

enum made_host {
	SYNCED,
	FREE,  /* set right within two days, 20 ppm, and says it is free */
	MIXED, /* free in the first half, synchronised in the second */
	LIAR,  /* one pull in six is off by some seconds, and nobody says so */
};

struct made_pulls {
	enum made_link link;
	enum made_host host;
	double off_s; /* of a free host at the start of the season */
	double ppm;
};

static inline struct made_pulls made_pulls(enum made_link link,
					   enum made_host host)
{
	double ppm = (2 * uniform() - 1) * 20;

	return (struct made_pulls){ link, host,
				    ppm * 1e-6 * 2 * 86400 * uniform(), ppm };
}

static inline void made_delays(enum made_link link, double *there, double *back)
{
	*there = 0.001 * (0.3 + 0.4 * uniform());
	*back = 0.001 * (0.3 + 0.4 * uniform());
	if (link == LAN && uniform() < 0.3)
		*back += 0.010 * uniform();
	if (link == WIFI) {
		*there += 0.002 + 0.004 * pow(1 - uniform(), -1 / 1.3);
		*back += 0.002 + 0.004 * pow(1 - uniform(), -1 / 1.3);
	}
	if (link == SERIAL)
		*back += 0.002 + 0.014 * uniform();
}

/* 16 exchanges; host_s: by how much the host's clock is ahead. */
static inline void burst(struct wx_exchange *x, const struct crystal *c,
			 double t_s, enum made_link link, double host_s,
			 bool synced)
{
	double t = t_s;

	for (int i = 0; i < 16; i++) {
		double there, back;

		made_delays(link, &there, &back);
		there = fmin(there, 5);
		back = fmin(back, 5);
		x[i] = (struct wx_exchange){
			.t1_us = UTC0 + llround((t + host_s) * 1e6),
			.t4_us = UTC0 +
				 llround((t + host_s + there + back) * 1e6),
			.boot = 1,
			.m2_us = crystal_m(c, t + there),
			.m3_us = crystal_m(c, t + there) + 20,
			.host_synced = synced,
			.host_est_err_us = synced ? 500 : 16000000,
		};
		t += there + back + 0.002;
	}
}

/* A pull at t, before it one that died after its first burst (NAN: none). */
static inline void add_pull(struct wx_anchors *list, const struct crystal *c,
			    double t_s, double died_s,
			    const struct made_pulls *p)
{
	double days = t_s / 86400, season = c->n / 144.0;
	bool free = p->host == FREE || (p->host == MIXED && days < season / 2);
	double host_s = free ? p->off_s + p->ppm * 1e-6 * t_s : 0;
	struct wx_exchange x[48];
	size_t n = 32;

	/* Somebody sets a free laptop's clock every week or so. */
	if (free)
		host_s = p->off_s + p->ppm * 1e-6 * fmod(t_s, 7 * 86400.0) / 3;
	/* The same lie however often that pull is repeated. */
	if (p->host == LIAR) {
		double h = sin(floor(days + 0.5) * 12.9898 + p->ppm) * 43758.5;

		h = 6 * (h - floor(h));
		host_s = h < 1 ? (h < 0.5 ? -1 : 1) * (1 + 16 * fmod(h, 0.5))
			       : 0;
	}
	burst(x, c, t_s, p->link, host_s, !free);
	burst(x + 16, c, t_s + 5 + uniform(), p->link, host_s, !free);
	if (!isnan(died_s)) {
		burst(x + 32, c, died_s, p->link, host_s, !free);
		n = 48;
	}
	CHECK_INT("exchanges",
		  wx_anchors_add_exchanges(list, x, n, latest, NULL), WX_OK);
}

/* Syncs that the node made itself; common_s of their error never changes. */
static inline void add_syncs(struct wx_anchors *list, const struct crystal *c,
			     double to_s, double step_s, double e_ms)
{
	double common_s = e_ms * 5e-4 * normal();

	for (double t = 10; t <= to_s; t += step_s)
		wx_anchors_add_event(list, "sync", "sntp", 1, crystal_m(c, t),
				     UTC0 + llround((t + common_s +
						     normal() * e_ms * 8.7e-4) *
						    1e6),
				     e_ms, latest, NULL);
}

#endif
