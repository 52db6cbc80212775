/* SPDX-License-Identifier: MIT */
/* tests/unit/test_spectrum.c: the transform against a plain sum in double. */
#include <stdlib.h>

#include "sound/spectrum.h"
#include "testing.h"

enum { N = WX_SPECTRUM_FRAME, HOP = WX_SPECTRUM_HOP, MOST = 20 };

static double noise(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return (double)*state / 4294967296.0 - 0.5;
}

/* Mean square in bin k of one frame, by the definition. */
static double plain(const float *x, int k)
{
	double re = 0, im = 0, weight = 0;

	for (int i = 0; i < N; i++) {
		double w = 0.5 - 0.5 * cos(2 * M_PI * i / N);

		re += w * (double)x[i] * cos(2 * M_PI * k * i / N);
		im -= w * (double)x[i] * sin(2 * M_PI * k * i / N);
		weight += w * w;
	}
	return (k ? 2 : 1) * (re * re + im * im) / (weight * N);
}

/* Every number of frames that fills the lanes in another way. */
static void test_noise(void)
{
	static const int bins[] = { 0,   1,   2,   3,   4,   5,   16, 63,
				    127, 128, 255, 256, 341, 510, 511 };
	struct wx_spectrum *s = wx_spectrum_new();
	float *x = calloc(N + MOST * HOP, sizeof(*x));
	double bin[HOP], want[WX_COUNT(bins)] = { 0 };
	uint32_t state = 1;

	CHECK("memory", s && x);
	for (int i = 0; x && i < N + MOST * HOP; i++)
		x[i] = (float)noise(&state);
	for (int f = 1; s && x && f <= MOST; f++) {
		for (size_t i = 0; i < WX_COUNT(bins); i++)
			want[i] += plain(x + (f - 1) * HOP, bins[i]);
		wx_spectrum_clear(s);
		wx_spectrum_add(s, x, (size_t)(N + (f - 1) * HOP + 300));
		CHECK_INT("frames", wx_spectrum_get(s, bin), f);
		for (size_t i = 0; i < WX_COUNT(bins); i++)
			CHECK_F64("bin", 10 * log10(bin[bins[i]] * f / want[i]),
				  0, 0.001);
	}
	wx_spectrum_free(s);
	free(x);
}

/* Bins of a sine add up to its mean square; one is not heard in another. */
static void test_sines(void)
{
	struct wx_spectrum *s = wx_spectrum_new();
	float *x = calloc(4 * N, sizeof(*x));
	double bin[HOP];

	CHECK("memory", s && x);
	for (int k = 2; s && x && k < HOP - 2; k += 1) {
		double sum = 0, far = 0;

		for (int i = 0; i < 4 * N; i++)
			x[i] = (float)sin(2 * M_PI * k * i / N + k);
		wx_spectrum_clear(s);
		wx_spectrum_add(s, x, 4 * N);
		wx_spectrum_get(s, bin);
		for (int i = 1; i < HOP; i++) {
			sum += bin[i];
			if (abs(i - k) > 1)
				far += bin[i];
		}
		CHECK_F64("sum", sum, 0.5, 1e-5);
		CHECK("far", far < 1e-11);
	}
	wx_spectrum_free(s);
	free(x);
}

static void test_few(void)
{
	static const float x[N];
	struct wx_spectrum *s = wx_spectrum_new();
	double bin[HOP];

	wx_spectrum_add(s, x, N - 1);
	CHECK_INT("shorter than a frame", wx_spectrum_get(s, bin), 0);
	CHECK_F64("shorter than a frame", bin[100], 0, 0);
	wx_spectrum_add(s, x, N);
	CHECK_INT("silence", wx_spectrum_get(s, bin), 1);
	CHECK_F64("silence", bin[100], 0, 0);
	wx_spectrum_free(s);
	wx_spectrum_free(NULL);
}

int main(void)
{
	test_noise();
	test_sines();
	test_few();
	return wx_test_end();
}
