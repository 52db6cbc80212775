/* SPDX-License-Identifier: MIT */
/* lib/dataset/rows.h: every labelled window of an archive, in one order. */
#ifndef WX_DATASET_ROWS_H
#define WX_DATASET_ROWS_H

#include "archive/archive.h"
#include "clock/window.h"
#include "weather/label.h"

/* A failure ends the walk and is passed on. */
typedef int wx_rows_fn(void *ctx, const struct wx_window *window,
		       const struct wx_label *label, struct wx_error *err);

/*
 * Walks windows/ and labels/ side by side: nodes by id, days, rows as they
 * stand. A day without labels is warned of and passed over; a label that is
 * not its window's neighbour ends the day with a warning: the labels are older
 * than the windows. n_unlabelled counts the windows of both. Rows are lent.
 */
int wx_rows_each(const struct wx_archive *a, wx_rows_fn *fn, void *ctx,
		 size_t *n_unlabelled, struct wx_log *log,
		 struct wx_error *err);

/*
 * The same for who looks: a table that is broken is warned of, and its day left
 * out from there on.
 */
int wx_rows_each_readable(const struct wx_archive *a, wx_rows_fn *fn, void *ctx,
			  size_t *n_unlabelled, struct wx_log *log,
			  struct wx_error *err);

#endif
