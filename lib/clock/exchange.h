/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/exchange.h: one clock exchange with a node, a line of
 * raw/NODE/clock.jsonl (schema "clock-line"). wx-pull writes, wx-align reads.
 *
 *     {"t1":1732258800123456,"t4":1732258800125456,"b":17,"m2":81234567,
 *      "m3":81234601,"r":1732258800124000,"s":"sntp","e":12,
 *      "host_synced":true,"host_est_err_us":410,"host_max_err_us":21000}
 *
 * All instants in microseconds; t1, t4 by the host's clock (Unix), m2, m3 by
 * the node's monotonic clock since boot b. r, s, e: what the node says of its
 * own real-time clock, absent when it said nothing. host_*: the state of the
 * host's clock as its kernel tells it, adjtimex(2).
 */
#ifndef WX_CLOCK_EXCHANGE_H
#define WX_CLOCK_EXCHANGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct wx_exchange {
	int64_t t1_us, t4_us; /* host: sent, received */
	int64_t boot;
	int64_t m2_us, m3_us; /* node: received, sent */
	int64_t r_us;         /* node's real-time clock; INT64_MIN: not told */
	char source[17];      /* of that clock: none set sntp gps pps; "" */
	double error_ms;      /* of that clock; NAN */
	bool host_synced;
	int64_t host_est_err_us, host_max_err_us; /* -1: not told */
};

/* A new reference, or NULL when out of memory. */
json_t *wx_exchange_json(const struct wx_exchange *x);

/*
 * Read a line. WX_ERR_FORMAT where a key is missing or of another type;
 * WX_ERR_RANGE where it cannot be true: t4 before t1, m3 before m2, a
 * negative delay, a minute or more of it.
 */
int wx_exchange_parse(const json_t *line, struct wx_exchange *out,
		      struct wx_error *err);

/* All of a clock.jsonl; none where there is no such file. */
struct wx_exchanges {
	struct wx_exchange *x;
	size_t n, size;
	size_t n_bad; /* lines that wx_exchange_parse refused */
};
int wx_exchanges_read(const char *path, struct wx_exchanges *out,
		      struct wx_log *log, struct wx_error *err);
void wx_exchanges_fini(struct wx_exchanges *e);

#endif
