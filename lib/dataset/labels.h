/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/labels.h: the windows of an archive into labels/NODE/DATE.csv:
 * day by day, so that each station's table is read once for all nodes.
 */
#ifndef WX_DATASET_LABELS_H
#define WX_DATASET_LABELS_H

#include "archive/daytable.h"
#include "base/cli.h"
#include "dataset/evidence.h"
#include "dataset/labelled.h"
#include "dataset/sensed.h"

/* What failed is told of, and the rest goes on. */
struct wx_labels_failed {
	void (*fn)(void *ctx, int rc, struct wx_error *err);
	void *ctx;
};

struct wx_labels_node {
	const char *id;
	struct wx_lock *lock;
	struct wx_days days; /* of windows/ */
	struct wx_day_table labels;
	struct wx_tracks *tracks; /* NULL: none */
	struct wx_senses *senses; /* NULL: not asked for */
};

struct wx_labels {
	/* The caller's; all but the profile are lent. */
	const struct wx_archive *a;
	struct wx_profile profile;
	const struct wx_strs *node_ids;  /* none: all */
	const struct wx_day_list *dates; /* none: all */
	wx_track_read_fn *read_track;
	struct wx_log *log;
	struct wx_labels_failed failed;
	bool (*stopped)(void);

	struct wx_site_evidence stations;
	struct wx_labels_node *nodes;
	size_t n_nodes;
	struct wx_labelled n;
};

/* Lock and look at what is there; close it also after a failure. */
int wx_labels_open(struct wx_labels *r, struct wx_error *err);
/* Every day, until stopped() says so. */
void wx_labels_make(struct wx_labels *r);
void wx_labels_close(struct wx_labels *r);

/*
 * Label a table of windows, one row out per row in; tracks may be NULL. Rows
 * that cannot be read are told of and labelled unknown.
 */
int wx_labels_table(struct wx_csv *csv, const struct wx_window_cols *cols,
		    struct wx_labeller *l, struct wx_tracks *tracks,
		    struct wx_row *row, struct wx_labelled *n,
		    const struct wx_labels_failed *failed,
		    struct wx_error *err);

#endif
