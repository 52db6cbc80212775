/* SPDX-License-Identifier: MIT */
/*
 * formats/node/store.c: a folder that is what a node keeps.
 *
 * Two trees by name under one lock: what the index says, built anew whenever
 * index.jsl changes, and what was found by hashing, which stays valid while
 * the file's inode, length and times do.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "node/store.h"

/* A file as its index line tells it. */
struct told {
	char *name; /* first, so that both trees share their order */
	int64_t size_bytes;
	bool has_crc, has_sha, is_open;
	uint32_t crc;
	uint8_t sha256[WX_SHA256_LEN];
};

/* A file as it was found when it was hashed. */
struct found {
	char *name;
	struct stat st;
	uint32_t crc;
	uint8_t sha256[WX_SHA256_LEN];
};

struct wx_store {
	pthread_mutex_t lock;
	int root_fd;
	char *index;          /* path of index.jsl */
	struct stat index_st; /* of the index that told was built from */
	void *told, *found;   /* trees */
	int64_t boot;
	char recording[WX_STORE_NAME_SIZE];
};

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void entry_free(void *entry)
{
	free(*(char **)entry);
	free(entry);
}

/*
 * The entry of a name in a tree; a new one of size bytes, with only its name
 * set, if there is none. NULL: out of memory.
 */
static void *tree_at(void **tree, const char *name, size_t size)
{
	void **node = tfind(&name, tree, by_name);
	char **entry;

	if (node)
		return *node;
	entry = calloc(1, size);
	if (!entry)
		return NULL;
	*entry = strdup(name);
	if (!*entry || !tsearch(entry, tree, by_name)) {
		entry_free(entry);
		return NULL;
	}
	return entry;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino &&
	       a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec &&
	       a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

/* One line of the index: a file, or an event of the clock. */
static int index_line(void *ctx, json_t *line, long number,
		      struct wx_error *err)
{
	struct wx_store *s = ctx;
	const char *name = wx_json_str(line, "n", NULL);
	int64_t boot = wx_json_i64(line, "b", -1);
	const char *crc = wx_json_str(line, "c", "");
	const char *sha256 = wx_json_str(line, "h", "");
	struct told *t;

	(void)number;
	if (boot > s->boot)
		s->boot = boot;
	if (!name || wx_name_check(name, NULL) != WX_OK ||
	    !strcmp(name, "index.jsl"))
		return WX_OK; /* an event, or what no index can tell */
	t = tree_at(&s->told, name, sizeof(*t));
	if (!t)
		return wx_fail_nomem(err);
	t->size_bytes = wx_json_i64(line, "l", -1);
	t->has_crc = wx_crc32_parse(crc, strlen(crc), &t->crc);
	t->has_sha = wx_hex_parse(sha256, strlen(sha256), t->sha256,
				  sizeof(t->sha256));
	t->is_open = !strcmp(wx_json_str(line, "st", "closed"), "open");
	return WX_OK;
}

static void find_recording(const void *node, VISIT which, void *ctx)
{
	const struct told *t = *(struct told *const *)node;
	struct wx_store *s = ctx;
	size_t n = strlen(t->name);

	if ((which == postorder || which == leaf) && t->is_open && n > 4 &&
	    !strcasecmp(t->name + n - 4, ".wav"))
		strcpy(s->recording, t->name);
}

/* Read the index again if it changed. With the lock held. */
static int index_refresh(struct wx_store *s, struct wx_error *err)
{
	struct stat st;
	int rc;

	if (stat(s->index, &st) < 0)
		return wx_fail_errno(err, "%s", s->index);
	if (same_file(&st, &s->index_st))
		return WX_OK;
	tdestroy(s->told, entry_free);
	s->told = NULL;
	s->boot = 0;
	s->recording[0] = '\0';
	rc = wx_jsonl_read(s->index, NULL, index_line, s, NULL, err);
	if (rc != WX_OK)
		return rc;
	twalk_r(s->told, find_recording, s);
	s->index_st = st; /* from before the reading: later lines show */
	return WX_OK;
}

int wx_store_open(const char *root, struct wx_store **out, struct wx_error *err)
{
	struct wx_store *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (!s)
		return wx_fail_nomem(err);
	pthread_mutex_init(&s->lock, NULL);
	s->root_fd = -1;
	s->index = wx_strf("%s/index.jsl", root);
	if (!s->index) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	s->root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->root_fd < 0) {
		rc = wx_fail_errno(err, "%s", root);
		goto out;
	}
	rc = index_refresh(s, err);
	if (rc == WX_OK) {
		*out = s;
		s = NULL;
	}
out:
	wx_store_close(s);
	return rc;
}

void wx_store_close(struct wx_store *s)
{
	if (!s)
		return;
	tdestroy(s->told, entry_free);
	tdestroy(s->found, entry_free);
	if (s->root_fd >= 0)
		close(s->root_fd);
	pthread_mutex_destroy(&s->lock);
	free(s->index);
	free(s);
}

/*
 * The folder a name is in, step by step, so that no link leads out of the
 * store. Returns its descriptor, or -1; *base is the name's last part.
 */
static int parent_open(const struct wx_store *s, const char *name,
		       const char **base)
{
	int fd = dup(s->root_fd);
	const char *slash;

	for (; fd >= 0 && (slash = strchr(name, '/')); name = slash + 1) {
		char part[WX_STORE_NAME_SIZE] = { 0 };
		int next;

		memcpy(part, name, (size_t)(slash - name));
		next = openat(fd, part,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	*base = name;
	return fd;
}

/* A regular file for reading; -1 if there is none. */
static int file_open(const struct wx_store *s, const char *name,
		     struct stat *st)
{
	const char *base;
	int dir = parent_open(s, name, &base), fd;

	if (dir < 0)
		return -1;
	fd = openat(dir, base, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	close(dir);
	if (fd >= 0 && (fstat(fd, st) < 0 || !S_ISREG(st->st_mode))) {
		close(fd);
		errno = ENOENT;
		return -1;
	}
	return fd;
}

/* Both hashes of the first n bytes. */
static int hash_fd(int fd, uint64_t n, const char *name, uint32_t *crc,
		   uint8_t *sha256, struct wx_error *err)
{
	enum { BLOCK = 1 << 17 };
	struct wx_sha256 *h = wx_sha256_new();
	uint8_t *buf = malloc(BLOCK);
	int rc = WX_OK;

	*crc = 0;
	if (!h || !buf) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	for (uint64_t at = 0; at < n;) {
		size_t want = n - at < BLOCK ? (size_t)(n - at) : BLOCK;

		rc = wx_file_read_at(fd, name, buf, want, (int64_t)at, err);
		if (rc)
			goto out;
		*crc = wx_crc32(*crc, buf, want);
		wx_sha256_add(h, buf, want);
		at += want;
	}
	wx_sha256_get(h, sha256);
out:
	wx_sha256_free(h);
	free(buf);
	return rc;
}

/* What is known of an opened file without reading it. */
static bool known(const struct wx_store *s, const char *name,
		  const struct stat *st, struct wx_store_file *out)
{
	void *const *node = tfind(&name, &s->told, by_name);
	const struct told *t = node ? *node : NULL;
	const struct found *f;
	bool crc = t && t->has_crc && t->size_bytes == st->st_size;
	bool sha = t && t->has_sha && t->size_bytes == st->st_size;

	out->is_open = t && t->is_open;
	node = tfind(&name, &s->found, by_name);
	f = node ? *node : NULL;
	if (f && same_file(&f->st, st)) {
		out->crc = f->crc;
		memcpy(out->sha256, f->sha256, sizeof(out->sha256));
	}
	if (crc)
		out->crc = t->crc;
	if (sha)
		memcpy(out->sha256, t->sha256, sizeof(out->sha256));
	return (f && same_file(&f->st, st)) || (crc && sha);
}

static int remember(struct wx_store *s, const char *name, const struct stat *st,
		    uint32_t crc, const uint8_t *sha256, struct wx_error *err)
{
	struct found *f = tree_at(&s->found, name, sizeof(*f));

	if (!f)
		return wx_fail_nomem(err);
	f->st = *st;
	f->crc = crc;
	memcpy(f->sha256, sha256, sizeof(f->sha256));
	return WX_OK;
}

/* Open a file; *known_hashes: out has its hashes already. */
static int look(struct wx_store *s, const char *name, struct stat *st,
		struct wx_store_file *out, bool *known_hashes,
		struct wx_error *err)
{
	int rc;

	*out = (struct wx_store_file){ .fd = -1 };
	*known_hashes = false;
	if (wx_name_check(name, NULL) != WX_OK)
		return WX_OK;
	out->fd = file_open(s, name, st);
	if (out->fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == EIO ||
		    errno == EACCES)
			return wx_fail_errno(err, "%s", name);
		return WX_OK;
	}
	out->size_bytes = (uint64_t)st->st_size;
	pthread_mutex_lock(&s->lock);
	rc = index_refresh(s, err);
	if (rc == WX_OK)
		*known_hashes = known(s, name, st, out);
	pthread_mutex_unlock(&s->lock);
	return rc;
}

static int let_go(struct wx_store_file *out, int rc)
{
	if (rc != WX_OK && out->fd >= 0) {
		close(out->fd);
		out->fd = -1;
	}
	return rc;
}

int wx_store_look(struct wx_store *s, const char *name,
		  struct wx_store_file *out, struct wx_error *err)
{
	struct stat st;
	bool done;

	return let_go(out, look(s, name, &st, out, &done, err));
}

int wx_store_get(struct wx_store *s, const char *name,
		 struct wx_store_file *out, struct wx_error *err)
{
	struct stat st;
	uint32_t crc;
	uint8_t sha256[WX_SHA256_LEN];
	bool done;
	int rc;

	rc = look(s, name, &st, out, &done, err);
	if (rc != WX_OK || done || out->fd < 0)
		return let_go(out, rc);

	/* Unlocked: others need not wait for a long file. */
	rc = hash_fd(out->fd, out->size_bytes, name, &crc, sha256, err);
	if (rc != WX_OK)
		return let_go(out, rc);
	pthread_mutex_lock(&s->lock);
	rc = remember(s, name, &st, crc, sha256, err);
	if (rc == WX_OK)
		known(s, name, &st, out);
	pthread_mutex_unlock(&s->lock);
	return let_go(out, rc);
}

int wx_store_remove(struct wx_store *s, const char *name, uint64_t size_bytes,
		    uint32_t crc, bool *gone, struct wx_error *err)
{
	struct wx_store_file now;
	const char *base;
	int rc = wx_store_get(s, name, &now, err), dir;

	*gone = false;
	if (rc != WX_OK || now.fd < 0)
		return rc;
	close(now.fd);
	if (now.size_bytes != size_bytes || now.crc != crc)
		return WX_OK;
	dir = parent_open(s, name, &base);
	if (dir < 0 || unlinkat(dir, base, 0) < 0 || fsync(dir) < 0)
		rc = wx_fail_errno(err, "%s: cannot delete", name);
	else
		*gone = true;
	if (dir >= 0)
		close(dir);
	return rc;
}

int wx_store_append(struct wx_store *s, const char *line, struct wx_error *err)
{
	char *text = wx_strf("\n%s\n", line), last = '\n';
	int rc = WX_OK, fd;
	struct stat st;

	if (!text)
		return wx_fail_nomem(err);
	pthread_mutex_lock(&s->lock);
	fd = open(s->index, O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0 &&
	    pread(fd, &last, 1, st.st_size - 1) != 1)
		last = '\n';
	/* A torn last line must not swallow this one. */
	const char *from = text + (last == '\n');
	size_t n = strlen(from);
	if (fd < 0 || write(fd, from, n) != (ssize_t)n || fdatasync(fd) < 0)
		rc = wx_fail_errno(err, "%s: cannot append", s->index);
	if (fd >= 0)
		close(fd);
	pthread_mutex_unlock(&s->lock);
	free(text);
	return rc;
}

int wx_store_state(struct wx_store *s, struct wx_store_state *out,
		   struct wx_error *err)
{
	struct statvfs fs;
	int rc;

	if (fstatvfs(s->root_fd, &fs) < 0)
		return wx_fail_errno(err, "%s", s->index);
	pthread_mutex_lock(&s->lock);
	rc = index_refresh(s, err);
	if (rc == WX_OK) {
		out->boot = s->boot;
		strcpy(out->recording, s->recording);
	}
	pthread_mutex_unlock(&s->lock);
	out->fs_free = (uint64_t)fs.f_bavail * fs.f_frsize;
	out->fs_total = (uint64_t)fs.f_blocks * fs.f_frsize;
	return rc;
}
