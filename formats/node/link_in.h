/* SPDX-License-Identifier: MIT */
/*
 * formats/node/link_in.h: what the parts of a link share. Nobody else includes
 * it.
 *
 *     link.c         what is sent and what comes, for all kinds
 *     link_serial.c  opening and setting a port
 *     link_net.c     connecting
 */
#ifndef WX_NODE_LINK_IN_H
#define WX_NODE_LINK_IN_H

#include <stddef.h>

#include "node/link.h"
#include "node/loop.h"

enum link_kind { LINK_SERIAL, LINK_STREAM, LINK_DATAGRAM };

struct sp_port;

struct wx_link {
	struct wx_node_loop *loop;
	struct wx_link_calls calls;
	enum link_kind kind;
	struct wx_watch watch; /* fd -1: not connected yet */
	struct wx_timer timer, drain_timer, lost_timer;
	uint8_t *out; /* n_out bytes, of which at_out have gone */
	size_t n_out, at_out, room_out;
	struct wx_time sent; /* when the last of it was handed on */
	bool drain;          /* somebody wants to know */
	bool failed;         /* lost follows, or has been called */
	bool closed;         /* freed by whoever called our user */
	int busy;            /* calls of our user under way */
	struct wx_error why;
	uint8_t *in;

	/* LINK_SERIAL */
	struct sp_port *port;
	int lock_fd, baud;

	/* LINK_STREAM */
	struct wx_transfer connect;
	bool connecting;

	/* LINK_DATAGRAM */
	struct link_lookup *lookup;
	struct wx_timer lookup_timer;
};

#define LINK_OF(p, member) \
	((struct wx_link *)((char *)(p)-offsetof(struct wx_link, member)))

/* Opens the port and watch.fd. */
int link_serial_open(struct wx_link *l, const char *path, int baud,
		     struct wx_error *err);
int link_serial_speed(struct wx_link *l, int baud, struct wx_error *err);
/* Bytes not sent yet, as far as one can know without waiting. */
int link_serial_waiting(struct wx_link *l);
/* Wait for the last bit. */
void link_serial_drain(struct wx_link *l);
void link_serial_close(struct wx_link *l);

/* HOST:PORT. link_up or link_lost follows. */
int link_stream_open(struct wx_link *l, const char *where,
		     struct wx_error *err);
void link_stream_close(struct wx_link *l);
int link_datagram_open(struct wx_link *l, const char *where,
		       struct wx_error *err);
void link_datagram_close(struct wx_link *l);

/* watch.fd is there: begin. */
int link_up(struct wx_link *l, struct wx_error *err);
/* Why is in l->why; tells lost from the next step. */
void link_lost(struct wx_link *l);

#endif
