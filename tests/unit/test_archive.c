/* SPDX-License-Identifier: MIT */
/* Where things are in an archive; its locks and journals, and kill -9. */
#include "archive/archive.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "testing.h"

#define TEXT(text) text, sizeof(text) - 1

static struct wx_archive a; /* in a folder of its own */

static void put(const char *name, const char *text, size_t n)
{
	char *path = wx_archive_path(&a, "%s", name);
	FILE *f;

	wx_mkdirs_above(path, NULL);
	f = fopen(path, "w");
	fwrite(text, 1, n, f);
	fclose(f);
	free(path);
}

static bool is_there(const char *name)
{
	char *path = wx_archive_path(&a, "%s", name);
	bool is = access(path, F_OK) == 0;

	free(path);
	return is;
}

static void test_open(void)
{
	static const char *const dirs[] = { "%s", "%s/", "%s//" };
	struct wx_archive *opened = NULL;
	struct wx_error err = { 0 };
	char *dir, *text;

	CHECK_INT("none", wx_archive_open(a.root, &opened, &err), WX_ERR_IO);
	text = wx_strf("%s/site.json: no such file, expected an archive in "
		       "folder %s: name one with -a DIR, or write its "
		       "site.json as wx-site(5) shows",
		       a.root, a.root);
	CHECK_STR("none", err.text, text);
	free(text);
	put("site.json", TEXT("{\"site\":\"s\",\"nodes\":[],\"stations\":[]}"));
	for (size_t i = 0; i < WX_COUNT(dirs); i++) {
		dir = wx_strf("%s%s", a.root, dirs[i] + 2);
		CHECK_INT(dirs[i], wx_archive_open(dir, &opened, NULL), WX_OK);
		text = wx_archive_path(opened, "raw/%s/%04d", "n1", 7);
		CHECK(dirs[i], !strncmp(text, a.root, strlen(a.root)));
		CHECK_STR(dirs[i], text + strlen(a.root), "/raw/n1/0007");
		free(text);
		wx_archive_close(opened);
		free(dir);
	}
	CHECK_INT("chdir", chdir(a.root), 0);
	CHECK_INT(".", wx_archive_open(".", &opened, NULL), WX_OK);
	text = wx_archive_path(opened, "raw");
	CHECK_STR(".", text, "raw"); /* as a person would type it */
	free(text);
	wx_archive_close(opened);
}

static void test_days(void)
{
	static const char *const names[] = {
		"2026-06-02.csv", "2026-06-01.csv",      "undated.csv",
		"2026-13-01.csv", "2026-06-03.csv.part", "2026-06-04.csv/x",
	};
	struct wx_days d;

	for (size_t i = 0; i < WX_COUNT(names); i++) {
		char *name = wx_strf("windows/n1/%s", names[i]);

		put(name, "", 0);
		free(name);
	}
	CHECK_INT("days", wx_archive_days(&a, "windows", "n1", &d, NULL), 0);
	CHECK_INT("days", d.n, 2);
	CHECK_INT("sorted", d.day[1] - d.day[0], 1);
	wx_days_fini(&d);
	CHECK_INT("none", wx_archive_days(&a, "windows", "n2", &d, NULL), 0);
	CHECK_INT("none", d.n, 0);
	wx_days_fini(&d);
}

static const struct {
	const char *capture, *table;
} tables[] = {
	{ "b0017/000123.wav", "sound/n1/b0017.csv" },
	{ "x.wav", "sound/n1/_root.csv" },
	{ "DCIM/100/x.wav", "sound/n1/DCIM/100.csv" },
	/* what would fall on another's table */
	{ "_root/x.wav", "sound/n1/_root_.csv" },
	{ "_root_/x.wav", "sound/n1/_root__.csv" },
	{ "a.csv/b/x.wav", "sound/n1/a.csv_/b.csv" },
	{ "a.csv_/b/x.wav", "sound/n1/a.csv__/b.csv" },
	{ "a_/x.wav", "sound/n1/a_.csv" },
};

static void test_tables(void)
{
	for (size_t i = 0; i < WX_COUNT(tables); i++) {
		char *table = wx_sound_table("n1", tables[i].capture);

		CHECK_STR(tables[i].capture, table, tables[i].table);
		free(table);
	}
}

/* Another process takes a lock and waits to be killed. */
static pid_t start_holder(const char *name)
{
	struct wx_lock *lock;
	char ready = 0;
	int ends[2];
	pid_t pid;

	CHECK_INT("pipe", pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		ready = wx_lock_take(&a, &lock, NULL, "%s", name) == WX_OK;
		if (write(ends[1], &ready, 1) == 1)
			pause();
		_exit(1);
	}
	CHECK_INT("holder", read(ends[0], &ready, 1), 1);
	CHECK_INT("holder", ready, 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void test_lock(void)
{
	struct wx_lock *one = NULL, *two = NULL;
	struct wx_error err = { 0 };
	pid_t pid = start_holder("pull-n1");
	char *text = wx_strf("%s/.lock/pull-n1 is in use by process %ld "
			     "(test_archive): wait for its end, or end it",
			     a.root, (long)pid);

	CHECK_INT("taken", wx_lock_take(&a, &one, &err, "pull-n1"), WX_ERR_IO);
	CHECK("taken", !one);
	CHECK_STR("taken", err.text, text);
	CHECK_INT("another name", wx_lock_take(&a, &two, NULL, "pull-n2"), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK("left behind", is_there(".lock/pull-n1"));
	CHECK_INT("killed", wx_lock_take(&a, &one, NULL, "pull-n1"), WX_OK);
	/* in one process as well: threads of wx-pull */
	CHECK_INT("own",
		  wx_lock_take(&a, &(struct wx_lock *){ 0 }, NULL, "pull-n2"),
		  WX_ERR_IO);
	wx_lock_drop(two);
	wx_lock_drop(one);
	CHECK("nothing is left", !is_there(".lock"));
	CHECK_INT("again", wx_lock_take(&a, &one, NULL, "pull-n1"), WX_OK);
	wx_lock_drop(one);
	free(text);
}

/* Four processes want it a hundred times: never two at once. */
static void test_lock_race(void)
{
	char *path = wx_archive_path(&a, "inside");
	int n_bad = 0;

	for (int i = 0; i < 4; i++) {
		if (fork())
			continue;
		int bad = 0;

		for (int n = 0; n < 100;) {
			struct wx_lock *lock;

			if (wx_lock_take(&a, &lock, NULL, "race"))
				continue;
			bad |= mkdir(path, 0777) != 0; /* somebody is inside */
			bad |= rmdir(path) != 0;
			wx_lock_drop(lock);
			n++;
		}
		free(path); /* under valgrind a child is checked, too */
		_exit(bad);
	}
	for (int i = 0; i < 4; i++) {
		int status = 1;

		wait(&status);
		n_bad += status != 0;
	}
	CHECK_INT("race", n_bad, 0);
	CHECK("nothing is left", !is_there(".lock"));
	free(path);
}

static void append(struct wx_journal *j, int i)
{
	json_t *line = json_pack("{s:i}", "i", i);

	CHECK_INT("append", wx_journal_append(j, line, NULL), WX_OK);
	json_decref(line);
}

static void check_text(const char *label, const char *path, const char *text)
{
	char *found = NULL;
	size_t n = 0;

	CHECK_INT(label, wx_file_read(path, 1 << 20, &found, &n, NULL), WX_OK);
	CHECK_STR(label, found, text);
	CHECK_INT(label, n, strlen(text));
	free(found);
}

static const struct {
	const char *label, *in;
	size_t n;
	const char *out; /* after 7 was appended */
} tails[] = {
	{ "empty", TEXT(""), "{\"i\":7}\n" },
	{ "whole", TEXT("{\"i\":1}\n"), "{\"i\":1}\n{\"i\":7}\n" },
	{ "torn", TEXT("{\"i\":1}\n{\"i\":"), "{\"i\":1}\n{\"i\":7}\n" },
	{ "torn first line", TEXT("{\"i"), "{\"i\":7}\n" },
	/* wx_jsonl_read tells it, so it must stay */
	{ "only the break is missing", TEXT("{\"i\":1}\n{\"i\":2}"),
	  "{\"i\":1}\n{\"i\":2}\n{\"i\":7}\n" },
	{ "NULs", TEXT("{\"i\":1}\n\0\0\0\0\0\0"), "{\"i\":1}\n{\"i\":7}\n" },
};

static void test_journal(void)
{
	char *path = wx_archive_path(&a, "raw/n1/journal.jsonl");
	struct wx_journal *j;

	for (size_t i = 0; i < WX_COUNT(tails); i++) {
		put("raw/n1/journal.jsonl", tails[i].in, tails[i].n);
		CHECK_INT(tails[i].label, wx_journal_open(path, &j, NULL), 0);
		append(j, 7);
		CHECK_INT(tails[i].label, wx_journal_sync(j, NULL), WX_OK);
		wx_journal_close(j);
		check_text(tails[i].label, path, tails[i].out);
	}
	unlink(path);
	CHECK_INT("new", wx_journal_open(path, &j, NULL), WX_OK);
	append(j, 1);
	append(j, 2);
	check_text("not yet", path, "");
	CHECK_INT("sync", wx_journal_sync(j, NULL), WX_OK);
	CHECK_INT("nothing new", wx_journal_sync(j, NULL), WX_OK);
	append(j, 3);
	CHECK_INT("sync", wx_journal_sync(j, NULL), WX_OK);
	append(j, 4); /* never synced: as if killed here */
	wx_journal_close(j);
	check_text("three", path, "{\"i\":1}\n{\"i\":2}\n{\"i\":3}\n");
	free(path);
}

/* A long NUL tail, as a file system leaves after a power cut. */
static void test_journal_nuls(void)
{
	char *path = wx_archive_path(&a, "raw/n1/journal.jsonl");
	struct wx_journal *j;

	put("raw/n1/journal.jsonl", TEXT("{\"i\":1}\n"));
	CHECK_INT("nuls", truncate(path, 300000), 0);
	CHECK_INT("nuls", wx_journal_open(path, &j, NULL), WX_OK);
	wx_journal_close(j);
	check_text("nuls", path, "{\"i\":1}\n");
	free(path);
}

/* A full disk: the journal stays whole, and the next try writes everything. */
static void test_journal_full(void)
{
	char *path = wx_archive_path(&a, "raw/n1/journal.jsonl");
	struct rlimit old, small;
	struct wx_error err = { 0 };
	struct wx_journal *j;

	put("raw/n1/journal.jsonl", TEXT("{\"i\":1}\n"));
	CHECK_INT("open", wx_journal_open(path, &j, NULL), WX_OK);
	append(j, 2);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 12;
	setrlimit(RLIMIT_FSIZE, &small);
	CHECK_INT("full", wx_journal_sync(j, &err), WX_ERR_IO);
	CHECK("full", strstr(err.text, "journal.jsonl: cannot write: File"));
	check_text("full", path, "{\"i\":1}\n");
	setrlimit(RLIMIT_FSIZE, &old);
	append(j, 3);
	CHECK_INT("room", wx_journal_sync(j, NULL), WX_OK);
	check_text("room", path, "{\"i\":1}\n{\"i\":2}\n{\"i\":3}\n");
	wx_journal_close(j);
	free(path);
}

int main(void)
{
	char root[] = "/tmp/wx-test-archive-XXXXXX";
	char *rm;

	a.root = mkdtemp(root);
	test_open();
	test_days();
	test_tables();
	test_lock();
	test_lock_race();
	test_journal();
	test_journal_nuls();
	test_journal_full();
	CHECK_INT("leave", chdir("/"), 0);
	rm = wx_strf("rm -r %s", root);
	CHECK_INT("clean", system(rm), 0);
	free(rm);
	return wx_test_end();
}
