/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_get.c: a file over SMP, group 8.
 *
 * Each request names the offset it wants, and the node picks how much it
 * sends. Where bytes are here already, it is asked for the CRC-32 of as many
 * of its own: equal, and the file goes on there; otherwise, or where it cannot
 * tell, all of it comes again.
 */
#include <string.h>

#include "node/smp_in.h"

/*
 * Where a node's files may be: the first three are wxset-node(7)'s, the others
 * the mount points of Zephyr's own samples.
 */
static const char *const roots[] = { "/sd", "/lfs", "", "/SD:", "/lfs1" };

/* ---- the root ---- */

static void ask_root(struct smp_node *n);

static void on_root(struct smp_node *n, const struct wx_smp_msg *m)
{
	if (smp_unknown(m)) {
		smp_end_text(n, WX_NODE_REFUSED, WX_ERR_IO,
			     "it gives no files over SMP (group 8)");
	} else if (wx_smp_i64(m, "len", -1) >= 0) {
		n->root = roots[n->root_tried];
		n->then(n);
	} else {
		n->root_tried++;
		ask_root(n);
	}
}

static void ask_root(struct smp_node *n)
{
	struct smp_wire *w = &n->wire;

	if (n->root_tried == (int)WX_COUNT(roots)) {
		smp_end_text(n, WX_NODE_REFUSED, WX_ERR_IO,
			     "it has no index.jsl in /sd, /lfs or /");
		return;
	}
	snprintf(n->path, sizeof(n->path), "%s/index.jsl",
		 roots[n->root_tried]);
	smp_ask(n,
		wx_smp_ask_stat(w->packet, sizeof(w->packet), w->seq, n->path),
		-1, 0, on_root);
}

void smp_root(struct smp_node *n, void (*then)(struct smp_node *n))
{
	if (n->root) {
		then(n);
		return;
	}
	n->then = then;
	n->root_tried = 0;
	ask_root(n);
}

void smp_path(struct smp_node *n)
{
	snprintf(n->path, sizeof(n->path), "%s/%s", n->root, n->current->name);
}

/* ---- the bytes ---- */

static void ask_data(struct smp_node *n);

/* False: the request is over. */
static bool tell_head(struct smp_node *n)
{
	struct smp_get *g = &n->get;
	struct wx_node_req *req = n->current;
	struct wx_node_head head = { .start = g->off,
				     .total = g->total,
				     .has_crc = g->has_crc,
				     .crc = g->crc,
				     .etag_len = g->total };

	g->head_told = true;
	if (!req->head || req->head(req, &head) == WX_OK)
		return true;
	smp_end_text(n, WX_NODE_STOPPED, WX_ERR_IO, "stopped");
	return false;
}

static void on_data(struct smp_node *n, const struct wx_smp_msg *m)
{
	struct smp_get *g = &n->get;
	const struct wx_smp_field *data = wx_smp_get(m, "data");
	size_t k;

	if (!data || data->type != WX_SMP_BYTES) {
		smp_end_error(n, m);
		return;
	}
	if (g->off == 0 && g->total < 0)
		g->total = wx_smp_i64(m, "len", -1);
	if (!g->head_told && !tell_head(n))
		return;
	k = data->n;
	/* What it grew by since its length was told is for the next time. */
	if (g->total >= 0 && (int64_t)k > g->total - g->off)
		k = (size_t)(g->total - g->off);
	if (k && n->current->data(n->current, data->p, k) != WX_OK) {
		smp_end_text(n, WX_NODE_STOPPED, WX_ERR_IO, "stopped");
		return;
	}
	g->off += (int64_t)k;
	if (k == 0 || g->off == g->total)
		smp_end(n, WX_NODE_DONE, NULL);
	else
		ask_data(n);
}

static void ask_data(struct smp_node *n)
{
	struct smp_wire *w = &n->wire;

	smp_ask(n,
		wx_smp_ask_file(w->packet, sizeof(w->packet), w->seq, n->path,
				n->get.off),
		n->get.off, 0, on_data);
}

/* ---- where to begin ---- */

/* The CRC-32 of len bytes; false: the node did not tell. */
static bool crc_of(const struct wx_smp_msg *m, int64_t len, uint32_t *crc)
{
	int64_t output = wx_smp_i64(m, "output", -1);

	if (output < 0 || output > UINT32_MAX ||
	    wx_smp_i64(m, "len", len) != len ||
	    (wx_smp_get(m, "type") && !wx_smp_is(m, "type", "crc32")))
		return false;
	*crc = (uint32_t)output;
	return true;
}

static void begin_at(struct smp_node *n, int64_t off)
{
	n->get.off = off;
	if (off > 0 && off == n->get.total) {
		if (tell_head(n))
			smp_end(n, WX_NODE_DONE, NULL);
		return;
	}
	ask_data(n);
}

static void on_prefix(struct smp_node *n, const struct wx_smp_msg *m)
{
	const struct wx_node_req *req = n->current;
	uint32_t crc;
	bool same = crc_of(m, req->from, &crc) && crc == req->prefix_crc;

	begin_at(n, same ? req->from : 0);
}

static void on_whole(struct smp_node *n, const struct wx_smp_msg *m)
{
	n->get.has_crc = crc_of(m, n->get.total, &n->get.crc);
	begin_at(n, 0);
}

static void ask_hash(struct smp_node *n, int64_t len, smp_answer_fn *fn)
{
	struct smp_wire *w = &n->wire;

	smp_ask(n,
		wx_smp_ask_hash(w->packet, sizeof(w->packet), w->seq, n->path,
				"crc32", 0, len),
		-1, (double)len / SMP_HASH_BYTES_S, fn);
}

static void on_stat(struct smp_node *n, const struct wx_smp_msg *m)
{
	const struct wx_node_req *req = n->current;
	int64_t len = wx_smp_i64(m, "len", -1);

	n->get.total = len;
	if (len < 0)
		smp_end_error(n, m);
	else if (req->from > len)
		smp_end(n, WX_NODE_RANGE, NULL);
	else if (req->from > 0 && req->has_prefix_crc)
		ask_hash(n, req->from, on_prefix);
	else if (req->from > 0)
		begin_at(n, req->from);
	else if (len > 0 && len == req->size_bytes)
		ask_hash(n, len, on_whole);
	else /* another length: no hash is worth the time that it would take */
		begin_at(n, 0);
}

void smp_get(struct smp_node *n)
{
	const struct wx_node_req *req = n->current;
	struct smp_wire *w = &n->wire;
	/* A file that no digest of the index would vouch for. */
	bool wants_crc = req->size_bytes > 0 && !req->has_crc;

	smp_path(n);
	n->get = (struct smp_get){ .total = -1 };
	if (req->from > 0 || wants_crc)
		smp_ask(n,
			wx_smp_ask_stat(w->packet, sizeof(w->packet), w->seq,
					n->path),
			-1, 0, on_stat);
	else
		begin_at(n, 0);
}
