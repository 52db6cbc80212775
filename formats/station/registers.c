/* SPDX-License-Identifier: MIT */
/* formats/station/registers.c: see registers.h. */
#include "station/registers.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

enum { NO_ADDRESS = -1, HEX_DIGITS = 8 };

/* "0x1F" or "31", as an integer. */
static bool integer(const char *text, size_t n, int64_t *out)
{
	uint8_t byte[HEX_DIGITS / 2];
	char digits[HEX_DIGITS + 1];
	size_t pad;

	if (n < 3 || text[0] != '0' || (text[1] | 32) != 'x')
		return wx_i64_parse(text, n, out);
	pad = n - 2 > HEX_DIGITS ? 0 : HEX_DIGITS - (n - 2);
	if (n - 2 > HEX_DIGITS)
		return false;
	memset(digits, '0', pad);
	memcpy(digits + pad, text + 2, n - 2);
	if (!wx_hex_parse(digits, HEX_DIGITS, byte, sizeof(byte)))
		return false;
	*out = (int64_t)byte[0] << 24 | byte[1] << 16 | byte[2] << 8 | byte[3];
	return true;
}

/* The address that ends a column's name: "4", "HR_40005", "reg 0x1f". */
static int64_t address_of(const char *name)
{
	const char *hex = strstr(name, "0x");
	size_t n = strlen(name), at = n;
	int64_t out;

	if (hex && integer(hex, strlen(hex), &out))
		return out;
	while (at && isdigit((unsigned char)name[at - 1]))
		at--;
	return at < n && wx_i64_parse(name + at, n - at, &out) ? out
							       : NO_ADDRESS;
}

static int find(const struct wx_header *h, const char *column, int64_t address)
{
	for (int i = 0; i < h->n; i++)
		if (column ? !strcmp(h->name[i], column)
			   : address_of(h->name[i]) == address)
			return i;
	return -1;
}

static bool is_double(const json_t *reg)
{
	return strcmp(wx_json_str(reg, "type", "u16") + 1, "16") != 0;
}

static int add(struct wx_columns *cols, const struct wx_header *h,
	       const json_t *reg, int key, struct wx_rawlog *lines,
	       struct wx_error *err)
{
	const char *name = wx_json_str(reg, "column", NULL);
	int64_t address = wx_json_i64(reg, "address", 0);
	struct wx_column c = { .key = key,
			       .at = find(h, name, address),
			       .unit = { wx_json_f64(reg, "scale", 1),
					 wx_json_f64(reg, "offset", 0) },
			       .reg = reg,
			       .at2 = -1 };
	char list[500];

	if (is_double(reg) && !name)
		c.at2 = find(h, NULL, address + 1);
	if (c.at < 0) {
		wx_header_list(h, list, sizeof(list));
		return wx_rawlog_fail(lines, err, WX_ERR_FORMAT,
				      "no column for register %lld, %s, of "
				      "--registers; expected a name that ends "
				      "in its address, or \"column\" in that "
				      "file, of %s",
				      (long long)address, wx_keys[key].name,
				      list);
	}
	if (wx_columns_has(cols, key))
		return wx_rawlog_fail(lines, err, WX_ERR_FORMAT,
				      "two registers of --registers are %s: "
				      "expected one",
				      wx_keys[key].name);
	cols->col[cols->n++] = c;
	return WX_OK;
}

int wx_registers_add(struct wx_columns *cols, const struct wx_header *h,
		     const struct wx_station_opts *opts,
		     struct wx_rawlog *lines, struct wx_error *err)
{
	const json_t *all = json_object_get(opts->registers, "registers");
	const json_t *reg;
	int rc = WX_OK;
	size_t i;

	json_array_foreach(all, i, reg)
	{
		const char *meaning = wx_json_str(reg, "meaning", "");
		int key = wx_key_find(meaning, strlen(meaning));

		if (!rc && key >= 0 && !wx_columns_told(opts, meaning))
			rc = add(cols, h, reg, key, lines, err);
	}
	return rc;
}

/* Sixteen bits, however the poller prints them: 65535, -1, 0xffff. */
static bool word(const struct wx_field *f, uint16_t *out)
{
	int64_t v;

	if (!integer(f->text, f->n, &v) || v < INT16_MIN || v > UINT16_MAX)
		return false;
	*out = (uint16_t)v;
	return true;
}

static bool two_words(const struct wx_field *first,
		      const struct wx_field *second, bool low_first,
		      uint32_t *out)
{
	uint16_t a, b;
	int64_t v;

	if (!second) { /* the poller has put them together */
		if (!integer(first->text, first->n, &v) || v < INT32_MIN ||
		    v > UINT32_MAX)
			return false;
		*out = (uint32_t)v;
		return true;
	}
	if (!word(first, &a) || !word(second, &b))
		return false;
	*out = low_first ? (uint32_t)b << 16 | a : (uint32_t)a << 16 | b;
	return true;
}

static bool is_missing(const json_t *reg, double v)
{
	const json_t *code;
	size_t i;

	json_array_foreach(json_object_get(reg, "missing"), i,
			   code) if (json_number_value(code) == v) return true;
	return false;
}

static bool decode(const json_t *reg, const struct wx_field *first,
		   const struct wx_field *second, double *out)
{
	const char *type = wx_json_str(reg, "type", "u16");
	bool low_first = !strcmp(wx_json_str(reg, "word_order", "high-first"),
				 "low-first");
	uint16_t half;
	uint32_t both;
	float real;

	if (!is_double(reg)) {
		if (!word(first, &half))
			return false;
		*out = *type == 'i' ? (int16_t)half : half;
		return true;
	}
	/* A poller that knows floats prints them as such. */
	if (*type == 'f' && !second)
		return wx_f64_parse(first->text, first->n, out);
	if (!two_words(first, second, low_first, &both))
		return false;
	memcpy(&real, &both, sizeof(real));
	*out = *type == 'f'   ? (double)real
	       : *type == 'i' ? (double)(int32_t)both
			      : (double)both;
	return true;
}

bool wx_register_read(const json_t *reg, const struct wx_field *first,
		      const struct wx_field *second, double *out)
{
	if (!decode(reg, first, second, out))
		return false;
	if (!isfinite(*out) || is_missing(reg, *out))
		*out = NAN;
	return true;
}
