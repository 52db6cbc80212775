/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/wav.c: walk the chunks of a WAV file.
 *
 *     "RIFF" u32 size "WAVE"       "RF64" or "BW64", 0xFFFFFFFF: sizes in ds64
 *       "ds64" u32 size  u64 riff, u64 data, u64 frames, ...
 *       "fmt " u32 size  u16 tag, u16 channels, u32 rate, u32 bytes a second,
 *                        u16 block align, u16 bits [, u16 22, u16 valid bits,
 *                        u32 speakers, 16-byte GUID that starts with the tag]
 *       "data" u32 size  frames
 *       any other, before and after: "LIST" "guan" "wamd" "bext" ...
 *
 * All little-endian; a chunk of odd size is followed by a pad byte that does
 * not count, and that recorders forget (AudioMoth after "guan").
 *
 * Source: Multimedia Programming Interface and Data Specifications 1.0 (1991);
 * Microsoft, "Multiple Channel Audio Data and WAVE Files"; EBU Tech 3306.
 */
#include "sound/wav.h"

#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/text.h"
#include "sound/wav_in.h"

enum {
	TAG_PCM = 1,
	TAG_FLOAT = 3,
	TAG_EXTENSIBLE = 0xFFFE,
	FMT_MIN = 16,
	FMT_EXTENSIBLE = 40,
	MAX_CHUNKS = 10000,
};

/* The rest of an extensible format's GUID, after its tag. */
static const uint8_t guid_rest[14] = {
	0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
	0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71
};

struct walk {
	bool never_pad; /* take no chunk for padded */
	bool has_fmt, has_data;
	int64_t ds64_data; /* -1: no ds64 */
	int64_t end;       /* one past the last chunk that was walked */
	bool no_pad, torn; /* torn: a chunk passes the end of the file */
	struct wx_wav_chunks *chunks; /* NULL: nobody asks */
};

static int parse_fmt(struct wav_source *s, int64_t at, uint32_t size,
		     struct wx_wav *w)
{
	const uint8_t *p = wav_bytes_at(s, at, FMT_MIN);

	if (size < FMT_MIN || !p)
		return -1;
	w->fmt_offset = at;
	w->fmt_bytes = FMT_MIN;
	w->tag = wx_le16(p);
	w->channels = wx_le16(p + 2);
	w->rate_hz = wx_le32(p + 4);
	w->block_align = wx_le16(p + 12);
	w->bits = wx_le16(p + 14);
	if (w->tag == TAG_EXTENSIBLE && size >= FMT_EXTENSIBLE) {
		p = wav_bytes_at(s, at, FMT_EXTENSIBLE);
		if (!p)
			return -1;
		w->fmt_bytes = FMT_EXTENSIBLE;
		if (!memcmp(p + 26, guid_rest, sizeof(guid_rest)))
			w->tag = wx_le16(p + 24);
		if (wx_le16(p + 18) && wx_le16(p + 18) < w->bits)
			w->bits = wx_le16(p + 18);
	}
	return 0;
}

/* Is what fmt says possible? Sets code and sample_bytes. */
static bool settle_format(struct wx_wav *w)
{
	int bytes;

	if (w->channels < 1 || w->channels > WX_WAV_MAX_CHANNELS ||
	    w->rate_hz < WX_WAV_MIN_RATE_HZ ||
	    w->rate_hz > WX_WAV_MAX_RATE_HZ || w->block_align < 1)
		return false;
	w->code = WX_WAV_OTHER;
	if (w->tag != TAG_PCM && w->tag != TAG_FLOAT)
		return true;
	bytes = (int)w->block_align / w->channels;
	if ((int)w->block_align % w->channels || w->bits < 1 ||
	    w->bits > bytes * 8)
		return false;
	if (w->tag == TAG_PCM && bytes <= 4)
		w->code = WX_WAV_PCM;
	else if (w->tag == TAG_FLOAT && (bytes == 4 || bytes == 8))
		w->code = WX_WAV_FLOAT;
	w->sample_bytes = bytes;
	return true;
}

/* Note down a chunk of `declared` bytes from offset on. */
static void note_chunk(const struct wav_source *s, const struct walk *k,
		       const uint8_t *id, int64_t offset, uint32_t declared)
{
	int64_t there = s->size - offset;
	struct wx_wav_chunk *c;

	if (!k->chunks || k->chunks->n == WX_WAV_MAX_CHUNKS)
		return;
	c = &k->chunks->chunk[k->chunks->n++];
	*c = (struct wx_wav_chunk){
		.after_data = k->has_data,
		.offset = offset,
		.declared = declared,
		.size_bytes = declared < there ? declared : there,
	};
	memcpy(c->id, id, 4);
}

static void walk_chunks(struct wav_source *s, struct walk *k, struct wx_wav *w)
{
	int64_t at = 12;

	k->end = at;
	for (int i = 0; i < MAX_CHUNKS; i++) {
		const uint8_t *p = wav_bytes_at(s, at, WAV_CHUNK_HEAD);
		uint32_t size;
		bool is_data;

		if (!p || (k->has_data && !wav_known_chunk(p)))
			return;
		size = wx_le32(p + 4);
		is_data = !memcmp(p, "data", 4) && !k->has_data;
		if (!memcmp(p, "ds64", 4)) {
			p = wav_bytes_at(s, at + WAV_CHUNK_HEAD, 16);
			if (p && !(wx_le32(p + 12) >> 31))
				k->ds64_data = (int64_t)wx_le32(p + 12) << 32 |
					       (int64_t)wx_le32(p + 8);
		} else if (!memcmp(p, "fmt ", 4) && !k->has_fmt) {
			k->has_fmt =
				!parse_fmt(s, at + WAV_CHUNK_HEAD, size, w);
		} else if (!is_data) {
			note_chunk(s, k, p, at + WAV_CHUNK_HEAD, size);
		}
		at += WAV_CHUNK_HEAD;
		if (is_data) {
			bool in_ds64 = s->rf64 && size == UINT32_MAX &&
				       k->ds64_data >= 0;

			k->has_data = true;
			w->data_offset = at;
			at = wav_settle_data(s, in_ds64 ? k->ds64_data : size,
					     &k->no_pad, w);
		} else {
			at = wav_next_chunk(s, at + size,
					    size & 1 && !k->never_pad,
					    &k->no_pad);
		}
		k->torn = at > s->size + 1;
		k->end = at < s->size ? at : s->size;
	}
}

/* Walk; where pads led past the data chunk, once more as if there were none. */
static struct walk walk_twice(struct wav_source *s,
			      struct wx_wav_chunks *chunks, struct wx_wav *w)
{
	const struct walk fresh = { .ds64_data = -1, .chunks = chunks };
	struct walk k = fresh, again = fresh;
	struct wx_wav_chunks found = { .n = 0 };
	struct wx_wav w2 = { .file_bytes = s->size };

	walk_chunks(s, &k, w);
	if (k.has_data || s->failed)
		return k;
	again.never_pad = true;
	again.chunks = chunks ? &found : NULL;
	walk_chunks(s, &again, &w2);
	if (!again.has_data || !again.has_fmt)
		return k;
	again.no_pad = true;
	again.chunks = chunks;
	if (chunks)
		*chunks = found;
	*w = w2;
	return again;
}

static int fail_fmt(const struct wav_source *s, const struct walk *k,
		    struct wx_wav *w)
{
	w->odd |= WX_WAV_BAD_FORMAT;
	if (!k->has_fmt)
		return wx_fail(s->err, WX_ERR_FORMAT,
			       "%s: no fmt chunk that can be read; expected a "
			       "WAV file",
			       s->name);
	return wx_fail(s->err, WX_ERR_FORMAT,
		       "%s: fmt chunk: tag %u, %d channels, %u Hz, %d bits, "
		       "%u bytes a frame; expected 1 to %d channels, %d to %d "
		       "Hz, frames that hold their samples",
		       s->name, w->tag, w->channels, (unsigned)w->rate_hz,
		       w->bits, (unsigned)w->block_align, WX_WAV_MAX_CHANNELS,
		       WX_WAV_MIN_RATE_HZ, WX_WAV_MAX_RATE_HZ);
}

static int fail_head(struct wav_source *s, struct wx_wav *w)
{
	size_t n = s->size < 16 ? (size_t)s->size : 16;
	const uint8_t *p = wav_bytes_at(s, 0, n);
	char quoted[WX_QUOTE_SIZE];

	if (!p)
		return WX_ERR_IO;
	w->odd |= n ? WX_WAV_NOT_WAV : WX_WAV_EMPTY;
	if (!n)
		return wx_fail(s->err, WX_ERR_FORMAT,
			       "%s: 0 bytes; expected a WAV file", s->name);
	return wx_fail(s->err, WX_ERR_FORMAT,
		       "%s: starts with '%s'; expected RIFF or RF64 and WAVE",
		       s->name, wx_quote((const char *)p, n, quoted));
}

static int probe(struct wav_source *s, struct wx_wav *w,
		 struct wx_wav_chunks *chunks)
{
	const uint8_t *p = wav_bytes_at(s, 0, 12);
	uint32_t riff_declared;
	struct walk k;

	*w = (struct wx_wav){ .file_bytes = s->size };
	if (s->failed)
		return WX_ERR_IO;
	if (!p || memcmp(p + 8, "WAVE", 4) ||
	    (memcmp(p, "RIFF", 4) && memcmp(p, "RF64", 4) &&
	     memcmp(p, "BW64", 4)))
		return fail_head(s, w);
	s->rf64 = p[0] != 'R' || p[1] == 'F';
	riff_declared = wx_le32(p + 4);
	k = walk_twice(s, chunks, w);
	if (s->failed)
		return WX_ERR_IO;
	if ((int64_t)riff_declared + 8 != s->size && !s->rf64)
		w->odd |= WX_WAV_RIFF_SIZE;
	if (k.no_pad)
		w->odd |= WX_WAV_NO_PAD;
	if (k.has_data && k.end < s->size)
		w->odd |= WX_WAV_TAIL;
	if (!k.has_fmt || !settle_format(w))
		return fail_fmt(s, &k, w);
	if (!k.has_data) {
		w->odd |= WX_WAV_NO_FRAMES | (k.torn ? WX_WAV_TRUNCATED : 0);
		return wx_fail(s->err, WX_ERR_FORMAT,
			       "%s: no data chunk in %lld bytes; expected a "
			       "WAV file with sound",
			       s->name, (long long)s->size);
	}
	if (w->code != WX_WAV_OTHER) {
		w->n_frames = w->data_bytes / w->block_align;
		if (w->data_bytes % w->block_align)
			w->odd |= WX_WAV_PART_FRAME;
		wav_drop_nuls(s, w);
		w->n_frames = w->data_bytes / w->block_align;
		w->data_bytes = w->n_frames * w->block_align;
	}
	if (s->failed)
		return WX_ERR_IO;
	if (!w->data_bytes)
		w->odd |= WX_WAV_NO_FRAMES;
	return WX_OK;
}

int wx_wav_chunks_fd(int fd, const char *name, struct wx_wav *out,
		     struct wx_wav_chunks *chunks, struct wx_error *err)
{
	struct wav_source s = { .fd = fd, .name = name, .err = err };
	struct stat st;

	*out = (struct wx_wav){ 0 };
	if (chunks)
		chunks->n = 0;
	if (fstat(fd, &st))
		return wx_fail_errno(err, "%s: cannot read", name);
	if (!S_ISREG(st.st_mode))
		return wx_fail(err, WX_ERR_IO, "%s: not a regular file", name);
	s.size = st.st_size;
	return probe(&s, out, chunks);
}

int wx_wav_chunks_mem(const void *data, size_t n, const char *name,
		      struct wx_wav *out, struct wx_wav_chunks *chunks,
		      struct wx_error *err)
{
	struct wav_source s = {
		.fd = -1,
		.mem = data,
		.name = name,
		.size = (int64_t)n,
		.err = err,
	};

	if (chunks)
		chunks->n = 0;
	return probe(&s, out, chunks);
}

int wx_wav_probe_fd(int fd, const char *name, struct wx_wav *out,
		    struct wx_error *err)
{
	return wx_wav_chunks_fd(fd, name, out, NULL, err);
}

int wx_wav_probe_mem(const void *data, size_t n, const char *name,
		     struct wx_wav *out, struct wx_error *err)
{
	return wx_wav_chunks_mem(data, n, name, out, NULL, err);
}

const char *wx_wav_words(unsigned odd, char buf[WX_WAV_WORDS_SIZE])
{
	static const char *const words[] = {
		"empty",     "not_wav",    "bad_format", "no_frames",
		"size_zero", "size_false", "truncated",  "part_frame",
		"tail",      "no_pad",     "riff_size",  "preallocated",
	};

	return wx_words(odd, words, WX_COUNT(words), buf);
}

static uint8_t *put_le(uint8_t *p, uint32_t v, int n_bytes)
{
	for (int i = 0; i < n_bytes; i++)
		*p++ = (uint8_t)(v >> 8 * i);
	return p;
}

void wx_wav_header(const struct wx_wav *wav, uint32_t n_bytes,
		   uint8_t out[WX_WAV_HEADER_SIZE])
{
	uint8_t *p = out;

	memcpy(p, "RIFF", 4);
	/* An odd data chunk is padded; RIFF's size counts the pad. */
	p = put_le(p + 4, n_bytes + (n_bytes & 1) + WX_WAV_HEADER_SIZE - 8, 4);
	memcpy(p, "WAVEfmt ", 8);
	p = put_le(p + 8, FMT_MIN, 4);
	p = put_le(p, wav->code == WX_WAV_FLOAT ? TAG_FLOAT : TAG_PCM, 2);
	p = put_le(p, (uint32_t)wav->channels, 2);
	p = put_le(p, wav->rate_hz, 4);
	p = put_le(p, wav->rate_hz * wav->block_align, 4);
	p = put_le(p, wav->block_align, 2);
	p = put_le(p, (uint32_t)wav->sample_bytes * 8, 2);
	memcpy(p, "data", 4);
	put_le(p + 4, n_bytes, 4);
}
