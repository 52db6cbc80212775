/* SPDX-License-Identifier: MIT */
/* lib/base/file.c: see file.h. */
#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"

struct wx_file {
	FILE *fp;
	char *path, *part;
};

static int make_folder(const char *path, struct wx_error *err)
{
	struct stat st;

	if (mkdir(path, 0777) == 0)
		return WX_OK;
	if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		return WX_OK;
	return wx_fail_errno(err, "%s: cannot make this folder", path);
}

int wx_mkdirs_above(const char *path, struct wx_error *err)
{
	struct stat st;
	char *copy = strdup(path);
	char *last = copy ? strrchr(copy, '/') : NULL;
	int rc = copy ? WX_OK : wx_fail_nomem(err);

	if (last && last != copy) {
		*last = '\0';
		/* Mostly it is there: one look instead of one per level. */
		if (stat(copy, &st) != 0 || !S_ISDIR(st.st_mode)) {
			rc = wx_mkdirs_above(copy, err);
			if (!rc)
				rc = make_folder(copy, err);
		}
	}
	free(copy);
	return rc;
}

int wx_mkdirs(const char *path, struct wx_error *err)
{
	int rc = wx_mkdirs_above(path, err);

	return rc ? rc : make_folder(path, err);
}

int wx_sync_folder_of(const char *path, struct wx_error *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path,
				    slash == path ? 1 : (size_t)(slash - path))
			  : strdup(".");
	int rc = WX_OK;
	int fd;

	if (!dir)
		return wx_fail_nomem(err);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* Some network file systems cannot sync a folder: EINVAL. */
	if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP))
		rc = wx_fail_errno(err, "%s: cannot sync this folder", dir);
	if (fd >= 0)
		close(fd);
	free(dir);
	return rc;
}

int wx_file_create(const char *path, struct wx_file **out, struct wx_error *err)
{
	struct wx_file *f = calloc(1, sizeof(*f));
	struct stat st;
	int rc;

	*out = NULL;
	/* A rename would put a file in the place of /dev/null. */
	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		rc = wx_fail(err, WX_ERR_IO,
			     "%s: is no file that could be replaced", path);
		goto out;
	}
	if (!f || !(f->path = strdup(path)) ||
	    !(f->part = wx_strf("%s.part", path))) {
		rc = wx_fail_nomem(err);
		goto out;
	}
	rc = wx_mkdirs_above(path, err);
	if (rc)
		goto out;
	f->fp = fopen(f->part, "w+e");
	if (!f->fp) {
		rc = wx_fail_errno(err, "%s: cannot write", f->part);
		goto out;
	}
	setvbuf(f->fp, NULL, _IOFBF, 1 << 16);
	*out = f;
	f = NULL;
out:
	wx_file_abort(f);
	return rc;
}

FILE *wx_file_get(struct wx_file *f)
{
	return f->fp;
}

void wx_file_abort(struct wx_file *f)
{
	if (!f)
		return;
	if (f->fp) {
		fclose(f->fp);
		unlink(f->part);
	}
	free(f->path);
	free(f->part);
	free(f);
}

/* Does the file at path hold the same bytes as fp? */
static bool same_bytes(const char *path, FILE *fp)
{
	static const size_t size = 1 << 16;
	struct stat st, st_new;
	FILE *old = fopen(path, "re");
	char *a = malloc(size), *b = malloc(size);
	bool same = old && a && b && fstat(fileno(old), &st) == 0 &&
		    fstat(fileno(fp), &st_new) == 0 && S_ISREG(st.st_mode) &&
		    st.st_size == st_new.st_size;

	rewind(fp);
	while (same) {
		size_t n = fread(a, 1, size, old);

		same = fread(b, 1, size, fp) == n && memcmp(a, b, n) == 0;
		if (n < size)
			break;
	}
	if (old)
		fclose(old);
	free(a);
	free(b);
	return same;
}

static int flush(struct wx_file *f, struct wx_error *err)
{
	if (fflush(f->fp) == 0 && !ferror(f->fp))
		return WX_OK;
	return wx_fail_errno(err, "%s: cannot write", f->part);
}

static int close_and_rename(struct wx_file *f, struct wx_error *err)
{
	int rc = fclose(f->fp);

	f->fp = NULL;
	if (rc == 0 && rename(f->part, f->path) == 0)
		return WX_OK;
	rc = wx_fail_errno(err, "%s: cannot rename to %s", f->part, f->path);
	unlink(f->part);
	return rc;
}

int wx_file_commit(struct wx_file *f, bool *changed, struct wx_error *err)
{
	int rc = flush(f, err);

	if (rc == WX_OK && changed) {
		*changed = !same_bytes(f->path, f->fp);
		if (!*changed)
			goto out;
	}
	if (rc == WX_OK && fsync(fileno(f->fp)) != 0)
		rc = wx_fail_errno(err, "%s: cannot sync", f->part);
	if (rc == WX_OK)
		rc = close_and_rename(f, err);
	if (rc == WX_OK)
		rc = wx_sync_folder_of(f->path, err);
out:
	wx_file_abort(f);
	return rc;
}

int wx_file_commit_unsynced(struct wx_file *f, struct wx_error *err)
{
	int rc = flush(f, err);

	if (rc == WX_OK)
		rc = close_and_rename(f, err);
	wx_file_abort(f);
	return rc;
}

int wx_file_read(const char *path, size_t max, char **out, size_t *n,
		 struct wx_error *err)
{
	FILE *in = fopen(path, "re");
	size_t size = 0, room = 0;
	char *buf = NULL;
	int rc = WX_OK;

	*out = NULL;
	if (!in)
		return wx_fail_errno(err, "%s: cannot open", path);
	for (;;) {
		if (room - size < 2) {
			char *more = realloc(buf, room = room * 2 + 65536);

			if (!more) {
				rc = wx_fail_nomem(err);
				goto out;
			}
			buf = more;
		}

		size_t got = fread(buf + size, 1, room - size - 1, in);

		size += got;
		if (got == 0)
			break;
		if (size > max) {
			rc = wx_fail(err, WX_ERR_RANGE,
				     "%s: over %zu bytes, not read", path, max);
			goto out;
		}
	}
	if (ferror(in)) {
		rc = wx_fail_errno(err, "%s: cannot read", path);
		goto out;
	}
	buf[size] = '\0';
	*out = buf;
	*n = size;
	buf = NULL;
out:
	free(buf);
	fclose(in);
	return rc;
}

int wx_file_read_at(int fd, const char *name, void *buf, size_t n,
		    int64_t offset, struct wx_error *err)
{
	char *p = buf;

	while (n) {
		ssize_t got = pread(fd, p, n, offset);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return wx_fail_errno(err, "%s: cannot read", name);
		if (!got)
			return wx_fail(err, WX_ERR_IO,
				       "%s: shrank while it was read", name);
		p += got;
		n -= (size_t)got;
		offset += got;
	}
	return WX_OK;
}

static int names_add(struct wx_names *names, size_t *room, char *name,
		     struct wx_error *err)
{
	if (WX_GROW(&names->name, room, names->n + 1, err)) {
		free(name);
		return WX_ERR_NOMEM;
	}
	names->name[names->n++] = name;
	return WX_OK;
}

static bool left_out(const char *name)
{
	size_t n = strlen(name);

	return name[0] == '.' ||
	       (n >= 5 && strcmp(name + n - 5, ".part") == 0) ||
	       strcmp(name, "lost+found") == 0; /* for root's eyes only */
}

/* prefix: "" or "b0017/". */
static int names_walk(const char *root, const char *prefix, int depth,
		      struct wx_names *names, size_t *room,
		      struct wx_error *err)
{
	char *path = wx_strf("%s/%s", root, prefix);
	DIR *dir = path ? opendir(path) : NULL;
	struct dirent *e;
	int rc = WX_OK;

	if (!path)
		return wx_fail_nomem(err);
	if (!dir) {
		if (errno != ENOENT)
			rc = wx_fail_errno(err, "%s: cannot open", path);
		free(path);
		return rc;
	}
	while (!rc && (errno = 0, e = readdir(dir))) {
		struct stat st, link;
		char *name;

		if (left_out(e->d_name))
			continue;
		if (fstatat(dirfd(dir), e->d_name, &st, 0) != 0 ||
		    fstatat(dirfd(dir), e->d_name, &link,
			    AT_SYMLINK_NOFOLLOW) != 0)
			continue; /* gone since, or a dangling link */
		if (S_ISDIR(link.st_mode) && depth > 1) {
			name = wx_strf("%s%s/", prefix, e->d_name);
			rc = name ? names_walk(root, name, depth - 1, names,
					       room, err)
				  : wx_fail_nomem(err);
			free(name);
		} else if (S_ISDIR(link.st_mode)) {
			names->too_deep = true;
		} else if (S_ISREG(st.st_mode)) {
			name = wx_strf("%s%s", prefix, e->d_name);
			rc = name ? names_add(names, room, name, err)
				  : wx_fail_nomem(err);
		}
	}
	if (!rc && errno)
		rc = wx_fail_errno(err, "%s: cannot read", path);
	closedir(dir);
	free(path);
	return rc;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

int wx_names_read(const char *dir, int depth, struct wx_names *out,
		  struct wx_error *err)
{
	size_t room = 0;
	int rc;

	*out = (struct wx_names){ 0 };
	rc = names_walk(dir, "", depth, out, &room, err);
	if (rc)
		wx_names_fini(out);
	else if (out->n)
		qsort(out->name, out->n, sizeof(*out->name), by_text);
	return rc;
}

void wx_names_fini(struct wx_names *names)
{
	for (size_t i = 0; i < names->n; i++)
		free(names->name[i]);
	free(names->name);
	*names = (struct wx_names){ 0 };
}
