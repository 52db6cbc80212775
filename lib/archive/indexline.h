/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/indexline.h: one line of a node's index.jsl, which a stranger
 * wrote. The catalog is built of it; nobody else needs it.
 */
#ifndef WX_ARCHIVE_INDEXLINE_H
#define WX_ARCHIVE_INDEXLINE_H

#include "archive/archive.h"

/* In size_bytes: the file is still growing. */
#define WX_INDEX_OPEN INT64_C(-1)

enum wx_index_kind { WX_INDEX_NONE, WX_INDEX_CAPTURE, WX_INDEX_EVENT };

struct wx_index_line {
	enum wx_index_kind kind;
	const char *name; /* of a capture; lent by the line's text or by doc */
	size_t name_len;
	struct wx_capture capture;
	bool has_sha256; /* for whoever fetches the file */
	uint8_t sha256[32];
	struct wx_clock_event event;
	json_t *doc; /* NULL when it was read without jansson */
};

/*
 * Read one line. kind is WX_INDEX_NONE when it cannot be used: no JSON, no
 * safe name, no length. err then says why, and also where one optional value
 * of a usable line (a temperature of -999) was wrong and reads as not told.
 * text[n] must be NUL.
 */
int wx_index_line_read(const char *text, size_t n, struct wx_index_line *out,
		       struct wx_error *err);
void wx_index_line_fini(struct wx_index_line *line);

#endif
