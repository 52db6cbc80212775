/* SPDX-License-Identifier: MIT */
/* Which files of a card are worth having. */
#include "capture/layout.h"
#include "testing.h"

static const struct {
	const char *name;
	enum wx_layout layout;
} cases[] = {
	{ "20250619_030030.WAV", WX_LAYOUT_RECORDING },
	{ "20250619/20250619_030030T.wav", WX_LAYOUT_RECORDING },
	{ "Data/S4A03895_20190522_060000.Wav", WX_LAYOUT_RECORDING },
	{ "20190522_X_[-27.3+152.8]/data", WX_LAYOUT_RECORDING },
	{ "data/x.txt", WX_LAYOUT_NONE }, /* a folder of that name */
	{ "DATA", WX_LAYOUT_NONE },       /* Frontier's is lower case */
	{ "a/20190522T060000+1000_Rec1.flac", WX_LAYOUT_HOLDS },
	{ "sample.cbor", WX_LAYOUT_HOLDS },
	{ "data_seq_1_run_2_hour_3.pcm", WX_LAYOUT_HOLDS },
	{ "data_seq_1_run_2_hour_.pcm", WX_LAYOUT_NONE },
	{ "voice.pcm", WX_LAYOUT_NONE },
	{ "GPS.TXT", WX_LAYOUT_SIDE },
	{ "config.txt", WX_LAYOUT_SIDE },
	{ "MYCONFIG.TXT", WX_LAYOUT_NONE },
	{ "GPS_log.csv", WX_LAYOUT_SIDE },
	{ "S4A03895_A_Summary.txt", WX_LAYOUT_SIDE },
	{ "PPS.CSV", WX_LAYOUT_SIDE },
	{ "20250619_030030.CSV", WX_LAYOUT_BESIDE },
	{ "a.wac", WX_LAYOUT_FOREIGN },
	{ "a.MP3", WX_LAYOUT_FOREIGN },
	{ "photo.jpg", WX_LAYOUT_NONE },
	{ ".wav", WX_LAYOUT_NONE }, /* hidden, and without a stem */
	{ "._20250619_030030.WAV", WX_LAYOUT_LITTER },
	{ ".Trashes/501/x.wav", WX_LAYOUT_LITTER },
	{ "a/._b/x.wav", WX_LAYOUT_LITTER },
	{ "$RECYCLE.BIN/x.wav", WX_LAYOUT_LITTER },
	{ "System Volume Information/x.wav", WX_LAYOUT_LITTER },
	{ "", WX_LAYOUT_NONE },
};

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		const char *name = cases[i].name;

		CHECK_INT(name, wx_layout_of(name), cases[i].layout);
		if (cases[i].layout == WX_LAYOUT_FOREIGN)
			CHECK(name, wx_layout_advice(name) != NULL);
	}
	/* One text for one kind: they are counted by it. */
	CHECK("wac", wx_layout_advice("a.wac") == wx_layout_advice("b/C.WAC"));
	return wx_test_end();
}
