/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/node.c: which tables of a node or station are there, which are
 * missing, which tell of nothing.
 */
#include <stdlib.h>
#include <string.h>

#include "audit/parts.h"
#include "base/text.h"
#include "base/time.h"

struct dated {
	int64_t *day;
	struct audit_day *d;
	size_t n;
};

/* "2026-06-01.csv": its day; "undated.csv": INT64_MAX. */
static bool parse_day(const char *name, int64_t *day)
{
	char date[WX_DAY_SIZE];

	if (!strcmp(name, "undated.csv")) {
		*day = INT64_MAX;
		return true;
	}
	if (strlen(name) != 14 || strcmp(name + 10, ".csv") != 0)
		return false;
	memcpy(date, name, 10);
	date[10] = '\0';
	return wx_day_parse(date, day, NULL) == WX_OK;
}

static bool is_known(struct audit *au, const char *path, struct stat *st,
		     struct wx_seen_value *v)
{
	au->st->n_tables++;
	if (!audit_stat(au, path, st) || !wx_seen_get(au->seen, path, st, v))
		return false;
	au->st->n_known++;
	return true;
}

/* A file in a folder of tables that is none. */
static void odd_file(struct audit *au, const char *path, const char *name)
{
	if (audit_is_leftover(name))
		audit_found(au, WX_AUDIT_FAULT, "leftover", path,
			    "run the stage again; if it stays, delete it",
			    "is unfinished: a tool was interrupted");
	else
		audit_found(au, WX_AUDIT_FAULT, "orphan", path,
			    "move it elsewhere",
			    "is no table of this folder: nothing reads it");
}

static int one_windows(struct audit *au, const char *path, const char *node,
		       int64_t day, struct audit_day *d, struct wx_error *err)
{
	struct wx_seen_value v = { .has_digest = true };
	struct stat st;
	bool good = true;
	int rc = WX_OK;

	_Static_assert(sizeof(*d) <= sizeof(v.digest), "a day fits a note");
	if (is_known(au, path, &st, &v)) {
		memcpy(d, v.digest, sizeof(*d));
		return WX_OK;
	}
	rc = audit_windows(au, path, node, day, d, &good, err);
	memcpy(v.digest, d, sizeof(*d));
	if (rc == WX_OK && good)
		rc = wx_seen_put(au->seen, path, &st, &v, err);
	return rc;
}

/* A label depends on its window: the note of the one has the other's state. */
static int one_labels(struct audit *au, const char *path, const char *windows,
		      struct wx_error *err)
{
	struct wx_seen_value v, state = { .has_digest = true };
	struct stat st, win;
	bool good = true;
	int rc = WX_OK;

	if (audit_stat(au, windows, &win)) {
		memcpy(state.digest, &win.st_size, sizeof(win.st_size));
		memcpy(state.digest + 8, &win.st_mtim.tv_nsec, 8);
		memcpy(state.digest + 16, &win.st_mtim.tv_sec, 8);
		memcpy(state.digest + 24, &win.st_ino, 8);
	}
	if (is_known(au, path, &st, &v) &&
	    !memcmp(v.digest, state.digest, sizeof(v.digest)))
		return WX_OK;
	rc = audit_labels(au, path, windows, &good, err);
	if (rc == WX_OK && good)
		rc = wx_seen_put(au->seen, path, &st, &state, err);
	return rc;
}

static int windows_of(struct audit *au, const char *node,
		      const struct audit_files *f, struct dated *out,
		      struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < f->n && rc == WX_OK; i++) {
		const char *name = audit_name(f, i);
		char *path = wx_strf("windows/%s/%s", node, name);
		struct audit_day d = { 0 };
		int64_t day;

		if (!path) {
			rc = wx_fail_nomem(err);
		} else if (!parse_day(name, &day)) {
			odd_file(au, path, name);
		} else if (!audit_stopped(au, &rc, err)) {
			rc = one_windows(au, path, node, day, &d, err);
			if (day == INT64_MAX && d.n_rows)
				audit_found(au, WX_AUDIT_LOSS, "clock", path,
					    "give the node's clock an anchor: "
					    "see clock_pairs in wx-site(5)",
					    "%u windows without a time",
					    d.n_rows);
			if (day != INT64_MAX) {
				out->day[out->n] = day;
				out->d[out->n++] = d;
			}
		}
		free(path);
	}
	return rc;
}

static int labels_of(struct audit *au, const char *node,
		     const struct audit_files *f, const struct dated *windows,
		     struct wx_error *err)
{
	size_t w = 0;
	int rc = WX_OK;

	for (size_t i = 0; i <= f->n && rc == WX_OK; i++) {
		const char *name = i < f->n ? audit_name(f, i) : NULL;
		int64_t day = INT64_MAX;
		char date[WX_DAY_SIZE];
		char *path = wx_strf("labels/%s/%s", node, name ? name : "");
		char *win = wx_strf("windows/%s/%s", node, name ? name : "");

		if (!path || !win)
			rc = wx_fail_nomem(err);
		else if (name && (!parse_day(name, &day) || day == INT64_MAX))
			odd_file(au, path, name);
		for (; (!name || day != INT64_MAX) && w < windows->n &&
		       windows->day[w] < day;
		     w++) {
			char *lacks;

			wx_day_format(windows->day[w], date);
			lacks = wx_strf("labels/%s/%s.csv", node, date);
			if (lacks)
				audit_found(au, WX_AUDIT_FAULT, "missing",
					    lacks, "run wx-label",
					    "is not here, but its windows are");
			free(lacks);
		}
		if (rc == WX_OK && name && day != INT64_MAX) {
			if (w < windows->n && windows->day[w] == day)
				w++, rc = one_labels(au, path, win, err);
			else
				audit_found(au, WX_AUDIT_FAULT, "orphan", path,
					    "run wx-align and wx-label",
					    "has no windows");
		}
		free(path);
		free(win);
	}
	return rc;
}

/* *n_heard: captures that the tables tell of. */
static int sound_of(struct audit *au, const char *node,
		    const struct audit_files *f, size_t *n_heard,
		    struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < f->n && rc == WX_OK; i++) {
		const char *name = audit_name(f, i);
		size_t n = strlen(name);
		char *path = wx_strf("sound/%s/%s", node, name);
		struct wx_seen_value v = { .has_digest = true };
		struct stat st;
		size_t here = 0;
		bool good = true;

		if (!path)
			rc = wx_fail_nomem(err);
		else if (n < 4 || strcmp(name + n - 4, ".csv") != 0)
			odd_file(au, path, name);
		else if (!audit_stopped(au, &rc, err) &&
			 !is_known(au, path, &st, &v)) {
			rc = audit_sound(au, path, node, &here, &good, err);
			memcpy(v.digest, &here, sizeof(here));
			if (rc == WX_OK && good)
				rc = wx_seen_put(au->seen, path, &st, &v, err);
		}
		memcpy(&here, v.digest, sizeof(here));
		/* What a broken table holds is told with it. */
		*n_heard += good ? here : SIZE_MAX / 4;
		free(path);
	}
	return rc;
}

/* Files of ROOT/TABLE/ID; none if it is not there. */
static int files_of(struct audit *au, const char *table, const char *id,
		    struct audit_files *out, struct wx_error *err)
{
	char *dir = wx_strf("%s/%s", table, id);
	struct stat st;
	int rc = dir ? WX_OK : wx_fail_nomem(err);

	*out = (struct audit_files){ 0 };
	if (rc == WX_OK && audit_stat(au, dir, &st))
		rc = audit_files_read(au, dir, out, err);
	free(dir);
	return rc;
}

static void lacks(struct audit *au, const char *table, const char *node,
		  const char *tool)
{
	char *dir = wx_strf("%s/%s", table, node);
	char *todo = wx_strf("run %s", tool);

	if (dir && todo)
		audit_found(au, WX_AUDIT_FAULT, "missing", dir, todo,
			    "is not here, but the node's captures are");
	free(dir);
	free(todo);
}

/* A stage that has not been run over what the one before it made. */
static void check_stages(struct audit *au, const char *node, size_t n_sound,
			 size_t n_heard, size_t n_windows)
{
	char *dir = wx_strf("sound/%s", node);

	if (!n_heard && n_sound)
		lacks(au, "sound", node, "wx-listen");
	else if (!n_windows && n_sound)
		lacks(au, "windows", node, "wx-align");
	if (dir && n_heard && n_heard < n_sound)
		audit_found(au, WX_AUDIT_FAULT, "not-heard", dir,
			    "run wx-listen",
			    "%zu captures, expected %zu as are here", n_heard,
			    n_sound);
	free(dir);
}

int audit_node_tables(struct audit *au, const char *node, size_t n_sound,
		      struct wx_error *err)
{
	struct audit_files sound = { 0 }, windows = { 0 }, labels = { 0 };
	struct dated dated = { 0 };
	size_t n_heard = 0;
	int rc = files_of(au, "sound", node, &sound, err);

	if (rc == WX_OK)
		rc = files_of(au, "windows", node, &windows, err);
	if (rc == WX_OK)
		rc = files_of(au, "labels", node, &labels, err);
	dated.day = calloc(windows.n + 1, sizeof(*dated.day));
	dated.d = calloc(windows.n + 1, sizeof(*dated.d));
	if (rc == WX_OK && (!dated.day || !dated.d))
		rc = wx_fail_nomem(err);
	if (rc == WX_OK)
		rc = sound_of(au, node, &sound, &n_heard, err);
	if (rc == WX_OK)
		rc = windows_of(au, node, &windows, &dated, err);
	if (rc == WX_OK)
		rc = labels_of(au, node, &labels, &dated, err);
	if (rc == WX_OK) {
		audit_days(au, node, dated.day, dated.d, dated.n);
		check_stages(au, node, n_sound, n_heard, windows.n);
	}
	audit_files_fini(&sound);
	audit_files_fini(&windows);
	audit_files_fini(&labels);
	free(dated.day);
	free(dated.d);
	return rc;
}

int audit_station_tables(struct audit *au, const struct wx_site_station *s,
			 struct wx_error *err)
{
	struct audit_files f = { 0 };
	size_t n_tables = 0;
	char *dir = wx_strf("station/%s", s->id);
	int rc = dir ? files_of(au, "station", s->id, &f, err)
		     : wx_fail_nomem(err);

	for (size_t i = 0; i < f.n && rc == WX_OK; i++) {
		const char *name = audit_name(&f, i);
		char *path = wx_strf("station/%s/%s", s->id, name);
		struct wx_seen_value v = { 0 };
		struct stat st;
		bool good = true;
		int64_t day;

		if (!path) {
			rc = wx_fail_nomem(err);
		} else if (!strncmp(name, "raw/", 4)) {
			if (audit_is_leftover(name))
				odd_file(au, path, name);
		} else if (!parse_day(name, &day) || day == INT64_MAX) {
			odd_file(au, path, name);
		} else {
			n_tables++;
			if (!is_known(au, path, &st, &v)) {
				rc = audit_obs(au, path, s, day, &good, err);
				if (rc == WX_OK && good)
					rc = wx_seen_put(au->seen, path, &st,
							 &v, err);
			}
		}
		free(path);
	}
	if (rc == WX_OK && !n_tables)
		audit_found(au, WX_AUDIT_LOSS, "site", dir ? dir : s->id,
			    "run wx-station; see its source in site.json",
			    "no day of station %s, which site.json has", s->id);
	audit_files_fini(&f);
	free(dir);
	return rc;
}
