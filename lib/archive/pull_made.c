/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_made.c: the index of a card that has none, made of the
 * journal and of what names tell; and the release of files on nodes.
 *
 * The index is a function of the journal and the site's utc_offset alone:
 * whoever corrects the offset and pulls again gets the right times.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "archive/pull_in.h"
#include "base/array.h"
#include "base/json.h"
#include "base/text.h"

struct made {
	char *name; /* as it lies here */
	size_t order;
	int64_t r0_us;
	int64_t size_bytes, ns, fs;
	char crc[WX_CRC32_HEX];
};

struct made_list {
	struct pull_node *node;
	struct made *v;
	size_t n, room;
};

static int add_line(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct made_list *list = ctx;
	const char *name = wx_json_str(obj, "n", NULL);
	const char *why;
	struct made *m;

	(void)line;
	if (!name)
		return WX_OK;
	if (WX_GROW(&list->v, &list->room, list->n + 1, err))
		return WX_ERR_NOMEM;
	m = &list->v[list->n];
	m->name = strdup(wx_json_str(obj, "as", name));
	if (!m->name)
		return wx_fail_nomem(err);
	m->r0_us = list->node->driver->date(list->node->handle, name, &why);
	m->size_bytes = wx_json_i64(obj, "l", 0);
	m->ns = wx_json_i64(obj, "ns", -1);
	m->fs = wx_json_i64(obj, "fs", -1);
	snprintf(m->crc, sizeof(m->crc), "%s", wx_json_str(obj, "crc", ""));
	m->order = list->n++;
	return WX_OK;
}

/* By name; of one name the last line of the journal first. */
static int by_name(const void *a, const void *b)
{
	const struct made *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->order < y->order) - (x->order > y->order);
}

static int write_line(const struct made *m, FILE *out, struct wx_error *err)
{
	json_t *line = json_pack("{s:s, s:I, s:s}", "n", m->name, "l",
				 (json_int_t)m->size_bytes, "c", m->crc);
	int rc;

	if (!line)
		return wx_fail_nomem(err);
	if (m->ns >= 0)
		json_object_set_new(line, "ns", json_integer(m->ns));
	if (m->fs >= 0)
		json_object_set_new(line, "fs", json_integer(m->fs));
	if (m->r0_us != INT64_MIN)
		json_object_set_new(line, "r0", json_integer(m->r0_us));
	json_object_set_new(line, "st", json_string("closed"));
	if (m->r0_us != INT64_MIN)
		json_object_set_new(line, "by", json_string("name"));
	rc = wx_json_write_line(line, out, err);
	json_decref(line);
	return rc;
}

bool pull_made_index(struct pull_node *n)
{
	struct made_list list = { .node = n };
	char *journal = wx_strf("%s/journal.jsonl", n->dir);
	char *index = wx_strf("%s/index.jsl", n->dir);
	struct wx_error err = { 0 };
	struct wx_file *f = NULL;
	bool changed;
	int rc = WX_OK;

	if (!n->listed || !n->journal)
		goto out;
	rc = journal && index ? wx_jsonl_read(journal, NULL, add_line, &list,
					      &n->log, &err)
			      : wx_fail_nomem(&err);
	if (rc || !list.n)
		goto out;
	qsort(list.v, list.n, sizeof(*list.v), by_name);
	rc = wx_file_create(index, &f, &err);
	for (size_t i = 0; i < list.n && !rc; i++)
		if (i == 0 || strcmp(list.v[i].name, list.v[i - 1].name) != 0)
			rc = write_line(&list.v[i], wx_file_get(f), &err);
	if (!rc) {
		rc = wx_file_commit(f, &changed, &err);
		f = NULL;
	}
out:
	if (rc)
		pull_fail_node(n, rc, &err);
	wx_file_abort(f);
	for (size_t i = 0; i < list.n; i++)
		free(list.v[i].name);
	free(list.v);
	free(journal);
	free(index);
	return false;
}

/* ---- release ---- */

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
