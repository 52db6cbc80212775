/* SPDX-License-Identifier: MIT */
/*
 * cmd/wx-station.c: a reference station's log as one observation table.
 *
 * Without an archive the table goes to stdout. With one, the logs are kept as
 * given under station/ID/raw/, and station/ID/DATE.csv says what they hold; a
 * live station's are written there as it sends.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive.h"
#include "base/cli.h"
#include "base/json.h"
#include "base/text.h"
#include "station/filing.h"
#include "station/live.h"
#include "station/told.h"
#include "weather/summary.h"

static const char usage[] =
	"wx-station [-f FORMAT] [OPTION...] FILE...\n"
	"wx-station --summary [--json] [OPTION...] FILE...\n"
	"wx-station -a DIR [--station ID] [OPTION...] [FILE...]\n"
	"wx-station -a DIR [--station ID] [-f FORMAT] --port PORT\n"
	"\n"
	"Reads a station's log and writes what it observed as one table; with "
	"an\narchive, files it there. FILE - is stdin.";

struct args {
	const char *archive, *format, *station, *port;
	struct wx_told told;
	bool summary, json;
	int64_t baud;
};

static int to_stdout(void *ctx, const struct wx_obs *obs, struct wx_error *err)
{
	struct wx_row *row = ctx;

	wx_obs_write(row, obs);
	return ferror(row->out) ? wx_fail_errno(err, "stdout: cannot write")
				: WX_OK;
}

static void note_write(void *ctx, const char *text)
{
	(void)ctx;
	wx_cli_detail("%s", text);
}
static struct wx_log notes = { .write = note_write };

/* What is wrong whatever the files hold. */
static int check_args(struct args *a)
{
	struct wx_error err = { 0 };
	char names[400];

	if (a->format && !wx_station_format_find(a->format))
		return wx_cli_usage(
			"-f: expected one of %s, found '%s'",
			wx_station_format_names(names, sizeof(names)),
			a->format);
	switch (wx_told_parse(&a->told, &err)) {
	case WX_OK:
		return 0;
	case WX_ERR_RANGE:
		return wx_cli_usage("%s", err.text);
	default:
		return wx_cli_report(err.code, &err);
	}
}

/* The one that is named, or the only one. */
static int pick_station(const struct wx_archive *ar, const char *id,
			const struct wx_site_station **out,
			struct wx_error *err)
{
	const struct wx_site *site = ar->site;

	*out = id                      ? wx_site_station(site, id)
	       : site->n_stations == 1 ? &site->stations[0]
				       : NULL;
	if (*out)
		return WX_OK;
	if (id)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s/site.json: no station of the id '%s'",
			       ar->root, id);
	if (!site->n_stations)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s/site.json: has no station; describe there "
			       "the one whose log this is (wx-site(5))",
			       ar->root);
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s/site.json: %zu stations; say which: --station ID",
		       ar->root, site->n_stations);
}

static int print_table(const char *path, const struct wx_station_format *f,
		       const struct wx_station_opts *opts, struct wx_error *err)
{
	struct wx_row *row = malloc(sizeof(*row));
	int rc;

	if (!row)
		return wx_fail_nomem(err);
	wx_row_init(row, stdout);
	rc = wx_station_read(path, f, opts, to_stdout, row, wx_cli_log(), err);
	wx_row_flush(row);
	free(row);
	return rc;
}

static int to_summary(void *ctx, const struct wx_obs *obs, struct wx_error *err)
{
	(void)err;
	wx_summary_add(ctx, obs);
	return WX_OK;
}

/* *found: something is suspect. What was read before a failure counts. */
static int print_summary(const char *path, const struct wx_station_format *f,
			 const struct wx_station_opts *opts, bool json,
			 bool *found, struct wx_error *err)
{
	struct wx_summary sum;
	json_t *line;
	int rc;

	wx_summary_init(&sum);
	rc = wx_station_read(path, f, opts, to_summary, &sum, wx_cli_log(),
			     err);
	*found = wx_summary_finish(&sum);
	if (rc && !sum.n_rows)
		return rc;
	if (!json) {
		wx_summary_print(&sum, path, stdout);
		return rc;
	}
	line = wx_summary_json(&sum, path);
	if (wx_json_write_line(line, stdout, err))
		rc = err->code;
	json_decref(line);
	return rc;
}

static int print_files(const struct args *a, const struct wx_station_opts *opts,
		       int n, char **files)
{
	const struct wx_station_format *f =
		a->format ? wx_station_format_find(a->format) : NULL;
	int status = WX_EXIT_OK;

	if (!a->summary)
		puts(WX_OBS_HEADER);
	for (int i = 0; i < n; i++) { /* one bad file does not stop the rest */
		struct wx_error err = { 0 };
		bool found = false;
		int rc = a->summary ? print_summary(files[i], f, opts, a->json,
						    &found, &err)
				    : print_table(files[i], f, opts, &err);

		status = wx_cli_worst(status, wx_cli_report(rc, &err));
		if (found)
			status = wx_cli_worst(status, WX_EXIT_FOUND);
	}
	return status;
}

struct tally {
	int n_days, n_changed;
};

/* One station of an archive, while its files are taken in. */
struct filing {
	const struct wx_site_station *station;
	struct wx_filing to;
	struct tally *tally; /* of this station and those before it */
	bool asked;          /* a file left open what an option decides */
};

static int keep_file(const struct filing *f, const char *path,
		     struct wx_error *err)
{
	enum wx_keep_what what;
	int rc = wx_filing_keep(&f->to, path, &what, err);

	if (!rc)
		wx_cli_detail("%s: %s", path, wx_keep_text(what));
	return rc;
}

static void progress(size_t done, size_t total)
{
	wx_cli_progress("station", done, total);
}

static int file_tables(const struct filing *f, struct wx_error *err)
{
	int n_days = 0, n_changed = 0;
	int rc = wx_filing_tables(&f->to, progress, wx_cli_log(), &n_days,
				  &n_changed, err);

	wx_cli_progress_end();
	f->tally->n_days += n_days;
	f->tally->n_changed += n_changed;
	if (!rc)
		wx_cli_note("station %s: %d days, %d tables changed",
			    f->station->id, n_days, n_changed);
	return rc;
}

static int take_in(struct filing *f, int n, char **files)
{
	int status = WX_EXIT_OK;
	struct wx_error err = { 0 };

	for (int i = 0; i < n; i++) {
		struct wx_error why = { 0 };
		int rc = keep_file(f, files[i], &why);

		f->asked |= rc && strstr(why.text, " --");
		status = wx_cli_worst(status, wx_cli_report(rc, &why));
	}
	status =
		wx_cli_worst(status, wx_cli_report(file_tables(f, &err), &err));
	if (f->asked)
		wx_cli_note("station %s: what an option says, its entry in "
			    "site.json can say for every night: columns, "
			    "rain_kind, interval_s, date_order, sensor, "
			    "utc_offset, zone (wx-site(5))",
			    f->station->id);
	return status;
}

static int file_station(const struct wx_archive *ar, struct filing *f, int n,
			char **files)
{
	struct wx_error err = { 0 };
	struct wx_lock *lock = NULL;
	glob_t found = { 0 };
	int rc, status;

	f->to.dir = wx_archive_path(ar, "station/%s", f->station->id);
	rc = f->to.dir ? WX_OK : wx_fail_nomem(&err);
	if (!rc)
		rc = wx_lock_take(ar, &lock, &err, "station-%s",
				  f->station->id);
	if (!rc && !n) {
		rc = wx_filing_source(&f->to, f->station, &found, &err);
		n = (int)found.gl_pathc;
		files = found.gl_pathv;
	}
	status = rc ? wx_cli_report(rc, &err) : take_in(f, n, files);
	if (found.gl_pathc)
		globfree(&found);
	wx_lock_drop(lock);
	free(f->to.dir);
	return status;
}

/* What comes, until a signal, or the end of standard input. */
static int log_live(const struct args *a, const struct wx_archive *ar,
		    const struct wx_site_station *s,
		    const struct wx_station_format *format)
{
	struct wx_live_opts opts = { .port = a->port,
				     .baud = (int)a->baud,
				     .format = format,
				     .stopped = wx_cli_stopped,
				     .log = wx_cli_log(),
				     .notes = &notes };
	struct wx_error err = { 0 };
	struct wx_lock *lock = NULL;
	char *dir = wx_archive_path(ar, "station/%s/raw", s->id);
	uint64_t n_lines = 0;
	int rc = dir ? wx_lock_take(ar, &lock, &err, "live-%s", s->id)
		     : wx_fail_nomem(&err);

	opts.dir = dir;
	wx_cli_catch_signals();
	if (!rc)
		rc = wx_live_run(&opts, &n_lines, &err);
	if (n_lines)
		wx_cli_note("station %s: %" PRIu64 " %s logged", s->id, n_lines,
			    n_lines == 1 ? "line" : "lines");
	wx_lock_drop(lock);
	free(dir);
	return wx_cli_report(rc, &err);
}

/* One of an archive's stations: its log as a table, or filed. */
static int one_station(const struct args *a, const struct wx_archive *ar,
		       const struct wx_site_station *s, struct tally *tally,
		       bool to_table, int n, char **files)
{
	struct args mine = *a;
	struct wx_told_opts its = { 0 };
	struct wx_rain_carry carry = { 0 };
	struct filing f = { .station = s,
			    .to.opts = &its.opts,
			    .tally = tally };
	struct wx_error err = { 0 };
	char names[400];
	int status, rc = wx_told_opts(&a->told, s, &its, &err);

	its.opts.carry = &carry;
	its.opts.notes = &notes;
	if (!mine.format)
		mine.format = s->format;
	f.to.format = mine.format ? wx_station_format_find(mine.format) : NULL;
	if (!rc && mine.format && !f.to.format)
		rc = wx_fail(&err, WX_ERR_FORMAT,
			     "%s/site.json: station %s: no format '%s'; "
			     "expected one of %s",
			     ar->root, s->id, mine.format,
			     wx_station_format_names(names, sizeof(names)));
	if (rc)
		status = wx_cli_report(rc, &err);
	else if (mine.port)
		status = log_live(&mine, ar, s, f.to.format);
	else if (to_table)
		status = print_files(&mine, &its.opts, n, files);
	else
		status = file_station(ar, &f, n, files);
	wx_told_opts_fini(&its);
	return status;
}

/* Every station's own source: one that fails does not stop the rest. */
static int all_stations(const struct args *a, const struct wx_archive *ar)
{
	const struct wx_site *site = ar->site;
	struct tally tally = { 0 };
	int status = WX_EXIT_OK;

	for (size_t i = 0; i < site->n_stations; i++)
		status = wx_cli_worst(status,
				      one_station(a, ar, &site->stations[i],
						  &tally, false, 0, NULL));
	if (site->n_stations != 1)
		wx_cli_note("all: %zu stations, %d days, %d tables changed",
			    site->n_stations, tally.n_days, tally.n_changed);
	return status;
}

/* With an archive: for its site.json, and unless to_table, for filing. */
static int with_archive(const struct args *a, bool to_table, int n,
			char **files)
{
	const struct wx_site_station *s = NULL;
	struct wx_error err = { 0 };
	struct wx_archive *ar = NULL;
	struct tally tally = { 0 };
	bool all = !a->station && !n && !a->port;
	int status;
	int rc = wx_archive_open(wx_cli_archive(a->archive), &ar, &err);

	if (!rc && !all)
		rc = pick_station(ar, a->station, &s, &err);
	if (rc)
		status = wx_cli_report(rc, &err);
	else if (all)
		status = all_stations(a, ar);
	else
		status = one_station(a, ar, s, &tally, to_table, n, files);
	wx_archive_close(ar);
	return status;
}

static int without_archive(const struct args *a, int n, char **files)
{
	struct wx_told_opts its = { 0 };
	struct wx_rain_carry carry = { 0 };
	struct wx_error err = { 0 };
	int rc = wx_told_opts(&a->told, NULL, &its, &err);

	its.opts.carry = &carry;
	its.opts.notes = &notes;
	rc = rc ? wx_cli_report(rc, &err) : print_files(a, &its.opts, n, files);
	wx_told_opts_fini(&its);
	return rc;
}

int main(int argc, char *argv[])
{
	struct args a = { 0 };
	struct wx_told *t = &a.told;
	const struct wx_opt table[] = {
		WX_OPT_ARCHIVE(&a.archive),
		WX_OPT_STR('f', "format", &a.format, "FORMAT",
			   "name of a format, as csv (default: by content)"),
		WX_OPT_STR(
			0, "station", &a.station, "ID",
			"the station in site.json (default: without FILE all)"),
		WX_OPT_STR(0, "utc-offset", &t->utc_offset, "OFFSET",
			   "zone of the log's times: Z or +hh:mm"),
		WX_OPT_STR(0, "zone", &t->zone, "NAME",
			   "the same, with daylight saving: Europe/Zurich"),
		WX_OPT_STR(0, "bucket", &t->bucket, "MODEL|MM",
			   "the rain gauge, or water per tip of its bucket"),
		WX_OPT_STR(0, "cup", &t->cup, "MODEL|M_S_PER_HZ",
			   "the anemometer, or wind per turn a second"),
		WX_OPT_STR(0, "stamp", &t->stamp, "EDGE",
			   "start or end: which end of an interval is stamped"),
		WX_OPT_F64(
			0, "interval", &t->interval_s, 0.001, 86400, "S",
			"seconds from row to row (default: from the stamps)"),
		WX_OPT_STRS(0, "columns", &t->columns, "KEY=COLUMN,...",
			    "which column is what; may be repeated"),
		WX_OPT_STR(0, "registers", &t->registers, "FILE",
			   "what a poller's columns are, of a Modbus station"),
		WX_OPT_STR(0, "rain-kind", &t->rain_kind, "KIND",
			   "interval, cumulative or tips"),
		WX_OPT_F64(0, "modulus", &t->modulus, 1, 4294967296.0, "N",
			   "where a rain counter begins again at 0"),
		WX_OPT_STR(0, "date-order", &t->date_order, "ORDER",
			   "of 06/01/26: dmy, mdy or ymd"),
		WX_OPT_STR(0, "time-format", &t->time_format, "FORMAT",
			   "of unusual times, as '%d %b %Y %H:%M'"),
		WX_OPT_INT(0, "skip", &t->skip_lines, 0, 1000, "N",
			   "lines before the header of a csv"),
		WX_OPT_STR(0, "date", &t->date, "YYYY-MM-DD",
			   "day of the first line, of times without one"),
		WX_OPT_STR(0, "sensor", &t->sensor, "MODEL/ID",
			   "of several stations that a receiver hears"),
		WX_OPT_STR(0, "port", &a.port, "PORT",
			   "log what comes: /dev/.., tcp:HOST:PORT, "
			   "udp::PORT, -"),
		WX_OPT_INT(0, "baud", &a.baud, 50, 12000000, "N",
			   "speed of the port (default as of the format)"),
		WX_OPT_FLAG(0, "summary", &a.summary,
			    "what the files hold, and what of it is suspect"),
		WX_OPT_JSON(&a.json),
		WX_OPT_END,
	};
	int status, i, n;
	bool to_table;

	wx_told_init(t);
	i = wx_cli_parse(argc, argv, usage, table);
	n = argc - i;
	status = check_args(&a);
	if (!status && a.summary && !n)
		status = wx_cli_usage("--summary: of which FILE?");
	if (!status && a.json && !a.summary)
		status = wx_cli_usage("--json is for --summary");
	if (a.archive && !a.summary && n == 1 && !strcmp(argv[i], "-")) {
		a.port = "-"; /* to keep it is to log it */
		n = 0;
	}
	if (!status && a.port && n)
		status = wx_cli_usage("--port and FILE, not both");
	if (!status && a.baud && !a.port)
		status = wx_cli_usage("--baud is for --port");
	to_table = (!a.archive || a.summary) && n;
	if (!status && (a.archive || a.station || !n))
		status = with_archive(&a, to_table, n, argv + i);
	else if (!status)
		status = without_archive(&a, n, argv + i);
	wx_told_fini(t);
	return wx_cli_end(status);
}
