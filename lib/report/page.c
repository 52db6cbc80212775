/* SPDX-License-Identifier: MIT */
/* lib/report/page.c: the page from head to foot; see report.h. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/base64.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"
#include "report/page.h"

enum { MAX_REMARKS = 60 };

/* What was told of while the page was made: it is shown at its end. */
struct remarks {
	char *text[MAX_REMARKS];
	size_t n, n_all;
	size_t n_root; /* length of the archive's path, which is left out */
	const char *root;
	struct wx_log *next;
};

static void remark(void *ctx, const char *text)
{
	struct remarks *r = ctx;
	char *copy;

	r->n_all++;
	if (r->next)
		wx_warn(r->next, "%s", text);
	if (!strncmp(text, r->root, r->n_root) && text[r->n_root] == '/')
		text += r->n_root + 1;
	if (r->n < MAX_REMARKS && (copy = strdup(text)))
		r->text[r->n++] = copy;
}

const char *page_count(uint64_t n, char buf[32])
{
	char digits[24];
	int len = snprintf(digits, sizeof(digits), "%" PRIu64, n);
	char *to = buf;

	for (int i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return buf;
}

void page_day(const struct page *p, size_t i, char buf[WX_DAY_SIZE])
{
	wx_day_format(p->s->first_day + (int64_t)i, buf);
}

void page_table_begin(const struct page *p, const char *caption,
		      const char *const *head, size_t n)
{
	wx_html(p->out,
		"<details class=\"table\"><summary>Table: %s</summary>"
		"<div class=\"scroll\" tabindex=\"0\" role=\"group\" "
		"aria-label=\"Table: %s\">"
		"<table><caption>%s</caption><thead><tr>",
		caption, caption, caption);
	for (size_t i = 0; i < n; i++)
		wx_html(p->out, "<th scope=\"col\">%s</th>", head[i]);
	fputs("</tr></thead><tbody>\n", p->out);
}

void page_table_end(const struct page *p)
{
	fputs("</tbody></table></div></details>\n", p->out);
}

/* The first station that tells its zone; else nothing is known. */
static void find_site_time(struct page *p)
{
	const struct wx_site *site = p->a->site;

	for (size_t i = 0; i < site->n_stations && !p->time.known; i++) {
		const struct wx_site_station *s = &site->stations[i];
		struct wx_zone *zone = NULL;
		int minutes = abs(s->offset_s) / 60;

		if (s->zone && wx_zone_read(s->zone, &zone, NULL) == WX_OK) {
			p->time.zone = zone;
			p->time.known = true;
			snprintf(p->time.name, sizeof(p->time.name), "%s",
				 s->zone);
		} else if (s->has_offset) {
			p->time.known = true;
			p->time.offset_s = s->offset_s;
			snprintf(p->time.name, sizeof(p->time.name),
				 "UTC%c%02d:%02d", s->offset_s < 0 ? '-' : '+',
				 minutes / 60, minutes % 60);
		}
	}
}

/* 'sha256-...' of an inline script or style, for the page's policy. */
static void policy_hash(FILE *out, const char *text)
{
	uint8_t digest[WX_SHA256_LEN];
	char base64[WX_BASE64_LEN(WX_SHA256_LEN) + 1];

	wx_sha256(text, strlen(text), digest);
	base64[wx_base64_put(digest, sizeof(digest), base64)] = '\0';
	fprintf(out, "'sha256-%s'", base64);
}

static void head(const struct page *p, const char *css, const char *js)
{
	FILE *out = p->out;

	fputs("<!doctype html>\n<html lang=\"en\"><head><meta "
	      "charset=\"utf-8\">\n<meta "
	      "http-equiv=\"Content-Security-Policy\" "
	      "content=\"default-src 'none'; script-src ",
	      out);
	policy_hash(out, js);
	fputs("; style-src ", out);
	policy_hash(out, css);
	fputs("; img-src data:; media-src data:; base-uri 'none'; form-action "
	      "'none'\">\n<meta name=\"viewport\" "
	      "content=\"width=device-width, "
	      "initial-scale=1\">\n<meta name=\"referrer\" "
	      "content=\"no-referrer\">\n<link rel=\"icon\" "
	      "href=\"data:,\">\n",
	      out);
	wx_html(out, "<title>%s: the season</title>\n<style>",
		p->a->site->name);
	fputs(css, out);
	fputs("</style></head><body>\n<a class=\"skip\" href=\"#main\">To the "
	      "charts</a>\n",
	      out);
}

static void tile(FILE *out, const char *what, const char *value)
{
	wx_html(out, "<div><dt>%s</dt><dd>%s</dd></div>", what, value);
}

static void tiles(const struct page *p)
{
	const struct wx_season *s = p->s;
	uint64_t captures = 0;
	double sound_s = 0;
	char text[64];

	for (size_t i = 0; i < s->n_nodes; i++) {
		captures += s->node[i].n_captures;
		sound_s += s->node[i].sound_s;
	}
	fputs("<dl class=\"tiles\">", p->out);
	tile(p->out, "nodes", page_count(s->n_nodes, text));
	tile(p->out, "days", page_count(s->n_days, text));
	tile(p->out, "captures", page_count(captures, text));
	snprintf(text, sizeof(text), "%.1f h", sound_s / 3600);
	tile(p->out, "sound", text);
	tile(p->out, "windows labelled", page_count(s->n_windows, text));
	tile(p->out, "samples in the dataset", page_count(s->n_samples, text));
	fputs("</dl>\n", p->out);
}

static void top(const struct page *p)
{
	const struct wx_season *s = p->s;
	char from[WX_DAY_SIZE], to[WX_DAY_SIZE], now[WX_TIME_SIZE];
	static const char *const nav[][2] = {
		{ "glance", "At a glance" }, { "weather", "Rain and wind" },
		{ "labels", "Labels" },      { "clocks", "Clocks" },
		{ "sound", "Sound" },        { "balance", "Classes" },
		{ "dropped", "Dropped" },    { "review", "Review" },
	};

	wx_html(p->out, "<header><h1>%s</h1>\n", p->a->site->name);
	wx_time_format(p->o->now, 0, now);
	if (s->n_days) {
		page_day(p, 0, from);
		page_day(p, s->n_days - 1, to);
		wx_html(p->out, "<p>%s to %s, days of UTC", from, to);
	} else {
		wx_html(p->out, "<p>Nothing has come yet");
	}
	if (p->time.known)
		wx_html(p->out, "; site time is %s", p->time.name);
	wx_html(p->out, ". Made by wxset " WX_VERSION " on %s.</p>\n", now);
	tiles(p);
	fputs("<nav aria-label=\"Sections\"><ul>", p->out);
	for (size_t i = 0; i < WX_COUNT(nav); i++)
		wx_html(p->out, "<li><a href=\"#%s\">%s</a></li>", nav[i][0],
			nav[i][1]);
	fputs("</ul></nav></header>\n<main id=\"main\">\n", p->out);
}

static void bottom(const struct page *p, const struct remarks *r,
		   const char *js)
{
	if (r->n_all) {
		wx_html(p->out,
			"<section id=\"remarks\"><h2>Remarks</h2><p>While this "
			"page was made, %zu things were found amiss%s:</p><ul>",
			r->n_all,
			r->n < r->n_all ? ", of which the first" : "");
		for (size_t i = 0; i < r->n; i++)
			wx_html(p->out, "<li><code>%s</code></li>\n",
				r->text[i]);
		fputs("</ul></section>\n", p->out);
	}
	fputs("</main>\n<script>", p->out);
	fputs(js, p->out);
	fputs("</script></body></html>\n", p->out);
}

static int sections(struct page *p, struct wx_error *err)
{
	int rc;

	page_glance(p);
	page_weather(p);
	page_labels(p);
	rc = page_clocks(p, err);
	if (rc != WX_OK)
		return rc;
	page_sound(p);
	page_balance(p);
	page_dropped(p);
	return page_review(p, err);
}

static int stop_or_pick(void *ctx, const struct wx_window *w,
			const struct wx_label *l, struct wx_error *err)
{
	struct page *p = ctx;

	if (p->o->stopped && p->o->stopped())
		return wx_fail(err, WX_ERR_IO, "stopped; no page was made");
	return p->picker ? wx_picker_add(p->picker, w, l, err) : WX_OK;
}

int wx_report_write(const struct wx_archive *a,
		    const struct wx_report_opts *opts, FILE *out,
		    struct wx_report_made *made, struct wx_log *log,
		    struct wx_error *err)
{
	const char *css = wx_builtin_get("lib/report/page.css");
	const char *js = wx_builtin_get("lib/report/page.js");
	struct remarks r = { .root = a->root,
			     .n_root = strlen(a->root),
			     .next = log };
	struct wx_log remarks = { .write = remark, .ctx = &r };
	struct wx_season *s = calloc(1, sizeof(*s));
	struct page p = {
		.out = out, .a = a, .o = opts, .s = s, .log = &remarks
	};
	int rc = s && css && js ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && opts->n_review)
		rc = wx_picker_new(a, opts->profile, opts->n_review, &p.picker,
				   err);
	if (rc == WX_OK)
		rc = wx_season_read(a, opts->profile, stop_or_pick, &p, s,
				    &remarks, err);
	if (rc == WX_OK && p.picker)
		rc = wx_picker_pick(p.picker, &p.n_picks, err);
	if (rc == WX_OK) {
		find_site_time(&p);
		head(&p, css, js);
		top(&p);
		rc = sections(&p, err);
		bottom(&p, &r, js);
		*made = (struct wx_report_made){ s->n_windows, s->n_days,
						 p.n_picks };
	}
	for (size_t i = 0; i < r.n; i++)
		free(r.text[i]);
	wx_zone_free((struct wx_zone *)(uintptr_t)p.time.zone);
	wx_picker_free(p.picker);
	if (s)
		wx_season_fini(s);
	free(s);
	return rc;
}
