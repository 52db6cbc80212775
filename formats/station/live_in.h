/* SPDX-License-Identifier: MIT */
/*
 * formats/station/live_in.h: what the files of a live log share. Nobody else
 * includes it.
 *
 *     live.c         connections, kept up
 *     live_lines.c   bytes to lines
 *     live_davis.c   a Davis console, asked
 */
#ifndef WX_STATION_LIVE_IN_H
#define WX_STATION_LIVE_IN_H

#include <stdint.h>

#include "base/text.h"
#include "node/link.h"
#include "node/loop.h"
#include "station/live.h"

struct live;

/* How bytes become what is logged; its ctx is live.talk_ctx. */
struct live_talk {
	const char *extension; /* of the log */
	size_t record;         /* of the log, 0: lines */
	int (*open)(struct live *v, struct wx_error *err);
	void (*close)(struct live *v);
	void (*up)(struct live *v); /* a connection was made; NULL */
	void (*data)(struct live *v, const uint8_t *data, size_t n,
		     struct wx_time at);
	void (*packet_end)(struct live *v); /* of a datagram; NULL */
	void (*timer)(struct live *v);      /* of live_timer; NULL */
	void (*down)(struct live *v); /* the connection is no more; NULL */
};

extern const struct live_talk live_lines, live_davis_loop, live_davis_archive;

/* A format that can be live. */
struct live_kind {
	const struct wx_station_format *format;
	const struct live_talk *talk;
	int baud;
	bool stamped; /* its messages tell no time */
	bool pulses;  /* a byte or a line is an event: silence ends it */
};

struct live {
	const struct wx_live_opts *opts;
	const struct live_kind *kind;
	struct wx_node_loop *loop;
	struct wx_livelog *log;
	struct wx_link *link;  /* NULL: down, or not by link */
	struct wx_watch watch; /* of UDP and stdin; fd -1: none */
	bool is_stdin, ended;  /* ended: stdin is at its end */
	struct wx_timer retry, timer;
	double wait_s;  /* before the next try */
	bool told_lost; /* and not back yet */
	uint64_t n_lines;
	void *talk_ctx;
	struct wx_error failure; /* what ends it all */
};

#define LIVE_OF(p, member) \
	((struct live *)((char *)(p)-offsetof(struct live, member)))

/* Into the log; n counts '\n'. */
void live_log(struct live *v, struct wx_time at, const void *data, size_t n);
/* Send; what fails tells down later. */
void live_send(struct live *v, const void *data, size_t n);
/* Calls the talk's timer once; below 0: not any more. */
void live_timer(struct live *v, double seconds);
/* The talk gave up: close, and try again later. */
void live_lost(struct live *v, const char *why);

#endif
