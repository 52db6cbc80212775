/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_wire.c: one question at a time, asked until it is answered.
 *
 * A try waits 1 s and twice what the wire needs: by its speed, or where that
 * is not known (TCP may lead to a slow port) as the last answers showed. Each
 * next one waits twice as long, up to 8 s; five of them, or as long as a node
 * may be silent. Once a node has shown how fast it is, it is asked once more
 * early, after some times that: where every twentieth answer is lost, a second
 * for each would be most of the night. What came damaged is asked for again at
 * once. A question that is asked again keeps its sequence number: whichever
 * answer comes is as good. What has another number or offset is late, and
 * nobody's.
 */
#include "node/smp_in.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "node/smp_frame.h"

enum {
	TRIES = 5,
	SMALL = 120,      /* bytes of a request that any node has room for */
	EARLY_AFTER = 32, /* answers */
	BUF_SIZE = 512,   /* of a packet, where the node did not tell */
};

#define LONGEST_WAIT_S 8.0
#define MIN_WAIT_S     0.1
#define EARLY_S        0.1 /* a card that tidies up takes longer */

static bool is_framed(const struct smp_node *n)
{
	return !wx_link_is_datagram(n->link);
}

/* What a request takes there and the longest answer back. */
static double wire_s(const struct smp_node *n)
{
	double answer = (double)(n->buf_size > 0 ? n->buf_size : BUF_SIZE);
	int baud = wx_link_baud(n->link);

	if (!baud)
		return n->wire.slowest_s;
	/* 10 bits a byte, 4 characters for 3 bytes, 3 more for each 124. */
	return ((double)n->wire.n_packet + answer) * 10 * 4 / 3 * 127 / 124 /
	       baud;
}

/* How long this try waits. */
static double wait_s(const struct smp_node *n)
{
	const struct smp_wire *w = &n->wire;
	double first_s = 1 + 2 * wire_s(n) + w->node_s;
	double now_s = first_s * (double)(1 << w->waits);

	if (w->early)
		return EARLY_S + 4 * w->slowest_s;
	return now_s < LONGEST_WAIT_S ? now_s : fmax(first_s, LONGEST_WAIT_S);
}

static double silent_s(const struct smp_node *n)
{
	return (double)(wx_moment_now().mono_us - n->wire.asked.mono_us) / 1e6;
}

void smp_wire_idle(struct smp_node *n)
{
	n->wire.answer = NULL;
	if (n->link)
		wx_link_timer(n->link, -1);
}

/* Each try of it tells another t1, and another number so as to know which. */
static void compose_clock(struct smp_node *n)
{
	struct smp_wire *w = &n->wire;

	w->t1 = wx_moment_now();
	w->t1_us = w->t1.real_us;
	w->expect.seq = w->seq++;
	w->n_packet = wx_smp_ask_clock(w->packet, sizeof(w->packet),
				       w->expect.seq, w->t1_us);
}

static void try_once(struct smp_node *n)
{
	struct smp_wire *w = &n->wire;
	const void *data = w->packet;
	size_t size;
	double left_s = n->timeout_s + w->node_s - silent_s(n);

	w->tries++;
	w->n_sent++;
	if (w->is_clock)
		compose_clock(n);
	size = w->n_packet;
	if (is_framed(n)) {
		size = wx_smp_frames(w->packet, w->n_packet, WX_SMP_FULL,
				     n->frames);
		data = n->frames;
	}
	wx_link_timer(n->link, fmin(wait_s(n), fmax(left_s, MIN_WAIT_S)));
	/* A failure comes by lost. */
	wx_link_send(n->link, data, size, NULL);
	if (w->is_clock)
		wx_link_drain(n->link);
}

static void begin(struct smp_node *n, int64_t off, double node_s,
		  smp_answer_fn *fn)
{
	struct smp_wire *w = &n->wire;

	w->answer = fn;
	w->tries = w->waits = w->n_sent = 0;
	w->node_s = node_s;
	w->early = node_s <= 0 && w->n_answers >= EARLY_AFTER;
	w->off = off;
	w->bad_first = w->n_bad;
	w->n_bytes = 0;
	w->asked = wx_moment_now();
	w->expect = wx_smp_head_of(w->packet);
	w->expect.op++; /* an answer's */
	try_once(n);
}

void smp_ask(struct smp_node *n, size_t n_packet, int64_t off, double node_s,
	     smp_answer_fn *fn)
{
	if (!n_packet || (n->buf_size && (int64_t)n_packet > n->buf_size)) {
		smp_end_text(n, WX_NODE_REFUSED, WX_ERR_RANGE,
			     "its name is too long for the node, which takes "
			     "%" PRId64 " bytes at once",
			     n->buf_size ? n->buf_size : WX_SMP_ASK_SIZE);
		return;
	}
	n->wire.n_packet = n_packet;
	n->wire.is_clock = false;
	n->wire.seq++;
	begin(n, off, node_s, fn);
}

void smp_ask_clock(struct smp_node *n, smp_answer_fn *fn)
{
	n->wire.is_clock = true;
	compose_clock(n);
	begin(n, -1, 0, fn);
}

/* ---- no answer ---- */

static void give_up(struct smp_node *n)
{
	const struct smp_wire *w = &n->wire;
	bool bad = w->n_bad > w->bad_first;

	if (bad)
		smp_end_text(n, WX_NODE_CUT, WX_ERR_IO,
			     "its answers come damaged%s",
			     wx_link_is_serial(n->link)
				     ? ": is the speed right (?baud=N)?"
				     : "");
	else if (w->n_bytes)
		smp_end_text(n, WX_NODE_SILENT, WX_ERR_IO,
			     "bytes come, but no answer: does it speak SMP "
			     "here%s?",
			     wx_link_is_serial(n->link)
				     ? ", at this speed (?baud=N)"
				     : "");
	else
		smp_end_text(n, WX_NODE_SILENT, WX_ERR_IO,
			     "no answer in %.0f s: is it on%s?", silent_s(n),
			     wx_link_is_serial(n->link)
				     ? ", and on this port (wx-pull --ports)"
				     : ", in reach, and is its address right");
}

/* It answers, but not to that: what asked was too long for it. */
static void too_long(struct smp_node *n, const struct wx_smp_msg *m)
{
	(void)m;
	smp_end_text(n, WX_NODE_REFUSED, WX_ERR_IO,
		     "no answer to a request of this length: its name is too "
		     "long for the node");
}

void smp_wire_timeout(struct smp_node *n)
{
	struct smp_wire *w = &n->wire;

	if (!w->answer)
		return;
	if (w->early) {
		w->early = false;
		w->tries--; /* not one of the five */
		try_once(n);
		return;
	}
	w->waits++;
	if (w->tries < TRIES && silent_s(n) < n->timeout_s + w->node_s) {
		try_once(n);
	} else if (w->n_packet > SMALL && w->n_bad == w->bad_first) {
		smp_ask(n,
			wx_smp_ask_params(w->packet, sizeof(w->packet), w->seq),
			-1, 0, too_long);
	} else {
		give_up(n);
	}
}

static void damaged(struct smp_node *n)
{
	if (!n->wire.answer)
		return;
	if (n->wire.tries < TRIES)
		try_once(n);
	else
		give_up(n);
}

/* ---- answers ---- */

static bool is_answer(const struct smp_wire *w, const struct wx_smp_msg *m)
{
	int group;
	int64_t rc;

	return w->answer && m->head.op == w->expect.op &&
	       m->head.group == w->expect.group &&
	       m->head.cmd == w->expect.cmd && m->head.seq == w->expect.seq &&
	       (w->off < 0 || wx_smp_i64(m, "off", -1) == w->off ||
		wx_smp_error(m, &group, &rc));
}

void smp_wire_packet(void *ctx, const uint8_t *packet, size_t n_packet,
		     struct wx_time at)
{
	struct smp_node *n = ctx;
	struct smp_wire *w = &n->wire;
	struct wx_moment now = wx_moment_now();
	smp_answer_fn *answer = w->answer;
	struct wx_smp_msg m;

	if (wx_smp_parse(packet, n_packet, &m, NULL)) {
		w->n_bad++;
		damaged(n);
		return;
	}
	if (!is_answer(w, &m))
		return;
	w->n_answers++;
	if (w->n_sent == 1 && w->node_s <= 0)
		w->slowest_s = fmax(silent_s(n), w->slowest_s * 7 / 8);
	/* Both clocks at the answer's first byte. */
	w->t4.real_us = at.utc_ns / 1000;
	w->t4.mono_us = now.mono_us - (now.real_us - w->t4.real_us);
	smp_wire_idle(n);
	answer(n, &m);
}

void smp_wire_data(struct smp_node *n, const void *data, size_t n_bytes,
		   struct wx_time at)
{
	uint64_t bad = n->reader->n_bad;
	uint8_t seq = n->wire.expect.seq;

	n->wire.n_bytes += n_bytes;
	if (!is_framed(n)) {
		smp_wire_packet(n, data, n_bytes, at);
		return;
	}
	wx_smp_read(n->reader, data, n_bytes, at);
	bad = n->reader->n_bad - bad;
	n->wire.n_bad += bad;
	/* What was bad may have come before an answer that was good. */
	if (bad && n->wire.expect.seq == seq)
		damaged(n);
}

void smp_wire_drained(struct smp_node *n, struct wx_time at)
{
	struct wx_moment now = wx_moment_now();

	if (!n->wire.is_clock)
		return;
	n->wire.t1.real_us = at.utc_ns / 1000;
	n->wire.t1.mono_us = now.mono_us - (now.real_us - at.utc_ns / 1000);
}
