/* SPDX-License-Identifier: MIT */
/* formats/node/link.c: see link.h and link_in.h. */
#include "node/link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "node/link_in.h"

enum {
	IN_SIZE = 1 << 16, /* holds any datagram */
	MAX_READS = 16,    /* datagrams in one go */
	MAX_BAUD = 12000000,
};

#define DRAIN_S 0.001 /* between two looks at what waits in the port */

/* ---- its user is called, and may close it meanwhile ---- */

static void link_free(struct wx_link *l)
{
	free(l->out);
	free(l->in);
	free(l);
}

static void call_end(struct wx_link *l)
{
	if (--l->busy == 0 && l->closed)
		link_free(l);
}

static void close_fds(struct wx_link *l)
{
	wx_loop_unwatch(l->loop, &l->watch);
	wx_loop_untimer(l->loop, &l->drain_timer);
	if (l->kind == LINK_SERIAL)
		link_serial_close(l);
	else if (l->kind == LINK_STREAM)
		link_stream_close(l);
	else
		link_datagram_close(l);
	l->watch.fd = -1;
}

static void on_lost(struct wx_timer *t)
{
	struct wx_link *l = LINK_OF(t, lost_timer);

	l->busy++;
	close_fds(l);
	wx_loop_untimer(l->loop, &l->timer);
	l->calls.lost(l->calls.ctx, &l->why);
	call_end(l);
}

void link_lost(struct wx_link *l)
{
	if (l->failed)
		return;
	l->failed = true;
	wx_loop_unwatch(l->loop, &l->watch);
	wx_loop_timer(l->loop, &l->lost_timer, 0, NULL);
}

static void on_timer(struct wx_timer *t)
{
	struct wx_link *l = LINK_OF(t, timer);

	l->busy++;
	l->calls.timer(l->calls.ctx);
	call_end(l);
}

/* ---- out ---- */

/* A network's answer may be here before a send returns: it left before. */
static void tell_drained(struct wx_link *l)
{
	struct wx_time at = l->kind == LINK_SERIAL ? wx_time_now() : l->sent;

	l->drain = false;
	wx_loop_untimer(l->loop, &l->drain_timer);
	l->busy++;
	l->calls.drained(l->calls.ctx, at);
	call_end(l);
}

/*
 * Has all left? What the kernel still holds is looked at again and again;
 * then only the few bytes in the chip are waited for, which takes no longer
 * than the wire does.
 */
static void look_drained(struct wx_link *l)
{
	if (!l->drain || l->failed || l->watch.fd < 0 || l->at_out < l->n_out)
		return;
	if (l->kind == LINK_SERIAL) {
		if (link_serial_waiting(l) > 0) {
			wx_loop_timer(l->loop, &l->drain_timer, DRAIN_S, NULL);
			return;
		}
		link_serial_drain(l);
	}
	tell_drained(l);
}

static void on_drain_timer(struct wx_timer *t)
{
	look_drained(LINK_OF(t, drain_timer));
}

/* Write what can be written now. */
static void flush(struct wx_link *l)
{
	l->sent = wx_time_now();
	while (l->at_out < l->n_out && !l->failed) {
		const uint8_t *p = l->out + l->at_out;
		size_t n = l->n_out - l->at_out;
		ssize_t w = l->kind == LINK_SERIAL
				    ? write(l->watch.fd, p, n)
				    : send(l->watch.fd, p, n, MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (w < 0) {
			wx_fail_errno(&l->why, "cannot send");
			link_lost(l);
			return;
		}
		l->at_out += (size_t)w;
	}
	if (l->at_out == l->n_out)
		l->at_out = l->n_out = 0;
	l->watch.events = (short)(POLLIN | (l->n_out ? POLLOUT : 0));
}

static void send_datagram(struct wx_link *l, const void *data, size_t n)
{
	ssize_t w;

	l->sent = wx_time_now();
	do {
		w = send(l->watch.fd, data, n, MSG_NOSIGNAL);
	} while (w < 0 && errno == EINTR);
	/* ECONNREFUSED: its host is up, but nobody listens there. */
	if (w < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
	    errno != ENOBUFS) {
		wx_fail_errno(&l->why, "cannot send");
		link_lost(l);
	}
}

int wx_link_send(struct wx_link *l, const void *data, size_t n,
		 struct wx_error *err)
{
	if (l->failed)
		return wx_fail(err, WX_ERR_IO, "%s", l->why.text);
	if (l->kind == LINK_DATAGRAM && l->watch.fd >= 0) {
		send_datagram(l, data, n);
		return WX_OK;
	}
	if (l->kind == LINK_DATAGRAM)
		l->n_out = 0; /* its name is looked up: the last one counts */
	if (WX_GROW(&l->out, &l->room_out, l->n_out + n, err))
		return WX_ERR_NOMEM;
	memcpy(l->out + l->n_out, data, n);
	l->n_out += n;
	if (l->watch.fd >= 0)
		flush(l);
	return WX_OK;
}

void wx_link_drain(struct wx_link *l)
{
	l->drain = true;
	look_drained(l);
}

/* ---- in ---- */

/* -1: nothing more now, or lost. */
static ssize_t receive(struct wx_link *l, short revents)
{
	ssize_t n;

	do {
		n = read(l->watch.fd, l->in, IN_SIZE);
	} while (n < 0 && errno == EINTR);
	if (n > 0 || (n == 0 && l->kind == LINK_DATAGRAM))
		return n;
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) &&
	    !(revents & POLLHUP))
		return -1;
	if (n == 0 || errno == EAGAIN || errno == EWOULDBLOCK || errno == EIO)
		wx_fail(&l->why, WX_ERR_IO, "%s",
			l->kind == LINK_SERIAL
				? "the port is gone: was its cable pulled?"
				: "the connection was closed");
	else
		wx_fail_errno(&l->why, "cannot receive");
	link_lost(l);
	return -1;
}

static void on_ready(struct wx_watch *w, short revents)
{
	struct wx_link *l = LINK_OF(w, watch);
	struct wx_time at = wx_time_now();
	int most = l->kind == LINK_DATAGRAM ? MAX_READS : 1;

	l->busy++;
	if (revents & (POLLIN | POLLHUP | POLLERR)) {
		/*
		 * An answer: what it answers has left, unseen. When, is known
		 * no better than that it was not before it was sent.
		 */
		if (l->drain && l->at_out == l->n_out) {
			l->drain = false;
			wx_loop_untimer(l->loop, &l->drain_timer);
			l->calls.drained(l->calls.ctx, l->sent);
		}
		for (int i = 0; i < most && !l->closed && !l->failed; i++) {
			ssize_t n = receive(l, revents);

			if (n < 0)
				break;
			l->calls.data(l->calls.ctx, l->in, (size_t)n, at);
		}
	}
	if (!l->closed && !l->failed && (revents & POLLOUT)) {
		flush(l);
		look_drained(l);
	}
	call_end(l);
}

int link_up(struct wx_link *l, struct wx_error *err)
{
	int rc;

	l->watch.ready = on_ready;
	l->watch.events = POLLIN;
	rc = wx_loop_watch(l->loop, &l->watch, err);
	if (!rc)
		flush(l);
	if (!rc)
		look_drained(l);
	return rc;
}

/* ---- open, close ---- */

static const char *after(const char *text, const char *prefix)
{
	size_t n = strlen(prefix);

	return strncmp(text, prefix, n) == 0 ? text + n : NULL;
}

static int open_port(struct wx_link *l, const char *address, int baud,
		     struct wx_error *err)
{
	const char *query = strchr(address, '?');
	char *path = query ? strndup(address, (size_t)(query - address))
			   : strdup(address);
	const char *value = query ? after(query, "?baud=") : NULL;
	int64_t v = baud;
	int rc;

	l->kind = LINK_SERIAL;
	if (!path)
		rc = wx_fail_nomem(err);
	else if (query && (!value || !wx_i64_parse(value, strlen(value), &v) ||
			   v < 50 || v > MAX_BAUD))
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "'%s': expected PORT or PORT?baud=N", address);
	else
		rc = link_serial_open(l, path, (int)v, err);
	free(path);
	return rc ? rc : link_up(l, err);
}

static int open_any(struct wx_link *l, const char *address, int baud,
		    struct wx_error *err)
{
	const char *where;

	if (address[0] == '/')
		return open_port(l, address, baud, err);
	if ((where = after(address, "tcp://"))) {
		l->kind = LINK_STREAM;
		return link_stream_open(l, where, err);
	}
	if ((where = after(address, "udp://"))) {
		l->kind = LINK_DATAGRAM;
		return link_datagram_open(l, where, err);
	}
	return wx_fail(err, WX_ERR_FORMAT,
		       "'%s': expected /dev/PORT, /dev/PORT?baud=N, "
		       "tcp://HOST:PORT or udp://HOST:PORT",
		       address);
}

int wx_link_open(struct wx_node_loop *loop, const char *address, int baud,
		 const struct wx_link_calls *calls, struct wx_link **out,
		 struct wx_error *err)
{
	struct wx_link *l = calloc(1, sizeof(*l));
	int rc;

	*out = NULL;
	if (!l || !(l->in = malloc(IN_SIZE))) {
		free(l);
		return wx_fail_nomem(err);
	}
	l->loop = loop;
	l->calls = *calls;
	l->watch.fd = l->lock_fd = -1;
	l->timer.fire = on_timer;
	l->drain_timer.fire = on_drain_timer;
	l->lost_timer.fire = on_lost;
	rc = open_any(l, address, baud, err);
	if (rc)
		wx_link_close(l);
	else
		*out = l;
	return rc;
}

void wx_link_close(struct wx_link *l)
{
	if (!l)
		return;
	close_fds(l);
	wx_loop_untimer(l->loop, &l->timer);
	wx_loop_untimer(l->loop, &l->lost_timer);
	if (l->busy)
		l->closed = true;
	else
		link_free(l);
}

bool wx_link_is_serial(const struct wx_link *l)
{
	return l->kind == LINK_SERIAL;
}

bool wx_link_is_datagram(const struct wx_link *l)
{
	return l->kind == LINK_DATAGRAM;
}

int wx_link_baud(const struct wx_link *l)
{
	return l->baud;
}

int wx_link_set_baud(struct wx_link *l, int baud, struct wx_error *err)
{
	if (l->kind != LINK_SERIAL || baud == l->baud)
		return WX_OK;
	if (l->failed)
		return wx_fail(err, WX_ERR_IO, "%s", l->why.text);
	link_serial_drain(l);
	return link_serial_speed(l, baud, err);
}

void wx_link_timer(struct wx_link *l, double seconds)
{
	if (seconds < 0)
		wx_loop_untimer(l->loop, &l->timer);
	else
		wx_loop_timer(l->loop, &l->timer, seconds, NULL);
}
