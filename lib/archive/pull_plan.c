/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_plan.c: what is here, by the journal and raw/NODE, against
 * what the node says it has. Memory is 24 bytes or so for each file that is
 * here, and an item for each that is not.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/indexline.h"
#include "archive/pull_in.h"
#include "base/array.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/text.h"

enum { MAX_NAME = 1000 }; /* of wx_name_check */

/* ---- the journal ---- */

uint64_t pull_sha_id(const uint8_t *sha256)
{
	uint64_t id;

	memcpy(&id, sha256, sizeof(id));
	return id;
}

static int add_here(struct pull_node *n, const json_t *obj, const char *name,
		    struct wx_error *err)
{
	int64_t size = wx_json_i64(obj, "l", -1);
	int64_t mtime_ns = wx_json_i64(obj, "mtime_ns", -1);
	const char *crc_text = wx_json_str(obj, "crc", "");
	const char *sha_text = wx_json_str(obj, "sha256", "");
	uint8_t sha256[WX_SHA256_LEN];
	uint32_t crc;
	int rc = pull_set_add(&n->here, pull_key('l', name, size, 0), err);

	if (!rc && wx_crc32_parse(crc_text, strlen(crc_text), &crc))
		rc = pull_set_add(&n->here, pull_key('f', name, size, crc),
				  err);
	if (!rc &&
	    wx_hex_parse(sha_text, strlen(sha_text), sha256, sizeof(sha256)))
		rc = pull_set_add(
			&n->here,
			pull_key('h', name, size, pull_sha_id(sha256)), err);
	if (!rc && wx_crc32_parse(crc_text, strlen(crc_text), &crc))
		rc = pull_twin_note(n, name, wx_json_str(obj, "alias", NULL),
				    size, crc, err);
	if (!rc && mtime_ns != -1)
		rc = pull_set_add(&n->here,
				  pull_key('m', name, size, (uint64_t)mtime_ns),
				  err);
	return rc;
}

static int journal_line(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	static const char *const notes[] = { "released", "gone", "quarantined",
					     "other" };
	const char *deleted = wx_json_str(obj, "deleted", NULL);
	struct pull_node *n = ctx;
	const char *name = wx_json_str(obj, "n", NULL);
	const char *crc_text = wx_json_str(obj, "crc", "");
	const char *sha_text = wx_json_str(obj, "sha256", "");
	uint8_t sha256[WX_SHA256_LEN];
	uint64_t id = 0;
	uint32_t crc = 0;

	n->n_old_lines = line;
	if (name && n->content->derives(obj))
		atomic_store(&n->derives, true);
	if (!name)
		name = wx_json_str(obj, "alias", NULL);
	if (name)
		return add_here(n, obj, name, err);
	name = wx_json_str(obj, "snapshot", NULL);
	if (name && strcmp(name, "index.jsl") == 0) {
		n->index_size = wx_json_i64(obj, "l", -1);
		snprintf(n->index_etag, sizeof(n->index_etag), "%s",
			 wx_json_str(obj, "etag", ""));
		return WX_OK;
	}
	if (deleted)
		return pull_set_add(
			&n->here,
			pull_key('d', deleted, wx_json_i64(obj, "l", -1), 0),
			err);
	for (size_t i = 0; i < WX_COUNT(notes); i++) {
		name = wx_json_str(obj, notes[i], NULL);
		if (!name)
			continue;
		if (!wx_crc32_parse(crc_text, strlen(crc_text), &crc) &&
		    wx_hex_parse(sha_text, strlen(sha_text), sha256,
				 sizeof(sha256)))
			id = pull_sha_id(sha256);
		return pull_set_add(&n->here,
				    pull_key(notes[i][0], name,
					     wx_json_i64(obj, "l", -1),
					     id ? id : crc),
				    err);
	}
	return WX_OK;
}

int pull_read_journal(struct pull_node *n, struct wx_error *err)
{
	char *path = wx_strf("%s/journal.jsonl", n->dir);
	int rc = path ? wx_jsonl_read(path, NULL, journal_line, n, &n->log, err)
		      : wx_fail_nomem(err);

	free(path);
	return rc;
}

/* ---- names ---- */

bool pull_is_table(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcasecmp(name + len - 4, ".csv") == 0;
}

/* May a node's file have this name here? */
static int check_name(const struct pull_node *n, const char *name,
		      struct wx_error *err)
{
	static const char *const ours[] = { "index.jsl", "clock.jsonl",
					    "journal.jsonl" };
	size_t first = strcspn(name, "/"); /* a folder of ours would be, too */
	int rc = wx_name_check(name, err);

	if (rc)
		return rc;
	/* Regardless of case: the archive may lie on a card or a share. */
	for (size_t i = 0; i < WX_COUNT(ours); i++)
		if (strlen(ours[i]) == first &&
		    strncasecmp(name, ours[i], first) == 0)
			return wx_fail(
				err, WX_ERR_FORMAT,
				"the archive keeps this name for itself");
	if (strncasecmp(name, "index~", 6) == 0)
		return wx_fail(err, WX_ERR_FORMAT,
			       "the archive keeps names index~... for itself");
	if (n->content->is_derived(name))
		return wx_fail(err, WX_ERR_FORMAT,
			       "the archive makes files of this name itself");
	for (const char *p = name; (p = strcasestr(p, ".part")); p += 5)
		if (p[5] == '\0' || p[5] == '/')
			return wx_fail(err, WX_ERR_FORMAT,
				       ".part means unfinished here");
	return WX_OK;
}

/* ---- items ---- */

bool pull_item_is(const struct pull_item *item, int64_t size_bytes,
		  uint32_t crc, const uint8_t *sha256)
{
	return item->size_bytes == size_bytes &&
	       (!item->has_crc || item->crc == crc) &&
	       (!item->has_sha256 ||
		memcmp(item->sha256, sha256, WX_SHA256_LEN) == 0);
}

static uint64_t item_key(const struct pull_item *item)
{
	if (item->mtime_ns != -1)
		return pull_key('m', item->name, item->size_bytes,
				(uint64_t)item->mtime_ns);
	if (item->has_crc)
		return pull_key('f', item->name, item->size_bytes, item->crc);
	if (item->has_sha256)
		return pull_key('h', item->name, item->size_bytes,
				pull_sha_id(item->sha256));
	return pull_key('l', item->name, item->size_bytes, 0);
}

static size_t *find_by_name(struct pull_node *n, const char *name)
{
	size_t i =
		(size_t)pull_mix(pull_text_hash(name), 0) & (n->n_by_name - 1);

	while (n->by_name[i] &&
	       strcmp(n->item[n->by_name[i] - 1].name, name) != 0)
		i = (i + 1) & (n->n_by_name - 1);
	return &n->by_name[i];
}

static int grow_by_name(struct pull_node *n, struct wx_error *err)
{
	size_t *old = n->by_name;
	size_t n_old = n->n_by_name;

	n->n_by_name = n_old ? n_old * 2 : 1024;
	n->by_name = calloc(n->n_by_name, sizeof(*n->by_name));
	if (!n->by_name) {
		n->by_name = old;
		n->n_by_name = n_old;
		return wx_fail_nomem(err);
	}
	for (size_t i = 0; i < n_old; i++)
		if (old[i])
			*find_by_name(n, n->item[old[i] - 1].name) = old[i];
	free(old);
	return WX_OK;
}

/* The last line for a name wins. item->name is copied. */
static int put_item(struct pull_node *n, const struct pull_item *item,
		    struct wx_error *err)
{
	struct pull_item *to;
	size_t *at;

	if (n->n_items * 4 >= n->n_by_name * 3 && grow_by_name(n, err))
		return WX_ERR_NOMEM;
	at = find_by_name(n, item->name);
	if (!*at) {
		if (WX_GROW(&n->item, &n->room_items, n->n_items + 1, err))
			return WX_ERR_NOMEM;
		to = &n->item[n->n_items];
		*to = *item;
		to->name = strdup(item->name);
		if (!to->name)
			return wx_fail_nomem(err);
		*at = ++n->n_items;
		return WX_OK;
	}
	to = &n->item[*at - 1];

	char *name = to->name;

	*to = *item;
	to->name = name;
	return WX_OK;
}

static void drop_item(struct pull_node *n, const char *name)
{
	size_t *at = n->n_by_name ? find_by_name(n, name) : NULL;

	if (at && *at)
		n->item[*at - 1].kind = PULL_DROPPED;
}

/* ---- what lies in raw/NODE ---- */

enum lies { LIES_NOT, LIES_SAME_SIZE, LIES_SHORTER, LIES_OTHER };

static enum lies lies_here(const struct pull_node *n,
			   const struct pull_item *item)
{
	char path[4096];
	struct stat st;

	if (snprintf(path, sizeof(path), "%s/%s", n->dir, item->name) >=
		    (int)sizeof(path) ||
	    lstat(path, &st) != 0)
		return LIES_NOT;
	if (!S_ISREG(st.st_mode))
		return LIES_OTHER;
	if (st.st_size == item->size_bytes)
		return LIES_SAME_SIZE;
	if (item->has_crc &&
	    snprintf(path, sizeof(path), "%s/%s~%08" PRIx32, n->dir, item->name,
		     item->crc) < (int)sizeof(path)) {
		struct stat beside;

		if (lstat(path, &beside) == 0 &&
		    beside.st_size == item->size_bytes)
			return LIES_SAME_SIZE;
	}
	return st.st_size < item->size_bytes ? LIES_SHORTER : LIES_OTHER;
}

/*
 * A file that was renamed into place, and then we were killed: it lacks only
 * its line in the journal. 1: adopted, 0: it is another, or a failure.
 */
static int adopt(struct pull_node *n, const struct pull_item *item,
		 struct wx_error *err)
{
	char *path = wx_strf("%s/%s", n->dir, item->name);
	uint8_t sha256[WX_SHA256_LEN];
	uint64_t size;
	uint32_t crc;
	int rc = path ? wx_file_hash(path, &crc, sha256, &size, err)
		      : wx_fail_nomem(err);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	json_t *line;

	free(path);
	if (!rc && pull_item_is(item, (int64_t)size, crc, sha256)) {
		/* The line that it would have had: see whole() in pull_get.c. */
		bool by_sha = item->has_sha256 || !item->has_crc;

		line = pull_here_line(item->name, (int64_t)size, crc,
				      by_sha ? sha256 : NULL);
		if (line && fd >= 0)
			pull_describe(n, fd, item->name, line);
		rc = pull_journal(n, line, err);
		if (!rc)
			rc = pull_twin_note(n, item->name, NULL, (int64_t)size,
					    crc, err);
		n->report.n_adopted += !rc;
		rc = rc ? rc : 1;
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

/* A file that is here for good; only to be released, if that is wished. */
static int keep_known(struct pull_node *n, struct pull_item *item,
		      struct wx_error *err)
{
	uint64_t released = pull_key('r', item->name, item->size_bytes,
				     item->has_crc ? item->crc : 0);

	if (n->site->release && !pull_set_mark(&n->here, released)) {
		item->kind = PULL_RELEASE;
		return put_item(n, item, err);
	}
	drop_item(n, item->name);
	return WX_OK;
}

/* GPS.TXT and the like, which recorders append to. */
static bool is_log(const char *name)
{
	size_t len = strlen(name);

	return len > 4 && strcasecmp(name + len - 4, ".txt") == 0;
}

static int plan_file(struct pull_node *n, struct pull_item *item,
		     struct wx_error *err)
{
	int known = pull_set_mark(&n->here, item_key(item));
	enum lies lies = known == 2 ? LIES_SAME_SIZE : lies_here(n, item);
	int rc;

	if (known && lies == LIES_NOT && pull_alias_is_here(n, item))
		lies = LIES_SAME_SIZE;
	/* It was here, and the site's retention let it go. */
	if (known && lies == LIES_NOT &&
	    pull_set_has(&n->here,
			 pull_key('d', item->name, item->size_bytes, 0))) {
		n->report.n_known += known == 1;
		drop_item(n, item->name);
		return WX_OK;
	}
	if (known && lies == LIES_SAME_SIZE) {
		n->report.n_known += known == 1;
		return keep_known(n, item, err);
	}
	if (pull_is_quarantined(n, item)) {
		drop_item(n, item->name);
		return WX_OK;
	}
	item->was_here = known && !pull_is_alias(n, item);
	item->kind = PULL_FILE;
	if (lies == LIES_SHORTER &&
	    (pull_is_table(item->name) || (n->listed && is_log(item->name)))) {
		item->kind = PULL_TABLE;
	} else if (lies == LIES_SAME_SIZE && !n->listed) {
		rc = adopt(n, item, err);
		if (rc < 0)
			return rc;
		if (rc == 1) {
			pull_set_add(&n->here, item_key(item), NULL);
			pull_set_mark(&n->here, item_key(item));
			return keep_known(n, item, err);
		}
	}
	return put_item(n, item, err);
}

/* ---- lines of the index ---- */

static int refuse_line(struct pull_node *n, long line, const char *why)
{
	n->report.n_refused++;
	pull_warn(n, "index.jsl:%ld: %s", line, why);
	return WX_OK;
}

static int index_line(struct pull_node *n, struct wx_line *line,
		      struct pull_seqs *seqs, struct wx_error *err)
{
	struct wx_index_line l;
	struct pull_item item = { .mtime_ns = -1 };
	struct wx_error why = { 0 };
	int rc = wx_index_line_read(line->text, line->n, &l, &why);
	char name[MAX_NAME + 1];

	if (l.kind != WX_INDEX_CAPTURE) {
		wx_index_line_fini(&l);
		if (rc == WX_ERR_NOMEM)
			return wx_fail_nomem(err);
		if (l.kind == WX_INDEX_NONE && line->complete)
			return refuse_line(n, line->number, why.text);
		return WX_OK;
	}
	memcpy(name, l.name, l.name_len);
	name[l.name_len] = '\0';
	item.name = name;
	item.boot = l.capture.boot;
	item.seq = l.capture.seq;
	item.size_bytes = l.capture.size_bytes;
	item.has_crc = l.capture.has_crc;
	item.crc = l.capture.crc;
	item.has_sha256 = l.has_sha256;
	memcpy(item.sha256, l.sha256, sizeof(item.sha256));
	wx_index_line_fini(&l);
	if (pull_seqs_add(seqs, item.seq, err))
		return WX_ERR_NOMEM;
	if (check_name(n, name, &why))
		return refuse_line(n, line->number, why.text);
	if (item.size_bytes != WX_INDEX_OPEN)
		return plan_file(n, &item, err);
	item.kind = pull_is_table(name) ? PULL_TABLE : PULL_OPEN;
	return put_item(n, &item, err);
}

/* The last line of a file may be torn: then it is no remark's worth. */
static int read_index(struct pull_node *n, struct wx_error *err)
{
	char *path = wx_strf("%s/index.jsl", n->dir);
	struct wx_lines *in = NULL;
	struct pull_seqs seqs = { 0 };
	struct wx_line line;
	int rc = path ? wx_lines_open(path, &in, err) : wx_fail_nomem(err);

	while (!rc && (rc = wx_lines_next(in, &line, err)) == 1) {
		wx_line_cut_nuls(&line);
		rc = WX_OK;
		if (line.too_long)
			rc = refuse_line(n, line.number, "too long a line");
		else if (line.n)
			rc = index_line(n, &line, &seqs, err);
		if (pull_stopped(n))
			rc = wx_fail(err, WX_ERR_IO, "stopped");
	}
	n->report.n_missing = pull_seqs_missing(&seqs);
	pull_seqs_fini(&seqs);
	wx_lines_close(in);
	free(path);
	return rc;
}

/* It stays there: counted at each pull, told of at the first. */
static int note_other(struct pull_node *n, const char *name, int64_t size_bytes,
		      struct wx_error *err)
{
	struct wx_error why = { 0 };

	n->report.n_other++;
	if (check_name(n, name, &why)) /* no name for a line: told each time */
		return WX_OK;
	if (pull_set_mark(&n->here, pull_key('o', name, size_bytes, 0)))
		return WX_NODE_TOLD;
	return pull_journal(n,
			    json_pack("{s:s, s:I}", "other", name, "l",
				      (json_int_t)size_bytes),
			    err);
}

static int listed_file(void *ctx, const char *name, int64_t size_bytes,
		       int64_t mtime_ns, bool stays, struct wx_error *err)
{
	struct pull_node *n = ctx;
	struct pull_item item = { .name = (char *)name,
				  .size_bytes = size_bytes,
				  .boot = -1,
				  .seq = -1,
				  .mtime_ns = mtime_ns };
	struct wx_error why = { 0 };
	char quoted[WX_QUOTE_SIZE];

	if (stays)
		return note_other(n, name, size_bytes, err);
	if (check_name(n, name, &why)) {
		n->report.n_refused++;
		pull_warn(n, "'%s': %s; passed over",
			  wx_quote(name, strlen(name), quoted), why.text);
		return WX_OK;
	}
	if (size_bytes >= 0)
		return plan_file(n, &item, err);
	item.untold = true;
	return put_item(n, &item, err);
}

bool pull_plan(struct pull_node *n)
{
	struct wx_error err = { 0 };
	int rc;

	if (n->failed || pull_stopped(n))
		return false;
	rc = n->listed ? n->driver->list(n->handle, listed_file, n, &err)
		       : read_index(n, &err);
	if (!rc && n->report.n_adopted)
		rc = pull_journal_sync(n, &err);
	if (!rc)
		rc = pull_twin_plan(n, &err);
	for (size_t i = 0; i < n->n_items; i++)
		n->report.n_open += n->item[i].kind == PULL_OPEN;
	if (rc && !pull_stopped(n))
		pull_fail_node(n, rc, &err);
	return false;
}
