/* SPDX-License-Identifier: MIT */
/* formats/station/live.c: see live.h and live_in.h. */
#include "station/live.h"

#include <errno.h>
#include <math.h>
#include <netdb.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "station/live_in.h"
#include "station/station.h"

enum { STEP_MS = 200, IN_SIZE = 1 << 16, MAX_READS = 16 };

#define FIRST_WAIT_S 1.0
#define MAX_WAIT_S   10.0

static const struct live_kind kinds[] = {
	{ &wx_station_csv, &live_lines, 9600, false, false },
	{ &wx_station_davis_archive, &live_davis_archive, 19200, false, false },
	{ &wx_station_davis_loop, &live_davis_loop, 19200, true, false },
	{ &wx_station_ecowitt, &live_lines, 9600, false, false },
	{ &wx_station_nmea, &live_lines, 4800, true, false },
	{ &wx_station_rtl433, &live_lines, 9600, false, false },
	{ &wx_station_tempest, &live_lines, 9600, false, false },
	{ &wx_station_tips, &live_lines, 9600, true, true },
	{ &wx_station_vaisala_wxt, &live_lines, 19200, true, false },
};

static int find_kind(struct live *v, struct wx_error *err)
{
	char names[200] = "";
	size_t n = 0;

	for (size_t i = 0; i < WX_COUNT(kinds); i++) {
		if (kinds[i].format == v->opts->format)
			v->kind = &kinds[i];
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s",
				      i ? ", " : "", kinds[i].format->name);
	}
	if (v->kind)
		return WX_OK;
	if (!v->opts->format)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: what is to come cannot be looked at first; "
			       "give -f FORMAT (format in site.json), one of "
			       "%s",
			       v->opts->port, names);
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: logs of the format %s are files; expected one of "
		       "%s",
		       v->opts->port, v->opts->format->name, names);
}

/* ---- what the talks call ---- */

void live_log(struct live *v, struct wx_time at, const void *data, size_t n)
{
	char quoted[WX_QUOTE_SIZE];

	if (v->failure.code || wx_livelog_add(v->log, at, data, n, &v->failure))
		return;
	v->n_lines++;
	if (v->opts->notes && !v->kind->talk->record)
		wx_warn(v->opts->notes, "%s", wx_quote(data, n - 1, quoted));
}

void live_send(struct live *v, const void *data, size_t n)
{
	struct wx_error err = { 0 };

	if (v->link && wx_link_send(v->link, data, n, &err))
		live_lost(v, err.text);
}

void live_timer(struct live *v, double seconds)
{
	if (seconds < 0)
		wx_loop_untimer(v->loop, &v->timer);
	else
		wx_loop_timer(v->loop, &v->timer, seconds, &v->failure);
}

static void on_timer(struct wx_timer *t)
{
	struct live *v = LIVE_OF(t, timer);

	v->kind->talk->timer(v);
}

/* ---- connections ---- */

static int connect_port(struct live *v, struct wx_error *err);

static void close_port(struct live *v)
{
	wx_loop_untimer(v->loop, &v->timer);
	wx_loop_untimer(v->loop, &v->retry);
	wx_link_close(v->link);
	v->link = NULL;
	if (v->watch.fd >= 0)
		wx_loop_unwatch(v->loop, &v->watch);
	if (v->watch.fd > 0)
		close(v->watch.fd);
	v->watch.fd = -1;
	if (v->kind->talk->down)
		v->kind->talk->down(v);
}

/* Said once until it is back: a port may be away for weeks. */
void live_lost(struct live *v, const char *why)
{
	close_port(v);
	if (!v->told_lost)
		wx_warn(v->opts->log, "%s: %s: trying again until it is back",
			v->opts->port, why);
	v->told_lost = true;
	wx_loop_timer(v->loop, &v->retry, v->wait_s, &v->failure);
	v->wait_s = fmin(2 * v->wait_s, MAX_WAIT_S);
}

static void on_retry(struct wx_timer *t)
{
	struct live *v = LIVE_OF(t, retry);
	struct wx_error err = { 0 };

	if (connect_port(v, &err))
		live_lost(v, err.text);
}

static void take(struct live *v, const void *data, size_t n, struct wx_time at)
{
	v->wait_s = FIRST_WAIT_S;
	if (v->told_lost)
		wx_warn(v->opts->log, "%s: it is back", v->opts->port);
	v->told_lost = false;
	v->kind->talk->data(v, data, n, at);
}

static void on_data(void *ctx, const void *data, size_t n, struct wx_time at)
{
	take(ctx, data, n, at);
}

static void on_lost(void *ctx, const struct wx_error *why)
{
	live_lost(ctx, why->text);
}

/* "tcp:HOST:PORT" is the link's "tcp://HOST:PORT". */
static int open_link(struct live *v, struct wx_error *err)
{
	const struct wx_link_calls calls = { .data = on_data,
					     .lost = on_lost,
					     .ctx = v };
	const char *port = v->opts->port;
	int baud = v->opts->baud ? v->opts->baud : v->kind->baud;
	bool tcp = !strncmp(port, "tcp:", 4);
	char *address = tcp ? wx_strf("tcp://%s", port + 4) : NULL;
	int rc;

	if (tcp && !address)
		return wx_fail_nomem(err);
	rc = wx_link_open(v->loop, tcp ? address : port, baud, &calls, &v->link,
			  err);
	free(address);
	return rc;
}

/* Datagrams whole, each the end of a line; of stdin what is there. */
static void on_ready(struct wx_watch *w, short revents)
{
	struct live *v = LIVE_OF(w, watch);
	struct wx_time at = wx_time_now();
	int64_t ms = WX_NS_PER_S / 1000;
	uint8_t *in = malloc(IN_SIZE);
	int most = v->is_stdin ? 1 : MAX_READS;

	(void)revents;
	/* The millisecond it is in: rounded up, the next might be tomorrow. */
	at.utc_ns = at.utc_ns / ms * ms;
	if (!in)
		wx_fail_nomem(&v->failure);
	for (int i = 0; in && i < most && w->fd >= 0; i++) {
		ssize_t n = v->is_stdin
				    ? read(w->fd, in, IN_SIZE)
				    : recv(w->fd, in, IN_SIZE, MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			break;
		if (v->is_stdin && n <= 0) {
			v->ended = true;
			close_port(v);
			break;
		}
		if (n > 0)
			take(v, in, (size_t)n, at);
		if (!v->is_stdin && v->kind->talk->packet_end)
			v->kind->talk->packet_end(v);
	}
	free(in);
}

/* HOST:PORT of this computer; without HOST, all of it. */
static int listen_udp(struct live *v, struct wx_error *err)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
				  .ai_flags = AI_PASSIVE };
	const char *where = v->opts->port + 4, *colon = strrchr(where, ':');
	char *host = colon ? strndup(where, (size_t)(colon - where)) : NULL;
	struct addrinfo *list = NULL;
	int failed, on = 1;

	if (colon && !host)
		return wx_fail_nomem(err);
	if (colon && !*host)
		hints.ai_family = AF_INET; /* what broadcasts come by */
	failed = !colon || !colon[1] ? EAI_NONAME
				     : getaddrinfo(*host ? host : NULL,
						   colon + 1, &hints, &list);
	free(host);
	if (failed)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected udp::PORT or udp:ADDRESS:PORT of "
			       "this computer: %s",
			       v->opts->port, gai_strerror(failed));
	v->watch.fd = socket(list->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (v->watch.fd >= 0)
		setsockopt(v->watch.fd, SOL_SOCKET, SO_REUSEADDR, &on,
			   sizeof(on));
	failed = v->watch.fd < 0 ||
		 bind(v->watch.fd, list->ai_addr, list->ai_addrlen) != 0;
	freeaddrinfo(list);
	return failed ? wx_fail_errno(err, "%s: cannot listen there",
				      v->opts->port)
		      : WX_OK;
}

static int connect_port(struct live *v, struct wx_error *err)
{
	const char *port = v->opts->port;
	int rc = WX_OK;

	v->is_stdin = !strcmp(port, "-");
	if (v->is_stdin)
		v->watch.fd = STDIN_FILENO;
	else if (!strncmp(port, "udp:", 4))
		rc = listen_udp(v, err);
	else if (port[0] == '/' || !strncmp(port, "tcp:", 4))
		rc = open_link(v, err);
	else
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "'%s': expected /dev/PORT, tcp:HOST:PORT, "
			     "udp::PORT or -",
			     port);
	if (!rc && v->watch.fd >= 0) {
		v->watch.ready = on_ready;
		v->watch.events = POLLIN;
		rc = wx_loop_watch(v->loop, &v->watch, err);
	}
	if (!rc && v->kind->talk->up)
		v->kind->talk->up(v);
	return rc;
}

/* ---- the run ---- */

static int run(struct live *v, struct wx_error *err)
{
	int rc = connect_port(v, err);

	/* What was never there is a slip of the pen, mostly. */
	while (!rc && !v->ended && !v->opts->stopped()) {
		v->loop->step(v->loop, STEP_MS);
		rc = v->failure.code;
		if (!rc)
			rc = wx_livelog_sync(v->log, false, &v->failure);
		if (rc)
			wx_fail(err, rc, "%s", v->failure.text);
	}
	close_port(v);
	return rc;
}

int wx_live_run(const struct wx_live_opts *opts, uint64_t *n_lines,
		struct wx_error *err)
{
	struct live *v = calloc(1, sizeof(*v));
	int rc, rc_log;

	*n_lines = 0;
	if (!v)
		return wx_fail_nomem(err);
	v->opts = opts;
	v->watch.fd = -1;
	v->retry.fire = on_retry;
	v->timer.fire = on_timer;
	v->wait_s = FIRST_WAIT_S;
	rc = find_kind(v, err);
	if (!rc && v->kind->talk != &live_lines && opts->port[0] != '/' &&
	    strncmp(opts->port, "tcp:", 4) != 0)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: a console must be asked: expected /dev/PORT "
			     "or tcp:HOST:PORT",
			     opts->port);
	if (!rc)
		rc = wx_livelog_new(opts->dir, v->kind->talk->extension,
				    v->kind->talk->record, opts->log, &v->log,
				    err);
	if (!rc)
		rc = wx_node_loop_new(&v->loop, err);
	if (!rc)
		rc = v->kind->talk->open(v, err);
	if (!rc)
		rc = run(v, err);
	*n_lines = v->n_lines;
	if (v->talk_ctx)
		v->kind->talk->close(v);
	if (v->loop)
		v->loop->free(v->loop);
	rc_log = wx_livelog_free(v->log, err);
	free(v);
	return rc ? rc : rc_log;
}
