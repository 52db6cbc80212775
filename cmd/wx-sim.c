/* SPDX-License-Identifier: MIT */
/*
 * cmd/wx-sim.c: a field site whose truth is known.
 *
 * Each mode is an option that names what it works on: -o makes a site, --serve
 * plays its nodes, --judge holds an archive against its truth.
 */
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/site.h"
#include "base/cli.h"
#include "base/json.h"
#include "base/text.h"
#include "made/log.h"
#include "made/made.h"
#include "node/play.h"
#include "sim/clock.h"
#include "sim/judge.h"
#include "weather/profile.h"

static const char usage[] =
	"wx-sim -o DIR [--days N] [--nodes N] [--seed N] [--start DATE]\n"
	"wx-sim --logs DIR [--days N] [--seed N] [--start DATE]\n"
	"wx-sim --serve DIR [--site FILE] [--port N] [--token-file FILE]\n"
	"       [--smp-serial NODE[=LINK]] [--smp-tcp NODE] [--smp-udp NODE]\n"
	"       [--fault NAME[:P]]\n"
	"wx-sim --judge ARCHIVE [--dataset DIR] [--json] SITE\n"
	"\n"
	"Make a field site whose truth is known: nodes with sound, a mast's "
	"logs,\nand the true weather and times; a mast's log in each format "
	"that stations\nwrite; play its nodes over HTTP and SMP; judge an "
	"archive.";

struct args {
	const char *out, *logs, *start, *utc_offset, *climate;
	double days, capture_s, every_s, bucket_mm;
	int64_t nodes, seed, rate_hz, threads;
	const char *serve, *site, *token_file, *judge, *dataset;
	int64_t port;
	struct wx_strs smp_serial, smp_tcp, smp_udp, faults;
	bool json, aurora;
};

/* Midnight that the season starts at: as told, as before, or so that it ends
 * with last midnight. */
static int start_of(const struct args *a, int64_t *start_s,
		    struct wx_error *err)
{
	char *path = wx_strf("%s/sim.json", a->out);
	struct wx_sim_site *site = NULL;
	int64_t day;
	int rc = WX_OK;

	if (!path)
		return wx_fail_nomem(err);
	if (a->start) {
		rc = wx_day_parse(a->start, &day, err);
	} else if (access(path, F_OK) == 0) {
		rc = wx_sim_site_read(path, &site, err);
		day = rc ? 0 : wx_time_day(site->start);
	} else {
		day = wx_time_day(wx_time_now()) - (int64_t)ceil(a->days);
	}
	if (!rc)
		*start_s = day * WX_S_PER_DAY;
	wx_sim_site_free(site);
	free(path);
	return rc;
}

static bool show(void *ctx, uint64_t done, uint64_t total)
{
	(void)ctx;
	wx_cli_progress("make", done, total);
	return wx_cli_stopped();
}

static int make_site(const struct args *a)
{
	struct wx_error err = { 0 };
	struct wx_made_opts o = {
		.sim = { .seed = a->seed,
			 .days = a->days,
			 .n_nodes = (int)a->nodes,
			 .capture_s = a->capture_s,
			 .every_s = a->every_s,
			 .rate_hz = (int)a->rate_hz,
			 .bucket_mm = a->bucket_mm,
			 .climate = a->climate,
			 .aurora = a->aurora },
		.n_threads = (int)a->threads,
		.progress = show,
	};
	int rc;

	if (!wx_sim_climate_get(a->climate))
		return wx_cli_usage(
			"--climate %s: expected dry, showery or wet",
			a->climate);
	if (a->every_s < a->capture_s + 0.1)
		return wx_cli_usage(
			"--every-s %g: expected at least 0.1 s more "
			"than --capture-s %g",
			a->every_s, a->capture_s);
	rc = wx_offset_parse(a->utc_offset, &o.sim.utc_offset_s, &err);
	if (rc || o.sim.utc_offset_s % 60)
		return wx_cli_usage(
			"--utc-offset %s: expected +hh:mm or -hh:mm",
			a->utc_offset);
	rc = start_of(a, &o.sim.start_s, &err);
	if (rc && a->start)
		return wx_cli_usage("--start %s: expected a date, YYYY-MM-DD",
				    a->start);
	if (!rc) {
		wx_cli_catch_signals();
		rc = wx_made_write(a->out, &o, &err);
		wx_cli_progress_end();
	}
	return wx_cli_report(rc, &err);
}

/* ---- --logs ---- */

/* Where no date is told, a day on which the clock is changed. */
static int make_logs(const struct args *a)
{
	struct wx_sim_opts o = { .seed = a->seed,
				 .days = a->days,
				 .bucket_mm = a->bucket_mm,
				 .climate = a->climate };
	struct wx_error err = { 0 };
	const char *start = a->start      ? a->start
			    : a->seed % 2 ? "2024-10-27"
					  : "2024-03-31";
	int64_t day;

	if (!wx_sim_climate_get(a->climate))
		return wx_cli_usage(
			"--climate %s: expected dry, showery or wet",
			a->climate);
	if (wx_day_parse(start, &day, &err) != WX_OK)
		return wx_cli_usage("--start %s: expected a date, YYYY-MM-DD",
				    start);
	o.start_s = day * WX_S_PER_DAY;
	return wx_cli_report(wx_made_logs(a->logs, &o, &err), &err);
}

/* ---- --serve ---- */

/* From before the first thread on, so that only sigwait() gets them. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, set, NULL);
}

/* What each answer was, with -v. */
static void show_answer(void *ctx, const char *node, const char *line)
{
	(void)ctx;
	wx_cli_detail("%s: %s", node, line);
}

static void add_smp(struct wx_play_smp *to, size_t *n, enum wx_smp_wire wire,
		    const struct wx_strs *nodes)
{
	for (int i = 0; i < nodes->n; i++)
		to[(*n)++] = (struct wx_play_smp){ wire, nodes->v[i] };
}

static int serve_site(const struct args *a)
{
	struct wx_play_smp smp[3 * WX_COUNT(a->faults.v)];
	struct wx_fault_plan faults = { 0 };
	struct wx_play_opts o = { .dir = a->serve,
				  .token_file = a->token_file,
				  .port = (uint16_t)a->port,
				  .smp = smp,
				  .faults = &faults,
				  .trace = show_answer };
	struct wx_error err = { 0 };
	struct wx_play *play = NULL;
	sigset_t set;
	int rc, sig;

	for (int i = 0; i < a->faults.n; i++)
		if (wx_fault_add(&faults, a->faults.v[i], &err) != WX_OK)
			return wx_cli_usage("--fault %s", err.text);
	add_smp(smp, &o.n_smp, WX_SMP_SERIAL, &a->smp_serial);
	add_smp(smp, &o.n_smp, WX_SMP_TCP, &a->smp_tcp);
	add_smp(smp, &o.n_smp, WX_SMP_UDP, &a->smp_udp);
	block_signals(&set);
	rc = wx_play_start(&o, &play, &err);
	if (rc == WX_OK && a->site)
		rc = wx_play_write_site(play, a->site, &err);
	if (rc == WX_OK) {
		for (size_t i = 0; i < wx_play_n(play); i++)
			printf("%s %s\n", wx_play_id(play, i),
			       wx_play_url(play, i));
		if (fflush(stdout) != 0)
			rc = wx_fail_errno(&err, "standard output");
	}
	if (rc == WX_OK)
		sigwait(&set, &sig);
	wx_play_stop(play);
	return wx_cli_report(rc, &err);
}

/* ---- --judge ---- */

static void take_classes(const struct wx_classes *from,
			 struct wx_judge_classes *to)
{
	to->n = from->n;
	for (int i = 0; i < from->n; i++)
		to->name[i] = from->name[i];
	for (int i = 0; i < from->n - 1; i++)
		to->limit[i] = from->limit[i];
}

/* The profile that the archive's labels were made with. */
static int profile_of(const char *archive, struct wx_profile *out,
		      struct wx_error *err)
{
	char *path = wx_strf("%s/site.json", archive);
	struct wx_site *site = NULL;
	int rc = path ? wx_site_read(path, &site, err) : wx_fail_nomem(err);

	if (rc == WX_OK)
		rc = wx_profile_read(site->profile, out, err);
	wx_site_free(site);
	free(path);
	return rc;
}

/* Mostly it is archive and site in the wrong order. */
static int check_made(const char *site, struct wx_error *err)
{
	char *path = wx_strf("%s/truth/weather.csv", site);
	int rc = path ? WX_OK : wx_fail_nomem(err);

	if (path && access(path, F_OK) != 0 && errno == ENOENT)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: no made site, it has no truth/weather.csv: "
			     "name ARCHIVE, then SITE",
			     site);
	free(path);
	return rc;
}

static int judge_archive(const struct args *a, const char *site)
{
	struct wx_judge_opts o = { .archive = a->judge,
				   .site = site,
				   .dataset = a->dataset };
	struct wx_error err = { 0 };
	struct wx_profile profile;
	struct wx_judge judge;
	bool found;
	int rc;

	rc = check_made(site, &err);
	if (rc == WX_OK)
		rc = profile_of(a->judge, &profile, &err);
	if (rc != WX_OK)
		return wx_cli_report(rc, &err);
	take_classes(&profile.rain, &o.rain);
	take_classes(&profile.wind, &o.wind);
	rc = wx_judge_run(&o, &judge, &err);
	if (rc != WX_OK)
		return wx_cli_report(rc, &err);
	if (a->json) {
		json_t *doc = wx_judge_json(&judge, &o);

		rc = wx_json_write_line(doc, stdout, &err);
		json_decref(doc);
	} else {
		wx_judge_print(&judge, &o, stdout);
	}
	found = wx_judge_found(&judge);
	wx_judge_fini(&judge);
	return wx_cli_worst(wx_cli_report(rc, &err), found ? WX_EXIT_FOUND : 0);
}

/* One mode, with the operands that it takes. */
static int run(const struct args *a, int n_operands, char **operand)
{
	int n_modes = !!a->out + !!a->logs + !!a->serve + !!a->judge;

	if (n_modes > 1)
		return wx_cli_usage("-o, --logs, --serve and --judge exclude "
				    "one another");
	if (a->judge && n_operands != 1)
		return wx_cli_usage("--judge %s: expected the made site, one "
				    "folder, found %d operands",
				    a->judge, n_operands);
	if (!a->judge && n_operands)
		return wx_cli_usage("%s: no operand is expected", operand[0]);
	if (a->out)
		return make_site(a);
	if (a->logs)
		return make_logs(a);
	if (a->serve)
		return serve_site(a);
	if (a->judge)
		return judge_archive(a, operand[0]);
	return wx_cli_usage(
		"nothing to do: give -o DIR, --logs DIR, --serve DIR "
		"or --judge ARCHIVE");
}

int main(int argc, char *argv[])
{
	struct args a = { .utc_offset = "+01:00",
			  .climate = "showery",
			  .days = 2,
			  .nodes = 4,
			  .seed = 1,
			  .capture_s = 10,
			  .every_s = 300,
			  .rate_hz = 16000,
			  .bucket_mm = 0.2,
			  .threads = sysconf(_SC_NPROCESSORS_ONLN) };
	const struct wx_opt opts[] = {
		WX_OPT_STR('o', "output", &a.out, "DIR",
			   "make a site in this folder"),
		WX_OPT_F64('d', "days", &a.days, 0.01, 400, "N",
			   "length of the season (default 2)"),
		WX_OPT_INT('n', "nodes", &a.nodes, 0, 64, "N",
			   "nodes; the last one is a card (default 4)"),
		WX_OPT_INT('s', "seed", &a.seed, 0, 1e15, "N",
			   "which of all seasons (default 1)"),
		WX_OPT_STR(0, "start", &a.start, "DATE",
			   "first UTC day, YYYY-MM-DD (default: so that the "
			   "season ends with last midnight)"),
		WX_OPT_STR(0, "climate", &a.climate, "NAME",
			   "dry, showery or wet (default showery)"),
		WX_OPT_F64(0, "capture-s", &a.capture_s, 0.5, 600, "SECONDS",
			   "length of a capture (default 10)"),
		WX_OPT_F64(0, "every-s", &a.every_s, 1, 86400, "SECONDS",
			   "from one capture to the next (default 300)"),
		WX_OPT_INT(0, "rate", &a.rate_hz, 8000, 96000, "HZ",
			   "frames a second (default 16000)"),
		WX_OPT_F64(0, "bucket", &a.bucket_mm, 0.05, 2, "MM",
			   "water of one tip (default 0.2)"),
		WX_OPT_STR(0, "utc-offset", &a.utc_offset, "OFFSET",
			   "the mast logger's zone (default +01:00)"),
		WX_OPT_FLAG(0, "aurora", &a.aurora,
			    "and two hours of an Aurora node's packets"),
		WX_OPT_STR(0, "logs", &a.logs, "DIR",
			   "write a mast's log in each format into this "
			   "folder"),
		WX_OPT_STR(0, "serve", &a.serve, "DIR",
			   "play the nodes of a made site, or one node's "
			   "folder"),
		WX_OPT_STR(0, "site", &a.site, "FILE",
			   "write a site.json that points at them"),
		WX_OPT_INT(0, "port", &a.port, 1, 65000, "N",
			   "the first node's port (default: free ones)"),
		WX_OPT_STR(0, "token-file", &a.token_file, "FILE",
			   "nodes ask for the bearer token in it"),
		WX_OPT_STRS(0, "smp-serial", &a.smp_serial, "NODE[=LINK]",
			    "this node over SMP on a pseudo-terminal; may be "
			    "repeated"),
		WX_OPT_STRS(0, "smp-tcp", &a.smp_tcp, "NODE",
			    "this node over SMP/TCP; may be repeated"),
		WX_OPT_STRS(0, "smp-udp", &a.smp_udp, "NODE",
			    "this node over SMP/UDP; may be repeated"),
		WX_OPT_STRS(0, "fault", &a.faults, "NAME[:P]",
			    "what goes wrong with them (wx-sim(1) has the "
			    "list); may be repeated"),
		WX_OPT_STR(0, "judge", &a.judge, "ARCHIVE",
			   "hold an archive against the truth of its site"),
		WX_OPT_STR(0, "dataset", &a.dataset, "DIR",
			   "the dataset to judge (default ARCHIVE/dataset)"),
		WX_OPT_JSON(&a.json),
		WX_OPT_INT('j', "threads", &a.threads, 1, 64, "N",
			   "threads (default: one a core)"),
		WX_OPT_END,
	};
	int i = wx_cli_parse(argc, argv, usage, opts);

	return wx_cli_end(run(&a, argc - i, argv + i));
}
