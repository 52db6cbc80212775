/* SPDX-License-Identifier: MIT */
/* cmd/wx-export.c: labelled windows of an archive become a dataset. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/secret.h"
#include "dataset/croissant.h"
#include "dataset/dataset.h"
#include "dataset/export.h"

static const char usage[] =
	"wx-export [-a DIR] [-t rain|wind|both] -o DATASET\n\n"
	"Write the labelled windows of an archive as an Edge Impulse dataset: "
	"WAV files,\ninfo.labels, provenance and a README, split by whole "
	"events of weather.";

struct args {
	const char *archive, *target, *layout, *out, *since_text, *key_file;
	struct wx_strs test_nodes;
	struct wx_time since;
	double purge_s, min_p, balance, convert_hz;
	int64_t limit, seed;
	bool lines, link, no_env, huggingface, json;
};

static void progress(void *ctx, size_t done, size_t total)
{
	(void)ctx;
	wx_cli_progress("samples", done, total);
}

enum { KEY_ID_SIZE = 9 };

static bool find_target(const char *name, enum wx_target *out)
{
	for (int t = WX_TARGET_RAIN; t <= WX_TARGET_BOTH; t++)
		if (strcmp(name, wx_target_name((enum wx_target)t)) == 0) {
			*out = (enum wx_target)t;
			return true;
		}
	return false;
}

static bool read_since(const char *text, struct wx_time *out)
{
	int64_t day;

	if (wx_time_parse(text, out, NULL) == WX_OK)
		return true;
	if (wx_day_parse(text, &day, NULL) != WX_OK)
		return false;
	out->utc_ns = day * WX_S_PER_DAY * WX_NS_PER_S;
	return true;
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
				json_pack("{s:I, s:I, s:i, s:i}", "training",
					  (json_int_t)st->n_samples[0][i],
					  "testing",
					  (json_int_t)st->n_samples[1][i],
					  "training_blocks", st->n_groups[0][i],
					  "testing_blocks",
					  st->n_groups[1][i]));
	for (int i = 0; i < WX_N_DROPS; i++)
		json_object_set_new(dropped, wx_drop_name((enum wx_drop)i),
				    json_integer((json_int_t)st->n_dropped[i]));
	json_object_set_new(obj, "classes", classes);
	json_object_set_new(obj, "dropped", dropped);
	json_object_set_new(obj, "leak",
			    json_pack("{s:I, s:I, s:I, s:I}", "testing",
				      (json_int_t)st->leak.n_testing, "leaking",
				      (json_int_t)st->leak.n_leaking,
				      "random_testing",
				      (json_int_t)st->leak.n_random_testing,
				      "random_leaking",
				      (json_int_t)st->leak.n_random_leaking));
	wx_json_write_line(obj, stdout, NULL);
	json_decref(obj);
}

/* The sum comes last, where wx-nightly and the eye look for it. */
static void report_text(const struct args *args,
			const struct wx_export_stats *st)
{
	const struct wx_leak_sum *leak = &st->leak;

	for (int i = 0; i < WX_N_DROPS; i++)
		if (st->n_dropped[i])
			printf("%7zu left out: %s\n", st->n_dropped[i],
			       wx_drop_text((enum wx_drop)i));
	for (int i = 0; i < WX_MAX_SAMPLE_CLASSES; i++)
		if (st->class[i][0])
			printf("%7zu training, %5zu testing: %s\n",
			       st->n_samples[0][i], st->n_samples[1][i],
			       st->class[i]);
	if (leak->n_testing)
		printf("%7zu of %zu testing samples within %g s of a training "
		       "one (dealt at random: %zu of %zu)\n",
		       leak->n_leaking, leak->n_testing, args->purge_s,
		       leak->n_random_leaking, leak->n_random_testing);
	printf("%7zu training, %5zu testing samples of %zu windows in %s, "
	       "%s\n",
	       n_samples(st, 0), n_samples(st, 1), st->n_windows, args->out,
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

/* Under so many independent groups no score of a class means much. */
enum { MIN_GROUPS = 5 };

static void remark_groups(const struct wx_export_stats *st)
{
	char text[900] = "";
	size_t n = 0;

	for (int i = 0; i < WX_MAX_SAMPLE_CLASSES; i++)
		for (int side = 0; side < 2; side++)
			if (st->n_samples[side][i] &&
			    st->n_groups[side][i] < MIN_GROUPS &&
			    n < sizeof(text))
				n += (size_t)snprintf(
					text + n, sizeof(text) - n,
					"%s%s in %d %s", n ? ", " : "",
					st->class[i], st -> n_groups[side][i],
					wx_side_name((enum wx_side)side));
	if (n)
		wx_cli_note("classes in under %d blocks of time: %s; what is "
			    "learned or measured of them may be chance",
			    MIN_GROUPS, text);
}

/* A node that is to be tested on has to be one of the site's, and not all. */
static int check_nodes(const struct args *args, const struct wx_site *site)
{
	int n = 0;

	for (int i = 0; i < args->test_nodes.n; i++)
		if (!wx_site_node(site, args->test_nodes.v[i]))
			return wx_cli_usage("--test-node: site.json has no "
					    "node '%s'",
					    args->test_nodes.v[i]);
	for (size_t i = 0; args->test_nodes.n && i < site->n_nodes; i++)
		n += !wx_strs_has(&args->test_nodes, site->nodes[i].id);
	return args->test_nodes.n && !n
		       ? wx_cli_usage("--test-node: no node is left to train "
				      "on")
		       : WX_EXIT_OK;
}

/* The key that signs, and what tells it from others without telling it. */
static int read_key(const char *path, char **key, char id[KEY_ID_SIZE],
		    struct wx_error *err)
{
	static const char what[] = "wxset key id";
	uint8_t digest[WX_SHA256_LEN];
	bool others;
	int rc = wx_secret_read(path, key, &others, err);

	if (rc)
		return rc;
	if (others)
		return wx_fail(err, WX_ERR_RANGE,
			       "%s: others may read this key: chmod 600 it",
			       path);
	wx_hmac_sha256(*key, strlen(*key), what, strlen(what), digest);
	wx_hex(digest, (KEY_ID_SIZE - 1) / 2, id);
	return WX_OK;
}

static int report(const struct args *args, const struct wx_export_stats *stats)
{
	remark_lacks(stats);
	remark_groups(stats);
	if (stats->mixed && !args->convert_hz)
		wx_cli_note("the sound has several rates, widths or numbers of "
			    "channels; a model takes one: --convert 16000 "
			    "makes it so");
	if (args->json)
		report_json(args->out, stats);
	else
		report_text(args, stats);
	return stats->n_dropped[WX_DROP_UNREADABLE] ? WX_EXIT_INPUT
						    : WX_EXIT_OK;
}

/* Lists for others than Edge Impulse; gone if nobody asks for them. */
static int other_doors(const struct args *args, const struct wx_archive *a,
		       const struct wx_export_opts *opts, bool *changed,
		       struct wx_error *err)
{
	const json_t *export = json_object_get(a->site->doc, "export");
	char name[160], what[400];
	struct wx_croissant c = {
		.name = name,
		.what = what,
		.license = wx_json_str(export, "license", NULL),
		.creator = wx_json_str(export, "creator", NULL),
		.url = wx_json_str(export, "url", NULL),
	};

	if (!args->huggingface)
		return wx_croissant_drop(args->out, changed, err);
	snprintf(name, sizeof(name), "%s-%s", a->site->name,
		 wx_target_name(opts->target));
	snprintf(what, sizeof(what),
		 "Field recordings of site %s, labelled with %s by a "
		 "mechanical weather station beside them. README.md has the "
		 "datasheet.",
		 a->site->name,
		 opts->target == WX_TARGET_BOTH ? "rain and wind"
						: wx_target_name(opts->target));
	return wx_croissant_write(args->out, &c, changed, err);
}

/* With the lock held. */
static int export(const struct args *args, const struct wx_archive *a,
		  struct wx_export_opts *opts, struct wx_export_stats *stats,
		  struct wx_error *err)
{
	char hash[WX_SHA256_HEX], key_id[KEY_ID_SIZE] = "", *key = NULL;
	struct wx_profile profile;
	struct wx_limits limits;
	int rc = wx_profile_read(a->site->profile, &profile, err);

	profile_hash(a->site->profile, hash);
	if (!rc)
		rc = wx_limits_read(a->site->quality, &limits, err);
	if (!rc && args->key_file)
		rc = read_key(args->key_file, &key, key_id, err);
	opts->profile = &profile;
	opts->profile_sha256 = hash;
	opts->limits = &limits;
	opts->hmac_key = key;
	opts->key_id = key_id;
	if (!rc)
		rc = wx_export(a, args->out, opts, stats, wx_cli_log(), err);
	if (!rc)
		rc = other_doors(args, a, opts, &stats->changed, err);
	wx_secret_free(key);
	return rc;
}

static int run(const struct args *args, const struct wx_archive *a)
{
	static struct wx_export_stats stats;
	struct wx_export_opts opts = {
		.format = wx_dataset_find(args->layout),
		.test_share = a->site->test_share,
		.seed = args->seed < 0 ? a->site->seed : args->seed,
		.purge_s = args->purge_s,
		.test_node = args->test_nodes.v,
		.n_test_nodes = (size_t)args->test_nodes.n,
		.min_p = args->min_p,
		.since = args->since,
		.balance = args->balance ? args->balance : INFINITY,
		.limit = args->limit,
		.lines = args->lines,
		.link = args->link,
		.convert_hz = args->convert_hz,
		.with_env = !args->no_env,
		.progress = progress,
		.stopped = wx_cli_stopped,
	};
	const char *target = args->target ? args->target : a->site->target;
	struct wx_error err = { 0 };
	struct wx_lock *lock;
	int rc, status;

	if (!find_target(target, &opts.target))
		return wx_cli_usage("-t: expected rain, wind or both, found "
				    "'%s'",
				    target);
	status = check_nodes(args, a->site);
	if (status)
		return status;
	rc = wx_lock_take(a, &lock, &err, "export");
	if (rc)
		return wx_cli_report(rc, &err);
	rc = export(args, a, &opts, &stats, &err);
	wx_lock_drop(lock);
	return rc ? wx_cli_report(rc, &err) : report(args, &stats);
}

int main(int argc, char *argv[])
{
	struct args args = { .layout = "wav",
			     .purge_s = WX_SPLIT_PURGE_S,
			     .seed = -1,
			     .since = WX_TIME_NONE };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&args.archive),
		WX_OPT_STR('t', "target", &args.target, "TARGET",
			   "rain, wind or both (default: site.json's, else "
			   "rain)"),
		WX_OPT_STR('o', "output", &args.out, "DATASET",
			   "the dataset's folder; made or brought up to date"),
		WX_OPT_STR('l', "layout", &args.layout, "LAYOUT",
			   "wav (default), json, cbor, frames-csv, frames-cbor "
			   "or captures"),
		WX_OPT_STR(0, "hmac-key-file", &args.key_file, "FILE",
			   "sign acquisition files with the key in it, mode "
			   "0600"),
		WX_OPT_FLAG(0, "no-env", &args.no_env,
			    "frame tables without temperature, humidity and "
			    "pressure"),
		WX_OPT_F64(0, "convert", &args.convert_hz, 1000, 192000, "HZ",
			   "sound as 16 bit mono of this rate"),
		WX_OPT_FLAG(0, "link", &args.link,
			    "link whole captures (shared blocks, else hard "
			    "links) instead of copying"),
		WX_OPT_FLAG(0, "huggingface", &args.huggingface,
			    "also metadata.csv of AudioFolder, and "
			    "croissant.json"),
		WX_OPT_FLAG(0, "ndjson", &args.lines,
			    "info.labels as JSON Lines, as it is from 20000 "
			    "samples on"),
		WX_OPT_F64(0, "purge", &args.purge_s, 0, 86400, "S",
			   "seconds between a training window and a test block "
			   "(default 600)"),
		WX_OPT_STRS(0, "test-node", &args.test_nodes, "ID",
			    "test on this node, train on the others; may be "
			    "repeated"),
		WX_OPT_INT(0, "seed", &args.seed, 0, 9007199254740991.0, "N",
			   "of the draw (default: site.json's, else 1)"),
		WX_OPT_F64(0, "min-p", &args.min_p, 0, 1, "P",
			   "only labels at least so probable"),
		WX_OPT_STR(0, "since", &args.since_text, "UTC",
			   "only windows from there on: 2026-06-01, or an "
			   "instant"),
		WX_OPT_F64(0, "balance", &args.balance, 1, 1e6, "K",
			   "at most K times the rarest class to train on"),
		WX_OPT_INT(0, "limit", &args.limit, 1, 1e9, "N",
			   "about N samples of a class to train on"),
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
	if (!wx_dataset_find(args.layout))
		return wx_cli_usage("-l: expected wav, json, cbor, frames-csv, "
				    "frames-cbor or captures, found '%s'",
				    args.layout);
	if (!wx_dataset_find(args.layout))
		return wx_cli_usage("-l: expected wav, json, cbor, frames-csv, "
				    "frames-cbor or captures, found '%s'",
				    args.layout);
	if (args.convert_hz &&
	    (wx_dataset_find(args.layout)->frames ||
	     wx_dataset_find(args.layout)->captures || args.link))
		return wx_cli_usage("--convert: only for wav, json and cbor, "
				    "and not with --link");
	if (args.huggingface &&
	    strcmp(wx_dataset_find(args.layout)->ext, ".wav") != 0)
		return wx_cli_usage("--huggingface: only for layouts of WAV "
				    "files");
	if (args.since_text && !read_since(args.since_text, &args.since))
		return wx_cli_usage("--since: expected 2026-06-01 or "
				    "2026-06-01T12:00:00Z, found '%s'",
				    args.since_text);
	wx_cli_catch_signals();
	status = wx_cli_report(
		wx_archive_open(wx_cli_archive(args.archive), &a, &err), &err);
	if (status)
		return wx_cli_end(status);
	status = run(&args, a);
	wx_archive_close(a);
	return wx_cli_end(status);
}
