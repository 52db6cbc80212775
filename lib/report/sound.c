/* SPDX-License-Identifier: MIT */
/* lib/report/sound.c: levels against rain and wind; classes, ear, losses. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "report/page.h"

enum { ROW = 30 };

/* ---- levels by class ---- */

static uint64_t seconds_of(const struct wx_season_class *c)
{
	uint64_t n = 0;

	for (size_t i = 0; i < WX_COUNT(c->level); i++)
		n += c->level[i];
	return n;
}

/* Whiskers at 5 and 95 %, a box from 25 to 75 %, a stroke at the median. */
static void box(const struct wx_chart *c, double y,
		const struct wx_season_class *k, int i)
{
	double x5 = wx_chart_x(c, wx_season_level(k, 0.05));
	double x25 = wx_chart_x(c, wx_season_level(k, 0.25));
	double x50 = wx_chart_x(c, wx_season_level(k, 0.5));
	double x75 = wx_chart_x(c, wx_season_level(k, 0.75));
	double x95 = wx_chart_x(c, wx_season_level(k, 0.95));
	char class[] = "box b0";

	class[5] = (char)('0' + i % 6);
	wx_html(c->out,
		"<path class=\"whisker\" d=\"M%.1f %.1fH%.1fM%.1f "
		"%.1fv8M%.1f %.1fv8\"/>\n",
		x5, y + ROW / 2.0, x95, x5, y + ROW / 2.0 - 4, x95,
		y + ROW / 2.0 - 4);
	wx_chart_rect(c, x25, y + 6, fmax(x75 - x25, 1), ROW - 12, class);
	wx_html(c->out, "<path class=\"median\" d=\"M%.1f %.1fv%d\"/>\n", x50,
		y + 4, ROW - 8);
}

static void levels(struct page *p, const char *id, const char *title,
		   const char *desc, const struct wx_classes *k,
		   const struct wx_season_class *class)
{
	static const char *const head[] = { "class",      "sound, s",
					    "5 %, dB",    "25 %, dB",
					    "median, dB", "75 %, dB",
					    "95 %, dB" };
	static const double q[] = { 0.05, 0.25, 0.5, 0.75, 0.95 };
	struct wx_chart c;

	wx_chart_begin(&c, p->out, id, title, desc, 120, k->n * (double)ROW,
		       false);
	c.x0 = -110;
	c.x1 = 0;
	for (int db = -110; db <= 0; db += 10) {
		double x = wx_chart_x(&c, db);

		wx_html(p->out,
			"<path class=\"grid\" d=\"M%.1f %.1fv%.1f\"/>"
			"<text x=\"%.1f\" y=\"%.1f\" class=\"mid\">%d</text>\n",
			x, c.top, c.height, x, c.top + c.height + 16, db);
	}
	for (int i = 0; i < k->n; i++) {
		wx_chart_label(&c, c.left - 8, c.top + i * ROW + 19, "end",
			       k->name[i]);
		if (seconds_of(&class[i]))
			box(&c, c.top + i * ROW, &class[i], i);
	}
	wx_chart_svg_end(&c);
	page_table_begin(p, title, head, WX_COUNT(head));
	for (int i = 0; i < k->n; i++) {
		wx_html(p->out, "<tr><th scope=\"row\">%s</th><td>%llu</td>",
			k->name[i], (long long)seconds_of(&class[i]));
		for (size_t m = 0; m < WX_COUNT(q); m++) {
			double db = wx_season_level(&class[i], q[m]);

			if (isnan(db))
				fputs("<td></td>", p->out);
			else
				wx_html(p->out, "<td>%.0f</td>", db);
		}
		fputs("</tr>\n", p->out);
	}
	page_table_end(p);
	wx_chart_end(&c);
}

void page_sound(struct page *p)
{
	wx_html(p->out, "<section id=\"sound\"><h2>Is the microphone telling "
			"us anything?</h2>\n");
	if (!p->s->n_level_s)
		wx_html(p->out, "<p class=\"empty\">No level of sound has a "
				"label beside it: run wx-listen, wx-align and "
				"wx-label.</p>");
	else {
		levels(p, "level-rain", "Sound by class of rain",
		       "Level from 600 to 1200 Hz, where drops are heard, dB "
		       "re "
		       "full scale, of each second: half of all within the "
		       "box, nine tenths within the whiskers. Boxes that lie "
		       "apart are what a model can learn.",
		       &p->s->profile->rain, p->s->rain);
		levels(p, "level-wind", "Sound by class of wind",
		       "Level from 20 to 60 Hz, where wind rumbles, dB re full "
		       "scale, of each second; boxes as above.",
		       &p->s->profile->wind, p->s->wind);
	}
	wx_html(p->out, "</section>\n");
}

/* ---- balance ---- */

static void bars(struct page *p, const char *id, const char *title,
		 const struct wx_classes *k, const struct wx_season_class *v)
{
	static const char *const head[] = { "class",  "windows",  "kept",
					    "by ear", "training", "testing" };
	static const char *const name[] = { "all windows",
					    "sure enough to train on" };
	static const char *const class[] = { "fg", "f0" };
	struct wx_chart c;
	uint64_t most = 1;

	for (int i = 0; i < k->n; i++)
		most = v[i].n_windows > most ? v[i].n_windows : most;
	wx_chart_begin(
		&c, p->out, id, title,
		"Windows of each class, and those of them that are kept.", 120,
		k->n * (double)ROW, false);
	c.x1 = (double)most;
	for (int i = 0; i < k->n; i++) {
		double y = c.top + i * ROW;
		char n[32];

		wx_chart_label(&c, c.left - 8, y + 19, "end", k->name[i]);
		wx_chart_rect(&c, c.left, y + 5,
			      0.85 * c.width * (double)v[i].n_windows / c.x1,
			      ROW - 10, "fg");
		wx_chart_rect(&c, c.left, y + 8,
			      0.85 * c.width * (double)v[i].n_kept / c.x1,
			      ROW - 16, "f0");
		wx_chart_label(&c,
			       c.left + 8 +
				       0.85 * c.width * (double)v[i].n_windows /
					       c.x1,
			       y + 19, "start", page_count(v[i].n_windows, n));
	}
	wx_chart_svg_end(&c);
	wx_chart_key(p->out, name, class, 2);
	page_table_begin(p, title, head, WX_COUNT(head));
	for (int i = 0; i < k->n; i++)
		wx_html(p->out,
			"<tr><th scope=\"row\">%s</th><td>%llu</td><td>%llu"
			"</td><td>%llu</td><td>%llu</td><td>%llu</td></tr>\n",
			k->name[i], (long long)v[i].n_windows,
			(long long)v[i].n_kept, (long long)v[i].n_heard,
			(long long)v[i].n_samples[0],
			(long long)v[i].n_samples[1]);
	page_table_end(p);
	wx_chart_end(&c);
}

/* What a person said, by what the station said of the same windows. */
static void confusion(struct page *p, const char *what,
		      const struct wx_classes *k,
		      const struct wx_season_class *v)
{
	uint64_t all = 0, same = 0;

	for (int e = 0; e < k->n; e++)
		for (int i = 0; i < k->n; i++) {
			all += v[e].ear[i];
			same += e == i ? v[e].ear[i] : 0;
		}
	if (!all)
		return;
	wx_html(p->out,
		"<table class=\"confusion\"><caption>%s: ear against station, "
		"%llu windows, %.1f %% alike</caption><thead><tr><th "
		"scope=\"col\">by ear</th>",
		what, (long long)all, 100 * (double)same / (double)all);
	for (int i = 0; i < k->n; i++)
		wx_html(p->out, "<th scope=\"col\">station: %s</th>",
			k->name[i]);
	fputs("</tr></thead><tbody>\n", p->out);
	for (int e = 0; e < k->n; e++) {
		wx_html(p->out, "<tr><th scope=\"row\">%s</th>", k->name[e]);
		for (int i = 0; i < k->n; i++)
			wx_html(p->out,
				e == i ? "<td class=\"same\">%llu</td>"
				       : "<td>%llu</td>",
				(long long)v[e].ear[i]);
		fputs("</tr>\n", p->out);
	}
	fputs("</tbody></table>\n", p->out);
}

void page_balance(struct page *p)
{
	const struct wx_season *s = p->s;
	uint64_t heard = 0;

	for (int i = 0; i < WX_MAX_CLASSES; i++)
		heard += s->rain[i].n_heard + s->wind[i].n_heard;
	wx_html(p->out, "<section id=\"balance\"><h2>Classes</h2>\n");
	if (!s->n_windows) {
		wx_html(p->out,
			"<p class=\"empty\">No window is labelled.</p>");
	} else {
		bars(p, "balance-rain", "Classes of rain", &s->profile->rain,
		     s->rain);
		bars(p, "balance-wind", "Classes of wind", &s->profile->wind,
		     s->wind);
		if (heard) {
			confusion(p, "Rain", &s->profile->rain, s->rain);
			confusion(p, "Wind", &s->profile->wind, s->wind);
		} else {
			wx_html(p->out,
				"<p>Nobody has labelled a window by ear yet: "
				"the review below is where to begin.</p>");
		}
	}
	wx_html(p->out, "</section>\n");
}

/* ---- what was dropped ---- */

static void row(const struct page *p, const char *what, uint64_t n,
		const char *todo)
{
	char text[32];

	if (n)
		wx_html(p->out,
			"<tr><th scope=\"row\">%s</th><td>%s</td>"
			"<td class=\"text\">%s</td></tr>\n",
			what, page_count(n, text), todo);
}

static void flags(const struct page *p)
{
	static const char *const head[] = { "flag", "windows" };

	page_table_begin(p, "Flags of windows (wx-listen, wx-align, wx-label)",
			 head, 2);
	for (size_t i = 0; i < WX_SEASON_WORDS && p->s->word[i].n; i++) {
		char n[32];

		wx_html(p->out,
			"<tr><th scope=\"row\">%s</th><td>%s</td></tr>\n",
			p->s->word[i].text, page_count(p->s->word[i].n, n));
	}
	page_table_end(p);
}

void page_dropped(struct page *p)
{
	const struct wx_season *s = p->s;
	bool rain = strcmp(p->a->site->target, "wind") != 0;
	uint64_t unknown = rain ? s->n_rain_unknown : s->n_wind_unknown;
	uint64_t unsure = rain ? s->n_rain_unsure : s->n_wind_unsure;
	uint64_t gone = 0, quarantined = 0, undated = 0, kept = 0;

	for (size_t i = 0; i < s->n_nodes; i++) {
		gone += s->node[i].n_gone;
		quarantined += s->node[i].n_quarantined;
		undated += s->node[i].n_undated;
	}
	for (int i = 0; i < WX_MAX_CLASSES; i++)
		kept += rain ? s->rain[i].n_kept : s->wind[i].n_kept;
	if (!(s->n_windows + s->n_unlabelled + undated + gone + quarantined)) {
		wx_html(p->out, "<section id=\"dropped\"><h2>What was dropped, "
				"and why</h2>\n<p class=\"empty\">Nothing "
				"has come that could be dropped.</p>"
				"</section>\n");
		return;
	}
	wx_html(p->out,
		"<section id=\"dropped\"><h2>What was dropped, and why</h2>\n"
		"<table><caption>Of the captures and their windows, for a "
		"dataset of %s</caption><thead><tr><th scope=\"col\">reason"
		"</th><th scope=\"col\">number</th><th scope=\"col\" "
		"class=\"text\">what to "
		"do</th></tr></thead><tbody>\n",
		rain ? "rain" : "wind");
	row(p, "captures that a node lost before they came", gone,
	    "look after its card and battery; pull more often");
	row(p, "captures that came damaged and are kept aside", quarantined,
	    "look into .quarantine of the node");
	row(p, "windows without a time", undated,
	    "give the clock an anchor: clock_pairs in site.json");
	row(p, "windows that are not labelled", s->n_unlabelled,
	    "run wx-label");
	row(p, "windows of which no station tells", unknown,
	    "see the gaps of the station's record");
	row(p, "windows whose label is not sure enough", unsure,
	    "review them by ear, or choose a profile with limits that the "
	    "gauge can tell apart");
	row(p, "windows whose sound failed its checks", s->n_bad_sound,
	    "see the flags below; look after the microphone");
	if (s->has_dataset && kept > s->n_samples)
		row(p, "sure windows that are not in the dataset",
		    kept - s->n_samples,
		    "too close to the other side of the split, or bad sound; "
		    "else run wx-export");
	row(p, "windows in all", s->n_windows + s->n_unlabelled + undated, "");
	row(p, "samples in the dataset", s->n_samples, "");
	fputs("</tbody></table>\n", p->out);
	if (s->word[0].n)
		flags(p);
	wx_html(p->out, "</section>\n");
}
