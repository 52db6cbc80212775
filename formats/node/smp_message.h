/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_message.h: what an SMP packet says, in both directions.
 *
 * A header of eight bytes and a CBOR map. Nothing is allocated: what is read
 * points into the packet, what is written goes into the caller's buffer.
 */
#ifndef WX_NODE_SMP_MESSAGE_H
#define WX_NODE_SMP_MESSAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "node/smp_frame.h"

enum wx_smp_op { WX_SMP_READ, WX_SMP_READ_RSP, WX_SMP_WRITE, WX_SMP_WRITE_RSP };

enum wx_smp_group {
	WX_SMP_OS = 0,
	WX_SMP_FS = 8,
	WX_SMP_NODE = 64 /* ours, wx-node(7) */
};

/* Commands of OS, FS and NODE. */
enum { WX_SMP_ECHO = 0, WX_SMP_PARAMS = 6 };
enum { WX_SMP_FILE = 0, WX_SMP_STAT = 1, WX_SMP_HASH = 2 };
enum { WX_SMP_CLOCK = 0, WX_SMP_RELEASE = 1, WX_SMP_INFO = 2 };

/* Of {"rc":n}, and of {"err":{"group":8,"rc":n}}: zephyr mgmt_defines.h. */
enum wx_smp_rc {
	WX_SMP_OK = 0,
	WX_SMP_UNKNOWN = 1,
	WX_SMP_NOMEM = 2,
	WX_SMP_INVAL = 3,
	WX_SMP_TIMEOUT = 4,
	WX_SMP_NOENT = 5,
	WX_SMP_BADSTATE = 6,
	WX_SMP_MSGSIZE = 7,
	WX_SMP_NOTSUP = 8,
	WX_SMP_CORRUPT = 9,
	WX_SMP_BUSY = 10,
	WX_SMP_DENIED = 11
};
enum wx_smp_fs_rc {
	WX_SMP_FS_UNKNOWN = 1,
	WX_SMP_FS_NAME = 2,
	WX_SMP_FS_NOT_FOUND = 3,
	WX_SMP_FS_IS_DIR = 4,
	WX_SMP_FS_OPEN = 5,
	WX_SMP_FS_SEEK = 6,
	WX_SMP_FS_READ = 7,
	WX_SMP_FS_PAST_END = 12, /* of hash alone */
	WX_SMP_FS_NO_HASH = 13,
	WX_SMP_FS_EMPTY = 16 /* of hash alone */
};

struct wx_smp_head {
	uint8_t op;      /* enum wx_smp_op */
	uint8_t version; /* 0 or 1; 1 may answer with "err" */
	uint16_t group;
	uint8_t seq;
	uint8_t cmd;
};

enum wx_smp_type {
	WX_SMP_INT,
	WX_SMP_REAL,
	WX_SMP_TEXT,
	WX_SMP_BYTES,
	WX_SMP_BOOL,
	WX_SMP_NULL,
	WX_SMP_MAP,
	WX_SMP_OTHER /* an array, whose elements are passed over; too large */
};

enum { WX_SMP_FIELDS = 48, WX_SMP_DEPTH = 4 };

/* A member of the map, or of a map in it. */
struct wx_smp_field {
	const char *key; /* not terminated; NULL: a key that is no text */
	size_t n_key;
	int parent; /* index of the map it is in; -1: the outermost */
	enum wx_smp_type type;
	int64_t i;        /* INT, BOOL */
	double f;         /* REAL, and INT */
	const uint8_t *p; /* TEXT, not terminated, any bytes; BYTES */
	size_t n;
};

struct wx_smp_msg {
	struct wx_smp_head head;
	struct wx_smp_field field[WX_SMP_FIELDS];
	int n;
};

/* The eight bytes before the map. */
struct wx_smp_head wx_smp_head_of(const uint8_t packet[WX_SMP_HEADER]);

/*
 * Read a packet; out points into it. WX_ERR_FORMAT: shorter or longer than
 * its header tells, not one CBOR map, deeper than WX_SMP_DEPTH, more than
 * WX_SMP_FIELDS members, a text or bytes in pieces.
 */
int wx_smp_parse(const void *packet, size_t n, struct wx_smp_msg *out,
		 struct wx_error *err);

/* The first member of that name in the outermost map; NULL: none. */
const struct wx_smp_field *wx_smp_get(const struct wx_smp_msg *m,
				      const char *key);
/* The same in the map `in`. */
const struct wx_smp_field *wx_smp_in(const struct wx_smp_msg *m,
				     const struct wx_smp_field *in,
				     const char *key);
/* With a default, for another type too. */
int64_t wx_smp_i64(const struct wx_smp_msg *m, const char *key, int64_t dflt);
/* Does key hold this text? */
bool wx_smp_is(const struct wx_smp_msg *m, const char *key, const char *text);
/* Copy a text, cut to fit, with its NUL; false: none, or one with a NUL. */
bool wx_smp_text(const struct wx_smp_msg *m, const char *key, char *buf,
		 size_t size);
/*
 * Is it an error, in either form? *group is -1 for the plain {"rc":n}, n not 0.
 */
bool wx_smp_error(const struct wx_smp_msg *m, int *group, int64_t *rc);

/*
 * The map as JSON, a new reference; NULL when out of memory. Bytes become
 * {"hex":"..."}; texts that are no UTF-8, infinities and OTHER are left out.
 */
json_t *wx_smp_json(const struct wx_smp_msg *m);

/* A packet in the making; all 0 at first. */
struct wx_smp_out {
	uint8_t *buf;
	size_t size, n;
	bool indefinite; /* maps as bf..ff, as Zephyr sends them; before begin */
	bool full;       /* it did not fit; see wx_smp_end */
	int depth;
	struct {
		size_t at;
		unsigned n;
	} map[WX_SMP_DEPTH];
};

/* Begin; buf is lent until the end. At most 23 members in a map. */
void wx_smp_begin(struct wx_smp_out *o, void *buf, size_t size,
		  struct wx_smp_head head);
void wx_smp_put_i64(struct wx_smp_out *o, const char *key, int64_t v);
void wx_smp_put_f64(struct wx_smp_out *o, const char *key, double v);
void wx_smp_put_bool(struct wx_smp_out *o, const char *key, bool v);
void wx_smp_put_null(struct wx_smp_out *o, const char *key);
void wx_smp_put_text(struct wx_smp_out *o, const char *key, const char *v);
void wx_smp_put_bytes(struct wx_smp_out *o, const char *key, const void *p,
		      size_t n);
/* Members up to wx_smp_put_end go into a map of their own. */
void wx_smp_put_map(struct wx_smp_out *o, const char *key);
void wx_smp_put_end(struct wx_smp_out *o);
/* Every member of a JSON object; arrays are left out. */
void wx_smp_put_json(struct wx_smp_out *o, const json_t *obj);
/* Length of the packet; 0: it did not fit. */
size_t wx_smp_end(struct wx_smp_out *o);

#endif
