/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/lock.c: one holder of a name at a time; see archive.h.
 *
 * The lock is flock(2) on .lock/NAME, which the kernel drops however the
 * process ends; the text in the file only says who it is. The file goes away
 * with its holder, so that an archive at rest has none: hence the look whether
 * the file that was locked is still the one of that name.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive.h"
#include "base/text.h"

struct wx_lock {
	int fd;
	char *path;
};

/* The holder wrote "PID TOOL\n", or is about to. */
static int taken(int fd, const char *name, struct wx_error *err)
{
	char text[100], quoted[WX_QUOTE_SIZE];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < 2)
		return wx_fail(err, WX_ERR_IO,
			       "%s is in use by another run of the tools: wait "
			       "for its end, or end it",
			       name);
	n = (ssize_t)strcspn((text[n] = '\0', text), "\n");
	return wx_fail(err, WX_ERR_IO,
		       "%s is in use by process %s: wait for its end, or end "
		       "it",
		       name, wx_quote(text, (size_t)n, quoted));
}

static bool is_same_file(int fd, const char *path)
{
	struct stat a, b;

	return !fstat(fd, &a) && !stat(path, &b) && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

/* 1: the file was gone, try again. */
static int try_take(struct wx_lock *lock, struct wx_error *err)
{
	int rc = wx_mkdirs_above(lock->path, err);

	if (rc)
		return rc;
	lock->fd = open(lock->path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (lock->fd < 0) /* ENOENT: the folder went with its last lock */
		return errno == ENOENT ? 1
				       : wx_fail_errno(err, "%s: cannot open",
						       lock->path);
	if (flock(lock->fd, LOCK_EX | LOCK_NB) != 0)
		return errno == EWOULDBLOCK
			       ? taken(lock->fd, lock->path, err)
			       : wx_fail_errno(err, "%s: cannot lock",
					       lock->path);
	if (is_same_file(lock->fd, lock->path))
		return WX_OK;
	close(lock->fd);
	lock->fd = -1;
	return 1;
}

int wx_lock_take(const struct wx_archive *a, struct wx_lock **out,
		 struct wx_error *err, const char *name, ...)
{
	struct wx_lock *lock = calloc(1, sizeof(*lock));
	char text[100], *full = NULL;
	va_list args;
	int rc = 1;

	*out = NULL;
	va_start(args, name);
	if (vasprintf(&full, name, args) < 0)
		full = NULL;
	va_end(args);
	if (lock) {
		lock->fd = -1;
		lock->path = full ? wx_archive_path(a, ".lock/%s", full) : NULL;
	}
	free(full);
	if (!lock || !lock->path)
		rc = wx_fail_nomem(err);
	while (rc == 1)
		rc = try_take(lock, err);
	if (!rc) {
		int n = snprintf(text, sizeof(text), "%ld (%s)\n",
				 (long)getpid(), program_invocation_short_name);

		/* A full disk costs no more than the name in a message. */
		if (ftruncate(lock->fd, 0) == 0 &&
		    pwrite(lock->fd, text, (size_t)n, 0) != n)
			(void)!ftruncate(lock->fd, 0);
		*out = lock;
		return WX_OK;
	}
	if (lock && lock->fd >= 0)
		close(lock->fd);
	free(lock ? lock->path : NULL);
	free(lock);
	return rc;
}

void wx_lock_drop(struct wx_lock *lock)
{
	char *slash;

	if (!lock)
		return;
	unlink(lock->path);
	slash = strrchr(lock->path, '/');
	if (slash) {
		*slash = '\0';
		rmdir(lock->path); /* stays while it holds another lock */
	}
	close(lock->fd);
	free(lock->path);
	free(lock);
}
