/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve_smp.c: a played node's thread, and what its faults make of
 * the frames that it sends.
 */
#include "node/serve_smp.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "node/serve_smp_in.h"
#include "node/smp_frame.h"

enum {
	DATA = 2048,     /* of a packet, bytes */
	BUF = DATA + 44, /* the overhead that a Zephyr node reckons with */
	BUF_UDP = 1472,  /* what a frame of Ethernet holds */
	MIN_BUF = 128,
	NOISE = 600, /* at most, of text and garbage, per answer */
};

struct wx_serve_smp {
	struct wx_serve_smp_opts opts;
	struct smp_wire wire;
	struct smp_node node;
	struct wx_smp_reader reader;
	pthread_t thread;
	bool has_thread;
	size_t answer_size, sent_size;
	uint8_t *answer; /* a packet */
	uint8_t *frames; /* of it */
	uint8_t *sent;   /* the same, spoilt */
	uint8_t *held;   /* fault delay: what goes out before the next */
	size_t n_held;
};

static struct wx_faults *faults_of(struct wx_serve_smp *s)
{
	return wx_served_faults(s->opts.node);
}

/* ---- what goes wrong on the line ---- */

/* Log text as it comes between frames; the third has not ended yet. */
static const char *const texts[] = {
	"[00:07:21.311,000] <inf> rec: b0017/000123.wav open\r\n",
	"[00:07:21.912,000] <wrn> i2s: \x1b[1;33moverrun\x1b[0m, 512 lost\r\n",
	"uart:~$ ",
	"\r\n*** \x06 \x04\x14 ***\r\n",
};

static const char banner[] = "\r\n*** Booting Zephyr OS build v4.4.0 ***\r\n"
			     "[00:00:00.002,000] <inf> fs: /sd mounted\r\n";

/* What is to happen to the frames of one answer: -1: it does not. */
struct harm {
	int bad_crc, drop, half, text, garbage;
};

static int pick(struct wx_serve_smp *s, enum wx_fault which, size_t n)
{
	return wx_fault_hits(faults_of(s), which)
		       ? (int)wx_fault_draw(faults_of(s), which, n)
		       : -1;
}

static struct harm harm_of(struct wx_serve_smp *s, size_t n_frames)
{
	return (struct harm){
		.bad_crc = pick(s, WX_FAULT_BAD_CRC, n_frames),
		.drop = pick(s, WX_FAULT_DROP, n_frames),
		.half = pick(s, WX_FAULT_HALF, n_frames),
		.text = pick(s, WX_FAULT_TEXT, n_frames),
		.garbage = pick(s, WX_FAULT_GARBAGE, n_frames),
	};
}

/* What stands before a frame. Returns its length. */
static size_t put_noise(struct wx_serve_smp *s, const struct harm *h, int i,
			uint8_t *out)
{
	struct wx_faults *f = faults_of(s);
	size_t n = 0;

	if (i == h->text) {
		const char *text =
			texts[wx_fault_draw(f, WX_FAULT_TEXT, WX_COUNT(texts))];

		n = strlen(text);
		memcpy(out, text, n);
	}
	if (i == h->garbage) {
		size_t more = 1 + wx_fault_draw(f, WX_FAULT_GARBAGE, 200);

		while (more-- > 0)
			out[n++] = (uint8_t)wx_fault_draw(f, WX_FAULT_GARBAGE,
							  256);
	}
	return n;
}

/* One frame, spoilt; returns how much of it is left. */
static size_t put_frame(struct wx_serve_smp *s, const struct harm *h, int i,
			const uint8_t *frame, size_t n, uint8_t *out)
{
	struct wx_faults *f = faults_of(s);

	if (i == h->drop)
		return 0;
	memcpy(out, frame, n);
	if (i == h->bad_crc) { /* a base64 digit becomes another */
		uint8_t *c =
			out + 2 + wx_fault_draw(f, WX_FAULT_BAD_CRC, n - 5);

		*c = *c == 'w' ? 'x' : 'w';
	}
	return i == h->half ? 1 + wx_fault_draw(f, WX_FAULT_HALF, n - 1) : n;
}

/* The frames of a packet as they go out, in s->sent. */
static size_t spoil_frames(struct wx_serve_smp *s, const uint8_t *packet,
			   size_t n)
{
	size_t n_bytes = wx_smp_frames(packet, n, WX_SMP_ZEPHYR, s->frames),
	       n_frames = 0, at = 0;
	const uint8_t *p = s->frames, *end = p + n_bytes;
	struct harm h;

	for (size_t i = 0; i < n_bytes; i++)
		n_frames += p[i] == '\n';
	h = harm_of(s, n_frames);
	for (int i = 0; p < end; i++) {
		const uint8_t *lf = memchr(p, '\n', (size_t)(end - p));
		size_t len = (size_t)(lf + 1 - p);

		at += put_noise(s, &h, i, s->sent + at);
		at += put_frame(s, &h, i, p, len, s->sent + at);
		p += len;
	}
	return at;
}

/* A datagram is there, whole, or not. */
static size_t spoil_datagram(struct wx_serve_smp *s, const uint8_t *packet,
			     size_t n)
{
	struct wx_faults *f = faults_of(s);
	bool lost = wx_fault_hits(f, WX_FAULT_DROP);

	lost = wx_fault_hits(f, WX_FAULT_BAD_CRC) || lost;
	if (lost)
		return 0;
	memcpy(s->sent, packet, n);
	return wx_fault_hits(f, WX_FAULT_HALF)
		       ? wx_fault_draw(f, WX_FAULT_HALF, n)
		       : n;
}

/* ---- requests ---- */

static void deliver(struct wx_serve_smp *s, uint8_t *packet, size_t n)
{
	struct wx_faults *f = faults_of(s);
	size_t n_sent;

	if (wx_fault_hits(f, WX_FAULT_WRONG_SEQ))
		packet[6] =
			(uint8_t)(packet[6] + 1 +
				  wx_fault_draw(f, WX_FAULT_WRONG_SEQ, 255));
	n_sent = s->opts.wire == WX_SMP_UDP ? spoil_datagram(s, packet, n)
					    : spoil_frames(s, packet, n);
	if (s->n_held) {
		smp_wire_write(&s->wire, s->held, s->n_held);
		s->n_held = 0;
	} else if (n_sent && wx_fault_hits(f, WX_FAULT_DELAY)) {
		memcpy(s->held, s->sent, n_sent);
		s->n_held = n_sent;
		return;
	}
	if (!n_sent)
		return;
	smp_wire_write(&s->wire, s->sent, n_sent);
	if (wx_fault_hits(f, WX_FAULT_DUPLICATE))
		smp_wire_write(&s->wire, s->sent, n_sent);
}

static void say_banner(struct wx_serve_smp *s)
{
	smp_node_forget(&s->node);
	s->n_held = 0;
	if (s->opts.wire != WX_SMP_UDP)
		smp_wire_write(&s->wire, banner, sizeof(banner) - 1);
}

static void on_packet(void *ctx, const uint8_t *packet, size_t n,
		      struct wx_time at)
{
	struct wx_serve_smp *s = ctx;
	double most;
	size_t n_answer;

	(void)at;
	switch (wx_served_request(s->opts.node)) {
	case WX_SERVED_DEAD:
		return;
	case WX_SERVED_BOOTS:
		say_banner(s);
		return;
	case WX_SERVED_UP:
		break;
	}
	if (wx_fault_on(faults_of(s), WX_FAULT_SILENCE, &most) &&
	    (double)n > most)
		return;
	n_answer =
		smp_node_answer(&s->node, packet, n, s->answer, s->answer_size);
	if (s->node.break_off)
		smp_wire_pull(&s->wire);
	else if (n_answer)
		deliver(s, s->answer, n_answer);
}

/* A host has come, or come again. */
static void on_opened(struct wx_serve_smp *s)
{
	s->reader = (struct wx_smp_reader){ .packet = on_packet, .ctx = s };
	s->n_held = 0;
	if (s->opts.wire == WX_SMP_SERIAL &&
	    wx_fault_on(faults_of(s), WX_FAULT_OPEN_BOOTS, NULL)) {
		wx_served_boot(s->opts.node);
		say_banner(s);
	}
}

static void *run(void *ctx)
{
	struct wx_serve_smp *s = ctx;
	uint8_t buf[1 << 16];
	ssize_t n;

	while ((n = smp_wire_read(&s->wire, buf, sizeof(buf))) !=
	       SMP_WIRE_STOP) {
		if (n == SMP_WIRE_OPENED) {
			on_opened(s);
			continue;
		}
		smp_wire_pass(&s->wire, (size_t)n);
		if (s->opts.wire == WX_SMP_UDP)
			on_packet(s, buf, (size_t)n, wx_time_now());
		else
			wx_smp_read(&s->reader, buf, (size_t)n, wx_time_now());
	}
	return NULL;
}

/* ---- from start to stop ---- */

static int make_room(struct wx_serve_smp *s, struct wx_error *err)
{
	size_t framed;

	s->answer_size = s->node.buf_size + 64;
	framed = wx_smp_frames_size(s->answer_size);
	s->sent_size = framed + NOISE;
	s->answer = malloc(s->answer_size);
	s->frames = malloc(framed);
	s->sent = malloc(s->sent_size);
	s->held = malloc(s->sent_size);
	return s->answer && s->frames && s->sent && s->held
		       ? WX_OK
		       : wx_fail_nomem(err);
}

int wx_serve_smp_start(const struct wx_serve_smp_opts *opts,
		       struct wx_serve_smp **out, struct wx_error *err)
{
	struct wx_serve_smp *s = calloc(1, sizeof(*s));
	int rc;

	*out = NULL;
	if (!s)
		return wx_fail_nomem(err);
	s->opts = *opts;
	s->node =
		(struct smp_node){ .served = opts->node, .file = { .fd = -1 } };
	s->node.buf_size = opts->buf_size             ? opts->buf_size
			   : opts->wire == WX_SMP_UDP ? BUF_UDP
						      : BUF;
	if (s->node.buf_size < MIN_BUF)
		s->node.buf_size = MIN_BUF;
	s->wire = (struct smp_wire){ .kind = opts->wire,
				     .link = opts->link,
				     .port = opts->port };
	if (!wx_fault_on(faults_of(s), WX_FAULT_PACE, &s->wire.baud))
		s->wire.baud = 0;
	s->reader = (struct wx_smp_reader){ .packet = on_packet, .ctx = s };
	rc = smp_wire_open(&s->wire, err);
	if (rc == WX_OK)
		rc = make_room(s, err);
	if (rc == WX_OK) {
		int failed = pthread_create(&s->thread, NULL, run, s);

		s->has_thread = !failed;
		if (failed)
			rc = wx_fail(err, WX_ERR_NOMEM, "no thread");
	}
	if (rc != WX_OK) {
		wx_serve_smp_stop(s);
		return rc;
	}
	*out = s;
	return WX_OK;
}

const char *wx_serve_smp_url(const struct wx_serve_smp *s)
{
	return s->wire.url;
}

void wx_serve_smp_stop(struct wx_serve_smp *s)
{
	if (!s)
		return;
	if (s->has_thread) {
		smp_wire_wake(&s->wire);
		pthread_join(s->thread, NULL);
	}
	smp_wire_close(&s->wire);
	smp_node_forget(&s->node);
	free(s->answer);
	free(s->frames);
	free(s->sent);
	free(s->held);
	free(s);
}
