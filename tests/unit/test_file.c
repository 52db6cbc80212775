/* SPDX-License-Identifier: MIT */
/* Files that appear whole, stay untouched when equal, survive a full disk. */
#include "base/file.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "testing.h"

static int put(const char *path, const char *text, bool *changed,
	       struct wx_error *err)
{
	struct wx_file *f;
	int rc = wx_file_create(path, &f, err);

	if (rc)
		return rc;
	fputs(text, wx_file_get(f));
	return wx_file_commit(f, changed, err);
}

static void check_text(const char *label, const char *path, const char *want)
{
	char *got = NULL;
	size_t n;

	CHECK_INT(label, wx_file_read(path, 1000, &got, &n, NULL), WX_OK);
	CHECK_STR(label, got, want);
	free(got);
}

/* What a file must not take the place of. */
static void no_file(const char *dir)
{
	struct wx_error err = { 0 };
	struct wx_file *f;
	char *fifo = wx_strf("%s/fifo", dir);
	struct stat st;

	CHECK_INT("device", wx_file_create("/dev/null", &f, &err), WX_ERR_IO);
	CHECK_STR("why", err.text,
		  "/dev/null: is no file that could be replaced");
	CHECK_INT("folder", wx_file_create(dir, &f, NULL), WX_ERR_IO);
	CHECK_INT("made", mkfifo(fifo, 0600), 0);
	CHECK_INT("fifo", wx_file_create(fifo, &f, NULL), WX_ERR_IO);
	CHECK_INT("is still one", stat(fifo, &st) == 0 && S_ISFIFO(st.st_mode),
		  1);
	unlink(fifo);
	free(fifo);
}

static void full_disk(const char *path)
{
	struct rlimit old, small = { 100000, RLIM_INFINITY };
	struct wx_error err = { 0 };
	struct wx_file *f;

	getrlimit(RLIMIT_FSIZE, &old);
	small.rlim_max = old.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK_INT("start", wx_file_create(path, &f, NULL), WX_OK);
	for (int i = 0; i < 30000; i++)
		fputs("0123456789", wx_file_get(f));
	CHECK_INT("full", wx_file_commit(f, NULL, &err), WX_ERR_IO);
	CHECK("says so", strstr(err.text, "cannot write"));
	setrlimit(RLIMIT_FSIZE, &old);
	check_text("the old file stays", path, "two");
}

int main(void)
{
	char dir[] = "/tmp/wxset-file.XXXXXX";
	char *path, *part;
	struct wx_names names;
	struct wx_file *f;
	struct stat st;
	bool changed = false;
	char *text;
	size_t n;

	CHECK("scratch", mkdtemp(dir));
	path = wx_strf("%s/a/b/c.txt", dir);
	part = wx_strf("%s.part", path);
	CHECK_INT("first", put(path, "one", &changed, NULL), WX_OK);
	CHECK("changed", changed);
	check_text("whole", path, "one");
	CHECK_INT("equal", put(path, "one", &changed, NULL), WX_OK);
	CHECK("not changed", !changed);
	CHECK("no part is left", stat(part, &st) != 0);
	CHECK_INT("other", put(path, "two", &changed, NULL), WX_OK);
	CHECK("changed", changed);
	CHECK_INT("start", wx_file_create(path, &f, NULL), WX_OK);
	fputs("never", wx_file_get(f));
	wx_file_abort(f);
	check_text("aborted", path, "two");
	full_disk(path);
	no_file(dir);
	CHECK_INT("too large", wx_file_read(path, 2, &text, &n, NULL),
		  WX_ERR_RANGE);
	CHECK_INT("a folder in the way", put(dir, "x", NULL, NULL), WX_ERR_IO);

	free(path);
	path = wx_strf("%s/a/.hidden", dir);
	put(path, "x", NULL, NULL);
	free(path);
	path = wx_strf("%s/a/a.txt", dir);
	put(path, "x", NULL, NULL);
	free(path);
	path = wx_strf("%s/a/lost+found/b.txt", dir);
	put(path, "x", NULL, NULL);
	CHECK_INT("names", wx_names_read(dir, 9, &names, NULL), WX_OK);
	CHECK_INT("two of them", names.n, 2);
	if (names.n == 2) {
		CHECK_STR("sorted", names.name[0], "a/a.txt");
		CHECK_STR("sorted", names.name[1], "a/b/c.txt");
	}
	wx_names_fini(&names);
	free(path);
	path = wx_strf("rm -rf %s", dir);
	CHECK_INT("clean", system(path), 0);
	free(path);
	free(part);
	return wx_test_end();
}
