/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_commit.c: from a part file that is right to a file of the
 * archive, in batches.
 *
 * The order is what a power cut needs: bytes on the disk, then the name, then
 * the folder, then the journal. Each step is taken for a whole batch before
 * the next, so that the disk syncs once for a hundred small files. Writing
 * back starts as each file arrives; the batch's sync mostly finds it done.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/pull_in.h"
#include "base/text.h"

static void job_free(struct pull_job *job)
{
	if (!job)
		return;
	if (job->fd >= 0)
		close(job->fd);
	free(job->part);
	free(job->beside);
	free(job->of);
	free(job);
}

/* Renames, replacing nothing: -1 with EEXIST when to is taken. */
static int rename_new(const char *from, const char *to)
{
	struct stat st;

	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return 0;
	/* Network and FAT file systems may not know the flag. */
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return -1;
	if (lstat(to, &st) == 0) {
		errno = EEXIST;
		return -1;
	}
	return rename(from, to);
}

static bool is_zero(const char *p, size_t n)
{
	return n == 0 || (*p == 0 && memcmp(p, p + 1, n - 1) == 0);
}

int pull_same_bytes(int fd, const char *path, bool *blank, struct wx_error *err)
{
	enum { SIZE = 64 << 10 };
	char *a = malloc(2 * (size_t)SIZE);
	int other = open(path, O_RDONLY | O_CLOEXEC);
	off_t at = 0;
	int rc = 1;

	*blank = true;
	while (a && other >= 0) {
		ssize_t n = pread(fd, a, SIZE, at);
		ssize_t m = pread(other, a + SIZE, SIZE, at);

		if (n < 0 || m < 0) {
			rc = wx_fail_errno(err, "%s: cannot compare", path);
			break;
		}
		if (n != m || memcmp(a, a + SIZE, (size_t)n) != 0)
			rc = 0;
		if (n == 0 || rc == 0)
			break;
		*blank = *blank && is_zero(a, (size_t)n);
		at += n;
	}
	if (!a)
		rc = wx_fail_nomem(err);
	else if (other < 0)
		rc = wx_fail_errno(err, "%s: cannot open", path);
	if (other >= 0)
		close(other);
	free(a);
	return rc;
}

/* WX_OK, 1 when `to` is there with other bytes, or a failure. */
static int move_to(struct pull_job *job, const char *to)
{
	bool blank;
	int rc;

	if (rename_new(job->part, to) == 0)
		return WX_OK;
	if (errno != EEXIST)
		return wx_fail_errno(&job->err, "%s: cannot rename to %s",
				     job->part, to);
	rc = pull_same_bytes(job->fd, to, &blank, &job->err);
	if (rc != 1)
		return rc == 0 ? 1 : rc;
	job->known = true;
	unlink(job->part);
	return WX_OK;
}

/* Are its bytes here under another name? Then they need not lie here twice. */
static bool is_alias(struct pull_job *job)
{
	int rc = pull_twin_find(job->node, job->item->name, job->fd,
				job->size_bytes, job->crc, NULL, &job->of,
				&job->err);

	if (rc == 0)
		return false;
	if (rc == 1)
		unlink(job->part);
	job->rc = rc == 1 ? WX_OK : rc;
	return true;
}

static bool may_be_alias(const struct pull_job *job)
{
	return pull_twin_may_be(job->node, job->item->name, job->size_bytes,
				job->crc);
}

/* Before the disk is waited for: what will not be kept need not be on it. */
static void find_alias(struct pull_job *job)
{
	char *to = may_be_alias(job)
			   ? wx_strf("%s/%s", job->node->dir, job->item->name)
			   : NULL;
	struct stat st;

	if (to && lstat(to, &st) != 0)
		is_alias(job);
	free(to);
}

/* Its twin may have got its name just before, in the same batch. */
static void name_it(struct pull_job *job)
{
	char *to = wx_strf("%s/%s", job->node->dir, job->item->name);
	struct stat st;

	if (to && lstat(to, &st) != 0 && is_alias(job)) {
		free(to);
		return;
	}
	job->rc =
		to ? wx_mkdirs_above(to, &job->err) : wx_fail_nomem(&job->err);
	if (!job->rc)
		job->rc = move_to(job, to);
	if (job->rc == 1 && is_alias(job)) {
		/* its name is taken, its bytes have another */
	} else if (job->rc == 1) {
		job->beside =
			wx_strf("%s~%08" PRIx32, job->item->name, job->crc);
		free(to);
		to = job->beside ? wx_strf("%s/%s", job->node->dir, job->beside)
				 : NULL;
		job->rc = to ? move_to(job, to) : wx_fail_nomem(&job->err);
		if (job->rc == 1)
			job->rc = wx_fail(&job->err, WX_ERR_IO,
					  "%s: taken by other bytes", to);
	} else if (!job->rc) { /* known: here, but perhaps not journalled */
		job->rc = pull_twin_add(job->node, job->item, job->size_bytes,
					job->crc, &job->err);
	}
	free(to);
}

static void sync_file(struct pull_job *job)
{
	struct stat st;

	if (fdatasync(job->fd) != 0 || fstat(job->fd, &st) != 0)
		job->rc =
			wx_fail_errno(&job->err, "%s: cannot sync", job->part);
	else if (st.st_size != job->size_bytes)
		job->rc = wx_fail(&job->err, WX_ERR_IO,
				  "%s: changed under our hands", job->part);
}

/* Same folder, so that its sync counts for both. */
static bool same_folder(const struct pull_job *a, const struct pull_job *b)
{
	const char *x = strrchr(a->item->name, '/');
	const char *y = strrchr(b->item->name, '/');
	size_t n = x ? (size_t)(x - a->item->name) : 0;
	size_t m = y ? (size_t)(y - b->item->name) : 0;

	return a->node == b->node && n == m &&
	       strncmp(a->item->name, b->item->name, n) == 0;
}

/* The folder of a file, and those above it: each may be new. */
static void sync_folders(struct pull_job *job)
{
	char *path = wx_strf("%s/%s", job->node->dir, job->item->name);
	size_t stop = strlen(job->node->dir);

	if (!path)
		job->rc = wx_fail_nomem(&job->err);
	while (!job->rc && strlen(path) > stop) {
		job->rc = wx_sync_folder_of(path, &job->err);
		*strrchr(path, '/') = '\0';
	}
	free(path);
}

static void write_journal(struct pull_job *job)
{
	const struct pull_item *item = job->item;
	const struct wx_node_driver *driver = job->node->driver;
	const uint8_t *sha256 = job->has_sha256 ? job->sha256 : NULL;
	json_t *line = job->of ? pull_alias_line(item, job->of, job->size_bytes,
						 job->crc, sha256)
			       : pull_here_line(item->name, job->size_bytes,
						job->crc, sha256);

	if (line) {
		json_object_set_new(line, "verified",
				    json_string(job->verified));
		pull_add_told(line, item);
		if (*job->etag)
			json_object_set_new(line, "etag",
					    json_string_nocheck(job->etag));
		if (job->beside)
			json_object_set_new(line, "as",
					    json_string(job->beside));
		if (driver->tell)
			driver->tell(job->node->handle, item->name, line);
		if (!job->of)
			pull_describe(job->node, job->fd, item->name, line);
	}
	job->rc = pull_journal(job->node, line, &job->err);
}

/* A later job of the batch that goes on to sync this node's journal? */
static bool journal_later(const struct pull_job *job)
{
	for (const struct pull_job *j = job->next; j; j = j->next)
		if (j->node == job->node && !j->rc)
			return true;
	return false;
}

static bool folder_before(const struct pull_job *batch,
			  const struct pull_job *job)
{
	for (const struct pull_job *j = batch; j != job; j = j->next)
		if (!j->rc && !j->of && same_folder(j, job))
			return true;
	return false;
}

static void commit_batch(struct pull_job *batch)
{
	for (struct pull_job *j = batch; j; j = j->next)
		find_alias(j);
	for (struct pull_job *j = batch; j; j = j->next)
		if (!j->rc && !j->of)
			sync_file(j);
	for (struct pull_job *j = batch; j; j = j->next)
		if (!j->rc && !j->of)
			name_it(j);
	for (struct pull_job *j = batch; j; j = j->next)
		if (!j->rc && !j->of && !folder_before(batch, j))
			sync_folders(j);
	for (struct pull_job *j = batch; j; j = j->next)
		if (!j->rc)
			write_journal(j);
	for (struct pull_job *j = batch; j; j = j->next)
		if (!j->rc && !journal_later(j))
			j->rc = pull_journal_sync(j->node, &j->err);
	for (struct pull_job *j = batch; j; j = j->next) {
		close(j->fd);
		j->fd = -1;
	}
}

/* ---- the thread ---- */

static bool batch_is_due(const struct pull_committer *c, int n, int64_t bytes)
{
	return n >= PULL_BATCH_FILES || bytes >= PULL_BATCH_BYTES ||
	       (n && (c->flush || c->quit) && !c->in);
}

static void *run(void *arg)
{
	struct pull_committer *c = arg;
	struct pull_job *batch = NULL, **end = &batch;
	int64_t bytes = 0;
	int n = 0;

	pthread_mutex_lock(&c->mutex);
	while (c->in || n || !c->quit) {
		struct pull_job *job = c->in;

		if (!batch_is_due(c, n, bytes) && !job) {
			pthread_cond_wait(&c->cond, &c->mutex);
			continue;
		}
		if (!batch_is_due(c, n, bytes)) {
			c->in = job->next;
			if (!c->in)
				c->in_end = &c->in;
			job->next = NULL;
			*end = job;
			end = &job->next;
			bytes += job->size_bytes;
			n++;
			pthread_mutex_unlock(&c->mutex);
			if (!may_be_alias(job))
				sync_file_range(job->fd, 0, 0,
						SYNC_FILE_RANGE_WRITE);
			pthread_mutex_lock(&c->mutex);
			continue;
		}
		pthread_mutex_unlock(&c->mutex);
		commit_batch(batch);
		pthread_mutex_lock(&c->mutex);
		*end = c->out;
		c->out = batch;
		batch = NULL;
		end = &batch;
		bytes = 0;
		n = 0;
		c->loop->wake(c->loop);
	}
	pthread_mutex_unlock(&c->mutex);
	return NULL;
}

int pull_committer_start(struct pull_committer *c, struct wx_node_loop *loop,
			 struct wx_error *err)
{
	int e;

	*c = (struct pull_committer){ .loop = loop, .in_end = &c->in };
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->cond, NULL);
	e = pthread_create(&c->thread, NULL, run, c);
	if (e)
		return wx_fail(err, WX_ERR_IO, "cannot start a thread: %s",
			       strerror(e));
	c->running = true;
	return WX_OK;
}

void pull_committer_stop(struct pull_committer *c)
{
	if (!c->running)
		return;
	pthread_mutex_lock(&c->mutex);
	c->quit = true;
	pthread_cond_signal(&c->cond);
	pthread_mutex_unlock(&c->mutex);
	pthread_join(c->thread, NULL);
	pthread_cond_destroy(&c->cond);
	pthread_mutex_destroy(&c->mutex);
	c->running = false;
}

void pull_commit(struct pull_committer *c, struct pull_job *job)
{
	c->n_jobs++;
	c->n_bytes += job->size_bytes;
	pthread_mutex_lock(&c->mutex);
	if (!c->in)
		pthread_cond_signal(&c->cond);
	*c->in_end = job;
	c->in_end = &job->next;
	pthread_mutex_unlock(&c->mutex);
}

bool pull_committer_full(struct pull_committer *c)
{
	return c->n_jobs >= 2 * PULL_BATCH_FILES ||
	       c->n_bytes >= 2 * (int64_t)PULL_BATCH_BYTES;
}

void pull_committer_flush(struct pull_committer *c, bool on)
{
	if (c->flush == on) /* which only this thread sets */
		return;
	pthread_mutex_lock(&c->mutex);
	c->flush = on;
	pthread_cond_signal(&c->cond);
	pthread_mutex_unlock(&c->mutex);
}

/* ---- the account ---- */

static void account(struct pull_job *job)
{
	struct pull_node *n = job->node;
	struct wx_pull_report *r = &n->report;

	n->n_committing--;
	if (job->rc) {
		r->n_failed++;
		pull_fail_node(n, job->rc, &job->err);
		return;
	}
	if (job->of) {
		r->n_aliases++;
		job->item->has_crc = true; /* its name has no file to tell it */
		job->item->crc = job->crc;
	} else if (job->known) {
		r->n_known++;
	} else {
		r->n_new++;
		r->new_bytes += (uint64_t)job->size_bytes;
		r->resumed_bytes += (uint64_t)job->resumed;
	}
	if (job->beside) {
		r->n_beside += !job->known;
		pull_warn(n,
			  "%s: another file of this name is here; this one "
			  "is kept as %s",
			  job->item->name, job->beside);
	}
	job->item->kind = n->site->release ? PULL_RELEASE : PULL_DROPPED;
}

void pull_harvest(struct pull_committer *c)
{
	struct pull_job *out;

	pthread_mutex_lock(&c->mutex);
	out = c->out;
	c->out = NULL;
	pthread_mutex_unlock(&c->mutex);
	while (out) {
		struct pull_job *next = out->next;

		c->n_jobs--;
		c->n_bytes -= out->size_bytes;
		account(out);
		job_free(out);
		out = next;
	}
}
