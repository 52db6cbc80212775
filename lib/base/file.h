/* SPDX-License-Identifier: MIT */
/*
 * lib/base/file.h: files that appear whole or not at all.
 *
 * A file is written as PATH.part, synced, renamed to PATH, and its folder
 * synced. After kill -9 or a power cut PATH is the old file, the new one, or
 * not there; a left-over .part is overwritten by the next run.
 */
#ifndef WX_BASE_FILE_H
#define WX_BASE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

struct wx_file;

/*
 * Start PATH, making the folders above it. The stream of wx_file_get is
 * fully buffered and is lent until commit or abort. WX_ERR_IO also where PATH
 * is a folder, a device or a FIFO, which a rename would do away with.
 */
int wx_file_create(const char *path, struct wx_file **out,
		   struct wx_error *err);
FILE *wx_file_get(struct wx_file *f);

/*
 * Make it appear; frees f, on failure too (and then PATH is as it was). With
 * changed not NULL, a PATH that already has these bytes is left untouched,
 * mtime included, and *changed tells.
 */
int wx_file_commit(struct wx_file *f, bool *changed, struct wx_error *err);
/*
 * The same for many small files that can be made again: neither compared nor
 * synced, so that after a power cut PATH may be short. Look at its size; sync
 * all of them at once by syncfs().
 */
int wx_file_commit_unsynced(struct wx_file *f, struct wx_error *err);
/* Give up and remove the .part. NULL is allowed. */
void wx_file_abort(struct wx_file *f);

/* Whole file in fresh memory, NUL after it; WX_ERR_RANGE above max bytes. */
int wx_file_read(const char *path, size_t max, char **out, size_t *n,
		 struct wx_error *err);

/*
 * n bytes from offset on, of an open file that is known to hold them: that it
 * does not any more is WX_ERR_IO. name is for messages.
 */
int wx_file_read_at(int fd, const char *name, void *buf, size_t n,
		    int64_t offset, struct wx_error *err);

/* mkdir -p. */
int wx_mkdirs(const char *path, struct wx_error *err);
/* mkdir -p of everything above the last '/'. */
int wx_mkdirs_above(const char *path, struct wx_error *err);
/* Sync the folder that holds path, so that a rename in it survives. */
int wx_sync_folder_of(const char *path, struct wx_error *err);

/*
 * Names below folder dir, '/' between parts, sorted by strcmp; files only;
 * names that start with '.' or end in ".part" are left out at every level, and
 * so are links to folders, which may lead round in a ring, and "lost+found",
 * which every ext4 card has and nobody but root may open. A folder that is not
 * there is an empty list. depth 1 looks into dir alone; too_deep: there
 * are folders below that were not looked into.
 */
struct wx_names {
	char **name;
	size_t n;
	bool too_deep;
};
int wx_names_read(const char *dir, int depth, struct wx_names *out,
		  struct wx_error *err);
void wx_names_fini(struct wx_names *names);

#endif
