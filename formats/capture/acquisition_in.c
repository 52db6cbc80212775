/* SPDX-License-Identifier: MIT */
/* formats/capture/acquisition_in.c: see acquisition_in.h. */
#include "capture/acquisition_in.h"

#include <cbor.h>
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { MAX_DEPTH = 16 }; /* of what is passed over */

static void on_uint8(void *ctx, uint8_t v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = v };
}

static void on_uint16(void *ctx, uint16_t v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = v };
}

static void on_uint32(void *ctx, uint32_t v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = v };
}

static void on_uint64(void *ctx, uint64_t v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = (double)v };
}

static void on_negint8(void *ctx, uint8_t v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = -1.0 - v };
}

static void on_negint16(void *ctx, uint16_t v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = -1.0 - v };
}

static void on_negint32(void *ctx, uint32_t v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = -1.0 - v };
}

static void on_negint64(void *ctx, uint64_t v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER,
				    .number = -1.0 - (double)v };
}

static void on_float(void *ctx, float v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = v };
}

static void on_double(void *ctx, double v)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_NUMBER, .number = v };
}

static void on_text(void *ctx, cbor_data text, size_t n)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_TEXT, .text = text, .n = n };
}

static void on_pieces(void *ctx)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_TEXT, .indef = true };
}

static void on_array(void *ctx, size_t n)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_ARRAY, .n = n };
}

static void on_open_array(void *ctx)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_ARRAY, .indef = true };
}

static void on_map(void *ctx, size_t n)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_MAP, .n = n };
}

static void on_open_map(void *ctx)
{
	*(struct acq_token *)ctx =
		(struct acq_token){ .kind = ACQ_MAP, .indef = true };
}

static void on_tag(void *ctx, uint64_t tag)
{
	(void)tag;
	*(struct acq_token *)ctx = (struct acq_token){ .kind = ACQ_TAG };
}

static void on_nothing(void *ctx)
{
	*(struct acq_token *)ctx = (struct acq_token){ .kind = ACQ_NOTHING };
}

static void on_bool(void *ctx, bool v)
{
	(void)v;
	*(struct acq_token *)ctx = (struct acq_token){ .kind = ACQ_OTHER };
}

static void on_break(void *ctx)
{
	*(struct acq_token *)ctx = (struct acq_token){ .kind = ACQ_BREAK };
}

static const struct cbor_callbacks callbacks = {
	.uint8 = on_uint8,
	.uint16 = on_uint16,
	.uint32 = on_uint32,
	.uint64 = on_uint64,
	.negint8 = on_negint8,
	.negint16 = on_negint16,
	.negint32 = on_negint32,
	.negint64 = on_negint64,
	.byte_string = on_text,
	.byte_string_start = on_pieces,
	.string = on_text,
	.string_start = on_pieces,
	.array_start = on_array,
	.indef_array_start = on_open_array,
	.map_start = on_map,
	.indef_map_start = on_open_map,
	.tag = on_tag,
	.float2 = on_float,
	.float4 = on_float,
	.float8 = on_double,
	.undefined = on_nothing,
	.null = on_nothing,
	.boolean = on_bool,
	.indef_break = on_break,
};

int64_t acq_tell(const struct acq_in *in)
{
	return in->at + (int64_t)in->pos;
}

int acq_refill(struct acq_in *in, struct wx_error *err)
{
	ssize_t got;

	memmove(in->buf, in->buf + in->pos, in->n - in->pos);
	in->at += (int64_t)in->pos;
	in->n -= in->pos;
	in->pos = 0;
	if (in->n == ACQ_BUFFER_SIZE)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: byte %" PRId64 ": a text of more than %d "
			       "bytes",
			       in->name, in->at, ACQ_BUFFER_SIZE);
	do {
		got = pread(in->fd, in->buf + in->n, ACQ_BUFFER_SIZE - in->n,
			    in->at + (int64_t)in->n);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return wx_fail_errno(err, "%s: cannot read", in->name);
	in->n += (size_t)got;
	return got ? ACQ_GOT : ACQ_TORN;
}

int acq_next(struct acq_in *in, struct acq_token *t, struct wx_error *err)
{
	for (;;) {
		struct cbor_decoder_result r = { .status =
							 CBOR_DECODER_NEDATA };
		int rc;

		*t = (struct acq_token){ .kind = ACQ_OTHER };
		if (in->pos < in->n)
			r = cbor_stream_decode(in->buf + in->pos,
					       in->n - in->pos, &callbacks, t);
		switch (r.status) {
		case CBOR_DECODER_FINISHED:
			in->pos += r.read;
			in->broke = t->kind == ACQ_BREAK;
			if (t->kind == ACQ_TAG)
				continue;
			return ACQ_GOT;
		case CBOR_DECODER_ERROR:
			return wx_fail(err, WX_ERR_FORMAT,
				       "%s: byte %" PRId64 ": 0x%02x, which no "
				       "CBOR item starts with",
				       in->name, acq_tell(in),
				       in->buf[in->pos]);
		default:
			rc = acq_refill(in, err);
			if (rc != ACQ_GOT)
				return rc;
		}
	}
}

int acq_unexpected(const struct acq_in *in, const char *what,
		   struct wx_error *err)
{
	return wx_fail(err, WX_ERR_FORMAT, "%s: byte %" PRId64 ": expected %s",
		       in->name, acq_tell(in), what);
}

int acq_member(struct acq_in *in, const struct acq_token *of, uint64_t i,
	       struct acq_token *t, struct wx_error *err)
{
	int rc;

	if (!of->indef && i >= of->n)
		return ACQ_END;
	rc = acq_next(in, t, err);
	if (rc == ACQ_GOT && t->kind == ACQ_BREAK)
		return of->indef ? ACQ_END : acq_unexpected(in, "a value", err);
	return rc;
}

int acq_skip(struct acq_in *in, const struct acq_token *t, int depth,
	     struct wx_error *err)
{
	uint64_t per = t->kind == ACQ_MAP ? 2 : 1;
	struct acq_token of = *t, m;
	int rc = ACQ_GOT;

	if (t->kind != ACQ_ARRAY && t->kind != ACQ_MAP && !t->indef)
		return ACQ_GOT;
	if (depth >= MAX_DEPTH)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: byte %" PRId64 ": nested too deeply",
			       in->name, acq_tell(in));
	if (of.n > UINT64_MAX / 2)
		return ACQ_TORN; /* no file has so much */
	of.n *= per;
	for (uint64_t i = 0; rc == ACQ_GOT; i++) {
		rc = acq_member(in, &of, i, &m, err);
		if (rc == ACQ_GOT)
			rc = acq_skip(in, &m, depth + 1, err);
	}
	return rc == ACQ_END ? ACQ_GOT : rc;
}
