/* SPDX-License-Identifier: MIT */
/* What a file is, by its first bytes. With paths: what those are. */
#include "sound/kind.h"

#include "testing.h"

#define S(text) text, sizeof(text) - 1

static const struct {
	const char *label, *head;
	size_t n;
	const char *name;
	int kind;
} cases[] = {
	{ "wav", S("RIFF\x24\0\0\0WAVEfmt "), "a.wav", WX_KIND_WAV },
	{ "rf64", S("RF64\xff\xff\xff\xffWAVEds64"), "a.wav", WX_KIND_WAV },
	{ "bw64", S("BW64\xff\xff\xff\xffWAVEds64"), "a.wav", WX_KIND_WAV },
	{ "wac named wav", S("WAac\1\2\x80\0 \0"), "a.wav", WX_KIND_WAC },
	{ "flac named wav", S("fLaC\0\0\0\x22"), "a.wav", WX_KIND_FLAC },
	{ "ogg", S("OggS\0\2\0\0"), "a.ogg", WX_KIND_OGG },
	{ "m4a", S("\0\0\0 ftypM4A "), "a.m4a", WX_KIND_MP4 },
	{ "aiff", S("FORM\0\0\0\0AIFFCOMM"), "a.aif", WX_KIND_SOUND },
	{ "mp3 with tags", S("ID3\4\0\0"), "a.mp3", WX_KIND_MP3 },
	{ "mp3", S("\xff\xfb\x90\x64\0\0"), "a.mp3", WX_KIND_MP3 },
	{ "no mp3: bits of 1", S("\xff\xff\xff\xff"), "a.wav",
	  WX_KIND_UNKNOWN },
	{ "no mp3: quiet noise", S("\xff\xff\0\0\1\0"), "a.wav",
	  WX_KIND_UNKNOWN },
	{ "lfs",
	  S("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\n"),
	  "a.wav", WX_KIND_LFS },
	{ "annex", S("/annex/objects/SHA256E-s1--4d7a.wav\n"), "a.wav",
	  WX_KIND_LFS },
	{ "page", S("\xef\xbb\xbf\r\n <!DOCTYPE html><html>"), "a.wav",
	  WX_KIND_HTML },
	{ "page", S("<HTML><body>404"), "a.wav", WX_KIND_HTML },
	{ "error of a store", S("<?xml version=\"1.0\"?><Error>"), "a.wav",
	  WX_KIND_HTML },
	{ "json", S("{\"error\": \"not found\"}\n"), "a.wav", WX_KIND_TEXT },
	{ "text of another tongue", S("temp\xc3\xa9rature"), "a.txt",
	  WX_KIND_TEXT },
	{ "cut in a letter", S("temp\xc3"), "a.txt", WX_KIND_TEXT },
	{ "Latin-1", S("temp\xe9rature"), "a.txt", WX_KIND_UNKNOWN },
	{ "nuls", S("\0\0\0\0\0\0\0\0"), "a.wav", WX_KIND_NULS },
	{ "one nul", S("\0"), "a.wav", WX_KIND_NULS },
	{ "empty", S(""), "a.wav", WX_KIND_EMPTY },
	{ "sud", S("\1\2\3\4"), "671629352.181204100002.sud", WX_KIND_SUD },
	{ "zip", S("PK\3\4\n\0"), "a.zip", WX_KIND_ZIP },
	{ "gzip", S("\x1f\x8b\x08\0"), "a.wav.gz", WX_KIND_GZIP },
	{ "riff of another", S("RIFF\x24\0\0\0AVI LIST"), "a.avi",
	  WX_KIND_UNKNOWN },
	{ "half a head", S("RIFF\x24\0"), "a.wav", WX_KIND_UNKNOWN },
	{ "bytes", S("\x80\x81\x82\x83"), "a.wav", WX_KIND_UNKNOWN },
};

int main(int argc, char *argv[])
{
	for (int i = 1; i < argc; i++) {
		FILE *in = fopen(argv[i], "r");
		char head[WX_KIND_HEAD];
		size_t n = in ? fread(head, 1, sizeof(head), in) : 0;
		enum wx_kind kind = wx_kind_of(head, n, argv[i]);

		printf("%s\n", in ? wx_kind_word(kind) : "no file");
		if (in)
			fclose(in);
	}
	if (argc > 1)
		return 0;
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		int kind = wx_kind_of(cases[i].head, cases[i].n, cases[i].name);

		CHECK_INT(cases[i].label, kind, cases[i].kind);
		CHECK(cases[i].label,
		      (wx_kind_sentence(cases[i].kind) == NULL) ==
			      (kind == WX_KIND_WAV || kind == WX_KIND_FLAC));
		CHECK_INT(cases[i].label,
			  wx_kind_of_word(wx_kind_word(cases[i].kind)), kind);
	}
	CHECK("sound", wx_kind_is_sound(WX_KIND_WAC));
	CHECK("packed", !wx_kind_is_sound(WX_KIND_GZIP));
	CHECK_INT("no word", wx_kind_of_word(""), WX_KIND_UNKNOWN);
	CHECK_INT("a holder's", wx_kind_of_word("packets"), WX_KIND_UNKNOWN);
	return wx_test_end();
}
