/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup_write.c: windows/NODE/DATE.csv, day by day. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/quality.h"
#include "base/text.h"
#include "clock/window.h"
#include "dataset/lineup_parts.h"

#define MS         INT64_C(1000000) /* in ns */
#define UNDATED_MS INT64_MIN

static void write_row(struct wx_lineup *l, const struct wx_lineup_row *o,
		      struct wx_row *row, const char *capture)
{
	const struct wx_lineup_item *it = &l->item[o->item];
	const struct wx_held *c = wx_lineup_capture(l, it);
	const struct wx_lineup_window *w = &l->window[it->first + o->k];
	struct wx_cut cut = wx_lineup_cut(l, c);
	const struct wx_lineup_rate *rate = wx_lineup_rate_of(l, c);
	int64_t frame = wx_cut_frame(&cut, o->k);
	char text[WX_FLAG_TEXT_SIZE];
	const char *words;
	struct wx_window w_out = {
		.node = l->node,
		.capture = capture,
		.offset_s = (double)frame / cut.rate_hz,
		.length_s = (double)cut.length_frames / cut.rate_hz,
		.air_temp_degc =
			w->temp_c100 == WX_NO_C100 ? NAN : w->temp_c100 / 100.0,
		.rel_hum_pct = w->rel_hum_c100 == UINT16_MAX
				       ? NAN
				       : w->rel_hum_c100 / 100.0,
		.pressure_hpa = w->pressure_hpa,
		.rain_band_db =
			w->rain_c10 == WX_NO_C100 ? NAN : w->rain_c10 / 10.0,
		.quality = w->quality,
		.start_utc = WX_TIME_NONE,
	};
	uint64_t bits;

	if (o->start_ms != UNDATED_MS)
		w_out.start_utc.utc_ns = o->start_ms * MS;
	wx_lineup_date(l, c, &cut, frame, &w_out.max_err_s, &words);
	bits = w->flags | wx_flags_bits(&l->flags, words);
	if (rate)
		bits |= wx_flags_bits(&l->flags, rate->words);
	if (cut.rate_suspect)
		bits |= wx_flags_bits(&l->flags, "rate_suspect");
	if ((rate || cut.rate_suspect) && w_out.quality < WX_QUALITY_SUSPECT)
		w_out.quality = WX_QUALITY_SUSPECT;
	if (c->form->recovered)
		bits |= wx_flags_bits(&l->flags, "recovered");
	w_out.flags = wx_flags_text(&l->flags, bits, text);
	wx_window_write(row, &w_out);
}

/* By start, then capture, then offset. */
static int by_start(const void *pa, const void *pb, void *ctx)
{
	const struct wx_lineup *l = ctx;
	const struct wx_lineup_row *a = pa, *b = pb;
	uint32_t ca = l->item[a->item].capture, cb = l->item[b->item].capture;

	if (a->start_ms != b->start_ms)
		return a->start_ms < b->start_ms ? -1 : 1;
	if (ca != cb)
		return ca < cb ? -1 : 1;
	return (a->k > b->k) - (a->k < b->k);
}

static int write_rows(struct wx_lineup *l, struct wx_row *row,
		      const struct wx_lineup_row *o, size_t n,
		      struct wx_error *err)
{
	char *capture = NULL;

	for (size_t i = 0; i < n; i++) {
		if (!capture || o[i].item != o[i - 1].item) {
			const struct wx_lineup_item *it = &l->item[o[i].item];

			free(capture);
			capture = wx_strf("raw/%s/%s", l->node,
					  wx_lineup_name(l, it));
			if (!capture)
				return wx_fail_nomem(err);
		}
		write_row(l, &o[i], row, capture);
	}
	free(capture);
	return WX_OK;
}

static int64_t day_of(const struct wx_lineup_row *o)
{
	if (o->start_ms == UNDATED_MS)
		return WX_DAY_UNDATED;
	return wx_time_day((struct wx_time){ o->start_ms * MS });
}

/*
 * Write the days before this one: no capture that is still to come begins
 * earlier. WX_DAY_UNDATED: all that are left.
 */
static int flush_before(struct wx_lineup *l, int64_t day, struct wx_error *err)
{
	size_t from = 0, to;
	int rc = WX_OK;

	if (!l->n_rows)
		return WX_OK;
	wx_sort(l->row, l->n_rows, sizeof(*l->row), by_start, l);
	for (; from < l->n_rows && rc == WX_OK; from = to) {
		int64_t d = day_of(&l->row[from]);
		struct wx_row *row;

		if (d >= day && day != WX_DAY_UNDATED)
			break;
		for (to = from + 1; to < l->n_rows; to++)
			if (day_of(&l->row[to]) != d)
				break;
		rc = wx_day_table_day(&l->table, d, &row, err);
		if (rc == WX_OK && row)
			rc = write_rows(l, row, l->row + from, to - from, err);
	}
	memmove(l->row, l->row + from, (l->n_rows - from) * sizeof(*l->row));
	l->n_rows -= from;
	return rc;
}

static int add_rows(struct wx_lineup *l, uint32_t item, struct wx_error *err)
{
	const struct wx_lineup_item *it = &l->item[item];
	const struct wx_held *c = wx_lineup_capture(l, it);
	struct wx_cut cut = wx_lineup_cut(l, c);

	if (WX_GROW(&l->row, &l->size_rows, l->n_rows + (size_t)cut.n_windows,
		    err))
		return WX_ERR_NOMEM;
	for (uint32_t k = 0; k < cut.n_windows; k++) {
		double e;
		const char *words;
		struct wx_time t = wx_lineup_date(
			l, c, &cut, wx_cut_frame(&cut, k), &e, &words);

		/* To the ms: rows are sorted as they are written. */
		l->row[l->n_rows++] = (struct wx_lineup_row){
			wx_time_is_none(t) ? UNDATED_MS
					   : (t.utc_ns + MS / 2) / MS,
			item, k
		};
	}
	return WX_OK;
}

static int by_item_start(const void *pa, const void *pb, void *ctx)
{
	const struct wx_lineup_item *a = pa, *b = pb;

	(void)ctx;
	if (a->start.utc_ns != b->start.utc_ns)
		return a->start.utc_ns < b->start.utc_ns ? -1 : 1;
	return (a->capture > b->capture) - (a->capture < b->capture);
}

int wx_lineup_write_days(struct wx_lineup *l, const int64_t *days,
			 size_t n_days, struct wx_error *err)
{
	int64_t day = INT64_MIN;
	size_t undated = 0;
	int rc = wx_day_table_open(&l->table, l->a, "windows", l->node,
				   WX_WINDOW_HEADER, days, n_days, err);

	wx_sort(l->item, l->n_items, sizeof(*l->item), by_item_start, NULL);
	while (undated < l->n_items && wx_time_is_none(l->item[undated].start))
		undated++;
	for (size_t i = undated; i < l->n_items && rc == WX_OK; i++) {
		int64_t d = wx_time_day(l->item[i].start);

		if (d > day)
			rc = flush_before(l, d, err);
		day = d;
		if (rc == WX_OK)
			rc = add_rows(l, (uint32_t)i, err);
	}
	if (rc == WX_OK)
		rc = flush_before(l, WX_DAY_UNDATED, err);
	for (size_t i = 0; i < undated && rc == WX_OK; i++) {
		rc = add_rows(l, (uint32_t)i, err);
	}
	if (rc == WX_OK)
		rc = flush_before(l, WX_DAY_UNDATED, err);
	if (rc == WX_OK)
		rc = wx_day_table_end(&l->table, err);
	wx_day_table_close(&l->table);
	return rc;
}
