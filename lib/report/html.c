/* SPDX-License-Identifier: MIT */
/* lib/report/html.c: see html.h. */
#include "report/html.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/text.h"

/* Bytes of the character at text, 0 if it is none that HTML may hold. */
static size_t character(const char *text)
{
	unsigned char c = (unsigned char)*text;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	if (c == '\n' || c == '\t')
		return 1;
	if (c < 0x20 || c == 0x7f || strnlen(text, n) < n ||
	    !wx_utf8_valid(text, n))
		return 0;
	/* C1 controls and the marks that turn the direction of text. */
	if (n == 2 && c == 0xc2 && (unsigned char)text[1] < 0xa0)
		return 0;
	if (n == 3 && c == 0xe2 && (unsigned char)text[1] == 0x80 &&
	    (unsigned char)text[2] >= 0xaa && (unsigned char)text[2] <= 0xae)
		return 0; /* U+202A to U+202E */
	return n;
}

void wx_html_text(FILE *out, const char *text)
{
	while (*text) {
		size_t n = character(text);

		switch (*text) {
		case '&':
			fputs("&amp;", out);
			break;
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			if (n)
				fwrite(text, 1, n, out);
			else
				fputs("\uFFFD", out);
		}
		text += n ? n : 1;
	}
}

/* One conversion that is not %s. */
static void number(FILE *out, const char *spec, va_list *ap)
{
	size_t n = strlen(spec);
	char last = spec[n - 1];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	if (last == 'f' || last == 'g')
		fprintf(out, spec, va_arg(*ap, double));
	else if (strstr(spec, "ll"))
		fprintf(out, spec, va_arg(*ap, long long));
	else if (strchr(spec, 'l'))
		fprintf(out, spec, va_arg(*ap, long));
	else if (strchr(spec, 'z'))
		fprintf(out, spec, va_arg(*ap, size_t));
	else
		fprintf(out, spec, va_arg(*ap, int));
#pragma GCC diagnostic pop
}

void wx_html(FILE *out, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	while (*fmt) {
		size_t n = strcspn(fmt, "%");
		char spec[16];

		fwrite(fmt, 1, n, out);
		fmt += n;
		if (!*fmt)
			break;
		n = 1 + strcspn(fmt + 1, "sdufgcx%") + 1;
		if (fmt[1] == '%') {
			fputc('%', out);
		} else if (fmt[1] == 's') {
			wx_html_text(out, va_arg(ap, const char *));
		} else if (n < sizeof(spec)) {
			memcpy(spec, fmt, n);
			spec[n] = '\0';
			number(out, spec, &ap);
		}
		fmt += n;
	}
	va_end(ap);
}

int wx_html_data(FILE *out, const char *type, const void *data, size_t n,
		 struct wx_error *err)
{
	char *text = malloc(WX_BASE64_LEN(n) + 1);

	if (!text)
		return wx_fail_nomem(err);
	fprintf(out, "data:%s;base64,", type);
	fwrite(text, 1, wx_base64_put(data, n, text), out);
	free(text);
	return WX_OK;
}
