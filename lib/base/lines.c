/* SPDX-License-Identifier: MIT */
/* lib/base/lines.c: see lines.h. */
#include "base/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BUF_SIZE = 2 * WX_LINES_MAX };

struct wx_lines {
	int fd;
	bool end;
	long number;
	char *name;
	size_t from, to; /* what is read and not yet handed over */
	char none[1];    /* "" for a line that is too long */
	char buf[BUF_SIZE + 1];
};

int wx_lines_open(const char *path, struct wx_lines **out, struct wx_error *err)
{
	struct wx_lines *in = malloc(sizeof(*in));
	int rc;

	*out = NULL;
	if (!in)
		return wx_fail_nomem(err);
	in->end = false;
	in->none[0] = '\0';
	in->number = 0;
	in->from = in->to = 0;
	in->name = strdup(path);
	in->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!in->name || in->fd < 0) {
		rc = in->name ? wx_fail_errno(err, "%s: cannot open", path)
			      : wx_fail_nomem(err);
		wx_lines_close(in);
		return rc;
	}
	*out = in;
	return WX_OK;
}

void wx_lines_close(struct wx_lines *in)
{
	if (!in)
		return;
	if (in->fd >= 0)
		close(in->fd);
	free(in->name);
	free(in);
}

/* More bytes behind those that are left, which move to the front. */
static int fill(struct wx_lines *in, struct wx_error *err)
{
	ssize_t got;

	memmove(in->buf, in->buf + in->from, in->to - in->from);
	in->to -= in->from;
	in->from = 0;
	do
		got = read(in->fd, in->buf + in->to, BUF_SIZE - in->to);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return wx_fail_errno(err, "%s: cannot read", in->name);
	in->end = got == 0;
	in->to += (size_t)got;
	return WX_OK;
}

/* Pass over the rest of a line that is too long. */
static int skip_rest(struct wx_lines *in, bool *complete, struct wx_error *err)
{
	for (;;) {
		char *nl = memchr(in->buf + in->from, '\n', in->to - in->from);
		int rc;

		in->from = nl ? (size_t)(nl - in->buf) + 1 : in->to;
		*complete = nl != NULL;
		if (nl || in->end)
			return WX_OK;
		rc = fill(in, err);
		if (rc)
			return rc;
	}
}

static void hand_over(struct wx_lines *in, size_t n, bool complete,
		      struct wx_line *out)
{
	*out = (struct wx_line){ .text = in->buf + in->from,
				 .n = n,
				 .number = ++in->number,
				 .complete = complete };
	in->from += n + complete;
	if (out->n && out->text[out->n - 1] == '\r')
		out->n--;
	out->text[out->n] = '\0';
}

int wx_lines_next(struct wx_lines *in, struct wx_line *out,
		  struct wx_error *err)
{
	size_t seen = 0;

	for (;;) {
		size_t have = in->to - in->from;
		char *nl = memchr(in->buf + in->from + seen, '\n', have - seen);
		int rc;

		if (nl && nl - (in->buf + in->from) <= WX_LINES_MAX) {
			hand_over(in, (size_t)(nl - (in->buf + in->from)), true,
				  out);
			return 1;
		}
		if (nl || have > WX_LINES_MAX) {
			*out = (struct wx_line){ .text = in->none,
						 .number = ++in->number,
						 .too_long = true };
			rc = skip_rest(in, &out->complete, err);
			return rc ? rc : 1;
		}
		if (in->end) {
			if (have == 0)
				return 0;
			hand_over(in, have, false, out);
			return 1;
		}
		seen = have;
		rc = fill(in, err);
		if (rc)
			return rc;
	}
}

size_t wx_line_cut_nuls(struct wx_line *line)
{
	size_t n = 0;

	while (n < line->n && line->text[n] == '\0')
		n++;
	line->text += n;
	line->n -= n;
	return n;
}
