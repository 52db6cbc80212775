/* SPDX-License-Identifier: MIT */
/*
 * formats/node/link_net.c: a TCP connection or a UDP socket.
 *
 * curl looks up a name, tries its addresses and connects, all in its loop;
 * from then on the socket is ours.
 */
#include <errno.h>
#include <netdb.h>
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

int link_datagram_open(struct wx_link *l, const char *where,
		       struct wx_error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *list = NULL;
	char *host, *port;
	int rc = split(where, &host, &port, err);
	int failed = rc ? 0 : getaddrinfo(host, port, &hints, &list);

	free(host);
	free(port);
	if (rc)
		return rc;
	if (failed)
		return wx_fail(err, WX_ERR_IO, "%s: %s", where,
			       gai_strerror(failed));
	for (struct addrinfo *a = list; a && l->watch.fd < 0; a = a->ai_next) {
		int fd = socket(a->ai_family,
				SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

		if (fd >= 0 && connect(fd, a->ai_addr, a->ai_addrlen) == 0)
			l->watch.fd = fd;
		else if (fd >= 0)
			close(fd);
	}
	freeaddrinfo(list);
	return l->watch.fd >= 0
		       ? WX_OK
		       : wx_fail_errno(err, "%s: cannot reach it", where);
}
