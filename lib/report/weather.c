/* SPDX-License-Identifier: MIT */
/* lib/report/weather.c: rain and wind over time, and how sure the labels are. */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "report/page.h"

struct series {
	double *x, *y, *y2;
	size_t n;
};

static int series_new(const struct page *p, struct series *v)
{
	const struct wx_season *s = p->s;
	double *room = calloc(3 * s->n_bins + 1, sizeof(*room));

	v->n = s->n_bins;
	v->x = room;
	v->y = room ? room + s->n_bins : NULL;
	v->y2 = room ? room + 2 * s->n_bins : NULL;
	for (size_t i = 0; room && i < s->n_bins; i++)
		v->x[i] = (double)s->first_day * WX_S_PER_DAY +
			  ((double)i + 0.5) * s->bin_s;
	return room != NULL;
}

static void set_time(const struct page *p, struct wx_chart *c)
{
	c->x0 = (double)p->s->first_day * WX_S_PER_DAY;
	c->x1 = c->x0 + (double)p->s->n_days * WX_S_PER_DAY;
}

/* A stripe for each class, its name at the right, behind everything. */
static void class_bands(const struct wx_chart *c, const struct wx_classes *k)
{
	for (int i = 0; i < k->n; i++) {
		double low = i ? k->limit[i - 1] : c->y0;
		double high = i < k->n - 1 ? k->limit[i] : c->y1;
		double top = wx_chart_y(c, fmin(high, c->y1));
		double end = wx_chart_y(c, fmax(low, c->y0));
		char class[] = "band b0";

		if (end - top < 0.5)
			continue;
		class[6] = (char)('0' + i % 6);
		wx_chart_rect(c, c->left, top, c->width, end - top, class);
		if (end - top > 11)
			wx_chart_label(c, c->left + 4, fmin(top + 18, end - 3),
				       "bandname", k->name[i]);
	}
}

/* The class that most windows of a bin have, -1: none has one. */
static int most_of(const uint32_t *n, const struct wx_classes *k)
{
	int most = -1;

	for (int i = 0; i < k->n; i++)
		if (n[i] && (most < 0 || n[i] > n[most]))
			most = i;
	return most;
}

/*
 * The labels, as a strip along the plot's upper edge: the class of most windows,
 * pale where less than half of them are sure enough to train on.
 */
static void strip(const struct wx_chart *c, const struct page *p, bool rain)
{
	const struct wx_season *s = p->s;
	const struct wx_classes *k =
		rain ? &s->profile->rain : &s->profile->wind;
	double w = c->width / (double)s->n_bins;
	int last = -1;
	size_t from = 0;

	for (size_t i = 0; i <= s->n_bins; i++) {
		const struct wx_season_bin *b = &s->bin[i];
		int now = -1;
		char class[] = "s0 pale";

		if (i < s->n_bins)
			now = most_of(rain ? b->rain_class : b->wind_class, k);
		if (now >= 0)
			now = 2 * now +
			      ((rain ? b->n_rain_kept : b->n_wind_kept) * 2 >=
			       b->n_windows);
		if (now == last && i < s->n_bins)
			continue;
		if (last >= 0) {
			class[1] = (char)('0' + last / 2 % 6);
			class[2] = last % 2 ? '\0' : ' ';
			wx_chart_rect(c, c->left + (double)from * w, c->top,
				      (double)(i - from) * w, 7, class);
		}
		last = now;
		from = i;
	}
}

/* The key of a chart: its lines, then the classes of its strip. */
static void key(const struct page *p, const struct wx_classes *k,
		const char *const *line, const char *const *line_class)
{
	static const char *const strip_class[] = { "s0", "s1", "s2",
						   "s3", "s4", "s5" };
	const char *name[2 + WX_MAX_CLASSES], *class[2 + WX_MAX_CLASSES];
	char text[WX_MAX_CLASSES][WX_CLASS_NAME_SIZE + 8];
	size_t n = 2;

	for (size_t i = 0; i < 2; i++) {
		name[i] = line[i];
		class[i] = line_class[i];
	}
	for (int i = 0; i < k->n && p->s->n_windows; i++, n++) {
		snprintf(text[i], sizeof(text[i]), "label %s", k->name[i]);
		name[n] = text[i];
		class[n] = strip_class[i % 6];
	}
	wx_chart_key(p->out, name, class, n);
}

/* Amounts of a day, summed over its bins. */
struct day_sum {
	double rain_mm, tips, peak_mm_h, wind_sum, wind_n, gust, rain_p, n_rain,
		wind_p, n_wind;
	uint64_t n_windows, rain_kept, wind_kept;
};

static struct day_sum sum_day(const struct wx_season *s, size_t day)
{
	size_t per_day = (size_t)(86400 / s->bin_s);
	struct day_sum v = { .gust = NAN };

	for (size_t i = day * per_day; i < (day + 1) * per_day; i++) {
		const struct wx_season_bin *b = &s->bin[i];

		v.rain_mm += (double)b->rain_mm;
		v.tips += (double)b->tips;
		v.peak_mm_h =
			fmax(v.peak_mm_h, (double)b->rain_mm * 3600 / s->bin_s);
		v.wind_sum += (double)b->wind_sum;
		v.wind_n += (double)b->wind_n;
		v.gust = fmax(v.gust, (double)b->gust_m_s);
		v.rain_p += (double)b->rain_p_sum;
		v.n_rain += (double)b->rain_p_n;
		v.wind_p += (double)b->wind_p_sum;
		v.n_wind += (double)b->wind_p_n;
		v.n_windows += b->n_windows;
		v.rain_kept += b->n_rain_kept;
		v.wind_kept += b->n_wind_kept;
	}
	return v;
}

static void cell(const struct page *p, double v, int decimals)
{
	char text[WX_NUM_SIZE];

	wx_f64_format(v, decimals, text);
	wx_html(p->out, "<td>%s</td>", text);
}

enum which { RAIN, WIND, SURE };

static void day_table(const struct page *p, const char *caption,
		      const char *const *head, size_t n, enum which which)
{
	page_table_begin(p, caption, head, n);
	for (size_t d = 0; d < p->s->n_days; d++) {
		struct day_sum v = sum_day(p->s, d);
		char date[WX_DAY_SIZE];

		page_day(p, d, date);
		wx_html(p->out, "<tr><th scope=\"row\">%s</th>", date);
		if (which == RAIN) {
			cell(p, v.rain_mm, 1);
			cell(p, v.tips, 0);
			cell(p, v.peak_mm_h, 1);
		} else if (which == WIND) {
			cell(p, v.wind_n > 0 ? v.wind_sum / v.wind_n : NAN, 1);
			cell(p, v.gust, 1);
		} else {
			double all = (double)v.n_windows;

			cell(p, all, 0);
			cell(p, v.n_rain > 0 ? v.rain_p / v.n_rain : NAN, 2);
			cell(p, all > 0 ? 100 * (double)v.rain_kept / all : NAN,
			     0);
			cell(p, v.n_wind > 0 ? v.wind_p / v.n_wind : NAN, 2);
			cell(p, all > 0 ? 100 * (double)v.wind_kept / all : NAN,
			     0);
		}
		fputs("</tr>\n", p->out);
	}
	page_table_end(p);
}

/* Ticks of the gauge: a rug of one stroke for each bin with tips. */
static void rug(const struct wx_chart *c, const struct page *p,
		const struct series *v)
{
	fputs("<path class=\"rug\" d=\"", c->out);
	for (size_t i = 0; i < v->n; i++)
		if (p->s->bin[i].tips > 0)
			wx_html(c->out, "M%.1f %.1fv-7", wx_chart_x(c, v->x[i]),
				c->top + c->height);
	fputs("\"/>\n", c->out);
}

static void rain(struct page *p, const struct series *v)
{
	static const char *const head[] = { "day, UTC", "rain, mm", "tips",
					    "highest rate, mm/h" };
	static const char *const name[] = { "rain rate", "tips of the bucket" };
	static const char *const class[] = { "f0", "fr" };
	struct wx_chart c;
	char desc[320];
	double most = 1;

	for (size_t i = 0; i < v->n; i++) {
		const struct wx_season_bin *b = &p->s->bin[i];

		v->y[i] = b->rate_n > 0 ? (double)(b->rate_sum / b->rate_n)
			  : p->s->n_windows
				  ? NAN
				  : (double)b->rain_mm * 3600 / p->s->bin_s;
		most = fmax(most, v->y[i]);
		if (v->y[i] < 0.02)
			v->y[i] = 0.02;
	}
	snprintf(
		desc, sizeof(desc),
		"The rate that the labels rest on, mean over %g minutes, mm/h, "
		"on a logarithmic scale from 0.02 (less is drawn there); the "
		"stripes are the classes of profile %s, the strip above is "
		"what "
		"most windows are labelled, pale where they are not kept.",
		p->s->bin_s / 60, p->s->profile->name);
	wx_chart_begin(&c, p->out, "rain", "Rain", desc, 62, 190, true);
	set_time(p, &c);
	c.log_y = true;
	c.y0 = 0.02;
	c.y1 = pow(10, ceil(log10(most * 1.2)));
	class_bands(&c, &p->s->profile->rain);
	wx_chart_y_axis(&c, "mm/h", 4);
	rug(&c, p, v);
	strip(&c, p, true);
	wx_chart_line(&c, v->x, v->y, v->n, "line c0");
	wx_chart_time_axis(&c, &p->time);
	wx_chart_svg_end(&c);
	key(p, &p->s->profile->rain, name, class);
	day_table(p, "Rain by day", head, WX_COUNT(head), RAIN);
	wx_chart_end(&c);
}

static void wind(struct page *p, const struct series *v)
{
	static const char *const head[] = { "day, UTC", "mean wind, m/s",
					    "highest gust, m/s" };
	static const char *const name[] = { "mean wind", "gusts" };
	static const char *const class[] = { "f1", "f2" };
	struct wx_chart c;
	char desc[320];
	double most = 4;

	for (size_t i = 0; i < v->n; i++) {
		const struct wx_season_bin *b = &p->s->bin[i];

		v->y[i] =
			b->wind_n > 0 ? (double)(b->wind_sum / b->wind_n) : NAN;
		v->y2[i] = (double)b->gust_m_s;
		most = fmax(most, fmax(v->y[i], v->y2[i]));
	}
	snprintf(desc, sizeof(desc),
		 "Mean and highest speed over %g minutes, m/s; the stripes are "
		 "the classes of profile %s, the strip above the labels.",
		 p->s->bin_s / 60, p->s->profile->name);
	wx_chart_begin(&c, p->out, "wind", "Wind", desc, 62, 170, true);
	set_time(p, &c);
	c.y1 = most * 1.05;
	class_bands(&c, &p->s->profile->wind);
	wx_chart_y_axis(&c, "m/s", 5);
	strip(&c, p, false);
	wx_chart_line(&c, v->x, v->y2, v->n, "line thin c2");
	wx_chart_line(&c, v->x, v->y, v->n, "line c1");
	wx_chart_time_axis(&c, &p->time);
	wx_chart_svg_end(&c);
	key(p, &p->s->profile->wind, name, class);
	day_table(p, "Wind by day", head, WX_COUNT(head), WIND);
	wx_chart_end(&c);
}

void page_weather(struct page *p)
{
	struct series v;

	wx_html(p->out, "<section id=\"weather\"><h2>Rain and wind</h2>\n");
	if (!p->s->n_obs || !p->s->n_days)
		wx_html(p->out,
			"<p class=\"empty\">No station has told of rain or "
			"wind: run wx-station.</p>");
	else if (series_new(p, &v)) {
		rain(p, &v);
		wind(p, &v);
		free(v.x);
	}
	wx_html(p->out, "</section>\n");
}

/* Rain's line (y) and wind's (y2), and the table of both behind them. */
static void end_both(struct page *p, const struct series *v, struct wx_chart *c,
		     const char *table)
{
	static const char *const head[] = { "day, UTC",
					    "windows",
					    "rain: mean probability",
					    "rain: kept, %",
					    "wind: mean probability",
					    "wind: kept, %" };
	static const char *const name[] = { "rain", "wind" };
	static const char *const class[] = { "f0", "f1" };

	wx_chart_line(c, v->x, v->y2, v->n, "line thin c1");
	wx_chart_line(c, v->x, v->y, v->n, "line c0");
	wx_chart_time_axis(c, &p->time);
	wx_chart_svg_end(c);
	wx_chart_key(p->out, name, class, 2);
	day_table(p, table, head, WX_COUNT(head), SURE);
	wx_chart_end(c);
}

static void confidence(struct page *p, const struct series *v)
{
	struct wx_chart c;
	char desc[320];

	for (size_t i = 0; i < v->n; i++) {
		const struct wx_season_bin *b = &p->s->bin[i];

		v->y[i] = b->rain_p_n > 0
				  ? (double)(b->rain_p_sum / b->rain_p_n)
				  : NAN;
		v->y2[i] = b->wind_p_n > 0
				   ? (double)(b->wind_p_sum / b->wind_p_n)
				   : NAN;
	}
	snprintf(desc, sizeof(desc),
		 "Mean probability of the labels given, all nodes, over %g "
		 "minutes. A gap: no window there has a label.",
		 p->s->bin_s / 60);
	wx_chart_begin(&c, p->out, "confidence", "How sure the labels are",
		       desc, 62, 150, true);
	set_time(p, &c);
	c.y1 = 1;
	wx_chart_y_axis(&c, "probability", 5);
	end_both(p, v, &c, "Labels by day");
}

/* Of the windows of each stretch, the share that is good to train on. */
static void coverage(struct page *p, const struct series *v)
{
	struct wx_chart c;

	for (size_t i = 0; i < v->n; i++) {
		const struct wx_season_bin *b = &p->s->bin[i];

		v->y[i] = b->n_windows ? 100.0 * b->n_rain_kept / b->n_windows
				       : NAN;
		v->y2[i] = b->n_windows ? 100.0 * b->n_wind_kept / b->n_windows
					: NAN;
	}
	wx_chart_begin(&c, p->out, "coverage", "Coverage",
		       "Share of all windows whose label is sure enough to "
		       "train on, per cent. A gap: no sound.",
		       62, 120, true);
	set_time(p, &c);
	c.y1 = 100;
	wx_chart_y_axis(&c, "%", 4);
	end_both(p, v, &c, "Coverage by day");
}

void page_labels(struct page *p)
{
	struct series v;

	wx_html(p->out, "<section id=\"labels\"><h2>Labels</h2>\n");
	if (!p->s->n_windows)
		wx_html(p->out, "<p class=\"empty\">No window is labelled: run "
				"wx-label.</p>");
	else if (series_new(p, &v)) {
		confidence(p, &v);
		coverage(p, &v);
		free(v.x);
	}
	wx_html(p->out, "</section>\n");
}
