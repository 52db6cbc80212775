/* SPDX-License-Identifier: MIT */
/* lib/archive/livelog.c: see livelog.h. */
#include "archive/livelog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

#define PREFIX "live-"

enum { TAIL = 1 << 16 }; /* no line is longer */

struct wx_livelog {
	char *dir, *extension, *path; /* path: of the open file */
	size_t record;
	struct wx_log *log;
	int fd; /* -1: none is open */
	int64_t day;
	bool dirty;
	double synced_s; /* monotonic */
};

int wx_livelog_new(const char *dir, const char *extension, size_t record,
		   struct wx_log *log, struct wx_livelog **out,
		   struct wx_error *err)
{
	struct wx_livelog *l = calloc(1, sizeof(*l));
	int rc;

	*out = NULL;
	if (!l)
		return wx_fail_nomem(err);
	l->fd = -1;
	l->record = record;
	l->log = log;
	l->dir = strdup(dir);
	l->extension = strdup(extension);
	rc = l->dir && l->extension ? wx_mkdirs(dir, err) : wx_fail_nomem(err);
	if (rc)
		wx_livelog_free(l, NULL);
	else
		*out = l;
	return rc;
}

/* How much at the end of the file is no whole line or record. */
static int find_torn(const struct wx_livelog *l, int64_t size, char *tail,
		     size_t *torn, struct wx_error *err)
{
	size_t n = size < TAIL ? (size_t)size : TAIL;
	int rc;

	if (l->record) {
		*torn = (size_t)(size % (int64_t)l->record);
		return WX_OK;
	}
	rc = wx_file_read_at(l->fd, l->path, tail, n, size - (int64_t)n, err);
	*torn = 0;
	while (!rc && *torn < n && tail[n - 1 - *torn] != '\n')
		++*torn;
	memmove(tail, tail + n - *torn, *torn);
	return rc;
}

/* Cut off what a power cut tore. */
static int mend(struct wx_livelog *l, struct wx_error *err)
{
	char *tail = malloc(TAIL), quoted[WX_QUOTE_SIZE];
	struct stat st;
	size_t torn = 0;
	int rc = tail ? WX_OK : wx_fail_nomem(err);

	if (!rc && fstat(l->fd, &st) != 0)
		rc = wx_fail_errno(err, "%s: cannot look at it", l->path);
	if (!rc)
		rc = find_torn(l, st.st_size, tail, &torn, err);
	if (!rc && torn) {
		wx_warn(l->log, "%s: its last %zu bytes are torn: cut off: %s",
			l->path, torn,
			l->record ? "no whole record"
				  : wx_quote(tail, torn, quoted));
		if (ftruncate(l->fd, st.st_size - (off_t)torn) != 0)
			rc = wx_fail_errno(err, "%s: cannot cut", l->path);
	}
	free(tail);
	return rc;
}

static int close_file(struct wx_livelog *l, struct wx_error *err)
{
	int rc = wx_livelog_sync(l, true, err);

	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	free(l->path);
	l->path = NULL;
	return rc;
}

static int open_file(struct wx_livelog *l, int64_t day, struct wx_error *err)
{
	char name[WX_DAY_SIZE];
	int rc;

	wx_day_format(day, name);
	l->path = wx_strf("%s/" PREFIX "%s.%s", l->dir, name, l->extension);
	if (!l->path)
		return wx_fail_nomem(err);
	l->fd = open(l->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
	if (l->fd < 0)
		return wx_fail_errno(err, "%s: cannot open", l->path);
	l->day = day;
	l->synced_s = wx_mono_s();
	rc = mend(l, err);
	return rc ? rc : wx_sync_folder_of(l->path, err);
}

/* All of it or nothing: a full disk must not leave half a line. */
static int append(struct wx_livelog *l, const char *data, size_t n,
		  struct wx_error *err)
{
	struct stat st;
	ssize_t w;

	if (fstat(l->fd, &st) != 0)
		return wx_fail_errno(err, "%s: cannot look at it", l->path);
	do {
		w = write(l->fd, data, n);
	} while (w < 0 && errno == EINTR);
	l->dirty = true;
	if (w == (ssize_t)n)
		return WX_OK;
	if (w >= 0)
		errno = ENOSPC;
	wx_fail_errno(err, "%s: cannot write", l->path);
	if (w > 0 && ftruncate(l->fd, st.st_size) != 0)
		wx_warn(l->log, "%s: its last line is torn", l->path);
	return WX_ERR_IO;
}

int wx_livelog_add(struct wx_livelog *l, struct wx_time at, const void *data,
		   size_t n, struct wx_error *err)
{
	int64_t day = wx_time_day(at);
	int rc = WX_OK;

	if (l->fd >= 0 && l->day != day)
		rc = close_file(l, err);
	if (!rc && l->fd < 0)
		rc = open_file(l, day, err);
	return rc ? rc : append(l, data, n, err);
}

int wx_livelog_sync(struct wx_livelog *l, bool now, struct wx_error *err)
{
	if (!l->dirty || l->fd < 0 ||
	    (!now && wx_mono_s() - l->synced_s < WX_LIVELOG_SYNC_S))
		return WX_OK;
	if (fdatasync(l->fd) != 0)
		return wx_fail_errno(err, "%s: cannot sync", l->path);
	l->dirty = false;
	l->synced_s = wx_mono_s();
	return WX_OK;
}

int wx_livelog_free(struct wx_livelog *l, struct wx_error *err)
{
	int rc;

	if (!l)
		return WX_OK;
	rc = close_file(l, err);
	free(l->dir);
	free(l->extension);
	free(l);
	return rc;
}

static bool is_ours(const struct wx_livelog *l, const char *name)
{
	size_t n = strlen(PREFIX) + WX_DAY_SIZE - 1;

	return !strncmp(name, PREFIX, strlen(PREFIX)) &&
	       strlen(name) == n + 1 + strlen(l->extension) && name[n] == '.' &&
	       !strcmp(name + n + 1, l->extension);
}

/* Of whole records, should the last be torn. */
static int read_tail(const struct wx_livelog *l, const char *path, void *buf,
		     size_t size, size_t *n, struct wx_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	int rc = WX_OK;

	if (fd < 0 || fstat(fd, &st) != 0)
		rc = wx_fail_errno(err, "%s: cannot open", path);
	if (!rc) {
		if (l->record)
			st.st_size -= st.st_size % (off_t)l->record;
		*n = st.st_size < (off_t)size ? (size_t)st.st_size : size;
		rc = wx_file_read_at(fd, path, buf, *n,
				     st.st_size - (int64_t)*n, err);
	}
	if (fd >= 0)
		close(fd);
	return rc;
}

int wx_livelog_tail(const struct wx_livelog *l, void *buf, size_t size,
		    size_t *n, struct wx_error *err)
{
	struct wx_names names = { 0 };
	const char *newest = NULL;
	char *path;
	int rc = wx_names_read(l->dir, 1, &names, err);

	*n = 0;
	for (size_t i = 0; !rc && i < names.n; i++)
		if (is_ours(l, names.name[i]))
			newest = names.name[i]; /* they are sorted */
	if (newest) {
		path = wx_strf("%s/%s", l->dir, newest);
		rc = path ? read_tail(l, path, buf, size, n, err)
			  : wx_fail_nomem(err);
		free(path);
	}
	wx_names_fini(&names);
	return rc;
}
