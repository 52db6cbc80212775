/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/seen.h: what an earlier audit read of files that have not changed
 * since: same path, size, time of change, inode.
 *
 *     # wx-check: what was read, by the first 8 bytes of the path's SHA-256
 *     KEY SIZE MTIME_NS INODE CRC32 DIGEST
 *
 * A line a file, sorted by key. A line that cannot be read is not there; a
 * file that changed within the last second is not noted, for it may change
 * again without its time telling.
 */
#ifndef WX_AUDIT_SEEN_H
#define WX_AUDIT_SEEN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"

enum { WX_SEEN_DIGEST = 32 };

struct wx_seen_value {
	uint32_t crc;
	bool has_digest;
	uint8_t digest[WX_SEEN_DIGEST]; /* SHA-256; of a table its counts */
};

struct wx_seen;

/* A file that is not there, or forget, is no line. */
int wx_seen_open(const char *path, bool forget, struct wx_seen **out,
		 struct wx_error *err);
/* True: st and path are as they were; the note is kept for the next time. */
bool wx_seen_get(struct wx_seen *s, const char *path, const struct stat *st,
		 struct wx_seen_value *out);
int wx_seen_put(struct wx_seen *s, const char *path, const struct stat *st,
		const struct wx_seen_value *value, struct wx_error *err);
/*
 * Write what was got and put; with all, also what was not asked for. Untouched
 * when nothing is new.
 */
int wx_seen_save(struct wx_seen *s, bool all, struct wx_error *err);
void wx_seen_free(struct wx_seen *s); /* NULL is allowed */

#endif
