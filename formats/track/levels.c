/* SPDX-License-Identifier: MIT */
/*
 * formats/track/levels.c: what was heard from when on, by the clock.
 *
 *     hour,minutes,seconds,rain_level
 *     0,0,0,0
 *     0,12,30,2          from 00:12:30 on level 2 is heard
 *     1,5,0,             from here on nothing is told
 *     26,0,0,0           hours go on past midnight
 *
 * Each level holds until the next row; the last row only ends the one before.
 * Columns may stand in any order; tabs and semicolons separate them as well as
 * commas, and then seconds may have decimals after a comma. The column named
 * level, rain_level or wind_level holds a number or a class.
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "track/lines.h"

enum { HOUR, MINUTE, SECOND, LEVEL, N_COLS, MAX_CELLS = 32 };
#define S INT64_C(1000000000)

struct table {
	size_t col[N_COLS]; /* place of each */
	size_t n_cells;
	char delim;
	const char *what; /* "rain" "wind"; "": the level's own */
};

static bool find_col(const struct wx_cell *c, size_t n, const char *const *name,
		     size_t *at, size_t *which)
{
	for (*which = 0; name[*which]; ++*which)
		for (*at = 0; *at < n; ++*at)
			if (wx_cell_is(c[*at], name[*which]))
				return true;
	return false;
}

static bool parse_header(struct wx_cell line, struct table *t)
{
	static const char *const hour[] = { "hour", "hours", NULL };
	static const char *const minute[] = { "minutes", "minute", NULL };
	static const char *const second[] = { "seconds", "second", NULL };
	static const char *const level[] = { "rain_level", "wind_level",
					     "level", NULL };
	static const char *const what[] = { "rain", "wind", "" };
	static const char delims[] = { '\t', ';', ',' };
	struct wx_cell c[MAX_CELLS];
	size_t which;

	for (size_t i = 0; i < sizeof(delims); i++) {
		t->delim = delims[i];
		t->n_cells = wx_cells_split(line, t->delim, c, MAX_CELLS);
		if (t->n_cells < N_COLS || t->n_cells > MAX_CELLS ||
		    !find_col(c, t->n_cells, hour, &t->col[HOUR], &which) ||
		    !find_col(c, t->n_cells, minute, &t->col[MINUTE], &which) ||
		    !find_col(c, t->n_cells, second, &t->col[SECOND], &which) ||
		    !find_col(c, t->n_cells, level, &t->col[LEVEL], &which))
			continue;
		t->what = what[which];
		return true;
	}
	return false;
}

static int probe(const char *text, size_t n)
{
	struct wx_track_lines l = wx_track_lines(text, n, "", NULL);
	struct table t;

	return wx_track_lines_next(&l) && parse_header(l.line, &t) ? 95 : 0;
}

static bool whole(struct wx_cell c, int64_t max, int64_t *out)
{
	c = wx_cell_trim(c);
	return wx_i64_parse(c.text, c.n, out) && *out >= 0 && *out <= max;
}

/* Its time; hours may be many. */
static bool parse_row(struct wx_cell line, const struct table *t,
		      struct wx_track *out, int64_t *ns, struct wx_cell *level)
{
	struct wx_cell c[MAX_CELLS];
	bool *comma = t->delim == ',' ? NULL : &out->comma;
	size_t n = wx_cells_split(line, t->delim, c, MAX_CELLS);
	int64_t h, m, s;

	for (size_t i = n; i < MAX_CELLS; i++)
		c[i] = (struct wx_cell){ "", 0 };
	if (n > t->n_cells || !whole(c[t->col[HOUR]], 100000, &h) ||
	    !whole(c[t->col[MINUTE]], 59, &m) ||
	    !wx_track_ns_parse(c[t->col[SECOND]], comma, &s, &out->decimals) ||
	    s < 0 || s >= 60 * S)
		return false;
	*ns = (h * 3600 + m * 60) * S + s;
	*level = wx_cell_trim(c[t->col[LEVEL]]);
	return true;
}

/* "rain=2" of a column rain_level. */
static const char *level_text(struct wx_track *t, const char *what,
			      struct wx_cell level)
{
	char text[120];
	int n = snprintf(text, sizeof(text), "%s%s%.*s", level.n ? what : "",
			 level.n && *what ? "=" : "",
			 level.n < 100 ? (int)level.n : 100, level.text);

	return wx_track_text(t, text, (size_t)n);
}

static int read_rows(struct wx_track_lines *l, const struct table *t,
		     struct wx_track *out, struct wx_error *err)
{
	struct wx_mark m = { .low_hz = NAN, .high_hz = NAN, .text = "" };
	char q[WX_QUOTE_SIZE];
	bool any = false;

	while (wx_track_lines_next(l)) {
		struct wx_cell level;
		int64_t ns;

		if (memchr(l->line.text, '\0', l->line.n) ||
		    !parse_row(l->line, t, out, &ns, &level)) {
			wx_track_bad(l,
				     "expected hour,minutes,seconds,level, "
				     "found '%s'; passed over",
				     wx_quote(l->line.text, l->line.n, q));
			continue;
		}
		if (any && ns < m.from_ns) {
			wx_track_bad(l, "earlier than the row before; passed "
					"over (past midnight hours go on: 24, "
					"25, ...)");
			continue;
		}
		m.to_ns = ns;
		if (any && *m.text && wx_track_add(out, &m, err))
			return WX_ERR_NOMEM;
		any = true;
		m.from_ns = ns;
		m.line = l->number;
		m.text = level_text(out, t->what, level);
		if (!m.text)
			return wx_fail_nomem(err);
	}
	m.to_ns = m.from_ns; /* the last row: a point */
	return any && *m.text ? wx_track_add(out, &m, err) : WX_OK;
}

static int read_track(const char *text, size_t n, const char *name,
		      struct wx_track *out, struct wx_log *log,
		      struct wx_error *err)
{
	struct wx_track_lines l = wx_track_lines(text, n, name, log);
	struct table t;
	int rc;

	if (!wx_track_lines_next(&l) || !parse_header(l.line, &t))
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s:1: expected columns hour,minutes,seconds and "
			"level, rain_level or wind_level",
			name);
	out->columns = wx_track_text(out, l.line.text, l.line.n);
	if (!out->columns)
		return wx_fail_nomem(err);
	out->delim = t.delim;
	out->decimals = 0;
	rc = read_rows(&l, &t, out, err);
	out->crlf = l.crlf;
	wx_track_lines_end(&l);
	return rc;
}

static void write_row(FILE *out, const struct wx_track *t,
		      const struct table *table, int64_t ns, const char *text)
{
	size_t skip = strlen(table->what);

	if (*text && skip && !strncmp(text, table->what, skip) &&
	    text[skip] == '=')
		text += skip + 1;
	for (size_t i = 0; i < table->n_cells; i++) {
		if (i)
			fputc(table->delim, out);
		if (i == table->col[HOUR])
			fprintf(out, "%lld", (long long)(ns / (3600 * S)));
		else if (i == table->col[MINUTE])
			fprintf(out, "%lld", (long long)(ns / (60 * S) % 60));
		else if (i == table->col[SECOND])
			wx_track_ns_write(out, ns % (60 * S), t->decimals,
					  t->comma);
		else if (i == table->col[LEVEL])
			fputs(text, out);
	}
	fputs(t->crlf ? "\r\n" : "\n", out);
}

static int write_track(FILE *out, const struct wx_track *t,
		       struct wx_error *err)
{
	const char *columns =
		t->columns ? t->columns : "hour,minutes,seconds,level";
	struct table table;
	int64_t end = INT64_MIN;

	if (!parse_header((struct wx_cell){ columns, strlen(columns) }, &table))
		return wx_fail(err, WX_ERR_RANGE,
			       "no columns of an hour table: '%.80s'", columns);
	fprintf(out, "%s%s", columns, t->crlf ? "\r\n" : "\n");
	for (size_t i = 0; i < t->n; i++) {
		const struct wx_mark *m = &t->mark[i];

		if (m->from_ns < 0 || m->from_ns < end || m->capture ||
		    strpbrk(m->text, "\r\n\t;,"))
			return wx_fail(err, WX_ERR_RANGE,
				       "an hour table holds labels of one "
				       "clock, one after another");
		if (end > INT64_MIN && m->from_ns > end)
			write_row(out, t, &table, end, "");
		write_row(out, t, &table, m->from_ns, m->text);
		end = m->to_ns;
	}
	/* A region needs a row that ends it. */
	if (t->n && t->mark[t->n - 1].to_ns > t->mark[t->n - 1].from_ns)
		write_row(out, t, &table, end, "");
	return WX_OK;
}

const struct wx_track_format wx_track_levels = {
	.name = "levels",
	.desc = "hour,minutes,seconds,level; each holds until the next",
	.probe = probe,
	.read = read_track,
	.write = write_track,
};
