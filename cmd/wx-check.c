/* SPDX-License-Identifier: MIT */
/* cmd/wx-check.c: an archive or a dataset audited. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/cli.h"
#include "base/json.h"
#include "base/text.h"
#include "capture/content.h"

static const char usage[] =
	"wx-check [-a DIR] [--node ID]... [--since YYYY-MM-DD] [--full]\n"
	"wx-check [-a DIR] [--full] DATASET\n\n"
	"Audit an archive or a dataset: hashes, tables, gaps, clocks, quality. "
	"Each\nfinding says what to do.";

/* Of one kind more than this many are counted, not printed. */
enum { MAX_SHOWN = 20, MAX_KINDS = 32 };

struct args {
	const char *archive, *since;
	struct wx_strs nodes;
	bool full, json, accept_losses;
};

struct tally {
	bool json;
	char todo[256]; /* that was printed last */
	struct {
		char what[24];
		uint64_t n;
	} kind[MAX_KINDS];
};

static uint64_t count(struct tally *t, const char *what)
{
	for (size_t i = 0; i < MAX_KINDS; i++) {
		if (!t->kind[i].n)
			snprintf(t->kind[i].what, sizeof(t->kind[i].what), "%s",
				 what);
		if (!strcmp(t->kind[i].what, what))
			return ++t->kind[i].n;
	}
	return 0;
}

/* A stranger's bytes must not steer a terminal. */
static void print_text(const char *text)
{
	for (const unsigned char *c = (const unsigned char *)text; *c; c++)
		if (*c < 32 || *c == 127)
			printf("\\x%02x", *c);
		else
			putchar(*c);
}

static void found(void *ctx, const struct wx_audit_finding *f)
{
	struct tally *t = ctx;
	uint64_t n = count(t, f->what);
	json_t *obj;

	wx_cli_progress_end();
	if (t->json) {
		obj = json_pack(
			"{s:s, s:s, s:s, s:s, s:s}", "found", f->what, "grade",
			f->grade == WX_AUDIT_LOSS ? "loss" : "fault", "path",
			f->path, "text", f->text, "do", f->todo);
		if (!obj) /* a name that is no UTF-8 */
			obj = json_pack("{s:s, s:s, s:s, s:s, s:s}", "found",
					f->what, "grade", "fault", "path", "?",
					"text", "a name that is not UTF-8",
					"do", f->todo);
		wx_json_write_line(obj, stdout, NULL);
		json_decref(obj);
	} else if (n <= MAX_SHOWN) {
		print_text(f->path);
		printf(": ");
		print_text(f->text);
		printf(" [%s]\n", f->what);
		if (strcmp(t->todo, f->todo) != 0)
			printf("    %s\n", f->todo);
		snprintf(t->todo, sizeof(t->todo), "%s", f->todo);
	}
}

static void print_rest(const struct tally *t)
{
	for (size_t i = 0; i < MAX_KINDS; i++)
		if (!t->json && t->kind[i].n > MAX_SHOWN)
			printf("%" PRIu64 " more of [%s]; --json prints all\n",
			       t->kind[i].n - MAX_SHOWN, t->kind[i].what);
}

static void progress(uint64_t done, uint64_t total)
{
	wx_cli_progress_bytes("read", done, total);
}

static void sum_up(const struct wx_audit_stats *s, bool json)
{
	json_t *obj;

	if (!json) {
		if (s->n_samples)
			wx_cli_note("%" PRIu64 " samples, %" PRIu64
				    " read, %" PRIu64 " known: %" PRIu64
				    " faults",
				    s->n_samples, s->n_hashed, s->n_known,
				    s->n_found[WX_AUDIT_FAULT]);
		else
			wx_cli_note("%" PRIu64 " captures, %" PRIu64
				    " tables, %.1f GB, %.1f GB free: %" PRIu64
				    " faults, %" PRIu64 " losses",
				    s->n_captures, s->n_tables,
				    (double)s->size_bytes / 1e9,
				    (double)s->free_bytes / 1e9,
				    s->n_found[WX_AUDIT_FAULT],
				    s->n_found[WX_AUDIT_LOSS]);
		return;
	}
	obj = json_pack(
		"{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "faults",
		(json_int_t)s->n_found[WX_AUDIT_FAULT], "losses",
		(json_int_t)s->n_found[WX_AUDIT_LOSS], "captures",
		(json_int_t)s->n_captures, "samples", (json_int_t)s->n_samples,
		"tables", (json_int_t)s->n_tables, "files",
		(json_int_t)s->n_files, "size_bytes", (json_int_t)s->size_bytes,
		"free_bytes", (json_int_t)s->free_bytes, "hashed",
		(json_int_t)s->n_hashed, "known", (json_int_t)s->n_known);
	wx_json_write_line(obj, stdout, NULL);
	json_decref(obj);
}

static bool is_archive(const char *dir)
{
	char *path = wx_strf("%s/site.json", dir);
	bool is = path && access(path, F_OK) == 0;

	free(path);
	return is;
}

/*
 * The archive of a dataset: -a, else the folder above, as wx-nightly has it.
 * Without one samples are not held against their captures.
 */
static int archive_of(const struct args *args, const char *dataset,
		      struct wx_archive **out, struct wx_error *err)
{
	char *above = wx_strf("%s/..", dataset);
	int rc = above ? WX_OK : wx_fail_nomem(err);

	*out = NULL;
	if (rc == WX_OK && args->archive)
		rc = wx_archive_open(args->archive, out, err);
	else if (rc == WX_OK && is_archive(above))
		rc = wx_archive_open(above, out, err);
	free(above);
	return rc;
}

/* A site.json that is wrong is a finding; one that is not there no archive. */
static int open_archive(const char *dir, struct wx_archive **out, void *tally,
			struct wx_audit_stats *stats, struct wx_error *err)
{
	struct wx_error why = { 0 };
	struct wx_audit_finding f = { .what = "site",
				      .path = "site.json",
				      .text = why.text,
				      .todo = "mend it: see wx-site(5)" };
	int rc = wx_archive_open(dir, out, &why);

	if (rc == WX_ERR_FORMAT || rc == WX_ERR_RANGE) {
		found(tally, &f);
		stats->n_found[WX_AUDIT_FAULT]++;
		return WX_OK;
	}
	return rc == WX_OK ? WX_OK : wx_fail(err, rc, "%s", why.text);
}

static int check(const struct args *args, const char *dataset, int64_t since)
{
	struct tally tally = { .json = args->json };
	struct wx_audit_opts opts = { .full = args->full,
				      .node = args->nodes.v,
				      .n_nodes = (size_t)args->nodes.n,
				      .since_day = since,
				      .is_derived =
					      wx_capture_content.is_derived,
				      .found = found,
				      .progress = progress,
				      .stopped = wx_cli_stopped,
				      .ctx = &tally };
	struct wx_audit_stats stats = { 0 };
	struct wx_archive *a = NULL;
	struct wx_error err = { 0 };
	int rc, status;

	if (dataset) {
		rc = archive_of(args, dataset, &a, &err);
		if (rc == WX_OK)
			rc = wx_audit_dataset(dataset, a, &opts, &stats, &err);
	} else {
		rc = open_archive(wx_cli_archive(args->archive), &a, &tally,
				  &stats, &err);
		if (rc == WX_OK && a)
			rc = wx_audit_archive(a, &opts, &stats, &err);
	}
	wx_cli_progress_end();
	print_rest(&tally);
	status = wx_cli_report(rc, &err);
	if (rc == WX_OK)
		sum_up(&stats, args->json);
	if (rc == WX_OK &&
	    (stats.n_found[WX_AUDIT_FAULT] ||
	     (stats.n_found[WX_AUDIT_LOSS] && !args->accept_losses)))
		status = WX_EXIT_FOUND;
	wx_archive_close(a);
	return status;
}

int main(int argc, char *argv[])
{
	struct args args = { 0 };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&args.archive),
		WX_OPT_NODE(&args.nodes),
		WX_OPT_STR(0, "since", &args.since, "YYYY-MM-DD",
			   "gaps, clocks, quality from this UTC day on"),
		WX_OPT_FLAG(0, "full", &args.full,
			    "read all bytes anew, also of files not changed"),
		WX_OPT_FLAG(0, "accept-losses", &args.accept_losses,
			    "what is lost does not count for the exit status"),
		WX_OPT_JSON(&args.json),
		WX_OPT_END,
	};
	struct wx_error err = { 0 };
	const char *dataset = NULL;
	int64_t since = INT64_MIN;
	int i = wx_cli_parse(argc, argv, usage, opts);

	if (i + 1 < argc)
		return wx_cli_usage("expected one dataset, found '%s' too",
				    argv[i + 1]);
	if (args.since && wx_day_parse(args.since, &since, &err) != WX_OK)
		return wx_cli_usage("--since: %s", err.text);
	if (i < argc && is_archive(argv[i]) && !args.archive)
		args.archive = argv[i];
	else if (i < argc)
		dataset = argv[i];
	if (dataset && args.nodes.n)
		return wx_cli_usage("--node is of an archive, not a dataset");
	wx_cli_catch_signals();
	return wx_cli_end(check(&args, dataset, since));
}
