/* SPDX-License-Identifier: MIT */
/* lib/dataset/rows.c: see rows.h. */
#include "dataset/rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct pair {
	struct wx_csv *win, *lab;
	struct wx_window_cols win_cols;
	struct wx_label_cols lab_cols;
};

static void pair_close(struct pair *p)
{
	wx_csv_close(p->win);
	wx_csv_close(p->lab);
	*p = (struct pair){ 0 };
}

static int pair_open(const char *win, const char *lab, struct pair *p,
		     struct wx_error *err)
{
	int rc = wx_csv_open(win, NULL, &p->win, err);

	if (!rc)
		rc = wx_window_cols(p->win, &p->win_cols, err);
	if (!rc)
		rc = wx_csv_open(lab, NULL, &p->lab, err);
	if (!rc)
		rc = wx_label_cols(p->lab, &p->lab_cols, err);
	return rc;
}

/* The next row of both: 1, 0 at the end, a failure. */
static int pair_next(struct pair *p, struct wx_window *w, struct wx_label *l,
		     bool *belong, struct wx_error *err)
{
	int more = wx_csv_next(p->win, err);

	if (more <= 0)
		return more;

	int rc = wx_window_get(p->win, &p->win_cols, w, err);

	if (rc)
		return rc;
	*belong = false;
	more = wx_csv_next(p->lab, err);
	if (more < 0)
		return more;
	if (more) {
		rc = wx_label_get(p->lab, &p->lab_cols, l, err);
		if (rc)
			return rc;
		*belong = l->start_utc.utc_ns == w->start_utc.utc_ns &&
			  strcmp(l->capture, w->capture) == 0 &&
			  fabs(l->offset_s - w->offset_s) < 1e-6;
	}
	return 1;
}

static int each_of_day(const char *win, const char *lab, wx_rows_fn *fn,
		       void *ctx, size_t *n_unlabelled, struct wx_log *log,
		       struct wx_error *err)
{
	struct pair p = { 0 };
	struct wx_window w;
	struct wx_label l;
	bool belong = false, warned = false;
	int rc = pair_open(win, lab, &p, err);

	while (!rc) {
		int more = pair_next(&p, &w, &l, &belong, err);

		if (more <= 0) {
			rc = more;
			break;
		}
		if (belong && !warned) {
			rc = fn(ctx, &w, &l, err);
			continue;
		}
		if (!warned)
			wx_warn(log,
				"%s:%ld: not the label of the same row of %s; "
				"run wx-label again",
				lab, wx_csv_line(p.lab), win);
		warned = true;
		++*n_unlabelled;
	}
	pair_close(&p);
	return rc;
}

static int count_rows(const char *path, size_t *n, struct wx_error *err)
{
	struct wx_csv *csv;
	int rc = wx_csv_open(path, NULL, &csv, err);

	while (!rc && (rc = wx_csv_next(csv, err)) == 1) {
		++*n;
		rc = WX_OK;
	}
	wx_csv_close(csv);
	return rc;
}

static int each_of_node(const struct wx_archive *a, const char *node,
			bool strict, wx_rows_fn *fn, void *ctx,
			size_t *n_unlabelled, struct wx_log *log,
			struct wx_error *err)
{
	struct wx_days days;
	int rc = wx_archive_days(a, "windows", node, &days, err);

	for (size_t i = 0; !rc && i < days.n; i++) {
		struct wx_error why = { 0 };
		char date[WX_DAY_SIZE];
		char *win, *lab;

		wx_day_format(days.day[i], date);
		win = wx_archive_path(a, "windows/%s/%s.csv", node, date);
		lab = wx_archive_path(a, "labels/%s/%s.csv", node, date);
		if (!win || !lab) {
			rc = wx_fail_nomem(&why);
		} else if (access(lab, F_OK) == 0) {
			rc = each_of_day(win, lab, fn, ctx, n_unlabelled, log,
					 &why);
		} else {
			wx_warn(log, "%s: not there; run wx-label", lab);
			rc = count_rows(win, n_unlabelled, &why);
		}
		if (!strict && (rc == WX_ERR_FORMAT || rc == WX_ERR_RANGE)) {
			wx_warn(log, "%s; left out", why.text);
			rc = WX_OK;
		} else if (rc) {
			rc = wx_fail(err, rc, "%s", why.text);
		}
		free(win);
		free(lab);
	}
	wx_days_fini(&days);
	return rc;
}

static int by_id(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int each(const struct wx_archive *a, bool strict, wx_rows_fn *fn,
		void *ctx, size_t *n_unlabelled, struct wx_log *log,
		struct wx_error *err)
{
	size_t n = a->site->n_nodes;
	const char **id = calloc(n + 1, sizeof(*id));
	int rc = id ? WX_OK : wx_fail_nomem(err);

	*n_unlabelled = 0;
	for (size_t i = 0; !rc && i < n; i++)
		id[i] = a->site->nodes[i].id;
	if (!rc)
		qsort(id, n, sizeof(*id), by_id);
	for (size_t i = 0; !rc && i < n; i++)
		rc = each_of_node(a, id[i], strict, fn, ctx, n_unlabelled, log,
				  err);
	free(id);
	return rc;
}

int wx_rows_each(const struct wx_archive *a, wx_rows_fn *fn, void *ctx,
		 size_t *n_unlabelled, struct wx_log *log, struct wx_error *err)
{
	return each(a, true, fn, ctx, n_unlabelled, log, err);
}

int wx_rows_each_readable(const struct wx_archive *a, wx_rows_fn *fn, void *ctx,
			  size_t *n_unlabelled, struct wx_log *log,
			  struct wx_error *err)
{
	return each(a, false, fn, ctx, n_unlabelled, log, err);
}
