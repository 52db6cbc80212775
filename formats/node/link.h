/* SPDX-License-Identifier: MIT */
/*
 * formats/node/link.h: bytes to and from a node, by cable or by network.
 *
 *     /dev/ttyUSB0?baud=921600    a serial port, 8N1, no flow control
 *     tcp://HOST:PORT             a stream: ser2net, or the node itself
 *     udp://HOST:PORT             datagrams
 *
 * A serial port is opened with DTR and RTS asserted and HUPCL off, and both
 * stay as they are: on many boards to toggle them is to reset the node. It is
 * locked (flock), so that two programs do not talk at once.
 *
 * A link lives in a loop (node/loop.h): what comes is handed over from within
 * its steps. Nothing here blocks.
 */
#ifndef WX_NODE_LINK_H
#define WX_NODE_LINK_H

#include "archive/node.h"
#include "base/time.h"

struct wx_link;

struct wx_link_calls {
	/* Bytes (of a datagram: all of it); at: when the first of them came. */
	void (*data)(void *ctx, const void *data, size_t n, struct wx_time at);
	/* Of wx_link_drain. */
	void (*drained)(void *ctx, struct wx_time at);
	void (*timer)(void *ctx); /* of wx_link_timer */
	/* Cable pulled, connection closed or never made. Nothing follows. */
	void (*lost)(void *ctx, const struct wx_error *why);
	void *ctx;
};

/*
 * address as above, without "smp:"; baud unless it names one. A connection is
 * made in the background; what is sent meanwhile waits. (The name in an
 * address of udp: is looked up at once.) WX_ERR_FORMAT: no such kind of
 * address; WX_ERR_IO: no such port, or it is in use. Only what calls has is
 * called; data and lost it must have.
 */
int wx_link_open(struct wx_node_loop *loop, const char *address, int baud,
		 const struct wx_link_calls *calls, struct wx_link **out,
		 struct wx_error *err);
/* From anywhere, its own calls included. NULL is allowed. */
void wx_link_close(struct wx_link *link);

bool wx_link_is_serial(const struct wx_link *link);
bool wx_link_is_datagram(const struct wx_link *link);
int wx_link_baud(const struct wx_link *link); /* 0: not serial */
/* Another speed, from now on; what was sent is drained first. */
int wx_link_set_baud(struct wx_link *link, int baud, struct wx_error *err);

/*
 * Queue a copy. What the port or the network says of it comes by lost. A
 * datagram goes now or never, as datagrams do.
 */
int wx_link_send(struct wx_link *link, const void *data, size_t n,
		 struct wx_error *err);
/*
 * Call drained once, when all that was sent has left (a serial port: its last
 * bit; else: our side). It may be called before this returns, and comes before
 * what arrives afterwards.
 */
void wx_link_drain(struct wx_link *link);
/* Call timer once, in so many seconds; below 0: not any more. */
void wx_link_timer(struct wx_link *link, double seconds);

#endif
