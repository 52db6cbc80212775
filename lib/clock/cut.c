/* SPDX-License-Identifier: MIT */
/* lib/clock/cut.c: windows on a capture's own samples. */
#include "clock/cut.h"

#include <math.h>
#include <string.h>

/* A node that says 1 Hz would have a window cut of every ten samples. */
#define MIN_RATE_HZ 100
#define MAX_RATE_HZ 1e6
/* Overlaps shorter than this are the rounding of offsets to 1 ms. */
#define MIN_OVERLAP_S 0.001

static void set_rate(struct wx_cut *cut, int64_t n_frames, int64_t m0_us,
		     int64_t m1_us)
{
	double told = (double)m1_us - (double)m0_us;

	cut->us_per_frame = 1e6 / cut->rate_hz;
	if (m0_us < 0 || m1_us < 0)
		return;
	told /= (double)n_frames;
	if (fabs(told / cut->us_per_frame - 1) <= WX_CUT_MAX_PPM * 1e-6)
		cut->us_per_frame = told;
	else
		cut->rate_suspect = true;
}

struct wx_cut wx_cut(int64_t n_frames, double rate_hz, int64_t m0_us,
		     int64_t m1_us, double length_s, double hop_s)
{
	struct wx_cut cut = { .rate_hz = rate_hz };

	if (n_frames <= 0 ||
	    !(rate_hz >= MIN_RATE_HZ && rate_hz <= MAX_RATE_HZ))
		return cut;
	set_rate(&cut, n_frames, m0_us, m1_us);
	cut.length_frames = llround(length_s * rate_hz);
	cut.hop_frames = fmax(hop_s * rate_hz, 1);
	if (cut.length_frames > n_frames &&
	    cut.length_frames - n_frames <=
		    fmax(WX_CUT_SHORT_S, WX_CUT_SHORT_SHARE * length_s) *
			    rate_hz)
		cut.length_frames = n_frames;
	if (cut.length_frames < 1 || cut.length_frames > n_frames)
		return cut;
	cut.n_windows = (int64_t)((double)(n_frames - cut.length_frames) /
				  cut.hop_frames) +
			2;
	while (wx_cut_frame(&cut, cut.n_windows - 1) + cut.length_frames >
	       n_frames)
		cut.n_windows--;
	return cut;
}

int64_t wx_cut_frame(const struct wx_cut *cut, int64_t k)
{
	return llround((double)k * cut->hop_frames);
}

void wx_cut_overlap(const struct wx_cut *cut, double from_s, double to_s,
		    int64_t *k0, int64_t *k1)
{
	double hop_s = cut->hop_frames / cut->rate_hz;
	double length_s = (double)cut->length_frames / cut->rate_hz;
	double first = floor((from_s + MIN_OVERLAP_S - length_s) / hop_s) + 1;
	double end = ceil((to_s - MIN_OVERLAP_S) / hop_s);

	*k0 = *k1 = 0;
	if (!(to_s - from_s > MIN_OVERLAP_S) || !(end > first) || end <= 0 ||
	    first >= (double)cut->n_windows)
		return;
	*k0 = first > 0 ? (int64_t)first : 0;
	*k1 = end < (double)cut->n_windows ? (int64_t)end : cut->n_windows;
}

static uint64_t bit_of(struct wx_flags *flags, const char *word, size_t n)
{
	int i = 0;

	if (n >= WX_FLAG_WORD_SIZE)
		return 0;
	while (i < flags->n &&
	       (strncmp(flags->word[i], word, n) != 0 || flags->word[i][n]))
		i++;
	if (i == WX_FLAG_WORDS)
		return 0;
	if (i == flags->n) {
		memcpy(flags->word[i], word, n);
		flags->word[i][n] = '\0';
		flags->n++;
	}
	return UINT64_C(1) << i;
}

uint64_t wx_flags_bits(struct wx_flags *flags, const char *words)
{
	uint64_t bits = 0;

	while (*words) {
		size_t n = strcspn(words, " ");

		if (n)
			bits |= bit_of(flags, words, n);
		words += n + (words[n] == ' ');
	}
	return bits;
}

const char *wx_flags_text(const struct wx_flags *flags, uint64_t bits,
			  char buf[WX_FLAG_TEXT_SIZE])
{
	size_t n = 0;

	while (bits) {
		int next = -1;

		for (int i = 0; i < flags->n; i++)
			if (bits >> i & 1 &&
			    (next < 0 ||
			     strcmp(flags->word[i], flags->word[next]) < 0))
				next = i;
		if (next < 0)
			break;
		if (n)
			buf[n++] = ' ';
		memcpy(buf + n, flags->word[next], strlen(flags->word[next]));
		n += strlen(flags->word[next]);
		bits &= ~(UINT64_C(1) << next);
	}
	buf[n] = '\0';
	return buf;
}
