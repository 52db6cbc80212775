/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/speech.h: does it sound as if somebody spoke?
 *
 * A voice comes and goes 2 to 8 times a second, syllable by syllable, and it
 * does so below and above 800 Hz together. The score is the modulation of the
 * envelope in that range, over 5 s of sound: as a share of the envelope's
 * mean, squared; less what a rough noise has there as well (from its 12 to
 * 30 Hz); of 300 to 800 and of 800 to 3400 Hz the lower, so that birds have
 * none. The envelope is cut off at twice its mean, so that a few drops on the
 * box are none either.
 *
 * It is a screen, not a detector: of speech that is 5 dB over the noise or
 * more it misses little (tests/bench/speech.sh), of fainter it may miss all.
 */
#ifndef WX_SOUND_SPEECH_H
#define WX_SOUND_SPEECH_H

#include "sound/wav.h"

enum {
	WX_SPEECH_HZ = 100, /* envelope values a second, at any rate */
	/* Seconds that a score looks at, and the least it can be made of. */
	WX_SPEECH_SPAN_S = 5,
	WX_SPEECH_LEAST_S = 2,
	/* Rates below have no upper band, and no score. */
	WX_SPEECH_MIN_RATE_HZ = 4000,
};

struct wx_speech;

struct wx_speech *wx_speech_new(void); /* NULL: out of memory */
void wx_speech_free(struct wx_speech *s);

/* Begin a capture. */
void wx_speech_start(struct wx_speech *s, const struct wx_wav *wav);
/* The next second of channel c, n samples: channels by turns. */
void wx_speech_channel(struct wx_speech *s, int c, const float *x, size_t n);

/*
 * The score, 0 to 1, of the last WX_SPEECH_SPAN_S seconds that were added, or
 * of as many as there are; NAN of under WX_SPEECH_LEAST_S, or a rate too low.
 */
double wx_speech_score(struct wx_speech *s);

#endif
