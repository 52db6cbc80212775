/* SPDX-License-Identifier: MIT */
/* JSON documents and lines: what is read, what is refused and how. */
#include "base/json.h"

#include <stdlib.h>
#include <unistd.h>

#include "testing.h"

static const struct {
	const char *label, *in;
	int rc;
	const char *text; /* of the failure */
} docs[] = {
	{ "object", "{\"a\":1}", WX_OK, "" },
	{ "scalar", "3", WX_OK, "" },
	{ "empty", "", WX_ERR_FORMAT,
	  "x.json:1:0: unexpected token near end of file" },
	{ "key twice", "{\"a\":1,\n \"a\":2}", WX_ERR_FORMAT,
	  "x.json:2:4: duplicate object key near '\"a\"'" },
	{ "rest behind", "{} x", WX_ERR_FORMAT,
	  "x.json:1:4: end of file expected near 'x'" },
	{ "torn", "{\"a\":", WX_ERR_FORMAT,
	  "x.json:1:5: unexpected token near end of file" },
	{ "byte-order mark", "\xef\xbb\xbf{}", WX_ERR_FORMAT,
	  "x.json:1:1: starts with a byte-order mark, expected JSON in plain "
	  "UTF-8: save it without the mark" },
	{ "not UTF-8", "{\"a\":\"\xff\"}", WX_ERR_FORMAT,
	  "x.json:1:6: unable to decode byte 0xff near '\"'" },
	/* a terminal's escape must not reach the terminal */
	{ "escape", "{\"a\":\x1b[2J}", WX_ERR_FORMAT,
	  "x.json:1:6: invalid token near '\\x1B'" },
	{ "NUL in a text", "{\"a\":\"\\u0000\"}", WX_ERR_FORMAT,
	  "x.json:1:13: \\u0000 is not allowed without JSON_ALLOW_NUL near "
	  "'\"\\u0000\"'" },
	{ "over 64 bits", "[9223372036854775808]", WX_ERR_FORMAT,
	  "x.json:1:20: too big integer near '9223372036854775808'" },
};

static void test_docs(void)
{
	for (size_t i = 0; i < WX_COUNT(docs); i++) {
		struct wx_error err = { 0 };
		json_t *doc = NULL;
		int rc = wx_json_parse(docs[i].in, strlen(docs[i].in), "x.json",
				       NULL, &doc, &err);

		CHECK_INT(docs[i].label, rc, docs[i].rc);
		CHECK_STR(docs[i].label, err.text, docs[i].text);
		CHECK(docs[i].label, (doc != NULL) == (rc == WX_OK));
		json_decref(doc);
	}
}

/* A bomb of brackets must not cost the stack. */
static void test_deep(void)
{
	enum { N = 1000000 };
	struct wx_error err = { 0 };
	char *text = malloc(N);
	json_t *doc = NULL;

	memset(text, '[', N);
	CHECK_INT("deep", wx_json_parse(text, N, "x", NULL, &doc, &err),
		  WX_ERR_FORMAT);
	CHECK("deep text", strstr(err.text, "maximum parsing depth"));
	CHECK("deep doc", !doc);
	/* As deep as the parser goes, and closed: the schema refuses it. */
	memset(text + 2000, ']', 2000);
	err.code = 0;
	CHECK_INT("deep site",
		  wx_json_parse(text, 4000, "x", "site", &doc, &err),
		  WX_ERR_FORMAT);
	CHECK_STR("deep site text", err.text,
		  "x: expected an object, found array");
	free(text);
}

static const struct {
	const char *in, *out; /* NULL: the same */
} written[] = {
	{ "{\"b\":1,\"a\":[true,false,null]}", NULL },
	{ "[0.1,1e300,-2.5,0.30000000000000004]",
	  "[0.1,1e+300,-2.5,0.30000000000000004]" },
	{ "[10.0,-0.0,9223372036854775807]", NULL },
	{ "[\"\\u00e9\\t\\n\\\"\\\\/\\u0001\"]",
	  "[\"\xc3\xa9\\t\\n\\\"\\\\/\\u0001\"]" },
	{ "{}", NULL },
	{ "[]", NULL },
};

static void test_written(void)
{
	for (size_t i = 0; i < WX_COUNT(written); i++) {
		const char *in = written[i].in;
		char *out = NULL;
		size_t n = 0;
		FILE *stream = open_memstream(&out, &n);
		json_t *doc = json_loads(in, 0, NULL), *again;

		CHECK_INT(in, wx_json_write_line(doc, stream, NULL), WX_OK);
		fclose(stream);
		CHECK(in, n > 0 && out[n - 1] == '\n');
		again = json_loads(out, 0, NULL);
		CHECK(in, json_equal(doc, again));
		out[n - 1] = '\0';
		CHECK_STR(in, out, written[i].out ? written[i].out : in);
		json_decref(doc);
		json_decref(again);
		free(out);
	}
	CHECK_INT("no memory", wx_json_write_line(NULL, stdout, NULL),
		  WX_ERR_NOMEM);
}

struct got {
	char ids[100];
	int stop_at;
};

static int on_line(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct got *g = ctx;
	size_t n = strlen(g->ids);

	snprintf(g->ids + n, sizeof(g->ids) - n, "%ld:%lld ", line,
		 (long long)wx_json_i64(obj, "i", -1));
	return wx_json_i64(obj, "i", -1) == g->stop_at
		       ? wx_fail(err, WX_ERR_RANGE, "stop")
		       : WX_OK;
}

static void keep_last(void *ctx, const char *text)
{
	snprintf(ctx, 200, "%s", text);
}

#define LINE(text)                     \
	{                              \
		text, sizeof(text) - 1 \
	}
static const struct {
	const char *label;
	struct {
		const char *text;
		size_t n;
	} in;
	const char *ids;
	unsigned n_warnings;
	const char *warning; /* behind the file's name */
} files[] = {
	{ "plain", LINE("{\"i\":1}\n{\"i\":2}\n"), "1:1 2:2 ", 0, "" },
	{ "CRLF and blank", LINE("{\"i\":1}\r\n\r\n{\"i\":2}\r\n"), "1:1 3:2 ",
	  0, "" },
	{ "torn tail", LINE("{\"i\":1}\n{\"i\":"), "1:1 ", 0, "" },
	/* it was whole; only its line break is missing */
	{ "no last break", LINE("{\"i\":1}\n{\"i\":2}"), "1:1 2:2 ", 0, "" },
	{ "NUL tail", LINE("{\"i\":1}\n\0\0\0\0"), "1:1 ", 0, "" },
	{ "NUL line", LINE("\0\0\0\n{\"i\":2}\n"), "2:2 ", 1,
	  ":1: a line of NULs; line passed over" },
	{ "NULs, then the next boot's line", LINE("\0\0\0{\"i\":1}\n"), "1:1 ",
	  0, "" },
	{ "bad line", LINE("{\"i\":1}\n{\"i\":}\n{\"i\":3}\n"), "1:1 3:3 ", 1,
	  ":2:6: unexpected token near '}'; line passed over" },
	{ "no object", LINE("[1]\n{\"i\":2}\n"), "2:2 ", 1,
	  ":1: expected an object; line passed over" },
	{ "failure of the callback", LINE("{\"i\":7}\n{\"i\":8}\n"), "1:7 ", 0,
	  "" },
};

static void test_lines(void)
{
	char path[] = "/tmp/wx-test-json-XXXXXX", text[200];
	int fd = mkstemp(path);

	for (size_t i = 0; i < WX_COUNT(files); i++) {
		struct got g = { .stop_at = 7 };
		struct wx_log log = { keep_last, text, 0 };

		text[0] = '\0';
		CHECK("write",
		      ftruncate(fd, 0) == 0 &&
			      pwrite(fd, files[i].in.text, files[i].in.n, 0) ==
				      (ssize_t)files[i].in.n);
		CHECK_INT(files[i].label,
			  wx_jsonl_read(path, NULL, on_line, &g, &log, NULL),
			  strstr(g.ids, "7") ? WX_ERR_RANGE : WX_OK);
		CHECK_STR(files[i].label, g.ids, files[i].ids);
		CHECK_INT(files[i].label, log.n_warnings, files[i].n_warnings);
		CHECK_STR(files[i].label, text[0] ? text + strlen(path) : text,
			  files[i].warning);
	}
	close(fd);
	unlink(path);
	CHECK_INT("no file",
		  wx_jsonl_read(path, NULL, on_line, NULL, NULL, NULL), WX_OK);
}

/* A line of any length costs one remark, and the next one is read. */
static void test_long_line(void)
{
	char path[] = "/tmp/wx-test-json-XXXXXX";
	FILE *f = fdopen(mkstemp(path), "w");
	struct wx_log log = { 0 };
	struct got g = { .stop_at = -2 };

	fputs("{\"i\":1,\"x\":\"", f);
	for (int i = 0; i < 1000000; i++)
		putc('x', f);
	fputs("\"}\n{\"i\":2}\n{\"i\":3", f);
	for (int i = 0; i < 200000; i++)
		putc(' ', f);
	fclose(f);
	CHECK_INT("long", wx_jsonl_read(path, NULL, on_line, &g, &log, NULL),
		  WX_OK);
	CHECK_STR("long", g.ids, "2:2 ");
	CHECK_INT("long", log.n_warnings, 1);
	unlink(path);
}

static void test_members(void)
{
	json_t *o = json_loads("{\"s\":\"x\",\"f\":1.5,\"i\":7,\"w\":3.0,"
			       "\"big\":1e300,\"t\":true}",
			       0, NULL);

	CHECK_STR("str", wx_json_str(o, "s", "d"), "x");
	CHECK_STR("str of a number", wx_json_str(o, "i", "d"), "d");
	CHECK_F64("f64", wx_json_f64(o, "f", 0), 1.5, 0);
	CHECK_F64("f64 of an integer", wx_json_f64(o, "i", 0), 7, 0);
	CHECK_F64("f64 not there", wx_json_f64(o, "x", NAN), NAN, 0);
	CHECK_INT("i64", wx_json_i64(o, "i", -1), 7);
	CHECK_INT("i64 of 3.0", wx_json_i64(o, "w", -1), 3);
	CHECK_INT("i64 of 1.5", wx_json_i64(o, "f", -1), -1);
	CHECK_INT("i64 of 1e300", wx_json_i64(o, "big", -1), -1);
	CHECK_INT("bool", wx_json_bool(o, "t", 0), 1);
	CHECK_INT("bool of a text", wx_json_bool(o, "s", 0), 0);
	json_decref(o);
}

int main(void)
{
	test_docs();
	test_deep();
	test_written();
	test_lines();
	test_long_line();
	test_members();
	return wx_test_end();
}
