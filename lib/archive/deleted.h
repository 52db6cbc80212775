/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/deleted.h: captures whose sound was deleted here, when the site's
 * retention let it go (dataset/retain.h). Their lines in the journal stay, and
 * so does all that was made of them.
 */
#ifndef WX_ARCHIVE_DELETED_H
#define WX_ARCHIVE_DELETED_H

#include <stdbool.h>

#include "archive/archive.h"

struct wx_deleted;

/*
 * By raw/NODE/journal.jsonl; without one nothing was. A name that came once
 * more after its line "deleted" is not deleted.
 */
int wx_deleted_read(const char *node_dir, struct wx_deleted **out,
		    struct wx_log *log, struct wx_error *err);
void wx_deleted_free(struct wx_deleted *d); /* NULL is allowed */

/* name: below raw/NODE. */
bool wx_deleted_has(const struct wx_deleted *d, const char *name);

#endif
