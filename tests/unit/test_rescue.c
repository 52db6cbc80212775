/* SPDX-License-Identifier: MIT */
/*
 * tests/unit/test_rescue.c: every way in which field files are damaged. What
 * is left comes back frame for frame, the original keeps every byte, and the
 * copy is read by libsndfile, which sees something else in the original.
 */
#include <sndfile.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "make_wav.h"
#include "sound/rescue.h"
#include "testing.h"

enum { N = 8000, RIGHT = -1, REFUSED = -1 };

static char folder[64], from[128], to[128];

/*
 * A file of N frames of 16 bits and what is to be made of it. libsndfile: the
 * frames that release 1.2.0 alone finds in it, REFUSED if it does not open it.
 */
struct damaged {
	const char *label;
	int64_t riff,
		data; /* sizes as the header says; RIGHT: the right ones */
	const char *before, *after;  /* chunks */
	int n_bytes;                 /* of sound; 0: N frames */
	int cut, nuls;               /* at the end */
	bool rf64, no_sound, silent; /* silent: NULs for sound */
	const char *damage;
	bool can_copy;
	int64_t n_frames;
	int libsndfile;
	const char *kept; /* chunks of the copy; NULL: none */
};

#define WHOLE .riff = RIGHT, .data = RIGHT, .n_frames = N, .libsndfile = N
#define ALL   .can_copy = true, .n_frames = N

static const struct damaged table[] = {
	{ "healthy", WHOLE, .damage = "" },
	{ "size 0, RIFF 8: the one case that libsndfile mends", .riff = 8,
	  .data = 0, .damage = "size_zero", ALL, .libsndfile = N },
	{ "size 0, RIFF 0", .riff = 0, .data = 0, .damage = "size_zero", ALL,
	  .libsndfile = 0 },
	{ "size 0, RIFF 36", .riff = 36, .data = 0, .damage = "size_zero", ALL,
	  .libsndfile = 0 },
	{ "size 0, RIFF right", .riff = RIGHT, .data = 0, .damage = "size_zero",
	  ALL, .libsndfile = 0 },
	{ "an AudioMoth that lost power", .riff = 480, .data = 0,
	  .before = "LIST:436", .damage = "size_zero", ALL, .libsndfile = 0,
	  .kept = "LIST" },
	{ "0xFFFFFFFF", .riff = UINT32_MAX, .data = UINT32_MAX,
	  .damage = "oversize", ALL, .libsndfile = N },
	{ "0x7FFFFFFF", .riff = RIGHT, .data = INT32_MAX, .damage = "oversize",
	  ALL, .libsndfile = N },
	{ "too big", .riff = RIGHT, .data = 2 * N + 1000, .damage = "truncated",
	  ALL, .libsndfile = N },
	{ "too small: what lies behind is not guessed at", .riff = RIGHT,
	  .data = 2 * N - 1000, .damage = "", .n_frames = 7500,
	  .libsndfile = 7500 },
	{ "44", .riff = RIGHT, .data = 44, .damage = "size_false", ALL,
	  .libsndfile = 22 },
	{ "the file's size", .riff = RIGHT, .data = 2 * N + 44,
	  .damage = "oversize", ALL, .libsndfile = N },
	{ "the file's size, and a chunk behind that would be heard",
	  .riff = RIGHT, .data = 2 * N + 44 + 108, .after = "LIST:100",
	  .damage = "oversize", ALL, .libsndfile = N + 54, .kept = "LIST" },
	{ "half of it lost", .riff = RIGHT, .data = RIGHT, .cut = N,
	  .damage = "truncated", .can_copy = true, .n_frames = N / 2,
	  .libsndfile = N / 2 },
	{ "the last byte lost", .riff = RIGHT, .data = RIGHT, .cut = 1,
	  .damage = "truncated part_frame", .can_copy = true, .n_frames = N - 1,
	  .libsndfile = N - 1 },
	{ "odd chunk at the end, padded", WHOLE, .after = "guan:255",
	  .damage = "" },
	{ "odd chunk at the end, not padded", WHOLE, .after = "guan:255-",
	  .damage = "" },
	{ "size 0, and an odd chunk at the end", .riff = 8, .data = 0,
	  .before = "LIST:30", .after = "guan:255-", .damage = "size_zero", ALL,
	  .libsndfile = N + 131, .kept = "LIST guan" },
	{ "odd chunk before, padded", WHOLE, .before = "guan:7", .damage = "" },
	{ "odd chunk before, not padded", .riff = RIGHT, .data = RIGHT,
	  .before = "guan:7-", .damage = "no_pad", ALL, .libsndfile = REFUSED,
	  .kept = "guan" },
	{ "odd chunk that nobody knows before, not padded", .riff = RIGHT,
	  .data = RIGHT, .before = "abcd:7- efgh:4", .damage = "no_pad", ALL,
	  .libsndfile = REFUSED, .kept = "abcd efgh" },
	{ "a header", .riff = RIGHT, .data = RIGHT, .no_sound = true,
	  .damage = "header_only" },
	{ "a header and a chunk", .riff = RIGHT, .data = RIGHT,
	  .no_sound = true, .after = "guan:9-", .damage = "header_only" },
	{ "20 bytes", .riff = RIGHT, .data = RIGHT, .no_sound = true, .cut = 24,
	  .damage = "header_only", .libsndfile = REFUSED },
	{ "7 bytes", .riff = RIGHT, .data = RIGHT, .no_sound = true, .cut = 37,
	  .damage = "header_only", .libsndfile = REFUSED },
	{ "a byte of sound", .riff = RIGHT, .data = 116, .n_bytes = 1,
	  .damage = "header_only truncated part_frame", .libsndfile = 0 },
	{ "0 bytes", .riff = RIGHT, .data = RIGHT, .no_sound = true, .cut = 44,
	  .damage = "empty", .libsndfile = REFUSED },
	{ "NULs", .riff = RIGHT, .data = RIGHT, .no_sound = true, .cut = 44,
	  .nuls = 1 << 17, .damage = "null", .libsndfile = REFUSED },
	{ "a header and NULs", .riff = RIGHT, .data = 44, .no_sound = true,
	  .nuls = 1 << 17, .damage = "null size_false preallocated",
	  .libsndfile = 22 },
	{ "NULs of the right size: a microphone that was dead", WHOLE,
	  .silent = true, .damage = "" },
	{ "RF64", WHOLE, .rf64 = true, .damage = "" },
	{ "RF64, ds64 all zero", .riff = RIGHT, .data = 0, .rf64 = true,
	  .damage = "size_zero", ALL, .libsndfile = 0 },
	{ "NULs of the last cluster behind it", WHOLE, .nuls = 4096,
	  .damage = "" },
	{ "room claimed, the size is that of the room", .riff = RIGHT,
	  .data = 2 * N + (1 << 20), .nuls = 1 << 20, .damage = "preallocated",
	  ALL, .libsndfile = N + (1 << 19) },
	{ "room claimed, the size is 44", .riff = RIGHT, .data = 44,
	  .nuls = 1 << 20, .damage = "size_false preallocated", ALL,
	  .libsndfile = 22 },
	/* 44 + 16000 + 340 bytes are four clusters: under a sector, no tail. */
	{ "room claimed to the end of the cluster", .riff = RIGHT, .data = 0,
	  .nuls = 340 + 4096, .damage = "size_zero preallocated", ALL,
	  .libsndfile = 0 },
	{ "size 0, and a LIST of NULs", .riff = RIGHT, .data = 0,
	  .before = "guan:4 LIST:0", .damage = "size_zero", ALL,
	  .libsndfile = 0, .kept = "guan" },
};

static void build(const struct damaged *d, struct bytes *b)
{
	int n = d->no_sound ? 0 : d->n_bytes ? d->n_bytes : 2 * N;
	uint64_t size = (uint64_t)(d->data == RIGHT ? n : d->data);

	put_text(b, d->rf64 ? "RF64" : "RIFF");
	put_int(b, 0, 4);
	put_text(b, "WAVE");
	if (d->rf64) {
		put_text(b, "ds64");
		put_int(b, 28, 4);
		put_int(b, 80 - 8 + (uint64_t)n, 8);
		put_int(b, size, 8);
		put_int(b, 0, 8);
		put_int(b, 0, 4);
	}
	put_fmt(b, 1, 1, 16000, 16);
	put_chunks(b, d->before);
	put_text(b, "data");
	put_int(b, d->rf64 ? UINT32_MAX : size, 4);
	for (int i = 0; i < n; i++)
		put_int(b, d->silent ? 0 : (uint64_t)(i % 251 + 1), 1);
	put_chunks(b, d->after);
	if (b->n >= 8)
		set_riff_size(b);
	for (int i = 0; d->riff != RIGHT && i < 4; i++)
		b->p[4 + i] = (uint8_t)(d->riff >> 8 * i);
	if (d->rf64)
		memset(b->p + 4, 0xFF, 4);
	b->n -= (size_t)d->cut;
	for (int i = 0; i < d->nuls; i++)
		put(b, "", 1);
}

static void save(const char *path, const struct bytes *b)
{
	FILE *f = fopen(path, "wb");

	CHECK(path, f && fwrite(b->p, 1, b->n, f) == b->n);
	if (f)
		fclose(f);
}

/* Frames that libsndfile finds, into out up to n of them; REFUSED. */
static int64_t sndfile(const char *path, short *out, size_t n)
{
	SF_INFO info = { 0 };
	SNDFILE *snd = sf_open(path, SFM_READ, &info);
	int64_t frames = REFUSED;

	if (snd) {
		frames = info.frames;
		if (out)
			sf_readf_short(snd, out, (sf_count_t)n);
		sf_close(snd);
	}
	return frames;
}

/* The copy: frames as they are, chunks that were to be kept, nothing odd. */
static void check_copy(const struct damaged *d, const struct bytes *b,
		       const struct wx_rescue *r)
{
	static short frames[N];
	char *copy = NULL, kept[64] = "";
	struct wx_wav_chunks chunks;
	struct wx_wav w;
	size_t n = 0;

	CHECK_INT(d->label, sndfile(to, frames, N), d->n_frames);
	for (int i = 0; i < d->n_frames; i++) {
		const uint8_t *p = b->p + r->wav.data_offset + 2 * i;

		if (frames[i] != (short)(p[0] | p[1] << 8)) {
			CHECK_INT(d->label, i, -1);
			break;
		}
	}
	CHECK_INT(d->label, wx_file_read(to, 1 << 24, &copy, &n, NULL), WX_OK);
	CHECK_INT(d->label, wx_wav_chunks_mem(copy, n, to, &w, &chunks, NULL),
		  WX_OK);
	CHECK_INT(d->label, w.odd, 0);
	CHECK_INT(d->label, w.n_frames, d->n_frames);
	for (size_t i = 0; i < chunks.n; i++) {
		strcat(kept, i ? " " : "");
		strcat(kept, chunks.chunk[i].id);
	}
	CHECK_STR(d->label, kept, d->kept ? d->kept : "");
	free(copy);
}

static void test_damage(const struct damaged *d)
{
	struct wx_rescue r;
	struct wx_rescued made;
	struct bytes b = { 0 };
	uint8_t before[WX_SHA256_LEN], after[WX_SHA256_LEN];
	char words[WX_RESCUE_WORDS_SIZE];
	FILE *f;

	build(d, &b);
	save(from, &b);
	unlink(to);
	f = fopen(from, "rb");
	CHECK(d->label, f != NULL);
	if (!f)
		return;
	wx_sha256(b.p, b.n, before);
	CHECK_INT(d->label, wx_rescue_look(fileno(f), "x", &r, NULL), WX_OK);
	CHECK_STR(d->label, wx_rescue_words(r.damage, words), d->damage);
	CHECK_INT(d->label, r.can_copy, d->can_copy);
	CHECK_INT(d->label, r.wav.n_frames, d->n_frames);
	CHECK_INT(d->label, *r.text != '\0', r.damage != 0);
	CHECK_INT(d->label, wx_rescue_copy(fileno(f), "x", &r, to, &made, NULL),
		  d->can_copy ? WX_OK : WX_ERR_FORMAT);
	CHECK_INT(d->label, access(to, F_OK) == 0, d->can_copy);
	if (strstr(sf_version_string(), "1.2.0"))
		CHECK_INT(d->label, sndfile(from, NULL, 0), d->libsndfile);
	if (d->can_copy)
		check_copy(d, &b, &r);
	CHECK_INT(d->label, wx_file_hash(from, NULL, after, NULL, NULL), WX_OK);
	CHECK(d->label, !memcmp(before, after, sizeof(before)));
	fclose(f);
	free(b.p);
}

static void look_at(const char *label, const void *data, size_t n,
		    const char *damage)
{
	struct wx_rescue r;
	char words[WX_RESCUE_WORDS_SIZE];
	FILE *f = tmpfile();

	CHECK(label, f && fwrite(data, 1, n, f) == n && !fflush(f));
	if (!f)
		return;
	CHECK_INT(label, wx_rescue_look(fileno(f), "x", &r, NULL), WX_OK);
	CHECK_STR(label, wx_rescue_words(r.damage, words), damage);
	fclose(f);
}

/* What is no WAV at all. */
static void test_strangers(void)
{
	static uint8_t noise[1 << 16], late[1 << 17];
	const struct {
		const char *label;
		const void *data;
		size_t n;
		const char *damage;
	} rows[] = {
		{ "a pointer",
		  "version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
		  56, "lfs_pointer" },
		{ "a page", "<!DOCTYPE html><title>404</title>", 33,
		  "not_audio" },
		{ "FLAC", "fLaC\0\0\0\"0123456789", 18, "" },
		{ "WAC", "WAac\1\0\1\0000123456789", 18, "" },
		{ "MPEG", "\xff\xfb\x90\x64........", 12, "" },
		{ "bytes by chance", noise, sizeof(noise),
		  "noise_only not_audio" },
		{ "too few to tell", noise, 20000, "not_audio" },
		{ "NULs, then something", late, sizeof(late), "not_audio" },
		{ "one NUL", "", 1, "null" },
		{ "two letters", "RI", 2, "header_only" },
	};
	uint64_t x = 1;

	for (size_t i = 0; i < sizeof(noise); i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		noise[i] = (uint8_t)(x >> 33);
	}
	late[sizeof(late) - 1] = 1;
	for (size_t i = 0; i < WX_COUNT(rows); i++)
		look_at(rows[i].label, rows[i].data, rows[i].n, rows[i].damage);

	struct bytes b = { 0 };

	put_text(&b, "RIFF....WAVE");
	put_fmt(&b, 1, 1, 16000, 16);
	put(&b, "data\0\0\0\0", 8);
	put(&b, noise, sizeof(noise));
	look_at("bytes by chance behind a size of 0", b.p, b.n,
		"noise_only size_zero");
	b.p[22] = 0;
	look_at("no channel", b.p, b.n, "size_zero bad_format");
	free(b.p);
}

int main(void)
{
	snprintf(folder, sizeof(folder), "/tmp/wx-rescue.XXXXXX");
	CHECK("folder", mkdtemp(folder) != NULL);
	snprintf(from, sizeof(from), "%s/x.wav", folder);
	snprintf(to, sizeof(to), "%s/deep/x.wav~recovered.wav", folder);
	for (size_t i = 0; i < WX_COUNT(table); i++)
		test_damage(&table[i]);
	test_strangers();
	unlink(from);
	unlink(to);
	*strrchr(to, '/') = '\0';
	CHECK_INT("scratch folder", rmdir(to) | rmdir(folder), 0);
	return wx_test_end();
}
