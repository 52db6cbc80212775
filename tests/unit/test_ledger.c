/* SPDX-License-Identifier: MIT */
/* What a project has: found by content; torn, foreign and gone lines. */
#include "dataset/ledger.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "testing.h"

static char dir[] = "/tmp/wx-ledger.XXXXXX";

static struct wx_ledger *opened(int64_t project)
{
	struct wx_ledger *l;
	struct wx_error err = { 0 };

	if (wx_ledger_open(dir, project, &l, NULL, &err))
		printf("%s\n", err.text);
	return l;
}

/* The i-th content there is. */
static struct wx_ledger_line line_of(uint32_t i, const char *category,
				     const char *label)
{
	struct wx_ledger_line line = { .category = category,
				       .label = label,
				       .path = "training/x.wav",
				       .start_utc = "2026-06-01T12:00:00.500Z",
				       .sample = i };

	wx_sha256(&i, sizeof(i), line.sha256);
	return line;
}

static void add(struct wx_ledger *l, uint32_t i, const char *category,
		const char *label, bool gone)
{
	struct wx_ledger_line line = line_of(i, category, label);

	CHECK_INT("add", wx_ledger_add(l, &line, gone, NULL), WX_OK);
}

static enum wx_ledger_find find(const struct wx_ledger *l, uint32_t i,
				const char *category, const char *label)
{
	struct wx_ledger_line line = line_of(i, category, label);

	return wx_ledger_find(l, line.sha256, category, label);
}

static int on_each(void *ctx, struct wx_time start_utc, const char *category,
		   struct wx_error *err)
{
	(void)err;
	*(int *)ctx += strcmp(category, "training") == 0 &&
		       start_utc.utc_ns == 1780315200500000000;
	return WX_OK;
}

static void check_finds(const struct wx_ledger *l)
{
	CHECK_INT("there", find(l, 1, "training", "=a"), WX_LEDGER_THERE);
	CHECK_INT("other label", find(l, 1, "training", "=b"),
		  WX_LEDGER_OTHER_LABEL);
	CHECK_INT("other side", find(l, 1, "testing", "=a"),
		  WX_LEDGER_OTHER_CATEGORY);
	CHECK_INT("unknown", find(l, 2, "training", "=a"), WX_LEDGER_UNKNOWN);
	CHECK_INT("gone", find(l, 3, "training", "=a"), WX_LEDGER_UNKNOWN);
	CHECK_INT("relabelled", find(l, 4, "training", "=b"), WX_LEDGER_THERE);
	for (uint32_t i = 100; i < 5000; i += 7)
		CHECK_INT("one of many", find(l, i, "split", ""),
			  WX_LEDGER_THERE);
}

static void fill(void)
{
	struct wx_ledger *l = opened(5);

	add(l, 1, "training", "=a", false);
	add(l, 3, "training", "=a", false);
	add(l, 3, "training", "=a", true);
	add(l, 4, "training", "=a", false);
	add(l, 4, "training", "=b", false);
	for (uint32_t i = 100; i < 5000; i += 7)
		add(l, i, "split", "", false);
	check_finds(l);
	CHECK_INT("close", wx_ledger_close(l, NULL), WX_OK);
}

int main(void)
{
	struct wx_ledger *l, *twice;
	struct wx_error err = { 0 };
	char *path;
	int n = 0;

	if (!mkdtemp(dir))
		return 1;
	path = wx_strf("%s/%s", dir, WX_LEDGER_FILE);
	CHECK_INT("no ledger", wx_ledger_close(opened(5), NULL), WX_OK);
	CHECK("none is made", access(path, F_OK) != 0);
	fill();

	l = opened(5); /* read back */
	check_finds(l);
	CHECK_INT("held", wx_ledger_open(dir, 5, &twice, NULL, &err),
		  WX_ERR_IO);
	CHECK("why", strstr(err.text, "another wx-upload"));
	wx_ledger_close(l, NULL);
	l = opened(6); /* another project's */
	CHECK_INT("foreign", find(l, 1, "training", "=a"), WX_LEDGER_UNKNOWN);
	wx_ledger_close(l, NULL);

	/* Torn: one line is gone, and the next does not hang on to it. */
	CHECK_INT("tear", truncate(path, 200), 0);
	l = opened(5);
	CHECK_INT("before", find(l, 1, "training", "=a"), WX_LEDGER_THERE);
	add(l, 9, "training", "=a", false);
	wx_ledger_close(l, NULL);
	l = opened(5);
	CHECK_INT("after", find(l, 9, "training", "=a"), WX_LEDGER_THERE);
	wx_ledger_close(l, NULL);
	CHECK_INT("each", wx_ledger_each(dir, on_each, &n, NULL, NULL), WX_OK);
	CHECK_INT("two lines", n, 2);
	unlink(path);
	rmdir(dir);
	free(path);
	return wx_test_end();
}
