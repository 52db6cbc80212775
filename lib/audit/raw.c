/* SPDX-License-Identifier: MIT */
/*
 * lib/audit/raw.c: raw/NODE against its journal. rawindex.c holds the journal
 * against the index.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "audit/raw.h"
#include "base/array.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

/* ---- the journal ---- */

static int add_text(struct audit_journal *j, const char *text, uint32_t *at,
		    struct wx_error *err)
{
	size_t n = strlen(text) + 1;
	int rc = WX_GROW(&j->texts, &j->room_texts, j->n_texts + n, err);

	if (rc != WX_OK)
		return rc;
	if (j->n_texts + n > UINT32_MAX)
		return wx_fail(err, WX_ERR_RANGE,
			       "a journal with names of over 4 GB");
	memcpy(j->texts + j->n_texts, text, n);
	*at = (uint32_t)j->n_texts;
	j->n_texts += n;
	return WX_OK;
}

static const char *const kind_key[] = {
	[AUDIT_HERE] = "n",          [AUDIT_SNAPSHOT] = "snapshot",
	[AUDIT_ALIAS] = "alias",     [AUDIT_RELEASED] = "released",
	[AUDIT_GONE] = "gone",       [AUDIT_QUARANTINED] = "quarantined",
	[AUDIT_DELETED] = "deleted",
};

/* Files made of a file lie beside it: a line of their own, with no hash. */
static int add_parts(struct audit_journal *j, const json_t *obj,
		     const char *place, struct wx_error *err)
{
	const json_t *parts =
		json_object_get(json_object_get(obj, "says"), "parts");
	const json_t *part;
	size_t i;
	int rc = WX_OK;

	json_array_foreach(parts, i, part)
	{
		struct audit_entry e = { .kind = AUDIT_MADE, .size_bytes = -1 };
		char *name =
			wx_strf("%s~%s", place, wx_json_str(part, "w", ""));

		rc = name ? add_text(j, name, &e.name_at, err)
			  : wx_fail_nomem(err);
		e.place_at = e.name_at;
		if (rc == WX_OK)
			rc = WX_GROW(&j->entry, &j->room, j->n + 1, err);
		if (rc == WX_OK)
			j->entry[j->n++] = e;
		free(name);
		if (rc != WX_OK)
			break;
	}
	return rc;
}

static int take(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct audit_journal *j = ctx;
	struct audit_entry e = { .size_bytes = wx_json_i64(obj, "l", -1) };
	const char *crc = wx_json_str(obj, "crc", "");
	const char *sha = wx_json_str(obj, "sha256", "");
	const char *name = NULL, *place;
	int rc;

	(void)line;
	for (size_t i = 0; !name && i < WX_COUNT(kind_key); i++) {
		name = wx_json_str(obj, kind_key[i], NULL);
		e.kind = (enum audit_kind)i;
	}
	if (!name)
		return WX_OK; /* of a later version */
	place = wx_json_str(obj, "as", name);
	e.has_crc = wx_crc32_parse(crc, strlen(crc), &e.crc);
	e.has_sha256 =
		wx_hex_parse(sha, strlen(sha), e.sha256, sizeof(e.sha256));
	rc = add_text(j, name, &e.name_at, err);
	e.place_at = e.name_at;
	if (rc == WX_OK && place != name)
		rc = add_text(j, place, &e.place_at, err);
	if (rc == WX_OK)
		rc = WX_GROW(&j->entry, &j->room, j->n + 1, err);
	if (rc != WX_OK)
		return rc;
	j->entry[j->n++] = e;
	return e.kind == AUDIT_HERE ? add_parts(j, obj, place, err) : WX_OK;
}

/* By name, then in the order of the journal: texts are in that order. */
static int by_name(const void *va, const void *vb, void *texts)
{
	const struct audit_entry *a = va, *b = vb;
	int c = strcmp((char *)texts + a->name_at, (char *)texts + b->name_at);

	return c ? c : (a->name_at > b->name_at) - (a->name_at < b->name_at);
}

static int read_journal(struct audit_node *n, struct wx_error *err)
{
	struct audit *au = n->au;
	struct audit_journal *j = &n->journal;
	struct wx_seen_value seen = { 0 };
	char *path = wx_strf("raw/%s/journal.jsonl", n->id);
	char *full = path ? wx_strf("%s/%s", au->root, path) : NULL;
	struct wx_log log = audit_log(
		au, "journal", path,
		"see whether somebody edited it; restore it from a copy, or "
		"move it away and run wx-pull, which writes it anew from what "
		"the node still has");
	struct stat st;
	bool good;
	int rc = full ? WX_OK : wx_fail_nomem(err);

	j->is_there = rc == WX_OK && audit_stat(au, path, &st);
	if (j->is_there) {
		good = wx_seen_get(au->seen, path, &st, &seen);
		rc = wx_jsonl_read(full, good ? NULL : "journal-line", take, j,
				   &log, err);
		if (rc == WX_OK && !good && !au->n_logged)
			rc = wx_seen_put(au->seen, path, &st, &seen, err);
	}
	if (rc == WX_OK)
		wx_sort(j->entry, j->n, sizeof(*j->entry), by_name, j->texts);
	free(path);
	free(full);
	return rc;
}

size_t audit_journal_find(const struct audit_journal *j, const char *name,
			  size_t *n)
{
	size_t low = 0, high = j->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(j->texts + j->entry[mid].name_at, name) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	*n = 0;
	while (low + *n < j->n &&
	       !strcmp(j->texts + j->entry[low + *n].name_at, name))
		++*n;
	return low;
}

/* ---- its files ---- */

static void wrong_bytes(struct audit_node *n, const char *path,
			const char *digest, const char *found,
			const char *expected)
{
	audit_found(n->au, WX_AUDIT_FAULT, "hash", path,
		    "its bytes changed since they came: check the disk, and "
		    "restore it from a copy, or take it out and run wx-pull if "
		    "the node still has it",
		    "%s %s, expected %s as the journal has it", digest, found,
		    expected);
}

/* What is here of a table that grows is at least what was journalled. */
static int check_snapshot(struct audit_node *n, const struct audit_entry *e,
			  const char *path, struct wx_error *err)
{
	char *full = wx_strf("%s/%s", n->au->root, path);
	char *text = NULL;
	size_t size = 0;
	struct wx_error why = { 0 };
	int rc = full ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK &&
	    wx_file_read(full, SIZE_MAX / 2, &text, &size, &why) == WX_OK &&
	    wx_crc32(0, text, (size_t)e->size_bytes) != e->crc)
		audit_found(n->au, WX_AUDIT_FAULT, "hash", path,
			    "somebody edited it, or the disk fails: restore it "
			    "from a copy",
			    "its first %" PRId64 " bytes are not what came",
			    e->size_bytes);
	free(text);
	free(full);
	return rc;
}

static int check_bytes(struct audit_node *n, const struct audit_entry *e,
		       const char *path, const struct stat *st,
		       struct wx_error *err)
{
	struct wx_seen_value v;
	char found[WX_SHA256_HEX], expected[WX_SHA256_HEX];
	bool known;
	int rc;

	if (!e->has_crc && !e->has_sha256)
		return WX_OK;
	if (e->kind == AUDIT_SNAPSHOT && st->st_size > e->size_bytes)
		return check_snapshot(n, e, path, err);
	rc = audit_hash(n->au, path, st, e->has_sha256, &v, &known, err);
	if (rc != WX_OK || !known)
		return rc;
	if (e->has_sha256 && memcmp(v.digest, e->sha256, sizeof(e->sha256))) {
		wx_hex(v.digest, WX_SHA256_LEN, found);
		wx_hex(e->sha256, WX_SHA256_LEN, expected);
		wrong_bytes(n, path, "SHA-256", found, expected);
	} else if (e->has_crc && v.crc != e->crc) {
		snprintf(found, sizeof(found), "%08" PRIx32, v.crc);
		snprintf(expected, sizeof(expected), "%08" PRIx32, e->crc);
		wrong_bytes(n, path, "CRC-32", found, expected);
	}
	return WX_OK;
}

static bool is_deleted(const struct audit_journal *j, const char *place)
{
	size_t n, at = audit_journal_find(j, place, &n);

	for (size_t i = at; i < at + n; i++)
		if (j->entry[i].kind == AUDIT_DELETED)
			return true;
	return false;
}

/* The entry that tells what lies at a place: the last of its kind. */
static int check_entry(struct audit_node *n, const struct audit_entry *e,
		       struct wx_error *err)
{
	const char *place = n->journal.texts + e->place_at;
	size_t i = audit_files_find(&n->files, place);
	const struct stat *st;
	char *path = wx_strf("raw/%s/%s", n->id, place);
	int rc = WX_OK;

	if (!path)
		return wx_fail_nomem(err);
	if (i == n->files.n && is_deleted(&n->journal, place)) {
		free(path); /* by the site's rule, of which the line tells */
		return WX_OK;
	}
	if (i == n->files.n) {
		audit_found(n->au, WX_AUDIT_FAULT, "missing", path,
			    e->kind == AUDIT_MADE
				    ? "run wx-pull, which makes it again"
				    : "restore it from a copy; or run wx-pull, "
				      "which fetches it again if the node "
				      "still has it",
			    e->kind == AUDIT_MADE
				    ? "is not here, expected what wx-pull made "
				      "of a capture"
				    : "is not here, expected %" PRId64
				      " bytes as the journal has it",
			    e->size_bytes);
	} else {
		n->claimed[i] = true;
		st = &n->files.file[i].st;
		if (e->kind == AUDIT_MADE)
			;
		else if (e->kind == AUDIT_SNAPSHOT
				 ? st->st_size < e->size_bytes
				 : st->st_size != e->size_bytes)
			audit_found(n->au, WX_AUDIT_FAULT, "size", path,
				    "restore it from a copy; or take it out "
				    "and run wx-pull if the node still has it",
				    "%lld bytes, expected %" PRId64
				    " as the journal has it",
				    (long long)st->st_size, e->size_bytes);
		else
			rc = check_bytes(n, e, path, st, err);
	}
	free(path);
	return rc;
}

/* A node lost it, or it came wrong, and no later line has it. */
static void check_lost(struct audit_node *n, const struct audit_entry *e)
{
	char *path = wx_strf("raw/%s/%s", n->id, n->journal.texts + e->name_at);

	if (!path)
		return;
	if (e->kind == AUDIT_QUARANTINED)
		audit_found(n->au, WX_AUDIT_LOSS, "quarantined", path,
			    "listen to what is in .quarantine of its node, and "
			    "look after the node's card",
			    "came, but not as the node's index tells; it is "
			    "kept aside");
	else
		audit_found(n->au, WX_AUDIT_LOSS, "gone", path,
			    "look after the node's card and its battery",
			    "the node had lost it before it came");
	free(path);
}

/* All lines of one name: which of them tell what should lie here? */
static int check_name(struct audit_node *n, const struct audit_entry *e,
		      size_t n_lines, struct wx_error *err)
{
	const char *texts = n->journal.texts;
	bool is_here = false;
	int rc = WX_OK;

	for (size_t i = n_lines; i-- > 0 && rc == WX_OK;) {
		enum audit_kind k = e[i].kind;
		bool later_has = false;

		is_here |= k == AUDIT_ALIAS || k == AUDIT_HERE ||
			   k == AUDIT_MADE || k == AUDIT_SNAPSHOT;
		if (k != AUDIT_HERE && k != AUDIT_SNAPSHOT && k != AUDIT_MADE)
			continue;
		for (size_t m = i + 1; m < n_lines && !later_has; m++)
			later_has = (e[m].kind == k) &&
				    !strcmp(texts + e[m].place_at,
					    texts + e[i].place_at);
		if (!later_has)
			rc = check_entry(n, &e[i], err);
	}
	for (size_t i = n_lines; i-- > 0 && !is_here && rc == WX_OK;)
		if (e[i].kind == AUDIT_GONE || e[i].kind == AUDIT_QUARANTINED) {
			check_lost(n, &e[i]);
			break;
		}
	return rc;
}

static int check_journal(struct audit_node *n, struct wx_error *err)
{
	const struct audit_journal *j = &n->journal;
	size_t at = 0, len = 0;
	int rc = WX_OK;

	for (size_t i = 0; i < n->files.n; i++)
		n->au->to_read_bytes += (uint64_t)n->files.file[i].st.st_size;
	for (; at < j->n && rc == WX_OK; at += len) {
		const char *name = j->texts + j->entry[at].name_at;

		for (len = 1;
		     at + len < j->n &&
		     !strcmp(name, j->texts + j->entry[at + len].name_at);)
			len++;
		if (!audit_stopped(n->au, &rc, err))
			rc = check_name(n, &j->entry[at], len, err);
	}
	return rc;
}

/* ---- files that no line tells ---- */

static bool is_ours(const struct audit_node *n, const char *name)
{
	const char *beside = strrchr(name, '~');

	if (!strcmp(name, "index.jsl") || !strcmp(name, "clock.jsonl") ||
	    !strcmp(name, "journal.jsonl") ||
	    !strncmp(name, ".quarantine/", 12))
		return true;
	/* An older state of a table or index that was begun anew. */
	if (beside && strspn(beside + 1, "0123456789abcdef") == 8)
		return true;
	return n->au->o->is_derived && n->au->o->is_derived(name);
}

static void check_unclaimed(struct audit_node *n)
{
	for (size_t i = 0; i < n->files.n; i++) {
		const char *name = audit_name(&n->files, i);
		char *path;

		if (n->claimed[i])
			continue;
		path = wx_strf("raw/%s/%s", n->id, name);
		if (!path)
			return;
		if (audit_is_leftover(name))
			audit_found(n->au, WX_AUDIT_FAULT, "leftover", path,
				    "run wx-pull, which resumes it; if it "
				    "stays, delete it",
				    "is unfinished: a pull was interrupted");
		else if (!is_ours(n, name))
			audit_found(n->au, WX_AUDIT_FAULT, "orphan", path,
				    "run wx-pull, which takes it over if the "
				    "node knows it; else move it out of raw",
				    "no line of the journal tells of it");
		free(path);
	}
}

/* ---- clock.jsonl ---- */

static int nothing(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	(void)ctx, (void)obj, (void)line, (void)err;
	return WX_OK;
}

static int check_clock(struct audit_node *n, struct wx_error *err)
{
	struct audit *au = n->au;
	struct wx_seen_value seen = { 0 };
	char *path = wx_strf("raw/%s/clock.jsonl", n->id);
	char *full = path ? wx_strf("%s/%s", au->root, path) : NULL;
	struct wx_log log =
		audit_log(au, "clock", path,
			  "delete the line: the other exchanges count on");
	struct stat st;
	int rc = full ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && audit_stat(au, path, &st) &&
	    !wx_seen_get(au->seen, path, &st, &seen)) {
		rc = wx_jsonl_read(full, "clock-line", nothing, NULL, &log,
				   err);
		if (rc == WX_OK && !au->n_logged)
			rc = wx_seen_put(au->seen, path, &st, &seen, err);
	}
	free(path);
	free(full);
	return rc;
}

int audit_raw(struct audit *au, const struct wx_site_node *node,
	      size_t *n_sound, struct wx_error *err)
{
	struct audit_node n = { .au = au, .id = node->id };
	char *dir = wx_strf("raw/%s", node->id);
	struct stat st;
	int rc = dir ? WX_OK : wx_fail_nomem(err);

	*n_sound = 0;
	if (rc == WX_OK && !audit_stat(au, dir, &st)) {
		audit_found(au, WX_AUDIT_LOSS, "site", dir,
			    "run wx-pull; wx-pull --probe SOURCE tells whether "
			    "the node is alive",
			    "is not here: nothing ever came of node %s, which "
			    "site.json has",
			    node->id);
		free(dir);
		return WX_OK;
	}
	if (rc == WX_OK)
		rc = audit_files_read(au, dir, &n.files, err);
	if (rc == WX_OK) {
		n.claimed = calloc(n.files.n + 1, sizeof(*n.claimed));
		n.indexed = calloc(n.files.n + 1, sizeof(*n.indexed));
		rc = n.claimed && n.indexed ? read_journal(&n, err)
					    : wx_fail_nomem(err);
	}
	if (rc == WX_OK)
		rc = check_journal(&n, err);
	if (rc == WX_OK)
		rc = audit_index(&n, err);
	if (rc == WX_OK)
		rc = check_clock(&n, err);
	if (rc == WX_OK)
		check_unclaimed(&n);
	for (size_t i = 0; rc == WX_OK && i < n.files.n; i++)
		*n_sound += n.indexed[i];
	audit_files_fini(&n.files);
	free(n.claimed);
	free(n.indexed);
	free(n.journal.entry);
	free(n.journal.texts);
	free(dir);
	return rc;
}
