/* SPDX-License-Identifier: MIT */
/* tests/unit/test_wav.c: the chunk walker on good, odd and damaged files. */
#include <unistd.h>

#include "make_wav.h"
#include "sound/wav.h"
#include "testing.h"

enum { N = 1000 }; /* bytes of data, unless a case says otherwise */

struct spec {
	const char *label;
	const char *riff;  /* NULL: "RIFF" */
	int64_t riff_size; /* 0: right */
	int tag, channels, rate_hz, bits;
	const char *before, *after; /* chunks around data */
	int64_t declared; /* data's size, -1: right, -2: no data chunk */
	int64_t ds64;     /* ds64's data size */
	int n_data;
	int cut;    /* bytes cut off at the end */
	int n_nuls; /* bytes added there */
	/* Expected: */
	int rc;
	int64_t n_frames, data_offset;
	unsigned odd;
};

#define PCM     .tag = 1, .channels = 1, .rate_hz = 16000
#define OK_HEAD .data_offset = 44, .rc = WX_OK

static const struct spec specs[] = {
	{ "plain", PCM, .bits = 16, .declared = -1, .n_data = N,
	  .n_frames = 500, OK_HEAD },
	{ "24 bit, stereo", .tag = 1, .channels = 2, .rate_hz = 48000,
	  .bits = 24, .declared = -1, .n_data = 996, .n_frames = 166, OK_HEAD },
	{ "float", .tag = 3, .channels = 1, .rate_hz = 8000, .bits = 32,
	  .declared = -1, .n_data = N, .n_frames = 250, OK_HEAD },
	{ "A-law: not ours, not broken", .tag = 6, .channels = 1,
	  .rate_hz = 8000, .bits = 8, .declared = -1, .n_data = N,
	  .n_frames = 0, OK_HEAD },
	{ "chunks on both sides", PCM, .bits = 16, .before = "LIST:10 bext:3",
	  .after = "guan:8 LIST:5", .declared = -1, .n_data = N,
	  .n_frames = 500, .data_offset = 74 },
	/* AudioMoth does not pad its last chunk: no harm, no remark. */
	{ "odd last chunk without pad", PCM, .bits = 16, .after = "guan:255-",
	  .declared = -1, .n_data = N, .n_frames = 500, OK_HEAD },
	/* libsndfile finds no data here. */
	{ "odd chunk before data without pad", PCM, .bits = 16,
	  .before = "guan:7-", .declared = -1, .n_data = N, .n_frames = 500,
	  .data_offset = 59, .odd = WX_WAV_NO_PAD },
	{ "odd data with pad", PCM, .bits = 8, .after = "LIST:4",
	  .declared = -1, .n_data = 999, .n_frames = 999, OK_HEAD },
	{ "header only", PCM, .bits = 16, .declared = 0, .n_frames = 0, OK_HEAD,
	  .odd = WX_WAV_NO_FRAMES },
	{ "size 0 and nothing but a chunk", PCM, .bits = 16, .declared = 0,
	  .after = "guan:9-", .n_frames = 0, OK_HEAD, .odd = WX_WAV_NO_FRAMES },
	{ "one byte", PCM, .bits = 16, .declared = -1, .n_data = 1,
	  .n_frames = 0, OK_HEAD, .odd = WX_WAV_NO_FRAMES | WX_WAV_PART_FRAME },
	{ "power lost: sizes of an AudioMoth", PCM, .bits = 16, .declared = 0,
	  .riff_size = 480, .before = "LIST:436", .n_data = N, .n_frames = 500,
	  .data_offset = 488, .odd = WX_WAV_SIZE_ZERO | WX_WAV_RIFF_SIZE },
	{ "size 0, sound, then a chunk", PCM, .bits = 16, .declared = 0,
	  .n_data = N, .after = "guan:31-", .n_frames = 500, OK_HEAD,
	  .odd = WX_WAV_SIZE_ZERO },
	{ "size 44, as some recorders leave", PCM, .bits = 16, .declared = 44,
	  .n_data = N, .n_frames = 500, OK_HEAD, .odd = WX_WAV_SIZE_FALSE },
	{ "size 44 and meant", PCM, .bits = 16, .declared = -1, .n_data = 44,
	  .after = "LIST:4", .n_frames = 22, OK_HEAD },
	{ "size 0xFFFFFFFF", PCM, .bits = 16, .declared = 0xFFFFFFFF,
	  .riff_size = 0xFFFFFFFF, .n_data = N, .n_frames = 500, OK_HEAD,
	  .odd = WX_WAV_SIZE_FALSE | WX_WAV_RIFF_SIZE },
	{ "size 0x7FFFFFFF", PCM, .bits = 16, .declared = 0x7FFFFFFF,
	  .n_data = N, .n_frames = 500, OK_HEAD, .odd = WX_WAV_SIZE_FALSE },
	{ "the file's size as data's, then a chunk", PCM, .bits = 16,
	  .declared = 44 + N + 12, .n_data = N, .after = "LIST:4",
	  .n_frames = 500, OK_HEAD, .odd = WX_WAV_SIZE_FALSE },
	{ "truncated", PCM, .bits = 16, .declared = -1, .n_data = N, .cut = 100,
	  .n_frames = 450, OK_HEAD, .odd = WX_WAV_TRUNCATED },
	{ "truncated within a frame", PCM, .bits = 16, .declared = -1,
	  .n_data = N, .cut = 101, .n_frames = 449, OK_HEAD,
	  .odd = WX_WAV_TRUNCATED | WX_WAV_PART_FRAME },
	{ "truncated within fmt", PCM, .bits = 16, .declared = -2, .cut = 4,
	  .rc = WX_ERR_FORMAT, .odd = WX_WAV_BAD_FORMAT },
	{ "truncated before data", PCM, .bits = 16, .declared = -2,
	  .before = "LIST:100", .cut = 50, .rc = WX_ERR_FORMAT,
	  .odd = WX_WAV_NO_FRAMES | WX_WAV_TRUNCATED },
	{ "no data chunk", PCM, .bits = 16, .declared = -2, .rc = WX_ERR_FORMAT,
	  .odd = WX_WAV_NO_FRAMES },
	{ "size too small: sound behind is not taken", PCM, .bits = 16,
	  .declared = N - 100, .n_data = N, .n_frames = 450, OK_HEAD,
	  .odd = WX_WAV_TAIL },
	{ "NULs of a card's last cluster", PCM, .bits = 16, .declared = -1,
	  .n_data = N, .n_nuls = 4096, .n_frames = 500, OK_HEAD,
	  .odd = WX_WAV_TAIL | WX_WAV_RIFF_SIZE },
	{ "RF64", .riff = "RF64", PCM, .bits = 16, .ds64 = N,
	  .declared = 0xFFFFFFFF, .n_data = N, .n_frames = 500,
	  .data_offset = 80 },
	{ "RF64, ds64 all zero", .riff = "RF64", PCM, .bits = 16, .ds64 = 0,
	  .declared = 0xFFFFFFFF, .n_data = N, .n_frames = 500,
	  .data_offset = 80, .odd = WX_WAV_SIZE_ZERO },
	{ "RF64, ds64 absurd", .riff = "RF64", PCM, .bits = 16,
	  .ds64 = INT64_MAX, .declared = 0xFFFFFFFF, .n_data = N,
	  .n_frames = 500, .data_offset = 80, .odd = WX_WAV_TRUNCATED },
	{ "size 0, sound, then a chunk padded without need", PCM, .bits = 16,
	  .declared = 0, .n_data = N, .after = "guan:30", .n_nuls = 1,
	  .n_frames = 500, OK_HEAD,
	  .odd = WX_WAV_SIZE_ZERO | WX_WAV_RIFF_SIZE },
	{ "no pad before a chunk that nobody knows", PCM, .bits = 16,
	  .before = "abcd:7- efgh:4", .declared = -1, .n_data = N,
	  .n_frames = 500, .data_offset = 71, .odd = WX_WAV_NO_PAD },
	{ "0x7FFFFFFF and less in truth, then a chunk", PCM, .bits = 16,
	  .declared = 0x7FFFFFFF, .n_data = N, .after = "LIST:4",
	  .n_frames = 500, OK_HEAD, .odd = WX_WAV_SIZE_FALSE },
	/* 44 + 20 + 1000 + 3032 bytes are a cluster. */
	{ "size 0, NULs to the end of a cluster", PCM, .bits = 16,
	  .declared = 0, .before = "LIST:12", .n_data = N, .n_nuls = 3032,
	  .n_frames = 500, .data_offset = 64,
	  .odd = WX_WAV_SIZE_ZERO | WX_WAV_PREALLOCATED | WX_WAV_RIFF_SIZE },
	{ "size 0, NULs not to the end of a cluster", PCM, .bits = 16,
	  .declared = 0, .n_data = N, .n_nuls = 3032, .n_frames = 2016, OK_HEAD,
	  .odd = WX_WAV_SIZE_ZERO | WX_WAV_RIFF_SIZE },
	{ "size 0, NULs of less than a sector", PCM, .bits = 16, .declared = 0,
	  .n_data = 4096 - 44 - 510, .n_nuls = 510, .n_frames = 2026, OK_HEAD,
	  .odd = WX_WAV_SIZE_ZERO | WX_WAV_RIFF_SIZE },
	{ "64 KiB of NULs that the header counts", PCM, .bits = 16,
	  .declared = N + 65536, .n_data = N, .n_nuls = 65536, .n_frames = 500,
	  OK_HEAD, .odd = WX_WAV_PREALLOCATED | WX_WAV_RIFF_SIZE },
	{ "fewer NULs that the header counts are sound", PCM, .bits = 16,
	  .declared = N + 65534, .n_data = N, .n_nuls = 65534,
	  .n_frames = 33267, OK_HEAD, .odd = WX_WAV_RIFF_SIZE },
	{ "nothing but NULs that the header counts: a dead microphone", PCM,
	  .bits = 16, .declared = 65536, .n_nuls = 65536, .n_frames = 32768,
	  OK_HEAD, .odd = WX_WAV_RIFF_SIZE },
	{ "nothing but NULs behind a size of 44", PCM, .bits = 16,
	  .declared = 44, .n_nuls = 65536, .n_frames = 0, OK_HEAD,
	  .odd = WX_WAV_SIZE_FALSE | WX_WAV_PREALLOCATED | WX_WAV_NO_FRAMES |
		 WX_WAV_RIFF_SIZE },
	{ "no channels", .tag = 1, .channels = 0, .rate_hz = 16000, .bits = 16,
	  .declared = -1, .n_data = N, .rc = WX_ERR_FORMAT, .data_offset = 44,
	  .odd = WX_WAV_BAD_FORMAT },
	{ "rate 0", .tag = 1, .channels = 1, .rate_hz = 0, .bits = 16,
	  .declared = -1, .n_data = N, .rc = WX_ERR_FORMAT, .data_offset = 44,
	  .odd = WX_WAV_BAD_FORMAT },
	{ "RIFX is not read", .riff = "RIFX", PCM, .bits = 16, .declared = -1,
	  .n_data = N, .rc = WX_ERR_FORMAT, .odd = WX_WAV_NOT_WAV },
};

static void build(const struct spec *s, struct bytes *b)
{
	int64_t declared = s->declared == -1 ? s->n_data : s->declared;

	put_text(b, s->riff ? s->riff : "RIFF");
	put_int(b, 0, 4);
	put_text(b, "WAVE");
	if (s->riff && !strcmp(s->riff, "RF64")) {
		put_text(b, "ds64");
		put_int(b, 28, 4);
		put_int(b, 0, 8);
		put_int(b, (uint64_t)s->ds64, 8);
		put_int(b, 0, 8);
		put_int(b, 0, 4);
	}
	put_fmt(b, s->tag, s->channels, s->rate_hz, s->bits);
	put_chunks(b, s->before);
	if (declared >= 0) {
		put_text(b, "data");
		put_int(b, (uint64_t)declared, 4);
		for (int i = 0; i < s->n_data; i++)
			put_int(b, (uint64_t)(i % 251 + 1), 1);
		if (s->declared == -1 && s->n_data & 1 && s->after)
			put(b, "", 1);
	}
	put_chunks(b, s->after);
	b->n -= (size_t)s->cut;
	set_riff_size(b);
	if (s->riff_size)
		for (int i = 0; i < 4; i++)
			b->p[4 + i] = (uint8_t)(s->riff_size >> 8 * i);
	for (int i = 0; i < s->n_nuls; i++)
		put(b, "", 1);
}

static void test_specs(void)
{
	for (size_t i = 0; i < WX_COUNT(specs); i++) {
		const struct spec *s = &specs[i];
		struct bytes b = { 0 };
		struct wx_error err = { 0 };
		struct wx_wav w;
		char found[WX_WAV_WORDS_SIZE], expected[WX_WAV_WORDS_SIZE];

		build(s, &b);
		CHECK_INT(s->label,
			  wx_wav_probe_mem(b.p, b.n, "x.wav", &w, &err), s->rc);
		CHECK_INT(s->label, w.n_frames, s->n_frames);
		CHECK_INT(s->label, w.data_offset, s->data_offset);
		CHECK_INT(s->label, w.file_bytes, b.n);
		CHECK_STR(s->label, wx_wav_words(w.odd, found),
			  wx_wav_words(s->odd, expected));
		CHECK_INT(s->label, err.text[0] != '\0', s->rc != WX_OK);
		free(b.p);
	}
}

/* What is no WAV at all. */
static void test_strangers(void)
{
	static const char html[] = "<!DOCTYPE html><html>404</html>";
	static const uint8_t nuls[4096] = { 0 };
	static const struct {
		const char *label;
		const void *data;
		size_t n;
		unsigned odd;
		const char *text;
	} rows[] = {
		{ "0 bytes", nuls, 0, WX_WAV_EMPTY,
		  "x: 0 bytes; expected a WAV file" },
		{ "20 bytes", "RIFF\x24\0\0\0WAVEfmt \x10\0\0", 20,
		  WX_WAV_BAD_FORMAT, NULL },
		{ "7 bytes", "RIFF\x24\0\0", 7, WX_WAV_NOT_WAV, NULL },
		{ "a page", html, sizeof(html) - 1, WX_WAV_NOT_WAV,
		  "x: starts with '<!DOCTYPE html><'; expected RIFF or RF64 "
		  "and WAVE" },
		{ "NULs", nuls, sizeof(nuls), WX_WAV_NOT_WAV, NULL },
	};

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		struct wx_error err = { 0 };
		struct wx_wav w;

		CHECK_INT(rows[i].label,
			  wx_wav_probe_mem(rows[i].data, rows[i].n, "x", &w,
					   &err),
			  WX_ERR_FORMAT);
		CHECK_INT(rows[i].label, w.odd & ~(unsigned)WX_WAV_RIFF_SIZE,
			  rows[i].odd);
		if (rows[i].text)
			CHECK_STR(rows[i].label, err.text, rows[i].text);
	}
}

/*
 * Above 4 GiB, in files that take no room: a plain RIFF whose sizes forgot the
 * upper bits, or never knew them.
 */
static void test_huge(void)
{
	static const int64_t giga = INT64_C(1) << 30;
	static const struct {
		const char *label;
		int64_t data_bytes; /* really there */
		uint32_t declared;
		const char *tail;
		int64_t n_frames;
		unsigned odd;
	} rows[] = {
		{ "upper bits lost", 9 * giga + 20, giga + 20, "",
		  (9 * giga + 20) / 2, WX_WAV_SIZE_FALSE },
		{ "upper bits lost, a chunk behind", 5 * giga, giga,
		  "LIST\4\0\0\0INFO", 5 * giga / 2, WX_WAV_SIZE_FALSE },
		{ "a stand-in", 5 * giga, UINT32_MAX, "", 5 * giga / 2,
		  WX_WAV_SIZE_FALSE },
		{ "sound behind the size is not taken", 5 * giga, 1000, "", 500,
		  WX_WAV_TAIL },
	};

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		FILE *tmp = tmpfile();
		struct bytes b = { 0 };
		struct wx_wav w;

		put_text(&b, "RIFF");
		put_int(&b, rows[i].declared, 4);
		put_text(&b, "WAVE");
		put_fmt(&b, 1, 1, 96000, 16);
		put_text(&b, "data");
		put_int(&b, rows[i].declared, 4);
		CHECK(rows[i].label, tmp != NULL);
		if (!tmp)
			return;
		fwrite(b.p, 1, b.n, tmp);
		fseeko(tmp, 44 + rows[i].data_bytes - 2, SEEK_SET);
		fwrite("\1\1", 1, 2, tmp);
		fwrite(rows[i].tail, 1, *rows[i].tail ? 12 : 0, tmp);
		fflush(tmp);
		CHECK_INT(rows[i].label,
			  wx_wav_probe_fd(fileno(tmp), "x", &w, NULL), WX_OK);
		CHECK_INT(rows[i].label, w.n_frames, rows[i].n_frames);
		CHECK_INT(rows[i].label, w.odd, rows[i].odd | WX_WAV_RIFF_SIZE);
		fclose(tmp);
		free(b.p);
	}
}

/* WAVE_FORMAT_EXTENSIBLE: 24 valid bits in 32, and a GUID that is not PCM. */
static void test_extensible(void)
{
	static const uint8_t guid[14] = { 0, 0, 0,    0, 0x10, 0,    0x80,
					  0, 0, 0xAA, 0, 0x38, 0x9B, 0x71 };

	for (int odd_guid = 0; odd_guid < 2; odd_guid++) {
		struct bytes b = { 0 };
		struct wx_wav w;

		put_text(&b, "RIFF....WAVE");
		put_fmt(&b, 0xFFFE, 2, 44100, 32);
		b.p[16] = 40;
		put_int(&b, 22, 2);
		put_int(&b, 24, 2);
		put_int(&b, 3, 4);
		put_int(&b, 1, 2);
		put(&b, guid, sizeof(guid));
		b.p[b.n - 1] ^= (uint8_t)odd_guid;
		put_text(&b, "data");
		put_int(&b, 16, 4);
		put(&b, "0123456789abcdef", 16);
		set_riff_size(&b);
		CHECK_INT("extensible",
			  wx_wav_probe_mem(b.p, b.n, "x", &w, NULL), WX_OK);
		CHECK_INT("extensible", w.code,
			  odd_guid ? WX_WAV_OTHER : WX_WAV_PCM);
		CHECK_INT("extensible", w.bits, 24);
		CHECK_INT("extensible", w.n_frames, odd_guid ? 0 : 2);
		CHECK_INT("extensible", w.odd, 0);
		free(b.p);
	}
}

/* Chunks around data, torn and without pad. */
static void test_chunks(void)
{
	static const struct spec s = { "chunks",
				       PCM,
				       .bits = 16,
				       .before = "LIST:10 bext:3- guan:0",
				       .after = "wamd:8 guan:5-",
				       .declared = -1,
				       .n_data = N };
	static const struct wx_wav_chunk expected[] = {
		{ "LIST", false, 44, 10, 10 }, { "bext", false, 62, 3, 3 },
		{ "guan", false, 73, 0, 0 },   { "wamd", true, 1089, 8, 8 },
		{ "guan", true, 1105, 5, 2 },
	};
	struct wx_wav_chunks c;
	struct bytes b = { 0 };
	struct wx_wav w;

	build(&s, &b);
	CHECK_INT("chunks", wx_wav_chunks_mem(b.p, b.n - 3, "x", &w, &c, NULL),
		  WX_OK);
	CHECK_INT("chunks", c.n, WX_COUNT(expected));
	for (size_t i = 0; i < c.n && i < WX_COUNT(expected); i++) {
		CHECK_STR("id", c.chunk[i].id, expected[i].id);
		CHECK_INT(c.chunk[i].id, c.chunk[i].after_data,
			  expected[i].after_data);
		CHECK_INT(c.chunk[i].id, c.chunk[i].offset, expected[i].offset);
		CHECK_INT(c.chunk[i].id, c.chunk[i].declared,
			  expected[i].declared);
		CHECK_INT(c.chunk[i].id, c.chunk[i].size_bytes,
			  expected[i].size_bytes);
	}
	free(b.p);

	/* More than there is room for. */
	b = (struct bytes){ 0 };
	put_text(&b, "RIFF....WAVE");
	put_fmt(&b, 1, 1, 16000, 16);
	for (int i = 0; i < 100; i++)
		put(&b, "junk\0\0\0\0", 8);
	wx_wav_chunks_mem(b.p, b.n, "x", &w, &c, NULL);
	CHECK_INT("no data, many chunks", c.n, WX_WAV_MAX_CHUNKS);
	free(b.p);
}

/* The header that is written is read back as what it was made from. */
static void test_header(void)
{
	struct wx_wav in = { .code = WX_WAV_PCM,
			     .channels = 3,
			     .sample_bytes = 3,
			     .rate_hz = 22050,
			     .block_align = 9 },
		      out;
	uint8_t file[WX_WAV_HEADER_SIZE + 10] = { 0 };

	wx_wav_header(&in, 9, file);
	CHECK_INT("header",
		  wx_wav_probe_mem(file, sizeof(file), "x", &out, NULL), WX_OK);
	CHECK_INT("header", out.odd, 0);
	CHECK_INT("header", out.n_frames, 1);
	CHECK_INT("header", out.channels, 3);
	CHECK_INT("header", out.bits, 24);
	CHECK_INT("header", out.rate_hz, 22050);
}

/* Every file of the table, cut at every length, from memory and from disk. */
static void test_every_length(void)
{
	struct bytes b = { 0 };
	FILE *tmp = tmpfile();
	int n_frames_last = 0;

	CHECK("tmpfile", tmp != NULL);
	if (!tmp)
		return;
	build(&specs[4], &b);
	fwrite(b.p, 1, b.n, tmp);
	fflush(tmp);
	for (size_t n = b.n; n-- > 0;) {
		struct wx_wav mem, disk;
		int rc = wx_wav_probe_mem(b.p, n, "x", &mem, NULL);

		if (ftruncate(fileno(tmp), (off_t)n))
			break;
		CHECK_INT("mem and disk", rc,
			  wx_wav_probe_fd(fileno(tmp), "x", &disk, NULL));
		CHECK_INT("mem and disk", mem.odd, disk.odd);
		CHECK_INT("mem and disk", mem.n_frames, disk.n_frames);
		CHECK("within the file",
		      mem.data_offset + mem.data_bytes <= (int64_t)n);
		n_frames_last = (int)mem.n_frames;
	}
	CHECK_INT("no frames in no bytes", n_frames_last, 0);
	fclose(tmp);
	free(b.p);
}

int main(void)
{
	test_specs();
	test_strangers();
	test_extensible();
	test_huge();
	test_chunks();
	test_header();
	test_every_length();
	return wx_test_end();
}
