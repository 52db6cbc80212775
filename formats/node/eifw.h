/* SPDX-License-Identifier: MIT */
/*
 * formats/node/eifw.h: what the parts of the driver eifw: share. Nobody else
 * includes it.
 *
 *     eifw.c        the driver: commands, one after the other
 *     eifw_read.c   a sample out of its buffer
 *     eifw_start.c  when a sample began
 *     eifw_talk.c   one command and its reply
 *     eifw_text.c   its configuration; secrets
 *     eifw_reply.c  replies, data
 */
#ifndef WX_NODE_EIFW_H
#define WX_NODE_EIFW_H

#include <pthread.h>

#include "archive/node.h"
#include "base/time.h"
#include "node/eifw_talk.h"
#include "node/eifw_text.h"

enum {
	EIFW_BAUD = 115200,
	EIFW_CHUNK = 240000,   /* most that is asked for at once, bytes */
	EIFW_SMALL = 16 << 10, /* more than any other reply */
};
#define EIFW_NORMAL_S 2.0 /* as edge-impulse-cli waits for a reply */

struct eifw_sample { /* the one in the board's buffer */
	char *name;  /* ours for it; NULL: none */
	bool recorded, head_told;
	struct wx_eifw_sample at; /* as the board told */
	int64_t size_bytes;       /* 0: read once to know */
	int64_t done;             /* bytes handed over */
};

struct eifw_start { /* of a sample that was recorded in this pull */
	char *name;
	int64_t r0_us;
	double error_ms;
};

struct eifw {
	struct wx_node_loop *loop;
	const struct wx_site_node *site;
	struct wx_log *log;
	const char *address;
	double timeout_s;
	struct wx_eifw_talk talk;
	int slow_baud; /* of commands; 0: no serial port */
	struct wx_eifw_secrets secrets;
	struct wx_eifw_config config;
	bool greeted, has_config, is_set;

	struct wx_node_req *req; /* under way; NULL */
	void (*then)(struct eifw *n, enum wx_eifw_end how);
	char command[WX_EIFW_COMMAND];
	int tries; /* of the step */
	const struct wx_eifw_sensor *sensor;
	struct eifw_sample sample;
	int64_t want;      /* bytes of the chunk asked for */
	int n_fast_failed; /* in a row */
	struct wx_timer settle;

	struct {
		struct wx_time sampling, over; /* when these lines came */
	} start;
	pthread_mutex_t mutex; /* of began, which tell reads */
	struct eifw_start *began;
	size_t n_began, room_began;
};

/* ---- eifw.c ---- */

/* Whatever comes next for n->req. */
void eifw_advance(struct eifw *n);
void eifw_ask(struct eifw *n, void (*then)(struct eifw *, enum wx_eifw_end),
	      const struct wx_eifw_ask *a);
/* Of n->req; why may be NULL. It may have started another. */
void eifw_end(struct eifw *n, enum wx_node_end how, const struct wx_error *why);
/* The step brought nothing: from a prompt once more, or that was it. */
void eifw_again(struct eifw *n, enum wx_node_end how,
		const struct wx_error *why);
/* It understood, and said no. */
void eifw_refused(struct eifw *n, const char *what, const char *line,
		  size_t n_line);
/*
 * The body of the reply to n->command. False: there is none, and that was
 * dealt with. A command whose echo differs came wrong, and its complaint is
 * about something else.
 */
bool eifw_body_of(struct eifw *n, enum wx_eifw_end how, const char *what,
		  const char **body, size_t *n_body);

/* ---- eifw_read.c ---- */

/* The next piece of the sample, or all of its file; eifw_advance follows. */
void eifw_read_chunk(struct eifw *n);
void eifw_read_file(struct eifw *n);
/* Of n->settle. */
void eifw_settled(struct wx_timer *timer);

/* ---- eifw_start.c ---- */

void eifw_starts_init(struct eifw *n);
void eifw_starts_fini(struct eifw *n);
/* n->sample has been recorded; n->start and n->talk.sent say when. */
void eifw_note_start(struct eifw *n);
/* struct wx_node_driver's. */
void eifw_tell(void *node, const char *name, json_t *line);

#endif
