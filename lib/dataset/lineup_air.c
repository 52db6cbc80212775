/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_air.c: the temperature beside a crystal: the node's own,
 * and a station's where the node has none.
 */
#include <math.h>
#include <stdlib.h>

#include "dataset/lineup_felt.h"

/* So far from a reading of the node's own the station's are taken. */
#define FAR_US INT64_C(5400000000)
/* No more than one of them in this: the fit's curves have such steps. */
#define STEP_US INT64_C(600000000)

/* Some nodes tell the temperature of each capture in the index only. */
static int air_of_index(const struct wx_lineup *l, int64_t boot,
			struct wx_env *env, struct wx_error *err)
{
	for (size_t i = 0; i < l->catalog.n_captures; i++) {
		const struct wx_held *c = &l->catalog.capture[i];
		struct wx_env_reading r = { 0, NAN, NAN, NAN };

		if (c->form->boot != boot || !(fabsf(c->temp_degc) <= 100) ||
		    !wx_lineup_has_m(c))
			continue;
		r.m_us = c->m0_us;
		r.air_temp_degc = c->temp_degc;
		if (wx_env_add(env, &r, err) != WX_OK)
			return WX_ERR_NOMEM;
	}
	wx_env_sort(env);
	wx_env_keep_temperature(env);
	return WX_OK;
}

/* What the fit needs: all captures and anchors of a boot. */
struct stretch {
	int64_t lo_us, hi_us; /* m */
	int64_t rough_us; /* utc - m: the air does not change in some minutes */
};

static bool find_stretch(const struct wx_lineup *l, int64_t boot,
			 struct stretch *s)
{
	const struct wx_boot *b = wx_timeline_boot(&l->timeline, boot);
	int64_t off_us[257]; /* the median, for some anchors are wrong */
	size_t n, n_off = 0;
	const struct wx_anchor *a =
		wx_anchors_of_boot(&l->timeline.anchors, boot, &n);

	if (!b)
		return false;
	*s = (struct stretch){ .lo_us = b->lo_m_us, .hi_us = b->hi_m_us };
	for (size_t i = 0; i < n; i++) {
		if (a[i].invalid)
			continue;
		if (n_off < WX_COUNT(off_us))
			off_us[n_off++] = a[i].utc_us - a[i].m_us;
		s->lo_us = a[i].m_us < s->lo_us ? a[i].m_us : s->lo_us;
		s->hi_us = a[i].m_us > s->hi_us ? a[i].m_us : s->hi_us;
	}
	if (!n_off)
		return false;
	s->rough_us = wx_lineup_median(off_us, n_off);
	return true;
}

static bool has_gap(const struct wx_env *env, const struct stretch *s)
{
	int64_t last_us = s->lo_us - FAR_US;

	for (size_t i = 0; i < env->n; i++) {
		if (env->held[i].m_us - last_us > 2 * FAR_US)
			return true;
		last_us = env->held[i].m_us;
	}
	return s->hi_us - last_us > FAR_US;
}

/*
 * Put the station's in where the node's own n readings are far, moved by how
 * far the two are apart elsewhere.
 */
static int fill(struct wx_env *env, const struct wx_felt_series *s,
		int64_t rough_us, struct wx_error *err)
{
	size_t n_own = env->n, at = 0, n_both = 0;
	int64_t last_us = INT64_MIN;
	double off_k = 0;

	for (size_t i = 0; i < s->n; i++) {
		int64_t m = s->at_us[i] - rough_us;
		int64_t before = INT64_MAX, after = INT64_MAX;

		if (!(fabs(s->value[i]) <= 100))
			continue;
		while (at < n_own && env->held[at].m_us <= m)
			at++;
		if (at > 0)
			before = m - env->held[at - 1].m_us;
		if (at < n_own)
			after = env->held[at].m_us - m;
		if (before < STEP_US) {
			off_k += wx_env_get(env, at - 1).air_temp_degc -
				 s->value[i];
			n_both++;
		}
		if (before <= FAR_US || after <= FAR_US ||
		    (last_us != INT64_MIN && m - last_us < STEP_US))
			continue;
		last_us = m;
		if (wx_env_add(env,
			       &(struct wx_env_reading){ m, (float)s->value[i],
							 NAN, NAN },
			       err) != WX_OK)
			return WX_ERR_NOMEM;
	}
	for (size_t i = n_own; i < env->n && n_both; i++)
		env->held[i].temp_c100 +=
			(int16_t)lround(100 * off_k / (double)n_both);
	return WX_OK;
}

static int add_station(const struct wx_lineup *l, const struct stretch *of,
		       const char *station, struct wx_env *env,
		       struct wx_error *err)
{
	struct wx_felt_series s = { 0 };
	double interval_s;
	size_t n_own = env->n;
	int rc = wx_felt_read_station(l, station, WX_FELT_AIR,
				      wx_time_from_us(of->lo_us + of->rough_us),
				      wx_time_from_us(of->hi_us + of->rough_us),
				      &s, &interval_s, err);

	if (rc == WX_OK)
		rc = fill(env, &s, of->rough_us, err);
	wx_felt_fini(&s);
	if (env->n == n_own)
		return rc;
	env->station = station;
	wx_env_sort(env);
	return rc;
}

/* What is wrong with the tables is told when the windows get their air. */
const struct wx_env *wx_lineup_air(void *ctx, int64_t boot)
{
	struct wx_lineup *l = ctx;
	const struct wx_site *site = l->a->site;
	struct stretch of;
	int rc;

	if (l->air_boot == boot)
		return &l->air;
	wx_env_fini(&l->air);
	l->air_boot = boot;
	rc = wx_lineup_read_air(l, boot, &l->air, NULL, NULL);
	wx_env_keep_temperature(&l->air);
	if (rc == WX_OK && !l->air.n)
		rc = air_of_index(l, boot, &l->air, NULL);
	if (rc == WX_OK && find_stretch(l, boot, &of) && has_gap(&l->air, &of))
		for (size_t i = 0;
		     i < site->n_stations && rc == WX_OK && !l->air.station;
		     i++)
			rc = add_station(l, &of, site->stations[i].id, &l->air,
					 NULL);
	if (rc != WX_OK)
		wx_env_fini(&l->air);
	return &l->air;
}
