/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup_join.c: what sound/ and the air say of windows. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/array.h"
#include "base/csv.h"
#include "base/quality.h"
#include "clock/env.h"
#include "dataset/lineup_parts.h"
#include "weather/doubt.h"

static int by_folder(const void *pa, const void *pb, void *ctx)
{
	return wx_folder_compare(wx_lineup_name(ctx, pa),
				 wx_lineup_name(ctx, pb));
}

struct sound_cols {
	int capture, offset_s, length_s, quality, flags, speech, dc, rain;
};

/*
 * The mean of up to DC_MEMORY seconds, then of about the last so many: it is
 * kept in whole units, and the rounding of a longer one would not be small.
 */
static void add_dc(struct wx_lineup_window *w, double dc)
{
	enum { DC_MEMORY = 16 };

	if (!(fabs(dc) <= 1))
		return;
	w->n_dc += w->n_dc < DC_MEMORY;
	w->dc_e4 = (int16_t)lround(w->dc_e4 + (dc * 1e4 - w->dc_e4) / w->n_dc);
}

static void add_to_window(struct wx_lineup_window *w, uint64_t flags,
			  int64_t quality, double dc, double rain_db)
{
	w->flags |= flags;
	if (quality > w->quality)
		w->quality = (uint8_t)quality & 15;
	add_dc(w, dc);
	if (fabs(rain_db) < 1000 && lround(rain_db * 10) > w->rain_c10)
		w->rain_c10 = (int16_t)lround(rain_db * 10);
}

static int add_sound_row(struct wx_lineup *l, struct wx_lineup_item *it,
			 const struct wx_csv *csv, const struct sound_cols *col,
			 struct wx_error *err)
{
	struct wx_cut cut = wx_lineup_cut(l, wx_lineup_capture(l, it));
	uint64_t speech = wx_flags_bits(&l->flags, "speech"), flags;
	double offset_s, length_s, dc = NAN, rain_db = NAN;
	int64_t quality, k0, k1;
	int rc = wx_csv_f64(csv, col->offset_s, &offset_s, err);

	if (rc == WX_OK)
		rc = wx_csv_f64(csv, col->length_s, &length_s, err);
	if (rc == WX_OK)
		rc = wx_csv_i64(csv, col->quality, WX_QUALITY_UNKNOWN, &quality,
				err);
	if (rc != WX_OK)
		return rc;
	if (quality < 1 || quality > 9)
		quality = WX_QUALITY_UNKNOWN;
	flags = wx_flags_bits(&l->flags, wx_csv_get(csv, col->flags));
	if (flags & speech)
		it->speech = true;
	if (!*wx_csv_get(csv, col->speech))
		flags |= wx_flags_bits(&l->flags, "unscreened");
	wx_csv_f64(csv, col->dc, &dc, NULL);
	wx_csv_f64(csv, col->rain, &rain_db, NULL);
	wx_cut_overlap(&cut, offset_s, offset_s + length_s, &k0, &k1);
	for (int64_t k = k0; k < k1; k++)
		add_to_window(&l->window[it->first + (size_t)k], flags, quality,
			      dc, rain_db);
	return WX_OK;
}

/* Items of one folder and the rows of its table, both sorted by name. */
static int merge_sound(struct wx_lineup *l, struct wx_lineup_item *it, size_t n,
		       struct wx_csv *csv, struct wx_error *err)
{
	struct sound_cols col = { .flags = wx_csv_col(csv, "flags"),
				  .speech = wx_csv_col(csv, "speech"),
				  .dc = wx_csv_col(csv, "dc"),
				  .rain = wx_csv_col(csv, "band_600_1200_db") };
	size_t prefix = strlen("raw//") + strlen(l->node), i = 0;
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
		while (i < n && (c = strcmp(wx_lineup_name(l, &it[i]),
					    path + prefix)) < 0)
			i++;
		if (i < n && c == 0)
			rc = add_sound_row(l, &it[i], csv, &col, err);
	}
	return rc;
}

static int join_folder(struct wx_lineup *l, struct wx_lineup_item *it, size_t n,
		       struct wx_error *err)
{
	char *table = wx_sound_table(l->node, wx_lineup_name(l, it));
	char *path = table ? wx_archive_path(l->a, "%s", table) : NULL;
	struct wx_csv *csv = NULL;
	struct wx_error why = { 0 };
	int rc = path ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && access(path, F_OK) == 0) {
		rc = wx_csv_open(path, NULL, &csv, &why);
		if (rc == WX_OK)
			rc = merge_sound(l, it, n, csv, &why);
		wx_csv_close(csv);
		if (rc == WX_ERR_NOMEM)
			wx_fail(err, rc, "%s", why.text);
		else if (rc != WX_OK) { /* quality is not worth the times */
			wx_warn(l->log,
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

int wx_lineup_join_sound(struct wx_lineup *l, struct wx_error *err)
{
	int rc = WX_OK;

	wx_sort(l->item, l->n_items, sizeof(*l->item), by_folder, l);
	for (size_t i = 0, to; i < l->n_items && rc == WX_OK; i = to) {
		const char *name = wx_lineup_name(l, &l->item[i]);
		size_t n = wx_folder_length(name);

		for (to = i + 1; to < l->n_items; to++) {
			const char *next = wx_lineup_name(l, &l->item[to]);

			if (wx_folder_length(next) != n ||
			    memcmp(name, next, n) != 0)
				break;
		}
		rc = join_folder(l, &l->item[i], to - i, err);
	}
	for (size_t i = 0; i < l->n_windows; i++)
		if (!l->window[i].quality)
			l->window[i].quality = WX_QUALITY_UNKNOWN;
	return rc;
}

/* --- the air ------------------------------------------------------------ */

static int by_m(const void *pa, const void *pb, void *ctx)
{
	const struct wx_held *a = wx_lineup_capture(ctx, pa);
	const struct wx_held *b = wx_lineup_capture(ctx, pb);

	if (a->form->boot != b->form->boot)
		return a->form->boot < b->form->boot ? -1 : 1;
	return (a->m0_us > b->m0_us) - (a->m0_us < b->m0_us);
}

bool wx_lineup_is_env(const char *name)
{
	size_t n = strlen(name);
	const char *slash = strrchr(name, '/');

	/* A node's own, or made of a card's file: "x.cbor~env.csv". */
	return n > 4 && !strcasecmp(name + n - 4, ".csv") &&
	       (!strncmp(slash ? slash + 1 : name, "env", 3) ||
		(n > 8 && !strcmp(name + n - 8, "~env.csv")));
}

int wx_lineup_read_air(const struct wx_lineup *l, int64_t boot,
		       struct wx_env *env, struct wx_log *log,
		       struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < l->catalog.n_others && rc == WX_OK; i++) {
		const struct wx_held *o = &l->catalog.other[i];
		struct wx_error why = { 0 };
		char *path;

		if (o->form->boot != boot ||
		    !wx_lineup_is_env(wx_catalog_name(&l->catalog, o)))
			continue;
		path = wx_archive_path(l->a, "raw/%s/%s", l->node,
				       wx_catalog_name(&l->catalog, o));
		if (!path)
			return wx_fail_nomem(err);
		rc = wx_env_read(env, path, log, &why);
		if (rc == WX_ERR_NOMEM) {
			wx_fail(err, rc, "%s", why.text);
		} else if (rc != WX_OK) {
			wx_warn(log, "%s; passed over", why.text);
			rc = WX_OK;
		}
		free(path);
	}
	wx_env_sort(env);
	return rc;
}

/* What is hard to believe of a boot's readings, by its m as a time. */
static int doubt_air(struct wx_doubts *d, const struct wx_limits *limits,
		     const struct wx_env *env, struct wx_error *err)
{
	int rc = WX_OK;

	wx_doubts_fini(d);
	wx_doubts_init(d, limits);
	for (size_t i = 0; i < env->n && rc == WX_OK; i++) {
		struct wx_env_reading r = wx_env_get(env, i);
		struct wx_obs obs;

		wx_obs_init(&obs);
		obs.utc = wx_time_from_us(r.m_us);
		obs.air_temp_degc = r.air_temp_degc;
		obs.rel_hum_pct = r.rel_hum_pct;
		obs.pressure_hpa = r.pressure_hpa;
		rc = wx_doubts_add(d, &obs, err);
	}
	wx_doubts_finish(d);
	return rc;
}

static uint64_t doubt_bits(struct wx_lineup *l, const struct wx_doubts *d,
			   const struct wx_cut *cut, int64_t from_us)
{
	double length_us = (double)cut->length_frames * cut->us_per_frame;
	unsigned bits =
		wx_doubts_of(d, from_us * WX_NS_PER_US,
			     (from_us + (int64_t)length_us) * WX_NS_PER_US);
	uint64_t flags = 0;

	for (int i = 0; i < WX_N_DOUBTS; i++)
		if (bits >> i & 1)
			flags |= wx_flags_bits(&l->flags, wx_doubt_word(i));
	return flags;
}

static void add_air(struct wx_lineup *l, const struct wx_lineup_item *it,
		    struct wx_env *env, const struct wx_doubts *doubts)
{
	const struct wx_held *c = wx_lineup_capture(l, it);
	struct wx_cut cut = wx_lineup_cut(l, c);

	for (int64_t k = 0; k < cut.n_windows; k++) {
		struct wx_lineup_window *w = &l->window[it->first + (size_t)k];
		double mid = (double)wx_cut_frame(&cut, k) +
			     (double)cut.length_frames / 2;
		struct wx_env_reading r = wx_env_at(
			env, c->m0_us + (int64_t)(mid * cut.us_per_frame));

		if (!isnan(r.air_temp_degc)) /* -60 to 70, see env.h */
			w->temp_c100 = (int16_t)lround(r.air_temp_degc * 100.0);
		if (!isnan(r.rel_hum_pct)) /* 0 to 100 */
			w->rel_hum_c100 =
				(uint16_t)lround(r.rel_hum_pct * 100.0);
		w->pressure_hpa = r.pressure_hpa;
		w->flags |= doubt_bits(
			l, doubts, &cut,
			c->m0_us + (int64_t)((double)wx_cut_frame(&cut, k) *
					     cut.us_per_frame));
	}
}

int wx_lineup_join_air(struct wx_lineup *l, struct wx_error *err)
{
	struct wx_env env = { 0 };
	struct wx_doubts doubts = { 0 };
	struct wx_limits limits;
	int64_t boot = -1;
	int rc = wx_limits_read(l->a->site->quality, &limits, err);

	wx_sort(l->item, l->n_items, sizeof(*l->item), by_m, l);
	for (size_t i = 0; i < l->n_items && rc == WX_OK; i++) {
		const struct wx_held *c = wx_lineup_capture(l, &l->item[i]);

		if (!wx_lineup_has_m(c))
			continue;
		if (c->form->boot != boot) {
			wx_env_fini(&env);
			boot = c->form->boot;
			rc = wx_lineup_read_air(l, boot, &env, l->log, err);
			if (rc == WX_OK)
				rc = doubt_air(&doubts, &limits, &env, err);
		}
		if (rc == WX_OK)
			add_air(l, &l->item[i], &env, &doubts);
	}
	wx_doubts_fini(&doubts);
	wx_env_fini(&env);
	return rc;
}
