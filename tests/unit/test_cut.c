/* SPDX-License-Identifier: MIT */
/* tests/unit/test_cut.c: copies and cuts are the same bytes. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "make_wav.h"
#include "sound/cut.h"
#include "testing.h"

static char folder[64];

static const char *in_folder(const char *name)
{
	static char path[4][128];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", folder, name);
	return path[i];
}

static void save(const char *name, const struct bytes *b)
{
	FILE *f = fopen(in_folder(name), "wb");

	CHECK(name, f && fwrite(b->p, 1, b->n, f) == b->n);
	if (f)
		fclose(f);
}

static void check_same(const char *label, const char *name, const void *data,
		       size_t n)
{
	char *text = NULL;
	size_t n_text = 0;

	CHECK_INT(label,
		  wx_file_read(in_folder(name), SIZE_MAX / 2, &text, &n_text,
			       NULL),
		  WX_OK);
	CHECK_INT(label, n_text, n);
	CHECK(label, text && n_text == n && !memcmp(text, data, n));
	free(text);
}

static void make_capture(struct bytes *b, int channels, int bits, int n)
{
	put_text(b, "RIFF....WAVE");
	put_fmt(b, 1, channels, 16000, bits);
	put_text(b, "LIST");
	put_int(b, 6, 4);
	put_text(b, "abcdef");
	put_text(b, "data");
	put_int(b, (uint64_t)n, 4);
	for (int i = 0; i < n; i++)
		put_int(b, (uint64_t)i * 2654435761u >> 13, 1);
	set_riff_size(b);
}

/* Byte for byte, whatever the chunks; an older and longer file is replaced. */
static void test_copy(void)
{
	static const int sizes[] = { 2, 4096, 3000002, 100 };

	for (size_t i = 0; i < WX_COUNT(sizes); i++) {
		struct bytes b = { 0 };
		struct wx_cutter *c = NULL;

		make_capture(&b, 1, 16, sizes[i]);
		save("from.wav", &b);
		CHECK_INT("open",
			  wx_cutter_open(in_folder("from.wav"), &c, NULL),
			  WX_OK);
		CHECK_INT("copy", wx_cutter_copy(c, in_folder("old"), NULL),
			  WX_OK);
		check_same("copy", "old", b.p, b.n);
		CHECK_INT("again", wx_cutter_copy(c, in_folder("old"), NULL),
			  WX_OK);
		check_same("again", "old", b.p, b.n);
		CHECK_INT("no such folder",
			  wx_cutter_copy(c, in_folder("no/to"), NULL),
			  WX_ERR_IO);
		wx_cutter_close(c);
		free(b.p);
	}
}

/* The frames of a cut are those of the capture, in its own coding. */
static void test_cut(void)
{
	static const struct {
		const char *label;
		int channels, bits, n;
		int64_t first, n_frames;
		int rc;
	} rows[] = {
		{ "first second", 1, 16, 96000, 0, 16000, WX_OK },
		{ "in the middle", 1, 16, 96000, 12345, 16000, WX_OK },
		{ "the last frame", 1, 16, 96000, 47999, 1, WX_OK },
		{ "24 bit stereo", 2, 24, 96000, 7, 8000, WX_OK },
		{ "odd bytes, padded", 1, 24, 96000, 3, 1001, WX_OK },
		{ "8 bit, odd", 1, 8, 999, 0, 999, WX_OK },
		{ "longer than the buffer", 2, 16, 4000000, 1, 999999, WX_OK },
		/* One byte below the buffer, the buffer, and past it. */
		{ "edge", 1, 8, 3000000, 1, (1 << 20) - 46, WX_OK },
		{ "edge", 1, 8, 3000000, 1, (1 << 20) - 45, WX_OK },
		{ "edge", 1, 8, 3000000, 1, (1 << 20) - 44, WX_OK },
		{ "edge", 1, 8, 3000000, 1, (1 << 20) - 43, WX_OK },
		{ "one too many", 1, 16, 96000, 32000, 16001, WX_ERR_RANGE },
		{ "none", 1, 16, 96000, 0, 0, WX_ERR_RANGE },
		{ "before the start", 1, 16, 96000, -1, 5, WX_ERR_RANGE },
		{ "overflow", 1, 16, 96000, 1, INT64_MAX, WX_ERR_RANGE },
	};

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		int block = rows[i].channels * rows[i].bits / 8;
		size_t n = (size_t)rows[i].n_frames * (size_t)block;
		struct bytes b = { 0 };
		struct wx_cutter *c = NULL;
		struct wx_error err = { 0 };
		struct wx_wav w;

		make_capture(&b, rows[i].channels, rows[i].bits, rows[i].n);
		save("capture.wav", &b);
		CHECK_INT(rows[i].label,
			  wx_cutter_open(in_folder("capture.wav"), &c, &err),
			  WX_OK);
		unlink(in_folder("cut.wav"));
		CHECK_INT(rows[i].label,
			  c ? wx_cutter_cut(c, rows[i].first, rows[i].n_frames,
					    in_folder("cut.wav"), NULL, &err)
			    : WX_ERR_IO,
			  rows[i].rc);
		wx_cutter_close(c);
		if (rows[i].rc == WX_OK) {
			struct bytes want = { 0 };

			CHECK_INT(
				rows[i].label,
				wx_cutter_open(in_folder("cut.wav"), &c, &err),
				WX_OK);
			w = *wx_cutter_wav(c);
			wx_cutter_close(c);
			CHECK_INT(rows[i].label, w.n_frames, rows[i].n_frames);
			CHECK_INT(rows[i].label, w.odd, 0);
			put_text(&want, "RIFF....WAVE");
			put_fmt(&want, 1, rows[i].channels, 16000,
				rows[i].bits);
			put_text(&want, "data");
			put_int(&want, n, 4);
			put(&want, b.p + 58 + rows[i].first * block, n);
			if (n & 1)
				put(&want, "", 1);
			set_riff_size(&want);
			check_same(rows[i].label, "cut.wav", want.p, want.n);
			free(want.p);
		}
		free(b.p);
	}
}

/* The hash that is asked for is that of the file. */
static void test_hash(void)
{
	struct bytes b = { 0 };
	struct wx_cutter *c = NULL;
	struct wx_sha256 *sha = wx_sha256_new();
	uint8_t told[WX_SHA256_LEN] = { 0 }, found[WX_SHA256_LEN] = { 1 };

	make_capture(&b, 1, 8, 2000001);
	save("capture.wav", &b);
	CHECK_INT("hash", wx_cutter_open(in_folder("capture.wav"), &c, NULL),
		  WX_OK);
	if (c && sha) {
		CHECK_INT("hash",
			  wx_cutter_cut(c, 0, 2000001, in_folder("cut.wav"),
					sha, NULL),
			  WX_OK);
		wx_sha256_get(sha, told);
	}
	wx_file_hash(in_folder("cut.wav"), NULL, found, NULL, NULL);
	CHECK("hash", !memcmp(told, found, sizeof(told)));
	wx_sha256_free(sha);
	wx_cutter_close(c);
	free(b.p);
}

/* A disk that fills: an error, and nothing lies there. */
static void test_full(void)
{
	struct wx_cutter *c = NULL;
	struct wx_error err = { 0 };
	struct bytes b = { 0 };

	make_capture(&b, 1, 16, 96000);
	save("capture.wav", &b);
	unlink(in_folder("cut.wav"));
	CHECK_INT("open", wx_cutter_open(in_folder("capture.wav"), &c, NULL),
		  WX_OK);
	CHECK_INT("symlink", symlink("/dev/full", in_folder("cut.wav.part")),
		  0);
	if (c)
		CHECK_INT("full",
			  wx_cutter_cut(c, 0, 100, in_folder("cut.wav"), NULL,
					&err),
			  WX_ERR_IO);
	CHECK("full: says so", strstr(err.text, "No space left") != NULL);
	CHECK("full: nothing there", access(in_folder("cut.wav"), F_OK));
	CHECK("full: no part", access(in_folder("cut.wav.part"), F_OK));
	wx_cutter_close(c);
	free(b.p);
}

/* Room that was claimed for sound is not cut: there is none in it. */
static void test_claimed(void)
{
	static const uint8_t nuls[1 << 16];
	struct wx_cutter *c = NULL;
	struct bytes b = { 0 };

	make_capture(&b, 1, 16, 2000);
	put(&b, nuls, sizeof(nuls));
	memset(b.p + 54, 0, 4); /* data's size */
	save("capture.wav", &b);
	CHECK_INT("claimed", wx_cutter_open(in_folder("capture.wav"), &c, NULL),
		  WX_OK);
	CHECK_INT("claimed: sound",
		  wx_cutter_cut(c, 0, 1000, in_folder("cut.wav"), NULL, NULL),
		  WX_OK);
	CHECK_INT("claimed: beyond it",
		  wx_cutter_cut(c, 0, 1001, in_folder("cut.wav"), NULL, NULL),
		  WX_ERR_RANGE);
	wx_cutter_close(c);
	free(b.p);
}

int main(void)
{
	static const char *const left[] = { "capture.wav", "cut.wav",
					    "from.wav", "old" };

	snprintf(folder, sizeof(folder), "/tmp/wxset-cut.XXXXXX");
	if (!mkdtemp(folder))
		return 1;
	test_copy();
	test_cut();
	test_hash();
	test_full();
	test_claimed();
	for (size_t i = 0; i < WX_COUNT(left); i++)
		unlink(in_folder(left[i]));
	CHECK_INT("scratch folder is empty", rmdir(folder), 0);
	return wx_test_end();
}
