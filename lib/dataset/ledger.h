/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/ledger.h: what a project has of a dataset, by content.
 *
 *     uploaded.jsonl   a line for each sample that the project said it has:
 *                      {"project":..,"sha256":..,"category":..,"label":..,
 *                       "path":..,"start_utc":..,"sample":..}, and one with
 *                      "gone":true for each that it said it has no more
 *
 * Names are made again when a dataset is; contents are not. So a line is known
 * by project, SHA-256 and category, and its label is kept to tell when it
 * changed. Lines are only ever added. A torn last line, as a kill or a power
 * cut leaves it, is no line: its sample is sent once more, and the project
 * answers that it has it.
 */
#ifndef WX_DATASET_LEDGER_H
#define WX_DATASET_LEDGER_H

#include <stdint.h>

#include "base/error.h"
#include "base/hash.h"
#include "base/time.h"

#define WX_LEDGER_FILE "uploaded.jsonl"

struct wx_ledger; /* 48 bytes a line */

enum wx_ledger_find {
	WX_LEDGER_UNKNOWN,
	WX_LEDGER_THERE,          /* in this category, with this label */
	WX_LEDGER_OTHER_LABEL,    /* in this category, with another one */
	WX_LEDGER_OTHER_CATEGORY, /* in another one alone */
};

/* A sample as the ledger knows it. */
struct wx_ledger_line {
	uint8_t sha256[WX_SHA256_LEN];
	const char *category;  /* "training" */
	const char *label;     /* as labels are compared; see wx_info_item */
	const char *path;      /* in the dataset */
	const char *start_utc; /* "": not known */
	int64_t sample;        /* the project's number of it; 0: not known */
};

/*
 * The ledger of a dataset folder for a project; made when the first line is
 * added. Held by one process at a time: WX_ERR_IO names the other.
 */
int wx_ledger_open(const char *dir, int64_t project, struct wx_ledger **out,
		   struct wx_log *log, struct wx_error *err);
/* Syncs, too: a failure of that is told here. NULL is allowed. */
int wx_ledger_close(struct wx_ledger *l, struct wx_error *err);

enum wx_ledger_find wx_ledger_find(const struct wx_ledger *l,
				   const uint8_t sha256[WX_SHA256_LEN],
				   const char *category, const char *label);
/*
 * The project has it (gone: has it no more). The line is in the file when this
 * returns, hence survives kill -9; it survives a power cut after the next
 * wx_ledger_sync, which does nothing when nothing is new.
 */
int wx_ledger_add(struct wx_ledger *l, const struct wx_ledger_line *line,
		  bool gone, struct wx_error *err);
int wx_ledger_sync(struct wx_ledger *l, struct wx_error *err);

/*
 * Every sample that any project once had, for whom the sides must stay as they
 * are, also when it is gone since: a model was tested on it. start_utc NONE when
 * not known. No lock is taken; no ledger is no samples.
 */
typedef int wx_ledger_fn(void *ctx, struct wx_time start_utc,
			 const char *category, struct wx_error *err);
int wx_ledger_each(const char *dir, wx_ledger_fn *fn, void *ctx,
		   struct wx_log *log, struct wx_error *err);

#endif
