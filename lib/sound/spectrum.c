/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/spectrum.c: see spectrum.h.
 *
 * Two frames A and B go through one complex transform of Z = A + iB: the sum
 * |Z(k)|^2 + |Z(N-k)|^2 is 2 |A(k)|^2 + 2 |B(k)|^2, which is what a one-sided
 * power spectrum wants, so that the two are never taken apart.
 */
#include "sound/spectrum.h"

#include <kiss_fft.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { N = WX_SPECTRUM_FRAME, HOP = WX_SPECTRUM_HOP };

struct wx_spectrum {
	kiss_fft_cfg fft;
	kiss_fft_cpx in[N], out[N];
	float power[N]; /* sum of |Z|^2 */
	size_t n_frames;
	float window[N];
	double scale; /* of a sum of 2 |X|^2 to mean square */
};

struct wx_spectrum *wx_spectrum_new(void)
{
	struct wx_spectrum *s = calloc(1, sizeof(*s));
	double sum = 0;

	if (!s)
		return NULL;
	s->fft = kiss_fft_alloc(N, 0, NULL, NULL);
	if (!s->fft) {
		free(s);
		return NULL;
	}
	for (int i = 0; i < N; i++) {
		double w = 0.5 - 0.5 * cos(2 * M_PI * i / N);

		s->window[i] = (float)w;
		sum += w * w;
	}
	s->scale = 1 / (sum * N);
	return s;
}

void wx_spectrum_free(struct wx_spectrum *s)
{
	if (!s)
		return;
	kiss_fft_free(s->fft);
	free(s);
}

void wx_spectrum_clear(struct wx_spectrum *s)
{
	memset(s->power, 0, sizeof(s->power));
	s->n_frames = 0;
}

static void add_pair(struct wx_spectrum *s, const float *a, const float *b)
{
	for (size_t i = 0; i < N; i++) {
		s->in[i].r = a[i] * s->window[i];
		s->in[i].i = b[i] * s->window[i];
	}
	kiss_fft(s->fft, s->in, s->out);
	for (size_t i = 0; i < N; i++)
		s->power[i] +=
			s->out[i].r * s->out[i].r + s->out[i].i * s->out[i].i;
}

void wx_spectrum_add(struct wx_spectrum *s, const float *x, size_t n)
{
	static const float silence[N];
	size_t n_frames = n < N ? 0 : (n - N) / HOP + 1;

	for (size_t i = 0; i < n_frames; i += 2)
		add_pair(s, x + i * HOP,
			 i + 1 < n_frames ? x + (i + 1) * HOP : silence);
	s->n_frames += n_frames;
}

size_t wx_spectrum_get(const struct wx_spectrum *s, double bin[HOP])
{
	double scale = s->n_frames ? s->scale / (double)s->n_frames : 0;

	bin[0] = (double)s->power[0] * scale;
	for (size_t k = 1; k < HOP; k++)
		bin[k] =
			((double)s->power[k] + (double)s->power[N - k]) * scale;
	return s->n_frames;
}
