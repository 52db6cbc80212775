/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_judge.c: what only all of a node's sound tells: whether an
 * offset is the recorder's own, and which captures a voice is too near to.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/limits.h"
#include "base/quality.h"
#include "dataset/heard.h"
#include "dataset/lineup_parts.h"

enum {
	FULL_E4 = 10000,
	N_DC = 2 * FULL_E4 + 1, /* from -1 to 1 in 1e-4 */
};

/*
 * Sound of strong wind has a mean of its own: an offset must also stand out
 * from what the node's other windows have, by 5 robust sigma (1.4826 times the
 * median deviation is sigma, of normal values).
 */
#define OUTLIER (5 * 1.4826)

/* The value up to which a share of n lie: 0.5 is their median. */
static int quantile(const uint32_t *count, int n_values, uint64_t n,
		    double share)
{
	uint64_t below = 0;

	for (int i = 0; i < n_values; i++) {
		below += count[i];
		if ((double)below >= share * (double)n)
			return i;
	}
	return n_values - 1;
}

static void raise_to(struct wx_lineup_window *w, int quality)
{
	if (quality > w->quality)
		w->quality = (uint8_t)quality & 15;
}

static int judge_offsets(struct wx_lineup *l, const struct wx_limit *limit,
			 struct wx_error *err)
{
	uint32_t *count = calloc(2 * N_DC, sizeof(*count)), *away;
	uint64_t n = 0, bit = wx_flags_bits(&l->flags, "offset");
	double own, spread;
	int at;

	if (!count)
		return wx_fail_nomem(err);
	away = count + N_DC;
	for (size_t i = 0; i < l->n_windows; i++)
		if (l->window[i].n_dc) {
			count[l->window[i].dc_e4 + FULL_E4]++;
			n++;
		}
	at = quantile(count, N_DC, n, 0.5);
	for (int i = 0; i < N_DC; i++)
		away[abs(i - at)] += count[i];
	own = (at - FULL_E4) * 1e-4;
	spread = quantile(away, N_DC, n, 0.5) * 1e-4;
	for (size_t i = 0; i < l->n_windows; i++) {
		struct wx_lineup_window *w = &l->window[i];
		double off = w->n_dc ? fabs(w->dc_e4 * 1e-4 - own) : 0;
		int quality = wx_limit_over(limit, off);

		if (quality == WX_QUALITY_GOOD || off <= OUTLIER * spread)
			continue;
		w->flags |= bit;
		raise_to(w, quality);
	}
	free(count);
	return WX_OK;
}

/*
 * Rain raises this band. What the node hears when it is dry is taken from the
 * quarter of its windows that is quietest there: also a wet season has that.
 */
static int judge_rain_band(struct wx_lineup *l, const struct wx_limit *limit,
			   struct wx_error *err)
{
	enum { LOW_C10 = -2000, N_LEVELS = 2500 };
	uint32_t *count = calloc(N_LEVELS, sizeof(*count));
	uint64_t n = 0, bit = wx_flags_bits(&l->flags, "rain_band");
	int own;

	if (!count)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < l->n_windows; i++) {
		int at = l->window[i].rain_c10 - LOW_C10;

		if (at >= 0 && at < N_LEVELS) {
			count[at]++;
			n++;
		}
	}
	own = quantile(count, N_LEVELS, n, 0.25) + LOW_C10;
	for (size_t i = 0; i < l->n_windows; i++) {
		struct wx_lineup_window *w = &l->window[i];

		if (w->rain_c10 != WX_NO_C100 &&
		    wx_limit_from(limit, (w->rain_c10 - own) / 10.0) !=
			    WX_QUALITY_GOOD)
			w->flags |= bit;
	}
	free(count);
	return WX_OK;
}

/* --- speech --- */

static int by_start(const void *pa, const void *pb, void *ctx)
{
	const struct wx_lineup_item *a = pa, *b = pb;

	(void)ctx;
	if (a->start.utc_ns != b->start.utc_ns)
		return a->start.utc_ns < b->start.utc_ns ? -1 : 1;
	return (a->capture > b->capture) - (a->capture < b->capture);
}

static size_t n_windows(const struct wx_lineup *l,
			const struct wx_lineup_item *it)
{
	return (size_t)wx_lineup_cut(l, wx_lineup_capture(l, it)).n_windows;
}

/* All windows of a capture; one that has the word `but` keeps that. */
static void mark(struct wx_lineup *l, const struct wx_lineup_item *it,
		 const char *word, const char *but)
{
	uint64_t bit = wx_flags_bits(&l->flags, word);
	uint64_t other = wx_flags_bits(&l->flags, but);
	size_t n = n_windows(l, it);

	for (size_t k = 0; k < n; k++) {
		struct wx_lineup_window *w = &l->window[it->first + k];

		if (!(w->flags & other))
			w->flags |= bit;
	}
}

static void clear(struct wx_lineup *l, const struct wx_lineup_item *it)
{
	uint64_t speech = wx_flags_bits(&l->flags, "speech");
	uint64_t cleared = wx_flags_bits(&l->flags, "speech_cleared");
	size_t n = n_windows(l, it);

	for (size_t k = 0; k < n; k++) {
		struct wx_lineup_window *w = &l->window[it->first + k];

		if (w->flags & speech)
			w->flags = (w->flags & ~speech) | cleared;
	}
}

/*
 * A voice that is heard in a capture may have begun before it, or go on behind
 * it, too faintly to be found: the captures before and after go with it.
 */
static void quarantine(struct wx_lineup *l, struct wx_heard_list *heard)
{
	struct wx_lineup_item *it = l->item;

	for (size_t i = 0; i < l->n_items; i++) {
		enum wx_heard what =
			wx_heard_of(heard, wx_lineup_name(l, &it[i]));

		if (what == WX_HEARD_CLEARED)
			clear(l, &it[i]);
		if (what != WX_HEARD_NOTHING)
			it[i].speech = what == WX_HEARD_SPEECH;
		if (it[i].speech)
			mark(l, &it[i], "speech_capture", "speech");
	}
	wx_sort(it, l->n_items, sizeof(*it), by_start, NULL);
	for (size_t i = 0; i < l->n_items; i++) {
		if (!it[i].speech || wx_time_is_none(it[i].start))
			continue;
		if (i && !it[i - 1].speech && !wx_time_is_none(it[i - 1].start))
			mark(l, &it[i - 1], "speech_near", "");
		if (i + 1 < l->n_items && !it[i + 1].speech)
			mark(l, &it[i + 1], "speech_near", "");
	}
}

int wx_lineup_judge_sound(struct wx_lineup *l, struct wx_error *err)
{
	struct wx_heard_list *heard = NULL;
	struct wx_limits limits;
	char *path = wx_archive_path(l->a, "speech.txt");
	int rc = path ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK)
		rc = wx_limits_read(l->a->site->quality, &limits, err);
	if (rc == WX_OK)
		rc = judge_offsets(l, &limits.of[WX_TEST_OFFSET], err);
	if (rc == WX_OK)
		rc = judge_rain_band(l, &limits.of[WX_TEST_RAIN_BAND], err);
	if (rc == WX_OK)
		rc = wx_heard_read(path, l->node, &heard, l->log, err);
	if (rc == WX_OK) {
		quarantine(l, heard);
		wx_heard_unused(heard, l->log);
	}
	wx_heard_free(heard);
	free(path);
	return rc;
}
