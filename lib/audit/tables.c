/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/tables.c: one table read through: its columns, its rows, and what
 * they tell of. The first thing wrong in a table is told, the rest of it not
 * read: whoever makes it anew has them all.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "audit/parts.h"
#include "base/csv.h"
#include "base/quality.h"
#include "base/text.h"
#include "clock/window.h"
#include "sound/soundrow.h"
#include "weather/label.h"
#include "weather/obs.h"

struct table {
	struct audit *au;
	const char *path; /* below the root */
	const char *todo;
	struct wx_csv *csv;
	bool bad;
};

static void wrong(struct table *t, const char *fmt, ...) WX_PRINTF(2, 3);
static void wrong(struct table *t, const char *fmt, ...)
{
	char text[1100];
	int n = snprintf(text, sizeof(text),
			 "line %ld: ", t->csv ? wx_csv_line(t->csv) : 1);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, sizeof(text) - (size_t)n, fmt, ap);
	va_end(ap);
	t->bad = true;
	audit_found(t->au, WX_AUDIT_FAULT, "table", t->path, t->todo, "%s",
		    text);
}

/* A failure of csv is told without the path, which is told anyway. */
static int fault(struct table *t, int rc, const struct wx_error *why,
		 struct wx_error *err)
{
	size_t n = strlen(t->au->root) + 1 + strlen(t->path);
	const char *text = why->text;

	if (rc == WX_ERR_NOMEM)
		return wx_fail_nomem(err);
	if (strlen(text) > n && text[n] == ':')
		text += n + 1;
	t->bad = true;
	audit_found(t->au, WX_AUDIT_FAULT, "table", t->path, t->todo, "%s%s",
		    *text >= '0' && *text <= '9' ? "line " : "", text);
	return WX_OK;
}

/* These columns in this order; more may follow. */
static void check_columns(struct table *t, const char *header)
{
	int col = 0;

	while (*header && !t->bad) {
		size_t n = strcspn(header, ",");
		const char *found = col < wx_csv_n_cols(t->csv)
					    ? wx_csv_col_name(t->csv, col)
					    : "";

		if (strlen(found) != n || strncmp(found, header, n) != 0)
			wrong(t, "column %d is '%.60s', expected '%.*s'",
			      col + 1, found, (int)n, header);
		header += n + (header[n] == ',');
		col++;
	}
}

static int open_table(struct table *t, const char *header, struct wx_error *err)
{
	struct wx_error why = { 0 };
	char *full = wx_strf("%s/%s", t->au->root, t->path);
	int rc = full ? wx_csv_open(full, NULL, &t->csv, &why) : WX_ERR_NOMEM;

	free(full);
	if (rc != WX_OK)
		return fault(t, rc, &why, err);
	check_columns(t, header);
	return WX_OK;
}

/* The next row: false at the end, and at the first thing wrong. */
static bool next_row(struct table *t, int *rc, struct wx_error *err)
{
	struct wx_error why = { 0 };
	int more = t->bad ? 0 : wx_csv_next(t->csv, &why);

	if (more < 0)
		*rc = fault(t, more, &why, err);
	if (more == 1 && !wx_csv_row_complete(t->csv)) {
		wrong(t, "the last row is torn");
		return false;
	}
	if (more == 1 && wx_csv_n_fields(t->csv) != wx_csv_n_cols(t->csv)) {
		wrong(t, "%d fields, expected %d", wx_csv_n_fields(t->csv),
		      wx_csv_n_cols(t->csv));
		return false;
	}
	return more == 1;
}

static bool is_quality(int q)
{
	return (q >= WX_QUALITY_GOOD && q <= WX_QUALITY_FAIL) ||
	       q == WX_QUALITY_MISSING;
}

static bool is_of_node(const char *capture, const char *node)
{
	size_t n = strlen(node);

	return !strncmp(capture, "raw/", 4) && !strncmp(capture + 4, node, n) &&
	       capture[4 + n] == '/' && wx_name_check(capture, NULL) == WX_OK;
}

/* ---- windows ---- */

static void check_window(struct table *t, const struct wx_window *w,
			 const char *node, int64_t day, struct wx_time last)
{
	if (strcmp(w->node, node) != 0)
		wrong(t, "node '%.64s', expected %s", w->node, node);
	else if (!is_of_node(w->capture, node))
		wrong(t, "'%.100s' is no capture of node %s", w->capture, node);
	else if (isnan(w->offset_s) || w->offset_s < 0)
		wrong(t, "offset_s %g, expected 0 or more", w->offset_s);
	else if (!(w->length_s > 0))
		wrong(t, "length_s %g, expected more than 0", w->length_s);
	else if (!is_quality(w->quality))
		wrong(t, "quality %d, expected 1, 2, 3, 4 or 9", w->quality);
	else if (day == INT64_MAX && !wx_time_is_none(w->start_utc))
		wrong(t, "start_utc in a table of windows without one");
	else if (day != INT64_MAX && (wx_time_is_none(w->start_utc) ||
				      wx_time_day(w->start_utc) != day))
		wrong(t, "start_utc is not of the table's day");
	else if (day != INT64_MAX && w->start_utc.utc_ns < last.utc_ns)
		wrong(t, "start_utc is before that of the row above");
	else if (w->max_err_s < 0)
		wrong(t, "max_err_s %g, expected 0 or more", w->max_err_s);
}

static void count_window(const struct wx_window *w, char last[1024],
			 struct audit_day *out)
{
	out->n_rows++;
	out->n_fail += w->quality >= WX_QUALITY_FAIL;
	out->n_suspect += w->quality == WX_QUALITY_SUSPECT;
	out->length_s = fmaxf(out->length_s, (float)w->length_s);
	if (!isnan(w->max_err_s))
		out->max_err_s = fmaxf(out->max_err_s, (float)w->max_err_s);
	if (strcmp(last, w->capture) != 0) {
		out->n_captures++;
		snprintf(last, 1024, "%s", w->capture);
	}
}

int audit_windows(struct audit *au, const char *path, const char *node,
		  int64_t day, struct audit_day *out, bool *good,
		  struct wx_error *err)
{
	struct table t = { .au = au,
			   .path = path,
			   .todo = "run wx-align, which makes it again" };
	struct wx_window_cols cols;
	struct wx_window w;
	struct wx_time last = WX_TIME_NONE;
	char capture[1024] = "";
	struct wx_error why = { 0 };
	int rc = open_table(&t, WX_WINDOW_COLUMNS, err);

	*out = (struct audit_day){ 0 };
	if (rc == WX_OK && !t.bad &&
	    (rc = wx_window_cols(t.csv, &cols, &why)) != WX_OK)
		rc = fault(&t, rc, &why, err);
	while (rc == WX_OK && next_row(&t, &rc, err)) {
		rc = wx_window_get(t.csv, &cols, &w, &why);
		if (rc != WX_OK) {
			rc = fault(&t, rc, &why, err);
			continue;
		}
		check_window(&t, &w, node, day, last);
		last = w.start_utc;
		count_window(&w, capture, out);
	}
	wx_csv_close(t.csv);
	*good = !t.bad;
	return rc;
}

/* ---- labels ---- */

static void check_class(struct table *t, const char *what,
			const struct wx_class_label *l,
			const struct wx_classes *c)
{
	bool is_class = !*l->name;
	double sum = 0;

	for (int i = 0; c && i < c->n; i++)
		is_class |= !strcmp(l->name, c->name[i]);
	for (int i = 0; i < l->n_probs; i++)
		sum += l->probs[i];
	if (c && !is_class)
		wrong(t, "%s_class '%.40s' is none of the profile", what,
		      l->name);
	else if (*l->name && !(l->p >= 0 && l->p <= 1))
		wrong(t, "%s_p %g, expected 0 to 1", what, l->p);
	else if (c && *l->name && l->n_probs != c->n)
		wrong(t, "%s_probs are %d, expected %d as the profile has",
		      what, l->n_probs, c->n);
	else if (l->n_probs && fabs(sum - 1) > 0.01)
		wrong(t, "%s_probs add up to %g, expected 1", what, sum);
	else if (l->keep != 0 && l->keep != 1)
		wrong(t, "%s_keep %d, expected 0 or 1", what, l->keep);
	else if (l->keep && !*l->name)
		wrong(t, "%s_keep 1 of a window without a class", what);
}

/* Does the label tell of this window? */
static void check_pair(struct table *t, const struct wx_label *l,
		       const struct wx_window *w)
{
	if (l->start_utc.utc_ns != w->start_utc.utc_ns ||
	    strcmp(l->capture, w->capture) != 0 ||
	    fabs(l->offset_s - w->offset_s) > 1e-6)
		wrong(t, "is not the label of the same row of the windows");
}

static int label_row(struct table *t, struct table *win,
		     const struct wx_label_cols *cols,
		     const struct wx_window_cols *win_cols,
		     struct wx_error *err)
{
	const struct wx_profile *p = t->au->profile;
	struct wx_error why = { 0 };
	struct wx_label l;
	struct wx_window w;
	int more, rc = wx_label_get(t->csv, cols, &l, &why);

	if (rc != WX_OK)
		return fault(t, rc, &why, err);
	check_class(t, "rain", &l.rain, p ? &p->rain : NULL);
	if (!t->bad)
		check_class(t, "wind", &l.wind, p ? &p->wind : NULL);
	if (t->bad || !win->csv)
		return WX_OK;
	more = wx_csv_next(win->csv, NULL);
	if (more == 1 && wx_window_get(win->csv, win_cols, &w, NULL) == WX_OK)
		check_pair(t, &l, &w);
	else
		wrong(t, "the windows have no such row");
	return WX_OK;
}

int audit_labels(struct audit *au, const char *path, const char *windows,
		 bool *good, struct wx_error *err)
{
	struct table t = { .au = au,
			   .path = path,
			   .todo = "run wx-label, which makes it again" };
	struct table win = { .au = au };
	struct wx_label_cols cols;
	struct wx_window_cols win_cols;
	struct wx_error why = { 0 };
	char *full = wx_strf("%s/%s", au->root, windows);
	int rc = full ? open_table(&t, WX_LABEL_HEADER, err)
		      : wx_fail_nomem(err);

	/* What is wrong with the windows was told by audit_windows. */
	if (rc == WX_OK &&
	    (wx_csv_open(full, NULL, &win.csv, NULL) != WX_OK ||
	     wx_window_cols(win.csv, &win_cols, NULL) != WX_OK)) {
		wx_csv_close(win.csv);
		win.csv = NULL;
	}
	if (rc == WX_OK && !t.bad &&
	    (rc = wx_label_cols(t.csv, &cols, &why)) != WX_OK)
		rc = fault(&t, rc, &why, err);
	while (rc == WX_OK && next_row(&t, &rc, err))
		rc = label_row(&t, &win, &cols, &win_cols, err);
	if (rc == WX_OK && !t.bad && win.csv && wx_csv_next(win.csv, NULL) == 1)
		wrong(&t, "ends before the windows do");
	wx_csv_close(t.csv);
	wx_csv_close(win.csv);
	free(full);
	*good = !t.bad;
	return rc;
}

/* ---- sound ---- */

struct sound_at {
	char capture[1024];
	double end_s;
	size_t n_captures;
};

static void check_second(struct table *t, const char *node, double offset_s,
			 double length_s, double level, int64_t quality,
			 struct sound_at *at)
{
	const char *capture = wx_csv_get(t->csv, 0);
	int order = *at->capture ? wx_folder_compare(at->capture, capture) : -1;

	if (!is_of_node(capture, node))
		wrong(t, "'%.100s' is no capture of node %s", capture, node);
	else if (order > 0)
		wrong(t, "'%.100s' stands behind '%.100s'", capture,
		      at->capture);
	else if (isnan(offset_s) || isnan(length_s) || length_s < 0 ||
		 fabs(offset_s - (order ? 0 : at->end_s)) > 0.002)
		wrong(t, "offset_s %g, expected %g", offset_s,
		      order ? 0 : at->end_s);
	else if (level > 0.1)
		wrong(t, "level_dbfs %g, expected 0 or less", level);
	else if (!is_quality((int)quality))
		wrong(t, "quality %" PRId64 ", expected 1, 2, 3, 4 or 9",
		      quality);
	if (!t->bad && order)
		snprintf(at->capture, sizeof(at->capture), "%s", capture);
	at->n_captures += order != 0;
	at->end_s = offset_s + length_s;
}

int audit_sound(struct audit *au, const char *path, const char *node,
		size_t *n_captures, bool *good, struct wx_error *err)
{
	struct table t = { .au = au,
			   .path = path,
			   .todo = "delete it and run wx-listen, which makes "
				   "it again" };
	struct sound_at at = { .end_s = 0 };
	struct wx_error why = { 0 };
	int rc = open_table(&t, wx_sound_header, err);
	int col_quality =
		rc == WX_OK && t.csv ? wx_csv_col(t.csv, "quality") : -1;

	while (rc == WX_OK && next_row(&t, &rc, err)) {
		double offset_s, length_s, v;
		int64_t quality = 0;
		int got = wx_csv_f64(t.csv, 1, &offset_s, &why);

		if (got == WX_OK)
			got = wx_csv_f64(t.csv, 2, &length_s, &why);
		if (got == WX_OK)
			got = wx_csv_i64(t.csv, col_quality, 0, &quality, &why);
		for (int i = col_quality - 1; i >= 3 && got == WX_OK; i--)
			got = wx_csv_f64(t.csv, i, &v, &why);
		if (got != WX_OK)
			rc = fault(&t, got, &why, err);
		else
			check_second(&t, node, offset_s, length_s, v, quality,
				     &at);
	}
	wx_csv_close(t.csv);
	*n_captures = at.n_captures;
	*good = !t.bad;
	return rc;
}

/* ---- observations ---- */

static void check_obs(struct table *t, const struct wx_obs *o, int64_t day,
		      struct wx_time last)
{
	if (wx_time_is_none(o->utc) || wx_time_day(o->utc) != day)
		wrong(t, "utc is not of the table's day");
	else if (o->utc.utc_ns < last.utc_ns)
		wrong(t, "utc is before that of the row above");
	else if (o->tips < 0 || o->rain_mm < 0 || o->cup_turns < 0 ||
		 o->wind_avg_m_s < 0 || o->interval_s < 0)
		wrong(t, "a negative amount");
	else if (o->rel_hum_pct < 0 || o->rel_hum_pct > 110 ||
		 o->wind_dir_deg < 0 || o->wind_dir_deg > 360)
		wrong(t, "a humidity or direction that cannot be");
}

int audit_obs(struct audit *au, const char *path,
	      const struct wx_site_station *s, int64_t day, bool *good,
	      struct wx_error *err)
{
	struct table t = { .au = au,
			   .path = path,
			   .todo = "run wx-station, which makes it again" };
	struct wx_obs_cols cols;
	struct wx_obs o;
	struct wx_time last = WX_TIME_NONE;
	struct wx_error why = { 0 };
	double tips = 0, rain_mm = 0;
	int rc = open_table(&t, WX_OBS_HEADER, err);

	if (rc == WX_OK && !t.bad &&
	    (rc = wx_obs_cols(t.csv, &cols, &why)) != WX_OK)
		rc = fault(&t, rc, &why, err);
	while (rc == WX_OK && next_row(&t, &rc, err)) {
		rc = wx_obs_get(t.csv, &cols, &o, &why);
		if (rc != WX_OK) {
			rc = fault(&t, rc, &why, err);
			continue;
		}
		check_obs(&t, &o, day, last);
		last = o.utc;
		if (o.tips > 0 && o.rain_mm > 0) {
			tips += o.tips;
			rain_mm += o.rain_mm;
		}
	}
	wx_csv_close(t.csv);
	if (!t.bad && s && !isnan(s->bucket_mm) && tips > 0 &&
	    fabs(rain_mm / tips / s->bucket_mm - 1) > 0.02)
		audit_found(au, WX_AUDIT_FAULT, "site", path,
			    "see which is true on the gauge's plate; mend "
			    "bucket_mm of site.json and run wx-station",
			    "%.4g mm a tip, expected %g as site.json has it",
			    rain_mm / tips, s->bucket_mm);
	*good = !t.bad;
	return rc;
}
