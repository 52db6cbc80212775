/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/livelog.h: what a live station sends, kept as it comes.
 *
 *     station/ID/raw/live-2026-06-01.log     a file for each UTC day
 *
 * Lines, or records of one size, are appended whole, each by one write, so
 * that a kill cannot tear one; once a minute they are synced, so that a power
 * cut costs no more than that. What it tore is cut off, with a remark, when the
 * file is opened again.
 */
#ifndef WX_ARCHIVE_LIVELOG_H
#define WX_ARCHIVE_LIVELOG_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/time.h"

/* Seconds between two syncs. */
#define WX_LIVELOG_SYNC_S 60.0

struct wx_livelog;

/*
 * Of folder dir, which is made. extension: "log"; record: bytes of each, 0 for
 * lines. Nothing is opened before the first line. log may be NULL.
 */
int wx_livelog_new(const char *dir, const char *extension, size_t record,
		   struct wx_log *log, struct wx_livelog **out,
		   struct wx_error *err);
/*
 * Append n bytes, of which '\n' is the last if they are a line, to the file of
 * the day of at.
 */
int wx_livelog_add(struct wx_livelog *l, struct wx_time at, const void *data,
		   size_t n, struct wx_error *err);
/* Sync, if it is time; now: whether or not. */
int wx_livelog_sync(struct wx_livelog *l, bool now, struct wx_error *err);
/* Syncs. NULL is allowed. */
int wx_livelog_free(struct wx_livelog *l, struct wx_error *err);

/*
 * The last bytes of the newest file there is, up to size of them; *n 0 when
 * there is none.
 */
int wx_livelog_tail(const struct wx_livelog *l, void *buf, size_t size,
		    size_t *n, struct wx_error *err);

#endif
