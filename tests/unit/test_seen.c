/* SPDX-License-Identifier: MIT */
/* Notes of an audit: kept while a file is as it was, and only then. */
#include "audit/seen.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "testing.h"

static struct stat st_of(int64_t size, int64_t mtime_s, uint64_t inode)
{
	struct stat st = { 0 };

	st.st_size = size;
	st.st_mtim.tv_sec = mtime_s;
	st.st_ino = inode;
	return st;
}

static void test_notes(const char *path)
{
	struct stat st = st_of(100, 1700000000, 7);
	struct stat young = st_of(100, 1700000000, 8);
	const struct {
		const char *what, *path;
		struct stat st;
		bool known;
	} cases[] = {
		{ "as it was", "raw/n1/1.wav", st, true },
		{ "another name", "raw/n1/2.wav", st, false },
		{ "longer", "raw/n1/1.wav", st_of(101, 1700000000, 7), false },
		{ "touched", "raw/n1/1.wav", st_of(100, 1700000001, 7), false },
		{ "replaced", "raw/n1/1.wav", st_of(100, 1700000000, 9),
		  false },
		{ "changed just now", "young", young, false },
	};
	struct wx_seen_value v = { .crc = 0x12345678, .has_digest = true };
	struct wx_seen_value got = { 0 };
	struct wx_seen *s;

	v.digest[0] = 0xab;
	CHECK_INT("new", wx_seen_open(path, false, &s, NULL), WX_OK);
	clock_gettime(CLOCK_REALTIME, &young.st_mtim);
	CHECK_INT("put", wx_seen_put(s, "raw/n1/1.wav", &st, &v, NULL), WX_OK);
	CHECK_INT("put", wx_seen_put(s, "young", &young, &v, NULL), WX_OK);
	CHECK_INT("save", wx_seen_save(s, false, NULL), WX_OK);
	wx_seen_free(s);
	CHECK_INT("again", wx_seen_open(path, false, &s, NULL), WX_OK);
	for (size_t i = 0; i < WX_COUNT(cases); i++)
		CHECK_INT(cases[i].what,
			  wx_seen_get(s, cases[i].path, &cases[i].st, &got),
			  cases[i].known);
	CHECK_INT("crc", got.crc, v.crc);
	CHECK("digest", got.has_digest && got.digest[0] == 0xab);
	wx_seen_free(s);
	CHECK_INT("forget", wx_seen_open(path, true, &s, NULL), WX_OK);
	CHECK_INT("forgotten", wx_seen_get(s, "raw/n1/1.wav", &st, &got), 0);
	wx_seen_free(s);
}

/* Somebody's bytes: lines that are none, of which one is good. */
static void test_hostile(const char *path)
{
	static const char text[] =
		"# a remark\n\n0 0 0\nzz 1 2 3 00000000 -\n"
		"0000000000000001 5 5 5 00000000 nohex\n"
		"0000000000000001 5 5 5 00000000 - more\n"
		"99999999999999999999999999999999 1 1 1 1 -\n"
		"0000000000000001 5 5 5 00000000 -\n"
		"0000000000000002 5 5 5 0000";
	struct stat st = st_of(5, 5, 5);
	struct wx_seen_value got;
	struct wx_seen *s;
	FILE *out = fopen(path, "w");

	CHECK("open", out != NULL);
	if (!out)
		return;
	fwrite(text, 1, sizeof(text), out); /* its NUL too */
	fclose(out);
	CHECK_INT("read", wx_seen_open(path, false, &s, NULL), WX_OK);
	CHECK_INT("not this", wx_seen_get(s, "x", &st, &got), 0);
	CHECK_INT("written anew", wx_seen_save(s, false, NULL), WX_OK);
	wx_seen_free(s);
	out = fopen(path, "r");
	CHECK("only the remark",
	      out && fseek(out, 0, SEEK_END) == 0 && ftell(out) < 100);
	if (out)
		fclose(out);
}

int main(void)
{
	char dir[] = "/tmp/wx-seen.XXXXXX";
	char path[64];

	if (!mkdtemp(dir))
		return 1;
	snprintf(path, sizeof(path), "%s/seen", dir);
	test_notes(path);
	test_hostile(path);
	unlink(path);
	rmdir(dir);
	return wx_test_end();
}
