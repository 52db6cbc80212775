/* SPDX-License-Identifier: MIT */
/* lib/base/base64.h: base64 with padding, RFC 4648 section 4. */
#ifndef WX_BASE_BASE64_H
#define WX_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>

/* Characters that n bytes become. */
#define WX_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes WX_BASE64_LEN(n) characters and no NUL; returns how many. */
size_t wx_base64_put(const void *data, size_t n, char *out);

/* 0 to 63; -1: no digit. */
int wx_base64_digit(char c);

/*
 * The bytes of text[0..n), all of it and nothing else: how many; -1: it is no
 * base64. out has room for n / 4 * 3.
 */
int64_t wx_base64_parse(const char *text, size_t n, uint8_t *out);

#endif
