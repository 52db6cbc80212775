/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve.c: play a node over HTTP, as wx-node(7) has it.
 *
 *     GET      /cap/index.jsl   ETag; If-None-Match -> 304; Range
 *     GET HEAD /cap/NAME        ETag "<crc32>-<len>", Repr-Digest, Range,
 *                               If-Range; 206, 304, 412, 416
 *     GET      /cap/clock?t1=   {"t1","b","m2","m3","r","s","e"}; no-store
 *     POST     /cap/clock       {"utc"} -> 204
 *     GET      /cap/info        {"id","fw","fs_free","fs_total","rec",...}
 *     DELETE   /cap/NAME        If-Match -> 204; 412, 409, 428
 *
 * Here: who may ask, what is asked, and the threads that answer. The answers
 * are in serve_file.c and serve_clock.c.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "node/serve_in.h"

#define PREFIX "/cap/"

enum {
	IDLE_S = 60,   /* a connection that says nothing is closed */
	N_THREADS = 2, /* a long file's hash must not stop the clock */
	MAX_CONNECTIONS = 256,
};

/* ---- answers ---- */

void serve_header(struct MHD_Response *r, const char *name, const char *value)
{
	MHD_add_response_header(r, name, value);
}

/* Queue and drop our hold; r may be NULL (out of memory): closes. */
enum MHD_Result serve_send_off(struct MHD_Connection *c, unsigned status,
			       struct MHD_Response *r)
{
	enum MHD_Result rc;

	if (!r)
		return MHD_NO;
	rc = MHD_queue_response(c, status, r);
	MHD_destroy_response(r);
	return rc;
}

static struct MHD_Response *text_response(const char *text)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(
		strlen(text), (void *)text, MHD_RESPMEM_MUST_COPY);

	if (r)
		serve_header(r, "Content-Type", "text/plain; charset=utf-8");
	return r;
}

/* A short answer in words. */
enum MHD_Result serve_say(struct MHD_Connection *c, unsigned status,
			  const char *text)
{
	return serve_send_off(c, status, text_response(text));
}

enum MHD_Result serve_nothing(struct MHD_Connection *c, unsigned status)
{
	return serve_send_off(c, status,
			      MHD_create_response_from_buffer(
				      0, (void *)"", MHD_RESPMEM_PERSISTENT));
}

enum MHD_Result serve_not_allowed(struct MHD_Connection *c, const char *allow)
{
	struct MHD_Response *r = text_response("no such method here\n");

	if (r)
		serve_header(r, "Allow", allow);
	return serve_send_off(c, MHD_HTTP_METHOD_NOT_ALLOWED, r);
}

/* Takes doc. */
enum MHD_Result serve_json(struct MHD_Connection *c, json_t *doc)
{
	char *text =
		doc ? json_dumps(doc, JSON_COMPACT | JSON_REAL_PRECISION(12))
		    : NULL;
	struct MHD_Response *r = NULL;

	json_decref(doc);
	if (text)
		r = MHD_create_response_from_buffer(strlen(text), text,
						    MHD_RESPMEM_MUST_FREE);
	if (!r)
		return MHD_NO;
	serve_header(r, "Content-Type", "application/json");
	serve_header(r, "Cache-Control", "no-store");
	return serve_send_off(c, MHD_HTTP_OK, r);
}

const char *serve_asked(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static bool is(const char *method, const char *name)
{
	return !strcmp(method, name);
}

/* ---- requests ---- */

/* Takes as long for a wrong token as for the right one. */
static bool token_fits(const struct wx_serve *s, const char *given)
{
	const char *want = s->opts.token;
	size_t n_want, n_given;
	unsigned char diff = 0;

	if (!want)
		return true;
	if (!given || strncasecmp(given, "Bearer ", 7) != 0)
		return false;
	given += 7 + strspn(given + 7, " ");
	n_want = strlen(want);
	n_given = strlen(given);
	for (size_t i = 0; i < n_given; i++)
		diff |= (unsigned char)(given[i] ^ want[i % (n_want + 1)]);
	return n_given == n_want && diff == 0;
}

static enum MHD_Result answer(struct wx_serve *s, struct MHD_Connection *c,
			      const char *url, const char *method,
			      const struct serve_request *q)
{
	const char *name = url + strlen(PREFIX);

	/* A node that boots or is dead breaks off what it was asked. */
	if (wx_served_request(s->opts.node) != WX_SERVED_UP)
		return MHD_NO;
	if (!token_fits(s, serve_asked(c, "Authorization"))) {
		struct MHD_Response *r = text_response("a token is needed\n");

		if (r)
			serve_header(r, "WWW-Authenticate",
				     "Bearer realm=\"node\"");
		return serve_send_off(c, MHD_HTTP_UNAUTHORIZED, r);
	}
	if (strncmp(url, PREFIX, strlen(PREFIX)) != 0)
		return serve_say(c, MHD_HTTP_NOT_FOUND, "all is below /cap/\n");
	if (!strcmp(name, "clock")) {
		if (is(method, "POST"))
			return serve_post_clock(s, c, q);
		return is(method, "GET") ? serve_get_clock(s, c, q)
					 : serve_not_allowed(c, "GET, POST");
	}
	if (!strcmp(name, "info"))
		return is(method, "GET") ? serve_get_info(s, c)
					 : serve_not_allowed(c, "GET");
	return serve_file(s, c, method, name);
}

/* Called with the head, then with each part of a body, then once more. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c,
				  const char *url, const char *method,
				  const char *version, const char *body,
				  size_t *n_body, void **state)
{
	struct serve_request *q = *state;

	(void)version;
	if (!q) {
		q = calloc(1, sizeof(*q));
		if (!q)
			return MHD_NO;
		q->head_at = wx_time_now();
		*state = q;
		return MHD_YES;
	}
	if (*n_body > 0) {
		if (q->n_body + *n_body <= SERVE_MAX_BODY)
			memcpy(q->body + q->n_body, body, *n_body);
		q->n_body = q->n_body + *n_body <= SERVE_MAX_BODY
				    ? q->n_body + *n_body
				    : SERVE_MAX_BODY + 1;
		*n_body = 0;
		return MHD_YES;
	}
	return answer(ctx, c, url, method, q);
}

static void on_done(void *ctx, struct MHD_Connection *c, void **state,
		    enum MHD_RequestTerminationCode why)
{
	(void)ctx;
	(void)c;
	(void)why;
	free(*state);
	*state = NULL;
}

static void keep_quiet(void *ctx, const char *fmt, va_list args)
{
	(void)ctx;
	(void)fmt;
	(void)args; /* lib/ and formats/ never print */
}

/* Listens on the port asked for, and says in url which it is. */
static int listen_on(struct wx_serve *s, struct wx_error *err)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons(s->opts.port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const union MHD_DaemonInfo *info;

	errno = 0;
	s->daemon = MHD_start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG |
			MHD_USE_TURBO,
		0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER,
		keep_quiet, NULL, MHD_OPTION_SOCK_ADDR, &at,
		MHD_OPTION_NOTIFY_COMPLETED, on_done, NULL,
		MHD_OPTION_THREAD_POOL_SIZE, (unsigned)N_THREADS,
		MHD_OPTION_CONNECTION_LIMIT, (unsigned)MAX_CONNECTIONS,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)IDLE_S,
		MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u, MHD_OPTION_END);
	if (!s->daemon)
		return wx_fail_errno(err,
				     "node %s: cannot listen on "
				     "127.0.0.1:%u",
				     wx_served_id(s->opts.node), s->opts.port);
	info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u" PREFIX,
		 info ? info->port : s->opts.port);
	return WX_OK;
}

int wx_serve_start(const struct wx_serve_opts *opts, struct wx_serve **out,
		   struct wx_error *err)
{
	struct wx_serve *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (!s)
		return wx_fail_nomem(err);
	s->opts = *opts;
	rc = listen_on(s, err);
	if (rc == WX_OK) {
		*out = s;
		s = NULL;
	}
	wx_serve_stop(s);
	return rc;
}

const char *wx_serve_url(const struct wx_serve *s)
{
	return s->url;
}

void wx_serve_stop(struct wx_serve *s)
{
	if (!s)
		return;
	if (s->daemon)
		MHD_stop_daemon(s->daemon);
	free(s);
}
