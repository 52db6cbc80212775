/* SPDX-License-Identifier: MIT */
/* lib/base/time.c: see time.h. */
#include "base/time.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

struct wx_time wx_time_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (struct wx_time){ ts.tv_sec * WX_NS_PER_S + ts.tv_nsec };
}

int64_t wx_mono_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * WX_NS_PER_S + ts.tv_nsec;
}

double wx_mono_s(void)
{
	return (double)wx_mono_ns() / 1e9;
}

/*
 * Days since 1970-01-01 of a Gregorian date and back, in eras of 400 years
 * that begin on 1 March. Source: H. Hinnant, "chrono-Compatible Low-Level Date
 * Algorithms", days_from_civil.
 */
static int64_t days_from_civil(int64_t y, int m, int d)
{
	y -= m <= 2;

	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	int64_t doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;

	return era * 146097 + doe - 719468;
}

static void civil_from_days(int64_t days, struct wx_civil *out)
{
	days += 719468;

	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	/* Unsigned, 32 bits: half the cost of dividing. */
	uint32_t doe = (uint32_t)(days - era * 146097);
	uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	uint32_t mp = (5 * doy + 2) / 153;

	out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	out->year = (int)(yoe + era * 400) + (out->month <= 2);
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

int wx_civil_check(const struct wx_civil *c, struct wx_error *err)
{
	if (c->year < 1678 || c->year > 2261)
		return wx_fail(err, WX_ERR_RANGE,
			       "year %d is not within 1678 to 2261", c->year);
	if (c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > month_days(c->year, c->month))
		return wx_fail(err, WX_ERR_RANGE,
			       "there is no day %04d-%02d-%02d", c->year,
			       c->month, c->day);
	if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 ||
	    c->second < 0 || c->second > 59)
		return wx_fail(err, WX_ERR_RANGE,
			       "there is no time of day %02d:%02d:%02d",
			       c->hour, c->minute, c->second);
	return WX_OK;
}

struct wx_time wx_civil_to_time(const struct wx_civil *c, int offset_s)
{
	int64_t s = days_from_civil(c->year, c->month, c->day) * WX_S_PER_DAY +
		    c->hour * 3600 + c->minute * 60 + c->second - offset_s;

	return (struct wx_time){ s * WX_NS_PER_S + c->ns };
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Past the whole second below; not by its product, which may overflow. */
static int32_t ns_of_second(struct wx_time t)
{
	int32_t ns = (int32_t)(t.utc_ns % WX_NS_PER_S);

	return ns < 0 ? ns + (int32_t)WX_NS_PER_S : ns;
}

struct wx_civil wx_time_to_civil(struct wx_time t, int offset_s)
{
	int64_t s = floor_div(t.utc_ns, WX_NS_PER_S);
	int32_t ns = ns_of_second(t);
	struct wx_civil c = { .ns = ns };

	s += offset_s;

	int64_t day = floor_div(s, WX_S_PER_DAY);
	int of_day = (int)(s - day * WX_S_PER_DAY);

	civil_from_days(day, &c);
	c.hour = of_day / 3600;
	c.minute = of_day / 60 % 60;
	c.second = of_day % 60;
	return c;
}

static bool is_digit(char c) /* isdigit() asks the locale each time */
{
	return c >= '0' && c <= '9';
}

/* Exactly n digits. */
static bool digits(const char **p, int n, int *out)
{
	int v = 0;

	for (int i = 0; i < n; i++) {
		if (!is_digit((*p)[i]))
			return false;
		v = v * 10 + ((*p)[i] - '0');
	}
	*p += n;
	*out = v;
	return true;
}

static bool literal(const char **p, char c)
{
	if (**p != c)
		return false;
	(*p)++;
	return true;
}

/* ".25": up to 9 digits count, more are dropped. */
static bool fraction(const char **p, int32_t *ns)
{
	int32_t unit = 100000000;

	*ns = 0;
	if (**p != '.')
		return true;
	(*p)++;
	if (!is_digit(**p))
		return false;
	for (; is_digit(**p); (*p)++) {
		*ns += (**p - '0') * unit;
		unit /= 10;
	}
	return true;
}

/*
 * RFC 3339 without a zone: fields as they stand, checked for range. Seconds
 * may be missing. *end is set after the last character used.
 */
static int civil_parse(const char *text, struct wx_civil *out, const char **end,
		       struct wx_error *err)
{
	struct wx_civil c = { 0 };
	const char *p = text;
	bool ok = digits(&p, 4, &c.year) && literal(&p, '-') &&
		  digits(&p, 2, &c.month) && literal(&p, '-') &&
		  digits(&p, 2, &c.day);

	ok = ok && (literal(&p, 'T') || literal(&p, ' ') || literal(&p, 't'));
	ok = ok && digits(&p, 2, &c.hour) && literal(&p, ':') &&
	     digits(&p, 2, &c.minute);
	if (ok && *p == ':')
		ok = literal(&p, ':') && digits(&p, 2, &c.second) &&
		     fraction(&p, &c.ns);
	if (!ok)
		return wx_fail(err, WX_ERR_FORMAT,
			       "expected a time as 2026-06-01T12:00:00, "
			       "found '%.40s'",
			       text);

	int rc = wx_civil_check(&c, err);

	if (rc)
		return rc;
	*out = c;
	*end = p;
	return WX_OK;
}

int wx_offset_parse(const char *text, int *offset_s, struct wx_error *err)
{
	const char *p = text;
	int sign = *p == '-' ? -1 : 1;
	int h = 0, m = 0;

	if ((*p == 'Z' || *p == 'z') && !p[1]) {
		*offset_s = 0;
		return WX_OK;
	}

	bool ok = (literal(&p, '+') || literal(&p, '-')) && digits(&p, 2, &h);

	if (ok && *p)
		ok = (literal(&p, ':') || true) && digits(&p, 2, &m);
	if (!ok || *p)
		return wx_fail(err, WX_ERR_FORMAT,
			       "expected an offset from UTC as Z or +02:00, "
			       "found '%.40s'",
			       text);
	if (h * 60 + m > 18 * 60 || m > 59)
		return wx_fail(err, WX_ERR_RANGE,
			       "an offset of '%.40s' is not within 18 hours",
			       text);
	*offset_s = sign * (h * 3600 + m * 60);
	return WX_OK;
}

int wx_time_parse(const char *text, struct wx_time *out, struct wx_error *err)
{
	struct wx_civil c;
	const char *zone = "";
	int offset_s = 0;
	int rc = civil_parse(text, &c, &zone, err);

	if (rc)
		return rc;
	if (!*zone)
		return wx_fail(err, WX_ERR_FORMAT,
			       "expected a zone (Z or +hh:mm) after '%.40s'",
			       text);
	rc = wx_offset_parse(zone, &offset_s, err);
	if (rc)
		return rc;
	*out = wx_civil_to_time(&c, offset_s);
	return WX_OK;
}

int wx_time_pair_parse(const char *text, struct wx_time *from,
		       struct wx_time *to, struct wx_error *err)
{
	const char *slash = strchr(text, '/');
	char first[2 * WX_TIME_SIZE];
	size_t n = slash ? (size_t)(slash - text) : 0;
	int rc;

	if (!slash || n >= sizeof(first))
		return wx_fail(err, WX_ERR_FORMAT,
			       "expected FROM/TO, two times, instead of "
			       "'%.80s'",
			       text);
	memcpy(first, text, n);
	first[n] = '\0';
	rc = wx_time_parse(first, from, err);
	if (rc == WX_OK)
		rc = wx_time_parse(slash + 1, to, err);
	if (rc == WX_OK && to->utc_ns <= from->utc_ns)
		rc = wx_fail(err, WX_ERR_RANGE,
			     "'%.80s' does not end after it begins", text);
	return rc;
}

/* v as n digits, n up to 9. */
static void put_digits(char *at, int n, uint32_t v)
{
	while (n--) {
		at[n] = (char)('0' + v % 10);
		v /= 10;
	}
}

/* 0 to 99. */
static void put_two(char *at, int v)
{
	at[0] = (char)('0' + v / 10);
	at[1] = (char)('0' + v % 10);
}

static void put_date(char *at, const struct wx_civil *c)
{
	put_two(at, c->year / 100 % 100);
	put_two(at + 2, c->year % 100);
	at[4] = '-';
	put_two(at + 5, c->month);
	at[7] = '-';
	put_two(at + 8, c->day);
}

int wx_time_format(struct wx_time t, int decimals, char buf[WX_TIME_SIZE])
{
	static const int32_t units_ns[] = { 1000000000, 100000000, 10000000,
					    1000000,    100000,    10000,
					    1000,       100,       10,
					    1 };
	int32_t unit = units_ns[decimals];
	int n = 19;

	if (wx_time_is_none(t)) {
		buf[0] = '\0';
		return 0;
	}

	/* Rounded before it is split, so that :59.9996 carries over. */
	int64_t s = floor_div(t.utc_ns, WX_NS_PER_S);
	int32_t ns = ns_of_second(t);
	int32_t units = ns / unit + (ns % unit >= unit - unit / 2);

	if (units * (int64_t)unit == WX_NS_PER_S) {
		units = 0;
		s++;
	}

	struct wx_civil c = { 0 };
	int64_t day = floor_div(s, WX_S_PER_DAY);
	int of_day = (int)(s - day * WX_S_PER_DAY);

	civil_from_days(day, &c);
	put_date(buf, &c);
	buf[10] = 'T';
	put_two(buf + 11, of_day / 3600);
	buf[13] = ':';
	put_two(buf + 14, of_day / 60 % 60);
	buf[16] = ':';
	put_two(buf + 17, of_day % 60);
	if (decimals > 0) {
		buf[n] = '.';
		put_digits(buf + n + 1, decimals, (uint32_t)units);
		n += 1 + decimals;
	}
	buf[n++] = 'Z';
	buf[n] = '\0';
	return n;
}

int64_t wx_time_day(struct wx_time t)
{
	return floor_div(t.utc_ns, WX_S_PER_DAY * WX_NS_PER_S);
}

void wx_day_format(int64_t day, char buf[WX_DAY_SIZE])
{
	struct wx_civil c = { 0 };

	civil_from_days(day, &c);
	put_date(buf, &c);
	buf[10] = '\0';
}

int wx_day_parse(const char *text, int64_t *day, struct wx_error *err)
{
	struct wx_civil c = { 0 };
	const char *p = text;

	if (!(digits(&p, 4, &c.year) && literal(&p, '-') &&
	      digits(&p, 2, &c.month) && literal(&p, '-') &&
	      digits(&p, 2, &c.day)) ||
	    *p)
		return wx_fail(err, WX_ERR_FORMAT,
			       "expected a day as 2026-06-01, found '%.40s'",
			       text);

	int rc = wx_civil_check(&c, err);

	if (!rc)
		*day = days_from_civil(c.year, c.month, c.day);
	return rc;
}
