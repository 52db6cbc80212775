/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/keep.h: files from outside, kept as they were given.
 *
 * A log that has grown replaces what was kept of it; an older copy of one
 * adds nothing; another file of the same name is kept beside, as
 * NAME~CRC32.EXT. So nothing that was once given is lost, and giving a file
 * again changes nothing.
 */
#ifndef WX_ARCHIVE_KEEP_H
#define WX_ARCHIVE_KEEP_H

#include "base/error.h"

enum wx_keep_what {
	WX_KEEP_HAVE,   /* these bytes are there: nothing to do */
	WX_KEEP_NEW,    /* no file of that name yet */
	WX_KEEP_GROWN,  /* it begins with what was kept */
	WX_KEEP_BESIDE, /* other bytes under the same name */
};

struct wx_keep {
	enum wx_keep_what what;
	char *from, *to; /* to: where it goes, or where it is */
	char *old;       /* what it replaces, when that has another name */
};

/*
 * Where the file at path belongs in folder dir; looks only. The file's own
 * name must pass wx_name_check and not end in ".part".
 */
int wx_keep_plan(const char *path, const char *dir, struct wx_keep *out,
		 struct wx_error *err);
/* Copies; whole or not at all. */
int wx_keep_do(const struct wx_keep *keep, struct wx_error *err);
void wx_keep_fini(struct wx_keep *keep);

#endif
