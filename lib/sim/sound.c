/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/sound.c: rain, wind and company, some thousand times real time.
 *
 * Parts add up into one block of floats after another; what is silent in a
 * block (no rain, no bird) costs nothing. Filters are second-order sections
 * (RBJ's cookbook forms); chance at audio rate is xoroshiro128+ (Blackman,
 * Vigna 2018), of which each 64-bit number makes one sample of every noise.
 */
#include "sim/sound.h"

#include <math.h>
#include <string.h>

#include "sim/rng.h"

enum { BLOCK = 512, N_RINGS = 3, N_CALLS = 64 };

/* Amplitudes are RMS of full scale. */
#define RAIN_AT_1_MM_H   0.0075 /* -42.5 dBFS */
#define RAIN_POWER       0.6
#define DROPS_AT_1_MM_H  12.0 /* strikes a second */
#define DROPS_POWER      0.7
#define WIND_AT_10_M_S   0.100 /* -20 dBFS */
#define LEAVES_AT_10_M_S 0.0030
#define AMBIENT          0.0012 /* -58 dBFS */

struct biquad {
	double b0, b1, b2, a1, a2, x1, x2, y1, y2;
};

static inline double run(struct biquad *f, double x)
{
	double y = f->b0 * x + f->b1 * f->x1 + f->b2 * f->x2 - f->a1 * f->y1 -
		   f->a2 * f->y2;

	f->x2 = f->x1;
	f->x1 = x;
	f->y2 = f->y1;
	f->y1 = y;
	return y;
}

static struct biquad pass(double hz, double rate_hz, double q, int high)
{
	double w = 2 * M_PI * fmin(hz, 0.45 * rate_hz) / rate_hz;
	double c = cos(w), a = sin(w) / (2 * q), b = high ? 1 + c : 1 - c;

	return (struct biquad){ .b0 = b / 2 / (1 + a),
				.b1 = (high ? -b : b) / (1 + a),
				.b2 = b / 2 / (1 + a),
				.a1 = -2 * c / (1 + a),
				.a2 = (1 - a) / (1 + a) };
}

/* Rings at hz and dies within decay_s when struck by one sample of 1. */
static struct biquad ring(double hz, double decay_s, double rate_hz)
{
	double w = 2 * M_PI * fmin(hz, 0.45 * rate_hz) / rate_hz;
	double r = exp(-1 / (decay_s * rate_hz));

	return (struct biquad){ .b0 = sin(w),
				.a1 = -2 * r * cos(w),
				.a2 = r * r };
}

struct noise {
	uint64_t s0, s1;
};

static inline uint64_t next(struct noise *g)
{
	uint64_t s0 = g->s0, s1 = g->s1, sum = s0 + s1;

	s1 ^= s0;
	g->s0 = ((s0 << 24) | (s0 >> 40)) ^ s1 ^ (s1 << 16);
	g->s1 = (s1 << 37) | (s1 >> 27);
	return sum;
}

/* Two 16-bit parts of a number: a triangle, mean 0, variance 1. */
static inline double white(uint64_t bits, int at)
{
	int sum = (int)((bits >> at) & 0xffff) +
		  (int)((bits >> (at + 16)) & 0xffff) - 65535;

	return sum * (1 / 26754.9); /* sqrt(2 x 65536^2 / 12) */
}

/* A bird's note or a cricket's trill. */
struct call {
	double start_s, length_s, hz, sweep_hz, trill_hz, amp;
};

struct sound {
	const struct wx_sim_scene *scene;
	double rate_hz;
	struct noise chance;
	struct wx_sim_rng drops;
	struct biquad rain_high, rain_low, wind_a, wind_b, leaves, pink;
	struct biquad rings[N_RINGS];
	struct call call[N_CALLS];
	int n_calls;
	double rain_norm, wind_norm, leaves_norm, pink_norm;
};

/* RMS that a filter (two in a row) makes of white noise, from its response. */
static double gain_of(struct biquad f, struct biquad g)
{
	double sum = 0, x = 1;
	int quiet = 0;

	f.x1 = f.x2 = f.y1 = f.y2 = g.x1 = g.x2 = g.y1 = g.y2 = 0;
	for (int i = 0; i < 20000 && quiet < 200; i++, x = 0) {
		double y = run(&g, run(&f, x));

		sum += y * y;
		quiet = y * y < 1e-9 * sum ? quiet + 1 : 0;
	}
	return sqrt(sum);
}

static double at(const double *v, double t_s, size_t n)
{
	size_t i = (size_t)t_s;

	if (i + 1 >= n)
		return v[n - 1];
	return v[i] + (v[i + 1] - v[i]) * (t_s - (double)i);
}

static void add_call(struct sound *s, struct call c)
{
	if (s->n_calls < N_CALLS)
		s->call[s->n_calls++] = c;
}

/* Birds from dawn to dusk, fewer in wind and none in rain; crickets at night
 * of some captures. */
static void plan_calls(struct sound *s, uint64_t key, double length_s)
{
	struct wx_sim_rng r = wx_sim_rng(key, "calls", 0);
	double hour = s->scene->hour, t = s->scene->first_s;
	double eager = wx_sim_uniform(&r, 0, 1);
	int day = hour > 5 && hour < 20.5;
	double hz = wx_sim_uniform(&r, 2400, 5600);

	if (!day && eager < 0.5) {
		add_call(s, (struct call){ t, length_s, 4300 + 0.2 * hz, 0,
					   wx_sim_uniform(&r, 18, 40),
					   0.0025 * eager });
		return;
	}
	while (day && eager > 0.4) {
		double wind, rain;

		t += wx_sim_exponential(&r) / eager;
		if (t > s->scene->first_s + length_s || s->n_calls == N_CALLS)
			return;
		wind = at(s->scene->wind_m_s, t, s->scene->n_s);
		rain = at(s->scene->rain_mm_h, t, s->scene->n_s);
		if (rain > 0.3 || wind > 8)
			continue;
		add_call(s,
			 (struct call){ t, wx_sim_uniform(&r, 0.05, 0.3),
					hz * wx_sim_uniform(&r, 0.8, 1.2),
					wx_sim_uniform(&r, -900, 900), 0,
					0.008 * exp(0.7 * wx_sim_normal(&r)) });
	}
}

static void sound_init(struct sound *s, const struct wx_sim_scene *scene,
		       uint64_t key, int rate_hz, size_t n)
{
	static const double ring_hz[N_RINGS] = { 1150, 2300, 4100 };
	static const double decay_s[N_RINGS] = { 0.005, 0.003, 0.0015 };
	struct biquad one = { .b0 = 1 };
	double hz = rate_hz;

	memset(s, 0, sizeof(*s));
	s->scene = scene;
	s->rate_hz = hz;
	s->chance =
		(struct noise){ wx_sim_hash(key, 0), wx_sim_hash(key, 1) | 1 };
	s->drops = wx_sim_rng(key, "drops", 0);
	s->rain_high = pass(700, hz, 0.7071, 1);
	s->rain_low = pass(6500, hz, 0.7071, 0);
	s->wind_a = pass(70, hz, 0.6, 0);
	s->wind_b = pass(130, hz, 0.6, 0);
	s->leaves = pass(2500, hz, 0.8, 0);
	s->pink = pass(300, hz, 0.5, 0);
	s->rain_norm = 1 / gain_of(s->rain_high, s->rain_low);
	s->wind_norm = 1 / gain_of(s->wind_a, s->wind_b);
	s->leaves_norm = 1 / gain_of(s->leaves, one);
	s->pink_norm = 1 / gain_of(s->pink, one);
	for (int i = 0; i < N_RINGS; i++)
		s->rings[i] = ring(ring_hz[i], decay_s[i], hz);
	plan_calls(s, key, (double)n / hz);
}

/* Noises of rain, wind, leaves and the rest, gains going straight from their
 * values at the block's start to those at its end. */
static void add_noises(struct sound *s, double t0_s, size_t n, double noise,
		       double *out)
{
	const struct wx_sim_scene *sc = s->scene;
	double t1_s = t0_s + (double)n / s->rate_hz;
	double r0 = at(sc->rain_mm_h, t0_s, sc->n_s);
	double r1 = at(sc->rain_mm_h, t1_s, sc->n_s);
	double v0 = at(sc->wind_m_s, t0_s, sc->n_s) / 10;
	double v1 = at(sc->wind_m_s, t1_s, sc->n_s) / 10;
	double rain0 = RAIN_AT_1_MM_H * s->rain_norm * pow(r0, RAIN_POWER);
	double rain1 = RAIN_AT_1_MM_H * s->rain_norm * pow(r1, RAIN_POWER);
	double wind0 = WIND_AT_10_M_S * s->wind_norm * v0 * v0;
	double wind1 = WIND_AT_10_M_S * s->wind_norm * v1 * v1;
	double leaf0 = LEAVES_AT_10_M_S * s->leaves_norm * v0 * sqrt(v0);
	double rain_step = (rain1 - rain0) / (double)n;
	double wind_step = (wind1 - wind0) / (double)n;
	int rains = r0 > 0 || r1 > 0;

	for (size_t i = 0; i < n; i++) {
		uint64_t bits = next(&s->chance);
		double a = white(bits, 0), b = white(bits, 32), y;

		y = (wind0 + wind_step * (double)i) *
		    run(&s->wind_b, run(&s->wind_a, a));
		y += leaf0 * run(&s->leaves, b);
		y += AMBIENT * s->pink_norm * run(&s->pink, b - a);
		y += noise * a;
		if (rains)
			y += (rain0 + rain_step * (double)i) *
			     run(&s->rain_low, run(&s->rain_high, b));
		out[i] = y;
	}
}

/* Drops that strike in the block: a Poisson process of the rate of then. */
static void add_drops(struct sound *s, double t0_s, size_t n, double *out)
{
	double hit[N_RINGS][BLOCK];
	const struct wx_sim_scene *sc = s->scene;
	double t1_s = t0_s + (double)n / s->rate_hz;
	double rate = at(sc->rain_mm_h, (t0_s + t1_s) / 2, sc->n_s);
	double per_s = DROPS_AT_1_MM_H * pow(rate, DROPS_POWER);

	memset(hit, 0, sizeof(hit));
	if (rate > 0) {
		double t = t0_s + wx_sim_exponential(&s->drops) / per_s;

		for (; t < t1_s; t += wx_sim_exponential(&s->drops) / per_s) {
			size_t i = (size_t)((t - t0_s) * s->rate_hz);
			double amp = 0.03 * pow(rate, 0.15) *
				     exp(0.8 * wx_sim_normal(&s->drops));
			int k = (int)wx_sim_uniform(&s->drops, 0, N_RINGS);

			if (i < n)
				hit[k][i] += amp;
		}
	}
	for (int k = 0; k < N_RINGS; k++)
		for (size_t i = 0; i < n; i++)
			out[i] += run(&s->rings[k], hit[k][i]);
}

static void add_call_to(const struct sound *s, const struct call *c,
			double t0_s, size_t n, double *out)
{
	for (size_t i = 0; i < n; i++) {
		double x = t0_s + (double)i / s->rate_hz - c->start_s;
		double amp = c->amp;

		if (x < 0 || x >= c->length_s)
			continue;
		if (c->trill_hz > 0)
			amp *= fmax(sin(2 * M_PI * c->trill_hz * x), 0);
		else
			amp *= sin(M_PI * x / c->length_s);
		out[i] +=
			amp * sin(2 * M_PI *
				  (c->hz + c->sweep_hz * x / c->length_s) * x);
	}
}

static int16_t to_16_bit(double v)
{
	v = v < 0 ? v - 0.5 : v + 0.5;
	return v >= 32767 ? 32767 : v <= -32768 ? -32768 : (int16_t)v;
}

void wx_sim_sound(const struct wx_sim_mic *mic,
		  const struct wx_sim_scene *scene, uint64_t key, int rate_hz,
		  size_t n, int16_t *out)
{
	double block[BLOCK], gain = 32768 * pow(10, mic->gain_db / 20);
	double own = pow(10, (mic->noise_dbfs - mic->gain_db) / 20);
	struct sound s;
	int wet = 0;

	sound_init(&s, scene, key, rate_hz, n);
	for (size_t i = 0; i < scene->n_s; i++)
		wet |= scene->rain_mm_h[i] > 0;
	for (size_t done = 0; done < n; done += BLOCK) {
		size_t m = n - done < BLOCK ? n - done : BLOCK;
		double t0_s = scene->first_s + (double)done / s.rate_hz;

		add_noises(&s, t0_s, m, own, block);
		if (wet)
			add_drops(&s, t0_s, m, block);
		for (int k = 0; k < s.n_calls; k++)
			add_call_to(&s, &s.call[k], t0_s, m, block);
		for (size_t i = 0; i < m; i++)
			out[done + i] =
				to_16_bit(gain * block[i] + 32768 * mic->dc);
	}
}
