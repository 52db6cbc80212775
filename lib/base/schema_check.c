/* SPDX-License-Identifier: MIT */
/*
 * lib/base/schema_check.c: holds a JSON value to a schema of schemas/.
 *
 * The words are those of JSON Schema draft 2020-12 that our schemas use, with
 * that draft's meaning; every other word makes the schema itself bad. A word
 * is a row of the table `words`. Patterns are POSIX extended expressions and
 * kept to what they share with the ECMA ones that other validators use.
 */
#include <stdbool.h>
#include <string.h>

#include "base/schema_parts.h"
#include "base/text.h"

/* Schemas may refer to themselves; values nested deeper are refused. */
enum { MAX_DEPTH = 500 };

/* Where in the value: a chain from the member up to the whole document. */
struct at {
	const struct at *up;
	const char *key; /* NULL: index */
	size_t index;
	int depth;
};

struct run {
	struct wx_schema *schema;
	const char *name;
	struct wx_error *err;
};

/* One word of one schema, and the value that is held to it. */
struct rule {
	const json_t *schema; /* the object that the word stands in */
	const json_t *arg;    /* the word's own value */
	const json_t *v;
	const struct at *at;
};

struct word {
	struct wx_schema_word word;
	int (*check)(struct run *r, const struct rule *u); /* NULL: a note */
};

static int check(struct run *r, const json_t *schema, const json_t *v,
		 const struct at *at);

/* --- texts ------------------------------------------------------------- */

/* The JSON pointer of at into buf; a stranger's key is made fit to print. */
static size_t pointer(const struct at *at, char *buf, size_t size)
{
	char quoted[WX_QUOTE_SIZE];
	size_t n;

	if (!at->up)
		return 0;
	n = pointer(at->up, buf, size);
	if (n + 1 >= size)
		return n;
	if (!at->key)
		return n +
		       (size_t)snprintf(buf + n, size - n, "/%zu", at->index);
	buf[n++] = '/';
	wx_quote(at->key, strlen(at->key), quoted);
	for (const char *p = quoted; *p && n + 3 < size; p++) {
		if (*p == '~' || *p == '/') {
			buf[n++] = '~';
			buf[n++] = *p == '~' ? '0' : '1';
		} else {
			buf[n++] = *p;
		}
	}
	buf[n] = '\0';
	return n;
}

static int fail(struct run *r, const struct at *at, const char *fmt, ...)
	WX_PRINTF(3, 4);

__attribute__((noinline)) static int fail(struct run *r, const struct at *at,
					  const char *fmt, ...)
{
	char where[400] = "";
	char text[600];
	va_list args;

	if (!r->err) /* a trial: nobody reads it */
		return WX_ERR_FORMAT;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	pointer(at, where, sizeof(where));
	return wx_fail(r->err, WX_ERR_FORMAT, "%s: %s%s%s", r->name, where,
		       where[0] ? ": " : "", text);
}

static const char *with_article(const char *type)
{
	static const char *const said[] = { "an array",   "a boolean",
					    "an integer", "a number",
					    "an object",  "a string" };

	for (size_t i = 0; i < WX_COUNT(said); i++)
		if (!strcmp(strchr(said[i], ' ') + 1, type))
			return said[i];
	return type; /* null */
}

static void append(char *buf, size_t size, const char *sep, const char *text)
{
	size_t n = strlen(buf);

	snprintf(buf + n, size - n, "%s%s", sep, text);
}

/* --- words that look at one value --------------------------------------- */

static int check_ref(struct run *r, const struct rule *u)
{
	return check(
		r, wx_schema_resolve(r->schema->doc, json_string_value(u->arg)),
		u->v, u->at);
}

static int check_type(struct run *r, const struct rule *u)
{
	bool one = json_is_string(u->arg);
	size_t n = one ? 1 : json_array_size(u->arg);
	char expected[120] = "", shown[WX_SHOWN_SIZE];

	for (size_t i = 0; i < n; i++) {
		const json_t *t = one ? u->arg : json_array_get(u->arg, i);

		if (wx_value_is(u->v, json_string_value(t)))
			return WX_OK;
		append(expected, sizeof(expected),
		       i == 0       ? ""
		       : i + 1 == n ? " or "
				    : ", ",
		       with_article(json_string_value(t)));
	}
	/* A number that is no integer: its kind alone would not say why. */
	return fail(r, u->at, "expected %s, found %s", expected,
		    strstr(expected, "integer") && json_is_real(u->v)
			    ? wx_value_show(u->v, shown)
			    : wx_value_type(u->v));
}

static int check_const(struct run *r, const struct rule *u)
{
	char a[WX_SHOWN_SIZE], b[WX_SHOWN_SIZE];

	if (wx_value_equal(u->v, u->arg))
		return WX_OK;
	return fail(r, u->at, "expected %s, found %s", wx_value_show(u->arg, a),
		    wx_value_show(u->v, b));
}

static int check_enum(struct run *r, const struct rule *u)
{
	char expected[300] = "", shown[WX_SHOWN_SIZE];
	size_t n = json_array_size(u->arg);

	for (size_t i = 0; i < n; i++)
		if (wx_value_equal(u->v, json_array_get(u->arg, i)))
			return WX_OK;
	for (size_t i = 0; i < n; i++)
		append(expected, sizeof(expected),
		       i == 0       ? ""
		       : i + 1 == n ? " or "
				    : ", ",
		       wx_value_show(json_array_get(u->arg, i), shown));
	return fail(r, u->at, "expected %s, found %s", expected,
		    wx_value_show(u->v, shown));
}

static int bad_number(struct run *r, const struct rule *u, const char *than)
{
	char a[WX_SHOWN_SIZE], b[WX_SHOWN_SIZE];

	return fail(r, u->at, "expected %s %s, found %s", than,
		    wx_value_show(u->arg, a), wx_value_show(u->v, b));
}

static int check_minimum(struct run *r, const struct rule *u)
{
	return json_is_number(u->v) && wx_value_compare(u->v, u->arg) < 0
		       ? bad_number(r, u, "at least")
		       : WX_OK;
}

static int check_maximum(struct run *r, const struct rule *u)
{
	return json_is_number(u->v) && wx_value_compare(u->v, u->arg) > 0
		       ? bad_number(r, u, "at most")
		       : WX_OK;
}

static int check_above(struct run *r, const struct rule *u)
{
	return json_is_number(u->v) && wx_value_compare(u->v, u->arg) <= 0
		       ? bad_number(r, u, "more than")
		       : WX_OK;
}

static int check_below(struct run *r, const struct rule *u)
{
	return json_is_number(u->v) && wx_value_compare(u->v, u->arg) >= 0
		       ? bad_number(r, u, "less than")
		       : WX_OK;
}

static int check_count(struct run *r, const struct rule *u, bool applies,
		       size_t found, bool at_least, const char *what)
{
	json_int_t limit = json_integer_value(u->arg);

	if (!applies || (at_least ? (json_int_t)found >= limit
				  : (json_int_t)found <= limit))
		return WX_OK;
	return fail(r, u->at, "expected %s %lld %s%s, found %zu",
		    at_least ? "at least" : "at most", (long long)limit, what,
		    limit == 1 ? "" : "s", found);
}

static int check_min_length(struct run *r, const struct rule *u)
{
	bool is = json_is_string(u->v);

	return check_count(r, u, is, is ? wx_value_code_points(u->v) : 0, true,
			   "character");
}

static int check_max_length(struct run *r, const struct rule *u)
{
	bool is = json_is_string(u->v);

	return check_count(r, u, is, is ? wx_value_code_points(u->v) : 0, false,
			   "character");
}

static int check_min_items(struct run *r, const struct rule *u)
{
	return check_count(r, u, json_is_array(u->v), json_array_size(u->v),
			   true, "item");
}

static int check_max_items(struct run *r, const struct rule *u)
{
	return check_count(r, u, json_is_array(u->v), json_array_size(u->v),
			   false, "item");
}

static int check_min_members(struct run *r, const struct rule *u)
{
	return check_count(r, u, json_is_object(u->v), json_object_size(u->v),
			   true, "key");
}

static const regex_t *compiled_get(struct run *r, const json_t *pattern)
{
	for (size_t i = 0; i < r->schema->n_re; i++)
		if (r->schema->re[i].pattern == pattern)
			return &r->schema->re[i].re;
	return NULL;
}

static int check_pattern(struct run *r, const struct rule *u)
{
	const json_t *note = json_object_get(u->schema, "description");
	char shown[WX_SHOWN_SIZE];

	/* regexec() would take a text for shorter than it is; none holds NUL */
	if (!json_is_string(u->v) ||
	    !regexec(compiled_get(r, u->arg), json_string_value(u->v), 0, NULL,
		     0))
		return WX_OK;
	return fail(r, u->at, "expected %s%s%s%s, found %s",
		    note ? json_string_value(note) : "",
		    note ? " (" : "a text like ", json_string_value(u->arg),
		    note ? ")" : "", wx_value_show(u->v, shown));
}

/* --- words that look at members and items -------------------------------- */

static int unknown_key(struct run *r, const struct rule *u, const char *key,
		       const json_t *props)
{
	char known[450] = "", quoted[WX_QUOTE_SIZE];
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)props, name, v)
		append(known, sizeof(known), known[0] ? ", " : "", name);
	return fail(r, u->at, "unknown key '%s'; known are %s",
		    wx_quote(key, strlen(key), quoted),
		    known[0] ? known : "none");
}

static int check_additional(struct run *r, const struct rule *u)
{
	const json_t *props = json_object_get(u->schema, "properties");
	const char *key;
	json_t *v;
	int rc = WX_OK;

	if (json_is_true(u->arg) || !json_is_object(u->v))
		return WX_OK;
	json_object_foreach((json_t *)u->v, key, v)
	{
		struct at at = { u->at, key, 0, u->at->depth };

		if (json_object_get(props, key))
			continue;
		rc = json_is_false(u->arg) ? unknown_key(r, u, key, props)
					   : check(r, u->arg, v, &at);
		if (rc)
			break;
	}
	return rc;
}

static int check_required(struct run *r, const struct rule *u)
{
	json_t *key;
	size_t i;

	if (!json_is_object(u->v))
		return WX_OK;
	json_array_foreach(u->arg, i, key) if (
		!json_object_get(
			u->v,
			json_string_value(
				key))) return fail(r, u->at, "missing '%s'",
						   json_string_value(key));
	return WX_OK;
}

static int check_properties(struct run *r, const struct rule *u)
{
	const char *key;
	json_t *v;

	if (!json_is_object(u->v))
		return WX_OK;
	json_object_foreach((json_t *)u->v, key, v)
	{
		struct at at = { u->at, key, 0, u->at->depth };
		const json_t *sub = json_object_get(u->arg, key);
		int rc = sub ? check(r, sub, v, &at) : WX_OK;

		if (rc)
			return rc;
	}
	return WX_OK;
}

static int check_items(struct run *r, const struct rule *u)
{
	json_t *v;
	size_t i;

	json_array_foreach(u->v, i, v)
	{ /* none if it is no array */
		struct at at = { u->at, NULL, i, u->at->depth };
		int rc = check(r, u->arg, v, &at);

		if (rc)
			return rc;
	}
	return WX_OK;
}

static int check_unique(struct run *r, const struct rule *u)
{
	size_t n = json_is_true(u->arg) ? json_array_size(u->v) : 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++)
			if (wx_value_equal(json_array_get(u->v, j),
					   json_array_get(u->v, i)))
				return fail(r, u->at,
					    "items %zu and %zu are the same", j,
					    i);
	return WX_OK;
}

static bool has_all(const json_t *v, const json_t *names)
{
	json_t *name;
	size_t i;

	json_array_foreach(
		names, i,
		name) if (!json_object_get(v,
					   json_string_value(
						   name))) return false;
	return json_array_size(names) > 0;
}

/*
 * Is this the form that the value means to be? Of members that must be of one
 * value, such as "type", it has all; without such members in the form, it has
 * those that the form requires.
 */
static bool is_meant(const struct run *r, const json_t *form, const json_t *v)
{
	const json_t *ref = json_object_get(form, "$ref");
	const json_t *names = json_object_get(form, "required");
	bool found = false;
	const char *key;
	json_t *prop;

	if (ref)
		form = wx_schema_resolve(r->schema->doc,
					 json_string_value(ref));
	json_object_foreach(json_object_get(form, "properties"), key, prop)
	{
		const json_t *is = json_object_get(prop, "const");
		const json_t *has = json_object_get(v, key);

		if (!is)
			continue;
		if (!has || !wx_value_equal(is, has))
			return false;
		found = true;
	}
	if (!names)
		names = json_object_get(form, "required");
	return found || has_all(v, names);
}

static int check_forms(struct run *r, const struct rule *u, bool only_one)
{
	struct run trial = { r->schema, r->name, NULL };
	const json_t *meant = NULL;
	size_t i, n_fit = 0;
	json_t *form;

	json_array_foreach(u->arg, i, form)
	{
		if (!check(&trial, form, u->v, u->at))
			n_fit++;
		else if (is_meant(r, form, u->v))
			meant = form;
	}
	if (n_fit == 1 || (n_fit > 1 && !only_one))
		return WX_OK;
	if (n_fit > 1)
		return fail(r, u->at, "fits %zu of %zu forms, expected one",
			    n_fit, json_array_size(u->arg));
	if (meant)
		return check(r, meant, u->v, u->at);
	return fail(r, u->at, "fits none of the %zu forms that are allowed",
		    json_array_size(u->arg));
}

static int check_any_of(struct run *r, const struct rule *u)
{
	return check_forms(r, u, false);
}

static int check_one_of(struct run *r, const struct rule *u)
{
	return check_forms(r, u, true);
}

/* In the order in which they are checked: the most telling failure first. */
static const struct word words[] = {
	{ { "$schema", WX_W_TEXT }, NULL },
	{ { "$id", WX_W_TEXT }, NULL },
	{ { "$comment", WX_W_TEXT }, NULL },
	{ { "title", WX_W_TEXT }, NULL },
	{ { "description", WX_W_TEXT }, NULL },
	{ { "default", WX_W_NOTE }, NULL },
	{ { "examples", WX_W_NOTE }, NULL },
	{ { "$defs", WX_W_MEMBERS }, NULL },
	{ { "type", WX_W_TYPE }, check_type },
	{ { "const", WX_W_SCALAR }, check_const },
	{ { "enum", WX_W_SCALARS }, check_enum },
	{ { "$ref", WX_W_REF }, check_ref },
	{ { "minimum", WX_W_NUMBER }, check_minimum },
	{ { "maximum", WX_W_NUMBER }, check_maximum },
	{ { "exclusiveMinimum", WX_W_NUMBER }, check_above },
	{ { "exclusiveMaximum", WX_W_NUMBER }, check_below },
	{ { "minLength", WX_W_COUNT }, check_min_length },
	{ { "maxLength", WX_W_COUNT }, check_max_length },
	{ { "pattern", WX_W_PATTERN }, check_pattern },
	{ { "minItems", WX_W_COUNT }, check_min_items },
	{ { "maxItems", WX_W_COUNT }, check_max_items },
	{ { "minProperties", WX_W_COUNT }, check_min_members },
	{ { "anyOf", WX_W_SCHEMAS }, check_any_of },
	{ { "oneOf", WX_W_SCHEMAS }, check_one_of },
	{ { "additionalProperties", WX_W_SCHEMA }, check_additional },
	{ { "required", WX_W_NAMES }, check_required },
	{ { "properties", WX_W_MEMBERS }, check_properties },
	{ { "items", WX_W_SCHEMA }, check_items },
	{ { "uniqueItems", WX_W_BOOL }, check_unique },
};

/* Its row, or -1. */
static int word_find(const char *name)
{
	for (size_t i = 0; i < WX_COUNT(words); i++)
		if (!strcmp(words[i].word.name, name))
			return (int)i;
	return -1;
}

const struct wx_schema_word *wx_schema_word_find(const char *name)
{
	int i = word_find(name);

	return i < 0 ? NULL : &words[i].word;
}

const struct wx_schema_word *wx_schema_word_get(size_t i)
{
	return i < WX_COUNT(words) ? &words[i].word : NULL;
}

static int check(struct run *r, const json_t *schema, const json_t *v,
		 const struct at *at)
{
	struct at here = *at;
	const char *name;
	json_t *arg;

	if (json_is_boolean(schema))
		return json_is_true(schema)
			       ? WX_OK
			       : fail(r, at, "nothing is allowed here");
	if (++here.depth > MAX_DEPTH)
		return fail(r, at, "nested over %d deep", MAX_DEPTH);
	json_object_foreach((json_t *)schema, name, arg)
	{
		const struct rule u = { schema, arg, v, &here };
		const struct word *w = &words[word_find(name)];
		int rc = w->check ? w->check(r, &u) : WX_OK;

		if (rc)
			return rc;
	}
	return WX_OK;
}

int wx_schema_run(struct wx_schema *schema, const json_t *doc, const char *name,
		  struct wx_error *err)
{
	struct run r = { schema, name, err };
	struct wx_error unread = { 0 };
	const struct at top = { NULL, NULL, 0, 0 };

	if (!err)
		r.err = &unread;
	return check(&r, schema->doc, doc, &top);
}
