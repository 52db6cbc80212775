/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_get.c: one file, from the node to a part file whose length
 * and digest are right. What a transport calls success is no evidence: nodes
 * cut bodies short, answer from another offset or with a page of HTML.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/pull_in.h"
#include "base/text.h"

enum { READ_SIZE = 1 << 18, MAX_MISMATCHES = 2 };

/* ---- the part file ---- */

static void close_part(struct pull_slot *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	free(s->part);
	s->part = NULL;
	s->item = NULL;
	s->state = SLOT_FREE;
}

/* Forget the bytes so far. */
static int start_over(struct pull_slot *s)
{
	s->offset = s->began = s->skip = s->resumed = 0;
	s->etag[0] = '\0';
	s->crc = 0;
	wx_sha256_reset(s->sha256);
	if (!s->compare && ftruncate(s->fd, 0) != 0)
		return wx_fail_errno(&s->err, "%s: cannot shorten", s->part);
	return WX_OK;
}

/* Hash what lies in fd from s->offset up to end. */
static int hash_up_to(struct pull_slot *s, int64_t end)
{
	char *buf = malloc(READ_SIZE);
	int rc = buf ? WX_OK : wx_fail_nomem(&s->err);

	while (!rc && s->offset < end) {
		int64_t left = end - s->offset;
		ssize_t n = pread(s->fd, buf,
				  left < READ_SIZE ? (size_t)left : READ_SIZE,
				  s->offset);

		if (n <= 0) {
			rc = wx_fail_errno(&s->err, "%s: cannot read", s->part);
			break;
		}
		s->crc = wx_crc32(s->crc, buf, (size_t)n);
		wx_sha256_add(s->sha256, buf, (size_t)n);
		s->offset += n;
	}
	free(buf);
	return rc;
}

static int open_part(struct pull_slot *s)
{
	struct pull_node *n = s->node;
	struct stat st;

	s->part = wx_strf("%s/.part/%s", n->dir, s->item->name);
	if (!s->sha256)
		s->sha256 = wx_sha256_new();
	if (!s->part || !s->sha256)
		return wx_fail_nomem(&s->err);
	if (wx_mkdirs_above(s->part, &s->err))
		return s->err.code;
	s->fd = open(s->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		return wx_fail_errno(&s->err, "%s: cannot write", s->part);
	s->offset = 0;
	s->crc = 0;
	wx_sha256_reset(s->sha256);
	/* Without a digest nobody could tell whose beginning this is. */
	if (st.st_size > s->item->size_bytes ||
	    (!s->item->has_crc && !s->item->has_sha256))
		return start_over(s);
	if (hash_up_to(s, st.st_size))
		return s->err.code;
	s->resumed = s->offset;
	return WX_OK;
}

/* ---- the end of a file, good or bad ---- */

static void left(struct pull_slot *s)
{
	s->node->report.n_left++;
	close_part(s);
}

static void fail_file(struct pull_slot *s, const struct wx_error *why)
{
	struct pull_node *n = s->node;

	if (n->failed || pull_stopped(n)) {
		left(s);
		return;
	}
	n->report.n_failed++;
	pull_warn(n, "%s: %s", s->item->name, why->text);
	close_part(s);
}

/* Disk full, folder in the way: a matter of this machine, not of the node. */
static void fail_here(struct pull_slot *s)
{
	pull_fail_node(s->node, s->err.code, &s->err);
	left(s);
}

static void file_gone(struct pull_slot *s)
{
	struct pull_node *n = s->node;
	const struct pull_item *item = s->item;
	uint64_t key = pull_key('g', item->name, item->size_bytes,
				item->has_crc ? item->crc : 0);
	struct wx_error err = { 0 };

	/*
	 * Nodes that delete their oldest files when full leave them in the
	 * index. Asked for at each pull, for a card may only have been busy,
	 * but complained of once.
	 */
	n->report.n_gone++;
	if (!pull_set_mark(&n->here, key)) {
		n->report.rc = WX_ERR_IO;
		pull_warn(n, "%s: in the index, but not there any more",
			  item->name);
		if (pull_journal(n, pull_note_line("gone", item), &err))
			pull_fail_node(n, err.code, &err);
	}
	unlink(s->part);
	close_part(s);
}

/* Nothing was written: the file that is here stands for the part file. */
static int take_the_one_here(struct pull_slot *s)
{
	char *path = wx_strf("%s/%s", s->node->dir, s->item->name);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW) : -1;

	if (fd < 0) {
		wx_fail_errno(&s->err, "%s: cannot open", s->item->name);
		free(path);
		return s->err.code;
	}
	unlink(s->part);
	close(s->fd);
	free(s->part);
	s->fd = fd;
	s->part = path;
	return WX_OK;
}

/* A job of what is complete; the slot is free for the next. */
static void hand_over(struct pull_slot *s, const uint8_t *sha256)
{
	struct pull_job *job = calloc(1, sizeof(*job));

	if (!job)
		wx_fail_nomem(&s->err);
	if (!job || (s->compare && take_the_one_here(s))) {
		free(job);
		fail_here(s);
		return;
	}
	job->known = s->compare;
	job->node = s->node;
	job->item = s->item;
	job->fd = s->fd;
	job->part = s->part;
	job->size_bytes = s->item->size_bytes;
	job->resumed = s->resumed;
	job->crc = s->crc;
	memcpy(job->sha256, sha256, WX_SHA256_LEN);
	memcpy(job->etag, s->head.etag, sizeof(job->etag));
	job->verified = s->item->has_sha256 || s->head.has_sha256 ? "sha256"
			: s->item->has_crc || s->head.has_crc     ? "crc32"
								  : "length";
	s->fd = -1;
	s->part = NULL;
	close_part(s);
	job->node->n_committing++;
	pull_commit(&job->node->group->committer, job);
}

/* What a card has is what lies here already, time of change aside. */
static bool same_as_here(struct pull_slot *s, const uint8_t *sha256)
{
	struct pull_node *n = s->node;
	char *path = wx_strf("%s/%s", n->dir, s->item->name);
	uint8_t here[WX_SHA256_LEN];
	uint64_t size;
	bool same = path && !wx_file_hash(path, NULL, here, &size, NULL) &&
		    memcmp(here, sha256, sizeof(here)) == 0;

	free(path);
	return same;
}

static void restart(struct pull_slot *s, const struct wx_error *why);

static void complete(struct pull_slot *s)
{
	const struct pull_item *item = s->item;
	uint8_t sha256[WX_SHA256_LEN];
	struct wx_error why = { 0 };

	wx_sha256_get(s->sha256, sha256);
	if (s->compare && !same_as_here(s, sha256)) {
		s->compare = false;
		restart(s, &why);
		return;
	}
	if (!pull_item_is(item, s->offset, s->crc, sha256))
		wx_fail(&why, WX_ERR_FORMAT,
			"CRC-32 %08" PRIx32 " does not agree with the index",
			s->crc);
	else if ((s->head.has_crc && s->head.crc != s->crc) ||
		 (s->head.has_sha256 &&
		  memcmp(s->head.sha256, sha256, sizeof(sha256)) != 0))
		wx_fail(&why, WX_ERR_FORMAT,
			"CRC-32 %08" PRIx32 " does not agree with the digest "
			"that the node sent along",
			s->crc);
	if (!why.code) {
		hand_over(s, sha256);
		return;
	}
	if (++s->mismatches < MAX_MISMATCHES) {
		restart(s, &why);
		return;
	}
	unlink(s->part);
	fail_file(s, &why);
}

/* ---- requests ---- */

static int on_head(struct wx_node_req *req, const struct wx_node_head *head)
{
	struct pull_slot *s = req->ctx;

	s->head = *head;
	if (head->total >= 0 && head->total != s->item->size_bytes)
		return wx_fail(&s->err, WX_ERR_FORMAT,
			       "%" PRId64 " bytes on the node, %" PRId64
			       " in its index",
			       head->total, s->item->size_bytes);
	if (head->start > s->offset)
		return wx_fail(&s->err, WX_ERR_IO,
			       "asked for byte %" PRId64
			       " on, it came from %" PRId64 " on",
			       s->offset, head->start);
	s->skip = 0;
	if (head->start == 0 && s->offset > 0) {
		if (start_over(s))
			return s->err.code;
	} else if (head->start > 0 && s->etag[0] && head->etag[0] &&
		   strcmp(s->etag, head->etag) != 0) {
		/* A part of another version: what is here is useless too. */
		if (start_over(s))
			return s->err.code;
		return wx_fail(&s->err, WX_ERR_IO,
			       "changed between two requests");
	} else {
		s->skip = s->offset - head->start;
	}
	memcpy(s->etag, head->etag, sizeof(s->etag));
	return WX_OK;
}

static int on_data(struct wx_node_req *req, const void *data, size_t n)
{
	struct pull_slot *s = req->ctx;
	const char *p = data;

	if (s->skip > 0) {
		size_t over = (int64_t)n < s->skip ? n : (size_t)s->skip;

		s->skip -= (int64_t)over;
		p += over;
		n -= over;
	}
	if ((int64_t)n > s->item->size_bytes - s->offset)
		return wx_fail(&s->err, WX_ERR_FORMAT,
			       "longer than the %" PRId64
			       " bytes that the index tells",
			       s->item->size_bytes);
	for (size_t done = 0; !s->compare && done < n;) {
		ssize_t w = pwrite(s->fd, p + done, n - done,
				   s->offset + (int64_t)done);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			wx_fail_errno(&s->err, "%s: cannot write", s->part);
			return pull_fail_node(s->node, WX_ERR_IO, &s->err);
		}
		done += (size_t)w;
	}
	s->crc = wx_crc32(s->crc, p, n);
	wx_sha256_add(s->sha256, p, n);
	s->offset += (int64_t)n;
	atomic_fetch_add(&s->node->group->run->done_bytes, n);
	return pull_stopped(s->node) ? WX_ERR_IO : WX_OK;
}

static void start(struct pull_slot *s)
{
	const struct pull_item *item = s->item;

	s->err = (struct wx_error){ 0 };
	s->head = (struct wx_node_head){ .total = -1 };
	s->began = s->offset;
	s->req = (struct wx_node_req){
		.op = WX_NODE_GET,
		.name = item->name,
		.from = s->offset,
		.etag = s->etag,
		.has_crc = item->has_crc,
		.crc = item->crc,
		.size_bytes = item->size_bytes,
		.clone_fd = s->offset || s->compare ? -1 : s->fd,
		.head = on_head,
		.data = on_data,
	};
	pull_slot_start(s);
}

static void restart(struct pull_slot *s, const struct wx_error *why)
{
	if (start_over(s))
		fail_here(s);
	else if (s->node->failed || pull_stopped(s->node))
		fail_file(s, why);
	else
		s->state = SLOT_WAITING; /* again_s is past: at once */
}

static void ended(struct pull_slot *s, enum wx_node_end end,
		  const struct wx_error *why)
{
	struct wx_error text = { 0 };

	if (s->node->failed || pull_stopped(s->node)) {
		left(s);
		return;
	}
	if (s->req.cloned && hash_up_to(s, s->item->size_bytes)) {
		fail_here(s);
		return;
	}
	switch (end) {
	case WX_NODE_DONE:
		if (s->offset == s->item->size_bytes) {
			complete(s);
			return;
		}
		wx_fail(&text, WX_ERR_IO,
			"%" PRId64 " bytes came, %" PRId64 " expected",
			s->offset, s->item->size_bytes);
		end = WX_NODE_CUT;
		break;
	case WX_NODE_GONE:
		file_gone(s);
		return;
	case WX_NODE_RANGE:
		wx_fail(&text, WX_ERR_IO,
			"shorter on the node than the %" PRId64
			" bytes that are here",
			s->offset);
		if (++s->mismatches < MAX_MISMATCHES)
			restart(s, &text);
		else
			fail_file(s, &text);
		return;
	case WX_NODE_STOPPED:
		wx_fail(&text, s->err.code, "%s", s->err.text);
		end = s->err.code == WX_ERR_FORMAT ? WX_NODE_REFUSED
						   : WX_NODE_CUT;
		break;
	default:
		wx_fail(&text, why->code, "%s", why->text);
	}
	if (!pull_again(s, end, &text))
		fail_file(s, &text);
}

static void begin(struct pull_slot *s, struct pull_item *item)
{
	struct pull_node *n = s->node;
	struct stat st;
	char *here = wx_strf("%s/%s", n->dir, item->name);

	s->item = item;
	s->tries = s->mismatches = 0;
	s->again_s = 0;
	s->etag[0] = '\0';
	s->err = (struct wx_error){ 0 };
	s->head = (struct wx_node_head){ 0 };
	s->then = ended;
	s->compare = n->listed && here && lstat(here, &st) == 0 &&
		     S_ISREG(st.st_mode) && st.st_size == item->size_bytes;
	free(here);
	if (open_part(s))
		fail_here(s);
	else if (s->offset == item->size_bytes && item->size_bytes > 0)
		complete(s);
	else
		start(s);
}

/* Nothing more of this node now: let go of what is under way. */
static void give_up(struct pull_node *n)
{
	for (int i = 0; i < PULL_SLOTS; i++) {
		struct pull_slot *s = &n->slot[i];

		if (s->state == SLOT_RUNNING)
			n->driver->cancel(n->handle, &s->req);
		if (s->item && s->state != SLOT_RUNNING)
			left(s);
	}
	for (; n->next < n->n_items; n->next++)
		n->report.n_left += n->item[n->next].kind == PULL_FILE;
}

bool pull_files(struct pull_node *n)
{
	bool busy = false;

	if (n->failed || pull_stopped(n))
		give_up(n);
	for (int i = 0; i < n->driver->in_flight; i++) {
		struct pull_slot *s = &n->slot[i];

		while (n->next < n->n_items &&
		       n->item[n->next].kind != PULL_FILE)
			n->next++;
		if (s->state == SLOT_WAITING && pull_slot_room(s))
			start(s);
		else if (s->state == SLOT_FREE && n->next < n->n_items &&
			 pull_slot_room(s) &&
			 !pull_committer_full(&n->group->committer))
			begin(s, &n->item[n->next++]);
		busy |= s->state != SLOT_FREE;
	}
	return busy || n->next < n->n_items;
}
