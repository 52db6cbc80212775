/* SPDX-License-Identifier: MIT */
/* lib/report/glance.c: the season at a glance: nodes by days. */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/page.h"

enum { ROW = 22, DAY_MAX = 110 };

/* What a cell is judged by: 0 worst to 4 best; -1: nothing came. */
typedef int grade_fn(const struct wx_season_day *d, double usual);

static int grade_delivered(const struct wx_season_day *d, double usual)
{
	double share = usual > 0 ? d->n_captures / usual : 0;

	return !d->n_captures  ? -1
	       : share >= 0.98 ? 4
	       : share >= 0.9  ? 3
	       : share >= 0.5  ? 2
	       : share >= 0.1  ? 1
			       : 0;
}

static int grade_complete(const struct wx_season_day *d, double usual)
{
	double share = d->n_windows ? (double)d->n_labelled / d->n_windows : 0;

	(void)usual;
	return !d->n_windows   ? -1
	       : share >= 0.99 ? 4
	       : share >= 0.9  ? 3
	       : share >= 0.5  ? 2
	       : share > 0     ? 1
			       : 0;
}

static int grade_clock(const struct wx_season_day *d, double usual)
{
	float e = d->max_err_s;

	(void)usual;
	return !d->n_windows ? -1
	       : isnan(e)    ? 0
	       : e <= 0.1F   ? 4
	       : e <= 0.5F   ? 3
	       : e <= 2      ? 2
	       : e <= 5      ? 1
			     : 0;
}

static int grade_quality(const struct wx_season_day *d, double usual)
{
	double bad = d->n_windows
			     ? (d->n_fail + 0.25 * d->n_suspect) / d->n_windows
			     : 0;

	(void)usual;
	return !d->n_windows ? -1
	       : bad == 0    ? 4
	       : bad <= 0.02 ? 3
	       : bad <= 0.1  ? 2
	       : bad <= 0.5  ? 1
			     : 0;
}

static const struct {
	const char *id, *title, *desc;
	grade_fn *grade;
	const char *key[5]; /* worst first */
} panels[] = {
	{ "delivered",
	  "Delivered",
	  "Captures of each node and UTC day, as a share of that node's best "
	  "day.",
	  grade_delivered,
	  { "under 10 %", "10 to 50 %", "50 to 90 %", "90 to 98 %",
	    "98 % or more" } },
	{ "complete",
	  "Labelled",
	  "Share of each day's windows that have a label of rain or of wind.",
	  grade_complete,
	  { "none", "under 50 %", "50 to 90 %", "90 to 99 %",
	    "99 % or more" } },
	{ "clock",
	  "Clock error",
	  "The largest error that a window's start may have on that day, "
	  "seconds "
	  "(about 2 sigma).",
	  grade_clock,
	  { "over 5 s or not known", "2 to 5 s", "0.5 to 2 s", "0.1 to 0.5 s",
	    "0.1 s or less" } },
	{ "quality",
	  "Sound quality",
	  "Windows whose sound is suspect or failed its checks; the colour is "
	  "their share, suspect ones counted as a quarter.",
	  grade_quality,
	  { "over half", "10 to 50 %", "2 to 10 %", "up to 2 %", "none" } },
};

static double usual_of(const struct page *p, const struct wx_season_node *n)
{
	double most = 0;

	for (size_t d = 0; d < p->s->n_days; d++)
		most = fmax(most, n->day[d].n_captures);
	return most;
}

/* The number itself, where a cell has room for it. */
static void cell_text(const struct wx_chart *c, size_t panel,
		      const struct wx_season_day *d, int g, double x, double y)
{
	char text[32] = "";

	if (g < 0)
		return;
	if (panel == 0)
		snprintf(text, sizeof(text), "%u", d->n_captures);
	else if (panel == 1)
		snprintf(text, sizeof(text), "%.0f %%",
			 100.0 * d->n_labelled / d->n_windows);
	else if (panel == 2 && !isnan(d->max_err_s))
		snprintf(text, sizeof(text), d->max_err_s < 1 ? "%.3f" : "%.1f",
			 (double)d->max_err_s);
	else if (panel == 3)
		snprintf(text, sizeof(text), "%u", d->n_fail + d->n_suspect);
	wx_chart_label(c, x, y + 15,
		       g == 2 || g == 3 ? "mid dark" : "mid light", text);
}

static void cells(const struct page *p, struct wx_chart *c, size_t panel)
{
	static const char *const class[] = { "g none", "g g0", "g g1",
					     "g g2",   "g g3", "g g4" };
	grade_fn *grade = panels[panel].grade;
	const struct wx_season *s = p->s;
	double w = c->width / (double)s->n_days;

	for (size_t i = 0; i < s->n_nodes; i++) {
		const struct wx_season_node *n = &s->node[i];
		double usual = usual_of(p, n);
		double y = c->top + (double)i * ROW;

		wx_html(c->out,
			"<text x=\"%.1f\" y=\"%.1f\" class=\"end\">%s</text>\n",
			c->left - 6, y + 15, n->id);
		for (size_t d = 0; d < s->n_days;) {
			int g = grade(&n->day[d], usual);
			size_t run = 1;

			while (d + run < s->n_days &&
			       grade(&n->day[d + run], usual) == g &&
			       s->n_days > 62)
				run++;
			wx_chart_rect(c, c->left + (double)d * w, y,
				      (double)run * w - (w > 6 ? 1 : 0),
				      ROW - 2, class[g + 1]);
			if (w >= 44)
				cell_text(c, panel, &n->day[d], g,
					  c->left + ((double)d + 0.5) * w, y);
			d += run;
		}
	}
}

/* Node ids are up to 64 characters; a long one is cut by the view's edge. */
static double left_of(const struct page *p)
{
	size_t most = 4;

	for (size_t i = 0; i < p->s->n_nodes; i++) {
		size_t n = 0;

		while (p->s->node[i].id[n])
			n++;
		most = n > most ? n : most;
	}
	return 16 + 7.5 * (double)(most < 30 ? most : 30);
}

/* A number, or nothing where it is not known. */
static void cell_f64(FILE *out, double v, int decimals)
{
	char text[WX_NUM_SIZE];

	wx_f64_format(v, decimals, text);
	wx_html(out, "<td>%s</td>", text);
}

static void row_cells(FILE *out, size_t panel, const struct wx_season_day *d,
		      double usual)
{
	switch (panel) {
	case 0:
		wx_html(out, "<td>%u</td>", d->n_captures);
		cell_f64(out, usual > 0 ? 100 * d->n_captures / usual : NAN, 0);
		cell_f64(out, (double)d->sound_s / 3600, 2);
		break;
	case 1:
		wx_html(out, "<td>%u</td><td>%u</td><td>%u</td>", d->n_windows,
			d->n_labelled, d->n_kept);
		break;
	case 2:
		cell_f64(out, (double)d->max_err_s, 3);
		break;
	default:
		wx_html(out, "<td>%u</td><td>%u</td><td>%u</td>", d->n_windows,
			d->n_suspect, d->n_fail);
	}
}

static void table(const struct page *p, size_t panel)
{
	static const struct {
		const char *head[5];
		size_t n;
	} heads[] = {
		{ { "node", "day, UTC", "captures", "of its best day, %",
		    "sound, h" },
		  5 },
		{ { "node", "day, UTC", "windows", "labelled", "kept" }, 5 },
		{ { "node", "day, UTC", "largest error, s" }, 3 },
		{ { "node", "day, UTC", "windows", "suspect", "failed" }, 5 },
	};
	const struct wx_season *s = p->s;

	page_table_begin(p, panels[panel].title, heads[panel].head,
			 heads[panel].n);
	for (size_t i = 0; i < s->n_nodes; i++)
		for (size_t d = 0; d < s->n_days; d++) {
			char date[WX_DAY_SIZE];

			page_day(p, d, date);
			wx_html(p->out,
				"<tr><th scope=\"row\">%s</th><td>%s</td>",
				s->node[i].id, date);
			row_cells(p->out, panel, &s->node[i].day[d],
				  usual_of(p, &s->node[i]));
			fputs("</tr>\n", p->out);
		}
	page_table_end(p);
}

void page_glance(struct page *p)
{
	static const char *const class[] = { "g g4", "g g3", "g g2",
					     "g g1", "g g0", "g none" };
	const struct wx_season *s = p->s;

	wx_html(p->out, "<section id=\"glance\"><h2>The season at a "
			"glance</h2>\n");
	if (!s->n_nodes || !s->n_days)
		wx_html(p->out,
			"<p class=\"empty\">No node has windows of sound yet: "
			"run wx-pull, wx-listen and wx-align.</p>");
	for (size_t i = 0; i < WX_COUNT(panels) && s->n_nodes && s->n_days;
	     i++) {
		struct wx_chart c;
		const char *name[6];

		for (int k = 0; k < 5; k++)
			name[k] = panels[i].key[4 - k];
		name[5] = "nothing came";
		wx_chart_begin(&c, p->out, panels[i].id, panels[i].title,
			       panels[i].desc, left_of(p),
			       (double)s->n_nodes * ROW, true);
		c.days = true;
		c.width = fmin(c.width, (double)s->n_days * DAY_MAX);
		c.x0 = (double)s->first_day * WX_S_PER_DAY;
		c.x1 = c.x0 + (double)s->n_days * WX_S_PER_DAY;
		cells(p, &c, i);
		wx_chart_time_axis(&c, &p->time);
		wx_chart_svg_end(&c);
		wx_chart_key(p->out, name, class, 6);
		table(p, i);
		wx_chart_end(&c);
	}
	wx_html(p->out, "</section>\n");
}
