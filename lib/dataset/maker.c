/* SPDX-License-Identifier: MIT */
/* lib/dataset/maker.c: see maker.h. */
#include "dataset/maker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "sound/convert.h"

/* Open captures at most; each holds a descriptor. */
enum { QUEUE = 32 };

struct task {
	struct wx_cutter *cutter; /* NULL: end the thread */
	char *path;               /* NULL: close the cutter */
	int64_t first, n_frames;
	struct wx_making *making; /* NULL: a cut or a copy */
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

/* The frames, which are 16 bit mono, or are made so. */
static int read_pcm(struct wx_making *m, struct wx_error *err)
{
	const struct wx_wav *wav = wx_cutter_wav(m->cutter);
	uint8_t *frames = malloc((size_t)m->n_frames * wav->block_align);
	int rc = frames ? wx_cutter_read(m->cutter, m->first_frame, m->n_frames,
					 frames, err)
			: wx_fail_nomem(err);

	m->n_pcm = m->n_frames;
	if (rc || !m->convert_hz) {
		m->pcm = (int16_t *)(void *)frames;
		return rc;
	}
	m->n_pcm = wx_convert_n(m->n_frames, wav->rate_hz, m->convert_hz);
	m->pcm = malloc((size_t)m->n_pcm * sizeof(*m->pcm) + 1);
	rc = m->pcm ? wx_convert(wav, frames, m->n_frames, m->convert_hz,
				 m->pcm, err)
		    : wx_fail_nomem(err);
	free(frames);
	return rc;
}

/* HMAC-SHA256 over all of it, in the place that holds zeros so far. */
static void sign(char *text, size_t n, int64_t at, const char *key)
{
	uint8_t digest[WX_SHA256_LEN];
	char hex[WX_SHA256_HEX];

	wx_hmac_sha256(key, strlen(key), text, n, digest);
	wx_hex(digest, sizeof(digest), hex);
	memcpy(text + at, hex, sizeof(hex) - 1);
}

static int make(struct wx_making *m, const char *path, struct wx_error *err)
{
	char *text = NULL;
	size_t n = 0;
	int64_t signature_at = -1;
	struct wx_file *file = NULL;
	FILE *out;
	int rc = m->format->pcm || m->convert_hz ? read_pcm(m, err) : WX_OK;

	out = rc ? NULL : open_memstream(&text, &n);
	if (out) {
		rc = (m->format->make ? m->format->make : m->format->make_pcm)(
			m, out, &signature_at, err);
		if (fclose(out) != 0 && !rc)
			rc = wx_fail_nomem(err);
	} else if (!rc) {
		rc = wx_fail_nomem(err);
	}
	if (!rc && signature_at >= 0)
		sign(text, n, signature_at, m->hmac_key);
	if (!rc)
		rc = wx_file_create(path, &file, err);
	if (!rc) {
		fwrite(text, 1, n, wx_file_get(file));
		rc = wx_file_commit_unsynced(file, err);
	}
	free(text);
	free(m->pcm);
	return rc;
}

static void do_task(struct wx_maker *m, const struct task *t, int rc_so_far)
{
	struct wx_error err = { 0 };
	int rc = WX_OK;

	if (!t->path) {
		wx_cutter_close(t->cutter);
		return;
	}
	if (rc_so_far == WX_OK && t->making)
		rc = make(t->making, t->path, &err);
	else if (rc_so_far == WX_OK)
		rc = t->first == WX_MAKER_LINK
			     ? wx_cutter_link(t->cutter, t->path, &err)
		     : t->first < 0
			     ? wx_cutter_copy(t->cutter, t->path, &err)
			     : wx_cutter_cut(t->cutter, t->first, t->n_frames,
					     t->path, NULL, &err);
	if (rc != WX_OK) {
		pthread_mutex_lock(&m->mutex);
		m->rc = rc;
		m->err = err;
		pthread_mutex_unlock(&m->mutex);
	}
	free(t->making);
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
	struct task t = { c, strdup(path), first, n_frames, NULL };
	int rc = t.path ? failure(m, err) : wx_fail_nomem(err);

	if (rc)
		free(t.path);
	else
		ask(m, t);
	return rc;
}

int wx_maker_make(struct wx_maker *maker, const struct wx_making *m,
		  const char *path, struct wx_error *err)
{
	struct task t = { .cutter = m->cutter,
			  .path = strdup(path),
			  .making = malloc(sizeof(*m)) };
	int rc = t.path && t.making ? failure(maker, err) : wx_fail_nomem(err);

	if (rc) {
		free(t.path);
		free(t.making);
		return rc;
	}
	*t.making = *m;
	ask(maker, t);
	return WX_OK;
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
