/* SPDX-License-Identifier: MIT */
/*
 * formats/node/play.h: play the nodes of a made site, each on a wire of its
 * own: HTTP, or SMP over a serial line, TCP or UDP.
 *
 * A folder with a sim.json is a made site: its nodes (but not its cards) are
 * served from nodes/ID with the clocks they were given. A folder with an
 * index.jsl is the store of one node, named like the folder, whose time starts
 * now.
 */
#ifndef WX_NODE_PLAY_H
#define WX_NODE_PLAY_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "node/fault.h"
#include "node/serve_smp.h"

/* A node that is played over SMP. */
struct wx_play_smp {
	enum wx_smp_wire wire;
	const char *node; /* its id; SERIAL: "ID=LINK" makes a link to it */
};

struct wx_play_opts {
	const char *dir;
	const char *token_file; /* nodes ask for the token in it; NULL: none */
	uint16_t port;          /* of the first node, then one up; 0: free */
	const struct wx_play_smp *smp; /* n_smp of them; the others: HTTP */
	size_t n_smp;
	const struct wx_fault_plan *faults; /* of every node; NULL: none */
	/* As node/served.h has it: each answer; from any thread. */
	void (*trace)(void *ctx, const char *node, const char *line);
	void *trace_ctx;
};

struct wx_play;

/*
 * All are up or none. WX_ERR_FORMAT: no made site nor store, or a node of smp
 * that is not there. Texts are borrowed until wx_play_stop.
 */
int wx_play_start(const struct wx_play_opts *opts, struct wx_play **out,
		  struct wx_error *err);
size_t wx_play_n(const struct wx_play *p);
const char *wx_play_id(const struct wx_play *p, size_t i);
const char *wx_play_url(const struct wx_play *p, size_t i);
/* NULL is allowed. */
void wx_play_stop(struct wx_play *p);

/*
 * Write a site.json for an archive anywhere: that of the made site, with the
 * addresses of its nodes as they are now, and absolute paths.
 */
int wx_play_write_site(const struct wx_play *p, const char *path,
		       struct wx_error *err);

#endif
