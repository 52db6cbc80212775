/* SPDX-License-Identifier: MIT */
/*
 * formats/node/smp_in.h: what the parts of the SMP driver share. Nobody else
 * includes it.
 *
 *     smp.c       a node: its link, its requests, one after the other
 *     smp_wire.c  one question at a time, asked until it is answered
 *     smp_get.c   a file: which root, from where on, to its end
 */
#ifndef WX_NODE_SMP_IN_H
#define WX_NODE_SMP_IN_H

#include "node/answer.h"
#include "node/link.h"
#include "node/node.h"
#include "node/smp_ask.h"
#include "node/smp_message.h"

/* What a node reads of its card in a second, at least, when it hashes. */
#define SMP_HASH_BYTES_S 200e3

struct smp_node;

typedef void smp_answer_fn(struct smp_node *n, const struct wx_smp_msg *m);

/* The question on the wire. */
struct smp_wire {
	smp_answer_fn *answer; /* NULL: none */
	uint8_t packet[WX_SMP_ASK_SIZE];
	size_t n_packet;
	struct wx_smp_head expect; /* of the answer */
	bool is_clock;             /* composed anew for each try */
	int64_t t1_us;             /* told in it */
	struct wx_moment t1, t4, asked;
	int64_t off;              /* which the answer has to tell; -1: any */
	double slowest_s;         /* that an answer took, of late */
	uint64_t n_answers;       /* so far */
	bool early;               /* this try waits no longer than they took */
	double node_s;            /* that the node may need for it */
	int n_sent, tries, waits; /* waits: tries that were waited for */
	uint8_t seq;              /* of the next one */
	uint64_t n_bad;           /* answers so far that could not be read */
	uint64_t bad_first;       /* n_bad when it was first asked */
	uint64_t n_bytes;         /* that came since it was first asked */
};

/* A file on its way. */
struct smp_get {
	int64_t off, total; /* total -1: not told */
	bool head_told;
	bool has_crc;
	uint32_t crc; /* of the whole file */
};

struct smp_node {
	struct wx_node_loop *loop;
	const char *address;
	double timeout_s;
	struct wx_log *log;
	struct wx_link *link; /* NULL: lost */
	struct wx_moment opened;
	bool fresh; /* no clock seen since */
	struct wx_smp_reader *reader;
	uint8_t *frames; /* room for those of a request */

	bool greeted;
	void (*then)(struct smp_node *n); /* when the root is known */
	int64_t buf_size;                 /* of a packet there; 0: not told */
	const char *root; /* where its index is; NULL: not known yet */
	int root_tried;
	char path[WX_SMP_ASK_SIZE]; /* root and name of the file */

	struct smp_wire wire;
	struct smp_get get;
	struct wx_node_req *current, *first; /* in order; by their state */
	bool pumping;
};

/* ---- smp.c ---- */

/* The current request is over. */
void smp_end(struct smp_node *n, enum wx_node_end end,
	     const struct wx_error *why);
void smp_end_text(struct smp_node *n, enum wx_node_end end, int code,
		  const char *fmt, ...) WX_PRINTF(4, 5);
/* By what the node said was wrong. */
void smp_end_error(struct smp_node *n, const struct wx_smp_msg *m);
/* Does the answer say that the node does not know the command? */
bool smp_unknown(const struct wx_smp_msg *m);

/* ---- smp_wire.c ---- */

/*
 * Ask what stands in wire.packet, n_packet bytes composed with wire.seq; the
 * node may need node_s for it. The answer, which tells this off unless it is
 * -1, goes to fn; without one the current request ends.
 */
void smp_ask(struct smp_node *n, size_t n_packet, int64_t off, double node_s,
	     smp_answer_fn *fn);
void smp_ask_clock(struct smp_node *n, smp_answer_fn *fn);
/* What came, a datagram or part of a stream. */
void smp_wire_data(struct smp_node *n, const void *data, size_t n_bytes,
		   struct wx_time at);
void smp_wire_packet(void *ctx, const uint8_t *packet, size_t n,
		     struct wx_time at);
void smp_wire_drained(struct smp_node *n, struct wx_time at);
void smp_wire_timeout(struct smp_node *n);
/* Whatever comes now is nobody's. */
void smp_wire_idle(struct smp_node *n);

/* ---- smp_get.c ---- */

/* Find the root, then go on. */
void smp_root(struct smp_node *n, void (*then)(struct smp_node *n));
void smp_get(struct smp_node *n);
/* n->path of the current request's file. */
void smp_path(struct smp_node *n);

#endif
