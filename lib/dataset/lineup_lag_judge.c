/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup_lag_judge.c: who is wrong, the station or a node? */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "dataset/lineup_lag_parts.h"

/* Zones are half hours apart; of rows this long or longer, full hours. */
#define ZONE_S     1800.0
#define LONG_ROW_S 900.0
/* A clock set by hand, in another zone, is within a minute of it. */
#define NEAR_S 60.0
/* Spans of other nodes within this count as of the same time. */
#define SAME_TIME_S 129600.0

static double middle_s(const struct wx_lineup_lag *lag)
{
	return (double)lag->from.utc_ns * 5e-10 +
	       (double)lag->to.utc_ns * 5e-10;
}

double wx_lineup_lag_zone(const struct wx_lineup_lag *lag)
{
	double interval = isnan(lag->interval_s) ? 0 : lag->interval_s;
	double grid = interval >= LONG_ROW_S ? 2 * ZONE_S : ZONE_S;
	double off = lag->lag.lag_s;
	double zone = round(off / grid) * grid;
	double tol = fmin(NEAR_S + 1.6 * interval + 2 * lag->lag.sigma_s,
			  0.47 * grid);

	return fabs(off - zone) <= tol ? zone : NAN;
}

static struct wx_lag_entry entry_of(const struct wx_lineup_lag *lag)
{
	struct wx_lag_entry e = { .lag = lag,
				  .t_s = middle_s(lag),
				  .zone_s = wx_lineup_lag_zone(lag) };

	e.sigma_s = hypot(lag->lag.sigma_s,
			  isnan(lag->max_err_s) ? 0 : lag->max_err_s / 2);
	e.rest_s = lag->lag.lag_s - (isnan(e.zone_s) ? 0 : e.zone_s);
	return e;
}

/* What is off by no zone agrees only with what is off by as much. */
static bool same_zone(const struct wx_lag_entry *a,
		      const struct wx_lag_entry *b)
{
	double sigma = hypot(a->sigma_s, b->sigma_s);

	if (isnan(a->zone_s) && isnan(b->zone_s))
		return fabs(a->rest_s - b->rest_s) <= NEAR_S + 4 * sigma;
	return a->zone_s == b->zone_s;
}

/* The entry of another node that is nearest in time; NULL: none near. */
static const struct wx_lag_entry *nearest_of(const struct wx_lag_judge *j,
					     const struct wx_lag_entry *e,
					     const char *node)
{
	const struct wx_lag_entry *best = NULL;

	for (size_t i = 0; i < j->n; i++) {
		const struct wx_lag_entry *o = &j->entry[i];

		if (o->lag->node == node &&
		    fabs(o->t_s - e->t_s) <= SAME_TIME_S &&
		    (!best || fabs(o->t_s - e->t_s) < fabs(best->t_s - e->t_s)))
			best = o;
	}
	return best;
}

/* Most nodes say the same; a single one is believed if it was synchronised. */
static void blame(const struct wx_lag_judge *j, struct wx_lag_entry *e)
{
	const char *seen[64];
	size_t n = 0, with = 0, against = 0;

	for (size_t i = 0; i < j->n && n < WX_COUNT(seen); i++) {
		const char *node = j->entry[i].lag->node;
		const struct wx_lag_entry *o;
		bool is_new = node != e->lag->node;

		for (size_t k = 0; k < n && is_new; k++)
			is_new = seen[k] != node;
		if (!is_new)
			continue;
		seen[n++] = node;
		o = nearest_of(j, e, node);
		if (o)
			*(same_zone(o, e) ? &with : &against) += 1;
	}
	with++; /* itself */
	e->of_station = with != against && with + against > 1
				? with > against
				: e->lag->is_synced;
}

int wx_lag_judge_add(struct wx_lag_judge *j, const struct wx_lag_finding *f)
{
	struct wx_lag_findings *out = j->out;

	if (WX_GROW(&out->finding, &out->size, out->n + 1, j->err))
		return WX_ERR_NOMEM;
	out->finding[out->n++] = *f;
	return WX_OK;
}

void wx_lag_finding_cover(struct wx_lag_finding *f,
			  const struct wx_lag_entry *e)
{
	if (!f->n || wx_time_diff_s(e->lag->from, f->from) < 0)
		f->from = e->lag->from;
	if (!f->n || wx_time_diff_s(e->lag->to, f->to) > 0)
		f->to = e->lag->to;
	f->n++;
}

/* --- zones of the station ----------------------------------------------- */

static bool was_otherwise(const struct wx_lag_judge *j, double zone_s)
{
	for (size_t i = 0; i < j->n; i++)
		if (j->entry[i].of_station &&
		    fabs(fabs(j->entry[i].zone_s - zone_s) - 3600) < 1)
			return true;
	return false;
}

/*
 * Runs of entries that say one thing of the station. On the day of a change
 * some nodes have it already, so what is otherwise ends a run only if the run
 * does not go on soon.
 */
static int station_zones(struct wx_lag_judge *j)
{
	int rc = WX_OK;

	for (size_t i = 0; i < j->n && rc == WX_OK; i++) {
		const struct wx_lag_entry *e = &j->entry[i];
		struct wx_lag_finding f = { .station = e->lag->station };
		double v[256], sd, last_s = e->t_s;
		size_t n = 0;

		if (e->is_told || !e->of_station || e->zone_s == 0)
			continue;
		for (size_t k = i; k < j->n; k++) {
			struct wx_lag_entry *o = &j->entry[k];
			bool same = o->of_station && same_zone(o, e);

			if (o->of_station && !same &&
			    o->t_s > last_s + SAME_TIME_S)
				break;
			if (!same || o->is_told)
				continue;
			o->is_told = true;
			last_s = o->t_s;
			wx_lag_finding_cover(&f, o);
			if (n < WX_COUNT(v))
				v[n++] = o->lag->lag.lag_s;
		}
		f.off_s = isnan(e->zone_s) ? -wx_lag_median(v, n, &sd)
					   : -e->zone_s;
		f.fault = isnan(e->zone_s)              ? WX_LAG_STATION_OFF
			  : was_otherwise(j, e->zone_s) ? WX_LAG_STATION_SUMMER
							: WX_LAG_STATION_ZONE;
		rc = wx_lag_judge_add(j, &f);
	}
	return rc;
}

/* --- nodes -------------------------------------------------------------- */

/* How far a rest is from what the station's stamps allow. */
static double beyond(const struct wx_lag_entry *e, const struct wx_lag_rest *r)
{
	double interval = isnan(e->lag->interval_s) ? 0 : e->lag->interval_s;
	double lo = -0.5 * interval, hi = 0, slack;

	if (r->n && (r->s < lo || r->s > hi))
		lo = hi = r->s;
	slack = WX_LAG_SLACK_S + 3 * e->lag->lag.sigma_s + 0.25 * interval +
		(isnan(e->lag->max_err_s) ? 0 : e->lag->max_err_s);
	if (e->lag->felt != WX_FELT_PRESSURE)
		slack += 120;
	if (e->lag->felt == WX_FELT_RAIN)
		slack += 1200;
	return e->rest_s < lo - slack   ? e->rest_s - lo
	       : e->rest_s > hi + slack ? e->rest_s - hi
					: 0;
}

/* Is the node off at e? *off_s: the zone, or what is beyond. */
static bool node_off(const struct wx_lag_entry *e, const struct wx_lag_rest *r,
		     double *off_s, bool *zone)
{
	*zone = !e->of_station && !isnan(e->zone_s) && e->zone_s != 0;
	*off_s = *zone ? e->zone_s : e->rest_s;
	if (*zone || (!e->of_station && isnan(e->zone_s)))
		return true;
	*off_s = beyond(e, r);
	return !isnan(e->zone_s) && *off_s != 0;
}

/* Boot by boot; a single span of many may be bad luck. */
static int node_faults(struct wx_lag_judge *j, const struct wx_lag_rest *r,
		       const struct wx_lag_entry *first)
{
	struct wx_lag_finding f = { .node = first->lag->node,
				    .station = first->lag->station,
				    .boot = first->lag->boot };
	double v[256], off_s;
	size_t n_all = 0, n_zone = 0, n = 0;
	bool zone;

	for (const struct wx_lag_entry *e = first; e < j->entry + j->n; e++) {
		if (e->lag->node != f.node || e->lag->boot != f.boot)
			continue;
		n_all++;
		if (!node_off(e, r, &off_s, &zone))
			continue;
		n_zone += zone;
		wx_lag_finding_cover(&f, e);
		if (n < WX_COUNT(v))
			v[n++] = off_s;
	}
	if (!n || (f.n < 2 && n_all > 2))
		return WX_OK;
	f.off_s = wx_lag_median(v, n, &f.sd_s);
	f.fault = 2 * n_zone > n ? WX_LAG_NODE_ZONE : WX_LAG_NODE_OFF;
	return wx_lag_judge_add(j, &f);
}

static bool is_first_of_boot(const struct wx_lag_judge *j,
			     const struct wx_lag_entry *e)
{
	for (const struct wx_lag_entry *o = j->entry; o < e; o++)
		if (o->lag->node == e->lag->node &&
		    o->lag->boot == e->lag->boot)
			return false;
	return true;
}

/* --- all ---------------------------------------------------------------- */

static int by_station(const void *pa, const void *pb)
{
	const struct wx_lineup_lag *a = pa, *b = pb;
	int c = strcmp(a->station, b->station);

	if (c)
		return c;
	if (a->from.utc_ns != b->from.utc_ns)
		return a->from.utc_ns < b->from.utc_ns ? -1 : 1;
	c = strcmp(a->node, b->node);
	return c ? c : (int)a->felt - (int)b->felt;
}

/* Of a node's senses the best that had something to say of the station. */
static bool is_best(const struct wx_lineup_lag *all, size_t n,
		    const struct wx_lineup_lag *lag)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].lag.verdict == WX_LAG_ACCEPTED &&
		    all[i].node == lag->node && all[i].felt < lag->felt)
			return false;
	return lag->lag.verdict == WX_LAG_ACCEPTED;
}

static int judge_station(struct wx_lag_judge *j,
			 const struct wx_lineup_lag *all, size_t n)
{
	struct wx_lag_rest rest;
	int rc;

	j->n = 0;
	for (size_t i = 0; i < n; i++)
		if (is_best(all, n, &all[i]))
			j->entry[j->n++] = entry_of(&all[i]);
	if (!j->n)
		return WX_OK;
	for (size_t i = 0; i < j->n; i++)
		blame(j, &j->entry[i]);
	rc = station_zones(j);
	if (rc == WX_OK)
		rc = wx_lag_station_rest(j, &rest);
	for (size_t i = 0; i < j->n && rc == WX_OK; i++)
		if (is_first_of_boot(j, &j->entry[i]))
			rc = node_faults(j, &rest, &j->entry[i]);
	return rc;
}

int wx_lag_findings(struct wx_lag_findings *out, struct wx_lineup_lags *lags,
		    struct wx_error *err)
{
	struct wx_lag_judge j = { .out = out, .err = err };
	int rc = WX_OK;

	j.entry = malloc((lags->n + 1) * sizeof(*j.entry));
	if (!j.entry)
		return wx_fail_nomem(err);
	if (lags->n)
		qsort(lags->lag, lags->n, sizeof(*lags->lag), by_station);
	for (size_t i = 0, to; i < lags->n && rc == WX_OK; i = to) {
		for (to = i + 1; to < lags->n; to++)
			if (strcmp(lags->lag[to].station,
				   lags->lag[i].station) != 0)
				break;
		rc = judge_station(&j, lags->lag + i, to - i);
	}
	free(j.entry);
	return rc;
}

void wx_lag_findings_fini(struct wx_lag_findings *f)
{
	free(f->finding);
	*f = (struct wx_lag_findings){ 0 };
}

static const struct {
	const char *word, *text;
} faults[] = {
	[WX_LAG_STATION_ZONE] = { "station_zone",
				  "a wrong zone: see utc_offset of the station "
				  "in site.json" },
	[WX_LAG_STATION_SUMMER] = { "station_summer_time",
				    "summer time: its log is in local time; "
				    "file it in parts, each with its "
				    "utc_offset" },
	[WX_LAG_STATION_STAMP] = { "station_stamp", NULL },
	[WX_LAG_STATION_OFF] = { "station_clock",
				 "its clock is wrong, or it stood elsewhere" },
	[WX_LAG_NODE_ZONE] = { "node_zone", "its anchors are of a wrong zone" },
	[WX_LAG_NODE_OFF] = { "node_clock",
			      "its anchors are wrong, or its captures are "
			      "another node's" },
};

/* What is wrong, and what to do; returns buf. */
enum { TEXT_SIZE = 320 };
static const char *text_of(const struct wx_lag_finding *f, char buf[TEXT_SIZE])
{
	const char *is = f->was_start ? "end" : "start";
	const char *told = f->was_start ? "start" : "end";

	if (f->fault != WX_LAG_STATION_STAMP)
		return faults[f->fault].text;
	snprintf(buf, TEXT_SIZE,
		 "its rows of %.10g s are stamped at their %s, and stamp of "
		 "the station in site.json says %s (by %.1f sigma): set "
		 "\"stamp\": \"%s\" and file its logs again, unless its "
		 "clock is %.10g s %s",
		 fabs(f->off_s), is, told, f->sure, is, fabs(f->off_s),
		 f->off_s > 0 ? "fast" : "slow");
	return buf;
}

void wx_lag_finding_print(const struct wx_lag_finding *f, FILE *out)
{
	char from[WX_TIME_SIZE], to[WX_TIME_SIZE], text[TEXT_SIZE];

	wx_time_format(f->from, 0, from);
	wx_time_format(f->to, 0, to);
	if (f->node)
		fprintf(out, "%s boot %" PRId64, f->node, f->boot);
	else
		fputs(f->station, out);
	fprintf(out, ", %s to %s: ", from, to);
	fprintf(out, "%.10g s %s", round(fabs(f->off_s) * 10) / 10,
		f->off_s > 0 ? "ahead of" : "behind");
	fprintf(out, " %s in %zu span%s: %s\n",
		f->node ? f->station : "the nodes", f->n, f->n == 1 ? "" : "s",
		text_of(f, text));
}

json_t *wx_lag_finding_json(const struct wx_lag_finding *f)
{
	char from[WX_TIME_SIZE], to[WX_TIME_SIZE], text[TEXT_SIZE];
	json_t *o;

	wx_time_format(f->from, 0, from);
	wx_time_format(f->to, 0, to);
	o = json_pack("{ss ss ss ss sf sI ss}", "finding",
		      faults[f->fault].word, "station", f->station, "from",
		      from, "to", to, "ahead_s", round(f->off_s * 1e3) / 1e3,
		      "n_spans", (json_int_t)f->n, "text", text_of(f, text));
	if (o && f->node) {
		json_object_set_new(o, "node", json_string(f->node));
		json_object_set_new(o, "boot",
				    json_integer((json_int_t)f->boot));
	}
	if (o && f->fault == WX_LAG_STATION_STAMP) {
		json_object_set_new(
			o, "stamp",
			json_string(f->was_start ? "end" : "start"));
		json_object_set_new(o, "sigmas",
				    json_real(round(f->sure * 10) / 10));
	}
	return o;
}
