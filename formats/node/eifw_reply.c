/* SPDX-License-Identifier: MIT */
/* formats/node/eifw_reply.c: replies to AT commands; see eifw_text.h. */
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "node/eifw_text.h"

enum { PROMPT_LEN = 2 };

static const char *find(const char *text, size_t n, const char *what)
{
	return memmem(text, n, what, strlen(what));
}

bool wx_eifw_has_prompt(const char *text, size_t n)
{
	if (n < PROMPT_LEN || memcmp(text + n - PROMPT_LEN, "> ", 2) != 0)
		return false;
	return n == PROMPT_LEN || text[n - 3] == '\n' || text[n - 3] == '\r';
}

bool wx_eifw_body(const char *text, size_t n, const char *command,
		  const char **body, size_t *n_body)
{
	const char *echo = find(text, n, command);
	const char *p, *end = text + n;

	if (!echo || (echo > text && echo[-1] != '\n' && echo[-1] != '\r' &&
		      echo[-1] != ' '))
		return false;
	p = echo + strlen(command);
	if (p == end || (*p != '\r' && *p != '\n'))
		return false; /* more was understood than was said */
	if (wx_eifw_has_prompt(text, n))
		end -= PROMPT_LEN;
	*body = p;
	*n_body = end > p ? (size_t)(end - p) : 0;
	return true;
}

const char *wx_eifw_complaint(const char *body, size_t n, size_t *n_line)
{
	static const char *const words[] = {
		"Not a valid AT command",
		"Command not found!",
		"No handler for command!",
		"Missing argument!",
		"Too few arguments!",
		"ERR:",
		"Failed to",
	};

	for (size_t i = 0; i < WX_COUNT(words); i++) {
		const char *p = find(body, n, words[i]);

		if (!p)
			continue;
		*n_line = 0;
		while (p + *n_line < body + n && p[*n_line] != '\r' &&
		       p[*n_line] != '\n')
			++*n_line;
		return p;
	}
	return NULL;
}

bool wx_eifw_is_ok(const char *body, size_t n)
{
	return find(body, n, "OK") != NULL;
}

/* ---- AT+SAMPLESTART ---- */

/* The digits behind what; -1: there are none. */
static int64_t number_behind(const char *text, size_t n, const char *what)
{
	const char *p = find(text, n, what);
	size_t digits = 0;
	int64_t v;

	if (!p)
		return -1;
	p += strlen(what);
	n -= (size_t)(p - text);
	while (digits < n && p[digits] == ' ') {
		p++;
		n--;
	}
	while (digits < n && p[digits] >= '0' && p[digits] <= '9')
		digits++;
	return wx_i64_parse(p, digits, &v) ? v : -1;
}

void wx_eifw_sample_read(const char *body, size_t n, struct wx_eifw_sample *out)
{
	const char *used = find(body, n, "Used buffer");
	const char *p = find(body, n, "File name: ");
	size_t k = 0;

	*out = (struct wx_eifw_sample){
		.n_collected = number_behind(body, n, "total bytes collected:")
	};
	if (used) {
		size_t left = n - (size_t)(used - body);

		out->from = number_behind(used, left, "from=");
		out->to = number_behind(used, left, "to=");
		if (out->from < 0 || out->to <= out->from)
			out->from = out->to = 0;
	}
	if (!p)
		return;
	p += strlen("File name: ");
	while (p + k < body + n && p[k] > ' ' && p[k] <= '~' && p[k] != ',')
		k++;
	if (k < sizeof(out->file))
		memcpy(out->file, p, k);
}

/* ---- data ---- */

/* -1: no such text. out has room for n. */
static int64_t from_hex(const char *text, size_t n, uint8_t *out)
{
	return n % 2 || !wx_hex_parse(text, n, out, n / 2) ? -1
							   : (int64_t)(n / 2);
}

/* All lines but those that are "OK" or "OKOK", joined. */
static size_t join(const char *body, size_t n, char *out)
{
	size_t to = 0, at = 0;

	while (at < n) {
		size_t end = at;

		while (end < n && body[end] != '\r' && body[end] != '\n')
			end++;
		if (!(end - at == 2 && !memcmp(body + at, "OK", 2)) &&
		    !(end - at == 4 && !memcmp(body + at, "OKOK", 4))) {
			memcpy(out + to, body + at, end - at);
			to += end - at;
		}
		at = end + 1;
	}
	return to;
}

/* An OK that shares its line with the data shows by the length alone. */
static void strip_ok(const char **text, size_t *n, size_t want)
{
	if (*n == want + 2 && !memcmp(*text, "OK", 2)) {
		*text += 2;
		*n -= 2;
	} else if (*n == want + 2 && !memcmp(*text + *n - 2, "OK", 2)) {
		*n -= 2;
	} else if (*n == want + 4 && !memcmp(*text, "OK", 2) &&
		   !memcmp(*text + *n - 2, "OK", 2)) {
		*text += 2;
		*n -= 4;
	}
}

int wx_eifw_bytes(const char *body, size_t n, bool hex, int64_t want,
		  uint8_t **out, size_t *n_out, struct wx_error *err)
{
	char *joined = malloc(n + 1);
	uint8_t *bytes = malloc(n + 1);
	const char *text = joined;
	int64_t got;

	*out = NULL;
	*n_out = 0;
	if (!joined || !bytes) {
		free(joined);
		free(bytes);
		return wx_fail_nomem(err);
	}
	n = join(body, n, joined);
	if (want >= 0)
		strip_ok(&text, &n,
			 hex ? 2 * (size_t)want : ((size_t)want + 2) / 3 * 4);
	else if (!hex && n % 4 == 2)
		strip_ok(&text, &n, n - 2);
	got = hex ? from_hex(text, n, bytes) : wx_base64_parse(text, n, bytes);
	free(joined);
	if (got < 0 || (want >= 0 && got != want)) {
		free(bytes);
		return got < 0 ? wx_fail(err, WX_ERR_FORMAT,
					 "an answer that is not all %s",
					 hex ? "hexadecimal" : "base64")
			       : wx_fail(err, WX_ERR_FORMAT,
					 "%lld bytes came, %lld asked for",
					 (long long)got, (long long)want);
	}
	*out = bytes;
	*n_out = (size_t)got;
	return WX_OK;
}
