/* SPDX-License-Identifier: MIT */
/* lib/sound/cut.c: copy captures whole, and cut them without re-encoding. */
#include "sound/cut.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

/*
 * One buffer for all cuts of a capture: 10 s of 16 bit at 48 kHz go through it
 * in one read and one write. Fresh pages for each file cost more than the copy.
 */
enum { BUFFER_SIZE = 1 << 20 };

struct wx_cutter {
	int fd;
	char *path;
	struct wx_wav wav;
	char part[4200]; /* the file under way */
	uint8_t buffer[BUFFER_SIZE];
};

/* Starts c->part, which end_file renames to `to`; -1 after a failure. */
static int new_file(struct wx_cutter *c, const char *to, struct wx_error *err)
{
	int fd;

	if (snprintf(c->part, sizeof(c->part), "%s.part", to) >=
	    (int)sizeof(c->part)) {
		wx_fail(err, WX_ERR_RANGE, "%.200s...: too long a path", to);
		return -1;
	}
	fd = open(c->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd < 0)
		wx_fail_errno(err, "%s: cannot create", c->part);
	return fd;
}

/* Closes fd; without WX_OK the part goes. */
static int end_file(struct wx_cutter *c, int fd, const char *to, int rc,
		    struct wx_error *err)
{
	/* close tells of a full disk on some network file systems. */
	if (close(fd) && rc == WX_OK)
		rc = wx_fail_errno(err, "%s: cannot write", to);
	if (rc == WX_OK && rename(c->part, to))
		rc = wx_fail_errno(err, "%s: cannot rename to %s", c->part, to);
	if (rc != WX_OK)
		unlink(c->part);
	return rc;
}

static int write_all(int fd, const uint8_t *p, size_t n, const char *name,
		     struct wx_error *err)
{
	while (n) {
		ssize_t put = write(fd, p, n);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return wx_fail_errno(err, "%s: cannot write", name);
		p += put;
		n -= (size_t)put;
	}
	return WX_OK;
}

/* From where both files stand to the end of `in`. */
static int copy_by_hand(int in, int out, const char *from, const char *to,
			struct wx_error *err)
{
	uint8_t *buffer = malloc(BUFFER_SIZE);
	int rc = buffer ? WX_OK : wx_fail_nomem(err);

	while (rc == WX_OK) {
		ssize_t got = read(in, buffer, BUFFER_SIZE);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			rc = wx_fail_errno(err, "%s: cannot read", from);
		if (got <= 0)
			break;
		rc = write_all(out, buffer, (size_t)got, to, err);
	}
	free(buffer);
	return rc;
}

/*
 * Blocks are shared where the file system can: copy_file_range does that by
 * itself. Where it fails or stops early, reading and writing goes on.
 */
static int copy_bytes(const struct wx_cutter *c, int out, const char *to,
		      struct wx_error *err)
{
	int64_t left = c->wav.file_bytes;

	while (left > 0) {
		ssize_t n = copy_file_range(c->fd, NULL, out, NULL,
					    (size_t)left, 0);

		if (n <= 0)
			return copy_by_hand(c->fd, out, c->path, to, err);
		left -= n;
	}
	return WX_OK;
}

int wx_cutter_copy(struct wx_cutter *c, const char *to, struct wx_error *err)
{
	int out = new_file(c, to, err);
	int rc;

	if (out < 0)
		return WX_ERR_IO;
	rc = lseek(c->fd, 0, SEEK_SET) == 0
		     ? copy_bytes(c, out, to, err)
		     : wx_fail_errno(err, "%s: cannot read", c->path);
	return end_file(c, out, to, rc, err);
}

int wx_cutter_link(struct wx_cutter *c, const char *to, struct wx_error *err)
{
	int out = new_file(c, to, err);

	if (out < 0)
		return WX_ERR_IO;
	if (ioctl(out, FICLONE, c->fd) == 0)
		return end_file(c, out, to, WX_OK, err);
	close(out);
	unlink(c->part);
	/* A rename onto another name of the same file would do nothing. */
	unlink(to);
	if (link(c->path, to) == 0)
		return WX_OK;
	return wx_cutter_copy(c, to, err);
}

int wx_cutter_open(const char *path, struct wx_cutter **out,
		   struct wx_error *err)
{
	struct wx_cutter *c = malloc(sizeof(*c));
	int rc = WX_OK;

	*out = NULL;
	if (!c)
		return wx_fail_nomem(err);
	c->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	c->path = wx_strf("%s", path);
	if (c->fd < 0)
		rc = wx_fail_errno(err, "%s: cannot open", path);
	else if (!c->path)
		rc = wx_fail_nomem(err);
	if (rc == WX_OK)
		rc = wx_wav_probe_fd(c->fd, path, &c->wav, err);
	if (rc == WX_OK && c->wav.code == WX_WAV_OTHER)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: WAV of format tag %u; expected PCM (1) or "
			     "float (3), which can be cut",
			     path, c->wav.tag);
	if (rc != WX_OK) {
		wx_cutter_close(c);
		return rc;
	}
	*out = c;
	return WX_OK;
}

const struct wx_wav *wx_cutter_wav(const struct wx_cutter *c)
{
	return &c->wav;
}

void wx_cutter_close(struct wx_cutter *c)
{
	if (!c)
		return;
	if (c->fd >= 0)
		close(c->fd);
	free(c->path);
	free(c);
}

/* Header, n bytes from offset, a pad if n is odd. */
static int cut_bytes(struct wx_cutter *c, int64_t offset, uint32_t n, int out,
		     const char *to, struct wx_sha256 *sha,
		     struct wx_error *err)
{
	size_t used = WX_WAV_HEADER_SIZE;
	uint32_t left = n;
	int rc = WX_OK;

	wx_wav_header(&c->wav, n, c->buffer);
	while (rc == WX_OK && (left || used)) {
		/* One byte is kept free for the pad. */
		size_t room = sizeof(c->buffer) - used - 1;
		size_t take = left < room ? left : room;

		rc = wx_file_read_at(c->fd, c->path, c->buffer + used, take,
				     offset, err);
		if (rc != WX_OK)
			break;
		offset += (int64_t)take;
		left -= (uint32_t)take;
		used += take;
		if (!left && (n & 1))
			c->buffer[used++] = 0;
		if (sha)
			wx_sha256_add(sha, c->buffer, used);
		rc = write_all(out, c->buffer, used, to, err);
		used = 0;
	}
	return rc;
}

int wx_cutter_cut(struct wx_cutter *c, int64_t first, int64_t n_frames,
		  const char *to, struct wx_sha256 *sha, struct wx_error *err)
{
	const struct wx_wav *w = &c->wav;
	/* RIFF's size counts the header, the data and a pad. */
	int64_t most = (UINT32_MAX - WX_WAV_HEADER_SIZE) / w->block_align;
	int out, rc;

	if (first < 0 || n_frames < 1 || n_frames > w->n_frames ||
	    first > w->n_frames - n_frames || n_frames > most)
		return wx_fail(err, WX_ERR_RANGE,
			       "%s: %lld frames from frame %lld; expected 1 or "
			       "more of its %lld frames, up to 4 GiB",
			       c->path, (long long)n_frames, (long long)first,
			       (long long)w->n_frames);
	out = new_file(c, to, err);
	if (out < 0)
		return WX_ERR_IO;
	rc = cut_bytes(c, w->data_offset + first * w->block_align,
		       (uint32_t)(n_frames * w->block_align), out, to, sha,
		       err);
	return end_file(c, out, to, rc, err);
}

int wx_cutter_read(const struct wx_cutter *c, int64_t first, int64_t n_frames,
		   void *out, struct wx_error *err)
{
	const struct wx_wav *w = &c->wav;

	if (first < 0 || n_frames < 0 || n_frames > w->n_frames ||
	    first > w->n_frames - n_frames)
		return wx_fail(err, WX_ERR_RANGE,
			       "%s: has no frames %lld to %lld", c->path,
			       (long long)first, (long long)(first + n_frames));
	return wx_file_read_at(c->fd, c->path, out,
			       (size_t)(n_frames * w->block_align),
			       w->data_offset + first * w->block_align, err);
}

int64_t wx_cut_size(const struct wx_wav *wav, int64_t n_frames)
{
	int64_t n = n_frames * wav->block_align;

	return WX_WAV_HEADER_SIZE + n + (n & 1);
}
