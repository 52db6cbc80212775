/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_compose.c: write SMP packets, smp_message.h.
 *
 * How many members a map has is known when it ends: the byte of its head is
 * written then.
 */
#include <cbor.h>
#include <string.h>

#include "node/smp_message.h"

enum { MAX_MEMBERS = 23 }; /* whose number fits in the byte of a map's head */

static void put_raw(struct wx_smp_out *o, const void *p, size_t n)
{
	if (n > o->size - o->n) {
		o->full = true;
		return;
	}
	if (n)
		memcpy(o->buf + o->n, p, n);
	o->n += n;
}

static void put_byte(struct wx_smp_out *o, uint8_t b)
{
	put_raw(o, &b, 1);
}

static void open_map(struct wx_smp_out *o)
{
	if (o->depth == WX_SMP_DEPTH) {
		o->full = true;
		return;
	}
	o->map[o->depth].at = o->n;
	o->map[o->depth++].n = 0;
	put_byte(o, o->indefinite ? 0xbf : 0xa0);
}

static void close_map(struct wx_smp_out *o)
{
	if (!o->depth--) {
		o->depth = 0;
		o->full = true;
	} else if (o->indefinite) {
		put_byte(o, 0xff);
	} else if (!o->full) {
		o->buf[o->map[o->depth].at] =
			(uint8_t)(0xa0 + o->map[o->depth].n);
	}
}

void wx_smp_begin(struct wx_smp_out *o, void *buf, size_t size,
		  struct wx_smp_head head)
{
	uint8_t h[WX_SMP_HEADER] = {
		(uint8_t)(head.version << 3 | head.op),
		0,
		0,
		0,
		(uint8_t)(head.group >> 8),
		(uint8_t)(head.group & 255),
		head.seq,
		head.cmd,
	};

	*o = (struct wx_smp_out){ .buf = buf,
				  .size = size,
				  .indefinite = o->indefinite };
	put_raw(o, h, sizeof(h));
	open_map(o);
}

static void put_string_as(struct wx_smp_out *o, const void *p, size_t n,
			  size_t (*start)(size_t, unsigned char *, size_t))
{
	uint8_t head[9];

	put_raw(o, head, start(n, head, sizeof(head)));
	put_raw(o, p, n);
}

static void put_key(struct wx_smp_out *o, const char *key)
{
	if (!o->depth || ++o->map[o->depth - 1].n > MAX_MEMBERS)
		o->full = true;
	else
		put_string_as(o, key, strlen(key), cbor_encode_string_start);
}

void wx_smp_put_i64(struct wx_smp_out *o, const char *key, int64_t v)
{
	uint8_t b[9];

	put_key(o, key);
	put_raw(o, b,
		v < 0 ? cbor_encode_negint((uint64_t)(-1 - v), b, sizeof(b))
		      : cbor_encode_uint((uint64_t)v, b, sizeof(b)));
}

void wx_smp_put_f64(struct wx_smp_out *o, const char *key, double v)
{
	uint8_t b[9];

	put_key(o, key);
	put_raw(o, b, cbor_encode_double(v, b, sizeof(b)));
}

void wx_smp_put_bool(struct wx_smp_out *o, const char *key, bool v)
{
	uint8_t b[1];

	put_key(o, key);
	put_raw(o, b, cbor_encode_bool(v, b, sizeof(b)));
}

void wx_smp_put_null(struct wx_smp_out *o, const char *key)
{
	uint8_t b[1];

	put_key(o, key);
	put_raw(o, b, cbor_encode_null(b, sizeof(b)));
}

void wx_smp_put_text(struct wx_smp_out *o, const char *key, const char *v)
{
	put_key(o, key);
	put_string_as(o, v, strlen(v), cbor_encode_string_start);
}

void wx_smp_put_bytes(struct wx_smp_out *o, const char *key, const void *p,
		      size_t n)
{
	put_key(o, key);
	put_string_as(o, p, n, cbor_encode_bytestring_start);
}

void wx_smp_put_map(struct wx_smp_out *o, const char *key)
{
	put_key(o, key);
	open_map(o);
}

void wx_smp_put_end(struct wx_smp_out *o)
{
	close_map(o);
}

static void put_value(struct wx_smp_out *o, const char *key, const json_t *v)
{
	switch (json_typeof(v)) {
	case JSON_OBJECT:
		wx_smp_put_map(o, key);
		if (o->full)
			return; /* too deep: ends the descent */
		wx_smp_put_json(o, v);
		wx_smp_put_end(o);
		break;
	case JSON_STRING:
		put_key(o, key);
		put_string_as(o, json_string_value(v), json_string_length(v),
			      cbor_encode_string_start);
		break;
	case JSON_INTEGER:
		wx_smp_put_i64(o, key, json_integer_value(v));
		break;
	case JSON_REAL:
		wx_smp_put_f64(o, key, json_real_value(v));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		wx_smp_put_bool(o, key, json_is_true(v));
		break;
	case JSON_NULL:
		wx_smp_put_null(o, key);
		break;
	case JSON_ARRAY:
		break;
	}
}

void wx_smp_put_json(struct wx_smp_out *o, const json_t *obj)
{
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)obj, key, v) put_value(o, key, v);
}

size_t wx_smp_end(struct wx_smp_out *o)
{
	size_t n;

	if (o->depth != 1)
		o->full = true;
	close_map(o);
	n = o->n - WX_SMP_HEADER;
	if (o->full || o->n > WX_SMP_PACKET_MAX)
		return 0;
	o->buf[2] = (uint8_t)(n >> 8);
	o->buf[3] = (uint8_t)(n & 255);
	return o->n;
}
