/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/wav_in.h: what wav.c (which chunks there are) and wav_data.c (where
 * the sound ends) share; nobody else includes it.
 */
#ifndef WX_SOUND_WAV_IN_H
#define WX_SOUND_WAV_IN_H

#include "sound/wav.h"

enum { WAV_CHUNK_HEAD = 8 };

/* A file, or memory that stands for one; reads go through one small block. */
struct wav_source {
	int fd; /* -1: memory */
	const uint8_t *mem;
	const char *name;
	int64_t size;
	struct wx_error *err;
	bool rf64;
	bool failed; /* a read failed; err tells */
	int64_t at;  /* of the block below */
	size_t n;
	uint8_t block[4096];
};

/* n bytes at offset, n up to a block; NULL past the end or on failure. */
const uint8_t *wav_bytes_at(struct wav_source *s, int64_t offset, size_t n);

/* Is it an id of those known to stand beside data, before it or behind it? */
bool wav_known_chunk(const uint8_t *id);

/*
 * Where the chunk after one that ends at `end` starts; odd: pad or none? The
 * last chunk of a file may be padded without need.
 */
int64_t wav_next_chunk(struct wav_source *s, int64_t end, bool odd,
		       bool *no_pad);

/*
 * Settle how many bytes of data there are, and return where to walk on; the
 * end of the file if nothing can follow. A size of 0 or 44 is believed only
 * when chunks or the end of the file follow: recorders that lose power leave
 * it before all their sound.
 */
int64_t wav_settle_data(struct wav_source *s, int64_t declared, bool *no_pad,
			struct wx_wav *w);

/* Take NULs that stand in for sound off the end of the data. */
void wav_drop_nuls(struct wav_source *s, struct wx_wav *w);

#endif
