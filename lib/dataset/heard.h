/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/heard.h: what a person says of voices in captures: speech.txt in
 * the archive, a line each.
 *
 *     cleared raw/n1/b0017/000123.wav  anna, 2026-11-28: a raven
 *     speech raw/n1/b0017/000124.wav
 *
 * cleared: somebody listened, and there is no voice. speech: there is one, even
 * if the screen did not hear it. What follows the name is for people; so are
 * lines that begin with '#'. Of two lines on a capture the later one counts.
 */
#ifndef WX_DATASET_HEARD_H
#define WX_DATASET_HEARD_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum wx_heard { WX_HEARD_NOTHING, WX_HEARD_CLEARED, WX_HEARD_SPEECH };

struct wx_heard_list;

/*
 * The lines on captures of a node. A line that is neither is warned of and
 * clears nothing. A file that is not there has no lines.
 */
int wx_heard_read(const char *path, const char *node,
		  struct wx_heard_list **out, struct wx_log *log,
		  struct wx_error *err);
void wx_heard_free(struct wx_heard_list *list); /* NULL is allowed */

/* name: "b0017/000123.wav", of the node. */
enum wx_heard wx_heard_of(struct wx_heard_list *list, const char *name);
/* Warn of lines that were never asked for: captures that are not there. */
void wx_heard_unused(const struct wx_heard_list *list, struct wx_log *log);

#endif
