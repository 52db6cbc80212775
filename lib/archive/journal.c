/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/journal.c: lines that are only ever added; see archive.h.
 *
 * What was synced ends in '\n'. Whatever a kill or a power cut left behind the
 * last '\n' is cut off, unless it is a whole object, which wx_jsonl_read may
 * have told somebody: that one gets its '\n'.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/archive.h"
#include "base/json.h"
#include "base/lines.h"

struct wx_journal {
	int fd;
	bool is_new; /* its name is not synced yet */
	off_t end;   /* of what is written */
	char *path;
	char *text; /* appended and not yet written */
	size_t n;
	FILE *stream; /* onto text */
};

/* Where the last line break ends; 0: there is none. */
static int find_end(const char *path, int fd, off_t size, off_t *end,
		    struct wx_error *err)
{
	char buf[4096];

	while (size > 0) {
		off_t from = size > (off_t)sizeof(buf)
				     ? size - (off_t)sizeof(buf)
				     : 0;
		ssize_t n = pread(fd, buf, (size_t)(size - from), from);
		char *nl;

		if (n != size - from)
			return wx_fail_errno(err, "%s: cannot read", path);
		nl = memrchr(buf, '\n', (size_t)n);
		if (nl) {
			*end = from + (nl - buf) + 1;
			return WX_OK;
		}
		size = from;
	}
	*end = 0;
	return WX_OK;
}

static bool is_object(int fd, off_t from, off_t size)
{
	char buf[WX_LINES_MAX];
	json_t *v = NULL;

	if (size - from <= (off_t)sizeof(buf) &&
	    pread(fd, buf, (size_t)(size - from), from) == size - from)
		v = json_loadb(buf, (size_t)(size - from),
			       JSON_REJECT_DUPLICATES, NULL);

	bool is = json_is_object(v);

	json_decref(v);
	return is;
}

static int mend_tail(struct wx_journal *j, struct wx_error *err)
{
	struct stat st;
	int rc;

	if (fstat(j->fd, &st) != 0)
		return wx_fail_errno(err, "%s: cannot read", j->path);
	rc = find_end(j->path, j->fd, st.st_size, &j->end, err);
	if (rc || j->end == st.st_size)
		return rc;
	if (is_object(j->fd, j->end, st.st_size)) {
		j->end = st.st_size;
		if (pwrite(j->fd, "\n", 1, j->end) != 1)
			return wx_fail_errno(err, "%s: cannot write", j->path);
		j->end++;
	} else if (ftruncate(j->fd, j->end) != 0) {
		return wx_fail_errno(err, "%s: cannot cut its torn last line",
				     j->path);
	}
	return WX_OK;
}

int wx_journal_open(const char *path, struct wx_journal **out,
		    struct wx_error *err)
{
	struct wx_journal *j = calloc(1, sizeof(*j));
	int rc;

	*out = NULL;
	if (!j)
		return wx_fail_nomem(err);
	j->fd = -1;
	j->path = strdup(path);
	j->stream = open_memstream(&j->text, &j->n);
	rc = j->path && j->stream ? wx_mkdirs_above(path, err)
				  : wx_fail_nomem(err);
	if (rc)
		goto out;
	j->fd = open(path, O_RDWR | O_CLOEXEC);
	if (j->fd < 0 && errno == ENOENT) {
		j->is_new = true;
		j->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	}
	rc = j->fd < 0 ? wx_fail_errno(err, "%s: cannot open", path)
		       : mend_tail(j, err);
	if (rc)
		goto out;
	*out = j;
	j = NULL;
out:
	wx_journal_close(j);
	return rc;
}

int wx_journal_append(struct wx_journal *j, const json_t *line,
		      struct wx_error *err)
{
	return wx_json_write_line(line, j->stream, err);
}

/* All or nothing: a full disk must not leave half a line for the next try. */
static int write_all(struct wx_journal *j, struct wx_error *err)
{
	size_t done = 0;

	while (done < j->n) {
		ssize_t n = pwrite(j->fd, j->text + done, j->n - done,
				   j->end + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			int rc =
				wx_fail_errno(err, "%s: cannot write", j->path);

			(void)!ftruncate(j->fd, j->end);
			return rc;
		}
		done += (size_t)n;
	}
	j->end += (off_t)done;
	return WX_OK;
}

int wx_journal_sync(struct wx_journal *j, struct wx_error *err)
{
	int rc;

	if (fflush(j->stream) != 0)
		return wx_fail_nomem(err);
	if (j->n == 0)
		return WX_OK;
	rc = write_all(j, err);
	if (rc)
		return rc;
	rewind(j->stream); /* j->n is 0 from here on */
	if (fflush(j->stream) != 0)
		return wx_fail_nomem(err);
	if (fdatasync(j->fd) != 0)
		return wx_fail_errno(err, "%s: cannot sync", j->path);
	if (j->is_new && (rc = wx_sync_folder_of(j->path, err)))
		return rc;
	j->is_new = false;
	return WX_OK;
}

void wx_journal_close(struct wx_journal *j)
{
	if (!j)
		return;
	if (j->stream)
		fclose(j->stream);
	if (j->fd >= 0)
		close(j->fd);
	free(j->text);
	free(j->path);
	free(j);
}
