/* SPDX-License-Identifier: MIT */
/* lib/sound/table.c: see table.h. */
#include "sound/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "sound/soundrow.h"

struct update {
	const char *path;
	const struct wx_sound_folder *folder;
	struct wx_listener *listener;
	wx_sound_more_fn *more;
	void *ctx;
	struct wx_sound_update *out;
	struct wx_log *log;
	FILE *file;
	struct wx_row row;
	bool stopped;
	bool was_old;
};

/* The table as it is, read row by row. */
struct old {
	struct wx_csv *csv; /* NULL: there is none */
	int col;
	char *last;   /* capture of the row before */
	bool has_row; /* the current row stands */
	bool is_old;  /* of columns that we wrote once */
};

static void old_close(struct old *o)
{
	wx_csv_close(o->csv);
	free(o->last);
	*o = (struct old){ 0 };
}

static bool has_header(const struct wx_csv *csv, const char *want)
{
	int n = wx_csv_n_cols(csv);

	for (int i = 0; i < n; i++) {
		const char *name = wx_csv_col_name(csv, i);
		size_t len = strlen(name);

		if (strncmp(want, name, len) || want[len] != (i + 1 < n) * ',')
			return false;
		want += len + (want[len] == ',');
	}
	return !*want;
}

/* Columns as we write them, or did, or nothing is touched. */
static int check_header(struct old *o, const char *path, struct wx_error *err)
{
	o->is_old = has_header(o->csv, wx_sound_header_old);
	if (!o->is_old && !has_header(o->csv, wx_sound_header))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: other columns than wx-listen writes; move "
			       "the table away to have it made again",
			       path);
	return WX_OK;
}

/* The next row, if there is one; its capture must not come before the last. */
static int old_next(struct old *o, struct wx_error *err)
{
	const char *capture;
	int rc = o->csv ? wx_csv_next(o->csv, err) : 0;

	o->has_row = rc > 0;
	if (rc <= 0)
		return rc;
	capture = wx_csv_get(o->csv, o->col);
	if (o->last && !strcmp(o->last, capture))
		return WX_OK;
	if (o->last && strcmp(o->last, capture) > 0)
		return wx_csv_fail(o->csv, err, WX_ERR_FORMAT,
				   "captures are not sorted by name; move the "
				   "table away to have it made again");
	free(o->last);
	o->last = strdup(capture);
	return o->last ? WX_OK : wx_fail_nomem(err);
}

static int old_open(const char *path, struct old *o, struct wx_error *err)
{
	int rc;

	*o = (struct old){ 0 };
	if (access(path, F_OK))
		return WX_OK;
	rc = wx_csv_open(path, NULL, &o->csv, err);
	if (rc == WX_OK)
		rc = check_header(o, path, err);
	if (rc == WX_OK)
		rc = wx_csv_need(o->csv, "capture", &o->col, err);
	if (rc == WX_OK)
		rc = old_next(o, err);
	return rc;
}

/*
 * The order of the current row and the folder's i-th capture: < 0 the row
 * comes first, 0 it is that capture's. One that is not there comes last.
 */
static int order(const struct old *o, const struct wx_sound_folder *f, size_t i)
{
	size_t n = strlen(f->prefix);
	const char *capture;
	int prefix;

	if (!o->has_row || i == f->n)
		return o->has_row ? -1 : 1;
	capture = wx_csv_get(o->csv, o->col);
	prefix = strncmp(capture, f->prefix, n);
	return prefix ? prefix : strcmp(capture + n, f->name[i]);
}

/* Pass over, or copy into the new table, all rows of the current capture. */
static int old_take(struct old *o, struct wx_row *copy, struct wx_error *err)
{
	char *capture = strdup(wx_csv_get(o->csv, o->col));
	int rc = capture ? WX_OK : wx_fail_nomem(err);

	while (rc == WX_OK && o->has_row &&
	       !strcmp(capture, wx_csv_get(o->csv, o->col))) {
		for (int c = 0; copy && c < wx_csv_n_cols(o->csv); c++)
			wx_row_str(copy, wx_csv_get(o->csv, c));
		if (copy && o->is_old)
			wx_row_str(copy, ""); /* dc */
		if (copy)
			wx_row_end(copy);
		rc = old_next(o, err);
	}
	free(capture);
	return rc;
}

/* Is there a capture that the table lacks? */
static int anything_new(struct update *u, bool *yes, struct wx_error *err)
{
	struct old o;
	size_t i = 0;
	int rc = old_open(u->path, &o, err);

	*yes = false;
	while (rc == WX_OK && i < u->folder->n && !*yes) {
		int cmp = order(&o, u->folder, i);

		*yes = cmp > 0 || (cmp == 0 && o.is_old);
		i += cmp == 0;
		if (cmp <= 0)
			rc = old_take(&o, NULL, err);
	}
	old_close(&o);
	return rc;
}

/* Measure the i-th capture; one that cannot be read leaves no rows. */
static int add_capture(struct update *u, size_t i, struct wx_error *err)
{
	const struct wx_sound_folder *f = u->folder;
	char *capture = wx_strf("%s%s", f->prefix, f->name[i]);
	char *path = wx_strf("%s/%s%s", f->root, f->prefix, f->name[i]);
	struct wx_listened heard = { 0 };
	struct wx_error why = { 0 };
	off_t start;
	int rc = WX_ERR_NOMEM;

	wx_row_flush(&u->row);
	start = ftello(u->file);
	if (capture && path)
		rc = wx_listen(u->listener, path, capture,
			       f->told ? &f->told[i] : NULL, &u->row, &heard,
			       u->log, &why);
	if (rc == WX_OK) {
		u->out->n_new++;
		u->out->n_no_sound += heard.no_sound;
		u->out->n_suspect += heard.n_suspect;
		u->out->n_fail += heard.n_fail;
		u->out->n_speech += heard.n_speech > 0;
		u->out->length_s += heard.length_s;
	} else if (rc == WX_ERR_NOMEM) {
		rc = wx_fail_nomem(err);
	} else {
		wx_warn(u->log, "%s", why.text);
		u->out->n_unread++;
		u->row.n = 0;
		rc = WX_OK;
		if (fflush(u->file) || ftruncate(fileno(u->file), start) ||
		    fseeko(u->file, start, SEEK_SET))
			rc = wx_fail_errno(err, "%s: cannot write", u->path);
	}
	free(capture);
	free(path);
	return rc;
}

static int merge(struct update *u, struct wx_error *err)
{
	struct old o;
	size_t i = 0;
	int rc = old_open(u->path, &o, err);

	wx_row_init(&u->row, u->file);
	wx_row_line(&u->row, wx_sound_header);
	while (rc == WX_OK && (o.has_row || i < u->folder->n)) {
		int cmp = order(&o, u->folder, i);

		if (cmp > 0 || (cmp == 0 && o.is_old)) {
			u->stopped |= u->more && !u->more(u->ctx);
			if (cmp == 0)
				rc = old_take(&o, NULL, err);
			if (rc == WX_OK && !u->stopped)
				rc = add_capture(u, i, err);
			i++;
		} else {
			rc = old_take(&o, &u->row, err);
			i += cmp == 0;
		}
	}
	wx_row_flush(&u->row);
	u->was_old = o.is_old;
	old_close(&o);
	return rc;
}

int wx_sound_table_update(const char *path, const struct wx_sound_folder *f,
			  struct wx_listener *l, wx_sound_more_fn *more,
			  void *ctx, struct wx_sound_update *out,
			  struct wx_log *log, struct wx_error *err)
{
	struct update *u = malloc(sizeof(*u));
	struct wx_file *file = NULL;
	bool yes = false, changed = false;
	int64_t n_before = out->n_new;
	int rc;

	if (!u)
		return wx_fail_nomem(err);
	*u = (struct update){ .path = path,
			      .folder = f,
			      .listener = l,
			      .more = more,
			      .ctx = ctx,
			      .out = out,
			      .log = log };
	rc = anything_new(u, &yes, err);
	if (rc == WX_OK && yes)
		rc = wx_file_create(path, &file, err);
	if (rc == WX_OK && yes) {
		u->file = wx_file_get(file);
		rc = merge(u, err);
	}
	/*
	 * Stopped before the first, or none could be read: as it was. So is a
	 * table of old columns of which not all was measured again.
	 */
	if (rc == WX_OK && file && out->n_new > n_before &&
	    !(u->was_old && u->stopped)) {
		rc = wx_file_commit(file, &changed, err);
		file = NULL;
		out->changed |= changed;
	}
	wx_file_abort(file);
	free(u);
	return rc;
}
