/* SPDX-License-Identifier: MIT */
/* lib/base/zone.c: see zone.h. */
#include "base/zone.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/file.h"
#include "base/text.h"

enum {
	HEADER = 44,
	MAX_BYTES = 1 << 20,
	LAST_YEAR = 2100,
	MAX_OFFSET_S = 26 * 3600, /* what RFC 8536 asks readers to take */
};

/* From at_s on, seconds since 1970, the place is offset_s ahead of UTC. */
struct change {
	int64_t at_s;
	int offset_s;
};

struct wx_zone {
	char *name;
	int first_s; /* offset before the first change */
	struct change *change;
	size_t n, room;
};

/* ---- TZif ---- */

static int64_t be(const uint8_t *p, int size)
{
	uint64_t v = p[0] & 0x80 ? UINT64_MAX : 0;

	for (int i = 0; i < size; i++)
		v = v << 8 | p[i];
	return (int64_t)v;
}

/* Counts of a header: UTC marks, standard marks, leaps, times, types, text. */
struct counts {
	size_t isut, isstd, leap, time, type, text;
};

static bool read_header(const uint8_t *p, size_t n, struct counts *c)
{
	size_t *const to[] = { &c->isut, &c->isstd, &c->leap,
			       &c->time, &c->type,  &c->text };

	if (n < HEADER || memcmp(p, "TZif", 4) != 0)
		return false;
	for (size_t i = 0; i < WX_COUNT(to); i++) {
		*to[i] = (size_t)be(p + 20 + 4 * i, 4);
		if (*to[i] > MAX_BYTES)
			return false;
	}
	return true;
}

static size_t block_size(const struct counts *c, size_t time_size)
{
	return c->time * time_size + c->time + c->type * 6 + c->text +
	       c->leap * (time_size + 4) + c->isstd + c->isut;
}

static int add(struct wx_zone *z, int64_t at_s, int offset_s,
	       struct wx_error *err)
{
	if (WX_GROW(&z->change, &z->room, z->n + 1, err))
		return WX_ERR_NOMEM;
	z->change[z->n++] = (struct change){ at_s, offset_s };
	return WX_OK;
}

static bool is_offset(int64_t s)
{
	return s >= -MAX_OFFSET_S && s <= MAX_OFFSET_S;
}

/* 1: well formed. */
static int read_block(struct wx_zone *z, const uint8_t *p,
		      const struct counts *c, struct wx_error *err)
{
	const uint8_t *index = p + c->time * 8, *types = index + c->time;

	if (!c->type || c->leap || !is_offset(be(types, 4)))
		return 0;
	z->first_s = (int)be(types, 4);
	for (size_t i = 0; i < c->time; i++) {
		int64_t at_s = be(p + 8 * i, 8), offset_s;

		if (index[i] >= c->type ||
		    (z->n && at_s <= z->change[z->n - 1].at_s))
			return 0;
		offset_s = be(types + 6 * (size_t)index[i], 4);
		if (!is_offset(offset_s))
			return 0;
		if (add(z, at_s, (int)offset_s, err))
			return WX_ERR_NOMEM;
	}
	return 1;
}

/* ---- "CET-1CEST,M3.5.0,M10.5.0/3": the years to come ---- */

struct rule {
	int month, week, day; /* week 5: the last; day 0: Sunday */
	int time_s;           /* after local midnight; may be negative */
};

static bool skip_name(const char **p)
{
	size_t n = **p == '<' ? strcspn(*p, ">") + 1
			      : strcspn(*p, "+-0123456789,");

	if (n < 3 || n > strlen(*p))
		return false;
	*p += n;
	return true;
}

/* Digits; false without any. */
static bool number(const char **p, int max, int *v)
{
	*v = 0;
	if (**p < '0' || **p > '9')
		return false;
	while (**p >= '0' && **p <= '9' && *v <= max)
		*v = *v * 10 + (*(*p)++ - '0');
	return *v <= max;
}

/* "-1", "2:30", "+10:00:00" in seconds. */
static bool clock_s(const char **p, int *out)
{
	int sign = **p == '-' ? -1 : 1, h, m = 0, s = 0;

	*p += **p == '-' || **p == '+';
	if (!number(p, 167, &h))
		return false;
	if (**p == ':' && (++*p, !number(p, 59, &m)))
		return false;
	if (**p == ':' && (++*p, !number(p, 59, &s)))
		return false;
	*out = sign * (h * 3600 + m * 60 + s);
	return true;
}

static bool parse_rule(const char **p, struct rule *r)
{
	if (*(*p)++ != ',' || *(*p)++ != 'M' || !number(p, 12, &r->month) ||
	    *(*p)++ != '.' || !number(p, 5, &r->week) || *(*p)++ != '.' ||
	    !number(p, 6, &r->day) || !r->month || !r->week)
		return false;
	r->time_s = 7200;
	return **p != '/' || (++*p, clock_s(p, &r->time_s));
}

/* When a rule's day and time come in a year, as if in UTC. */
static int64_t rule_s(const struct rule *r, int year)
{
	struct wx_civil c = { .year = year, .month = r->month, .day = 1 };
	int64_t day = wx_time_day(wx_civil_to_time(&c, 0));
	int64_t first = ((day + 4) % 7 + 7) % 7; /* 1970 began on Thursday */
	int64_t next;

	c.year += c.month == 12;
	c.month = c.month % 12 + 1;
	next = wx_time_day(wx_civil_to_time(&c, 0));
	day += (r->day - first + 7) % 7 + 7 * (r->week - 1);
	while (day >= next)
		day -= 7;
	return day * WX_S_PER_DAY + r->time_s;
}

static int add_years(struct wx_zone *z, int std_s, int dst_s,
		     const struct rule *start, const struct rule *end,
		     struct wx_error *err)
{
	for (int year = 1970; year <= LAST_YEAR; year++) {
		struct change c[2] = {
			{ rule_s(start, year) - std_s, dst_s },
			{ rule_s(end, year) - dst_s, std_s },
		};
		int first = c[0].at_s > c[1].at_s;

		for (int i = 0; i < 2; i++) {
			const struct change *next = &c[i ^ first];

			if (z->n && next->at_s <= z->change[z->n - 1].at_s)
				continue;
			if (add(z, next->at_s, next->offset_s, err))
				return WX_ERR_NOMEM;
		}
	}
	return WX_OK;
}

/* 1: well formed, or none. */
static int read_footer(struct wx_zone *z, const char *p, struct wx_error *err)
{
	struct rule start, end;
	int std_s, dst_s;

	if (!*p)
		return 1;
	if (!skip_name(&p) || !clock_s(&p, &std_s))
		return 0;
	std_s = -std_s; /* POSIX counts westward */
	if (!*p) {
		if (!z->n)
			z->first_s = std_s;
		return 1;
	}
	dst_s = std_s + 3600;
	if (!skip_name(&p))
		return 0;
	if (*p != ',') {
		if (!clock_s(&p, &dst_s))
			return 0;
		dst_s = -dst_s;
	}
	if (!parse_rule(&p, &start) || !parse_rule(&p, &end) || *p ||
	    !is_offset(std_s) || !is_offset(dst_s))
		return 0;
	return add_years(z, std_s, dst_s, &start, &end, err) ? WX_ERR_NOMEM : 1;
}

/* 1: well formed. */
static int parse(struct wx_zone *z, const uint8_t *p, size_t n,
		 struct wx_error *err)
{
	struct counts c;
	char footer[128] = "";
	const uint8_t *end;
	size_t size;
	int rc;

	if (!read_header(p, n, &c) || p[4] < '2')
		return 0; /* version 1 ends in 2037 and is of before 2007 */
	size = HEADER + block_size(&c, 4);
	if (size > n || !read_header(p + size, n - size, &c))
		return 0;
	p += size + HEADER;
	n -= size + HEADER;
	size = block_size(&c, 8);
	if (size > n)
		return 0;
	rc = read_block(z, p, &c, err);
	if (rc != 1 || size == n || p[size] != '\n')
		return rc;
	p += size + 1;
	end = memchr(p, '\n', n - size - 1);
	if (!end || (size_t)(end - p) >= sizeof(footer))
		return 0;
	memcpy(footer, p, (size_t)(end - p));
	return read_footer(z, footer, err);
}

int wx_zone_parse(const void *data, size_t n, const char *name,
		  struct wx_zone **out, struct wx_error *err)
{
	struct wx_zone *z = calloc(1, sizeof(*z));
	int rc;

	*out = NULL;
	if (!z || !(z->name = strdup(name))) {
		free(z);
		return wx_fail_nomem(err);
	}
	rc = parse(z, data, n, err);
	if (rc == 1) {
		*out = z;
		return WX_OK;
	}
	wx_zone_free(z);
	return rc ? rc
		  : wx_fail(err, WX_ERR_FORMAT,
			    "zone %s: its file is no zone data of version 2 "
			    "or later",
			    name);
}

/* ---- names and files ---- */

static bool is_name(const char *name)
{
	static const char may[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789_+-/";

	return *name && *name != '/' && strspn(name, may) == strlen(name);
}

int wx_zone_read(const char *name, struct wx_zone **out, struct wx_error *err)
{
	const char *dir = getenv("TZDIR");
	char quoted[WX_QUOTE_SIZE];
	char *path = NULL, *data = NULL;
	size_t n = 0;
	int rc;

	*out = NULL;
	if (is_name(name)) {
		path = wx_strf("%s/%s",
			       dir && *dir ? dir : "/usr/share/zoneinfo", name);
		if (!path)
			return wx_fail_nomem(err);
	}
	if (!path || wx_file_read(path, MAX_BYTES, &data, &n, NULL))
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "no zone '%s'; expected a name as Europe/Zurich "
			     "of the system's zone data (tzdata)",
			     wx_quote(name, strlen(name), quoted));
	else
		rc = wx_zone_parse(data, n, name, out, err);
	free(data);
	free(path);
	return rc;
}

void wx_zone_free(struct wx_zone *z)
{
	if (!z)
		return;
	free(z->name);
	free(z->change);
	free(z);
}

const char *wx_zone_name(const struct wx_zone *z)
{
	return z->name;
}

/* ---- times ---- */

/* How many changes are past. */
static size_t past(const struct wx_zone *z, int64_t utc_s)
{
	size_t lo = 0, hi = z->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (z->change[mid].at_s <= utc_s)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static int64_t floor_s(struct wx_time t)
{
	return t.utc_ns / WX_NS_PER_S - (t.utc_ns % WX_NS_PER_S < 0);
}

static int offset_of(const struct wx_zone *z, size_t n_past)
{
	return n_past ? z->change[n_past - 1].offset_s : z->first_s;
}

int wx_zone_offset(const struct wx_zone *z, struct wx_time utc)
{
	return offset_of(z, past(z, floor_s(utc)));
}

int wx_zone_instants(const struct wx_zone *z, const struct wx_civil *civil,
		     struct wx_time out[2])
{
	struct wx_time as_utc = wx_civil_to_time(civil, 0);
	int64_t s = floor_s(as_utc);
	size_t from = past(z, s - MAX_OFFSET_S), to = past(z, s + MAX_OFFSET_S);
	int n = 0;

	/* Each stretch of one offset that holds the time by its own clock. */
	for (size_t i = from; i <= to && n < 2; i++) {
		int offset_s = offset_of(z, i);
		int64_t at_s = s - offset_s;

		if ((i == 0 || at_s >= z->change[i - 1].at_s) &&
		    (i == z->n || at_s < z->change[i].at_s))
			out[n++] = wx_civil_to_time(civil, offset_s);
	}
	for (size_t i = from; i < to && !n; i++)
		if (s - offset_of(z, i) == z->change[i].at_s)
			out[n++] = wx_civil_to_time(civil, offset_of(z, i));
	return n;
}
