/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/levels.h: the numbers of one second of sound.
 *
 * Level, peak, the 12 bands and flatness of soundrow.h, and the first quality
 * flags. Each second stands for itself: its spectrum is the mean over frames
 * of 1024 samples, half overlapped, that lie wholly within it, each under a
 * periodic Hann window, after the second's mean is taken off (the same as
 * scipy.signal.welch over 1 s with detrend=False of x - mean(x)). The frame is
 * 1024 samples at any rate, the bands stay where they are in Hz: a bin belongs
 * to the band in which its centre lies, lower edge included.
 *
 * Flatness: geometric over arithmetic mean of the bins in 600 to 1200 Hz.
 *
 * Several channels: each is measured by itself. Powers (level, bands) are the
 * mean over channels, so that one dead input of two costs 3 dB and no more;
 * peak and clipping are of the loudest, zero runs of the least affected.
 */
#ifndef WX_SOUND_LEVELS_H
#define WX_SOUND_LEVELS_H

#include "sound/soundrow.h"
#include "sound/wav.h"

/*
 * What a second shows, in the order of the words in its flags. Thresholds are
 * set so that good recordings stay clear of them (0 of 368 field recordings
 * over the clipping limits, 6 with zero runs, 1 below -60 dBFS).
 */
enum wx_sound_flag {
	/*
	 * "clipped": over 1 of 10,000 samples at full scale, or 3 equal ones
	 * in a row at the second's own extreme where that is over half of full
	 * scale (an input that clips before the converter does). Fail: over 1
	 * of 1,000 at full scale.
	 */
	WX_SOUND_CLIPPED = 1 << 0,
	/* "zero_run": exact zeros for over 10 ms. Fail: over 100 ms. */
	WX_SOUND_ZERO_RUN = 1 << 1,
	/* "quiet": level under -60 dBFS. */
	WX_SOUND_QUIET = 1 << 2,
	/* "dead": level under -80 dBFS or under 16 different values. Fail. */
	WX_SOUND_DEAD = 1 << 3,
};

struct wx_second {
	double level_dbfs, peak_dbfs, band_db[WX_N_BANDS], flatness;
	unsigned suspect, fail; /* enum wx_sound_flag */
	/* Shorter than a frame: no bands, and QUIET and DEAD not evaluated. */
	bool partial;
};

struct wx_levels;

int wx_levels_new(struct wx_levels **out, struct wx_error *err);
void wx_levels_free(struct wx_levels *l);

/*
 * Begin a capture: its coding (PCM or FLOAT), rate and channels are those of
 * wav, whose other members are not used.
 */
int wx_levels_start(struct wx_levels *l, const struct wx_wav *wav,
		    struct wx_error *err);

/*
 * Measure the next second: n_frames as they stand in the file, rate_hz of them
 * or, at the end of a capture, at least 1. Zeros that run on from the second
 * before count in full.
 */
void wx_levels_second(struct wx_levels *l, const uint8_t *frames,
		      size_t n_frames, struct wx_second *out);

/* The words of suspect or fail, blank between; "" for 0. Returns buf. */
enum { WX_SOUND_WORDS_SIZE = 48 };
const char *wx_sound_words(unsigned flags, char buf[WX_SOUND_WORDS_SIZE]);

#endif
