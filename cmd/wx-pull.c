/* SPDX-License-Identifier: MIT */
/*
 * cmd/wx-pull.c: bring new captures from the nodes of a site into its archive.
 * The engine is lib/archive/pull.h; here are options in, one line a node out
 * and, of several, one of all. And, of lib/archive/probe.h, what a source has
 * and which serial ports there are, for whoever stands before a node.
 */
#include <malloc.h>
#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "archive/probe.h"
#include "archive/pull.h"
#include "base/cli.h"
#include "base/json.h"
#include "node/node.h"
#include "node/ports.h"

static const char usage[] =
	"wx-pull [-a DIR] [NODE...]\n"
	"wx-pull [-a DIR] --from SOURCE NODE\n"
	"wx-pull --probe SOURCE\n"
	"wx-pull --ports [PORT...]\n\n"
	"Bring new captures from every node of site.json (or those named), "
	"verify and\njournal them, and delete them on a node where its "
	"\"release\" is true.";

struct args {
	const char *archive;
	int64_t jobs;
	double timeout_s, max_s;
	const char *from; /* where the one node is, this time; NULL */
	struct wx_strs probe;
	bool ports, json;
	int status;
	struct wx_pull_report all; /* sums of the counts */
	int n_nodes, n_stopped;
};

/* What is counted: in --json, and behind its number in the line of a node. */
#define AT(member) offsetof(struct wx_pull_report, member)

static const struct {
	const char *key, *what; /* what NULL: in --json alone */
	size_t at;
} counts[] = {
	{ "new", NULL, AT(n_new) },
	{ "new_bytes", NULL, AT(new_bytes) },
	{ "resumed_bytes", NULL, AT(resumed_bytes) },
	{ "known", NULL, AT(n_known) },
	{ "adopted", "here but not journalled", AT(n_adopted) },
	{ "tables", "tables longer", AT(n_tables) },
	{ "open", "still open", AT(n_open) },
	{ "refused", "refused", AT(n_refused) },
	{ "beside", "kept beside", AT(n_beside) },
	{ "aliases", "duplicates", AT(n_aliases) },
	{ "quarantined", "quarantined", AT(n_quarantined) },
	{ "no_room", "without room", AT(n_no_room) },
	{ "no_room_bytes", NULL, AT(no_room_bytes) },
	{ "missing", "missing in its index", AT(n_missing) },
	{ "gone", "gone", AT(n_gone) },
	{ "other", "of other kinds", AT(n_other) },
	{ "failed", "failed", AT(n_failed) },
	{ "left", "left", AT(n_left) },
	{ "made", "made", AT(n_made) },
	{ "released", "released", AT(n_released) },
	{ "exchanges", "clock exchanges", AT(n_exchanges) },
};

static uint64_t count_of(const struct wx_pull_report *r, size_t i)
{
	return *(const uint64_t *)((const char *)r + counts[i].at);
}

static void print_json(const struct wx_pull_report *r)
{
	json_t *o = json_object();

	json_object_set_new(o, "node", json_string(r->node));
	json_object_set_new(o, "ok", json_boolean(r->rc == WX_OK));
	for (size_t i = 0; i < WX_COUNT(counts); i++)
		json_object_set_new(o, counts[i].key,
				    json_integer((json_int_t)count_of(r, i)));
	if (!isnan(r->battery_v))
		json_object_set_new(o, "battery_v", json_real(r->battery_v));
	if (r->why)
		json_object_set_new(o, "error", json_string(r->why));
	wx_json_write_line(o, stdout, NULL);
	json_decref(o);
}

/* "n1: 3 new (0.9 MB), 5 known, 1 failed" and the end of the line. */
static void print_counts(const char *who, const struct wx_pull_report *r,
			 const char *end)
{
	printf("%s: %llu new (%.1f MB), %llu known", who,
	       (unsigned long long)r->n_new, (double)r->new_bytes / 1e6,
	       (unsigned long long)r->n_known);
	for (size_t i = 0; i < WX_COUNT(counts); i++)
		if (counts[i].what && count_of(r, i))
			printf(", %llu %s", (unsigned long long)count_of(r, i),
			       counts[i].what);
	fputs(end, stdout);
}

static void add_to_all(struct args *a, const struct wx_pull_report *r)
{
	for (size_t i = 0; i < WX_COUNT(counts); i++)
		*(uint64_t *)((char *)&a->all + counts[i].at) += count_of(r, i);
	a->n_nodes++;
	a->n_stopped += r->why != NULL;
}

/* The last line, which wx-nightly shows: of all nodes, not of the slowest. */
static void print_all(const struct args *a)
{
	char end[60] = "\n";

	if (a->n_stopped)
		snprintf(end, sizeof(end), "; %d of %d nodes stopped early\n",
			 a->n_stopped, a->n_nodes);
	print_counts("all", &a->all, end);
}

static void report(void *ctx, const struct wx_pull_report *r)
{
	struct args *a = ctx;
	struct wx_error err = { 0 };
	unsigned long long missing = r->n_failed + r->n_left + r->n_gone +
				     r->n_no_room + r->n_quarantined;

	wx_cli_progress_end();
	if (r->why)
		wx_fail(&err, r->rc, "%s: %s", r->node, r->why);
	else if (r->rc && missing)
		wx_fail(&err, r->rc,
			"%s: %llu files did not come; run it again to try "
			"them again",
			r->node, missing);
	else if (r->rc)
		wx_fail(&err, r->rc,
			"%s: all came, but not all could be made that lies in "
			"it; run it again to try again",
			r->node);
	a->status = wx_cli_worst(a->status, wx_cli_report(r->rc, &err));
	add_to_all(a, r);
	if (a->json)
		print_json(r);
	else
		print_counts(r->node, r, r->why ? "; stopped early\n" : "\n");
	fflush(stdout);
}

static void progress(uint64_t done, uint64_t total)
{
	if (total)
		wx_cli_progress_bytes("pull", done, total);
}

/* ---- what is there, without pulling ---- */

/* A source as it stands in site.json, or the id of a node there. */
static int find_source(const struct wx_archive *archive, const char *source,
		       struct wx_site_node *out)
{
	const struct wx_site *site = archive ? archive->site : NULL;
	struct stat st;

	*out = (struct wx_site_node){ .id = "probe",
				      .source = source,
				      .min_battery_v = NAN };
	for (size_t i = 0; site && i < site->n_nodes; i++)
		if (!strcmp(site->nodes[i].source, source) ||
		    !strcmp(site->nodes[i].id, source))
			*out = site->nodes[i];
	if (strchr(out->source, ':'))
		return WX_EXIT_OK;
	if (stat(source, &st) == 0 && S_ISDIR(st.st_mode))
		return wx_cli_usage("'%s' is a folder: expected dir:%s", source,
				    source);
	if (!strncmp(source, "/dev/", 5))
		return wx_cli_usage("'%s' is a port: expected smp:%s or "
				    "eifw:%s; wx-pull --ports %s tells which",
				    source, source, source, source);
	return wx_cli_usage("'%s' is neither a source such as "
			    "http://HOST/cap/, smp:/dev/ttyUSB0 or dir:PATH, "
			    "nor a node of %s",
			    source,
			    site ? "site.json"
				 : "a site.json: there is none here, -a DIR "
				   "names its folder");
}

static int probe_one(const struct args *a, const struct wx_site_node *site)
{
	const struct wx_probe_opts opts = { .timeout_s = a->timeout_s,
					    .max_s = a->max_s,
					    .formats = &wx_node_formats,
					    .log = wx_cli_log(),
					    .stopped = wx_cli_stopped };
	struct wx_error why = { 0 }, err = { 0 };
	json_t *found = NULL;
	int rc = wx_probe(site, &opts, &found, &why);

	if (rc)
		wx_fail(&err, rc, "%s: %s", site->source, why.text);
	if (a->json && found) {
		wx_json_write_line(found, stdout, NULL);
	} else if (found) {
		printf("%s\n", site->source);
		wx_probe_print(found, stdout);
	}
	fflush(stdout);
	json_decref(found);
	return wx_cli_report(rc, &err);
}

/* An archive is of use for its site.json, and need not be there. */
static int probe_all(const struct args *a)
{
	struct wx_archive *archive = NULL;
	struct wx_site_node site;
	struct wx_error err = { 0 };
	int status = WX_EXIT_OK;
	int rc = wx_archive_open(wx_cli_archive(a->archive), &archive, &err);

	if (rc && a->archive)
		return wx_cli_report(rc, &err);
	for (int i = 0; i < a->probe.n && !wx_cli_stopped(); i++) {
		int one = find_source(archive, a->probe.v[i], &site);

		if (one == WX_EXIT_OK)
			one = probe_one(a, &site);
		status = wx_cli_worst(status, one);
	}
	wx_archive_close(archive);
	return status;
}

/* ---- serial ports ---- */

/* Who answers on it, and by what; added to o. */
static void ask_port(json_t *o)
{
	static const char *const wires[] = { "smp", "eifw" };
	const struct wx_probe_opts opts = { .timeout_s = 1,
					    .max_s = 3,
					    .formats = &wx_node_formats,
					    .stopped = wx_cli_stopped };

	for (size_t i = 0; i < WX_COUNT(wires); i++) {
		char source[4096];
		json_t *info;

		snprintf(source, sizeof(source), "%s:%s", wires[i],
			 wx_json_str(o, "port", ""));
		info = wx_probe_info(source, &opts);
		if (!info)
			continue;
		json_object_set_new(o, "source", json_string(source));
		json_object_set_new(o, "info", info);
		return;
	}
}

static void print_port(const json_t *o)
{
	static const char *const keys[] = { "usb_id", "vendor", "product",
					    "serial", "source" };
	const json_t *info = json_object_get(o, "info");

	printf("%s", wx_json_str(o, "port", ""));
	for (size_t i = 0; i < WX_COUNT(keys); i++)
		if (json_object_get(o, keys[i]))
			printf("  %s", wx_json_str(o, keys[i], ""));
	if (info)
		printf("  %s", wx_json_str(info, "id", "(no id)"));
	else
		printf("  no node answers");
	putchar('\n');
	fflush(stdout);
}

static int list_ports(const struct args *a, char *const *names, int n)
{
	struct wx_error err = { 0 };
	json_t *ports = NULL, *port;
	size_t i;
	int rc = wx_ports_read(names, n, &ports, &err);

	json_array_foreach(ports, i, port)
	{
		if (wx_cli_stopped())
			break;
		ask_port(port);
		if (a->json)
			wx_json_write_line(port, stdout, NULL);
		else
			print_port(port);
	}
	if (!rc && !json_array_size(ports))
		wx_cli_note("no serial ports on USB or Bluetooth: is it "
			    "plugged in, by a cable that carries data? Others "
			    "are asked by name, as in --ports /dev/ttyS0");
	json_decref(ports);
	return wx_cli_report(rc, &err);
}

/* ---- pull ---- */

/* The nodes named, or all; NULL after a message. */
static const struct wx_site_node **pick(const struct wx_site *site, int argc,
					char **argv, size_t *n)
{
	const struct wx_site_node **out =
		calloc((size_t)argc + site->n_nodes + 1, sizeof(*out));

	*n = 0;
	for (int i = 0; out && i < argc; i++) {
		out[*n] = wx_site_node(site, argv[i]);
		if (!out[*n]) {
			wx_cli_usage("site.json has no node '%s'", argv[i]);
			free(out);
			return NULL;
		}
		for (size_t k = 0; k < *n; k++)
			if (out[k] == out[*n])
				(*n)--; /* named twice */
		(*n)++;
	}
	for (size_t i = 0; out && argc == 0 && i < site->n_nodes; i++)
		if (!site->nodes[i].by_hand)
			out[(*n)++] = &site->nodes[i];
	if (out && argc == 0 && !*n && site->n_nodes)
		wx_cli_note(
			"all nodes of site.json are \"by_hand\": name those "
			"whose card is in");
	return out;
}

/* Files wait open for their batch's sync: 256, in each of four threads. */
static void prepare(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 2048) {
		files.rlim_cur = files.rlim_max < 2048 ? files.rlim_max : 2048;
		setrlimit(RLIMIT_NOFILE, &files);
	}
	/* Buffers of transfers come and go: keep their memory, a few MB. */
	mallopt(M_TRIM_THRESHOLD, 32 << 20);
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	signal(SIGPIPE, SIG_IGN);
	wx_cli_catch_signals();
}

static void pull_all(struct args *a, char **names, int n_names)
{
	struct wx_archive *archive = NULL;
	const struct wx_site_node **nodes = NULL;
	struct wx_site_node here;
	struct wx_error err = { 0 };
	size_t n_nodes;
	int rc = wx_archive_open(wx_cli_archive(a->archive), &archive, &err);

	if (rc) {
		a->status = wx_cli_report(rc, &err);
		return;
	}
	nodes = pick(archive->site, n_names, names, &n_nodes);
	if (nodes && a->from) {
		here = *nodes[0];
		here.source = a->from;
		nodes[0] = &here;
	}
	if (nodes) {
		const struct wx_pull_opts pull = {
			.jobs = a->jobs,
			.timeout_s = a->timeout_s,
			.max_s = a->max_s,
			.formats = &wx_node_formats,
			.log = wx_cli_log(),
			.stopped = wx_cli_stopped,
			.progress = progress,
			.report = report,
			.ctx = a,
		};

		rc = wx_pull(archive, nodes, n_nodes, &pull, &err);
		if (a->n_nodes > 1 && !a->json)
			print_all(a);
		if (err.code)
			a->status = wx_cli_report(rc, &err);
	} else {
		a->status = WX_EXIT_USAGE;
	}
	free(nodes);
	wx_archive_close(archive);
}

int main(int argc, char *argv[])
{
	struct args a = { .jobs = 16, .timeout_s = 20, .max_s = 4 * 3600 };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&a.archive),
		WX_OPT_INT('j', "jobs", &a.jobs, 1, 256, "N",
			   "transfers at once, over all nodes (default 16)"),
		WX_OPT_F64(0, "timeout", &a.timeout_s, 0.1, 3600, "SECONDS",
			   "silence after which a try is over (default 20)"),
		WX_OPT_F64(0, "max-time", &a.max_s, 1, 1e6, "SECONDS",
			   "for one node; the rest next time (default 14400)"),
		WX_OPT_STR(0, "from", &a.from, "SOURCE",
			   "where the one NODE named is, this time"),
		WX_OPT_STRS(0, "probe", &a.probe, "SOURCE",
			    "tell what is there, pull nothing; may be "
			    "repeated"),
		WX_OPT_FLAG(0, "ports", &a.ports,
			    "list serial ports and the nodes behind them"),
		WX_OPT_JSON(&a.json),
		WX_OPT_END,
	};
	int first = wx_cli_parse(argc, argv, usage, opts);

	prepare();
	if (a.ports && a.probe.n)
		a.status = wx_cli_usage("--ports and --probe are two things");
	else if (a.ports)
		a.status = list_ports(&a, argv + first, argc - first);
	else if (a.probe.n && argc > first)
		a.status = wx_cli_usage("found '%s' behind --probe SOURCE, "
					"expected nothing",
					argv[first]);
	else if (a.probe.n)
		a.status = probe_all(&a);
	else if (a.from && argc - first != 1)
		a.status = wx_cli_usage("--from SOURCE: found %d nodes, "
					"expected the one that it is",
					argc - first);
	else
		pull_all(&a, argv + first, argc - first);
	return wx_cli_end(a.status);
}
