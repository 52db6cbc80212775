/* SPDX-License-Identifier: MIT */
/* formats/node/loop.c: see loop.h. */
#include "node/loop.h"

#include <pthread.h>
#include <stdlib.h>

enum { MAX_IDLE = 64, MAX_CONNECTIONS = 64 };

struct loop {
	struct wx_node_loop base; /* first: it is handed out as this */
	CURLM *multi;
	CURL *idle[MAX_IDLE];
	int n_idle;
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

static void step(struct wx_node_loop *loop, int timeout_ms)
{
	struct loop *l = (struct loop *)loop;
	int running;

	curl_multi_perform(l->multi, &running);
	if (hand_over(l) || timeout_ms <= 0)
		return;
	curl_multi_poll(l->multi, NULL, 0, timeout_ms, NULL);
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
