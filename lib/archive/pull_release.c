/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_release.c: deleting on the node what is here for good, where
 * the site says so.
 */
#include <stdlib.h>

#include "archive/pull_in.h"
#include "base/text.h"

static void released(struct pull_slot *s, enum wx_node_end end,
		     const struct wx_error *why)
{
	struct pull_node *n = s->node;
	struct pull_item *item = s->item;
	struct wx_error err = { 0 };

	s->state = SLOT_FREE;
	s->item = NULL;
	item->kind = PULL_DROPPED;
	switch (end) {
	case WX_NODE_DONE:
	case WX_NODE_GONE: /* an earlier one whose answer was lost */
		n->report.n_released += end == WX_NODE_DONE;
		if (pull_journal(n, pull_note_line("released", item), &err))
			pull_fail_node(n, err.code, &err);
		return;
	case WX_NODE_CHANGED:
		pull_warn(n, "%s: not released, for it changed on the node",
			  item->name);
		return;
	case WX_NODE_REFUSED:
		if (!n->no_release)
			pull_warn(n, "%s: not released: %s", item->name,
				  why->text);
		n->no_release = true;
		return;
	default:
		if (!n->failed && !pull_stopped(n))
			pull_warn(n, "%s: not released: %s", item->name,
				  why->text);
	}
	n->report.rc = WX_ERR_IO;
}

static void release(struct pull_slot *s, struct pull_item *item)
{
	char *path = wx_strf("%s/%s", s->node->dir, item->name);

	/* What may be deleted there is told by what lies here. */
	if (!item->has_crc && path)
		item->has_crc =
			!wx_file_hash(path, &item->crc, NULL, NULL, NULL);
	free(path);
	s->item = item;
	s->then = released;
	s->again_s = 0;
	s->req = (struct wx_node_req){ .op = WX_NODE_RELEASE,
				       .name = item->name,
				       .etag = "",
				       .has_crc = item->has_crc,
				       .crc = item->crc,
				       .size_bytes = item->size_bytes,
				       .clone_fd = -1 };
	pull_slot_start(s);
}

bool pull_releases(struct pull_node *n)
{
	bool busy = false;

	if (n->failed || n->no_release || pull_stopped(n) || !n->site->release)
		n->next = n->n_items;
	for (int i = 0; i < n->width; i++) {
		struct pull_slot *s = &n->slot[i];

		while (n->next < n->n_items &&
		       n->item[n->next].kind != PULL_RELEASE)
			n->next++;
		if (s->state == SLOT_FREE && n->next < n->n_items &&
		    pull_slot_room(s))
			release(s, &n->item[n->next++]);
	}
	for (int i = 0; i < PULL_SLOTS; i++)
		busy |= n->slot[i].state != SLOT_FREE;
	if (busy || n->next < n->n_items)
		return true;
	if (n->report.n_released)
		pull_journal_sync(n, NULL);
	return false;
}
