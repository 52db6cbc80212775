/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_check.c: what a file is, by reading it back, in threads
 * beside the one that receives: SHA-256 takes longer than a fast link needs for
 * the file. It is left out where the index tells a CRC-32 and no SHA-256; and
 * a CRC-32, which costs next to nothing, is taken as the bytes come in, so that
 * only resumed files are read back for it.
 *
 * They leave in the order in which they came, whichever thread was quicker: of
 * two files of the same bytes, the first is kept under its name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/pull_in.h"

enum { READ_SIZE = 64 << 10 };

static void hash_file(struct pull_slot *s, struct wx_sha256 *hash, char *buf)
{
	int64_t at = 0, size = s->item->size_bytes;

	s->crc = 0;
	wx_sha256_reset(hash);
	while (at < size) {
		ssize_t n = pread(s->fd, buf, READ_SIZE, at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			wx_fail_errno(&s->err, "%s: cannot read", s->part);
		else if (n == 0)
			wx_fail(&s->err, WX_ERR_IO, "%s: shortened meanwhile",
				s->part);
		if (n <= 0)
			return;
		s->crc = wx_crc32(s->crc, buf, (size_t)n);
		if (s->has_sha256)
			wx_sha256_add(hash, buf, (size_t)n);
		at += n;
	}
	wx_sha256_get(hash, s->sha256);
}

static void *run(void *arg)
{
	struct pull_checker *c = arg;
	struct wx_sha256 *hash = wx_sha256_new();
	char *buf = malloc(READ_SIZE);

	pthread_mutex_lock(&c->mutex);
	while (c->in || !c->quit) {
		struct pull_slot *s = c->in;

		if (!s) {
			pthread_cond_wait(&c->cond, &c->mutex);
			continue;
		}
		c->in = s->next;
		pthread_mutex_unlock(&c->mutex);
		if (hash && buf)
			hash_file(s, hash, buf);
		else
			wx_fail_nomem(&s->err);
		pthread_mutex_lock(&c->mutex);
		s->checked = true;
		if (s == c->first)
			c->loop->wake(c->loop);
	}
	pthread_mutex_unlock(&c->mutex);
	wx_sha256_free(hash);
	free(buf);
	return NULL;
}

int pull_checker_start(struct pull_checker *c, struct wx_node_loop *loop,
		       struct wx_error *err)
{
	*c = (struct pull_checker){ .loop = loop, .end = &c->first };
	pthread_mutex_init(&c->mutex, NULL);
	pthread_cond_init(&c->cond, NULL);
	for (; c->n_threads < PULL_CHECKERS; c->n_threads++) {
		int e = pthread_create(&c->thread[c->n_threads], NULL, run, c);

		if (e && c->n_threads == 0)
			return wx_fail(err, WX_ERR_IO,
				       "cannot start a thread: %s",
				       strerror(e));
		if (e) /* one will do */
			break;
	}
	return WX_OK;
}

void pull_checker_stop(struct pull_checker *c)
{
	if (!c->n_threads)
		return;
	pthread_mutex_lock(&c->mutex);
	c->quit = true;
	pthread_cond_broadcast(&c->cond);
	pthread_mutex_unlock(&c->mutex);
	for (int i = 0; i < c->n_threads; i++)
		pthread_join(c->thread[i], NULL);
	pthread_cond_destroy(&c->cond);
	pthread_mutex_destroy(&c->mutex);
	c->n_threads = 0;
}

void pull_check(struct pull_checker *c, struct pull_slot *s)
{
	s->state = SLOT_CHECKING;
	s->next = NULL;
	s->checked = false;
	pthread_mutex_lock(&c->mutex);
	pthread_cond_signal(&c->cond);
	*c->end = s;
	c->end = &s->next;
	if (!c->in)
		c->in = s;
	pthread_mutex_unlock(&c->mutex);
}

void pull_check_harvest(struct pull_checker *c)
{
	for (;;) {
		struct pull_slot *s;

		pthread_mutex_lock(&c->mutex);
		s = c->first && c->first->checked ? c->first : NULL;
		if (s)
			c->first = s->next;
		if (!c->first)
			c->end = &c->first;
		pthread_mutex_unlock(&c->mutex);
		if (!s)
			return;
		pull_checked(s);
	}
}
