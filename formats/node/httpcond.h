/* SPDX-License-Identifier: MIT */
/*
 * formats/node/httpcond.h: the conditions and ranges of an HTTP request, as a
 * server has to judge them (RFC 9110 sections 8.8.3, 13.1, 14.1.2).
 */
#ifndef WX_NODE_HTTPCOND_H
#define WX_NODE_HTTPCOND_H

#include <stdbool.h>
#include <stdint.h>

enum { WX_TAG_SIZE = 36, WX_DIGEST_SIZE = 64 };

/* A node's strong ETag, with its quotes: "9ae0daaf-480044". */
void wx_etag_format(uint32_t crc, uint64_t size_bytes, char buf[WX_TAG_SIZE]);

/*
 * Does a list ("a", W/"b", "c", or *) of If-Match or If-None-Match hold tag?
 * weak: W/"a" stands for "a" as well, as If-None-Match has it.
 */
bool wx_etag_listed(const char *list, const char *tag, bool weak);

enum wx_range {
	WX_RANGE_ALL,     /* none asked, or none that must be understood */
	WX_RANGE_PART,    /* [first, first + n) */
	WX_RANGE_NOWHERE, /* 416 */
};

/*
 * A Range header (NULL: none) of one range of bytes; several, other units and
 * what is malformed are answered with the whole.
 */
enum wx_range wx_range_parse(const char *text, uint64_t size_bytes,
			     uint64_t *first, uint64_t *n);

#endif
