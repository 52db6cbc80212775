/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/retain.h: sound whose time has come is deleted, and nothing else.
 *
 * A capture's sound goes when all of this holds: it ended the site's
 * raw_sound_days ago, by its windows; every second of it is measured in sound/;
 * its windows are labelled; the journal has its hash, and its bytes still have
 * it; no file was made of it, and no other name stands for it. First the
 * journal says so, with the hash, and is synced; then the file goes. Killed in
 * between, the next run deletes what the journal says.
 *
 * What was made of it stays: levels, windows, labels, datasets as they are; but
 * a dataset that is made again has no samples of it. wx-pull fetches it no more.
 */
#ifndef WX_DATASET_RETAIN_H
#define WX_DATASET_RETAIN_H

#include "archive/archive.h"

struct wx_retain {
	double days; /* of age, 1 and more */
	struct wx_time now;
	bool dry_run;          /* only count */
	bool (*stopped)(void); /* or NULL */
	/* Told of each capture that goes, or would; or NULL. */
	void (*tell)(void *ctx, const char *path, int64_t size_bytes);
	void *ctx;
};

struct wx_retained {
	size_t n_deleted; /* or to be, in a dry run */
	int64_t n_bytes;
	size_t n_young;      /* not old enough, or of unknown time */
	size_t n_unmeasured; /* not all of it in sound/ */
	size_t n_unlabelled;
	size_t n_bound;   /* files were made of it, or names stand for it */
	size_t n_unknown; /* no hash, or no longer those bytes: warned of */
};

/* The caller holds the locks of the node's pull and listen, and of export. */
int wx_retain_node(const struct wx_archive *a, const char *node,
		   const struct wx_retain *rule, struct wx_retained *out,
		   struct wx_log *log, struct wx_error *err);

#endif
