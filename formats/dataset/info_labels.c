/* SPDX-License-Identifier: MIT */
/* formats/dataset/info_labels.c: see info_labels.h. */
#include "dataset/info_labels.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/text.h"

struct wx_info {
	char *path;
	json_t *doc; /* NULL: lines */
};

static bool is_lines(const char *path, struct wx_error *err, int *rc)
{
	char head[sizeof(WX_INFO_NDJSON)] = "";
	FILE *in = fopen(path, "re");

	if (!in) {
		*rc = wx_fail_errno(err, "%s: cannot open", path);
		return false;
	}
	if (!fread(head, 1, sizeof(head) - 1, in))
		head[0] = '\0';
	fclose(in);
	return strcmp(head, WX_INFO_NDJSON) == 0;
}

int wx_info_open(const char *path, struct wx_info **out, struct wx_error *err)
{
	struct wx_info *info = calloc(1, sizeof(*info));
	int rc = WX_OK;

	*out = NULL;
	if (!info || !(info->path = strdup(path))) {
		wx_info_close(info);
		return wx_fail_nomem(err);
	}
	if (!is_lines(path, err, &rc) && !rc)
		rc = wx_json_read(path, "info-labels", &info->doc, err);
	if (!rc && info->doc && !json_object_get(info->doc, "files"))
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: expected \"files\", found a line of the "
			     "lines form, which has to begin with %s",
			     path, WX_INFO_NDJSON);
	if (rc)
		wx_info_close(info);
	else
		*out = info;
	return rc;
}

void wx_info_close(struct wx_info *info)
{
	if (!info)
		return;
	json_decref(info->doc);
	free(info->path);
	free(info);
}

/* "sha256:HEX" of several labels; NULL when out of memory. */
static char *hash_of(const json_t *labels)
{
	uint8_t digest[WX_SHA256_LEN];
	char hex[WX_SHA256_HEX];
	char *text = json_dumps(labels, JSON_COMPACT | JSON_SORT_KEYS);

	if (!text)
		return NULL;
	wx_sha256(text, strlen(text), digest);
	wx_hex(digest, sizeof(digest), hex);
	free(text);
	return wx_strf("sha256:%s", hex);
}

/*
 * Each value exactly in one segment, from 0 on: the uploader sends what it is
 * given, and the service refuses a gap.
 */
static int check_segments(const struct wx_info_item *item, struct wx_error *err)
{
	int64_t next = 0;
	size_t i;
	json_t *s;

	json_array_foreach(item->segments, i, s)
	{
		int64_t a = wx_json_i64(s, "startIndex", -1);
		int64_t b = wx_json_i64(s, "endIndex", -1);

		if (a != next || b < a)
			return wx_fail(err, WX_ERR_FORMAT,
				       "%s: %.200s: segment %zu is %lld to "
				       "%lld, expected one that starts at %lld "
				       "and does not end before",
				       item->where, item->path, i + 1,
				       (long long)a, (long long)b,
				       (long long)next);
		next = b + 1;
	}
	return WX_OK;
}

static int tell_labels(struct wx_info_item *item, const json_t *label,
		       char **key, struct wx_error *err)
{
	const char *type = wx_json_str(label, "type", "");
	const json_t *labels = json_object_get(label, "labels");

	if (strcmp(type, "label") == 0) {
		item->label = wx_json_str(label, "label", NULL);
		*key = wx_strf("=%s", item->label);
	} else if (strcmp(type, "multi-label") == 0) {
		item->segments = labels;
		*key = hash_of(labels);
	} else if (strcmp(type, "keyvalue-labels") == 0) {
		item->map = labels;
		*key = hash_of(labels);
	} else {
		*key = strdup("");
	}
	item->label_key = *key;
	if (!*key)
		return wx_fail_nomem(err);
	return item->segments ? check_segments(item, err) : WX_OK;
}

/* The sample's name: the list's own lacks the extension of path. */
static char *name_of(const char *own, const char *path)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	const char *dot = strrchr(base, '.');

	return own ? wx_strf("%s%s", own, dot ? dot : "") : strdup(base);
}

static int tell(json_t *file, const char *where, wx_info_fn *fn, void *ctx,
		struct wx_error *err)
{
	struct wx_info_item item = {
		.where = where,
		.path = wx_json_str(file, "path", ""),
		.category = wx_json_str(file, "category", ""),
		.metadata = json_object_get(file, "metadata"),
	};
	struct wx_error why = { 0 };
	char *name = NULL, *key = NULL;
	char quoted[WX_QUOTE_SIZE];
	int rc;

	if (wx_name_check(item.path, &why))
		return wx_fail(err, WX_ERR_FORMAT, "%s: path '%s': %s", where,
			       wx_quote(item.path, strlen(item.path), quoted),
			       why.text);
	if (json_array_size(json_object_get(file, "boundingBoxes")) ||
	    json_array_size(json_object_get(file, "attachments")))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: %.200s: has bounding boxes or "
			       "attachments, which are not sent",
			       where, item.path);
	rc = tell_labels(&item, json_object_get(file, "label"), &key, err);
	if (!rc) {
		name = name_of(wx_json_str(file, "name", NULL), item.path);
		item.name = name;
		rc = name ? fn(ctx, &item, err) : wx_fail_nomem(err);
	}
	free(name);
	free(key);
	return rc;
}

static int each_of_doc(struct wx_info *info, wx_info_fn *fn, void *ctx,
		       struct wx_error *err)
{
	int rc = WX_OK;
	size_t i;
	json_t *file;

	json_array_foreach(json_object_get(info->doc, "files"), i, file)
	{
		char *where = wx_strf("%s: /files/%zu", info->path, i);

		rc = where ? tell(file, where, fn, ctx, err)
			   : wx_fail_nomem(err);
		free(where);
		if (rc)
			break;
	}
	return rc;
}

static int tell_line(struct wx_info *info, struct wx_schema *schema,
		     const struct wx_line *line, wx_info_fn *fn, void *ctx,
		     struct wx_error *err)
{
	char *where = wx_strf("%s:%ld", info->path, line->number);
	json_t *obj = NULL;
	const json_t *item;
	int rc = where ? WX_OK : wx_fail_nomem(err);

	if (!rc && line->too_long)
		rc = wx_fail(err, WX_ERR_RANGE, "%s: a line of over %d bytes",
			     where, WX_LINES_MAX);
	if (!rc)
		rc = wx_json_parse(line->text, line->n, where, NULL, &obj, err);
	if (!rc)
		rc = wx_schema_run(schema, obj, where, err);
	item = json_object_get(obj, "__item");
	if (!rc && line->number == 1 && !json_object_get(obj, "__ndjson"))
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: expected %s\"version\":1}", where,
			     WX_INFO_NDJSON);
	else if (!rc && line->number > 1 && !item)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: expected {\"__key\":\"files\",...}", where);
	if (!rc && item)
		rc = tell((json_t *)item, where, fn, ctx, err);
	json_decref(obj);
	free(where);
	return rc;
}

static int each_of_lines(struct wx_info *info, wx_info_fn *fn, void *ctx,
			 struct wx_error *err)
{
	struct wx_schema *schema = NULL;
	struct wx_lines *in = NULL;
	struct wx_line line;
	int rc = wx_schema_new("info-labels", &schema, err);

	if (!rc)
		rc = wx_lines_open(info->path, &in, err);
	while (!rc && (rc = wx_lines_next(in, &line, err)) == 1) {
		rc = WX_OK;
		if (line.n || line.too_long)
			rc = tell_line(info, schema, &line, fn, ctx, err);
	}
	wx_lines_close(in);
	wx_schema_free(schema);
	return rc;
}

int wx_info_each(struct wx_info *info, wx_info_fn *fn, void *ctx,
		 struct wx_error *err)
{
	return info->doc ? each_of_doc(info, fn, ctx, err)
			 : each_of_lines(info, fn, ctx, err);
}
