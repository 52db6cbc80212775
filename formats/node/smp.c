/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp.c: a node over SMP (Zephyr's MCUmgr), wxset-node(7).
 *
 *     smp:/dev/ttyUSB0?baud=921600    packets in console frames, among text
 *     smp:tcp://HOST:PORT             the same over a stream (ser2net)
 *     smp:udp://HOST:1337             a packet a datagram
 *
 * Files come by Zephyr's own group 8, which is all that a node must have. One
 * request is on the wire at a time; the others wait here.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "node/info.h"
#include "node/smp_in.h"

enum { BAUD = 115200, MIN_BUF = 64, MAX_BUF = 65535 };

/* ---- how a request ends ---- */

static void pump(struct smp_node *n);

static void end_with(struct smp_node *n, enum wx_node_end end,
		     const struct wx_error *why, json_t *answer)
{
	struct wx_error none = { 0 };
	struct wx_node_req *req = n->current;

	n->current = NULL;
	smp_wire_idle(n);
	req->state = NULL;
	req->answer = answer;
	req->done(req, end, why ? why : &none);
	json_decref(answer);
	pump(n);
}

void smp_end(struct smp_node *n, enum wx_node_end end,
	     const struct wx_error *why)
{
	end_with(n, end, why, NULL);
}

void smp_end_text(struct smp_node *n, enum wx_node_end end, int code,
		  const char *fmt, ...)
{
	struct wx_error why = { 0 };
	va_list args;

	va_start(args, fmt);
	vsnprintf(why.text, sizeof(why.text), fmt, args);
	va_end(args);
	why.code = code;
	end_with(n, end, &why, NULL);
}

bool smp_unknown(const struct wx_smp_msg *m)
{
	int group;
	int64_t rc;

	return wx_smp_error(m, &group, &rc) && group < 0 && rc == WX_SMP_NOTSUP;
}

static enum wx_node_end end_of_rc(int64_t rc)
{
	switch (rc) {
	case WX_SMP_NOENT:
		return WX_NODE_GONE;
	case WX_SMP_BADSTATE:
		return WX_NODE_CHANGED;
	case WX_SMP_UNKNOWN: /* also what older ones say of a read error */
	case WX_SMP_NOMEM:
	case WX_SMP_TIMEOUT:
	case WX_SMP_BUSY:
		return WX_NODE_CUT;
	default:
		return WX_NODE_REFUSED;
	}
}

static enum wx_node_end end_of_fs_rc(int64_t rc)
{
	switch (rc) {
	case WX_SMP_FS_NOT_FOUND:
		return WX_NODE_GONE;
	case WX_SMP_FS_PAST_END:
		return WX_NODE_RANGE;
	case WX_SMP_FS_UNKNOWN:
	case WX_SMP_FS_OPEN:
	case WX_SMP_FS_SEEK:
	case WX_SMP_FS_READ:
		return WX_NODE_CUT;
	default:
		return WX_NODE_REFUSED;
	}
}

void smp_end_error(struct smp_node *n, const struct wx_smp_msg *m)
{
	int group;
	int64_t rc;

	if (!wx_smp_error(m, &group, &rc))
		smp_end_text(n, WX_NODE_REFUSED, WX_ERR_FORMAT,
			     "answered without what was asked for");
	else if (group < 0)
		smp_end_text(n, end_of_rc(rc), WX_ERR_IO,
			     "answered with error %" PRId64 "%s", rc,
			     rc == WX_SMP_NOTSUP ? ", not supported" : "");
	else
		smp_end_text(n,
			     group == WX_SMP_FS ? end_of_fs_rc(rc)
						: end_of_rc(rc),
			     WX_ERR_IO,
			     "answered with error %" PRId64 " of group %d", rc,
			     group);
}

/* ---- requests but for files ---- */

/*
 * To open the port may be to reset the node, whatever DTR and RTS do. Then its
 * clock has run for less long than the port is open.
 */
static void check_boot(struct smp_node *n, const json_t *doc)
{
	int64_t m2_us = wx_json_i64(doc, "m2", INT64_MAX);
	int64_t open_us = n->wire.t4.mono_us - n->opened.mono_us;

	if (n->fresh && m2_us < open_us)
		wx_warn(n->log,
			"it restarted when it was connected to, %.1f s ago: "
			"boot %" PRId64 ", its clock began anew",
			(double)m2_us / 1e6, wx_json_i64(doc, "b", -1));
	n->fresh = false;
}

static void on_clock(struct smp_node *n, const struct wx_smp_msg *m)
{
	int group;
	int64_t rc;
	json_t *doc, *line = NULL;

	if (smp_unknown(m)) {
		smp_end(n, WX_NODE_GONE, NULL);
		return;
	}
	if (wx_smp_error(m, &group, &rc)) {
		smp_end_error(n, m);
		return;
	}
	doc = wx_smp_json(m);
	if (doc && wx_smp_i64(m, "t1", n->wire.t1_us) == n->wire.t1_us) {
		check_boot(n, doc);
		line = wx_node_exchange(doc, n->wire.t1, n->wire.t4);
	}
	json_decref(doc);
	end_with(n, WX_NODE_DONE, NULL, line);
}

static void on_info(struct smp_node *n, const struct wx_smp_msg *m)
{
	int group;
	int64_t rc;
	json_t *doc, *info;

	if (smp_unknown(m)) {
		smp_end(n, WX_NODE_GONE, NULL);
	} else if (wx_smp_error(m, &group, &rc)) {
		smp_end_error(n, m);
	} else {
		doc = wx_smp_json(m);
		info = doc ? wx_node_info(doc) : NULL;
		json_decref(doc);
		end_with(n, WX_NODE_DONE, NULL, info);
	}
}

static void on_release(struct smp_node *n, const struct wx_smp_msg *m)
{
	int group;
	int64_t rc;

	if (smp_unknown(m))
		smp_end_text(n, WX_NODE_REFUSED, WX_ERR_IO,
			     "it cannot delete files (group 64)");
	else if (wx_smp_error(m, &group, &rc))
		smp_end_error(n, m);
	else
		smp_end(n, WX_NODE_DONE, NULL);
}

static void release(struct smp_node *n)
{
	const struct wx_node_req *req = n->current;
	struct smp_wire *w = &n->wire;

	if (!req->has_crc) {
		smp_end_text(n, WX_NODE_REFUSED, WX_ERR_RANGE,
			     "its CRC-32 is not known");
		return;
	}
	smp_path(n);
	smp_ask(n,
		wx_smp_ask_release(w->packet, sizeof(w->packet), w->seq,
				   n->path, req->size_bytes, req->crc),
		-1, (double)req->size_bytes / SMP_HASH_BYTES_S, on_release);
}

/* ---- one after the other ---- */

static void begin(struct smp_node *n);

static void on_params(struct smp_node *n, const struct wx_smp_msg *m)
{
	int64_t size = wx_smp_i64(m, "buf_size", 0);

	n->greeted = true;
	n->buf_size = size >= MIN_BUF && size <= MAX_BUF ? size : 0;
	begin(n);
}

static void begin(struct smp_node *n)
{
	struct smp_wire *w = &n->wire;

	if (!n->greeted) {
		smp_ask(n,
			wx_smp_ask_params(w->packet, sizeof(w->packet), w->seq),
			-1, 0, on_params);
		return;
	}
	switch (n->current->op) {
	case WX_NODE_GET:
		smp_root(n, smp_get);
		return;
	case WX_NODE_RELEASE:
		smp_root(n, release);
		return;
	case WX_NODE_CLOCK:
		smp_ask_clock(n, on_clock);
		return;
	case WX_NODE_INFO:
		smp_ask(n,
			wx_smp_ask_info(w->packet, sizeof(w->packet), w->seq),
			-1, 0, on_info);
		return;
	}
}

static int open_link(struct smp_node *n, struct wx_error *err);

/* Requests end here too, and what they end with may start others. */
static void pump(struct smp_node *n)
{
	if (n->pumping)
		return;
	n->pumping = true;
	while (!n->current && n->first) {
		struct wx_error why = { 0 };

		n->current = n->first;
		n->first = n->current->state;
		n->current->state = NULL;
		if (!n->link && open_link(n, &why))
			smp_end(n, WX_NODE_SILENT, &why);
		else
			begin(n);
	}
	n->pumping = false;
}

static void start(void *node, struct wx_node_req *req)
{
	struct smp_node *n = node;
	struct wx_node_req **last = &n->first;

	while (*last)
		last = (struct wx_node_req **)&(*last)->state;
	req->state = NULL;
	*last = req;
	pump(n);
}

static void cancel(void *node, struct wx_node_req *req)
{
	struct smp_node *n = node;
	struct wx_node_req **at = &n->first;
	struct wx_error why = { 0 };

	wx_fail(&why, WX_ERR_IO, "stopped");
	if (req == n->current) {
		smp_end(n, WX_NODE_STOPPED, &why);
		return;
	}
	while (*at && *at != req)
		at = (struct wx_node_req **)&(*at)->state;
	if (*at)
		*at = req->state;
	req->state = NULL;
	req->done(req, WX_NODE_STOPPED, &why);
}

/* ---- the link ---- */

static void on_data(void *ctx, const void *data, size_t n, struct wx_time at)
{
	smp_wire_data(ctx, data, n, at);
}

static void on_drained(void *ctx, struct wx_time at)
{
	smp_wire_drained(ctx, at);
}

static void on_timer(void *ctx)
{
	smp_wire_timeout(ctx);
}

static void on_lost(void *ctx, const struct wx_error *why)
{
	struct smp_node *n = ctx;
	struct wx_error err = { 0 };

	wx_fail(&err, WX_ERR_IO, "%s", why->text);
	wx_link_close(n->link);
	n->link = NULL;
	if (n->current)
		smp_end(n, WX_NODE_SILENT, &err);
}

static int open_link(struct smp_node *n, struct wx_error *err)
{
	const struct wx_link_calls calls = { .data = on_data,
					     .drained = on_drained,
					     .timer = on_timer,
					     .lost = on_lost,
					     .ctx = n };

	n->opened = wx_moment_now();
	n->fresh = true;
	n->greeted = false;
	memset(n->reader, 0, sizeof(*n->reader));
	n->reader->packet = smp_wire_packet;
	n->reader->ctx = n;
	return wx_link_open(n->loop, n->address, BAUD, &calls, &n->link, err);
}

/* ---- a node ---- */

static void node_close(void *node)
{
	struct smp_node *n = node;

	wx_link_close(n->link);
	free(n->reader);
	free(n->frames);
	free(n);
}

static int node_open(struct wx_node_loop *loop, const struct wx_site_node *site,
		     const struct wx_node_opts *opts, void **node,
		     struct wx_error *err)
{
	struct smp_node *n = calloc(1, sizeof(*n));
	int rc;

	*node = NULL;
	if (!n)
		return wx_fail_nomem(err);
	n->loop = loop;
	n->address = site->source + strlen("smp:");
	n->timeout_s = opts->timeout_s;
	n->log = opts->log;
	n->reader = malloc(sizeof(*n->reader));
	n->frames = malloc(wx_smp_frames_size(WX_SMP_ASK_SIZE));
	rc = n->reader && n->frames ? open_link(n, err) : wx_fail_nomem(err);
	if (rc)
		node_close(n);
	else
		*node = n;
	return rc;
}

const struct wx_node_driver wx_node_smp = {
	.scheme = "smp:",
	.desc = "a node over a serial line, TCP or UDP, by SMP (MCUmgr)",
	.in_flight = 1,
	.has_clock = true,
	.has_loop = true,
	.resumes_by_prefix = true,
	.open = node_open,
	.close = node_close,
	.start = start,
	.cancel = cancel,
};
