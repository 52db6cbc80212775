/* SPDX-License-Identifier: MIT */
/*
 * formats/node/served.h: a node that is played, whatever it is asked over.
 *
 * A folder with an index.jsl (node/store.h), a boot, clocks, and what goes
 * wrong with it (node/fault.h). serve.h answers for it over HTTP, serve_smp.h
 * over SMP: the same node, the same store. Every function may be called by
 * several threads.
 */
#ifndef WX_NODE_SERVED_H
#define WX_NODE_SERVED_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "node/fault.h"
#include "node/store.h"

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

struct wx_served_opts {
	const char *id;   /* the node's name */
	const char *root; /* its folder */
	const char *fw;   /* firmware, as info tells it; NULL: ours */
	double vbat_v;    /* battery; NAN: not told */
	double rssi_dbm;  /* NAN: not told */
	/*
	 * NULL: a node that booted when serving began, one boot after the
	 * last of its index, and whose real-time clock is not set.
	 */
	wx_node_clock_fn *clock;
	void *clock_ctx;
	const struct wx_fault_plan *faults; /* copied; NULL: none */
	/* NULL, or a line for each answer: "download b1/7.wav 2004 +2004". */
	void (*trace)(void *ctx, const char *node, const char *line);
	void *trace_ctx;
};

struct wx_served;

/*
 * Texts of opts are borrowed until wx_served_close. WX_ERR_IO: no such folder,
 * or no index.jsl in it.
 */
int wx_served_open(const struct wx_served_opts *opts, struct wx_served **out,
		   struct wx_error *err);
void wx_served_close(struct wx_served *s); /* NULL is allowed */

const char *wx_served_id(const struct wx_served *s);
struct wx_faults *wx_served_faults(struct wx_served *s);
void wx_served_trace(const struct wx_served *s, const char *fmt, ...)
	WX_PRINTF(2, 3);

/* How a request finds the node. */
enum wx_served_state {
	WX_SERVED_UP,
	WX_SERVED_BOOTS, /* it boots anew, and forgets who asked */
	WX_SERVED_DEAD   /* no answer, now or later */
};

/* One more request has come. Before anything else is done for it. */
enum wx_served_state wx_served_request(struct wx_served *s);
/* Reset: another boot number, a clock that starts anew and is not set. */
void wx_served_boot(struct wx_served *s);

/*
 * A file as this node shows it now; the caller closes out->fd. hashed: crc and
 * sha256 are wanted too, which may take as long as to read it.
 */
int wx_served_file(struct wx_served *s, const char *name, bool hashed,
		   struct wx_store_file *out, struct wx_error *err);
/*
 * The host has had it up to this offset. True: by now it is another file, and
 * what is left of the old one cannot be had.
 */
bool wx_served_reach(struct wx_served *s, const char *name, uint64_t offset,
		     uint64_t size_bytes);
/* Offset from which on it cannot be read; UINT64_MAX: all of it can. */
uint64_t wx_served_damage(const struct wx_served *s, const char *name,
			  uint64_t size_bytes);
/* As wx_store_remove. */
int wx_served_remove(struct wx_served *s, const char *name, uint64_t size_bytes,
		     uint32_t crc, bool *gone, struct wx_error *err);

/*
 * The answer to a request for the clock that came at `in`: t1 (NULL: none was
 * given), b, m2, m3, r, s, e. NULL: no power, or no memory.
 */
json_t *wx_served_clock(struct wx_served *s, const int64_t *t1_us,
			struct wx_time in);
/*
 * Set the real-time clock, and log the step as a node must. *power: false when
 * there is none, and nothing is set.
 */
int wx_served_set_clock(struct wx_served *s, int64_t utc_us, struct wx_time in,
			bool *power, struct wx_error *err);
/* What wx-node(7) has under "info"; NULL: cannot be told. */
json_t *wx_served_info(struct wx_served *s);

#endif
