/* SPDX-License-Identifier: MIT */
/* lib/base/schema_value.c: JSON values as JSON Schema sees and messages show. */
#include <math.h>
#include <string.h>

#include "base/schema_parts.h"
#include "base/text.h"

const char *wx_value_type(const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		return "object";
	case JSON_ARRAY:
		return "array";
	case JSON_STRING:
		return "string";
	case JSON_INTEGER:
	case JSON_REAL:
		return "number";
	case JSON_NULL:
		return "null";
	default:
		return "boolean";
	}
}

/* A value as a message shows it: 'text', number, or what type it is. */
const char *wx_value_show(const json_t *v, char buf[WX_SHOWN_SIZE])
{
	char quoted[WX_QUOTE_SIZE];

	if (json_is_string(v))
		snprintf(buf, WX_SHOWN_SIZE, "'%s'",
			 wx_quote(json_string_value(v), json_string_length(v),
				  quoted));
	else if (json_is_integer(v))
		snprintf(buf, WX_SHOWN_SIZE, "%lld",
			 (long long)json_integer_value(v));
	else if (json_is_real(v))
		snprintf(buf, WX_SHOWN_SIZE, "%.15g", json_real_value(v));
	else if (json_is_boolean(v))
		snprintf(buf, WX_SHOWN_SIZE, "%s",
			 json_is_true(v) ? "true" : "false");
	else
		snprintf(buf, WX_SHOWN_SIZE, "%s", wx_value_type(v));
	return buf;
}

/* -1, 0 or 1; integers exactly, else as doubles. */
int wx_value_compare(const json_t *a, const json_t *b)
{
	if (json_is_integer(a) && json_is_integer(b)) {
		json_int_t x = json_integer_value(a), y = json_integer_value(b);

		return (x > y) - (x < y);
	}
	double x = json_number_value(a), y = json_number_value(b);

	return (x > y) - (x < y);
}

/* JSON Schema's equality: 1 and 1.0 are the same number. */
bool wx_value_equal(const json_t *a, const json_t *b)
{
	const char *key;
	json_t *v;
	size_t i;

	if (json_is_number(a) && json_is_number(b))
		return wx_value_compare(a, b) == 0;
	if (json_typeof(a) != json_typeof(b))
		return false;
	if (json_is_array(a)) {
		if (json_array_size(a) != json_array_size(b))
			return false;
		json_array_foreach(
			a, i,
			v) if (!wx_value_equal(v,
					       json_array_get(b,
							      i))) return false;
		return true;
	}
	if (json_is_object(a)) {
		if (json_object_size(a) != json_object_size(b))
			return false;
		json_object_foreach((json_t *)a, key, v)
		{
			const json_t *w = json_object_get(b, key);

			if (!w || !wx_value_equal(v, w))
				return false;
		}
		return true;
	}
	return json_equal(a, b);
}

bool wx_value_is(const json_t *v, const char *type)
{
	if (!strcmp(type, "integer"))
		return json_is_integer(v) ||
		       (json_is_real(v) &&
			floor(json_real_value(v)) == json_real_value(v));
	return !strcmp(type, wx_value_type(v));
}

/* Characters, not bytes. */
size_t wx_value_code_points(const json_t *v)
{
	const char *p = json_string_value(v);
	size_t n = 0;

	for (size_t i = 0; i < json_string_length(v); i++)
		n += ((unsigned char)p[i] & 0xc0) != 0x80;
	return n;
}
