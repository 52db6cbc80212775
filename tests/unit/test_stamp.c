/* SPDX-License-Identifier: MIT */
/* Times as strangers write them, units too, and records seen before. */
#include "station/seen.h"
#include "station/stamp.h"
#include "station/unit.h"
#include "testing.h"

#define S INT64_C(1000000000)

static const struct {
	const char *text;
	enum wx_date_order order;
	enum wx_stamp_kind kind;
	int64_t ns; /* a local one as if in UTC */
} stamps[] = {
	{ "2024-06-01 12:00:00", 0, WX_STAMP_LOCAL, 1717243200 * S },
	{ "2024-06-01T12:00", 0, WX_STAMP_LOCAL, 1717243200 * S },
	{ "2024/06/01 12:10a", 0, WX_STAMP_LOCAL, 1717200600 * S },
	{ "2024/06/01 1:10p", 0, WX_STAMP_LOCAL, 1717247400 * S },
	{ "2024/06/01 0:10p", 0, WX_STAMP_BAD, 0 },
	{ "2024/06/01 12:00:00.25", 0, WX_STAMP_LOCAL, 1717243200 * S + S / 4 },
	{ "2024-06-01 24:00:00", 0, WX_STAMP_LOCAL, 1717286400 * S },
	{ "2024-06-01T12:00:00Z", 0, WX_STAMP_UTC, 1717243200 * S },
	{ "2024-06-01 14:00:00+02:00", 0, WX_STAMP_UTC, 1717243200 * S },
	{ "2024-06-01 12:00:00 Z", 0, WX_STAMP_UTC, 1717243200 * S },
	{ "1717243200", 0, WX_STAMP_UTC, 1717243200 * S },
	{ "1717243200.123456789", 0, WX_STAMP_UTC, 1717243200 * S + 123456789 },
	{ "1717243200250", 0, WX_STAMP_UTC, 1717243200 * S + S / 4 },
	{ "1717243", 0, WX_STAMP_BAD, 0 },          /* 1970: a counter */
	{ "1717243200250000", 0, WX_STAMP_BAD, 0 }, /* what would that be? */
	{ "01.06.2024 12:00", 0, WX_STAMP_ORDER, 0 },
	{ "01.06.2024 12:00", WX_DATE_DMY, WX_STAMP_LOCAL, 1717243200 * S },
	{ "6/1/24 12:00:00 PM", WX_DATE_MDY, WX_STAMP_LOCAL, 1717243200 * S },
	{ "6/1/24 12:00 AM", WX_DATE_MDY, WX_STAMP_LOCAL, 1717200000 * S },
	{ "24/06/01 01:00:00 pm", WX_DATE_YMD, WX_STAMP_LOCAL, 1717246800 * S },
	{ "01/06/2024 12:00", WX_DATE_YMD, WX_STAMP_BAD, 0 },
	{ "31.02.2024 12:00", WX_DATE_DMY, WX_STAMP_BAD, 0 },
	{ "2024-06-01 12:00:60", 0, WX_STAMP_BAD, 0 },
	{ "2024-06-01 24:00:01", 0, WX_STAMP_BAD, 0 },
	{ "2024-06-01 12:00:00,0,I", 0, WX_STAMP_BAD, 0 },
	{ "01/06/24 12:00:00,0,I", 0, WX_STAMP_BAD, 0 }, /* a whole row */
	{ "2024-06-01", 0, WX_STAMP_BAD, 0 },
	{ "2024-06/01 12:00", 0, WX_STAMP_BAD, 0 },
	{ "1723-06-01 12:00", 0, WX_STAMP_BAD, 0 }, /* no logger is so old */
	{ "TIMESTAMP", 0, WX_STAMP_BAD, 0 },
	{ "", 0, WX_STAMP_BAD, 0 },
};

static void check_stamps(void)
{
	for (size_t i = 0; i < WX_COUNT(stamps); i++) {
		struct wx_stamp s;

		wx_stamp_parse(stamps[i].text, strlen(stamps[i].text),
			       stamps[i].order, &s);
		CHECK_INT(stamps[i].text, s.kind, stamps[i].kind);
		if (s.kind == WX_STAMP_LOCAL)
			s.utc = wx_civil_to_time(&s.civil, 0);
		if (s.kind == WX_STAMP_LOCAL || s.kind == WX_STAMP_UTC)
			CHECK_INT(stamps[i].text, s.utc.utc_ns, stamps[i].ns);
	}
}

static void check_orders(void)
{
	static const struct {
		int date[2][3];
		enum wx_date_order left;
	} cases[] = {
		{ { { 6, 1, 2026 }, { 6, 2, 2026 } }, WX_DATE_NOT_TOLD },
		{ { { 6, 1, 2026 }, { 6, 13, 2026 } }, WX_DATE_MDY },
		{ { { 1, 6, 2026 }, { 13, 6, 2026 } }, WX_DATE_DMY },
		{ { { 26, 6, 1 }, { 26, 6, 2 } }, WX_DATE_NOT_TOLD },
		{ { { 26, 6, 1 }, { 32, 6, 2 } }, WX_DATE_YMD },
		{ { { 13, 6, 2026 }, { 6, 13, 2026 } }, WX_DATE_NOT_TOLD },
	};

	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		struct wx_date_orders may = { true, true, true };

		wx_date_orders_see(&may, cases[i].date[0]);
		wx_date_orders_see(&may, cases[i].date[1]);
		CHECK_INT("order", wx_date_orders_left(&may), cases[i].left);
	}
}

static const struct {
	int key;
	const char *text;
	double of_10; /* what 10 of it are; NAN: no unit of the key */
} units[] = {
	{ WX_KEY_RAIN, "mm", 10 },
	{ WX_KEY_RAIN, "Inches", 254 },
	{ WX_KEY_RAIN, "mm/h", NAN },
	{ WX_KEY_RAIN, "", NAN },
	{ WX_KEY_WIND, "meters/second", 10 },
	{ WX_KEY_WIND, "m s-1", 10 },
	{ WX_KEY_WIND, "km/h", 2.777777778 },
	{ WX_KEY_GUST, "knots", 5.144444444 },
	{ WX_KEY_GUST, "MPH", 4.4704 },
	{ WX_KEY_DIR, "Deg", 10 },
	{ WX_KEY_DIR, "\xc2\xb0", 10 },
	{ WX_KEY_DIR, "Deg C", NAN },
	{ WX_KEY_TEMP, "Deg C", 10 },
	{ WX_KEY_TEMP, "\xc2\xb0\x43", 10 },
	{ WX_KEY_TEMP, "\xb0\x46", -12.22222222 },
	{ WX_KEY_TEMP, "K", -263.15 },
	{ WX_KEY_HUM, "% ", 10 },
	{ WX_KEY_HUM, "fraction", 1000 },
	{ WX_KEY_PRES, "kPa", 100 },
	{ WX_KEY_PRES, "Pa", 0.1 },
	{ WX_KEY_PRES, "inHg", 338.6388667 },
	{ WX_KEY_PRES, "a unit of far too many letters for any", NAN },
};

static void check_units(void)
{
	for (size_t i = 0; i < WX_COUNT(units); i++) {
		struct wx_unit u = { NAN, 0 };

		wx_unit_find(units[i].key, units[i].text, strlen(units[i].text),
			     &u);
		CHECK_F64(units[i].text, 10 * u.scale + u.offset,
			  units[i].of_10, 1e-6);
	}
}

static void check_seen(void)
{
	static struct wx_seen s;
	int n_seen = 0;

	/* two downloads, a hole, a restart from 0 */
	for (int64_t i = 0; i < 1000; i++)
		n_seen += wx_seen_before(&s, i, (struct wx_time){ i * S });
	for (int64_t i = 1000; i < 2000; i++)
		n_seen +=
			wx_seen_before(&s, i, (struct wx_time){ (i + 77) * S });
	for (int64_t i = 0; i < 50; i++)
		n_seen += wx_seen_before(&s, i,
					 (struct wx_time){ (i + 9000) * S });
	CHECK_INT("all new", n_seen, 0);
	for (int64_t i = 500; i < 1500; i++)
		n_seen += wx_seen_before(
			&s, i, (struct wx_time){ (i < 1000 ? i : i + 77) * S });
	CHECK_INT("all known", n_seen, 1000);
	/* the same numbers at other times: a clock that was set back */
	CHECK("other time",
	      !wx_seen_before(&s, 700, (struct wx_time){ 699 * S }));
	CHECK("far", !wx_seen_before(&s, INT64_MAX, (struct wx_time){ 1 }));
	CHECK("near", !wx_seen_before(&s, INT64_MIN, (struct wx_time){ 1 }));
}

int main(void)
{
	check_stamps();
	check_orders();
	check_units();
	check_seen();
	return wx_test_end();
}
