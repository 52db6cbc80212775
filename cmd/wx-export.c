/* SPDX-License-Identifier: MIT */
/* cmd/wx-export.c: labelled windows of an archive become a dataset. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/hash.h"
#include "base/json.h"
#include "dataset/dataset.h"
#include "dataset/export.h"

static const char usage[] =
	"wx-export [-a DIR] [-t rain|wind|both] -o DATASET\n\n"
	"Write the labelled windows of an archive as an Edge Impulse dataset: "
	"WAV files,\ninfo.labels, provenance and a README, split by whole "
	"events of weather.";

struct args {
	const char *archive, *target, *out;
	bool json;
};

static void progress(void *ctx, size_t done, size_t total)
{
	(void)ctx;
	wx_cli_progress("samples", done, total);
}

static bool find_target(const char *name, enum wx_target *out)
{
	for (int t = WX_TARGET_RAIN; t <= WX_TARGET_BOTH; t++)
		if (strcmp(name, wx_target_name((enum wx_target)t)) == 0) {
			*out = (enum wx_target)t;
			return true;
		}
	return false;
}

/* SHA-256 of the profile's text: a name alone does not fix the limits. */
static void profile_hash(const char *name, char hex[WX_SHA256_HEX])
{
	char builtin[128];
	uint8_t digest[WX_SHA256_LEN];
	const char *text;

	snprintf(builtin, sizeof(builtin), "profiles/%.64s.json", name);
	text = wx_profile_is_builtin(name) ? wx_builtin_get(builtin) : NULL;
	hex[0] = '\0';
	if (text)
		wx_sha256(text, strlen(text), digest);
	else if (wx_file_hash(name, NULL, digest, NULL, NULL) != WX_OK)
		return;
	wx_hex(digest, sizeof(digest), hex);
}

static size_t n_samples(const struct wx_export_stats *st, int side)
{
	size_t n = 0;

	for (int i = 0; i < WX_MAX_SAMPLE_CLASSES; i++)
		n += st->n_samples[side][i];
	return n;
}

static void report_json(const char *dir, const struct wx_export_stats *st)
{
	static const char *const why[] = {
		"unlabelled", "unknown", "unsure",     "quality",   "speech",
		"flagged",    "purged",  "other_side", "unreadable"
	};
	json_t *obj = json_pack("{s:s, s:I, s:I, s:I, s:I, s:b}", "dataset",
				dir, "windows", (json_int_t)st->n_windows,
				"training", (json_int_t)n_samples(st, 0),
				"testing", (json_int_t)n_samples(st, 1), "made",
				(json_int_t)st->n_made, "changed", st->changed);
	json_t *classes = json_object(), *dropped = json_object();

	for (int i = 0; i < WX_MAX_SAMPLE_CLASSES; i++)
		if (st->class[i][0])
			json_object_set_new(
				classes, st->class[i],
				json_pack("{s:I, s:I}", "training",
					  (json_int_t)st->n_samples[0][i],
					  "testing",
					  (json_int_t)st->n_samples[1][i]));
	for (int i = 0; i < WX_N_DROPS; i++)
		json_object_set_new(dropped, why[i],
				    json_integer((json_int_t)st->n_dropped[i]));
	json_object_set_new(obj, "classes", classes);
	json_object_set_new(obj, "dropped", dropped);
	wx_json_write_line(obj, stdout, NULL);
	json_decref(obj);
}

/* The sum comes last, where wx-nightly and the eye look for it. */
static void report_text(const char *dir, const struct wx_export_stats *st)
{
	for (int i = 0; i < WX_N_DROPS; i++)
		if (st->n_dropped[i])
			printf("%7zu left out: %s\n", st->n_dropped[i],
			       wx_drop_text((enum wx_drop)i));
	for (int i = 0; i < WX_MAX_SAMPLE_CLASSES; i++)
		if (st->class[i][0])
			printf("%7zu training, %5zu testing: %s\n",
			       st->n_samples[0][i], st->n_samples[1][i],
			       st->class[i]);
	printf("%7zu training, %5zu testing samples of %zu windows in %s, "
	       "%s\n",
	       n_samples(st, 0), n_samples(st, 1), st->n_windows, dir,
	       st->changed ? "written" : "unchanged");
}

/* A class that one side lacks: rare weather, or too short a season. */
static void remark_lacks(const struct wx_export_stats *st)
{
	for (int i = 0; i < WX_MAX_SAMPLE_CLASSES; i++)
		for (int side = 0; side < 2; side++)
			if (st->class[i][0] && !st->n_samples[side][i])
				wx_cli_note("no %s sample of class '%s': it "
					    "fell into too few blocks of "
					    "time",
					    wx_side_name((enum wx_side)side),
					    st->class[i]);
}

static int run(const struct args *args, const struct wx_archive *a)
{
	static struct wx_export_stats stats;
	struct wx_profile profile;
	char hash[WX_SHA256_HEX];
	struct wx_export_opts opts = { .format = &wx_dataset_edge_impulse,
				       .test_share = a->site->test_share,
				       .seed = a->site->seed,
				       .profile = &profile,
				       .profile_sha256 = hash,
				       .progress = progress,
				       .stopped = wx_cli_stopped };
	const char *target = args->target ? args->target : a->site->target;
	struct wx_log *log = wx_cli_log();
	struct wx_error err = { 0 };
	struct wx_lock *lock;
	int rc;

	if (!find_target(target, &opts.target))
		return wx_cli_usage("-t: expected rain, wind or both, found "
				    "'%s'",
				    target);
	rc = wx_lock_take(a, &lock, &err, "export");
	if (rc)
		return wx_cli_report(rc, &err);
	rc = wx_profile_read(a->site->profile, &profile, &err);
	profile_hash(a->site->profile, hash);
	if (!rc)
		rc = wx_export(a, args->out, &opts, &stats, log, &err);
	wx_lock_drop(lock);
	if (rc)
		return wx_cli_report(rc, &err);
	remark_lacks(&stats);
	if (args->json)
		report_json(args->out, &stats);
	else
		report_text(args->out, &stats);
	return stats.n_dropped[WX_DROP_UNREADABLE] ? WX_EXIT_INPUT : WX_EXIT_OK;
}

int main(int argc, char *argv[])
{
	struct args args = { 0 };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&args.archive),
		WX_OPT_STR('t', "target", &args.target, "TARGET",
			   "rain, wind or both (default: site.json's, else "
			   "rain)"),
		WX_OPT_STR('o', "output", &args.out, "DATASET",
			   "the dataset's folder; made or brought up to date"),
		WX_OPT_JSON(&args.json),
		WX_OPT_END,
	};
	int i = wx_cli_parse(argc, argv, usage, opts);
	struct wx_archive *a;
	struct wx_error err = { 0 };
	int status;

	if (i < argc)
		return wx_cli_usage("no operand expected, found '%s'", argv[i]);
	if (!args.out)
		return wx_cli_usage("-o DATASET is missing");
	wx_cli_catch_signals();
	status = wx_cli_report(
		wx_archive_open(wx_cli_archive(args.archive), &a, &err), &err);
	if (status)
		return wx_cli_end(status);
	status = run(&args, a);
	wx_archive_close(a);
	return wx_cli_end(status);
}
