/* SPDX-License-Identifier: MIT */
/* cmd/wx-upload.c: a dataset goes to an Edge Impulse project. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "base/cli.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "dataset/upload.h"

static const char usage[] =
	"wx-upload [-a DIR] DATASET\n\n"
	"Send the samples of a dataset to its Edge Impulse project, each once: "
	"those that\nthe project does not have yet. Killed or cut off, run it "
	"again.";

#define KEY_ENV "EI_API_KEY"

struct args {
	const char *archive, *host, *studio, *key_file, *ca_file;
	int64_t project, connections, batch, tries;
	double timeout_s;
	bool dry_run, verify, json;
	/* Of site.json, or made. */
	struct wx_archive *site;
	char *key_path, *ca_path, *studio_made, *key;
};

static void free_args(struct args *a)
{
	free(a->key_path);
	free(a->ca_path);
	free(a->studio_made);
	wx_secret_free(a->key);
	wx_archive_close(a->site);
}

/* What the command line does not say, the archive's site.json may. */
static int read_site(struct args *a, struct wx_error *err)
{
	const json_t *up;
	const char *path;
	int rc;

	if (!a->archive && !getenv("WXSET_ARCHIVE"))
		return WX_OK;
	rc = wx_archive_open(wx_cli_archive(a->archive), &a->site, err);
	if (rc)
		return rc;
	up = json_object_get(a->site->site->doc, "upload");
	if (!a->host)
		a->host = wx_json_str(up, "host", NULL);
	if (!a->studio)
		a->studio = wx_json_str(up, "studio", NULL);
	if (!a->project)
		a->project = wx_json_i64(up, "project", 0);
	path = wx_json_str(up, "key_file", NULL);
	if (!a->key_file && path)
		a->key_file = a->key_path =
			*path == '/' ? strdup(path)
				     : wx_archive_path(a->site, "%s", path);
	path = wx_json_str(up, "ca_file", NULL);
	if (!a->ca_file && path)
		a->ca_file = a->ca_path =
			*path == '/' ? strdup(path)
				     : wx_archive_path(a->site, "%s", path);
	return WX_OK;
}

/* https://ingestion.NAME goes with https://studio.NAME; else one host is all. */
static char *studio_of(const char *host)
{
	const char *mark = strstr(host, "://ingestion.");

	return mark ? wx_strf("%.*s://studio.%s", (int)(mark - host), host,
			      mark + strlen("://ingestion."))
		    : strdup(host);
}

static int check_host(const char *what, const char *host, struct wx_error *err)
{
	char quoted[WX_QUOTE_SIZE];

	if ((strncmp(host, "http://", 7) == 0 && host[7]) ||
	    (strncmp(host, "https://", 8) == 0 && host[8]))
		return strpbrk(host, "?#@ ") || host[strlen(host) - 1] == '/'
			       ? wx_fail(err, WX_ERR_RANGE,
					 "%s: found '%s', expected only "
					 "http(s)://HOST[:PORT]",
					 what,
					 wx_quote(host, strlen(host), quoted))
			       : WX_OK;
	return wx_fail(err, WX_ERR_RANGE,
		       "%s: found '%s', expected http://HOST or https://HOST",
		       what, wx_quote(host, strlen(host), quoted));
}

/* Never from the command line, which all users of the machine can see. */
static int read_key(struct args *a, struct wx_error *err)
{
	const char *env = getenv(KEY_ENV);
	bool others = false;
	int rc = WX_OK;

	if (a->key_file)
		rc = wx_secret_read(a->key_file, &a->key, &others, err);
	else if (env && *env)
		a->key = strdup(env);
	else
		return wx_fail(err, WX_ERR_RANGE,
			       "no API key: give a file with it (--key-file, "
			       "or upload.key_file in site.json), or set "
			       "$" KEY_ENV);
	if (!rc && !a->key)
		rc = wx_fail_nomem(err);
	if (!rc && others)
		rc = wx_fail(err, WX_ERR_RANGE,
			     "%s: others may read this key: chmod 600 it",
			     a->key_file);
	if (!rc && strncmp(a->key, "ei_", 3) != 0)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: holds no API key of a project, which starts "
			     "with ei_",
			     a->key_file ? a->key_file : "$" KEY_ENV);
	for (const char *p = a->key; !rc && p && *p; p++)
		if (*p <= ' ' || *p > '~')
			rc = wx_fail(err, WX_ERR_FORMAT,
				     "$" KEY_ENV ": expected one word");
	return rc;
}

static int prepare(struct args *a, struct wx_error *err)
{
	int rc = read_site(a, err);

	if (rc)
		return rc;
	if (!a->host)
		a->host = WX_UPLOAD_HOST;
	if (!a->studio)
		a->studio = a->studio_made = studio_of(a->host);
	if (!a->studio)
		return wx_fail_nomem(err);
	rc = check_host("--host", a->host, err);
	if (!rc)
		rc = check_host("--studio", a->studio, err);
	/* A dry run that knows its project asks nobody. */
	if (!rc && !(a->dry_run && a->project))
		rc = read_key(a, err);
	return rc;
}

/* ---- report ---- */

static void on_progress(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	wx_cli_progress("samples", done, total);
}

static void on_verdict(void *ctx, const struct wx_upload_verdict *v)
{
	const struct args *a = ctx;
	const char *name = wx_upload_end_name(v->end);
	bool fine = v->end == WX_UPLOAD_SENT || v->end == WX_UPLOAD_THERE;
	bool due = v->end == WX_UPLOAD_LEFT && a->dry_run;

	if (a->json) {
		json_t *obj = json_pack("{s:s, s:s, s:s}", "path", v->path,
					"category", v->category, "end", name);

		if (obj && *v->why)
			json_object_set_new(obj, "why", json_string(v->why));
		if (obj && v->sample > 0)
			json_object_set_new(obj, "sample",
					    json_integer(v->sample));
		wx_json_write_line(obj, stdout, NULL);
		json_decref(obj);
	} else if (fine) {
		wx_cli_detail("%s: %s", v->path, name);
	} else if (due) {
		printf("%s %s\n", v->category, v->path);
	} else {
		printf("%s: %s%s%s\n", name, v->path, *v->why ? ": " : "",
		       v->why);
	}
}

static void report_json(const char *dir, int64_t project,
			const struct wx_upload_stats *st)
{
	json_t *obj = json_pack("{s:s, s:I, s:I}", "dataset", dir, "project",
				(json_int_t)project, "samples",
				(json_int_t)st->n_samples);

	for (int i = 0; obj && i < WX_UPLOAD_N_ENDS; i++)
		json_object_set_new(obj,
				    wx_upload_end_name((enum wx_upload_end)i),
				    json_integer((json_int_t)st->n[i]));
	if (obj) {
		json_object_set_new(obj, "bytes",
				    json_integer((json_int_t)st->n_bytes));
		json_object_set_new(obj, "requests",
				    json_integer((json_int_t)st->n_requests));
		json_object_set_new(obj, "retries",
				    json_integer((json_int_t)st->n_retries));
		json_object_set_new(obj, "seconds", json_real(st->seconds));
	}
	wx_json_write_line(obj, stdout, NULL);
	json_decref(obj);
}

static void report_text(const struct args *a, const char *dir, int64_t project,
			const struct wx_upload_stats *st)
{
	uint64_t there = st->n[WX_UPLOAD_SENT] + st->n[WX_UPLOAD_THERE];

	printf("%" PRIu64 " of %" PRIu64 " samples of %s in project %" PRId64,
	       there, st->n_samples, dir, project);
	if (!a->verify)
		printf(" (%" PRIu64 " sent)", st->n[WX_UPLOAD_SENT]);
	for (int i = WX_UPLOAD_REFUSED; i < WX_UPLOAD_N_ENDS; i++)
		if (st->n[i])
			printf(", %" PRIu64 " %s", st->n[i],
			       i == WX_UPLOAD_LEFT && a->dry_run ? "to send"
			       : i == WX_UPLOAD_OTHER_LABEL
				       ? "with another label"
				       : wx_upload_end_name(
						 (enum wx_upload_end)i));
	putchar('\n');
}

/* 0 only if all that was asked for is there. */
static int status_of(const struct args *a, const struct wx_upload_stats *st)
{
	if (st->n[WX_UPLOAD_FAILED] || st->n[WX_UPLOAD_REFUSED])
		return WX_EXIT_INPUT;
	if (st->n[WX_UPLOAD_OTHER_LABEL] || st->n[WX_UPLOAD_MOVED] ||
	    (st->n[WX_UPLOAD_LEFT] && !a->dry_run))
		return WX_EXIT_FOUND;
	return WX_EXIT_OK;
}

static int run(struct args *a, const char *dir)
{
	struct wx_upload_opts opts = {
		.host = a->host,
		.studio = a->studio,
		.key = a->key,
		.ca_file = a->ca_file,
		.connections = (int)a->connections,
		.batch = (int)a->batch,
		.tries = (int)a->tries,
		.timeout_s = a->timeout_s,
		.dry_run = a->dry_run,
		.verdict = on_verdict,
		.progress = on_progress,
		.ctx = a,
		.stopped = wx_cli_stopped,
	};
	struct wx_upload_stats stats = { 0 };
	struct wx_ledger *ledger = NULL;
	struct wx_error err = { 0 };
	int64_t project = a->project;
	int rc = WX_OK, rc_close;

	if (!project)
		rc = wx_upload_project(&opts, &project, &err);
	if (!rc)
		rc = wx_ledger_open(dir, project, &ledger, wx_cli_log(), &err);
	if (!rc)
		rc = a->verify ? wx_upload_verify(dir, ledger, project, &opts,
						  &stats, &err)
			       : wx_upload(dir, ledger, project, &opts, &stats,
					   &err);
	rc_close = wx_ledger_close(ledger, &err);
	wx_cli_progress_end();
	if (stats.n_samples || !rc) {
		if (a->json)
			report_json(dir, project, &stats);
		else
			report_text(a, dir, project, &stats);
	}
	if (rc || rc_close)
		return wx_cli_report(rc ? rc : rc_close, &err);
	return status_of(a, &stats);
}

int main(int argc, char *argv[])
{
	struct args args = { .connections = 8,
			     .batch = WX_UPLOAD_MAX_FILES,
			     .tries = 8,
			     .timeout_s = 60 };
	const struct wx_opt opts[] = {
		WX_OPT_STR('a', "archive", &args.archive, "DIR",
			   "the archive whose site.json has \"upload\" "
			   "(default $WXSET_ARCHIVE, else none)"),
		WX_OPT_STR(0, "key-file", &args.key_file, "FILE",
			   "file of the project's API key, mode 0600 (default: "
			   "site.json's, else $" KEY_ENV ")"),
		WX_OPT_STR(0, "host", &args.host, "URL",
			   "ingestion service (default: site.json's, "
			   "else " WX_UPLOAD_HOST ")"),
		WX_OPT_STR(0, "studio", &args.studio, "URL",
			   "Studio API (default: made of the host)"),
		WX_OPT_INT(0, "project", &args.project, 1, 9007199254740991.0,
			   "ID",
			   "the project's number (default: the Studio API is "
			   "asked)"),
		WX_OPT_STR(0, "ca", &args.ca_file, "FILE",
			   "certificates to trust instead of the system's"),
		WX_OPT_INT(0, "connections", &args.connections, 1,
			   WX_UPLOAD_MAX_CONNECTIONS, "N",
			   "at a time (default 8)"),
		WX_OPT_INT(0, "batch", &args.batch, 1, WX_UPLOAD_MAX_FILES, "N",
			   "samples of a request, where labels and metadata "
			   "are equal (default 1000)"),
		WX_OPT_INT(0, "tries", &args.tries, 1, 100, "N",
			   "of a request that is lost (default 8)"),
		WX_OPT_F64(0, "timeout", &args.timeout_s, 1, 3600, "S",
			   "of silence, after which a request is lost (default "
			   "60)"),
		WX_OPT_FLAG('n', "dry-run", &args.dry_run,
			    "list what would be sent; send nothing"),
		WX_OPT_FLAG(0, "verify", &args.verify,
			    "compare with the project's own list instead; send "
			    "nothing"),
		WX_OPT_JSON(&args.json),
		WX_OPT_END,
	};
	int i = wx_cli_parse(argc, argv, usage, opts);
	struct wx_error err = { 0 };
	int status, rc;

	if (i + 1 != argc)
		return wx_cli_usage(i == argc ? "expected a DATASET, found none"
					      : "expected one DATASET, found "
						"several");
	signal(SIGPIPE, SIG_IGN);
	wx_cli_catch_signals();
	rc = prepare(&args, &err);
	status = rc ? wx_cli_report(rc, &err) : run(&args, argv[i]);
	free_args(&args);
	return wx_cli_end(status);
}
