/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup_felt.c: what a node and a station felt, as series. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/csv.h"
#include "dataset/lineup_felt.h"
#include "weather/obs.h"

#define MAX_VALUES 2000000
#define DAY_US     INT64_C(86400000000)
/* Rain is counted in these: a bucket of 0.2 mm at 1 mm/h tips each 12 min. */
#define RAIN_US INT64_C(600000000)

/* --- a series ----------------------------------------------------------- */

static void halve(struct wx_felt_series *s)
{
	for (size_t i = 0; i + 1 < s->n; i += 2) {
		s->at_us[i / 2] =
			s->at_us[i] + (s->at_us[i + 1] - s->at_us[i]) / 2;
		s->value[i / 2] = (s->value[i] + s->value[i + 1]) / 2;
	}
	s->n /= 2;
	s->halved++;
}

int wx_felt_add(struct wx_felt_series *s, int64_t at_us, double value,
		struct wx_error *err)
{
	int rc = WX_OK;

	if (!isfinite(value) || (s->n && at_us <= s->at_us[s->n - 1]))
		return WX_OK;
	if (!s->n_in)
		s->first_us = at_us;
	s->sum_at += (double)(at_us - s->first_us);
	s->sum_value += value;
	if (++s->n_in < 1u << s->halved)
		return WX_OK;
	if (s->n == MAX_VALUES)
		halve(s);
	rc = WX_GROW(&s->at_us, &s->room_at, s->n + 1, err);
	if (rc == WX_OK)
		rc = WX_GROW(&s->value, &s->room_value, s->n + 1, err);
	if (rc != WX_OK)
		return rc;
	s->at_us[s->n] = s->first_us + llround(s->sum_at / s->n_in);
	s->value[s->n++] = s->sum_value / s->n_in;
	s->n_in = 0;
	s->sum_at = s->sum_value = 0;
	return WX_OK;
}

void wx_felt_fini(struct wx_felt_series *s)
{
	free(s->at_us);
	free(s->value);
	*s = (struct wx_felt_series){ 0 };
}

/* --- the node's barometer ----------------------------------------------- */

static int add_table(struct wx_felt_series *out, const char *path,
		     struct wx_error *err)
{
	struct wx_csv *csv = NULL;
	int col_m, col_p, rc = wx_csv_open(path, NULL, &csv, NULL);

	if (rc != WX_OK) /* told when the windows get their air */
		return WX_OK;
	col_m = wx_csv_col(csv, "m");
	col_p = wx_csv_col(csv, "pressure_hpa");
	while (rc == WX_OK && col_m >= 0 && col_p >= 0 &&
	       wx_csv_next(csv, NULL) > 0) {
		int64_t m_us;
		double hpa;

		if (wx_csv_i64(csv, col_m, -1, &m_us, NULL) == WX_OK &&
		    wx_csv_f64(csv, col_p, &hpa, NULL) == WX_OK &&
		    wx_csv_row_complete(csv) && m_us >= 0 &&
		    m_us <= WX_CLOCK_MAX_M_US && hpa >= 300 && hpa <= 1100)
			rc = wx_felt_add(out, m_us, hpa, err);
	}
	wx_csv_close(csv);
	return rc;
}

int wx_felt_read_pressure(const struct wx_lineup *l, int64_t boot,
			  struct wx_felt_series *out, struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < l->catalog.n_others && rc == WX_OK; i++) {
		const struct wx_held *o = &l->catalog.other[i];
		const char *name = wx_catalog_name(&l->catalog, o);
		char *path;

		if (o->form->boot != boot || !wx_lineup_is_env(name))
			continue;
		path = wx_archive_path(l->a, "raw/%s/%s", l->node, name);
		rc = path ? add_table(out, path, err) : wx_fail_nomem(err);
		free(path);
	}
	return rc;
}

/* --- the station -------------------------------------------------------- */

struct station_in {
	enum wx_felt felt;
	int64_t from_us, to_us;
	struct wx_felt_series *out;
	double interval[64]; /* of the first rows */
	size_t n_intervals;
	int64_t bin_us; /* rain: the bin being filled; 0: none yet */
	double in_bin;
};

/* A step of rain is a step in decibels of its sound, roughly. */
static double rain_value(double amount)
{
	return log10(0.1 + amount);
}

/* Cups stand still below some 0.3 m/s. */
static double wind_value(double m_s)
{
	return isfinite(m_s) ? 20 * log10(fmax(m_s, 0.3)) : NAN;
}

static int add_rain(struct station_in *in, int64_t at_us, double amount,
		    struct wx_error *err)
{
	int64_t bin_us = at_us / RAIN_US * RAIN_US;
	int rc = WX_OK;

	if (!in->bin_us)
		in->bin_us = bin_us;
	while (in->bin_us < bin_us && rc == WX_OK) {
		rc = wx_felt_add(in->out, in->bin_us + RAIN_US / 2,
				 rain_value(in->in_bin), err);
		in->in_bin = 0;
		in->bin_us += RAIN_US;
	}
	if (isfinite(amount) && in->bin_us == bin_us)
		in->in_bin += amount;
	return rc;
}

static int add_obs(struct station_in *in, const struct wx_obs *o,
		   struct wx_error *err)
{
	int64_t at_us = o->utc.utc_ns / WX_NS_PER_US;
	double half_us = o->interval_s > 0 ? o->interval_s * 5e5 : 0;

	if (at_us < in->from_us || at_us > in->to_us)
		return WX_OK;
	if (in->n_intervals < WX_COUNT(in->interval) && o->interval_s > 0)
		in->interval[in->n_intervals++] = o->interval_s;
	if (in->felt == WX_FELT_PRESSURE)
		return wx_felt_add(in->out, at_us, o->pressure_hpa, err);
	if (in->felt == WX_FELT_AIR)
		return wx_felt_add(in->out, at_us, o->air_temp_degc, err);
	at_us -= (int64_t)half_us; /* a mean, a sum: that of the interval */
	if (in->felt == WX_FELT_WIND)
		return wx_felt_add(in->out, at_us, wind_value(o->wind_avg_m_s),
				   err);
	return add_rain(in, at_us, isfinite(o->tips) ? o->tips : o->rain_mm,
			err);
}

static int add_day(struct station_in *in, const char *path,
		   struct wx_error *err)
{
	struct wx_obs_cols cols;
	struct wx_csv *csv = NULL;
	struct wx_obs o;
	int rc = wx_csv_open(path, NULL, &csv, err);

	if (rc == WX_OK)
		rc = wx_obs_cols(csv, &cols, err);
	while (rc == WX_OK && (rc = wx_csv_next(csv, err)) > 0) {
		rc = wx_obs_get(csv, &cols, &o, err);
		if (rc == WX_OK)
			rc = add_obs(in, &o, err);
	}
	wx_csv_close(csv);
	return rc < 0 ? rc : WX_OK;
}

static int by_value(const void *pa, const void *pb)
{
	double a = *(const double *)pa, b = *(const double *)pb;

	return (a > b) - (a < b);
}

int wx_felt_read_station(const struct wx_lineup *l, const char *station,
			 enum wx_felt felt, struct wx_time from,
			 struct wx_time to, struct wx_felt_series *out,
			 double *interval_s, struct wx_error *err)
{
	struct station_in in = { .felt = felt,
				 .from_us = from.utc_ns / WX_NS_PER_US,
				 .to_us = to.utc_ns / WX_NS_PER_US,
				 .out = out };
	int rc = WX_OK;

	*interval_s = NAN;
	for (int64_t d = wx_time_day(from); d <= wx_time_day(to); d++) {
		char day[WX_DAY_SIZE], *path;
		struct wx_error why = { 0 };

		wx_day_format(d, day);
		path = wx_archive_path(l->a, "station/%s/%s.csv", station, day);
		if (!path)
			return wx_fail_nomem(err);
		if (access(path, F_OK) == 0)
			rc = add_day(&in, path, &why);
		free(path);
		if (rc == WX_ERR_NOMEM)
			return wx_fail_nomem(err);
		if (rc != WX_OK && felt < WX_FELT_COUNT)
			wx_warn(l->log, "%s; what follows there has no lag",
				why.text);
		rc = WX_OK;
	}
	if (in.n_intervals) {
		qsort(in.interval, in.n_intervals, sizeof(double), by_value);
		*interval_s = in.interval[in.n_intervals / 2];
	}
	return WX_OK;
}
