/* SPDX-License-Identifier: MIT */
/* lib/weather/label.c: rows of labels/, written and read. */
#include "weather/label.h"

#include <math.h>
#include <string.h>

#include "base/text.h"

static void write_probs(struct wx_row *row, const struct wx_class_label *c)
{
	double p[WX_MAX_CLASSES];
	int n = c->n_probs < WX_MAX_CLASSES ? c->n_probs : WX_MAX_CLASSES;

	for (int i = 0; i < n; i++) /* 0 for what is no number, too */
		p[i] = c->probs[i] > 1 ? 1 : c->probs[i] > 0 ? c->probs[i] : 0;
	wx_row_f64s(row, p, n, 3);
}

static void write_class(struct wx_row *row, const struct wx_class_label *c)
{
	wx_row_str(row, c->name ? c->name : "");
	wx_row_f64(row, c->p, 3);
	write_probs(row, c);
	wx_row_i64(row, c->keep);
	wx_row_str(row, c->source ? c->source : "none");
}

/* Not in what wx_label_write() writes elsewhere: the track. */
static bool is_same(const struct wx_class_label *a,
		    const struct wx_class_label *b)
{
	bool same = a->value == b->value && a->p == b->p &&
		    a->name == b->name && a->keep == b->keep &&
		    a->source == b->source && a->n_probs == b->n_probs;

	for (int i = 0; same && i < a->n_probs; i++)
		same = a->probs[i] == b->probs[i];
	return same;
}

static void write_rain(struct wx_row *row, struct wx_label_last *last,
		       const struct wx_class_label *rain)
{
	uint64_t from = wx_row_at(row);
	int before = row->n_fields;

	if (is_same(&last->rain, rain) && wx_row_again(row, &last->rain_text))
		return;
	wx_row_f64(row, rain->value, 2);
	write_class(row, rain);
	last->rain = *rain;
	wx_row_keep(row, from, row->n_fields - before, &last->rain_text);
}

static void write_tips(struct wx_row *row, struct wx_label_last *last,
		       const struct wx_label *l)
{
	uint64_t from = wx_row_at(row);

	if (last->tip_before.utc_ns == l->rain_tip_before.utc_ns &&
	    last->tip_after.utc_ns == l->rain_tip_after.utc_ns &&
	    wx_row_again(row, &last->tips_text))
		return;
	wx_row_time(row, l->rain_tip_before, 3);
	wx_row_time(row, l->rain_tip_after, 3);
	last->tip_before = l->rain_tip_before;
	last->tip_after = l->rain_tip_after;
	wx_row_keep(row, from, 2, &last->tips_text);
}

void wx_label_write(struct wx_row *row, struct wx_label_last *last,
		    const struct wx_label *l)
{
	wx_row_str(row, l->node ? l->node : "");
	wx_row_str(row, l->capture ? l->capture : "");
	wx_row_f64(row, l->offset_s, 3);
	wx_row_time(row, l->start_utc, 3);
	wx_row_f64(row, l->length_s, 3);
	write_rain(row, last, &l->rain);
	wx_row_f64(row, l->wind.value, 2);
	wx_row_f64(row, l->wind_gust_m_s, 2);
	write_class(row, &l->wind);
	wx_row_str(row, l->flags ? l->flags : "");
	wx_row_str(row, l->rain.track ? l->rain.track : "");
	wx_row_str(row, l->wind.track ? l->wind.track : "");
	write_tips(row, last, l);
	wx_row_f64(row, l->rain_sigma_ln, 3);
	wx_row_i64(row, l->rain_smoothed);
	wx_row_end(row);
}

int wx_label_cols(const struct wx_csv *csv, struct wx_label_cols *cols,
		  struct wx_error *err)
{
	const struct {
		const char *name;
		int *col;
		int needed;
	} all[] = {
		{ "node", &cols->node, 0 },
		{ "capture", &cols->capture, 1 },
		{ "offset_s", &cols->offset_s, 1 },
		{ "start_utc", &cols->start_utc, 1 },
		{ "length_s", &cols->length_s, 1 },
		{ "rain_mm_h", &cols->rain_mm_h, 0 },
		{ "rain_class", &cols->rain_class, 0 },
		{ "rain_p", &cols->rain_p, 0 },
		{ "rain_probs", &cols->rain_probs, 0 },
		{ "rain_keep", &cols->rain_keep, 0 },
		{ "rain_source", &cols->rain_source, 0 },
		{ "wind_m_s", &cols->wind_m_s, 0 },
		{ "wind_gust_m_s", &cols->wind_gust_m_s, 0 },
		{ "wind_class", &cols->wind_class, 0 },
		{ "wind_p", &cols->wind_p, 0 },
		{ "wind_probs", &cols->wind_probs, 0 },
		{ "wind_keep", &cols->wind_keep, 0 },
		{ "wind_source", &cols->wind_source, 0 },
		{ "flags", &cols->flags, 0 },
		{ "rain_track", &cols->rain_track, 0 },
		{ "wind_track", &cols->wind_track, 0 },
		{ "rain_tip_before", &cols->rain_tip_before, 0 },
		{ "rain_tip_after", &cols->rain_tip_after, 0 },
		{ "rain_sigma_ln", &cols->rain_sigma_ln, 0 },
		{ "rain_smoothed", &cols->rain_smoothed, 0 },
	};

	for (size_t i = 0; i < WX_COUNT(all); i++) {
		int rc = WX_OK;

		if (all[i].needed)
			rc = wx_csv_need(csv, all[i].name, all[i].col, err);
		else
			*all[i].col = wx_csv_col(csv, all[i].name);
		if (rc != WX_OK)
			return rc;
	}
	return WX_OK;
}

static int read_probs(const struct wx_csv *csv, int col,
		      struct wx_class_label *c, struct wx_error *err)
{
	const char *text = wx_csv_get(csv, col);

	c->n_probs = 0;
	while (*text) {
		size_t len = strcspn(text, ";");
		double p;

		if (c->n_probs == WX_MAX_CLASSES ||
		    !wx_f64_parse(text, len, &p) || p < 0 || p > 1) {
			char q[WX_QUOTE_SIZE];

			return wx_csv_fail(
				csv, err, WX_ERR_FORMAT,
				"column %s: expected up to %d probabilities "
				"with ';' between, found '%s'",
				wx_csv_col_name(csv, col), WX_MAX_CLASSES,
				wx_quote(text, strlen(text), q));
		}
		c->probs[c->n_probs++] = p;
		text += len + (text[len] == ';');
	}
	return WX_OK;
}

struct class_cols {
	int value, name, p, probs, keep, source, track;
};

static int read_class(const struct wx_csv *csv, struct class_cols cols,
		      struct wx_class_label *c, struct wx_error *err)
{
	int64_t keep;
	int rc;

	*c = (struct wx_class_label){ .value = NAN, .p = NAN };
	c->name = wx_csv_get(csv, cols.name);
	c->source = wx_csv_get(csv, cols.source);
	c->track = wx_csv_get(csv, cols.track);
	if ((rc = wx_csv_f64(csv, cols.value, &c->value, err)) != WX_OK ||
	    (rc = wx_csv_f64(csv, cols.p, &c->p, err)) != WX_OK ||
	    (rc = read_probs(csv, cols.probs, c, err)) != WX_OK ||
	    (rc = wx_csv_i64(csv, cols.keep, 0, &keep, err)) != WX_OK)
		return rc;
	if (!*c->source)
		c->source = "none";
	c->keep = keep == 1;
	return WX_OK;
}

static int read_why(const struct wx_csv *csv, const struct wx_label_cols *cols,
		    struct wx_label *out, struct wx_error *err)
{
	int64_t smoothed;
	int rc;

	if ((rc = wx_csv_time(csv, cols->rain_tip_before, &out->rain_tip_before,
			      err)) != WX_OK ||
	    (rc = wx_csv_time(csv, cols->rain_tip_after, &out->rain_tip_after,
			      err)) != WX_OK ||
	    (rc = wx_csv_f64(csv, cols->rain_sigma_ln, &out->rain_sigma_ln,
			     err)) != WX_OK ||
	    (rc = wx_csv_i64(csv, cols->rain_smoothed, 0, &smoothed, err)) !=
		    WX_OK)
		return rc;
	out->rain_smoothed = smoothed == 1;
	return WX_OK;
}

int wx_label_get(const struct wx_csv *csv, const struct wx_label_cols *cols,
		 struct wx_label *out, struct wx_error *err)
{
	const struct class_cols rain = { cols->rain_mm_h, cols->rain_class,
					 cols->rain_p,    cols->rain_probs,
					 cols->rain_keep, cols->rain_source,
					 cols->rain_track };
	const struct class_cols wind = { cols->wind_m_s,  cols->wind_class,
					 cols->wind_p,    cols->wind_probs,
					 cols->wind_keep, cols->wind_source,
					 cols->wind_track };
	int rc;

	*out = (struct wx_label){ .node = wx_csv_get(csv, cols->node),
				  .capture = wx_csv_get(csv, cols->capture),
				  .flags = wx_csv_get(csv, cols->flags) };
	if ((rc = wx_csv_f64(csv, cols->offset_s, &out->offset_s, err)) !=
		    WX_OK ||
	    (rc = wx_csv_time(csv, cols->start_utc, &out->start_utc, err)) !=
		    WX_OK ||
	    (rc = wx_csv_f64(csv, cols->length_s, &out->length_s, err)) !=
		    WX_OK ||
	    (rc = read_class(csv, rain, &out->rain, err)) != WX_OK ||
	    (rc = read_class(csv, wind, &out->wind, err)) != WX_OK ||
	    (rc = wx_csv_f64(csv, cols->wind_gust_m_s, &out->wind_gust_m_s,
			     err)) != WX_OK)
		return rc;
	return read_why(csv, cols, out, err);
}
