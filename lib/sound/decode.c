/* SPDX-License-Identifier: MIT */
/* lib/sound/decode.c: see decode.h. */
#include "sound/decode.h"

#include <endian.h>
#include <math.h>
#include <string.h>

static uint32_t decode_pcm(const struct wx_wav *w, const uint8_t *frames, int c,
			   size_t n, float *x)
{
	const uint8_t *p = frames + c * w->sample_bytes;
	uint32_t all = 0;

	for (size_t i = 0; i < n; i++, p += w->block_align) {
		uint32_t u = 0;

		for (int k = 0; k < w->sample_bytes; k++)
			u |= (uint32_t)p[k] << (8 * (4 - w->sample_bytes + k));
		if (w->sample_bytes == 1)
			u ^= 0x80000000; /* 8 bits have no sign */
		all |= u;
		x[i] = (float)(int32_t)u * 0x1p-31f;
	}
	return all;
}

/* By far the commonest coding, 16 bit and one channel, in vector code. */
static uint32_t decode_16(const uint8_t *frames, size_t n, float *x)
{
	int16_t v[WX_LANES], all[WX_LANES] = { 0 };
	uint32_t any = 0;
	size_t i = 0;

	for (; i + WX_LANES <= n; i += WX_LANES) {
		memcpy(v, frames + 2 * i, sizeof(v));
		for (int j = 0; j < WX_LANES; j++) {
			int16_t s = (int16_t)le16toh(v[j]);

			all[j] |= s;
			x[i + j] = (float)s * 0x1p-15f;
		}
	}
	for (; i < n; i++) {
		memcpy(v, frames + 2 * i, 2);
		all[0] |= (int16_t)le16toh(v[0]);
		x[i] = (float)(int16_t)le16toh(v[0]) * 0x1p-15f;
	}
	for (int j = 0; j < WX_LANES; j++)
		any |= (uint16_t)all[j];
	return any << 16;
}

static void decode_float(const struct wx_wav *w, const uint8_t *frames, int c,
			 size_t n, float *x)
{
	const uint8_t *p = frames + c * w->sample_bytes;

	for (size_t i = 0; i < n; i++, p += w->block_align) {
		uint64_t u = 0;
		double f64;
		float f32;

		memcpy(&u, p, (size_t)w->sample_bytes);
		u = le64toh(u);
		if (w->sample_bytes == 4) {
			uint32_t low = (uint32_t)u;

			memcpy(&f32, &low, sizeof(f32));
			f64 = (double)f32;
		} else {
			memcpy(&f64, &u, sizeof(f64));
		}
		x[i] = fabs(f64) <= 1000 ? (float)f64 : 0;
	}
}

int wx_decode(const struct wx_wav *w, const uint8_t *frames, int c, size_t n,
	      float *x)
{
	uint32_t all;

	if (w->code != WX_WAV_PCM) {
		decode_float(w, frames, c, n, x);
		return 0;
	}
	if (w->block_align == 2 && w->sample_bytes == 2)
		all = decode_16(frames, n, x);
	else
		all = decode_pcm(w, frames, c, n, x);
	return all ? 32 - __builtin_ctz(all) : 0;
}
