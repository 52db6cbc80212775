/* SPDX-License-Identifier: MIT */
/*
 * cmd/wx-label.c: what rain and wind each window holds, how surely, and why.
 *
 * With -a, labels/NODE/DATE.csv for each windows/NODE/DATE.csv of an archive:
 * day by day, so that each station's table is read once for all nodes. With
 * --station, a filter on two tables, for whoever has no archive.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "base/cli.h"
#include "base/csv.h"
#include "base/instrument.h"
#include "base/json.h"
#include "dataset/labels.h"
#include "dataset/review.h"
#include "dataset/tracks.h"
#include "dataset/why.h"
#include "track/track.h"

static const char usage[] =
	"wx-label [-a DIR] [--node ID]... [--date YYYY-MM-DD]... [-c PROFILE]\n"
	"wx-label [-a DIR] [-c PROFILE] --why WINDOW\n"
	"wx-label [-a DIR] [-c PROFILE] --review N\n"
	"wx-label --station OBS.csv [--bucket MODEL|MM] [-c PROFILE] "
	"WINDOWS.csv\n"
	"\n"
	"Label windows of sound with the rain and wind a station measured.";

struct args {
	const char *archive, *profile, *station, *bucket, *cup;
	struct wx_strs nodes;
	struct wx_day_list dates;
	double bucket_mm, cup_offset_m_s, cup_threshold_m_s; /* NAN: not told */
	struct wx_cup_model cups;
	bool json;
	const char *why;
	int64_t review;
	bool no_smoother, siphon;
	struct wx_strs maintenance;
	const char *evidence;
	unsigned senses; /* of evidence */
};

/* A bad row or file is told of, and the rest goes on; ctx is the status. */
static void failed(void *ctx, int rc, struct wx_error *err)
{
	int *status = ctx;

	*status = wx_cli_worst(*status, wx_cli_report(rc, err));
}

/* Said once for a station, however many days show it. */
static void siphon_note(const char *of, const char *name)
{
	wx_cli_note("%s%s: most tips that come alone come by twos and threes "
		    "within half a minute, as of a siphon: no rain is "
		    "kept until that is told (--siphon, or siphon in "
		    "site.json)",
		    of, name);
}

/* What was put right in the station's rows: never silently. */
static void remarks(const char *name, const struct wx_evidence *e)
{
	const struct wx_gauge *g = &e->gauge;
	const struct {
		size_t n;
		const char *text;
	} all[] = {
		{ g->n_unsorted, "rows of rain out of order: sorted" },
		{ g->n_merged, "tips dropped: repeated within 0.15 s" },
		{ g->n_bounced, "tips dropped: bounces of one before" },
		{ g->n_refused, "rows not believable as rain: not used" },
		{ e->wind.n_unsorted, "rows of wind out of order: sorted" },
		{ e->wind.n_refused, "rows of wind not within 0 to 115 m/s: "
				     "not used" },
	};

	for (size_t i = 0; i < WX_COUNT(all); i++)
		if (all[i].n)
			wx_cli_note("%s: %zu %s", name, all[i].n, all[i].text);
	if (g->siphon_like)
		siphon_note("", name);
	if (g->by_amount && g->step_mm > 0)
		wx_cli_note("%s: rain comes in steps of %g mm, as from a "
			    "bucket: no wet window is kept until its size is "
			    "told (--bucket, or bucket_mm in site.json)",
			    name, g->step_mm);
	if (g->coarse)
		wx_cli_note("%s: some rain is summed up over more than %g "
			    "minutes: no window of such a row is kept "
			    "(coarse_rain); where the logger has finer rows, "
			    "or the tips themselves, give those",
			    name, WX_GAUGE_COARSE_S / 60);
}

static int filter(const struct args *a, const char *windows)
{
	struct wx_error err = { 0 };
	struct wx_profile profile;
	struct wx_limits limits;
	struct wx_evidence e, *all[] = { &e };
	struct wx_window_cols cols;
	struct wx_labeller l;
	struct wx_row row;
	struct wx_csv *csv = NULL;
	struct wx_labelled n = { 0 };
	size_t n_bad = 0;
	int status = WX_EXIT_OK, rc;
	const struct wx_labels_failed tell = { failed, &status };

	wx_evidence_init(&e, a->bucket_mm, a->cups.m_s_per_hz,
			 a->cups.offset_m_s, a->cups.threshold_m_s);
	e.gauge.siphon = a->siphon;
	rc = wx_profile_read(a->profile ? a->profile : "aurora3", &profile,
			     &err);
	for (int i = 0; i < a->maintenance.n && rc == WX_OK; i++)
		rc = wx_evidence_close(&e, a->maintenance.v[i], &err);
	profile.smoother &= !a->no_smoother;
	if (rc == WX_OK)
		rc = wx_evidence_smooth(&e, &err);
	if (rc == WX_OK)
		rc = wx_limits_read(NULL, &limits, &err);
	if (rc == WX_OK)
		wx_evidence_doubt(&e, &limits);
	if (rc == WX_OK)
		rc = wx_csv_open(windows, NULL, &csv, &err);
	if (rc == WX_OK)
		rc = wx_window_cols(csv, &cols, &err);
	if (rc == WX_OK)
		rc = wx_evidence_read(a->station, &e, wx_cli_log(), &n_bad,
				      &err);
	if (rc == WX_OK)
		rc = wx_evidence_finish(&e, &err);
	if (rc == WX_OK && e.gauge.no_bucket)
		rc = wx_fail(&err, WX_ERR_FORMAT,
			     "%s: tips are counted, but nobody says how much "
			     "water each is: give --bucket MM",
			     a->station);
	if (rc == WX_OK) {
		remarks(a->station, &e);
		wx_labeller_init(&l, &profile, all, 1);
		wx_row_init(&row, stdout);
		wx_row_line(&row, WX_LABEL_HEADER);
		rc = wx_labels_table(csv, &cols, &l, NULL, &row, &n, &tell,
				     &err);
		wx_row_flush(&row);
	}
	if (n_bad)
		status = wx_cli_worst(status, WX_EXIT_INPUT);
	if (rc != WX_OK)
		failed(&status, rc, &err);
	wx_csv_close(csv);
	wx_evidence_fini(&e);
	return status;
}

static void archive_remarks(const struct wx_labels *r)
{
	bool observed = false;

	if (!r->n.days && r->n_nodes && !r->dates->n)
		wx_cli_note("%s/windows: nothing with a time; run wx-align",
			    r->a->root);
	for (size_t i = 0; i < r->stations.n; i++) {
		const struct wx_station_evidence *s = &r->stations.station[i];

		observed |= s->days.n > 0;
		if (!s->days.n)
			wx_cli_note("station %s: no observations; run "
				    "wx-station",
				    s->site->id);
		if (s->no_bucket)
			wx_cli_note("station %s: tips are counted, but nobody "
				    "says how much water each is: give "
				    "bucket_mm in site.json",
				    s->site->id);
		if (s->siphon_like)
			siphon_note("station ", s->site->id);
		if (s->e.gauge.n_refused || s->e.wind.n_refused)
			wx_cli_note("station %s: rows not believable and not "
				    "used: %zu of rain, %zu of wind",
				    s->site->id, s->e.gauge.n_refused,
				    s->e.wind.n_refused);
	}
	if (r->n.windows && !r->n.measured && observed)
		wx_cli_note("no window is at a time that a station recorded: "
			    "is a log missing, or a utc_offset wrong?");
}

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

/* Rows by ear, columns by the station. */
static void agreement_note(const char *what, const struct wx_classes *c,
			   const struct wx_agreement *a)
{
	uint64_t agree, n;

	wx_agreement_sum(a, &agree, &n);
	if (!n)
		return;
	wx_cli_note("%s, ear and station: the same in %.1f %% of %" PRIu64
		    " windows that both tell of",
		    what, percent(agree, n), n);
	for (int i = 0; i < c->n; i++)
		for (int k = 0; k < c->n; k++)
			if (a->n[i][k])
				wx_cli_note("  heard %s, measured %s: %" PRIu64,
					    c->name[i], c->name[k], a->n[i][k]);
}

/* A node whose sound could have been used, and was not. */
static void hearing_note(const struct wx_labels_node *n)
{
	struct wx_senses_told told;

	if (!n->senses)
		return;
	wx_senses_told(n->senses, &told);
	if (told.n_gaps >= WX_SENSES_LEAST_GAPS && !told.hears)
		wx_cli_note("%s: its sound is not used for rain: in %zu gaps "
			    "between tips loudness and rate have a rank "
			    "correlation of %.2f, expected %g or more",
			    n->id, told.n_gaps, told.rank,
			    WX_SENSES_LEAST_RANK);
}

static void summary(const struct args *args, struct wx_labels *r)
{
	struct wx_error err = { 0 };
	const struct wx_labelled *n = &r->n;

	if (n->rain_heard || n->wind_heard)
		wx_cli_note("labelled by ear: rain of %" PRIu64
			    " windows, wind of %" PRIu64,
			    n->rain_heard, n->wind_heard);
	agreement_note("rain", &r->profile.rain, &n->rain_ear);
	agreement_note("wind", &r->profile.wind, &n->wind_ear);
	for (size_t i = 0; i < r->n_nodes; i++)
		hearing_note(&r->nodes[i]);
	if (n->by_humidity || n->by_sound)
		wx_cli_note("nodes' own evidence bears on the rain of %" PRIu64
			    " windows by humidity, %" PRIu64 " by sound",
			    n->by_humidity, n->by_sound);
	for (size_t i = 0; i < r->n_nodes && !r->dates->n; i++)
		if (!wx_cli_stopped())
			wx_tracks_unused(r->nodes[i].tracks, wx_cli_log());
	wx_cli_note("%" PRIu64 " windows of %zu nodes, %" PRIu64
		    " days (%" PRIu64 " new); kept: rain %.1f %%, "
		    "wind %.1f %%",
		    n->windows, r->n_nodes, n->days, n->days_changed,
		    percent(n->rain_kept, n->windows),
		    percent(n->wind_kept, n->windows));
	if (args->json) {
		json_t *line = wx_labelled_json(n, &r->profile, r->n_nodes);
		int rc = wx_json_write_line(line, stdout, &err);

		json_decref(line);
		if (rc != WX_OK)
			r->failed.fn(r->failed.ctx, rc, &err);
	}
}

/* What the command line has to say of the profile. */
static void choose(const struct args *a, struct wx_profile *p)
{
	p->smoother &= !a->no_smoother;
	if (a->evidence)
		p->evidence = a->senses;
}

static int run_labels(const struct args *args, struct wx_labels *r,
		      struct wx_error *err)
{
	int rc = wx_profile_read(args->profile ? args->profile
					       : r->a->site->profile,
				 &r->profile, err);

	choose(args, &r->profile);
	if (rc == WX_OK)
		rc = wx_labels_open(r, err);
	if (rc != WX_OK)
		return rc;
	wx_labels_make(r);
	archive_remarks(r);
	summary(args, r);
	if (wx_cli_stopped())
		rc = wx_fail(err, WX_ERR_IO,
			     "stopped; run again to label the rest");
	return rc;
}

static int label_archive(const struct args *args)
{
	struct wx_error err = { 0 };
	struct wx_archive *a = NULL;
	int status = WX_EXIT_OK;
	struct wx_labels r = { .node_ids = &args->nodes,
			       .dates = &args->dates,
			       .read_track = wx_track_read,
			       .log = wx_cli_log(),
			       .failed = { failed, &status },
			       .stopped = wx_cli_stopped };
	int rc = wx_archive_open(wx_cli_archive(args->archive), &a, &err);

	r.a = a;
	for (int i = 0; i < args->nodes.n && rc == WX_OK; i++)
		if (!wx_site_node(a->site, args->nodes.v[i]))
			status = wx_cli_usage("site.json has no node '%s'",
					      args->nodes.v[i]);
	if (rc == WX_OK && status == WX_EXIT_OK)
		rc = run_labels(args, &r, &err);
	if (r.stations.n_bad)
		status =
			wx_cli_worst(status, r.stations.failed ? WX_EXIT_SYSTEM
							       : WX_EXIT_INPUT);
	if (rc != WX_OK)
		failed(&status, rc, &err);
	wx_labels_close(&r);
	wx_archive_close(a);
	return status;
}

static int parse_instruments(struct args *a)
{
	const struct wx_gauge_model *gauge =
		a->bucket ? wx_gauge_model(a->bucket) : NULL;
	struct wx_error err = { 0 };

	a->siphon |= gauge && gauge->siphon;
	if (wx_instruments_parse(a->bucket, &a->bucket_mm, a->cup, &a->cups,
				 &err))
		return wx_cli_usage("%s", err.text);
	if (!isnan(a->cup_offset_m_s))
		a->cups.offset_m_s = a->cup_offset_m_s;
	if (!isnan(a->cup_threshold_m_s))
		a->cups.threshold_m_s = a->cup_threshold_m_s;
	return 0;
}

static int why(const struct args *a, const struct wx_archive *archive,
	       const struct wx_profile *profile, struct wx_error *err)
{
	json_t *said;
	int rc = wx_why(archive, profile, wx_track_read, a->why, wx_cli_log(),
			&said, err);

	if (rc != WX_OK)
		return rc;
	if (a->json)
		rc = wx_json_write_line(said, stdout, err);
	else
		wx_why_write(said, stdout);
	json_decref(said);
	return rc;
}

static int review(const struct args *a, const struct wx_archive *archive,
		  const struct wx_profile *profile, struct wx_error *err)
{
	struct wx_review_made made;
	int rc = wx_review(archive, profile, (int)a->review, &wx_track_raven,
			   wx_cli_log(), &made, err);

	if (rc == WX_OK && !made.n)
		wx_cli_note("no window to review");
	else if (rc == WX_OK)
		wx_cli_note("%s: %d windows%s; listen by %s, fill in the "
			    "column Annotation, run wx-label",
			    made.track, made.n,
			    made.is_new ? "" : ", asked for before", made.list);
	return rc;
}

static int ask(const struct args *a)
{
	struct wx_error err = { 0 };
	struct wx_archive *archive;
	struct wx_profile profile;
	int rc = wx_archive_open(wx_cli_archive(a->archive), &archive, &err);

	if (rc == WX_OK)
		rc = wx_profile_read(a->profile ? a->profile
						: archive->site->profile,
				     &profile, &err);
	choose(a, &profile);
	if (rc == WX_OK)
		rc = a->why ? why(a, archive, &profile, &err)
			    : review(a, archive, &profile, &err);
	wx_archive_close(archive);
	return wx_cli_report(rc, &err);
}

static int run_filter(const struct args *a, int n, char *const *operand)
{
	if (n != 1)
		return wx_cli_usage("expected one table of windows after "
				    "--station");
	if (!strcmp(a->station, "-") && !strcmp(operand[0], "-"))
		return wx_cli_usage("only one table can be stdin");
	if (a->archive || a->nodes.n || a->dates.n || a->json || a->why ||
	    a->review || a->evidence)
		return wx_cli_usage("--station is a filter: no --archive, "
				    "--node, --date, --json, --why, --review "
				    "or --evidence");
	return filter(a, operand[0]);
}

static int run_archive(const struct args *a, int n, char *const *operand)
{
	if (n)
		return wx_cli_usage("unexpected '%s': a table of windows needs "
				    "--station",
				    operand[0]);
	if (a->bucket || a->cup || a->siphon || a->maintenance.n)
		return wx_cli_usage("--bucket, --siphon, --maintenance and "
				    "--cup need --station; an archive has "
				    "them in site.json");
	if ((a->why || a->review) && ((a->why && a->review) || a->nodes.n ||
				      a->dates.n || (a->json && a->review)))
		return wx_cli_usage("--why and --review stand alone; but "
				    "--why --json");
	if (a->why || a->review)
		return ask(a);
	wx_cli_catch_signals(); /* a filter just ends */
	return label_archive(a);
}

int main(int argc, char *argv[])
{
	struct args a = { .bucket_mm = NAN,
			  .cup_offset_m_s = NAN,
			  .cup_threshold_m_s = NAN,
			  .cups = { .m_s_per_hz = NAN } };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&a.archive),
		WX_OPT_NODE(&a.nodes),
		WX_OPT_DATE(&a.dates),
		WX_OPT_STR('c', "profile", &a.profile, "PROFILE",
			   "classes: a built-in name or a file (default: the "
			   "site's, else aurora3)"),
		WX_OPT_JSON(&a.json),
		WX_OPT_STR(0, "why", &a.why, "WINDOW",
			   "say why CAPTURE@SECONDS or NODE/INSTANT has its "
			   "label"),
		WX_OPT_INT(0, "review", &a.review, 1, WX_REVIEW_MAX, "N",
			   "pick the N windows to listen to next"),
		WX_OPT_FLAG(0, "no-smoother", &a.no_smoother,
			    "judge rain by one gap between tips, not by all"),
		WX_OPT_STR(0, "evidence", &a.evidence, "LIST",
			   "of nodes, beside tips: humidity,sound or none "
			   "(default: the profile's, else sound)"),
		WX_OPT_STR(0, "station", &a.station, "OBS",
			   "filter: observations, CSV, - for stdin"),
		WX_OPT_STR(0, "bucket", &a.bucket, "MODEL|MM",
			   "filter: the rain gauge, or water per tip"),
		WX_OPT_FLAG(0, "siphon", &a.siphon,
			    "filter: the rain gauge has a siphon (default: "
			    "MODEL's)"),
		WX_OPT_STRS(0, "maintenance", &a.maintenance, "FROM/TO",
			    "filter: nothing of this time is used; may be "
			    "repeated"),
		WX_OPT_STR(0, "cup", &a.cup, "MODEL|M_S_PER_HZ",
			   "filter: the anemometer, or wind per turn a second"),
		WX_OPT_F64(
			0, "cup-offset", &a.cup_offset_m_s, 0, 3, "M_S",
			"filter: added when the cups turn (default: MODEL's)"),
		WX_OPT_F64(0, "cup-threshold", &a.cup_threshold_m_s, 0, 5,
			   "M_S",
			   "filter: the cups start here (default: MODEL's)"),
		WX_OPT_END,
	};
	int i = wx_cli_parse(argc, argv, usage, opts), status;

	if (a.evidence && !wx_senses_parse(a.evidence, &a.senses))
		return wx_cli_end(wx_cli_usage("--evidence '%.40s': expected "
					       "humidity, sound, both with a "
					       "comma between, or none",
					       a.evidence));
	status = parse_instruments(&a);
	if (!status)
		status = a.station ? run_filter(&a, argc - i, argv + i)
				   : run_archive(&a, argc - i, argv + i);
	return wx_cli_end(status);
}
