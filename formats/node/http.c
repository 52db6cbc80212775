/* SPDX-License-Identifier: MIT */
/*
 * formats/node/http.c: a node over HTTP, wxset-node(7).
 *
 *     GET index.jsl, NAME    Range, If-Range, If-None-Match
 *     GET clock?t1=US        {"t1":..,"b":17,"m2":..,"m3":..,"r":..,...}
 *     GET info               {"id":..,"fw":..,"fs_free":..,"vbat":..,...}
 *     DELETE NAME            If-Match
 *
 * Of libcurl only the transport is used. It is never told to resume, for then
 * it appends whatever comes: a 416's text, a 200's whole file, a 206 from an
 * earlier offset. The status and Content-Range are read here and told to the
 * engine, which places the bytes. Redirects are not followed and no proxy is
 * used: a node is a board at hand, and its token is nobody else's.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "node/answer.h"
#include "node/http_head.h"
#include "node/httpcond.h"
#include "node/info.h"
#include "node/loop.h"
#include "node/node.h"

enum {
	BUFFER_SIZE = 256 << 10,
	LOW_SPEED_BYTES_S = 64, /* below it a node is as good as silent */
	MAX_ANSWER = 4096, /* of clock, info; also what is read of an error */
};

struct http_node {
	struct wx_node_loop *loop;
	char *base; /* URL, ends in '/' */
	char *auth; /* header line, or NULL */
	const char *pin;
	double timeout_s;
};

struct http_req {
	struct wx_transfer t; /* first */
	struct http_node *node;
	struct wx_node_req *req;
	struct curl_slist *fields;
	long status;
	bool has_range, is_html, encoded, head_told, stopped;
	int64_t start, end, total; /* of Content-Range */
	struct wx_node_head head;
	char answer[MAX_ANSWER];
	size_t n_answer;
	struct wx_moment t1, t4; /* asked, answered */
	struct wx_error why;
};

/* ---- what comes ---- */

static bool is_field(const char *line, size_t n, const char *name,
		     const char **value, size_t *n_value)
{
	size_t n_name = strlen(name);

	if (n <= n_name || strncasecmp(line, name, n_name) != 0 ||
	    line[n_name] != ':')
		return false;
	*value = line + n_name + 1;
	*n_value = n - n_name - 1;
	while (*n_value && strchr(" \t", **value)) {
		(*value)++;
		(*n_value)--;
	}
	while (*n_value && strchr(" \t\r\n", (*value)[*n_value - 1]))
		(*n_value)--;
	return true;
}

/* Each line of the head; the status line of the last one counts. */
static size_t on_line(char *line, size_t size, size_t n, void *ctx)
{
	struct http_req *h = ctx;
	const char *v;
	size_t k;

	n *= size;
	if (n > 5 && strncmp(line, "HTTP/", 5) == 0) {
		h->t4 = wx_moment_now();
		h->has_range = h->is_html = h->encoded = false;
		h->head = (struct wx_node_head){ 0 };
	} else if (h->head_told) {
		return n; /* a trailer */
	} else if (is_field(line, n, "Content-Range", &v, &k)) {
		h->has_range =
			wx_http_range(v, k, &h->start, &h->end, &h->total);
	} else if (is_field(line, n, "ETag", &v, &k)) {
		wx_http_etag(v, k, &h->head);
	} else if (is_field(line, n, "Repr-Digest", &v, &k)) {
		h->head.has_sha256 = wx_http_repr_digest(v, k, h->head.sha256);
	} else if (is_field(line, n, "Content-Type", &v, &k)) {
		h->is_html = k >= 9 && strncasecmp(v, "text/html", 9) == 0;
	} else if (is_field(line, n, "Content-Encoding", &v, &k)) {
		h->encoded = k != 8 || strncasecmp(v, "identity", 8) != 0;
	}
	return n;
}

static bool is_body(const struct http_req *h)
{
	return h->req->op == WX_NODE_GET &&
	       (h->status == 200 || h->status == 206);
}

/* Before the first byte of a file: what kind of answer is it? */
static bool tell_head(struct http_req *h)
{
	struct wx_node_head *head = &h->head;
	curl_off_t length = -1;

	h->head_told = true;
	curl_easy_getinfo(h->t.easy, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T,
			  &length);
	if (h->is_html)
		wx_fail(&h->why, WX_ERR_FORMAT,
			"answered with a page of HTML, not with the file");
	else if (h->encoded)
		wx_fail(&h->why, WX_ERR_FORMAT,
			"answered in an encoding nobody asked for");
	else if (h->status == 206 && !h->has_range)
		wx_fail(&h->why, WX_ERR_FORMAT,
			"answered 206 without a Content-Range to go by");
	if (h->why.code)
		return false;
	head->start = h->status == 206 ? h->start : 0;
	head->total = h->status == 206 ? h->total : (int64_t)length;
	/*
	 * nginx writes "MTIME-LENGTH", both in hex, which looks the same but
	 * for the length: only where that is right the first part is a CRC.
	 */
	head->has_crc = head->has_crc && head->total > 9 &&
			head->etag_len == head->total;
	h->stopped = h->req->head && h->req->head(h->req, head) != WX_OK;
	return !h->stopped;
}

static size_t on_body(char *data, size_t size, size_t n, void *ctx)
{
	struct http_req *h = ctx;
	size_t room = sizeof(h->answer) - h->n_answer;

	n *= size;
	if (!h->status)
		curl_easy_getinfo(h->t.easy, CURLINFO_RESPONSE_CODE,
				  &h->status);
	if (!is_body(h)) {
		/* Enough to keep the connection, no more. */
		if (n > room)
			return CURL_WRITEFUNC_ERROR;
		memcpy(h->answer + h->n_answer, data, n);
		h->n_answer += n;
		return n;
	}
	if (!h->head_told && !tell_head(h))
		return CURL_WRITEFUNC_ERROR;
	if (h->req->data(h->req, data, n) != WX_OK) {
		h->stopped = true;
		return CURL_WRITEFUNC_ERROR;
	}
	return n;
}

/* The last moment before the request goes out. */
static int on_send(void *ctx, char *ip, char *local_ip, int port,
		   int local_port)
{
	struct http_req *h = ctx;

	(void)ip;
	(void)local_ip;
	(void)port;
	(void)local_port;
	h->t1 = wx_moment_now();
	return CURL_PREREQFUNC_OK;
}

/* ---- how it ended ---- */

/* The answer as a line of clock.jsonl; NULL: of no use. */
static json_t *exchange(const struct http_req *h)
{
	json_t *doc = NULL, *line = NULL;

	if (!wx_json_parse(h->answer, h->n_answer, "clock", NULL, &doc, NULL))
		line = wx_node_exchange(doc, h->t1, h->t4);
	json_decref(doc);
	return line;
}

/* The answer, checked; NULL: of no use. */
static json_t *info(const struct http_req *h)
{
	json_t *doc = NULL, *out = NULL;

	if (!wx_json_parse(h->answer, h->n_answer, "info", NULL, &doc, NULL))
		out = wx_node_info(doc);
	json_decref(doc);
	return out;
}

static enum wx_node_end by_curl(struct http_req *h, CURLcode code)
{
	const char *text =
		h->t.error[0] ? h->t.error : curl_easy_strerror(code);
	char quoted[WX_QUOTE_SIZE];

	wx_quote(text, strlen(text), quoted);
	switch (code) {
	case CURLE_COULDNT_CONNECT:
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_OPERATION_TIMEDOUT:
		wx_fail(&h->why, WX_ERR_IO,
			"%s: is it on, in reach, and is its address right?",
			quoted);
		return WX_NODE_SILENT;
	default:
		wx_fail(&h->why, WX_ERR_IO, "%s", quoted);
	}
	switch (code) {
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return WX_NODE_DENIED;
	default:
		return WX_NODE_CUT;
	}
}

static enum wx_node_end by_status(struct http_req *h)
{
	enum wx_node_op op = h->req->op;

	switch (h->status) {
	case 200:
	case 202:
	case 204:
	case 206:
		if (op == WX_NODE_GET && h->status != 200 && h->status != 206)
			break;
		return WX_NODE_DONE;
	case 304:
		return WX_NODE_SAME;
	case 401:
	case 403:
		wx_fail(&h->why, WX_ERR_IO,
			"answered %ld: it wants a token (\"token_file\" in "
			"site.json), or another one",
			h->status);
		return WX_NODE_DENIED;
	case 404:
	case 410:
		return WX_NODE_GONE;
	case 409:
	case 412:
		return WX_NODE_CHANGED;
	case 416:
		return WX_NODE_RANGE;
	case 408:
	case 425:
	case 429:
		wx_fail(&h->why, WX_ERR_IO, "answered %ld", h->status);
		return WX_NODE_CUT;
	default:
		break;
	}
	if (h->status >= 300 && h->status < 400)
		wx_fail(&h->why, WX_ERR_IO,
			"answered %ld, a redirect; they are not followed: put "
			"the right address into site.json",
			h->status);
	else
		wx_fail(&h->why, WX_ERR_IO, "answered %ld", h->status);
	return h->status >= 500 && h->status != 501 ? WX_NODE_CUT
						    : WX_NODE_REFUSED;
}

static void req_free(struct http_req *h)
{
	if (h->t.easy)
		wx_loop_drop(h->node->loop, &h->t);
	curl_slist_free_all(h->fields);
	h->req->state = NULL;
	free(h);
}

static void ended(struct wx_transfer *t, CURLcode code)
{
	struct http_req *h = (struct http_req *)t;
	struct wx_node_req *req = h->req;
	enum wx_node_end end;
	struct wx_error why;
	json_t *answer = NULL;

	curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &h->status);
	if (code == CURLE_OK && is_body(h) && !h->head_told)
		tell_head(h); /* a file of 0 bytes */
	if (h->stopped)
		end = WX_NODE_STOPPED;
	else if (h->why.code)
		/* Without a range to ask for there is none to leave out. */
		end = h->status == 206 && !h->has_range && req->from > 0
			      ? WX_NODE_RANGE
			      : WX_NODE_REFUSED;
	else if (code != CURLE_OK && (is_body(h) || code != CURLE_WRITE_ERROR))
		end = by_curl(h, code);
	else
		end = by_status(h);
	if (req->op == WX_NODE_CLOCK && end == WX_NODE_DONE)
		answer = exchange(h);
	else if (req->op == WX_NODE_INFO && end == WX_NODE_DONE)
		answer = info(h);
	why = h->why;
	req_free(h); /* for the next request may start in done */
	req->answer = answer;
	req->done(req, end, &why);
	json_decref(answer);
}

/* ---- requests ---- */

static bool add_field(struct http_req *h, const char *fmt, ...) WX_PRINTF(2, 3);

static bool add_field(struct http_req *h, const char *fmt, ...)
{
	struct curl_slist *more = NULL;
	char *line = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&line, fmt, args) >= 0)
		more = curl_slist_append(h->fields, line);
	va_end(args);
	free(line);
	if (more)
		h->fields = more;
	return more != NULL;
}

/* The version that our bytes are of, as an entity tag; "" if unknown. */
static void tag_of(const struct wx_node_req *req, char tag[WX_ETAG_SIZE])
{
	tag[0] = '\0';
	if (req->etag && *req->etag)
		snprintf(tag, WX_ETAG_SIZE, "%s", req->etag);
	else if (req->has_crc)
		wx_etag_format(req->crc, (uint64_t)req->size_bytes, tag);
}

static bool set_fields(struct http_req *h)
{
	const struct wx_node_req *req = h->req;
	char tag[WX_ETAG_SIZE];
	bool ok = true;

	tag_of(req, tag);
	if (h->node->auth)
		ok = add_field(h, "%s", h->node->auth);
	if (req->op == WX_NODE_RELEASE)
		return ok && add_field(h, "If-Match: %s", tag);
	if (req->known)
		ok = ok && add_field(h, "If-None-Match: %s", req->known);
	if (req->op == WX_NODE_GET && req->from > 0) {
		ok = ok && add_field(h, "Range: bytes=%" PRId64 "-", req->from);
		if (*tag)
			ok = ok && add_field(h, "If-Range: %s", tag);
	}
	return ok;
}

static char *url_of(const struct http_req *h)
{
	char *path, *url;

	if (h->req->op == WX_NODE_CLOCK)
		return wx_strf("%sclock?t1=%" PRId64, h->node->base,
			       wx_moment_now().real_us);
	if (h->req->op == WX_NODE_INFO)
		return wx_strf("%sinfo", h->node->base);
	path = wx_http_path(h->req->name);
	url = path ? wx_strf("%s%s", h->node->base, path) : NULL;
	free(path);
	return url;
}

static void set_options(struct http_req *h, const char *url)
{
	CURL *e = h->t.easy;
	long timeout_s = lrint(ceil(h->node->timeout_s));

	curl_easy_setopt(e, CURLOPT_URL, url);
	curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(e, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(e, CURLOPT_PROXY, "");
	curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(e, CURLOPT_PATH_AS_IS, 1L);
	curl_easy_setopt(e, CURLOPT_USERAGENT, "wxset/" WX_VERSION);
	curl_easy_setopt(e, CURLOPT_BUFFERSIZE, (long)BUFFER_SIZE);
	curl_easy_setopt(e, CURLOPT_HTTPHEADER, h->fields);
	curl_easy_setopt(e, CURLOPT_HEADERFUNCTION, on_line);
	curl_easy_setopt(e, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(e, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(e, CURLOPT_PREREQFUNCTION, on_send);
	curl_easy_setopt(e, CURLOPT_PREREQDATA, h);
	curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS,
			 lrint(h->node->timeout_s * 1000));
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_LIMIT, (long)LOW_SPEED_BYTES_S);
	curl_easy_setopt(e, CURLOPT_LOW_SPEED_TIME, timeout_s);
	if (h->req->op != WX_NODE_GET)
		curl_easy_setopt(e, CURLOPT_TIMEOUT_MS,
				 lrint(h->node->timeout_s * 1000));
	if (h->req->op == WX_NODE_RELEASE)
		curl_easy_setopt(e, CURLOPT_CUSTOMREQUEST, "DELETE");
	if (h->node->pin) {
		/* The key says who it is, whoever signed it. */
		curl_easy_setopt(e, CURLOPT_PINNEDPUBLICKEY, h->node->pin);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(e, CURLOPT_SSL_VERIFYHOST, 0L);
	}
}

static void start(void *node, struct wx_node_req *req)
{
	struct http_node *n = node;
	struct http_req *h = calloc(1, sizeof(*h));
	struct wx_error why = { 0 };
	char *url = NULL;

	if (h) {
		h->node = n;
		h->req = req;
		h->t.done = ended;
		req->state = h;
		h->t.easy = wx_loop_easy(n->loop);
		url = h->t.easy && set_fields(h) ? url_of(h) : NULL;
	}
	if (url) {
		set_options(h, url);
		free(url);
		if (wx_loop_add(n->loop, &h->t))
			return;
	}
	if (h)
		req_free(h);
	wx_fail_nomem(&why);
	req->done(req, WX_NODE_REFUSED, &why);
}

static void cancel(void *node, struct wx_node_req *req)
{
	struct wx_error why = { 0 };

	(void)node;
	req_free(req->state);
	wx_fail(&why, WX_ERR_IO, "stopped");
	req->done(req, WX_NODE_STOPPED, &why);
}

/* ---- a node ---- */

static int read_token(struct http_node *n, const char *path, struct wx_log *log,
		      struct wx_error *err)
{
	char *token;
	bool others;
	int rc = wx_secret_read(path, &token, &others, err);

	if (rc)
		return rc;
	if (others)
		wx_warn(log, "%s: others may read this token: chmod 600 it",
			path);
	n->auth = wx_strf("Authorization: Bearer %s", token);
	wx_secret_free(token);
	return n->auth ? WX_OK : wx_fail_nomem(err);
}

static void node_close(void *node)
{
	struct http_node *n = node;

	if (n->auth)
		explicit_bzero(n->auth, strlen(n->auth));
	free(n->auth);
	free(n->base);
	free(n);
}

static int node_open(struct wx_node_loop *loop, const struct wx_site_node *site,
		     const struct wx_node_opts *opts, void **node,
		     struct wx_error *err)
{
	struct http_node *n = calloc(1, sizeof(*n));
	size_t len = strlen(site->source);
	int rc = WX_OK;

	*node = NULL;
	if (!n)
		return wx_fail_nomem(err);
	n->loop = loop;
	n->pin = site->pin;
	n->timeout_s = opts->timeout_s;
	n->base = wx_strf("%s%s", site->source,
			  site->source[len - 1] == '/' ? "" : "/");
	if (!n->base)
		rc = wx_fail_nomem(err);
	else if (strpbrk(site->source, "?#"))
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "its source has a query or fragment, expected "
			     "http://HOST[:PORT]/PATH/");
	if (!rc && site->token_file)
		rc = read_token(n, site->token_file, opts->log, err);
	if (rc)
		node_close(n);
	else
		*node = n;
	return rc;
}

#define HTTP_DRIVER(name, what)                        \
	const struct wx_node_driver wx_node_##name = { \
		.scheme = #name ":",                   \
		.desc = what,                          \
		.in_flight = 6,                        \
		.has_clock = true,                     \
		.has_loop = true,                      \
		.open = node_open,                     \
		.close = node_close,                   \
		.start = start,                        \
		.cancel = cancel,                      \
	}

HTTP_DRIVER(http, "a node over HTTP");
HTTP_DRIVER(https, "a node over HTTPS, its key pinned if it signed it itself");
