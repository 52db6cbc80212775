/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/spectrum.c: a transform of eight real frames at a time.
 *
 * Two frames A and B go through one complex transform of Z = A + iB: the sum
 * |Z(k)|^2 + |Z(N-k)|^2 is 2 |A(k)|^2 + 2 |B(k)|^2, which is what a one-sided
 * power spectrum wants, so that the two are never taken apart. Four such pairs
 * lie side by side in the lanes of a vector. The transform is the textbook's
 * radix 4, decimation in frequency, in place; its output stands in an order of
 * reversed base-4 digits, which is undone once a spectrum, not once a frame.
 *
 * Source of the butterfly: Oppenheim and Schafer, Discrete-Time Signal
 * Processing, "Implementation of decimation-in-frequency algorithms".
 */
#include "sound/spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = WX_SPECTRUM_FRAME, HOP = WX_SPECTRUM_HOP, LANES = 4 };

/* Four floats in SSE or NEON; GCC and clang make code for it anywhere. */
typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));

struct wx_spectrum {
	lanes re[N], im[N];
	lanes power[N]; /* sum of |Z|^2, in the order of the output */
	size_t n_frames;
	float window[N];
	float cosine[N], sine[N]; /* of -2 pi i / N */
	double scale;             /* of a sum of 2 |X|^2 to mean square */
};

struct wx_spectrum *wx_spectrum_new(void)
{
	struct wx_spectrum *s = calloc(1, sizeof(*s));
	double sum = 0;

	if (!s)
		return NULL;
	for (int i = 0; i < N; i++) {
		double angle = 2 * M_PI * i / N, w = 0.5 - 0.5 * cos(angle);

		s->window[i] = (float)w;
		s->cosine[i] = (float)cos(angle);
		s->sine[i] = (float)-sin(angle);
		sum += w * w;
	}
	s->scale = 1 / (sum * N);
	return s;
}

void wx_spectrum_free(struct wx_spectrum *s)
{
	free(s);
}

void wx_spectrum_clear(struct wx_spectrum *s)
{
	memset(s->power, 0, sizeof(s->power));
	s->n_frames = 0;
}

/* Store re + i im, turned by the twiddle factor w, in place `at`. */
static inline void put(struct wx_spectrum *s, size_t at, lanes re, lanes im,
		       size_t w)
{
	float c = s->cosine[w], d = s->sine[w];

	s->re[at] = re * c - im * d;
	s->im[at] = re * d + im * c;
}

/* One butterfly of four points, step apart, with the twiddles w, 2w, 3w. */
static inline void butterfly(struct wx_spectrum *s, size_t at, size_t step,
			     size_t w)
{
	const lanes *re = s->re + at, *im = s->im + at;
	lanes even_re = re[0] + re[2 * step], even_im = im[0] + im[2 * step];
	lanes diff_re = re[0] - re[2 * step], diff_im = im[0] - im[2 * step];
	lanes odd_re = re[step] + re[3 * step];
	lanes odd_im = im[step] + im[3 * step];
	/* -i times the difference of the odd ones. */
	lanes turn_re = im[step] - im[3 * step];
	lanes turn_im = re[3 * step] - re[step];

	s->re[at] = even_re + odd_re;
	s->im[at] = even_im + odd_im;
	put(s, at + step, diff_re + turn_re, diff_im + turn_im, w);
	put(s, at + 2 * step, even_re - odd_re, even_im - odd_im, 2 * w);
	put(s, at + 3 * step, diff_re - turn_re, diff_im - turn_im, 3 * w);
}

static void transform(struct wx_spectrum *s)
{
	for (size_t length = N; length > 1; length /= 4)
		for (size_t start = 0; start < N; start += length)
			for (size_t j = 0; j < length / 4; j++)
				butterfly(s, start + j, length / 4,
					  j * (N / length));
}

/* Up to 2 LANES frames; the rest of the lanes stays silent. */
static void add_batch(struct wx_spectrum *s, const float *x, size_t n_frames)
{
	static const float silence[N];
	const float *f[2 * LANES];

	for (size_t i = 0; i < 2 * LANES; i++)
		f[i] = i < n_frames ? x + i * HOP : silence;
	for (size_t i = 0; i < N; i++) {
		s->re[i] = (lanes){ f[0][i], f[2][i], f[4][i], f[6][i] } *
			   s->window[i];
		s->im[i] = (lanes){ f[1][i], f[3][i], f[5][i], f[7][i] } *
			   s->window[i];
	}
	transform(s);
	for (size_t i = 0; i < N; i++)
		s->power[i] += s->re[i] * s->re[i] + s->im[i] * s->im[i];
	s->n_frames += n_frames;
}

void wx_spectrum_add(struct wx_spectrum *s, const float *x, size_t n)
{
	size_t n_frames = n < N ? 0 : (n - N) / HOP + 1;

	for (size_t i = 0; i < n_frames; i += 2 * LANES)
		add_batch(s, x + i * HOP,
			  n_frames - i < 2 * LANES ? n_frames - i : 2 * LANES);
}

/* The place of Z(k): its five base-4 digits reversed. */
static size_t place(size_t k)
{
	size_t p = 0;

	for (size_t length = N; length > 1; length /= 4, k /= 4)
		p = p * 4 + k % 4;
	return p;
}

static double power_at(const struct wx_spectrum *s, size_t k)
{
	lanes p = s->power[place(k)];

	return (double)(p[0] + p[1] + p[2] + p[3]);
}

size_t wx_spectrum_get(const struct wx_spectrum *s, double bin[HOP])
{
	double scale = s->n_frames ? s->scale / (double)s->n_frames : 0;

	bin[0] = power_at(s, 0) * scale;
	for (size_t k = 1; k < HOP; k++)
		bin[k] = (power_at(s, k) + power_at(s, N - k)) * scale;
	return s->n_frames;
}
