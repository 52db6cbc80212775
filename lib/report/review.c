/* SPDX-License-Identifier: MIT */
/*
 * lib/report/review.c: the windows to listen to, each with its picture, its
 * sound if wanted, the station's evidence, and a button for each answer. What
 * is answered becomes a table that wx-label reads; page.js does that.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "dataset/why.h"
#include "report/clip.h"
#include "report/page.h"

/* Keys that a hand finds: 1 to 9. */
enum { MAX_KEYS = 9 };

static void button(const struct page *p, const char *slot, const char *value,
		   int key, const char *text)
{
	wx_html(p->out,
		"<button type=\"button\" data-slot=\"%s\" data-value=\"%s\"",
		slot, value);
	if (key > 0 && key <= MAX_KEYS)
		wx_html(p->out, " data-key=\"%d\"><kbd>%d</kbd> ", key, key);
	else
		fputs(">", p->out);
	wx_html(p->out, "%s</button>", text);
}

static void buttons(const struct page *p)
{
	const struct wx_profile *f = p->o->profile;
	bool rain = strcmp(p->a->site->target, "wind") != 0;
	bool wind = strcmp(p->a->site->target, "rain") != 0;
	int key = 0;

	fputs("<div class=\"answers\" role=\"group\" aria-label=\"What do you "
	      "hear?\">",
	      p->out);
	for (int i = 0; rain && i < f->rain.n; i++)
		button(p, "rain", f->rain.name[i], ++key, f->rain.name[i]);
	for (int i = 0; wind && i < f->wind.n; i++)
		button(p, "wind", f->wind.name[i], ++key, f->wind.name[i]);
	fputs("<button type=\"button\" data-slot=\"unknown\" data-value=\"1\" "
	      "data-key=\"u\"><kbd>u</kbd> unsure</button>"
	      "<button type=\"button\" data-slot=\"speech\" data-value=\"1\" "
	      "data-key=\"s\"><kbd>s</kbd> speech</button></div>\n",
	      p->out);
}

static int picture(const struct page *p, const struct wx_pick *k,
		   const struct wx_clip *clip, struct wx_error *err)
{
	int rc;

	wx_html(p->out,
		"<div class=\"spectrum\"><span class=\"hz top\">%.1f kHz</span>"
		"<span class=\"hz bottom\">0</span><img width=\"%u\" "
		"height=\"%u\" alt=\"Spectrogram of %s from %.1f s, %.1f s "
		"long: 0 to %.0f Hz, %.0f dB (dark) to %.0f dB (bright) re "
		"full scale\" src=\"",
		clip->top_hz / 1000, clip->width, clip->height, k->capture,
		k->offset_s, clip->length_s, clip->top_hz, clip->floor_db,
		clip->ceil_db);
	rc = wx_html_data(p->out, "image/png", clip->png, clip->n_png, err);
	wx_html(p->out,
		"\"><span class=\"secs\"><span>0 s</span><span>%.0f to %.0f "
		"dBFS</span><span>%.1f s</span></span></div>\n",
		clip->floor_db, clip->ceil_db, clip->length_s);
	if (rc == WX_OK && p->o->audio && k->voice) {
		fputs("<p class=\"desc\">Somebody may speak here: its sound is "
		      "not in this page, which may be passed on.</p>\n",
		      p->out);
	} else if (rc == WX_OK && p->o->audio) {
		fputs("<audio controls preload=\"none\" src=\"", p->out);
		rc = wx_html_data(p->out, "audio/wav", clip->wav, clip->n_wav,
				  err);
		fputs("\"></audio>\n", p->out);
	}
	return rc;
}

/* What wx-label --why says, folded away. */
static void evidence(const struct page *p, const struct wx_pick *k)
{
	char *window =
		wx_strf("%s@%.3f", k->capture, k->offset_s + k->length_s / 2);
	char *text = NULL;
	size_t n = 0;
	FILE *out = NULL;
	json_t *why = NULL;
	struct wx_error bad = { 0 };

	if (window && wx_why(p->a, p->o->profile, p->o->track_read, window,
			     NULL, &why, &bad) == WX_OK)
		out = open_memstream(&text, &n);
	if (out)
		wx_why_write(why, out);
	if (out && fclose(out) == 0)
		wx_html(p->out,
			"<details class=\"why\"><summary>What the station says"
			"</summary><pre>%s</pre></details>\n",
			text);
	else if (bad.code)
		wx_html(p->out, "<p class=\"desc\">%s</p>\n", bad.text);
	json_decref(why);
	free(text);
	free(window);
}

static void heading(const struct page *p, const struct wx_pick *k, int i)
{
	char utc[WX_TIME_SIZE];

	wx_time_format(k->start, 0, utc);
	wx_html(p->out, "<h3 id=\"clip-%d\">%d of %d: node %s, <time>%s</time>",
		i + 1, i + 1, p->n_picks, k->node, utc);
	if (p->time.known) {
		int offset_s = wx_site_time_offset(&p->time, k->start);
		struct wx_civil v = wx_time_to_civil(k->start, offset_s);

		wx_html(p->out,
			" <span class=\"site\">(%02d:%02d site time)"
			"</span>",
			v.hour, v.minute);
	}
	wx_html(p->out,
		"</h3><p class=\"desc\">%s from %.1f s, %.1f s long</p>\n",
		k->capture, k->offset_s, k->length_s);
}

static int clip(struct page *p, int i, const char *row, struct wx_error *err)
{
	struct wx_pick k = wx_picker_get(p->picker, i);
	char *path = wx_name_check(k.capture, NULL) == WX_OK
			     ? wx_archive_path(p->a, "%s", k.capture)
			     : NULL;
	struct wx_clip c = { .length_s = 0 };
	struct wx_error why = { 0 };
	int rc = WX_OK;

	wx_html(p->out,
		"<article class=\"clip\" tabindex=\"0\" data-row=\"%s\" "
		"data-capture=\"%s\" aria-labelledby=\"clip-%d\">\n",
		row, k.capture, i + 1);
	heading(p, &k, i);
	if (!path)
		wx_fail(&why, WX_ERR_FORMAT, "not the name of a capture");
	else
		wx_clip_read(path, k.offset_s, k.length_s, &c, &why);
	if (why.code == WX_OK)
		rc = picture(p, &k, &c, err);
	else
		wx_html(p->out,
			"<p class=\"empty\">Its sound cannot be read: "
			"%s</p>\n",
			why.text);
	buttons(p);
	fputs("<p class=\"answer\" aria-live=\"polite\"></p>\n", p->out);
	evidence(p, &k);
	fputs("</article>\n", p->out);
	wx_clip_fini(&c);
	free(path);
	return rc;
}

/* Each row of the table, up to where the answer goes: behind its last tab. */
static int clips(struct page *p, char *table, struct wx_error *err)
{
	char *save = NULL;
	char *line = strtok_r(table, "\n", &save);
	char stamp[WX_TIME_SIZE];
	int rc = WX_OK;

	wx_time_format(p->o->now, 0, stamp);
	for (char *c = stamp, *to = stamp; (*to = *c); c++)
		to += *c != '-' && *c != ':';
	wx_html(p->out,
		"<div id=\"review-list\" data-file=\"heard-%s-%s.txt\" "
		"data-head=\"%s\">\n",
		p->a->site->name, stamp, line ? line : "");
	for (int i = 0; i < p->n_picks && rc == WX_OK; i++) {
		char *tab;

		line = strtok_r(NULL, "\n", &save);
		tab = line ? strrchr(line, '\t') : NULL;
		if (!tab)
			break;
		tab[1] = '\0';
		rc = clip(p, i, line, err);
	}
	fputs("</div>\n", p->out);
	return rc;
}

static void instructions(const struct page *p)
{
	wx_html(p->out,
		"<p>These are the %d windows whose answer would teach most. "
		"Look%s, and answer by a key: a digit for the class, "
		"<kbd>u</kbd> where you cannot tell, <kbd>s</kbd> where "
		"somebody speaks (a second list then belongs at the end of "
		"<code>speech.txt</code>, which keeps the whole capture out of "
		"datasets), <kbd>j</kbd> "
		"and <kbd>k</kbd> for the next and the one before%s, "
		"<kbd>e</kbd> for what the station says (better read after "
		"than before), <kbd>Backspace</kbd> to take an answer back. "
		"Then save: the "
		"file belongs into <code>tracks/</code> of the archive, and "
		"the next run of <code>wx-label</code> takes it. What is not "
		"saved yet is kept over a reload of this page.</p>\n"
		"<noscript><p class=\"empty\">Without scripts nothing can be "
		"answered here: use <code>wx-label --review</code>.</p>"
		"</noscript>\n"
		"<p class=\"bar\"><button type=\"button\" id=\"save\">Save "
		"answers</button> <button type=\"button\" id=\"save-speech\" "
		"hidden>Save list of speech</button> <span "
		"id=\"review-status\" "
		"role=\"status\"></span></p>\n",
		p->n_picks, p->o->audio ? " and listen" : "",
		p->o->audio ? ", the space bar to play" : "");
	if (!p->o->audio)
		wx_html(p->out,
			"<p class=\"desc\">Their sound is not in this page: "
			"make it with <code>wx-report --audio</code> to "
			"listen here.</p>\n");
}

int page_review(struct page *p, struct wx_error *err)
{
	char *table = NULL;
	int rc = WX_OK;

	wx_html(p->out, "<section id=\"review\"><h2>Review by ear</h2>\n");
	if (!p->n_picks) {
		wx_html(p->out, "<p class=\"empty\">There is nothing to "
				"review: no window is labelled, or all of them "
				"were heard.</p>");
	} else {
		instructions(p);
		rc = wx_picker_table(p->picker, p->o->track_format, &table,
				     err);
		if (rc == WX_OK)
			rc = clips(p, table, err);
	}
	free(table);
	wx_html(p->out, "</section>\n");
	return rc;
}
