/* SPDX-License-Identifier: MIT */
/* formats/capture/filename.c: see filename.h. */
#include "capture/filename.h"

#include <string.h>
#include <strings.h>

enum { FIRST_YEAR = 2007, LAST_YEAR = 2099, N_DATE = 8, N_CLOCK = 6 };

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

bool wx_civil_unset(const struct wx_civil *c)
{
	return c->year < FIRST_YEAR ||
	       (c->year == 2010 && c->month == 1 && c->day == 1);
}

static bool possible(const struct wx_civil *c)
{
	return c->year <= LAST_YEAR && wx_civil_check(c, NULL) == WX_OK;
}

/* Eight digits of a date and six of a clock. */
static struct wx_civil civil_of(const char *date, const char *clock)
{
	return (struct wx_civil){ .year = number(date, 4),
				  .month = number(date + 4, 2),
				  .day = number(date + 6, 2),
				  .hour = number(clock, 2),
				  .minute = number(clock + 2, 2),
				  .second = number(clock + 4, 2) };
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
	*c = civil_of(p, p + n);
	return possible(c) ? n + N_CLOCK : 0;
}

/* Frontier's YYYYMMDDThhmmss with blanks where a leading zero belongs. */
static int take_blanks(const char *p, struct wx_civil *c)
{
	char text[N_DATE + 1 + N_CLOCK + 1];
	size_t n = strnlen(p, sizeof(text) - 1);

	if (n < sizeof(text) - 1 || p[N_DATE] != 'T')
		return 0;
	memcpy(text, p, n);
	text[n] = '\0';
	for (size_t i = 4; i < n; i += i == 6 ? 3 : 2)
		if (text[i] == ' ')
			text[i] = '0';
	return is_digit(p[n]) ? 0 : take_date(text, c);
}

/* YYYY-MM-DD, one of "_T -" or "-birdnet-", HH-MM-SS with any of "-:._". */
static int take_dashed(const char *p, struct wx_civil *c)
{
	static const char birdnet[] = "-birdnet-";
	const char *q = p + 10;

	if (!digits(p, 4) || p[4] != '-' || !digits(p + 5, 2) || p[7] != '-' ||
	    !digits(p + 8, 2))
		return 0;
	if (strncmp(q, birdnet, strlen(birdnet)) == 0)
		q += strlen(birdnet);
	else if (*q && strchr("_T -", *q))
		q++;
	if (!digits(q, 2) || !q[2] || !strchr("-:._", q[2]) ||
	    !digits(q + 3, 2) || q[5] != q[2] || !digits(q + 6, 2) ||
	    is_digit(q[8]))
		return 0;
	*c = (struct wx_civil){ .year = number(p, 4),
				.month = number(p + 5, 2),
				.day = number(p + 8, 2),
				.hour = number(q, 2),
				.minute = number(q + 3, 2),
				.second = number(q + 6, 2) };
	return possible(c) ? (int)(q + 8 - p) : 0;
}

/* SoundTrap: nothing but digits, a point, YYMMDDhhmmss and an extension. */
static bool take_soundtrap(const char *base, struct wx_civil *c)
{
	char date[N_DATE + 1] = "20";
	int n = 0;

	while (is_digit(base[n]))
		n++;
	if (n < 3 || base[n] != '.' || !digits(base + n + 1, 12) ||
	    base[n + 13] != '.')
		return false;
	memcpy(date + 2, base + n + 1, 6);
	*c = civil_of(date, base + n + 7);
	return possible(c);
}

/* "20210201/210100T.WAV", "20210201/ID_210100T.WAV" */
static bool take_folder(const char *name, const char *base, struct wx_civil *c)
{
	const char *folder = base - N_DATE - 1;
	const char *p = strrchr(base, '_');

	p = p ? p + 1 : base;
	if (base - name < N_DATE + 1 || !digits(folder, N_DATE) ||
	    (folder > name && folder[-1] != '/') || !digits(p, N_CLOCK) ||
	    p[N_CLOCK] != 'T' || !at_end(p + N_CLOCK + 1))
		return false;
	*c = civil_of(folder, p);
	return possible(c);
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

static void from_hex(const char *base, int64_t unix_s, struct wx_filename *out)
{
	out->civil = wx_time_to_civil(wx_time_from_us(unix_s * 1000000), 0);
	/* Eight decimals are rather a date: 20190522 would be in 1987. */
	if (wx_civil_unset(&out->civil) && digits(base, 8) && unix_s != 0)
		return;
	out->has_civil = true;
	out->has_zone = true;
	out->kind = wx_civil_unset(&out->civil) ? WX_FILENAME_UNSET
						: WX_FILENAME_UTC;
}

/* The first date of base; what follows it, or NULL. */
static const char *find_date(const char *base, struct wx_civil *c)
{
	for (const char *p = base; *p; p++) {
		int n;

		if (!is_digit(*p) || (p > base && is_digit(p[-1])))
			continue;
		n = take_date(p, c);
		if (!n)
			n = take_dashed(p, c);
		if (!n)
			n = take_blanks(p, c);
		if (n)
			return p + n;
	}
	return NULL;
}

/* What follows the date: a trigger's T, a fraction, a zone. */
static void read_tail(const char *p, struct wx_filename *out)
{
	if (*p == 'T' && at_end(p + 1)) {
		out->kind = WX_FILENAME_TRIGGERED;
		return;
	}
	p += take_fraction(p, &out->civil.ns);
	out->has_zone = take_zone(p, &out->zone_s);
	out->kind = out->has_zone ? WX_FILENAME_UTC : WX_FILENAME_LOCAL;
}

void wx_filename_read(const char *name, struct wx_filename *out)
{
	const char *slash = strrchr(name, '/');
	const char *base = slash ? slash + 1 : name;
	const char *tail;
	int64_t unix_s;

	*out = (struct wx_filename){ .kind = WX_FILENAME_UNDATED };
	if (take_hex(base, &unix_s)) {
		from_hex(base, unix_s, out);
		return;
	}
	tail = find_date(base, &out->civil);
	if (tail)
		read_tail(tail, out);
	else if (take_soundtrap(base, &out->civil))
		out->kind = WX_FILENAME_LOCAL;
	else if (take_folder(name, base, &out->civil))
		out->kind = WX_FILENAME_TRIGGERED;
	else
		return;
	out->has_civil = true;
	if (wx_civil_unset(&out->civil))
		out->kind = WX_FILENAME_UNSET;
}

enum wx_filename_kind wx_filename_time(const char *name, int offset_s,
				       struct wx_time *start)
{
	struct wx_filename f;

	wx_filename_read(name, &f);
	*start = WX_TIME_NONE;
	if (f.kind == WX_FILENAME_UTC)
		*start = wx_civil_to_time(&f.civil, f.zone_s);
	else if (f.kind == WX_FILENAME_LOCAL)
		*start = wx_civil_to_time(&f.civil, offset_s);
	return f.kind;
}
