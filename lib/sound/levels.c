/* SPDX-License-Identifier: MIT */
/* lib/sound/levels.c: see levels.h. */
#include "sound/levels.h"

#include <endian.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sound/spectrum.h"

enum {
	/*
	 * Loops run over this many samples at a time with as many sums side by
	 * side: the compiler makes vector code of them, which it may not do
	 * with one sum of floats.
	 */
	LANES = 16,
	FEW_VALUES = 16,
};

#define FLATNESS_LOW_HZ 600  /* the band whose flatness is told */
#define CLIP_SUSPECT    1e-4 /* share of samples at full scale */
#define CLIP_FAIL       1e-3
#define FLAT_RUN        3
#define ZERO_SUSPECT_S  0.010
#define ZERO_FAIL_S     0.100
#define QUIET_DBFS      -60.0
#define DEAD_DBFS       -80.0

struct wx_levels {
	struct wx_wav wav;
	struct wx_spectrum *spectrum;
	/* Bins of a band: first..end-1; none where both are the same. */
	int first[WX_N_BANDS], end[WX_N_BANDS];
	float *x; /* a second of one channel, -1..1 */
	size_t room;
	size_t zeros[WX_WAV_MAX_CHANNELS]; /* at the end of the last second */
};

int wx_levels_new(struct wx_levels **out, struct wx_error *err)
{
	struct wx_levels *l = calloc(1, sizeof(*l));

	*out = NULL;
	if (l)
		l->spectrum = wx_spectrum_new();
	if (!l || !l->spectrum) {
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
	l->wav = *wav;
	memset(l->zeros, 0, sizeof(l->zeros));
	for (int b = 0; b < WX_N_BANDS; b++) {
		double high_hz = wx_band_edges_hz[b + 1];
		bool heard = high_hz <= wav->rate_hz / 2.0;

		l->first[b] = (int)ceil(wx_band_edges_hz[b] / bin_hz);
		l->end[b] = heard ? (int)ceil(high_hz / bin_hz) : l->first[b];
	}
	return WX_OK;
}

/* Sample of channel c of each frame, -1..1. */
static void decode(const struct wx_wav *w, const uint8_t *frames, int c,
		   size_t n, float *x)
{
	const uint8_t *p = frames + c * w->sample_bytes;

	for (size_t i = 0; i < n; i++, p += w->block_align) {
		uint32_t u = 0;

		for (int k = 0; k < w->sample_bytes; k++)
			u |= (uint32_t)p[k] << (8 * (4 - w->sample_bytes + k));
		if (w->sample_bytes == 1)
			u ^= 0x80000000; /* 8 bits have no sign */
		x[i] = (float)(int32_t)u * 0x1p-31f;
	}
}

/* By far the commonest coding, 16 bit and one channel, in vector code. */
static void decode_16(const uint8_t *frames, size_t n, float *x)
{
	int16_t v[LANES];
	size_t i = 0;

	for (; i + LANES <= n; i += LANES) {
		memcpy(v, frames + 2 * i, sizeof(v));
		for (int j = 0; j < LANES; j++)
			x[i + j] = (float)(int16_t)le16toh(v[j]) * 0x1p-15f;
	}
	for (; i < n; i++) {
		memcpy(v, frames + 2 * i, 2);
		x[i] = (float)(int16_t)le16toh(v[0]) * 0x1p-15f;
	}
}

static void decode_float(const struct wx_wav *w, const uint8_t *frames, int c,
			 size_t n, float *x)
{
	const uint8_t *p = frames + c * w->sample_bytes;

	for (size_t i = 0; i < n; i++, p += w->block_align) {
		uint64_t u = 0;
		double f64;
		float f32;

		memcpy(&u, p, (size_t)w->sample_bytes);
		u = le64toh(u);
		if (w->sample_bytes == 4) {
			uint32_t low = (uint32_t)u;

			memcpy(&f32, &low, sizeof(f32));
			f64 = (double)f32;
		} else {
			memcpy(&f64, &u, sizeof(f64));
		}
		/* One absurd value must not swallow its second. */
		x[i] = fabs(f64) <= 1000 ? (float)f64 : 0;
	}
}

static float sum_of(const float *x, size_t n)
{
	float s[LANES] = { 0 };
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int j = 0; j < LANES; j++)
			s[j] += x[i + j];
	for (; i < n; i++)
		s[0] += x[i];
	for (int j = 1; j < LANES; j++)
		s[0] += s[j];
	return s[0];
}

static float take_off_mean(float *x, size_t n)
{
	float s[LANES] = { 0 }, mean = sum_of(x, n) / (float)n;
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int j = 0; j < LANES; j++) {
			x[i + j] -= mean;
			s[j] += x[i + j] * x[i + j];
		}
	for (; i < n; i++) {
		x[i] -= mean;
		s[0] += x[i] * x[i];
	}
	return sum_of(s, LANES) / (float)n;
}

static float peak_of(const float *x, size_t n)
{
	float s[LANES] = { 0 };
	size_t i = 0;

	for (; i + LANES <= n; i += LANES)
		for (int j = 0; j < LANES; j++) {
			float v = fabsf(x[i + j]);

			s[j] = v > s[j] ? v : s[j];
		}
	for (; i < n; i++)
		s[0] = fmaxf(s[0], fabsf(x[i]));
	for (int j = 1; j < LANES; j++)
		s[0] = fmaxf(s[0], s[j]);
	return s[0];
}

/*
 * The longest run of zeros, the ones before x included. Exact where it is
 * `least` or longer: such a run covers one of the samples looked at.
 */
static size_t zero_run(const float *x, size_t n, size_t least, size_t *before)
{
	size_t longest = 0, at = 0;

	while (at < n) {
		size_t start = at, end = at;

		if (x[at] != 0) {
			at += least;
			continue;
		}
		while (start > 0 && x[start - 1] == 0)
			start--;
		while (end < n && x[end] == 0)
			end++;
		if (end - start + (start ? 0 : *before) > longest)
			longest = end - start + (start ? 0 : *before);
		at = end;
	}
	/* What runs on into the next second. */
	at = n;
	while (at > 0 && x[at - 1] == 0)
		at--;
	*before = at ? n - at : n + *before;
	return longest;
}

/* Are there FLAT_RUN equal samples in a row at the lowest or highest value? */
static bool flat_top(const float *x, size_t n)
{
	float low = x[0], high = x[0];
	size_t run = 1;

	for (size_t i = 1; i < n; i++) {
		low = fminf(low, x[i]);
		high = fmaxf(high, x[i]);
	}
	for (size_t i = 1; i < n; i++) {
		run = x[i] == x[i - 1] ? run + 1 : 1;
		if (run >= FLAT_RUN && ((x[i] == low && low <= -0.5f) ||
					(x[i] == high && high >= 0.5f)))
			return true;
	}
	return false;
}

/* Sound has its 16 values within a few dozen samples. */
static bool few_values(const float *x, size_t n)
{
	float seen[FEW_VALUES];
	int n_seen = 0;

	for (size_t i = 0; i < n; i++) {
		int k = 0;

		while (k < n_seen && seen[k] != x[i])
			k++;
		if (k < n_seen)
			continue;
		seen[n_seen++] = x[i];
		if (n_seen == FEW_VALUES)
			return false;
	}
	return true;
}

static double full_scale_share(const float *x, size_t n, float full)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		count += fabsf(x[i]) >= full;
	return (double)count / (double)n;
}

/* What the channels of a second are merged from. */
struct merged {
	double mean_square, share; /* sum over channels; highest */
	float peak;
	bool flat, few;
	size_t zeros; /* shortest of the channels' longest runs */
};

static void add_channel(struct wx_levels *l, const uint8_t *frames, int c,
			size_t n, struct merged *m)
{
	const struct wx_wav *w = &l->wav;
	bool is_pcm = w->code == WX_WAV_PCM;
	/* 32767 of 32768: the highest value that has a positive sign. */
	float full = is_pcm ? 1 - ldexpf(1, 1 - w->bits) : 1;
	size_t zeros, least = (size_t)(ZERO_SUSPECT_S * w->rate_hz);
	float peak;

	if (!is_pcm)
		decode_float(w, frames, c, n, l->x);
	else if (w->block_align == 2 && w->sample_bytes == 2)
		decode_16(frames, n, l->x);
	else
		decode(w, frames, c, n, l->x);
	peak = peak_of(l->x, n);
	if (peak >= full)
		m->share = fmax(m->share, full_scale_share(l->x, n, full));
	if (peak >= 0.5f)
		m->flat |= flat_top(l->x, n);
	m->peak = fmaxf(m->peak, peak);
	zeros = zero_run(l->x, n, least, &l->zeros[c]);
	m->zeros = c && m->zeros < zeros ? m->zeros : zeros;
	m->few &= few_values(l->x, n);
	m->mean_square += (double)take_off_mean(l->x, n);
	wx_spectrum_add(l->spectrum, l->x, n);
}

static double to_db(double mean_square)
{
	double db = 10 * log10(mean_square);

	return db > WX_SOUND_FLOOR_DB ? db : WX_SOUND_FLOOR_DB;
}

static void fill_bands(const struct wx_levels *l, struct wx_second *out)
{
	double bin[WX_SPECTRUM_HOP];
	size_t n_frames = wx_spectrum_get(l->spectrum, bin);

	out->flatness = NAN;
	for (int b = 0; b < WX_N_BANDS; b++) {
		double sum = 0, logs = 0;
		int n = l->end[b] - l->first[b];

		out->band_db[b] = NAN;
		if (!n_frames || !n)
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

static void fill_flags(const struct wx_levels *l, const struct merged *m,
		       struct wx_second *out)
{
	double zeros_s = (double)m->zeros / l->wav.rate_hz;

	out->suspect = 0;
	out->fail = 0;
	if (m->share > CLIP_SUSPECT || m->flat)
		out->suspect |= WX_SOUND_CLIPPED;
	if (m->share > CLIP_FAIL)
		out->fail |= WX_SOUND_CLIPPED;
	if (zeros_s > ZERO_SUSPECT_S)
		out->suspect |= WX_SOUND_ZERO_RUN;
	if (zeros_s > ZERO_FAIL_S)
		out->fail |= WX_SOUND_ZERO_RUN;
	if (out->partial)
		return;
	if (out->level_dbfs < DEAD_DBFS || m->few)
		out->fail |= WX_SOUND_DEAD;
	else if (out->level_dbfs < QUIET_DBFS)
		out->suspect |= WX_SOUND_QUIET;
}

void wx_levels_second(struct wx_levels *l, const uint8_t *frames,
		      size_t n_frames, struct wx_second *out)
{
	struct merged m = { .few = true };

	wx_spectrum_clear(l->spectrum);
	for (int c = 0; c < l->wav.channels; c++)
		add_channel(l, frames, c, n_frames, &m);
	out->level_dbfs = to_db(m.mean_square / l->wav.channels);
	out->peak_dbfs = to_db((double)m.peak * (double)m.peak);
	out->partial = n_frames < WX_SPECTRUM_FRAME;
	fill_bands(l, out);
	fill_flags(l, &m, out);
}

const char *wx_sound_words(unsigned flags, char buf[WX_SOUND_WORDS_SIZE])
{
	static const char *const words[] = { "clipped", "zero_run", "quiet",
					     "dead" };

	return wx_words(flags, words, WX_COUNT(words), buf);
}
