/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/daytable.h: a table that lies in one file a UTC day,
 * TABLE/ID/DATE.csv, written whole.
 *
 * A day whose rows are what its file already holds is left untouched; a file
 * whose day has no rows any more is removed. With dates given, only those days
 * are written or removed.
 */
#ifndef WX_ARCHIVE_DAYTABLE_H
#define WX_ARCHIVE_DAYTABLE_H

#include "archive/archive.h"
#include "base/csv.h"

/* Not a day: rows without an instant, in undated.csv. After all days. */
#define WX_DAY_UNDATED INT64_MAX

struct wx_day_table {
	const struct wx_archive *a;
	const char *table, *id, *header; /* lent */
	const int64_t *only;             /* days wanted; lent */
	size_t n_only;                   /* 0: all, and undated */

	struct wx_days old; /* files that were there */
	size_t next_old;    /* of them: not looked at yet */
	bool undated;       /* its day was begun */
	struct wx_file *file;
	size_t n_written, n_changed, n_removed;
	struct wx_row row;
};

int wx_day_table_open(struct wx_day_table *t, const struct wx_archive *a,
		      const char *table, const char *id, const char *header,
		      const int64_t *only, size_t n_only, struct wx_error *err);

/*
 * Go on to a later day: its rows go to *row until the next call. *row is NULL
 * for a day that is not wanted. Makes the day before appear.
 */
int wx_day_table_day(struct wx_day_table *t, int64_t day, struct wx_row **row,
		     struct wx_error *err);
/* Make the day appear now, or leave its file as it was. */
int wx_day_table_commit(struct wx_day_table *t, struct wx_error *err);
void wx_day_table_drop(struct wx_day_table *t);

/* After the last day: make it appear, remove the files of days without rows. */
int wx_day_table_end(struct wx_day_table *t, struct wx_error *err);
/* Also after a failure; what has not appeared does not. */
void wx_day_table_close(struct wx_day_table *t);

#endif
