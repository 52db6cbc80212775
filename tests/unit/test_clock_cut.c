/* SPDX-License-Identifier: MIT */
/* Windows on a capture's own samples, and sets of flags. */
#include "clock/cut.h"
#include "testing.h"

static const struct {
	const char *label;
	int64_t n_frames;
	double rate_hz;
	int64_t m0_us, m1_us;
	double length_s, hop_s;
	int64_t n_windows, last_frame;
	double us_per_frame;
	int suspect;
} cuts[] = {
	{ "exactly one", 160000, 16000, 0, 10000000, 10, 10, 1, 0, 62.5, 0 },
	{ "one frame short of two", 319999, 16000, -1, -1, 10, 10, 1, 0, 62.5,
	  0 },
	{ "exactly two", 320000, 16000, -1, -1, 10, 10, 2, 160000, 62.5, 0 },
	{ "20 ms short of one", 159680, 16000, -1, -1, 10, 10, 1, 0, 62.5, 0 },
	{ "shorter than that", 159679, 16000, -1, -1, 10, 10, 0, -1, 62.5, 0 },
	{ "half overlapped", 320000, 16000, -1, -1, 10, 5, 3, 160000, 62.5, 0 },
	{ "hop over length", 480000, 16000, -1, -1, 10, 20, 2, 320000, 62.5,
	  0 },
	{ "hop of no whole frames", 441000, 44100, -1, -1, 0.1, 0.3333333, 30,
	  426300, 1e6 / 44100, 0 },
	{ "a crystal 100 ppm slow", 160000, 16000, 1000, 10002000, 10, 10, 1, 0,
	  62.50625, 0 },
	{ "43945 Hz called 44100", 441000, 44100, 0, 10035270, 10, 10, 1, 0,
	  1e6 / 44100, 1 },
	{ "m1 before m0", 160000, 16000, 10000000, 0, 10, 10, 1, 0, 62.5, 1 },
	{ "m1 is m0", 160000, 16000, 5, 5, 10, 10, 1, 0, 62.5, 1 },
	{ "m1 beyond all", 160000, 16000, 0, INT64_MAX, 10, 10, 1, 0, 62.5, 1 },
	{ "no m1", 160000, 16000, 77, -1, 10, 10, 1, 0, 62.5, 0 },
	{ "no frames told", -1, 16000, 0, 1, 10, 10, 0, -1, 0, 0 },
	{ "no rate told", 160000, NAN, 0, 1, 10, 10, 0, -1, 0, 0 },
	{ "rate 0", 160000, 0, 0, 1, 10, 10, 0, -1, 0, 0 },
	{ "rate below 0", 160000, -16000, 0, 1, 10, 10, 0, -1, 0, 0 },
	{ "rate of a radio", 160000, 1e9, 0, 1, 10, 10, 0, -1, 0, 0 },
	{ "rate of a thermometer", 160000, 1, -1, -1, 10, 10, 0, -1, 0, 0 },
};

static const struct {
	const char *label;
	double hop_s, from_s, to_s;
	int64_t k0, k1;
} overlaps[] = {
	{ "inside the first", 10, 3, 4, 0, 1 },
	{ "ends where the second begins", 10, 9, 10, 0, 1 },
	{ "ends there, rounded up", 10, 9, 10.0005, 0, 1 },
	{ "across the edge", 10, 9.5, 10.5, 0, 2 },
	{ "all", 10, 0, 40, 0, 4 },
	{ "past the last", 10, 45, 46, 0, 0 },
	{ "longer than all", 10, -5, 1e12, 0, 4 },
	{ "nothing", 10, 5, 5, 0, 0 },
	{ "backwards", 10, 6, 5, 0, 0 },
	{ "no number", 10, NAN, 5, 0, 0 },
	{ "two that overlap", 5, 7, 8, 0, 2 },
	{ "three that overlap", 4, 8.5, 9, 0, 3 },
	{ "between windows", 20, 12, 13, 1, 1 },
};

int main(void)
{
	struct wx_flags flags = { 0 };
	char buf[WX_FLAG_TEXT_SIZE];
	uint32_t a, b;

	for (size_t i = 0; i < WX_COUNT(cuts); i++) {
		struct wx_cut c =
			wx_cut(cuts[i].n_frames, cuts[i].rate_hz, cuts[i].m0_us,
			       cuts[i].m1_us, cuts[i].length_s, cuts[i].hop_s);

		CHECK_INT(cuts[i].label, c.n_windows, cuts[i].n_windows);
		CHECK_F64(cuts[i].label, c.us_per_frame, cuts[i].us_per_frame,
			  1e-9);
		CHECK_INT(cuts[i].label, c.rate_suspect, cuts[i].suspect);
		if (cuts[i].last_frame >= 0)
			CHECK_INT(cuts[i].label,
				  wx_cut_frame(&c, c.n_windows - 1),
				  cuts[i].last_frame);
	}
	for (size_t i = 0; i < WX_COUNT(overlaps); i++) {
		struct wx_cut c = wx_cut(16000 * 100, 16000, -1, -1, 10,
					 overlaps[i].hop_s);
		int64_t k0, k1;

		c.n_windows = 4;
		wx_cut_overlap(&c, overlaps[i].from_s, overlaps[i].to_s, &k0,
			       &k1);
		CHECK_INT(overlaps[i].label, k1 - k0,
			  overlaps[i].k1 - overlaps[i].k0);
		if (k1 > k0)
			CHECK_INT(overlaps[i].label, k0, overlaps[i].k0);
	}
	a = wx_flags_bits(&flags, "zero_run clipped");
	b = wx_flags_bits(&flags, "  clipped  dead ");
	CHECK_STR("union", wx_flags_text(&flags, a | b, buf),
		  "clipped dead zero_run");
	CHECK_STR("one", wx_flags_text(&flags, a & b, buf), "clipped");
	CHECK_STR("none", wx_flags_text(&flags, 0, buf), "");
	CHECK_INT("a part of a word is another",
		  wx_flags_bits(&flags, "clip") & a, 0);
	for (int i = 0; i < 64; i++) {
		char word[8];

		snprintf(word, sizeof(word), "w%d", i);
		wx_flags_bits(&flags, word);
	}
	CHECK_INT("no more than 55", flags.n, WX_FLAG_WORDS);
	CHECK_INT("the 56th is lost", wx_flags_bits(&flags, "w63"), 0);
	return wx_test_end();
}
