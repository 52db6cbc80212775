/* SPDX-License-Identifier: MIT */
/* cmd/wx-align.c: put every window of sound on the one time line. */
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "base/json.h"
#include "dataset/lineup.h"
#include "dataset/lineup_lag.h"

static const char usage[] =
	"wx-align [-a DIR] [--node ID]... [--date YYYY-MM-DD]... [--json]\n"
	"wx-align [-a DIR] [--json] --explain ID\n"
	"wx-align [-a DIR] [--node ID]... [--json] --lag\n"
	"\n"
	"Fit the nodes' clocks and write where each window of sound is on the\n"
	"one time line.";

struct args {
	const char *archive, *explain;
	struct wx_strs nodes;
	struct wx_day_list dates;
	bool json, lag;
};

static void say(const char *who, const struct wx_lineup_totals *t)
{
	wx_cli_note("%s: %zu captures, %zu too short; %zu windows, %zu "
		    "undated; %zu files, %zu changed; max_err_s up to %g",
		    who, t->captures, t->too_short, t->windows, t->undated,
		    t->files, t->files_changed, t->max_err_s);
}

static void add(struct wx_lineup_totals *sum, const struct wx_lineup_totals *t)
{
	sum->captures += t->captures;
	sum->too_short += t->too_short;
	sum->windows += t->windows;
	sum->undated += t->undated;
	sum->files += t->files;
	sum->files_changed += t->files_changed;
	if (sum->max_err_s < t->max_err_s)
		sum->max_err_s = t->max_err_s;
}

static int report(const char *node, const struct wx_lineup_totals *t, bool json,
		  struct wx_error *err)
{
	json_t *o;
	int rc;

	if (!json) {
		say(node, t);
		return WX_OK;
	}
	o = json_pack("{ss sI sI sI sI sI sI sf}", "node", node, "n_captures",
		      (json_int_t)t->captures, "n_too_short",
		      (json_int_t)t->too_short, "n_windows",
		      (json_int_t)t->windows, "n_undated",
		      (json_int_t)t->undated, "n_files", (json_int_t)t->files,
		      "n_files_changed", (json_int_t)t->files_changed,
		      "max_err_s", t->max_err_s);
	rc = wx_json_write_line(o, stdout, err);
	json_decref(o);
	return rc;
}

static int explain(const struct wx_lineup *l, const char *node, bool json,
		   struct wx_error *err)
{
	const struct wx_timeline *tl = wx_lineup_timeline(l);
	int rc = WX_OK;

	if (!json) {
		wx_timeline_explain(tl, node, stdout);
		if (!tl->n)
			printf("%s: no capture and no anchor has a boot\n",
			       node);
		return WX_OK;
	}
	for (size_t i = 0; i < tl->n && rc == WX_OK; i++) {
		json_t *o = wx_boot_json(tl, &tl->boot[i], node);

		rc = wx_json_write_line(o, stdout, err);
		json_decref(o);
	}
	return rc;
}

/* --- what node and station both felt ------------------------------------ */

static int add_lags(const struct wx_archive *a, const char *node,
		    struct wx_time latest, struct wx_lineup_lags *lags)
{
	struct wx_error err = { 0 };
	struct wx_lineup *l = NULL;
	int rc = wx_lineup_new(a, node, latest, wx_cli_log(), &l, &err);

	if (rc == WX_OK)
		rc = wx_lineup_lags_add(lags, l, &err);
	wx_lineup_free(l);
	return wx_cli_report(rc, &err);
}

static int print_lag(const struct wx_lineup_lag *lag, bool json,
		     struct wx_error *err)
{
	json_t *o;
	int rc;

	if (!json) {
		wx_lineup_lag_print(lag, stdout);
		return WX_OK;
	}
	o = wx_lineup_lag_json(lag);
	rc = wx_json_write_line(o, stdout, err);
	json_decref(o);
	return rc;
}

static int print_finding(const struct wx_lag_finding *f, bool json,
			 struct wx_error *err)
{
	json_t *o;
	int rc;

	if (!json) {
		wx_lag_finding_print(f, stdout);
		return WX_OK;
	}
	o = wx_lag_finding_json(f);
	rc = wx_json_write_line(o, stdout, err);
	json_decref(o);
	return rc;
}

/* Exit status: what was found is 1. */
static int lag(const struct wx_archive *a, const struct args *args)
{
	struct wx_lineup_lags lags = { 0 };
	struct wx_lag_findings found = { 0 };
	struct wx_error err = { 0 };
	struct wx_time latest =
		wx_time_add_ns(wx_time_now(), WX_S_PER_DAY * WX_NS_PER_S);
	int status = WX_EXIT_OK, rc;

	for (size_t i = 0; i < a->site->n_nodes; i++) {
		const char *id = a->site->nodes[i].id;

		if (!wx_strs_has(&args->nodes, id))
			continue;
		wx_cli_progress("lag", i, a->site->n_nodes);
		status = wx_cli_worst(status, add_lags(a, id, latest, &lags));
	}
	rc = wx_lag_findings(&found, &lags, &err);
	for (size_t i = 0; i < lags.n && rc == WX_OK; i++)
		rc = print_lag(&lags.lag[i], args->json, &err);
	for (size_t i = 0; i < found.n && rc == WX_OK; i++)
		rc = print_finding(&found.finding[i], args->json, &err);
	if (!lags.n && !args->json)
		wx_cli_note("no boot whose time is known and station felt the "
			    "same at the same time: nothing to compare");
	if (found.n)
		status = wx_cli_worst(status, WX_EXIT_FOUND);
	wx_lag_findings_fini(&found);
	wx_lineup_lags_fini(&lags);
	return wx_cli_worst(status, wx_cli_report(rc, &err));
}

/* --- windows ------------------------------------------------------------ */

/* Jobs of an array each have a day of the node, hence a lock of their own. */
static int lock_node(const struct wx_archive *a, const char *node,
		     const struct args *args, struct wx_lock **lock,
		     struct wx_error *err)
{
	char day[WX_DAY_SIZE];

	if (args->dates.n != 1)
		return wx_lock_take(a, lock, err, "align-%s", node);
	wx_day_format(args->dates.v[0], day);
	return wx_lock_take(a, lock, err, "align-%s-%s", node, day);
}

static int one_node(const struct wx_archive *a, const char *node,
		    const struct args *args, struct wx_lineup_totals *sum)
{
	struct wx_error err = { 0 };
	struct wx_lock *lock = NULL;
	struct wx_lineup *l = NULL;
	struct wx_lineup_totals totals = { 0 };
	/* A day of grace: this host may be the one that is wrong. */
	struct wx_time latest =
		wx_time_add_ns(wx_time_now(), WX_S_PER_DAY * WX_NS_PER_S);
	int rc = args->explain ? WX_OK : lock_node(a, node, args, &lock, &err);

	if (rc == WX_OK)
		rc = wx_lineup_new(a, node, latest, wx_cli_log(), &l, &err);
	if (rc == WX_OK && args->explain)
		rc = explain(l, node, args->json, &err);
	else if (rc == WX_OK)
		rc = wx_lineup_write(l, args->dates.v, (size_t)args->dates.n,
				     &totals, &err);
	if (rc == WX_OK && !args->explain)
		rc = report(node, &totals, args->json, &err);
	add(sum, &totals);
	wx_lineup_free(l);
	wx_lock_drop(lock);
	return wx_cli_report(rc, &err);
}

/* Ids that site.json does not have: wrong usage. */
static int check_args(const struct wx_archive *a, const struct args *args)
{
	for (int i = 0; i < args->nodes.n; i++)
		if (!wx_site_node(a->site, args->nodes.v[i]))
			return wx_cli_usage("site.json has no node '%s'",
					    args->nodes.v[i]);
	if (args->explain && !wx_site_node(a->site, args->explain))
		return wx_cli_usage("site.json has no node '%s'",
				    args->explain);
	return WX_EXIT_OK;
}

int main(int argc, char *argv[])
{
	struct args args = { 0 };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&args.archive),
		WX_OPT_NODE(&args.nodes),
		WX_OPT_DATE(&args.dates),
		WX_OPT_STR(0, "explain", &args.explain, "ID",
			   "print this node's fit and its anchors; write "
			   "nothing"),
		WX_OPT_FLAG(0, "lag", &args.lag,
			    "compare what nodes and stations felt; write "
			    "nothing"),
		WX_OPT_JSON(&args.json),
		WX_OPT_END,
	};
	int first = wx_cli_parse(argc, argv, usage, opts);
	struct wx_lineup_totals sum = { 0 };
	struct wx_archive *a = NULL;
	struct wx_error err = { 0 };
	int status, n = 0;

	if (first < argc)
		return wx_cli_usage("%s: no operand was expected", argv[first]);
	status = wx_cli_report(
		wx_archive_open(wx_cli_archive(args.archive), &a, &err), &err);
	if (status == WX_EXIT_OK)
		status = check_args(a, &args);
	if (status == WX_EXIT_OK && args.lag)
		status = lag(a, &args);
	for (size_t i = 0;
	     status != WX_EXIT_USAGE && a && !args.lag && i < a->site->n_nodes;
	     i++) {
		const char *id = a->site->nodes[i].id;

		if (args.explain ? strcmp(id, args.explain) != 0
				 : !wx_strs_has(&args.nodes, id))
			continue;
		wx_cli_progress("align", i, a->site->n_nodes);
		status = wx_cli_worst(status, one_node(a, id, &args, &sum));
		n++;
	}
	if (n > 1 && !args.json && !args.explain)
		say("all", &sum);
	wx_archive_close(a);
	return wx_cli_end(status);
}
