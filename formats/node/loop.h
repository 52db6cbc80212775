/* SPDX-License-Identifier: MIT */
/*
 * formats/node/loop.h: the loop of archive/node.h, around one curl multi
 * handle. Connections are kept and shared by all that is asked of a node. Other
 * descriptors, a serial port's, are waited for along with curl's.
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

/*
 * Another descriptor; its memory is the caller's until it is taken out. ready
 * tells what poll(2) said of it (POLLIN, POLLOUT, POLLHUP, POLLERR). events may
 * be changed at any time; watches and timers may come and go in ready and fire.
 */
struct wx_watch {
	int fd;
	short events; /* POLLIN, POLLOUT */
	void (*ready)(struct wx_watch *w, short revents);
};
int wx_loop_watch(struct wx_node_loop *loop, struct wx_watch *w,
		  struct wx_error *err);
void wx_loop_unwatch(struct wx_node_loop *loop, struct wx_watch *w);

/* Fires once, from a step; set again while set, it is set anew. */
struct wx_timer {
	void (*fire)(struct wx_timer *t);
	int64_t due_ns; /* monotonic; the loop's */
};
int wx_loop_timer(struct wx_node_loop *loop, struct wx_timer *t, double seconds,
		  struct wx_error *err);
void wx_loop_untimer(struct wx_node_loop *loop, struct wx_timer *t);

#endif
