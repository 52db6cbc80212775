/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/anchor.h: what ties a node's monotonic clock to UTC.
 *
 * An anchor is one instant known on both clocks: m, microseconds since boot b
 * of the node, and UTC. Three kinds of evidence give anchors:
 *
 *  - Exchanges with a host. A pull makes a burst of them; what lies within an
 *    hour of m becomes one anchor, taken from the quartile with the least
 *    delay (RFC 5905 section 8: the error is half the delay at most). One
 *    anchor however many bursts: a pull that was killed and repeated must not
 *    count twice.
 *  - Events that the node logged itself: "sync" with a server or GPS, "set" by
 *    a person.
 *  - What others know of its clock: a pair of readings that a person wrote down,
 *    the lag of its barometer behind a station's (wx_anchors_add).
 *
 * The real-time clock (r0, r) alone gives none: it may be unset, in another
 * zone, or have stepped.
 */
#ifndef WX_CLOCK_ANCHOR_H
#define WX_CLOCK_ANCHOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"
#include "clock/exchange.h"

/*
 * No anchor of an exchange is better than this, 1 sigma, seconds: a host held
 * by NTP over a field network is within some ms, and the two ways of a Wi-Fi
 * exchange differ by as much.
 */
#define WX_EXCHANGE_FLOOR_S 0.005
/*
 * Sigma of a host whose kernel calls its clock not synchronised. Assumed: it
 * was right two days ago and its crystal is some 20 ppm off, 3.8 s (2 sigma).
 * It is much the same from pull to pull, and no mean takes it away.
 */
#define WX_HOST_FREE_S 1.9
/* Exchanges within this much of m are one anchor. */
#define WX_BURST_US INT64_C(3600000000)

enum wx_anchor_kind {
	WX_ANCHOR_EXCHANGE,
	WX_ANCHOR_SYNC,
	WX_ANCHOR_SET,
	WX_ANCHOR_PAIR, /* a person wrote down both clocks */
	WX_ANCHOR_LAG,  /* the weather, as node and station felt it */
};

struct wx_anchor {
	int64_t boot, m_us, utc_us;
	double sigma_s; /* of utc at m */
	/*
	 * How much of it, 1 sigma, all anchors of its kind have in common: a
	 * host's clock, a line whose ways differ, a station's stamps.
	 */
	double common_s;
	/*
	 * By how much utc - m would differ, had the pull been repeated a little
	 * later: 0 for events, which are told the same every time.
	 */
	double jitter_s;
	enum wx_anchor_kind kind;
	char source[17];   /* what the event says: sntp, gps ...; "" */
	int n_exchanges;   /* in the burst; 0 for an event */
	double delay_s;    /* of the exchange taken; NAN for an event */
	bool host_synced;  /* exchanges */
	bool invalid;      /* cannot be true, whatever the others say */
	bool used;         /* by the fit */
	double resid_s;    /* utc - fit; NAN before a fit, and if invalid */
	const char *fault; /* why not used, a constant text; NULL */
};

struct wx_anchors {
	struct wx_anchor *anchor; /* after _sort: by boot, m, utc; no doubles */
	size_t n, size;
};

/* Largest m that a node can have: 50 years without a boot. */
#define WX_CLOCK_MAX_M_US INT64_C(1600000000000000)

/* Years in which clocks that were never set begin to count. */
bool wx_clock_unset(int64_t utc_us);

/*
 * An event of the node's index, kind "sync" or "set" (others give no anchor).
 * error_ms NAN: 10 ms for gps and pps, 100 ms otherwise, 2 s when a person
 * set it. An event that cannot be true (unset year, later than latest, m or
 * boot below 0) becomes an anchor that the fit does not use, with its fault,
 * so that it can be shown.
 */
int wx_anchors_add_event(struct wx_anchors *list, const char *kind,
			 const char *source, int64_t boot, int64_t m_us,
			 int64_t utc_us, double error_ms, struct wx_time latest,
			 struct wx_error *err);

/*
 * Any other: boot, m_us, utc_us, sigma_s, common_s, kind and source count. What
 * cannot be true is shown with its fault, as above.
 */
int wx_anchors_add(struct wx_anchors *list, const struct wx_anchor *anchor,
		   struct wx_time latest, struct wx_error *err);

/* Exchanges in any order; x is sorted in place. */
int wx_anchors_add_exchanges(struct wx_anchors *list, struct wx_exchange *x,
			     size_t n, struct wx_time latest,
			     struct wx_error *err);

/* Sort, and drop what is told twice. */
void wx_anchors_sort(struct wx_anchors *list);

/* The anchors of one boot: a slice of the sorted list. */
struct wx_anchor *wx_anchors_of_boot(const struct wx_anchors *list,
				     int64_t boot, size_t *n);

void wx_anchors_fini(struct wx_anchors *list);

#endif
