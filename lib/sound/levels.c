/* SPDX-License-Identifier: MIT */
/* lib/sound/levels.c: see levels.h. */
#include "sound/levels.h"

#include <math.h>
#include <stdlib.h>

#include "base/quality.h"
#include "base/text.h"
#include "sound/decode.h"
#include "sound/flaws.h"
#include "sound/spectrum.h"
#include "sound/speech.h"

#define FLATNESS_LOW_HZ 600 /* the band whose flatness is told */
/*
 * What an anti-alias filter leaves of real sound: from 0.45 of the rate on.
 */
#define TOP_BIN     ((int)(0.45 * WX_SPECTRUM_FRAME) + 1)
#define FEW_BITS_OF 16 /* of narrower sound bits are not counted */

struct wx_levels {
	struct wx_limits limits;
	struct wx_wav wav;
	struct wx_spectrum *spectrum;
	struct wx_flaws *flaws;
	struct wx_speech *speech;
	/* Bins of a band: first..end-1; none where both are the same. */
	int first[WX_N_BANDS], end[WX_N_BANDS];
	float *x; /* a second of one channel, -1..1 */
	size_t room;
};

int wx_levels_new(const struct wx_limits *limits, struct wx_levels **out,
		  struct wx_error *err)
{
	struct wx_levels *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (l) {
		l->limits = *limits;
		l->spectrum = wx_spectrum_new();
		l->flaws = wx_flaws_new(&l->limits);
		l->speech = wx_speech_new();
	}
	if (!l || !l->spectrum || !l->flaws || !l->speech) {
		wx_levels_free(l);
		return wx_fail_nomem(err);
	}
	*out = l;
	return WX_OK;
}

void wx_levels_free(struct wx_levels *l)
{
	if (!l)
		return;
	wx_spectrum_free(l->spectrum);
	wx_flaws_free(l->flaws);
	wx_speech_free(l->speech);
	free(l->x);
	free(l);
}

int wx_levels_start(struct wx_levels *l, const struct wx_wav *wav,
		    struct wx_error *err)
{
	double bin_hz = wav->rate_hz / (double)WX_SPECTRUM_FRAME;

	if (wav->rate_hz > l->room) {
		float *x = realloc(l->x, wav->rate_hz * sizeof(*x));

		if (!x)
			return wx_fail_nomem(err);
		l->x = x;
		l->room = wav->rate_hz;
	}
	if (wx_flaws_start(l->flaws, wav, err) != WX_OK)
		return WX_ERR_NOMEM;
	wx_speech_start(l->speech, wav);
	l->wav = *wav;
	for (int b = 0; b < WX_N_BANDS; b++) {
		double high_hz = wx_band_edges_hz[b + 1];
		bool heard = high_hz <= wav->rate_hz / 2.0;

		l->first[b] = (int)ceil(wx_band_edges_hz[b] / bin_hz);
		l->end[b] = heard ? (int)ceil(high_hz / bin_hz) : l->first[b];
	}
	return WX_OK;
}

static float sum_of(const float *x, size_t n)
{
	float s[WX_LANES] = { 0 };
	size_t i = 0;

	for (; i + WX_LANES <= n; i += WX_LANES)
		for (int j = 0; j < WX_LANES; j++)
			s[j] += x[i + j];
	for (; i < n; i++)
		s[0] += x[i];
	for (int j = 1; j < WX_LANES; j++)
		s[0] += s[j];
	return s[0];
}

/* Returns the mean square of what is left. */
static float take_off_mean(float *x, size_t n, float *off)
{
	float s[WX_LANES] = { 0 }, mean = sum_of(x, n) / (float)n;
	size_t i = 0;

	for (; i + WX_LANES <= n; i += WX_LANES)
		for (int j = 0; j < WX_LANES; j++) {
			x[i + j] -= mean;
			s[j] += x[i + j] * x[i + j];
		}
	for (; i < n; i++) {
		x[i] -= mean;
		s[0] += x[i] * x[i];
	}
	*off = mean;
	return sum_of(s, WX_LANES) / (float)n;
}

static float peak_of(const float *x, size_t n)
{
	float s[WX_LANES] = { 0 };
	size_t i = 0;

	for (; i + WX_LANES <= n; i += WX_LANES)
		for (int j = 0; j < WX_LANES; j++) {
			float v = fabsf(x[i + j]);

			s[j] = v > s[j] ? v : s[j];
		}
	for (; i < n; i++)
		s[0] = fmaxf(s[0], fabsf(x[i]));
	for (int j = 1; j < WX_LANES; j++)
		s[0] = fmaxf(s[0], s[j]);
	return s[0];
}

/* What the channels of a second are merged from. */
struct merged {
	double mean_square; /* sum over channels */
	float peak, dc;     /* of the loudest, and the largest offset */
};

static void add_channel(struct wx_levels *l, const uint8_t *frames, int c,
			size_t n, struct merged *m)
{
	int bits = wx_decode(&l->wav, frames, c, n, l->x);
	float peak = peak_of(l->x, n), dc;

	m->peak = fmaxf(m->peak, peak);
	wx_flaws_channel(l->flaws, c, l->x, n, peak, bits);
	wx_speech_channel(l->speech, c, l->x, n);
	m->mean_square += (double)take_off_mean(l->x, n, &dc);
	if (fabsf(dc) > fabsf(m->dc))
		m->dc = dc;
	wx_spectrum_add(l->spectrum, l->x, n);
}

static double to_db(double mean_square)
{
	double db = 10 * log10(mean_square);

	return db > WX_SOUND_FLOOR_DB ? db : WX_SOUND_FLOOR_DB;
}

static void fill_bands(const struct wx_levels *l,
		       const double bin[WX_SPECTRUM_HOP], bool heard,
		       struct wx_second *out)
{
	out->flatness = NAN;
	for (int b = 0; b < WX_N_BANDS; b++) {
		double sum = 0, logs = 0;
		int n = l->end[b] - l->first[b];

		out->band_db[b] = NAN;
		if (!heard || !n)
			continue;
		for (int k = l->first[b]; k < l->end[b]; k++)
			sum += bin[k];
		out->band_db[b] = to_db(sum);
		if (wx_band_edges_hz[b] != FLATNESS_LOW_HZ || !(sum > 0))
			continue;
		for (int k = l->first[b]; k < l->end[b]; k++)
			logs += log(bin[k]);
		out->flatness = exp(logs / n) / (sum / n);
	}
}

/* The level above 0.45 of the rate, dB re all; NAN of silence. */
static double top_db(const double bin[WX_SPECTRUM_HOP])
{
	double all = 0, top = 0;

	for (int k = 1; k < WX_SPECTRUM_HOP; k++) {
		all += bin[k];
		top += k >= TOP_BIN ? bin[k] : 0;
	}
	return all > 0 ? 10 * log10(top / all) : NAN;
}

static void flag(struct wx_second *out, enum wx_sound_flag word, int quality)
{
	if (quality == WX_QUALITY_SUSPECT)
		out->suspect |= word;
	else if (quality == WX_QUALITY_FAIL)
		out->fail |= word;
}

/* Dead has no word of quiet beside it; a spectrum of nothing has no width. */
static void judge_spectrum(const struct wx_levels *l,
			   const struct wx_flaw_counts *n, double top,
			   struct wx_second *out)
{
	const struct wx_limit *of = l->limits.of;
	int dead = wx_limit_under(&of[WX_TEST_DEAD], out->level_dbfs);

	if (n->few && !isnan(of[WX_TEST_FEW_VALUES].fail))
		dead = WX_QUALITY_FAIL;
	else if (n->few && dead == WX_QUALITY_GOOD)
		dead = WX_QUALITY_SUSPECT;
	flag(out, WX_SOUND_DEAD, dead);
	if (dead != WX_QUALITY_GOOD)
		return;
	flag(out, WX_SOUND_QUIET,
	     wx_limit_under(&of[WX_TEST_QUIET], out->level_dbfs));
	flag(out, WX_SOUND_NARROW_BAND,
	     wx_limit_under(&of[WX_TEST_NARROW_BAND], top));
}

static void judge(const struct wx_levels *l, const struct wx_flaw_counts *n,
		  struct wx_second *out)
{
	const struct wx_limit *of = l->limits.of;

	flag(out, WX_SOUND_CLIPPED,
	     wx_limit_over(&of[WX_TEST_CLIPPED], n->clipped));
	flag(out, WX_SOUND_CLIPPED,
	     wx_limit_from(&of[WX_TEST_FLAT_TOP], (double)n->flat_top));
	flag(out, WX_SOUND_ZERO_RUN,
	     wx_limit_over(&of[WX_TEST_ZERO_RUN], n->zeros_s));
	flag(out, WX_SOUND_STUCK,
	     wx_limit_over(&of[WX_TEST_STUCK], n->stuck_s));
	flag(out, WX_SOUND_REPEATED,
	     wx_limit_from(&of[WX_TEST_REPEATED], (double)n->repeated));
	flag(out, WX_SOUND_STEP,
	     wx_limit_from(&of[WX_TEST_STEP], (double)n->steps));
	flag(out, WX_SOUND_OVERLOAD,
	     wx_limit_over(&of[WX_TEST_OVERLOAD], n->overload));
	if (n->bits && l->wav.bits >= FEW_BITS_OF)
		flag(out, WX_SOUND_FEW_BITS,
		     wx_limit_under(&of[WX_TEST_FEW_BITS], n->bits));
}

void wx_levels_second(struct wx_levels *l, const uint8_t *frames,
		      size_t n_frames, struct wx_second *out)
{
	struct merged m = { 0 };
	const struct wx_flaw_counts *flaws;
	double bin[WX_SPECTRUM_HOP];
	bool heard;

	wx_spectrum_clear(l->spectrum);
	wx_flaws_frames(l->flaws, frames, n_frames);
	for (int c = 0; c < l->wav.channels; c++)
		add_channel(l, frames, c, n_frames, &m);
	flaws = wx_flaws_end(l->flaws, n_frames);
	heard = wx_spectrum_get(l->spectrum, bin) > 0;
	out->level_dbfs = to_db(m.mean_square / l->wav.channels);
	out->peak_dbfs = to_db((double)m.peak * (double)m.peak);
	out->dc = (double)m.dc;
	out->suspect = out->fail = 0;
	out->partial = n_frames < WX_SPECTRUM_FRAME;
	fill_bands(l, bin, heard, out);
	judge(l, flaws, out);
	if (!out->partial)
		judge_spectrum(l, flaws, top_db(bin), out);
	out->speech = wx_speech_score(l->speech);
}

void wx_levels_speech(const struct wx_levels *l, enum wx_test test,
		      double score, struct wx_second *s)
{
	s->speech = score;
	flag(s, WX_SOUND_SPEECH, wx_limit_over(&l->limits.of[test], score));
}

const char *wx_sound_words(unsigned flags, char buf[WX_SOUND_WORDS_SIZE])
{
	static const char *const words[] = {
		"clipped",     "zero_run", "stuck",  "quiet",
		"dead",        "repeated", "step",   "overload",
		"narrow_band", "few_bits", "speech",
	};

	return wx_words(flags, words, WX_COUNT(words), buf);
}
