/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/flaws.h: what is wrong with a second of samples: clipping, runs of
 * one value, buffers sent twice or lost, overload. levels.c judges the counts.
 */
#ifndef WX_SOUND_FLAWS_H
#define WX_SOUND_FLAWS_H

#include "base/limits.h"
#include "sound/wav.h"

enum {
	/* Frames of a DMA buffer; half a kilobyte to a few are usual. */
	WX_FLAWS_BLOCK = 512,
};

/* Of a second, all channels together. */
struct wx_flaw_counts {
	double clipped;  /* highest share of samples at full scale */
	size_t flat_top; /* longest run at a channel's own extreme */
	/* Shortest of the channels' longest runs, s: one input may be dead. */
	double zeros_s, stuck_s;
	size_t repeated; /* blocks, all channels, equal to the one before */
	size_t steps;    /* most jumps where blocks meet, of a channel */
	double overload; /* highest share of 50 ms frames that are too loud */
	bool few;        /* too few different values, in every channel */
	int bits;        /* most that are in use; 0: not known */
};

struct wx_flaws;

/* limits are lent. NULL: out of memory. */
struct wx_flaws *wx_flaws_new(const struct wx_limits *limits);
void wx_flaws_free(struct wx_flaws *f);
/* Begin a capture; WX_ERR_NOMEM. */
int wx_flaws_start(struct wx_flaws *f, const struct wx_wav *wav,
		   struct wx_error *err);

/*
 * A second: first its frames as they are in the file, then each channel, as
 * wx_decode gave it with its bits, peak being its highest |x|, then
 * wx_flaws_end. Runs, blocks and jumps go on over the borders of seconds.
 */
void wx_flaws_frames(struct wx_flaws *f, const uint8_t *frames, size_t n);
void wx_flaws_channel(struct wx_flaws *f, int c, const float *x, size_t n,
		      float peak, int bits);
const struct wx_flaw_counts *wx_flaws_end(struct wx_flaws *f, size_t n);

#endif
