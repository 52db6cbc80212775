/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_frame.c: the console framing of SMP.
 *
 *     06 09  base64(length + 2, packet...)  0a     the first frame
 *     04 14  base64(...packet, CRC-16)      0a     the next ones
 *
 * length and CRC are big-endian. Everything else on the line is somebody's
 * text. A marker is taken wherever it stands: what a node printed without a
 * line break before it must not cost a packet. A frame ends at the first byte
 * that base64 does not have; a packet that is not whole then goes on with the
 * next frame, whatever text stands between.
 *
 * Source: Zephyr, "SMP over console" (smp_transport); both layouts are held
 * against frames from newtmgr and from Zephyr 4.4.
 */
#include "node/smp_frame.h"

#include <stdbool.h>
#include <string.h>

#include "base/base64.h"
#include "base/bytes.h"
#include "base/hash.h"

enum {
	FIRST_0 = 0x06,
	FIRST_1 = 0x09,
	NEXT_0 = 0x04,
	NEXT_1 = 0x14,
	FRAME_RAW = 93, /* bytes in the 124 characters of a full frame */
	NEXT_RAW_ZEPHYR = 90,
	LENGTH = 2,
	CRC = 2,
	MIN_TOTAL = WX_SMP_HEADER + CRC,
};

enum state {
	IDLE,    /* no packet under way; text */
	BETWEEN, /* the packet goes on in the next frame */
	FRAME,
};

/* ---- out ---- */

size_t wx_smp_frames_size(size_t n)
{
	/* Two more frames than Zephyr's layout fills: its CRC and its rest. */
	return ((LENGTH + n + CRC) / NEXT_RAW_ZEPHYR + 3) * 127;
}

/* How many of the `left` bytes, of which the last two are the CRC, fit. */
static size_t next_cut(size_t left, bool first, enum wx_smp_layout layout)
{
	size_t room =
		first || layout == WX_SMP_FULL ? FRAME_RAW : NEXT_RAW_ZEPHYR;

	if (left <= room)
		return left;
	/* Room for one byte of the CRC: Zephyr takes two of the packet back. */
	if (layout == WX_SMP_ZEPHYR && left == room + 1)
		return room - 3;
	return room;
}

size_t wx_smp_frames(const void *packet, size_t n, enum wx_smp_layout layout,
		     uint8_t *out)
{
	const uint8_t *p = packet;
	uint16_t crc = wx_crc16(packet, n);
	size_t total = LENGTH + n + CRC;
	uint8_t *w = out;

	for (size_t at = 0, cut; at < total; at += cut) {
		uint8_t raw[FRAME_RAW];
		size_t k = 0;

		cut = next_cut(total - at, at == 0, layout);
		if (at == 0) {
			raw[k++] = (uint8_t)((n + CRC) >> 8);
			raw[k++] = (uint8_t)((n + CRC) & 255);
		}
		for (; k < cut && at + k < LENGTH + n; k++)
			raw[k] = p[at + k - LENGTH];
		for (; k < cut; k++)
			raw[k] = at + k == LENGTH + n ? (uint8_t)(crc >> 8)
						      : (uint8_t)(crc & 255);
		*w++ = at ? NEXT_0 : FIRST_0;
		*w++ = at ? NEXT_1 : FIRST_1;
		w += wx_base64_put(raw, cut, (char *)w);
		*w++ = '\n';
	}
	return (size_t)(w - out);
}

/* ---- in ---- */

/* Length that the first frame told, CRC included; 0: not known yet. */
static size_t told(const struct wx_smp_reader *r)
{
	return r->n < LENGTH ? 0 : wx_be16(r->buf);
}

static void drop(struct wx_smp_reader *r)
{
	r->n_bad++;
	r->state = IDLE;
}

/* The frame ended: is the packet whole? */
static void end_frame(struct wx_smp_reader *r)
{
	size_t total = told(r);
	const uint8_t *p = r->buf + LENGTH;

	if (r->n_quantum || (r->n >= LENGTH && total < MIN_TOTAL) ||
	    r->n > LENGTH + total) {
		drop(r);
		return;
	}
	if (r->n < LENGTH + total || !total) {
		r->state = BETWEEN;
		return;
	}
	if (wx_crc16(p, total - CRC) != wx_be16(p + total - CRC)) {
		drop(r);
		return;
	}
	r->state = IDLE;
	r->packet(r->ctx, p, total - CRC, r->at);
}

static void begin_frame(struct wx_smp_reader *r, bool first, struct wx_time at)
{
	r->n_quantum = r->n_pad = 0;
	r->quantum = 0;
	if (first) {
		if (r->state == BETWEEN)
			r->n_bad++;
		r->n = 0;
		r->at = at;
		r->state = FRAME;
	} else if (r->state == BETWEEN) {
		r->state = FRAME;
	}
}

/* One character of a frame's base64; false: it has no place there. */
static bool add_digit(struct wx_smp_reader *r, uint8_t c)
{
	bool pad = c == '=';
	int d = pad ? 0 : wx_base64_digit((char)c);
	size_t k;

	if (pad ? r->n_quantum < 2 : r->n_pad > 0)
		return false;
	r->n_pad = (uint8_t)(r->n_pad + pad);
	r->quantum = r->quantum << 6 | (uint32_t)d;
	if (++r->n_quantum < 4)
		return true;
	k = 3u - r->n_pad;
	if (r->n + k > sizeof(r->buf))
		return false;
	for (size_t i = 0; i < k; i++)
		r->buf[r->n++] = (uint8_t)(r->quantum >> (16 - 8 * i) & 255);
	r->n_quantum = 0;
	r->quantum = 0;
	return true;
}

static void add_byte(struct wx_smp_reader *r, uint8_t c, struct wx_time at)
{
	uint8_t marker = r->marker;

	r->marker = c == FIRST_0 || c == NEXT_0 ? c : 0;
	if ((marker == FIRST_0 && c == FIRST_1) ||
	    (marker == NEXT_0 && c == NEXT_1)) {
		begin_frame(r, marker == FIRST_0, at);
		return;
	}
	if (r->state != FRAME)
		return;
	if (c != '=' && wx_base64_digit((char)c) < 0)
		end_frame(r);
	else if (!add_digit(r, c))
		drop(r);
}

void wx_smp_read(struct wx_smp_reader *r, const void *data, size_t n,
		 struct wx_time at)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++)
		add_byte(r, p[i], at);
}
