/* SPDX-License-Identifier: MIT */
/* lib/report/season.c: see season.h. season_sound.c reads the levels. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/json.h"
#include "base/quality.h"
#include "base/text.h"
#include "dataset/rows.h"
#include "report/season_parts.h"
#include "weather/obs.h"

struct job {
	struct wx_season *s;
	struct season_heards heard;
	wx_season_row_fn *row;
	void *ctx;
	struct wx_season_node *node;
	char capture[1024];
	struct wx_log *log;
};

/* ---- the season's days and bins ---- */

static int widen(const struct wx_archive *a, const char *table, const char *id,
		 int64_t *first, int64_t *last, struct wx_error *err)
{
	struct wx_days days;
	int rc = wx_archive_days(a, table, id, &days, err);

	if (rc != WX_OK || !days.n) {
		wx_days_fini(&days);
		return rc;
	}
	if (days.day[0] < *first)
		*first = days.day[0];
	if (days.day[days.n - 1] > *last)
		*last = days.day[days.n - 1];
	wx_days_fini(&days);
	return WX_OK;
}

/* Days with windows; without any, those of the stations. */
static int find_days(struct wx_season *s, struct wx_error *err)
{
	const struct wx_site *site = s->a->site;
	int64_t first = INT64_MAX, last = INT64_MIN;
	int rc = WX_OK;

	for (size_t i = 0; i < site->n_nodes && rc == WX_OK; i++)
		rc = widen(s->a, "windows", site->nodes[i].id, &first, &last,
			   err);
	for (size_t i = 0; i < site->n_stations && rc == WX_OK && first > last;
	     i++)
		rc = widen(s->a, "station", site->stations[i].id, &first, &last,
			   err);
	if (rc != WX_OK || first > last)
		return rc;
	/* A clock that was never set must not make a season of 50 years. */
	if (last - first >= 1100)
		first = last - 1099;
	s->first_day = first;
	s->n_days = (size_t)(last - first + 1);
	return WX_OK;
}

static double bin_length(size_t n_days)
{
	static const double steps[] = { 600,   1200,  1800,  3600, 7200,
					10800, 21600, 43200, 86400 };
	size_t i = 0;

	while (i + 1 < WX_COUNT(steps) &&
	       (double)n_days * 86400 / steps[i] > WX_SEASON_BINS)
		i++;
	return steps[i];
}

static int make_room(struct wx_season *s, struct wx_error *err)
{
	const struct wx_site *site = s->a->site;

	s->bin_s = bin_length(s->n_days);
	s->n_bins = (size_t)((double)s->n_days * 86400 / s->bin_s);
	s->bin = calloc(s->n_bins + 1, sizeof(*s->bin));
	s->n_nodes = site->n_nodes;
	s->node = calloc(s->n_nodes + 1, sizeof(*s->node));
	if (!s->bin || !s->node)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < s->n_bins; i++)
		s->bin[i].gust_m_s = NAN;
	for (size_t i = 0; i < s->n_nodes; i++) {
		s->node[i].id = site->nodes[i].id;
		s->node[i].day = calloc(s->n_days + 1, sizeof(*s->node[i].day));
		if (!s->node[i].day)
			return wx_fail_nomem(err);
		for (size_t d = 0; d < s->n_days; d++)
			s->node[i].day[d].max_err_s = NAN;
	}
	return WX_OK;
}

static struct wx_season_bin *bin_at(struct wx_season *s, struct wx_time t)
{
	int64_t from_ns = s->first_day * WX_S_PER_DAY * WX_NS_PER_S;
	double i = floor((double)(t.utc_ns - from_ns) / 1e9 / s->bin_s);

	return i >= 0 && i < (double)s->n_bins ? &s->bin[(size_t)i] : NULL;
}

/* ---- windows and labels ---- */

static void count_words(struct wx_season *s, const char *flags)
{
	while (*flags) {
		size_t n = strcspn(flags, " "), i = 0;

		for (; i < WX_SEASON_WORDS && s->word[i].n; i++)
			if (!strncmp(s->word[i].text, flags, n) &&
			    !s->word[i].text[n])
				break;
		if (n && n < sizeof(s->word[0].text) && i < WX_SEASON_WORDS) {
			if (!s->word[i].n)
				memcpy(s->word[i].text, flags, n);
			s->word[i].n++;
		}
		flags += n + strspn(flags + n, " ");
	}
}

static int class_of(const struct wx_classes *c, const char *name)
{
	for (int i = 0; i < c->n; i++)
		if (!strcmp(c->name[i], name))
			return i;
	return -1;
}

/* The class of the station's value, that a person's word did not change. */
static int class_by_value(const struct wx_classes *c, double v)
{
	int i = 0;

	if (isnan(v))
		return -1;
	while (i < c->n - 1 && v >= c->limit[i])
		i++;
	return i;
}

static int count_class(const struct wx_classes *c,
		       struct wx_season_class *count,
		       const struct wx_class_label *l, uint64_t *unknown,
		       uint64_t *unsure)
{
	int i = *l->name ? class_of(c, l->name) : -1;
	int by_station = class_by_value(c, l->value);

	if (i < 0) {
		++*unknown;
		return i;
	}
	count[i].n_windows++;
	count[i].n_kept += l->keep;
	*unsure += !l->keep;
	if (!strcmp(l->source, "track")) {
		count[i].n_heard++;
		if (by_station >= 0)
			count[i].ear[by_station]++;
	}
	return i;
}

static void count_day(struct job *j, const struct wx_window *w, bool labelled,
		      bool kept)
{
	struct wx_season *s = j->s;
	int64_t d = wx_time_day(w->start_utc) - s->first_day;
	struct wx_season_day *day;

	if (d < 0 || d >= (int64_t)s->n_days)
		return;
	day = &j->node->day[d];
	day->n_windows++;
	day->n_labelled += labelled;
	day->n_kept += kept;
	day->n_suspect += w->quality == WX_QUALITY_SUSPECT;
	day->n_fail += w->quality >= WX_QUALITY_FAIL;
	day->sound_s += (float)w->length_s;
	j->node->sound_s += w->length_s;
	if (!isnan(w->max_err_s))
		day->max_err_s = fmaxf(day->max_err_s, (float)w->max_err_s);
	if (strcmp(j->capture, w->capture) != 0) {
		day->n_captures++;
		j->node->n_captures++;
		snprintf(j->capture, sizeof(j->capture), "%s", w->capture);
	}
}

static void count_bin(struct wx_season *s, const struct wx_label *l, int rain,
		      int wind)
{
	struct wx_season_bin *b = bin_at(s, l->start_utc);

	if (!b)
		return;
	if (rain >= 0)
		b->rain_class[rain]++;
	if (wind >= 0)
		b->wind_class[wind]++;
	b->n_windows++;
	b->n_rain_kept += l->rain.keep != 0;
	b->n_wind_kept += l->wind.keep != 0;
	if (!isnan(l->rain.value)) {
		b->rate_sum += (float)l->rain.value;
		b->rate_n++;
	}
	if (!isnan(l->rain.p)) {
		b->rain_p_sum += (float)l->rain.p;
		b->rain_p_n++;
	}
	if (!isnan(l->wind.p)) {
		b->wind_p_sum += (float)l->wind.p;
		b->wind_p_n++;
	}
}

static int take(void *ctx, const struct wx_window *w, const struct wx_label *l,
		struct wx_error *err)
{
	struct job *j = ctx;
	struct wx_season *s = j->s;
	const struct wx_profile *p = s->profile;
	int rain, wind, rc;

	if (!j->node || strcmp(j->node->id, w->node) != 0) {
		j->node = NULL;
		for (size_t i = 0; i < s->n_nodes; i++)
			if (!strcmp(s->node[i].id, w->node))
				j->node = &s->node[i];
		*j->capture = '\0';
	}
	if (!j->node)
		return WX_OK;
	s->n_windows++;
	rain = count_class(&p->rain, s->rain, &l->rain, &s->n_rain_unknown,
			   &s->n_rain_unsure);
	wind = count_class(&p->wind, s->wind, &l->wind, &s->n_wind_unknown,
			   &s->n_wind_unsure);
	s->n_bad_sound += w->quality >= WX_QUALITY_FAIL;
	count_day(j, w, rain >= 0 || wind >= 0, l->rain.keep || l->wind.keep);
	count_bin(s, l, rain, wind);
	count_words(s, w->flags);
	count_words(s, l->flags);
	rc = season_hear(&j->heard, l, rain, wind, err);
	return rc == WX_OK && j->row ? j->row(j->ctx, w, l, err) : rc;
}

/* ---- stations ---- */

static void count_obs(struct wx_season *s, const struct wx_obs *o, bool rain,
		      bool wind)
{
	/* An interval ends at utc: what fell belongs before. */
	struct wx_season_bin *b =
		bin_at(s, wx_time_add_ns(o->utc, o->interval_s > 0 ? -1 : 0));

	s->n_obs++;
	if (!b)
		return;
	if (rain && o->rain_mm > 0)
		b->rain_mm += (float)o->rain_mm;
	if (rain && o->tips > 0)
		b->tips += (float)o->tips;
	if (wind && !isnan(o->wind_avg_m_s)) {
		b->wind_sum += (float)o->wind_avg_m_s;
		b->wind_n++;
	}
	if (wind && !isnan(o->wind_gust_m_s))
		b->gust_m_s = fmaxf(b->gust_m_s, (float)o->wind_gust_m_s);
}

/* Wind of turns alone is the mean over its interval. */
static void complete_obs(struct wx_obs *o, const struct wx_site_station *st)
{
	if (isnan(o->rain_mm) && !isnan(o->tips) && !isnan(st->bucket_mm))
		o->rain_mm = o->tips * st->bucket_mm;
	if (isnan(o->tips) && !isnan(o->rain_mm) && !isnan(st->bucket_mm))
		o->tips = o->rain_mm / st->bucket_mm;
	if (isnan(o->wind_avg_m_s) && o->cup_turns > 0 && o->interval_s > 0 &&
	    !isnan(st->cup.m_s_per_hz))
		o->wind_avg_m_s = st->cup.offset_m_s + st->cup.m_s_per_hz *
							       o->cup_turns /
							       o->interval_s;
}

static int read_obs(struct wx_season *s, const char *path,
		    const struct wx_site_station *st, bool had[2], bool has[2],
		    struct wx_error *err)
{
	struct wx_csv *csv = NULL;
	struct wx_obs_cols cols;
	struct wx_obs o;
	int more = 0;
	int rc = wx_csv_open(path, NULL, &csv, err);

	if (rc == WX_OK)
		rc = wx_obs_cols(csv, &cols, err);
	while (rc == WX_OK && (more = wx_csv_next(csv, err)) == 1) {
		rc = wx_obs_get(csv, &cols, &o, err);
		if (rc != WX_OK)
			break;
		complete_obs(&o, st);
		has[0] |= !isnan(o.rain_mm) || !isnan(o.tips);
		has[1] |= !isnan(o.wind_avg_m_s);
		count_obs(s, &o, !had[0], !had[1]);
	}
	wx_csv_close(csv);
	return rc != WX_OK ? rc : more;
}

static int read_stations(struct wx_season *s, struct wx_log *log,
			 struct wx_error *err)
{
	const struct wx_site *site = s->a->site;
	bool had[2] = { false, false };
	int rc = WX_OK;

	for (size_t i = 0; i < site->n_stations && rc == WX_OK; i++) {
		const struct wx_site_station *st = &site->stations[i];
		bool has[2] = { false, false };
		struct wx_days days;

		rc = wx_archive_days(s->a, "station", st->id, &days, err);
		for (size_t d = 0; rc == WX_OK && d < days.n; d++) {
			char date[WX_DAY_SIZE];
			struct wx_error why = { 0 };
			char *path;

			wx_day_format(days.day[d], date);
			path = wx_archive_path(s->a, "station/%s/%s.csv",
					       st->id, date);
			if (!path)
				rc = wx_fail_nomem(err);
			else if (read_obs(s, path, st, had, has, &why) != WX_OK)
				wx_warn(log, "%s; left out", why.text);
			free(path);
		}
		wx_days_fini(&days);
		had[0] |= has[0];
		had[1] |= has[1];
	}
	return rc;
}

/* ---- journals and the dataset ---- */

static int count_line(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct wx_season_node *n = ctx;

	(void)line, (void)err;
	n->n_gone += json_object_get(obj, "gone") != NULL;
	n->n_quarantined += json_object_get(obj, "quarantined") != NULL;
	n->n_released += json_object_get(obj, "released") != NULL;
	return WX_OK;
}

static int count_undated(struct wx_season *s, struct wx_season_node *n,
			 struct wx_error *err)
{
	char *path = wx_archive_path(s->a, "windows/%s/undated.csv", n->id);
	struct wx_csv *csv = NULL;
	int rc = path ? WX_OK : wx_fail_nomem(err);

	if (rc == WX_OK && access(path, F_OK) == 0 &&
	    wx_csv_open(path, NULL, &csv, NULL) == WX_OK)
		while (wx_csv_next(csv, NULL) == 1)
			n->n_undated++;
	wx_csv_close(csv);
	free(path);
	return rc;
}

static int count_sample(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct wx_season *s = ctx;
	int side = !strcmp(wx_json_str(obj, "category", ""), "testing");
	const json_t *rain = json_object_get(obj, "rain");
	const json_t *wind = json_object_get(obj, "wind");
	int r = class_of(&s->profile->rain, wx_json_str(rain, "class", ""));
	int w = class_of(&s->profile->wind, wx_json_str(wind, "class", ""));

	(void)line, (void)err;
	s->n_samples++;
	if (r >= 0)
		s->rain[r].n_samples[side]++;
	if (w >= 0)
		s->wind[w].n_samples[side]++;
	return WX_OK;
}

static int read_journals(struct wx_season *s, struct wx_log *log,
			 struct wx_error *err)
{
	char *path = wx_archive_path(s->a, "dataset/provenance.jsonl");
	int rc = path ? WX_OK : wx_fail_nomem(err);

	s->has_dataset = rc == WX_OK && access(path, F_OK) == 0;
	if (rc == WX_OK)
		rc = wx_jsonl_read(path, NULL, count_sample, s, log, err);
	free(path);
	for (size_t i = 0; i < s->n_nodes && rc == WX_OK; i++) {
		path = wx_archive_path(s->a, "raw/%s/journal.jsonl",
				       s->node[i].id);
		rc = path ? wx_jsonl_read(path, NULL, count_line, &s->node[i],
					  log, err)
			  : wx_fail_nomem(err);
		free(path);
		if (rc == WX_OK)
			rc = count_undated(s, &s->node[i], err);
	}
	return rc;
}

int wx_season_read(const struct wx_archive *a, const struct wx_profile *profile,
		   wx_season_row_fn *row, void *ctx, struct wx_season *out,
		   struct wx_log *log, struct wx_error *err)
{
	struct job *j = calloc(1, sizeof(*j));
	size_t n_unlabelled = 0;
	int rc;

	*out = (struct wx_season){ .a = a, .profile = profile };
	if (!j)
		return wx_fail_nomem(err);
	j->s = out;
	j->row = row;
	j->ctx = ctx;
	j->log = log;
	rc = find_days(out, err);
	if (rc == WX_OK)
		rc = make_room(out, err);
	if (rc == WX_OK)
		rc = wx_rows_each_readable(a, take, j, &n_unlabelled, log, err);
	out->n_unlabelled = n_unlabelled;
	if (rc == WX_OK)
		rc = read_stations(out, log, err);
	if (rc == WX_OK)
		rc = season_sound(out, &j->heard, log, err);
	if (rc == WX_OK)
		rc = read_journals(out, log, err);
	free(j->heard.v);
	free(j);
	return rc;
}

void wx_season_fini(struct wx_season *s)
{
	for (size_t i = 0; s->node && i < s->n_nodes; i++)
		free(s->node[i].day);
	free(s->node);
	free(s->bin);
	*s = (struct wx_season){ .n_days = 0 };
}

double wx_season_level(const struct wx_season_class *c, double q)
{
	uint64_t all = 0, so_far = 0;

	for (size_t i = 0; i < WX_COUNT(c->level); i++)
		all += c->level[i];
	for (size_t i = 0; all && i < WX_COUNT(c->level); i++) {
		so_far += c->level[i];
		if ((double)so_far >= q * (double)all)
			return (double)i - 150;
	}
	return NAN;
}
