/* SPDX-License-Identifier: MIT */
/* lib/weather/labeller.c: rain and wind of a window, and its flags. */
#include "weather/labeller.h"

#include <math.h>
#include <string.h>

#include "base/quality.h"
#include "base/text.h"
#include "weather/smooth.h"

/* 0.2 mm in 10 min: a bucket's tip in what must be heard. */
#define UNHEARD_MM_H 1.2

void wx_evidence_init(struct wx_evidence *e, double bucket_mm,
		      double m_s_per_hz, double cup_offset_m_s,
		      double cup_threshold_m_s)
{
	e->smooth = NULL;
	wx_gauge_init(&e->gauge, bucket_mm);
	wx_wind_init(&e->wind, m_s_per_hz, cup_offset_m_s, cup_threshold_m_s);
	wx_doubts_init(&e->doubts, NULL);
}

void wx_evidence_doubt(struct wx_evidence *e, const struct wx_limits *limits)
{
	wx_doubts_init(&e->doubts, limits);
}

void wx_evidence_fini(struct wx_evidence *e)
{
	wx_smooth_free(e->smooth);
	e->smooth = NULL;
	wx_gauge_fini(&e->gauge);
	wx_wind_fini(&e->wind);
	wx_doubts_fini(&e->doubts);
}

int wx_evidence_smooth(struct wx_evidence *e, struct wx_error *err)
{
	return e->smooth ? WX_OK : wx_smooth_new(NULL, &e->smooth, err);
}

int wx_evidence_add(struct wx_evidence *e, const struct wx_obs *obs,
		    struct wx_error *err)
{
	int rc = wx_gauge_add(&e->gauge, obs, err);

	if (rc == WX_OK)
		rc = wx_wind_add(&e->wind, obs, err);
	return rc == WX_OK ? wx_doubts_add(&e->doubts, obs, err) : rc;
}

int wx_evidence_finish(struct wx_evidence *e, struct wx_error *err)
{
	int rc = wx_gauge_finish(&e->gauge, err);

	wx_doubts_finish(&e->doubts);
	return rc == WX_OK ? wx_wind_finish(&e->wind, err) : rc;
}

void wx_evidence_trim(struct wx_evidence *e, struct wx_time before)
{
	wx_gauge_trim(&e->gauge, before);
	wx_wind_trim(&e->wind, before);
	wx_doubts_trim(&e->doubts, before);
}

void wx_labeller_init(struct wx_labeller *l, const struct wx_profile *profile,
		      struct wx_evidence *const *evidence, size_t n)
{
	*l = (struct wx_labeller){ .profile = profile,
				   .evidence = evidence,
				   .n_evidence = n };
	for (size_t i = 0; i < n; i++) {
		struct wx_evidence *e = evidence[i];

		wx_rate_init(&e->rate, &e->gauge, &profile->rain);
		if (!profile->smoother || !e->smooth || e->gauge.by_amount ||
		    e->gauge.no_bucket)
			continue;
		wx_smooth_begin(e->smooth, &e->gauge, &profile->rain);
		e->rate.smooth = e->smooth;
	}
}

void wx_labeller_senses(struct wx_labeller *l, const struct wx_senses *senses)
{
	for (size_t i = 0; i < l->n_evidence; i++)
		l->evidence[i]->rate.senses = senses;
}

static void flag(struct wx_labeller *l, bool set, const char *word)
{
	size_t n;

	if (!set) /* most are not, most of the time */
		return;
	n = strlen(l->flags);
	if (n + strlen(word) + 2 <= sizeof(l->flags)) {
		if (n)
			l->flags[n++] = ' ';
		strcpy(l->flags + n, word);
	}
}

/*
 * About 2 sigma in the table; a window by hand has none. A day is as good as
 * anything longer.
 */
static double start_sigma(const struct wx_window *w)
{
	return w->max_err_s > 0 ? fmin(w->max_err_s, WX_S_PER_DAY) / 2 : 0;
}

/* Was nothing of a station to be used then? The gauge knows for all of it. */
static bool is_closed(const struct wx_evidence *e, const struct wx_window *w)
{
	int64_t from = w->start_utc.utc_ns;

	return wx_spans_touch(&e->gauge.closed, from,
			      from + (int64_t)(w->length_s * 1e9));
}

/* May that tip be of snow that melts? */
static bool is_melt(const struct wx_gauge *g, size_t tip)
{
	const int64_t reach = (int64_t)(WX_GAUGE_THAW_S * 1e9);

	return tip < g->n_tips &&
	       wx_spans_touch_long(&g->frozen, g->tip[tip].utc_ns - reach,
				   g->tip[tip].utc_ns,
				   (int64_t)(WX_GAUGE_SNOW_S * 1e9));
}

/* Rain that tips after a frost tell of: nobody knows whether it is any. */
static bool is_thaw(const struct wx_labeller *l, const struct wx_gauge *g,
		    const struct wx_rate_why *why,
		    const struct wx_class_label *label)
{
	return label->n_probs && label->name != l->profile->rain.name[0] &&
	       (is_melt(g, why->prev) || is_melt(g, why->next));
}

/* Of the first station that tells; else of one that says why not. */
static void label_rain(struct wx_labeller *l, const struct wx_window *w,
		       struct wx_class_label *out)
{
	int64_t from = w->start_utc.utc_ns;
	int64_t to = from + (int64_t)(w->length_s * 1e9);
	struct wx_rate_why *why = &l->rain_why, here;
	const struct wx_gauge *g = NULL;
	bool frost = w->air_temp_degc < WX_GAUGE_FROST_DEGC;
	bool closed = false, solid, thaw, coarse;

	*why = (struct wx_rate_why){ .outside = true };
	for (size_t i = 0; i < l->n_evidence && out->n_probs == 0; i++) {
		closed |= is_closed(l->evidence[i], w);
		wx_rate_label(&l->evidence[i]->rate, w->start_utc, w->length_s,
			      start_sigma(w), out, &here);
		if (g && here.outside)
			continue;
		g = &l->evidence[i]->gauge;
		*why = here;
		l->rain_by = i;
	}
	frost = frost || (g && wx_spans_touch(&g->frozen, from, to));
	solid = g && wx_spans_touch(&g->solid, from, to);
	if (frost || solid)
		wx_class_unknown(out);
	thaw = g && is_thaw(l, g, why, out);
	coarse = g && out->n_probs && wx_gauge_is_coarse(g, from, to);
	if (thaw || coarse)
		out->keep = 0;
	flag(l, why->outside, "no_rain_record");
	flag(l, g && g->no_bucket && !why->outside, "no_bucket");
	flag(l, closed && out->n_probs == 0, "maintenance");
	flag(l, frost, "frost");
	flag(l, solid, "solid");
	flag(l, thaw, "thaw");
	flag(l, g && g->siphon_like && out->n_probs, "siphon");
	flag(l, coarse, "coarse_rain");
	flag(l, why->edge, "record_edge");
	flag(l, why->lone && out->n_probs, "lone_tip");
	flag(l, why->bounce, "bounce");
	flag(l, why->too_fast, "fast_tips");
	if (out->n_probs == 0)
		why->sensed = 0;
	flag(l, why->sensed & WX_SENSE_HUMIDITY, "humidity_used");
	flag(l, why->sensed & WX_SENSE_SOUND, "sound_used");
}

static void label_wind(struct wx_labeller *l, const struct wx_window *w,
		       struct wx_label *out)
{
	struct wx_wind_why why = { 0 };

	for (size_t i = 0; i < l->n_evidence && out->wind.n_probs == 0; i++) {
		if (is_closed(l->evidence[i], w))
			continue;
		wx_wind_label(&l->evidence[i]->wind, &l->profile->wind,
			      w->start_utc, w->length_s, start_sigma(w),
			      &out->wind, &out->wind_gust_m_s, &why);
		l->wind_by = i;
	}
	if (out->wind.n_probs == 0)
		l->wind_by = SIZE_MAX;
	l->wind_why = why;
	flag(l, out->wind.n_probs == 0, "no_wind");
	flag(l, why.still, "below_threshold");
	flag(l, why.widened && out->wind.n_probs, "wind_3s");
}

/* What is hard to believe of the stations that told. */
static void doubt(struct wx_labeller *l, const struct wx_window *w,
		  struct wx_label *out)
{
	const unsigned of_wind = WX_DOUBT_WIND_STEP | WX_DOUBT_WIND_STILL |
				 WX_DOUBT_VANE_STILL | WX_DOUBT_GUST |
				 WX_DOUBT_WIND_BAD;
	int64_t from = w->start_utc.utc_ns;
	int64_t to = from + (int64_t)(w->length_s * 1e9);
	unsigned bits = 0;

	if (out->rain.n_probs)
		bits |= wx_doubts_of(&l->evidence[l->rain_by]->doubts, from,
				     to) &
			~of_wind;
	if (out->wind.n_probs)
		bits |= wx_doubts_of(&l->evidence[l->wind_by]->doubts, from,
				     to) &
			of_wind;
	for (int i = 0; i < WX_N_DOUBTS && bits; i++)
		flag(l, bits >> i & 1, wx_doubt_word(i));
	/* The gauge says rain, and the microphone is as on a dry day. */
	flag(l,
	     out->rain.n_probs && out->rain.value > UNHEARD_MM_H &&
		     (w->quality == WX_QUALITY_GOOD ||
		      w->quality == WX_QUALITY_SUSPECT) &&
		     !wx_words_have(w->flags, "rain_band"),
	     "unheard");
	if (bits & WX_DOUBT_RAIN_BAD)
		out->rain.keep = 0;
	if (bits & WX_DOUBT_WIND_BAD)
		out->wind.keep = 0;
}

/* What label_rain went by, into the label; amounts have no tips. */
static void tell_why(const struct wx_labeller *l, struct wx_label *out)
{
	const struct wx_rate_why *y = &l->rain_why;
	const struct wx_gauge *g;

	if (l->rain_by == SIZE_MAX || out->rain.n_probs == 0)
		return;
	g = &l->evidence[l->rain_by]->gauge;
	if (!g->by_amount && y->prev < g->n_tips)
		out->rain_tip_before.utc_ns = g->tip[y->prev].utc_ns;
	if (!g->by_amount && y->next < g->n_tips)
		out->rain_tip_after.utc_ns = g->tip[y->next].utc_ns;
	out->rain_sigma_ln = y->sigma_ln;
	out->rain_smoothed = y->smoothed;
}

void wx_labeller_window(struct wx_labeller *l, const struct wx_window *window,
			struct wx_label *out)
{
	l->flags[0] = '\0';
	l->rain_by = l->wind_by = SIZE_MAX;
	out->node = window->node;
	out->capture = window->capture;
	out->offset_s = window->offset_s;
	out->start_utc = window->start_utc;
	out->length_s = window->length_s;
	out->wind_gust_m_s = NAN;
	out->flags = l->flags;
	out->rain_tip_before = out->rain_tip_after = WX_TIME_NONE;
	out->rain_sigma_ln = NAN;
	out->rain_smoothed = 0;
	wx_class_unknown(&out->rain);
	wx_class_unknown(&out->wind);
	if (window->start_utc.utc_ns < -WX_EVIDENCE_MAX_NS ||
	    window->start_utc.utc_ns > WX_EVIDENCE_MAX_NS ||
	    !(window->length_s > 0) || window->length_s > WX_S_PER_DAY) {
		flag(l, true, "no_time");
		return;
	}
	label_rain(l, window, &out->rain);
	tell_why(l, out);
	label_wind(l, window, out);
	doubt(l, window, out);
}
