/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve_file.c: GET, HEAD and DELETE of a node's files.
 *
 * The rules of ranges and conditions are those of RFC 9110 sections 13, 14;
 * Repr-Digest is RFC 9530's. A file goes out by sendfile.
 */
#include <inttypes.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "node/httpcond.h"
#include "node/serve_in.h"

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
	serve_header(r, "ETag", tag);
	serve_header(r, "Repr-Digest", digest);
	serve_header(r, "Accept-Ranges", "bytes");
	serve_header(r, "Cache-Control", "no-cache"); /* ask again, by ETag */
	serve_header(r, "Content-Type", content_type(name));
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
		serve_header(r, "Content-Range", range);
	} else if (status == MHD_HTTP_RANGE_NOT_SATISFIABLE) {
		snprintf(range, sizeof(range), "bytes */%" PRIu64,
			 f->size_bytes);
		serve_header(r, "Content-Range", range);
	}
	return serve_send_off(c, status, r);
}

static enum MHD_Result get_file(struct MHD_Connection *c, bool head,
				const char *name, const char *tag,
				struct wx_store_file *f)
{
	const char *match = serve_asked(c, "If-Match"),
		   *none = serve_asked(c, "If-None-Match"),
		   *range = serve_asked(c, "Range"),
		   *if_range = serve_asked(c, "If-Range");
	uint64_t first, n;

	if (match && !wx_etag_listed(match, tag, false))
		return serve_say(c, MHD_HTTP_PRECONDITION_FAILED,
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
		if (wx_store_remove(s->store, name, f->size_bytes, f->crc,
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
	char tag[WX_ETAG_SIZE];
	enum MHD_Result rc;

	if (!is(method, "GET") && !is(method, "HEAD") && !is(method, "DELETE"))
		return serve_not_allowed(c, "GET, HEAD, DELETE");
	if (wx_store_get(s->store, name, &f, NULL) != WX_OK)
		return serve_say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
				 "cannot read\n");
	if (f.fd < 0)
		return serve_say(c, MHD_HTTP_NOT_FOUND, "no such file\n");
	wx_etag_format(f.crc, f.size_bytes, tag);
	rc = is(method, "DELETE")
		     ? delete_file(s, c, name, tag, &f)
		     : get_file(c, is(method, "HEAD"), name, tag, &f);
	if (f.fd >= 0)
		close(f.fd);
	return rc;
}
