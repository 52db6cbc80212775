/* SPDX-License-Identifier: MIT */
/* What a node says of itself: kept where it can be true, fit for a message. */
#include "node/info.h"

#include <stdlib.h>

#include "testing.h"

static const struct {
	const char *in, *out; /* "": nothing of use */
} cases[] = {
	{ "{\"id\":\"n1\",\"fw\":\"1.4\",\"fs_free\":5,\"fs_total\":9,"
	  "\"rec\":\"b1/7.wav\",\"vbat\":3.91,\"rssi\":-61}",
	  "{\"id\":\"n1\",\"fw\":\"1.4\",\"fs_free\":5,\"fs_total\":9,"
	  "\"rec\":\"b1/7.wav\",\"vbat\":3.91,\"rssi\":-61.0}" },
	{ "{\"rec\":null,\"x\":1,\"vbat\":4}", "{\"vbat\":4.0}" },
	{ "{\"id\":\"a\\u001b[2Jb\"}", "{\"id\":\"a\\\\x1B[2Jb\"}" },
	{ "{\"id\":7,\"fs_free\":-1,\"vbat\":\"low\",\"rssi\":1e9}", "" },
	{ "{\"id\":\"n1\",\"vbat\":-127}", "{\"id\":\"n1\"}" },
	{ "{\"id\":\"\"}", "" },
	{ "[1]", "" },
	{ "null", "" },
};

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		json_t *doc = json_loads(cases[i].in, JSON_DECODE_ANY, NULL);
		json_t *info = wx_node_info(doc);
		char *text =
			info ? json_dumps(info,
					  JSON_COMPACT | JSON_REAL_PRECISION(6))
			     : NULL;

		CHECK_STR(cases[i].in, text ? text : "", cases[i].out);
		free(text);
		json_decref(info);
		json_decref(doc);
	}
	return wx_test_end();
}
