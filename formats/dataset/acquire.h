/* SPDX-License-Identifier: MIT */
/*
 * formats/dataset/acquire.h: Edge Impulse data acquisition format, written.
 * (Its reader is capture/acquisition.h.)
 *
 *     a3 "protected" a3 "ver" "v1" "alg" "HS256" "iat" 1a 5d3add3d
 *        "signature" 78 40 "0000..."           64 zeros, then the signature
 *        "payload" a5 "device_name" ... "device_type" ...
 *                     "interval_ms" f9 2c00    the smallest that is exact
 *                     "sensors" 81 a2 "name" "audio" "units" "wav"
 *                     "values" 9f 83 fa c11cf5c3 .. .. ff        rows, or
 *                     "values" 9f 6e "Ref-BINARY-i16" ff e803 18fc ...
 *
 * Signed is HMAC-SHA256 over all bytes with 64 zeros in the signature's place,
 * binary samples behind the CBOR included; the key is the ASCII text that Studio
 * shows. The signer knows the place, and looks for no zeros. Unsigned, alg is
 * "none" and the signature "00". In JSON the same tree, compact; samples are
 * padded with blanks to 6 characters, so that a file's size is known.
 *
 * Source: docs.edgeimpulse.com, "Data acquisition format"; edgeimpulse/
 * ingestion-sdk-c for how numbers are written.
 */
#ifndef WX_FORMATS_ACQUIRE_H
#define WX_FORMATS_ACQUIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

enum { WX_ACQUIRE_AXES = 32 };

struct wx_acquire {
	const char *device_name; /* globally unique; NULL: none */
	const char *device_type;
	int64_t iat_s;      /* Unix; 0: left out */
	double interval_ms; /* from row to row */
	bool is_signed;
	int n_axes;
	struct {
		const char *name, *units;
	} axis[WX_ACQUIRE_AXES];
};

/* Up to and with the opening of values; *signature_at -1: not signed. */
void wx_acquire_cbor_begin(FILE *out, const struct wx_acquire *a,
			   int64_t *signature_at);
/* A row of n_axes values; one axis is written flat. */
void wx_acquire_cbor_row(FILE *out, const struct wx_acquire *a,
			 const double *value);
void wx_acquire_cbor_end(FILE *out);
/* Instead of rows and end: all values, of one axis, behind the CBOR. */
void wx_acquire_cbor_i16(FILE *out, const int16_t *value, size_t n);

void wx_acquire_json_begin(FILE *out, const struct wx_acquire *a,
			   int64_t *signature_at);
/* first: no row was written before. */
void wx_acquire_json_row(FILE *out, const struct wx_acquire *a,
			 const double *value, bool first);
void wx_acquire_json_i16(FILE *out, const int16_t *value, size_t n);
void wx_acquire_json_end(FILE *out);

#endif
