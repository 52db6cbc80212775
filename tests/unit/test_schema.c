/* SPDX-License-Identifier: MIT */
/*
 * The interpreter of schemas. With a schema's name it is the helper of
 * scripts/schemas.sh instead: one document a line on stdin, "yes" or "no" and
 * the failure's text a line on stdout.
 */
#include "base/json.h"

#include <stdlib.h>

#include "testing.h"

static json_t *load(const char *text)
{
	json_error_t je;
	json_t *v = json_loads(text, JSON_DECODE_ANY, &je);

	if (!v)
		printf("bad test: %s: %s\n", text, je.text);
	return v;
}

static const struct {
	const char *schema, *doc;
	const char *text; /* of the failure; NULL: it fits */
} cases[] = {
	/* types */
	{ "{\"type\":\"string\"}", "1", "x: expected a string, found number" },
	{ "{\"type\":\"integer\"}", "1.0", NULL },
	{ "{\"type\":\"integer\"}", "1.5",
	  "x: expected an integer, found 1.5" },
	{ "{\"type\":\"integer\"}", "true",
	  "x: expected an integer, found boolean" },
	{ "{\"type\":\"number\"}", "1", NULL },
	{ "{\"type\":[\"string\",\"null\"]}", "null", NULL },
	{ "{\"type\":[\"string\",\"array\",\"null\"]}", "{}",
	  "x: expected a string, an array or null, found object" },
	/* one value */
	{ "{\"const\":1}", "1.0", NULL },
	{ "{\"const\":1}", "true", "x: expected 1, found true" },
	{ "{\"const\":\"a\"}", "\"b\"", "x: expected 'a', found 'b'" },
	{ "{\"enum\":[\"start\",\"end\"]}", "\"mid\\u001b\"",
	  "x: expected 'start' or 'end', found 'mid\\x1B'" },
	{ "{\"enum\":[1,\"a\",null]}", "[]",
	  "x: expected 1, 'a' or null, found array" },
	{ "{\"minimum\":-90}", "-90", NULL },
	{ "{\"minimum\":-90}", "-90.5",
	  "x: expected at least -90, found -90.5" },
	{ "{\"maximum\":1}", "2", "x: expected at most 1, found 2" },
	{ "{\"minimum\":5}", "\"a text\"", NULL }, /* speaks of numbers only */
	{ "{\"exclusiveMinimum\":0}", "0", "x: expected more than 0, found 0" },
	{ "{\"exclusiveMaximum\":1}", "1.0",
	  "x: expected less than 1, found 1" },
	/* past 2^53, where doubles would call them equal */
	{ "{\"maximum\":9007199254740992}", "9007199254740993",
	  "x: expected at most 9007199254740992, found 9007199254740993" },
	{ "{\"minLength\":1}", "\"\"",
	  "x: expected at least 1 character, found 0" },
	{ "{\"maxLength\":2}", "\"\\u00e9\\u00e9\"", NULL }, /* four bytes */
	{ "{\"maxLength\":2}", "\"\\ud83c\\udf27ab\"",
	  "x: expected at most 2 characters, found 3" },
	{ "{\"pattern\":\"^a+$\"}", "\"b\"",
	  "x: expected a text like ^a+$, found 'b'" },
	{ "{\"pattern\":\"^a+$\",\"description\":\"some a\"}", "\"ab\"",
	  "x: expected some a (^a+$), found 'ab'" },
	{ "{\"pattern\":\"b\"}", "\"abc\"", NULL }, /* not anchored */
	/* members */
	{ "{\"additionalProperties\":false,\"properties\":{\"a\":{},\"b\":{}}}",
	  "{\"c\":1}", "x: unknown key 'c'; known are a, b" },
	{ "{\"additionalProperties\":{\"type\":\"string\"}}", "{\"c\":1}",
	  "x: /c: expected a string, found number" },
	{ "{\"required\":[\"a\",\"b\"]}", "{\"a\":1}", "x: missing 'b'" },
	/* the typing error, not what is missing because of it */
	{ "{\"required\":[\"ab\"],\"properties\":{\"ab\":{}},"
	  "\"additionalProperties\":false}",
	  "{\"ba\":1}", "x: unknown key 'ba'; known are ab" },
	{ "{\"properties\":{\"a\":{\"items\":{\"type\":\"null\"}}}}",
	  "{\"a\":[null,2]}", "x: /a/1: expected null, found number" },
	{ "{\"additionalProperties\":false}", "{\"a\":1}",
	  "x: unknown key 'a'; known are none" },
	{ "{\"additionalProperties\":{\"type\":\"null\"}}", "{\"a/~\\n\":1}",
	  "x: /a~1~0\\x0A: expected null, found number" },
	{ "{\"minProperties\":1}", "{}",
	  "x: expected at least 1 key, found 0" },
	/* items */
	{ "{\"minItems\":2}", "[1]", "x: expected at least 2 items, found 1" },
	{ "{\"maxItems\":1}", "[1,2]", "x: expected at most 1 item, found 2" },
	{ "{\"uniqueItems\":true}", "[{\"a\":1},2,{\"a\":1.0}]",
	  "x: items 0 and 2 are the same" },
	{ "{\"uniqueItems\":true}", "[[1],[1,2],{},{\"a\":1},1,true]", NULL },
	{ "{\"items\":false}", "[]", NULL },
	{ "{\"items\":false}", "[1]", "x: /0: nothing is allowed here" },
	/* forms */
	{ "{\"anyOf\":[{\"type\":\"null\"},{\"minimum\":3}]}", "2",
	  "x: fits none of the 2 forms that are allowed" },
	{ "{\"anyOf\":[{\"type\":\"number\"},{\"minimum\":3}]}", "4", NULL },
	{ "{\"oneOf\":[{\"type\":\"number\"},{\"minimum\":3}]}", "4",
	  "x: fits 2 of 2 forms, expected one" },
	{ "{\"oneOf\":[{\"properties\":{\"t\":{\"const\":\"a\"},"
	  "\"v\":{\"type\":\"string\"}}},"
	  "{\"properties\":{\"t\":{\"const\":\"b\"}}}]}",
	  "{\"t\":\"a\",\"v\":1}", "x: /v: expected a string, found number" },
	/* references, with words beside them */
	{ "{\"$ref\":\"#/$defs/n\",\"maximum\":5,"
	  "\"$defs\":{\"n\":{\"type\":\"number\"}}}",
	  "6", "x: expected at most 5, found 6" },
	{ "{\"type\":\"array\",\"items\":{\"$ref\":\"#\"}}", "[[],[[1]]]",
	  "x: /1/0/0: expected an array, found number" },
	/* a loop that never descends */
	{ "{\"$ref\":\"#\"}", "1", "x: nested over 500 deep" },
	{ "{\"default\":{\"pattern\":\"(\"},\"examples\":[1],\"title\":\"t\"}",
	  "1", NULL },
	{ "true", "1", NULL },
	{ "false", "1", "x: nothing is allowed here" },
};

static void test_cases(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		struct wx_error err = { 0 };
		json_t *schema = load(cases[i].schema);
		json_t *doc = load(cases[i].doc);
		int rc = wx_schema_check_with(doc, schema, "x", &err);

		CHECK_INT(cases[i].schema, rc,
			  cases[i].text ? WX_ERR_FORMAT : WX_OK);
		CHECK_STR(cases[i].schema, err.text,
			  cases[i].text ? cases[i].text : "");
		/* without anybody to tell */
		CHECK_INT(cases[i].schema,
			  wx_schema_check_with(doc, schema, "x", NULL), rc);
		json_decref(schema);
		json_decref(doc);
	}
}

/* Schemas that must be refused, not half understood. */
static const char *const refused[] = {
	"{\"multipleOf\":2}",
	"{\"patternProperties\":{}}",
	"{\"properties\":{\"a\":{\"items\":{\"format\":\"date\"}}}}",
	"{\"anyOf\":[{\"not\":{}}]}",
	"{\"$defs\":{\"a\":{\"typ\":\"string\"}}}",
	"{\"type\":\"text\"}",
	"{\"type\":[]}",
	"{\"type\":3}",
	"{\"minLength\":-1}",
	"{\"minimum\":\"1\"}",
	"{\"required\":[1]}",
	"{\"required\":\"a\"}",
	"{\"enum\":[{}]}",
	"{\"const\":[]}",
	"{\"anyOf\":[]}",
	"{\"properties\":[]}",
	"{\"items\":[{}]}",
	"{\"uniqueItems\":1}",
	"{\"$ref\":\"other.json\"}",
	"{\"$ref\":\"#/$defs/none\"}",
	"{\"pattern\":\"(\"}",
	/* read differently by POSIX and ECMA */
	"{\"pattern\":\"\\\\d+\"}",
	"{\"pattern\":\"(?:a)\"}",
	"{\"pattern\":\"a+?\"}",
	"{\"pattern\":\"[[:alpha:]]\"}",
	"{\"pattern\":\"[\\\\d]\"}",
	"{\"pattern\":\"[]a]\"}",
	"[]",
	"1",
};

static void test_refused(void)
{
	for (size_t i = 0; i < WX_COUNT(refused); i++) {
		struct wx_error err = { 0 };
		json_t *schema = load(refused[i]);

		CHECK_INT(refused[i], wx_schema_vet(schema, "x", &err),
			  WX_ERR_FORMAT);
		CHECK(refused[i], !strncmp(err.text, "schema x: ", 10));
		json_decref(schema);
	}
}

/* Every schema that is built in uses only words that the interpreter has. */
static void test_builtin(void)
{
	const char *name;
	size_t n_schemas = 0, n_profiles = 0;

	for (size_t i = 0; (name = wx_builtin_name(i)); i++) {
		struct wx_error err = { 0 };
		json_t *doc = strstr(name, ".json") ? load(wx_builtin_get(name))
						    : NULL;

		if (!strncmp(name, "schemas/", 8)) {
			CHECK_INT(name, wx_schema_vet(doc, name, &err), WX_OK);
			n_schemas++;
		} else if (!strncmp(name, "limits/", 7)) {
			CHECK_INT(name,
				  wx_schema_check(doc, "quality", name, &err),
				  WX_OK);
		} else if (!strncmp(name, "profiles/", 9)) {
			CHECK_INT(name,
				  wx_schema_check(doc, "profile", name, &err),
				  WX_OK);
			n_profiles++;
		}
		CHECK_STR(name, err.text, "");
		json_decref(doc);
	}
	CHECK("schemas", n_schemas >= 7);
	CHECK("profiles", n_profiles >= 1);
	CHECK("no such file", !wx_builtin_get("schemas/none.schema.json"));
	CHECK_INT("no such schema", wx_schema_check(NULL, "none", "x", NULL),
		  WX_ERR_FORMAT);
}

/* "yes" or "no: TEXT" for each line of stdin. */
static int judge(const char *name)
{
	struct wx_error err = { 0 };
	struct wx_schema *schema = NULL;
	char *line = NULL;
	size_t room = 0;
	ssize_t n;

	if (wx_schema_new(name, &schema, &err)) {
		printf("%s\n", err.text);
		return 1;
	}
	while ((n = getline(&line, &room, stdin)) > 0) {
		json_t *doc = NULL;

		err = (struct wx_error){ 0 };
		if (!wx_json_parse(line, (size_t)n, "x", NULL, &doc, &err))
			wx_schema_run(schema, doc, "x", &err);
		printf(err.code ? "no: %s\n" : "yes%s\n", err.text);
		json_decref(doc);
	}
	free(line);
	wx_schema_free(schema);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return judge(argv[1]);
	test_cases();
	test_refused();
	test_builtin();
	return wx_test_end();
}
