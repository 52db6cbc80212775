/* SPDX-License-Identifier: MIT */
/* lib/archive/daytable.c: one file a UTC day; see daytable.h. */
#include "archive/daytable.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool wanted(const struct wx_day_table *t, int64_t day)
{
	for (size_t i = 0; i < t->n_only; i++)
		if (t->only[i] == day)
			return true;
	return t->n_only == 0;
}

static char *path_of(const struct wx_day_table *t, int64_t day)
{
	char name[WX_DAY_SIZE] = "undated";

	if (day != WX_DAY_UNDATED)
		wx_day_format(day, name);
	return wx_archive_path(t->a, "%s/%s/%s.csv", t->table, t->id, name);
}

int wx_day_table_open(struct wx_day_table *t, const struct wx_archive *a,
		      const char *table, const char *id, const char *header,
		      const int64_t *only, size_t n_only, struct wx_error *err)
{
	t->a = a;
	t->table = table;
	t->id = id;
	t->header = header;
	t->only = only;
	t->n_only = n_only;
	t->next_old = 0;
	t->undated = false;
	t->file = NULL;
	t->n_written = t->n_changed = t->n_removed = 0;
	return wx_archive_days(a, table, id, &t->old, err);
}

/* The file of a day that has no rows. */
static int remove_day(struct wx_day_table *t, int64_t day, struct wx_error *err)
{
	char *path;
	int rc = WX_OK;

	if (!wanted(t, day))
		return WX_OK;
	path = path_of(t, day);
	if (!path)
		return wx_fail_nomem(err);
	if (unlink(path) == 0) {
		t->n_removed++;
		rc = wx_sync_folder_of(path, err);
	} else if (errno != ENOENT) {
		rc = wx_fail_errno(err, "%s: cannot remove", path);
	}
	free(path);
	return rc;
}

/* Old files before this day: they are passed by, so they have no rows. */
static int remove_before(struct wx_day_table *t, int64_t day,
			 struct wx_error *err)
{
	int rc = WX_OK;

	while (rc == WX_OK && t->next_old < t->old.n &&
	       t->old.day[t->next_old] < day)
		rc = remove_day(t, t->old.day[t->next_old++], err);
	if (rc == WX_OK && t->next_old < t->old.n &&
	    t->old.day[t->next_old] == day)
		t->next_old++;
	return rc;
}

int wx_day_table_commit(struct wx_day_table *t, struct wx_error *err)
{
	bool changed;
	int rc;

	if (!t->file)
		return WX_OK;
	wx_row_flush(&t->row);
	rc = wx_file_commit(t->file, &changed, err);
	t->file = NULL;
	if (rc != WX_OK)
		return rc;
	t->n_written++;
	t->n_changed += changed;
	return WX_OK;
}

void wx_day_table_drop(struct wx_day_table *t)
{
	wx_file_abort(t->file);
	t->file = NULL;
}

int wx_day_table_day(struct wx_day_table *t, int64_t day, struct wx_row **row,
		     struct wx_error *err)
{
	char *path;
	int rc = wx_day_table_commit(t, err);

	*row = NULL;
	t->undated = day == WX_DAY_UNDATED;
	if (rc == WX_OK)
		rc = remove_before(t, day, err);
	if (rc != WX_OK || !wanted(t, day))
		return rc;
	path = path_of(t, day);
	rc = path ? wx_file_create(path, &t->file, err) : wx_fail_nomem(err);
	free(path);
	if (rc != WX_OK)
		return rc;
	wx_row_init(&t->row, wx_file_get(t->file));
	wx_row_line(&t->row, t->header);
	*row = &t->row;
	return WX_OK;
}

int wx_day_table_end(struct wx_day_table *t, struct wx_error *err)
{
	int rc = wx_day_table_commit(t, err);

	if (rc == WX_OK)
		rc = remove_before(t, WX_DAY_UNDATED, err);
	if (rc == WX_OK && !t->undated)
		rc = remove_day(t, WX_DAY_UNDATED, err);
	return rc;
}

void wx_day_table_close(struct wx_day_table *t)
{
	wx_day_table_drop(t);
	wx_days_fini(&t->old);
}
