/* SPDX-License-Identifier: MIT */
/* lib/dataset/maker.c: see maker.h. */
#include "dataset/maker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

/* Open captures at most; each holds a descriptor. */
enum { QUEUE = 32 };

struct task {
	struct wx_cutter *cutter; /* NULL: end the thread */
	char *path;               /* NULL: close the cutter */
	int64_t first, n_frames;
};

struct wx_maker {
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t grown, shrunk;
	struct task task[QUEUE];
	size_t n_asked, n_done;
	int rc; /* of the first failure */
	struct wx_error err;
};

static void do_task(struct wx_maker *m, const struct task *t, int rc_so_far)
{
	struct wx_error err = { 0 };
	int rc = WX_OK;

	if (!t->path) {
		wx_cutter_close(t->cutter);
		return;
	}
	if (rc_so_far == WX_OK)
		rc = t->first < 0
			     ? wx_cutter_copy(t->cutter, t->path, &err)
			     : wx_cutter_cut(t->cutter, t->first, t->n_frames,
					     t->path, NULL, &err);
	if (rc != WX_OK) {
		pthread_mutex_lock(&m->mutex);
		m->rc = rc;
		m->err = err;
		pthread_mutex_unlock(&m->mutex);
	}
	free(t->path);
}

static void *work(void *ctx)
{
	struct wx_maker *m = ctx;

	for (;;) {
		struct task t;
		int rc;

		pthread_mutex_lock(&m->mutex);
		while (m->n_done == m->n_asked)
			pthread_cond_wait(&m->grown, &m->mutex);
		t = m->task[m->n_done % QUEUE];
		rc = m->rc;
		pthread_mutex_unlock(&m->mutex);
		if (!t.cutter)
			return NULL;
		do_task(m, &t, rc);
		pthread_mutex_lock(&m->mutex);
		m->n_done++;
		pthread_cond_signal(&m->shrunk);
		pthread_mutex_unlock(&m->mutex);
	}
}

static void ask(struct wx_maker *m, struct task t)
{
	pthread_mutex_lock(&m->mutex);
	while (m->n_asked - m->n_done == QUEUE)
		pthread_cond_wait(&m->shrunk, &m->mutex);
	m->task[m->n_asked++ % QUEUE] = t;
	pthread_cond_signal(&m->grown);
	pthread_mutex_unlock(&m->mutex);
}

struct wx_maker *wx_maker_new(void)
{
	struct wx_maker *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	pthread_mutex_init(&m->mutex, NULL);
	pthread_cond_init(&m->grown, NULL);
	pthread_cond_init(&m->shrunk, NULL);
	if (pthread_create(&m->thread, NULL, work, m) == 0)
		return m;
	free(m);
	return NULL;
}

static int failure(struct wx_maker *m, struct wx_error *err)
{
	int rc;

	pthread_mutex_lock(&m->mutex);
	rc = m->rc;
	if (rc)
		wx_fail(err, rc, "%s", m->err.text);
	pthread_mutex_unlock(&m->mutex);
	return rc;
}

int wx_maker_add(struct wx_maker *m, struct wx_cutter *c, int64_t first,
		 int64_t n_frames, const char *path, struct wx_error *err)
{
	struct task t = { c, strdup(path), first, n_frames };
	int rc = t.path ? failure(m, err) : wx_fail_nomem(err);

	if (rc)
		free(t.path);
	else
		ask(m, t);
	return rc;
}

void wx_maker_close(struct wx_maker *m, struct wx_cutter *c)
{
	if (c)
		ask(m, (struct task){ .cutter = c });
}

int wx_maker_free(struct wx_maker *m, struct wx_error *err)
{
	int rc;

	if (!m)
		return WX_OK;
	ask(m, (struct task){ 0 });
	pthread_join(m->thread, NULL);
	rc = failure(m, err);
	pthread_cond_destroy(&m->grown);
	pthread_cond_destroy(&m->shrunk);
	pthread_mutex_destroy(&m->mutex);
	free(m);
	return rc;
}
