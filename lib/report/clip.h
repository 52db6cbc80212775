/* SPDX-License-Identifier: MIT */
/* lib/report/clip.h: a few seconds of a capture, to look at and to hear. */
#ifndef WX_REPORT_CLIP_H
#define WX_REPORT_CLIP_H

#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct wx_clip {
	uint8_t *wav; /* a WAV of its own: header and frames as they were */
	size_t n_wav;
	uint8_t *png; /* its spectrogram: time to the right, 0 Hz below */
	size_t n_png;
	uint32_t width, height; /* of the picture */
	double rate_hz, length_s;
	double top_hz;            /* frequency at its upper edge */
	double floor_db, ceil_db; /* what is darkest and brightest, dBFS */
};

/* A clip longer than this is cut: 60 s is 5 MB at 44.1 kHz. */
#define WX_CLIP_MAX_S 60.0

/*
 * Seconds from..from + length of a capture. WX_ERR_IO and WX_ERR_FORMAT when it
 * cannot be read, WX_ERR_RANGE when it holds no such seconds.
 */
int wx_clip_read(const char *path, double from_s, double length_s,
		 struct wx_clip *out, struct wx_error *err);
void wx_clip_fini(struct wx_clip *clip);

#endif
