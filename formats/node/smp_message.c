/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_message.c: read SMP packets and the CBOR in them.
 *
 *     Res:3 Ver:2 Op:3 | Flags:8 | Length:16 | Group:16 | Seq:8 | Cmd:8
 *     one CBOR map, Length bytes                         (big-endian)
 *
 * Zephyr sends maps of indefinite length, bf..ff, also within maps; others
 * send definite ones. libcbor's streaming decoder is used rather than its
 * trees: nothing is allocated on a stranger's word. Strings in pieces, which
 * nobody sends, would need it and are refused.
 *
 * Source: Zephyr, "SMP Protocol Specification".
 */
#include "node/smp_message.h"

#include <cbor.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"

/* A map or array that is open. */
struct level {
	int field;     /* its index; -1: the outermost */
	uint64_t left; /* items to come, of a definite one */
	bool indefinite, is_map, has_key;
	bool quiet; /* within an array: not kept */
	const char *key;
	size_t n_key;
};

struct parser {
	struct wx_smp_msg *m;
	struct level level[WX_SMP_DEPTH];
	int depth;
	bool begun, bad;
	size_t n_packet;
};

/* The last item of the innermost one is over; it may have been the last. */
static void close_levels(struct parser *p)
{
	while (p->depth) {
		struct level *l = &p->level[p->depth - 1];

		if (l->indefinite || l->left)
			return;
		p->depth--;
	}
}

/*
 * Account for an item and add its field, if it is one. Returns the field, or
 * NULL where there is none to fill: a key, an element, too many.
 */
static struct wx_smp_field *place(struct parser *p, enum wx_smp_type type)
{
	struct level *l = p->depth ? &p->level[p->depth - 1] : NULL;
	struct wx_smp_field *f;

	if (!l || p->bad) {
		p->bad = true; /* the outermost item is no map, or follows it */
		return NULL;
	}
	if (!l->indefinite)
		l->left--;
	if (l->is_map && !l->has_key) {
		l->has_key = true;
		l->key = NULL;
		l->n_key = 0;
		p->bad = type == WX_SMP_MAP || type == WX_SMP_OTHER;
		return NULL;
	}
	l->has_key = false;
	if (!l->is_map || l->quiet)
		return NULL;
	if (p->m->n == WX_SMP_FIELDS) {
		p->bad = true;
		return NULL;
	}
	f = &p->m->field[p->m->n++];
	*f = (struct wx_smp_field){ .key = l->key,
				    .n_key = l->n_key,
				    .parent = l->field,
				    .type = type };
	return f;
}

static void put_number(struct parser *p, enum wx_smp_type type, int64_t i,
		       double d)
{
	struct wx_smp_field *f = place(p, type);

	if (f) {
		f->i = i;
		f->f = d;
	}
	close_levels(p);
}

static void on_uint(void *ctx, uint64_t v)
{
	put_number(ctx, v > INT64_MAX ? WX_SMP_OTHER : WX_SMP_INT, (int64_t)v,
		   (double)v);
}

static void on_negint(void *ctx, uint64_t v)
{
	put_number(ctx, v > INT64_MAX ? WX_SMP_OTHER : WX_SMP_INT,
		   -1 - (int64_t)(v & INT64_MAX), -1.0 - (double)v);
}

static void on_u8(void *ctx, uint8_t v)
{
	on_uint(ctx, v);
}

static void on_u16(void *ctx, uint16_t v)
{
	on_uint(ctx, v);
}

static void on_u32(void *ctx, uint32_t v)
{
	on_uint(ctx, v);
}

static void on_n8(void *ctx, uint8_t v)
{
	on_negint(ctx, v);
}

static void on_n16(void *ctx, uint16_t v)
{
	on_negint(ctx, v);
}

static void on_n32(void *ctx, uint32_t v)
{
	on_negint(ctx, v);
}

static void on_double(void *ctx, double v)
{
	put_number(ctx, WX_SMP_REAL, 0, v);
}

static void on_float(void *ctx, float v)
{
	on_double(ctx, (double)v);
}

static void on_bool(void *ctx, bool v)
{
	put_number(ctx, WX_SMP_BOOL, v, NAN);
}

static void on_null(void *ctx)
{
	put_number(ctx, WX_SMP_NULL, 0, NAN);
}

static void put_string(struct parser *p, enum wx_smp_type type,
		       const uint8_t *s, size_t n)
{
	struct level *l = p->depth ? &p->level[p->depth - 1] : NULL;
	bool is_key = l && l->is_map && !l->has_key;
	struct wx_smp_field *f = place(p, type);

	if (f) {
		f->p = s;
		f->n = n;
	} else if (is_key && type == WX_SMP_TEXT) {
		l->key = (const char *)s;
		l->n_key = n;
	}
	close_levels(p);
}

static void on_text(void *ctx, cbor_data s, size_t n)
{
	put_string(ctx, WX_SMP_TEXT, s, n);
}

static void on_bytes(void *ctx, cbor_data s, size_t n)
{
	put_string(ctx, WX_SMP_BYTES, s, n);
}

static void open_level(struct parser *p, bool is_map, bool indefinite,
		       uint64_t n)
{
	struct level l = { .field = -1,
			   .indefinite = indefinite,
			   .is_map = is_map,
			   .left = is_map ? 2 * n : n };

	/* Each item takes a byte at least. */
	if (p->bad || p->depth == WX_SMP_DEPTH || n > p->n_packet ||
	    (!p->begun && !is_map)) {
		p->bad = true;
		return;
	}
	if (p->begun) {
		struct wx_smp_field *f =
			place(p, is_map ? WX_SMP_MAP : WX_SMP_OTHER);

		l.quiet = !f || !is_map;
		l.field = f ? (int)(f - p->m->field) : -1;
		if (p->bad)
			return;
	}
	p->begun = true;
	p->level[p->depth++] = l;
	close_levels(p);
}

static void on_map(void *ctx, size_t n)
{
	open_level(ctx, true, false, n);
}

static void on_indef_map(void *ctx)
{
	open_level(ctx, true, true, 0);
}

static void on_array(void *ctx, size_t n)
{
	open_level(ctx, false, false, n);
}

static void on_indef_array(void *ctx)
{
	open_level(ctx, false, true, 0);
}

static void on_break(void *ctx)
{
	struct parser *p = ctx;
	struct level *l = p->depth ? &p->level[p->depth - 1] : NULL;

	if (!l || !l->indefinite || l->has_key) {
		p->bad = true;
		return;
	}
	p->depth--;
	close_levels(p);
}

static void on_pieces(void *ctx)
{
	((struct parser *)ctx)->bad = true;
}

static const struct cbor_callbacks calls = {
	.uint8 = on_u8,
	.uint16 = on_u16,
	.uint32 = on_u32,
	.uint64 = on_uint,
	.negint8 = on_n8,
	.negint16 = on_n16,
	.negint32 = on_n32,
	.negint64 = on_negint,
	.byte_string = on_bytes,
	.byte_string_start = on_pieces,
	.string = on_text,
	.string_start = on_pieces,
	.array_start = on_array,
	.indef_array_start = on_indef_array,
	.map_start = on_map,
	.indef_map_start = on_indef_map,
	.tag = cbor_null_tag_callback,
	.float2 = on_float,
	.float4 = on_float,
	.float8 = on_double,
	.undefined = on_null,
	.null = on_null,
	.boolean = on_bool,
	.indef_break = on_break,
};

struct wx_smp_head wx_smp_head_of(const uint8_t packet[WX_SMP_HEADER])
{
	return (struct wx_smp_head){
		.op = packet[0] & 7,
		.version = packet[0] >> 3 & 3,
		.group = wx_be16(packet + 4),
		.seq = packet[6],
		.cmd = packet[7],
	};
}

int wx_smp_parse(const void *packet, size_t n, struct wx_smp_msg *out,
		 struct wx_error *err)
{
	const uint8_t *b = packet;
	struct parser p = { .m = out, .n_packet = n };
	size_t at = WX_SMP_HEADER, length;

	if (n < WX_SMP_HEADER)
		return wx_fail(err, WX_ERR_FORMAT,
			       "a packet of %zu bytes, expected a header of 8",
			       n);
	out->n = 0;
	out->head = wx_smp_head_of(b);
	length = wx_be16(b + 2);
	if (length != n - WX_SMP_HEADER)
		return wx_fail(err, WX_ERR_FORMAT,
			       "a packet with %zu bytes after its header, "
			       "which tells %zu",
			       n - WX_SMP_HEADER, length);
	while (at < n && !p.bad && (!p.begun || p.depth)) {
		struct cbor_decoder_result r =
			cbor_stream_decode(b + at, n - at, &calls, &p);

		if (r.status != CBOR_DECODER_FINISHED)
			break;
		at += r.read;
	}
	if (p.bad || !p.begun || p.depth || at < n)
		return wx_fail(err, WX_ERR_FORMAT,
			       "a packet whose byte %zu is not as expected of "
			       "one CBOR map",
			       at);
	return WX_OK;
}

static const struct wx_smp_field *find(const struct wx_smp_msg *m, int parent,
				       const char *key)
{
	size_t n = strlen(key);

	for (int i = 0; i < m->n; i++) {
		const struct wx_smp_field *f = &m->field[i];

		if (f->parent == parent && f->key && f->n_key == n &&
		    memcmp(f->key, key, n) == 0)
			return f;
	}
	return NULL;
}

const struct wx_smp_field *wx_smp_get(const struct wx_smp_msg *m,
				      const char *key)
{
	return find(m, -1, key);
}

const struct wx_smp_field *wx_smp_in(const struct wx_smp_msg *m,
				     const struct wx_smp_field *in,
				     const char *key)
{
	return find(m, (int)(in - m->field), key);
}

int64_t wx_smp_i64(const struct wx_smp_msg *m, const char *key, int64_t dflt)
{
	const struct wx_smp_field *f = wx_smp_get(m, key);

	return f && f->type == WX_SMP_INT ? f->i : dflt;
}

bool wx_smp_is(const struct wx_smp_msg *m, const char *key, const char *text)
{
	const struct wx_smp_field *f = wx_smp_get(m, key);

	return f && f->type == WX_SMP_TEXT && f->n == strlen(text) &&
	       memcmp(f->p, text, f->n) == 0;
}

bool wx_smp_text(const struct wx_smp_msg *m, const char *key, char *buf,
		 size_t size)
{
	const struct wx_smp_field *f = wx_smp_get(m, key);
	size_t n;

	buf[0] = '\0';
	if (!f || f->type != WX_SMP_TEXT || memchr(f->p, '\0', f->n))
		return false;
	n = f->n < size ? f->n : size - 1;
	memcpy(buf, f->p, n);
	buf[n] = '\0';
	return true;
}

bool wx_smp_error(const struct wx_smp_msg *m, int *group, int64_t *rc)
{
	const struct wx_smp_field *e = wx_smp_get(m, "err");

	*group = -1;
	*rc = wx_smp_i64(m, "rc", 0);
	if (*rc || !e || e->type != WX_SMP_MAP)
		return *rc != 0;
	const struct wx_smp_field *g = wx_smp_in(m, e, "group");
	const struct wx_smp_field *n = wx_smp_in(m, e, "rc");

	*rc = n && n->type == WX_SMP_INT ? n->i : WX_SMP_UNKNOWN;
	*group = g && g->type == WX_SMP_INT && g->i >= 0 && g->i <= UINT16_MAX
			 ? (int)g->i
			 : -1;
	return *rc != 0;
}

static json_t *hex_json(const struct wx_smp_field *f)
{
	char *hex = malloc(2 * f->n + 1);
	json_t *v = NULL;

	if (hex) {
		wx_hex(f->p, f->n, hex);
		v = json_pack("{s:s}", "hex", hex);
	}
	free(hex);
	return v;
}

/* NULL: nothing that JSON has, or out of memory. */
static json_t *field_json(const struct wx_smp_field *f)
{
	switch (f->type) {
	case WX_SMP_INT:
		return json_integer(f->i);
	case WX_SMP_REAL:
		return json_real(f->f);
	case WX_SMP_TEXT:
		return json_stringn((const char *)f->p, f->n);
	case WX_SMP_BYTES:
		return hex_json(f);
	case WX_SMP_BOOL:
		return json_boolean(f->i);
	case WX_SMP_NULL:
		return json_null();
	case WX_SMP_MAP:
		return json_object();
	case WX_SMP_OTHER:
		break;
	}
	return NULL;
}

json_t *wx_smp_json(const struct wx_smp_msg *m)
{
	json_t *obj[WX_SMP_FIELDS] = { NULL }, *all = json_object();
	char key[64];

	for (int i = 0; all && i < m->n; i++) {
		const struct wx_smp_field *f = &m->field[i];
		json_t *in = f->parent < 0 ? all : obj[f->parent];
		json_t *v = NULL;

		if (!in || !f->key || f->n_key >= sizeof(key) ||
		    memchr(f->key, '\0', f->n_key))
			continue;
		memcpy(key, f->key, f->n_key);
		key[f->n_key] = '\0';
		v = json_object_get(in, key) ? NULL : field_json(f);
		/* Also refuses a key that is no UTF-8. */
		if (v && json_object_set_new(in, key, v) == 0 &&
		    f->type == WX_SMP_MAP)
			obj[i] = v;
	}
	return all;
}
