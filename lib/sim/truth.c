/* SPDX-License-Identifier: MIT */
/* lib/sim/truth.c: what really happened at a made site. */
#include "sim/truth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/text.h"

/* Room for one more in arrays that double: 0, 1024, 2048, ... */
static bool is_full(size_t n)
{
	return n == 0 || (n >= 1024 && (n & (n - 1)) == 0);
}

static size_t next_room(size_t n)
{
	return n ? 2 * n : 1024;
}

/* ---- weather ---- */

static int weather_add(struct wx_truth *t, double rain, double wind,
		       double rain_from, struct wx_error *err)
{
	if (is_full(t->n_s)) {
		size_t room = next_room(t->n_s);
		float *r = realloc(t->rain_mm_h, room * sizeof(*r)), *w;
		uint32_t *n;

		t->rain_mm_h = r ? r : t->rain_mm_h;
		w = realloc(t->wind_m_s, room * sizeof(*w));
		t->wind_m_s = w ? w : t->wind_m_s;
		n = realloc(t->n_rainy, (room + 1) * sizeof(*n));
		t->n_rainy = n ? n : t->n_rainy;
		if (!r || !w || !n)
			return wx_fail_nomem(err);
	}
	if (t->n_s == 0)
		t->n_rainy[0] = 0;
	t->rain_mm_h[t->n_s] = (float)rain;
	t->wind_m_s[t->n_s] = (float)wind;
	t->n_rainy[t->n_s + 1] = t->n_rainy[t->n_s] + (rain >= rain_from);
	t->n_s++;
	return WX_OK;
}

static int weather_row(struct wx_truth *t, struct wx_csv *csv, int utc,
		       int rain, int wind, double rain_from,
		       struct wx_error *err)
{
	struct wx_time at;
	double r, w;
	int64_t second;
	int rc;

	if ((rc = wx_csv_time(csv, utc, &at, err)) != WX_OK ||
	    (rc = wx_csv_f64(csv, rain, &r, err)) != WX_OK ||
	    (rc = wx_csv_f64(csv, wind, &w, err)) != WX_OK)
		return rc;
	if (wx_time_is_none(at) || isnan(r) || isnan(w))
		return wx_csv_fail(csv, err, WX_ERR_FORMAT,
				   "a truth without utc, rain or wind");
	second = at.utc_ns / WX_NS_PER_S;
	if (t->n_s == 0)
		t->t0_s = second;
	else if (second != t->t0_s + (int64_t)t->n_s)
		return wx_csv_fail(csv, err, WX_ERR_FORMAT,
				   "expected the next second after the row "
				   "above");
	return weather_add(t, r, w, rain_from, err);
}

static int read_weather(const char *dir, double rain_from, struct wx_truth *t,
			struct wx_error *err)
{
	char *path = wx_strf("%s/truth/weather.csv", dir);
	struct wx_csv *csv = NULL;
	int utc, rain, wind, rc;

	rc = path ? wx_csv_open(path, NULL, &csv, err) : wx_fail_nomem(err);
	if (rc != WX_OK)
		goto out;
	if ((rc = wx_csv_need(csv, "utc", &utc, err)) != WX_OK ||
	    (rc = wx_csv_need(csv, "rain_mm_h", &rain, err)) != WX_OK ||
	    (rc = wx_csv_need(csv, "wind_m_s", &wind, err)) != WX_OK)
		goto out;
	while ((rc = wx_csv_next(csv, err)) > 0) {
		rc = weather_row(t, csv, utc, rain, wind, rain_from, err);
		if (rc != WX_OK)
			goto out;
	}
out:
	wx_csv_close(csv);
	free(path);
	return rc;
}

/* ---- captures ---- */

static int by_name(const void *a, const void *b)
{
	const struct wx_truth_capture *x = a, *y = b;
	int order = strcmp(x->node, y->node);

	return order ? order : strcmp(x->name, y->name);
}

/* "raw/NODE/NAME" as NAME. */
static const char *below_raw(const char *node, const char *capture)
{
	size_t n = strlen(node);

	if (!strncmp(capture, "raw/", 4) && !strncmp(capture + 4, node, n) &&
	    capture[4 + n] == '/')
		return capture + 4 + n + 1;
	return capture;
}

static int capture_row(struct wx_truth *t, struct wx_csv *csv,
		       const int cols[5], struct wx_error *err)
{
	struct wx_truth_capture *c;
	const char *node = wx_csv_get(csv, cols[0]);
	int rc;

	if (is_full(t->n_captures)) {
		c = realloc(t->capture, next_room(t->n_captures) * sizeof(*c));
		if (!c)
			return wx_fail_nomem(err);
		t->capture = c;
	}
	c = &t->capture[t->n_captures];
	*c = (struct wx_truth_capture){ .rate_hz = NAN, .size_bytes = -1 };
	if ((rc = wx_csv_time(csv, cols[2], &c->start, err)) != WX_OK ||
	    (rc = wx_csv_time(csv, cols[3], &c->end, err)) != WX_OK ||
	    (rc = wx_csv_i64(csv, cols[4], 0, &c->n_frames, err)) != WX_OK)
		return rc;
	c->node = strdup(node);
	c->name = strdup(below_raw(node, wx_csv_get(csv, cols[1])));
	t->n_captures++;
	return c->node && c->name ? WX_OK : wx_fail_nomem(err);
}

static int read_captures(const char *dir, struct wx_truth *t,
			 struct wx_error *err)
{
	static const char *const names[5] = { "node", "capture", "start_utc",
					      "end_utc", "n_frames" };
	char *path = wx_strf("%s/truth/captures.csv", dir);
	struct wx_csv *csv = NULL;
	int cols[5], rc;

	rc = path ? wx_csv_open(path, NULL, &csv, err) : wx_fail_nomem(err);
	for (int i = 0; rc == WX_OK && i < 5; i++)
		rc = wx_csv_need(csv, names[i], &cols[i], err);
	while (rc == WX_OK && (rc = wx_csv_next(csv, err)) > 0)
		rc = capture_row(t, csv, cols, err);
	if (t->n_captures)
		qsort(t->capture, t->n_captures, sizeof(*t->capture), by_name);
	wx_csv_close(csv);
	free(path);
	return rc;
}

/* ---- what the nodes say of them ---- */

struct index_ctx {
	struct wx_truth *t;
	const char *node;
};

static int index_line(void *ctx, json_t *line, long number,
		      struct wx_error *err)
{
	struct index_ctx *x = ctx;
	const char *crc = wx_json_str(line, "c", "");
	struct wx_truth_capture *c;

	(void)number;
	(void)err;
	c = (struct wx_truth_capture *)wx_truth_find(
		x->t, x->node, wx_json_str(line, "n", ""));
	if (!c)
		return WX_OK;
	c->is_open = !strcmp(wx_json_str(line, "st", "closed"), "open");
	c->rate_hz = wx_json_f64(line, "fs", NAN);
	c->size_bytes = wx_json_i64(line, "l", -1);
	c->has_crc = wx_crc32_parse(crc, strlen(crc), &c->crc);
	return WX_OK;
}

static int read_indexes(const char *dir, struct wx_truth *t,
			struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < t->n_captures && rc == WX_OK; i++) {
		struct index_ctx ctx = { t, t->capture[i].node };
		char *path;

		if (i > 0 && !strcmp(t->capture[i - 1].node, ctx.node))
			continue;
		path = wx_strf("%s/nodes/%s/index.jsl", dir, ctx.node);
		rc = path ? wx_jsonl_read(path, NULL, index_line, &ctx, NULL,
					  err)
			  : wx_fail_nomem(err);
		free(path);
	}
	return rc;
}

int wx_truth_read(const char *dir, double rain_from_mm_h, struct wx_truth *out,
		  struct wx_error *err)
{
	int rc;

	*out = (struct wx_truth){ 0 };
	rc = read_weather(dir, rain_from_mm_h, out, err);
	if (rc == WX_OK)
		rc = read_captures(dir, out, err);
	if (rc == WX_OK)
		rc = read_indexes(dir, out, err);
	if (rc != WX_OK)
		wx_truth_fini(out);
	return rc;
}

void wx_truth_fini(struct wx_truth *t)
{
	for (size_t i = 0; i < t->n_captures; i++) {
		free(t->capture[i].node);
		free(t->capture[i].name);
	}
	free(t->capture);
	free(t->rain_mm_h);
	free(t->wind_m_s);
	free(t->n_rainy);
	*t = (struct wx_truth){ 0 };
}

/* ---- asked ---- */

const struct wx_truth_capture *
wx_truth_find(const struct wx_truth *t, const char *node, const char *capture)
{
	const char *name = below_raw(node, capture);
	size_t from = 0, to = t->n_captures;

	while (from < to) {
		size_t mid = from + (to - from) / 2;
		int order = strcmp(node, t->capture[mid].node);

		if (!order)
			order = strcmp(name, t->capture[mid].name);
		if (!order)
			return &t->capture[mid];
		if (order < 0)
			to = mid;
		else
			from = mid + 1;
	}
	return NULL;
}

struct wx_time wx_truth_start(const struct wx_truth_capture *c, double offset_s)
{
	double stretch = 1, nominal_s = (double)c->n_frames / c->rate_hz;

	if (nominal_s > 0) /* false for NAN */
		stretch = wx_time_diff_s(c->end, c->start) / nominal_s;
	return wx_time_add_s(c->start, offset_s * stretch);
}

/* Seconds after the weather's first one. */
static double after_start(const struct wx_truth *t, struct wx_time at)
{
	return wx_time_diff_s(at, (struct wx_time){ t->t0_s * WX_NS_PER_S });
}

double wx_truth_mean(const struct wx_truth *t, const float *series,
		     struct wx_time start, double length_s)
{
	double from = after_start(t, start), to = from + length_s, sum = 0;

	if (wx_time_is_none(start) || !(length_s > 0) || from < 0 ||
	    to > (double)t->n_s)
		return NAN;
	for (size_t i = (size_t)from; (double)i < to; i++)
		sum += series[i] *
		       (fmin(to, (double)i + 1) - fmax(from, (double)i));
	return sum / length_s;
}

bool wx_truth_near_rain(const struct wx_truth *t, struct wx_time start,
			double length_s, double margin_s)
{
	double from = after_start(t, start) - margin_s;
	double to = from + length_s + 2 * margin_s, n = (double)t->n_s;

	from = fmin(fmax(floor(from), 0), n);
	to = fmin(fmax(ceil(to), 0), n);
	return t->n_s && t->n_rainy[(size_t)to] > t->n_rainy[(size_t)from];
}
