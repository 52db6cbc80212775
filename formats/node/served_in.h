/* SPDX-License-Identifier: MIT */
/*
 * formats/node/served_in.h: what the parts of a played node share. Nobody else
 * includes it.
 */
#ifndef WX_NODE_SERVED_IN_H
#define WX_NODE_SERVED_IN_H

#include <pthread.h>

#include "node/served.h"

/* A file that goes wrong while hosts look at it. */
struct served_seen {
	char *name;
	unsigned n_looks;
	bool changed;
};

struct wx_served {
	struct wx_served_opts opts;
	struct wx_store *store;
	struct wx_faults *faults;
	struct wx_time start;
	int64_t boot; /* of the default clock */

	pthread_mutex_t lock; /* of all below */
	/* The real-time clock once set: r = m + set_offset_us in set_boot. */
	int64_t set_boot, set_offset_us;
	int64_t n_boots;        /* while it was played */
	struct wx_time boot_at; /* the last of them */
	int64_t n_requests, n_clock;
	struct served_seen *seen;
	size_t n_seen, seen_room;
};

/* The clocks; false: no power. served.c */
bool served_now(struct wx_served *s, struct wx_time now,
		struct wx_node_now *out);

/* 2000-01-01T00:00:00Z, where a clock without battery begins, Unix us. */
#define SERVED_UNSET_US INT64_C(946684800000000)

#endif
