/* SPDX-License-Identifier: MIT */
/* formats/node/loop.c: see loop.h. */
#include "node/loop.h"

#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/time.h"

enum { MAX_IDLE = 64, MAX_CONNECTIONS = 64 };

/* A timer's longest wait: 31 years, which 64 bits of ns hold. */
#define MOST_S 1e9

/* NULL where one was taken out; closed up at the end of a step. */
struct slots {
	void **p;
	size_t n, room;
};

struct loop {
	struct wx_node_loop base; /* first: it is handed out as this */
	CURLM *multi;
	CURL *idle[MAX_IDLE];
	int n_idle;
	struct slots watch, timer;
	struct pollfd *fd; /* of the watches */
	size_t room_fd, room_extra;
	struct curl_waitfd *extra;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_init(void)
{
	curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* What has ended; done may add and drop transfers. */
static int hand_over(struct loop *l)
{
	struct CURLMsg *m;
	int n = 0, left;

	while ((m = curl_multi_info_read(l->multi, &left))) {
		struct wx_transfer *t = NULL;
		CURLcode code = m->data.result;

		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE,
				  (char **)&t);
		n++;
		t->done(t, code);
	}
	return n;
}

/* ---- other descriptors, timers ---- */

static int slots_add(struct slots *s, void *p, struct wx_error *err)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i] == p)
			return WX_OK;
	if (WX_GROW(&s->p, &s->room, s->n + 1, err))
		return err ? err->code : WX_ERR_NOMEM;
	s->p[s->n++] = p;
	return WX_OK;
}

static void slots_drop(struct slots *s, const void *p)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->p[i] == p)
			s->p[i] = NULL;
}

static void slots_close_up(struct slots *s)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (s->p[i])
			s->p[n++] = s->p[i];
	s->n = n;
}

int wx_loop_watch(struct wx_node_loop *loop, struct wx_watch *w,
		  struct wx_error *err)
{
	struct loop *l = (struct loop *)loop;

	if (WX_GROW(&l->fd, &l->room_fd, l->watch.n + 1, err) ||
	    WX_GROW(&l->extra, &l->room_extra, l->watch.n + 1, err))
		return WX_ERR_NOMEM;
	return slots_add(&l->watch, w, err);
}

void wx_loop_unwatch(struct wx_node_loop *loop, struct wx_watch *w)
{
	slots_drop(&((struct loop *)loop)->watch, w);
}

int wx_loop_timer(struct wx_node_loop *loop, struct wx_timer *t, double seconds,
		  struct wx_error *err)
{
	t->due_ns = wx_mono_ns() + (int64_t)(fmin(seconds, MOST_S) * 1e9);
	return slots_add(&((struct loop *)loop)->timer, t, err);
}

void wx_loop_untimer(struct wx_node_loop *loop, struct wx_timer *t)
{
	slots_drop(&((struct loop *)loop)->timer, t);
}

static int until_timer_ms(const struct loop *l, int timeout_ms)
{
	int64_t now = l->timer.n ? wx_mono_ns() : 0;

	for (size_t i = 0; i < l->timer.n; i++) {
		const struct wx_timer *t = l->timer.p[i];
		int64_t left_ns = t ? t->due_ns - now : INT64_MAX;

		if (left_ns <= 0)
			return 0;
		/* Up: not early, and then once more for the rest. */
		if (left_ns < timeout_ms * INT64_C(1000000))
			timeout_ms = (int)((left_ns + 999999) / 1000000);
	}
	return timeout_ms;
}

static void wait_for(struct loop *l, int timeout_ms)
{
	size_t n = 0;

	timeout_ms = until_timer_ms(l, timeout_ms);
	for (size_t i = 0; i < l->watch.n; i++) {
		const struct wx_watch *w = l->watch.p[i];

		if (w)
			l->extra[n++] = (struct curl_waitfd){
				.fd = w->fd,
				.events = (short)((w->events & POLLIN
							   ? CURL_WAIT_POLLIN
							   : 0) |
						  (w->events & POLLOUT
							   ? CURL_WAIT_POLLOUT
							   : 0)),
			};
	}
	curl_multi_poll(l->multi, l->extra, (unsigned)n, timeout_ms, NULL);
}

/* curl does not tell of POLLHUP, which may be all there is: ask again. */
static void serve_watches(struct loop *l)
{
	size_t n = l->watch.n;

	if (!n)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct wx_watch *w = l->watch.p[i];

		l->fd[i] = (struct pollfd){ .fd = w ? w->fd : -1,
					    .events = w ? w->events : 0 };
	}
	if (poll(l->fd, n, 0) <= 0)
		return;
	for (size_t i = 0; i < n; i++) {
		struct wx_watch *w = l->watch.p[i];

		if (w && l->fd[i].revents)
			w->ready(w, l->fd[i].revents);
	}
}

static void serve_timers(struct loop *l)
{
	int64_t now = l->timer.n ? wx_mono_ns() : 0;
	size_t n = l->timer.n; /* what is set meanwhile waits its turn */

	for (size_t i = 0; i < n; i++) {
		struct wx_timer *t = l->timer.p[i];

		if (!t || t->due_ns > now)
			continue;
		l->timer.p[i] = NULL;
		t->fire(t);
	}
}

static void step(struct wx_node_loop *loop, int timeout_ms)
{
	struct loop *l = (struct loop *)loop;
	bool others = l->watch.n || l->timer.n;
	int running;

	curl_multi_perform(l->multi, &running);
	if (hand_over(l) || timeout_ms <= 0) {
		if (!others)
			return;
		timeout_ms = 0;
	}
	wait_for(l, timeout_ms);
	if (others) {
		serve_watches(l);
		serve_timers(l);
		slots_close_up(&l->watch);
		slots_close_up(&l->timer);
	}
	curl_multi_perform(l->multi, &running);
	hand_over(l);
}

static void wake(struct wx_node_loop *loop)
{
	curl_multi_wakeup(((struct loop *)loop)->multi);
}

static void loop_free(struct wx_node_loop *loop)
{
	struct loop *l = (struct loop *)loop;

	for (int i = 0; i < l->n_idle; i++)
		curl_easy_cleanup(l->idle[i]);
	curl_multi_cleanup(l->multi);
	free(l->watch.p);
	free(l->timer.p);
	free(l->fd);
	free(l->extra);
	free(l);
}

int wx_node_loop_new(struct wx_node_loop **out, struct wx_error *err)
{
	struct loop *l = calloc(1, sizeof(*l));

	*out = NULL;
	pthread_once(&curl_once, curl_init);
	if (!l || !(l->multi = curl_multi_init())) {
		free(l);
		return wx_fail_nomem(err);
	}
	/* The default drops connections beyond four for each handle in use. */
	curl_multi_setopt(l->multi, CURLMOPT_MAXCONNECTS, MAX_CONNECTIONS);
	l->base = (struct wx_node_loop){ .step = step,
					 .wake = wake,
					 .free = loop_free };
	*out = &l->base;
	return WX_OK;
}

CURL *wx_loop_easy(struct wx_node_loop *loop)
{
	struct loop *l = (struct loop *)loop;

	return l->n_idle ? l->idle[--l->n_idle] : curl_easy_init();
}

bool wx_loop_add(struct wx_node_loop *loop, struct wx_transfer *t)
{
	struct loop *l = (struct loop *)loop;

	t->error[0] = '\0';
	curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	return curl_multi_add_handle(l->multi, t->easy) == CURLM_OK;
}

void wx_loop_drop(struct wx_node_loop *loop, struct wx_transfer *t)
{
	struct loop *l = (struct loop *)loop;

	curl_multi_remove_handle(l->multi, t->easy);
	curl_easy_reset(t->easy);
	if (l->n_idle < MAX_IDLE)
		l->idle[l->n_idle++] = t->easy;
	else
		curl_easy_cleanup(t->easy);
	t->easy = NULL;
}
