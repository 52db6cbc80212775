/* SPDX-License-Identifier: MIT */
/*
 * lib/base/schema_parts.h: what the schema_*.c share. For everybody else there
 * is json.h.
 */
#ifndef WX_BASE_SCHEMA_PARTS_H
#define WX_BASE_SCHEMA_PARTS_H

#include <regex.h>
#include <stdbool.h>

#include "base/json.h"
#include "base/text.h"

struct wx_compiled {
	const json_t *pattern; /* whose; lent by the schema */
	regex_t re;
};

struct wx_schema {
	json_t *doc; /* its words in the order of the table */
	struct wx_compiled *re;
	size_t n_re;
};

/* What the value of a schema's word is: schema.c vets it. */
enum wx_word_kind {
	WX_W_NOTE,   /* says nothing about the value */
	WX_W_TEXT,   /* a string that says nothing about the value */
	WX_W_REF,    /* "#" or "#/$defs/NAME" */
	WX_W_TYPE,   /* a type's name or several */
	WX_W_SCALAR, /* any string, number, true, false, null */
	WX_W_SCALARS,
	WX_W_NUMBER,
	WX_W_COUNT,
	WX_W_BOOL,
	WX_W_PATTERN,
	WX_W_NAMES,
	WX_W_SCHEMA,
	WX_W_SCHEMAS, /* an array of them */
	WX_W_MEMBERS, /* an object of them */
};

struct wx_schema_word {
	const char *name;
	enum wx_word_kind kind;
};

/* NULL: the interpreter lacks it. By number: in the order of checking. */
const struct wx_schema_word *wx_schema_word_find(const char *name);
const struct wx_schema_word *wx_schema_word_get(size_t i);
/* What "#" or "#/$defs/NAME" stands for; NULL: nothing. */
const json_t *wx_schema_resolve(const json_t *root, const char *ref);

/* "string", "number", ... */
const char *wx_value_type(const json_t *v);
/* Is it of that type? 3.0 is an "integer" too. */
bool wx_value_is(const json_t *v, const char *type);
/* Numbers: -1, 0 or 1; integers exactly, others as doubles. */
int wx_value_compare(const json_t *a, const json_t *b);
/* JSON Schema's equality: 1 and 1.0 are the same number. */
bool wx_value_equal(const json_t *a, const json_t *b);
/* Of a string: characters, not bytes. */
size_t wx_value_code_points(const json_t *v);
/* A value as a message shows it: 'text', number, or what type it is. */
enum { WX_SHOWN_SIZE = WX_QUOTE_SIZE + 4 };
const char *wx_value_show(const json_t *v, char buf[WX_SHOWN_SIZE]);

#endif
