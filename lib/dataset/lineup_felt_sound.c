/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup_felt_sound.c: wind and rain as a node heard them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/csv.h"
#include "base/quality.h"
#include "dataset/lineup_felt.h"

#define MINUTE_S 60.0

static const char *const low_bands[] = { "band_20_60_db", "band_60_100_db" };
static const char *const high_bands[] = { "band_2000_3000_db",
					  "band_3000_4400_db",
					  "band_4400_5600_db",
					  "band_5600_7000_db" };
enum { N_LOW = 2, N_HIGH = 4 };

struct cols {
	int capture, offset_s, length_s, quality, low[N_LOW], high[N_HIGH];
};

/* The minute being averaged. */
struct gather {
	const struct wx_held *capture;
	int64_t minute;
	double at_s, low, high, n;
};

struct reader {
	const struct wx_lineup *l;
	struct wx_felt_sound *out;
	struct gather now;
};

static int flush(struct reader *r, struct wx_error *err)
{
	struct gather *g = &r->now;

	if (g->n > 0) {
		if (WX_GROW(&r->out->minute, &r->out->size, r->out->n + 1, err))
			return WX_ERR_NOMEM;
		r->out->minute[r->out->n++] = (struct wx_felt_minute){
			g->capture->form->boot,
			g->capture->m0_us + llround(g->at_s / g->n * 1e6),
			(float)(g->low / g->n), (float)(g->high / g->n)
		};
	}
	*g = (struct gather){ 0 };
	return WX_OK;
}

/* Mean of the bands that there are (of 8 kHz no high ones); NAN: none. */
static double bands(const struct wx_csv *csv, const int *col, int n)
{
	double sum = 0, v;
	int n_told = 0;

	for (int i = 0; i < n; i++) {
		if (wx_csv_f64(csv, col[i], &v, NULL) != WX_OK || !isfinite(v))
			continue;
		sum += v;
		n_told++;
	}
	return n_told ? sum / n_told : NAN;
}

static int add_row(struct reader *r, const struct wx_held *c,
		   const struct wx_csv *csv, const struct cols *col,
		   struct wx_error *err)
{
	double offset_s, length_s, low, high;
	int64_t quality, minute;
	int rc = WX_OK;

	if (wx_csv_f64(csv, col->offset_s, &offset_s, NULL) != WX_OK ||
	    wx_csv_f64(csv, col->length_s, &length_s, NULL) != WX_OK ||
	    wx_csv_i64(csv, col->quality, WX_QUALITY_UNKNOWN, &quality, NULL) !=
		    WX_OK ||
	    quality > WX_QUALITY_SUSPECT)
		return WX_OK;
	low = bands(csv, col->low, N_LOW);
	high = bands(csv, col->high, N_HIGH);
	if (!(offset_s >= 0 && offset_s < 1e7))
		return WX_OK;
	minute = (int64_t)(offset_s / MINUTE_S);
	if (c != r->now.capture || minute != r->now.minute)
		rc = flush(r, err);
	r->now.capture = c;
	r->now.minute = minute;
	r->now.at_s += offset_s + length_s / 2;
	r->now.low += low;
	r->now.high += high;
	r->now.n++;
	return rc;
}

static bool find_cols(const struct wx_csv *csv, struct cols *col)
{
	col->capture = wx_csv_col(csv, "capture");
	col->offset_s = wx_csv_col(csv, "offset_s");
	col->length_s = wx_csv_col(csv, "length_s");
	col->quality = wx_csv_col(csv, "quality");
	for (int i = 0; i < N_LOW; i++)
		col->low[i] = wx_csv_col(csv, low_bands[i]);
	for (int i = 0; i < N_HIGH; i++)
		col->high[i] = wx_csv_col(csv, high_bands[i]);
	for (int i = 0; i < N_HIGH; i++)
		if (col->high[i] < 0 || col->low[i % N_LOW] < 0)
			return false;
	return col->capture >= 0 && col->offset_s >= 0 && col->length_s >= 0;
}

/* Captures of one folder and the rows of its table, both sorted by name. */
static int merge(struct reader *r, const uint32_t *order, size_t n,
		 struct wx_csv *csv, struct wx_error *err)
{
	const struct wx_catalog *cat = &r->l->catalog;
	size_t prefix = strlen("raw//") + strlen(r->l->node), i = 0;
	struct cols col;
	int rc = WX_OK;

	if (!find_cols(csv, &col))
		return WX_OK;
	while (rc == WX_OK && i < n && wx_csv_next(csv, NULL) > 0) {
		const char *path = wx_csv_get(csv, col.capture);
		const struct wx_held *c;
		int cmp = -1;

		if (wx_csv_get_len(csv, col.capture) <= prefix)
			continue;
		while (i < n &&
		       (cmp = strcmp(
				wx_catalog_name(cat, &cat->capture[order[i]]),
				path + prefix)) < 0)
			i++;
		if (i == n || cmp != 0)
			continue;
		c = &cat->capture[order[i]];
		if (wx_lineup_has_m(c) && !c->form->triggered)
			rc = add_row(r, c, csv, &col, err);
	}
	return rc == WX_OK ? flush(r, err) : rc;
}

static int read_folder(struct reader *r, const uint32_t *order, size_t n,
		       struct wx_error *err)
{
	const struct wx_catalog *cat = &r->l->catalog;
	char *table = wx_sound_table(
		r->l->node, wx_catalog_name(cat, &cat->capture[order[0]]));
	char *path = table ? wx_archive_path(r->l->a, "%s", table) : NULL;
	struct wx_csv *csv = NULL;
	int rc = path ? WX_OK : wx_fail_nomem(err);

	/* One that cannot be read is told when the windows get their quality */
	if (rc == WX_OK && access(path, F_OK) == 0 &&
	    wx_csv_open(path, NULL, &csv, NULL) == WX_OK)
		rc = merge(r, order, n, csv, err);
	wx_csv_close(csv);
	free(path);
	free(table);
	return rc;
}

static int by_folder(const void *pa, const void *pb, void *ctx)
{
	const struct wx_catalog *c = ctx;

	return wx_folder_compare(
		wx_catalog_name(c, &c->capture[*(const uint32_t *)pa]),
		wx_catalog_name(c, &c->capture[*(const uint32_t *)pb]));
}

static int by_boot(const void *pa, const void *pb)
{
	const struct wx_felt_minute *a = pa, *b = pb;

	if (a->boot != b->boot)
		return a->boot < b->boot ? -1 : 1;
	return (a->m_us > b->m_us) - (a->m_us < b->m_us);
}

int wx_felt_read_sound(const struct wx_lineup *l, struct wx_felt_sound *out,
		       struct wx_error *err)
{
	struct reader r = { .l = l, .out = out };
	const struct wx_catalog *cat = &l->catalog;
	uint32_t *order = malloc((cat->n_captures + 1) * sizeof(*order));
	int rc = order ? WX_OK : wx_fail_nomem(err);

	for (size_t i = 0; i < cat->n_captures && rc == WX_OK; i++)
		order[i] = (uint32_t)i;
	if (rc == WX_OK)
		qsort_r(order, cat->n_captures, sizeof(*order), by_folder,
			(void *)cat);
	for (size_t i = 0, to; i < cat->n_captures && rc == WX_OK; i = to) {
		const char *name =
			wx_catalog_name(cat, &cat->capture[order[i]]);
		size_t n = wx_folder_length(name);

		for (to = i + 1; to < cat->n_captures; to++) {
			const char *next =
				wx_catalog_name(cat, &cat->capture[order[to]]);

			if (wx_folder_length(next) != n ||
			    memcmp(name, next, n) != 0)
				break;
		}
		rc = read_folder(&r, order + i, to - i, err);
	}
	free(order);
	if (out->n)
		qsort(out->minute, out->n, sizeof(*out->minute), by_boot);
	return rc;
}

void wx_felt_sound_fini(struct wx_felt_sound *s)
{
	free(s->minute);
	*s = (struct wx_felt_sound){ 0 };
}

int wx_felt_of_sound(const struct wx_felt_sound *s, int64_t boot,
		     enum wx_felt felt, struct wx_felt_series *out,
		     struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < s->n && rc == WX_OK; i++) {
		const struct wx_felt_minute *m = &s->minute[i];

		if (m->boot == boot)
			rc = wx_felt_add(out, m->m_us,
					 felt == WX_FELT_WIND ? m->low_db
							      : m->high_db,
					 err);
	}
	return rc;
}
