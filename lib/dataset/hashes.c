/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/hashes.c: see hashes.h. Names are kept as their wx_text_key.
 */
#include "dataset/hashes.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/json.h"

struct entry {
	uint64_t name;
	uint8_t sha256[WX_SHA256_LEN];
	uint8_t crc32[4]; /* as it is written, most significant first */
	bool has_sha256, has_crc32;
};

struct wx_hashes {
	struct entry *entry; /* by name */
	size_t n, room;
	char sha256[WX_SHA256_HEX], crc32[WX_CRC32_HEX];
};

static int take(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct wx_hashes *h = ctx;
	const char *name = wx_json_str(obj, "n", "");
	const char *sha256 = wx_json_str(obj, "sha256", "");
	const char *crc32 = wx_json_str(obj, "crc", "");
	struct entry e = { 0 };

	(void)line;
	e.has_sha256 = wx_hex_parse(sha256, strlen(sha256), e.sha256,
				    sizeof(e.sha256));
	e.has_crc32 =
		wx_hex_parse(crc32, strlen(crc32), e.crc32, sizeof(e.crc32));
	if (!*name || !(e.has_sha256 || e.has_crc32))
		return WX_OK; /* a line of another kind */
	if (WX_GROW(&h->entry, &h->room, h->n + 1, err))
		return WX_ERR_NOMEM;
	e.name = wx_text_key(name);
	h->entry[h->n++] = e;
	return WX_OK;
}

static int by_name(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return x->name < y->name ? -1 : x->name > y->name;
}

int wx_hashes_read(const struct wx_archive *a, const char *node,
		   struct wx_hashes **out, struct wx_log *log,
		   struct wx_error *err)
{
	struct wx_hashes *h = calloc(1, sizeof(*h));
	char *path = wx_archive_path(a, "raw/%s/journal.jsonl", node);
	int rc = h && path ? wx_jsonl_read(path, NULL, take, h, log, err)
			   : wx_fail_nomem(err);

	free(path);
	*out = NULL;
	if (rc) {
		wx_hashes_free(h);
		return rc;
	}
	if (h->n)
		qsort(h->entry, h->n, sizeof(*h->entry), by_name);
	*out = h;
	return WX_OK;
}

void wx_hashes_free(struct wx_hashes *h)
{
	if (!h)
		return;
	free(h->entry);
	free(h);
}

void wx_hashes_get(struct wx_hashes *h, const char *name, const char **sha256,
		   const char **crc32)
{
	struct entry key = { .name = wx_text_key(name) };
	const struct entry *e =
		h->n ? bsearch(&key, h->entry, h->n, sizeof(key), by_name)
		     : NULL;

	h->sha256[0] = h->crc32[0] = '\0';
	if (e && e->has_sha256)
		wx_hex(e->sha256, sizeof(e->sha256), h->sha256);
	if (e && e->has_crc32)
		wx_hex(e->crc32, sizeof(e->crc32), h->crc32);
	*sha256 = h->sha256;
	*crc32 = h->crc32;
}
