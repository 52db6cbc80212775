/* SPDX-License-Identifier: MIT */
/* tests/unit/make_wav.h: WAV files made byte by byte, good ones and bad. */
#ifndef WX_MAKE_WAV_H
#define WX_MAKE_WAV_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct bytes {
	uint8_t *p;
	size_t n, room;
};

static inline void put(struct bytes *b, const void *data, size_t n)
{
	if (b->n + n > b->room) {
		b->room = 2 * (b->n + n) + 64;
		b->p = realloc(b->p, b->room);
		if (!b->p)
			abort();
	}
	memcpy(b->p + b->n, data, n);
	b->n += n;
}

static inline void put_text(struct bytes *b, const char *text)
{
	put(b, text, strlen(text));
}

static inline void put_int(struct bytes *b, uint64_t v, int n_bytes)
{
	for (int i = 0; i < n_bytes; i++) {
		uint8_t byte = (uint8_t)(v >> 8 * i);

		put(b, &byte, 1);
	}
}

static inline void put_fmt(struct bytes *b, int tag, int channels, int rate_hz,
			   int bits)
{
	int block = channels * ((bits + 7) / 8);

	put_text(b, "fmt ");
	put_int(b, 16, 4);
	put_int(b, (uint64_t)tag, 2);
	put_int(b, (uint64_t)channels, 2);
	put_int(b, (uint64_t)rate_hz, 4);
	put_int(b, (uint64_t)(rate_hz * block), 4);
	put_int(b, (uint64_t)block, 2);
	put_int(b, (uint64_t)bits, 2);
}

/*
 * Chunks as text: "guan:5 LIST:4" is one of size 5 with a pad and one of 4;
 * "guan:5-" has no pad.
 */
static inline void put_chunks(struct bytes *b, const char *list)
{
	while (list && *list) {
		char id[5] = "";
		int size, used = 0;

		if (sscanf(list, "%4[^:]:%d%n", id, &size, &used) != 2)
			abort();
		put_text(b, id);
		put_int(b, (uint64_t)size, 4);
		for (int i = 0; i < size; i++)
			put(b, "x", 1);
		list += used;
		if (*list == '-')
			list++;
		else if (size & 1)
			put(b, "", 1);
		list += *list == ' ';
	}
}

/* RIFF's size set to that of the file. */
static inline void set_riff_size(struct bytes *b)
{
	for (int i = 0; i < 4; i++)
		b->p[4 + i] = (uint8_t)((b->n - 8) >> 8 * i);
}

#endif
