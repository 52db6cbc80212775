/* SPDX-License-Identifier: MIT */
/*
 * lib/base/hash.h: CRC-32 by libdeflate, SHA-256 and HMAC by OpenSSL's
 * libcrypto.
 */
#ifndef WX_BASE_HASH_H
#define WX_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { WX_SHA256_LEN = 32, WX_SHA256_HEX = 65, WX_CRC32_HEX = 9 };

/* CRC-32 of zlib; start with crc 0, go on with the last result. */
uint32_t wx_crc32(uint32_t crc, const void *data, size_t n);

/*
 * CRC-16, polynomial 0x1021, initial value 0, not reflected ("XMODEM"): of SMP
 * and of Davis consoles. Over data and its CRC, high byte first, it is 0.
 */
uint16_t wx_crc16(const void *data, size_t n);

struct wx_sha256; /* a hash under way */

struct wx_sha256 *wx_sha256_new(void); /* NULL when out of memory */
void wx_sha256_add(struct wx_sha256 *h, const void *data, size_t n);
/* The digest so far; more may be added afterwards. */
void wx_sha256_get(const struct wx_sha256 *h, uint8_t out[WX_SHA256_LEN]);
void wx_sha256_reset(struct wx_sha256 *h);
void wx_sha256_free(struct wx_sha256 *h);

void wx_sha256(const void *data, size_t n, uint8_t out[WX_SHA256_LEN]);
/*
 * The first 8 bytes of a text's SHA-256, to know it by: among a million texts
 * two meet once in 10^7 times.
 */
uint64_t wx_text_key(const char *text);
/* Lower-case hexadecimal with NUL: hex holds 2 n + 1 characters. */
void wx_hex(const uint8_t *data, size_t n, char *hex);
/* Back: true if text[0..n_text) is n bytes in hexadecimal and nothing else. */
bool wx_hex_parse(const char *text, size_t n_text, uint8_t *out, size_t n);
/* A CRC-32 in its eight digits. */
bool wx_crc32_parse(const char *text, size_t n_text, uint32_t *crc);
void wx_hmac_sha256(const void *key, size_t n_key, const void *data, size_t n,
		    uint8_t out[WX_SHA256_LEN]);

/* CRC-32 and SHA-256 (either may be NULL) of a whole file, and its size. */
int wx_file_hash(const char *path, uint32_t *crc, uint8_t *sha256,
		 uint64_t *size_bytes, struct wx_error *err);

#endif
