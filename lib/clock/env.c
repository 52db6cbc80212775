/* SPDX-License-Identifier: MIT */
/* lib/clock/env.c: readings of a node's own sensors, by its own clock. */
#include "clock/env.h"

#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/csv.h"
#include "clock/anchor.h"

enum { T, RH, P, N_VALUES };

static const struct {
	const char *name;
	double min, max;
} columns[N_VALUES] = {
	[T] = { "air_temp_degc", -60, 70 },
	[RH] = { "rel_hum_pct", 0, 105 },
	[P] = { "pressure_hpa", 300, 1100 },
};

/* What is no air, of whatever source, is missing. */
static int16_t to_c100(float v)
{
	return fabsf(v) <= 120 ? (int16_t)lround(v * 100.0) : INT16_MIN;
}

static float of_c100(int16_t v)
{
	return v == INT16_MIN ? NAN : (float)(v / 100.0);
}

int wx_env_add(struct wx_env *env, const struct wx_env_reading *r,
	       struct wx_error *err)
{
	if (WX_GROW(&env->held, &env->size, env->n + 1, err))
		return WX_ERR_NOMEM;
	env->held[env->n++] = (struct wx_env_held){ r->m_us, r->pressure_hpa,
						    to_c100(r->air_temp_degc),
						    to_c100(r->rel_hum_pct) };
	return WX_OK;
}

struct wx_env_reading wx_env_get(const struct wx_env *env, size_t i)
{
	const struct wx_env_held *h = &env->held[i];

	return (struct wx_env_reading){ h->m_us, of_c100(h->temp_c100),
					of_c100(h->rel_hum_c100),
					h->pressure_hpa };
}

static float value(const struct wx_csv *csv, const int col[N_VALUES], int i)
{
	double v;

	if (wx_csv_f64(csv, col[i], &v, NULL) != WX_OK ||
	    !(v >= columns[i].min && v <= columns[i].max))
		return NAN;
	return (float)(i == RH ? fmin(v, 100) : v);
}

static int read_rows(struct wx_env *env, struct wx_csv *csv, long *n_bad,
		     struct wx_error *err)
{
	int col[N_VALUES], col_m, rc;
	int64_t last_us = INT64_MIN;

	rc = wx_csv_need(csv, "m", &col_m, err);
	if (rc != WX_OK)
		return rc;
	for (int i = 0; i < N_VALUES; i++)
		col[i] = wx_csv_col(csv, columns[i].name);
	while ((rc = wx_csv_next(csv, err)) > 0) {
		struct wx_env_reading r;
		int64_t m_us;

		if (!wx_csv_row_complete(csv))
			break; /* torn: its last number may be cut */
		if (wx_csv_i64(csv, col_m, -1, &m_us, NULL) != WX_OK ||
		    m_us < 0 || m_us > WX_CLOCK_MAX_M_US) {
			++*n_bad;
			continue;
		}
		if (m_us >= last_us && m_us - WX_ENV_MIN_STEP_US < last_us)
			continue;
		r.m_us = m_us;
		r.air_temp_degc = value(csv, col, T);
		r.rel_hum_pct = value(csv, col, RH);
		r.pressure_hpa = value(csv, col, P);
		if (isnan(r.air_temp_degc) && isnan(r.rel_hum_pct) &&
		    isnan(r.pressure_hpa))
			continue; /* its neighbours may tell */
		last_us = m_us;
		rc = wx_env_add(env, &r, err);
		if (rc != WX_OK)
			return rc;
	}
	return rc < 0 ? rc : WX_OK;
}

int wx_env_read(struct wx_env *env, const char *path, struct wx_log *log,
		struct wx_error *err)
{
	struct wx_csv *csv;
	long n_bad = 0;
	int rc = wx_csv_open(path, NULL, &csv, err);

	if (rc != WX_OK)
		return rc;
	rc = read_rows(env, csv, &n_bad, err);
	wx_csv_close(csv);
	if (n_bad)
		wx_warn(log, "%s: passed over %ld rows without a time m", path,
			n_bad);
	return rc;
}

static int by_m(const void *pa, const void *pb, void *ctx)
{
	const struct wx_env_held *a = pa, *b = pb;

	(void)ctx;
	return (a->m_us > b->m_us) - (a->m_us < b->m_us);
}

void wx_env_sort(struct wx_env *env)
{
	wx_sort(env->held, env->n, sizeof(*env->held), by_m, NULL);
	env->at = 0;
}

void wx_env_keep_temperature(struct wx_env *env)
{
	struct wx_env_held *h = env->held;
	size_t n = 0, n_kept = 0;

	for (size_t i = 0; i < env->n; i++)
		if (h[i].temp_c100 != INT16_MIN)
			h[n++] = h[i];
	for (size_t i = 0, to; i < n; i = to) {
		bool still;

		for (to = i + 1; to < n && h[to].temp_c100 == h[i].temp_c100;)
			to++;
		still = h[to - 1].m_us - h[i].m_us >= WX_ENV_STILL_US;
		for (size_t k = i; k < to && !still; k++)
			h[n_kept++] = h[k];
	}
	env->n = n_kept;
	env->at = 0;
}

/* Between readings a and b (either may be NULL), w: the share of b. */
static float between(float a, float b, double w, bool line, bool near_a,
		     bool near_b)
{
	if (line && !isnan(a) && !isnan(b))
		return (float)(a + (b - a) * w);
	if (near_a && !isnan(a) && (w <= 0.5 || !near_b || isnan(b)))
		return a;
	return near_b ? b : NAN;
}

struct wx_env_reading wx_env_at(struct wx_env *env, int64_t m_us)
{
	struct wx_env_reading a = { 0, NAN, NAN, NAN }, b = a;
	bool has_a, has_b, line, near_a, near_b;
	double w;

	/* First reading after m. Mostly where the last call was, or near. */
	while (env->at > 0 && env->held[env->at - 1].m_us > m_us)
		env->at--;
	while (env->at < env->n && env->held[env->at].m_us <= m_us)
		env->at++;
	has_a = env->at > 0;
	has_b = env->at < env->n;
	if (has_a)
		a = wx_env_get(env, env->at - 1);
	if (has_b)
		b = wx_env_get(env, env->at);
	near_a = has_a && m_us - a.m_us <= WX_ENV_NEAREST_US;
	near_b = has_b && b.m_us - m_us <= WX_ENV_NEAREST_US;
	line = has_a && has_b && b.m_us - a.m_us <= WX_ENV_MAX_GAP_US;
	w = !has_a ? 1 : 0;
	if (has_a && has_b && b.m_us != a.m_us)
		w = (double)(m_us - a.m_us) / (double)(b.m_us - a.m_us);
	return (struct wx_env_reading){
		m_us,
		between(a.air_temp_degc, b.air_temp_degc, w, line, near_a,
			near_b),
		between(a.rel_hum_pct, b.rel_hum_pct, w, line, near_a, near_b),
		between(a.pressure_hpa, b.pressure_hpa, w, line, near_a,
			near_b),
	};
}

void wx_env_fini(struct wx_env *env)
{
	free(env->held);
	*env = (struct wx_env){ 0 };
}
