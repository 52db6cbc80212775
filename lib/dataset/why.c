/* SPDX-License-Identifier: MIT */
/* lib/dataset/why.c: a window found, labelled, and what it was judged by. */
#include "dataset/why.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "dataset/sensed.h"
#include "dataset/tracks.h"

/* Tips that are listed; a window with more is no rain anyway. */
enum { MAX_TIPS = 200 };

/* What is asked for. */
struct question {
	char node[65];
	const char *capture; /* to its '@'; NULL: an instant */
	size_t capture_n;
	double offset_s;
	struct wx_time utc;
};

struct job {
	const struct wx_archive *a;
	const struct wx_profile *profile;
	struct question q;
	struct wx_site_evidence stations;
	struct wx_tracks *tracks;
	struct wx_senses *senses; /* NULL: not asked for */
	const struct wx_days *days;
	struct wx_labeller l;
	json_t *out;
};

/* ---- the question ---- */

static int parse_node(struct question *q, const char *text, size_t n,
		      const struct wx_archive *a, struct wx_error *err)
{
	snprintf(q->node, sizeof(q->node), "%.*s", n < 64 ? (int)n : 64, text);
	if (n <= 64 && wx_site_node(a->site, q->node))
		return WX_OK;
	return wx_fail(err, WX_ERR_RANGE, "site.json has no node '%s'",
		       q->node);
}

static int parse_question(const struct wx_archive *a, const char *text,
			  struct question *q, struct wx_error *err)
{
	const char *at = strrchr(text, '@');
	const char *slash = strchr(text, '/');

	*q = (struct question){ .utc = WX_TIME_NONE };
	if (at && !strncmp(text, "raw/", 4) &&
	    (slash = strchr(text + 4, '/')) &&
	    wx_f64_parse(at + 1, strlen(at + 1), &q->offset_s)) {
		q->capture = text;
		q->capture_n = (size_t)(at - text);
		return parse_node(q, text + 4, (size_t)(slash - text) - 4, a,
				  err);
	}
	if (!at && slash && wx_time_parse(slash + 1, &q->utc, NULL) == WX_OK)
		return parse_node(q, text, (size_t)(slash - text), a, err);
	return wx_fail(err, WX_ERR_FORMAT,
		       "'%.200s': expected a window as "
		       "raw/NODE/CAPTURE@SECONDS or "
		       "NODE/2026-06-01T12:00:00Z",
		       text);
}

static bool is_asked(const struct question *q, const struct wx_window *w)
{
	double into_s;

	if (!(w->length_s > 0))
		return false;
	if (!q->capture) {
		if (wx_time_is_none(w->start_utc))
			return false;
		into_s = wx_time_diff_s(q->utc, w->start_utc);
	} else {
		if (strlen(w->capture) != q->capture_n ||
		    strncmp(w->capture, q->capture, q->capture_n) != 0)
			return false;
		into_s = q->offset_s - w->offset_s;
	}
	return into_s > -.0005 && into_s < w->length_s - .0005;
}

/* ---- the answer ---- */

static void set_f64(json_t *obj, const char *key, double v, double steps)
{
	if (isfinite(v))
		json_object_set_new(obj, key,
				    json_real(round(v * steps) / steps));
}

static void set_utc(json_t *obj, const char *key, struct wx_time t)
{
	char utc[WX_TIME_SIZE];

	wx_time_format(t, 3, utc);
	if (*utc)
		json_object_set_new(obj, key, json_string(utc));
}

static json_t *class_json(const struct wx_classes *c, const char *limits_key,
			  const struct wx_class_label *l)
{
	json_t *obj = json_object(), *limits = json_array();
	json_t *probs = json_object();

	if (*l->name) {
		json_object_set_new(obj, "class", json_string(l->name));
		set_f64(obj, "p", l->p, 1000);
	}
	json_object_set_new(obj, "keep", json_boolean(l->keep));
	json_object_set_new(obj, "source", json_string(l->source));
	if (*l->track)
		json_object_set_new(obj, "track", json_string(l->track));
	for (int i = 0; i < l->n_probs; i++)
		set_f64(probs, c->name[i], l->probs[i], 1000);
	json_object_set_new(obj, "probs", probs);
	for (int i = 0; i < c->n - 1; i++)
		json_array_append_new(limits, json_real(c->limit[i]));
	json_object_set_new(obj, limits_key, limits);
	set_f64(obj, "guard", c->guard, 1e6);
	set_f64(obj, "min_p", c->min_p, 1e6);
	return obj;
}

/* What the station alone would have said, where a person was heard. */
static void set_station_class(json_t *obj, const struct wx_class_label *was,
			      const struct wx_class_label *is)
{
	json_t *by;

	if (strcmp(is->source, "track") != 0 || !*was->name)
		return;
	by = json_object();
	json_object_set_new(by, "class", json_string(was->name));
	set_f64(by, "p", was->p, 1000);
	json_object_set_new(by, "source", json_string(was->source));
	json_object_set_new(obj, "by_station", by);
}

static json_t *tips_json(const struct wx_gauge *g, const struct wx_rate_why *y,
			 const struct wx_window *w)
{
	size_t from = y->prev != SIZE_MAX ? y->prev : y->next, to = y->next;
	json_t *tips = json_array();
	int n = 0;

	if (from == SIZE_MAX || g->by_amount)
		return tips;
	if (to == SIZE_MAX) /* those within, to the record's last */
		to = g->n_tips - 1;
	for (size_t i = from; i <= to && i < g->n_tips && n < MAX_TIPS;
	     i++, n++) {
		json_t *t = json_object();
		struct wx_time utc = { g->tip[i].utc_ns };

		set_utc(t, "utc", utc);
		set_f64(t, "after_start_s", wx_time_diff_s(utc, w->start_utc),
			1000);
		set_f64(t, "sigma_s", (double)g->tip[i].sigma_s, 1000);
		if (g->tip[i].flags & WX_TIP_BOUNCE)
			json_object_set_new(t, "bounced", json_true());
		json_array_append_new(tips, t);
	}
	return tips;
}

/* What the node's own senses did to the label, and what they are worth. */
static void set_senses(const struct job *j, json_t *obj)
{
	const struct wx_rate_why *y = &j->l.rain_why;
	const struct wx_classes *c = &j->profile->rain;
	struct wx_senses_told told;
	json_t *used = json_array(), *unaided = json_object(), *hearing;

	for (int i = 0; i < WX_N_SENSES; i++)
		if (y->sensed >> i & 1)
			json_array_append_new(used,
					      json_string(wx_sense_word(i)));
	for (int i = 0; i < c->n; i++)
		set_f64(unaided, c->name[i],
			(i < c->n - 1 ? y->unsensed_cdf[i] : 1) -
				(i ? y->unsensed_cdf[i - 1] : 0),
			1000);
	if (y->sensed) {
		json_object_set(obj, "evidence", used);
		json_object_set(obj, "unaided", unaided);
	}
	json_decref(used);
	json_decref(unaided);
	if (!j->senses || !(j->profile->evidence & WX_SENSE_SOUND))
		return;
	wx_senses_told(j->senses, &told);
	hearing = json_pack("{sIsb}", "gaps", (json_int_t)told.n_gaps,
			    "believed", told.hears);
	set_f64(hearing, "rank", told.rank, 1000);
	json_object_set_new(obj, "hearing", hearing);
}

/* Of what kind all tips around say the rain is. */
static void set_characters(json_t *obj, const struct wx_rate_why *y)
{
	json_t *all;

	if (!y->smoothed)
		return;
	all = json_object();
	for (int k = 0; k < WX_CHARACTERS; k++)
		set_f64(all, wx_character_word((enum wx_character)k),
			y->character[k], 1000);
	json_object_set_new(obj, "characters", all);
}

static json_t *rain_json(const struct job *j, const struct wx_window *w,
			 const struct wx_label *was, const struct wx_label *l)
{
	const struct wx_rate_why *y = &j->l.rain_why;
	json_t *obj = class_json(&j->profile->rain, "limits_mm_h", &l->rain);

	set_f64(obj, "mm_h", l->rain.value, 100);
	set_station_class(obj, &was->rain, &l->rain);
	if (j->l.rain_by != SIZE_MAX) {
		const struct wx_station_evidence *s =
			&j->stations.station[j->l.rain_by];

		json_object_set_new(obj, "station", json_string(s->site->id));
		set_f64(obj, "bucket_mm", s->e.gauge.bucket_mm, 1e6);
		if (s->e.gauge.siphon)
			json_object_set_new(obj, "siphon", json_true());
		json_object_set_new(obj, "tips", tips_json(&s->e.gauge, y, w));
		set_f64(obj, "gap_s", y->gap_s, 1000);
		set_f64(obj, "sigma_ln", y->sigma_ln, 1000);
		json_object_set_new(obj, "smoothed", json_boolean(y->smoothed));
		set_characters(obj, y);
		set_senses(j, obj);
	}
	return obj;
}

static json_t *wind_json(const struct job *j, const struct wx_label *was,
			 const struct wx_label *l)
{
	const struct wx_wind_why *y = &j->l.wind_why;
	json_t *obj = class_json(&j->profile->wind, "limits_m_s", &l->wind);

	set_f64(obj, "m_s", l->wind.value, 100);
	set_f64(obj, "gust_m_s", l->wind_gust_m_s, 100);
	set_station_class(obj, &was->wind, &l->wind);
	if (j->l.wind_by != SIZE_MAX) {
		const struct wx_station_evidence *s =
			&j->stations.station[j->l.wind_by];

		json_object_set_new(obj, "station", json_string(s->site->id));
		set_f64(obj, "averaged_s", y->length_s, 1000);
		set_f64(obj, "sigma_m_s", y->sigma_m_s, 1000);
	}
	return obj;
}

static json_t *words_json(const char *text)
{
	json_t *words = json_array();

	while (*(text += strspn(text, " "))) {
		size_t n = strcspn(text, " ");

		json_array_append_new(words, json_stringn(text, n));
		text += n;
	}
	return words;
}

static int answer(struct job *j, const struct wx_window *w,
		  struct wx_error *err)
{
	struct wx_agreement rain = { 0 }, wind = { 0 };
	struct wx_label was, l;
	int rc;

	wx_labeller_init(&j->l, j->profile, j->stations.evidence,
			 j->stations.n);
	wx_labeller_senses(&j->l, j->senses);
	wx_labeller_window(&j->l, w, &l);
	was = l;
	rc = wx_tracks_label(j->tracks, w, &l, &rain, &wind, err);
	if (rc != WX_OK)
		return rc;
	j->out = json_object();
	json_object_set_new(j->out, "node", json_string(j->q.node));
	json_object_set_new(j->out, "capture", json_string(w->capture));
	set_f64(j->out, "offset_s", w->offset_s, 1000);
	set_utc(j->out, "start_utc", w->start_utc);
	set_f64(j->out, "length_s", w->length_s, 1000);
	set_f64(j->out, "max_err_s", w->max_err_s, 1000);
	set_f64(j->out, "air_temp_degc", w->air_temp_degc, 100);
	json_object_set_new(j->out, "profile", json_string(j->profile->name));
	json_object_set_new(j->out, "rain", rain_json(j, w, &was, &l));
	json_object_set_new(j->out, "wind", wind_json(j, &was, &l));
	json_object_set_new(j->out, "flags", words_json(l.flags));
	return json_object_size(j->out) < 8 ? wx_fail_nomem(err) : WX_OK;
}

/* The stations of a day, and what is known of the node by then. */
static int load(struct job *j, int64_t day, struct wx_error *err)
{
	if (day == INT64_MIN)
		return WX_OK;
	if (j->senses)
		return wx_sensed_upto(j->senses, j->a, j->q.node, j->days, day,
				      &j->stations, err);
	return wx_site_evidence_day(&j->stations, day, err);
}

/* Look for it in one table; day INT64_MIN is undated. */
static int look_in(struct job *j, int64_t day, const char *path,
		   struct wx_error *err)
{
	struct wx_csv *csv = NULL;
	struct wx_window_cols cols;
	struct wx_window w;
	int rc = wx_csv_open(path, NULL, &csv, err), more;

	if (rc == WX_OK)
		rc = wx_window_cols(csv, &cols, err);
	while (rc == WX_OK && !j->out && (more = wx_csv_next(csv, err)) != 0) {
		if (more < 0)
			rc = more;
		else if (wx_window_get(csv, &cols, &w, NULL) == WX_OK &&
			 is_asked(&j->q, &w)) {
			rc = load(j, day, err);
			if (rc == WX_OK)
				rc = answer(j, &w, err);
		}
	}
	wx_csv_close(csv);
	return rc;
}

/* By instant in its day or the one before; by capture in every day. */
static int look(struct job *j, struct wx_error *err)
{
	int64_t day = j->q.capture ? 0 : wx_time_day(j->q.utc);
	struct wx_days days;
	char *path = NULL;
	int rc = wx_archive_days(j->a, "windows", j->q.node, &days, err);

	j->days = &days;
	for (size_t i = 0; i < days.n && rc == WX_OK && !j->out; i++) {
		char date[WX_DAY_SIZE];

		if (!j->q.capture &&
		    (days.day[i] < day - 1 || days.day[i] > day))
			continue;
		wx_day_format(days.day[i], date);
		path = wx_archive_path(j->a, "windows/%s/%s.csv", j->q.node,
				       date);
		rc = path ? look_in(j, days.day[i], path, err)
			  : wx_fail_nomem(err);
		free(path);
	}
	wx_days_fini(&days);
	if (rc != WX_OK || j->out || !j->q.capture)
		return rc;
	path = wx_archive_path(j->a, "windows/%s/undated.csv", j->q.node);
	if (!path)
		return wx_fail_nomem(err);
	if (access(path, F_OK) == 0)
		rc = look_in(j, INT64_MIN, path, err);
	free(path);
	return rc;
}

int wx_why(const struct wx_archive *a, const struct wx_profile *profile,
	   wx_track_read_fn *read, const char *window, struct wx_log *log,
	   json_t **out, struct wx_error *err)
{
	struct job j = { .a = a, .profile = profile };
	int rc = parse_question(a, window, &j.q, err);

	*out = NULL;
	if (rc != WX_OK)
		return rc;
	rc = wx_site_evidence_open(&j.stations, a, log, err);
	if (rc == WX_OK && profile->evidence)
		rc = wx_senses_new(profile->evidence, &j.senses, err);
	if (rc == WX_OK)
		rc = wx_tracks_read(a, j.q.node, profile, read, log, &j.tracks,
				    err);
	if (rc == WX_OK)
		rc = look(&j, err);
	if (rc == WX_OK && !j.out)
		rc = wx_fail(err, WX_ERR_RANGE,
			     "'%.200s': no window is there; see windows/%s",
			     window, j.q.node);
	if (rc == WX_OK)
		*out = j.out;
	else
		json_decref(j.out);
	wx_tracks_free(j.tracks);
	wx_senses_free(j.senses);
	wx_site_evidence_close(&j.stations);
	return rc;
}
