/* SPDX-License-Identifier: MIT */
/* lib/archive/deleted.c: see deleted.h. Names are kept as their wx_text_key. */
#include "archive/deleted.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

struct entry {
	uint64_t name;
	long line;
	bool deleted; /* else it came */
};

struct wx_deleted {
	struct entry *entry; /* by name, the last line of each */
	size_t n, room;
};

static int take(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct wx_deleted *d = ctx;
	const char *gone = wx_json_str(obj, "deleted", NULL);
	const char *came = wx_json_str(obj, "n", NULL);

	/* Before the first that was deleted nothing matters. */
	if (!gone && (!came || !d->n))
		return WX_OK;
	if (WX_GROW(&d->entry, &d->room, d->n + 1, err))
		return WX_ERR_NOMEM;
	d->entry[d->n++] = (struct entry){ wx_text_key(gone ? gone : came),
					   line, gone != NULL };
	return WX_OK;
}

static int by_name(const void *pa, const void *pb, void *ctx)
{
	const struct entry *a = pa, *b = pb;

	(void)ctx;
	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	return (a->line > b->line) - (a->line < b->line);
}

int wx_deleted_read(const char *node_dir, struct wx_deleted **out,
		    struct wx_log *log, struct wx_error *err)
{
	struct wx_deleted *d = calloc(1, sizeof(*d));
	char *path = wx_strf("%s/journal.jsonl", node_dir);
	int rc = d && path ? wx_jsonl_read(path, NULL, take, d, log, err)
			   : wx_fail_nomem(err);
	size_t n = 0;

	*out = NULL;
	free(path);
	if (rc != WX_OK) {
		wx_deleted_free(d);
		return rc;
	}
	wx_sort(d->entry, d->n, sizeof(*d->entry), by_name, NULL);
	for (size_t i = 0; i < d->n; i++)
		if (i + 1 == d->n || d->entry[i + 1].name != d->entry[i].name)
			d->entry[n++] = d->entry[i];
	d->n = n;
	*out = d;
	return WX_OK;
}

void wx_deleted_free(struct wx_deleted *d)
{
	if (!d)
		return;
	free(d->entry);
	free(d);
}

bool wx_deleted_has(const struct wx_deleted *d, const char *name)
{
	uint64_t key = wx_text_key(name);
	size_t low = 0, high = d->n;

	while (low < high) {
		size_t mid = (low + high) / 2;

		if (d->entry[mid].name < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low < d->n && d->entry[low].name == key && d->entry[low].deleted;
}
