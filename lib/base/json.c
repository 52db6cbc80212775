/* SPDX-License-Identifier: MIT */
/* lib/base/json.c: see json.h; the schemas are schema.c's. */
#include "base/json.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/builtin.h"
#include "base/file.h"
#include "base/lines.h"
#include "base/text.h"

const char *wx_builtin_get(const char *name)
{
	for (const struct wx_builtin *b = wx_builtins; b->name; b++)
		if (!strcmp(b->name, name))
			return b->text;
	return NULL;
}

const char *wx_builtin_name(size_t i)
{
	for (const struct wx_builtin *b = wx_builtins; b->name; b++, i--)
		if (i == 0)
			return b->name;
	return NULL;
}

/* jansson's text ends in "near 'what the stranger wrote'". */
static int syntax_fail(const char *name, const json_error_t *je, bool one_line,
		       struct wx_error *err)
{
	char quoted[WX_QUOTE_SIZE];

	wx_quote(je->text, strlen(je->text), quoted);
	if (json_error_code(je) == json_error_out_of_memory)
		return wx_fail_nomem(err);
	if (je->line < 0)
		return wx_fail(err, WX_ERR_FORMAT, "%s: %s", name, quoted);
	if (one_line) /* whose number the name has */
		return wx_fail(err, WX_ERR_FORMAT, "%s:%d: %s", name,
			       je->column, quoted);
	return wx_fail(err, WX_ERR_FORMAT, "%s:%d:%d: %s", name, je->line,
		       je->column, quoted);
}

static int parse(const char *text, size_t n, const char *name, bool one_line,
		 json_t **out, struct wx_error *err)
{
	json_error_t je;

	*out = NULL;
	/* Refused, for other readers (Edge Impulse's too) choke on it. */
	if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s:1:1: starts with a byte-order mark, expected "
			"JSON in plain UTF-8: save it without the mark",
			name);
	*out = json_loadb(text, n, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
			  &je);
	return *out ? WX_OK : syntax_fail(name, &je, one_line, err);
}

int wx_json_parse(const char *text, size_t n, const char *name,
		  const char *schema, json_t **out, struct wx_error *err)
{
	int rc = parse(text, n, name, false, out, err);

	if (!rc && schema)
		rc = wx_schema_check(*out, schema, name, err);
	if (rc) {
		json_decref(*out);
		*out = NULL;
	}
	return rc;
}

int wx_json_read(const char *path, const char *schema, json_t **out,
		 struct wx_error *err)
{
	char *text = NULL;
	size_t n = 0;
	int rc;

	*out = NULL;
	rc = wx_file_read(path, WX_JSON_MAX_BYTES, &text, &n, err);
	if (!rc)
		rc = wx_json_parse(text, n, path, schema, out, err);
	free(text);
	return rc;
}

/* The shortest decimal that reads back as v; keeps a point, as 10.0. */
static void write_real(double v, FILE *out)
{
	char buf[40];

	for (int digits = 15; digits <= 17; digits++) {
		snprintf(buf, sizeof(buf), "%.*g", digits, v);
		if (strtod(buf, NULL) == v)
			break;
	}
	fputs(buf, out);
	if (!strpbrk(buf, ".e"))
		fputs(".0", out);
}

static void write_text(const char *text, size_t n, FILE *out)
{
	size_t from = 0; /* of what can be written as it stands */

	putc('"', out);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x20 && c != 0x7f && c != '"' && c != '\\')
			continue;
		fwrite(text + from, 1, i - from, out);
		from = i + 1;
		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c == '\n')
			fputs("\\n", out);
		else if (c == '\t')
			fputs("\\t", out);
		else
			fprintf(out, "\\u%04x", c);
	}
	fwrite(text + from, 1, n - from, out);
	putc('"', out);
}

static void write_value(const json_t *v, FILE *out)
{
	const char *sep = "";
	const char *key;
	json_t *child;
	size_t i;

	switch (json_typeof(v)) {
	case JSON_OBJECT:
		putc('{', out);
		json_object_foreach((json_t *)v, key, child)
		{
			fputs(sep, out);
			write_text(key, strlen(key), out);
			putc(':', out);
			write_value(child, out);
			sep = ",";
		}
		putc('}', out);
		break;
	case JSON_ARRAY:
		putc('[', out);
		json_array_foreach(v, i, child)
		{
			fputs(sep, out);
			write_value(child, out);
			sep = ",";
		}
		putc(']', out);
		break;
	case JSON_STRING:
		write_text(json_string_value(v), json_string_length(v), out);
		break;
	case JSON_INTEGER:
		fprintf(out, "%lld", (long long)json_integer_value(v));
		break;
	case JSON_REAL:
		write_real(json_real_value(v), out);
		break;
	case JSON_TRUE:
		fputs("true", out);
		break;
	case JSON_FALSE:
		fputs("false", out);
		break;
	case JSON_NULL:
		fputs("null", out);
		break;
	}
}

int wx_json_write_line(const json_t *value, FILE *out, struct wx_error *err)
{
	if (!value) /* a constructor that found no memory */
		return wx_fail_nomem(err);
	write_value(value, out);
	putc('\n', out);
	if (ferror(out))
		return wx_fail_errno(err, "cannot write a line of JSON");
	return WX_OK;
}

struct jsonl {
	const char *path;
	struct wx_schema *schema; /* NULL: none */
	struct wx_log *log;
};

/* *obj stays NULL for a line to pass over. */
static int jsonl_line(const struct jsonl *r, struct wx_line *line, json_t **obj,
		      struct wx_error *err)
{
	struct wx_error why = { 0 };
	size_t n_nuls = wx_line_cut_nuls(line);
	char *name;
	int rc;

	*obj = NULL;
	if (line->n == 0 && !line->too_long && (n_nuls == 0 || !line->complete))
		return WX_OK;
	name = wx_strf("%s:%ld", r->path, line->number);
	if (!name)
		return wx_fail_nomem(err);
	if (line->too_long)
		wx_fail(&why, WX_ERR_RANGE, "%s: a line of over %d bytes", name,
			WX_LINES_MAX);
	else if (line->n == 0)
		wx_fail(&why, WX_ERR_FORMAT, "%s: a line of NULs", name);
	else
		parse(line->text, line->n, name, true, obj, &why);
	if (*obj && !json_is_object(*obj))
		wx_fail(&why, WX_ERR_FORMAT, "%s: expected an object", name);
	else if (*obj && r->schema)
		wx_schema_run(r->schema, *obj, name, &why);
	rc = why.code == WX_ERR_NOMEM ? wx_fail_nomem(err) : WX_OK;
	if (why.code) {
		json_decref(*obj);
		*obj = NULL;
		if (!rc && line->complete)
			wx_warn(r->log, "%s; line passed over", why.text);
	}
	free(name);
	return rc;
}

int wx_jsonl_read(const char *path, const char *schema, wx_jsonl_fn *fn,
		  void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct jsonl r = { .path = path, .log = log };
	struct wx_lines *in = NULL;
	struct wx_line line;
	int rc = WX_OK;

	if (access(path, F_OK) != 0 && errno == ENOENT)
		return WX_OK;
	if (schema)
		rc = wx_schema_new(schema, &r.schema, err);
	if (!rc)
		rc = wx_lines_open(path, &in, err);
	while (!rc && (rc = wx_lines_next(in, &line, err)) == 1) {
		json_t *obj;

		rc = jsonl_line(&r, &line, &obj, err);
		if (!rc && obj)
			rc = fn(ctx, obj, line.number, err);
		json_decref(obj);
	}
	wx_lines_close(in);
	wx_schema_free(r.schema);
	return rc;
}

const char *wx_json_str(const json_t *obj, const char *key, const char *dflt)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_string(v) ? json_string_value(v) : dflt;
}

double wx_json_f64(const json_t *obj, const char *key, double dflt)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_number(v) ? json_number_value(v) : dflt;
}

int64_t wx_json_i64(const json_t *obj, const char *key, int64_t dflt)
{
	const json_t *v = json_object_get(obj, key);

	if (json_is_integer(v))
		return json_integer_value(v);
	/* 3.0 is an integer to JSON Schema; 2^63 as a double is out of range */
	if (json_is_real(v) &&
	    floor(json_real_value(v)) == json_real_value(v) &&
	    fabs(json_real_value(v)) < 0x1p63)
		return (int64_t)json_real_value(v);
	return dflt;
}

int wx_json_bool(const json_t *obj, const char *key, int dflt)
{
	const json_t *v = json_object_get(obj, key);

	return json_is_boolean(v) ? json_is_true(v) : dflt;
}
