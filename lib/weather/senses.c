/* SPDX-License-Identifier: MIT */
/* lib/weather/senses.c: a node's days, window by window, beside the tips. */
#include "weather/senses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/quality.h"
#include "clock/window.h"
#include "weather/senses_parts.h"

/* Between windows a node is taken to sense the same for so long, s. */
#define STANDS_S 600.0
/* A window that may be this far off does not tell when within a gap, s. */
#define LOOSE_S 30.0

static const char *const words[WX_N_SENSES] = { "humidity", "sound" };

const char *wx_sense_word(int i)
{
	return words[i];
}

bool wx_senses_parse(const char *text, unsigned *use)
{
	*use = 0;
	if (!strcmp(text, "none"))
		return true;
	for (;;) {
		size_t n = strcspn(text, ",");
		int i = 0;

		while (i < WX_N_SENSES &&
		       (strlen(words[i]) != n || strncmp(words[i], text, n)))
			i++;
		if (i == WX_N_SENSES)
			return false;
		*use |= 1U << i;
		if (!text[n])
			return true;
		text += n + 1;
	}
}

int wx_senses_new(unsigned use, struct wx_senses **out, struct wx_error *err)
{
	struct wx_senses *s = calloc(1, sizeof(*s));

	*out = s;
	if (!s)
		return wx_fail_nomem(err);
	s->use = use;
	s->now = &s->day[0];
	for (size_t i = 0; i < WX_COUNT(s->day); i++)
		s->day[i].day = INT64_MIN;
	s->told.rank = s->told.db_per_db = s->told.scatter_db = NAN;
	return WX_OK;
}

void wx_senses_free(struct wx_senses *s)
{
	if (s)
		wx_senses_rest(s);
	free(s);
}

bool wx_senses_asks(const struct wx_senses *s, bool humidity, bool sound)
{
	return ((s->use & WX_SENSE_HUMIDITY) && humidity) ||
	       ((s->use & WX_SENSE_SOUND) && sound);
}

void wx_senses_begin(struct wx_senses *s, int64_t day)
{
	struct wx_sensed_day *oldest = &s->day[0];

	for (size_t i = 0; i < WX_COUNT(s->day); i++) {
		if (s->day[i].day < day - WX_SENSES_DAYS || s->day[i].day > day)
			s->day[i].day = INT64_MIN;
		if (s->day[i].day < oldest->day)
			oldest = &s->day[i];
	}
	*oldest = (struct wx_sensed_day){ .day = day, .stride = 1 };
	s->now = oldest;
	s->n = 0;
	s->gauge = NULL;
}

int wx_senses_add(struct wx_senses *s, const struct wx_window *w,
		  struct wx_error *err)
{
	struct wx_sensed v = { .from_ns = w->start_utc.utc_ns,
			       .length_s = (float)w->length_s,
			       .rel_hum_pct = (float)w->rel_hum_pct,
			       .level_db = (float)w->rain_band_db,
			       .share = NAN,
			       .heard_db = NAN };

	if (v.from_ns < -WX_EVIDENCE_MAX_NS || v.from_ns > WX_EVIDENCE_MAX_NS ||
	    !(w->length_s > 0) || w->length_s > WX_S_PER_DAY)
		return WX_OK;
	if (!(v.rel_hum_pct >= 0 && v.rel_hum_pct < SENSES_RH))
		v.rel_hum_pct = NAN;
	if (w->quality >= WX_QUALITY_FAIL || w->max_err_s > LOOSE_S ||
	    !(v.level_db >= SENSES_LOW_DB &&
	      v.level_db < SENSES_LOW_DB + SENSES_DB))
		v.level_db = NAN;
	if (isnan(v.rel_hum_pct) && isnan(v.level_db))
		return WX_OK;
	if (WX_GROW(&s->v, &s->room, s->n + 1, err) != WX_OK)
		return WX_ERR_NOMEM;
	s->v[s->n++] = v;
	return WX_OK;
}

static int by_from(const void *pa, const void *pb, void *ctx)
{
	const struct wx_sensed *a = pa, *b = pb;

	(void)ctx;
	return (a->from_ns > b->from_ns) - (a->from_ns < b->from_ns);
}

static int64_t end_of(const struct wx_sensed *w)
{
	return w->from_ns + (int64_t)((double)w->length_s * 1e9);
}

/* *tip is the first after the window's start: windows come in order. */
static bool look_around(const struct wx_gauge *g, const struct wx_sensed *w,
			size_t *tip, struct wx_sensed_at *at)
{
	int64_t to = end_of(w);
	const struct wx_span *read = wx_spans_find(&g->read, w->from_ns, to);
	size_t next;

	if (!read)
		return false;
	*tip = next = wx_gauge_tip_after(g, *tip, w->from_ns);
	*at = (struct wx_sensed_at){ .prev_ns = INT64_MIN,
				     .next_ns = INT64_MAX,
				     .near_s = INFINITY };
	while (next < g->n_tips && g->tip[next].utc_ns < to)
		next++;
	at->within = next == *tip;
	if (*tip > 0 && g->tip[*tip - 1].utc_ns >= read->from_ns)
		at->prev_ns = g->tip[*tip - 1].utc_ns;
	if (next < g->n_tips && g->tip[next].utc_ns <= read->to_ns)
		at->next_ns = g->tip[next].utc_ns;
	if (at->prev_ns != INT64_MIN)
		at->near_s = (double)(w->from_ns - at->prev_ns) / 1e9;
	if (at->next_ns != INT64_MAX)
		at->near_s = fmin(at->near_s, (double)(at->next_ns - to) / 1e9);
	if (!at->within)
		at->near_s = 0;
	return true;
}

static double gap_of(const struct wx_sensed_at *at)
{
	if (!at->within || at->prev_ns == INT64_MIN || at->next_ns == INT64_MAX)
		return INFINITY;
	return (double)(at->next_ns - at->prev_ns) / 1e9;
}

/* One of an event, and whole within the day: sound tells of all of it. */
static bool is_gap(const struct wx_senses *s, const struct wx_sensed_at *at)
{
	int64_t day_ns = WX_S_PER_DAY * WX_NS_PER_S;
	int64_t start_ns = s->now->day * day_ns;

	return gap_of(at) <= WX_RATE_EVENT_GAP_S * s->scale &&
	       at->prev_ns >= start_ns && at->next_ns <= start_ns + day_ns;
}

/* The windows within one gap: learn of them, or tell each its share. */
static void take_gap(struct wx_senses *s, size_t first, size_t end,
		     const struct wx_sensed_at *at, bool shares)
{
	if (shares)
		wx_senses_sound_share(s, s->v + first, end - first, gap_of(at));
	else
		wx_senses_sound_gap(s, s->v + first, end - first, gap_of(at));
}

static void take_window(struct wx_senses *s, size_t i,
			const struct wx_sensed_at *at)
{
	const struct wx_sensed *w = &s->v[i];
	double stands_s = STANDS_S;

	if (i + 1 < s->n)
		stands_s = fmin((double)(w[1].from_ns - w->from_ns) / 1e9,
				STANDS_S);
	wx_senses_humidity_add(s, w, at, stands_s);
	wx_senses_sound_add(s, w, at, stands_s);
}

static void go_through(struct wx_senses *s, bool shares)
{
	struct wx_sensed_at at = { 0 }, was = { 0 };
	size_t tip = 0, first = 0;
	bool in = false;

	for (size_t i = 0; i < s->n; i++) {
		bool here = look_around(s->gauge, &s->v[i], &tip, &at);
		bool gap = here && is_gap(s, &at);

		if (in && (!gap || at.prev_ns != was.prev_ns)) {
			take_gap(s, first, i, &was, shares);
			in = false;
		}
		if (gap && !in)
			first = i;
		in = gap;
		was = at;
		if (here && !shares)
			take_window(s, i, &at);
	}
	if (in)
		take_gap(s, first, s->n, &was, shares);
}

void wx_senses_learn(struct wx_senses *s, const struct wx_gauge *gauge)
{
	const int64_t most = WX_EVIDENCE_MAX_NS / WX_NS_PER_S / WX_S_PER_DAY;

	if (gauge->by_amount || gauge->no_bucket || !(gauge->bucket_mm > 0) ||
	    s->now->day < -most || s->now->day > most)
		return;
	s->gauge = gauge;
	s->scale = gauge->bucket_mm / WX_RATE_TABLE_BUCKET_MM;
	wx_sort(s->v, s->n, sizeof(*s->v), by_from, NULL);
	go_through(s, false);
	wx_senses_humidity_learn(s);
	wx_senses_sound_learn(s);
	if (s->told.hears)
		go_through(s, true);
}

void wx_senses_rest(struct wx_senses *s)
{
	free(s->v);
	s->v = NULL;
	s->n = s->room = 0;
}

void wx_senses_told(const struct wx_senses *s, struct wx_senses_told *out)
{
	*out = s->told;
}

/* ---- weighing ---- */

/* Far from tips, at least, s: nearer, they tell more than damp air. */
#define FAR_S 600.0
/* Nothing is surer than this. */
#define LEAST_P 2e-4

static double log_odds(double p)
{
	p = fmin(fmax(p, LEAST_P), 1 - LEAST_P);
	return log(p / (1 - p));
}

static const struct wx_sensed *find(const struct wx_senses *s, int64_t from_ns)
{
	size_t lo = 0, hi = s->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (s->v[mid].from_ns < from_ns)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < s->n && s->v[lo].from_ns == from_ns ? &s->v[lo] : NULL;
}

static bool far_from_tips(const struct wx_senses *s, int64_t from_ns,
			  int64_t to_ns, const struct wx_rate_why *why)
{
	const struct wx_gauge *g = s->gauge;
	double far = FAR_S * s->scale;

	if (why->gap_s <= WX_RATE_EVENT_GAP_S * s->scale && !why->edge &&
	    why->prev != SIZE_MAX && why->next != SIZE_MAX)
		return false;
	return (why->prev == SIZE_MAX ||
		(double)(from_ns - g->tip[why->prev].utc_ns) / 1e9 >= far) &&
	       (why->next == SIZE_MAX ||
		(double)(g->tip[why->next].utc_ns - to_ns) / 1e9 >= far);
}

unsigned wx_senses_weigh(const struct wx_senses *s, const struct wx_rate *r,
			 int64_t from_ns, int64_t to_ns,
			 const struct wx_rate_why *why, double *mm_h,
			 double *cdf)
{
	const struct wx_sensed *w;
	int n = r->classes->n - 1;

	if (!s->gauge || r->gauge != s->gauge || !(*mm_h >= 0) ||
	    !(w = find(s, from_ns)))
		return 0;
	if ((s->use & WX_SENSE_SOUND) && !isnan(w->share) && *mm_h > 0) {
		wx_senses_sound_weigh(s, w, r->classes, why->gap_s, mm_h, cdf);
		return WX_SENSE_SOUND;
	}
	if ((s->use & WX_SENSE_HUMIDITY) && !isnan(w->rel_hum_pct) &&
	    far_from_tips(s, from_ns, to_ns, why)) {
		double odds = s->dry_odds[(int)w->rel_hum_pct];

		if (!(odds > 0))
			return 0;
		for (int i = 0; i < n; i++)
			cdf[i] = 1 / (1 + exp(-log_odds(cdf[i]) - odds));
		return WX_SENSE_HUMIDITY;
	}
	return 0;
}
