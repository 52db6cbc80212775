/* SPDX-License-Identifier: MIT */
/*
 * formats/node/link_net.c: a TCP connection or a UDP socket.
 *
 * curl looks up a name, tries its addresses and connects, all in its loop;
 * from then on the socket is ours.
 */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/text.h"
#include "node/link_in.h"

enum { CONNECT_MS = 10000 };

/* HOST:PORT, IPv6 in brackets; host and port are the caller's to free. */
static int split(const char *where, char **host, char **port,
		 struct wx_error *err)
{
	const char *colon = strrchr(where, ':');
	size_t n = colon ? (size_t)(colon - where) : 0;
	bool bracket = n > 2 && where[0] == '[' && where[n - 1] == ']';
	int64_t number;

	*host = *port = NULL;
	if (!n || !wx_i64_parse(colon + 1, strlen(colon + 1), &number) ||
	    number < 1 || number > 65535 || strpbrk(where, "/?#@") ||
	    (!bracket && memchr(where, ':', n)))
		return wx_fail(err, WX_ERR_FORMAT,
			       "'%s': expected HOST:PORT, with an IPv6 address "
			       "in brackets",
			       where);
	*host = bracket ? strndup(where + 1, n - 2) : strndup(where, n);
	*port = strdup(colon + 1);
	return *host && *port ? WX_OK : wx_fail_nomem(err);
}

static void connected(struct wx_transfer *t, CURLcode code)
{
	struct wx_link *l = LINK_OF(t, connect);
	curl_socket_t fd = CURL_SOCKET_BAD;

	l->connecting = false;
	if (code == CURLE_OK)
		curl_easy_getinfo(t->easy, CURLINFO_ACTIVESOCKET, &fd);
	if (fd == CURL_SOCKET_BAD) {
		const char *text =
			t->error[0] ? t->error : curl_easy_strerror(code);
		char quoted[WX_QUOTE_SIZE];

		wx_fail(&l->why, WX_ERR_IO,
			"%s: is it on, in reach, and is its address right?",
			wx_quote(text, strlen(text), quoted));
		link_lost(l);
		return;
	}
	l->watch.fd = fd;
	if (link_up(l, &l->why))
		link_lost(l);
}

int link_stream_open(struct wx_link *l, const char *where, struct wx_error *err)
{
	char *host, *port, *url = NULL;
	int rc = split(where, &host, &port, err);

	free(host);
	free(port);
	if (rc)
		return rc;
	l->connect.done = connected;
	l->connect.easy = wx_loop_easy(l->loop);
	url = wx_strf("http://%s/", where);
	if (l->connect.easy && url) {
		curl_easy_setopt(l->connect.easy, CURLOPT_URL, url);
		curl_easy_setopt(l->connect.easy, CURLOPT_CONNECT_ONLY, 1L);
		curl_easy_setopt(l->connect.easy, CURLOPT_PROXY, "");
		curl_easy_setopt(l->connect.easy, CURLOPT_NOSIGNAL, 1L);
		curl_easy_setopt(l->connect.easy, CURLOPT_CONNECTTIMEOUT_MS,
				 (long)CONNECT_MS);
		/* One who only listens would not see that the other is gone. */
		curl_easy_setopt(l->connect.easy, CURLOPT_TCP_KEEPALIVE, 1L);
		l->connecting = wx_loop_add(l->loop, &l->connect);
	}
	free(url);
	return l->connecting ? WX_OK : wx_fail_nomem(err);
}

void link_stream_close(struct wx_link *l)
{
	if (l->connect.easy)
		wx_loop_drop(l->loop, &l->connect); /* closes the socket */
	l->connecting = false;
}

/* ---- datagrams ---- */

/* A name that is looked up, by a thread that may outlive the link. */
struct link_lookup {
	atomic_int users; /* the thread, the link */
	atomic_bool done;
	char *host, *port;
	int failed; /* as getaddrinfo's */
	struct addrinfo *list;
};

#define LOOKUP_S 0.02 /* between two looks whether it is done */

static void lookup_drop(struct link_lookup *k)
{
	if (atomic_fetch_sub(&k->users, 1) > 1)
		return;
	if (k->list)
		freeaddrinfo(k->list);
	free(k->host);
	free(k->port);
	free(k);
}

static void look_up(struct link_lookup *k, int flags)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
					.ai_flags = flags };

	k->failed = getaddrinfo(k->host, k->port, &hints, &k->list);
}

static void *lookup_run(void *arg)
{
	struct link_lookup *k = arg;

	look_up(k, 0);
	atomic_store(&k->done, true);
	lookup_drop(k);
	return NULL;
}

/* The first address that there is a way to. */
static int take_address(struct wx_link *l, struct wx_error *err)
{
	const struct link_lookup *k = l->lookup;

	if (k->failed)
		return wx_fail(err, WX_ERR_IO,
			       "%s: %s: is it on, in reach, and is its address "
			       "right?",
			       k->host, gai_strerror(k->failed));
	for (struct addrinfo *a = k->list; a && l->watch.fd < 0;
	     a = a->ai_next) {
		int fd = socket(a->ai_family,
				SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			l->watch.fd = fd;
		else if (fd >= 0)
			close(fd);
	}
	return l->watch.fd >= 0
		       ? link_up(l, err)
		       : wx_fail_errno(err, "%s: cannot reach it", k->host);
}

static void on_lookup(struct wx_timer *t)
{
	struct wx_link *l = LINK_OF(t, lookup_timer);

	if (!atomic_load(&l->lookup->done))
		wx_loop_timer(l->loop, t, LOOKUP_S, NULL);
	else if (take_address(l, &l->why))
		link_lost(l);
}

/* The loop goes on meanwhile: a name that nobody knows takes 10 s and more. */
static int start_lookup(struct wx_link *l, struct wx_error *err)
{
	struct link_lookup *k = l->lookup;
	pthread_t thread;
	int e;

	atomic_store(&k->users, 2);
	e = pthread_create(&thread, NULL, lookup_run, k);
	if (e) {
		atomic_store(&k->users, 1);
		return wx_fail(err, WX_ERR_IO, "cannot start a thread: %s",
			       strerror(e));
	}
	pthread_detach(thread);
	l->lookup_timer.fire = on_lookup;
	return wx_loop_timer(l->loop, &l->lookup_timer, LOOKUP_S, err);
}

int link_datagram_open(struct wx_link *l, const char *where,
		       struct wx_error *err)
{
	struct link_lookup *k = calloc(1, sizeof(*k));
	int rc;

	if (!k)
		return wx_fail_nomem(err);
	l->lookup = k;
	atomic_init(&k->users, 1);
	atomic_init(&k->done, false);
	rc = split(where, &k->host, &k->port, err);
	if (rc)
		return rc;
	look_up(k, AI_NUMERICHOST);
	return k->failed == EAI_NONAME ? start_lookup(l, err)
				       : take_address(l, err);
}

void link_datagram_close(struct wx_link *l)
{
	wx_loop_untimer(l->loop, &l->lookup_timer);
	if (l->lookup)
		lookup_drop(l->lookup);
	l->lookup = NULL;
	if (l->watch.fd >= 0)
		close(l->watch.fd);
}
