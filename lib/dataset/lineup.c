/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup.c: the clocks of a node and the instants of its captures. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock/exchange.h"
#include "clock/step.h"
#include "dataset/lineup_parts.h"

/*
 * A clock set once and left alone: 1 s when it was set, then 2 s a day, the
 * AudioMoth manual's figure. Assumed of every card dated by its file names,
 * and that it was set shortly before its first capture.
 */
#define NAME_ERR_S     1.0
#define NAME_DRIFT_S_D 2.0

static void unwrap_exchanges(const struct wx_lineup *l, struct wx_exchanges *e)
{
	size_t n = 0;

	if (!l->n_wraps)
		return;
	for (size_t i = 0; i < e->n; i++) {
		struct wx_exchange *x = &e->x[i];
		int64_t took_us = x->m3_us - x->m2_us;

		if (!wx_lineup_unwrap_m(l, x->boot, x->r_us, &x->m2_us))
			continue;
		x->m3_us = x->m2_us + took_us;
		e->x[n++] = *x;
	}
	e->n = n;
}

static int read_anchors(struct wx_lineup *l, struct wx_error *err)
{
	struct wx_anchors *list = &l->timeline.anchors;
	struct wx_exchanges e = { 0 };
	char *path = wx_archive_path(l->a, "raw/%s/clock.jsonl", l->node);
	int rc = path ? wx_exchanges_read(path, &e, l->log, err)
		      : wx_fail_nomem(err);

	unwrap_exchanges(l, &e);
	if (rc == WX_OK)
		rc = wx_anchors_add_exchanges(list, e.x, e.n, l->latest, err);
	for (size_t i = 0; i < l->catalog.n_events && rc == WX_OK; i++) {
		const struct wx_clock_event *v = &l->catalog.event[i];

		rc = wx_anchors_add_event(list, v->kind, v->source, v->boot,
					  v->m_us, v->utc_us, v->error_ms,
					  l->latest, err);
	}
	wx_exchanges_fini(&e);
	free(path);
	return rc;
}

bool wx_lineup_has_m(const struct wx_held *c)
{
	return c->form->boot >= 0 && c->m0_us >= 0 &&
	       c->m0_us <= WX_CLOCK_MAX_M_US;
}

/* A card's: there is a date that a recorder wrote, if nothing better. */
static bool has_date(const struct wx_held *c)
{
	return c->form->by_name || c->form->by_header;
}

bool wx_lineup_date_is_set(const struct wx_lineup *l, const struct wx_held *c)
{
	return !wx_clock_unset(c->r0_us) &&
	       c->r0_us <= l->latest.utc_ns / WX_NS_PER_US;
}

struct wx_cut wx_lineup_cut(const struct wx_lineup *l, const struct wx_held *c)
{
	/* A frame has a byte or more: what claims otherwise has none. */
	int64_t frames = c->form->n_frames <= c->form->size_bytes
				 ? c->form->n_frames
				 : -1;
	const struct wx_lineup_rate *rate = wx_lineup_rate_of(l, c);
	struct wx_cut cut =
		wx_cut(frames, c->form->rate_hz, c->m0_us, c->m1_us,
		       l->a->site->window_length_s, l->a->site->window_hop_s);

	if (rate)
		cut.us_per_frame = 1e6 / rate->sample.rate_hz;
	return cut;
}

/* Where its clock has it. False: that is not known, or not wanted. */
static bool place(const struct wx_lineup *l, const struct wx_held *c,
		  int64_t *boot, int64_t *m0_us)
{
	*boot = c->form->boot;
	*m0_us = c->m0_us;
	if (c->form->triggered || wx_lineup_has_m(c))
		return !c->form->triggered;
	if (!l->card_has_pairs || !has_date(c) || !wx_lineup_date_is_set(l, c))
		return false;
	*boot = WX_LINEUP_CARD_BOOT;
	*m0_us = c->r0_us - WX_LINEUP_CARD_EPOCH_US;
	return true;
}

/*
 * Roughly dated, is it past? One m0 gone wrong must not stretch the span that
 * the boot's fit is made for.
 */
static bool is_past(const struct wx_lineup *l, int64_t boot, int64_t m0_us)
{
	size_t n;
	const struct wx_anchor *a =
		wx_anchors_of_boot(&l->timeline.anchors, boot, &n);

	for (size_t i = 0; i < n; i++)
		if (!a[i].invalid)
			return m0_us - a[i].m_us <=
			       l->latest.utc_ns / WX_NS_PER_US - a[i].utc_us;
	return true;
}

/*
 * To be dated by its clock. Of a card's many boots most have no anchor: those
 * are dated by name or header, and nobody has to hear of them.
 */
static bool on_clock(const struct wx_lineup *l, const struct wx_held *c,
		     int64_t *boot, int64_t *m0_us)
{
	size_t n;

	if (!place(l, c, boot, m0_us))
		return false;
	wx_anchors_of_boot(&l->timeline.anchors, *boot, &n);
	return n || !has_date(c);
}

static int fit_clocks(struct wx_lineup *l, struct wx_error *err)
{
	const struct wx_site_node *node = wx_site_node(l->a->site, l->node);
	int rc;

	l->air_boot = -1;
	l->timeline.air = wx_lineup_air;
	l->timeline.air_ctx = l;
	if (node && node->compensated)
		l->timeline.told = &wx_osc_tcxo;
	rc = wx_timeline_fit(&l->timeline, err);
	wx_env_fini(&l->air);
	return rc;
}

static int add_captures(struct wx_lineup *l, struct wx_error *err)
{
	int rc = WX_OK;

	l->card_us = INT64_MAX;
	for (size_t i = 0; i < l->catalog.n_captures && rc == WX_OK; i++) {
		const struct wx_held *c = &l->catalog.capture[i];
		struct wx_cut cut = wx_lineup_cut(l, c);
		int64_t boot, m0_us;

		if (has_date(c) && wx_lineup_date_is_set(l, c) &&
		    c->r0_us < l->card_us)
			l->card_us = c->r0_us;
		if (on_clock(l, c, &boot, &m0_us) && is_past(l, boot, m0_us))
			rc = wx_timeline_add(
				&l->timeline, boot, m0_us,
				m0_us + (int64_t)(cut.us_per_frame *
						  (double)c->form->n_frames),
				err);
	}
	return rc;
}

static int read_clocks(struct wx_lineup *l, struct wx_error *err)
{
	size_t n;
	int rc = wx_catalog_read(l->a, l->node, true, &l->catalog, l->log, err);

	if (rc == WX_OK)
		rc = wx_lineup_unwrap(l, err);
	if (rc == WX_OK)
		rc = read_anchors(l, err);
	if (rc == WX_OK)
		rc = wx_lineup_read_pairs(l, err);
	wx_anchors_sort(&l->timeline.anchors);
	if (rc == WX_OK)
		rc = wx_lineup_judge_rates(l, err);
	if (rc == WX_OK)
		rc = add_captures(l, err);
	if (rc == WX_OK)
		rc = fit_clocks(l, err);
	n = l->timeline.anchors.n;
	if (rc == WX_OK) {
		wx_lineup_judge_boots(l);
		rc = wx_lineup_anchor_by_weather(l, err);
	}
	if (rc == WX_OK && l->timeline.anchors.n > n)
		rc = fit_clocks(l, err);
	if (rc == WX_OK) {
		wx_lineup_bracket_boots(l);
		wx_lineup_tell_rates(l);
	}
	return rc;
}

/* One that is dated by what was written: how its clock may have drifted. */
static struct wx_time date_by_word(const struct wx_lineup *l,
				   const struct wx_held *c, double *max_err_s,
				   const char **words)
{
	double days = (double)(c->r0_us - l->card_us) / 86400e6;

	*words = "clock_unset";
	if (!wx_lineup_date_is_set(l, c))
		return WX_TIME_NONE;
	*words = c->form->by_header ? "header_dated" : "name_dated";
	*max_err_s = ceil((NAME_ERR_S + NAME_DRIFT_S_D * days) * 10) / 10;
	return wx_time_from_us(c->r0_us);
}

/* Anchors of the weather are only made where there are no others. */
static bool is_by_weather(const struct wx_clock *clock)
{
	for (size_t i = 0; i < clock->n_anchors; i++)
		if (clock->anchor[i].used)
			return clock->anchor[i].kind == WX_ANCHOR_LAG;
	return false;
}

static struct wx_time date_by_clock(const struct wx_lineup *l,
				    struct wx_clock *clock, int64_t m0_us,
				    double into_us, double *max_err_s,
				    const char **words)
{
	/* Of a whole capture: all its windows are dated, or none. */
	struct wx_time t = wx_clock_utc(clock, (double)m0_us);

	*words = "in_future";
	if (t.utc_ns > l->latest.utc_ns)
		return WX_TIME_NONE;
	*words = clock->disagree_s > 0  ? "anchors_disagree"
		 : is_by_weather(clock) ? "weather_anchored"
					: "";
	*max_err_s = wx_clock_max_err(clock, m0_us);
	return wx_clock_utc(clock, (double)m0_us + into_us);
}

struct wx_time wx_lineup_date(const struct wx_lineup *l,
			      const struct wx_held *c, const struct wx_cut *cut,
			      int64_t frame, double *max_err_s,
			      const char **words)
{
	double into_us = (double)frame * cut->us_per_frame;
	const struct wx_boot *b;
	struct wx_clock *clock = NULL;
	struct wx_time t = WX_TIME_NONE;
	int64_t boot, m0_us;

	*max_err_s = NAN;
	*words = "triggered";
	if (c->form->triggered)
		return WX_TIME_NONE;
	if (on_clock(l, c, &boot, &m0_us))
		clock = wx_timeline_clock(&l->timeline, boot);
	if (clock) {
		t = date_by_clock(l, clock, m0_us, into_us, max_err_s, words);
		if (!wx_lineup_has_m(c)) /* names are of full seconds */
			*max_err_s = wx_step_bound(*max_err_s + 1);
		return t;
	}
	if (has_date(c)) {
		t = date_by_word(l, c, max_err_s, words);
	} else {
		*words = "unanchored";
		b = wx_lineup_has_m(c)
			    ? wx_timeline_boot(&l->timeline, c->form->boot)
			    : NULL;
		if (b && b->bracketed) {
			t = wx_time_from_us(c->m0_us + b->rough_us);
			*max_err_s = b->rough_err_s;
		}
	}
	return wx_time_is_none(t) ? t
				  : wx_time_add_ns(t, llround(into_us * 1e3));
}

static int list_items(struct wx_lineup *l, struct wx_error *err)
{
	size_t n_captures = l->catalog.n_captures;

	l->item = malloc((n_captures + 1) * sizeof(*l->item));
	if (!l->item)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < n_captures; i++) {
		const struct wx_held *c = &l->catalog.capture[i];
		struct wx_cut cut = wx_lineup_cut(l, c);
		struct wx_lineup_item *it = &l->item[l->n_items];
		const char *words;
		double e;

		if (!cut.n_windows) {
			l->totals.too_short++;
			continue;
		}
		*it = (struct wx_lineup_item){
			.start = wx_lineup_date(l, c, &cut, 0, &e, &words),
			.capture = (uint32_t)i & INT32_MAX,
			.first = (uint32_t)l->n_windows,
		};
		l->n_windows += (size_t)cut.n_windows;
		if (wx_time_is_none(it->start))
			l->totals.undated += (size_t)cut.n_windows;
		if (l->n_windows > UINT32_MAX)
			return wx_fail(err, WX_ERR_RANGE,
				       "%s: over %u windows of %g s: expected "
				       "fewer, of longer captures apart",
				       l->node, UINT32_MAX,
				       l->a->site->window_length_s);
		l->n_items++;
		if (e > l->totals.max_err_s)
			l->totals.max_err_s = e;
	}
	l->window = malloc((l->n_windows + 1) * sizeof(*l->window));
	if (!l->window)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < l->n_windows; i++)
		l->window[i] = (struct wx_lineup_window){
			.pressure_hpa = NAN,
			.temp_c100 = WX_NO_C100,
			.rel_hum_c100 = UINT16_MAX,
			.rain_c10 = WX_NO_C100,
		};
	return WX_OK;
}

/* --- from outside ------------------------------------------------------- */

int wx_lineup_new(const struct wx_archive *a, const char *node,
		  struct wx_time latest, struct wx_log *log,
		  struct wx_lineup **out, struct wx_error *err)
{
	struct wx_lineup *l = calloc(1, sizeof(*l));
	int rc;

	*out = NULL;
	if (!l)
		return wx_fail_nomem(err);
	l->a = a;
	l->node = node;
	l->latest = latest;
	l->log = log;
	/* First, so that no table of sound/ takes their bits. */
	wx_flags_bits(&l->flags, WX_LINEUP_WORDS);
	rc = read_clocks(l, err);
	if (rc == WX_OK)
		*out = l;
	else
		wx_lineup_free(l);
	return rc;
}

void wx_lineup_free(struct wx_lineup *l)
{
	if (!l)
		return;
	wx_catalog_fini(&l->catalog);
	wx_timeline_fini(&l->timeline);
	free(l->rate);
	free(l->wrap);
	free(l->item);
	free(l->window);
	free(l->row);
	free(l);
}

const struct wx_timeline *wx_lineup_timeline(const struct wx_lineup *l)
{
	return &l->timeline;
}

int wx_lineup_write(struct wx_lineup *l, const int64_t *days, size_t n_days,
		    struct wx_lineup_totals *totals, struct wx_error *err)
{
	int rc = list_items(l, err);

	if (rc == WX_OK)
		rc = wx_lineup_join_sound(l, err);
	if (rc == WX_OK)
		rc = wx_lineup_judge_sound(l, err);
	if (rc == WX_OK)
		rc = wx_lineup_join_air(l, err);
	if (rc == WX_OK)
		rc = wx_lineup_write_days(l, days, n_days, err);
	l->totals.captures = l->catalog.n_captures;
	l->totals.windows = l->n_windows;
	l->totals.files = l->table.n_written;
	l->totals.files_changed = l->table.n_changed + l->table.n_removed;
	*totals = l->totals;
	return rc;
}
