/* SPDX-License-Identifier: MIT */
/*
 * lib/report/chart.h: charts as inline SVG: axes, lines, bars, cells.
 *
 * Each is a figure with its caption, and an image with title and description
 * for who does not see it; the table behind it is the caller's, in a details
 * element before wx_chart_end. Lengths are those of a view of 960 wide, which
 * the page scales; colours are the classes c0 to c7 of the page's style.
 */
#ifndef WX_REPORT_CHART_H
#define WX_REPORT_CHART_H

#include <stdbool.h>
#include <stdio.h>

#include "base/time.h"
#include "base/zone.h"

/* What the site's clock on the wall shows beside UTC. */
struct wx_site_time {
	const struct wx_zone *zone; /* NULL: offset_s */
	bool known;
	int offset_s;
	char name[80]; /* "Europe/Zurich", "UTC+01:00" */
};
int wx_site_time_offset(const struct wx_site_time *t, struct wx_time utc);

struct wx_chart {
	FILE *out;
	const char *id;
	double left, top, width, height; /* of the plot in the view */
	double view_height;
	double x0, x1, y0, y1; /* values at the plot's edges */
	bool log_y;
	bool days; /* the time axis tells days, not instants */
};

enum { WX_CHART_WIDTH = 960 };

/*
 * Begin the figure. height is the plot's. id names it in the page; caption and
 * desc are texts. Set x0, x1, y0, y1 before anything is drawn.
 */
void wx_chart_begin(struct wx_chart *c, FILE *out, const char *id,
		    const char *title, const char *desc, double left,
		    double height, bool time_axis);
void wx_chart_svg_end(struct wx_chart *c); /* of the image */
void wx_chart_end(struct wx_chart *c);     /* of the figure */

double wx_chart_x(const struct wx_chart *c, double v);
double wx_chart_y(const struct wx_chart *c, double v); /* within the plot */

/* Ticks and grid of about n steps, and the unit. */
void wx_chart_y_axis(const struct wx_chart *c, const char *unit, int n);
/* x0 and x1 are Unix seconds: UTC below, the site's time under it. */
void wx_chart_time_axis(const struct wx_chart *c, const struct wx_site_time *t);
/* A round step at or above raw: 1, 2 or 5 times a power of ten. */
double wx_chart_step(double raw);

/*
 * A line through n points, x ascending; NAN breaks it. class: of the style,
 * "line c1".
 */
void wx_chart_line(const struct wx_chart *c, const double *x, const double *y,
		   size_t n, const char *class);
void wx_chart_rect(const struct wx_chart *c, double x, double y, double w,
		   double h, const char *class); /* of the view */
void wx_chart_label(const struct wx_chart *c, double x, double y,
		    const char *anchor, const char *text);
/* "swatch name" pairs in a row above the plot, the i-th of them. */
void wx_chart_key(FILE *out, const char *const *name, const char *const *class,
		  size_t n);

#endif
