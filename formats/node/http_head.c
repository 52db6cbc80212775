/* SPDX-License-Identifier: MIT */
/* formats/node/http_head.c: see http_head.h. */
#include "node/http_head.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/text.h"

static void trim(const char **text, size_t *n)
{
	while (*n && isspace((unsigned char)**text)) {
		(*text)++;
		(*n)--;
	}
	while (*n && isspace((unsigned char)(*text)[*n - 1]))
		(*n)--;
}

/* Digits up to the end or the first other character; false when none. */
static bool take_number(const char **p, const char *end, int64_t *out)
{
	const char *start = *p;

	while (*p < end && isdigit((unsigned char)**p))
		(*p)++;
	return wx_i64_parse(start, (size_t)(*p - start), out);
}

bool wx_http_range(const char *text, size_t n, int64_t *start, int64_t *end,
		   int64_t *total)
{
	const char *p, *stop;

	trim(&text, &n);
	if (n < 6 || strncasecmp(text, "bytes ", 6) != 0)
		return false;
	p = text + 6;
	stop = text + n;
	if (!take_number(&p, stop, start) || p == stop || *p++ != '-' ||
	    !take_number(&p, stop, end) || p == stop || *p++ != '/')
		return false;
	*total = -1;
	if (stop - p == 1 && *p == '*')
		p++;
	else if (!take_number(&p, stop, total) || *total <= *end)
		return false;
	return p == stop && *end >= *start;
}

bool wx_http_etag(const char *text, size_t n, struct wx_node_head *head)
{
	trim(&text, &n);
	head->etag[0] = '\0';
	head->has_crc = false;
	if (n < 2 || n >= sizeof(head->etag) || text[0] != '"' ||
	    text[n - 1] != '"')
		return false;
	for (size_t i = 1; i < n - 1; i++)
		if (text[i] == '"' || (unsigned char)text[i] <= ' ' ||
		    (unsigned char)text[i] >= 0x7f)
			return false;
	memcpy(head->etag, text, n);
	head->etag[n] = '\0';
	if (n < 12 || text[9] != '-' ||
	    !wx_i64_parse(text + 10, n - 11, &head->etag_len) ||
	    !isdigit((unsigned char)text[10]))
		return true;
	head->has_crc = wx_crc32_parse(text + 1, 8, &head->crc);
	return true;
}

bool wx_http_repr_digest(const char *text, size_t n,
			 uint8_t sha256[WX_SHA256_LEN])
{
	enum { N_BASE64 = WX_BASE64_LEN(WX_SHA256_LEN) };
	static const char key[] = "sha-256=:";
	const size_t n_key = sizeof(key) - 1;
	const char *end = text + n;
	const char *p = text;
	uint8_t bytes[N_BASE64];

	for (;; p++) {
		if ((size_t)(end - p) < n_key + N_BASE64 + 1)
			return false;
		if (strncasecmp(p, key, n_key) == 0 &&
		    (p == text || p[-1] == ',' ||
		     isspace((unsigned char)p[-1])))
			break;
	}
	p += n_key;
	if (p[N_BASE64] != ':' ||
	    wx_base64_parse(p, N_BASE64, bytes) != WX_SHA256_LEN)
		return false;
	memcpy(sha256, bytes, WX_SHA256_LEN);
	return true;
}

char *wx_http_path(const char *name)
{
	char *out = malloc(3 * strlen(name) + 1);
	char *p = out;

	if (!out)
		return NULL;
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if ((c < 0x80 && isalnum(c)) || strchr("-._~/", c)) {
			*p++ = (char)c;
		} else {
			*p++ = '%';
			*p++ = "0123456789ABCDEF"[c >> 4];
			*p++ = "0123456789ABCDEF"[c & 15];
		}
	}
	*p = '\0';
	return out;
}
