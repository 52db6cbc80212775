/* SPDX-License-Identifier: MIT */
/*
 * lib/base/bytes.h: integers as they lie in files and on wires, at any
 * alignment.
 */
#ifndef WX_BASE_BYTES_H
#define WX_BASE_BYTES_H

#include <stdint.h>

static inline uint16_t wx_le16(const void *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t wx_le32(const void *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return (uint32_t)wx_le16(p) | (uint32_t)wx_le16(p + 2) << 16;
}

static inline uint64_t wx_le64(const void *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return (uint64_t)wx_le32(p) | (uint64_t)wx_le32(p + 4) << 32;
}

static inline uint16_t wx_be16(const void *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t wx_be32(const void *at)
{
	const uint8_t *p = (const uint8_t *)at;

	return (uint32_t)wx_be16(p) << 16 | (uint32_t)wx_be16(p + 2);
}

#endif
