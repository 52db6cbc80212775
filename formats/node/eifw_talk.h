/* SPDX-License-Identifier: MIT */
/*
 * formats/node/eifw_talk.h: one AT command and its reply, over a link.
 *
 * Boards have no flow control and read their commands byte by byte: five bytes
 * go, then 20 ms pass (so does edge-impulse-cli). A reply is what comes until
 * the prompt. Only eifw*.c include it.
 */
#ifndef WX_NODE_EIFW_TALK_H
#define WX_NODE_EIFW_TALK_H

#include "node/link.h"
#include "node/loop.h"

enum { WX_EIFW_COMMAND = 200 };

enum wx_eifw_until {
	WX_EIFW_PROMPT, /* "> " at the start of a line, and last */
	WX_EIFW_CALM,   /* that, and nothing more for a moment */
	WX_EIFW_OK,     /* a line that starts with OK, behind the echo */
	WX_EIFW_OK_END, /* a line OK, last */
};

enum wx_eifw_end {
	WX_EIFW_CAME,
	WX_EIFW_SILENT, /* nothing came for silence_s, or not all in total_s */
	WX_EIFW_LONG,   /* more came than most */
};

struct wx_eifw_ask {
	const char *command; /* without its end; NULL: only listen */
	enum wx_eifw_until until;
	double silence_s, total_s; /* since all of the command has gone */
	size_t most;               /* bytes */
};

struct wx_eifw_talk {
	struct wx_node_loop *loop;
	struct wx_link *link; /* NULL: not open */
	/* The owner's. came: after each piece of a reply; may be NULL. */
	void (*came)(void *ctx, struct wx_time at);
	void (*done)(void *ctx, enum wx_eifw_end end);
	void (*lost)(void *ctx, const struct wx_error *why);
	void *ctx;

	char *in; /* the reply, n bytes */
	size_t n;
	struct wx_time sent; /* the last byte of the command */

	/* eifw_talk.c's */
	size_t room;
	char command[WX_EIFW_COMMAND + 1];
	size_t n_command, at;
	struct wx_eifw_ask ask;
	struct wx_timer pace, limit;
	int64_t sent_ns, last_ns; /* monotonic */
	bool busy;
};

void wx_eifw_talk_init(struct wx_eifw_talk *t, struct wx_node_loop *loop);
/* Opens the link; lost may follow. */
int wx_eifw_talk_open(struct wx_eifw_talk *t, const char *address, int baud,
		      struct wx_error *err);
/* done or lost follows. What came before is forgotten. */
void wx_eifw_talk_ask(struct wx_eifw_talk *t, const struct wx_eifw_ask *ask);
/* Nothing follows of what is under way. */
void wx_eifw_talk_stop(struct wx_eifw_talk *t);
void wx_eifw_talk_close(struct wx_eifw_talk *t);

#endif
