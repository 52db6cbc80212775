/* SPDX-License-Identifier: MIT */
/* Made sound: its bands follow the weather it was made of. */
#include <stdlib.h>

#include "sim/rng.h"
#include "sim/sound.h"
#include "testing.h"

enum { RATE = 16000, S = 4, N = S * RATE };

struct levels {
	double low_db; /* under about 200 Hz */
	double mid_db; /* 600 Hz to 7 kHz, roughly */
	int clipped;
};

static const struct wx_sim_mic mic = { 0, -75, 0.001 };

static void make(const struct wx_sim_mic *m, double rain, double wind,
		 uint64_t key, int16_t *x)
{
	double rains[S + 2], winds[S + 2];
	struct wx_sim_scene scene = { rains, winds, S + 2, 0.25, 3.5 };

	for (int i = 0; i < S + 2; i++) {
		rains[i] = rain;
		winds[i] = wind;
	}
	wx_sim_sound(m, &scene, key, RATE, N, x);
}

/* Low: means of 64 frames. Mid: what is left of means of 8 frames. */
static struct levels measure(const int16_t *x)
{
	struct levels l = { 0, 0, 0 };
	double low = 0, mid = 0, dc = 0;

	for (int i = 0; i < N; i++) {
		dc += x[i] / (double)N;
		l.clipped += x[i] == 32767 || x[i] == -32768;
	}
	for (int i = 0; i + 64 <= N; i += 64) {
		double sum = 0;

		for (int k = i; k < i + 64; k++)
			sum += (x[k] - dc) / 64;
		low += sum * sum * 64;
		for (int j = i; j < i + 64; j += 8) {
			double mean = 0;

			for (int k = j; k < j + 8; k++)
				mean += x[k] / 8.0;
			for (int k = j; k < j + 8; k++)
				mid += (x[k] - mean) * (x[k] - mean);
		}
	}
	l.low_db = 10 * log10(low / N / 32768 / 32768);
	l.mid_db = 10 * log10(mid / N / 32768 / 32768);
	return l;
}

static struct levels hear(double rain, double wind, int16_t *x)
{
	make(&mic, rain, wind, 11, x);
	return measure(x);
}

static void test_rain(int16_t *x)
{
	static const double rates[] = { 0, 0.1, 0.5, 2.5, 10, 40, 150 };
	struct levels dry = hear(0, 1, x), last = dry;

	for (size_t i = 1; i < WX_COUNT(rates); i++) {
		struct levels l = hear(rates[i], 1, x);

		CHECK("louder with every class of rain",
		      l.mid_db > last.mid_db + 2);
		CHECK("and hardly lower down", l.low_db < dry.low_db + 15);
		last = l;
	}
	CHECK("0.1 mm/h can be heard", hear(0.1, 1, x).mid_db > dry.mid_db + 6);
}

static void test_wind(int16_t *x)
{
	struct levels calm = hear(0, 1, x), a = hear(0, 4, x);
	struct levels b = hear(0, 8, x), c = hear(0, 16, x);

	CHECK("heard from 2 or 3 m/s", a.low_db > calm.low_db + 8);
	CHECK_F64("12 dB for twice the speed", b.low_db - a.low_db, 12, 2);
	CHECK_F64("12 dB again", c.low_db - b.low_db, 12, 2.5);
	CHECK("a gale hardly hisses", c.mid_db < c.low_db - 15);
	CHECK("a storm overloads", hear(0, 28, x).clipped > 100);
	CHECK("a breeze does not", a.clipped == 0 && b.clipped == 0);
}

/* A front in mid-capture is heard from its second on. */
static void test_moment(int16_t *x)
{
	double rain[S + 2] = { 0, 0, 20, 20, 20, 20 };
	double wind[S + 2] = { 1, 1, 1, 1, 1, 1 };
	struct wx_sim_scene scene = { rain, wind, S + 2, 0, 3.5 };
	double before = 0, after = 0;

	wx_sim_sound(&mic, &scene, 5, RATE, N, x);
	for (int i = 1; i < RATE; i++) {
		before += pow(x[i] - x[i - 1], 2);
		after += pow(x[2 * RATE + i] - x[2 * RATE + i - 1], 2);
	}
	CHECK("silence, then rain", after > 100 * before);
}

static void test_microphone(int16_t *x)
{
	struct wx_sim_mic loud = { 6, -75, -0.02 };
	double dc = 0;
	struct levels a = hear(5, 3, x), b;

	make(&loud, 5, 3, 11, x);
	b = measure(x);
	CHECK_F64("gain", b.mid_db - a.mid_db, 6, 0.1);
	for (int i = 0; i < N; i++)
		dc += x[i] / 32768.0 / N;
	CHECK_F64("offset", dc, -0.02, 0.002);
}

int main(void)
{
	int16_t *x = calloc(N, sizeof(*x)), *y = calloc(N, sizeof(*y));

	test_rain(x);
	test_wind(x);
	test_moment(x);
	test_microphone(x);
	make(&mic, 3, 3, 8, x);
	make(&mic, 3, 3, 8, y);
	CHECK("the same again", !memcmp(x, y, N * sizeof(*x)));
	make(&mic, 3, 3, 9, y);
	CHECK("another key, another sound", memcmp(x, y, N * sizeof(*x)) != 0);
	free(x);
	free(y);
	return wx_test_end();
}
