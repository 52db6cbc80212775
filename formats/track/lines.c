/* SPDX-License-Identifier: MIT */
/* formats/track/lines.c: see lines.h. */
#include "track/lines.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { MAX_WARNINGS = 10 };

struct wx_track_lines wx_track_lines(const char *text, size_t n,
				     const char *name, struct wx_log *log)
{
	return (struct wx_track_lines){
		.at = text, .end = text + n, .name = name, .log = log
	};
}

bool wx_track_lines_next(struct wx_track_lines *l)
{
	while (l->at < l->end) {
		size_t left = (size_t)(l->end - l->at);
		const char *nl = memchr(l->at, '\n', left);
		size_t n = nl ? (size_t)(nl - l->at) : left;

		l->line = (struct wx_cell){ l->at, n };
		l->at += n + (nl != NULL);
		l->number++;
		if (n && l->line.text[n - 1] == '\r') {
			l->line.n--;
			l->crlf |= nl != NULL;
		}
		if (l->line.n)
			return true;
	}
	return false;
}

void wx_track_bad(struct wx_track_lines *l, const char *fmt, ...)
{
	char text[800];
	va_list args;

	if (l->n_bad++ >= MAX_WARNINGS)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	wx_warn(l->log, "%s:%ld: %s", l->name, l->number, text);
}

void wx_track_lines_end(struct wx_track_lines *l)
{
	if (l->n_bad > MAX_WARNINGS)
		wx_warn(l->log, "%s: %zu more lines like these", l->name,
			l->n_bad - MAX_WARNINGS);
}

size_t wx_cells_split(struct wx_cell line, char delim, struct wx_cell *out,
		      size_t max)
{
	const char *p = line.text, *end = p + line.n;
	size_t n = 0;

	for (;;) {
		const char *d = memchr(p, delim, (size_t)(end - p));

		if (n < max)
			out[n] = (struct wx_cell){ p, (size_t)((d ? d : end) -
							       p) };
		n++;
		if (!d)
			return n;
		p = d + 1;
	}
}

bool wx_cell_is(struct wx_cell c, const char *name)
{
	c = wx_cell_trim(c);
	return c.n == strlen(name) && !strncasecmp(c.text, name, c.n);
}

struct wx_cell wx_cell_trim(struct wx_cell c)
{
	while (c.n && (*c.text == ' ' || *c.text == '\t')) {
		c.text++;
		c.n--;
	}
	while (c.n && (c.text[c.n - 1] == ' ' || c.text[c.n - 1] == '\t'))
		c.n--;
	return c;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

bool wx_track_ns_parse(struct wx_cell c, bool *comma, int64_t *ns,
		       int *decimals)
{
	const char *p, *end;
	bool negative;
	int64_t v = 0;
	int n = 0, digits = 0;

	c = wx_cell_trim(c);
	p = c.text;
	end = p + c.n;
	negative = p < end && *p == '-';
	p += negative;
	for (; p < end && is_digit(*p); p++, digits++) {
		v = v * 10 + (*p - '0');
		if (v > WX_TRACK_MAX_NS / 1000000000)
			return false;
	}
	if (p < end && (*p == '.' || (*p == ',' && comma))) {
		if (*p++ == ',')
			*comma = true;
		for (; p < end && is_digit(*p); p++, n++) {
			if (n < 9)
				v = v * 10 + (*p - '0');
			else if (n == 9)
				v += *p >= '5';
		}
	}
	if (p != end || digits + n == 0)
		return false;
	n = n < 9 ? n : 9;
	if (n > *decimals)
		*decimals = n;
	for (; n < 9; n++)
		v *= 10;
	*ns = negative ? -v : v;
	return v <= WX_TRACK_MAX_NS;
}

static void write_number(FILE *out, char *text, bool comma)
{
	char *point = comma ? strchr(text, '.') : NULL;

	if (point)
		*point = ',';
	fputs(text, out);
}

void wx_track_ns_write(FILE *out, int64_t ns, int decimals, bool comma)
{
	static const int64_t unit[] = { 1000000000, 100000000, 10000000,
					1000000,    100000,    10000,
					1000,       100,       10,
					1 };
	int64_t u = unit[decimals], v = (ns < 0 ? -ns : ns) + u / 2;
	int64_t left = v % 1000000000 / u;
	char text[48];

	if (decimals)
		snprintf(text, sizeof(text), "%s%lld.%0*lld", ns < 0 ? "-" : "",
			 (long long)(v / 1000000000), decimals,
			 (long long)left);
	else
		snprintf(text, sizeof(text), "%s%lld", ns < 0 ? "-" : "",
			 (long long)(v / 1000000000));
	write_number(out, text, comma);
}

bool wx_track_hz_parse(struct wx_cell c, bool *comma, double *hz, int *decimals)
{
	int64_t nhz;

	*hz = NAN;
	if (!wx_cell_trim(c).n)
		return true;
	if (!wx_track_ns_parse(c, comma, &nhz, decimals))
		return false;
	if (nhz != -1000000000)
		*hz = (double)nhz / 1e9;
	return true;
}

void wx_track_hz_write(FILE *out, double hz, int decimals, bool comma)
{
	char text[WX_NUM_SIZE];

	wx_f64_format(hz, decimals, text);
	write_number(out, text, comma);
}
