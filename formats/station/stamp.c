/* SPDX-License-Identifier: MIT */
/* formats/station/stamp.c: see stamp.h. */
#include "station/stamp.h"

#include <string.h>

#include "base/text.h"

enum wx_date_order wx_date_order_parse(const char *text)
{
	if (text && !strcmp(text, "dmy"))
		return WX_DATE_DMY;
	if (text && !strcmp(text, "mdy"))
		return WX_DATE_MDY;
	if (text && !strcmp(text, "ymd"))
		return WX_DATE_YMD;
	return WX_DATE_NOT_TOLD;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* One to max digits; their count, 0 when there is none. */
static int number(const char **p, int max, int *v)
{
	int n = 0;

	for (*v = 0; n < max && is_digit(**p); n++)
		*v = *v * 10 + (*(*p)++ - '0');
	return n;
}

/* ".25" as 250000000; digits past the ninth are dropped. */
static int32_t fraction_ns(const char **p)
{
	int32_t ns = 0, unit = 100000000;

	for ((*p)++; is_digit(**p); (*p)++, unit /= 10)
		ns += (**p - '0') * unit;
	return ns;
}

/*
 * Seconds since 1970 from 1980 on until 2100, or the same in milliseconds:
 * no number is both.
 */
static bool parse_epoch(const char *text, struct wx_time *out)
{
	const char *p = text;
	int64_t whole = 0;
	int n = 0;
	int32_t ns = 0;

	for (; is_digit(*p) && n < 15; n++)
		whole = whole * 10 + (*p++ - '0');
	if (n && *p == '.')
		ns = fraction_ns(&p);
	if (*p)
		return false;
	if (whole >= INT64_C(315532800) && whole < INT64_C(4102444800)) {
		out->utc_ns = whole * WX_NS_PER_S + ns;
		return true;
	}
	if (whole >= INT64_C(315532800000) && whole < INT64_C(4102444800000)) {
		out->utc_ns = whole * 1000000 + ns / 1000;
		return true;
	}
	return false;
}

/* "12:00[:00[.25]] [AM|PM|a|p]"; hour 24 is left for the caller. */
static bool parse_clock(const char **p, struct wx_civil *c)
{
	bool ok = number(p, 2, &c->hour) && *(*p)++ == ':' &&
		  number(p, 2, &c->minute) == 2;
	const char *q;

	c->second = 0;
	c->ns = 0;
	if (ok && **p == ':') {
		++*p;
		ok = number(p, 2, &c->second) == 2;
		if (ok && **p == '.')
			c->ns = fraction_ns(p);
	}
	if (!ok)
		return false;
	q = *p + strspn(*p, " ");
	if (*q == 'A' || *q == 'P' || *q == 'a' || *q == 'p') {
		if (c->hour < 1 || c->hour > 12)
			return false;
		c->hour = c->hour % 12 + (*q == 'P' || *q == 'p' ? 12 : 0);
		*p = q + 1 + (q[1] == 'M' || q[1] == 'm');
	}
	return true;
}

static void set_date(struct wx_civil *c, const int date[3],
		     enum wx_date_order order)
{
	static const int at[4][3] = { /* year, month, day */
				      [WX_DATE_DMY] = { 2, 1, 0 },
				      [WX_DATE_MDY] = { 2, 0, 1 },
				      [WX_DATE_YMD] = { 0, 1, 2 }
	};

	c->year = date[at[order][0]];
	c->month = date[at[order][1]];
	c->day = date[at[order][2]];
	if (c->year < 100)
		c->year += 2000; /* no such logger is older */
}

/* Three numbers between like separators. digits[] tells how long each is. */
static bool parse_date(const char **p, int date[3], int digits[3])
{
	char sep;

	digits[0] = number(p, 4, &date[0]);
	sep = **p;
	if (!digits[0] || (sep != '-' && sep != '/' && sep != '.'))
		return false;
	++*p;
	digits[1] = number(p, 2, &date[1]);
	if (!digits[1] || **p != sep)
		return false;
	++*p;
	digits[2] = number(p, 4, &date[2]);
	return digits[2] != 0;
}

/* What stands after date and clock: nothing, or a zone. */
static bool is_zone(const char *rest, bool *told, int *offset_s)
{
	rest += strspn(rest, " ");
	*told = *rest != '\0';
	return !*told || wx_offset_parse(rest, offset_s, NULL) == WX_OK;
}

static void settle(const char *rest, struct wx_stamp *s)
{
	bool midnight = s->civil.hour == 24 && !s->civil.minute &&
			!s->civil.second && !s->civil.ns;
	int offset_s = 0;
	bool told;

	s->kind = WX_STAMP_BAD;
	if (!is_zone(rest, &told, &offset_s))
		return;
	if (s->civil.year < 1980 || s->civil.year > 2099) /* as for epochs */
		return;
	if (midnight) /* of the day that ends */
		s->civil.hour = 0;
	if (wx_civil_check(&s->civil, NULL))
		return;
	if (midnight)
		s->civil = wx_time_to_civil(
			wx_time_add_ns(wx_civil_to_time(&s->civil, 0),
				       WX_S_PER_DAY * WX_NS_PER_S),
			0);
	s->kind = told ? WX_STAMP_UTC : WX_STAMP_LOCAL;
	if (told)
		s->utc = wx_civil_to_time(&s->civil, offset_s);
}

void wx_stamp_parse(const char *text, size_t n, enum wx_date_order order,
		    struct wx_stamp *out)
{
	const char *p = text;
	int digits[3], offset_s;
	bool told;

	out->kind = WX_STAMP_BAD;
	if (n < 6 || n > 60)
		return;
	if (parse_epoch(text, &out->utc)) {
		out->kind = WX_STAMP_UTC;
		return;
	}
	if (!parse_date(&p, out->date, digits))
		return;
	/* 0001-01-01 is a clock that was never set, and not 2001. */
	if ((digits[0] == 4 && out->date[0] < 100) ||
	    (digits[2] == 4 && out->date[2] < 100))
		return;
	if (*p == 'T' || *p == 't' || *p == ' ')
		p++;
	p += strspn(p, " ");
	if (!parse_clock(&p, &out->civil))
		return;
	if (digits[0] == 4 && digits[2] <= 2) {
		set_date(&out->civil, out->date, WX_DATE_YMD);
	} else if (digits[0] <= 2 && order != WX_DATE_NOT_TOLD) {
		if (order == WX_DATE_YMD && digits[2] > 2)
			return;
		set_date(&out->civil, out->date, order);
	} else if (digits[0] <= 2 && is_zone(p, &told, &offset_s)) {
		out->kind = WX_STAMP_ORDER;
		return;
	} else {
		return;
	}
	settle(p, out);
}

static bool possible(const int date[3], enum wx_date_order order)
{
	struct wx_civil c = { .hour = 0 };

	if (order == WX_DATE_YMD && date[2] > 31)
		return false;
	set_date(&c, date, order);
	return wx_civil_check(&c, NULL) == WX_OK;
}

void wx_date_orders_see(struct wx_date_orders *may, const int date[3])
{
	may->dmy = may->dmy && possible(date, WX_DATE_DMY);
	may->mdy = may->mdy && possible(date, WX_DATE_MDY);
	may->ymd = may->ymd && possible(date, WX_DATE_YMD);
}

enum wx_date_order wx_date_orders_left(const struct wx_date_orders *may)
{
	if (may->dmy + may->mdy + may->ymd != 1)
		return WX_DATE_NOT_TOLD;
	return may->dmy ? WX_DATE_DMY : may->mdy ? WX_DATE_MDY : WX_DATE_YMD;
}
