/* SPDX-License-Identifier: MIT */
/* lib/base/text.c: see text.h. */
#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *wx_strf(const char *fmt, ...)
{
	va_list args;
	char *out = NULL;
	int n;

	va_start(args, fmt);
	n = vasprintf(&out, fmt, args);
	va_end(args);
	return n < 0 ? NULL : out;
}

const char *wx_words(unsigned bits, const char *const *word, size_t n,
		     char *buf)
{
	char *p = buf;

	*p = '\0';
	for (size_t i = 0; i < n; i++)
		if (bits >> i & 1) {
			if (p > buf)
				*p++ = ' ';
			p = stpcpy(p, word[i]);
		}
	return buf;
}

static const double pow10_exact[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,
				      1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
				      1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
				      1e18, 1e19, 1e20, 1e21, 1e22 };

/* What the short way cannot do exactly: many digits or an exponent. */
static bool f64_parse_slow(const char *text, size_t n, double *out)
{
	char buf[400];
	char *end;

	if (n >= sizeof(buf))
		return false;
	for (size_t i = 0; i < n; i++)
		if (!isdigit((unsigned char)text[i]) &&
		    !memchr("+-.eE", text[i], 5))
			return false;
	memcpy(buf, text, n);
	buf[n] = '\0';
	*out = strtod(buf, &end); /* the tools keep the C locale */
	return n > 0 && *end == '\0';
}

bool wx_f64_parse(const char *text, size_t n, double *out)
{
	const char *p = text, *end = text + n;
	bool negative = false;
	uint64_t mantissa = 0;
	int n_digits = 0, n_decimals = 0;

	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	for (; p < end && *p >= '0' && *p <= '9'; p++, n_digits++)
		mantissa = mantissa * 10 + (uint64_t)(*p - '0');
	if (p < end && *p == '.')
		for (p++; p < end && *p >= '0' && *p <= '9'; p++, n_decimals++)
			mantissa = mantissa * 10 + (uint64_t)(*p - '0');
	n_digits += n_decimals;
	/*
	 * Both parts are exact up to 15 digits, and a quotient of exact parts
	 * is correctly rounded (Clinger's fast path).
	 */
	if (p != end || n_digits == 0 || n_digits > 15)
		return n_digits && f64_parse_slow(text, n, out);
	*out = (double)mantissa / pow10_exact[n_decimals];
	if (negative)
		*out = -*out;
	return true;
}

bool wx_i64_parse(const char *text, size_t n, int64_t *out)
{
	const char *p = text, *end = text + n;
	bool negative = false;
	int64_t v = 0;

	if (p < end && (*p == '-' || *p == '+'))
		negative = *p++ == '-';
	if (p == end)
		return false;
	for (; p < end; p++) {
		if (*p < '0' || *p > '9' || __builtin_mul_overflow(v, 10, &v) ||
		    __builtin_sub_overflow(v, *p - '0', &v))
			return false; /* gathered as a negative number */
	}
	if (!negative && v == INT64_MIN)
		return false;
	*out = negative ? v : -v;
	return true;
}

/* Decimal digits of v, and at least so many. */
static int n_digits(uint64_t v, int least)
{
	static const uint64_t pow10_u64[] = { 1u,
					      10u,
					      100u,
					      1000u,
					      10000u,
					      100000u,
					      1000000u,
					      10000000u,
					      100000000u,
					      1000000000u,
					      10000000000u,
					      100000000000u,
					      1000000000000u,
					      10000000000000u,
					      100000000000000u,
					      1000000000000000u,
					      10000000000000000u,
					      100000000000000000u,
					      1000000000000000000u,
					      10000000000000000000u };
	int n = least;

	while (n < (int)WX_COUNT(pow10_u64) && v >= pow10_u64[n])
		n++;
	return n;
}

int wx_i64_format(int64_t v, char buf[24])
{
	uint64_t u = v < 0 ? -(uint64_t)v : (uint64_t)v;
	int len = n_digits(u, 1) + (v < 0);
	char *p = buf + len;

	*p = '\0';
	do {
		*--p = (char)('0' + u % 10);
		u /= 10;
	} while (u);
	if (v < 0)
		*--p = '-';
	return len;
}

int wx_f64_format(double v, int decimals, char buf[WX_NUM_SIZE])
{
	double scaled = fabs(v) * pow10_exact[decimals];

	if (!(scaled < 9e15)) { /* not exact in 2^53, or no number */
		buf[0] = '\0';
		return isfinite(v)
			       ? snprintf(buf, WX_NUM_SIZE, "%.*f", decimals, v)
			       : 0;
	}

	uint64_t u = (uint64_t)(scaled + 0.5);
	bool negative = v < 0 && u;
	int n = n_digits(u, decimals + 1); /* a 0 before the point */
	char *p = buf + negative + n + (decimals > 0);

	*p = '\0';
	for (int i = 0; i < n; i++) {
		if (i && i == decimals)
			*--p = '.';
		*--p = (char)('0' + u % 10);
		u /= 10;
	}
	if (negative)
		*--p = '-';
	return negative + n + (decimals > 0);
}

/* Length of the UTF-8 sequence at p, 0 if it is malformed. */
static size_t utf8_len(const unsigned char *p, size_t n)
{
	uint32_t cp;
	size_t len;

	if (p[0] < 0x80)
		return 1;
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || len > n)
		return 0;
	cp = p[0] & (0xffu >> (len + 1));
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		cp = cp << 6 | (p[i] & 0x3fu);
	}
	if ((len == 3 && cp < 0x800) || (len == 4 && cp < 0x10000) ||
	    cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff))
		return 0;
	return len;
}

bool wx_utf8_valid(const char *text, size_t n)
{
	const unsigned char *p = (const unsigned char *)text;

	while (n) {
		size_t len = utf8_len(p, n);

		if (!len)
			return false;
		p += len;
		n -= len;
	}
	return true;
}

static int part_check(const char *part, size_t n, struct wx_error *err)
{
	if (n == 0)
		return wx_fail(err, WX_ERR_FORMAT, "has an empty part");
	if (part[0] == '.')
		return wx_fail(err, WX_ERR_FORMAT,
			       "has a part that starts with '.'");
	if (n > 200)
		return wx_fail(err, WX_ERR_FORMAT,
			       "has a part of over 200 bytes");
	return WX_OK;
}

int wx_name_check(const char *name, struct wx_error *err)
{
	size_t n = strlen(name);

	if (n > 1000)
		return wx_fail(err, WX_ERR_FORMAT, "is over 1000 bytes");
	if (name[0] == '/')
		return wx_fail(err, WX_ERR_FORMAT, "is an absolute path");
	if (!wx_utf8_valid(name, n))
		return wx_fail(err, WX_ERR_FORMAT, "is not UTF-8");
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)name[i] < 0x20 || name[i] == 0x7f ||
		    name[i] == '\\')
			return wx_fail(err, WX_ERR_FORMAT,
				       "holds a control character or '\\'");
	for (const char *part = name;;) {
		size_t len = strcspn(part, "/");
		int rc = part_check(part, len, err);

		if (rc || !part[len])
			return rc;
		part += len + 1;
	}
}

bool wx_id_valid(const char *id)
{
	size_t n = strspn(id, "abcdefghijklmnopqrstuvwxyz"
			      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

	return n > 0 && n <= 64 && !id[n] && id[0] != '.' && id[0] != '-';
}

const char *wx_quote(const char *text, size_t n, char buf[WX_QUOTE_SIZE])
{
	size_t shown = n > 80 ? 80 : n;
	char *p = buf;

	for (size_t i = 0; i < shown; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c < 0x7f)
			*p++ = (char)c;
		else
			p += sprintf(p, "\\x%02X", c);
	}
	strcpy(p, n > shown ? "..." : "");
	return buf;
}

bool wx_words_have(const char *words, const char *word)
{
	size_t n = *words ? strlen(word) : 0;

	while (*words) {
		size_t len = strcspn(words, " ");

		if (len == n && n && !memcmp(words, word, n))
			return true;
		words += len + strspn(words + len, " ");
	}
	return false;
}
