/* SPDX-License-Identifier: MIT */
/* tests/unit/test_sound_table.c: a table grows by any road to the same bytes. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "make_wav.h"
#include "sound/table.h"
#include "testing.h"

static char root[64];
static struct wx_listener *listener;

/* Names that the table must quote, and that sort otherwise than they look. */
static const char *const names[] = { "f/1.wav", "f/10.wav", "f/2,3.wav",
				     "f/a\"b.wav", "f/\303\251.wav" };
enum { N_NAMES = 5 };

static char *in_root(const char *name)
{
	static char path[4][160];
	static int i;

	i = (i + 1) % 4;
	snprintf(path[i], sizeof(path[i]), "%s/%s", root, name);
	return path[i];
}

static void save_capture(const char *name, int n_frames)
{
	struct bytes b = { 0 };
	char path[96];
	FILE *f;

	put_text(&b, "RIFF....WAVE");
	put_fmt(&b, 1, 1, 8000, 16);
	put_text(&b, "data");
	put_int(&b, (uint64_t)n_frames * 2, 4);
	for (int i = 0; i < n_frames; i++)
		put_int(&b, (uint64_t)i * 2654435761u >> 13, 2);
	set_riff_size(&b);
	snprintf(path, sizeof(path), "raw/n/%s", name);
	f = fopen(in_root(path), "wb");
	CHECK(name, f && fwrite(b.p, 1, b.n, f) == b.n);
	if (f)
		fclose(f);
	free(b.p);
}

static int update(const char *const *name, size_t n, wx_sound_more_fn *more,
		  void *ctx, struct wx_sound_update *out, struct wx_error *err)
{
	struct wx_sound_folder f = { root, "raw/n/", name, n, NULL };
	struct wx_log log = { 0 };

	*out = (struct wx_sound_update){ 0 };
	return wx_sound_table_update(in_root("t.csv"), &f, listener, more, ctx,
				     out, &log, err);
}

static char *table(void)
{
	char *text = NULL;
	size_t n;

	if (wx_file_read(in_root("t.csv"), 1 << 20, &text, &n, NULL) != WX_OK)
		return NULL;
	return text;
}

static bool two_more(void *ctx)
{
	int *left = ctx;

	return (*left)-- > 0;
}

/* All at once, one by one from either end, and stopped half-way. */
static void test_roads(void)
{
	struct wx_sound_update out;
	char *whole, *other;
	int left = 2;

	CHECK_INT("all", update(names, N_NAMES, NULL, NULL, &out, NULL), WX_OK);
	CHECK_INT("all", out.n_new, N_NAMES);
	CHECK_F64("all", out.length_s, 2.5 * N_NAMES, 1e-9);
	CHECK("all", out.changed);
	whole = table();
	CHECK_INT("again", update(names, N_NAMES, NULL, NULL, &out, NULL),
		  WX_OK);
	CHECK_INT("again", out.n_new + out.changed, 0);

	unlink(in_root("t.csv"));
	for (int i = 0; i < N_NAMES; i++)
		update(names + N_NAMES - 1 - i, (size_t)i + 1, NULL, NULL, &out,
		       NULL);
	other = table();
	CHECK_STR("from the last", other, whole);
	free(other);

	unlink(in_root("t.csv"));
	CHECK_INT("stopped",
		  update(names, N_NAMES, two_more, &left, &out, NULL), WX_OK);
	CHECK_INT("stopped", out.n_new, 2);
	CHECK_INT("the rest", update(names, N_NAMES, NULL, NULL, &out, NULL),
		  WX_OK);
	CHECK_INT("the rest", out.n_new, 3);
	other = table();
	CHECK_STR("stopped", other, whole);
	free(other);

	left = 0;
	unlink(in_root("t.csv"));
	update(names, N_NAMES, two_more, &left, &out, NULL);
	CHECK("stopped before the first: no table",
	      access(in_root("t.csv"), F_OK));
	free(whole);
}

/* A capture that cannot be read leaves no rows and does not stop the rest. */
static void test_unread(void)
{
	static const char *const some[] = { "f/0 none.wav", "f/1.wav",
					    "f/1none.wav", "f/2,3.wav" };
	static const char *const good[] = { "f/1.wav", "f/2,3.wav" };
	struct wx_sound_update out;
	char *with, *without;

	unlink(in_root("t.csv"));
	CHECK_INT("unread", update(some, 4, NULL, NULL, &out, NULL), WX_OK);
	CHECK_INT("unread", out.n_unread, 2);
	CHECK_INT("unread", out.n_new, 2);
	with = table();
	unlink(in_root("t.csv"));
	update(good, 2, NULL, NULL, &out, NULL);
	without = table();
	CHECK_STR("unread", with, without);
	update(some, 1, NULL, NULL, &out, NULL);
	CHECK("nothing read, nothing written", !out.changed);
	free(with);
	free(without);
}

/* A capture that has gone keeps its rows. */
static void test_gone(void)
{
	struct wx_sound_update out;
	char *before, *after;

	unlink(in_root("t.csv"));
	update(names, N_NAMES, NULL, NULL, &out, NULL);
	before = table();
	update(names + 2, 1, NULL, NULL, &out, NULL);
	CHECK_INT("gone", out.n_new, 0);
	after = table();
	CHECK_STR("gone", after, before);
	free(before);
	free(after);
}

/* A table that somebody worked on is left to him. */
static void test_foreign(void)
{
	static const char *const heads[] = { "capture,offset_s\n", "",
					     "a,b,c\n1,2,3\n", NULL };
	struct wx_sound_update out;
	struct wx_error err = { 0 };
	char *text = NULL, *swapped, *line;
	FILE *f;

	for (int i = 0; heads[i]; i++) {
		f = fopen(in_root("t.csv"), "w");
		if (f) {
			fputs(heads[i], f);
			fclose(f);
		}
		CHECK_INT("columns",
			  update(names, N_NAMES, NULL, NULL, &out, NULL),
			  WX_ERR_FORMAT);
		text = table();
		CHECK_STR("columns", text, heads[i]);
		free(text);
	}
	unlink(in_root("t.csv"));
	update(names, 1, NULL, NULL, &out, NULL);
	text = table();
	swapped = text ? strdup(text) : NULL;
	line = swapped ? strstr(swapped, "raw/n/f/1") : NULL;
	if (line) { /* the same row once more, by a name that sorts before */
		line[strlen("raw/n/f/")] = '0';
		f = fopen(in_root("t.csv"), "a");
		if (f) {
			fputs(line, f);
			fclose(f);
		}
	}
	CHECK_INT("order", update(names, N_NAMES, NULL, NULL, &out, &err),
		  WX_ERR_FORMAT);
	CHECK("order",
	      strstr(err.text, "t.csv:5: captures are not sorted") != NULL);
	free(text);
	free(swapped);
}

/*
 * A table without scores of speech is made again: a capture that has gone keeps
 * what there was, and one that is stopped is left as it was.
 */
static void test_old(void)
{
	struct wx_sound_update out;
	char *whole, *text, *out_of;
	int left = 2;
	FILE *f;

	unlink(in_root("t.csv"));
	update(names, N_NAMES, NULL, NULL, &out, NULL);
	whole = table();
	f = fopen(in_root("t.csv"), "w");
	for (char *at = whole, *end; f && at && *at; at = end + 1) {
		end = strchr(at, '\n');
		while (*end != ',')
			end--;
		fprintf(f, "%.*s\n", (int)(end - at), at);
		end = strchr(end, '\n');
	}
	if (f)
		fclose(f);
	text = table();
	update(names, N_NAMES, two_more, &left, &out, NULL);
	out_of = table();
	CHECK_STR("stopped", out_of, text);
	free(out_of);
	free(text);
	CHECK_INT("old", update(names + 1, N_NAMES - 1, NULL, NULL, &out, NULL),
		  WX_OK);
	CHECK_INT("old", out.n_new, N_NAMES - 1);
	text = table();
	CHECK("a capture that has gone", text && strstr(text, "/1.wav,0.000"));
	CHECK_INT("again",
		  update(names + 1, N_NAMES - 1, NULL, NULL, &out, NULL),
		  WX_OK);
	CHECK_INT("again", out.n_new + out.changed, 0);
	CHECK("the others as from nothing",
	      text && whole &&
		      !strcmp(strstr(text, "raw/n/f/10.wav"),
			      strstr(whole, "raw/n/f/10.wav")));
	free(text);
	free(whole);
}

int main(void)
{
	struct wx_limits limits;

	snprintf(root, sizeof(root), "/tmp/wxset-table.XXXXXX");
	if (!mkdtemp(root) || wx_limits_read(NULL, &limits, NULL) != WX_OK ||
	    wx_listener_new(&limits, &listener, NULL) != WX_OK)
		return 1;
	wx_mkdirs(in_root("raw/n/f"), NULL);
	for (int i = 0; i < N_NAMES; i++)
		save_capture(names[i], 20000);
	test_roads();
	test_unread();
	test_gone();
	test_foreign();
	test_old();
	wx_listener_free(listener);
	for (int i = 0; i < N_NAMES; i++) {
		char path[96];

		snprintf(path, sizeof(path), "raw/n/%s", names[i]);
		unlink(in_root(path));
	}
	unlink(in_root("t.csv"));
	rmdir(in_root("raw/n/f"));
	rmdir(in_root("raw/n"));
	rmdir(in_root("raw"));
	CHECK_INT("scratch folder is empty", rmdir(root), 0);
	return wx_test_end();
}
