/* SPDX-License-Identifier: MIT */
/* A tone in every coding and several rates: it stays that tone. */
#include "sound/convert.h"

#include <stdlib.h>

#include "testing.h"

enum { SECONDS = 1 };

static void put(const struct wx_wav *wav, uint8_t *to, double v)
{
	int64_t whole = llround(v * 2147483647.0);
	float f = (float)v;

	if (wav->code == WX_WAV_FLOAT)
		memcpy(to, &f, sizeof(f));
	else
		for (int i = 0; i < wav->sample_bytes; i++)
			to[i] = (uint8_t)(whole >>
					  (8 * (4 - wav->sample_bytes + i)));
}

static void check(enum wx_wav_code code, int bytes, int channels, int from_hz,
		  int to_hz, double tone_hz)
{
	struct wx_wav wav = { .code = code,
			      .tag = code == WX_WAV_FLOAT ? 3 : 1,
			      .channels = channels,
			      .bits = 8 * bytes,
			      .sample_bytes = bytes,
			      .rate_hz = (uint32_t)from_hz,
			      .block_align = (uint32_t)(bytes * channels) };
	int64_t n = SECONDS * from_hz, n_out = wx_convert_n(n, from_hz, to_hz);
	uint8_t *frames = malloc((size_t)n * wav.block_align);
	int16_t *out = calloc((size_t)n_out, sizeof(*out));
	double worst = 0;
	char label[80];

	snprintf(label, sizeof(label), "%d bytes, %d channels, %d to %d Hz",
		 bytes, channels, from_hz, to_hz);
	/* The second channel is silent: the mean is half of the first. */
	for (int64_t i = 0; i < n; i++)
		for (int c = 0; c < channels; c++)
			put(&wav, frames + i * wav.block_align + c * bytes,
			    c ? 0
			      : 0.5 * sin(2 * M_PI * tone_hz * (double)i /
					  from_hz));
	CHECK_INT(label, n_out, SECONDS * to_hz);
	CHECK_INT(label, wx_convert(&wav, frames, n, to_hz, out, NULL), WX_OK);
	/* Its ends lack what was before and comes after. */
	for (int64_t i = n_out / 10; i < n_out * 9 / 10; i++) {
		double want = 16384.0 / channels *
			      sin(2 * M_PI * tone_hz * (double)i / to_hz);

		worst = fmax(worst, fabs(out[i] - want));
	}
	CHECK_F64(label, worst, 0, from_hz == to_hz ? 1.0 : 4.0);
	free(frames);
	free(out);
}

int main(void)
{
	check(WX_WAV_PCM, 2, 1, 16000, 16000, 440);
	check(WX_WAV_PCM, 3, 1, 16000, 16000, 440);
	check(WX_WAV_PCM, 4, 2, 16000, 16000, 440);
	check(WX_WAV_FLOAT, 4, 1, 16000, 16000, 440);
	check(WX_WAV_PCM, 2, 1, 48000, 16000, 1000);
	check(WX_WAV_PCM, 3, 2, 44100, 16000, 3000);
	check(WX_WAV_FLOAT, 4, 1, 8000, 16000, 1000);
	return wx_test_end();
}
