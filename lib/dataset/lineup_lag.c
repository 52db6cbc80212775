/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup_lag.c: lags of a node's boots, span by span. */
#include "dataset/lineup_lag.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/array.h"
#include "dataset/lineup_felt.h"

/* No more spans of a boot, evenly spread: some months of days. */
#define MAX_SPANS 100
/* Shorter ones tell nothing. */
#define MIN_SPAN_US INT64_C(10800000000)
/* Whose halves are long enough to be looked at. */
#define MIN_HALVED_US (4 * MIN_SPAN_US)
/* The station's series reaches this much further: the wide search, and more. */
#define MARGIN_S 95000.0

/*
 * Wind comes in gusts that reach the two at different times, so minutes; rain
 * at a gauge shows when a bucket is full.
 */
static const struct {
	const char *name;
	int64_t span_us;
	struct wx_lag_how how;
} kinds[WX_FELT_COUNT] = {
	[WX_FELT_PRESSURE] = { "pressure",
			       INT64_C(86400000000),
			       { .high_pass_s = 10800,
				 .coarse_step_s = 60,
				 .coarse_max_s = 93600,
				 .fine_max_s = 600,
				 .needs_coarse = true,
				 .min_changing = 0.3 } },
	[WX_FELT_WIND] = { "wind",
			   INT64_C(172800000000),
			   { .step_s = 60,
			     .high_pass_s = 10800,
			     .coarse_step_s = 60,
			     .coarse_max_s = 93600,
			     .fine_max_s = 900 } },
	[WX_FELT_RAIN] = { "rain",
			   INT64_C(691200000000),
			   { .step_s = 600,
			     .high_pass_s = 86400,
			     .coarse_step_s = 600,
			     .coarse_max_s = 93600,
			     .fine_max_s = 6000 } },
};

const char *wx_felt_name(enum wx_felt felt)
{
	return kinds[felt].name;
}

int64_t wx_felt_span_us(enum wx_felt felt)
{
	return kinds[felt].span_us;
}

size_t wx_felt_span_at(const struct wx_felt_series *s, size_t i,
		       enum wx_felt felt)
{
	int64_t span = kinds[felt].span_us, at = s->at_us[i] / span;
	size_t n = 0;

	while (i + n < s->n && s->at_us[i + n] / span == at)
		n++;
	return n;
}

/* --- one span ----------------------------------------------------------- */

static struct wx_time stamp(const struct wx_felt_span *span, size_t i)
{
	return span->clock ? wx_clock_utc(span->clock, (double)span->m_us[i])
			   : wx_time_from_us(span->m_us[i] + span->rough_us);
}

int wx_lineup_lag_span(struct wx_lineup *l, const char *station,
		       enum wx_felt felt, int64_t boot,
		       const struct wx_felt_span *span,
		       struct wx_lineup_lag *out, struct wx_error *err)
{
	size_t n = span->n;
	int64_t *utc_us = malloc((n + 1) * sizeof(*utc_us));
	struct wx_felt_series ref = { 0 };
	int rc = utc_us ? WX_OK : wx_fail_nomem(err);

	*out = (struct wx_lineup_lag){ .node = l->node,
				       .station = station,
				       .felt = felt,
				       .boot = boot,
				       .max_err_s = NAN };
	out->m_us = span->m_us[0] + (span->m_us[n - 1] - span->m_us[0]) / 2;
	out->from = stamp(span, 0);
	out->to = stamp(span, n - 1);
	if (span->clock)
		out->max_err_s = wx_clock_max_err(span->clock, out->m_us);
	for (size_t i = 0; i < n && rc == WX_OK; i++)
		utc_us[i] = stamp(span, i).utc_ns / WX_NS_PER_US;
	if (rc == WX_OK)
		rc = wx_felt_read_station(l, station, felt,
					  wx_time_add_s(out->from, -MARGIN_S),
					  wx_time_add_s(out->to, MARGIN_S),
					  &ref, &out->interval_s, err);
	if (rc == WX_OK) {
		struct wx_lag_series a = { utc_us, span->value, n };
		struct wx_lag_series b = { ref.at_us, ref.value, ref.n };

		out->has_ref = ref.n > 0;
		rc = wx_lag(&a, &b, &kinds[felt].how, &out->lag, err);
		if (rc == WX_OK && span->with_rows &&
		    out->lag.verdict == WX_LAG_ACCEPTED &&
		    !isnan(wx_lineup_lag_zone(out)))
			rc = wx_lag_rows_add(&out->rows, &a, &b,
					     out->interval_s,
					     wx_lineup_lag_zone(out), err);
	}
	wx_felt_fini(&ref);
	free(utc_us);
	return rc;
}

/* --- all of a node ------------------------------------------------------ */

struct measure {
	struct wx_lineup *l;
	struct wx_lineup_lags *lags;
	struct wx_felt_sound sound;
};

static bool is_synced(const struct wx_lineup *l, int64_t boot)
{
	size_t n;
	const struct wx_anchor *a =
		wx_anchors_of_boot(&l->timeline.anchors, boot, &n);

	for (size_t i = 0; i < n; i++)
		if (a[i].used && (a[i].kind == WX_ANCHOR_EXCHANGE ||
				  a[i].kind == WX_ANCHOR_SYNC))
			return true;
	return false;
}

/* Spans of a boot, so that of many only some are measured. */
static size_t count_spans(const struct wx_felt_series *s, enum wx_felt felt)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i += wx_felt_span_at(s, i, felt))
		n++;
	return n;
}

struct target {
	const struct wx_boot *boot;
	enum wx_felt felt;
	const struct wx_site_station *station;
};

/*
 * One span; and if its halves differ, each for itself, so that the
 * day on which a clock was changed tells when.
 */
static int add_span(struct measure *m, const struct target *to,
		    struct wx_felt_span span, struct wx_error *err)
{
	int64_t from_us = span.m_us[0],
		long_us = span.m_us[span.n - 1] - from_us;
	struct wx_lineup_lag *lag;
	size_t n = 0;
	int rc;

	if (long_us < MIN_SPAN_US)
		return WX_OK;
	rc = WX_GROW(&m->lags->lag, &m->lags->size, m->lags->n + 1, err);
	if (rc != WX_OK)
		return rc;
	lag = &m->lags->lag[m->lags->n];
	rc = wx_lineup_lag_span(m->l, to->station->id, to->felt, to->boot->boot,
				&span, lag, err);
	lag->is_synced = is_synced(m->l, to->boot->boot);
	lag->stamp_start = to->station->stamp_start;
	if (rc != WX_OK || !lag->has_ref) {
		wx_lag_rows_fini(&lag->rows);
		return rc;
	}
	m->lags->n++;
	if (long_us < MIN_HALVED_US || !wx_lag_halves_differ(&lag->lag))
		return WX_OK;
	while (span.m_us[n] - from_us < long_us / 2)
		n++;
	for (int half = 0; half < 2 && rc == WX_OK; half++) {
		struct wx_felt_span part = span;

		part.m_us += half ? n : 0;
		part.value += half ? n : 0;
		part.n = half ? span.n - n : n;
		rc = add_span(m, to, part, err);
	}
	return rc;
}

static int add_spans(struct measure *m, const struct target *to,
		     const struct wx_felt_series *s, struct wx_error *err)
{
	size_t every = count_spans(s, to->felt) / (MAX_SPANS + 1) + 1;
	size_t k = 0, n;
	int rc = WX_OK;

	for (size_t i = 0; i < s->n && rc == WX_OK; i += n, k++) {
		struct wx_felt_span span = {
			s->at_us + i,
			s->value + i,
			0,
			(struct wx_clock *)&to->boot->clock,
			0,
			to->felt == WX_FELT_PRESSURE
		};

		span.n = n = wx_felt_span_at(s, i, to->felt);
		if (k % every == 0)
			rc = add_span(m, to, span, err);
	}
	return rc;
}

static int add_boot(struct measure *m, const struct wx_boot *b,
		    struct wx_error *err)
{
	const struct wx_site *site = m->l->a->site;
	int rc = WX_OK;

	for (int k = 0; k < WX_FELT_COUNT && rc == WX_OK; k++) {
		enum wx_felt felt = (enum wx_felt)k;
		struct wx_felt_series s = { 0 };

		rc = felt == WX_FELT_PRESSURE
			     ? wx_felt_read_pressure(m->l, b->boot, &s, err)
			     : wx_felt_of_sound(&m->sound, b->boot, felt, &s,
						err);
		for (size_t i = 0; i < site->n_stations && rc == WX_OK; i++)
			rc = add_spans(
				m,
				&(struct target){ b, felt, &site->stations[i] },
				&s, err);
		wx_felt_fini(&s);
	}
	return rc;
}

int wx_lineup_lags_add(struct wx_lineup_lags *lags, struct wx_lineup *l,
		       struct wx_error *err)
{
	struct measure m = { .l = l, .lags = lags };
	int rc = wx_felt_read_sound(l, &m.sound, err);

	for (size_t i = 0; i < l->timeline.n && rc == WX_OK; i++)
		if (l->timeline.boot[i].fitted)
			rc = add_boot(&m, &l->timeline.boot[i], err);
	wx_felt_sound_fini(&m.sound);
	return rc;
}

void wx_lineup_lags_fini(struct wx_lineup_lags *lags)
{
	for (size_t i = 0; i < lags->n; i++)
		wx_lag_rows_fini(&lags->lag[i].rows);
	free(lags->lag);
	*lags = (struct wx_lineup_lags){ 0 };
}

/* --- told --------------------------------------------------------------- */

static const char *const verdicts[] = {
	[WX_LAG_ACCEPTED] = "accepted",
	[WX_LAG_DOUBTFUL] = "doubtful",
	[WX_LAG_INSUFFICIENT] = "insufficient signal",
};

void wx_lineup_lag_print(const struct wx_lineup_lag *o, FILE *out)
{
	const struct wx_lag *lag = &o->lag;
	char from[WX_TIME_SIZE], to[WX_TIME_SIZE], words[WX_LAG_WORDS_SIZE];

	wx_time_format(o->from, 0, from);
	wx_time_format(o->to, 0, to);
	fprintf(out, "%s boot %" PRId64 ", %s against %s, %s to %s: ", o->node,
		o->boot, wx_felt_name(o->felt), o->station, from, to);
	if (lag->verdict != WX_LAG_INSUFFICIENT)
		fprintf(out,
			"%s; 95 %% in %+.2f to %+.2f s, halves %+.2f and "
			"%+.2f s, PSR %.1f: ",
			wx_lag_words(lag->lag_s, words), lag->lo_s, lag->hi_s,
			lag->half_s[0], lag->half_s[1], lag->psr);
	fputs(verdicts[lag->verdict], out);
	if (lag->why)
		fprintf(out, ": %s", lag->why);
	fputc('\n', out);
}

static double digits(double v)
{
	return round(v * 1e3) / 1e3;
}

static int set_real(json_t *o, const char *key, double v)
{
	return isnan(v) ? 0 : json_object_set_new(o, key, json_real(digits(v)));
}

json_t *wx_lineup_lag_json(const struct wx_lineup_lag *o)
{
	const struct wx_lag *lag = &o->lag;
	char from[WX_TIME_SIZE], to[WX_TIME_SIZE], words[WX_LAG_WORDS_SIZE];
	json_t *j;
	int bad = 0;

	wx_time_format(o->from, 3, from);
	wx_time_format(o->to, 3, to);
	j = json_pack("{ss sI ss ss ss ss ss}", "node", o->node, "boot",
		      (json_int_t)o->boot, "felt", wx_felt_name(o->felt),
		      "station", o->station, "from", from, "to", to, "verdict",
		      verdicts[lag->verdict]);
	if (!j)
		return NULL;
	if (lag->why)
		bad |= json_object_set_new(j, "why", json_string(lag->why));
	if (!isnan(lag->lag_s))
		bad |= json_object_set_new(
			j, "words",
			json_string(wx_lag_words(lag->lag_s, words)));
	bad |= set_real(j, "lag_s", lag->lag_s);
	bad |= set_real(j, "sd_s", lag->sd_s);
	bad |= set_real(j, "lo_s", lag->lo_s);
	bad |= set_real(j, "hi_s", lag->hi_s);
	bad |= set_real(j, "psr", lag->psr);
	bad |= set_real(j, "second_peak", lag->second);
	bad |= set_real(j, "first_half_s", lag->half_s[0]);
	bad |= set_real(j, "second_half_s", lag->half_s[1]);
	bad |= set_real(j, "drift_ppm", lag->drift_ppm);
	bad |= set_real(j, "drift_sd_ppm", lag->drift_sd_ppm);
	bad |= set_real(j, "coarse_s", lag->coarse_s);
	bad |= set_real(j, "coarse_psr", lag->coarse_psr);
	bad |= set_real(j, "max_err_s", o->max_err_s);
	bad |= set_real(j, "interval_s", o->interval_s);
	if (!bad)
		return j;
	json_decref(j);
	return NULL;
}
