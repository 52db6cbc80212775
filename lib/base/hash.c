/* SPDX-License-Identifier: MIT */
/* lib/base/hash.c: see hash.h. */
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"

uint16_t wx_crc16(const void *data, size_t n)
{
	/* crc of each nibble: four steps of the polynomial at once */
	static const uint16_t of[16] = {
		0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
		0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
	};
	const uint8_t *p = data;
	unsigned crc = 0;

	for (size_t i = 0; i < n; i++) {
		crc = (crc << 4 & 0xffff) ^ of[(crc >> 12) ^ (p[i] >> 4)];
		crc = (crc << 4 & 0xffff) ^ of[(crc >> 12) ^ (p[i] & 15)];
	}
	return (uint16_t)crc;
}

struct wx_sha256 {
	EVP_MD_CTX *ctx;
};

uint32_t wx_crc32(uint32_t crc, const void *data, size_t n)
{
	return libdeflate_crc32(crc, data, n);
}

struct wx_sha256 *wx_sha256_new(void)
{
	struct wx_sha256 *h = calloc(1, sizeof(*h));

	if (h && (h->ctx = EVP_MD_CTX_new()) &&
	    EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL))
		return h;
	wx_sha256_free(h);
	return NULL;
}

void wx_sha256_add(struct wx_sha256 *h, const void *data, size_t n)
{
	EVP_DigestUpdate(h->ctx, data, n);
}

void wx_sha256_get(const struct wx_sha256 *h, uint8_t out[WX_SHA256_LEN])
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new();

	/* Fails only without memory; then the digest matches nothing. */
	for (int i = 0; i < WX_SHA256_LEN; i++)
		out[i] = 0;
	if (copy && EVP_MD_CTX_copy_ex(copy, h->ctx))
		EVP_DigestFinal_ex(copy, out, NULL);
	EVP_MD_CTX_free(copy);
}

void wx_sha256_reset(struct wx_sha256 *h)
{
	EVP_DigestInit_ex(h->ctx, NULL, NULL);
}

void wx_sha256_free(struct wx_sha256 *h)
{
	if (!h)
		return;
	EVP_MD_CTX_free(h->ctx);
	free(h);
}

void wx_sha256(const void *data, size_t n, uint8_t out[WX_SHA256_LEN])
{
	EVP_Digest(data, n, out, NULL, EVP_sha256(), NULL);
}

uint64_t wx_text_key(const char *text)
{
	uint8_t digest[WX_SHA256_LEN];
	uint64_t key;

	wx_sha256(text, strlen(text), digest);
	memcpy(&key, digest, sizeof(key));
	return key;
}

void wx_hmac_sha256(const void *key, size_t n_key, const void *data, size_t n,
		    uint8_t out[WX_SHA256_LEN])
{
	HMAC(EVP_sha256(), key, (int)n_key, data, n, out, NULL);
}

void wx_hex(const uint8_t *data, size_t n, char *hex)
{
	for (size_t i = 0; i < n; i++) {
		*hex++ = "0123456789abcdef"[data[i] >> 4];
		*hex++ = "0123456789abcdef"[data[i] & 15];
	}
	*hex = '\0';
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool wx_hex_parse(const char *text, size_t n_text, uint8_t *out, size_t n)
{
	if (n_text != 2 * n)
		return false;
	for (size_t i = 0; i < n; i++) {
		int high = digit_value(text[2 * i]);
		int low = digit_value(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

bool wx_crc32_parse(const char *text, size_t n_text, uint32_t *crc)
{
	uint8_t b[4];

	if (!wx_hex_parse(text, n_text, b, sizeof(b)))
		return false;
	*crc = wx_be32(b);
	return true;
}

int wx_file_hash(const char *path, uint32_t *crc, uint8_t *sha256,
		 uint64_t *size_bytes, struct wx_error *err)
{
	static const size_t room = 1 << 18;
	uint8_t *buf = malloc(room);
	struct wx_sha256 *h = sha256 ? wx_sha256_new() : NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint64_t size = 0;
	uint32_t c = 0;
	ssize_t n = 0;
	int rc = WX_OK;

	if (!buf || (sha256 && !h)) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	if (fd < 0) {
		rc = wx_fail_errno(err, "%s: cannot open", path);
		goto out;
	}
	while ((n = read(fd, buf, room)) != 0) {
		if (n < 0) {
			if (errno == EINTR)
				continue;
			rc = wx_fail_errno(err, "%s: cannot read", path);
			goto out;
		}
		size += (uint64_t)n;
		if (crc)
			c = wx_crc32(c, buf, (size_t)n);
		if (h)
			wx_sha256_add(h, buf, (size_t)n);
	}
	if (crc)
		*crc = c;
	if (sha256)
		wx_sha256_get(h, sha256);
	if (size_bytes)
		*size_bytes = size;
out:
	if (fd >= 0)
		close(fd);
	wx_sha256_free(h);
	free(buf);
	return rc;
}
