/* SPDX-License-Identifier: MIT */
/*
 * tests/fuzz/fuzz_wav.c: whatever the walker says lies within the file, and
 * its frames can be measured.
 */
#include <stdlib.h>

#include "sound/levels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void measure(const struct wx_wav *w, const uint8_t *data)
{
	struct wx_levels *l = NULL;
	struct wx_limits limits;
	int64_t left = w->n_frames;

	if (wx_limits_read(NULL, &limits, NULL) != WX_OK ||
	    wx_levels_new(&limits, &l, NULL) != WX_OK ||
	    wx_levels_start(l, w, NULL) != WX_OK)
		abort();
	data += w->data_offset;
	while (left > 0) {
		int64_t take = left < w->rate_hz ? left : w->rate_hz;
		struct wx_second s;

		wx_levels_second(l, data, (size_t)take, &s);
		if (!(s.level_dbfs >= WX_SOUND_FLOOR_DB) ||
		    s.peak_dbfs < WX_SOUND_FLOOR_DB || s.speech < 0 ||
		    s.speech > 1)
			abort();
		data += take * w->block_align;
		left -= take;
	}
	wx_levels_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char words[WX_WAV_WORDS_SIZE];
	struct wx_error err = { 0 };
	struct wx_wav w;
	int rc = wx_wav_probe_mem(data, n, "x.wav", &w, &err);

	wx_wav_words(w.odd, words);
	if ((rc == WX_OK) != (err.text[0] == '\0') || w.n_frames < 0 ||
	    w.data_offset + w.data_bytes > (int64_t)n)
		abort();
	if (rc != WX_OK)
		return 0;
	if (w.n_frames * w.block_align != w.data_bytes &&
	    w.code != WX_WAV_OTHER)
		abort();
	if (w.code != WX_WAV_OTHER)
		measure(&w, data);
	return 0;
}
