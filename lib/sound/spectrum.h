/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/spectrum.h: the mean spectrum of frames of 1024 samples, half
 * overlapped, each under a periodic Hann window.
 */
#ifndef WX_SOUND_SPECTRUM_H
#define WX_SOUND_SPECTRUM_H

#include <stddef.h>

enum {
	WX_SPECTRUM_FRAME = 1024,
	WX_SPECTRUM_HOP = WX_SPECTRUM_FRAME / 2,
};

struct wx_spectrum;

struct wx_spectrum *wx_spectrum_new(void); /* NULL: out of memory */
void wx_spectrum_free(struct wx_spectrum *s);

/* Forget the frames that were added. */
void wx_spectrum_clear(struct wx_spectrum *s);
/* Add the frames that lie wholly within x[0..n), from its start on. */
void wx_spectrum_add(struct wx_spectrum *s, const float *x, size_t n);

/*
 * The mean square in each bin, over the frames added: bin k (1 to 511) is
 * centred on k / 1024 of the rate, one-sided, so that the bins of a sine of
 * amplitude 1 add up to 0.5. Returns the number of frames; with 0, bins are 0.
 */
size_t wx_spectrum_get(const struct wx_spectrum *s,
		       double bin[WX_SPECTRUM_HOP]);

#endif
