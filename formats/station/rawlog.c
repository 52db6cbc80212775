/* SPDX-License-Identifier: MIT */
/* formats/station/rawlog.c: see rawlog.h. */
#include "station/rawlog.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

int wx_rawlog_init(struct wx_rawlog *l, FILE *in, const char *name,
		   struct wx_log *log, struct wx_error *err)
{
	*l = (struct wx_rawlog){ .in = in, .name = name, .log = log };
	l->buf = malloc(WX_LINE_MAX + 1);
	return l->buf ? WX_OK : wx_fail_nomem(err);
}

static const char *const warn_names[WX_ROW_N_WARNS] = {
	[WX_ROW_LONG] = "over-long lines",
	[WX_ROW_WIDTH] = "rows of another width",
	[WX_ROW_TIME] = "rows without a usable time",
	[WX_ROW_NUMBER] = "values that are no numbers",
	[WX_ROW_RANGE] = "values that are not believable",
	[WX_ROW_WRAP] = "directions past 360",
	[WX_ROW_REPEAT] = "repeated rows",
	[WX_ROW_BACK] = "steps back in time",
	[WX_ROW_TWICE] = "rows of an hour that was twice",
	[WX_ROW_COUNTER] = "odd counter readings",
};

void wx_rawlog_fini(struct wx_rawlog *l)
{
	for (int i = 0; l->buf && i < WX_ROW_N_WARNS; i++)
		if (l->warned[i] > WX_WARN_MAX)
			wx_warn(l->log, "%s: %u more %s", l->name,
				l->warned[i] - WX_WARN_MAX, warn_names[i]);
	free(l->buf);
	l->buf = NULL;
}

void wx_rawlog_warn(struct wx_rawlog *l, enum wx_row_warn kind, const char *fmt,
		    ...)
{
	char text[600];
	va_list args;

	if (l->warned[kind]++ >= WX_WARN_MAX)
		return;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	wx_warn(l->log, "%s:%ld: %s", l->name, l->line, text);
}

void wx_rawlog_warn_width(struct wx_rawlog *l, int expected, int found)
{
	if (found < 0)
		wx_rawlog_warn(l, WX_ROW_WIDTH,
			       "a quote is not closed: row left out");
	else
		wx_rawlog_warn(l, WX_ROW_WIDTH,
			       "expected %d fields, found %d: row left out",
			       expected, found);
}

int wx_rawlog_fail(const struct wx_rawlog *l, struct wx_error *err, int code,
		   const char *fmt, ...)
{
	char text[800];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (!l->line)
		return wx_fail(err, code, "%s: %s", l->name, text);
	return wx_fail(err, code, "%s:%ld: %s", l->name, l->line, text);
}

/* Keep what is left, and read after it. */
static int fill(struct wx_rawlog *l, struct wx_error *err)
{
	size_t left = l->end - l->at;

	memmove(l->buf, l->buf + l->at, left);
	l->at = 0;
	l->end = left;
	l->scanned = false;
	l->end += fread(l->buf + left, 1, WX_LINE_MAX - left, l->in);
	if (ferror(l->in))
		return wx_fail_errno(err, "%s: cannot read", l->name);
	l->at_eof = l->end < WX_LINE_MAX;
	return WX_OK;
}

int wx_text_check(const void *head, size_t n, const char *name,
		  struct wx_error *err)
{
	if (n >= 2 && !memcmp(head, "\x1f\x8b", 2))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected text, found gzip; unpack it "
			       "first: gzip -dk FILE",
			       name);
	if (n >= 2 &&
	    (!memcmp(head, "\xff\xfe", 2) || !memcmp(head, "\xfe\xff", 2)))
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: expected UTF-8 or ASCII text, found UTF-16; "
			"convert it first: iconv -f UTF-16 -t UTF-8 FILE",
			name);
	/* Further on, a power cut may have left them where a row should be. */
	if (memchr(head, '\0', n < 16 ? n : 16))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected text, found NUL bytes: a binary "
			       "file?",
			       name);
	return WX_OK;
}

static int start(struct wx_rawlog *l, struct wx_error *err)
{
	int rc = fill(l, err);

	l->started = true;
	if (!rc)
		rc = wx_text_check(l->buf, l->end, l->name, err);
	if (!rc && l->end >= 3 && !memcmp(l->buf, "\xef\xbb\xbf", 3))
		l->at = 3;
	return rc;
}

/*
 * The end of the line at l->at and where the next begins. NULL: not in the
 * buffer yet. A CR before LF, or a bare one, ends the line.
 */
static char *line_end(struct wx_rawlog *l, char **next)
{
	char *p = l->buf + l->at, *end = l->buf + l->end, *cr;

	if (!l->scanned || (l->nl && l->nl < p)) {
		/* Remembered: a file of bare CRs has none to find again. */
		l->nl = memchr(p, '\n', (size_t)(end - p));
		l->scanned = true;
	}
	cr = memchr(p, '\r', (size_t)((l->nl ? l->nl : end) - p));
	if (cr && cr + 1 == l->nl) {
		*next = l->nl + 1;
		return cr;
	}
	if (cr && (cr + 1 < end || l->at_eof)) {
		*next = cr + 1;
		return cr;
	}
	*next = l->nl ? l->nl + 1 : NULL;
	return l->nl;
}

/* Passes over a line that does not fit in the buffer. */
static int skip_long(struct wx_rawlog *l, struct wx_error *err)
{
	char *next;
	int rc = WX_OK;

	wx_rawlog_warn(l, WX_ROW_LONG,
		       "a line of over %d bytes is passed over: no station "
		       "writes one",
		       WX_LINE_MAX);
	while (!rc && !line_end(l, &next) && !l->at_eof) {
		l->at = l->end;
		rc = fill(l, err);
	}
	if (!rc)
		l->at = line_end(l, &next) ? (size_t)(next - l->buf) : l->end;
	return rc;
}

/* Blank ones too. */
static int next_any(struct wx_rawlog *l, char **text, size_t *n,
		    struct wx_error *err)
{
	int rc = l->started ? WX_OK : start(l, err);

	while (!rc) {
		char *next, *end = line_end(l, &next);

		if (!end && !l->at_eof) {
			bool full = l->at == 0 && l->end == WX_LINE_MAX;

			if (full)
				l->line++;
			rc = full ? skip_long(l, err) : fill(l, err);
			continue;
		}
		if (!end && l->at == l->end)
			return 0;
		l->line++;
		l->complete = end != NULL;
		if (!end)
			next = end = l->buf + l->end;
		*text = l->buf + l->at;
		*n = (size_t)(end - *text);
		*end = '\0'; /* the buffer has a byte more than it is filled */
		l->at = (size_t)(next - l->buf);
		return 1;
	}
	return rc;
}

/* A web page's table of lines has its own line break in front of each end. */
static void drop_html_break(char *text, size_t *n)
{
	static const char *const marks[] = { "<br>", "<br/>", "<br />" };

	if (!*n || text[*n - 1] != '>')
		return;
	for (size_t i = 0; i < WX_COUNT(marks); i++) {
		size_t len = strlen(marks[i]);

		if (*n >= len && !strncasecmp(text + *n - len, marks[i], len)) {
			*n -= len;
			text[*n] = '\0';
			return;
		}
	}
}

int wx_rawlog_next(struct wx_rawlog *l, char **text, size_t *n,
		   struct wx_error *err)
{
	int rc;

	do {
		rc = next_any(l, text, n, err);
		if (rc == 1)
			drop_html_break(*text, n);
	} while (rc == 1 && strspn(*text, " \t") == *n);
	return rc;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* A field that starts with a quote, unquoted in place; NULL: never closed. */
static char *unquote(char *p, char *end, struct wx_field *f)
{
	char *to = ++p;

	f->text = to;
	while (p < end && (*p != '"' || (p + 1 < end && p[1] == '"'))) {
		p += *p == '"';
		*to++ = *p++;
	}
	if (p >= end)
		return NULL;
	f->n = (size_t)(to - f->text);
	*to = '\0';
	return p + 1;
}

int wx_fields_split(char *text, size_t n, char delim,
		    struct wx_field fields[WX_FIELDS_MAX])
{
	char *p = text, *end = text + n;
	int count = 0;

	if (delim == ' ')
		while (end > p && is_blank(end[-1]))
			end--;
	for (;;) {
		struct wx_field *f = &fields[count];
		char *stop;

		if (count++ == WX_FIELDS_MAX)
			return -1;
		while (p < end && is_blank(*p) && *p != delim)
			p++;
		while (delim == ' ' && p < end && is_blank(*p))
			p++;
		if (p < end && *p == '"') {
			p = unquote(p, end, f);
			if (!p)
				return -1;
			while (p < end && *p != delim &&
			       !(delim == ' ' && is_blank(*p)))
				p++; /* junk after a quote; blanks mostly */
		} else {
			f->text = p;
			while (p < end && *p != delim &&
			       !(delim == ' ' && *p == '\t'))
				p++;
			for (stop = p; stop > f->text && is_blank(stop[-1]);)
				stop--;
			f->n = (size_t)(stop - f->text);
		}
		if (p >= end) {
			f->text[f->n] = '\0';
			return count;
		}
		p++;
		f->text[f->n] = '\0';
	}
}
