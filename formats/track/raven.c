/* SPDX-License-Identifier: MIT */
/*
 * formats/track/raven.c: a selection table of Raven Lite or Pro; tabs between.
 *
 *     Selection  View           Channel  Begin Time (s)  End Time (s)
 *     1          Spectrogram 1  1        12.000000000    22.000000000
 *     ...  Low Freq (Hz)  High Freq (Hz)  Begin Path  File Offset (s)  Annotation
 *          600.0          1200.0          raw/n1/a.wav  2.000000000    little
 *
 * - columns in any order; the class is in the first of those that class_cols
 *   names; all others are kept as they are
 * - a selection is listed once for each view: the same label several times
 * - Begin Time runs on over files opened as one; with Begin Path (or Begin
 *   File) and File Offset (s) a selection is in that file from there on
 *
 * Source: Raven Pro User's Manual, "Measurements and selection tables".
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "track/lines.h"

enum { MAX_CELLS = 256 };
enum { BEGIN, END, LOW, HIGH, FILE_OFFSET, PATH, CLASS, N_COLS };

struct table {
	size_t col[N_COLS]; /* SIZE_MAX: it has none */
	size_t n_cells;
};

static const char *const class_cols[] = { "Annotation", "Class", "Label",
					  "Tag",        "Event", "Notes" };
static const char default_columns[] =
	"Selection\tView\tChannel\tBegin Time (s)\tEnd Time (s)\t"
	"Low Freq (Hz)\tHigh Freq (Hz)\tBegin Path\tFile Offset "
	"(s)\tAnnotation";

static size_t find_col(const struct wx_cell *c, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (wx_cell_is(c[i], name))
			return i;
	return SIZE_MAX;
}

/* Is it a table of Raven's at all? It may still lack a class. */
static bool parse_header(struct wx_cell line, struct table *t)
{
	struct wx_cell c[MAX_CELLS];
	size_t n = wx_cells_split(line, '\t', c, MAX_CELLS);

	if (n > MAX_CELLS)
		return false;
	t->n_cells = n;
	t->col[BEGIN] = find_col(c, n, "Begin Time (s)");
	t->col[END] = find_col(c, n, "End Time (s)");
	t->col[LOW] = find_col(c, n, "Low Freq (Hz)");
	t->col[HIGH] = find_col(c, n, "High Freq (Hz)");
	t->col[FILE_OFFSET] = find_col(c, n, "File Offset (s)");
	t->col[PATH] = find_col(c, n, "Begin Path");
	if (t->col[PATH] == SIZE_MAX)
		t->col[PATH] = find_col(c, n, "Begin File");
	t->col[CLASS] = SIZE_MAX;
	for (size_t i = 0; i < WX_COUNT(class_cols); i++)
		if (t->col[CLASS] == SIZE_MAX)
			t->col[CLASS] = find_col(c, n, class_cols[i]);
	return t->col[BEGIN] != SIZE_MAX && t->col[END] != SIZE_MAX;
}

static int probe(const char *text, size_t n)
{
	struct wx_track_lines l = wx_track_lines(text, n, "", NULL);
	struct table t;

	return wx_track_lines_next(&l) && parse_header(l.line, &t) ? 95 : 0;
}

/* The cells of a row, by what they are; missing ones are "". */
static bool split_row(struct wx_cell line, const struct table *t,
		      struct wx_cell out[N_COLS])
{
	struct wx_cell c[MAX_CELLS];
	size_t n = wx_cells_split(line, '\t', c, MAX_CELLS);

	for (int i = 0; i < N_COLS; i++)
		out[i] = t->col[i] < n && t->col[i] < MAX_CELLS
				 ? wx_cell_trim(c[t->col[i]])
				 : (struct wx_cell){ "", 0 };
	return n <= t->n_cells;
}

static bool parse_row(const struct wx_cell c[N_COLS], struct wx_track *t,
		      struct wx_mark *m)
{
	int64_t offset;

	*m = (struct wx_mark){ .low_hz = NAN, .high_hz = NAN };
	if (!wx_track_ns_parse(c[BEGIN], &t->comma, &m->from_ns,
			       &t->decimals) ||
	    !wx_track_ns_parse(c[END], &t->comma, &m->to_ns, &t->decimals) ||
	    !wx_track_hz_parse(c[LOW], &t->comma, &m->low_hz,
			       &t->hz_decimals) ||
	    !wx_track_hz_parse(c[HIGH], &t->comma, &m->high_hz,
			       &t->hz_decimals))
		return false;
	if (!c[FILE_OFFSET].n || !c[PATH].n)
		return true;
	if (!wx_track_ns_parse(c[FILE_OFFSET], &t->comma, &offset,
			       &t->decimals))
		return false;
	m->to_ns += offset - m->from_ns;
	m->from_ns = offset;
	return true;
}

static int read_row(struct wx_track_lines *l, const struct table *table,
		    struct wx_track *t, struct wx_error *err)
{
	struct wx_cell c[N_COLS];
	char q[WX_QUOTE_SIZE];
	struct wx_mark m;

	if (!split_row(l->line, table, c) || !parse_row(c, t, &m) ||
	    memchr(l->line.text, '\0', l->line.n)) {
		wx_track_bad(l,
			     "expected a selection's times in seconds, found "
			     "'%s'; passed over",
			     wx_quote(l->line.text, l->line.n, q));
		return WX_OK;
	}
	if (m.to_ns < m.from_ns) {
		wx_track_bad(l, "a selection that ends before it begins; "
				"passed over");
		return WX_OK;
	}
	m.line = l->number;
	m.text = wx_track_text(t, c[CLASS].text, c[CLASS].n);
	m.fields = wx_track_text(t, l->line.text, l->line.n);
	if (c[PATH].n && c[FILE_OFFSET].n)
		m.capture = wx_track_text(t, c[PATH].text, c[PATH].n);
	if (!m.text || !m.fields ||
	    (c[PATH].n && c[FILE_OFFSET].n && !m.capture))
		return wx_fail_nomem(err);
	return wx_track_add(t, &m, err);
}

/* Of several files, with nothing that says where in each. */
static int check_files(struct wx_track_lines l, const struct table *table,
		       struct wx_error *err)
{
	struct wx_cell c[N_COLS], first = { NULL, 0 };

	if (table->col[PATH] == SIZE_MAX || table->col[FILE_OFFSET] != SIZE_MAX)
		return WX_OK;
	while (wx_track_lines_next(&l)) {
		split_row(l.line, table, c);
		if (!first.text)
			first = c[PATH];
		if (c[PATH].n != first.n ||
		    memcmp(c[PATH].text, first.text, first.n))
			return wx_fail(
				err, WX_ERR_FORMAT,
				"%s:%ld: selections of several files "
				"without a column 'File Offset (s)' to "
				"say where in each: add that measurement "
				"and save the table again",
				l.name, l.number);
	}
	return WX_OK;
}

static int read_track(const char *text, size_t n, const char *name,
		      struct wx_track *out, struct wx_log *log,
		      struct wx_error *err)
{
	struct wx_track_lines l = wx_track_lines(text, n, name, log);
	struct table t;
	int rc = WX_OK;

	if (!wx_track_lines_next(&l) || !parse_header(l.line, &t) ||
	    t.col[CLASS] == SIZE_MAX)
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s:1: expected columns Begin Time (s), End Time "
			"(s) and one of Annotation, Class, Label, Tag, "
			"Event, Notes for what was heard",
			name);
	rc = check_files(l, &t, err);
	out->columns = wx_track_text(out, l.line.text, l.line.n);
	if (!out->columns)
		return wx_fail_nomem(err);
	out->decimals = out->hz_decimals = 0;
	while (rc == WX_OK && wx_track_lines_next(&l))
		rc = read_row(&l, &t, out, err);
	out->crlf = l.crlf;
	wx_track_lines_end(&l);
	return rc;
}

/* A cell that a row of ours has, and Raven expects. */
static void write_made(FILE *out, struct wx_cell column, size_t number)
{
	if (wx_cell_is(column, "Selection"))
		fprintf(out, "%zu", number);
	else if (wx_cell_is(column, "View"))
		fputs("Spectrogram 1", out);
	else if (wx_cell_is(column, "Channel"))
		fputs("1", out);
}

/* Begin Time: its own, or where its file begins in all of them and it in it. */
static int64_t begin_of(const struct wx_mark *m, const struct wx_cell *own,
			int64_t so_far_ns)
{
	int64_t ns = so_far_ns;
	bool comma;
	int decimals = 0;

	if (!m->capture)
		return m->from_ns;
	if (own)
		wx_track_ns_parse(*own, &comma, &ns, &decimals);
	return ns;
}

static void write_cell(FILE *out, const struct wx_track *t,
		       const struct table *table, size_t i,
		       const struct wx_mark *m, int64_t begin_ns)
{
	if (i == table->col[BEGIN])
		wx_track_ns_write(out, begin_ns, t->decimals, t->comma);
	else if (i == table->col[END])
		wx_track_ns_write(out, begin_ns + (m->to_ns - m->from_ns),
				  t->decimals, t->comma);
	else if (i == table->col[LOW])
		wx_track_hz_write(out, m->low_hz, t->hz_decimals, t->comma);
	else if (i == table->col[HIGH])
		wx_track_hz_write(out, m->high_hz, t->hz_decimals, t->comma);
	else if (i == table->col[CLASS])
		fputs(m->text, out);
	else if (i == table->col[PATH] && m->capture)
		fputs(m->capture, out);
	else if (i == table->col[FILE_OFFSET] && m->capture)
		wx_track_ns_write(out, m->from_ns, t->decimals, t->comma);
}

static bool is_ours(const struct table *t, size_t i, const struct wx_mark *m)
{
	for (int k = 0; k < N_COLS; k++)
		if (t->col[k] == i)
			return m->capture || (k != PATH && k != FILE_OFFSET);
	return false;
}

static void write_row(FILE *out, const struct wx_track *t,
		      const struct table *table, const struct wx_mark *m,
		      const struct wx_cell *column, size_t number,
		      int64_t *so_far_ns)
{
	struct wx_cell own[MAX_CELLS];
	size_t n_own = 0;
	int64_t begin_ns;

	if (m->fields)
		n_own = wx_cells_split(
			(struct wx_cell){ m->fields, strlen(m->fields) }, '\t',
			own, MAX_CELLS);
	begin_ns = begin_of(
		m, n_own > table->col[BEGIN] ? &own[table->col[BEGIN]] : NULL,
		*so_far_ns);
	*so_far_ns = begin_ns + (m->to_ns - m->from_ns);
	for (size_t i = 0; i < table->n_cells; i++) {
		if (n_own && i >= n_own)
			break; /* the row was as short when it was read */
		if (i)
			fputc('\t', out);
		if (is_ours(table, i, m))
			write_cell(out, t, table, i, m, begin_ns);
		else if (i < n_own)
			fwrite(own[i].text, 1, own[i].n, out);
		else
			write_made(out, column[i], number);
	}
	fputs(t->crlf ? "\r\n" : "\n", out);
}

static int write_track(FILE *out, const struct wx_track *t,
		       struct wx_error *err)
{
	const char *columns = t->columns ? t->columns : default_columns;
	struct wx_cell head = { columns, strlen(columns) }, col[MAX_CELLS];
	struct table table;
	int64_t so_far_ns = 0;

	if (!parse_header(head, &table) || table.col[CLASS] == SIZE_MAX)
		return wx_fail(err, WX_ERR_RANGE,
			       "no columns of a selection table: '%.80s'",
			       columns);
	wx_cells_split(head, '\t', col, MAX_CELLS);
	fprintf(out, "%s%s", columns, t->crlf ? "\r\n" : "\n");
	for (size_t i = 0; i < t->n; i++) {
		const struct wx_mark *m = &t->mark[i];

		if (strpbrk(m->text, "\r\n\t") ||
		    (m->capture && strpbrk(m->capture, "\r\n\t")) ||
		    (m->capture && (table.col[PATH] == SIZE_MAX ||
				    table.col[FILE_OFFSET] == SIZE_MAX)))
			return wx_fail(err, WX_ERR_RANGE,
				       "label %zu does not fit in a row of a "
				       "selection table",
				       i + 1);
		write_row(out, t, &table, m, col, i + 1, &so_far_ns);
	}
	return WX_OK;
}

const struct wx_track_format wx_track_raven = {
	.name = "raven",
	.desc = "Raven selection table",
	.probe = probe,
	.read = read_track,
	.write = write_track,
};
