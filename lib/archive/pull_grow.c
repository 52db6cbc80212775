/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_grow.c: files that grow on the node, the index before all.
 *
 * Asked for is what comes after the bytes that are here, and the last of those
 * again: if they come out the same, the rest is appended; if not, the file is
 * another (a node that was wiped) and is fetched whole, the old one kept
 * beside. Only complete lines are taken: what a power cut tore or filled with
 * NULs is asked for again next time.
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

enum { OVERLAP = 1024, COPY_SIZE = 1 << 16, MAX_GROWN = 256 << 20 };

static void grow_close(struct pull_node *n)
{
	struct pull_grow *g = &n->grow;

	if (g->in)
		fclose(g->in);
	free(g->path);
	*g = (struct pull_grow){ .grew = g->grew, .over = true };
	n->slot[0].state = SLOT_FREE;
}

static void grow_fail(struct pull_node *n, int rc, const struct wx_error *why)
{
	const struct pull_item *item = n->grow.item;

	/* Without its index nothing can be had of a node. */
	if (!item) {
		pull_fail_node(n, rc, why);
	} else if (n->failed || pull_stopped(n)) {
		n->report.n_left++;
	} else {
		n->report.n_failed++;
		pull_warn(n, "%s: %s", item->name, why->text);
	}
	grow_close(n);
}

static bool is_index(const struct pull_grow *g)
{
	return !g->item;
}

/* A closed table, which the index tells the length and digest of. */
static bool is_closed(const struct pull_grow *g)
{
	return g->item && g->item->size_bytes >= 0;
}

/* Where it comes to, in fresh memory. */
static char *part_path(const struct pull_node *n)
{
	return wx_strf("%s/.part/.grow", n->dir);
}

/* ---- what came ---- */

static int on_head(struct wx_node_req *req, const struct wx_node_head *head)
{
	struct pull_slot *s = req->ctx;
	struct pull_grow *g = &s->node->grow;

	s->head = *head;
	if (head->total > MAX_GROWN)
		return wx_fail(&s->err, WX_ERR_RANGE,
			       "%" PRId64 " bytes, more than %d", head->total,
			       MAX_GROWN);
	if (head->start != g->from && head->start != 0)
		return wx_fail(&s->err, WX_ERR_IO,
			       "asked for byte %" PRId64
			       " on, it came from %" PRId64 " on",
			       g->from, head->start);
	g->from = head->start;
	return WX_OK;
}

static int on_data(struct wx_node_req *req, const void *data, size_t n)
{
	struct pull_slot *s = req->ctx;

	s->offset += (int64_t)n;
	if (s->offset > MAX_GROWN)
		return wx_fail(&s->err, WX_ERR_RANGE, "more than %d bytes",
			       MAX_GROWN);
	if (fwrite(data, 1, n, s->node->grow.in) != n) {
		wx_fail_errno(&s->err, "%s/.part: cannot write", s->node->dir);
		return pull_fail_node(s->node, WX_ERR_IO, &s->err);
	}
	return pull_stopped(s->node) ? WX_ERR_IO : WX_OK;
}

/* Does n_bytes of what came, from its start, lie in old from offset at on? */
static bool same_bytes(FILE *old, int64_t at, FILE *in, int64_t n_bytes)
{
	char a[4096], b[4096];

	if (fseeko(old, at, SEEK_SET) != 0)
		return false;
	rewind(in);
	while (n_bytes > 0) {
		size_t n = n_bytes < (int64_t)sizeof(a) ? (size_t)n_bytes
							: sizeof(a);

		if (fread(a, 1, n, old) != n || fread(b, 1, n, in) != n ||
		    memcmp(a, b, n) != 0)
			return false;
		n_bytes -= (int64_t)n;
	}
	return true;
}

/* Of the n bytes that came, those up to the end of the last whole line. */
static int64_t whole_lines(FILE *in, int64_t n)
{
	int64_t end = 0, at = 0;
	bool nul = false;
	int c;

	rewind(in);
	for (; at < n && (c = getc_unlocked(in)) != EOF; at++) {
		nul |= c == '\0';
		if (c == '\n' && !nul)
			end = at + 1;
		/* NULs, then whole lines: a power cut long past. */
		if (c == '\n')
			nul = false;
	}
	return end;
}

/* ---- into the archive ---- */

static int copy(FILE *from, int64_t at, int64_t n, FILE *to, uint32_t *crc,
		struct wx_sha256 *sha256, struct wx_error *err)
{
	char *buf = malloc(COPY_SIZE);
	int rc = buf ? WX_OK : wx_fail_nomem(err);

	if (!rc && fseeko(from, at, SEEK_SET) != 0)
		rc = wx_fail_errno(err, "cannot read what came");
	while (!rc && n > 0) {
		size_t k = n < COPY_SIZE ? (size_t)n : COPY_SIZE;

		if (fread(buf, 1, k, from) != k)
			rc = wx_fail(err, WX_ERR_IO, "cannot read what came");
		else if (fwrite(buf, 1, k, to) != k)
			rc = wx_fail_errno(err, "cannot write");
		*crc = wx_crc32(*crc, buf, k);
		wx_sha256_add(sha256, buf, k);
		n -= (int64_t)k;
	}
	free(buf);
	return rc;
}

/* The old file goes aside under a name that tells its bytes. */
static int put_aside(struct pull_node *n, struct wx_error *err)
{
	struct pull_grow *g = &n->grow;
	char *to = NULL;
	uint32_t crc;
	int rc = wx_file_hash(g->path, &crc, NULL, NULL, err);

	if (rc)
		return rc;
	to = is_index(g) ? wx_strf("%s/index~%08" PRIx32 ".jsl", n->dir, crc)
			 : wx_strf("%s~%08" PRIx32, g->path, crc);
	if (!to)
		return wx_fail_nomem(err);
	if (rename(g->path, to) != 0)
		rc = wx_fail_errno(err, "%s: cannot rename to %s", g->path, to);
	else
		pull_warn(n,
			  "%s: another than before; the old one is kept as "
			  "%s",
			  g->name, strrchr(to, '/') + 1);
	n->report.n_beside += !rc;
	free(to);
	return rc;
}

/* Complete as it is, until it grows further. */
static json_t *here_line(struct pull_node *n, int64_t size, uint32_t crc,
			 const uint8_t *sha256)
{
	const struct pull_grow *g = &n->grow;
	json_t *line = pull_here_line(g->name, size, crc, sha256);
	int fd = line ? open(g->path, O_RDONLY | O_CLOEXEC) : -1;

	if (line)
		pull_add_told(line, g->item);
	if (fd >= 0) {
		pull_describe(n, fd, g->name, line);
		close(fd);
	}
	return line;
}

static int note(struct pull_node *n, int64_t size, uint32_t crc,
		const uint8_t *sha256, bool complete, struct wx_error *err)
{
	const struct pull_grow *g = &n->grow;
	const char *etag = n->slot[0].head.etag;
	char hex[WX_CRC32_HEX];
	json_t *line;
	int rc;

	if (g->closes) {
		line = here_line(n, size, crc, sha256);
	} else {
		snprintf(hex, sizeof(hex), "%08" PRIx32, crc);
		line = json_pack("{s:s, s:I, s:s}", "snapshot", g->name, "l",
				 (json_int_t)size, "crc", hex);
		/* Only of all of it, or the rest would be "not modified". */
		if (line && complete && *etag)
			json_object_set_new(line, "etag",
					    json_string_nocheck(etag));
	}
	rc = pull_journal(n, line, err);
	return rc ? rc : pull_journal_sync(n, err);
}

/*
 * The file is the first `keep` bytes of what is here, and `n_more` of what
 * came from `at` on. 1: it is not what the index says, all of it is needed.
 */
static int install(struct pull_node *n, int64_t keep, int64_t at,
		   int64_t n_more, bool complete, struct wx_error *err)
{
	struct pull_grow *g = &n->grow;
	struct wx_sha256 *hash = wx_sha256_new();
	FILE *old = keep ? fopen(g->path, "re") : NULL;
	struct wx_file *f = NULL;
	uint8_t sha256[WX_SHA256_LEN];
	uint32_t crc = 0;
	bool changed = false;
	int rc = WX_OK;

	if (!hash)
		rc = wx_fail_nomem(err);
	else if (keep && !old)
		rc = wx_fail_errno(err, "%s: cannot open", g->path);
	if (!rc)
		rc = wx_file_create(g->path, &f, err);
	if (!rc && keep)
		rc = copy(old, 0, keep, wx_file_get(f), &crc, hash, err);
	if (!rc)
		rc = copy(g->in, at, n_more, wx_file_get(f), &crc, hash, err);
	if (rc)
		goto out;
	wx_sha256_get(hash, sha256);
	if (g->closes && !pull_item_is(g->item, keep + n_more, crc, sha256)) {
		rc = 1;
		goto out;
	}
	if (!keep && g->have)
		rc = put_aside(n, err);
	if (!rc) {
		rc = wx_file_commit(f, &changed, err);
		f = NULL;
	}
	if (!rc)
		rc = note(n, keep + n_more, crc, sha256, complete, err);
	if (!rc && changed) {
		g->grew = true;
		n->report.n_tables += !is_index(g);
	}
out:
	wx_file_abort(f);
	wx_sha256_free(hash);
	if (old)
		fclose(old);
	return rc;
}

/*
 * What came into the archive, if it goes on where the file here ends. 1: it
 * does not, all of it is needed.
 */
static int take(struct pull_node *n, int64_t got, bool complete,
		struct wx_error *err)
{
	struct pull_grow *g = &n->grow;
	int64_t overlap = g->have - g->from;
	int64_t use = got;
	bool goes_on = overlap == 0;

	if (overlap > 0 && overlap <= got) {
		FILE *old = fopen(g->path, "re");

		goes_on = old && same_bytes(old, g->from, g->in, overlap);
		if (old)
			fclose(old);
	}
	if (!goes_on && g->from > 0)
		return 1;
	if (!goes_on)
		overlap = 0;
	/*
	 * A closed table is complete as it is, last line break or not; but half
	 * of what is missing of it is as half of one that is open.
	 */
	if (!g->closes)
		use = whole_lines(g->in, got);
	if (use < overlap || (goes_on && use == overlap && g->have > 0 &&
			      !(g->closes && g->item->size_bytes == g->have)))
		return WX_OK; /* nothing new */
	/* Half of another file does not push the old one aside. */
	if (!goes_on && !complete)
		return WX_OK;
	return install(n, goes_on ? g->have : 0, overlap, use - overlap,
		       complete, err);
}

/* ---- requests ---- */

static int ask(struct pull_node *n, const char *known)
{
	struct pull_slot *s = &n->slot[0];
	struct pull_grow *g = &n->grow;
	struct stat st;

	g->have = stat(g->path, &st) == 0 ? st.st_size : 0;
	g->from = g->whole || g->have < OVERLAP ? 0 : g->have - OVERLAP;
	rewind(g->in);
	if (ftruncate(fileno(g->in), 0) != 0)
		return wx_fail_errno(&s->err, "%s/.part: cannot shorten",
				     n->dir);
	s->offset = 0;
	s->head = (struct wx_node_head){ .total = -1 };
	s->req = (struct wx_node_req){
		.op = WX_NODE_GET,
		.name = g->name,
		.from = g->from,
		.known = known && *known ? known : NULL,
		.etag = "",
		.size_bytes = -1,
		.clone_fd = -1,
		.head = on_head,
		.data = on_data,
	};
	pull_slot_start(s);
	return WX_OK;
}

/* All of a closed table came, and it is not what the index says. */
static void quarantine(struct pull_node *n, const struct wx_error *why)
{
	struct pull_grow *g = &n->grow;
	struct wx_error err = { 0 };
	char *part = part_path(n);
	uint32_t crc = 0;
	int rc = part ? wx_file_hash(part, &crc, NULL, NULL, &err)
		      : wx_fail_nomem(&err);

	if (rc)
		pull_fail_node(n, rc, &err);
	else
		pull_quarantine(n, g->item, fileno(g->in), part, crc, why);
	free(part);
	grow_close(n);
}

/* is_whole: all of it came, as far as anybody can tell. */
static void ask_whole(struct pull_node *n, bool is_whole,
		      const struct wx_error *why)
{
	if (n->grow.whole && is_whole && is_closed(&n->grow)) {
		quarantine(n, why);
		return;
	}
	if (n->grow.whole) {
		grow_fail(n, why->code, why);
		return;
	}
	n->grow.whole = true;
	n->slot[0].reached = 0;
	n->slot[0].state = SLOT_WAITING;
}

static void ended(struct pull_slot *s, enum wx_node_end end,
		  const struct wx_error *why)
{
	struct pull_node *n = s->node;
	struct wx_error err = { 0 }, less = { 0 };
	int64_t got = n->grow.from + s->offset;
	bool cut, complete;
	int rc = 0;

	if (n->failed || pull_stopped(n)) {
		grow_fail(n, WX_ERR_IO, why);
		return;
	}
	if (end == WX_NODE_DONE && got < s->head.total) {
		wx_fail(&less, WX_ERR_IO,
			"%" PRId64 " bytes of its %s came, %" PRId64
			" expected",
			got, n->grow.name, s->head.total);
		why = &less;
		end = WX_NODE_CUT;
	}
	cut = end == WX_NODE_CUT || end == WX_NODE_SILENT;
	complete = end == WX_NODE_DONE && got == s->head.total;
	n->grow.closes = is_closed(&n->grow) && end == WX_NODE_DONE;
	/* Lines that came before the break are as good as any. */
	if (end == WX_NODE_DONE || (cut && s->offset > 0)) {
		rc = fflush(n->grow.in)
			     ? wx_fail_errno(&err, "%s/.part: cannot write",
					     n->dir)
			     : take(n, s->offset, complete, &err);
	}
	if (rc < 0) {
		pull_fail_node(n, rc, &err);
		grow_close(n);
	} else if (rc > 0 || end == WX_NODE_RANGE) {
		wx_fail(&err, WX_ERR_FORMAT, "does not agree with the index");
		ask_whole(n,
			  complete || (n->grow.closes &&
				       got == n->grow.item->size_bytes),
			  &err);
	} else if (end == WX_NODE_DONE || end == WX_NODE_SAME) {
		grow_close(n);
	} else if (end == WX_NODE_GONE) {
		wx_fail(&err, WX_ERR_IO, "it has no %s%s", n->grow.name,
			strcmp(n->grow.name, "index.jsl") != 0
				? ""
				: ": is its address right?");
		grow_fail(n, WX_ERR_IO, &err);
	} else {
		if (end == WX_NODE_STOPPED)
			wx_fail(&err, s->err.code, "%s", s->err.text);
		else
			wx_fail(&err, why->code, "%s", why->text);
		if (!pull_again(s,
				end == WX_NODE_STOPPED ? WX_NODE_REFUSED : end,
				got))
			grow_fail(n, WX_ERR_IO, &err);
	}
}

/* true: under way. */
static bool grow(struct pull_node *n, const struct pull_item *item,
		 const char *known)
{
	struct pull_slot *s = &n->slot[0];
	struct pull_grow *g = &n->grow;
	struct wx_error err = { 0 };
	char *temp;
	int rc = WX_OK;

	if (s->state == SLOT_RUNNING)
		return true;
	if (s->state == SLOT_WAITING) {
		if (n->failed || pull_stopped(n))
			grow_fail(n, WX_ERR_IO, &err);
		else if (pull_slot_room(s))
			rc = ask(n, NULL);
	} else if (!g->over && !n->failed && !pull_stopped(n)) {
		temp = part_path(n);
		g->item = item;
		g->name = item ? item->name : "index.jsl";
		g->path = wx_strf("%s/%s", n->dir, g->name);
		s->then = ended;
		s->tries = 0;
		s->reached = 0;
		s->again_s = 0;
		s->err = (struct wx_error){ 0 };
		if (!g->path || !temp)
			rc = wx_fail_nomem(&s->err);
		if (!rc)
			rc = wx_mkdirs_above(temp, &s->err);
		if (!rc && !(g->in = fopen(temp, "w+e")))
			rc = wx_fail_errno(&s->err, "%s: cannot write", temp);
		free(temp);
		if (!rc)
			rc = ask(n, known);
	}
	if (rc) {
		pull_fail_node(n, rc, &s->err);
		grow_close(n);
	}
	return s->state != SLOT_FREE;
}

bool pull_index(struct pull_node *n)
{
	char *path;
	struct stat st;
	bool same;

	if (n->listed)
		return false;
	path = wx_strf("%s/index.jsl", n->dir);
	same = path && stat(path, &st) == 0 && st.st_size == n->index_size;
	free(path);
	if (grow(n, NULL, same ? n->index_etag : NULL))
		return true;
	n->grow.over = n->grow.grew = false;
	return false;
}

bool pull_tables(struct pull_node *n)
{
	while (n->next < n->n_items && !n->failed && !pull_stopped(n)) {
		struct pull_item *item = &n->item[n->next];

		if (item->kind == PULL_TABLE) {
			if (grow(n, item, NULL))
				return true;
			item->kind = PULL_DROPPED;
			n->grow.over = false;
		}
		n->next++;
	}
	if (n->slot[0].state != SLOT_FREE && grow(n, n->grow.item, NULL))
		return true;
	n->next = 0;
	return false;
}
