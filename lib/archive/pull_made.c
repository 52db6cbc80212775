/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_made.c: what is made of files that are here: a repaired
 * copy, the files that lie in one, and the index of a card that has none.
 *
 * The journal is read once through. All lines count, not only this pull's: one
 * before may have been killed between a line and what was to be made of it. An
 * hour of FLAC takes its time, and other nodes of the group are still at work:
 * it is done in a thread of its own, which touches nothing of the node but its
 * made, journal and log.
 */
#include <stdlib.h>
#include <string.h>

#include "archive/pull_in.h"
#include "base/text.h"

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
	n->made.n_made += n_made;
	if (rc == WX_ERR_NOMEM)
		return wx_fail_nomem(err);
	if (rc)
		pull_warn(n, "%s", why.text);
	if (rc == WX_ERR_IO)
		n->made.worst = rc;
	return WX_OK;
}

static int take_line(struct pull_node *n, const struct wx_line *text,
		     struct wx_error *err)
{
	json_t *line =
		json_loadb(text->text, text->n, JSON_REJECT_DUPLICATES, NULL);
	bool is_file = json_is_string(json_object_get(line, "n"));
	bool is_alias = json_is_string(json_object_get(line, "alias"));
	int rc = WX_OK;

	if (is_file && n->content->derives(line))
		rc = derive(n, line, err);
	if (!rc && (is_file || is_alias) && n->made.card) {
		rc = n->content->index.add(n->made.card, line,
					   text->number > n->n_old_lines, err);
		n->made.any = true;
	}
	json_decref(line);
	return rc;
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

static void *run(void *arg)
{
	struct pull_node *n = arg;
	struct pull_made *m = &n->made;
	struct wx_node_loop *loop = n->group->loop;
	struct wx_line line;
	int more = 1;

	m->rc = begin(n, &m->err);
	while (!m->rc && (more = wx_lines_next(m->in, &line, &m->err)) == 1)
		m->rc = take_line(n, &line, &m->err);
	if (!m->rc && more < 0)
		m->rc = more;
	if (!m->rc && m->card && m->any)
		m->rc = write_index(n, &m->err);
	atomic_store(&m->done, true);
	loop->wake(loop);
	return NULL;
}

bool pull_made(struct pull_node *n)
{
	struct pull_made *m = &n->made;

	if (!n->journal || (!n->listed && !atomic_load(&n->derives)))
		return false;
	if (!m->running) {
		m->running = pthread_create(&m->thread, NULL, run, n) == 0;
		if (!m->running)
			run(n); /* then the others wait */
	}
	if (!atomic_load(&m->done))
		return true;
	if (m->running)
		pthread_join(m->thread, NULL);
	m->running = false;
	n->report.n_made += m->n_made;
	if (m->worst)
		n->report.rc = m->worst;
	if (m->rc)
		pull_fail_node(n, m->rc, &m->err);
	pull_made_fini(n);
	return false;
}
