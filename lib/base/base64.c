/* SPDX-License-Identifier: MIT */
/* lib/base/base64.c: see base64.h. */
#include "base/base64.h"

size_t wx_base64_put(const void *data, size_t n, char *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	const uint8_t *p = data;
	char *w = out;

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t q = (uint32_t)p[i] << 16;

		q |= left > 1 ? (uint32_t)p[i + 1] << 8 : 0;
		q |= left > 2 ? p[i + 2] : 0;
		*w++ = digits[q >> 18];
		*w++ = digits[q >> 12 & 63];
		*w++ = left > 1 ? digits[q >> 6 & 63] : '=';
		*w++ = left > 2 ? digits[q & 63] : '=';
	}
	return (size_t)(w - out);
}

int wx_base64_digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int64_t wx_base64_parse(const char *text, size_t n, uint8_t *out)
{
	size_t pad = 0, to = 0;
	uint32_t bits = 0;

	if (n % 4)
		return -1;
	while (pad < 2 && pad < n && text[n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < n; i++) {
		int d = i >= n - pad ? 0 : wx_base64_digit(text[i]);

		if (d < 0)
			return -1;
		bits = bits << 6 | (uint32_t)d;
		if (i % 4 < 3)
			continue;
		for (int k = 16; k >= 0 && to < n / 4 * 3 - pad; k -= 8)
			out[to++] = (uint8_t)(bits >> k);
		bits = 0;
	}
	return (int64_t)to;
}
