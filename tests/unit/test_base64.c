/* SPDX-License-Identifier: MIT */
/* Base64, both ways: RFC 4648's own examples, and what is none. */
#include "base/base64.h"

#include "testing.h"

static const struct {
	const char *plain, *text;
} examples[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xfe", "+//+" },
};

static const char *const bad[] = {
	"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "Z=g=", "Zg==Zg==", "Zm9\n",
};

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(examples); i++) {
		const char *text = examples[i].text;
		size_t n = strlen(examples[i].plain), len = strlen(text);
		char out[16];
		uint8_t back[16] = { 0 };

		CHECK_INT(text, WX_BASE64_LEN(n), len);
		CHECK_INT(text, wx_base64_put(examples[i].plain, n, out), len);
		CHECK(text, memcmp(out, text, len) == 0);
		CHECK_INT(text, wx_base64_parse(text, len, back), n);
		CHECK(text, memcmp(back, examples[i].plain, n) == 0);
	}
	for (size_t i = 0; i < WX_COUNT(bad); i++) {
		uint8_t back[16];

		CHECK_INT(bad[i], wx_base64_parse(bad[i], strlen(bad[i]), back),
			  -1);
	}
	return wx_test_end();
}
