/* SPDX-License-Identifier: MIT */
/* lib/dataset/hashes.h: SHA-256 of a node's captures, from its journal. */
#ifndef WX_DATASET_HASHES_H
#define WX_DATASET_HASHES_H

#include "archive/archive.h"

struct wx_hashes; /* 40 bytes a capture */

/* Reads raw/NODE/journal.jsonl; without one there are no hashes. */
int wx_hashes_read(const struct wx_archive *a, const char *node,
		   struct wx_hashes **out, struct wx_log *log,
		   struct wx_error *err);
void wx_hashes_free(struct wx_hashes *h);

/*
 * 64 hex digits of a capture by its name below raw/NODE, "" when the journal
 * has none; lent until the next call.
 */
const char *wx_hashes_get(struct wx_hashes *h, const char *name);

#endif
