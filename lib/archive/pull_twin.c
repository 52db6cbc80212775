/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_twin.c: the same bytes under another name of the same node,
 * as of a card that was copied into itself, or a recording that somebody
 * renamed. They lie here once, under the name that they came with first; the
 * other is an alias, a line of the journal.
 *
 * Length and CRC-32 only say where to look: a twin is one whose bytes were
 * compared, or whose SHA-256 both the index and the journal tell. So a CRC-32
 * that collides loses no capture. Nor does a clock in their names: recordings
 * of two hours are two, whatever they hold.
 *
 * Whether there may be a twin is answered by a set of keys. Only when there may
 * be one is the journal read again, for where each line stands.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/pull_in.h"
#include "base/json.h"
#include "base/text.h"

enum {
	/* A smaller one fits a disk's block: its line would save nothing. */
	MIN_BYTES = 4096,
	CHUNK = 64 << 10,
};

/* A line of the journal with this key: a file's content, or an alias. */
struct pull_twin {
	uint64_t key; /* 0: free */
	int64_t at;   /* offset of the line; below 0: item ~at of this run */
};

static uint64_t content_key(int64_t size_bytes, uint32_t crc)
{
	return pull_key('c', "", size_bytes, crc);
}

static uint64_t alias_key(const char *name, int64_t size_bytes)
{
	return pull_key('a', name, size_bytes, 0);
}

/*
 * Is its content worth a look at other names? A table is named by its boot or
 * day: an empty one is like all others.
 */
static bool counts(const char *name, int64_t size_bytes)
{
	return size_bytes >= MIN_BYTES && !pull_is_table(name);
}

/* ---- where lines stand ---- */

static size_t first_slot(const struct pull_twins *t, uint64_t key)
{
	return (size_t)(key >> 1) & (t->room - 1);
}

static void put(struct pull_twins *t, uint64_t key, int64_t at)
{
	size_t i = first_slot(t, key);

	while (t->slot[i].key)
		i = (i + 1) & (t->room - 1);
	t->slot[i] = (struct pull_twin){ key, at };
	t->n++;
}

static int add(struct pull_twins *t, uint64_t key, int64_t at,
	       struct wx_error *err)
{
	/* A card of preallocated files: 16 of the same are enough to try. */
	enum { MOST = 16 };
	int same = 0;

	if (t->n * 4 >= t->room * 3) {
		struct pull_twins more = { .room = t->room ? t->room * 2
							   : 1024 };

		more.slot = calloc(more.room, sizeof(*more.slot));
		if (!more.slot)
			return wx_fail_nomem(err);
		for (size_t i = 0; i < t->room; i++)
			if (t->slot[i].key)
				put(&more, t->slot[i].key, t->slot[i].at);
		free(t->slot);
		t->slot = more.slot;
		t->room = more.room;
	}
	for (size_t i = first_slot(t, key); t->slot[i].key && same < MOST;
	     i = (i + 1) & (t->room - 1))
		same += t->slot[i].key == key;
	if (same < MOST)
		put(t, key, at);
	return WX_OK;
}

static int add_line(struct pull_twins *t, const char *text, int64_t at,
		    struct wx_error *err)
{
	json_t *line = json_loads(text, 0, NULL);
	const char *name = wx_json_str(line, "n", NULL);
	const char *alias = wx_json_str(line, "alias", NULL);
	const char *crc_text = wx_json_str(line, "crc", "");
	int64_t size = wx_json_i64(line, "l", -1);
	uint32_t crc;
	int rc = WX_OK;

	if (alias)
		rc = add(t, alias_key(alias, size), at, err);
	else if (name && counts(name, size) &&
		 wx_crc32_parse(crc_text, strlen(crc_text), &crc))
		rc = add(t, content_key(size, crc), at, err);
	json_decref(line);
	return rc;
}

static int read_lines(struct pull_node *n, struct wx_error *err)
{
	struct pull_twins *t = &n->twins;
	char *path = wx_strf("%s/journal.jsonl", n->dir);
	char *text = NULL;
	size_t room = 0;
	int64_t at = 0;
	ssize_t len;
	int rc = path ? WX_OK : wx_fail_nomem(err);

	t->in = rc ? NULL : fopen(path, "re");
	if (!rc && !t->in)
		rc = wx_fail_errno(err, "%s: cannot open", path);
	while (!rc && (len = getline(&text, &room, t->in)) > 0) {
		rc = add_line(t, text, at, err);
		at += len;
	}
	free(text);
	free(path);
	return rc;
}

/* ---- what a line says ---- */

/* Where the bytes lie, below raw/NODE, in fresh memory; NULL: unknown. */
static char *lies_at(struct pull_node *n, const struct pull_twin *twin,
		     const char *key, json_t **line)
{
	struct pull_twins *t = &n->twins;
	char *text = NULL, *name = NULL;
	size_t room = 0;

	*line = NULL;
	if (twin->at < 0)
		return strdup(n->item[~twin->at].name);
	if (fseeko(t->in, twin->at, SEEK_SET) == 0 &&
	    getline(&text, &room, t->in) > 0)
		*line = json_loads(text, 0, NULL);
	if (*line && !strcmp(key, "of"))
		name = strdup(wx_json_str(*line, "of", ""));
	else if (*line)
		name = strdup(
			wx_json_str(*line, "as", wx_json_str(*line, "n", "")));
	free(text);
	return name;
}

static bool has_size(const struct pull_node *n, const char *name, int64_t size)
{
	char *path = wx_strf("%s/%s", n->dir, name);
	struct stat st;
	bool has = path && lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
		   st.st_size == size;

	free(path);
	return has;
}

static bool same_sha256(const json_t *line, const uint8_t *sha256)
{
	const char *text = wx_json_str(line, "sha256", "");
	uint8_t its[WX_SHA256_LEN];

	return sha256 && wx_hex_parse(text, strlen(text), its, sizeof(its)) &&
	       memcmp(its, sha256, sizeof(its)) == 0;
}

bool pull_is_alias(const struct pull_node *n, const struct pull_item *item)
{
	return pull_set_has(&n->here, alias_key(item->name, item->size_bytes));
}

bool pull_alias_is_here(struct pull_node *n, struct pull_item *item)
{
	struct pull_twins *t = &n->twins;
	uint64_t key = alias_key(item->name, item->size_bytes);
	bool is_here = false;

	if (!pull_is_alias(n, item) || (!t->in && read_lines(n, NULL) != WX_OK))
		return false;
	for (size_t i = first_slot(t, key);
	     t->room && t->slot[i].key && !is_here;
	     i = (i + 1) & (t->room - 1)) {
		const char *crc;
		json_t *line;
		char *of;

		if (t->slot[i].key != key)
			continue;
		of = lies_at(n, &t->slot[i], "of", &line);
		is_here = of && has_size(n, of, item->size_bytes);
		crc = wx_json_str(line, "crc", "");
		if (is_here && !item->has_crc)
			item->has_crc =
				wx_crc32_parse(crc, strlen(crc), &item->crc);
		json_decref(line);
		free(of);
	}
	return is_here;
}

/* ---- the search ---- */

int pull_twin_note(struct pull_node *n, const char *name, const char *alias,
		   int64_t size_bytes, uint32_t crc, struct wx_error *err)
{
	if (alias)
		return pull_set_add(&n->here, alias_key(alias, size_bytes),
				    err);
	if (!counts(name, size_bytes))
		return WX_OK;
	return pull_set_add(&n->twins.has, content_key(size_bytes, crc), err);
}

int pull_twin_add(struct pull_node *n, const struct pull_item *item,
		  int64_t size_bytes, uint32_t crc, struct wx_error *err)
{
	uint64_t key = content_key(size_bytes, crc);
	int rc;

	if (!counts(item->name, size_bytes))
		return WX_OK;
	rc = pull_set_add(&n->twins.has, key, err);
	return rc ? rc : add(&n->twins, key, ~(int64_t)(item - n->item), err);
}

bool pull_twin_may_be(const struct pull_node *n, const char *name,
		      int64_t size_bytes, uint32_t crc)
{
	return counts(name, size_bytes) &&
	       pull_set_has(&n->twins.has, content_key(size_bytes, crc));
}

/* 1: it is a twin, 0: it is not, or a failure. */
static int is_twin(struct pull_node *n, const char *name, int fd,
		   int64_t size_bytes, const json_t *line,
		   const uint8_t *sha256, bool *blank, struct wx_error *err)
{
	char *path;
	int rc;

	if (!has_size(n, name, size_bytes))
		return 0;
	if (fd < 0)
		return same_sha256(line, sha256);
	path = wx_strf("%s/%s", n->dir, name);
	rc = path ? pull_same_bytes(fd, path, blank, err) : wx_fail_nomem(err);
	free(path);
	return rc == 1 && *blank ? 0 : rc;
}

int pull_twin_find(struct pull_node *n, const char *name, int fd,
		   int64_t size_bytes, uint32_t crc, const uint8_t *sha256,
		   char **of, struct wx_error *err)
{
	struct pull_twins *t = &n->twins;
	uint64_t key = content_key(size_bytes, crc);
	bool blank = false;
	int rc = 0;

	*of = NULL;
	if (!pull_twin_may_be(n, name, size_bytes, crc))
		return 0;
	if (!t->in && (rc = read_lines(n, err)))
		return rc;
	for (size_t i = first_slot(t, key);
	     t->room && t->slot[i].key && rc == 0 && !blank;
	     i = (i + 1) & (t->room - 1)) {
		json_t *line;

		if (t->slot[i].key != key)
			continue;
		free(*of);
		*of = lies_at(n, &t->slot[i], "n", &line);
		if (!*of)
			rc = wx_fail_nomem(err);
		else if (strcmp(*of, name) != 0 &&
			 n->content->may_be_one(*of, name))
			rc = is_twin(n, *of, fd, size_bytes, line, sha256,
				     &blank, err);
		json_decref(line);
	}
	if (rc != 1) {
		free(*of);
		*of = NULL;
	}
	return rc;
}

void pull_twins_fini(struct pull_node *n)
{
	pull_set_fini(&n->twins.has);
	free(n->twins.slot);
	if (n->twins.in)
		fclose(n->twins.in);
	n->twins = (struct pull_twins){ 0 };
}

/* ---- twins wait until the others are here ---- */

/*
 * So that of two new ones the index's first is kept, whichever would come
 * first, and the other need not come where its SHA-256 tells.
 */
int pull_twin_plan(struct pull_node *n, struct wx_error *err)
{
	struct pull_set coming = { 0 };
	int rc = WX_OK;

	for (size_t i = 0; i < n->n_items && !rc; i++) {
		struct pull_item *item = &n->item[i];
		uint64_t key = content_key(item->size_bytes, item->crc);

		if (item->kind != PULL_FILE || !item->has_crc ||
		    !counts(item->name, item->size_bytes))
			continue;
		if ((pull_set_has(&n->twins.has, key) && !item->was_here) ||
		    pull_set_has(&coming, key))
			item->kind = PULL_TWIN;
		else
			rc = pull_set_add(&coming, key, err);
	}
	pull_set_fini(&coming);
	return rc;
}

/* Is it an alias, by its SHA-256 alone? Otherwise it is fetched and compared. */
static int settle(struct pull_node *n, struct pull_item *item,
		  struct wx_error *err)
{
	json_t *line;
	char *of;
	int rc = pull_twin_find(n, item->name, -1, item->size_bytes, item->crc,
				item->has_sha256 ? item->sha256 : NULL, &of,
				err);

	item->kind = PULL_FILE;
	if (rc != 1)
		return rc;
	line = pull_alias_line(item, of, item->size_bytes, item->crc,
			       item->sha256);
	if (line)
		pull_add_told(line, item);
	rc = pull_journal(n, line, err);
	if (!rc) {
		item->kind = n->site->release ? PULL_RELEASE : PULL_DROPPED;
		n->report.n_aliases++;
	}
	free(of);
	return rc;
}

bool pull_twin_files(struct pull_node *n)
{
	struct wx_error err = { 0 };
	int rc = WX_OK;

	for (size_t i = 0; i < n->n_items; i++) {
		struct pull_item *item = &n->item[i];

		if (item->kind == PULL_FILE)
			item->kind = PULL_DROPPED; /* has been tried */
		if (item->kind != PULL_TWIN)
			continue;
		if (n->failed || pull_stopped(n))
			n->report.n_left++;
		else if ((rc = settle(n, item, &err)))
			pull_fail_node(n, rc, &err);
	}
	if (!n->failed && !rc)
		rc = pull_journal_sync(n, &err);
	if (rc)
		pull_fail_node(n, rc, &err);
	n->next = n->failed ? n->n_items : 0;
	return false;
}
