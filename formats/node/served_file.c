/* SPDX-License-Identifier: MIT */
/*
 * formats/node/served_file.c: files as a node with faults shows them.
 *
 * What a fault changes is made as a nameless file in memory, so that all who
 * serve read it as they read the store's own.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/array.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "node/served_in.h"

enum {
	GROW_LOOKS = 3, /* how often a growing file is seen before its end */
	KEPT_HEAD = 44, /* bytes of a WAV that stay when the rest changes */
	MAX_MADE = 1 << 30,
};

/* A file that a fault may touch. */
static bool is_file(const char *name)
{
	return strcmp(name, "index.jsl") != 0;
}

/* The record of a name, a new one if need be; with the lock held. */
static struct served_seen *seen_of(struct wx_served *s, const char *name)
{
	struct served_seen *e = s->seen;

	for (size_t i = 0; i < s->n_seen; i++, e++)
		if (!strcmp(e->name, name))
			return e;
	if (WX_GROW(&s->seen, &s->seen_room, s->n_seen + 1, NULL) != WX_OK)
		return NULL;
	e = &s->seen[s->n_seen];
	*e = (struct served_seen){ .name = strdup(name) };
	if (!e->name)
		return NULL;
	s->n_seen++;
	return e;
}

/* ---- files made in memory ---- */

/* Put a nameless file of these bytes in the place of out's. */
static int replace(struct wx_store_file *out, const void *data, size_t n,
		   struct wx_error *err)
{
	int fd = memfd_create("wx-served", MFD_CLOEXEC);
	struct wx_sha256 *h = wx_sha256_new();
	const uint8_t *p = data;
	int rc = WX_OK;

	if (fd < 0)
		rc = wx_fail_errno(err, "a file in memory");
	else if (!h)
		rc = wx_fail_nomem(err);
	for (size_t at = 0; rc == WX_OK && at < n;) {
		ssize_t some = write(fd, p + at, n - at);

		if (some < 0)
			rc = wx_fail_errno(err, "a file in memory");
		else
			at += (size_t)some;
	}
	if (rc == WX_OK) {
		wx_sha256_add(h, data, n);
		wx_sha256_get(h, out->sha256);
		out->crc = wx_crc32(0, data, n);
		out->size_bytes = n;
		close(out->fd);
		out->fd = fd;
	} else if (fd >= 0) {
		close(fd);
	}
	wx_sha256_free(h);
	return rc;
}

/* The first n bytes; the caller's to free. */
static int read_all(const struct wx_store_file *f, const char *name, size_t n,
		    uint8_t **out, struct wx_error *err)
{
	int rc;

	*out = n < MAX_MADE ? malloc(n + 1) : NULL;
	if (!*out)
		return wx_fail_nomem(err);
	rc = wx_file_read_at(f->fd, name, *out, n, 0, err);
	if (rc != WX_OK) {
		free(*out);
		*out = NULL;
	}
	return rc;
}

/* ---- the index ---- */

/*
 * Names that no host may take: out of its folder, of its own files, of a
 * terminal's commands, longer than any, none.
 */
static const char evil[] =
	"{\"n\":\"../../evil.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"/tmp/evil.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"b1/../../evil.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"b1/.evil.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"journal.jsonl\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"index.jsl\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"evil\\u001b[2J.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"evil\\nb1/x.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"evil\\u0000.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"b1\\\\evil.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"evil\xff.wav\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"\",\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":{\"evil\":1},\"l\":44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"b1/evil.wav\",\"l\":-44,\"b\":1,\"st\":\"closed\"}\n"
	"{\"n\":\"b1/"
	"evil.wav\",\"l\":99999999999999999999,\"st\":\"closed\"}\n";

/* What the power loss left of the line that was being written. */
static const char torn[] = "{\"n\":\"b9999/999999.wav\",\"l\":48";

struct unset {
	char *text;
	size_t n, room;
};

/* A line as a node writes it whose clock began in 2000. */
static int unset_line(void *ctx, json_t *line, long number,
		      struct wx_error *err)
{
	struct unset *u = ctx;
	int64_t m = wx_json_i64(line, "m0", wx_json_i64(line, "m", 0));
	const char *key = json_object_get(line, "r0")  ? "r0"
			  : json_object_get(line, "r") ? "r"
						       : NULL;
	char *text;
	size_t n;
	int rc;

	(void)number;
	if (key)
		json_object_set_new(line, key,
				    json_integer(SERVED_UNSET_US + m));
	text = json_dumps(line, JSON_COMPACT);
	if (!text)
		return wx_fail_nomem(err);
	n = strlen(text);
	rc = WX_GROW(&u->text, &u->room, u->n + n + 1, err);
	if (rc == WX_OK) {
		memcpy(u->text + u->n, text, n);
		u->text[u->n + n] = '\n';
		u->n += n + 1;
	}
	free(text);
	return rc;
}

static int unset_index(struct wx_served *s, uint8_t **text, size_t *n,
		       struct wx_error *err)
{
	char *path = wx_strf("%s/index.jsl", s->opts.root);
	struct unset u = { 0 };
	int rc = path ? wx_jsonl_read(path, NULL, unset_line, &u, NULL, err)
		      : wx_fail_nomem(err);

	free(path);
	if (rc != WX_OK) {
		free(u.text);
		return rc;
	}
	free(*text);
	*text = (uint8_t *)u.text;
	*n = u.n;
	return WX_OK;
}

static int spoil_index(struct wx_served *s, struct wx_store_file *f,
		       struct wx_error *err)
{
	bool is_evil = wx_fault_on(s->faults, WX_FAULT_EVIL_NAMES, NULL),
	     is_torn = wx_fault_on(s->faults, WX_FAULT_TORN_INDEX, NULL),
	     is_unset = wx_fault_on(s->faults, WX_FAULT_CLOCK_UNSET, NULL);
	size_t n = f->size_bytes, room;
	uint8_t *text = NULL;
	int rc;

	if (!is_evil && !is_torn && !is_unset)
		return WX_OK;
	rc = read_all(f, "index.jsl", n, &text, err);
	if (rc == WX_OK && is_unset)
		rc = unset_index(s, &text, &n, err);
	room = n;
	if (rc == WX_OK)
		rc = WX_GROW(&text, &room, n + sizeof(evil) + 512, err);
	if (rc != WX_OK)
		goto out;
	if (is_evil) {
		memcpy(text + n, evil, sizeof(evil) - 1);
		n += sizeof(evil) - 1;
	}
	if (is_torn) {
		memcpy(text + n, torn, sizeof(torn) - 1);
		n += sizeof(torn) - 1;
		memset(text + n, 0, 300);
		n += 300;
	}
	rc = replace(f, text, n, err);
out:
	free(text);
	return rc;
}

/* ---- other files ---- */

/* One look more; how it stands with the file at this one. */
static void look(struct wx_served *s, const char *name, unsigned *n_looks,
		 bool *changed)
{
	struct served_seen *e;

	pthread_mutex_lock(&s->lock);
	e = seen_of(s, name);
	*n_looks = e ? ++e->n_looks : UINT32_MAX;
	*changed = e && e->changed;
	pthread_mutex_unlock(&s->lock);
}

static int spoil_file(struct wx_served *s, const char *name,
		      struct wx_store_file *f, struct wx_error *err)
{
	bool growing = wx_fault_picks(s->faults, WX_FAULT_GROWING, name),
	     changes = wx_fault_picks(s->faults, WX_FAULT_CHANGED, name),
	     changed;
	size_t n = f->size_bytes;
	unsigned n_looks;
	uint8_t *data;
	int rc;

	if (!growing && !changes)
		return WX_OK;
	look(s, name, &n_looks, &changed);
	growing = growing && n_looks <= GROW_LOOKS;
	changes = changes && !changed;
	if (!growing && !changes)
		return WX_OK;
	if (growing)
		n = n * n_looks / (GROW_LOOKS + 1);
	rc = read_all(f, name, n, &data, err);
	if (rc != WX_OK)
		return rc;
	for (size_t i = KEPT_HEAD; changes && i < n; i++)
		data[i] ^= 0x55;
	rc = replace(f, data, n, err);
	free(data);
	return rc;
}

int wx_served_file(struct wx_served *s, const char *name, bool hashed,
		   struct wx_store_file *out, struct wx_error *err)
{
	int rc = hashed ? wx_store_get(s->store, name, out, err)
			: wx_store_look(s->store, name, out, err);

	if (rc != WX_OK || out->fd < 0)
		return rc;
	if (!is_file(name)) {
		rc = spoil_index(s, out, err);
	} else if (wx_fault_picks(s->faults, WX_FAULT_VANISHED, name)) {
		close(out->fd);
		out->fd = -1;
	} else {
		rc = spoil_file(s, name, out, err);
	}
	if (rc != WX_OK) {
		close(out->fd);
		out->fd = -1;
	}
	return rc;
}

bool wx_served_reach(struct wx_served *s, const char *name, uint64_t offset,
		     uint64_t size_bytes)
{
	struct served_seen *e;
	bool now = false;

	if (!is_file(name) || offset < size_bytes / 2 ||
	    !wx_fault_picks(s->faults, WX_FAULT_CHANGED, name))
		return false;
	pthread_mutex_lock(&s->lock);
	e = seen_of(s, name);
	if (e && !e->changed)
		now = e->changed = true;
	pthread_mutex_unlock(&s->lock);
	return now;
}

uint64_t wx_served_damage(const struct wx_served *s, const char *name,
			  uint64_t size_bytes)
{
	if (!is_file(name) ||
	    !wx_fault_picks(s->faults, WX_FAULT_READ_ERROR, name))
		return UINT64_MAX;
	return size_bytes / 2;
}

int wx_served_remove(struct wx_served *s, const char *name, uint64_t size_bytes,
		     uint32_t crc, bool *gone, struct wx_error *err)
{
	if (wx_fault_picks(s->faults, WX_FAULT_UNDEAD, name)) {
		*gone = true; /* so it says */
		return WX_OK;
	}
	return wx_store_remove(s->store, name, size_bytes, crc, gone, err);
}
