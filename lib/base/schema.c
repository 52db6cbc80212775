/* SPDX-License-Identifier: MIT */
/*
 * lib/base/schema.c: schemas vetted and made ready; schema_check.c holds
 * values to them. A schema is refused, not half understood, when it uses a
 * word that the interpreter lacks or a pattern that engines read differently.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/schema_parts.h"

struct vet {
	const json_t *root;
	const char *name;
	struct wx_error *err;
	int depth;
};

static int vet_schema(struct vet *v, const json_t *schema);

const json_t *wx_schema_resolve(const json_t *root, const char *ref)
{
	static const char defs[] = "#/$defs/";

	if (!strcmp(ref, "#"))
		return root;
	if (strncmp(ref, defs, strlen(defs)))
		return NULL;
	return json_object_get(json_object_get(root, "$defs"),
			       ref + strlen(defs));
}

static int bad(const struct vet *v, const char *word, const char *expected)
{
	char quoted[WX_QUOTE_SIZE];

	return wx_fail(v->err, WX_ERR_FORMAT, "schema %s: '%s': %s", v->name,
		       wx_quote(word, strlen(word), quoted), expected);
}

/*
 * Escapes other than of punctuation, and everything behind "(?", are not in
 * POSIX; in a bracket a backslash is itself there and an escape elsewhere.
 */
static bool is_common_pattern(const char *p)
{
	bool in_bracket = false;

	for (; *p; p++) {
		if (in_bracket) {
			if (*p == '\\' || *p == '[')
				return false;
			in_bracket = *p != ']';
		} else if (*p == '\\') {
			if (!ispunct((unsigned char)*++p))
				return false;
		} else if (*p == '[') {
			in_bracket = true;
			p += p[1] == '^';
			if (p[1] == ']') /* first: itself, or the end? */
				return false;
		} else if (strchr("*+?}(", *p) && p[1] == '?') {
			return false;
		}
	}
	return true;
}

static bool pattern_compiles(const json_t *arg)
{
	regex_t re;

	if (!json_is_string(arg) ||
	    !is_common_pattern(json_string_value(arg)) ||
	    regcomp(&re, json_string_value(arg), REG_EXTENDED | REG_NOSUB))
		return false;
	regfree(&re);
	return true;
}

static bool is_type_name(const json_t *arg)
{
	static const char *const types[] = { "array", "boolean", "integer",
					     "null",  "number",  "object",
					     "string" };

	for (size_t i = 0; json_is_string(arg) && i < WX_COUNT(types); i++)
		if (!strcmp(json_string_value(arg), types[i]))
			return true;
	return false;
}

static bool is_name(const json_t *arg)
{
	return json_is_string(arg);
}

static bool is_scalar(const json_t *arg)
{
	return !json_is_object(arg) && !json_is_array(arg);
}

/* An array, not empty, of which each item is so. */
static bool all(const json_t *arg, bool (*is)(const json_t *item))
{
	json_t *item;
	size_t i;

	json_array_foreach(arg, i, item) if (!is(item)) return false;
	return json_array_size(arg) > 0;
}

/* What is wrong with a word's value, or NULL; schemas in it come later. */
static const char *wrong_value(const struct vet *v, enum wx_word_kind kind,
			       const json_t *arg)
{
	switch (kind) {
	case WX_W_NOTE:
		return NULL;
	case WX_W_TEXT:
		return json_is_string(arg) ? NULL : "expected a text";
	case WX_W_REF:
		return json_is_string(arg) &&
				       wx_schema_resolve(v->root,
							 json_string_value(arg))
			       ? NULL
			       : "expected '#' or '#/$defs/NAME' that is there";
	case WX_W_TYPE:
		return is_type_name(arg) || all(arg, is_type_name)
			       ? NULL
			       : "expected the name of a type";
	case WX_W_SCALAR:
		return is_scalar(arg) ? NULL : "expected no object or array";
	case WX_W_SCALARS:
		return all(arg, is_scalar) ? NULL
					   : "expected an array of scalars";
	case WX_W_NUMBER:
		return json_is_number(arg) ? NULL : "expected a number";
	case WX_W_COUNT:
		return json_is_integer(arg) && json_integer_value(arg) >= 0
			       ? NULL
			       : "expected a count";
	case WX_W_BOOL:
		return json_is_boolean(arg) ? NULL : "expected true or false";
	case WX_W_PATTERN:
		return pattern_compiles(arg)
			       ? NULL
			       : "expected a pattern that every engine reads "
				 "the same";
	case WX_W_NAMES:
		return all(arg, is_name) ? NULL : "expected an array of names";
	case WX_W_SCHEMA:
		return NULL;
	case WX_W_SCHEMAS:
		return json_array_size(arg) ? NULL : "expected schemas";
	case WX_W_MEMBERS:
		return json_is_object(arg) ? NULL : "expected an object";
	}
	return "unknown kind of word";
}

static int vet_word(struct vet *v, const char *name, const json_t *arg)
{
	const struct wx_schema_word *w = wx_schema_word_find(name);
	const char *wrong, *key;
	json_t *sub;
	size_t i;
	int rc = WX_OK;

	if (!w)
		return bad(v, name, "no word that this interpreter knows");
	wrong = wrong_value(v, w->kind, arg);
	if (wrong)
		return bad(v, name, wrong);
	if (w->kind == WX_W_SCHEMA)
		return vet_schema(v, arg);
	if (w->kind == WX_W_SCHEMAS)
		json_array_foreach(arg, i,
				   sub) if ((rc = vet_schema(v, sub))) break;
	if (w->kind == WX_W_MEMBERS)
		json_object_foreach((json_t *)arg, key,
				    sub) if ((rc = vet_schema(v, sub))) break;
	return rc;
}

static int vet_schema(struct vet *v, const json_t *schema)
{
	const char *name;
	json_t *arg;
	int rc = WX_OK;

	if (json_is_boolean(schema))
		return WX_OK;
	if (!json_is_object(schema))
		return bad(v, wx_value_type(schema), "expected a schema");
	if (++v->depth > 100)
		return bad(v, "...", "nested too deep");
	json_object_foreach((json_t *)schema, name,
			    arg) if ((rc = vet_word(v, name, arg))) break;
	v->depth--;
	return rc;
}

int wx_schema_vet(const json_t *schema, const char *name, struct wx_error *err)
{
	struct vet v = { schema, name, err, 0 };

	return vet_schema(&v, schema);
}

static json_t *in_order(const json_t *schema);

static json_t *in_order_members(const json_t *members)
{
	json_t *out = json_object();
	const char *key;
	json_t *sub;

	json_object_foreach(
		(json_t *)members, key,
		sub) if (json_object_set_new(out, key, in_order(sub)))
	{
		json_decref(out);
		return NULL;
	}
	return out;
}

static json_t *in_order_all(const json_t *schemas)
{
	json_t *out = json_array();
	json_t *sub;
	size_t i;

	json_array_foreach(schemas, i,
			   sub) if (json_array_append_new(out, in_order(sub)))
	{
		json_decref(out);
		return NULL;
	}
	return out;
}

/*
 * A copy with the words of each schema in the order of checking, notes left
 * out. Strings are shared with the original. NULL: out of memory.
 */
static json_t *in_order(const json_t *schema)
{
	json_t *out;
	const struct wx_schema_word *w;

	if (!json_is_object(schema))
		return json_incref((json_t *)schema);
	out = json_object();
	for (size_t i = 0; (w = wx_schema_word_get(i)); i++) {
		json_t *arg = json_object_get(schema, w->name);

		if (!arg || w->kind == WX_W_NOTE)
			continue;
		if (w->kind == WX_W_SCHEMA)
			arg = in_order(arg);
		else if (w->kind == WX_W_SCHEMAS)
			arg = in_order_all(arg);
		else if (w->kind == WX_W_MEMBERS)
			arg = in_order_members(arg);
		else
			json_incref(arg);
		if (json_object_set_new(out, w->name, arg)) {
			json_decref(out);
			return NULL;
		}
	}
	return out;
}

static int compile_one(struct wx_schema *s, const json_t *pattern,
		       struct wx_error *err)
{
	struct wx_compiled *more =
		realloc(s->re, (s->n_re + 1) * sizeof(*s->re));

	if (!more)
		return wx_fail_nomem(err);
	s->re = more;
	if (regcomp(&more[s->n_re].re, json_string_value(pattern),
		    REG_EXTENDED | REG_NOSUB))
		return wx_fail(err, WX_ERR_FORMAT, "pattern '%s' is refused",
			       json_string_value(pattern));
	more[s->n_re++].pattern = pattern;
	return WX_OK;
}

/* Every pattern below a part of the schema. */
static int compile(struct wx_schema *s, const json_t *part,
		   struct wx_error *err)
{
	const char *key;
	json_t *sub;
	size_t i;
	int rc = WX_OK;

	json_array_foreach(part, i,
			   sub) if ((rc = compile(s, sub, err))) return rc;
	json_object_foreach((json_t *)part, key, sub)
	{
		if (!strcmp(key, "pattern") && json_is_string(sub))
			rc = compile_one(s, sub, err);
		else
			rc = compile(s, sub, err);
		if (rc)
			return rc;
	}
	return WX_OK;
}

static int schema_from(const json_t *schema, const char *name,
		       struct wx_schema **out, struct wx_error *err)
{
	struct wx_schema *s = NULL;
	int rc;

	*out = NULL;
	rc = wx_schema_vet(schema, name, err);
	if (rc)
		return rc;
	s = calloc(1, sizeof(*s));
	if (!s || !(s->doc = in_order(schema)))
		rc = wx_fail_nomem(err);
	else
		rc = compile(s, s->doc, err);
	if (rc) {
		wx_schema_free(s);
		return rc;
	}
	*out = s;
	return WX_OK;
}

int wx_schema_new(const char *schema, struct wx_schema **out,
		  struct wx_error *err)
{
	char name[100];
	const char *text;
	json_t *doc = NULL;
	int rc;

	*out = NULL;
	snprintf(name, sizeof(name), "schemas/%s.schema.json", schema);
	text = wx_builtin_get(name);
	if (!text)
		return wx_fail(err, WX_ERR_FORMAT, "no schema '%s' is built in",
			       schema);
	rc = wx_json_parse(text, strlen(text), name, NULL, &doc, err);
	if (!rc)
		rc = schema_from(doc, schema, out, err);
	json_decref(doc);
	return rc;
}

void wx_schema_free(struct wx_schema *schema)
{
	if (!schema)
		return;
	for (size_t i = 0; i < schema->n_re; i++)
		regfree(&schema->re[i].re);
	free(schema->re);
	json_decref(schema->doc);
	free(schema);
}

int wx_schema_check(const json_t *doc, const char *schema, const char *name,
		    struct wx_error *err)
{
	struct wx_schema *s = NULL;
	int rc = wx_schema_new(schema, &s, err);

	if (!rc)
		rc = wx_schema_run(s, doc, name, err);
	wx_schema_free(s);
	return rc;
}

int wx_schema_check_with(const json_t *doc, const json_t *schema,
			 const char *name, struct wx_error *err)
{
	struct wx_schema *s = NULL;
	int rc = schema_from(schema, "given", &s, err);

	if (!rc)
		rc = wx_schema_run(s, doc, name, err);
	wx_schema_free(s);
	return rc;
}
