/* SPDX-License-Identifier: MIT */
/*
 * formats/node/answer.h: a node's answer to a clock exchange, whatever wire it
 * came by.
 */
#ifndef WX_NODE_ANSWER_H
#define WX_NODE_ANSWER_H

#include <jansson.h>
#include <stdint.h>

#include "clock/exchange.h"

/* An instant by both of the host's clocks, microseconds. */
struct wx_moment {
	int64_t real_us; /* Unix */
	int64_t mono_us; /* of CLOCK_MONOTONIC */
};

struct wx_moment wx_moment_now(void);

/* The state of the host's clock, into x. */
void wx_node_host_state(struct wx_exchange *x);

/*
 * doc {"b","m2","m3","r","s","e"} of wx-node(7), asked at t1 and come at t4, as
 * a line of clock.jsonl with the state of the host's clock. A new reference;
 * NULL: of no use, also where somebody set the host's clock in between.
 */
json_t *wx_node_exchange(const json_t *doc, struct wx_moment t1,
			 struct wx_moment t4);

#endif
