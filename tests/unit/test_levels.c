/* SPDX-License-Identifier: MIT */
/* tests/unit/test_levels.c: sound whose numbers are known beforehand. */
#include <stdlib.h>

#include "make_wav.h"
#include "sound/levels.h"
#include "testing.h"

#define FLOOR WX_SOUND_FLOOR_DB

/* A tone has no top, and a loud one fills its 50 ms. */
#define TONES_HAVE (WX_SOUND_NARROW_BAND | WX_SOUND_OVERLOAD)

static struct wx_levels *levels;

/* One sample of a coding, from -1..1. */
static void put_sample(struct bytes *b, const struct wx_wav *w, double v)
{
	double full = ldexp(1, 8 * w->sample_bytes - 1);
	double r = fmin(fmax(round(v * full), -full), full - 1);

	if (w->code == WX_WAV_FLOAT) {
		float f = (float)v;
		uint32_t u;

		memcpy(&u, &f, sizeof(u));
		put_int(b, u, 4);
	} else if (w->sample_bytes == 1) {
		put_int(b, (uint64_t)(int64_t)(r + 128), 1);
	} else {
		put_int(b, (uint64_t)(int64_t)r, w->sample_bytes);
	}
}

static struct wx_wav coding(int bytes, int channels, uint32_t rate_hz)
{
	return (struct wx_wav){
		.code = WX_WAV_PCM,
		.channels = channels,
		.bits = 8 * bytes,
		.sample_bytes = bytes,
		.rate_hz = rate_hz,
		.block_align = (uint32_t)(bytes * channels),
	};
}

static double noise(uint32_t *state)
{
	double sum = 0;

	for (int i = 0; i < 12; i++) { /* nearly normal, variance 1 */
		*state = *state * 1664525u + 1013904223u;
		sum += (double)*state / 4294967296.0;
	}
	return sum - 6;
}

static void measure(const struct wx_wav *w, const struct bytes *b,
		    struct wx_second *s)
{
	CHECK_INT("start", wx_levels_start(levels, w, NULL), WX_OK);
	wx_levels_second(levels, b->p, b->n / w->block_align, s);
}

/* A sine near the middle of each band: there and, 40 dB down, nowhere else. */
static void test_sines(void)
{
	static const struct {
		const char *label;
		int bytes, channels;
		uint32_t rate_hz;
		double amplitude, tol_db;
	} rows[] = {
		{ "16 bit", 2, 1, 16000, 0.5, 0.01 },
		{ "24 bit", 3, 1, 16000, 0.01, 0.01 },
		{ "32 bit stereo", 4, 2, 16000, 0.5, 0.01 },
		{ "16 bit stereo", 2, 2, 48000, 0.5, 0.01 },
		{ "8 bit", 1, 1, 16000, 0.9, 0.1 },
		{ "8 kHz", 2, 1, 8000, 0.5, 0.01 },
		{ "22.05 kHz", 2, 1, 22050, 0.5, 0.01 },
		{ "96 kHz", 2, 1, 96000, 0.5, 0.01 },
	};

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		struct wx_wav w = coding(rows[i].bytes, rows[i].channels,
					 rows[i].rate_hz);
		double want = 20 * log10(rows[i].amplitude) - 3.0103;

		/* From 600 Hz on each band is wide enough at any rate. */
		for (int band = 5; band < WX_N_BANDS; band++) {
			double hz = (wx_band_edges_hz[band] +
				     wx_band_edges_hz[band + 1]) /
					    2 +
				    M_E;
			struct bytes b = { 0 };
			struct wx_second s;

			for (uint32_t k = 0; k < w.rate_hz; k++)
				for (int c = 0; c < w.channels; c++)
					put_sample(&b, &w,
						   rows[i].amplitude *
							   sin(2 * M_PI * hz *
							       k / w.rate_hz));
			measure(&w, &b, &s);
			free(b.p);
			if (wx_band_edges_hz[band + 1] > w.rate_hz / 2.0) {
				CHECK_F64(rows[i].label, s.band_db[band], NAN,
					  0);
				continue;
			}
			CHECK_F64(rows[i].label, s.level_dbfs, want,
				  rows[i].tol_db);
			CHECK_F64(rows[i].label, s.band_db[band], want,
				  rows[i].tol_db + 0.02);
			CHECK_F64(rows[i].label, s.peak_dbfs, want + 3.0103,
				  rows[i].tol_db);
			CHECK_INT(rows[i].label,
				  (s.suspect | s.fail) & ~TONES_HAVE, 0);
			for (int k = 5; k < WX_N_BANDS && w.sample_bytes > 1;
			     k++)
				if (k != band && !isnan(s.band_db[k]))
					CHECK(rows[i].label,
					      s.band_db[k] < want - 40);
		}
	}
}

/* White noise fills each band in proportion to the bins in it. */
static void test_noise(void)
{
	struct wx_wav w = coding(2, 1, 16000);
	double bin_hz = 16000.0 / 1024, sum[WX_N_BANDS] = { 0 };
	double flatness = 0;
	uint32_t state = 1;
	enum { SECONDS = 300 };

	for (int i = 0; i < SECONDS; i++) {
		struct bytes b = { 0 };
		struct wx_second s;

		for (int k = 0; k < 16000; k++)
			put_sample(&b, &w, 0.01 * noise(&state));
		measure(&w, &b, &s);
		CHECK_F64("noise level", s.level_dbfs, -40, 0.15);
		CHECK_INT("noise is good", s.suspect | s.fail, 0);
		for (int k = 0; k < WX_N_BANDS; k++)
			sum[k] += pow(10, s.band_db[k] / 10) / SECONDS;
		flatness += s.flatness / SECONDS;
		free(b.p);
	}
	CHECK_F64("flatness of noise", flatness, 0.98, 0.01);
	for (int k = 0; k < WX_N_BANDS; k++) {
		double n = ceil(wx_band_edges_hz[k + 1] / bin_hz) -
			   ceil(wx_band_edges_hz[k] / bin_hz);

		CHECK_F64("noise in a band", 10 * log10(sum[k]),
			  -40 + 10 * log10(n / 512), 0.1);
	}
}

/* Bands below a bin's width at high rates have no bin of their own. */
static void test_no_bin(void)
{
	struct wx_wav w = coding(2, 1, 96000);
	struct bytes b = { 0 };
	struct wx_second s;
	uint32_t state = 1;

	for (int k = 0; k < 96000; k++)
		put_sample(&b, &w, 0.1 * noise(&state));
	measure(&w, &b, &s);
	CHECK_F64("20 to 60 Hz in bins of 94 Hz", s.band_db[0], NAN, 0);
	CHECK("60 to 100 Hz", !isnan(s.band_db[1]));
	free(b.p);
}

/* Shapes, one second of 16 bit at 16 kHz: the sample k, -32768..32767. */
static int square(int k)
{
	return k / 50 % 2 ? 32767 : -32768;
}
static int silence(int k)
{
	return 0 * k;
}
static int offset(int k)
{
	return 3277 + 0 * k;
}
static int tone(int k)
{
	return (int)(10000 * sin(k * 0.3));
}
static int tone_on_offset(int k)
{
	return tone(k) / 100 + 3277;
}
static int hiss(int k) /* -66 dBFS */
{
	return (int)((uint32_t)k * 2654435761u >> 16) % 57 - 28;
}
static int faint(int k) /* -84 dBFS */
{
	return (int)((uint32_t)k * 2654435761u >> 16) % 7 - 3;
}
static int gap_9ms(int k)
{
	return k >= 5000 && k < 5144 ? 0 : tone(k) | 1;
}
static int gap_11ms(int k)
{
	return k >= 5000 && k < 5176 ? 0 : tone(k) | 1;
}
static int gap_110ms(int k)
{
	return k >= 5000 && k < 6760 ? 0 : tone(k) | 1;
}
static int gap_at_end(int k)
{
	return k >= 16000 - 1760 ? 0 : tone(k) | 1;
}
static int one_peak(int k)
{
	return k == 7777 ? 32767 : tone(k);
}
static int five_peaks(int k)
{
	return k % 3200 == 7 ? -32768 : tone(k);
}
static int many_peaks(int k)
{
	return k % 500 == 7 ? -32768 : tone(k);
}
static int flat_below_full(int k)
{
	int v = 3 * tone(k);

	return v > 25000 ? 25000 : v;
}
static int flat_but_quiet(int k)
{
	int v = tone(k);

	return v > 8000 ? 8000 : v;
}

static int rough(int k) /* -24 dBFS, of every frequency */
{
	return (int)((uint32_t)k * 2654435761u >> 16) % 8192 - 4096;
}
static int stuck_11ms(int k)
{
	return k >= 5000 && k < 5176 ? 1234 : rough(k);
}
static int stuck_110ms(int k)
{
	return k >= 5000 && k < 6760 ? -1234 : rough(k);
}
static int twice(int k)
{
	return rough(k >= 1024 && k < 1536 ? k - 512 : k);
}
static int twice_between(int k)
{
	return rough(k >= 1280 && k < 1792 ? k - 512 : k);
}
static int four_times(int k)
{
	return rough(k >= 1024 && k < 3072 ? k % 512 : k % 512 + k / 512 * 999);
}
/* 20 Hz, from peak to peak at once. */
static int slow(int k)
{
	return (int)(14000 * sin(2 * M_PI * 20 * k / 16000)) + rough(k) / 16;
}
static int step(int k)
{
	return k == 9 * 512  ? 20000 + slow(k)
	       : k < 9 * 512 ? -14000 + slow(k) / 9
			     : 14000 + slow(k) / 9;
}
static int steps(int k)
{
	return (k / 512 % 4 < 2 ? -14000 : 14000) + slow(k) / 9;
}
static int jump(int k)
{
	return (k < 9 * 512 + 77 ? -14000 : 14000) + slow(k) / 9;
}
static int gust(int k)
{
	return (k >= 4000 && k < 5600 ? 3 : 1) * tone(k) + k % 2;
}
static int short_gust(int k)
{
	return (k >= 4000 && k < 4800 ? 3 : 1) * tone(k) + k % 2;
}
/* Loud and smooth: rounding is all there is on top. */
static int low_only(int k)
{
	return (int)lrint(12000 * sin(2 * M_PI * 437 * k / 16000));
}
static int ten_bits(int k)
{
	return rough(k) & ~63;
}
static int twelve_bits(int k)
{
	return rough(k) & ~15;
}
static int seven_bits(int k)
{
	return 4 * rough(k) & ~511;
}

static void test_shapes(void)
{
	const unsigned clip = WX_SOUND_CLIPPED, zero = WX_SOUND_ZERO_RUN,
		       quiet = WX_SOUND_QUIET, dead = WX_SOUND_DEAD;
	const struct {
		const char *label;
		int (*shape)(int k);
		double level_dbfs, peak_dbfs;
		unsigned suspect, fail;
	} rows[] = {
		{ "square", square, 0, 0,
		  clip | WX_SOUND_OVERLOAD | WX_SOUND_STEP, clip | dead },
		{ "silence", silence, FLOOR, FLOOR, 0, zero | dead },
		{ "an offset alone", offset, FLOOR, -20, 0,
		  WX_SOUND_STUCK | dead },
		{ "tone", tone, -13.32, -10.31, WX_SOUND_NARROW_BAND, 0 },
		{ "its offset is not heard", tone_on_offset, -53.3, -19.74, 0,
		  0 },
		{ "quiet", hiss, -66, -61.4, quiet, 0 },
		{ "faint", faint, -84.3, -80.8, 0, dead },
		{ "9 ms of zeros", gap_9ms, NAN, NAN, 0, 0 },
		{ "11 ms of zeros", gap_11ms, NAN, NAN, zero, 0 },
		{ "110 ms of zeros", gap_110ms, NAN, NAN, 0, zero },
		{ "110 ms at the end", gap_at_end, NAN, NAN, 0, zero },
		/* Masters are scaled until one sample is full. */
		{ "one full sample", one_peak, NAN, 0, 0, 0 },
		{ "5 full samples", five_peaks, NAN, 0, clip, 0 },
		{ "32 full samples", many_peaks, NAN, 0, 0, clip },
		{ "flat tops below full scale", flat_below_full, NAN, NAN,
		  clip | WX_SOUND_OVERLOAD, 0 },
		{ "flat tops, not loud", flat_but_quiet, NAN, NAN, 0, 0 },
		{ "11 ms of one value", stuck_11ms, NAN, NAN, WX_SOUND_STUCK,
		  0 },
		{ "110 ms of one value", stuck_110ms, NAN, NAN, 0,
		  WX_SOUND_STUCK },
		{ "a block twice", twice, NAN, NAN, WX_SOUND_REPEATED, 0 },
		{ "half a block later, no buffer", twice_between, NAN, NAN, 0,
		  0 },
		{ "four blocks the same", four_times, NAN, NAN, 0,
		  WX_SOUND_REPEATED },
		{ "a buffer lost", step, NAN, NAN, WX_SOUND_STEP, 0 },
		{ "eight buffers lost", steps, NAN, NAN, 0, WX_SOUND_STEP },
		{ "a jump within a block", jump, NAN, NAN, 0, 0 },
		{ "100 ms over -6 dBFS", gust, NAN, NAN, WX_SOUND_OVERLOAD, 0 },
		{ "50 ms over -6 dBFS", short_gust, NAN, NAN, 0, 0 },
		{ "no top", low_only, NAN, NAN, WX_SOUND_NARROW_BAND, 0 },
		{ "10 bits", ten_bits, NAN, NAN, WX_SOUND_FEW_BITS, 0 },
		{ "12 bits, as many converters have", twelve_bits, NAN, NAN, 0,
		  0 },
		{ "7 bits", seven_bits, NAN, NAN, 0, WX_SOUND_FEW_BITS },
	};
	struct wx_wav w = coding(2, 1, 16000);

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		struct bytes b = { 0 };
		struct wx_second s;

		for (int k = 0; k < 16000; k++)
			put_int(&b, (uint64_t)(int64_t)rows[i].shape(k), 2);
		measure(&w, &b, &s);
		if (!isnan(rows[i].level_dbfs))
			CHECK_F64(rows[i].label, s.level_dbfs,
				  rows[i].level_dbfs, 0.1);
		if (!isnan(rows[i].peak_dbfs))
			CHECK_F64(rows[i].label, s.peak_dbfs, rows[i].peak_dbfs,
				  0.1);
		CHECK_INT(rows[i].label, s.suspect, rows[i].suspect);
		CHECK_INT(rows[i].label, s.fail, rows[i].fail);
		free(b.p);
	}
}

/* Zeros that run from one second into the next are one run. */
static void test_zeros_across(void)
{
	struct wx_wav w = coding(2, 1, 16000);
	struct bytes b = { 0 };
	struct wx_second s[4];

	/* 8 ms of them end second 0, 8 ms begin second 1; all of 2 is zero. */
	for (int k = 0; k < 64000; k++)
		put_int(&b,
			(uint64_t)(int64_t)((k >= 15872 && k < 16128) ||
							    k >= 32000
						    ? 0
						    : tone(k) | 1),
			2);
	wx_levels_start(levels, &w, NULL);
	for (int i = 0; i < 4; i++)
		wx_levels_second(levels, b.p + 32000 * i, 16000, &s[i]);
	CHECK_INT("8 ms", s[0].suspect & ~TONES_HAVE, 0);
	CHECK_INT("8 + 8 ms", s[1].suspect, WX_SOUND_ZERO_RUN);
	CHECK_INT("8 + 8 ms", s[1].fail, 0);
	CHECK_INT("1 s", s[2].fail, WX_SOUND_ZERO_RUN | WX_SOUND_DEAD);
	wx_levels_start(levels, &w, NULL);
	wx_levels_second(levels, b.p + 32000, 16000, &s[1]);
	CHECK_INT("a new capture begins anew", s[1].suspect, 0);
	free(b.p);
}

/* One dead channel of two: 3 dB less, and no alarm. */
static void test_channels(void)
{
	struct wx_wav w = coding(2, 2, 16000);
	struct bytes b = { 0 };
	struct wx_second s;

	for (int k = 0; k < 16000; k++) {
		put_int(&b, 0, 2);
		put_int(&b, (uint64_t)(int64_t)tone(k), 2);
	}
	measure(&w, &b, &s);
	CHECK_F64("one of two", s.level_dbfs, -13.32 - 3.01, 0.01);
	CHECK_F64("one of two", s.peak_dbfs, -10.31, 0.01);
	CHECK_INT("one of two", (s.suspect | s.fail) & ~TONES_HAVE, 0);
	free(b.p);
}

/* What is shorter than a frame has a level and no bands. */
static void test_partial(void)
{
	static const size_t lengths[] = { 1, 2, 15, 16, 17, 1023, 1024, 1600 };
	struct wx_wav w = coding(2, 1, 16000);

	for (size_t i = 0; i < WX_COUNT(lengths); i++) {
		struct bytes b = { 0 };
		struct wx_second s;
		bool partial = lengths[i] < 1024;

		for (size_t k = 0; k < lengths[i]; k++)
			put_int(&b, (uint64_t)(int64_t)tone((int)k), 2);
		measure(&w, &b, &s);
		CHECK_INT("partial", s.partial, partial);
		CHECK_INT("partial", isnan(s.band_db[3]), partial);
		CHECK_INT("partial", isnan(s.flatness), partial);
		CHECK_INT("partial", s.fail, 0);
		CHECK("partial", !isnan(s.level_dbfs));
		free(b.p);
	}
}

/* Floats that are no sound must not swallow the second. */
static void test_floats(void)
{
	struct wx_wav w = coding(4, 1, 16000);
	struct bytes b = { 0 };
	struct wx_second s;

	w.code = WX_WAV_FLOAT;
	for (int k = 0; k < 16000; k++)
		put_sample(&b, &w,
			   k == 5   ? (double)NAN
			   : k == 6 ? (double)INFINITY
			   : k == 7 ? 1e30
				    : tone(k) / 32768.0);
	measure(&w, &b, &s);
	CHECK_F64("float", s.level_dbfs, -13.32, 0.01);
	CHECK_INT("float", (s.suspect | s.fail) & ~TONES_HAVE, 0);
	free(b.p);
}

/* A buffer that is sent twice or lost where one second ends. */
static void test_blocks_across(void)
{
	struct wx_wav w = coding(2, 1, 8000);
	struct bytes b = { 0 };
	struct wx_second s[2];

	/* Block 15 is of frames 7680 to 8191: it ends in the next second. */
	for (int k = 0; k < 16000; k++)
		put_int(&b,
			(uint64_t)(int64_t)rough(k >= 7680 && k < 8192 ? k - 512
								       : k),
			2);
	wx_levels_start(levels, &w, NULL);
	for (int i = 0; i < 2; i++)
		wx_levels_second(levels, b.p + 16000 * i, 8000, &s[i]);
	CHECK_INT("not whole yet", s[0].suspect, 0);
	CHECK_INT("whole", s[1].suspect, WX_SOUND_REPEATED);
	free(b.p);
}

/*
 * A made voice: noise that comes and goes 4 times a second, about so much over
 * steady noise.
 */
static double voice_score(double snr_db, double syllables_hz, uint32_t rate_hz,
			  int seconds)
{
	struct wx_wav w = coding(2, 1, rate_hz);
	double gain = pow(10, snr_db / 20), low = 0;
	double falls = 1 - exp(-2 * M_PI * 1000 / rate_hz);
	uint32_t state = 7;
	struct wx_second s = { .speech = NAN };

	wx_levels_start(levels, &w, NULL);
	for (int i = 0; i < seconds; i++) {
		struct bytes b = { 0 };

		for (uint32_t k = 0; k < rate_hz; k++) {
			double t = i + (double)k / rate_hz;
			double on =
				0.5 + 0.5 * sin(2 * M_PI * syllables_hz * t);

			/* Falls from 1 kHz on, as voices do. */
			low += falls * (noise(&state) - low);
			put_sample(
				&b, &w,
				0.02 * (noise(&state) + gain * on * 3 * low));
		}
		wx_levels_second(levels, b.p, rate_hz, &s);
		free(b.p);
	}
	return s.speech;
}

static void test_speech(void)
{
	struct wx_second s = { 0 };

	CHECK("a voice", voice_score(10, 4, 16000, 5) > 0.05);
	CHECK("at 48 kHz", voice_score(10, 4, 48000, 5) > 0.05);
	CHECK("at 8 kHz", voice_score(10, 4, 8000, 5) > 0.05);
	CHECK("2 s of it", voice_score(10, 4, 16000, 2) > 0.05);
	CHECK("noise", voice_score(-60, 4, 16000, 5) < 0.005);
	CHECK("gusts, too slow", voice_score(10, 0.6, 16000, 5) < 0.02);
	CHECK("a motor, too fast", voice_score(10, 25, 16000, 5) < 0.005);
	CHECK_F64("1 s", voice_score(10, 4, 16000, 1), NAN, 0);
	CHECK_F64("no upper band", voice_score(10, 4, 2000, 5), NAN, 0);
	wx_levels_speech(levels, WX_TEST_SPEECH, 0.3, &s);
	CHECK_INT("flag", s.suspect, WX_SOUND_SPEECH);
	s.suspect = 0;
	wx_levels_speech(levels, WX_TEST_SPEECH_CMD, 0.3, &s);
	CHECK_INT("another's probability", s.suspect, 0);
	wx_levels_speech(levels, WX_TEST_SPEECH, NAN, &s);
	CHECK_INT("not looked at", s.suspect | s.fail, 0);
}

int main(void)
{
	char words[WX_SOUND_WORDS_SIZE];
	struct wx_limits limits;

	if (wx_limits_read(NULL, &limits, NULL) != WX_OK ||
	    wx_levels_new(&limits, &levels, NULL) != WX_OK)
		return 1;
	test_sines();
	test_noise();
	test_no_bin();
	test_shapes();
	test_zeros_across();
	test_channels();
	test_partial();
	test_floats();
	test_blocks_across();
	test_speech();
	CHECK_STR("words", wx_sound_words(0x7ff, words),
		  "clipped zero_run stuck quiet dead repeated step overload "
		  "narrow_band few_bits speech");
	wx_levels_free(levels);
	return wx_test_end();
}
