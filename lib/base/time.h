/* SPDX-License-Identifier: MIT */
/*
 * lib/base/time.h: an instant, and nothing that could be taken for one.
 *
 * POSIX time: leap seconds do not exist here. The range is years 1678 to 2262.
 */
#ifndef WX_BASE_TIME_H
#define WX_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

#define WX_NS_PER_S  INT64_C(1000000000)
#define WX_NS_PER_US INT64_C(1000)
#define WX_S_PER_DAY 86400

/* A struct, so that two instants cannot be added by mistake. */
struct wx_time {
	int64_t utc_ns; /* since 1970-01-01T00:00:00Z */
};

/* "Not known". Compares below every real instant; formats as "". */
#define WX_TIME_NONE ((struct wx_time){ INT64_MIN })

/* Wall-clock fields, proleptic Gregorian, of no particular zone. */
struct wx_civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second;
	int32_t ns;
};

enum { WX_TIME_SIZE = 32, WX_DAY_SIZE = 11 }; /* buffers, NUL included */

static inline bool wx_time_is_none(struct wx_time t)
{
	return t.utc_ns == INT64_MIN;
}

static inline struct wx_time wx_time_add_ns(struct wx_time t, int64_t ns)
{
	return (struct wx_time){ t.utc_ns + ns };
}

/* a - b in seconds, positive: a is later. Exact to 1 us over a century. */
static inline double wx_time_diff_s(struct wx_time a, struct wx_time b)
{
	return (double)(a.utc_ns - b.utc_ns) / 1e9;
}

static inline struct wx_time wx_time_add_s(struct wx_time t, double s)
{
	int64_t whole = (int64_t)s;

	return wx_time_add_ns(t, whole * WX_NS_PER_S +
					 (int64_t)((s - (double)whole) * 1e9));
}

static inline struct wx_time wx_time_from_us(int64_t utc_us)
{
	return (struct wx_time){ utc_us * WX_NS_PER_US };
}

/* The host's clock. */
struct wx_time wx_time_now(void);
/* Since some instant, by a clock that nobody sets: for waits and limits. */
int64_t wx_mono_ns(void);
double wx_mono_s(void);

/*
 * RFC 3339 with 'T' or a blank, any fraction (past 1 ns truncated) and a zone
 * (Z or +hh:mm): without a zone it is WX_ERR_FORMAT, for whose zone would it
 * be? Second 60 and impossible dates are WX_ERR_RANGE.
 */
int wx_time_parse(const char *text, struct wx_time *out, struct wx_error *err);

/*
 * "FROM/TO", ISO 8601's way to write a stretch of time, of two such texts. As
 * above, and WX_ERR_RANGE when it does not end after it begins.
 */
int wx_time_pair_parse(const char *text, struct wx_time *from,
		       struct wx_time *to, struct wx_error *err);

/* Fields that are known to be in range, ahead of UTC by offset_s. */
struct wx_time wx_civil_to_time(const struct wx_civil *civil, int offset_s);
struct wx_civil wx_time_to_civil(struct wx_time t, int offset_s);
/* WX_ERR_RANGE if a field is impossible (month 13, 31 April, second 60). */
int wx_civil_check(const struct wx_civil *civil, struct wx_error *err);

/* "Z", "+hh:mm", "-hhmm", "+hh": seconds ahead of UTC, within 18 hours. */
int wx_offset_parse(const char *text, int *offset_s, struct wx_error *err);

/*
 * RFC 3339, UTC, with 0 to 9 decimals, rounded to the nearest. Returns the
 * length; "" for WX_TIME_NONE.
 */
int wx_time_format(struct wx_time t, int decimals, char buf[WX_TIME_SIZE]);

/* UTC days since 1970-01-01, and their names, "2026-06-01". */
int64_t wx_time_day(struct wx_time t);
void wx_day_format(int64_t day, char buf[WX_DAY_SIZE]);
int wx_day_parse(const char *text, int64_t *day, struct wx_error *err);

#endif
