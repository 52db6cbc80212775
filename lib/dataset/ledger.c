/* SPDX-License-Identifier: MIT */
/* lib/dataset/ledger.c: see ledger.h. */
#include "dataset/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

enum { N_CATEGORIES = 5 };
static const char *const categories[N_CATEGORIES] = {
	"training", "testing", "validation", "post-processing", "split"
};

/* A sample of our project in one category. */
struct entry {
	uint8_t sha256[WX_SHA256_LEN];
	uint64_t label; /* the first 64 bits of its SHA-256 */
	uint8_t category;
	bool used, gone;
};

struct wx_ledger {
	char *path;
	int64_t project;
	int fd; /* open from the first line on; locked */
	bool unsynced;
	struct entry *entry; /* open addressing, a power of two of them */
	size_t n, room;
};

static int category_of(const char *name)
{
	for (int i = 0; i < N_CATEGORIES; i++)
		if (strcmp(name, categories[i]) == 0)
			return i;
	return -1;
}

static uint64_t label_hash(const char *label)
{
	uint8_t digest[WX_SHA256_LEN];
	uint64_t h;

	wx_sha256(label, strlen(label), digest);
	memcpy(&h, digest, sizeof(h));
	return h;
}

/* Where sha256 in category is, or is to go. SHA-256 needs no more mixing. */
static struct entry *slot_of(struct entry *entry, size_t room,
			     const uint8_t *sha256, int category)
{
	uint64_t i;

	memcpy(&i, sha256, sizeof(i));
	for (i += (uint64_t)category;; i++) {
		struct entry *e = &entry[i & (room - 1)];

		if (!e->used || (e->category == category &&
				 memcmp(e->sha256, sha256, WX_SHA256_LEN) == 0))
			return e;
	}
}

/* Three quarters full at most. */
static int make_room(struct wx_ledger *l, struct wx_error *err)
{
	size_t room = l->room ? 2 * l->room : 1024;
	struct entry *more;

	if (l->room && (l->n + 1) * 4 <= l->room * 3)
		return WX_OK;
	more = calloc(room, sizeof(*more));
	if (!more)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < l->room; i++)
		if (l->entry[i].used)
			*slot_of(more, room, l->entry[i].sha256,
				 l->entry[i].category) = l->entry[i];
	free(l->entry);
	l->entry = more;
	l->room = room;
	return WX_OK;
}

static int put(struct wx_ledger *l, const uint8_t *sha256, int category,
	       const char *label, bool gone, struct wx_error *err)
{
	int rc = make_room(l, err);
	struct entry *e;

	if (rc)
		return rc;
	e = slot_of(l->entry, l->room, sha256, category);
	l->n += !e->used;
	memcpy(e->sha256, sha256, WX_SHA256_LEN);
	e->category = (uint8_t)category;
	e->label = label_hash(label);
	e->used = true;
	e->gone = gone;
	return WX_OK;
}

static int on_line(void *ctx, json_t *obj, long number, struct wx_error *err)
{
	struct wx_ledger *l = ctx;
	const char *hex = wx_json_str(obj, "sha256", "");
	uint8_t sha256[WX_SHA256_LEN];

	(void)number;
	if (wx_json_i64(obj, "project", 0) != l->project ||
	    !wx_hex_parse(hex, strlen(hex), sha256, sizeof(sha256)))
		return WX_OK;
	return put(l, sha256, category_of(wx_json_str(obj, "category", "")),
		   wx_json_str(obj, "label", ""),
		   wx_json_bool(obj, "gone", false), err);
}

/* Opened for adding, a torn last line ended, and nobody else's. */
static int open_file(struct wx_ledger *l, struct wx_error *err)
{
	struct stat st;
	char last = '\n';

	l->fd = open(l->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (l->fd < 0)
		return wx_fail_errno(err, "%s: cannot open", l->path);
	if (flock(l->fd, LOCK_EX | LOCK_NB) != 0)
		return wx_fail(err, WX_ERR_IO,
			       "%s: another wx-upload of this dataset runs; "
			       "wait for its end",
			       l->path);
	if (fstat(l->fd, &st) != 0 ||
	    (st.st_size && pread(l->fd, &last, 1, st.st_size - 1) != 1))
		return wx_fail_errno(err, "%s: cannot read", l->path);
	if (last != '\n' && write(l->fd, "\n", 1) != 1)
		return wx_fail_errno(err, "%s: cannot write", l->path);
	return WX_OK;
}

int wx_ledger_open(const char *dir, int64_t project, struct wx_ledger **out,
		   struct wx_log *log, struct wx_error *err)
{
	struct wx_ledger *l = calloc(1, sizeof(*l));
	int rc;

	*out = NULL;
	if (!l || !(l->path = wx_strf("%s/%s", dir, WX_LEDGER_FILE))) {
		free(l);
		return wx_fail_nomem(err);
	}
	l->project = project;
	l->fd = -1;
	rc = make_room(l, err);
	if (!rc && access(l->path, F_OK) == 0)
		rc = open_file(l, err);
	if (!rc)
		rc = wx_jsonl_read(l->path, "ledger-line", on_line, l, log,
				   err);
	if (rc)
		wx_ledger_close(l, NULL);
	else
		*out = l;
	return rc;
}

int wx_ledger_sync(struct wx_ledger *l, struct wx_error *err)
{
	if (!l->unsynced)
		return WX_OK;
	l->unsynced = false;
	return fdatasync(l->fd) == 0
		       ? WX_OK
		       : wx_fail_errno(err, "%s: cannot sync", l->path);
}

int wx_ledger_close(struct wx_ledger *l, struct wx_error *err)
{
	int rc = WX_OK;

	if (!l)
		return WX_OK;
	if (l->fd >= 0) {
		rc = wx_ledger_sync(l, err);
		close(l->fd);
	}
	free(l->entry);
	free(l->path);
	free(l);
	return rc;
}

enum wx_ledger_find wx_ledger_find(const struct wx_ledger *l,
				   const uint8_t sha256[WX_SHA256_LEN],
				   const char *category, const char *label)
{
	int c = category_of(category);
	const struct entry *e = slot_of(l->entry, l->room, sha256, c);

	if (e->used && !e->gone)
		return e->label == label_hash(label) ? WX_LEDGER_THERE
						     : WX_LEDGER_OTHER_LABEL;
	for (int i = 0; i < N_CATEGORIES; i++) {
		e = slot_of(l->entry, l->room, sha256, i);
		if (i != c && e->used && !e->gone)
			return WX_LEDGER_OTHER_CATEGORY;
	}
	return WX_LEDGER_UNKNOWN;
}

static json_t *line_json(const struct wx_ledger *l,
			 const struct wx_ledger_line *line, bool gone)
{
	char hex[WX_SHA256_HEX];
	json_t *obj;

	wx_hex(line->sha256, WX_SHA256_LEN, hex);
	obj = json_pack("{s:I, s:s, s:s, s:s, s:s}", "project",
			(json_int_t)l->project, "sha256", hex, "category",
			line->category, "label", line->label, "path",
			line->path);
	if (obj && *line->start_utc)
		json_object_set_new(obj, "start_utc",
				    json_string(line->start_utc));
	if (obj && line->sample > 0)
		json_object_set_new(obj, "sample", json_integer(line->sample));
	if (obj && gone)
		json_object_set_new(obj, "gone", json_true());
	return obj;
}

int wx_ledger_add(struct wx_ledger *l, const struct wx_ledger_line *line,
		  bool gone, struct wx_error *err)
{
	bool is_new = l->fd < 0;
	int rc = is_new ? open_file(l, err) : WX_OK;
	json_t *obj = rc ? NULL : line_json(l, line, gone);
	char *text = obj ? json_dumps(obj, JSON_COMPACT) : NULL;
	char *full = text ? wx_strf("%s\n", text) : NULL;

	if (!rc && !full)
		rc = wx_fail_nomem(err);
	/* One write: what a kill leaves is a line, or none. */
	if (!rc && write(l->fd, full, strlen(full)) != (ssize_t)strlen(full))
		rc = wx_fail_errno(err, "%s: cannot write", l->path);
	if (!rc && is_new)
		rc = wx_sync_folder_of(l->path, err);
	if (!rc)
		rc = put(l, line->sha256, category_of(line->category),
			 line->label, gone, err);
	l->unsynced = true;
	free(full);
	free(text);
	json_decref(obj);
	return rc;
}

/* ---- which sides must stay ---- */

struct each {
	wx_ledger_fn *fn;
	void *ctx;
};

static int tell(void *ctx, json_t *obj, long number, struct wx_error *err)
{
	const struct each *e = ctx;
	const char *utc = wx_json_str(obj, "start_utc", "");
	struct wx_time t = WX_TIME_NONE;

	(void)number;
	if (wx_json_bool(obj, "gone", false))
		return WX_OK;
	if (*utc && wx_time_parse(utc, &t, NULL))
		t = WX_TIME_NONE;
	return e->fn(e->ctx, t, wx_json_str(obj, "category", ""), err);
}

int wx_ledger_each(const char *dir, wx_ledger_fn *fn, void *ctx,
		   struct wx_log *log, struct wx_error *err)
{
	struct each e = { fn, ctx };
	char *path = wx_strf("%s/%s", dir, WX_LEDGER_FILE);
	int rc = path ? wx_jsonl_read(path, "ledger-line", tell, &e, log, err)
		      : wx_fail_nomem(err);

	free(path);
	return rc;
}
