/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve_smp_in.h: what the parts of a node over SMP share. Nobody
 * else includes it.
 */
#ifndef WX_NODE_SERVE_SMP_IN_H
#define WX_NODE_SERVE_SMP_IN_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "node/serve_smp.h"
#include "node/store.h"

/* ---- the wire: serve_smp_wire.c ---- */

struct smp_wire {
	enum wx_smp_wire kind;
	const char *link;
	uint16_t port;
	int fd;         /* of the host under way; -1: none */
	int listen_fd;  /* TCP; -1 */
	int wake[2];    /* a pipe: to end what waits */
	bool is_open;   /* SERIAL: a host has it open */
	double baud;    /* as slow as this; 0: as fast as it goes */
	int64_t due_ns; /* monotonic: when the last byte is through */
	char url[160];
	/* UDP: who asked last. */
	struct sockaddr_storage *peer;
	unsigned peer_size;
};

int smp_wire_open(struct smp_wire *w, struct wx_error *err);
void smp_wire_close(struct smp_wire *w);

enum { SMP_WIRE_STOP = -1, SMP_WIRE_OPENED = -2 };
/*
 * Wait for bytes; how many came. SMP_WIRE_OPENED: another host than before,
 * or the same anew. SMP_WIRE_STOP: smp_wire_wake was called.
 */
ssize_t smp_wire_read(struct smp_wire *w, void *buf, size_t size);
/* n bytes have come: wait until they would have, at so many baud. */
void smp_wire_pass(struct smp_wire *w, size_t n);
/* All of it, in the time that baud takes; as far as the host is there. */
void smp_wire_write(struct smp_wire *w, const void *data, size_t n);
/* Break the connection, pull the cable; plugged in again a second later. */
void smp_wire_pull(struct smp_wire *w);
/* From any thread. */
void smp_wire_wake(struct smp_wire *w);

/* ---- answers: serve_smp_answer.c ---- */

struct smp_node {
	struct wx_served *served;
	size_t buf_size;
	/* The file under way stays open from packet to packet. */
	char name[WX_STORE_NAME_SIZE];
	struct wx_store_file file; /* fd -1: none */
	int64_t used_ns;           /* monotonic */
	bool break_off;            /* fault reset: instead of this answer */
};

/*
 * The answer to a packet, in out, of buf_size + 64 bytes; 0: there is none.
 */
size_t smp_node_answer(struct smp_node *h, const uint8_t *packet, size_t n,
		       uint8_t *out, size_t size);
void smp_node_forget(struct smp_node *h);

#endif
