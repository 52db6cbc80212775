/* SPDX-License-Identifier: MIT */
/*
 * tests/bench/labels_evidence_node.c: sensors that do what real ones do.
 *
 * Humidity: what rain does to the air comes late (5 to 40 minutes), stays for
 * 15 minutes to 4 hours, and damp air surrounds rain that has not begun; one
 * night in four has fog. The sensor lags (30 to 300 s), is up to some 6 % off,
 * is heated by the sun, and reads high for hours after saturation, as polymer
 * sensors do.
 *
 * Sound, by window of 10 s: rain at 1 mm/h is 3 to 12 dB over what the place
 * is like, and rises by 10 to 18 dB a decade of rate; drops of other sizes
 * make it 2 dB up or down for 20 minutes, and 1.5 dB from window to window.
 * What it is like drifts by 2 dB. Wind adds its own, as the fourth power of
 * its speed, so do some three passers-by an hour by day; leaves and roofs drip
 * for minutes after rain.
 */
#include "labels_evidence_node.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "labels_series.h"
#include "sim/rng.h"
#include "sim/weather.h"
#include "weather/senses.h"

enum { HUMID = WX_SENSE_HUMIDITY, SOUND = WX_SENSE_SOUND };

const struct evidence_case cases[] = {
	{ "humidity", HUMID, AIR_HONEST, EAR_NONE },
	{ "humidity, a sensor that stands at 100", HUMID, AIR_STUCK, EAR_NONE },
	{ "humidity, fog all the time", HUMID, AIR_FOG, EAR_NONE },
	{ "sound", SOUND, AIR_NONE, EAR_HONEST },
	{ "sound, under a roof that drips", SOUND, AIR_NONE, EAR_ROOF },
	{ "sound, of rain that comes a minute late", SOUND, AIR_NONE,
	  EAR_LATE },
	{ "sound, of a street and no rain", SOUND, AIR_NONE, EAR_STREET },
	{ "sound, a dead microphone", SOUND, AIR_NONE, EAR_DEAD },
	{ "both", HUMID | SOUND, AIR_HONEST, EAR_HONEST },
};
const int n_cases = sizeof(cases) / sizeof(cases[0]);

/* The rain of a real series in place of wx-sim's; its wind stays. */
static void real_rain(const char *path, struct site *s)
{
	struct series real;

	series_read(path, &real);
	memset(s->truth, 0, s->n * sizeof(float));
	for (size_t i = 0; i < s->n_s; i++) {
		size_t k = (size_t)((double)i / real.step_s);

		s->rain_mm_h[i] = k < real.n ? (float)real.rate_mm_h[k] : 0;
		s->truth[i / WINDOW_S] += s->rain_mm_h[i] / WINDOW_S;
	}
	free(real.rate_mm_h);
}

static int days_of(const char *path)
{
	struct series real;

	series_read(path, &real);
	free(real.rate_mm_h);
	return (int)((double)real.n * real.step_s / 86400) + 1;
}

void site_make(const char *name, uint64_t seed, int days, struct site *out)
{
	const struct wx_sim_climate *climate = wx_sim_climate_get(name);
	struct wx_sim_weather w = { .key = seed, .climate = climate };
	static struct wx_sim_sample day[86400];

	if (!climate) {
		w.climate = wx_sim_climate_get("showery");
		days = days_of(name);
	}
	*out = (struct site){ .key = wx_sim_split(seed, name, 0),
			      .n_s = (size_t)days * 86400,
			      .n = (size_t)days * 86400 / WINDOW_S };
	out->rain_mm_h = calloc(out->n_s, sizeof(float));
	out->truth = calloc(out->n, sizeof(float));
	out->wind_m_s = calloc(out->n, sizeof(float));
	if (!out->rain_mm_h || !out->truth || !out->wind_m_s)
		exit(1);
	for (int d = 0; d < days; d++) {
		wx_sim_weather_get(&w, INT64_C(1767225600) + d * 86400, 86400,
				   day);
		for (size_t k = 0; k < 86400; k++) {
			size_t i = (size_t)d * 86400 + k;

			out->rain_mm_h[i] = (float)day[k].rain_mm_h;
			out->truth[i / WINDOW_S] +=
				(float)day[k].rain_mm_h / WINDOW_S;
			out->wind_m_s[i / WINDOW_S] +=
				(float)day[k].wind_m_s / WINDOW_S;
		}
	}
	if (!climate)
		real_rain(name, out);
}

void site_free(struct site *s)
{
	free(s->rain_mm_h);
	free(s->truth);
	free(s->wind_m_s);
}

void node_free(struct node *n)
{
	free(n->rh);
	free(n->db);
	*n = (struct node){ 0 };
}

/* A step of noise that forgets within tau_s, of spread sd. */
static double drift(double x, double tau_s, double sd, struct wx_sim_rng *r)
{
	double keep = exp(-WINDOW_S / tau_s);

	return x * keep + sd * sqrt(1 - keep * keep) * wx_sim_normal(r);
}

/* How damp the air is around rain, before it too: 0..1. */
static void surround(const struct site *s, float *out)
{
	double keep = exp(-WINDOW_S / 5400.0), x = 0;

	for (size_t i = 0; i < s->n; i++) {
		x = s->truth[i] > 0 ? 1 : x * keep;
		out[i] = (float)x;
	}
	x = 0;
	for (size_t i = s->n; i-- > 0;) {
		x = s->truth[i] > 0 ? 1 : x * keep;
		out[i] = fmaxf(out[i], (float)x);
	}
}

static void make_air(const struct site *s, enum air air, float *rh)
{
	struct wx_sim_rng r = wx_sim_rng(s->key, "air", 0);
	double bias = 3 * wx_sim_normal(&r), lag = wx_sim_uniform(&r, 30, 300);
	double sun = wx_sim_uniform(&r, 0, 8), swing, slow = 0, wet = 0;
	double reads = 80, high = 0, up = 600, down = 3600, top = 97;
	double fog = 0, dry_for = 1e9;

	swing = wx_sim_uniform(&r, 6, 20);
	surround(s, rh);
	for (size_t i = 0; i < s->n; i++) {
		double hour = fmod((double)i * WINDOW_S / 3600, 24), base,
		       true_rh;
		bool rain = s->truth[i] > 0;

		if (rain && dry_for > 1800) { /* each event has its own way */
			up = wx_sim_uniform(&r, 300, 2400);
			down = 60 * exp(wx_sim_uniform(&r, log(15), log(240)));
			top = wx_sim_uniform(&r, 90, 99.5);
		}
		dry_for = rain ? 0 : dry_for + WINDOW_S;
		if (i % 8640 == 0)
			fog = wx_sim_uniform(&r, 0, 1) < .25;
		wet += ((rain ? 1 : 0) - wet) * WINDOW_S / (rain ? up : down);
		slow = drift(slow, 36000, 9, &r);
		base = 68 + swing * cos(2 * M_PI * (hour - 5) / 24) + slow +
		       14 * (double)rh[i];
		if ((fog > 0 && hour > 1 && hour < 8) || air == AIR_FOG)
			base = fmax(base, 98);
		base = fmin(fmax(base, 25), 99);
		true_rh = base + (fmax(top, base) - base) * wet;
		reads += (true_rh - reads) * WINDOW_S / lag;
		high += ((reads > 92 ? 4 : 0) - high) * WINDOW_S / 7200;
		rh[i] = (float)fmin(
			reads + bias + high + .4 * wx_sim_normal(&r) -
				sun * fmax(cos(2 * M_PI * (hour - 13) / 24), 0),
			100);
		rh[i] = fmaxf(rh[i], 0);
		if (air == AIR_STUCK)
			rh[i] = 100;
		if (air == AIR_NONE)
			rh[i] = NAN;
	}
}

static double power(double db)
{
	return pow(10, db / 10);
}

/* What passes by: its level over the place's, dB; -99 most of the time. */
static double passer(double *left_s, double *level_db, double hour,
		     double per_hour, struct wx_sim_rng *r)
{
	if (*left_s <= 0 && (hour > 6 && hour < 21) &&
	    wx_sim_uniform(r, 0, 3600) < per_hour * WINDOW_S) {
		*left_s = wx_sim_uniform(r, 10, 40);
		*level_db = wx_sim_uniform(r, 5, 25);
	}
	*left_s -= WINDOW_S;
	return *left_s > -WINDOW_S ? *level_db : -99;
}

static double heard_mm_h(const struct site *s, enum ear ear, size_t i)
{
	size_t late = ear == EAR_LATE ? 60 / WINDOW_S : 0;

	return ear == EAR_STREET || i < late ? 0 : (double)s->truth[i - late];
}

static void make_sound(const struct site *s, enum ear ear, float *db)
{
	struct wx_sim_rng r = wx_sim_rng(s->key, "ear", 0);
	double place = wx_sim_uniform(&r, -75, -50), over, rise, exposed, drip;
	double drip_s, size = 0, own = 0, wet = 0, left_s = 0, loud = 0;

	over = wx_sim_uniform(&r, 3, 12);
	rise = wx_sim_uniform(&r, 1.0, 1.8);
	exposed = 4 * wx_sim_normal(&r) - 8;
	drip = ear == EAR_ROOF ? 0 : wx_sim_uniform(&r, -30, -4);
	drip_s = ear == EAR_ROOF ? 3600 : wx_sim_uniform(&r, 180, 900);
	for (size_t i = 0; i < s->n; i++) {
		double hour = fmod((double)i * WINDOW_S / 3600, 24), rain = 0;
		double mm_h = heard_mm_h(s, ear, i);
		double v = (double)s->wind_m_s[i] / 5, all;

		size = drift(size, 1200, 2, &r);
		own = drift(own, 3600, 2, &r);
		if (mm_h > 0)
			rain = power(over + rise * 10 * log10(mm_h) + size +
				     1.5 * wx_sim_normal(&r));
		wet = fmax(rain * power(drip), wet * exp(-WINDOW_S / drip_s));
		all = power(own + .7 * wx_sim_normal(&r)) + rain + wet +
		      power(exposed) * v * v * v * v +
		      power(passer(&left_s, &loud, hour,
				   ear == EAR_STREET ? 30 : 3, &r));
		db[i] = (float)(place + 10 * log10(all));
		if (ear == EAR_DEAD)
			db[i] = -120;
		if (ear == EAR_NONE)
			db[i] = NAN;
	}
}

void node_make(const struct site *s, const struct evidence_case *c,
	       struct node *out)
{
	out->rh = realloc(out->rh, s->n * sizeof(float));
	out->db = realloc(out->db, s->n * sizeof(float));
	if (!out->rh || !out->db)
		exit(1);
	make_air(s, c->air, out->rh);
	make_sound(s, c->ear, out->db);
}
