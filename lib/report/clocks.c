/* SPDX-License-Identifier: MIT */
/* lib/report/clocks.c: how far the anchors of each clock lie off its line. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "dataset/lineup.h"
#include "report/page.h"

/* A vaguer anchor, such as a clock set by hand, does not set the scale. */
#define CLOSE_S 0.5

/* An anchor of any node, small enough to hold a season's. */
struct point {
	double t_s, resid_s, sigma_s;
	bool used, exchange;
};

struct points {
	struct point *v;
	size_t n;
	double most_s; /* largest residual of those that are close */
	size_t n_used;
	double mean_square;
};

static void take(const struct wx_anchors *list, struct points *out)
{
	out->v = calloc(list->n + 1, sizeof(*out->v));
	for (size_t i = 0; out->v && i < list->n; i++) {
		const struct wx_anchor *a = &list->anchor[i];

		if (isnan(a->resid_s))
			continue;
		out->v[out->n++] =
			(struct point){ (double)a->utc_us / 1e6, a->resid_s,
					a->sigma_s, a->used,
					a->kind == WX_ANCHOR_EXCHANGE };
		if (!a->used)
			continue;
		out->n_used++;
		out->mean_square += a->resid_s * a->resid_s;
		if (a->sigma_s <= CLOSE_S)
			out->most_s = fmax(out->most_s, fabs(a->resid_s));
	}
	if (out->n_used)
		out->mean_square /= (double)out->n_used;
}

static int read_points(const struct page *p, const char *node,
		       struct points *out, struct wx_error *err)
{
	struct wx_lineup *l = NULL;
	char *path = wx_archive_path(p->a, "raw/%s/index.jsl", node);
	struct wx_error why = { 0 };
	int rc = path ? WX_OK : wx_fail_nomem(err);

	*out = (struct points){ .n = 0 };
	if (rc == WX_OK && access(path, F_OK) == 0) {
		rc = wx_lineup_new(p->a, node, p->o->now, NULL, &l, &why);
		if (rc == WX_OK)
			take(&wx_lineup_timeline(l)->anchors, out);
		else
			wx_warn(p->log, "%s", why.text);
		rc = rc == WX_ERR_NOMEM ? wx_fail_nomem(err) : WX_OK;
	}
	wx_lineup_free(l);
	free(path);
	return rc;
}

/* Anchors that no line was drawn through lie beyond the edge, at it. */
static void dots(const struct wx_chart *c, const struct points *v)
{
	for (int used = 0; used < 2; used++) {
		fputs(used ? "<path class=\"line dot c0\" d=\""
			   : "<path class=\"line dot c3\" d=\"",
		      c->out);
		for (size_t i = 0; i < v->n; i++) {
			double x = wx_chart_x(c, v->v[i].t_s);

			if (v->v[i].used == used && x >= c->left &&
			    x <= c->left + c->width)
				wx_html(c->out, "M%.1f %.1fh0", x,
					wx_chart_y(c, 1e3 * v->v[i].resid_s));
		}
		fputs("\"/>\n", c->out);
	}
}

static void node_chart(struct page *p, size_t i, const struct points *v)
{
	static const char *const name[] = { "used by the fit", "put aside" };
	static const char *const class[] = { "f0", "f3" };
	static const char *const head[] = { "anchors used", "put aside",
					    "root mean square, ms",
					    "largest within 0.5 s, ms" };
	struct wx_chart c;
	char id[32], title[160];
	double step = wx_chart_step(fmax(v->most_s * 1e3, 1) * 1.1 / 2);

	snprintf(id, sizeof(id), "clock-%zu", i);
	snprintf(title, sizeof(title), "Clock of node %s", p->s->node[i].id);
	wx_chart_begin(&c, p->out, id, title,
		       "Residuals of its anchors, milliseconds; what lies "
		       "beyond the edge is drawn at it.",
		       62, 110, true);
	c.x0 = (double)p->s->first_day * WX_S_PER_DAY;
	c.x1 = c.x0 + (double)p->s->n_days * WX_S_PER_DAY;
	c.y0 = -2 * step;
	c.y1 = 2 * step;
	wx_chart_y_axis(&c, "ms", 4);
	dots(&c, v);
	wx_chart_time_axis(&c, &p->time);
	wx_chart_svg_end(&c);
	wx_chart_key(p->out, name, class, 2);
	page_table_begin(p, title, head, WX_COUNT(head));
	wx_html(p->out,
		"<tr><td>%zu</td><td>%zu</td><td>%.2f</td><td>%.2f</td></tr>\n",
		v->n_used, v->n - v->n_used, 1e3 * sqrt(v->mean_square),
		1e3 * v->most_s);
	page_table_end(p);
	wx_chart_end(&c);
}

int page_clocks(struct page *p, struct wx_error *err)
{
	bool any = false;
	int rc = WX_OK;

	wx_html(p->out, "<section id=\"clocks\"><h2>Clocks</h2>\n");
	wx_html(p->out,
		"<p>An anchor is where both a node's clock and UTC are known: "
		"an exchange with the host, a sync, a GPS fix. Its residual is "
		"its UTC minus what the fitted line says; a line that is right "
		"leaves them scattered about 0.</p>\n");
	for (size_t i = 0; i < p->s->n_nodes && p->s->n_days && rc == WX_OK;
	     i++) {
		struct points v;

		rc = read_points(p, p->s->node[i].id, &v, err);
		if (rc == WX_OK && v.n) {
			any = true;
			node_chart(p, i, &v);
		}
		free(v.v);
	}
	if (rc == WX_OK && !any)
		wx_html(p->out,
			"<p class=\"empty\">No node's clock has an anchor: "
			"their windows are dated by what recorders wrote, or "
			"not at all.</p>");
	wx_html(p->out, "</section>\n");
	return rc;
}
