/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/acquisition_in.h: CBOR of a file, token by token through one
 * buffer. Only acquisition.c includes it.
 */
#ifndef WX_CAPTURE_ACQUISITION_IN_H
#define WX_CAPTURE_ACQUISITION_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum acq_kind {
	ACQ_OTHER,
	ACQ_NUMBER,
	ACQ_NOTHING,
	ACQ_TEXT,
	ACQ_ARRAY,
	ACQ_MAP,
	ACQ_BREAK,
	ACQ_TAG
};

struct acq_token {
	enum acq_kind kind;
	bool indef;          /* ARRAY, MAP: until BREAK; TEXT: in pieces */
	uint64_t n;          /* ARRAY, MAP: members; TEXT: bytes */
	double number;       /* NUMBER */
	const uint8_t *text; /* TEXT; until the next token */
};

enum { ACQ_BUFFER_SIZE = 64 << 10 }; /* so long may a text be, too */

struct acq_in {
	int fd;
	const char *name;
	int64_t at; /* offset in the file of buf[0] */
	size_t n, pos;
	bool broke; /* the last token was BREAK */
	uint8_t buf[ACQ_BUFFER_SIZE];
};

/* What these return, or a failure. */
enum { ACQ_TORN = 0, ACQ_GOT = 1, ACQ_END = 2 };

/* Offset in the file of the next byte. */
int64_t acq_tell(const struct acq_in *in);
/* More bytes behind what is left: GOT, or TORN at the end of the file. */
int acq_refill(struct acq_in *in, struct wx_error *err);
/* The next token, tags passed over: GOT, TORN. */
int acq_next(struct acq_in *in, struct acq_token *t, struct wx_error *err);
/* Member i of an array or map: GOT, END, TORN. */
int acq_member(struct acq_in *in, const struct acq_token *of, uint64_t i,
	       struct acq_token *t, struct wx_error *err);
/* Pass over what begins with t; depth 0. GOT, TORN. */
int acq_skip(struct acq_in *in, const struct acq_token *t, int depth,
	     struct wx_error *err);
/* WX_ERR_FORMAT: "NAME: byte N: expected WHAT". */
int acq_unexpected(const struct acq_in *in, const char *what,
		   struct wx_error *err);

#endif
