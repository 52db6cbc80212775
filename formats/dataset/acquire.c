/* SPDX-License-Identifier: MIT */
/* formats/dataset/acquire.c: see acquire.h. */
#include "dataset/acquire.h"

#include <cbor.h>
#include <math.h>
#include <string.h>

/* 64 of them stand for a signature until it is known. */
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"

enum { HEAD = 9 }; /* bytes of a head of CBOR at most */

static void put_text(FILE *out, const char *text)
{
	unsigned char head[HEAD];
	size_t n = strlen(text);

	fwrite(head, 1, cbor_encode_string_start(n, head, sizeof(head)), out);
	fwrite(text, 1, n, out);
}

static void put_map(FILE *out, size_t n)
{
	unsigned char head[HEAD];

	fwrite(head, 1, cbor_encode_map_start(n, head, sizeof(head)), out);
}

static void put_array(FILE *out, size_t n)
{
	unsigned char head[HEAD];

	fwrite(head, 1, cbor_encode_array_start(n, head, sizeof(head)), out);
}

/* Does a half have all bits of a float? 11 of them, exponents -14 to 15. */
static bool fits_half(float v)
{
	int e;
	float m = frexpf(v, &e);

	if (v == 0)
		return true;
	return e >= -13 && e <= 16 && ldexpf(m, 11) == rintf(ldexpf(m, 11));
}

/* The smallest form that is exact, as the documented examples have it. */
static void put_number(FILE *out, double v, bool whole)
{
	unsigned char b[HEAD];
	size_t n;

	if (whole && v == rint(v) && v >= 0 && v < 0x1p53)
		n = cbor_encode_uint((uint64_t)v, b, sizeof(b));
	else if ((double)(float)v != v)
		n = cbor_encode_double(v, b, sizeof(b));
	else if (fits_half((float)v))
		n = cbor_encode_half((float)v, b, sizeof(b));
	else
		n = cbor_encode_single((float)v, b, sizeof(b));
	fwrite(b, 1, n, out);
}

void wx_acquire_cbor_begin(FILE *out, const struct wx_acquire *a,
			   int64_t *signature_at)
{
	put_map(out, 3);
	put_text(out, "protected");
	put_map(out, a->iat_s ? 3 : 2);
	put_text(out, "ver");
	put_text(out, "v1");
	put_text(out, "alg");
	put_text(out, a->is_signed ? "HS256" : "none");
	if (a->iat_s) {
		put_text(out, "iat");
		put_number(out, (double)a->iat_s, true);
	}
	put_text(out, "signature");
	put_text(out, a->is_signed ? ZEROS : "00");
	*signature_at = a->is_signed ? ftell(out) - (long)strlen(ZEROS) : -1;
	put_text(out, "payload");
	put_map(out, a->device_name ? 5 : 4);
	if (a->device_name) {
		put_text(out, "device_name");
		put_text(out, a->device_name);
	}
	put_text(out, "device_type");
	put_text(out, a->device_type);
	put_text(out, "interval_ms");
	put_number(out, a->interval_ms, true);
	put_text(out, "sensors");
	put_array(out, (size_t)a->n_axes);
	for (int i = 0; i < a->n_axes; i++) {
		put_map(out, 2);
		put_text(out, "name");
		put_text(out, a->axis[i].name);
		put_text(out, "units");
		put_text(out, a->axis[i].units);
	}
	put_text(out, "values");
	putc(0x9f, out); /* of no told length: a recorder can go on */
}

void wx_acquire_cbor_row(FILE *out, const struct wx_acquire *a,
			 const double *value)
{
	if (a->n_axes > 1)
		put_array(out, (size_t)a->n_axes);
	/* Boards write floats; more digits than theirs are no help. */
	for (int i = 0; i < a->n_axes; i++)
		put_number(out, (float)value[i], false);
}

void wx_acquire_cbor_end(FILE *out)
{
	putc(0xff, out);
}

void wx_acquire_cbor_i16(FILE *out, const int16_t *value, size_t n)
{
	put_text(out, "Ref-BINARY-i16");
	putc(0xff, out);
	for (size_t i = 0; i < n; i++) {
		putc(value[i] & 0xff, out);
		putc((value[i] >> 8) & 0xff, out);
	}
}

/* ---- JSON ---- */

/* Names of ours: ids, axes. What JSON would escape is left out. */
static void put_json(FILE *out, const char *text)
{
	putc('"', out);
	for (; *text; text++)
		if ((unsigned char)*text >= 0x20 && *text != '"' &&
		    *text != '\\')
			putc(*text, out);
	putc('"', out);
}

void wx_acquire_json_begin(FILE *out, const struct wx_acquire *a,
			   int64_t *signature_at)
{
	fprintf(out, "{\"protected\":{\"ver\":\"v1\",\"alg\":\"%s\"",
		a->is_signed ? "HS256" : "none");
	if (a->iat_s)
		fprintf(out, ",\"iat\":%lld", (long long)a->iat_s);
	fprintf(out, "},\"signature\":\"%s\",\"payload\":{",
		a->is_signed ? ZEROS : "00");
	*signature_at =
		a->is_signed
			? ftell(out) - (long)strlen(ZEROS "\",\"payload\":{")
			: -1;
	if (a->device_name) {
		fputs("\"device_name\":", out);
		put_json(out, a->device_name);
		putc(',', out);
	}
	fputs("\"device_type\":", out);
	put_json(out, a->device_type);
	fprintf(out, ",\"interval_ms\":%.15g,\"sensors\":[", a->interval_ms);
	for (int i = 0; i < a->n_axes; i++) {
		fprintf(out, "%s{\"name\":", i ? "," : "");
		put_json(out, a->axis[i].name);
		fputs(",\"units\":", out);
		put_json(out, a->axis[i].units);
		putc('}', out);
	}
	fputs("],\"values\":[", out);
}

void wx_acquire_json_row(FILE *out, const struct wx_acquire *a,
			 const double *value, bool first)
{
	if (!first)
		putc(',', out);
	for (int i = 0; i < a->n_axes; i++)
		fprintf(out, "%s%.7g",
			i               ? ","
			: a->n_axes > 1 ? "["
					: "",
			value[i]);
	if (a->n_axes > 1)
		putc(']', out);
}

void wx_acquire_json_i16(FILE *out, const int16_t *value, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char digits[8] = "       ";
		int v = value[i] < 0 ? -value[i] : value[i], k = 7;

		do
			digits[--k] = (char)('0' + v % 10);
		while (v /= 10);
		if (value[i] < 0)
			digits[--k] = '-';
		/* One comma and six characters; the first needs no comma. */
		if (i)
			putc(',', out);
		fwrite(digits + 1, 1, 6, out);
	}
}

void wx_acquire_json_end(FILE *out)
{
	fputs("]}}", out);
}
