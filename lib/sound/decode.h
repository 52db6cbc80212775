/* SPDX-License-Identifier: MIT */
/* lib/sound/decode.h: samples as a file has them become floats of -1 to 1. */
#ifndef WX_SOUND_DECODE_H
#define WX_SOUND_DECODE_H

#include <stddef.h>
#include <stdint.h>

#include "sound/wav.h"

enum {
	/*
	 * Loops run over this many samples at a time with as many sums side by
	 * side: the compiler makes vector code of them, which it may not do
	 * with one sum of floats.
	 */
	WX_LANES = 16,
};

/*
 * Channel c of n frames of a PCM or FLOAT coding, into x. Floats that are no
 * number, or over 1000, are 0: one absurd value must not swallow its second.
 *
 * Returns how many bits are in use: from the highest down to the last that is
 * set in any sample. 0: of floats, and of zeros alone.
 */
int wx_decode(const struct wx_wav *w, const uint8_t *frames, int c, size_t n,
	      float *x);

#endif
