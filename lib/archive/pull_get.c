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

enum {
	MAX_MISMATCHES = 2,
	MAX_LENGTHS = 3, /* one of the answer before, its own, a right one */
};

/* ---- the part file ---- */

static void close_part(struct pull_slot *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->part && s->offset == 0) /* nothing to resume from */
		unlink(s->part);
	s->fd = -1;
	free(s->part);
	s->part = NULL;
	s->item = NULL;
	s->state = SLOT_FREE;
}

/* Forget the bytes so far. */
static int start_over(struct pull_slot *s)
{
	s->offset = s->skip = s->resumed = 0;
	s->crc = 0;
	s->crc_bytes = 0;
	s->etag[0] = '\0';
	if (ftruncate(s->fd, 0) != 0)
		return wx_fail_errno(&s->err, "%s: cannot shorten", s->part);
	return WX_OK;
}

static int open_part(struct pull_slot *s)
{
	struct pull_node *n = s->node;
	struct stat st;

	s->offset = 0;
	s->part = wx_strf("%s/.part/%s", n->dir, s->item->name);
	if (!s->part)
		return wx_fail_nomem(&s->err);
	if (wx_mkdirs_above(s->part, &s->err))
		return s->err.code;
	s->fd = open(s->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
	if (s->fd < 0 || fstat(s->fd, &st) != 0)
		return wx_fail_errno(&s->err, "%s: cannot write", s->part);
	/* Without a digest nobody could tell whose beginning this is. */
	if (st.st_size > s->item->size_bytes ||
	    (!s->item->has_crc && !s->item->has_sha256 &&
	     !n->driver->resumes_by_prefix))
		return start_over(s);
	s->offset = s->resumed = st.st_size;
	s->crc = 0;
	s->crc_bytes = 0;
	return WX_OK;
}

/* The CRC-32 of what is here, for a node that compares it with its own. */
static int read_prefix(struct pull_slot *s)
{
	char buf[1 << 14];

	while (s->crc_bytes < s->offset) {
		int64_t left = s->offset - s->crc_bytes;
		ssize_t n = pread(s->fd, buf,
				  left < (int64_t)sizeof(buf) ? (size_t)left
							      : sizeof(buf),
				  s->crc_bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return wx_fail_errno(&s->err, "%s: cannot read",
					     s->part);
		s->crc = wx_crc32(s->crc, buf, (size_t)n);
		s->crc_bytes += n;
	}
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

/* A job of what is complete; the slot is free for the next. */
static void hand_over(struct pull_slot *s)
{
	struct pull_job *job = calloc(1, sizeof(*job));

	if (!job) {
		wx_fail_nomem(&s->err);
		fail_here(s);
		return;
	}
	job->node = s->node;
	job->item = s->item;
	job->fd = s->fd;
	job->part = s->part;
	job->size_bytes = s->item->size_bytes;
	job->resumed = s->resumed;
	job->crc = s->crc;
	job->has_sha256 = s->has_sha256;
	memcpy(job->sha256, s->sha256, WX_SHA256_LEN);
	memcpy(job->etag, s->head.etag, sizeof(job->etag));
	if (s->item->has_sha256 || (s->head.has_sha256 && s->has_sha256))
		job->verified = "sha256";
	else
		job->verified = s->item->has_crc || s->head.has_crc ? "crc32"
								    : "length";
	s->fd = -1;
	s->part = NULL;
	close_part(s);
	job->node->n_committing++;
	pull_commit(&job->node->group->committer, job);
}

static void restart(struct pull_slot *s, const struct wx_error *why);

void pull_checked(struct pull_slot *s)
{
	const struct wx_node_head *head = &s->head;
	struct wx_error why = { 0 };

	if (s->err.code) {
		fail_here(s);
		return;
	}
	if (!pull_item_is(s->item, s->offset, s->crc, s->sha256))
		wx_fail(&why, WX_ERR_FORMAT,
			"CRC-32 %08" PRIx32 " does not agree with the index",
			s->crc);
	else if ((head->has_crc && head->crc != s->crc) ||
		 (head->has_sha256 && s->has_sha256 &&
		  memcmp(head->sha256, s->sha256, WX_SHA256_LEN) != 0))
		wx_fail(&why, WX_ERR_FORMAT,
			"CRC-32 %08" PRIx32 " does not agree with the digest "
			"that the node sent along",
			s->crc);
	if (!why.code) {
		hand_over(s);
		return;
	}
	if (++s->mismatches < MAX_MISMATCHES) {
		restart(s, &why);
		return;
	}
	if (pull_quarantine(s->node, s->item, s->fd, s->part, s->crc, &why))
		fail_file(s, &why);
	else
		close_part(s);
}

/* ---- requests ---- */

/* Made as it is asked for: each answer from its start tells its length. */
static void learn_size(struct pull_slot *s, const struct wx_node_head *head)
{
	struct pull_item *item = s->item;

	if (!item->untold || head->start > 0 || head->total < 0)
		return;
	atomic_fetch_add(
		&s->node->group->run->total_bytes,
		(unsigned long long)(head->total - (item->size_bytes > 0
							    ? item->size_bytes
							    : 0)));
	item->size_bytes = head->total;
}

static int on_head(struct wx_node_req *req, const struct wx_node_head *head)
{
	struct pull_slot *s = req->ctx;

	s->head = *head;
	learn_size(s, head);
	if (head->total >= 0 && head->total != s->item->size_bytes)
		return wx_fail(&s->err, WX_ERR_FORMAT,
			       "%" PRId64 " bytes on the node, %" PRId64
			       " in its index",
			       head->total, s->item->size_bytes);
	if (head->start > s->offset) {
		wx_fail(&s->err, WX_ERR_IO,
			"asked for byte %" PRId64 " on, it came from %" PRId64
			" on",
			s->offset, head->start);
		start_over(s); /* from the beginning it may come right */
		return s->err.code;
	}
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
	for (size_t done = 0; done < n;) {
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
	if (s->crc_bytes == s->offset) {
		s->crc = wx_crc32(s->crc, p, n);
		s->crc_bytes += (int64_t)n;
	}
	s->offset += (int64_t)n;
	atomic_fetch_add(&s->node->group->run->done_bytes, n);
	return pull_is_over(s->node) ? WX_ERR_IO : WX_OK;
}

static void start(struct pull_slot *s)
{
	const struct pull_item *item = s->item;
	bool by_prefix = s->node->driver->resumes_by_prefix;

	s->err = (struct wx_error){ 0 };
	if (by_prefix && read_prefix(s)) {
		fail_here(s);
		return;
	}
	s->head = (struct wx_node_head){ .total = -1 };
	s->req = (struct wx_node_req){
		.op = WX_NODE_GET,
		.name = item->name,
		.from = s->offset,
		.etag = s->etag,
		.has_crc = item->has_crc,
		.crc = item->crc,
		.size_bytes = item->size_bytes,
		.has_prefix_crc = by_prefix,
		.prefix_crc = s->crc,
		.clone_fd = s->offset ? -1 : s->fd,
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

/*
 * All of it is here. Where the CRC-32 is all that it can be held against, and
 * all bytes passed through it on their way here, it need not be read back.
 */
static void whole(struct pull_slot *s)
{
	s->err = (struct wx_error){ 0 };
	s->has_sha256 = s->item->has_sha256 || !s->item->has_crc;
	if (!s->has_sha256 && s->crc_bytes == s->item->size_bytes)
		pull_checked(s);
	else
		pull_check(&s->node->group->checker, s);
}

static void ended(struct pull_slot *s, enum wx_node_end end,
		  const struct wx_error *why)
{
	struct wx_error text = { 0 };

	if (s->node->failed || pull_stopped(s->node)) {
		left(s);
		return;
	}
	if (s->req.cloned)
		s->offset = s->item->size_bytes;
	switch (end) {
	case WX_NODE_DONE:
		if (s->offset == s->item->size_bytes) {
			whole(s);
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
		if (why->code)
			wx_fail(&text, why->code, "%s", why->text);
		wx_fail(&text, WX_ERR_IO,
			"shorter on the node than the %" PRId64
			" bytes that are here",
			s->offset);
		if (start_over(s)) {
			fail_here(s);
			return;
		}
		end = WX_NODE_CUT;
		break;
	case WX_NODE_STOPPED:
		wx_fail(&text, s->err.code, "%s", s->err.text);
		/*
		 * Another length: it may be what a node glued to the answer
		 * before, or to this one, on a connection that is closed now,
		 * and the two may follow each other. Ask again.
		 */
		if (s->err.code == WX_ERR_FORMAT &&
		    ++s->lengths < MAX_LENGTHS) {
			restart(s, &text);
			return;
		}
		end = s->err.code == WX_ERR_FORMAT ? WX_NODE_REFUSED
						   : WX_NODE_CUT;
		break;
	default:
		wx_fail(&text, why->code, "%s", why->text);
	}
	if (!pull_again(s, end, s->offset))
		fail_file(s, &text);
}

static void begin(struct pull_slot *s, struct pull_item *item)
{
	s->item = item;
	s->tries = s->mismatches = s->lengths = 0;
	s->again_s = 0;
	s->etag[0] = '\0';
	s->err = (struct wx_error){ 0 };
	s->head = (struct wx_node_head){ 0 };
	s->then = ended;
	s->reached = 0;
	if (open_part(s))
		fail_here(s);
	else if (s->offset == item->size_bytes && s->offset > 0)
		whole(s);
	else
		start(s);
}

/* Nothing more of this node now: let go of what waits. */
static void give_up(struct pull_node *n)
{
	for (int i = 0; i < PULL_SLOTS; i++)
		if (n->slot[i].state == SLOT_WAITING)
			left(&n->slot[i]);
	for (; n->next < n->n_items; n->next++)
		n->report.n_left += n->item[n->next].kind == PULL_FILE;
}

bool pull_files(struct pull_node *n)
{
	bool ask = pull_battery_due(n);
	int busy = 0, checking = 0;

	if (n->failed || pull_stopped(n))
		give_up(n);
	for (int i = 0; i < PULL_SLOTS; i++) {
		checking += n->slot[i].state == SLOT_CHECKING;
		busy += n->slot[i].state == SLOT_RUNNING ||
			n->slot[i].state == SLOT_WAITING;
	}
	for (int i = 0; i < PULL_SLOTS; i++) {
		struct pull_slot *s = &n->slot[i];

		while (n->next < n->n_items &&
		       n->item[n->next].kind != PULL_FILE)
			n->next++;
		if (s->state == SLOT_WAITING && pull_slot_room(s)) {
			start(s);
		} else if (s->state == SLOT_FREE && n->next < n->n_items &&
			   busy < n->width && !ask && pull_slot_room(s) &&
			   !pull_committer_full(&n->group->committer)) {
			busy++;
			begin(s, &n->item[n->next++]);
		}
	}
	if (ask && !busy && !checking && n->next < n->n_items &&
	    pull_slot_room(&n->slot[0])) {
		pull_battery_ask(n);
		busy++;
	}
	return busy || checking || n->next < n->n_items;
}
