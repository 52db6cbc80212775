/* SPDX-License-Identifier: MIT */
/* lib/report/chart.c: see chart.h. */
#include "report/chart.h"

#include <math.h>
#include <string.h>

#include "report/html.h"

enum { RIGHT = 22, TOP = 10 };

int wx_site_time_offset(const struct wx_site_time *t, struct wx_time utc)
{
	return t->zone ? wx_zone_offset(t->zone, utc) : t->offset_s;
}

void wx_chart_begin(struct wx_chart *c, FILE *out, const char *id,
		    const char *title, const char *desc, double left,
		    double height, bool time_axis)
{
	*c = (struct wx_chart){ .out = out,
				.id = id,
				.left = left,
				.top = TOP,
				.width = WX_CHART_WIDTH - left - RIGHT,
				.height = height };
	c->view_height = TOP + height + (time_axis ? 46 : 24);
	wx_html(out,
		"<figure id=\"%s\"><figcaption>%s</figcaption>"
		"<p class=\"desc\">%s</p><div class=\"wide\" tabindex=\"0\" "
		"role=\"group\" aria-label=\"%s, scrolls sideways\">\n"
		"<svg viewBox=\"0 0 %d %.0f\" role=\"img\" "
		"aria-labelledby=\"%s-t %s-d\"><title id=\"%s-t\">%s</title>"
		"<desc id=\"%s-d\">%s</desc>\n",
		id, title, desc, title, (int)WX_CHART_WIDTH, c->view_height, id,
		id, id, title, id, desc);
}

void wx_chart_svg_end(struct wx_chart *c)
{
	fputs("</svg></div>\n", c->out);
}

void wx_chart_end(struct wx_chart *c)
{
	fputs("</figure>\n", c->out);
}

double wx_chart_x(const struct wx_chart *c, double v)
{
	return c->left + (v - c->x0) / (c->x1 - c->x0) * c->width;
}

double wx_chart_y(const struct wx_chart *c, double v)
{
	double part = c->log_y ? (log(fmax(v, c->y0)) - log(c->y0)) /
					 (log(c->y1) - log(c->y0))
			       : (v - c->y0) / (c->y1 - c->y0);

	return c->top + c->height * (1 - fmin(fmax(part, 0), 1));
}

double wx_chart_step(double raw)
{
	double p = pow(10, floor(log10(raw))), f = raw / p;

	return p * (f <= 1.001 ? 1 : f <= 2.001 ? 2 : f <= 5.001 ? 5 : 10);
}

void wx_chart_label(const struct wx_chart *c, double x, double y,
		    const char *anchor, const char *text)
{
	wx_html(c->out, "<text x=\"%.1f\" y=\"%.1f\" class=\"%s\">%s</text>\n",
		x, y, anchor, text);
}

static void y_tick(const struct wx_chart *c, double v)
{
	double y = wx_chart_y(c, v);

	wx_html(c->out,
		"<path class=\"grid\" d=\"M%.1f %.1fh%.1f\"/>"
		"<text x=\"%.1f\" y=\"%.1f\" class=\"end\">%g</text>\n",
		c->left, y, c->width, c->left - 5, y + 4, v);
}

void wx_chart_y_axis(const struct wx_chart *c, const char *unit, int n)
{
	if (c->log_y) {
		for (double v = pow(10, ceil(log10(c->y0) - 1e-9));
		     v <= c->y1 * 1.001; v *= 10)
			y_tick(c, v);
	} else {
		double step = wx_chart_step((c->y1 - c->y0) / n);

		for (double v = ceil(c->y0 / step - 1e-9) * step;
		     v <= c->y1 + step * 1e-6; v += step)
			y_tick(c, fabs(v) < step * 1e-6 ? 0 : v);
	}
	wx_html(c->out,
		"<text class=\"unit\" transform=\"translate(12 %.1f) "
		"rotate(-90)\">%s</text>\n",
		c->top + c->height / 2, unit);
}

/* Seconds between ticks: round in hours or days, at most about 12. */
static double time_step(double span_s, bool days)
{
	static const double steps[] = { 600,    1800,    3600,   7200,   14400,
					21600,  43200,   86400,  172800, 432000,
					864000, 1209600, 2592000 };
	size_t i = 0;

	while (i + 1 < WX_COUNT(steps) &&
	       (span_s / steps[i] > 12 || (days && steps[i] < 86400)))
		i++;
	return steps[i];
}

/* "11-26" at midnight, else "06:00". */
static void time_text(struct wx_time t, int offset_s, bool days, char buf[16])
{
	struct wx_civil v = wx_time_to_civil(t, offset_s);

	if (days || (v.hour == 0 && v.minute == 0))
		snprintf(buf, 16, "%02d-%02d", (v.month % 100) & 0x7f,
			 (v.day % 100) & 0x7f);
	else
		snprintf(buf, 16, "%02d:%02d", (v.hour % 100) & 0x7f,
			 (v.minute % 100) & 0x7f);
}

void wx_chart_time_axis(const struct wx_chart *c, const struct wx_site_time *t)
{
	double step = time_step(c->x1 - c->x0, c->days);
	double y = c->top + c->height;

	for (double s = ceil(c->x0 / step) * step; s <= c->x1; s += step) {
		struct wx_time at = { (int64_t)s * WX_NS_PER_S };
		double x = wx_chart_x(c, s);
		char text[16];

		if (c->days && s + 86400 > c->x1)
			break; /* the end of the last day is no day */
		if (c->days)   /* its name stands below its middle */
			x = wx_chart_x(c, s + 43200);
		time_text(at, 0, step >= 86400, text);
		wx_html(c->out,
			"<path class=\"tick\" d=\"M%.1f %.1fv5\"/>"
			"<text x=\"%.1f\" y=\"%.1f\" class=\"mid\">%s</text>\n",
			x, y, x, y + 17, text);
		if (!t->known || step >= 86400)
			continue;
		time_text(at, wx_site_time_offset(t, at), false, text);
		wx_html(c->out,
			"<text x=\"%.1f\" y=\"%.1f\" class=\"mid "
			"site\">%s</text>\n",
			x, y + 31, text);
	}
	wx_html(c->out,
		"<path class=\"axis\" d=\"M%.1f %.1fh%.1f\"/>"
		"<text x=\"1\" y=\"%.1f\">UTC</text>\n",
		c->left, y, c->width, y + 17);
	if (t->known && step < 86400)
		wx_html(c->out,
			"<text x=\"1\" y=\"%.1f\" class=\"site\">site</text>\n",
			y + 31);
}

void wx_chart_line(const struct wx_chart *c, const double *x, const double *y,
		   size_t n, const char *class)
{
	bool down = false;

	wx_html(c->out, "<path class=\"%s\" d=\"", class);
	for (size_t i = 0; i < n; i++) {
		if (isnan(y[i])) {
			down = false;
			continue;
		}
		wx_html(c->out, "%c%.1f %.1f", down ? 'L' : 'M',
			wx_chart_x(c, x[i]), wx_chart_y(c, y[i]));
		/* A point alone is a dot: round caps draw it. */
		if (!down && (i + 1 == n || isnan(y[i + 1])))
			fputs("h0", c->out);
		down = true;
	}
	fputs("\"/>\n", c->out);
}

void wx_chart_rect(const struct wx_chart *c, double x, double y, double w,
		   double h, const char *class)
{
	wx_html(c->out,
		"<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
		"class=\"%s\"/>\n",
		x, y, w, h, class);
}

void wx_chart_key(FILE *out, const char *const *name, const char *const *class,
		  size_t n)
{
	fputs("<ul class=\"key\">", out);
	for (size_t i = 0; i < n; i++)
		wx_html(out,
			"<li><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\">"
			"<rect width=\"12\" height=\"12\" class=\"%s\"/></svg>"
			"%s</li>",
			class[i], name[i]);
	fputs("</ul>\n", out);
}
