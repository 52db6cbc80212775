/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve_smp_wire.c: the node's end of a cable or a network.
 *
 * A pty shows that no host has it open by POLLHUP, without end: then it is
 * looked at now and then. Host and node are in one machine, so that a wire of
 * so many baud is one on which bytes wait until they would have come.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "base/time.h"
#include "node/serve_smp_in.h"

enum {
	LOOK_MS = 20,     /* for a host to open the pty */
	PULLED_MS = 1000, /* until a pulled cable is plugged in again */
	STUCK_MS = 2000,  /* a host that does not read */
	PIECE = 128,      /* bytes between two looks at the time */
	BITS = 10,        /* of a byte on the wire: 8N1 */
};

/* ---- serial ---- */

/* A link to the pty, in the place of an older one but of nothing else. */
static int link_to(const char *link, const char *pty, struct wx_error *err)
{
	char *part = wx_strf("%s.part", link);
	struct stat st;
	int rc = part ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && lstat(link, &st) == 0 && !S_ISLNK(st.st_mode))
		rc = wx_fail(err, WX_ERR_IO,
			     "%s: is there and is no link: name another", link);
	if (part)
		unlink(part);
	if (rc == WX_OK && (symlink(pty, part) < 0 || rename(part, link) < 0))
		rc = wx_fail_errno(err, "%s", link);
	free(part);
	return rc;
}

/* Bytes as they are, in both directions. */
static int make_raw(const char *pty)
{
	int fd = open(pty, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;
	int rc = -1;

	if (fd < 0)
		return -1;
	if (tcgetattr(fd, &t) == 0) {
		cfmakeraw(&t);
		rc = tcsetattr(fd, TCSANOW, &t);
	}
	close(fd);
	return rc;
}

static int open_pty(struct smp_wire *w, struct wx_error *err)
{
	char pty[64];
	int flags;

	w->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (w->fd < 0 || grantpt(w->fd) < 0 || unlockpt(w->fd) < 0 ||
	    ptsname_r(w->fd, pty, sizeof(pty)) != 0 || make_raw(pty) < 0)
		return wx_fail_errno(err, "no pseudo-terminal");
	flags = fcntl(w->fd, F_GETFL);
	fcntl(w->fd, F_SETFL, flags | O_NONBLOCK);
	w->is_open = false;
	if (w->link) {
		int rc = link_to(w->link, pty, err);

		if (rc != WX_OK)
			return rc;
	}
	if (snprintf(w->url, sizeof(w->url), "smp:%s",
		     w->link ? w->link : pty) >= (int)sizeof(w->url))
		return wx_fail(err, WX_ERR_RANGE, "%s: too long a name",
			       w->link);
	return WX_OK;
}

/* ---- TCP, UDP ---- */

static int open_socket(struct smp_wire *w, struct wx_error *err)
{
	bool stream = w->kind == WX_SMP_TCP;
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(w->port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(at);
	int one = 1, fd;

	fd = socket(AF_INET,
		    (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC |
			    SOCK_NONBLOCK,
		    0);
	if (stream)
		w->listen_fd = fd;
	else
		w->fd = fd;
	if (fd < 0)
		return wx_fail_errno(err, "no socket");
	if (stream)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    (stream && listen(fd, 4) < 0) ||
	    getsockname(fd, (struct sockaddr *)&at, &size) < 0)
		return wx_fail_errno(err, "cannot listen on 127.0.0.1:%u",
				     w->port);
	snprintf(w->url, sizeof(w->url), "smp:%s://127.0.0.1:%u",
		 stream ? "tcp" : "udp", ntohs(at.sin_port));
	return WX_OK;
}

static void take_over(struct smp_wire *w)
{
	int one = 1, fd = accept4(w->listen_fd, NULL, NULL,
				  SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (w->fd >= 0)
		close(w->fd);
	w->fd = fd;
}

/* ---- open, close ---- */

int smp_wire_open(struct smp_wire *w, struct wx_error *err)
{
	w->fd = w->listen_fd = w->wake[0] = w->wake[1] = -1;
	w->peer = calloc(1, sizeof(*w->peer));
	if (!w->peer)
		return wx_fail_nomem(err);
	if (pipe2(w->wake, O_CLOEXEC | O_NONBLOCK) < 0)
		return wx_fail_errno(err, "no pipe");
	return w->kind == WX_SMP_SERIAL ? open_pty(w, err)
					: open_socket(w, err);
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void smp_wire_close(struct smp_wire *w)
{
	if (w->kind == WX_SMP_SERIAL && w->link && w->fd >= 0 && *w->url)
		unlink(w->link);
	close_fd(&w->fd);
	close_fd(&w->listen_fd);
	close_fd(&w->wake[0]);
	close_fd(&w->wake[1]);
	free(w->peer);
	w->peer = NULL;
}

void smp_wire_wake(struct smp_wire *w)
{
	ssize_t n = write(w->wake[1], "", 1);

	(void)n; /* full: it wakes already */
}

/* Nothing for so long; true: woken. */
static bool rest(struct smp_wire *w, int ms)
{
	struct pollfd p = { w->wake[0], POLLIN, 0 };

	return poll(&p, 1, ms) > 0;
}

/* ---- bytes ---- */

/* What lies in the pty is nobody's any more. */
static void hung_up(struct smp_wire *w)
{
	w->is_open = false;
	tcflush(w->fd, TCIOFLUSH);
}

static ssize_t receive(struct smp_wire *w, void *buf, size_t size)
{
	socklen_t n = sizeof(*w->peer);
	ssize_t got;

	if (w->kind != WX_SMP_UDP)
		return read(w->fd, buf, size);
	got = recvfrom(w->fd, buf, size, 0, (struct sockaddr *)w->peer, &n);
	w->peer_size = n;
	return got;
}

/* The pty as it was found: 0, or SMP_WIRE_OPENED. */
static int look_at_pty(struct smp_wire *w, short found)
{
	if (!(found & POLLHUP)) {
		bool was_open = w->is_open;

		w->is_open = true;
		return was_open ? 0 : SMP_WIRE_OPENED;
	}
	if (!(found & POLLIN) && w->is_open)
		hung_up(w);
	return 0;
}

ssize_t smp_wire_read(struct smp_wire *w, void *buf, size_t size)
{
	for (;;) {
		bool serial = w->kind == WX_SMP_SERIAL;
		struct pollfd p[3] = { { w->wake[0], POLLIN, 0 },
				       { .events = POLLIN },
				       { w->listen_fd, POLLIN, 0 } };
		ssize_t n;

		/* A pty that nobody has open is always ready. */
		if (serial && !w->is_open && rest(w, LOOK_MS))
			return SMP_WIRE_STOP;
		if (serial && w->fd < 0 && open_pty(w, NULL) != WX_OK)
			continue; /* none is left: look again */
		p[1].fd = w->fd;
		poll(p, 3, serial && !w->is_open ? 0 : -1);
		if (p[0].revents)
			return SMP_WIRE_STOP;
		if (p[2].revents) {
			take_over(w);
			return SMP_WIRE_OPENED;
		}
		if (serial && look_at_pty(w, p[1].revents) != 0)
			return SMP_WIRE_OPENED;
		if (!(p[1].revents & (POLLIN | POLLERR | POLLHUP)))
			continue;
		n = receive(w, buf, size);
		if (n > 0)
			return n;
		if (w->kind == WX_SMP_TCP &&
		    (n == 0 || (errno != EAGAIN && errno != EINTR)))
			close_fd(&w->fd);
	}
}

void smp_wire_pass(struct smp_wire *w, size_t n)
{
	struct timespec t;
	int64_t now;

	if (w->baud <= 0)
		return;
	now = wx_mono_ns();
	if (w->due_ns < now)
		w->due_ns = now;
	w->due_ns += (int64_t)((double)n * BITS * 1e9 / w->baud);
	t = (struct timespec){ w->due_ns / WX_NS_PER_S,
			       w->due_ns % WX_NS_PER_S };
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

/* False: the host is gone, or does not read. */
static bool write_piece(struct smp_wire *w, const uint8_t *p, size_t n)
{
	while (n > 0) {
		struct pollfd q[2] = { { w->fd, POLLOUT, 0 },
				       { w->wake[0], POLLIN, 0 } };
		ssize_t some = w->kind == WX_SMP_TCP
				       ? send(w->fd, p, n, MSG_NOSIGNAL)
				       : write(w->fd, p, n);

		if (some > 0) {
			p += some;
			n -= (size_t)some;
			continue;
		}
		if (some < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (poll(q, 2, STUCK_MS) <= 0 || q[1].revents ||
		    (q[0].revents & (POLLHUP | POLLERR)))
			return false;
	}
	return true;
}

void smp_wire_write(struct smp_wire *w, const void *data, size_t n)
{
	const uint8_t *p = data;

	if (w->fd < 0)
		return;
	if (w->kind == WX_SMP_UDP) {
		smp_wire_pass(w, n);
		sendto(w->fd, data, n, 0, (struct sockaddr *)w->peer,
		       w->peer_size);
		return;
	}
	while (n > 0) {
		size_t piece = w->baud > 0 && n > PIECE ? PIECE : n;

		smp_wire_pass(w, piece);
		if (!write_piece(w, p, piece))
			return;
		p += piece;
		n -= piece;
	}
}

void smp_wire_pull(struct smp_wire *w)
{
	struct linger now = { 1, 0 };

	switch (w->kind) {
	case WX_SMP_UDP:
		return; /* no cable */
	case WX_SMP_TCP:
		if (w->fd >= 0)
			setsockopt(w->fd, SOL_SOCKET, SO_LINGER, &now,
				   sizeof(now));
		close_fd(&w->fd);
		return;
	case WX_SMP_SERIAL:
		if (w->link)
			unlink(w->link);
		close_fd(&w->fd);
		if (!rest(w, PULLED_MS))
			open_pty(w, NULL);
		return;
	}
}
