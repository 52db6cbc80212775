/* SPDX-License-Identifier: MIT */
/* A stranger's text stays text; numbers come out as printf has them. */
#include "report/html.h"

#include <stdlib.h>

#include "report/png.h"
#include "testing.h"

static const struct {
	const char *what, *in, *out;
} texts[] = {
	{ "plain", "raw/n1/b0017/000123.wav", "raw/n1/b0017/000123.wav" },
	{ "an element", "<script>x</script>",
	  "&lt;script&gt;x&lt;/script&gt;" },
	{ "out of an attribute", "\" onload=\"x", "&quot; onload=&quot;x" },
	{ "out of single quotes", "' x='", "&#39; x=&#39;" },
	{ "escaped already", "&lt;b&gt;", "&amp;lt;b&amp;gt;" },
	{ "umlauts and an ideograph", "Tür 雨", "Tür 雨" },
	{ "four bytes", "\xf0\x9f\x8c\xa7", "\xf0\x9f\x8c\xa7" },
	{ "an escape and a bell", "\033[2J\a", "\uFFFD[2J\uFFFD" },
	{ "tab and line stay", "a\tb\nc", "a\tb\nc" },
	{ "half a character", "a\xe9\x9b", "a\uFFFD\uFFFD" },
	{ "half, then markup", "\xe9<b>", "\uFFFD&lt;b&gt;" },
	{ "too long a form of <", "\xc0\xbc", "\uFFFD\uFFFD" },
	{ "a surrogate", "\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD" },
	{ "text turned round", "a\u202egnp.exe", "a\uFFFD\uFFFD\uFFFDgnp.exe" },
	{ "a C1 control", "\xc2\x9b", "\uFFFD\uFFFD" },
	{ "delete", "\x7f", "\uFFFD" },
};

static char *written; /* by the stream below */
static size_t n_written;

static FILE *begin(void)
{
	free(written);
	written = NULL;
	return open_memstream(&written, &n_written);
}

static void test_texts(void)
{
	for (size_t i = 0; i < WX_COUNT(texts); i++) {
		FILE *out = begin();

		wx_html_text(out, texts[i].in);
		fclose(out);
		CHECK_STR(texts[i].what, written, texts[i].out);
	}
}

static void test_printf(void)
{
	FILE *out = begin();

	wx_html(out, "<td title=\"%s\">%d %u %zu %lld %.2f %g %c %02d %%</td>",
		"<&>", -3, 4U, (size_t)5, 6LL, 7.125, 0.5, 'c', 8);
	fclose(out);
	CHECK_STR("all conversions", written,
		  "<td title=\"&lt;&amp;&gt;\">-3 4 5 6 7.12 0.5 c 08 %</td>");
	out = begin();
	CHECK_INT("data", wx_html_data(out, "image/png", "Man", 3, NULL),
		  WX_OK);
	fclose(out);
	CHECK_STR("data", written, "data:image/png;base64,TWFu");
}

/* Head and tail of a PNG of one pixel; browsers see to the rest. */
static void test_png(void)
{
	static const uint8_t palette[256][3] = { { 1, 2, 3 } };
	static const uint8_t head[] = { 0x89, 'P',  'N',  'G',  13,  10,  26,
					10,   0,    0,    0,    13,  'I', 'H',
					'D',  'R',  0,    0,    0,   1,   0,
					0,    0,    1,    8,    3,   0,   0,
					0,    0x28, 0xcb, 0x34, 0xbb };
	static const uint8_t tail[] = { 0,   0,   0,    0,    'I',  'E',
					'N', 'D', 0xae, 0x42, 0x60, 0x82 };
	uint8_t pixel = 0, *png;
	size_t n;

	CHECK_INT("png", wx_png(&pixel, 1, 1, palette, &png, &n, NULL), WX_OK);
	CHECK("head", n > sizeof(head) && !memcmp(png, head, sizeof(head)));
	CHECK("tail", !memcmp(png + n - sizeof(tail), tail, sizeof(tail)));
	free(png);
}

int main(void)
{
	test_texts();
	test_printf();
	test_png();
	free(written);
	return wx_test_end();
}
