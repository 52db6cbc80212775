/* SPDX-License-Identifier: MIT */
/* formats/dataset/upload_batch.c: samples, and those that share a request. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/json.h"
#include "base/text.h"
#include "dataset/upload_in.h"

static int64_t mtime_of(const struct stat *st)
{
	return st->st_mtim.tv_sec * WX_NS_PER_S + st->st_mtim.tv_nsec;
}

/* What a request's head says of its samples, several labels left out. */
char *wx_upload_head(const struct wx_info_item *item)
{
	char *meta = item->metadata ? json_dumps(item->metadata,
						 JSON_COMPACT | JSON_SORT_KEYS)
				    : strdup("");
	char *head = meta ? wx_strf("%s\n%s\n%s", item->category,
				    item->segments ? "segments"
				    : item->map    ? "map"
						   : item->label_key,
				    meta)
			  : NULL;

	free(meta);
	return head;
}

struct wx_upload_batch *wx_upload_batch_new(struct wx_uploading *up,
					    const struct wx_info_item *item)
{
	struct wx_upload_batch *b = calloc(1, sizeof(*b));
	bool ok = b != NULL;

	if (ok) {
		b->up = up;
		b->head = wx_upload_head(item);
		b->category = strdup(item->category);
		b->label = item->label ? strdup(item->label) : NULL;
		/* \u escapes: a head field is ASCII. */
		if (json_object_size(item->metadata))
			b->metadata =
				json_dumps(item->metadata,
					   JSON_COMPACT | JSON_ENSURE_ASCII);
		ok = b->head && b->category && (b->label || !item->label) &&
		     (b->metadata || !json_object_size(item->metadata));
	}
	if (!ok) {
		wx_upload_batch_free(b);
		b = NULL;
	}
	return b;
}

void wx_upload_batch_free(struct wx_upload_batch *b)
{
	if (!b)
		return;
	for (size_t i = 0; i < b->n; i++)
		wx_upload_sample_fini(&b->sample[i]);
	free(b->sample);
	free(b->head);
	free(b->category);
	free(b->label);
	free(b->metadata);
	free(b);
}

int wx_upload_sample_read(const char *dir, const struct wx_info_item *item,
			  struct wx_upload_sample *out, struct wx_error *err)
{
	struct stat st;
	uint64_t size;
	int rc;

	*out = (struct wx_upload_sample){
		.file = wx_strf("%s/%s", dir, item->path),
		.path = strdup(item->path),
		.name = strdup(item->name),
		.label_key = strdup(item->label_key),
		.start_utc =
			strdup(wx_json_str(item->metadata, "start_utc", "")),
		.segments = json_incref((json_t *)item->segments),
		.map = json_incref((json_t *)item->map),
	};
	if (!out->file || !out->path || !out->name || !out->label_key ||
	    !out->start_utc)
		return wx_fail_nomem(err);
	if (stat(out->file, &st) != 0)
		return wx_fail_errno(err, "%s: cannot open", out->file);
	rc = wx_file_hash(out->file, NULL, out->sha256, &size, err);
	out->size_bytes = (int64_t)size;
	out->mtime_ns = mtime_of(&st);
	if (!rc && !wx_upload_sample_same(out))
		rc = wx_fail(err, WX_ERR_IO, "%s: changes as it is read",
			     out->file);
	return rc;
}

void wx_upload_sample_fini(struct wx_upload_sample *s)
{
	free(s->file);
	free(s->path);
	free(s->name);
	free(s->label_key);
	free(s->start_utc);
	json_decref(s->segments);
	json_decref(s->map);
}

bool wx_upload_sample_same(const struct wx_upload_sample *s)
{
	struct stat st;

	return stat(s->file, &st) == 0 && st.st_size == s->size_bytes &&
	       mtime_of(&st) == s->mtime_ns;
}
