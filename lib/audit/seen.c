/* SPDX-License-Identifier: MIT */
/* lib/audit/seen.c: see seen.h. */
#include "audit/seen.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lines.h"
#include "base/time.h"

struct note {
	uint64_t key;
	int64_t size_bytes, mtime_ns;
	uint64_t inode;
	struct wx_seen_value value;
	bool used;
};

struct wx_seen {
	char *path;
	struct note *old; /* by key */
	size_t n_old, room_old;
	struct note *new;
	size_t n_new, room_new;
};

static struct note note_of(const char *path, const struct stat *st)
{
	return (struct note){ .key = wx_text_key(path),
			      .size_bytes = st->st_size,
			      .mtime_ns = st->st_mtim.tv_sec * WX_NS_PER_S +
					  st->st_mtim.tv_nsec,
			      .inode = st->st_ino };
}

static int by_key(const void *va, const void *vb)
{
	const struct note *a = va, *b = vb;

	return a->key < b->key ? -1 : a->key > b->key;
}

static int by_key_ctx(const void *a, const void *b, void *ctx)
{
	(void)ctx;
	return by_key(a, b);
}

static bool parse(const char *text, struct note *n)
{
	char digest[2 * WX_SEEN_DIGEST + 2];
	int end = 0;

	if (sscanf(text,
		   "%16" SCNx64 " %" SCNd64 " %" SCNd64 " %" SCNu64 " %8" SCNx32
		   " %65s%n",
		   &n->key, &n->size_bytes, &n->mtime_ns, &n->inode,
		   &n->value.crc, digest, &end) != 6 ||
	    text[end])
		return false;
	n->value.has_digest = strcmp(digest, "-") != 0;
	return !n->value.has_digest ||
	       wx_hex_parse(digest, strlen(digest), n->value.digest,
			    WX_SEEN_DIGEST);
}

static int read_notes(struct wx_seen *s, struct wx_error *err)
{
	struct wx_lines *in = NULL;
	struct wx_line line;
	int rc = wx_lines_open(s->path, &in, err);

	while (rc == WX_OK && (rc = wx_lines_next(in, &line, err)) == 1) {
		struct note n = { 0 };

		rc = WX_OK;
		if (!line.complete || !parse(line.text, &n))
			continue;
		rc = WX_GROW(&s->old, &s->room_old, s->n_old + 1, err);
		if (rc == WX_OK)
			s->old[s->n_old++] = n;
	}
	wx_lines_close(in);
	if (rc == WX_OK)
		wx_sort(s->old, s->n_old, sizeof(*s->old), by_key_ctx, NULL);
	return rc;
}

int wx_seen_open(const char *path, bool forget, struct wx_seen **out,
		 struct wx_error *err)
{
	struct wx_seen *s = calloc(1, sizeof(*s));
	int rc = WX_OK;

	*out = NULL;
	if (s)
		s->path = strdup(path);
	if (!s || !s->path)
		rc = wx_fail_nomem(err);
	else if (!forget && access(path, F_OK) == 0)
		rc = read_notes(s, err);
	if (rc != WX_OK) {
		wx_seen_free(s);
		return rc;
	}
	*out = s;
	return WX_OK;
}

bool wx_seen_get(struct wx_seen *s, const char *path, const struct stat *st,
		 struct wx_seen_value *out)
{
	struct note want = note_of(path, st);
	struct note *n = s->n_old ? bsearch(&want, s->old, s->n_old,
					    sizeof(want), by_key)
				  : NULL;

	if (!n || n->size_bytes != want.size_bytes ||
	    n->mtime_ns != want.mtime_ns || n->inode != want.inode)
		return false;
	n->used = true;
	*out = n->value;
	return true;
}

int wx_seen_put(struct wx_seen *s, const char *path, const struct stat *st,
		const struct wx_seen_value *value, struct wx_error *err)
{
	struct note n = note_of(path, st);
	int rc;

	if (wx_time_now().utc_ns - n.mtime_ns < WX_NS_PER_S)
		return WX_OK;
	rc = WX_GROW(&s->new, &s->room_new, s->n_new + 1, err);
	if (rc != WX_OK)
		return rc;
	n.value = *value;
	n.used = true;
	s->new[s->n_new++] = n;
	return WX_OK;
}

/* What is new goes before what was noted of the same path. */
static int merge(struct wx_seen *s, bool all, struct wx_error *err)
{
	size_t n_new = s->n_new;
	int rc = WX_OK;

	wx_sort(s->new, s->n_new, sizeof(*s->new), by_key_ctx, NULL);
	for (size_t i = 0; i < s->n_old && rc == WX_OK; i++) {
		if (!(s->old[i].used || all) ||
		    (n_new && bsearch(&s->old[i], s->new, n_new,
				      sizeof(*s->new), by_key)))
			continue;
		rc = WX_GROW(&s->new, &s->room_new, s->n_new + 1, err);
		if (rc == WX_OK)
			s->new[s->n_new++] = s->old[i];
	}
	if (rc == WX_OK)
		wx_sort(s->new, s->n_new, sizeof(*s->new), by_key_ctx, NULL);
	return rc;
}

static void write_note(const struct note *n, FILE *out)
{
	char digest[2 * WX_SEEN_DIGEST + 1] = "-";

	if (n->value.has_digest)
		wx_hex(n->value.digest, WX_SEEN_DIGEST, digest);
	fprintf(out,
		"%016" PRIx64 " %" PRId64 " %" PRId64 " %" PRIu64 " %08" PRIx32
		" %s\n",
		n->key, n->size_bytes, n->mtime_ns, n->inode, n->value.crc,
		digest);
}

int wx_seen_save(struct wx_seen *s, bool all, struct wx_error *err)
{
	struct wx_file *f = NULL;
	size_t n_used = 0;
	int rc;

	for (size_t i = 0; i < s->n_old; i++)
		n_used += s->old[i].used;
	if (!s->n_new && (all || n_used == s->n_old))
		return WX_OK;
	rc = merge(s, all, err);
	if (rc == WX_OK)
		rc = wx_file_create(s->path, &f, err);
	if (rc != WX_OK)
		return rc;
	fputs("# wx-check: what was read, by the first 8 bytes of the path's "
	      "SHA-256\n",
	      wx_file_get(f));
	for (size_t i = 0; i < s->n_new; i++)
		write_note(&s->new[i], wx_file_get(f));
	return wx_file_commit(f, NULL, err);
}

void wx_seen_free(struct wx_seen *s)
{
	if (!s)
		return;
	free(s->path);
	free(s->old);
	free(s->new);
	free(s);
}
