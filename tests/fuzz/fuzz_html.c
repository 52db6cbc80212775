/* SPDX-License-Identifier: MIT */
/* Any text becomes UTF-8 without a character that is markup. */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "report/html.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const references[] = { "&amp;", "&lt;", "&gt;", "&quot;",
					  "&#39;" };

static int is_reference(const char *text)
{
	for (size_t i = 0; i < WX_COUNT(references); i++)
		if (!strncmp(text, references[i], strlen(references[i])))
			return 1;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *text = malloc(n + 1), *html = NULL;
	size_t n_html = 0;
	FILE *out = open_memstream(&html, &n_html);

	if (!text || !out)
		abort();
	memcpy(text, data, n);
	text[n] = '\0';
	wx_html(out, "%s", text);
	fclose(out);
	if (!wx_utf8_valid(html, n_html))
		abort();
	for (size_t i = 0; i < n_html; i++) {
		unsigned char c = (unsigned char)html[i];

		if (strchr("<>\"'", c) || c == 0x7f ||
		    (c < 0x20 && c != '\n' && c != '\t') ||
		    (c == '&' && !is_reference(html + i)))
			abort();
	}
	free(text);
	free(html);
	return 0;
}
