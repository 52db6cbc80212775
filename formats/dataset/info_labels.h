/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/info_labels.h: the list of samples of an Edge Impulse dataset,
 * read back. Strictly: what the official uploader would drop without a word, or
 * send to /api/undefined, is refused here with its place.
 *
 *     {"version":1,"files":[FILE, ...]}            a document of up to 64 MB, or
 *
 *     {"__ndjson":true,"version":1}                lines, of up to 64 KiB each;
 *     {"__key":"files","__item":FILE}              these bytes come first
 *     ...
 *
 * Source: docs.edgeimpulse.com, "Edge Impulse exporter format (info.labels)".
 */
#ifndef WX_FORMATS_INFO_LABELS_H
#define WX_FORMATS_INFO_LABELS_H

#include <jansson.h>

#include "base/error.h"

/* How the lines form begins, byte for byte. */
#define WX_INFO_NDJSON "{\"__ndjson\":true,"

struct wx_info_item {           /* lent, all of it */
	const char *where;      /* "info.labels:17", for messages */
	const char *path;       /* below the list's folder, and no farther */
	const char *name;       /* of the sample: path's, or the list's own with
				   path's extension */
	const char *category;   /* "training" ... "split" */
	const char *label;      /* NULL: none, or several */
	const json_t *segments; /* of multi-label; NULL */
	const json_t *map;      /* of keyvalue-labels; NULL */
	const char *label_key;  /* equal keys are equal labels: "=rain", "",
				   "sha256:HEX" */
	const json_t *metadata; /* text to text; NULL: none */
};

struct wx_info;

/* DIR/info.labels. A document is held in memory, lines are not. */
int wx_info_open(const char *path, struct wx_info **out, struct wx_error *err);
void wx_info_close(struct wx_info *info); /* NULL is allowed */

/*
 * Each in order; as often as wanted. fn's failure ends it. WX_ERR_FORMAT for the
 * first that is wrong, with where.
 */
typedef int wx_info_fn(void *ctx, const struct wx_info_item *item,
		       struct wx_error *err);
int wx_info_each(struct wx_info *info, wx_info_fn *fn, void *ctx,
		 struct wx_error *err);

#endif
