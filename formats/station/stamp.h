/* SPDX-License-Identifier: MIT */
/*
 * formats/station/stamp.h: the time of a row, as strangers write it.
 *
 *     2026-06-01T12:00:00.25Z   2026-06-01 12:00+02:00   2026/06/01 12:00
 *     01.06.2026 12:00:00       6/1/26 12:00 PM          01/06/2026 12:00
 *     6/1/26 12:00p             1717243200.25        1717243200250
 *
 * Which of the first two numbers of 06/01/26 is the day is never guessed from
 * a row: some row of the file must decide it, or the user.
 */
#ifndef WX_STATION_STAMP_H
#define WX_STATION_STAMP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

enum wx_date_order {
	WX_DATE_NOT_TOLD,
	WX_DATE_DMY,
	WX_DATE_MDY,
	WX_DATE_YMD, /* with a two-digit year; four digits need no telling */
};

/* "dmy" "mdy" "ymd"; anything else is NOT_TOLD. */
enum wx_date_order wx_date_order_parse(const char *text);

enum wx_stamp_kind {
	WX_STAMP_BAD,   /* no time at all */
	WX_STAMP_LOCAL, /* civil holds it, zone not told */
	WX_STAMP_UTC,   /* utc holds it */
	WX_STAMP_ORDER, /* needs a date order */
};

struct wx_stamp {
	enum wx_stamp_kind kind;
	struct wx_civil civil;
	struct wx_time utc;
	int date[3]; /* of WX_STAMP_ORDER: the numbers as they stand */
};

/* text is NUL-terminated. */
void wx_stamp_parse(const char *text, size_t n, enum wx_date_order order,
		    struct wx_stamp *out);

/* Which orders the dates seen so far allow; start with all true. */
struct wx_date_orders {
	bool dmy, mdy, ymd;
};
void wx_date_orders_see(struct wx_date_orders *may, const int date[3]);
/* The one that is left, else NOT_TOLD. */
enum wx_date_order wx_date_orders_left(const struct wx_date_orders *may);

#endif
