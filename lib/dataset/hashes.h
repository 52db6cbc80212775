/* SPDX-License-Identifier: MIT */
/* lib/dataset/hashes.h: hashes of a node's captures, from its journal. */
#ifndef WX_DATASET_HASHES_H
#define WX_DATASET_HASHES_H

#include "archive/archive.h"

struct wx_hashes; /* 48 bytes a capture */

/* Reads raw/NODE/journal.jsonl; without one there are no hashes. */
int wx_hashes_read(const struct wx_archive *a, const char *node,
		   struct wx_hashes **out, struct wx_log *log,
		   struct wx_error *err);
void wx_hashes_free(struct wx_hashes *h);

/*
 * Of a capture by its name below raw/NODE: 64 and 8 hex digits, each "" when
 * the journal has none; lent until the next call.
 */
void wx_hashes_get(struct wx_hashes *h, const char *name, const char **sha256,
		   const char **crc32);

#endif
