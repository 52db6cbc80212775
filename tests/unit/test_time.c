/* SPDX-License-Identifier: MIT */
/* Instants, civil times, offsets, days: parsing, printing, refusing. */
#include "base/time.h"

#include <stdlib.h>
#include <time.h>

#include "testing.h"

static const struct {
	const char *in;
	int rc;
	int64_t utc_ns;
} parse_cases[] = {
	{ "2024-06-01T12:00:00.250Z", WX_OK, 1717243200250000000 },
	{ "2024-06-01 12:00:00Z", WX_OK, 1717243200000000000 },
	{ "2024-06-01T12:00Z", WX_OK, 1717243200000000000 },
	{ "2024-06-01T14:00:00+02:00", WX_OK, 1717243200000000000 },
	{ "2024-06-01T08:30:00-0330", WX_OK, 1717243200000000000 },
	{ "1969-12-31T23:59:59.5Z", WX_OK, -500000000 },
	{ "2024-02-29T00:00:00Z", WX_OK, 1709164800000000000 },
	/* past a nanosecond the digits are dropped */
	{ "1970-01-01T00:00:00.1234567899Z", WX_OK, 123456789 },
	{ "2024-06-01T12:00:00", WX_ERR_FORMAT, 0 }, /* whose zone? */
	{ "2024-06-01T12:00:00.Z", WX_ERR_FORMAT, 0 },
	{ "2024-06-01", WX_ERR_FORMAT, 0 },
	{ "2024-6-1T12:00:00Z", WX_ERR_FORMAT, 0 },
	{ "2024-06-01T12:00:00Z ", WX_ERR_FORMAT, 0 },
	{ "", WX_ERR_FORMAT, 0 },
	{ "2016-12-31T23:59:60Z", WX_ERR_RANGE, 0 }, /* no such POSIX time */
	{ "2023-02-29T00:00:00Z", WX_ERR_RANGE, 0 },
	{ "1900-02-29T00:00:00Z", WX_ERR_RANGE, 0 }, /* no leap year */
	{ "2024-06-01T24:00:00Z", WX_ERR_RANGE, 0 },
	{ "2024-06-01T12:00:00+19:00", WX_ERR_RANGE, 0 },
	{ "9999-01-01T00:00:00Z", WX_ERR_RANGE, 0 }, /* past int64 ns */
};

static const struct {
	int64_t utc_ns;
	int decimals;
	const char *out;
} format_cases[] = {
	{ 1717243200250000000, 3, "2024-06-01T12:00:00.250Z" },
	{ 1717243200250000000, 0, "2024-06-01T12:00:00Z" },
	{ 1717243200500000000, 0, "2024-06-01T12:00:01Z" },
	/* rounding carries through the day, the month and the year */
	{ 1704067199999600000, 3, "2024-01-01T00:00:00.000Z" },
	{ -1, 9, "1969-12-31T23:59:59.999999999Z" },
	{ -1, 3, "1970-01-01T00:00:00.000Z" },
	{ INT64_MIN, 3, "" },
};

static const struct {
	const char *in;
	int rc, offset_s;
} offset_cases[] = {
	{ "Z", WX_OK, 0 },
	{ "+02:00", WX_OK, 7200 },
	{ "-03:30", WX_OK, -12600 },
	{ "+0545", WX_OK, 20700 },
	{ "+02", WX_OK, 7200 },
	{ "-00:30", WX_OK, -1800 },
	{ "02:00", WX_ERR_FORMAT, 0 },
	{ "+2", WX_ERR_FORMAT, 0 },
	{ "+02:60", WX_ERR_RANGE, 0 },
	{ "UTC", WX_ERR_FORMAT, 0 },
	{ "+02:00x", WX_ERR_FORMAT, 0 },
};

/* Against the C library, over the whole range that both can do. */
static void agrees_with_gmtime(void)
{
	srand(1);
	for (int i = 0; i < 20000; i++) {
		int64_t s = (int64_t)rand() * 8 - 8000000000 + rand() % 8;
		time_t t = (time_t)s;
		struct wx_time w = { s * WX_NS_PER_S };
		struct wx_civil c = wx_time_to_civil(w, 0);
		struct tm tm;

		if (s < -9000000000 || s > 9000000000)
			continue;
		gmtime_r(&t, &tm);
		CHECK_INT("year", c.year, tm.tm_year + 1900);
		CHECK_INT("month", c.month, tm.tm_mon + 1);
		CHECK_INT("day", c.day, tm.tm_mday);
		CHECK_INT("second of day",
			  c.hour * 3600 + c.minute * 60 + c.second,
			  tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
		CHECK_INT("and back", wx_civil_to_time(&c, 0).utc_ns, w.utc_ns);
	}
}

/* Rounded half up in units of the last decimal; gmtime_r() does the rest. */
static void check_format(int64_t utc_ns)
{
	int64_t s = utc_ns / 1000000000 - (utc_ns % 1000000000 < 0);
	int64_t ns = (utc_ns % 1000000000 + 1000000000) % 1000000000;
	int64_t unit = 1000000000;

	for (int decimals = 0; decimals < 10; decimals++, unit /= 10) {
		int64_t up = (ns + unit / 2) / unit * unit;
		time_t t = (time_t)(s + up / 1000000000);
		char found[WX_TIME_SIZE], want[80];
		struct tm tm;
		size_t n;

		gmtime_r(&t, &tm);
		n = strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S", &tm);
		if (decimals)
			n += (size_t)sprintf(want + n, ".%0*d", decimals,
					     (int)(up % 1000000000 / unit));
		strcpy(want + n, "Z");
		CHECK_INT("its length",
			  wx_time_format((struct wx_time){ utc_ns }, decimals,
					 found),
			  strlen(want));
		CHECK_STR("instant", found, want);
	}
}

static void formats_the_plain_way(void)
{
	static const char *const odd[] = {
		"2023-12-31T23:59:59.999999999Z",
		"2024-02-29T00:00:00Z",
		"2024-02-28T23:59:59.9995Z",
		"2023-02-28T23:59:59.9994999Z",
		"2000-02-29T23:59:59.5Z",
		"1900-02-28T23:59:59.5Z",
		"2100-03-01T00:00:00Z",
		"1970-01-01T00:00:00Z",
		"1969-12-31T23:59:59.9996Z",
		"1678-01-01T00:00:00.0005Z",
		"2261-12-31T23:59:59.95Z",
	};

	for (size_t i = 0; i < WX_COUNT(odd); i++) {
		struct wx_time t = { 0 };

		CHECK_INT(odd[i], wx_time_parse(odd[i], &t, NULL), WX_OK);
		for (int k = -1; k <= 1; k++)
			check_format(t.utc_ns + k);
	}
	check_format(INT64_MIN + 1);
	check_format(INT64_MAX);
	srand(4);
	for (int i = 0; i < 20000; i++)
		check_format((int64_t)((uint64_t)rand() << 33 ^
				       (uint64_t)rand() << 11 ^
				       (uint64_t)rand()));
}

static void days(void)
{
	char buf[WX_DAY_SIZE];
	int64_t day = 0;

	CHECK_INT("day of 1969-12-31T23:59",
		  wx_time_day((struct wx_time){ -60 * WX_NS_PER_S }), -1);
	wx_day_format(20000, buf);
	CHECK_STR("day 20000", buf, "2024-10-04");
	CHECK_INT("parse", wx_day_parse("2024-10-04", &day, NULL), WX_OK);
	CHECK_INT("day", day, 20000);
	CHECK_INT("no such day", wx_day_parse("2024-13-04", &day, NULL),
		  WX_ERR_RANGE);
	CHECK_INT("more text", wx_day_parse("2024-10-04T", &day, NULL),
		  WX_ERR_FORMAT);
}

static void test_pair(void)
{
	static const struct {
		const char *in;
		int rc;
	} table[] = {
		{ "2024-06-01T12:00Z/2024-06-01T12:01Z", WX_OK },
		{ "2024-06-01T12:00+02:00/2024-06-01T11:00Z", WX_OK },
		{ "2024-06-01T12:00Z/2024-06-01T12:00Z", WX_ERR_RANGE },
		{ "2024-06-01T12:00Z/2024-06-01T11:00Z", WX_ERR_RANGE },
		{ "2024-06-01T12:00Z", WX_ERR_FORMAT },
		{ "2024-06-01T12:00Z/", WX_ERR_FORMAT },
		{ "/2024-06-01T12:00Z", WX_ERR_FORMAT },
		{ "2024-06-01T12:00/2024-06-01T13:00", WX_ERR_FORMAT },
		{ "2024-06-01T12:00Z/2024-06-01T13:00Z/", WX_ERR_FORMAT },
		{ "", WX_ERR_FORMAT },
		{ "2024-06-01T12:00:00.000000000000000000000000000000000000000"
		  "000000000000Z/2024-06-01T13:00Z",
		  WX_ERR_FORMAT },
	};

	for (size_t i = 0; i < WX_COUNT(table); i++) {
		struct wx_time from, to;

		CHECK_INT(table[i].in,
			  wx_time_pair_parse(table[i].in, &from, &to, NULL),
			  table[i].rc);
	}
}

int main(void)
{
	test_pair();
	for (size_t i = 0; i < WX_COUNT(parse_cases); i++) {
		struct wx_time t = { 0 };
		int rc = wx_time_parse(parse_cases[i].in, &t, NULL);

		CHECK_INT(parse_cases[i].in, rc, parse_cases[i].rc);
		CHECK_INT(parse_cases[i].in, t.utc_ns, parse_cases[i].utc_ns);
	}
	for (size_t i = 0; i < WX_COUNT(format_cases); i++) {
		struct wx_time t = { format_cases[i].utc_ns };
		char buf[WX_TIME_SIZE];
		int n = wx_time_format(t, format_cases[i].decimals, buf);

		CHECK_STR("format", buf, format_cases[i].out);
		CHECK_INT("length", n, strlen(buf));
	}
	for (size_t i = 0; i < WX_COUNT(offset_cases); i++) {
		int s = 0;

		CHECK_INT(offset_cases[i].in,
			  wx_offset_parse(offset_cases[i].in, &s, NULL),
			  offset_cases[i].rc);
		CHECK_INT(offset_cases[i].in, s, offset_cases[i].offset_s);
	}
	agrees_with_gmtime();
	formats_the_plain_way();
	days();
	return wx_test_end();
}
