/* SPDX-License-Identifier: MIT */
/*
 * cmd/wx-align.c: put every window of sound on the one time line.
 *
 * Node by node: its index and clock exchanges give the clocks, its captures
 * the windows, sound/ their quality, its own tables the air; windows/ is what
 * comes out. What is kept of a window until its day is written is 20 bytes,
 * so that a node-year fits.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "archive/daytable.h"
#include "base/cli.h"
#include "base/csv.h"
#include "base/json.h"
#include "base/text.h"
#include "clock/cut.h"
#include "clock/env.h"
#include "clock/timeline.h"
#include "clock/window.h"

enum { QUALITY_NOT_EVALUATED = 2 };

#define MS         INT64_C(1000000) /* in ns */
#define UNDATED_MS INT64_MIN

/*
 * A clock set once and left alone: 1 s when it was set, then 2 s a day, the
 * AudioMoth manual's figure. Assumed of every card dated by its file names,
 * and that it was set shortly before its first capture.
 */
#define NAME_ERR_S     1.0
#define NAME_DRIFT_S_D 2.0

static const char usage[] =
	"wx-align [-a DIR] [--node ID]... [--date YYYY-MM-DD]... [--json]\n"
	"wx-align [-a DIR] [--json] --explain ID\n"
	"\n"
	"Fit the nodes' clocks and write where each window of sound is on the\n"
	"one time line.";

struct args {
	const char *archive, *explain;
	struct wx_strs nodes, dates;
	bool json;
};

/* A capture that has windows. */
struct item {
	struct wx_time start; /* NONE: undated */
	uint32_t capture;     /* in the catalogue */
	uint32_t n;           /* windows */
	size_t first;         /* of them in job.window */
};

/* What is learned of a window before its row is written. */
struct window {
	float air_temp_degc, rel_hum_pct, pressure_hpa;
	uint32_t flags;
	uint8_t quality;
};

struct out { /* a row to come */
	int64_t start_ms;
	uint32_t item, k;
};

struct totals {
	size_t undated;        /* windows */
	size_t short_captures; /* shorter than a window, or of no length */
	double max_err_s;      /* the widest; 0 if none is dated */
};

struct job { /* one node */
	const struct wx_archive *a;
	const struct args *args;
	const char *node;
	struct wx_time latest; /* later instants cannot have been recorded */
	struct wx_catalog catalog;
	struct wx_timeline timeline;
	int64_t card_us; /* first capture dated by its name; INT64_MAX */
	struct item *item;
	size_t n_items;
	struct window *window;
	size_t n_windows;
	struct wx_flags flags;
	struct out *out;
	size_t n_out, size_out;
	struct wx_day_table table;
	struct totals totals;
};

static const struct wx_capture *capture_of(const struct job *j,
					   const struct item *it)
{
	return &j->catalog.capture[it->capture];
}

/* --- the clocks --------------------------------------------------------- */

static int read_anchors(struct job *j, struct wx_error *err)
{
	struct wx_anchors *list = &j->timeline.anchors;
	struct wx_exchanges e = { 0 };
	char *path = wx_archive_path(j->a, "raw/%s/clock.jsonl", j->node);
	int rc = path ? wx_exchanges_read(path, &e, wx_cli_log(), err)
		      : wx_fail_nomem(err);

	if (rc == WX_OK)
		rc = wx_anchors_add_exchanges(list, e.x, e.n, j->latest, err);
	for (size_t i = 0; i < j->catalog.n_events && rc == WX_OK; i++) {
		const struct wx_clock_event *v = &j->catalog.event[i];

		rc = wx_anchors_add_event(list, v->kind, v->source, v->boot,
					  v->m_us, v->utc_us, v->error_ms,
					  j->latest, err);
	}
	wx_exchanges_fini(&e);
	free(path);
	return rc;
}

static bool has_m(const struct wx_capture *c)
{
	return c->boot >= 0 && c->m0_us >= 0 && c->m0_us <= WX_CLOCK_MAX_M_US &&
	       !c->by_name;
}

static bool name_is_set(const struct job *j, const struct wx_capture *c)
{
	return !wx_clock_unset(c->r0_us) &&
	       c->r0_us <= j->latest.utc_ns / WX_NS_PER_US;
}

static struct wx_cut cut_of(const struct job *j, const struct wx_capture *c)
{
	/* A frame has a byte or more: what claims otherwise has none. */
	int64_t frames = c->n_frames <= c->size_bytes ? c->n_frames : -1;

	return wx_cut(frames, c->rate_hz, c->m0_us, c->m1_us,
		      j->a->site->window_length_s, j->a->site->window_hop_s);
}

static int read_clocks(struct job *j, struct wx_error *err)
{
	int rc = wx_catalog_read(j->a, j->node, true, &j->catalog, wx_cli_log(),
				 err);

	if (rc == WX_OK)
		rc = read_anchors(j, err);
	j->card_us = INT64_MAX;
	for (size_t i = 0; i < j->catalog.n_captures && rc == WX_OK; i++) {
		const struct wx_capture *c = &j->catalog.capture[i];
		struct wx_cut cut = cut_of(j, c);

		if (c->by_name && name_is_set(j, c) && c->r0_us < j->card_us)
			j->card_us = c->r0_us;
		if (has_m(c))
			rc = wx_timeline_add(
				&j->timeline, c->boot, c->m0_us,
				c->m0_us + (int64_t)(cut.us_per_frame *
						     (double)c->n_frames),
				err);
	}
	return rc == WX_OK ? wx_timeline_fit(&j->timeline, err) : rc;
}

/* --- captures on the time line ------------------------------------------ */

/* Triggered AudioMoth files ("..._123000T.WAV") leave silence out. */
static bool is_triggered(const struct wx_capture *c)
{
	size_t n = strlen(c->name);

	return c->by_name && n > 5 && c->name[n - 5] == 'T' &&
	       strspn(c->name + n - 6, "0123456789") == 1;
}

/* The instant of a frame, and how wrong it may be; words say why not. */
static struct wx_time date(const struct job *j, const struct wx_capture *c,
			   const struct wx_cut *cut, int64_t frame,
			   double *max_err_s, const char **words)
{
	double into_us = (double)frame * cut->us_per_frame;
	struct wx_clock *clock;
	double days;

	*max_err_s = NAN;
	if (c->by_name) {
		*words = is_triggered(c) ? "triggered" : "clock_unset";
		if (is_triggered(c) || !name_is_set(j, c))
			return WX_TIME_NONE;
		*words = "name_dated";
		days = (double)(c->r0_us - j->card_us) / 86400e6;
		*max_err_s =
			ceil((NAME_ERR_S + NAME_DRIFT_S_D * days) * 10) / 10;
		return wx_time_add_ns(wx_time_from_us(c->r0_us),
				      llround(into_us * 1e3));
	}
	clock = has_m(c) ? wx_timeline_clock(&j->timeline, c->boot) : NULL;
	*words = "unanchored";
	if (!clock)
		return WX_TIME_NONE;
	*words = clock->disagree_s > 0 ? "anchors_disagree" : "";
	*max_err_s = wx_clock_max_err(clock, c->m0_us);
	return wx_clock_utc(clock, (double)c->m0_us + into_us);
}

static int list_items(struct job *j, struct wx_error *err)
{
	size_t n_captures = j->catalog.n_captures;

	j->item = malloc((n_captures + 1) * sizeof(*j->item));
	if (!j->item)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < n_captures; i++) {
		const struct wx_capture *c = &j->catalog.capture[i];
		struct wx_cut cut = cut_of(j, c);
		struct item *it = &j->item[j->n_items];
		const char *words;
		double e;

		if (!cut.n_windows) {
			j->totals.short_captures++;
			continue;
		}
		*it = (struct item){ date(j, c, &cut, 0, &e, &words),
				     (uint32_t)i, (uint32_t)cut.n_windows,
				     j->n_windows };
		j->n_windows += it->n;
		j->n_items++;
		if (e > j->totals.max_err_s)
			j->totals.max_err_s = e;
	}
	j->window = malloc((j->n_windows + 1) * sizeof(*j->window));
	if (!j->window)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < j->n_windows; i++)
		j->window[i] = (struct window){ NAN, NAN, NAN, 0, 0 };
	return WX_OK;
}

/* --- what sound/ says of them ------------------------------------------- */

static size_t folder_len(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? (size_t)(slash - name) : 0;
}

/* By folder, then by name: the order of the rows of sound/ tables. */
static int by_folder(const void *pa, const void *pb, void *ctx)
{
	const struct job *j = ctx;
	const char *a = capture_of(j, pa)->name, *b = capture_of(j, pb)->name;
	size_t na = folder_len(a), nb = folder_len(b);
	int c = memcmp(a, b, na < nb ? na : nb);

	if (!c && na != nb)
		return na < nb ? -1 : 1;
	return c ? c : strcmp(a + na, b + nb);
}

struct sound_cols {
	int capture, offset_s, length_s, quality, flags;
};

static int add_sound_row(struct job *j, const struct item *it,
			 const struct wx_csv *csv, const struct sound_cols *col,
			 struct wx_error *err)
{
	struct wx_cut cut = cut_of(j, capture_of(j, it));
	double offset_s, length_s;
	int64_t quality, k0, k1;
	uint32_t flags;
	int rc = wx_csv_f64(csv, col->offset_s, &offset_s, err);

	if (rc == WX_OK)
		rc = wx_csv_f64(csv, col->length_s, &length_s, err);
	if (rc == WX_OK)
		rc = wx_csv_i64(csv, col->quality, QUALITY_NOT_EVALUATED,
				&quality, err);
	if (rc != WX_OK)
		return rc;
	if (quality < 1 || quality > 9)
		quality = QUALITY_NOT_EVALUATED;
	flags = wx_flags_bits(&j->flags, wx_csv_get(csv, col->flags));
	wx_cut_overlap(&cut, offset_s, offset_s + length_s, &k0, &k1);
	for (int64_t k = k0; k < k1; k++) {
		struct window *w = &j->window[it->first + (size_t)k];

		w->flags |= flags;
		if (quality > w->quality)
			w->quality = (uint8_t)quality;
	}
	return WX_OK;
}

/* Items of one folder and the rows of its table, both sorted by name. */
static int merge_sound(struct job *j, const struct item *it, size_t n,
		       struct wx_csv *csv, struct wx_error *err)
{
	struct sound_cols col = { .flags = wx_csv_col(csv, "flags") };
	size_t prefix = strlen("raw//") + strlen(j->node), i = 0;
	int rc = wx_csv_need(csv, "capture", &col.capture, err);

	if (rc == WX_OK)
		rc = wx_csv_need(csv, "offset_s", &col.offset_s, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "length_s", &col.length_s, err);
	if (rc == WX_OK)
		rc = wx_csv_need(csv, "quality", &col.quality, err);
	while (rc == WX_OK && i < n && (rc = wx_csv_next(csv, err)) > 0) {
		const char *path = wx_csv_get(csv, col.capture);
		int c = -1;

		rc = WX_OK;
		if (wx_csv_get_len(csv, col.capture) <= prefix)
			continue;
		while (i < n && (c = strcmp(capture_of(j, &it[i])->name,
					    path + prefix)) < 0)
			i++;
		if (i < n && c == 0)
			rc = add_sound_row(j, &it[i], csv, &col, err);
	}
	return rc;
}

static int join_folder(struct job *j, const struct item *it, size_t n,
		       struct wx_error *err)
{
	char *table = wx_sound_table(j->node, capture_of(j, it)->name);
	char *path = table ? wx_archive_path(j->a, "%s", table) : NULL;
	struct wx_csv *csv = NULL;
	struct wx_error why = { 0 };
	int rc = path ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && access(path, F_OK) == 0) {
		rc = wx_csv_open(path, NULL, &csv, &why);
		if (rc == WX_OK)
			rc = merge_sound(j, it, n, csv, &why);
		wx_csv_close(csv);
		if (rc == WX_ERR_NOMEM)
			wx_fail(err, rc, "%s", why.text);
		else if (rc != WX_OK) { /* quality is not worth the times */
			wx_warn(wx_cli_log(),
				"%s; what follows there counts "
				"as not evaluated",
				why.text);
			rc = WX_OK;
		}
	}
	free(path);
	free(table);
	return rc;
}

static int join_sound(struct job *j, struct wx_error *err)
{
	int rc = WX_OK;

	qsort_r(j->item, j->n_items, sizeof(*j->item), by_folder, j);
	for (size_t i = 0, to; i < j->n_items && rc == WX_OK; i = to) {
		const char *name = capture_of(j, &j->item[i])->name;
		size_t n = folder_len(name);

		for (to = i + 1; to < j->n_items; to++) {
			const char *next = capture_of(j, &j->item[to])->name;

			if (folder_len(next) != n || memcmp(name, next, n) != 0)
				break;
		}
		rc = join_folder(j, &j->item[i], to - i, err);
	}
	for (size_t i = 0; i < j->n_windows; i++)
		if (!j->window[i].quality)
			j->window[i].quality = QUALITY_NOT_EVALUATED;
	return rc;
}

/* --- the air beside them ------------------------------------------------ */

static int by_m(const void *pa, const void *pb, void *ctx)
{
	const struct wx_capture *a = capture_of(ctx, pa);
	const struct wx_capture *b = capture_of(ctx, pb);

	if (a->boot != b->boot)
		return a->boot < b->boot ? -1 : 1;
	return (a->m0_us > b->m0_us) - (a->m0_us < b->m0_us);
}

static bool is_env(const char *name)
{
	size_t n = strlen(name);
	const char *slash = strrchr(name, '/');

	return !strncmp(slash ? slash + 1 : name, "env", 3) && n > 4 &&
	       !strcasecmp(name + n - 4, ".csv");
}

static int read_air(struct job *j, int64_t boot, struct wx_env *env,
		    struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < j->catalog.n_others && rc == WX_OK; i++) {
		const struct wx_capture *o = &j->catalog.other[i];
		struct wx_error why = { 0 };
		char *path;

		if (o->boot != boot || !is_env(o->name))
			continue;
		path = wx_archive_path(j->a, "raw/%s/%s", j->node, o->name);
		if (!path)
			return wx_fail_nomem(err);
		rc = wx_env_read(env, path, wx_cli_log(), &why);
		if (rc == WX_ERR_NOMEM) {
			wx_fail(err, rc, "%s", why.text);
		} else if (rc != WX_OK) {
			wx_warn(wx_cli_log(), "%s; passed over", why.text);
			rc = WX_OK;
		}
		free(path);
	}
	wx_env_sort(env);
	return rc;
}

static void add_air(struct job *j, const struct item *it, struct wx_env *env)
{
	const struct wx_capture *c = capture_of(j, it);
	struct wx_cut cut = cut_of(j, c);

	for (uint32_t k = 0; k < it->n; k++) {
		struct window *w = &j->window[it->first + k];
		double mid = (double)wx_cut_frame(&cut, k) +
			     (double)cut.length_frames / 2;
		struct wx_env_reading r = wx_env_at(
			env, c->m0_us + (int64_t)(mid * cut.us_per_frame));

		w->air_temp_degc = r.air_temp_degc;
		w->rel_hum_pct = r.rel_hum_pct;
		w->pressure_hpa = r.pressure_hpa;
	}
}

static int join_air(struct job *j, struct wx_error *err)
{
	struct wx_env env = { 0 };
	int64_t boot = -1;
	int rc = WX_OK;

	qsort_r(j->item, j->n_items, sizeof(*j->item), by_m, j);
	for (size_t i = 0; i < j->n_items && rc == WX_OK; i++) {
		const struct wx_capture *c = capture_of(j, &j->item[i]);

		if (!has_m(c))
			continue;
		if (c->boot != boot) {
			wx_env_fini(&env);
			boot = c->boot;
			rc = read_air(j, boot, &env, err);
		}
		if (rc == WX_OK)
			add_air(j, &j->item[i], &env);
	}
	wx_env_fini(&env);
	return rc;
}

/* --- windows/ ----------------------------------------------------------- */

static void write_row(struct job *j, const struct out *o, struct wx_row *row,
		      const char *capture)
{
	const struct item *it = &j->item[o->item];
	const struct wx_capture *c = capture_of(j, it);
	const struct window *w = &j->window[it->first + o->k];
	struct wx_cut cut = cut_of(j, c);
	int64_t frame = wx_cut_frame(&cut, o->k);
	char text[WX_FLAG_TEXT_SIZE];
	const char *words;
	struct wx_window row_of = {
		.node = j->node,
		.capture = capture,
		.offset_s = (double)frame / cut.rate_hz,
		.length_s = (double)cut.length_frames / cut.rate_hz,
		.air_temp_degc = w->air_temp_degc,
		.rel_hum_pct = w->rel_hum_pct,
		.pressure_hpa = w->pressure_hpa,
		.quality = w->quality,
		.start_utc = WX_TIME_NONE,
	};
	uint32_t bits;

	if (o->start_ms != UNDATED_MS)
		row_of.start_utc.utc_ns = o->start_ms * MS;
	date(j, c, &cut, frame, &row_of.max_err_s, &words);
	bits = w->flags | wx_flags_bits(&j->flags, words);
	if (cut.rate_suspect)
		bits |= wx_flags_bits(&j->flags, "rate_suspect");
	if (c->recovered)
		bits |= wx_flags_bits(&j->flags, "recovered");
	row_of.flags = wx_flags_text(&j->flags, bits, text);
	wx_window_write(row, &row_of);
}

/* By start, then capture, then offset. */
static int by_start(const void *pa, const void *pb, void *ctx)
{
	const struct job *j = ctx;
	const struct out *a = pa, *b = pb;
	uint32_t ca = j->item[a->item].capture, cb = j->item[b->item].capture;

	if (a->start_ms != b->start_ms)
		return a->start_ms < b->start_ms ? -1 : 1;
	if (ca != cb)
		return ca < cb ? -1 : 1;
	return (a->k > b->k) - (a->k < b->k);
}

static int write_rows(struct job *j, struct wx_row *row, const struct out *o,
		      size_t n, struct wx_error *err)
{
	char *capture = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!capture || o[i].item != o[i - 1].item) {
			const struct item *it = &j->item[o[i].item];

			free(capture);
			capture = wx_strf("raw/%s/%s", j->node,
					  capture_of(j, it)->name);
			if (!capture)
				return wx_fail_nomem(err);
		}
		write_row(j, &o[i], row, capture);
	}
	free(capture);
	return WX_OK;
}

static int64_t day_of(const struct out *o)
{
	struct wx_time t = { o->start_ms * MS };

	return o->start_ms == UNDATED_MS ? WX_DAY_UNDATED : wx_time_day(t);
}

/*
 * Write the days before this one: no capture that is still to come begins
 * earlier. WX_DAY_UNDATED: all that are left.
 */
static int flush_before(struct job *j, int64_t day, struct wx_error *err)
{
	size_t from = 0, to;
	int rc = WX_OK;

	qsort_r(j->out, j->n_out, sizeof(*j->out), by_start, j);
	for (; from < j->n_out && rc == WX_OK; from = to) {
		int64_t d = day_of(&j->out[from]);
		struct wx_row *row;

		if (d >= day && day != WX_DAY_UNDATED)
			break;
		for (to = from + 1; to < j->n_out; to++)
			if (day_of(&j->out[to]) != d)
				break;
		rc = wx_day_table_day(&j->table, d, &row, err);
		if (rc == WX_OK && row)
			rc = write_rows(j, row, j->out + from, to - from, err);
	}
	memmove(j->out, j->out + from, (j->n_out - from) * sizeof(*j->out));
	j->n_out -= from;
	return rc;
}

static int add_rows(struct job *j, uint32_t item, struct wx_error *err)
{
	const struct item *it = &j->item[item];
	const struct wx_capture *c = capture_of(j, it);
	struct wx_cut cut = cut_of(j, c);

	if (j->n_out + it->n > j->size_out) {
		size_t size = 2 * (j->n_out + it->n);
		struct out *p = realloc(j->out, size * sizeof(*p));

		if (!p)
			return wx_fail_nomem(err);
		j->out = p;
		j->size_out = size;
	}
	for (uint32_t k = 0; k < it->n; k++) {
		double e;
		const char *words;
		struct wx_time t =
			date(j, c, &cut, wx_cut_frame(&cut, k), &e, &words);

		/* To the ms: rows are sorted as they are written. */
		j->out[j->n_out++] =
			(struct out){ wx_time_is_none(t)
					      ? UNDATED_MS
					      : (t.utc_ns + MS / 2) / MS,
				      item, k };
	}
	return WX_OK;
}

static int by_item_start(const void *pa, const void *pb)
{
	const struct item *a = pa, *b = pb;

	if (a->start.utc_ns != b->start.utc_ns)
		return a->start.utc_ns < b->start.utc_ns ? -1 : 1;
	return (a->capture > b->capture) - (a->capture < b->capture);
}

static int write_windows(struct job *j, const int64_t *days, size_t n_days,
			 struct wx_error *err)
{
	int64_t day = INT64_MIN;
	size_t undated = 0;
	int rc = wx_day_table_open(&j->table, j->a, "windows", j->node,
				   WX_WINDOW_HEADER, days, n_days, err);

	qsort(j->item, j->n_items, sizeof(*j->item), by_item_start);
	while (undated < j->n_items && wx_time_is_none(j->item[undated].start))
		undated++;
	for (size_t i = undated; i < j->n_items && rc == WX_OK; i++) {
		int64_t d = wx_time_day(j->item[i].start);

		if (d > day)
			rc = flush_before(j, d, err);
		day = d;
		if (rc == WX_OK)
			rc = add_rows(j, (uint32_t)i, err);
	}
	if (rc == WX_OK)
		rc = flush_before(j, WX_DAY_UNDATED, err);
	for (size_t i = 0; i < undated && rc == WX_OK; i++) {
		rc = add_rows(j, (uint32_t)i, err);
		j->totals.undated += j->item[i].n;
	}
	if (rc == WX_OK)
		rc = flush_before(j, WX_DAY_UNDATED, err);
	if (rc == WX_OK)
		rc = wx_day_table_end(&j->table, err);
	wx_day_table_close(&j->table);
	return rc;
}

/* --- the tool ----------------------------------------------------------- */

static int report(const struct job *j, struct wx_error *err)
{
	const struct totals *t = &j->totals;
	json_t *o;
	int rc;

	if (!j->args->json) {
		wx_cli_note("%s: %zu captures, %zu windows on %zu days (%zu "
			    "files changed), max_err_s up to %g; %zu windows "
			    "undated, %zu captures too short",
			    j->node, j->catalog.n_captures, j->n_windows,
			    j->table.n_written,
			    j->table.n_changed + j->table.n_removed,
			    t->max_err_s, t->undated, t->short_captures);
		return WX_OK;
	}
	o = json_pack("{ss sI sI sI sI sI sI sf}", "node", j->node,
		      "n_captures", (json_int_t)j->catalog.n_captures,
		      "n_too_short", (json_int_t)t->short_captures, "n_windows",
		      (json_int_t)j->n_windows, "n_undated",
		      (json_int_t)t->undated, "n_files",
		      (json_int_t)j->table.n_written, "n_files_changed",
		      (json_int_t)(j->table.n_changed + j->table.n_removed),
		      "max_err_s", t->max_err_s);
	rc = o ? wx_json_write_line(o, stdout, err) : wx_fail_nomem(err);
	json_decref(o);
	return rc;
}

static int explain(const struct job *j, struct wx_error *err)
{
	int rc = WX_OK;

	if (!j->args->json) {
		wx_timeline_explain(&j->timeline, j->node, stdout);
		if (!j->timeline.n)
			printf("%s: no capture and no anchor has a boot\n",
			       j->node);
		return WX_OK;
	}
	for (size_t i = 0; i < j->timeline.n && rc == WX_OK; i++) {
		json_t *o = wx_boot_json(&j->timeline, &j->timeline.boot[i],
					 j->node);

		rc = o ? wx_json_write_line(o, stdout, err)
		       : wx_fail_nomem(err);
		json_decref(o);
	}
	return rc;
}

static int align(struct job *j, const int64_t *days, size_t n_days,
		 struct wx_error *err)
{
	struct wx_lock *lock = NULL;
	char *name = n_days == 1 ? wx_strf("align-%s-%s", j->node,
					   j->args->dates.v[0])
				 : wx_strf("align-%s", j->node);
	int rc = name ? wx_lock_take(j->a, name, &lock, err)
		      : wx_fail_nomem(err);

	if (rc == WX_OK)
		rc = read_clocks(j, err);
	if (rc == WX_OK)
		rc = list_items(j, err);
	if (rc == WX_OK)
		rc = join_sound(j, err);
	if (rc == WX_OK)
		rc = join_air(j, err);
	if (rc == WX_OK)
		rc = write_windows(j, days, n_days, err);
	if (rc == WX_OK)
		rc = report(j, err);
	wx_lock_drop(lock);
	free(name);
	return rc;
}

static int one_node(const struct wx_archive *a, const struct args *args,
		    const char *node, const int64_t *days, size_t n_days)
{
	struct wx_error err = { 0 };
	struct job *j = calloc(1, sizeof(*j));
	int rc = j ? WX_OK : wx_fail_nomem(&err);

	if (rc == WX_OK) {
		j->a = a;
		j->args = args;
		j->node = node;
		/* A day of grace: this host may be the one that is wrong. */
		j->latest = wx_time_add_ns(wx_time_now(),
					   WX_S_PER_DAY * WX_NS_PER_S);
		if (!args->explain)
			rc = align(j, days, n_days, &err);
		else if ((rc = read_clocks(j, &err)) == WX_OK)
			rc = explain(j, &err);
		wx_catalog_fini(&j->catalog);
		wx_timeline_fini(&j->timeline);
		free(j->item);
		free(j->window);
		free(j->out);
		free(j);
	}
	return wx_cli_report(rc, &err);
}

/* Ids that site.json does not have, dates that are none: wrong usage. */
static int check_args(const struct wx_archive *a, const struct args *args,
		      int64_t *days)
{
	struct wx_error err = { 0 };

	for (int i = 0; i < args->nodes.n; i++)
		if (!wx_site_node(a->site, args->nodes.v[i]))
			return wx_cli_usage("--node %s: no such node in "
					    "site.json",
					    args->nodes.v[i]);
	if (args->explain && !wx_site_node(a->site, args->explain))
		return wx_cli_usage("--explain %s: no such node in site.json",
				    args->explain);
	for (int i = 0; i < args->dates.n; i++)
		if (wx_day_parse(args->dates.v[i], &days[i], &err) != WX_OK)
			return wx_cli_usage("--date: %s", err.text);
	return WX_EXIT_OK;
}

int main(int argc, char *argv[])
{
	struct args args = { 0 };
	const struct wx_opt opts[] = {
		WX_OPT_ARCHIVE(&args.archive),
		WX_OPT_NODE(&args.nodes),
		WX_OPT_DATE(&args.dates),
		WX_OPT_STR(0, "explain", &args.explain, "ID",
			   "print this node's fit and its anchors; write "
			   "nothing"),
		WX_OPT_JSON(&args.json),
		WX_OPT_END,
	};
	int64_t days[WX_COUNT(args.dates.v)];
	int first = wx_cli_parse(argc, argv, usage, opts);
	struct wx_archive *a = NULL;
	struct wx_error err = { 0 };
	int status;

	if (first < argc)
		return wx_cli_usage("%s: no operand was expected", argv[first]);
	status = wx_cli_report(
		wx_archive_open(wx_cli_archive(args.archive), &a, &err), &err);
	if (status == WX_EXIT_OK)
		status = check_args(a, &args, days);
	for (size_t i = 0; status != WX_EXIT_USAGE && a && i < a->site->n_nodes;
	     i++) {
		const char *id = a->site->nodes[i].id;

		if (args.explain ? strcmp(id, args.explain) != 0
				 : !wx_strs_has(&args.nodes, id))
			continue;
		wx_cli_progress("align", i, a->site->n_nodes);
		status = wx_cli_worst(status, one_node(a, &args, id, days,
						       (size_t)args.dates.n));
	}
	wx_archive_close(a);
	return wx_cli_end(status);
}
