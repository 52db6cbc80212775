/* SPDX-License-Identifier: MIT */
/* formats/capture/filename.c: see filename.h. */
#include "capture/filename.h"

#include <string.h>
#include <strings.h>

enum { FIRST_YEAR = 2007, N_DATE = 8, N_CLOCK = 6 };

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool digits(const char *p, int n)
{
	for (int i = 0; i < n; i++)
		if (!is_digit(p[i]))
			return false;
	return true;
}

static int number(const char *p, int n)
{
	int v = 0;

	for (int i = 0; i < n; i++)
		v = v * 10 + (p[i] - '0');
	return v;
}

/* Does the rest of a name say that it is over, but for its extension? */
static bool at_end(const char *p)
{
	return *p == '\0' || *p == '.' || strncasecmp(p, "_SYNC", 5) == 0;
}

/* YYYYMMDD, one of "_T$-" or nothing, HHMMSS. Returns its length or 0. */
static int take_date(const char *p, struct wx_civil *c)
{
	int n = N_DATE;

	if (!digits(p, N_DATE))
		return 0;
	if (p[n] && strchr("_T$-", p[n]))
		n++;
	if (!digits(p + n, N_CLOCK) || is_digit(p[n + N_CLOCK]))
		return 0;
	*c = (struct wx_civil){ .year = number(p, 4),
				.month = number(p + 4, 2),
				.day = number(p + 6, 2),
				.hour = number(p + n, 2),
				.minute = number(p + n + 2, 2),
				.second = number(p + n + 4, 2) };
	return wx_civil_check(c, NULL) == WX_OK ? n + N_CLOCK : 0;
}

/* "Z" or "+hhmm". A lone "-09" may be a counter: not taken. */
static bool take_zone(const char *p, int *offset_s)
{
	char text[6];

	if (*p == 'Z') {
		*offset_s = 0;
		return true;
	}
	if ((*p != '+' && *p != '-') || !digits(p + 1, 4) || is_digit(p[5]))
		return false;
	memcpy(text, p, 5);
	text[5] = '\0';
	return wx_offset_parse(text, offset_s, NULL) == WX_OK;
}

/*
 * Parts of a second, and the length taken: "_010" at the end of a name is
 * milliseconds, but "_00600" is a counter and "_2" a channel; ".123456" is
 * microseconds only where a zone follows.
 */
static int take_fraction(const char *p, int32_t *ns)
{
	int32_t unit = (int32_t)WX_NS_PER_S, sum = 0;
	int n = 1, zone_s;

	if (*p != '.' && *p != '_')
		return 0;
	for (; is_digit(p[n]); n++) {
		unit /= 10;
		sum += (p[n] - '0') * unit;
	}
	if (*p == '_' ? n != 4 || !at_end(p + n)
		      : n == 1 || !take_zone(p + n, &zone_s))
		return 0;
	*ns = sum;
	return n;
}

/* Eight hex digits and nothing else: Unix seconds. */
static bool take_hex(const char *base, int64_t *unix_s)
{
	*unix_s = 0;
	for (int i = 0; i < 8; i++) {
		const char *hex = "0123456789ABCDEF";
		const char *d = base[i] ? strchr(hex, base[i]) : NULL;

		if (!d)
			return false;
		*unix_s = *unix_s * 16 + (d - hex);
	}
	return base[8] == '.';
}

static enum wx_filename_kind from_hex(const char *base, int64_t unix_s,
				      struct wx_time *start)
{
	struct wx_time t = wx_time_from_us(unix_s * 1000000);

	if (wx_time_to_civil(t, 0).year >= FIRST_YEAR) {
		*start = t;
		return WX_FILENAME_UTC;
	}
	/* Eight decimals are rather a date: 20190522 would be in 1987. */
	return digits(base, 8) && unix_s != 0 ? WX_FILENAME_UNDATED
					      : WX_FILENAME_UNSET;
}

enum wx_filename_kind wx_filename_time(const char *name, int offset_s,
				       struct wx_time *start)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	enum wx_filename_kind kind = WX_FILENAME_LOCAL;
	struct wx_civil c = { 0 };
	const char *p = base;
	int64_t unix_s;
	int n = 0;

	*start = WX_TIME_NONE;
	if (take_hex(base, &unix_s))
		return from_hex(base, unix_s, start);
	for (; *p; p++) {
		if (p > base && is_digit(p[-1]))
			continue;
		n = take_date(p, &c);
		if (n)
			break;
	}
	if (!n)
		return WX_FILENAME_UNDATED;
	p += n;
	if (c.year < FIRST_YEAR)
		return WX_FILENAME_UNSET;
	if (*p == 'T' && at_end(p + 1))
		return WX_FILENAME_TRIGGERED;
	p += take_fraction(p, &c.ns);
	if (take_zone(p, &offset_s))
		kind = WX_FILENAME_UTC;
	*start = wx_civil_to_time(&c, offset_s);
	return kind;
}
