/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve.h: play a node over HTTP, as wx-node(7) has it.
 *
 * Serves a folder with an index.jsl (node/store.h) on 127.0.0.1 from threads
 * of its own, until stopped. It is what tests and rehearsals pull from, and
 * the reference for whoever writes a node's firmware.
 */
#ifndef WX_NODE_SERVE_H
#define WX_NODE_SERVE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"

/* What a node's clocks say at one instant. */
struct wx_node_now {
	int64_t boot; /* number of the boot */
	int64_t m_us; /* since that boot, sleep included */
	bool has_rtc;
	int64_t r_us;      /* real-time clock, Unix microseconds */
	const char *state; /* "none" "set" "sntp" "gps" "pps" */
	int64_t error_ms;  /* of r_us, as the node believes; -1: not told */
};

/*
 * The clocks at the host's now; false: the node has no power then. Called
 * from several threads at once: it may only read what ctx points to.
 */
typedef bool wx_node_clock_fn(void *ctx, struct wx_time now,
			      struct wx_node_now *out);

struct wx_serve_opts {
	const char *id;    /* the node's name */
	const char *root;  /* its folder */
	const char *token; /* bearer token to ask for; NULL: none */
	const char *fw;    /* firmware, as /cap/info tells it */
	double vbat_v;     /* battery; NAN: not told */
	double rssi_dbm;   /* NAN: not told */
	uint16_t port;     /* 0: any free one */
	/*
	 * NULL: a node that booted when serving began, one boot after the
	 * last of its index, and whose real-time clock is not set.
	 */
	wx_node_clock_fn *clock;
	void *clock_ctx;
};

struct wx_serve;

/*
 * Start serving; texts of opts are borrowed until wx_serve_stop. Threads
 * inherit the caller's signal mask. WX_ERR_IO: no such folder, port taken.
 */
int wx_serve_start(const struct wx_serve_opts *opts, struct wx_serve **out,
		   struct wx_error *err);
/* Where it is: "http://127.0.0.1:PORT/cap/", lent. */
const char *wx_serve_url(const struct wx_serve *s);
/* Breaks off what is under way. NULL is allowed. */
void wx_serve_stop(struct wx_serve *s);

#endif
