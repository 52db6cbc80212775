/* SPDX-License-Identifier: MIT */
/* lib/sim/weather.c: events, wind, temperature and pressure of a made site. */
#include "sim/weather.h"

#include <math.h>
#include <string.h>

#include "sim/noise.h"
#include "sim/rng.h"

enum {
	DAY_S = 86400,
	CHUNK = 600,      /* seconds worked on at once */
	MAX_EVENTS = 32,  /* that reach into one chunk */
	MAX_CELLS = 24,   /* rain cells a day */
	N_WINDS = 12,     /* wind blocks a day */
	MEMORY_S = 14400, /* after its end an event no longer cools the air */
};

enum kind { DRY, DRIZZLE, SHOWER, STEADY, STORM, CLOUDBURST };

/*
 * Rates are medians of the event's middle. Durations and rates follow the
 * usual classes: drizzle under 0.5 mm/h, showers of 20 to 60 minutes with
 * breaks, steady rain for hours, cells of 10 to 45 minutes.
 */
static const struct {
	double rate_mm_h, rate_sd; /* sd of the logarithm */
	double min_s, max_s;
	double rise, fall; /* shares of the duration */
	double texture_sd; /* of the logarithm, over 1 to 16 minutes */
	double dry_below;  /* a gap where the gate is below; -9: no gaps */
	double cool_k;
	double gust_m_s; /* of the front ahead of it */
} kinds[] = {
	[DRIZZLE] = { 0.4, 0.35, 2400, 6600, 0.2, 0.2, 0.4, -9, 0.8, 0 },
	[SHOWER] = { 3.5, 0.45, 1200, 3600, 0.15, 0.3, 0.9, -0.67, 2, 1 },
	[STEADY] = { 3.6, 0.4, 4800, 10800, 0.25, 0.25, 0.5, -9, 2, 0 },
	[STORM] = { 14, 0.4, 1200, 2700, 0.08, 0.5, 0.8, -1.5, 5, 6 },
	[CLOUDBURST] = { 65, 0.3, 480, 1080, 0.12, 0.4, 0.4, -9, 6, 9 },
};

struct wx_sim_climate {
	const char *name;
	int cell_s; /* a day's cells are dealt the deck, shuffled */
	enum kind deck[MAX_CELLS];
};

static const struct wx_sim_climate climates[] = {
	{ "dry", 7200, { SHOWER } },
	{ "showery",
	  7200,
	  { DRIZZLE, DRIZZLE, SHOWER, SHOWER, STEADY, STORM, STORM } },
	{ "wet",
	  3600,
	  { DRIZZLE, DRIZZLE, DRIZZLE, SHOWER, SHOWER, SHOWER, SHOWER, SHOWER,
	    SHOWER, STEADY, STEADY, STEADY, STEADY, STORM, STORM,
	    CLOUDBURST } },
};

/* Means of a day's twelve blocks, m/s, given out by the course of the day. */
static const double wind_deck[N_WINDS] = { 0.5, 0.8, 1.0, 2.2, 2.8, 3.3,
					   3.8, 4.3, 4.8, 6.8, 8.0, 9.5 };

const struct wx_sim_climate *wx_sim_climate_get(const char *name)
{
	for (size_t i = 0; i < sizeof(climates) / sizeof(climates[0]); i++)
		if (!strcmp(climates[i].name, name))
			return &climates[i];
	return NULL;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* 0 below 0, 1 above 1, smooth between. */
static double ramp(double x)
{
	x = fmin(fmax(x, 0), 1);
	return x * x * (3 - 2 * x);
}

struct event {
	enum kind kind;
	double start_s, length_s, rate_mm_h, gust_m_s, cool_k;
};

/* The event of one cell of the clock; kind DRY when there is none. */
static struct event event_of(const struct wx_sim_weather *w, int64_t cell)
{
	const struct wx_sim_climate *c = w->climate;
	int64_t per_day = DAY_S / c->cell_s, day = floor_div(cell, per_day);
	struct wx_sim_rng deal = wx_sim_rng(w->key, "deck", day);
	struct wx_sim_rng r = wx_sim_rng(w->key, "event", cell);
	enum kind deck[MAX_CELLS];
	struct event e = { DRY, 0, 0, 0, 0, 0 };

	memcpy(deck, c->deck, sizeof(deck));
	for (int64_t i = per_day - 1; i > 0; i--) {
		int64_t j = (int64_t)wx_sim_uniform(&deal, 0, (double)i + 1);
		enum kind k = deck[i];

		deck[i] = deck[j];
		deck[j] = k;
	}
	e.kind = deck[cell - day * per_day];
	if (e.kind == DRY)
		return e;
	/* Every third storm is a cloudburst. */
	if (e.kind == STORM && wx_sim_uniform(&r, 0, 3) < 1)
		e.kind = CLOUDBURST;
	e.start_s = (double)(cell * c->cell_s) +
		    wx_sim_uniform(&r, 0, 0.6 * c->cell_s);
	e.length_s =
		wx_sim_uniform(&r, kinds[e.kind].min_s, kinds[e.kind].max_s);
	e.rate_mm_h = kinds[e.kind].rate_mm_h *
		      exp(kinds[e.kind].rate_sd * wx_sim_normal(&r));
	e.gust_m_s = kinds[e.kind].gust_m_s * wx_sim_uniform(&r, 0.7, 1.3);
	e.cool_k = kinds[e.kind].cool_k * wx_sim_uniform(&r, 0.7, 1.3);
	return e;
}

/* Events that rain, blow or cool at some time in [t0_s, t0_s + n). */
static int events_near(const struct wx_sim_weather *w, int64_t t0_s, size_t n,
		       struct event out[MAX_EVENTS])
{
	int cell_s = w->climate->cell_s, found = 0;
	/* 10800: the longest event; 600: its gust front runs ahead. */
	int64_t from = floor_div(t0_s - MEMORY_S - 10800 - cell_s, cell_s);
	int64_t to = floor_div(t0_s + (int64_t)n + 600, cell_s);

	for (int64_t cell = from; cell <= to && found < MAX_EVENTS; cell++) {
		struct event e = event_of(w, cell);

		if (e.kind != DRY)
			out[found++] = e;
	}
	return found;
}

static double envelope(const struct event *e, double t_s)
{
	double x = (t_s - e->start_s) / e->length_s;

	if (x <= 0 || x >= 1)
		return 0;
	return ramp(x / kinds[e->kind].rise) *
	       ramp((1 - x) / kinds[e->kind].fall);
}

/* 0 before the event, 1 in it, fading over an hour after it. */
static double presence(const struct event *e, double t_s)
{
	double after_s = t_s - e->start_s - e->length_s;

	if (after_s > MEMORY_S)
		return 0;
	return ramp((t_s - e->start_s) / 900) *
	       (after_s > 0 ? exp(-after_s / 3600) : 1);
}

/* A front 4 minutes ahead of the rain: up within 90 s, e-fold 8 minutes. */
static double front(const struct event *e, double t_s)
{
	double x = t_s - (e->start_s - 240);

	if (x <= 0 || x > 7200)
		return 0;
	return ramp(x / 90) * exp(-x / 480);
}

/* What the events of a chunk do, and the noises it is made with. */
struct chunk {
	int64_t t0_s;
	size_t n;
	struct event event[MAX_EVENTS];
	int n_events;
	double texture[CHUNK], flicker[CHUNK], gate[CHUNK], a[CHUNK], b[CHUNK];
	double gust[CHUNK], cool[CHUNK], wet[CHUNK];
};

static void noise(const struct wx_sim_weather *w, const struct chunk *c,
		  const char *label, struct wx_sim_ladder l, double *out)
{
	wx_sim_ladder_add(wx_sim_split(w->key, label, 0), &l, (double)c->t0_s,
			  c->n, out);
}

static void make_rain(const struct wx_sim_weather *w, struct chunk *c,
		      struct wx_sim_sample *out)
{
	noise(w, c, "texture", (struct wx_sim_ladder){ 960, 60, 0.3, 1 },
	      c->texture);
	noise(w, c, "flicker", (struct wx_sim_ladder){ 20, 2.5, 0.3, 0.45 },
	      c->flicker);
	noise(w, c, "gate", (struct wx_sim_ladder){ 420, 105, 0.5, 1 },
	      c->gate);
	for (size_t i = 0; i < c->n; i++) {
		double t = (double)(c->t0_s + (int64_t)i), rain = 0;

		for (int k = 0; k < c->n_events; k++) {
			const struct event *e = &c->event[k];
			double env = envelope(e, t);
			double sd = kinds[e->kind].texture_sd;

			if (env > 0)
				rain += e->rate_mm_h * env *
					exp(sd * c->texture[i] - sd * sd / 2) *
					ramp((c->gate[i] -
					      kinds[e->kind].dry_below) /
					     0.3);
			c->gust[i] += e->gust_m_s * front(e, t);
			c->wet[i] = fmax(c->wet[i], presence(e, t));
			c->cool[i] =
				fmax(c->cool[i], e->cool_k * presence(e, t));
		}
		rain *= exp(c->flicker[i] - 0.1);
		/* Finer than this nothing falls out, and nobody calls it rain;
		 * above it would be hail. */
		out[i].rain_mm_h = rain < 0.03 ? 0 : fmin(rain, 300);
	}
}

/* Mean wind of each block of a day: the deck, by the course of the day. */
static void winds_of(const struct wx_sim_weather *w, int64_t day,
		     double out[N_WINDS])
{
	struct wx_sim_rng r = wx_sim_rng(w->key, "wind", day);
	double rank[N_WINDS];

	for (int i = 0; i < N_WINDS; i++) {
		double hour =
			(i + 0.5) * 24 / N_WINDS + w->solar_offset_s / 3600.0;

		rank[i] = cos(2 * M_PI * (hour - 14) / 24) +
			  0.7 * wx_sim_normal(&r);
	}
	for (int i = 0; i < N_WINDS; i++) {
		int below = 0;

		for (int k = 0; k < N_WINDS; k++)
			below += rank[k] < rank[i];
		out[i] = wind_deck[below] * exp(0.06 * wx_sim_normal(&r));
	}
}

static void make_wind(const struct wx_sim_weather *w, struct chunk *c,
		      struct wx_sim_sample *out)
{
	const double block_s = DAY_S / N_WINDS;
	int64_t day = floor_div(c->t0_s - DAY_S / 2, DAY_S);
	double mean[3 * N_WINDS];

	for (int k = 0; k < 3; k++)
		winds_of(w, day + k, mean + k * N_WINDS);
	noise(w, c, "turbulence", (struct wx_sim_ladder){ 128, 1, 0.33, 0.2 },
	      c->a);
	noise(w, c, "direction", (struct wx_sim_ladder){ 43200, 2700, 0.4, 60 },
	      c->b);
	memset(c->texture, 0, sizeof(c->texture));
	noise(w, c, "meander", (struct wx_sim_ladder){ 256, 2, 0.33, 1 },
	      c->texture);
	for (size_t i = 0; i < c->n; i++) {
		/* In blocks, counted from the middle of the first one. */
		double x = ((double)(c->t0_s + (int64_t)i) -
			    (double)(day * DAY_S)) /
				   block_s -
			   0.5;
		int k = (int)x;
		double u = mean[k] + (mean[k + 1] - mean[k]) * ramp(x - k);
		double dir;

		u += c->gust[i];
		out[i].wind_m_s = fmax(u * (1 + c->a[i]), 0.05);
		dir = 240 + c->b[i] + (8 + 30 / (1 + u)) * c->texture[i] +
		      6 * c->gust[i];
		dir -= 360 * floor(dir / 360);
		out[i].wind_dir_deg = dir < 360 ? dir : 0;
	}
}

/* Saturation vapour pressure over water, hPa (Magnus, WMO-No. 8). */
static double saturation_hpa(double degc)
{
	return 6.112 * exp(17.62 * degc / (243.12 + degc));
}

static void make_air(const struct wx_sim_weather *w, struct chunk *c,
		     struct wx_sim_sample *out)
{
	memset(c->a, 0, sizeof(c->a));
	memset(c->b, 0, sizeof(c->b));
	noise(w, c, "temperature",
	      (struct wx_sim_ladder){ 64800, 8100, 0.5, 2 }, c->a);
	noise(w, c, "eddies", (struct wx_sim_ladder){ 120, 5, 0.33, 0.2 },
	      c->a);
	noise(w, c, "dewpoint", (struct wx_sim_ladder){ 72000, 1125, 0.5, 2 },
	      c->b);
	for (size_t i = 0; i < c->n; i++) {
		double hour =
			(double)(c->t0_s + (int64_t)i + w->solar_offset_s) /
			3600;
		double t = 17 + 5 * cos(2 * M_PI * (hour - 15) / 24) + c->a[i] -
			   c->cool[i];
		double dew = fmin(9 + c->b[i], t - 0.2);
		double rh = 100 * saturation_hpa(dew) / saturation_hpa(t);

		rh += (96 - rh) * 0.9 * c->wet[i];
		out[i].air_temp_degc = t;
		out[i].rel_hum_pct = fmin(fmax(rh, 5), 100);
	}
}

static void make_pressure(const struct wx_sim_weather *w, struct chunk *c,
			  struct wx_sim_sample *out)
{
	memset(c->a, 0, sizeof(c->a));
	noise(w, c, "synoptic", (struct wx_sim_ladder){ 172800, 43200, 0.5, 4 },
	      c->a);
	/* This sd makes it 3 Pa from one minute to the next. */
	noise(w, c, "microbaroms",
	      (struct wx_sim_ladder){ 16384, 1, 0.5, 0.22 }, c->a);
	for (size_t i = 0; i < c->n; i++)
		out[i].pressure_hpa = 963 + c->a[i] + 0.15 * c->gust[i];
}

void wx_sim_weather_get(const struct wx_sim_weather *w, int64_t t0_s, size_t n,
			struct wx_sim_sample *out)
{
	struct chunk c;

	for (size_t done = 0; done < n; done += c.n) {
		memset(&c, 0, sizeof(c));
		c.t0_s = t0_s + (int64_t)done;
		c.n = n - done < CHUNK ? n - done : CHUNK;
		c.n_events = events_near(w, c.t0_s, c.n, c.event);
		make_rain(w, &c, out + done);
		make_wind(w, &c, out + done);
		make_air(w, &c, out + done);
		make_pressure(w, &c, out + done);
	}
}
