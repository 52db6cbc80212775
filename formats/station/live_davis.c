/* SPDX-License-Identifier: MIT */
/*
 * formats/station/live_davis.c: a Davis console by its serial port, or a
 * WeatherLink IP.
 *
 *     wake    "\n", some times 1.2 s apart, until "\n\r" comes
 *     packets "LPS 3 n\n": ACK, then n packets of 99 bytes, one each 2.5 s,
 *             LOOP and LOOP2 in turn; an old console only knows "LOOP n\n"
 *     archive "DMPAFT\n": ACK; date and time of the last record that is here,
 *             and their CRC: ACK, number of pages, first record of the first
 *             page, CRC. ACK brings a page of 267 bytes: a number, five
 *             records of 52 bytes, four bytes, CRC. ACK again brings the next,
 *             NAK the same, ESC ends it
 *
 * A packet goes into the log in hexadecimal, behind the time of its arrival. Of
 * the archive, records go into the log back to back as they are, those that are
 * not there yet. The console's clock may step by the hour of daylight saving:
 * within two hours, a record of the past is a new one if its bytes are new.
 * What is older is the ring's last round.
 *
 * Source: Vantage Serial Communication Reference 2.6.1.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "station/live_in.h"

enum {
	ACK = 0x06,
	NAK = 0x21, /* as the console has it */
	ESC = 0x1b,
	PACKET = 99,
	RECORD = 52,
	PER_PAGE = 5,
	PAGE = 267,
	HEAD = 6,
	N_PACKETS = 200,
	MAX_WAKES = 5, /* a connection may take its time */
	MAX_BAD = 5,   /* of one page */
	KEPT = 512, /* records that are known to be here: two hours of 1 min */
	MAX_BACK_MIN = 120,
};

#define WAKE_S   1.2
#define QUIET_S  0.2 /* nothing more comes of what it was sending */
#define ANSWER_S 3.0
#define PACKET_S 10.0
/* Records are a minute apart, or more. */
#define POLL_S 30.0

enum state {
	WAKING,
	QUIET,
	ASKED,  /* ACK follows */
	STREAM, /* packets follow */
	DATED,  /* the head follows */
	PAGES,
	IDLE,
};

struct davis {
	enum state state;
	bool loop; /* packets, not the archive */
	bool old;  /* does not know LPS */
	int n_wakes, n_bad, n_packets;
	uint8_t in[4 * PAGE];
	size_t n;
	struct wx_time at; /* of the first byte of in */
	unsigned n_pages, first;
	/* Archive. */
	uint32_t kept[KEPT]; /* CRC of each, a ring */
	unsigned n_kept;
	uint8_t last[4]; /* date and time of the last one here; 0: none */
};

static int64_t minutes_of(const uint8_t *stamp)
{
	unsigned date = wx_le16(stamp), time = wx_le16(stamp + 2);
	struct wx_civil c = { .year = 2000 + (int)(date >> 9),
			      .month = (int)(date >> 5 & 15),
			      .day = (int)(date & 31),
			      .hour = (int)(time / 100),
			      .minute = (int)(time % 100) };

	if (wx_civil_check(&c, NULL))
		return INT64_MIN;
	return wx_civil_to_time(&c, 0).utc_ns / (60 * WX_NS_PER_S);
}

static bool is_kept(const struct davis *d, uint32_t crc)
{
	unsigned n = d->n_kept < KEPT ? d->n_kept : KEPT;

	for (unsigned i = 0; i < n; i++)
		if (d->kept[i] == crc)
			return true;
	return false;
}

static void keep(struct davis *d, const uint8_t *record)
{
	d->kept[d->n_kept++ % KEPT] = wx_crc32(0, record, RECORD);
	memcpy(d->last, record, sizeof(d->last));
}

static int open_any(struct live *v, bool loop, struct wx_error *err)
{
	struct davis *d = calloc(1, sizeof(*d));

	v->talk_ctx = d;
	if (!d)
		return wx_fail_nomem(err);
	d->loop = loop;
	return WX_OK;
}

static int open_loop(struct live *v, struct wx_error *err)
{
	return open_any(v, true, err);
}

/* What is here already. */
static int open_archive(struct live *v, struct wx_error *err)
{
	uint8_t *tail = malloc(KEPT * RECORD);
	size_t n = 0;
	int rc = tail ? open_any(v, false, err) : wx_fail_nomem(err);

	if (!rc)
		rc = wx_livelog_tail(v->log, tail, KEPT * RECORD, &n, err);
	for (size_t i = 0; !rc && i + RECORD <= n; i += RECORD)
		keep(v->talk_ctx, tail + i);
	free(tail);
	return rc;
}

static void davis_close(struct live *v)
{
	free(v->talk_ctx);
}

/* ---- asking ---- */

static void wake(struct live *v)
{
	struct davis *d = v->talk_ctx;

	if (++d->n_wakes > MAX_WAKES) {
		live_lost(v, "the console does not answer: is its port set to "
			     "19200 baud, and no other program on it?");
		return;
	}
	d->state = WAKING;
	d->n = 0;
	live_timer(v, WAKE_S);
	live_send(v, "\n", 1);
}

static void begin(struct live *v)
{
	struct davis *d = v->talk_ctx;

	d->n_wakes = d->n_bad = 0;
	wake(v);
}

static void ask(struct live *v)
{
	struct davis *d = v->talk_ctx;
	char text[32];
	int n;

	if (!d->loop)
		n = snprintf(text, sizeof(text), "DMPAFT\n");
	else
		n = snprintf(text, sizeof(text),
			     d->old ? "LOOP %d\n" : "LPS 3 %d\n", N_PACKETS);
	d->state = ASKED;
	d->n = 0;
	live_timer(v, ANSWER_S);
	live_send(v, text, (size_t)n);
}

/* After which one: with its CRC, high byte first. */
static void send_date(struct live *v)
{
	struct davis *d = v->talk_ctx;
	uint8_t date[6];
	unsigned crc;

	memcpy(date, d->last, 4);
	crc = wx_crc16(date, 4);
	date[4] = (uint8_t)(crc >> 8);
	date[5] = (uint8_t)crc;
	d->state = DATED;
	live_timer(v, ANSWER_S);
	live_send(v, date, sizeof(date));
}

static void answer(struct live *v, uint8_t what)
{
	live_timer(v, ANSWER_S);
	live_send(v, &what, 1);
}

static void idle(struct live *v)
{
	struct davis *d = v->talk_ctx;

	d->state = IDLE;
	d->n = 0;
	live_timer(v, POLL_S);
}

static void drop(struct davis *d, size_t n)
{
	d->n -= n;
	memmove(d->in, d->in + n, d->n);
}

/* ---- what comes ---- */

static void log_packet(struct live *v, const uint8_t *p, struct wx_time at)
{
	static const char digit[] = "0123456789abcdef";
	char line[WX_TIME_SIZE + 2 * PACKET + 2];
	int n = wx_time_format(at, 3, line);

	line[n++] = ' ';
	for (int i = 0; i < PACKET; i++) {
		line[n++] = digit[p[i] >> 4];
		line[n++] = digit[p[i] & 15];
	}
	line[n++] = '\n';
	live_log(v, at, line, (size_t)n);
}

/* Packets whose CRC is right; between them, what is none. */
static void take_packets(struct live *v, struct wx_time at)
{
	struct davis *d = v->talk_ctx;

	while (d->n >= PACKET) {
		if (!memcmp(d->in, "LOO", 3) && !wx_crc16(d->in, PACKET)) {
			log_packet(v, d->in, d->at);
			drop(d, PACKET);
			d->n_wakes = 0;
			live_timer(v, PACKET_S);
			d->n_packets++;
		} else {
			if (!memcmp(d->in, "LOO", 3))
				wx_warn(v->opts->log,
					"%s: the CRC of a packet is wrong: "
					"left out",
					v->opts->port);
			drop(d, 1);
			while (d->n && d->in[0] != 'L')
				drop(d, 1);
		}
		d->at = at;
	}
	if (d->n_packets >= N_PACKETS)
		begin(v);
}

static void take_record(struct live *v, const uint8_t *r)
{
	struct davis *d = v->talk_ctx;
	int64_t now = minutes_of(r), last = minutes_of(d->last);

	if (now == INT64_MIN || is_kept(d, wx_crc32(0, r, RECORD)))
		return; /* never written, or here already */
	if (last != INT64_MIN && now < last - MAX_BACK_MIN)
		return; /* of the ring's last round */
	if (last != INT64_MIN && now < last)
		wx_warn(v->opts->log,
			"%s: the console's clock went back by %d min: its "
			"records are kept as they come",
			v->opts->port, (int)(last - now));
	live_log(v, d->at, r, RECORD);
	keep(d, r);
}

static void take_head(struct live *v)
{
	struct davis *d = v->talk_ctx;

	if (d->in[0] != ACK || wx_crc16(d->in + 1, HEAD)) {
		live_lost(v, "the console does not understand from when on");
		return;
	}
	d->n_pages = wx_le16(d->in + 1);
	d->first = wx_le16(d->in + 3);
	drop(d, 1 + HEAD);
	if (!d->n_pages || d->first >= PER_PAGE) {
		answer(v, ESC);
		idle(v);
		return;
	}
	d->state = PAGES;
	answer(v, ACK);
}

static void take_page(struct live *v)
{
	struct davis *d = v->talk_ctx;

	if (wx_crc16(d->in, PAGE)) {
		d->n = 0;
		if (++d->n_bad > MAX_BAD) {
			live_send(v, &(uint8_t){ ESC }, 1);
			live_lost(v, "a page of the archive comes with a wrong "
				     "CRC time and again");
			return;
		}
		wx_warn(v->opts->log,
			"%s: the CRC of a page is wrong: asked for again",
			v->opts->port);
		answer(v, NAK);
		return;
	}
	d->n_bad = 0;
	for (unsigned i = d->first; i < PER_PAGE; i++)
		take_record(v, d->in + 1 + i * RECORD);
	d->first = 0;
	drop(d, PAGE);
	if (--d->n_pages)
		answer(v, ACK);
	else
		idle(v);
}

static void take_acked(struct live *v)
{
	struct davis *d = v->talk_ctx;
	uint8_t got = d->in[0];

	drop(d, 1);
	if (got == '\n' || got == '\r')
		return; /* of a wake that came late */
	if (got != ACK && d->loop && !d->old) {
		d->old = true;
		begin(v);
	} else if (got != ACK) {
		live_lost(v, "the console does not know what it is asked: is "
			     "it a Vantage?");
	} else if (d->loop) {
		d->state = STREAM;
		d->n_packets = 0;
		live_timer(v, PACKET_S);
	} else {
		send_date(v);
	}
}

static bool step(struct live *v, struct wx_time at)
{
	struct davis *d = v->talk_ctx;
	size_t n = d->n;
	enum state state = d->state;

	if (state == WAKING && n >= 2) {
		if (!memcmp(d->in + n - 2, "\n\r", 2)) {
			d->state = QUIET;
			live_timer(v, QUIET_S);
		}
		if (n > PAGE)
			drop(d, n - 2);
	} else if (state == QUIET || state == IDLE) {
		d->n = 0;
		if (state == QUIET)
			live_timer(v, QUIET_S);
	} else if (state == ASKED && n) {
		take_acked(v);
	} else if (state == STREAM) {
		take_packets(v, at);
	} else if (state == DATED && n && d->in[0] != ACK) {
		take_head(v);
	} else if (state == DATED && n >= 1 + HEAD) {
		take_head(v);
	} else if (state == PAGES && n >= PAGE) {
		take_page(v);
	}
	return v->link && (d->state != state || d->n != n) && d->n;
}

static void davis_data(struct live *v, const uint8_t *data, size_t n,
		       struct wx_time at)
{
	struct davis *d = v->talk_ctx;

	while (n && v->link) {
		size_t part = sizeof(d->in) - d->n;

		part = part < n ? part : n;
		if (!d->n)
			d->at = at;
		memcpy(d->in + d->n, data, part);
		d->n += part;
		data += part;
		n -= part;
		while (step(v, at))
			;
	}
}

static void davis_timer(struct live *v)
{
	struct davis *d = v->talk_ctx;

	switch (d->state) {
	case WAKING:
		wake(v);
		break;
	case QUIET:
		ask(v);
		break;
	case STREAM:
	case IDLE:
		begin(v);
		break;
	case PAGES: /* some of it was lost: the whole page again */
		d->n = 0;
		if (++d->n_bad <= MAX_BAD) {
			answer(v, NAK);
			break;
		}
		/* fallthrough */
	default:
		live_lost(v, "the console stopped in the middle of an answer");
	}
}

const struct live_talk live_davis_loop = {
	.extension = "log",
	.open = open_loop,
	.close = davis_close,
	.up = begin,
	.data = davis_data,
	.timer = davis_timer,
};

const struct live_talk live_davis_archive = {
	.extension = "dmp",
	.record = RECORD,
	.open = open_archive,
	.close = davis_close,
	.up = begin,
	.data = davis_data,
	.timer = davis_timer,
};
