/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/cut.h: windows on a capture's own samples, and their flags.
 *
 * Window k begins at frame round(k x hop x rate) and has round(length x rate)
 * frames; a last one that would be shorter is dropped. Offsets are counted in
 * nominal seconds, frames / rate, as whoever cuts the file needs them; the
 * node's clock says how long a frame really took.
 */
#ifndef WX_CLOCK_CUT_H
#define WX_CLOCK_CUT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A sample clock further than this off its nominal rate is a wrong divider or
 * a wrong header (44,100 Hz that were 43,945: -3,509 ppm), or m0 and m1 are
 * wrong. A crystal is within 100.
 */
#define WX_CUT_MAX_PPM 1000.0

/*
 * A capture of one window's length that ends a little early is that window
 * still, as long as it is: recorders stop at buffer edges. The bounds are those
 * below which the check of a recording's length does not suspect it.
 */
#define WX_CUT_SHORT_S     0.020
#define WX_CUT_SHORT_SHARE 0.001

struct wx_cut {
	int64_t n_windows;
	int64_t length_frames;
	double hop_frames;
	double rate_hz;      /* nominal */
	double us_per_frame; /* by the node's monotonic clock */
	bool rate_suspect;   /* m1 - m0 cannot be: the nominal rate is used */
};

/*
 * m0, m1: of the first and one past the last sample, -1 not told. A capture of
 * no frames, no rate (100 to 1,000,000 Hz) or less than one window has none.
 */
struct wx_cut wx_cut(int64_t n_frames, double rate_hz, int64_t m0_us,
		     int64_t m1_us, double length_s, double hop_s);

/* First frame of window k. */
int64_t wx_cut_frame(const struct wx_cut *cut, int64_t k);

/*
 * The windows that overlap [from_s, to_s) of nominal time by more than 1 ms:
 * *k0 up to before *k1.
 */
void wx_cut_overlap(const struct wx_cut *cut, double from_s, double to_s,
		    int64_t *k0, int64_t *k1);

/* Words of flags columns, a bit each, so that sets of them are numbers. */
enum { WX_FLAG_WORDS = 55, WX_FLAG_WORD_SIZE = 32 };
#define WX_FLAG_TEXT_SIZE (WX_FLAG_WORDS * WX_FLAG_WORD_SIZE)

struct wx_flags {
	char word[WX_FLAG_WORDS][WX_FLAG_WORD_SIZE];
	int n;
};

/* The bits of words with blanks between; a 56th word or a long one is lost. */
uint64_t wx_flags_bits(struct wx_flags *flags, const char *words);
/* Words in alphabetical order, blanks between. Returns buf. */
const char *wx_flags_text(const struct wx_flags *flags, uint64_t bits,
			  char buf[WX_FLAG_TEXT_SIZE]);

#endif
