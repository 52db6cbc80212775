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
#include "archive/daytable.h"
#include "base/cli.h"
#include "base/csv.h"
#include "base/instrument.h"
#include "weather/labeller.h"

static const char usage[] =
	"wx-label [-a DIR] [--node ID]... [--date YYYY-MM-DD]... [-c PROFILE]\n"
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
};

struct counts {
	uint64_t windows, rain_kept, wind_kept, days, days_changed;
	uint64_t measured; /* windows with rain or wind of a station */
};

/* A bad row or file is told of, and the rest goes on. */
static int report(int rc, struct wx_error *err, int status)
{
	status = wx_cli_worst(status, wx_cli_report(rc, err));
	*err = (struct wx_error){ 0 };
	return status;
}

/* ---- a station's table ---- */

/*
 * Tables by hand often have no interval_s: one that gives more than instants
 * of tips and pulses then tells of the time since the row before.
 */
static bool is_series(const struct wx_obs_cols *c)
{
	return c->interval_s < 0 && (c->rain_mm >= 0 || c->wind_avg_m_s >= 0);
}

static int obs_read(struct wx_csv *csv, struct wx_evidence *e, int *status,
		    struct wx_error *err)
{
	struct wx_obs_cols cols;
	int rc = wx_obs_cols(csv, &cols, err);

	if (rc == WX_OK && cols.tips < 0 && cols.rain_mm < 0 &&
	    cols.cup_turns < 0 && cols.wind_avg_m_s < 0)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: no column of rain or wind: expected tips, "
			     "rain_mm, cup_turns or wind_avg_m_s",
			     wx_csv_name(csv));
	if (rc != WX_OK)
		return rc;
	while ((rc = wx_csv_next(csv, err)) > 0) {
		struct wx_obs obs;

		rc = wx_obs_get(csv, &cols, &obs, err);
		if (rc != WX_OK) {
			*status = report(rc, err, *status);
			continue;
		}
		if (is_series(&cols))
			obs.interval_s = NAN;
		rc = wx_evidence_add(e, &obs, err);
		if (rc != WX_OK)
			return rc;
	}
	return rc;
}

static int obs_load(const char *path, struct wx_evidence *e, int *status,
		    struct wx_error *err)
{
	struct wx_csv *csv = NULL;
	int rc = wx_csv_open(path, NULL, &csv, err);

	if (rc == WX_OK)
		rc = obs_read(csv, e, status, err);
	wx_csv_close(csv);
	return rc;
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
	if (g->by_amount && g->step_mm > 0)
		wx_cli_note("%s: rain comes in steps of %g mm, as from a "
			    "bucket: no wet window is kept until its size is "
			    "told (--bucket, or bucket_mm in site.json)",
			    name, g->step_mm);
}

/* ---- a table of windows ---- */

static int windows_label(struct wx_csv *csv, const struct wx_window_cols *cols,
			 struct wx_labeller *l, struct wx_row *row,
			 struct counts *n, int *status, struct wx_error *err)
{
	int rc;

	while ((rc = wx_csv_next(csv, err)) > 0) {
		struct wx_window w;
		struct wx_label label;

		rc = wx_window_get(csv, cols, &w, err);
		if (rc != WX_OK) { /* one row out per row in */
			*status = report(rc, err, *status);
			w = (struct wx_window){
				.node = wx_csv_get(csv, cols->node),
				.capture = wx_csv_get(csv, cols->capture),
				.offset_s = NAN,
				.length_s = NAN,
				.start_utc = WX_TIME_NONE,
			};
		}
		wx_labeller_window(l, &w, &label);
		wx_label_write(row, &label);
		n->windows++;
		n->rain_kept += (uint64_t)label.rain.keep;
		n->wind_kept += (uint64_t)label.wind.keep;
		n->measured += strcmp(label.rain.source, "none") != 0 ||
			       strcmp(label.wind.source, "none") != 0;
	}
	return rc;
}

/* ---- the filter ---- */

static int filter(const struct args *a, const char *windows)
{
	struct wx_error err = { 0 };
	struct wx_profile profile;
	struct wx_evidence e, *all[] = { &e };
	struct wx_window_cols cols;
	struct wx_labeller l;
	struct wx_row row;
	struct wx_csv *csv = NULL;
	struct counts n = { 0 };
	int status = WX_EXIT_OK, rc;

	wx_evidence_init(&e, a->bucket_mm, a->cups.m_s_per_hz,
			 a->cups.offset_m_s, a->cups.threshold_m_s);
	rc = wx_profile_read(a->profile ? a->profile : "aurora3", &profile,
			     &err);
	if (rc == WX_OK)
		rc = wx_csv_open(windows, NULL, &csv, &err);
	if (rc == WX_OK)
		rc = wx_window_cols(csv, &cols, &err);
	if (rc == WX_OK)
		rc = obs_load(a->station, &e, &status, &err);
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
		rc = windows_label(csv, &cols, &l, &row, &n, &status, &err);
		wx_row_flush(&row);
	}
	if (rc != WX_OK)
		status = report(rc, &err, status);
	wx_csv_close(csv);
	wx_evidence_fini(&e);
	return status;
}

/* ---- the archive ---- */

struct station {
	const struct wx_site_station *site;
	struct wx_days days;
	size_t n_loaded; /* days[0..n_loaded) are in, or were */
	bool no_bucket;  /* of any day */
	struct wx_evidence e;
};

struct node {
	const char *id;
	struct wx_lock *lock;
	struct wx_days days; /* of windows/ */
	struct wx_day_table labels;
};

struct run {
	const struct args *args;
	struct wx_archive *a;
	struct wx_profile profile;
	struct station *stations;
	struct wx_evidence **evidence; /* of each station */
	size_t n_stations;
	struct node *nodes;
	size_t n_nodes;
	struct counts n;
	int status;
};

static struct wx_time day_start(int64_t day)
{
	return (struct wx_time){ day * WX_S_PER_DAY * WX_NS_PER_S };
}

/*
 * Bring in what may bear on a day: the days around it that the gap table can
 * see, and for a list of tips the next ones there are on either side.
 */
static void station_load(struct run *r, struct station *s, int64_t day)
{
	struct wx_error err = { 0 };
	double bucket_mm = s->site->bucket_mm;
	double far_s =
		WX_RATE_FAR_S *
		(isnan(bucket_mm) ? 1 : bucket_mm / WX_RATE_TABLE_BUCKET_MM);
	int64_t reach = 1 + (int64_t)(far_s / WX_S_PER_DAY);
	size_t first = 0;
	int rc = WX_OK;

	while (first + 1 < s->days.n && s->days.day[first + 1] <= day - reach)
		first++;
	if (s->n_loaded < first)
		s->n_loaded = first;
	if (s->days.n)
		wx_evidence_trim(&s->e, day_start(s->days.day[first]));
	while (s->n_loaded < s->days.n &&
	       (s->n_loaded == 0 ||
		s->days.day[s->n_loaded - 1] < day + reach)) {
		char date[WX_DAY_SIZE];
		char *path;

		wx_day_format(s->days.day[s->n_loaded++], date);
		path = wx_archive_path(r->a, "station/%s/%s.csv", s->site->id,
				       date);
		rc = path ? obs_load(path, &s->e, &r->status, &err)
			  : wx_fail_nomem(&err);
		if (rc != WX_OK)
			r->status = report(rc, &err, r->status);
		free(path);
	}
	rc = wx_evidence_finish(&s->e, &err);
	if (rc != WX_OK)
		r->status = report(rc, &err, r->status);
	s->no_bucket |= s->e.gauge.no_bucket;
}

static int day_label(struct run *r, struct node *n, int64_t day,
		     struct wx_labeller *l, struct wx_error *err)
{
	char date[WX_DAY_SIZE], *path;
	struct wx_csv *csv = NULL;
	struct wx_window_cols cols;
	struct wx_row *row;
	int rc = wx_day_table_day(&n->labels, day, &row, err);

	wx_day_format(day, date);
	path = wx_archive_path(r->a, "windows/%s/%s.csv", n->id, date);
	if (rc == WX_OK)
		rc = path ? wx_csv_open(path, NULL, &csv, err)
			  : wx_fail_nomem(err);
	if (rc == WX_OK)
		rc = wx_window_cols(csv, &cols, err);
	if (rc == WX_OK)
		rc = windows_label(csv, &cols, l, row, &r->n, &r->status, err);
	if (rc == WX_OK)
		rc = wx_day_table_commit(&n->labels, err);
	else
		wx_day_table_drop(&n->labels);
	wx_csv_close(csv);
	free(path);
	return rc;
}

static bool days_has(const struct wx_days *d, int64_t day)
{
	for (size_t i = 0; i < d->n; i++)
		if (d->day[i] == day)
			return true;
	return false;
}

static void nodes_open(struct run *r)
{
	const struct wx_site *site = r->a->site;

	for (size_t i = 0; i < site->n_nodes; i++) {
		struct node *n = &r->nodes[r->n_nodes];
		struct wx_error err = { 0 };
		int rc;

		*n = (struct node){ .id = site->nodes[i].id };
		if (!wx_strs_has(&r->args->nodes, n->id))
			continue;
		rc = wx_lock_take(r->a, &n->lock, &err, "label-%s", n->id);
		if (rc == WX_OK)
			rc = wx_archive_days(r->a, "windows", n->id, &n->days,
					     &err);
		if (rc == WX_OK)
			rc = wx_day_table_open(&n->labels, r->a, "labels",
					       n->id, WX_LABEL_HEADER,
					       r->args->dates.v,
					       (size_t)r->args->dates.n, &err);
		if (rc == WX_OK)
			r->n_nodes++;
		else {
			r->status = report(rc, &err, r->status);
			wx_days_fini(&n->days);
			wx_lock_drop(n->lock);
		}
	}
}

static int stations_open(struct run *r, struct wx_error *err)
{
	const struct wx_site *site = r->a->site;
	int rc = WX_OK;

	for (size_t i = 0; i < site->n_stations && rc == WX_OK; i++) {
		struct station *s = &r->stations[i];

		r->evidence[r->n_stations++] = &s->e;
		s->site = &site->stations[i];
		wx_evidence_init(
			&s->e, s->site->bucket_mm, s->site->cup.m_s_per_hz,
			s->site->cup.offset_m_s, s->site->cup.threshold_m_s);
		rc = wx_archive_days(r->a, "station", s->site->id, &s->days,
				     err);
	}
	return rc;
}

/* The earliest day after a given one that any node has. */
static bool day_next(const struct run *r, int64_t *day)
{
	int64_t next = INT64_MAX;

	for (size_t i = 0; i < r->n_nodes; i++)
		for (size_t k = 0; k < r->nodes[i].days.n; k++)
			if (r->nodes[i].days.day[k] > *day &&
			    r->nodes[i].days.day[k] < next)
				next = r->nodes[i].days.day[k];
	*day = next;
	return next != INT64_MAX;
}

static void days_label(struct run *r)
{
	for (int64_t day = INT64_MIN; day_next(r, &day) && !wx_cli_stopped();) {
		struct wx_labeller l;

		if (!wx_day_list_has(&r->args->dates, day))
			continue;
		for (size_t i = 0; i < r->n_stations; i++)
			station_load(r, &r->stations[i], day);
		wx_labeller_init(&l, &r->profile, r->evidence, r->n_stations);
		for (size_t i = 0; i < r->n_nodes; i++) {
			struct wx_error err = { 0 };
			int rc = WX_OK;

			if (days_has(&r->nodes[i].days, day))
				rc = day_label(r, &r->nodes[i], day, &l, &err);
			if (rc != WX_OK)
				r->status = report(rc, &err, r->status);
		}
	}
}

/* Labels of windows that are no longer there would be labels of nothing. */
static void nodes_end(struct run *r)
{
	for (size_t i = 0; i < r->n_nodes; i++) {
		struct wx_day_table *labels = &r->nodes[i].labels;
		struct wx_error err = { 0 };
		int rc = WX_OK;

		if (!wx_cli_stopped())
			rc = wx_day_table_end(labels, &err);
		if (rc != WX_OK)
			r->status = report(rc, &err, r->status);
		r->n.days += labels->n_written;
		r->n.days_changed += labels->n_changed;
	}
}

static void archive_remarks(const struct run *r)
{
	bool observed = false;

	if (!r->n.days && r->n_nodes && !r->args->dates.n)
		wx_cli_note("%s/windows: nothing with a time; run wx-align",
			    r->a->root);
	for (size_t i = 0; i < r->n_stations; i++) {
		const struct station *s = &r->stations[i];

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

static void run_end(struct run *r)
{
	for (size_t i = 0; i < r->n_stations; i++) {
		wx_evidence_fini(&r->stations[i].e);
		wx_days_fini(&r->stations[i].days);
	}
	for (size_t i = 0; i < r->n_nodes; i++) {
		wx_days_fini(&r->nodes[i].days);
		wx_day_table_close(&r->nodes[i].labels);
		wx_lock_drop(r->nodes[i].lock);
	}
	free(r->stations);
	free(r->evidence);
	free(r->nodes);
	wx_archive_close(r->a);
}

static double percent(uint64_t part, uint64_t of)
{
	return of ? 100.0 * (double)part / (double)of : 0;
}

static int label_archive(const struct args *args)
{
	struct wx_error err = { 0 };
	struct run r = { .args = args };
	int rc = wx_archive_open(wx_cli_archive(args->archive), &r.a, &err);

	if (rc == WX_OK)
		rc = wx_profile_read(args->profile ? args->profile
						   : r.a->site->profile,
				     &r.profile, &err);
	if (rc == WX_OK) {
		r.stations =
			calloc(r.a->site->n_stations + 1, sizeof(*r.stations));
		r.evidence =
			calloc(r.a->site->n_stations + 1, sizeof(*r.evidence));
		r.nodes = calloc(r.a->site->n_nodes + 1, sizeof(*r.nodes));
		if (!r.stations || !r.evidence || !r.nodes)
			rc = wx_fail_nomem(&err);
	}
	for (int i = 0; i < args->nodes.n && rc == WX_OK; i++)
		if (!wx_site_node(r.a->site, args->nodes.v[i]))
			r.status = wx_cli_usage("site.json has no node '%s'",
						args->nodes.v[i]);
	if (rc == WX_OK && r.status == WX_EXIT_OK)
		rc = stations_open(&r, &err);
	if (rc == WX_OK && r.status == WX_EXIT_OK) {
		nodes_open(&r);
		days_label(&r);
		nodes_end(&r);
		archive_remarks(&r);
		wx_cli_note("%" PRIu64 " windows of %zu nodes, %" PRIu64
			    " days (%" PRIu64 " new); kept: rain %.1f %%, "
			    "wind %.1f %%",
			    r.n.windows, r.n_nodes, r.n.days, r.n.days_changed,
			    percent(r.n.rain_kept, r.n.windows),
			    percent(r.n.wind_kept, r.n.windows));
		if (wx_cli_stopped())
			rc = wx_fail(&err, WX_ERR_IO,
				     "stopped; run again to label the rest");
	}
	r.status = report(rc, &err, r.status);
	run_end(&r);
	return r.status;
}

static int parse_instruments(struct args *a)
{
	char names[400];

	if (a->bucket && !wx_gauge_parse(a->bucket, &a->bucket_mm))
		return wx_cli_usage("--bucket: expected a number from 0.01 to "
				    "5, mm, or one of %s; found '%s'",
				    wx_gauge_names(names, sizeof(names)),
				    a->bucket);
	if (a->cup && !wx_cup_parse(a->cup, &a->cups))
		return wx_cli_usage("--cup: expected a number from 0.001 to "
				    "10, m/s per Hz, or one of %s; found '%s'",
				    wx_cup_names(names, sizeof(names)), a->cup);
	if (!isnan(a->cup_offset_m_s))
		a->cups.offset_m_s = a->cup_offset_m_s;
	if (!isnan(a->cup_threshold_m_s))
		a->cups.threshold_m_s = a->cup_threshold_m_s;
	return 0;
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
		WX_OPT_STR(0, "station", &a.station, "OBS",
			   "filter: observations, CSV, - for stdin"),
		WX_OPT_STR(0, "bucket", &a.bucket, "MODEL|MM",
			   "filter: the rain gauge, or water per tip"),
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
	int i = wx_cli_parse(argc, argv, usage, opts);
	int status;

	status = parse_instruments(&a);
	if (status)
		return wx_cli_end(status);
	if (a.station) {
		if (argc - i != 1)
			return wx_cli_usage("expected one table of windows "
					    "after --station");
		if (!strcmp(a.station, "-") && !strcmp(argv[i], "-"))
			return wx_cli_usage("only one table can be stdin");
		if (a.archive || a.nodes.n || a.dates.n)
			return wx_cli_usage("--station is a filter: no "
					    "--archive, --node or --date");
		status = filter(&a, argv[i]);
	} else {
		if (i < argc)
			return wx_cli_usage("unexpected '%s': a table of "
					    "windows needs --station",
					    argv[i]);
		if (a.bucket || a.cup)
			return wx_cli_usage("--bucket and --cup need "
					    "--station; an archive has them "
					    "in site.json");
		wx_cli_catch_signals(); /* a filter just ends */
		status = label_archive(&a);
	}
	return wx_cli_end(status);
}
