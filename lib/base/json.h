/* SPDX-License-Identifier: MIT */
/*
 * lib/base/json.h: JSON by jansson, held to the schemas under schemas/.
 *
 * The schemas are built into the tools: one file is documentation, editor
 * help and the check itself. schema.c interprets exactly the JSON Schema (draft
 * 2020-12) words that they use; a schema with another word is refused, and a
 * test loads them all.
 */
#ifndef WX_BASE_JSON_H
#define WX_BASE_JSON_H

#include <jansson.h>
#include <stdio.h>

#include "base/error.h"

/* A larger document is WX_ERR_RANGE: large data goes into JSON Lines or CSV. */
enum { WX_JSON_MAX_BYTES = 64 << 20 };

/*
 * Read a document and check it against schema ("site", or NULL for none).
 * Texts: "site.json:12:7: ..." where it is no JSON, "site.json:
 * /nodes/2/source: expected a string, found number" where the schema says no.
 * A key that stands twice is refused, and so is a byte-order mark. *out is the
 * caller's to json_decref.
 */
int wx_json_read(const char *path, const char *schema, json_t **out,
		 struct wx_error *err);
/* The same from memory; name stands for the path in messages. */
int wx_json_parse(const char *text, size_t n, const char *name,
		  const char *schema, json_t **out, struct wx_error *err);

/* Check a value that is already in memory. */
int wx_schema_check(const json_t *doc, const char *schema, const char *name,
		    struct wx_error *err);
/* A schema made ready for many checks; name is as in wx_json_read. */
struct wx_schema;
int wx_schema_new(const char *schema, struct wx_schema **out,
		  struct wx_error *err);
/* The first thing wrong: WX_ERR_FORMAT "NAME: /pointer: found, expected". */
int wx_schema_run(struct wx_schema *schema, const json_t *doc, const char *name,
		  struct wx_error *err);
void wx_schema_free(struct wx_schema *schema); /* NULL is allowed */
/* Check against a schema that is in memory, vetted first: for tests. */
int wx_schema_check_with(const json_t *doc, const json_t *schema,
			 const char *name, struct wx_error *err);
/* WX_ERR_FORMAT if a schema uses a word that the interpreter lacks. */
int wx_schema_vet(const json_t *schema, const char *name, struct wx_error *err);

/*
 * A file that is built into the tools: "schemas/site.schema.json",
 * "profiles/aurora3.json". NULL when there is none. With i counting up from 0,
 * the names of all of them.
 */
const char *wx_builtin_get(const char *name);
const char *wx_builtin_name(size_t i);

/*
 * One value on one line, keys in the order they were set, and '\n'. Reals are
 * the shortest decimals that read back the same. NULL is WX_ERR_NOMEM, so that
 * what json_pack() gives can be passed on unchecked.
 */
int wx_json_write_line(const json_t *value, FILE *out, struct wx_error *err);

/*
 * JSON Lines. A line that is no JSON object (or fails its schema) is passed
 * over with a warning; the last one silently when it is torn (no '\n', and no
 * whole object) or full of NULs, as a power cut leaves it. NULs before an
 * object, which the next boot then appended, are cut off. A file that is not
 * there has no lines. fn's failure ends the reading. obj is lent.
 */
typedef int wx_jsonl_fn(void *ctx, json_t *obj, long line,
			struct wx_error *err);
int wx_jsonl_read(const char *path, const char *schema, wx_jsonl_fn *fn,
		  void *ctx, struct wx_log *log, struct wx_error *err);

/* Members with a default; a wrong type gives the default as well. */
const char *wx_json_str(const json_t *obj, const char *key, const char *dflt);
double wx_json_f64(const json_t *obj, const char *key, double dflt);
int64_t wx_json_i64(const json_t *obj, const char *key, int64_t dflt);
int wx_json_bool(const json_t *obj, const char *key, int dflt);

#endif
