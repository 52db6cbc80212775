/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/wav_data.c: where the sound of a WAV file ends, whatever its header
 * says.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "sound/wav_in.h"

enum {
	TAIL_SEARCH = 1 << 16, /* metadata behind data is far smaller */
	NUL_TAIL = 1 << 16,    /* silence is not that exact for that long */
	SECTOR = 512,
	CLUSTER = 4096, /* the least that a card of 1 GB and more has */
};

#define WRAP (INT64_C(1) << 32) /* what a 32-bit size forgets */

const uint8_t *wav_bytes_at(struct wav_source *s, int64_t offset, size_t n)
{
	ssize_t got;

	if (offset < 0 || offset > s->size || s->size - offset < (int64_t)n)
		return NULL;
	if (s->fd < 0)
		return s->mem + offset;
	if (offset >= s->at && offset + (int64_t)n <= s->at + (int64_t)s->n)
		return s->block + (offset - s->at);
	do
		got = pread(s->fd, s->block, sizeof(s->block), offset);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		wx_fail_errno(s->err, "%s: cannot read", s->name);
	else if (got < (ssize_t)n)
		wx_fail(s->err, WX_ERR_IO, "%s: shrank while it was read",
			s->name);
	s->at = offset;
	s->n = got < 0 ? 0 : (size_t)got;
	s->failed |= got < (ssize_t)n;
	return s->failed ? NULL : s->block;
}

bool wav_known_chunk(const uint8_t *id)
{
	static const char known[][5] = {
		"fmt ", "data", "LIST", "guan", "wamd", "bext", "iXML",
		"id3 ", "ID3 ", "fact", "cue ", "smpl", "inst", "JUNK",
		"junk", "PAD ", "FLLR", "ds64", "PEAK", "_PMX", "afsp",
		"aXML", "axml", "chna", "plst", "labl", "note", "DISP",
		"cart", "acid", "umid", "minf", "elm1", "regn", "SAUR"
	};

	for (size_t i = 0; i < WX_COUNT(known); i++)
		if (!memcmp(id, known[i], 4))
			return true;
	return false;
}

int64_t wav_next_chunk(struct wav_source *s, int64_t end, bool odd,
		       bool *no_pad)
{
	const uint8_t *p;

	if (end == s->size - 1)
		return s->size;
	if (!odd || end == s->size)
		return end; /* a pad that is missing at the end is no harm */
	p = wav_bytes_at(s, end, WAV_CHUNK_HEAD);
	if (p && wav_known_chunk(p)) {
		*no_pad = true;
		return end;
	}
	return end + 1;
}

/* Do known chunks lead from `at` exactly to the end of the file? */
static bool chain_to_end(struct wav_source *s, int64_t at)
{
	for (int i = 0; i < 16; i++) {
		const uint8_t *p = wav_bytes_at(s, at, WAV_CHUNK_HEAD);
		bool no_pad = false;
		uint32_t size = p ? wx_le32(p + 4) : 0;

		if (!p || size > s->size - at - WAV_CHUNK_HEAD ||
		    !wav_known_chunk(p))
			return false;
		at = wav_next_chunk(s, at + WAV_CHUNK_HEAD + size, size & 1,
				    &no_pad);
		if (at == s->size)
			return true;
	}
	return false;
}

/*
 * The end of data that has no believable size: the end of the file, or where
 * known chunks start that lead exactly there (an id alone can be sound).
 */
static int64_t data_end(struct wav_source *s, int64_t data_offset)
{
	int64_t at = s->size - TAIL_SEARCH;

	if (at < data_offset)
		at = data_offset;
	while (s->size - at >= WAV_CHUNK_HEAD) {
		const uint8_t *p = wav_bytes_at(s, at, WAV_CHUNK_HEAD);
		int64_t last = (s->fd < 0 ? s->size : s->at + (int64_t)s->n) -
			       WAV_CHUNK_HEAD;

		if (!p)
			break;
		/* A letter first and a size below 16 MiB: most bytes fail. */
		for (; at < last && (p[0] < 'A' || p[7]); p++)
			at++;
		if (chain_to_end(s, at))
			return at;
		at++;
	}
	return s->size;
}

/* Sizes that mean "not known yet": hound, sox, arecord and Oboe leave them. */
static bool placeholder(int64_t declared)
{
	return (declared >= 0x7FFFF000 && declared <= 0x80000000) ||
	       (declared >= 0xFFFFF000 && declared <= 0xFFFFFFFF);
}

/*
 * The size that a plain RIFF above 4 GiB had no room for: the declared one
 * with as many upper bits as lead to the end of the file or to its last
 * chunks. 0: none does.
 */
static int64_t unwrap(struct wav_source *s, int64_t declared,
		      const struct wx_wav *w)
{
	int64_t there = s->size - w->data_offset;
	int64_t size = declared + (there - declared) / WRAP * WRAP;
	bool no_pad;
	int64_t next;

	/* Chunks behind the data are far below 4 GiB: one candidate or two. */
	for (int i = 0; i < 2 && size > declared; i++, size -= WRAP) {
		next = wav_next_chunk(s, w->data_offset + size, size & 1,
				      &no_pad);
		if (next == s->size || chain_to_end(s, next))
			return size;
	}
	return 0;
}

int64_t wav_settle_data(struct wav_source *s, int64_t declared, bool *no_pad,
			struct wx_wav *w)
{
	int64_t there = s->size - w->data_offset, next;
	int64_t whole = there - declared >= WRAP ? unwrap(s, declared, w) : 0;

	w->data_declared = declared;
	if (whole) {
		w->data_bytes = whole;
		w->odd |= WX_WAV_SIZE_FALSE;
		return wav_next_chunk(s, w->data_offset + whole, whole & 1,
				      no_pad);
	}
	if (declared <= there) {
		w->data_bytes = declared;
		next = wav_next_chunk(s, w->data_offset + declared,
				      declared & 1, no_pad);
		if ((declared && declared != 44 && !placeholder(declared)) ||
		    next == s->size || chain_to_end(s, next))
			return next;
		w->odd |= declared ? WX_WAV_SIZE_FALSE : WX_WAV_SIZE_ZERO;
		*no_pad = false;
	}
	next = data_end(s, w->data_offset);
	w->data_bytes = next - w->data_offset;
	/* A tail, or the whole file's size as data's: nothing was cut off. */
	if (declared > there &&
	    (placeholder(declared) || next < s->size || declared == s->size))
		w->odd |= WX_WAV_SIZE_FALSE;
	else if (declared > there)
		w->odd |= WX_WAV_TRUNCATED;
	return next;
}

/* How many NULs end at `end`, none of them before `start`. */
static int64_t nul_run(struct wav_source *s, int64_t start, int64_t end)
{
	int64_t at = end;

	while (at > start) {
		size_t n = sizeof(s->block);
		const uint8_t *p;

		if (at == end) /* mostly there is none: read little */
			n = SECTOR;
		if ((int64_t)n > at - start)
			n = (size_t)(at - start);
		p = wav_bytes_at(s, at - (int64_t)n, n);
		if (!p)
			break;
		for (; n && !p[n - 1]; n--)
			at--;
		if (n)
			break;
	}
	return end - at;
}

void wav_drop_nuls(struct wav_source *s, struct wx_wav *w)
{
	int64_t end = w->data_offset + w->data_bytes;
	bool trusted = !(w->odd & (WX_WAV_SIZE_ZERO | WX_WAV_SIZE_FALSE |
				   WX_WAV_TRUNCATED));
	bool clusters = !trusted && s->size % CLUSTER == 0;
	int64_t least = clusters ? SECTOR : NUL_TAIL;
	int64_t run, kept;

	if (end != s->size || w->data_bytes < least)
		return;
	run = nul_run(s, w->data_offset, end);
	if (run < least || (trusted && run == w->data_bytes))
		return;
	kept = w->data_bytes - run + w->block_align - 1;
	w->data_bytes = kept - kept % w->block_align;
	w->odd |= WX_WAV_PREALLOCATED;
	w->odd &= ~(unsigned)WX_WAV_PART_FRAME;
}
