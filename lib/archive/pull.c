/* SPDX-License-Identifier: MIT */
/* lib/archive/pull.c: see pull.h and pull_in.h. */
#include "archive/pull.h"

#include <errno.h>
#include <ftw.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "archive/pull_in.h"
#include "base/text.h"
#include "base/time.h"

enum { STEP_MS = 100, MAX_FOLDER_GROUPS = 3 };

static bool commits(struct pull_node *n)
{
	n->next = 0;
	n->wants_flush = n->n_committing > 0;
	return n->wants_flush;
}

static bool (*const phases[])(struct pull_node *n) = {
	pull_index, pull_plan,  pull_tables,   pull_clock_before,
	pull_order, pull_files, commits,       pull_twin_files,
	pull_files, commits,    pull_releases, pull_clock_after,
	pull_made,
};

/* ---- what the parts share ---- */

bool pull_stopped(struct pull_node *n)
{
	struct pull_run *run = n->group->run;

	if (run->opts->stopped && run->opts->stopped())
		atomic_store(&run->stopped, true);
	return atomic_load(&run->stopped);
}

bool pull_is_over(struct pull_node *n)
{
	return pull_stopped(n) || wx_mono_s() > n->end_s;
}

/* Remarks of all nodes come through here, one at a time, with the node. */
static void log_write(void *ctx, const char *text)
{
	struct pull_node *n = ctx;
	struct pull_run *run = n->group->run;

	pthread_mutex_lock(&run->mutex);
	wx_warn(run->opts->log, "%s: %s", n->site->id, text);
	pthread_mutex_unlock(&run->mutex);
}

void pull_warn(struct pull_node *n, const char *fmt, ...)
{
	char text[1000];
	va_list args;

	if (++n->n_warned > PULL_WARNINGS)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	wx_warn(&n->log, "%s", text);
}

int pull_fail_node(struct pull_node *n, int rc, const struct wx_error *why)
{
	if (!n->failed)
		wx_fail(&n->err, rc, "%s",
			why && why->code ? why->text : "stopped");
	n->failed = true;
	n->report.rc = n->err.code;
	return rc;
}

bool pull_slot_room(const struct pull_slot *s)
{
	const struct pull_group *g = s->node->group;

	return g->in_flight < g->most && wx_mono_s() >= s->again_s;
}

/*
 * Small servers have four to seven sockets and little memory: begin with two
 * requests at once, one more for each that went well, half for each that not.
 */
static void adapt(struct pull_node *n, enum wx_node_end end)
{
	if (end == WX_NODE_DONE && n->width < n->driver->in_flight)
		n->width++;
	else if ((end == WX_NODE_CUT || end == WX_NODE_SILENT) && n->width > 1)
		n->width /= 2;
}

/*
 * Requests that fell silent together are one silence; and a file that the node
 * chokes on, again and again, is no sign that the node is down.
 */
static void count_silence(struct pull_slot *s, const struct wx_error *why)
{
	struct pull_node *n = s->node;

	if (s->started_s < n->last_silence_s ||
	    (s->item && s->item == n->last_silent))
		return;
	n->last_silence_s = wx_mono_s();
	n->last_silent = s->item;
	if (++n->silences >= PULL_SILENCES)
		pull_fail_node(n, WX_ERR_IO, why);
}

static void slot_done(struct wx_node_req *req, enum wx_node_end end,
		      const struct wx_error *why)
{
	struct pull_slot *s = req->ctx;
	struct pull_node *n = s->node;

	n->group->in_flight--;
	if (s->req.op == WX_NODE_GET)
		adapt(n, end);
	if (end == WX_NODE_SILENT)
		count_silence(s, why);
	else if (end != WX_NODE_STOPPED)
		n->silences = 0;
	if (end == WX_NODE_DENIED)
		pull_fail_node(n, WX_ERR_IO, why);
	s->then(s, end, why);
}

void pull_slot_start(struct pull_slot *s)
{
	struct pull_node *n = s->node;

	s->req.ctx = s;
	s->req.done = slot_done;
	s->state = SLOT_RUNNING;
	s->started_s = wx_mono_s();
	n->group->in_flight++;
	n->driver->start(n->handle, &s->req);
}

bool pull_again(struct pull_slot *s, enum wx_node_end end, int64_t at)
{
	/*
	 * A node that breaks off every 5 kB still gets there; one that begins
	 * anew each time and breaks off at the same place does not.
	 */
	enum { PROGRESS_BYTES = 1024 };

	if (s->node->failed || pull_stopped(s->node))
		return false;
	if (end != WX_NODE_CUT && end != WX_NODE_SILENT)
		return false;
	if (at - s->reached >= PROGRESS_BYTES) {
		s->tries = 0;
		s->reached = at;
	} else if (++s->tries >= PULL_TRIES) {
		return false;
	}
	/* 0.5, 1, 2 s */
	s->again_s =
		wx_mono_s() + (s->tries ? 0.25 * (double)(1 << s->tries) : 0.0);
	s->state = SLOT_WAITING;
	return true;
}

int pull_journal(struct pull_node *n, json_t *line, struct wx_error *err)
{
	int rc;

	if (!line)
		return wx_fail_nomem(err);
	pthread_mutex_lock(&n->journal_mutex);
	rc = wx_journal_append(n->journal, line, err);
	pthread_mutex_unlock(&n->journal_mutex);
	json_decref(line);
	return rc;
}

int pull_journal_sync(struct pull_node *n, struct wx_error *err)
{
	int rc;

	pthread_mutex_lock(&n->journal_mutex);
	rc = wx_journal_sync(n->journal, err);
	pthread_mutex_unlock(&n->journal_mutex);
	return rc;
}

/* ---- a node's life ---- */

static int node_open(struct pull_node *n, struct wx_error *err)
{
	struct pull_run *run = n->group->run;
	struct wx_node_opts opts = { .timeout_s = run->opts->timeout_s,
				     .log = &n->log };
	char *journal = wx_strf("%s/journal.jsonl", n->dir);
	int rc = journal ? WX_OK : wx_fail_nomem(err);

	if (!rc)
		rc = wx_lock_take(run->archive, &n->lock, err, "pull-%s",
				  n->site->id);
	if (!rc)
		rc = n->driver->open(n->group->loop, n->site, &opts, &n->handle,
				     err);
	if (!rc)
		rc = wx_mkdirs_above(journal, err);
	if (!rc)
		rc = wx_sync_folder_of(n->dir, err);
	if (!rc)
		rc = wx_journal_open(journal, &n->journal, err);
	if (!rc)
		rc = pull_read_journal(n, err);
	if (!rc)
		n->listed = n->driver->has_index &&
			    !n->driver->has_index(n->handle);
	free(journal);
	return rc;
}

static int remove_one(const char *path, const struct stat *st, int type,
		      struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	remove(path);
	return 0;
}

static int remove_empty(const char *path, const struct stat *st, int type,
			struct FTW *ftw)
{
	(void)ftw;
	if (type == FTW_DP || (type == FTW_F && st->st_size == 0))
		remove(path); /* which leaves folders that hold something */
	return 0;
}

/*
 * Part files that nothing waits for: of versions that never came whole, once
 * all else is here; before, those without a byte.
 */
static void clean_up(struct pull_node *n)
{
	char *path = wx_strf("%s/.part", n->dir);
	const struct wx_pull_report *r = &n->report;
	bool all = !n->failed && !r->n_failed && !r->n_left && !r->n_no_room;

	if (path)
		nftw(path, all ? remove_one : remove_empty, 16,
		     FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
	free(path);
}

static void node_close(struct pull_node *n)
{
	struct pull_run *run = n->group->run;
	struct wx_pull_report *r = &n->report;

	pull_made_fini(n);
	if (n->handle)
		n->driver->close(n->handle);
	if (n->journal) {
		struct wx_error err = { 0 };

		if (pull_journal_sync(n, &err)) /* notes that came last */
			pull_fail_node(n, err.code, &err);
		clean_up(n);
	}
	wx_journal_close(n->journal);
	wx_lock_drop(n->lock);
	if (n->n_warned > PULL_WARNINGS)
		wx_warn(&n->log, "%u more remarks are left out",
			n->n_warned - PULL_WARNINGS);
	if (n->failed)
		r->why = n->err.text;
	if (!r->rc && (r->n_failed || r->n_left || r->n_no_room))
		r->rc = WX_ERR_IO;
	pthread_mutex_lock(&run->mutex);
	run->opts->report(run->opts->ctx, r);
	pthread_mutex_unlock(&run->mutex);
	for (size_t i = 0; i < n->n_items; i++)
		free(n->item[i].name);
	free(n->item);
	free(n->by_name);
	pull_set_fini(&n->here);
	pull_twins_fini(n);
	n->item = NULL;
	n->n_items = 0;
	n->closed = true;
}

/* Time is up, or a signal: what is under way ends now. */
static void check_end(struct pull_node *n, double now_s)
{
	struct wx_error why = { 0 };

	if (!n->failed && now_s > n->end_s) {
		wx_fail(&why, WX_ERR_IO,
			"its %.0f s are over; the rest comes with the next "
			"pull",
			n->group->run->opts->max_s);
		pull_fail_node(n, WX_ERR_IO, &why);
	}
	if (pull_stopped(n))
		pull_fail_node(n, WX_ERR_IO, &why);
	for (int i = 0; n->failed && i < PULL_SLOTS; i++)
		if (n->slot[i].state == SLOT_RUNNING)
			n->driver->cancel(n->handle, &n->slot[i].req);
}

static void node_step(struct pull_node *n)
{
	struct wx_error err = { 0 };
	double now_s = wx_mono_s();
	int rc;

	if (!n->begun) {
		n->begun = true;
		n->end_s = now_s + n->group->run->opts->max_s;
		rc = node_open(n, &err);
		if (rc) {
			pull_fail_node(n, rc, &err);
			node_close(n);
			return;
		}
	}
	check_end(n, now_s);
	while (n->phase < (int)WX_COUNT(phases) && !phases[n->phase](n))
		n->phase++;
	if (n->phase == (int)WX_COUNT(phases))
		node_close(n);
}

/* ---- groups and threads ---- */

/* How long until a slot's wait is over, at most STEP_MS. */
static int wait_ms(struct pull_group *g)
{
	double now_s = wx_mono_s();
	int ms = STEP_MS;

	for (size_t i = 0; i < g->n_nodes; i++) {
		const struct pull_node *n = &g->node[i];

		if (n->closed || n->made.running)
			continue; /* its thread wakes the loop */
		/* Folders never wait, unless for the disk. */
		if (!n->driver->has_loop && !n->wants_flush &&
		    !pull_committer_full(&g->committer))
			return 0;
		for (int k = 0; k < PULL_SLOTS; k++) {
			double left = (n->slot[k].again_s - now_s) * 1000;

			if (n->slot[k].state == SLOT_WAITING && left < ms)
				ms = left > 0 ? (int)left + 1 : 0;
		}
	}
	return ms;
}

static void *group_run(void *arg)
{
	struct pull_group *g = arg;
	struct pull_run *run = g->run;
	bool busy = true;

	for (size_t turn = 0; busy; turn++) {
		bool flush = false;

		busy = false;
		pull_check_harvest(&g->checker);
		pull_harvest(&g->committer);
		for (size_t i = 0; i < g->n_nodes; i++) {
			struct pull_node *n = &g->node[(turn + i) % g->n_nodes];

			if (!n->closed)
				node_step(n);
			busy |= !n->closed;
			flush |= !n->closed && n->wants_flush;
		}
		pull_committer_flush(&g->committer, flush);
		if (run->opts->progress) {
			pthread_mutex_lock(&run->mutex);
			run->opts->progress(atomic_load(&run->done_bytes),
					    atomic_load(&run->total_bytes));
			pthread_mutex_unlock(&run->mutex);
		}
		if (busy)
			g->loop->step(g->loop, wait_ms(g));
	}
	return NULL;
}

static int group_open(struct pull_group *g, struct pull_run *run, size_t room,
		      struct wx_error *err)
{
	int rc;

	g->run = run;
	g->most = (int)run->opts->jobs;
	g->node = calloc(room, sizeof(*g->node));
	if (!g->node)
		return wx_fail_nomem(err);
	rc = run->opts->formats->loop_new(&g->loop, err);
	if (!rc)
		rc = pull_checker_start(&g->checker, g->loop, err);
	return rc ? rc : pull_committer_start(&g->committer, g->loop, err);
}

static int group_add(struct pull_group *g, const struct wx_site_node *site,
		     struct wx_error *err)
{
	struct pull_node *n = &g->node[g->n_nodes];

	n->group = g;
	n->site = site;
	n->content = g->run->opts->formats->content;
	n->driver = wx_node_driver_of(g->run->opts->formats, site->source);
	n->dir = wx_archive_path(g->run->archive, "raw/%s", site->id);
	if (!n->dir)
		return wx_fail_nomem(err);
	n->report.node = site->id;
	n->report.battery_v = NAN;
	n->log = (struct wx_log){ .write = log_write, .ctx = n };
	n->index_size = -1;
	n->width = n->driver->in_flight < 2 ? 1 : 2;
	pthread_mutex_init(&n->journal_mutex, NULL);
	for (int i = 0; i < PULL_SLOTS; i++) {
		n->slot[i].node = n;
		n->slot[i].fd = -1;
	}
	g->n_nodes++;
	return WX_OK;
}

static void group_close(struct pull_group *g)
{
	pull_checker_stop(&g->checker);
	pull_committer_stop(&g->committer);
	for (size_t i = 0; i < g->n_nodes; i++) {
		pthread_mutex_destroy(&g->node[i].journal_mutex);
		free(g->node[i].dir);
	}
	free(g->node);
	if (g->loop)
		g->loop->free(g->loop);
}

/* Each group with nodes in a thread of its own; the first in this one. */
static int run_groups(struct pull_group *group, size_t n, struct wx_error *err)
{
	pthread_t thread[MAX_FOLDER_GROUPS + 1];
	size_t started = 1;
	int rc = WX_OK;

	for (; started < n && !rc; started++) {
		int e = pthread_create(&thread[started], NULL, group_run,
				       &group[started]);

		if (e) {
			rc = wx_fail(err, WX_ERR_IO,
				     "cannot start a thread: %s", strerror(e));
			break;
		}
	}
	if (!rc && n)
		group_run(&group[0]);
	for (size_t i = 1; i < started; i++)
		pthread_join(thread[i], NULL);
	return rc;
}

/* A wire that is not in the table: that node alone is left out. */
static int report_no_way(const struct pull_run *run,
			 const struct wx_site_node *site)
{
	struct wx_error why = { 0 };
	struct wx_pull_report r = { .node = site->id,
				    .rc = WX_ERR_FORMAT,
				    .battery_v = NAN };

	wx_node_fail_source(run->opts->formats, site->source, &why);
	r.why = why.text;
	run->opts->report(run->opts->ctx, &r);
	return r.rc;
}

int wx_pull(struct wx_archive *a, const struct wx_site_node *const *nodes,
	    size_t n_nodes, const struct wx_pull_opts *opts,
	    struct wx_error *err)
{
	struct pull_run run = { .archive = a, .opts = opts };
	struct pull_group group[MAX_FOLDER_GROUPS + 1] = { 0 };
	size_t n_groups = 0, n_folders = 0;
	int at[MAX_FOLDER_GROUPS + 1]; /* which kind is in which group */
	int rc = WX_OK, no_way = WX_OK;

	pthread_mutex_init(&run.mutex, NULL);
	for (int k = 0; k <= MAX_FOLDER_GROUPS; k++)
		at[k] = -1;
	/* Kind 0: all that wait in a loop; 1 and up: folders, in turn. */
	for (size_t i = 0; i < n_nodes && !rc; i++) {
		const struct wx_node_driver *d =
			wx_node_driver_of(opts->formats, nodes[i]->source);
		size_t kind = 0;

		if (!d) {
			no_way = report_no_way(&run, nodes[i]);
			continue;
		}
		if (!d->has_loop)
			kind = 1 + n_folders++ % MAX_FOLDER_GROUPS;
		if (at[kind] < 0) {
			at[kind] = (int)n_groups++;
			rc = group_open(&group[at[kind]], &run, n_nodes, err);
		}
		if (!rc)
			rc = group_add(&group[at[kind]], nodes[i], err);
	}
	if (!rc && n_groups)
		rc = run_groups(group, n_groups, err);
	for (size_t i = 0; i < n_groups; i++)
		for (size_t k = 0; k < group[i].n_nodes; k++)
			if (!rc)
				rc = group[i].node[k].report.rc;
	for (size_t i = 0; i < n_groups; i++)
		group_close(&group[i]);
	pthread_mutex_destroy(&run.mutex);
	return rc ? rc : no_way;
}
