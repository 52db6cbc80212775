/* SPDX-License-Identifier: MIT */
/*
 * formats/node/loop.h: the loop of archive/node.h, around one curl multi
 * handle. Connections are kept and shared by all that is asked of a node.
 */
#ifndef WX_NODE_LOOP_H
#define WX_NODE_LOOP_H

#include <curl/curl.h>

#include "archive/node.h"

int wx_node_loop_new(struct wx_node_loop **out, struct wx_error *err);

/* One transfer, from its start to done. */
struct wx_transfer {
	CURL *easy; /* of wx_loop_easy; options are the caller's to set */
	void (*done)(struct wx_transfer *t, CURLcode code);
	char error[CURL_ERROR_SIZE];
};

/* A handle without options, new or used before; NULL when out of memory. */
CURL *wx_loop_easy(struct wx_node_loop *loop);
/* Under way; t->done is called from a step. False: it could not be. */
bool wx_loop_add(struct wx_node_loop *loop, struct wx_transfer *t);
/* Take it out (done is not called) and give the handle back. */
void wx_loop_drop(struct wx_node_loop *loop, struct wx_transfer *t);

#endif
