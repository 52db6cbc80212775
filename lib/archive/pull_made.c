/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_made.c: what is made of files that are here: a repaired
 * copy, the files that lie in one, and the index of a card that has none.
 *
 * The journal is read once through, a few lines a turn, for other nodes of the
 * group are still at work. All lines count, not only this pull's: one before
 * may have been killed between a line and what was to be made of it.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/pull_in.h"
#include "base/text.h"

enum { TURN_LINES = 512 };

static int begin(struct pull_node *n, struct wx_error *err)
{
	char *journal = wx_strf("%s/journal.jsonl", n->dir);
	int rc = journal ? wx_lines_open(journal, &n->made.in, err)
			 : wx_fail_nomem(err);

	if (!rc && n->listed)
		rc = n->content->index.begin(n->site, n->dir, &n->log,
					     &n->made.card, err);
	free(journal);
	return rc;
}

/* One that cannot be made leaves the others, and the node, as they are. */
static int derive(struct pull_node *n, const json_t *line, struct wx_error *err)
{
	struct wx_error why = { 0 };
	size_t n_made = 0;
	int rc;

	if (pull_is_over(n))
		return WX_OK; /* the next pull will */
	rc = n->content->derive(n->dir, line, &n_made, &n->log, &why);
	n->report.n_made += n_made;
	if (rc == WX_ERR_NOMEM)
		return wx_fail_nomem(err);
	if (rc)
		pull_warn(n, "%s", why.text);
	if (rc == WX_ERR_IO)
		n->report.rc = rc;
	return WX_OK;
}

/* 1: a line that may have taken its time; 0: a quick one; or a failure. */
static int take_line(struct pull_node *n, const struct wx_line *text,
		     struct wx_error *err)
{
	json_t *line =
		json_loadb(text->text, text->n, JSON_REJECT_DUPLICATES, NULL);
	bool is_file = json_is_string(json_object_get(line, "n"));
	bool is_alias = json_is_string(json_object_get(line, "alias"));
	bool derives = is_file && n->content->derives(line);
	int rc = WX_OK;

	if (derives)
		rc = derive(n, line, err);
	if (!rc && (is_file || is_alias) && n->made.card) {
		rc = n->content->index.add(n->made.card, line,
					   text->number > n->n_old_lines, err);
		n->made.any = true;
	}
	json_decref(line);
	return rc ? rc : derives;
}

static int write_index(struct pull_node *n, struct wx_error *err)
{
	char *path = wx_strf("%s/index.jsl", n->dir);
	struct wx_file *f = NULL;
	bool changed;
	int rc = path ? wx_file_create(path, &f, err) : wx_fail_nomem(err);

	if (!rc)
		rc = n->content->index.write(n->made.card, wx_file_get(f), err);
	if (rc)
		wx_file_abort(f);
	else
		rc = wx_file_commit(f, &changed, err);
	free(path);
	return rc;
}

void pull_made_fini(struct pull_node *n)
{
	wx_lines_close(n->made.in);
	n->made.in = NULL;
	n->content->index.end(n->made.card);
	n->made.card = NULL;
}

bool pull_made(struct pull_node *n)
{
	struct wx_error err = { 0 };
	struct wx_line line;
	int rc = WX_OK, more = 1;

	if (!n->journal || (!n->listed && !atomic_load(&n->derives)))
		return false;
	if (!n->made.in)
		rc = begin(n, &err);
	for (int i = 0; i < TURN_LINES && !rc && more == 1; i++) {
		more = wx_lines_next(n->made.in, &line, &err);
		rc = more < 0 ? more
			      : (more == 1 ? take_line(n, &line, &err) : 0);
		if (rc == 1) {
			rc = WX_OK;
			break;
		}
	}
	if (!rc && more == 1)
		return true;
	if (!rc && n->made.card && n->made.any)
		rc = write_index(n, &err);
	if (rc)
		pull_fail_node(n, rc, &err);
	pull_made_fini(n);
	return false;
}
