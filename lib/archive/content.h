/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/content.h: what lies in a file that came, whatever wrote it.
 *
 * formats/capture/ implements this; the pull engine calls it. A file is looked
 * into once, when it is committed, and what it says is kept in its line of the
 * journal, so that a later pull reads no file again. Of that line follow the
 * files that can be made of it (a repaired copy, the WAV files that lie in a
 * file of packets), beside it and under its name with a '~' and more behind;
 * and of all lines together the index of a card that has none. Both are
 * functions of the journal, the bytes and site.json alone: whoever corrects
 * the site's utc_offset and pulls again gets the right times.
 */
#ifndef WX_ARCHIVE_CONTENT_H
#define WX_ARCHIVE_CONTENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "archive/site.h"
#include "base/error.h"

/* Begun, given every line of the journal in its order, written, ended. */
struct wx_card_index {
	/* dir: ROOT/raw/NODE; both, and log, are lent until end. */
	int (*begin)(const struct wx_site_node *site, const char *dir,
		     struct wx_log *log, void **card, struct wx_error *err);
	/*
	 * Of a file, or of another name of one. is_new: journalled by this
	 * pull; remarks are made on those alone.
	 */
	int (*add)(void *card, const json_t *line, bool is_new,
		   struct wx_error *err);
	/* The lines of index.jsl. */
	int (*write)(void *card, FILE *out, struct wx_error *err);
	void (*end)(void *card); /* NULL is allowed */
};

struct wx_content {
	/*
	 * Add to a file's line of the journal what the file says: "ns", "fs",
	 * "says" (schema journal-line). name is the node's for it. A file that
	 * nobody knows says nothing. From several threads at once.
	 */
	void (*describe)(int fd, const char *name, json_t *line);
	/*
	 * Is this the name of a file that derive would make? Then no node's
	 * file may have it.
	 */
	bool (*is_derived)(const char *name);
	/*
	 * May one recording bear both names? Not if they tell other starts:
	 * then the same bytes under both are two recordings.
	 */
	bool (*may_be_one)(const char *name, const char *other);
	/* Are there files to be made of it? Quick, looks at the line alone. */
	bool (*derives)(const json_t *line);
	/*
	 * Make those that are not there; whole or not at all. *n_made counts
	 * them up. The file itself, "as" or "n" of its line, is never changed.
	 */
	int (*derive)(const char *dir, const json_t *line, size_t *n_made,
		      struct wx_log *log, struct wx_error *err);
	struct wx_card_index index;
};

#endif
