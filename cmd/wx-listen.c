/* SPDX-License-Identifier: MIT */
/* cmd/wx-listen.c: sound becomes numbers, once, into sound/NODE/FOLDER.csv. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "base/array.h"
#include "base/cli.h"
#include "base/json.h"
#include "base/run.h"
#include "base/text.h"
#include "dataset/retain.h"
#include "sound/table.h"

static const char usage[] =
	"wx-listen [-a DIR] [--node ID]... [--speech-cmd CMD]\n"
	"wx-listen [-a DIR] [--node ID]... --forget [--dry-run]\n"
	"\n"
	"Measure the level, bands and quality of each second of new captures.";

/*
 * A capture of an hour is 9000 lines of 0.4 s: 1 MiB is 4 times that. Beyond
 * it, a program has lost its mind.
 */
enum { MAX_SAID = 1 << 20 };

struct args {
	const char *archive, *speech_cmd;
	double speech_timeout_s;
	struct wx_strs nodes;
	bool json, forget, dry_run;
};

/* The program of --speech-cmd, asked about a capture. */
static int ask(void *ctx, const char *path, bool *says, struct wx_voices *out,
	       struct wx_log *log, struct wx_error *err)
{
	const struct args *args = ctx;
	char *safe = wx_strf("%s%s", *path == '-' ? "./" : "", path);
	struct wx_run run = { 0 };
	int rc = safe ? wx_run(args->speech_cmd, safe, args->speech_timeout_s,
			       MAX_SAID, wx_cli_stopped, &run, err)
		      : wx_fail_nomem(err);
	const char *why = run.timed_out  ? "ran out of time"
			  : run.too_much ? "printed over 1 MiB"
					 : NULL;

	*says = false;
	if (rc == WX_OK && (why || run.status))
		wx_warn(log,
			"%s: --speech-cmd %s (exit status %d): the own score "
			"counts instead",
			path, why ? why : "failed", run.status);
	else if (rc == WX_OK)
		rc = wx_voices_parse(run.text, run.n, out, err);
	if (rc == WX_OK && !why && !run.status) {
		/* Of nothing but nonsense it does not follow that all is quiet. */
		*says = out->n || !out->n_bad;
		if (out->n_bad)
			wx_warn(log,
				"%s: --speech-cmd printed %zu lines, the first "
				"of them line %ld, that are not start, end and "
				"probability: passed over",
				path, out->n_bad, out->bad);
	}
	wx_run_fini(&run);
	free(safe);
	return rc;
}

/* A node under way. */
struct node {
	const struct wx_archive *a;
	const char *id;
	struct wx_catalog catalog;
	const struct wx_held **held; /* those here, by folder, then by name */
	size_t n;
	const char **name;    /* of each, */
	struct wx_told *told; /* and what the index tells */
	uint64_t n_done;      /* for progress */
	struct wx_sound_update sum;
	size_t n_tables;
	bool stopped;
};

static int by_folder(const void *va, const void *vb, void *ctx)
{
	const struct wx_held *const *a = va, *const *b = vb;

	return wx_folder_compare(wx_catalog_name(ctx, *a),
				 wx_catalog_name(ctx, *b));
}

static int list_captures(struct node *n, struct wx_error *err)
{
	size_t n_all = n->catalog.n_captures;

	n->held = calloc(n_all + 1, sizeof(*n->held));
	n->name = calloc(n_all + 1, sizeof(*n->name));
	n->told = calloc(n_all + 1, sizeof(*n->told));
	if (!n->held || !n->name || !n->told)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < n_all; i++)
		if (!n->catalog.capture[i].form->deleted)
			n->held[n->n++] = &n->catalog.capture[i];
	wx_sort(n->held, n->n, sizeof(*n->held), by_folder, &n->catalog);
	for (size_t i = 0; i < n->n; i++) {
		n->name[i] = wx_catalog_name(&n->catalog, n->held[i]);
		n->told[i] = (struct wx_told){ n->held[i]->form->rate_hz,
					       n->held[i]->form->n_frames };
	}
	return WX_OK;
}

static bool more(void *ctx)
{
	struct node *n = ctx;

	n->stopped |= wx_cli_stopped();
	wx_cli_progress(n->id, n->n_done++, n->n);
	return !n->stopped;
}

static int listen_folder(struct node *n, struct wx_listener *l, size_t from,
			 size_t n_names, struct wx_error *err)
{
	const char *const *name = n->name + from;
	char *prefix = wx_strf("raw/%s/", n->id);
	char *table = wx_sound_table(n->id, name[0]);
	char *path = table ? wx_archive_path(n->a, "%s", table) : NULL;
	struct wx_sound_folder f = { n->a->root, prefix, name, n_names,
				     n->told + from };
	int rc = prefix && path ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK)
		rc = wx_sound_table_update(path, &f, l, more, n, &n->sum,
					   wx_cli_log(), err);
	n->n_tables++;
	free(prefix);
	free(table);
	free(path);
	return rc;
}

/* Folder by folder; a table that fails does not stop the others. */
static int listen_folders(struct node *n, struct wx_listener *l)
{
	size_t n_all = n->n, from = 0;
	int status = WX_EXIT_OK;

	while (from < n_all && !n->stopped) {
		size_t len = wx_folder_length(n->name[from]), to = from + 1;
		struct wx_error err = { 0 };
		int rc;

		while (to < n_all && wx_folder_length(n->name[to]) == len &&
		       !strncmp(n->name[to], n->name[from], len))
			to++;
		n->n_done = from;
		rc = listen_folder(n, l, from, to - from, &err);
		status = wx_cli_worst(status, wx_cli_report(rc, &err));
		from = to;
	}
	wx_cli_progress_end();
	return status;
}

static void report_json(const struct node *n)
{
	const struct wx_sound_update *s = &n->sum;
	json_t *obj = json_pack(
		"{s:s, s:I, s:I, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:b}",
		"node", n->id, "captures", (json_int_t)n->catalog.n_captures,
		"new", (json_int_t)s->n_new, "new_s", s->length_s, "no_sound",
		(json_int_t)s->n_no_sound, "unread", (json_int_t)s->n_unread,
		"rows_suspect", (json_int_t)s->n_suspect, "rows_fail",
		(json_int_t)s->n_fail, "speech", (json_int_t)s->n_speech,
		"tables", (json_int_t)n->n_tables, "changed", s->changed);

	wx_json_write_line(obj, stdout, NULL);
	json_decref(obj);
}

/* "56 new captures, 559.9 s of sound: 2 s suspect, 1 s bad; 1 capture ..." */
static void summary(const struct wx_sound_update *s, char *text, size_t size)
{
	int n = snprintf(text, size,
			 "%" PRId64 " new captures, %.1f s of sound: %" PRId64
			 " s suspect, %" PRId64 " s bad",
			 s->n_new, s->length_s, s->n_suspect,
			 s->n_fail - s->n_no_sound);

	if (s->n_no_sound)
		n += snprintf(text + n, size - (size_t)n,
			      "; %" PRId64 " captures without sound",
			      s->n_no_sound);
	if (s->n_speech)
		n += snprintf(text + n, size - (size_t)n,
			      "; %" PRId64 " captures that may hold speech",
			      s->n_speech);
	if (s->n_unread)
		snprintf(text + n, size - (size_t)n,
			 "; %" PRId64 " captures not read", s->n_unread);
}

static void add_up(const struct wx_sound_update *s, struct wx_sound_update *all)
{
	all->n_new += s->n_new;
	all->n_no_sound += s->n_no_sound;
	all->n_unread += s->n_unread;
	all->n_suspect += s->n_suspect;
	all->n_fail += s->n_fail;
	all->n_speech += s->n_speech;
	all->length_s += s->length_s;
}

static int listen_node(const struct wx_archive *a, const char *id,
		       struct wx_listener *l, bool json,
		       struct wx_sound_update *all)
{
	char text[256];
	struct node n = { .a = a, .id = id };
	struct wx_lock *lock = NULL;
	struct wx_error err = { 0 };
	int rc = wx_lock_take(a, &lock, &err, "listen-%s", id);
	int status = WX_EXIT_OK;

	if (rc == WX_OK)
		rc = wx_catalog_read(a, id, true, &n.catalog, wx_cli_log(),
				     &err);
	if (rc == WX_OK)
		rc = list_captures(&n, &err);
	if (rc == WX_OK) {
		status = listen_folders(&n, l);
		if (n.sum.n_unread)
			status = wx_cli_worst(status, WX_EXIT_SYSTEM);
		add_up(&n.sum, all);
		summary(&n.sum, text, sizeof(text));
		wx_cli_detail("%s: %s", id, text);
		if (json)
			report_json(&n);
	}
	status = wx_cli_worst(status, wx_cli_report(rc, &err));
	free(n.held);
	free(n.name);
	free(n.told);
	wx_catalog_fini(&n.catalog);
	wx_lock_drop(lock);
	return status;
}

/* --- --forget --- */

static void tell(void *ctx, const char *path, int64_t size_bytes)
{
	const struct args *args = ctx;

	if (args->dry_run && !args->json)
		printf("%s\n", path);
	wx_cli_detail("%s: %" PRId64 " bytes", path, size_bytes);
}

static void report_forgotten(const struct args *args, const char *id,
			     const struct wx_retained *r)
{
	json_t *obj;

	if (!args->json) {
		wx_cli_note("%s: %zu captures, %.1f MB, %s; kept: %zu too "
			    "young, %zu not measured, %zu not labelled, %zu "
			    "with files made of them, %zu not as journalled",
			    id, r->n_deleted, (double)r->n_bytes / 1e6,
			    args->dry_run ? "would be deleted" : "deleted",
			    r->n_young, r->n_unmeasured, r->n_unlabelled,
			    r->n_bound, r->n_unknown);
		return;
	}
	obj = json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "node",
			id, "dry_run", args->dry_run, "deleted",
			(json_int_t)r->n_deleted, "bytes",
			(json_int_t)r->n_bytes, "young", (json_int_t)r->n_young,
			"unmeasured", (json_int_t)r->n_unmeasured, "unlabelled",
			(json_int_t)r->n_unlabelled, "bound",
			(json_int_t)r->n_bound, "unknown",
			(json_int_t)r->n_unknown);
	wx_json_write_line(obj, stdout, NULL);
	json_decref(obj);
}

/* Nobody else may be at work on the captures. */
static int forget_node(const struct args *args, const struct wx_archive *a,
		       const char *id)
{
	const struct wx_retain rule = { .days = a->site->raw_sound_days,
					.now = wx_time_now(),
					.dry_run = args->dry_run,
					.stopped = wx_cli_stopped,
					.tell = tell,
					.ctx = (void *)args };
	struct wx_lock *pull = NULL, *hear = NULL, *export = NULL;
	struct wx_retained done = { 0 };
	struct wx_error err = { 0 };
	int rc = wx_lock_take(a, &pull, &err, "pull-%s", id);

	if (rc == WX_OK)
		rc = wx_lock_take(a, &hear, &err, "listen-%s", id);
	if (rc == WX_OK)
		rc = wx_lock_take(a, &export, &err, "export");
	if (rc == WX_OK) {
		rc = wx_retain_node(a, id, &rule, &done, wx_cli_log(), &err);
		report_forgotten(args, id, &done);
	}
	wx_lock_drop(export);
	wx_lock_drop(hear);
	wx_lock_drop(pull);
	return wx_cli_report(rc, &err);
}

static int forget_site(const struct args *args, const struct wx_archive *a)
{
	int status = WX_EXIT_OK;

	if (isnan(a->site->raw_sound_days))
		return wx_cli_usage("--forget: site.json has no retention: "
				    "expected \"retention\": "
				    "{\"raw_sound_days\": DAYS}");
	for (size_t i = 0; i < a->site->n_nodes && !wx_cli_stopped(); i++) {
		const char *id = a->site->nodes[i].id;

		if (wx_strs_has(&args->nodes, id))
			status = wx_cli_worst(status, forget_node(args, a, id));
	}
	return status;
}

/* --- all --- */

static int listen_site(const struct args *args, const struct wx_archive *a)
{
	struct wx_listener *l = NULL;
	struct wx_sound_update all = { 0 };
	struct wx_limits limits;
	struct wx_error err = { 0 };
	char text[256];
	int status = WX_EXIT_OK, rc;

	rc = wx_limits_read(a->site->quality, &limits, &err);
	if (rc == WX_OK)
		rc = wx_listener_new(&limits, &l, &err);
	if (rc == WX_OK && args->speech_cmd)
		wx_listener_ask(l, ask, (void *)args);
	for (size_t i = 0; rc == WX_OK && i < a->site->n_nodes; i++) {
		const char *id = a->site->nodes[i].id;

		if (wx_cli_stopped())
			break;
		if (wx_strs_has(&args->nodes, id))
			status = wx_cli_worst(
				status,
				listen_node(a, id, l, args->json, &all));
	}
	if (rc == WX_OK && !args->json) {
		summary(&all, text, sizeof(text));
		wx_cli_note("%s", text);
	}
	wx_listener_free(l);
	if (rc == WX_OK && wx_cli_stopped())
		rc = wx_fail(&err, WX_ERR_IO,
			     "stopped; run again to hear the rest");
	return wx_cli_worst(status, wx_cli_report(rc, &err));
}

static int check_nodes(const struct args *args, const struct wx_archive *a)
{
	for (int i = 0; i < args->nodes.n; i++)
		if (!wx_site_node(a->site, args->nodes.v[i]))
			return wx_cli_usage("site.json has no node '%s'",
					    args->nodes.v[i]);
	return WX_EXIT_OK;
}

int main(int argc, char *argv[])
{
	struct args args = { .speech_timeout_s = 120 };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&args.archive),
		WX_OPT_NODE(&args.nodes),
		WX_OPT_STR(0, "speech-cmd", &args.speech_cmd, "CMD",
			   "hears speech better: run as CMD CAPTURE, it prints "
			   "start, end, probability"),
		WX_OPT_F64(0, "speech-timeout", &args.speech_timeout_s, 0.1,
			   86400, "SECONDS",
			   "that it may take for a capture (default 120)"),
		WX_OPT_FLAG(0, "forget", &args.forget,
			    "delete sound that site.json's retention lets go"),
		WX_OPT_FLAG(0, "dry-run", &args.dry_run,
			    "with --forget: only say which"),
		WX_OPT_JSON(&args.json),
		WX_OPT_END,
	};
	struct wx_archive *a = NULL;
	struct wx_error err = { 0 };
	int status, rc;

	if (wx_cli_parse(argc, argv, usage, opts) < argc)
		return wx_cli_usage("no operand expected");
	if (args.dry_run && !args.forget)
		return wx_cli_usage("--dry-run goes with --forget");
	wx_cli_catch_signals();
	rc = wx_archive_open(wx_cli_archive(args.archive), &a, &err);
	status = wx_cli_report(rc, &err);
	if (rc == WX_OK)
		status = check_nodes(&args, a);
	if (rc == WX_OK && status == WX_EXIT_OK)
		status = args.forget ? forget_site(&args, a)
				     : listen_site(&args, a);
	wx_archive_close(a);
	return wx_cli_end(status);
}
