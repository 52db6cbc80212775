/* SPDX-License-Identifier: MIT */
/* Made weather: chance that can be asked anywhere, days that hold it all. */
#include <stdlib.h>

#include "sim/noise.h"
#include "sim/rng.h"
#include "sim/weather.h"
#include "testing.h"

enum { DAY_S = 86400, N = 2 * DAY_S };

static const int64_t t0_s = 1717200000; /* 2024-06-01 */

static void test_rng(void)
{
	double sum = 0, sq = 0, exps = 0;
	uint64_t key = wx_sim_split(7, "x", 0);
	struct wx_sim_rng r = wx_sim_rng(7, "y", 0), again = r;
	enum { M = 20000 };

	for (uint64_t i = 0; i < M; i++) {
		double v = wx_sim_normal_at(key, i);

		sum += v;
		sq += v * v;
		exps += wx_sim_exponential(&r);
	}
	CHECK_F64("normal: mean", sum / M, 0, 4 / sqrt(M));
	CHECK_F64("normal: variance", sq / M, 1, 0.05);
	CHECK_F64("exponential: mean", exps / M, 1, 0.04);
	CHECK("a stream comes back",
	      wx_sim_uniform(&again, 0, 1) ==
		      wx_sim_unit(wx_sim_hash(wx_sim_split(7, "y", 0), 0)));
	CHECK("labels differ",
	      wx_sim_split(7, "a", 0) != wx_sim_split(7, "b", 0));
	CHECK("numbers differ",
	      wx_sim_split(7, "a", 0) != wx_sim_split(7, "a", 1));
	CHECK("seeds differ",
	      wx_sim_split(7, "a", 0) != wx_sim_split(8, "a", 0));
}

static void test_noise(void)
{
	static double v[N];
	double sq = 0, worst = 0;

	memset(v, 0, sizeof(v));
	wx_sim_noise_add(3, 50, 2, (double)t0_s, N, v);
	for (int i = 0; i < N; i++) {
		sq += v[i] * v[i];
		if (i && fabs(v[i] - v[i - 1]) > worst)
			worst = fabs(v[i] - v[i - 1]);
	}
	CHECK_F64("an octave's variance", sq / N, 4, 0.4);
	CHECK("is smooth", worst < 0.6);
	CHECK_F64("asked anywhere", 2 * wx_sim_noise_at(3, 50, t0_s + 777.0),
		  v[777], 1e-12);
}

/* Blocks of a class among the minutes, and how many minutes. */
static void classes(const struct wx_sim_sample *s, int wind, double low,
		    double high, int blocks[3], int minutes[3])
{
	int last = -1;

	for (int k = 0; k < 3; k++)
		blocks[k] = minutes[k] = 0;
	for (int m = 0; m < N / 60; m++) {
		double v = 0;
		int c;

		for (int i = m * 60; i < m * 60 + 60; i++)
			v += (wind ? s[i].wind_m_s : s[i].rain_mm_h) / 60;
		c = v < low ? 0 : v < high ? 1 : 2;
		blocks[c] += c != last;
		minutes[c]++;
		last = c;
	}
}

static void test_showery(uint64_t key, struct wx_sim_sample *s)
{
	struct wx_sim_weather w = { key, wx_sim_climate_get("showery"), 3600 };
	int blocks[3], minutes[3], ok = 1;
	double dp = 0;

	wx_sim_weather_get(&w, t0_s, N, s);
	classes(s, 0, 0.1, 2.5, blocks, minutes);
	CHECK("rain: every class, in several events",
	      blocks[0] >= 4 && blocks[1] >= 4 && blocks[2] >= 3);
	CHECK("rain: mostly dry", minutes[0] > N / 60 / 2);
	CHECK("rain: half an hour of each", minutes[1] > 30 && minutes[2] > 30);
	classes(s, 1, 1.5, 5.5, blocks, minutes);
	CHECK("wind: every class, in several blocks",
	      blocks[0] >= 4 && blocks[1] >= 4 && blocks[2] >= 4);
	CHECK("wind: hours of each",
	      minutes[0] > 120 && minutes[1] > 120 && minutes[2] > 120);
	for (int i = 0; i < N; i++)
		ok = ok && s[i].rain_mm_h >= 0 && s[i].rain_mm_h <= 300 &&
		     s[i].wind_m_s > 0 && s[i].wind_m_s < 60 &&
		     s[i].wind_dir_deg >= 0 && s[i].wind_dir_deg < 360 &&
		     s[i].air_temp_degc > -15 && s[i].air_temp_degc < 45 &&
		     s[i].rel_hum_pct >= 5 && s[i].rel_hum_pct <= 100 &&
		     s[i].pressure_hpa > 920 && s[i].pressure_hpa < 1000;
	CHECK("all within bounds", ok);
	for (int i = 60; i < N; i++)
		dp += pow(s[i].pressure_hpa - s[i - 60].pressure_hpa, 2);
	CHECK_F64("pressure from minute to minute, Pa",
		  100 * sqrt(dp / (N - 60)), 3.5, 1.5);
}

/* Flicker: spread of 10 s rates within rainy minutes (labelling: 0.33-0.41).*/
static void test_flicker(const struct wx_sim_sample *s)
{
	double cv = 0;
	int n = 0;

	for (int m = 0; m < N / 60; m++) {
		double part[6] = { 0 }, mean = 0, var = 0;

		for (int i = 0; i < 60; i++)
			part[i / 10] += s[m * 60 + i].rain_mm_h / 10;
		for (int k = 0; k < 6; k++)
			mean += part[k] / 6;
		for (int k = 0; k < 6; k++)
			var += (part[k] - mean) * (part[k] - mean) / 6;
		if (mean < 0.2)
			continue;
		cv += sqrt(var) / mean;
		n++;
	}
	CHECK_F64("flicker within a minute", cv / n, 0.35, 0.07);
}

/* Any span alone is the same as in one go, across every border. */
static void test_spans(const struct wx_sim_sample *s)
{
	struct wx_sim_weather w = { 40, wx_sim_climate_get("showery"), 3600 };
	static const int from[] = { 0, 599, 600, 43199, 86399, 86400, 150001 };
	struct wx_sim_sample part[700];

	for (size_t k = 0; k < WX_COUNT(from); k++) {
		size_t n = k % 2 ? 2 : 700;

		wx_sim_weather_get(&w, t0_s + from[k], n, part);
		CHECK("a span alone",
		      !memcmp(part, s + from[k], n * sizeof(*part)));
	}
	w.key++;
	wx_sim_weather_get(&w, t0_s, 1, part);
	CHECK("another seed", memcmp(part, s, sizeof(*part)) != 0);
}

int main(void)
{
	struct wx_sim_sample *s = calloc(N, sizeof(*s));

	test_rng();
	test_noise();
	for (uint64_t key = 31; key <= 40; key++)
		test_showery(key, s);
	test_flicker(s);
	test_spans(s);
	CHECK("no such climate", wx_sim_climate_get("arctic") == NULL);
	free(s);
	return wx_test_end();
}
