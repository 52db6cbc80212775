/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve_file.c: GET, HEAD and DELETE of a node's files.
 *
 * The rules of ranges and conditions are those of RFC 9110 sections 13, 14;
 * Repr-Digest is RFC 9530's. A file goes out by sendfile, unless a fault of the
 * node (node/fault.h) breaks it off.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/base64.h"
#include "node/httpcond.h"
#include "node/serve_in.h"

enum { WRONG_BY = 1000 }; /* bytes that a wrong range begins too early */

static bool is(const char *method, const char *name)
{
	return !strcmp(method, name);
}

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
	char *at = buf + sprintf(buf, "sha-256=:");

	at += wx_base64_put(sha256, WX_SHA256_LEN, at);
	strcpy(at, ":");
}

/* What every answer that concerns a file's bytes says of them. */
static void describe(struct MHD_Response *r, const char *name, const char *tag,
		     const struct wx_store_file *f)
{
	char digest[WX_DIGEST_SIZE];

	digest_format(f->sha256, digest);
	serve_header(r, "ETag", tag);
	serve_header(r, "Repr-Digest", digest);
	serve_header(r, "Accept-Ranges", "bytes");
	serve_header(r, "Cache-Control", "no-cache"); /* ask again, by ETag */
	serve_header(r, "Content-Type", content_type(name));
}

/* ---- bodies ---- */

/* A body that is read piece by piece, and may break off. */
struct pieces {
	int fd;
	uint64_t first, left;
};

static ssize_t read_piece(void *ctx, uint64_t pos, char *buf, size_t max)
{
	struct pieces *p = ctx;
	ssize_t n;

	(void)pos;
	if (p->left == 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	n = pread(p->fd, buf, max < p->left ? max : p->left, (off_t)p->first);
	if (n <= 0)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	p->first += (uint64_t)n;
	p->left -= (uint64_t)n;
	return n;
}

static ssize_t read_chunk(void *ctx, uint64_t pos, char *buf, size_t max)
{
	struct pieces *p = ctx;

	return p->left == 0 ? MHD_CONTENT_READER_END_OF_STREAM
			    : read_piece(ctx, pos, buf, max);
}

static void free_pieces(void *ctx)
{
	struct pieces *p = ctx;

	close(p->fd);
	free(p);
}

/*
 * n bytes from first on, of which sent are sent before the connection breaks
 * off; chunked: without telling how many.
 */
static struct MHD_Response *body_of(struct wx_store_file *f, uint64_t first,
				    uint64_t n, uint64_t sent, bool chunked)
{
	struct MHD_Response *r;
	struct pieces *p;

	if (sent >= n && !chunked) {
		r = MHD_create_response_from_fd_at_offset64(n, f->fd, first);
		if (r)
			f->fd = -1; /* the response's now */
		return r;
	}
	p = malloc(sizeof(*p));
	if (!p)
		return NULL;
	*p = (struct pieces){ f->fd, first, sent < n ? sent : n };
	r = MHD_create_response_from_callback(
		chunked ? MHD_SIZE_UNKNOWN : n, 1 << 16,
		chunked ? read_chunk : read_piece, p, free_pieces);
	if (r)
		f->fd = -1;
	else
		free(p);
	return r;
}

/* ---- answers with bytes ---- */

/* What is sent of a file, and how it goes wrong. */
struct part {
	unsigned status;
	uint64_t first, n, sent;
	bool head, chunked;
};

static void spoil(struct wx_serve *s, const char *name,
		  const struct wx_store_file *f, struct part *p)
{
	struct wx_faults *faults = wx_served_faults(s->opts.node);
	uint64_t damage = wx_served_damage(s->opts.node, name, f->size_bytes);

	if (p->n > 1 && wx_fault_hits(faults, WX_FAULT_SHORT))
		p->n /= 2;
	if (p->status == MHD_HTTP_PARTIAL_CONTENT && p->first > 0 &&
	    wx_fault_hits(faults, WX_FAULT_WRONG_RANGE)) {
		uint64_t early = p->first < WRONG_BY ? p->first : WRONG_BY;

		p->first -= early;
		p->n += early;
	}
	p->sent = p->n;
	if (wx_fault_hits(faults, WX_FAULT_RESET))
		p->sent = wx_fault_draw(faults, WX_FAULT_RESET, p->n);
	if (p->first + p->sent > damage)
		p->sent = damage > p->first ? damage - p->first : 0;
	if (p->first + p->sent >= f->size_bytes / 2 &&
	    wx_served_reach(s->opts.node, name, f->size_bytes, f->size_bytes)) {
		/* It changed in the middle: the old rest is not to be had. */
		p->sent = f->size_bytes / 2 > p->first
				  ? f->size_bytes / 2 - p->first
				  : 0;
	}
	p->chunked = wx_fault_hits(faults, WX_FAULT_CHUNKED);
}

/* "Log in to the camera", where a file was asked for. */
static enum MHD_Result say_html(struct MHD_Connection *c)
{
	static const char page[] =
		"<!DOCTYPE html><html><body>Log in to the camera</body></html>";
	struct MHD_Response *r = MHD_create_response_from_buffer(
		sizeof(page) - 1, (void *)page, MHD_RESPMEM_PERSISTENT);

	if (r)
		serve_header(r, "Content-Type", "text/html");
	return serve_send_off(c, MHD_HTTP_OK, r);
}

static void content_range(struct MHD_Response *r, const struct part *p,
			  uint64_t size_bytes)
{
	char range[80];

	if (p->status == MHD_HTTP_PARTIAL_CONTENT)
		snprintf(range, sizeof(range),
			 "bytes %" PRIu64 "-%" PRIu64 "/%" PRIu64, p->first,
			 p->first + p->n - 1, size_bytes);
	else if (p->status == MHD_HTTP_RANGE_NOT_SATISFIABLE)
		snprintf(range, sizeof(range), "bytes */%" PRIu64, size_bytes);
	else
		return;
	serve_header(r, "Content-Range", range);
}

/* The bytes [first, first + n) of f, or an answer without any. */
static enum MHD_Result send_part(struct wx_serve *s, struct MHD_Connection *c,
				 const char *name, const char *tag,
				 struct wx_store_file *f, struct part p)
{
	struct MHD_Response *r;

	if (p.n > 0) {
		if (wx_fault_hits(wx_served_faults(s->opts.node),
				  WX_FAULT_HTML))
			return say_html(c);
		p.sent = p.n;
		if (!p.head)
			spoil(s, name, f, &p);
		if (p.sent == 0)
			return MHD_NO; /* breaks off before its first byte */
		r = body_of(f, p.first, p.n, p.sent, p.chunked);
	} else {
		r = MHD_create_response_from_buffer(0, (void *)"",
						    MHD_RESPMEM_PERSISTENT);
	}
	if (!r)
		return MHD_NO;
	if (!p.head)
		wx_served_trace(s->opts.node, "get %s %" PRIu64 " +%" PRIu64,
				name, p.first, p.sent);
	describe(r, name, tag, f);
	content_range(r, &p, f->size_bytes);
	return serve_send_off(c, p.status, r);
}

static enum MHD_Result get_file(struct wx_serve *s, struct MHD_Connection *c,
				bool head, const char *name, const char *tag,
				struct wx_store_file *f)
{
	const char *match = serve_asked(c, "If-Match"),
		   *none = serve_asked(c, "If-None-Match"),
		   *range = serve_asked(c, "Range"),
		   *if_range = serve_asked(c, "If-Range");
	struct part p = { .status = MHD_HTTP_NOT_MODIFIED };

	if (match && !wx_etag_listed(match, tag, false))
		return serve_say(c, MHD_HTTP_PRECONDITION_FAILED,
				 "the file is not what If-Match names\n");
	if (none && wx_etag_listed(none, tag, true))
		return send_part(s, c, name, tag, f, p);
	/* Ranges are GET's alone, and only of the file that was begun. */
	if (head || (if_range && strcmp(if_range, tag) != 0))
		range = NULL;
	switch (wx_range_parse(range, f->size_bytes, &p.first, &p.n)) {
	case WX_RANGE_PART:
		p.status = MHD_HTTP_PARTIAL_CONTENT;
		return send_part(s, c, name, tag, f, p);
	case WX_RANGE_NOWHERE:
		p = (struct part){ .status = MHD_HTTP_RANGE_NOT_SATISFIABLE };
		return send_part(s, c, name, tag, f, p);
	case WX_RANGE_ALL:
		break;
	}
	p = (struct part){ .status = MHD_HTTP_OK,
			   .n = f->size_bytes,
			   .head = head };
	return send_part(s, c, name, tag, f, p);
}

/* Only bytes that the host can name, of a capture that is closed. */
static enum MHD_Result delete_file(struct wx_serve *s, struct MHD_Connection *c,
				   const char *name, const char *tag,
				   const struct wx_store_file *f)
{
	const char *match = serve_asked(c, "If-Match");
	bool gone = false;

	if (!strcmp(name, "index.jsl"))
		return serve_not_allowed(c, "GET, HEAD");
	/* "*" would release what the host never saw. */
	if (!match || !strcmp(match, "*"))
		return serve_say(c, MHD_HTTP_PRECONDITION_REQUIRED,
				 "If-Match must name the file by its ETag\n");
	if (f->is_open)
		return serve_say(c, MHD_HTTP_CONFLICT, "still open\n");
	if (wx_etag_listed(match, tag, false)) {
		if (wx_served_remove(s->opts.node, name, f->size_bytes, f->crc,
				     &gone, NULL) != WX_OK)
			return serve_say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
					 "cannot delete\n");
	}
	return gone ? serve_nothing(c, MHD_HTTP_NO_CONTENT)
		    : serve_say(c, MHD_HTTP_PRECONDITION_FAILED,
				"the file is not what If-Match names\n");
}

enum MHD_Result serve_file(struct wx_serve *s, struct MHD_Connection *c,
			   const char *method, const char *name)
{
	struct wx_store_file f;
	char tag[WX_TAG_SIZE];
	enum MHD_Result rc;

	if (!is(method, "GET") && !is(method, "HEAD") && !is(method, "DELETE"))
		return serve_not_allowed(c, "GET, HEAD, DELETE");
	if (wx_served_file(s->opts.node, name, true, &f, NULL) != WX_OK)
		return serve_say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
				 "cannot read\n");
	if (f.fd < 0)
		return serve_say(c, MHD_HTTP_NOT_FOUND, "no such file\n");
	wx_etag_format(f.crc, f.size_bytes, tag);
	rc = is(method, "DELETE")
		     ? delete_file(s, c, name, tag, &f)
		     : get_file(s, c, is(method, "HEAD"), name, tag, &f);
	if (f.fd >= 0)
		close(f.fd);
	return rc;
}
