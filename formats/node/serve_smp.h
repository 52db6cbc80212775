/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve_smp.h: play a node over SMP, as wx-node(7) has it.
 *
 * Answers as a Zephyr 4.4 node with the groups 0 and 8 and our 64 does: maps
 * of indefinite length, frames of 127 and then 123 bytes with the CRC never
 * cut in two, errors in the form of the request's version, plain {"rc":n} for
 * what no group knows, empty data at or past a file's end, and no answer to a
 * request that is longer than its buffer. Files lie below /sd.
 *
 * One thread a node, one host at a time: another that connects takes over.
 */
#ifndef WX_NODE_SERVE_SMP_H
#define WX_NODE_SERVE_SMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "node/served.h"

enum wx_smp_wire {
	WX_SMP_SERIAL, /* a pseudo-terminal, console frames */
	WX_SMP_TCP,    /* a stream with console frames, as behind ser2net */
	WX_SMP_UDP     /* a packet a datagram */
};

struct wx_serve_smp_opts {
	struct wx_served *node; /* borrowed until wx_serve_smp_stop */
	enum wx_smp_wire wire;
	/*
	 * SERIAL: a link of this name leads to the pty, also to the next one
	 * after a cable was pulled (fault reset); NULL: none.
	 */
	const char *link;
	uint16_t port;   /* TCP, UDP, on 127.0.0.1; 0: any free one */
	size_t buf_size; /* of the node, bytes; 0: for 2 KiB of data a packet,
			  * over UDP for a datagram of 1472 bytes */
};

struct wx_serve_smp;

/*
 * Threads inherit the caller's signal mask. WX_ERR_IO: no pty, port taken, or
 * link is there and is none.
 */
int wx_serve_smp_start(const struct wx_serve_smp_opts *opts,
		       struct wx_serve_smp **out, struct wx_error *err);
/* Where it is, as a site's source: "smp:/dev/pts/5", "smp:tcp://...", lent. */
const char *wx_serve_smp_url(const struct wx_serve_smp *s);
/* NULL is allowed. */
void wx_serve_smp_stop(struct wx_serve_smp *s);

#endif
