/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/scan.h: a cursor over a stranger's text, which need not end
 * in a NUL. What does not match leaves it where it was.
 */
#ifndef WX_CAPTURE_SCAN_H
#define WX_CAPTURE_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

struct wx_scan {
	const char *p, *end;
};

/* Up to the first NUL. */
struct wx_scan wx_scan_of(const char *text, size_t n);

/* These very letters. */
bool wx_scan_text(struct wx_scan *s, const char *text);
/* Go behind the next place where they stand. */
bool wx_scan_find(struct wx_scan *s, const char *text);
/* Up to the place where they stand, or all that is left. */
struct wx_scan wx_scan_until(struct wx_scan *s, const char *text);
/* The next line without its CR; false when none is left. */
bool wx_scan_line(struct wx_scan *s, struct wx_scan *line);
/* The next field up to delim, blanks around it cut; false when none is left. */
bool wx_scan_field(struct wx_scan *s, char delim, struct wx_scan *field);
/* The field of this number, from 0; false when there are not as many. */
bool wx_scan_nth(struct wx_scan s, char delim, int nth, struct wx_scan *field);
/* Which field of a header is this name, whatever its case; -1 for none. */
int wx_scan_column(struct wx_scan header, char delim, const char *name);
void wx_scan_trim(struct wx_scan *s); /* blanks, tabs, CR, LF at both ends */

/* Exactly n digits, 9 at most. */
bool wx_scan_digits(struct wx_scan *s, int n, int *out);
/* One to max digits, 9 at most. */
bool wx_scan_uint(struct wx_scan *s, int max, int *out);
/* [+-]digits[.digits], as long as it goes. */
bool wx_scan_f64(struct wx_scan *s, double *out);

/* [+-]digits, and nothing else left. */
bool wx_scan_i64(struct wx_scan s, int64_t *out);
/* A number, and nothing else left; NAN otherwise, and outside lo..hi. */
double wx_scan_within(struct wx_scan s, double lo, double hi);

/* YYYY-MM-DD('T' | ' ')hh:mm:ss[.fraction], and possible. */
bool wx_scan_civil(struct wx_scan *s, struct wx_civil *out);
/* Z, +hh:mm, +hhmm or +hh, within 18 hours. */
bool wx_scan_zone(struct wx_scan *s, int *zone_s);

/* AudioMoth's UTC, UTC+1, UTC-3:30, within 15 hours. */
bool wx_scan_utc(struct wx_scan *s, int *zone_s);

/* All of it is these letters, whatever their case. */
bool wx_scan_is(const struct wx_scan *s, const char *text);
/* A copy of what is left, cut to size, other than printable ASCII as '?'. */
void wx_scan_copy(const struct wx_scan *s, char *out, size_t size);

#endif
