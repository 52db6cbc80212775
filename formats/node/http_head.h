/* SPDX-License-Identifier: MIT */
/*
 * formats/node/http_head.h: header fields of a node's answer, RFC 9110 and
 * RFC 9530. What does not parse is as if it was not there.
 */
#ifndef WX_NODE_HTTP_HEAD_H
#define WX_NODE_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>

#include "archive/node.h"

/*
 * "bytes 1024-2047/480044", "bytes 1024-2047/" "*" (*total -1). False for
 * anything else, for an end before the start, for a total that does not reach
 * the end, for "bytes *" "/480044" (of a 416).
 */
bool wx_http_range(const char *text, size_t n, int64_t *start, int64_t *end,
		   int64_t *total);

/*
 * A strong entity tag, quotes included, into head->etag; a weak one, one that
 * does not fit or with what may not stand in a tag: false. One of the form
 * "CRC32-LENGTH" (8 hex digits, decimal) also sets has_crc, crc and etag_len.
 */
bool wx_http_etag(const char *text, size_t n, struct wx_node_head *head);

/* sha-256=:BASE64: among the members of a Repr-Digest. */
bool wx_http_repr_digest(const char *text, size_t n,
			 uint8_t sha256[WX_SHA256_LEN]);

/*
 * A path for a URL: all but letters, digits, "-._~" and "/" as %HH. Fresh
 * memory; NULL when out of it.
 */
char *wx_http_path(const char *name);

#endif
