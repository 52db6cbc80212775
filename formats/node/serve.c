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
 * The rules of ranges and conditions are those of RFC 9110 sections 13, 14;
 * Repr-Digest is RFC 9530's. A file goes out by sendfile.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "node/httpcond.h"
#include "node/serve.h"
#include "node/store.h"

#define PREFIX "/cap/"

enum {
	MAX_BODY = 1024, /* of a POST: {"utc":...} needs 30 */
	IDLE_S = 60,     /* a connection that says nothing is closed */
	N_THREADS = 2,   /* a long file's hash must not stop the clock */
	MAX_CONNECTIONS = 256,
};

struct wx_serve {
	struct wx_serve_opts opts;
	struct wx_store *store;
	struct MHD_Daemon *daemon;
	struct wx_time start;
	int64_t boot; /* of the default clock */
	char url[48];
	/* The real-time clock after POST: r = m + set_offset_us in set_boot. */
	pthread_mutex_t lock;
	int64_t set_boot, set_offset_us;
};

/* One request, from its head to its answer. */
struct request {
	struct wx_time head_at; /* when its head was there */
	size_t n_body;
	char body[MAX_BODY + 1];
};

/* ---- answers ---- */

static void header(struct MHD_Response *r, const char *name, const char *value)
{
	MHD_add_response_header(r, name, value);
}

/* Queue and drop our hold; r may be NULL (out of memory): closes. */
static enum MHD_Result send_off(struct MHD_Connection *c, unsigned status,
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
		header(r, "Content-Type", "text/plain; charset=utf-8");
	return r;
}

/* A short answer in words. */
static enum MHD_Result say(struct MHD_Connection *c, unsigned status,
			   const char *text)
{
	return send_off(c, status, text_response(text));
}

static enum MHD_Result nothing(struct MHD_Connection *c, unsigned status)
{
	return send_off(c, status,
			MHD_create_response_from_buffer(
				0, (void *)"", MHD_RESPMEM_PERSISTENT));
}

static enum MHD_Result not_allowed(struct MHD_Connection *c, const char *allow)
{
	struct MHD_Response *r = text_response("no such method here\n");

	if (r)
		header(r, "Allow", allow);
	return send_off(c, MHD_HTTP_METHOD_NOT_ALLOWED, r);
}

/* Takes doc. */
static enum MHD_Result say_json(struct MHD_Connection *c, json_t *doc)
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
	header(r, "Content-Type", "application/json");
	header(r, "Cache-Control", "no-store");
	return send_off(c, MHD_HTTP_OK, r);
}

static const char *asked(struct MHD_Connection *c, const char *name)
{
	return MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static bool is(const char *method, const char *name)
{
	return !strcmp(method, name);
}

/* ---- /cap/NAME ---- */

static const char *content_type(const char *name)
{
	static const char *const types[][2] = {
		{ ".wav", "audio/wav" },
		{ ".csv", "text/csv" },
		{ ".jsl", "application/jsonl" },
	};
	size_t n = strlen(name);

	for (size_t i = 0; i < WX_COUNT(types); i++)
		if (n > 4 && !strcasecmp(name + n - 4, types[i][0]))
			return types[i][1];
	return "application/octet-stream";
}

/* "sha-256=:<base64>:", of the whole file whatever part of it is sent. */
static void digest_format(const uint8_t sha256[WX_SHA256_LEN],
			  char buf[WX_DIGEST_SIZE])
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmno"
				     "pqrstuvwxyz0123456789+/";
	char *at = buf + sprintf(buf, "sha-256=:");

	for (size_t i = 0; i < WX_SHA256_LEN; i += 3) {
		uint32_t v = (uint32_t)sha256[i] << 16;

		if (i + 1 < WX_SHA256_LEN)
			v |= (uint32_t)sha256[i + 1] << 8;
		if (i + 2 < WX_SHA256_LEN)
			v |= sha256[i + 2];
		for (int shift = 18; shift >= 0; shift -= 6)
			*at++ = digits[v >> shift & 63];
	}
	at[-1] = '='; /* 32 bytes: the last group holds two */
	strcpy(at, ":");
}

/* What every answer that concerns a file's bytes says of them. */
static void describe(struct MHD_Response *r, const char *name, const char *tag,
		     const struct wx_store_file *f)
{
	char digest[WX_DIGEST_SIZE];

	digest_format(f->sha256, digest);
	header(r, "ETag", tag);
	header(r, "Repr-Digest", digest);
	header(r, "Accept-Ranges", "bytes");
	header(r, "Cache-Control", "no-cache"); /* ask again, by ETag */
	header(r, "Content-Type", content_type(name));
}

/* The bytes [first, first + n) of f, or an answer without any. */
static enum MHD_Result send_part(struct MHD_Connection *c, const char *name,
				 const char *tag, struct wx_store_file *f,
				 unsigned status, uint64_t first, uint64_t n)
{
	char range[80];
	struct MHD_Response *r;

	if (n > 0) {
		r = MHD_create_response_from_fd_at_offset64(n, f->fd, first);
		if (r)
			f->fd = -1; /* the response's now */
	} else {
		r = MHD_create_response_from_buffer(0, (void *)"",
						    MHD_RESPMEM_PERSISTENT);
	}
	if (!r)
		return MHD_NO;
	describe(r, name, tag, f);
	if (status == MHD_HTTP_PARTIAL_CONTENT) {
		snprintf(range, sizeof(range),
			 "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, first,
			 first + n - 1, f->size_bytes);
		header(r, "Content-Range", range);
	} else if (status == MHD_HTTP_RANGE_NOT_SATISFIABLE) {
		snprintf(range, sizeof(range), "bytes */%" PRIu64,
			 f->size_bytes);
		header(r, "Content-Range", range);
	}
	return send_off(c, status, r);
}

static enum MHD_Result get_file(struct MHD_Connection *c, bool head,
				const char *name, const char *tag,
				struct wx_store_file *f)
{
	const char *match = asked(c, "If-Match"),
		   *none = asked(c, "If-None-Match"),
		   *range = asked(c, "Range"), *if_range = asked(c, "If-Range");
	uint64_t first, n;

	if (match && !wx_etag_listed(match, tag, false))
		return say(c, MHD_HTTP_PRECONDITION_FAILED,
			   "the file is not what If-Match names\n");
	if (none && wx_etag_listed(none, tag, true))
		return send_part(c, name, tag, f, MHD_HTTP_NOT_MODIFIED, 0, 0);
	/* Ranges are GET's alone, and only of the file that was begun. */
	if (head || (if_range && strcmp(if_range, tag) != 0))
		range = NULL;
	switch (wx_range_parse(range, f->size_bytes, &first, &n)) {
	case WX_RANGE_PART:
		return send_part(c, name, tag, f, MHD_HTTP_PARTIAL_CONTENT,
				 first, n);
	case WX_RANGE_NOWHERE:
		return send_part(c, name, tag, f,
				 MHD_HTTP_RANGE_NOT_SATISFIABLE, 0, 0);
	case WX_RANGE_ALL:
		break;
	}
	return send_part(c, name, tag, f, MHD_HTTP_OK, 0, f->size_bytes);
}

/* Only bytes that the host can name, of a capture that is closed. */
static enum MHD_Result delete_file(struct wx_serve *s, struct MHD_Connection *c,
				   const char *name, const char *tag,
				   const struct wx_store_file *f)
{
	const char *match = asked(c, "If-Match");
	bool gone = false;

	if (!strcmp(name, "index.jsl"))
		return not_allowed(c, "GET, HEAD");
	/* "*" would release what the host never saw. */
	if (!match || !strcmp(match, "*"))
		return say(c, MHD_HTTP_PRECONDITION_REQUIRED,
			   "If-Match must name the file by its ETag\n");
	if (f->is_open)
		return say(c, MHD_HTTP_CONFLICT, "still open\n");
	if (wx_etag_listed(match, tag, false)) {
		if (wx_store_remove(s->store, name, f->size_bytes, f->crc,
				    &gone, NULL) != WX_OK)
			return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
				   "cannot delete\n");
	}
	return gone ? nothing(c, MHD_HTTP_NO_CONTENT)
		    : say(c, MHD_HTTP_PRECONDITION_FAILED,
			  "the file is not what If-Match names\n");
}

static enum MHD_Result on_file(struct wx_serve *s, struct MHD_Connection *c,
			       const char *method, const char *name)
{
	struct wx_store_file f;
	char tag[WX_ETAG_SIZE];
	enum MHD_Result rc;

	if (!is(method, "GET") && !is(method, "HEAD") && !is(method, "DELETE"))
		return not_allowed(c, "GET, HEAD, DELETE");
	if (wx_store_get(s->store, name, &f, NULL) != WX_OK)
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "cannot read\n");
	if (f.fd < 0)
		return say(c, MHD_HTTP_NOT_FOUND, "no such file\n");
	wx_etag_format(f.crc, f.size_bytes, tag);
	rc = is(method, "DELETE")
		     ? delete_file(s, c, name, tag, &f)
		     : get_file(c, is(method, "HEAD"), name, tag, &f);
	if (f.fd >= 0)
		close(f.fd);
	return rc;
}

/* ---- /cap/clock and /cap/info ---- */

static bool clock_now(struct wx_serve *s, struct wx_time now,
		      struct wx_node_now *out)
{
	*out = (struct wx_node_now){ .state = "none", .error_ms = -1 };
	if (s->opts.clock) {
		if (!s->opts.clock(s->opts.clock_ctx, now, out))
			return false;
	} else {
		out->boot = s->boot;
		out->m_us = (now.utc_ns - s->start.utc_ns) / WX_NS_PER_US;
	}
	pthread_mutex_lock(&s->lock);
	if (s->set_boot == out->boot) {
		out->has_rtc = true;
		out->r_us = out->m_us + s->set_offset_us;
		out->state = "set";
		out->error_ms = -1;
	}
	pthread_mutex_unlock(&s->lock);
	return true;
}

static enum MHD_Result get_clock(struct wx_serve *s, struct MHD_Connection *c,
				 const struct request *q)
{
	const char *t1 =
		MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "t1");
	int64_t t1_us = 0;
	struct wx_node_now in, out;
	json_t *doc;

	if (t1 && !wx_i64_parse(t1, strlen(t1), &t1_us))
		return say(c, MHD_HTTP_BAD_REQUEST,
			   "t1 must be whole microseconds\n");
	if (!clock_now(s, q->head_at, &in))
		return say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "no power\n");
	doc = json_pack("{s:I s:I s:s}", "b", (json_int_t)in.boot, "m2",
			(json_int_t)in.m_us, "s", in.state);
	if (doc && t1)
		json_object_set_new(doc, "t1", json_integer(t1_us));
	if (doc && in.has_rtc)
		json_object_set_new(doc, "r", json_integer(in.r_us));
	if (doc && in.error_ms >= 0)
		json_object_set_new(doc, "e", json_integer(in.error_ms));
	if (doc && clock_now(s, wx_time_now(), &out)) /* last of all */
		json_object_set_new(doc, "m3", json_integer(out.m_us));
	return say_json(c, doc);
}

/* Set the real-time clock, and log the step as a node must. */
static enum MHD_Result post_clock(struct wx_serve *s, struct MHD_Connection *c,
				  const struct request *q)
{
	json_t *doc, *event = NULL;
	struct wx_node_now now;
	char *line = NULL;
	int64_t utc_us;
	enum MHD_Result rc = MHD_NO;

	if (q->n_body > MAX_BODY)
		return say(c, MHD_HTTP_CONTENT_TOO_LARGE, "too long\n");
	doc = json_loadb(q->body, q->n_body, 0, NULL);
	if (!json_is_integer(json_object_get(doc, "utc"))) {
		rc = say(c, MHD_HTTP_BAD_REQUEST,
			 "expected {\"utc\": Unix microseconds}\n");
		goto out;
	}
	utc_us = wx_json_i64(doc, "utc", 0);
	if (!clock_now(s, q->head_at, &now)) {
		rc = say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "no power\n");
		goto out;
	}
	event = json_pack("{s:s s:I s:I s:I}", "ev", "set", "b",
			  (json_int_t)now.boot, "m", (json_int_t)now.m_us,
			  "utc", (json_int_t)utc_us);
	if (event && now.has_rtc)
		json_object_set_new(event, "r", json_integer(now.r_us));
	line = event ? json_dumps(event, JSON_COMPACT) : NULL;
	if (!line)
		goto out;
	if (wx_store_append(s->store, line, NULL) != WX_OK) {
		rc = say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "cannot log it\n");
		goto out;
	}
	pthread_mutex_lock(&s->lock);
	s->set_boot = now.boot;
	s->set_offset_us = utc_us - now.m_us;
	pthread_mutex_unlock(&s->lock);
	rc = nothing(c, MHD_HTTP_NO_CONTENT);
out:
	free(line);
	json_decref(event);
	json_decref(doc);
	return rc;
}

static enum MHD_Result get_info(struct wx_serve *s, struct MHD_Connection *c)
{
	struct wx_store_state st;
	json_t *doc;

	if (wx_store_state(s->store, &st, NULL) != WX_OK)
		return say(c, MHD_HTTP_INTERNAL_SERVER_ERROR, "cannot read\n");
	doc = json_pack("{s:s s:s s:I s:I s:o}", "id", s->opts.id, "fw",
			s->opts.fw ? s->opts.fw : "wx-sim " WX_VERSION,
			"fs_free", (json_int_t)st.fs_free, "fs_total",
			(json_int_t)st.fs_total, "rec",
			st.recording[0] ? json_string(st.recording)
					: json_null());
	if (doc && !isnan(s->opts.vbat_v))
		json_object_set_new(doc, "vbat", json_real(s->opts.vbat_v));
	if (doc && !isnan(s->opts.rssi_dbm))
		json_object_set_new(doc, "rssi",
				    json_integer(lrint(s->opts.rssi_dbm)));
	return say_json(c, doc);
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
			      const struct request *q)
{
	const char *name = url + strlen(PREFIX);

	if (!token_fits(s, asked(c, "Authorization"))) {
		struct MHD_Response *r = text_response("a token is needed\n");

		if (r)
			header(r, "WWW-Authenticate", "Bearer realm=\"node\"");
		return send_off(c, MHD_HTTP_UNAUTHORIZED, r);
	}
	if (strncmp(url, PREFIX, strlen(PREFIX)) != 0)
		return say(c, MHD_HTTP_NOT_FOUND, "all is below /cap/\n");
	if (!strcmp(name, "clock")) {
		if (is(method, "POST"))
			return post_clock(s, c, q);
		return is(method, "GET") ? get_clock(s, c, q)
					 : not_allowed(c, "GET, POST");
	}
	if (!strcmp(name, "info"))
		return is(method, "GET") ? get_info(s, c)
					 : not_allowed(c, "GET");
	return on_file(s, c, method, name);
}

/* Called with the head, then with each part of a body, then once more. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *c,
				  const char *url, const char *method,
				  const char *version, const char *body,
				  size_t *n_body, void **state)
{
	struct request *q = *state;

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
		if (q->n_body + *n_body <= MAX_BODY)
			memcpy(q->body + q->n_body, body, *n_body);
		q->n_body = q->n_body + *n_body <= MAX_BODY
				    ? q->n_body + *n_body
				    : MAX_BODY + 1;
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
				     s->opts.id, s->opts.port);
	info = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);
	snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%u" PREFIX,
		 info ? info->port : s->opts.port);
	return WX_OK;
}

int wx_serve_start(const struct wx_serve_opts *opts, struct wx_serve **out,
		   struct wx_error *err)
{
	struct wx_serve *s = calloc(1, sizeof(*s));
	struct wx_store_state st;
	int rc;

	*out = NULL;
	if (!s)
		return wx_fail_nomem(err);
	s->opts = *opts;
	s->set_boot = INT64_MIN;
	pthread_mutex_init(&s->lock, NULL);
	rc = wx_store_open(opts->root, &s->store, err);
	if (rc != WX_OK)
		goto out;
	rc = wx_store_state(s->store, &st, err);
	if (rc != WX_OK)
		goto out;
	s->boot = st.boot + 1;
	s->start = wx_time_now();
	rc = listen_on(s, err);
	if (rc == WX_OK) {
		*out = s;
		s = NULL;
	}
out:
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
	wx_store_close(s->store);
	pthread_mutex_destroy(&s->lock);
	free(s);
}
