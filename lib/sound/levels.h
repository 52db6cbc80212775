/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/levels.h: the numbers of one second of sound.
 *
 * Level, peak, the 12 bands, flatness, offset and speech score of soundrow.h,
 * and the quality flags. Each second stands for itself: its spectrum is the
 * mean over frames of 1024 samples, half overlapped, that lie wholly within it,
 * each under a periodic Hann window, after the second's mean is taken off (the
 * same as scipy.signal.welch over 1 s with detrend=False of x - mean(x)). The
 * frame is 1024 samples at any rate, the bands stay where they are in Hz: a bin
 * belongs to the band in which its centre lies, lower edge included.
 *
 * Flatness: geometric over arithmetic mean of the bins in 600 to 1200 Hz.
 *
 * Several channels: each is measured by itself. Powers (level, bands) are the
 * mean over channels, so that one dead input of two costs 3 dB and no more;
 * peak and clipping are of the loudest, zero runs of the least affected.
 */
#ifndef WX_SOUND_LEVELS_H
#define WX_SOUND_LEVELS_H

#include "base/limits.h"
#include "sound/soundrow.h"
#include "sound/wav.h"

/*
 * What a second shows, in the order of the words in its flags. From where on
 * each is suspect or bad is in limits/quality.json (base/limits.h), with where
 * the numbers are from.
 */
enum wx_sound_flag {
	/*
	 * "clipped": samples at full scale, or equal ones in a row at the
	 * second's own extreme where that is over half of full scale (an input
	 * that clips before the converter does).
	 */
	WX_SOUND_CLIPPED = 1 << 0,
	WX_SOUND_ZERO_RUN = 1 << 1, /* "zero_run": exact zeros */
	WX_SOUND_STUCK = 1 << 2, /* "stuck": one other value, not full scale */
	WX_SOUND_QUIET = 1 << 3, /* "quiet": a low level */
	WX_SOUND_DEAD = 1 << 4,  /* "dead": a lower one, or few values */
	/* "repeated": a block of 512 frames that equals the one before. */
	WX_SOUND_REPEATED = 1 << 5,
	/* "step": a jump by over half of full scale between two blocks. */
	WX_SOUND_STEP = 1 << 6,
	WX_SOUND_OVERLOAD = 1 << 7,    /* "overload": 50 ms over -6 dBFS */
	WX_SOUND_NARROW_BAND = 1 << 8, /* "narrow_band": no top to it */
	WX_SOUND_FEW_BITS = 1 << 9,    /* "few_bits": low ones never set */
	WX_SOUND_SPEECH = 1 << 10,     /* "speech": see speech.h */
};

struct wx_second {
	double level_dbfs, peak_dbfs, band_db[WX_N_BANDS], flatness;
	double dc;     /* mean, of full scale; of the channel with the most */
	double speech; /* score of the 5 s that end with it; NAN */
	unsigned suspect, fail; /* enum wx_sound_flag, but for SPEECH */
	/* Shorter than a frame: no bands, and no flags that need a level. */
	bool partial;
};

struct wx_levels;

/* limits are copied. */
int wx_levels_new(const struct wx_limits *limits, struct wx_levels **out,
		  struct wx_error *err);
void wx_levels_free(struct wx_levels *l);

/*
 * Begin a capture: its coding (PCM or FLOAT), rate and channels are those of
 * wav, whose other members are not used.
 */
int wx_levels_start(struct wx_levels *l, const struct wx_wav *wav,
		    struct wx_error *err);

/*
 * Measure the next second: n_frames as they stand in the file, rate_hz of them
 * or, at the end of a capture, at least 1. Runs of one value that began in
 * the second before count in full.
 */
void wx_levels_second(struct wx_levels *l, const uint8_t *frames,
		      size_t n_frames, struct wx_second *out);

/*
 * Give a second the score it shall have, and its flag by the limit for such:
 * WX_TEST_SPEECH, or WX_TEST_SPEECH_CMD of another program's.
 */
void wx_levels_speech(const struct wx_levels *l, enum wx_test test,
		      double score, struct wx_second *s);

/* The words of suspect or fail, blank between; "" for 0. Returns buf. */
enum { WX_SOUND_WORDS_SIZE = 96 };
const char *wx_sound_words(unsigned flags, char buf[WX_SOUND_WORDS_SIZE]);

#endif
