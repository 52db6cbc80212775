/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/rescue.c: name the damage of a recording, copy what is left of it.
 *
 *     "RIFF" size "WAVE"   or "RF64" 0xFFFFFFFF "WAVE" "ds64" from 4 GiB on
 *     "fmt " as it was     its 16 bytes, or the 40 of the extensible form
 *     chunks that stood before the sound
 *     "fact" frames        if there was one; what it said is made anew
 *     "data" frames        those that exist, and a pad where they are odd
 *     chunks that stood behind it
 */
#include "sound/rescue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "sound/kind.h"

enum {
	BLOCK = 1 << 16,
	NOISE_BYTES = 1 << 15,
};
/* So many bytes of pure chance have 7.994 bits each, +-0.0005; sound less. */
#define NOISE_BITS 7.99

static const char *const words[] = {
	"empty",     "null",       "header_only", "noise_only",   "truncated",
	"size_zero", "size_false", "oversize",    "preallocated", "part_frame",
	"no_pad",    "bad_format", "lfs_pointer", "not_audio",
};

/* What they mean to whoever has to act. */
static const char *const means[] = {
	"a file of 0 bytes",
	"nothing but zeros",
	"a header and no sound",
	"bytes as if by chance, no sound",
	"it ends before its sound does",
	"its header knows of no sound: power was lost",
	"its header has a size that is none",
	"its header promises more than there is",
	"zeros where sound was to come",
	"its last frame is torn",
	"a chunk of odd size is not padded",
	"its header tells no format that can be",
	"a Git LFS pointer, not the file: git lfs pull",
	"no recording of a kind that is known",
};

const char *wx_rescue_words(unsigned damage, char buf[WX_RESCUE_WORDS_SIZE])
{
	return wx_words(damage, words, WX_COUNT(words), buf);
}

const char *wx_rescue_word(unsigned i)
{
	return i < WX_COUNT(words) ? words[i] : NULL;
}

const char *wx_rescue_means(unsigned i)
{
	return i < WX_COUNT(means) ? means[i] : NULL;
}

static bool all_nul(const uint8_t *p, size_t n)
{
	return !n || (!p[0] && !memcmp(p, p + 1, n - 1));
}

/* A look under way. */
struct look {
	int fd;
	const char *name;
	uint8_t *block;
	struct wx_rescue *out;
	struct wx_error *err;
};

/* Up to BLOCK bytes at an offset, into l->block; how many, or -1. */
static int64_t read_block(struct look *l, int64_t at, int64_t end)
{
	int64_t n = end - at < BLOCK ? end - at : BLOCK;

	return wx_file_read_at(l->fd, l->name, l->block, (size_t)n, at,
			       l->err) == WX_OK
		       ? n
		       : -1;
}

/* Are bytes at .. end all NUL? 1, 0, or -1 where they cannot be read. */
static int nul_to(struct look *l, int64_t at, int64_t end)
{
	while (at < end) {
		int64_t n = read_block(l, at, end);

		if (n < 0)
			return -1;
		if (!all_nul(l->block, (size_t)n))
			return 0;
		at += n;
	}
	return 1;
}

/* Bits a byte. */
static double entropy(const uint8_t *p, size_t n)
{
	size_t count[256] = { 0 };
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		count[p[i]]++;
	for (int i = 0; i < 256; i++) {
		double share = (double)count[i] / (double)n;

		sum -= count[i] ? share * log2(share) : 0;
	}
	return sum;
}

/* The same of the middle of at .. end: do bytes fall as if by chance? */
static int noise_in(struct look *l, int64_t at, int64_t end)
{
	int64_t n;

	if (end - at < NOISE_BYTES)
		return 0;
	at += (end - at - NOISE_BYTES) / 2;
	n = read_block(l, at, at + NOISE_BYTES);
	return n < 0 ? -1 : entropy(l->block, (size_t)n) > NOISE_BITS;
}

static void say(struct wx_rescue *r, unsigned damage, const char *text)
{
	r->damage |= damage;
	snprintf(r->text, sizeof(r->text), "%s", text);
}

/* What is no WAV, and not empty. */
static int look_stranger(struct look *l)
{
	struct wx_rescue *r = l->out;
	int64_t size = r->wav.file_bytes;
	size_t n = size < WX_KIND_HEAD ? (size_t)size : WX_KIND_HEAD;
	uint8_t head[WX_KIND_HEAD];
	enum wx_kind kind;
	int found = 0;

	if (wx_file_read_at(l->fd, l->name, head, n, 0, l->err) != WX_OK)
		return WX_ERR_IO;
	kind = wx_kind_of(head, n, l->name);
	if (wx_kind_is_sound(kind)) /* nothing is known to be wrong there */
		return WX_OK;
	if (kind == WX_KIND_LFS) {
		say(r, WX_DAMAGE_LFS_POINTER, wx_kind_sentence(kind));
		return WX_OK;
	}
	if (n < 12 && !memcmp(head, "RIFF", n < 4 ? n : 4)) {
		say(r, WX_DAMAGE_HEADER_ONLY, "the first bytes of a header");
		return WX_OK;
	}
	if (kind == WX_KIND_NULS)
		found = nul_to(l, (int64_t)n, size);
	if (found > 0) {
		say(r, WX_DAMAGE_NULL, "nothing but NULs");
		return WX_OK;
	}
	say(r, WX_DAMAGE_NOT_AUDIO,
	    kind == WX_KIND_NULS ? "NULs, and then no recording"
				 : wx_kind_sentence(kind));
	if (found == 0 && kind == WX_KIND_UNKNOWN)
		found = noise_in(l, 0, size);
	if (found > 0)
		say(r, WX_DAMAGE_NOISE_ONLY,
		    "no header, and bytes as if by chance");
	return found < 0 ? WX_ERR_IO : WX_OK;
}

/* Does the data lie beyond what the header makes of the file? */
static unsigned damage_of(const struct wx_wav *w)
{
	static const struct {
		unsigned odd, damage;
	} map[] = {
		{ WX_WAV_SIZE_ZERO, WX_DAMAGE_SIZE_ZERO },
		{ WX_WAV_TRUNCATED, WX_DAMAGE_TRUNCATED },
		{ WX_WAV_PART_FRAME, WX_DAMAGE_PART_FRAME },
		{ WX_WAV_NO_PAD, WX_DAMAGE_NO_PAD },
		{ WX_WAV_PREALLOCATED, WX_DAMAGE_PREALLOCATED },
	};
	unsigned damage = 0;

	for (size_t i = 0; i < WX_COUNT(map); i++)
		damage |= w->odd & map[i].odd ? map[i].damage : 0;
	if (w->odd & WX_WAV_SIZE_FALSE)
		damage |= w->data_declared > w->file_bytes - w->data_offset
				  ? WX_DAMAGE_OVERSIZE
				  : WX_DAMAGE_SIZE_FALSE;
	return damage;
}

/* Sound that is there: say what the header makes of it. */
static int look_sound(struct look *l)
{
	struct wx_rescue *r = l->out;
	const struct wx_wav *w = &r->wav;
	bool hidden = r->damage & (WX_DAMAGE_SIZE_ZERO | WX_DAMAGE_SIZE_FALSE |
				   WX_DAMAGE_OVERSIZE);
	int noise = hidden ? noise_in(l, w->data_offset,
				      w->data_offset + w->data_bytes)
			   : 0;
	char was[WX_RESCUE_WORDS_SIZE];

	if (noise < 0)
		return WX_ERR_IO;
	r->damage |= noise ? WX_DAMAGE_NOISE_ONLY : 0;
	r->can_copy = w->code != WX_WAV_OTHER && (w->odd & WX_WAV_MISLEADS);
	snprintf(r->text, sizeof(r->text),
		 "%lld frames of sound; the header says %lld bytes, there are "
		 "%lld (%s)",
		 (long long)w->n_frames, (long long)w->data_declared,
		 (long long)w->data_bytes, wx_rescue_words(r->damage, was));
	return WX_OK;
}

/* A WAV whose format is sane, or that is too short to have one. */
static int look_wav(struct look *l)
{
	struct wx_rescue *r = l->out;
	const struct wx_wav *w = &r->wav;
	int nul = 0;

	r->is_wav = true;
	r->damage = damage_of(w);
	if (w->odd & WX_WAV_BAD_FORMAT && w->fmt_offset) {
		say(r, WX_DAMAGE_BAD_FORMAT,
		    "a WAV whose fmt chunk cannot be believed");
		return WX_OK;
	}
	if (w->data_bytes > 0)
		return r->damage ? look_sound(l) : WX_OK;
	if (w->data_offset)
		nul = w->file_bytes > w->data_offset
			      ? nul_to(l, w->data_offset, w->file_bytes)
			      : 0;
	if (nul < 0)
		return WX_ERR_IO;
	if (nul && w->file_bytes - w->data_offset >= (int64_t)w->block_align)
		say(r, WX_DAMAGE_NULL, "a header, and nothing but NULs");
	else
		say(r, WX_DAMAGE_HEADER_ONLY, "a header, and no sound");
	return WX_OK;
}

int wx_rescue_look(int fd, const char *name, struct wx_rescue *out,
		   struct wx_error *err)
{
	struct look l = { .fd = fd, .name = name, .out = out, .err = err };
	struct wx_error why = { 0 };
	int rc;

	*out = (struct wx_rescue){ 0 };
	rc = wx_wav_chunks_fd(fd, name, &out->wav, &out->chunks, &why);
	if (rc == WX_ERR_IO)
		return wx_fail(err, rc, "%s", why.text);
	if (out->wav.odd & WX_WAV_EMPTY) {
		say(out, WX_DAMAGE_EMPTY, "0 bytes");
		return WX_OK;
	}
	/* Of a healthy file nothing more is read. */
	if (rc == WX_OK && out->wav.data_bytes && !damage_of(&out->wav)) {
		out->is_wav = true;
		return WX_OK;
	}
	l.block = malloc(BLOCK);
	if (!l.block)
		return wx_fail_nomem(err);
	rc = out->wav.odd & WX_WAV_NOT_WAV ? look_stranger(&l) : look_wav(&l);
	free(l.block);
	return rc;
}

/* ---- the copy ---- */

struct copy {
	int fd;
	const char *name;
	const struct wx_rescue *look;
	FILE *out;
	int64_t size_bytes; /* of the new file */
	uint8_t *block;
	struct wx_error *err;
};

static void put_le(FILE *out, uint64_t v, int n_bytes)
{
	for (int i = 0; i < n_bytes; i++)
		putc((int)(v >> 8 * i & 0xFF), out);
}

/* n bytes from offset on, as they are; a pad where they are odd. */
static int copy_bytes(struct copy *c, int64_t offset, int64_t n)
{
	bool pad = n & 1;

	while (n > 0) {
		size_t take = n < BLOCK ? (size_t)n : BLOCK;
		int rc = wx_file_read_at(c->fd, c->name, c->block, take, offset,
					 c->err);

		if (rc != WX_OK)
			return rc;
		fwrite(c->block, 1, take, c->out);
		offset += (int64_t)take;
		n -= (int64_t)take;
	}
	if (pad)
		putc(0, c->out);
	return WX_OK;
}

/* Whole, of a size that metadata has, and no mere filling? */
static bool keep_chunk(const struct wx_wav_chunk *c)
{
	static const char drop[][5] = { "fmt ", "data", "ds64", "fact", "JUNK",
					"junk", "PAD ", "FLLR", "PEAK" };

	if (c->size_bytes != c->declared || c->declared < 1 ||
	    c->declared > WX_RESCUE_MAX_CHUNK)
		return false;
	for (int i = 0; i < 4; i++)
		if (c->id[i] < ' ' || c->id[i] > '~')
			return false;
	for (size_t i = 0; i < WX_COUNT(drop); i++)
		if (!strcmp(c->id, drop[i]))
			return false;
	return true;
}

/* A LIST whose body is NULs, as a power cut leaves it, breaks readers. */
static bool keep_in(const struct copy *c, const struct wx_wav_chunk *k)
{
	uint8_t type[4];

	if (!keep_chunk(k))
		return false;
	if (strcmp(k->id, "LIST") != 0)
		return true;
	return k->size_bytes >= 4 &&
	       wx_file_read_at(c->fd, c->name, type, 4, k->offset, NULL) ==
		       WX_OK &&
	       !all_nul(type, 4);
}

static bool has_fact(const struct wx_rescue *r)
{
	for (size_t i = 0; i < r->chunks.n; i++)
		if (!strcmp(r->chunks.chunk[i].id, "fact"))
			return true;
	return false;
}

static int64_t padded(int64_t n)
{
	return n + (n & 1);
}

/* RIFF, fmt, and ds64 where 32 bits do not hold the sizes. */
static int put_head(struct copy *c)
{
	const struct wx_rescue *r = c->look;
	const struct wx_wav *w = &r->wav;
	uint64_t riff = (uint64_t)c->size_bytes - 8;
	bool rf64 = riff > UINT32_MAX;

	fputs(rf64 ? "RF64" : "RIFF", c->out);
	put_le(c->out, rf64 ? UINT32_MAX : riff, 4);
	fputs("WAVE", c->out);
	if (rf64) {
		fputs("ds64", c->out);
		put_le(c->out, 28, 4);
		put_le(c->out, riff, 8);
		put_le(c->out, (uint64_t)w->data_bytes, 8);
		put_le(c->out, (uint64_t)w->n_frames, 8);
		put_le(c->out, 0, 4); /* no table of other long chunks */
	}
	fputs("fmt ", c->out);
	put_le(c->out, w->fmt_bytes, 4);
	return copy_bytes(c, w->fmt_offset, w->fmt_bytes);
}

/* The chunks of one side of the sound. */
static int put_chunks(struct copy *c, bool after)
{
	const struct wx_wav_chunks *all = &c->look->chunks;
	int rc = WX_OK;

	for (size_t i = 0; rc == WX_OK && i < all->n; i++) {
		const struct wx_wav_chunk *k = &all->chunk[i];

		if (k->after_data != after || !keep_in(c, k))
			continue;
		fputs(k->id, c->out);
		put_le(c->out, (uint64_t)k->size_bytes, 4);
		rc = copy_bytes(c, k->offset, k->size_bytes);
	}
	return rc;
}

static int put_all(struct copy *c)
{
	const struct wx_wav *w = &c->look->wav;
	int rc = put_head(c);

	if (rc == WX_OK)
		rc = put_chunks(c, false);
	if (rc == WX_OK && has_fact(c->look)) {
		fputs("fact", c->out);
		put_le(c->out, 4, 4);
		put_le(c->out,
		       w->n_frames < UINT32_MAX ? (uint64_t)w->n_frames
						: UINT32_MAX,
		       4);
	}
	if (rc == WX_OK) {
		fputs("data", c->out);
		put_le(c->out,
		       c->size_bytes - 8 > UINT32_MAX ? UINT32_MAX
						      : (uint64_t)w->data_bytes,
		       4);
		rc = copy_bytes(c, w->data_offset, w->data_bytes);
	}
	return rc == WX_OK ? put_chunks(c, true) : rc;
}

/* Size the copy, and say what it holds. */
static void plan(struct copy *c, struct wx_rescued *out)
{
	const struct wx_rescue *r = c->look;
	int64_t size = 12 + 8 + r->wav.fmt_bytes + (has_fact(r) ? 12 : 0) + 8 +
		       padded(r->wav.data_bytes);
	char kept[8 * WX_WAV_MAX_CHUNKS] = "", was[WX_RESCUE_WORDS_SIZE];
	size_t used = 0;

	for (size_t i = 0; i < r->chunks.n; i++) {
		const struct wx_wav_chunk *k = &r->chunks.chunk[i];

		if (!keep_in(c, k))
			continue;
		size += 8 + padded(k->size_bytes);
		used += (size_t)snprintf(kept + used, sizeof(kept) - used,
					 " %s", k->id);
	}
	if (size - 8 > UINT32_MAX)
		size += 8 + 28;
	c->size_bytes = out->size_bytes = size;
	out->n_frames = r->wav.n_frames;
	snprintf(out->text, sizeof(out->text),
		 "%s: %lld frames; the header said %lld bytes of sound, there "
		 "are %lld%s%s",
		 wx_rescue_words(r->damage, was), (long long)out->n_frames,
		 (long long)r->wav.data_declared, (long long)r->wav.data_bytes,
		 *kept ? "; kept" : "", kept);
}

int wx_rescue_copy(int fd, const char *name, const struct wx_rescue *look,
		   const char *to, struct wx_rescued *out, struct wx_error *err)
{
	struct copy c = { .fd = fd, .name = name, .look = look, .err = err };
	struct wx_file *f = NULL;
	int rc;

	*out = (struct wx_rescued){ 0 };
	if (!look->can_copy)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: nothing that a copy would better: %s", name,
			       *look->text ? look->text : "it is whole");
	c.block = malloc(BLOCK);
	if (!c.block)
		return wx_fail_nomem(err);
	plan(&c, out);
	rc = wx_file_create(to, &f, err);
	if (rc == WX_OK) {
		c.out = wx_file_get(f);
		rc = put_all(&c);
	}
	if (rc == WX_OK) {
		rc = wx_file_commit(f, &out->changed, err);
		f = NULL;
	}
	wx_file_abort(f);
	free(c.block);
	return rc;
}
