/* SPDX-License-Identifier: MIT */
/* lib/sound/speech.c: see speech.h. */
#include "sound/speech.h"

#include <kiss_fft.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	N = WX_SPEECH_SPAN_S * WX_SPEECH_HZ,
	N_BANDS = 2,
	N_SECTIONS = 2, /* second-order: below the band, above it */
};

#define CUT_HZ           300.0
#define MID_HZ           800.0
#define TOP_HZ           3400.0
#define CAP              2.0f   /* times the mean */
#define FLOOR            1e-14f /* of the power: digital silence */
#define TINY             1e-20f /* filters that ring lower are stopped */
#define SYLLABLE_LOW_HZ  2
#define SYLLABLE_HIGH_HZ 8
#define ROUGH_LOW_HZ     12
#define ROUGH_HIGH_HZ    30
/*
 * A flat spectrum has a third of ROUGH's power in the syllables' range; drops
 * fall a little towards high frequencies.
 */
#define ROUGH_SHARE 0.4

struct section { /* a Butterworth filter of second order */
	float b0, b1, b2, a1, a2;
};

struct state {
	float z1, z2;
};

struct wx_speech {
	kiss_fft_cfg fft;
	uint32_t rate_hz;
	struct section section[N_BANDS][N_SECTIONS];
	struct state state[WX_WAV_MAX_CHANNELS][N_BANDS][N_SECTIONS];
	/* Mean square of each 10 ms, summed over channels: a ring. */
	float power[N_BANDS][N];
	size_t at, n; /* the next to be written; how many there are */
	size_t n_new; /* of the second at hand */
	kiss_fft_cpx in[N], out[N];
};

struct wx_speech *wx_speech_new(void)
{
	struct wx_speech *s = calloc(1, sizeof(*s));

	if (s)
		s->fft = kiss_fft_alloc(N, 0, NULL, NULL);
	if (s && !s->fft) {
		free(s);
		s = NULL;
	}
	return s;
}

void wx_speech_free(struct wx_speech *s)
{
	if (!s)
		return;
	kiss_fft_free(s->fft);
	free(s);
}

/* By the bilinear transform, the edge put right. */
static struct section butterworth(double edge_hz, uint32_t rate_hz, bool high)
{
	double k = tan(M_PI * edge_hz / rate_hz), q = M_SQRT2 * k;
	double d = 1 + q + k * k, b0 = (high ? 1 : k * k) / d;

	return (struct section){
		.b0 = (float)b0,
		.b1 = (float)(high ? -2 * b0 : 2 * b0),
		.b2 = (float)b0,
		.a1 = (float)(2 * (k * k - 1) / d),
		.a2 = (float)((1 - q + k * k) / d),
	};
}

void wx_speech_start(struct wx_speech *s, const struct wx_wav *wav)
{
	uint32_t rate = wav->rate_hz;
	double top = fmin(TOP_HZ, 0.45 * rate);

	s->rate_hz = rate;
	s->at = s->n = s->n_new = 0;
	memset(s->state, 0, sizeof(s->state));
	s->section[0][0] = butterworth(CUT_HZ, rate, true);
	s->section[0][1] = butterworth(MID_HZ, rate, false);
	s->section[1][0] = butterworth(MID_HZ, rate, true);
	s->section[1][1] = butterworth(top, rate, false);
}

static inline float filter(const struct section *f, struct state *z, float x)
{
	float y = f->b0 * x + z->z1;

	z->z1 = f->b1 * x - f->a1 * y + z->z2;
	z->z2 = f->b2 * x - f->a2 * y;
	return y;
}

static void settle(struct state z[N_BANDS][N_SECTIONS])
{
	for (int b = 0; b < N_BANDS; b++)
		for (int k = 0; k < N_SECTIONS; k++) {
			if (fabsf(z[b][k].z1) < TINY)
				z[b][k].z1 = 0;
			if (fabsf(z[b][k].z2) < TINY)
				z[b][k].z2 = 0;
		}
}

/* Mean square of n samples in each band. */
static void band_power(struct wx_speech *s, struct state z[N_BANDS][N_SECTIONS],
		       const float *x, size_t n, float power[N_BANDS])
{
	struct state low[N_SECTIONS] = { z[0][0], z[0][1] };
	struct state high[N_SECTIONS] = { z[1][0], z[1][1] };
	float sum_low = 0, sum_high = 0;

	for (size_t i = 0; i < n; i++) {
		float a = filter(&s->section[0][0], &low[0], x[i]);
		float b = filter(&s->section[1][0], &high[0], x[i]);

		a = filter(&s->section[0][1], &low[1], a);
		b = filter(&s->section[1][1], &high[1], b);
		sum_low += a * a;
		sum_high += b * b;
	}
	memcpy(z[0], low, sizeof(low));
	memcpy(z[1], high, sizeof(high));
	power[0] = sum_low / (float)n;
	power[1] = sum_high / (float)n;
}

void wx_speech_channel(struct wx_speech *s, int c, const float *x, size_t n)
{
	size_t n_values = n * WX_SPEECH_HZ / s->rate_hz, from = 0;

	if (s->rate_hz < WX_SPEECH_MIN_RATE_HZ)
		return;
	if (c == 0) {
		s->at = (s->at + s->n_new) % N;
		s->n = s->n + n_values < N ? s->n + n_values : N;
		s->n_new = n_values;
	}
	for (size_t i = 0; i < n_values; i++) {
		size_t to = (i + 1) * s->rate_hz / WX_SPEECH_HZ;
		size_t slot = (s->at + i) % N;
		float power[N_BANDS];

		band_power(s, s->state[c], x + from, to - from, power);
		settle(s->state[c]);
		for (int b = 0; b < N_BANDS; b++)
			s->power[b][slot] =
				power[b] + (c ? s->power[b][slot] : FLOOR);
		from = to;
	}
}

/* The envelope over its mean, cut off, less 1; into one part of `in`. */
static void fill(struct wx_speech *s, int band)
{
	size_t first = s->at + s->n_new + N - s->n;
	float mean = 0, x[N];

	for (size_t i = 0; i < s->n; i++) {
		x[i] = sqrtf(s->power[band][(first + i) % N]);
		mean += x[i];
	}
	mean /= (float)s->n;
	for (size_t i = 0; i < s->n; i++)
		x[i] = fminf(x[i], CAP * mean);
	mean = 0;
	for (size_t i = 0; i < s->n; i++)
		mean += x[i];
	mean /= (float)s->n;
	for (size_t i = 0; i < N; i++) {
		double w = sin(M_PI * (double)i / (double)s->n);
		float v = i < s->n ? (float)(w * w) * (x[i] / mean - 1) : 0;

		if (band == 0)
			s->in[i].r = v;
		else
			s->in[i].i = v;
	}
}

/* |X(k)|^2 of both bands, out of the transform of X0 + i X1. */
static void powers(const struct wx_speech *s, size_t k, double p[N_BANDS])
{
	const kiss_fft_cpx *a = &s->out[k], *b = &s->out[N - k];
	double sr = (double)a->r + (double)b->r,
	       si = (double)a->i - (double)b->i;
	double dr = (double)a->r - (double)b->r,
	       di = (double)a->i + (double)b->i;

	p[0] = (sr * sr + si * si) / 4;
	p[1] = (dr * dr + di * di) / 4;
}

static double modulation(const struct wx_speech *s, int band)
{
	double syllable = 0, rough = 0;
	/* To the mean square of what the window saw: its own is 3/8. */
	double scale = 2 / (0.375 * (double)s->n * N);

	for (size_t k = 1; k < N / 2; k++) {
		double hz = (double)k / WX_SPEECH_SPAN_S, p[N_BANDS];

		powers(s, k, p);
		if (hz >= SYLLABLE_LOW_HZ && hz < SYLLABLE_HIGH_HZ)
			syllable += p[band];
		if (hz >= ROUGH_LOW_HZ && hz < ROUGH_HIGH_HZ)
			rough += p[band];
	}
	return (syllable - ROUGH_SHARE * rough) * scale;
}

double wx_speech_score(struct wx_speech *s)
{
	if (s->rate_hz < WX_SPEECH_MIN_RATE_HZ ||
	    s->n < WX_SPEECH_LEAST_S * WX_SPEECH_HZ)
		return NAN;
	fill(s, 0);
	fill(s, 1);
	kiss_fft(s->fft, s->in, s->out);
	return fmin(fmax(fmin(modulation(s, 0), modulation(s, 1)), 0), 1);
}
