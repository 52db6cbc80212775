/* SPDX-License-Identifier: MIT */
/*
 * Which instant of its row a station's value tells of: made pressure that walks,
 * nodes that read it each minute, a station that stamps in every way there is.
 */
#include <stdlib.h>

#include "clock/lag_row.h"
#include "made_noise.h"
#include "testing.h"

#define UTC0  INT64_C(1780272000000000) /* 2026-06-01T00:00:00Z */
#define DAY_S 86400.0
/* The weather has values each half second, from 2000 s before UTC0 on. */
enum { DAYS = 2, NODES = 2, PER_S = 2, EARLY_S = 2000 };

struct scene {
	const char *label;
	double row_s, node_s;
	double weather_pa; /* sd of a change in a minute */
	double place;
	bool is_mean;
	double near_s; /* the station's zone is wrong by it */
	double within; /* of the place; NAN: nothing is to be said */
};

static const struct scene scenes[] = {
	{ "read at its end", 10, 60, 3, 0, false, 0, 0.1 },
	{ "a mean", 10, 60, 3, -0.5, true, 0, 0.1 },
	{ "start told as end", 10, 60, 3, 1, false, 0, 0.1 },
	{ "start told as end, a mean", 10, 60, 3, 0.5, true, 0, 0.1 },
	{ "end told as start", 10, 60, 3, -1, false, 0, 0.1 },
	{ "end told as start, a mean", 10, 60, 3, -1.5, true, 0, 0.1 },
	{ "and an hour off", 10, 60, 3, 1, false, 3600, 0.1 },
	{ "both of a minute", 60, 60, 3, 1, false, 0, 0.15 },
	{ "rows of 10 min", 600, 60, 3, 1, false, 0, 0.05 },
	{ "rows of 10 min, means", 600, 60, 3, -0.5, true, 0, 0.1 },
	{ "a node of each 10 min", 10, 600, 3, 1, false, 0, 0.4 },
	{ "no weather", 10, 60, 0.01, 0, false, 0, NAN },
	{ "off by three rows", 10, 60, 3, 3, false, 0, NAN },
};

struct series {
	struct wx_lag_series s;
	int64_t *utc_us;
	double *value;
};

static void series_new(struct series *s, size_t n)
{
	s->utc_us = malloc(n * sizeof(*s->utc_us));
	s->value = malloc(n * sizeof(*s->value));
	s->s = (struct wx_lag_series){ s->utc_us, s->value, 0 };
}

static void series_free(struct series *s)
{
	free(s->utc_us);
	free(s->value);
}

static void series_add(struct series *s, double t_s, double pa)
{
	s->utc_us[s->s.n] = UTC0 + llround(t_s * 1e6);
	s->value[s->s.n++] = 960 + (pa + normal()) / 100;
}

static double weather_at(const float *w, double t_s)
{
	return (double)w[(size_t)((t_s + EARLY_S) * PER_S)];
}

static double mean_of(const float *w, double from_s, double to_s)
{
	double sum = 0, n = 0;

	for (double t = from_s; t < to_s; t++, n++)
		sum += weather_at(w, t);
	return sum / n;
}

static void make_station(const struct scene *sc, const float *w,
			 struct series *s)
{
	series_new(s, (size_t)(DAYS * DAY_S / sc->row_s));
	for (double t = 0; t < DAYS * DAY_S; t += sc->row_s) {
		double at = t + sc->place * sc->row_s;
		double half = sc->row_s / 2;

		series_add(s, t - sc->near_s,
			   sc->is_mean ? mean_of(w, at - half, at + half)
				       : weather_at(w, at));
	}
}

/* A day at a time, as they come; a tenth is missing. */
static void add_node(const struct scene *sc, const float *w,
		     const struct series *station, struct wx_lag_rows *rows)
{
	double phase = uniform() * sc->node_s;

	for (int day = 0; day < DAYS; day++) {
		struct series s;

		series_new(&s, (size_t)(DAY_S / sc->node_s));
		for (double t = phase; t < DAY_S; t += sc->node_s)
			if (uniform() < 0.9)
				series_add(&s, day * DAY_S + t,
					   weather_at(w, day * DAY_S + t));
		CHECK_INT(sc->label,
			  wx_lag_rows_add(rows, &s.s, &station->s, sc->row_s,
					  sc->near_s, NULL),
			  WX_OK);
		series_free(&s);
	}
}

static void test_scene(const struct scene *sc)
{
	size_t n = (size_t)(DAYS * DAY_S + 2 * EARLY_S) * PER_S;
	float *w;
	struct series station;
	struct wx_lag_rows rows = { 0 };
	struct wx_lag_row_sum sum;
	double prefer;

	rng_state = 1;
	w = walk(n, sc->weather_pa * sqrt(1.0 / PER_S / 60));
	make_station(sc, w, &station);
	for (int i = 0; i < NODES; i++)
		add_node(sc, w, &station, &rows);
	sum = wx_lag_rows_sum(&rows);
	CHECK("blocks of 3 h", sum.n_blocks >= 15 && sum.n_blocks <= 18);
	prefer = wx_lag_rows_prefer(&rows, 0.5, 1, -0.5, 0);
	if (isnan(sc->within)) { /* its sd says so, or there is none */
		CHECK(sc->label, isnan(sum.place) || fabs(prefer) < 4);
	} else {
		CHECK_F64(sc->label, sum.place, sc->place, sc->within);
		CHECK(sc->label, sum.sd > 0 && sum.sd < sc->within);
		CHECK(sc->label, sc->place > 0.25 ? prefer > 5 : prefer < -5);
	}
	CHECK_F64("the other way round",
		  wx_lag_rows_prefer(&rows, -0.5, 0, 0.5, 1), -prefer, 1e-9);
	wx_lag_rows_fini(&rows);
	series_free(&station);
	free(w);
}

/* What can tell nothing adds nothing. */
static void test_nothing(void)
{
	int64_t t[100], still[100];
	double v[100], nan[100], flat[100];
	const struct wx_lag_series good = { t, v, 100 }, none = { t, v, 0 },
				   one = { t, v, 1 }, lost = { t, nan, 100 },
				   held = { t, flat, 100 },
				   stopped = { still, v, 100 };
	const struct wx_lag_series *bad[] = { &none, &one, &lost, &held,
					      &stopped };
	struct wx_lag_rows rows = { 0 };

	for (int i = 0; i < 100; i++) {
		t[i] = UTC0 + i * INT64_C(60000000);
		still[i] = UTC0;
		v[i] = normal();
		nan[i] = NAN;
		flat[i] = 1;
	}
	for (size_t i = 0; i < WX_COUNT(bad); i++) {
		CHECK_INT("node",
			  wx_lag_rows_add(&rows, bad[i], &held, 60, 0, NULL),
			  WX_OK);
		CHECK_INT("station",
			  wx_lag_rows_add(&rows, &held, bad[i], 60, 0, NULL),
			  WX_OK);
		CHECK_INT("far",
			  wx_lag_rows_add(&rows, &good, &good, 60, 1e6, NULL),
			  WX_OK);
	}
	CHECK_INT("no interval",
		  wx_lag_rows_add(&rows, &good, &good, NAN, 0, NULL), WX_OK);
	CHECK_INT("rows", rows.n, 0);
	CHECK_F64("place", wx_lag_rows_sum(&rows).place, NAN, 0);
	CHECK_F64("prefers none", wx_lag_rows_prefer(&rows, 0, 1, -1, 0), 0, 0);
	wx_lag_rows_fini(&rows);
}

int main(void)
{
	test_nothing();
	for (size_t i = 0; i < WX_COUNT(scenes); i++)
		test_scene(&scenes[i]);
	return wx_test_end();
}
