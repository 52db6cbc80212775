/* SPDX-License-Identifier: MIT */
/*
 * lib/report/png.c: see png.h.
 *
 *     89 P N G \r \n 1a \n   then chunks:
 *     length (4, big endian), type (4), data, CRC-32 of type and data (4)
 *
 * IHDR: width, height, depth 8, colour type 3, compression 0, filter 0,
 * interlace 0. PLTE: the colours. IDAT: zlib of the rows, a 0 (no filter)
 * before each. IEND.
 *
 * Source: ISO/IEC 15948:2004, clauses 5 and 11.
 */
#include "report/png.h"

#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

static uint8_t *put32(uint8_t *at, uint32_t v)
{
	for (int i = 3; i >= 0; i--)
		*at++ = (uint8_t)(v >> (8 * i));
	return at;
}

/* A chunk whose n bytes of data lie at at + 8 already; returns its end. */
static uint8_t *chunk(uint8_t *at, const char *type, size_t n)
{
	put32(at, (uint32_t)n);
	memcpy(at + 4, type, 4);
	return put32(at + 8 + n, wx_crc32(0, at + 4, n + 4));
}

int wx_png(const uint8_t *pixel, uint32_t width, uint32_t height,
	   const uint8_t palette[256][3], uint8_t **out, size_t *n,
	   struct wx_error *err)
{
	static const uint8_t magic[] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10 };
	struct libdeflate_compressor *z = libdeflate_alloc_compressor(9);
	size_t n_rows = (size_t)height * (width + 1), room = 0;
	uint8_t *rows = malloc(n_rows + 1), *png = NULL, *at;

	if (z && rows) {
		room = libdeflate_zlib_compress_bound(z, n_rows);
		png = malloc(sizeof(magic) + 4 * 12 + 13 + 768 + room);
	}
	if (!png) {
		free(rows);
		libdeflate_free_compressor(z);
		return wx_fail_nomem(err);
	}
	for (uint32_t y = 0; y < height; y++) {
		rows[y * (size_t)(width + 1)] = 0;
		memcpy(rows + y * (size_t)(width + 1) + 1,
		       pixel + (size_t)y * width, width);
	}
	memcpy(png, magic, sizeof(magic));
	at = png + sizeof(magic);
	put32(put32(at + 8, width), height);
	memcpy(at + 16, "\x08\x03\0\0\0", 5);
	at = chunk(at, "IHDR", 13);
	memcpy(at + 8, palette, 768);
	at = chunk(at, "PLTE", 768);
	at = chunk(at, "IDAT",
		   libdeflate_zlib_compress(z, rows, n_rows, at + 8, room));
	at = chunk(at, "IEND", 0);
	*out = png;
	*n = (size_t)(at - png);
	free(rows);
	libdeflate_free_compressor(z);
	return WX_OK;
}
