/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/convert.h: frames of any WAV as 16 bit mono of another rate, for
 * trainers that take one kind alone. By libraries: libsndfile for the coding,
 * libsamplerate (SRC_SINC_MEDIUM_QUALITY, 121 dB) for the rate.
 */
#ifndef WX_SOUND_CONVERT_H
#define WX_SOUND_CONVERT_H

#include "sound/wav.h"

/* Frames that n of from_hz become at to_hz. */
int64_t wx_convert_n(int64_t n, double from_hz, double to_hz);

/**
 * Channels are averaged, samples rounded to the nearest, none wraps.
 *
 * @param frames   n of them, as they are in a file of this wav.
 * @param[out] out  wx_convert_n(n, wav's rate, to_hz) samples; the caller's.
 *
 * @retval WX_ERR_FORMAT  a library would not have it.
 */
int wx_convert(const struct wx_wav *wav, const uint8_t *frames, int64_t n,
	       double to_hz, int16_t *out, struct wx_error *err);

#endif
