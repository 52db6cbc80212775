/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/daybook.h: rows of many files into one table per UTC day.
 *
 * Files overlap, come twice and in any order; the tables are a function of
 * what they hold and nothing else. A row that several files have is there as
 * often as in the file that has it most: a download repeated is one, two tips
 * in one tick of the clock are two. Rows are sorted by time, then text.
 *
 * Memory does not grow with the files: rows wait in day files below a working
 * folder, and only a chunk of a day that came unsorted is held at once.
 */
#ifndef WX_ARCHIVE_DAYBOOK_H
#define WX_ARCHIVE_DAYBOOK_H

#include "base/error.h"
#include "base/time.h"

struct wx_daybook;

/* Makes dir, a folder of its own, empty; what is in it is lost. */
int wx_daybook_open(const char *dir, struct wx_daybook **out,
		    struct wx_error *err);
/* Removes the working folder. NULL is allowed. */
void wx_daybook_close(struct wx_daybook *book);

/*
 * Rows of one file, whole lines with '\n', each beginning with its utc
 * ("2026-06-01T12:00:00.000Z,"), in any order; then the file's end.
 */
int wx_daybook_add(struct wx_daybook *book, struct wx_time utc,
		   const char *line, size_t n, struct wx_error *err);
int wx_daybook_end_file(struct wx_daybook *book, struct wx_error *err);

/*
 * Write out/DATE.csv of every day, header line first, and remove DATE.csv of
 * days without rows. Files that have these bytes already are not touched.
 * @param[out] n_changed  files written or removed.
 */
int wx_daybook_commit(struct wx_daybook *book, const char *out,
		      const char *header, int *n_days, int *n_changed,
		      struct wx_error *err);

#endif
