/* SPDX-License-Identifier: MIT */
/* formats/capture/scan.c: see scan.h. */
#include "capture/scan.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

struct wx_scan wx_scan_of(const char *text, size_t n)
{
	return (struct wx_scan){ text, text + strnlen(text, n) };
}

static size_t left(const struct wx_scan *s)
{
	return (size_t)(s->end - s->p);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool wx_scan_text(struct wx_scan *s, const char *text)
{
	size_t n = strlen(text);

	if (left(s) < n || memcmp(s->p, text, n) != 0)
		return false;
	s->p += n;
	return true;
}

bool wx_scan_find(struct wx_scan *s, const char *text)
{
	const char *at = memmem(s->p, left(s), text, strlen(text));

	if (at)
		s->p = at + strlen(text);
	return at != NULL;
}

struct wx_scan wx_scan_until(struct wx_scan *s, const char *text)
{
	const char *at = memmem(s->p, left(s), text, strlen(text));
	struct wx_scan out = { s->p, at ? at : s->end };

	s->p = out.end;
	return out;
}

bool wx_scan_line(struct wx_scan *s, struct wx_scan *line)
{
	if (s->p == s->end)
		return false;
	*line = wx_scan_until(s, "\n");
	if (s->p < s->end)
		s->p++;
	if (line->end > line->p && line->end[-1] == '\r')
		line->end--;
	return true;
}

bool wx_scan_field(struct wx_scan *s, char delim, struct wx_scan *field)
{
	const char letters[2] = { delim, '\0' };

	if (!s->p)
		return false;
	*field = wx_scan_until(s, letters);
	if (s->p < s->end)
		s->p++;
	else
		s->p = s->end = NULL; /* a last, empty field is one */
	wx_scan_trim(field);
	return true;
}

bool wx_scan_nth(struct wx_scan s, char delim, int nth, struct wx_scan *field)
{
	for (int i = 0; i <= nth; i++)
		if (!wx_scan_field(&s, delim, field))
			return false;
	return nth >= 0;
}

int wx_scan_column(struct wx_scan header, char delim, const char *name)
{
	struct wx_scan field;

	for (int i = 0; wx_scan_field(&header, delim, &field); i++)
		if (wx_scan_is(&field, name))
			return i;
	return -1;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void wx_scan_trim(struct wx_scan *s)
{
	while (s->p < s->end && is_blank(*s->p))
		s->p++;
	while (s->end > s->p && is_blank(s->end[-1]))
		s->end--;
}

bool wx_scan_digits(struct wx_scan *s, int n, int *out)
{
	int v = 0;

	if (left(s) < (size_t)n)
		return false;
	for (int i = 0; i < n; i++) {
		if (!is_digit(s->p[i]))
			return false;
		v = v * 10 + (s->p[i] - '0');
	}
	s->p += n;
	*out = v;
	return true;
}

bool wx_scan_uint(struct wx_scan *s, int max, int *out)
{
	int n = 0;

	while (n < max && s->p + n < s->end && is_digit(s->p[n]))
		n++;
	return n > 0 && wx_scan_digits(s, n, out);
}

bool wx_scan_f64(struct wx_scan *s, double *out)
{
	const char *p = s->p;
	bool point = false;

	if (p < s->end && (*p == '-' || *p == '+'))
		p++;
	for (; p < s->end; p++) {
		/* A point that no digit follows ends the sentence. */
		if (*p == '.' && !point && p + 1 < s->end && is_digit(p[1]))
			point = true;
		else if (!is_digit(*p))
			break;
	}
	if (!wx_f64_parse(s->p, (size_t)(p - s->p), out))
		return false;
	s->p = p;
	return true;
}

bool wx_scan_i64(struct wx_scan s, int64_t *out)
{
	return left(&s) <= 19 && wx_i64_parse(s.p, left(&s), out);
}

double wx_scan_within(struct wx_scan s, double lo, double hi)
{
	double x;

	return wx_scan_f64(&s, &x) && s.p == s.end && x >= lo && x <= hi ? x
									 : NAN;
}

/* ".25": what is past 1 ns is dropped. */
static void fraction(struct wx_scan *s, int32_t *ns)
{
	int32_t unit = (int32_t)WX_NS_PER_S;

	if (left(s) < 2 || *s->p != '.' || !is_digit(s->p[1]))
		return;
	for (s->p++; s->p < s->end && is_digit(*s->p); s->p++) {
		unit /= 10;
		*ns += (*s->p - '0') * unit;
	}
}

bool wx_scan_civil(struct wx_scan *s, struct wx_civil *out)
{
	struct wx_scan at = *s;
	struct wx_civil c = { 0 };

	if (!wx_scan_digits(&at, 4, &c.year) || !wx_scan_text(&at, "-") ||
	    !wx_scan_digits(&at, 2, &c.month) || !wx_scan_text(&at, "-") ||
	    !wx_scan_digits(&at, 2, &c.day) ||
	    !(wx_scan_text(&at, "T") || wx_scan_text(&at, " ")) ||
	    !wx_scan_digits(&at, 2, &c.hour) || !wx_scan_text(&at, ":") ||
	    !wx_scan_digits(&at, 2, &c.minute) || !wx_scan_text(&at, ":") ||
	    !wx_scan_digits(&at, 2, &c.second))
		return false;
	fraction(&at, &c.ns);
	if (wx_civil_check(&c, NULL))
		return false;
	*s = at;
	*out = c;
	return true;
}

bool wx_scan_zone(struct wx_scan *s, int *zone_s)
{
	struct wx_scan at = *s, minutes;
	int sign, h, m = 0;

	if (wx_scan_text(s, "Z")) {
		*zone_s = 0;
		return true;
	}
	sign = wx_scan_text(&at, "+") ? 1 : wx_scan_text(&at, "-") ? -1 : 0;
	if (!sign || !wx_scan_digits(&at, 2, &h))
		return false;
	minutes = at;
	wx_scan_text(&minutes, ":");
	if (wx_scan_digits(&minutes, 2, &m))
		at = minutes;
	if (m > 59 || h * 60 + m > 18 * 60)
		return false;
	*s = at;
	*zone_s = sign * (h * 3600 + m * 60);
	return true;
}

bool wx_scan_utc(struct wx_scan *s, int *zone_s)
{
	struct wx_scan at = *s;
	int sign, h = 0, m = 0;

	if (!wx_scan_text(&at, "UTC"))
		return false;
	sign = wx_scan_text(&at, "+") ? 1 : wx_scan_text(&at, "-") ? -1 : 0;
	if (sign && (!wx_scan_uint(&at, 2, &h) ||
		     (wx_scan_text(&at, ":") && !wx_scan_digits(&at, 2, &m))))
		return false;
	if (h > 15 || m > 59) /* no place on earth: a damaged byte */
		return false;
	*s = at;
	*zone_s = sign * (h * 3600 + m * 60);
	return true;
}

bool wx_scan_is(const struct wx_scan *s, const char *text)
{
	return left(s) == strlen(text) && strncasecmp(s->p, text, left(s)) == 0;
}

void wx_scan_copy(const struct wx_scan *s, char *out, size_t size)
{
	size_t n = left(s) < size - 1 ? left(s) : size - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = s->p[i] >= 0x20 && s->p[i] < 0x7f ? s->p[i] : '?';
	out[n] = '\0';
}
