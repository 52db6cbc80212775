/* SPDX-License-Identifier: MIT */
/*
 * formats/node/fault.h: what goes wrong with a node that is played.
 *
 * A plan names faults and how much of each; a node at work draws from the plan.
 * Chance is a function of node, fault and how often it was asked: the same
 * requests meet the same faults, and one fault more does not move the others.
 */
#ifndef WX_NODE_FAULT_H
#define WX_NODE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * name, P's unit, its default, smallest and largest, what happens. Percent is
 * of answers where not said otherwise; "files" is percent of the files, always
 * the same ones. wx-sim(1) has the same list.
 */
#define WX_FAULTS(X)                                             \
	/* on a line or in datagrams: SMP */                     \
	X(BAD_CRC, "bad-crc", "percent", 5, 0, 100)              \
	X(DROP, "drop", "percent", 5, 0, 100)                    \
	X(DUPLICATE, "duplicate", "percent", 5, 0, 100)          \
	X(DELAY, "delay", "percent", 5, 0, 100)                  \
	X(HALF, "half", "percent", 5, 0, 100)                    \
	X(TEXT, "text", "percent", 5, 0, 100)                    \
	X(GARBAGE, "garbage", "percent", 5, 0, 100)              \
	X(WRONG_SEQ, "wrong-seq", "percent", 5, 0, 100)          \
	X(SILENCE, "silence", "bytes", 128, 16, 65535)           \
	X(PACE, "pace", "baud", 115200, 1200, 12e6)              \
	X(OPEN_BOOTS, "open-boots", "", 0, 0, 0)                 \
	/* of answers with a file's bytes */                     \
	X(SHORT, "short", "percent", 5, 0, 100)                  \
	X(WRONG_RANGE, "wrong-range", "percent", 5, 0, 100)      \
	X(RESET, "reset", "percent", 5, 0, 100)                  \
	X(CHUNKED, "chunked", "percent", 100, 0, 100)            \
	X(HTML, "html", "percent", 5, 0, 100)                    \
	/* of files */                                           \
	X(GROWING, "growing", "files", 100, 0, 100)              \
	X(CHANGED, "changed", "files", 100, 0, 100)              \
	X(VANISHED, "vanished", "files", 5, 0, 100)              \
	X(READ_ERROR, "read-error", "files", 5, 0, 100)          \
	X(UNDEAD, "undead", "files", 100, 0, 100)                \
	/* of the index */                                       \
	X(EVIL_NAMES, "evil-names", "", 0, 0, 0)                 \
	X(TORN_INDEX, "torn-index", "", 0, 0, 0)                 \
	/* of the node */                                        \
	X(REBOOT, "reboot", "requests", 50, 1, 1e9)              \
	X(DIE, "die", "requests", 50, 1, 1e9)                    \
	X(CLOCK_STEP, "clock-step", "seconds", -3600, -1e9, 1e9) \
	X(CLOCK_UNSET, "clock-unset", "", 0, 0, 0)               \
	X(BATTERY, "battery", "volts", 2.9, 0, 100)

#define WX_FAULT_ENUM(id, ...) WX_FAULT_##id,
enum wx_fault { WX_FAULTS(WX_FAULT_ENUM) WX_N_FAULTS };
#undef WX_FAULT_ENUM

struct wx_fault_plan { /* all 0: nothing goes wrong */
	bool on[WX_N_FAULTS];
	double p[WX_N_FAULTS];
};

/*
 * Add "NAME" or "NAME:P". WX_ERR_FORMAT: no such fault (the text lists all), or
 * a P that it cannot have.
 */
int wx_fault_add(struct wx_fault_plan *plan, const char *text,
		 struct wx_error *err);

/* A node's faults at work; every function may be called by several threads. */
struct wx_faults;

/* plan NULL: none. */
int wx_faults_new(const struct wx_fault_plan *plan, const char *node,
		  struct wx_faults **out, struct wx_error *err);
void wx_faults_free(struct wx_faults *f); /* NULL is allowed */

/* Is it in the plan? *p (may be NULL): how much of it. */
bool wx_fault_on(const struct wx_faults *f, enum wx_fault which, double *p);
/* By chance, P percent of the times it is asked. */
bool wx_fault_hits(struct wx_faults *f, enum wx_fault which);
/* Another number below n, to choose by what is hit, or when. */
uint64_t wx_fault_draw(struct wx_faults *f, enum wx_fault which, uint64_t n);
/* Is this one of the P percent of names? */
bool wx_fault_picks(const struct wx_faults *f, enum wx_fault which,
		    const char *name);

#endif
