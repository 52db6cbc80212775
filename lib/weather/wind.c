/* SPDX-License-Identifier: MIT */
/* lib/weather/wind.c: rows of an anemometer into the wind of windows. */
#include "weather/wind.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "weather/gauge.h"

enum row_kind { ROW_MEAN, ROW_COUNTER, ROW_PULSE, ROW_READING };

/* Small: a year of 10 s has three million. */
struct wx_wind_row {
	int64_t end_ns;
	float mean_m_s; /* of a pulse until finish: its turns */
	float gust_m_s;
	float len_s; /* what the row stands for; pulses, readings: at finish */
	uint8_t kind;
};

/* A cup's calibration, 1 sigma: a share, and a floor in m/s. */
#define CUP_SIGMA_SHARE .02
#define CUP_SIGMA_M_S   .03
/* Below this start_sigma_s the place of a window is as good as known. */
#define SURE_START_S 0.05
/* How hourly means differ within a day, a share of their mean, and how soon. */
#define WEATHER_SHARE .5
#define WEATHER_S     3600.0
/* Rows up to this tell gusts themselves, s. */
#define GUST_ROW_S 1.5
/* Rows without an interval further apart than this are not one record. */
#define MAX_STEP_S 3600.0

void wx_wind_init(struct wx_wind *w, double m_s_per_hz, double offset_m_s,
		  double threshold_m_s)
{
	*w = (struct wx_wind){ .m_s_per_hz = m_s_per_hz,
			       .offset_m_s = offset_m_s,
			       .threshold_m_s = threshold_m_s,
			       .last_ns = INT64_MIN };
}

/* Until the next finish. */
static void forget_used(struct wx_wind *w)
{
	if (w->used != w->row)
		free(w->used);
	w->used = NULL;
	w->n_used = w->cap_used = w->at = 0;
}

void wx_wind_fini(struct wx_wind *w)
{
	forget_used(w);
	free(w->row);
	free(w->heard.v);
	free(w->alive.v);
	*w = (struct wx_wind){ 0 };
}

static int push(struct wx_wind_row **v, size_t *n, size_t *cap,
		const struct wx_wind_row *row, struct wx_error *err)
{
	if (WX_GROW(v, cap, *n + 1, err))
		return WX_ERR_NOMEM;
	(*v)[(*n)++] = *row;
	return WX_OK;
}

static bool believable(double m_s)
{
	return m_s >= 0 && m_s <= WX_WIND_MAX_M_S;
}

/* Turns within len_s: what the transfer function makes of them. */
static double speed_of(const struct wx_wind *w, double turns, double len_s)
{
	double v = w->m_s_per_hz * turns / len_s + w->offset_m_s;

	return turns > 0 && v >= w->threshold_m_s ? v : 0;
}

/* The logger ran: at this row, and all its time. */
static int hear(struct wx_wind *w, int64_t end_ns, double len_s,
		struct wx_error *err)
{
	int64_t reach = (int64_t)(WX_WIND_MAX_PULSE_GAP_S * 1e9);
	int64_t len =
		len_s > 0 && len_s <= WX_S_PER_DAY ? (int64_t)(len_s * 1e9) : 0;

	return wx_spans_add(&w->heard, end_ns - len, end_ns, reach, err);
}

int wx_wind_add(struct wx_wind *w, const struct wx_obs *obs,
		struct wx_error *err)
{
	struct wx_wind_row row = { .end_ns = obs->utc.utc_ns,
				   .mean_m_s = (float)obs->wind_avg_m_s,
				   .gust_m_s = (float)obs->wind_gust_m_s };
	bool turns = !isnan(w->m_s_per_hz) && !isnan(obs->cup_turns);
	double len_s = obs->interval_s;

	if (row.end_ns < -WX_EVIDENCE_MAX_NS || row.end_ns > WX_EVIDENCE_MAX_NS)
		return WX_OK; /* the gauge counts it */
	if (hear(w, row.end_ns, obs->interval_s, err) != WX_OK)
		return WX_ERR_NOMEM;
	if (isnan(len_s) && w->last_ns != INT64_MIN)
		len_s = (double)(row.end_ns - w->last_ns) / 1e9;
	w->last_ns = row.end_ns;
	if ((!turns && isnan(obs->wind_avg_m_s)) || isnan(len_s))
		return WX_OK;
	if (isnan(obs->interval_s) && !(len_s > 0 && len_s <= MAX_STEP_S))
		return WX_OK;
	row.len_s = (float)len_s;
	row.kind = len_s > 0 ? turns ? ROW_COUNTER : ROW_MEAN
		   : turns   ? ROW_PULSE
			     : ROW_READING;
	if (row.kind == ROW_COUNTER)
		row.mean_m_s = (float)speed_of(w, obs->cup_turns, len_s);
	if (row.kind == ROW_PULSE)
		row.mean_m_s = (float)obs->cup_turns;
	if (len_s < 0 || len_s > WX_S_PER_DAY ||
	    (turns && !(obs->cup_turns >= 0 && obs->cup_turns < 1e6)) ||
	    (row.kind != ROW_PULSE && !believable((double)row.mean_m_s))) {
		w->n_refused++;
		return WX_OK;
	}
	if (row.kind == ROW_PULSE && row.mean_m_s <= 0)
		return WX_OK;
	if (!believable((double)row.gust_m_s))
		row.gust_m_s = NAN;
	if (w->n_rows && row.end_ns < w->row[w->n_rows - 1].end_ns)
		w->n_unsorted++;
	forget_used(w);
	return push(&w->row, &w->n_rows, &w->cap_rows, &row, err);
}

void wx_wind_trim(struct wx_wind *w, struct wx_time before)
{
	size_t n = 0;

	forget_used(w);
	for (size_t i = 0; i < w->n_rows; i++)
		if (w->row[i].end_ns >= before.utc_ns)
			w->row[n++] = w->row[i];
	w->n_rows = n;
	wx_spans_trim(&w->heard, before.utc_ns);
}

static int by_end(const void *a, const void *b)
{
	const struct wx_wind_row *x = a, *y = b;

	if (x->end_ns != y->end_ns)
		return x->end_ns < y->end_ns ? -1 : 1;
	/* The finer one first; then anything that no order of input changes. */
	if (x->len_s < y->len_s || x->len_s > y->len_s)
		return x->len_s < y->len_s ? -1 : 1;
	if (x->kind != y->kind)
		return x->kind > y->kind ? -1 : 1;
	return (x->mean_m_s > y->mean_m_s) - (x->mean_m_s < y->mean_m_s);
}

static int64_t from_of(const struct wx_wind_row *row)
{
	return row->end_ns - (int64_t)llround((double)row->len_s * 1e9);
}

/* A row without length stands for the time since the one like it. */
static bool measure(const struct wx_wind *w, struct wx_wind_row *row,
		    int64_t last_ns)
{
	double len_s;

	if (last_ns == INT64_MIN)
		return false;
	len_s = (double)(row->end_ns - last_ns) / 1e9;
	if (len_s > WX_WIND_MAX_PULSE_GAP_S &&
	    !(row->kind == ROW_PULSE &&
	      wx_spans_find(&w->alive, last_ns, row->end_ns)))
		return false;
	row->len_s = (float)len_s;
	if (row->kind == ROW_PULSE)
		row->mean_m_s =
			len_s > 0 ? (float)speed_of(w, (double)row->mean_m_s,
						    len_s)
				  : 0;
	return len_s > 0 && believable((double)row->mean_m_s);
}

/* Nothing to measure, and no row tells again what one before it told. */
static bool is_plain(const struct wx_wind *w)
{
	for (size_t i = 0; i < w->n_rows; i++)
		if (w->row[i].kind == ROW_PULSE ||
		    w->row[i].kind == ROW_READING ||
		    (i && from_of(&w->row[i]) < w->row[i - 1].end_ns))
			return false;
	return true;
}

/* Those that tell something, measured and cut, into used. */
static int use_rows(struct wx_wind *w, struct wx_error *err)
{
	int64_t last[4] = { INT64_MIN, INT64_MIN, INT64_MIN, INT64_MIN };
	int64_t end = INT64_MIN;

	for (size_t i = 0; i < w->n_rows; i++) {
		struct wx_wind_row row = w->row[i];

		if (row.kind == ROW_PULSE || row.kind == ROW_READING) {
			bool ok = measure(w, &row, last[row.kind]);

			last[row.kind] = row.end_ns;
			if (!ok)
				continue;
		}
		/* What a finer row already told is not told again. */
		if (end != INT64_MIN && from_of(&row) < end) {
			row.len_s = (float)((double)(row.end_ns - end) / 1e9);
			if (row.end_ns <= end)
				continue;
		}
		end = row.end_ns;
		if (push(&w->used, &w->n_used, &w->cap_used, &row, err))
			return WX_ERR_NOMEM;
	}
	return WX_OK;
}

int wx_wind_finish(struct wx_wind *w, struct wx_error *err)
{
	forget_used(w);
	for (size_t i = 1; i < w->n_rows; i++)
		if (by_end(&w->row[i - 1], &w->row[i]) > 0) {
			qsort(w->row, w->n_rows, sizeof(*w->row), by_end);
			break;
		}
	wx_spans_sort(&w->heard);
	if (wx_spans_copy(&w->alive, &w->heard, err) != WX_OK)
		return WX_ERR_NOMEM;
	if (!is_plain(w))
		return use_rows(w, err);
	w->used = w->row; /* most records: nothing to keep twice */
	w->n_used = w->n_rows;
	return WX_OK;
}

/* First row that ends after ns; windows mostly come in order. */
static size_t row_after(struct wx_wind *w, int64_t ns)
{
	size_t lo, hi = w->n_used;

	if (w->at > hi || (w->at && w->used[w->at - 1].end_ns > ns))
		w->at = 0;
	for (int i = 0; i < 16 && w->at < hi; i++, w->at++)
		if (w->used[w->at].end_ns > ns)
			return w->at;
	lo = w->at;
	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (w->used[mid].end_ns > ns)
			hi = mid;
		else
			lo = mid + 1;
	}
	return w->at = lo;
}

struct mean {
	double m_s, gust_m_s;
	double measured_s; /* how much of the window */
	double row_s;      /* typical length of its rows */
	double turned_s;   /* how much by pulses or counters ... */
	double counted_s;  /* ... and by counters */
};

static struct mean mean_of(struct wx_wind *w, int64_t from, int64_t to)
{
	struct mean m = { .gust_m_s = NAN };

	for (size_t i = row_after(w, from); i < w->n_used; i++) {
		const struct wx_wind_row *r = &w->used[i];
		int64_t a = r->end_ns - (int64_t)((double)r->len_s * 1e9 + .5);
		double s;

		if (a >= to)
			break;
		s = (double)((r->end_ns < to ? r->end_ns : to) -
			     (a > from ? a : from)) /
		    1e9;
		m.m_s += s * (double)r->mean_m_s;
		m.row_s += s * (double)r->len_s;
		m.measured_s += s;
		if (r->kind == ROW_PULSE || r->kind == ROW_COUNTER)
			m.turned_s += s;
		if (r->kind == ROW_COUNTER)
			m.counted_s += s;
		m.gust_m_s = fmax(m.gust_m_s, (double)r->gust_m_s);
	}
	if (m.measured_s > 0) {
		m.m_s /= m.measured_s;
		m.row_s /= m.measured_s;
	}
	return m;
}

/* Largest 3 s mean within [from, to), a second apart. */
static double gust_of(struct wx_wind *w, int64_t from, int64_t to)
{
	int64_t len = (int64_t)(WX_WIND_MIN_LENGTH_S * 1e9);
	double max = NAN;

	for (; from + len <= to; from += WX_NS_PER_S) {
		struct mean m = mean_of(w, from, from + len);

		if (m.measured_s >= WX_WIND_MIN_COVER * WX_WIND_MIN_LENGTH_S)
			max = fmax(max, m.m_s);
	}
	return max;
}

/*
 * Variance of the mean over len_s of a signal of variance 1 that forgets
 * itself exponentially within eddy_s.
 */
static double mean_variance(double len_s, double eddy_s)
{
	double x = eddy_s / len_s;

	return 2 * x * (1 - x * (1 - exp(-1 / x)));
}

static double doubt_of(const struct wx_wind *w, const struct mean *m,
		       double length_s, double start_sigma_s)
{
	double cup = CUP_SIGMA_SHARE * m->m_s + CUP_SIGMA_M_S;
	double gusts = 0, weather = 0, count = 0;

	if (m->row_s > length_s || start_sigma_s > SURE_START_S) {
		double eddy_s = fmin(WX_WIND_EDDY_M / fmax(m->m_s, 0.5), 60);
		double own = mean_variance(length_s, eddy_s);

		if (m->row_s > length_s)
			gusts = own - mean_variance(m->row_s, eddy_s);
		gusts += 2 * own *
			 (1 - exp(-start_sigma_s / (eddy_s + length_s / 2)));
		weather = WEATHER_SHARE * m->m_s *
			  sqrt(1 - exp(-start_sigma_s / WEATHER_S));
	}
	gusts *= WX_WIND_TURBULENCE * WX_WIND_TURBULENCE * m->m_s * m->m_s;
	/* A count is short by up to one at either end. */
	if (m->counted_s > 0)
		count = w->m_s_per_hz / fmax(m->row_s, length_s) / sqrt(6);
	return sqrt(cup * cup + gusts + weather * weather + count * count);
}

void wx_wind_label(struct wx_wind *w, const struct wx_classes *classes,
		   struct wx_time start, double length_s, double start_sigma_s,
		   struct wx_class_label *out, double *gust_m_s,
		   struct wx_wind_why *why)
{
	int64_t from = start.utc_ns, to = from + (int64_t)(length_s * 1e9);
	double cdf[WX_MAX_LIMITS], at, sigma;
	struct mean m;

	*why = (struct wx_wind_why){ .length_s = length_s, .sigma_m_s = NAN };
	*gust_m_s = NAN;
	wx_class_unknown(out);
	if (length_s < WX_WIND_MIN_LENGTH_S) {
		int64_t more =
			(int64_t)((WX_WIND_MIN_LENGTH_S - length_s) / 2 * 1e9);

		from -= more;
		to += more;
		why->length_s = WX_WIND_MIN_LENGTH_S;
		why->widened = true;
	}
	m = mean_of(w, from, to);
	if (m.measured_s < WX_WIND_MIN_COVER * why->length_s)
		return;
	*gust_m_s = isnan(m.gust_m_s) && m.row_s <= GUST_ROW_S
			    ? gust_of(w, from, to)
			    : m.gust_m_s;
	at = m.m_s;
	sigma = doubt_of(w, &m, why->length_s, start_sigma_s);
	if (m.m_s < w->threshold_m_s) { /* anything up to the threshold */
		why->still = true;
		at = w->threshold_m_s / 2;
		sigma = hypot(sigma, w->threshold_m_s / sqrt(12));
	}
	why->sigma_m_s = sigma;
	for (int i = 0; i < classes->n - 1; i++)
		cdf[i] = wx_normal_cdf((classes->limit[i] - at) / sigma);
	wx_class_label(classes, m.m_s, cdf,
		       m.turned_s > m.measured_s / 2 ? "pulses" : "interval",
		       out);
}
