/* SPDX-License-Identifier: MIT */
/* lib/archive/site.c: see site.h. */
#include "archive/site.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/instrument.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

/* A thousand nodes written out in full fit ten times. */
enum { MAX_BYTES = 4 << 20 };

/* What a step of the reading needs; site.json's folder is the archive. */
struct reader {
	const char *path; /* for messages */
	const char *dir;  /* "" for the current folder, else ends in '/' */
	struct wx_site *site;
	struct wx_error *err;
};

/* Keeps a text as long as the site: inside its document, under keys of ours. */
static const char *keep(struct reader *r, char *text)
{
	json_t *s = text ? json_string_nocheck(text) : NULL;

	free(text);
	if (!s || json_array_append_new(r->site->kept, s)) {
		wx_fail_nomem(r->err);
		return NULL;
	}
	return json_string_value(s);
}

/* A path of site.json as seen from where the tool runs. */
static char *below(const struct reader *r, const char *path)
{
	return path[0] == '/' ? strdup(path) : wx_strf("%s%s", r->dir, path);
}

/* "file:GLOB": what the archive's own path holds is not part of the pattern. */
static char *below_glob(const struct reader *r, const char *glob)
{
	char *out = malloc(2 * strlen(r->dir) + strlen(glob) + 1);
	char *p = out;

	if (!out)
		return NULL;
	for (const char *d = glob[0] == '/' ? "" : r->dir; *d; d++) {
		if (strchr("*?[\\", *d))
			*p++ = '\\';
		*p++ = *d;
	}
	strcpy(p, glob);
	return out;
}

static int read_offset(struct reader *r, const char *list, size_t i,
		       const json_t *obj, bool *has, int *offset_s)
{
	const char *text = wx_json_str(obj, "utc_offset", NULL);

	*has = text != NULL;
	*offset_s = 0;
	if (!text || !wx_offset_parse(text, offset_s, NULL))
		return WX_OK;
	return wx_fail(r->err, WX_ERR_FORMAT,
		       "%s: /%s/%zu/utc_offset: found '%s', expected Z or "
		       "+hh:mm within 18 hours of UTC",
		       r->path, list, i, text);
}

/* A password in a URL would reach logs and messages. */
static bool has_password(const char *url)
{
	const char *host = strstr(url, "://");

	return host && strcspn(host + 3, "@") < strcspn(host + 3, "/?#");
}

static int read_source(struct reader *r, size_t i, struct wx_site_node *n)
{
	if (!strncmp(n->source, "dir:", 4)) {
		char *dir = below(r, n->source + 4);

		n->source = keep(r, dir ? wx_strf("dir:%s", dir) : NULL);
		free(dir);
		return n->source ? WX_OK : r->err->code;
	}
	if (has_password(n->source))
		return wx_fail(
			r->err, WX_ERR_FORMAT,
			"%s: /nodes/%zu/source: holds a user or password, "
			"expected none: put a token into token_file",
			r->path, i);
	return WX_OK;
}

static enum wx_site_order read_order(const char *word)
{
	if (!strcmp(word, "newest"))
		return WX_ORDER_NEWEST;
	return !strcmp(word, "smallest") ? WX_ORDER_SMALLEST : WX_ORDER_OLDEST;
}

static int read_node(struct reader *r, size_t i, const json_t *obj,
		     struct wx_site_node *n)
{
	const char *token = wx_json_str(obj, "token_file", NULL);
	const char *pairs = wx_json_str(obj, "clock_pairs", NULL);
	const json_t *record = json_object_get(obj, "record");
	int rc;

	n->id = wx_json_str(obj, "id", "");
	n->source = wx_json_str(obj, "source", "");
	n->release = wx_json_bool(obj, "release", false);
	n->by_hand = wx_json_bool(obj, "by_hand", false);
	n->compensated =
		!strcmp(wx_json_str(obj, "oscillator", ""), "compensated");
	n->pin = wx_json_str(obj, "pin", NULL);
	n->order = read_order(wx_json_str(obj, "order", "oldest"));
	n->min_battery_v = wx_json_f64(obj, "min_battery_v", NAN);
	n->record.sensor = wx_json_str(record, "sensor", NULL);
	n->record.n_samples = (int)wx_json_i64(record, "samples", 1);
	n->record.length_s = wx_json_f64(record, "length_s", 10);
	rc = read_source(r, i, n);
	if (!rc && pairs) {
		n->clock_pairs = keep(r, below(r, pairs));
		rc = n->clock_pairs ? WX_OK : r->err->code;
	}
	if (!rc && token) {
		n->token_file = keep(r, below(r, token));
		rc = n->token_file ? WX_OK : r->err->code;
	}
	return rc ? rc
		  : read_offset(r, "nodes", i, obj, &n->has_offset,
				&n->offset_s);
}

static int no_model(struct reader *r, size_t i, const char *key,
		    const char *name, const char *names)
{
	return wx_fail(r->err, WX_ERR_FORMAT,
		       "%s: /stations/%zu/%s: found '%s', expected one of %s",
		       r->path, i, key, name, names);
}

/* What its models tell, under what the station tells itself. */
static int read_models(struct reader *r, size_t i, const json_t *obj,
		       struct wx_site_station *s)
{
	const char *gauge = wx_json_str(obj, "gauge", NULL);
	const char *anemometer = wx_json_str(obj, "anemometer", NULL);
	const struct wx_gauge_model *g = gauge ? wx_gauge_model(gauge) : NULL;
	const struct wx_cup_model *c =
		anemometer ? wx_cup_model(anemometer) : NULL;
	char names[400];

	if (gauge && !g)
		return no_model(r, i, "gauge", gauge,
				wx_gauge_names(names, sizeof(names)));
	if (anemometer && !c)
		return no_model(r, i, "anemometer", anemometer,
				wx_cup_names(names, sizeof(names)));
	if (g && isnan(s->bucket_mm))
		s->bucket_mm = g->bucket_mm;
	if (g && !json_object_get(obj, "siphon"))
		s->siphon = g->siphon;
	if (c && isnan(s->cup.m_s_per_hz))
		s->cup = (struct wx_cup){ c->m_s_per_hz, c->offset_m_s,
					  c->threshold_m_s };
	return WX_OK;
}

/* Each of the times must be one; whoever uses them reads them again. */
static int read_maintenance(struct reader *r, size_t i, const json_t *times)
{
	const json_t *item;
	size_t k;

	json_array_foreach(times, k, item)
	{
		struct wx_time from, to;
		struct wx_error bad = { 0 };

		if (wx_time_pair_parse(json_string_value(item), &from, &to,
				       &bad) != WX_OK)
			return wx_fail(r->err, WX_ERR_FORMAT,
				       "%s: /stations/%zu/maintenance/%zu: %s",
				       r->path, i, k, bad.text);
	}
	return WX_OK;
}

static int read_station(struct reader *r, size_t i, const json_t *obj,
			struct wx_site_station *s)
{
	const json_t *cup = json_object_get(obj, "cup");
	const char *source = wx_json_str(obj, "source", NULL);
	const char *registers = wx_json_str(obj, "registers", NULL);
	int rc;

	s->id = wx_json_str(obj, "id", "");
	s->format = wx_json_str(obj, "format", NULL);
	s->zone = wx_json_str(obj, "zone", NULL);
	s->date_order = wx_json_str(obj, "date_order", NULL);
	s->time_format = wx_json_str(obj, "time_format", NULL);
	s->skip_lines = wx_json_i64(obj, "skip_lines", 0);
	s->date = wx_json_str(obj, "date", NULL);
	s->sensor = wx_json_str(obj, "sensor", NULL);
	s->stamp_start = !strcmp(wx_json_str(obj, "stamp", "end"), "start");
	s->interval_s = wx_json_f64(obj, "interval_s", NAN);
	s->bucket_mm = wx_json_f64(obj, "bucket_mm", NAN);
	s->siphon = json_is_true(json_object_get(obj, "siphon"));
	s->modulus = wx_json_f64(obj, "modulus", NAN);
	s->rain_kind = wx_json_str(obj, "rain_kind", NULL);
	s->cup.m_s_per_hz = wx_json_f64(cup, "m_s_per_hz", NAN);
	s->cup.offset_m_s = wx_json_f64(cup, "offset_m_s", 0);
	s->cup.threshold_m_s =
		wx_json_f64(cup, "threshold_m_s", s->cup.offset_m_s);
	s->columns = json_object_get(obj, "columns");
	if (source) {
		char *glob = below_glob(r, source + strlen("file:"));

		s->source = keep(r, glob ? wx_strf("file:%s", glob) : NULL);
		free(glob);
		if (!s->source)
			return r->err->code;
	}
	if (registers) {
		s->registers = keep(r, below(r, registers));
		if (!s->registers)
			return r->err->code;
	}
	if (s->zone && json_object_get(obj, "utc_offset"))
		return wx_fail(r->err, WX_ERR_FORMAT,
			       "%s: /stations/%zu: has utc_offset and zone, "
			       "expected one of them",
			       r->path, i);
	s->maintenance = json_object_get(obj, "maintenance");
	rc = read_maintenance(r, i, s->maintenance);
	if (rc == WX_OK)
		rc = read_models(r, i, obj, s);
	return rc ? rc
		  : read_offset(r, "stations", i, obj, &s->has_offset,
				&s->offset_s);
}

/* Of a list's objects, no two may have the same text under key. */
static int check_twice(struct reader *r, const char *list, const char *key)
{
	const json_t *items = json_object_get(r->site->doc, list);
	char quoted[WX_QUOTE_SIZE];
	json_t *seen = json_object();
	json_t *item;
	size_t i;
	int rc = seen ? WX_OK : wx_fail_nomem(r->err);

	json_array_foreach(items, i, item)
	{
		const char *text = wx_json_str(item, key, NULL);
		const json_t *first = json_object_get(seen, text);

		if (rc)
			break;
		if (first)
			rc = wx_fail(r->err, WX_ERR_FORMAT,
				     "%s: /%s/%zu/%s: '%s' is the %s of "
				     "/%s/%lld already, expected another",
				     r->path, list, i, key,
				     wx_quote(text, strlen(text), quoted), key,
				     list,
				     (long long)json_integer_value(first));
		else if (text &&
			 json_object_set_new(seen, text,
					     json_integer((json_int_t)i)))
			rc = wx_fail_nomem(r->err);
	}
	json_decref(seen);
	return rc;
}

static int read_lists(struct reader *r)
{
	const json_t *nodes = json_object_get(r->site->doc, "nodes");
	const json_t *stations = json_object_get(r->site->doc, "stations");
	struct wx_site *s = r->site;
	json_t *obj;
	size_t i;
	int rc = check_twice(r, "nodes", "id");

	if (!rc)
		rc = check_twice(r, "nodes", "source");
	if (!rc)
		rc = check_twice(r, "stations", "id");
	if (rc)
		return rc;
	s->nodes = calloc(json_array_size(nodes) + 1, sizeof(*s->nodes));
	s->stations =
		calloc(json_array_size(stations) + 1, sizeof(*s->stations));
	if (!s->nodes || !s->stations)
		return wx_fail_nomem(r->err);
	json_array_foreach(
		nodes, i,
		obj) if ((rc = read_node(r, i, obj,
					 &s->nodes[s->n_nodes++]))) return rc;
	json_array_foreach(stations, i, obj) if (
		(rc = read_station(r, i, obj,
				   &s->stations[s->n_stations++]))) return rc;
	return WX_OK;
}

/* Tables write offsets with three decimals: a finer step would drift. */
static bool is_whole_ms(double s)
{
	return fabs(s * 1000 - round(s * 1000)) < 1e-6;
}

static int read_windows(struct reader *r)
{
	const json_t *w = json_object_get(r->site->doc, "windows");
	struct wx_site *s = r->site;

	s->window_length_s = wx_json_f64(w, "length_s", 10);
	s->window_hop_s = wx_json_f64(w, "hop_s", s->window_length_s);
	if (!is_whole_ms(s->window_length_s) || !is_whole_ms(s->window_hop_s))
		return wx_fail(r->err, WX_ERR_FORMAT,
			       "%s: /windows: found %g s every %g s, expected "
			       "whole milliseconds",
			       r->path, s->window_length_s, s->window_hop_s);
	/* Below that, a day's windows outgrow the sound they are cut from. */
	if (s->window_hop_s < s->window_length_s / 10)
		return wx_fail(r->err, WX_ERR_FORMAT,
			       "%s: /windows/hop_s: found %g, expected at "
			       "least a tenth of length_s (%g)",
			       r->path, s->window_hop_s, s->window_length_s);
	return WX_OK;
}

static int read_rest(struct reader *r)
{
	struct wx_site *s = r->site;
	const json_t *where = json_object_get(s->doc, "location");
	const json_t *labels = json_object_get(s->doc, "labels");
	const json_t *export = json_object_get(s->doc, "export");
	size_t n;

	s->name = wx_json_str(s->doc, "site", "");
	s->latitude_deg = wx_json_f64(where, "latitude_deg", NAN);
	s->longitude_deg = wx_json_f64(where, "longitude_deg", NAN);
	s->elevation_m = wx_json_f64(where, "elevation_m", NAN);
	s->target = wx_json_str(export, "target", "rain");
	s->without = json_object_get(export, "without");
	s->raw_sound_days = wx_json_f64(json_object_get(s->doc, "retention"),
					"raw_sound_days", NAN);
	s->test_share = wx_json_f64(export, "test_share", 0.2);
	s->seed = wx_json_i64(export, "seed", 1);
	s->quality = wx_json_str(s->doc, "quality", NULL);
	if (s->quality) {
		s->quality = keep(r, below(r, s->quality));
		if (!s->quality)
			return r->err->code;
	}
	s->profile = wx_json_str(labels, "profile", "aurora3");
	n = strlen(s->profile);
	if (strchr(s->profile, '/') ||
	    (n > 5 && !strcmp(s->profile + n - 5, ".json"))) {
		s->profile = keep(r, below(r, s->profile));
		if (!s->profile)
			return r->err->code;
	}
	return read_windows(r);
}

static int read_all(struct reader *r)
{
	char *text = NULL;
	size_t n = 0;
	int rc = wx_file_read(r->path, MAX_BYTES, &text, &n, r->err);

	if (!rc)
		rc = wx_json_parse(text, n, r->path, "site", &r->site->doc,
				   r->err);
	free(text);
	if (!rc)
		rc = read_lists(r);
	return rc ? rc : read_rest(r);
}

int wx_site_read(const char *path, struct wx_site **out, struct wx_error *err)
{
	const char *slash = strrchr(path, '/');
	char *dir = strndup(path, slash ? (size_t)(slash - path) + 1 : 0);
	struct wx_error unread = { 0 };
	struct reader r = { path, dir, calloc(1, sizeof(struct wx_site)),
			    err ? err : &unread };
	int rc;

	*out = NULL;
	if (!dir || !r.site || !(r.site->kept = json_array()))
		rc = wx_fail_nomem(err);
	else
		rc = read_all(&r);
	free(dir);
	if (rc) {
		wx_site_free(r.site);
		return rc;
	}
	*out = r.site;
	return WX_OK;
}

void wx_site_free(struct wx_site *site)
{
	if (!site)
		return;
	json_decref(site->doc);
	json_decref(site->kept);
	free(site->nodes);
	free(site->stations);
	free(site);
}

const struct wx_site_node *wx_site_node(const struct wx_site *s, const char *id)
{
	for (size_t i = 0; i < s->n_nodes; i++)
		if (!strcmp(s->nodes[i].id, id))
			return &s->nodes[i];
	return NULL;
}

const struct wx_site_station *wx_site_station(const struct wx_site *s,
					      const char *id)
{
	for (size_t i = 0; i < s->n_stations; i++)
		if (!strcmp(s->stations[i].id, id))
			return &s->stations[i];
	return NULL;
}
