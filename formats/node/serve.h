/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve.h: play a node over HTTP, as wx-node(7) has it.
 *
 * Serves it (node/served.h) on 127.0.0.1 from threads of its own, until
 * stopped. It is what tests and rehearsals pull from, and
 * the reference for whoever writes a node's firmware.
 */
#ifndef WX_NODE_SERVE_H
#define WX_NODE_SERVE_H

#include <stdint.h>

#include "base/error.h"
#include "node/served.h"

struct wx_serve_opts {
	struct wx_served *node;
	const char *token; /* bearer token to ask for; NULL: none */
	uint16_t port;     /* 0: any free one */
};

struct wx_serve;

/*
 * Start serving; node and token are borrowed until wx_serve_stop. Threads
 * inherit the caller's signal mask. WX_ERR_IO: port taken.
 */
int wx_serve_start(const struct wx_serve_opts *opts, struct wx_serve **out,
		   struct wx_error *err);
/* Where it is: "http://127.0.0.1:PORT/cap/", lent. */
const char *wx_serve_url(const struct wx_serve *s);
/* Breaks off what is under way. NULL is allowed. */
void wx_serve_stop(struct wx_serve *s);

#endif
