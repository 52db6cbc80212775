/* SPDX-License-Identifier: MIT */
/* formats/node/info.c: see info.h. */
#include "node/info.h"

#include <stdint.h>
#include <string.h>

#include "base/text.h"

enum { MAX_TEXT = 200 };

static void put_text(json_t *out, const json_t *doc, const char *key)
{
	const json_t *v = json_object_get(doc, key);
	const char *text = json_string_value(v);
	size_t n = json_string_length(v);
	char quoted[WX_QUOTE_SIZE];

	if (text && n && n <= MAX_TEXT)
		json_object_set_new(out, key,
				    json_string(wx_quote(text, n, quoted)));
}

static void put_bytes(json_t *out, const json_t *doc, const char *key)
{
	const json_t *v = json_object_get(doc, key);

	if (json_is_integer(v) && json_integer_value(v) >= 0)
		json_object_set_new(out, key,
				    json_integer(json_integer_value(v)));
}

static void put_number(json_t *out, const json_t *doc, const char *key,
		       double min, double max)
{
	const json_t *v = json_object_get(doc, key);
	double x = json_number_value(v);

	if (json_is_number(v) && x >= min && x <= max)
		json_object_set_new(out, key, json_real(x));
}

json_t *wx_node_info(const json_t *doc)
{
	json_t *out = json_object();

	put_text(out, doc, "id");
	put_text(out, doc, "fw");
	put_bytes(out, doc, "fs_free");
	put_bytes(out, doc, "fs_total");
	put_text(out, doc, "rec");
	/* From one cell to a truck's battery; RSSI is in dBm. */
	put_number(out, doc, "vbat", 0, 60);
	put_number(out, doc, "rssi", -200, 30);
	if (json_object_size(out) == 0) {
		json_decref(out);
		return NULL;
	}
	return out;
}
