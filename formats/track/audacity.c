/* SPDX-License-Identifier: MIT */
/*
 * formats/track/audacity.c: an Audacity label track, as File > Export > Labels
 * writes it.
 *
 *     12.000000 TAB 22.000000 TAB little        a region, seconds
 *     \ TAB 600.000000 TAB 1200.000000          its frequencies; may be absent
 *     31.500000 TAB 31.500000 TAB tip           a point
 *
 * - six decimals, after a comma where the system's language has one
 * - a frequency of -1.000000 is none
 * - the text may be missing, with or without its TAB
 * - Audacity 1.2 wrote points as "start TAB text"
 *
 * Source: Audacity Manual, "Importing and Exporting Labels".
 */
#include <math.h>
#include <string.h>

#include "base/text.h"
#include "track/lines.h"

/* start TAB end TAB text; or of old, start TAB text. */
static bool parse_line(struct wx_cell line, struct wx_track *t,
		       struct wx_mark *m, struct wx_cell *text)
{
	struct wx_cell c[3];
	size_t n = wx_cells_split(line, '\t', c, 3);

	*m = (struct wx_mark){ .low_hz = NAN, .high_hz = NAN };
	*text = (struct wx_cell){ "", 0 };
	if (n < 2 ||
	    !wx_track_ns_parse(c[0], &t->comma, &m->from_ns, &t->decimals))
		return false;
	if (n >= 3) /* a TAB within the text is the text's */
		*text = (struct wx_cell){
			c[2].text, (size_t)(line.text + line.n - c[2].text)
		};
	if (wx_track_ns_parse(c[1], &t->comma, &m->to_ns, &t->decimals))
		return true;
	m->to_ns = m->from_ns;
	*text = c[1];
	return n == 2 && wx_cell_trim(c[1]).n &&
	       !memchr("0123456789+-.,", *wx_cell_trim(c[1]).text, 14);
}

static int probe(const char *text, size_t n)
{
	struct wx_track_lines l = wx_track_lines(text, n, "", NULL);
	struct wx_track t = { 0 };
	struct wx_cell said;
	struct wx_mark m;
	int good = 0, all = 0;

	while (all < 20 && wx_track_lines_next(&l)) {
		if (*l.line.text == '\\')
			continue;
		all++;
		good += parse_line(l.line, &t, &m, &said);
	}
	return good && good * 2 >= all ? 80 : 0;
}

static void read_frequencies(struct wx_track_lines *l, struct wx_track *t)
{
	struct wx_mark *m = t->n ? &t->mark[t->n - 1] : NULL;
	struct wx_cell c[3];
	double low, high;

	if (!m || wx_cells_split(l->line, '\t', c, 3) != 3 || c[0].n != 1 ||
	    !wx_track_hz_parse(c[1], &t->comma, &low, &t->hz_decimals) ||
	    !wx_track_hz_parse(c[2], &t->comma, &high, &t->hz_decimals)) {
		wx_track_bad(l, "expected '\\ TAB low TAB high' in Hz after a "
				"label; passed over");
		return;
	}
	m->low_hz = low;
	m->high_hz = high;
}

static int read_line(struct wx_track_lines *l, struct wx_track *t,
		     struct wx_error *err)
{
	struct wx_cell text;
	struct wx_mark m;
	char q[WX_QUOTE_SIZE];

	if (!parse_line(l->line, t, &m, &text) ||
	    memchr(l->line.text, '\0', l->line.n)) {
		wx_track_bad(l,
			     "expected 'start TAB end TAB text' in seconds, "
			     "found '%s'; passed over",
			     wx_quote(l->line.text, l->line.n, q));
		return WX_OK;
	}
	if (m.to_ns < m.from_ns) {
		wx_track_bad(l,
			     "a label that ends before it starts: '%s'; "
			     "passed over",
			     wx_quote(l->line.text, l->line.n, q));
		return WX_OK;
	}
	m.line = l->number;
	m.text = wx_track_text(t, text.text, text.n);
	return m.text ? wx_track_add(t, &m, err) : wx_fail_nomem(err);
}

static int read_track(const char *text, size_t n, const char *name,
		      struct wx_track *out, struct wx_log *log,
		      struct wx_error *err)
{
	struct wx_track_lines l = wx_track_lines(text, n, name, log);
	int rc = WX_OK;

	while (rc == WX_OK && wx_track_lines_next(&l)) {
		if (*l.line.text == '\\')
			read_frequencies(&l, out);
		else
			rc = read_line(&l, out, err);
	}
	out->crlf = l.crlf;
	wx_track_lines_end(&l);
	return rc;
}

static int write_track(FILE *out, const struct wx_track *t,
		       struct wx_error *err)
{
	const char *nl = t->crlf ? "\r\n" : "\n";

	for (size_t i = 0; i < t->n; i++) {
		const struct wx_mark *m = &t->mark[i];

		if (m->text[strcspn(m->text, "\r\n")] || m->capture)
			return wx_fail(err, WX_ERR_RANGE,
				       "an Audacity track holds labels of one "
				       "recording, each of one line");
		wx_track_ns_write(out, m->from_ns, t->decimals, t->comma);
		fputc('\t', out);
		wx_track_ns_write(out, m->to_ns, t->decimals, t->comma);
		fprintf(out, "\t%s%s", m->text, nl);
		if (isnan(m->low_hz) && isnan(m->high_hz))
			continue;
		fputs("\\\t", out);
		wx_track_hz_write(out, isnan(m->low_hz) ? -1 : m->low_hz,
				  t->hz_decimals, t->comma);
		fputc('\t', out);
		wx_track_hz_write(out, isnan(m->high_hz) ? -1 : m->high_hz,
				  t->hz_decimals, t->comma);
		fputs(nl, out);
	}
	return WX_OK;
}

const struct wx_track_format wx_track_audacity = {
	.name = "audacity",
	.desc = "Audacity label track",
	.probe = probe,
	.read = read_track,
	.write = write_track,
};
