/* SPDX-License-Identifier: MIT */
/* A node's index, as nodes write it and as nobody should. */
#include "archive/archive.h"

#include <stdlib.h>
#include <unistd.h>

#include "archive/indexline.h"
#include "base/json.h"
#include "base/text.h"
#include "testing.h"

#define A200                                                             \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" \
	"aaaaaaaaaaaaaa"

static const struct {
	const char *line;
	int kind;
	const char *text; /* what is wrong; NULL: nothing */
	int schema_no;    /* the schema cannot say it, and accepts */
} lines[] = {
	{ "{\"n\":\"b1/7.wav\",\"l\":44}", WX_INDEX_CAPTURE, NULL, 0 },
	{ " { \"n\" : \"b1/7.wav\" , \"l\" : 44 } ", WX_INDEX_CAPTURE, NULL,
	  0 },
	{ "{\"n\":\"b1/7.wav\",\"l\":44,\"x\":[{}],\"y\":null,\"z\":true}",
	  WX_INDEX_CAPTURE, NULL, 0 },
	{ "{\"n\":\"b1/env.csv\",\"st\":\"open\"}", WX_INDEX_CAPTURE, NULL, 0 },
	{ "{\"n\":\"caf\xc3\xa9/7.wav\",\"l\":44}", WX_INDEX_CAPTURE, NULL, 0 },
	{ "{\"n\":\"\\u0062/7.wav\",\"l\":44}", WX_INDEX_CAPTURE, NULL, 0 },
	{ "{\"n\":\"7.wav\",\"l\":4.4e1}", WX_INDEX_CAPTURE, NULL, 0 },
	{ "{\"n\":\"7.wav\",\"l\":44.0}", WX_INDEX_CAPTURE, NULL, 0 },
	{ "{\"ev\":\"sync\",\"b\":17,\"m\":1,\"utc\":2,\"s\":\"sntp\",\"e\":"
	  "12}",
	  WX_INDEX_EVENT, NULL, 0 },
	/* names that must not become paths */
	{ "{\"n\":\"../x.wav\",\"l\":44}", WX_INDEX_NONE,
	  "name '../x.wav' has a part that starts with '.'; line passed over",
	  0 },
	{ "{\"n\":\"a/../../x.wav\",\"l\":44}", WX_INDEX_NONE,
	  "name 'a/../../x.wav' has a part that starts with '.'; line passed "
	  "over",
	  0 },
	{ "{\"n\":\"/etc/passwd\",\"l\":44}", WX_INDEX_NONE,
	  "name '/etc/passwd' is an absolute path; line passed over", 0 },
	{ "{\"n\":\"" A200 A200 ".wav\",\"l\":44}", WX_INDEX_NONE,
	  "name 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaa...' has a part of over 200 bytes; line passed "
	  "over",
	  1 },
	{ "{\"n\":\"" A200 "/" A200 "/" A200 "/" A200 "/" A200 "/x\",\"l\":44}",
	  WX_INDEX_NONE,
	  "name 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaaaaaaaaaaaaaaaaaa...' is over 1000 bytes; line passed over",
	  0 },
	{ "{\"n\":\"x\\ny.wav\",\"l\":44}", WX_INDEX_NONE,
	  "name 'x\\x0Ay.wav' holds a control character or '\\'; line passed "
	  "over",
	  1 },
	{ "{\"n\":\"\",\"l\":44}", WX_INDEX_NONE,
	  "name '' has an empty part; line passed over", 0 },
	/* our own files */
	{ "{\"n\":\"journal.jsonl\",\"l\":44}", WX_INDEX_NONE,
	  "name 'journal.jsonl' is a name that the archive keeps for itself; "
	  "line passed over",
	  1 },
	{ "{\"n\":\"b1/7.wav.part\",\"l\":44}", WX_INDEX_NONE,
	  "name 'b1/7.wav.part' is a name that the archive keeps for itself; "
	  "line passed over",
	  1 },
	/* no JSON, or none of ours */
	{ "{\"n\":\"\xff.wav\",\"l\":44}", WX_INDEX_NONE,
	  "expected a JSON object; line passed over", -1 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"n\":\"8.wav\"}", WX_INDEX_NONE,
	  "expected a JSON object; line passed over", -1 },
	{ "{\"n\":\"7.wav\",\"x\":1,\"l\":44,\"x\":1}", WX_INDEX_NONE,
	  "expected a JSON object; line passed over", -1 },
	{ "{\"n\":\"7.wav\",\"l\":044}", WX_INDEX_NONE,
	  "expected a JSON object; line passed over", -1 },
	{ "{\"n\":\"7.wav\",\"l\":44}x", WX_INDEX_NONE,
	  "expected a JSON object; line passed over", -1 },
	{ "{\"n\":\"7.wav\",\"l\":44,}", WX_INDEX_NONE,
	  "expected a JSON object; line passed over", -1 },
	{ "{\"n\":\"7.wav\",\"l\":", WX_INDEX_NONE,
	  "expected a JSON object; line passed over", -1 },
	{ "[]", WX_INDEX_NONE, "expected a JSON object; line passed over", 0 },
	{ "{}", WX_INDEX_NONE,
	  "neither a capture (n) nor an event (ev); line passed over", 0 },
	/* a line is useless without these ... */
	{ "{\"n\":\"7.wav\"}", WX_INDEX_NONE,
	  "no length l that can be used; line passed over", 0 },
	{ "{\"n\":\"7.wav\",\"l\":-1}", WX_INDEX_NONE,
	  "no length l that can be used; line passed over", 0 },
	{ "{\"n\":\"7.wav\",\"l\":\"44\"}", WX_INDEX_NONE,
	  "no length l that can be used; line passed over", 0 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"st\":\"lost\"}", WX_INDEX_NONE,
	  "st: found 'lost', expected what the node protocol lists; line "
	  "passed over",
	  0 },
	{ "{\"ev\":\"reboot\"}", WX_INDEX_NONE,
	  "ev: found 'reboot', expected what the node protocol lists; line "
	  "passed over",
	  0 },
	/* ... but a capture is not lost for one of these */
	{ "{\"n\":\"7.wav\",\"l\":44,\"T\":-999}", WX_INDEX_CAPTURE,
	  "T: found '-999', expected a number -100 to 150; value ignored", 0 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"c\":\"9ae0\"}", WX_INDEX_CAPTURE,
	  "c: found '9ae0', expected what the node protocol lists; value "
	  "ignored",
	  0 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"c\":7}", WX_INDEX_CAPTURE,
	  "c: found '7', expected what the node protocol lists; value ignored",
	  0 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"fs\":0}", WX_INDEX_CAPTURE,
	  "fs: found '0', expected a number 1 to 1e+07; value ignored", 0 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"r0\":99999999999999999}",
	  WX_INDEX_CAPTURE,
	  "r0: found '1e+17', expected a whole number 0 to 9e+15; value "
	  "ignored",
	  0 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"b\":1.5}", WX_INDEX_CAPTURE,
	  "b: found '1.5', expected a whole number 0 to 9.0072e+15; value "
	  "ignored",
	  0 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"q\":{}}", WX_INDEX_CAPTURE,
	  "q: found 'another type', expected a whole number 0 to 9.0072e+15; "
	  "value ignored",
	  0 },
	{ "{\"n\":\"7.wav\",\"l\":44,\"m0\":9,\"m1\":8}", WX_INDEX_CAPTURE,
	  "m1 (8) is before m0 (9); both ignored", 1 },
};

/* The reader and the schema say the same, where the schema can say it. */
static void test_lines(void)
{
	for (size_t i = 0; i < WX_COUNT(lines); i++) {
		const char *in = lines[i].line;
		struct wx_index_line l;
		struct wx_error err = { 0 };
		json_t *doc = NULL;

		wx_index_line_read(in, strlen(in), &l, &err);
		CHECK_INT(in, l.kind, lines[i].kind);
		CHECK_STR(in, err.text, lines[i].text ? lines[i].text : "");
		wx_index_line_fini(&l);
		if (lines[i].schema_no < 0)
			continue;
		CHECK_INT(in,
			  wx_json_parse(in, strlen(in), "x", "node-index-line",
					&doc, NULL),
			  lines[i].text && !lines[i].schema_no ? WX_ERR_FORMAT
							       : WX_OK);
		json_decref(doc);
	}
}

/* Both ways of reading a line give the same values. */
static void test_values(void)
{
	static const char in[] =
		"{\"n\":\"b0017/000123.wav\",\"l\":480044,\"c\":\"9aE0daaf\","
		"\"q\":123,\"b\":17,\"m0\":81234567,\"m1\":96234560,"
		"\"r0\":1732258800123456,\"ns\":240000,\"fs\":16000.5,"
		"\"st\":\"recovered\",\"by\":\"name\",\"T\":-21.4%s}";

	for (int way = 0; way < 2; way++) {
		struct wx_index_line l;
		char *text = wx_strf(in, way ? ",\"x\":[]" : "");
		const struct wx_capture *c = &l.capture;

		wx_index_line_read(text, strlen(text), &l, NULL);
		CHECK("way", (l.doc != NULL) == (way == 1));
		CHECK_INT("kind", l.kind, WX_INDEX_CAPTURE);
		CHECK_INT("n", l.name_len, 16);
		CHECK("n", !strncmp(l.name, "b0017/000123.wav", l.name_len));
		CHECK_INT("l", c->size_bytes, 480044);
		CHECK_INT("c", c->crc, 0x9ae0daaf);
		CHECK("c", c->has_crc && c->recovered && c->by_name);
		CHECK_INT("q", c->seq, 123);
		CHECK_INT("b", c->boot, 17);
		CHECK_INT("m0", c->m0_us, 81234567);
		CHECK_INT("m1", c->m1_us, 96234560);
		CHECK_INT("r0", c->r0_us, 1732258800123456);
		CHECK_INT("ns", c->n_frames, 240000);
		CHECK_F64("fs", c->rate_hz, 16000.5, 0);
		CHECK_F64("T", c->temp_degc, -21.4, 0);
		wx_index_line_fini(&l);
		free(text);
	}
}

static void test_untold(void)
{
	struct wx_index_line l;
	const char *in = "{\"n\":\"7.wav\",\"l\":44}";

	wx_index_line_read(in, strlen(in), &l, NULL);
	CHECK("untold",
	      l.capture.boot == -1 && l.capture.seq == -1 &&
		      l.capture.m0_us == -1 && l.capture.m1_us == -1 &&
		      l.capture.r0_us == INT64_MIN &&
		      l.capture.n_frames == -1 && isnan(l.capture.rate_hz) &&
		      isnan(l.capture.temp_degc) && !l.capture.has_crc &&
		      !l.capture.recovered && !l.capture.by_name);
	in = "{\"ev\":\"boot\",\"s\":\"longer than it\"}";
	wx_index_line_read(in, strlen(in), &l, NULL);
	CHECK_STR("event", l.event.kind, "boot");
	CHECK_STR("event", l.event.source, "");
	CHECK("event", l.event.boot == INT64_MIN && l.event.m_us == INT64_MIN &&
			       l.event.r_us == INT64_MIN &&
			       l.event.utc_us == INT64_MIN &&
			       isnan(l.event.error_ms));
}

static void put(const char *root, const char *name, const char *text, size_t n)
{
	char *path = wx_strf("%s/%s", root, name);
	FILE *f;

	wx_mkdirs_above(path, NULL);
	f = fopen(path, "w");
	fwrite(text, 1, n, f);
	fclose(f);
	free(path);
}

static const char newer[] =
	"{\"n\":\"b2/3.wav\",\"l\":4}\n"
	"{\"n\":\"b1/2.wav\",\"l\":9}\n"
	"{\"n\":\"b1/2.wav\",\"l\":3,\"m0\":5}\n" /* the last one counts */
	"{\"n\":\"b2/4.wav\",\"l\":4,\"st\":\"open\"}\n"
	"{\"n\":\"b2/5.wav\",\"l\":4}\n"
	"{\"n\":\"b2/5.wav\",\"l\":4}\n"
	"\0\0\0{\"ev\":\"boot\",\"b\":2}\n"
	"\0\0\0\n"
	"{\"n\":\"b2/env.csv\",\"l\":1,\"st\":\"open\"}\n"
	"{\"n\":\"../b2/env.csv\",\"l\":1}\n"
	"{\"n\":\"b2/6.wav\",\"l\":4}\n"
	"{\"n\":\"b2/7.w";
static const char older[] = "{\"n\":\"b1/1.WAV\",\"l\":2}\n"
			    "{\"n\":\"b1/2.wav\",\"l\":8}\n"
			    "{\"ev\":\"boot\",\"b\":1}\n";

/* What is there, of two index files and a folder. */
static void test_folder(void)
{
	char root[] = "/tmp/wx-test-catalog-XXXXXX";
	struct wx_archive a = { mkdtemp(root), NULL };
	struct wx_catalog c;
	struct wx_log log = { 0 };
	char *rm;

	put(root, "raw/n1/index.jsl", newer, sizeof(newer) - 1);
	put(root, "raw/n1/index~9ae0daaf.jsl", older, sizeof(older) - 1);
	put(root, "raw/n1/b1/1.WAV", "12", 2);
	put(root, "raw/n1/b1/2.wav", "123", 3);
	put(root, "raw/n1/b2/3.wav", "12", 2); /* not whole */
	put(root, "raw/n1/b2/env.csv", "12345", 5);
	put(root, "raw/n1/b2/6.wav/is a folder", "", 0);

	CHECK_INT("all", wx_catalog_read(&a, "n1", false, &c, &log, NULL), 0);
	CHECK_INT("all", c.n_captures, 5);
	CHECK_INT("all", c.n_others, 1);
	CHECK_INT("all", c.n_events, 2);
	CHECK_INT("all", log.n_warnings, 2); /* NULs, and a hostile name */
	CHECK_STR("sorted", wx_catalog_name(&c, &c.capture[0]), "b1/1.WAV");
	CHECK_STR("sorted", wx_catalog_name(&c, &c.capture[1]), "b1/2.wav");
	CHECK_INT("last counts", c.capture[1].form->size_bytes, 3);
	CHECK_INT("last counts", c.capture[1].m0_us, 5);
	CHECK_STR("sorted", wx_catalog_name(&c, &c.capture[4]), "b2/6.wav");
	CHECK_INT("older first", c.event[0].boot, 1);
	CHECK_INT("growing", c.other[0].form->size_bytes, -1);
	wx_catalog_fini(&c);

	CHECK_INT("here", wx_catalog_read(&a, "n1", true, &c, NULL, NULL), 0);
	CHECK_INT("here", c.n_captures, 2);
	CHECK_INT("here", c.n_others, 1);
	CHECK_STR("here", wx_catalog_name(&c, &c.other[0]), "b2/env.csv");
	CHECK_INT("here", c.other[0].form->size_bytes, 5);
	wx_catalog_fini(&c);

	CHECK_INT("no node", wx_catalog_read(&a, "n2", true, &c, NULL, NULL),
		  0);
	CHECK_INT("no node", c.n_captures + c.n_events + c.n_others, 0);
	wx_catalog_fini(&c);
	rm = wx_strf("rm -r %s", root);
	CHECK_INT("clean", system(rm), 0);
	free(rm);
}

/* Names that a wiped node gave anew: each line is of the bytes that it tells. */
static void test_anew(void)
{
	static const char was[] =
		"{\"n\":\"1.wav\",\"l\":2,\"c\":\"0000000a\",\"m0\":1}\n"
		"{\"n\":\"2.wav\",\"l\":2,\"c\":\"0000000b\",\"m0\":2}\n"
		"{\"n\":\"3.wav\",\"l\":2,\"c\":\"0000000f\",\"m0\":3}\n";
	static const char is[] =
		"{\"n\":\"1.wav\",\"l\":2,\"c\":\"0000000c\",\"m0\":11}\n"
		"{\"n\":\"1.wav\",\"l\":2,\"c\":\"0000000d\",\"m0\":12}\n"
		"{\"n\":\"2.wav\",\"l\":2,\"c\":\"0000000e\",\"m0\":13}\n"
		"{\"n\":\"3.wav\",\"l\":2,\"c\":\"0000000f\",\"m0\":14}\n";
	static const struct {
		const char *name;
		int m0_us;
	} want[] = {
		{ "1.wav", 1 },
		{ "1.wav~0000000c", 11 },
		{ "1.wav~0000000d", 12 },
		{ "2.wav", 13 }, /* the last one counts: none lies beside */
		{ "3.wav", 14 },
	};
	char root[] = "/tmp/wx-test-catalog-XXXXXX";
	struct wx_archive a = { mkdtemp(root), NULL };
	struct wx_catalog c;
	char *rm;

	put(root, "raw/n1/index~9ae0daaf.jsl", was, sizeof(was) - 1);
	put(root, "raw/n1/index.jsl", is, sizeof(is) - 1);
	put(root, "raw/n1/1.wav", "12", 2);
	put(root, "raw/n1/1.wav~0000000c", "12", 2);
	put(root, "raw/n1/1.wav~0000000d", "12", 2);
	put(root, "raw/n1/2.wav", "12", 2);
	put(root, "raw/n1/2.wav~0000000b", "1", 1); /* not whole */
	put(root, "raw/n1/3.wav", "12", 2);
	CHECK_INT("anew", wx_catalog_read(&a, "n1", true, &c, NULL, NULL), 0);
	CHECK_INT("anew", c.n_captures, WX_COUNT(want));
	for (size_t i = 0; i < c.n_captures && i < WX_COUNT(want); i++) {
		CHECK_STR("anew", wx_catalog_name(&c, &c.capture[i]),
			  want[i].name);
		CHECK_INT("anew", c.capture[i].m0_us, want[i].m0_us);
	}
	CHECK_INT("anew", c.n_others, 0);
	wx_catalog_fini(&c);
	rm = wx_strf("rm -r %s", root);
	CHECK_INT("clean", system(rm), 0);
	free(rm);
}

/* Lines in any order, thousands of bad ones: sorted, and few remarks. */
static void test_many(void)
{
	enum { N = 20000 };
	char root[] = "/tmp/wx-test-catalog-XXXXXX", *text, *rm;
	struct wx_archive a = { mkdtemp(root), NULL };
	size_t size;
	FILE *f = open_memstream(&text, &size);
	struct wx_log log = { 0 };
	struct wx_catalog c;

	for (int i = 0; i < N; i++)
		fprintf(f, "{\"n\":\"%05d.wav\",\"l\":%d}\n{\"n\":\"..\"}\n",
			i * 7919 % N, i);
	fclose(f);
	put(root, "raw/n1/index.jsl", text, size);
	free(text);
	CHECK_INT("many", wx_catalog_read(&a, "n1", false, &c, &log, NULL), 0);
	CHECK_INT("many", c.n_captures, N);
	CHECK_INT("many", log.n_warnings, 21);
	for (size_t i = 1; i < c.n_captures; i++)
		if (strcmp(wx_catalog_name(&c, &c.capture[i - 1]),
			   wx_catalog_name(&c, &c.capture[i])) >= 0)
			CHECK("sorted", 0);
	wx_catalog_fini(&c);
	rm = wx_strf("rm -r %s", root);
	CHECK_INT("clean", system(rm), 0);
	free(rm);
}

int main(void)
{
	test_lines();
	test_values();
	test_untold();
	test_folder();
	test_anew();
	test_many();
	return wx_test_end();
}
