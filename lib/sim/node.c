/* SPDX-License-Identifier: MIT */
/* lib/sim/node.c: the character and the fate of a made node. */
#include "sim/node.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define US_PER_S   INT64_C(1000000)
#define Y2000_US   (INT64_C(946684800) * US_PER_S)
#define SYNC_EVERY (6 * 3600 * US_PER_S)

int64_t wx_sim_end_s(const struct wx_sim_opts *o)
{
	/* Whole rows of the logger and of its minutes. */
	return o->start_s + (int64_t)floor(o->days * 1440) * 60;
}

struct wx_sim_weather wx_sim_weather_of(const struct wx_sim_opts *o)
{
	return (struct wx_sim_weather){
		wx_sim_split((uint64_t)o->seed, "weather", 0),
		wx_sim_climate_get(o->climate), o->utc_offset_s
	};
}

/* Shade, bias, and what the sun does to a box on a pole. */
static double box_degc(const struct wx_sim_plan *p, double t_s,
		       const struct wx_sim_sample *s)
{
	double hour = (t_s + p->weather.solar_offset_s) / 3600;
	double sun = fmax(cos(2 * M_PI * (hour - 13) / 24), 0);

	return s->air_temp_degc + p->temp_bias_k + p->sun_k * sun;
}

struct wx_sim_env wx_sim_plan_env(const struct wx_sim_plan *p, double t_s)
{
	int64_t whole = (int64_t)floor(t_s);
	double part = t_s - (double)whole;
	uint64_t key = wx_sim_split(p->key, "env", whole);
	struct wx_sim_sample s[2];
	struct wx_sim_env e;

	wx_sim_weather_get(&p->weather, whole, 2, s);
	e.air_temp_degc = box_degc(p, t_s, s) + 0.04 * wx_sim_normal_at(key, 0);
	e.rel_hum_pct = s[0].rel_hum_pct + p->rel_hum_bias +
			0.3 * wx_sim_normal_at(key, 1);
	e.rel_hum_pct = fmin(fmax(e.rel_hum_pct, 0), 100);
	/* 1 Pa of noise, as a BME280 with filter off. */
	e.pressure_hpa = s[0].pressure_hpa +
			 part * (s[1].pressure_hpa - s[0].pressure_hpa) +
			 p->pressure_bias_hpa + 0.01 * wx_sim_normal_at(key, 2);
	return e;
}

/* Microseconds that the crystal gains in one knot from true time us. */
static double knot_gain_us(const struct wx_sim_plan *p, int64_t us)
{
	enum { N = 3 };
	double ppm = 0;

	for (int i = 0; i < N; i++) {
		double t_s =
			(double)us / 1e6 +
			(i + 0.5) / N * (double)(WX_SIM_KNOT_US / US_PER_S);
		struct wx_sim_sample s;
		double k;

		wx_sim_weather_get(&p->weather, (int64_t)t_s, 1, &s);
		k = box_degc(p, t_s, &s) - p->crystal_t0_degc;
		ppm += (p->crystal_ppm + p->crystal_ppm_k2 * k * k) / N;
	}
	return ppm * 1e-6 * (double)WX_SIM_KNOT_US;
}

/* The crystal from power-on to end_us and a little more. */
static int drift_init(const struct wx_sim_plan *p, struct wx_sim_boot *b,
		      int64_t end_us)
{
	size_t n = (size_t)((end_us - b->on_us) / WX_SIM_KNOT_US) + 3;
	double sum = 0;

	b->drift_us = calloc(n, sizeof(*b->drift_us));
	if (!b->drift_us)
		return WX_ERR_NOMEM;
	b->n_drift = n;
	for (size_t i = 1; i < n; i++) {
		sum += knot_gain_us(p, b->on_us + (int64_t)(i - 1) *
							  WX_SIM_KNOT_US);
		b->drift_us[i] = llround(sum);
	}
	return WX_OK;
}

/* The RTC is set to true time with an error, at m_us. */
static void rtc_add(struct wx_sim_clock *c, struct wx_sim_boot *b, int64_t m_us,
		    double wrong_ms, const char *source, double err_ms)
{
	struct wx_sim_rtc *r = &b->rtc[b->n_rtc++];
	struct wx_time t = wx_sim_clock_utc(c, b->boot, m_us);

	*r = (struct wx_sim_rtc){ m_us,
				  t.utc_ns / WX_NS_PER_US +
					  llround(wrong_ms * 1e3),
				  "", err_ms };
	snprintf(r->source, sizeof(r->source), "%s", source);
}

/*
 * SNTP answers some minutes after power-on and then each 6 hours, off by 20 to
 * 60 ms as one-shot queries over Wi-Fi are; the card's first hour was set by
 * hand.
 */
static int rtc_init(struct wx_sim_plan *p, size_t i, bool lost)
{
	struct wx_sim_clock *c = &p->clock;
	struct wx_sim_boot *b = &c->boot[i];
	struct wx_sim_rng r = wx_sim_rng(p->key, "rtc", b->boot);
	int64_t until = b->off_us == INT64_MAX
				? wx_sim_end_s(&p->opts) * US_PER_S
				: b->off_us;
	int64_t m_end = wx_sim_boot_m_us(b, until);
	int64_t m = (int64_t)(US_PER_S * (i ? wx_sim_uniform(&r, 180, 480)
					    : wx_sim_uniform(&r, 60, 240)));
	size_t most = (size_t)(m_end / (SYNC_EVERY - 10 * US_PER_S)) + 4;

	b->rtc = calloc(most, sizeof(*b->rtc));
	if (!b->rtc)
		return WX_ERR_NOMEM;
	if (lost) {
		b->rtc[b->n_rtc++] =
			(struct wx_sim_rtc){ 0, Y2000_US, "none", NAN };
	} else if (i > 0) {
		/* Its battery carried it, at the crystal's rate. */
		const struct wx_sim_boot *was = &c->boot[i - 1];
		int64_t was_m = wx_sim_boot_m_us(was, b->on_us);
		const struct wx_sim_rtc *last = wx_sim_boot_rtc(was, was_m);

		b->rtc[0] = *last;
		b->rtc[0].m_us = 0;
		b->rtc[0].r_us += was_m - last->m_us;
		b->n_rtc = 1;
	} else {
		rtc_add(c, b, 0, 800 * wx_sim_normal(&r), "set", 2000);
	}
	if (p->card && i == 0)
		rtc_add(c, b, 35 * US_PER_S, 400 * wx_sim_normal(&r), "set",
			1500);
	for (; m < m_end && b->n_rtc < most;
	     m += SYNC_EVERY + (int64_t)wx_sim_uniform(&r, -5e6, 5e6)) {
		double e = round(wx_sim_uniform(&r, 20, 60));
		double wrong = fmin(fmax(e / 2 * wx_sim_normal(&r), -e), e);

		rtc_add(c, b, m, wrong, "sntp", e);
	}
	return WX_OK;
}

static int64_t first_m_us(const struct wx_sim_plan *p,
			  const struct wx_sim_boot *b)
{
	struct wx_sim_rng r = wx_sim_rng(p->key, "first", b->boot);
	double most = fmin(p->opts.every_s, 60);

	return (int64_t)(1e6 * (5 + wx_sim_uniform(&r, 0, most)));
}

static int64_t every_us(const struct wx_sim_plan *p)
{
	return llround(p->opts.every_s * 1e6);
}

/* A power cut near a time, in the midst of a capture. */
static int64_t cut_us(const struct wx_sim_plan *p, const struct wx_sim_boot *b,
		      int64_t near_us, struct wx_sim_rng *r)
{
	int64_t m = wx_sim_boot_m_us(b, near_us), first = first_m_us(p, b);
	int64_t k = (m - first) / every_us(p);

	m = first + k * every_us(p) +
	    (int64_t)(1e6 * p->opts.capture_s * wx_sim_uniform(r, 0.3, 0.8));
	return wx_sim_clock_utc(&p->clock, b->boot, m).utc_ns / WX_NS_PER_US;
}

/*
 * The boot that starts at on_us and ends with a power cut near near_us, or,
 * with INT64_MAX, not at all.
 */
static int boot_init(struct wx_sim_plan *p, int64_t boot, int64_t on_us,
		     int64_t near_us, bool lost, struct wx_sim_rng *r)
{
	struct wx_sim_clock *c = &p->clock;
	struct wx_sim_boot *b = &c->boot[c->n_boots++];
	bool last = near_us == INT64_MAX;
	int64_t end_us = last ? wx_sim_end_s(&p->opts) * US_PER_S
			      : near_us + every_us(p) + 3600 * US_PER_S;

	*b = (struct wx_sim_boot){ .boot = boot,
				   .on_us = on_us,
				   .off_us = INT64_MAX };
	p->rtc_lost[c->n_boots - 1] = lost;
	if (drift_init(p, b, end_us))
		return WX_ERR_NOMEM;
	if (!last)
		b->off_us = cut_us(p, b, near_us, r);
	return rtc_init(p, c->n_boots - 1, lost);
}

static int boots_init(struct wx_sim_plan *p, int number)
{
	const struct wx_sim_opts *o = &p->opts;
	struct wx_sim_rng r = wx_sim_rng(p->key, "boots", 0);
	int n_cuts = (number % 3 != 1 && o->days >= 0.25) + (int)(o->days / 20);
	int64_t boot = (int64_t)wx_sim_uniform(&r, 3, 40);
	int64_t start_us = o->start_s * US_PER_S;
	double span_us = (double)(wx_sim_end_s(o) * US_PER_S - start_us);
	int64_t on_us = start_us + (int64_t)(1e6 * wx_sim_uniform(&r, 5, 50));

	p->clock.boot = calloc((size_t)n_cuts + 1, sizeof(*p->clock.boot));
	p->rtc_lost = calloc((size_t)n_cuts + 1, sizeof(*p->rtc_lost));
	if (!p->clock.boot || !p->rtc_lost)
		return WX_ERR_NOMEM;
	for (int i = 0; i <= n_cuts; i++) {
		int64_t near_us = INT64_MAX;
		double off_s;

		if (i < n_cuts)
			near_us =
				start_us +
				(int64_t)(span_us / n_cuts *
					  (i + wx_sim_uniform(&r, 0.35, 0.65)));
		/* Every third node's clock has a battery of its own. */
		if (boot_init(p, boot + i, on_us, near_us,
			      i > 0 && number % 3 != 0, &r))
			return WX_ERR_NOMEM;
		off_s = fmin(wx_sim_uniform(&r, 300, 2400), o->days * 2000);
		if (i < n_cuts)
			on_us = p->clock.boot[i].off_us +
				(int64_t)(1e6 * off_s);
	}
	return WX_OK;
}

int wx_sim_plan_init(struct wx_sim_plan *p, const struct wx_sim_opts *o,
		     int number, struct wx_error *err)
{
	struct wx_sim_rng r;

	memset(p, 0, sizeof(*p));
	snprintf(p->id, sizeof(p->id), "n%d", number);
	p->opts = *o;
	p->key = wx_sim_split((uint64_t)o->seed, "node", number);
	p->weather = wx_sim_weather_of(o);
	p->card = number == o->n_nodes;
	p->sha256 = number % 2 == 1;
	r = wx_sim_rng(p->key, "character", 0);
	p->crystal_ppm = wx_sim_uniform(&r, -20, 20);
	p->sample_ppm = wx_sim_uniform(&r, -10, 10);
	p->temp_bias_k = 0.4 * wx_sim_normal(&r);
	p->sun_k = wx_sim_uniform(&r, 1, 4);
	p->rel_hum_bias = 2 * wx_sim_normal(&r);
	p->pressure_bias_hpa = 0.6 * wx_sim_normal(&r);
	p->gain_db = 1.5 * wx_sim_normal(&r);
	p->noise_dbfs = wx_sim_uniform(&r, -70, -65);
	p->dc = wx_sim_uniform(&r, -0.003, 0.003);
	p->first_seq = (int64_t)wx_sim_uniform(&r, 100, 5000);
	r = wx_sim_rng(p->key, "crystal", 0);
	p->crystal_ppm_k2 =
		WX_SIM_FORK_PPM_K2 + wx_sim_uniform(&r, -WX_SIM_FORK_PPM_K2_PM,
						    WX_SIM_FORK_PPM_K2_PM);
	p->crystal_t0_degc =
		WX_SIM_FORK_T0 +
		wx_sim_uniform(&r, -WX_SIM_FORK_T0_PM, WX_SIM_FORK_T0_PM);
	if (boots_init(p, number)) {
		wx_sim_plan_fini(p);
		return wx_fail_nomem(err);
	}
	return WX_OK;
}

void wx_sim_plan_fini(struct wx_sim_plan *p)
{
	wx_sim_clock_fini(&p->clock);
	free(p->rtc_lost);
	p->rtc_lost = NULL;
}

/* When the index of this boot ends: the power cut, or the season's end. */
static int64_t boot_end_us(const struct wx_sim_plan *p,
			   const struct wx_sim_boot *b)
{
	return b->off_us == INT64_MAX ? wx_sim_end_s(&p->opts) * US_PER_S
				      : b->off_us;
}

/* Capture k of a boot; jitter is of the recorder's timer. */
static void capture_of(const struct wx_sim_plan *p, const struct wx_sim_boot *b,
		       int64_t k, int64_t seq, struct wx_sim_item *out)
{
	struct wx_sim_rng r = wx_sim_rng(p->key, "capture", seq);
	double true_hz = p->opts.rate_hz * (1 + p->sample_ppm * 1e-6);
	int64_t m = first_m_us(p, b) + k * every_us(p) +
		    (int64_t)wx_sim_uniform(&r, 0, 3000);
	int64_t end_us = boot_end_us(p, b);
	const struct wx_sim_rtc *rtc;

	memset(out, 0, sizeof(*out));
	out->kind = WX_SIM_CAPTURE;
	out->boot = b->boot;
	out->seq = seq;
	snprintf(out->name, sizeof(out->name), "b%04lld/%06lld.wav",
		 (long long)b->boot, (long long)seq);
	out->n_frames = llround(p->opts.capture_s * p->opts.rate_hz);
	out->start_us =
		wx_sim_clock_utc(&p->clock, b->boot, m).utc_ns / WX_NS_PER_US;
	out->end_us =
		out->start_us + llround((double)out->n_frames / true_hz * 1e6);
	if (out->end_us > end_us) {
		/* Cut short: whole blocks of 512 frames reached the card. The
		 * one that is open when the site ends may begin after that. */
		double got = (double)(end_us - out->start_us) * 1e-6 * true_hz;

		if (got < 0)
			got = (double)out->n_frames / 3;
		out->n_frames = (int64_t)(got / 512) * 512;
		out->end_us = out->start_us +
			      llround((double)out->n_frames / true_hz * 1e6);
		out->state =
			b->off_us == INT64_MAX ? WX_SIM_OPEN : WX_SIM_RECOVERED;
	}
	/* Stamps are read within 0.2 ms after what they stamp. */
	out->m0_us = wx_sim_boot_m_us(b, out->start_us) +
		     (int64_t)wx_sim_uniform(&r, 0, 200);
	out->m1_us = wx_sim_boot_m_us(b, out->end_us) +
		     (int64_t)wx_sim_uniform(&r, 0, 200);
	rtc = wx_sim_boot_rtc(b, out->m0_us);
	out->r0_us = rtc->r_us + out->m0_us - rtc->m_us;
	out->temp_degc =
		wx_sim_plan_env(p, (double)out->start_us * 1e-6).air_temp_degc;
	out->utc_us = INT64_MIN;
	out->err_ms = NAN;
}

static void env_of(const struct wx_sim_boot *b, int64_t seq,
		   enum wx_sim_state state, struct wx_sim_item *out)
{
	memset(out, 0, sizeof(*out));
	out->kind = WX_SIM_ENV;
	out->state = state;
	out->boot = b->boot;
	out->seq = seq;
	snprintf(out->name, sizeof(out->name), "b%04lld/env.csv",
		 (long long)b->boot);
	out->utc_us = INT64_MIN;
	out->err_ms = NAN;
}

static void event_init(const struct wx_sim_boot *b, const char *event,
		       int64_t m_us, struct wx_sim_item *out)
{
	const struct wx_sim_rtc *rtc = wx_sim_boot_rtc(b, m_us - 1);

	memset(out, 0, sizeof(*out));
	out->kind = WX_SIM_EVENT;
	out->boot = b->boot;
	snprintf(out->event, sizeof(out->event), "%s", event);
	out->m0_us = m_us;
	out->r0_us = rtc->r_us + m_us - rtc->m_us; /* before it was set */
	out->utc_us = INT64_MIN;
	out->err_ms = NAN;
}

static void rtc_event_of(const struct wx_sim_boot *b, size_t i,
			 struct wx_sim_item *out)
{
	const struct wx_sim_rtc *rtc = &b->rtc[i];
	bool by_hand = !strcmp(rtc->source, "set");

	event_init(b, by_hand ? "set" : "sync", rtc->m_us, out);
	memcpy(out->source, rtc->source, sizeof(out->source));
	out->utc_us = rtc->r_us;
	out->err_ms = rtc->err_ms;
}

enum { BOOTED, LOST, REST, REST_ENV, RUN, CLOSE, STILL_OPEN, DONE };

static void begin_boot(struct wx_sim_cursor *c)
{
	const struct wx_sim_plan *p = c->plan;
	const struct wx_sim_boot *b = &p->clock.boot[c->boot];
	int64_t m_end = wx_sim_boot_m_us(b, boot_end_us(p, b));
	int64_t first = first_m_us(p, b);

	c->stage = BOOTED;
	c->capture = 0;
	/* 4 ms: none starts within its jitter of the end. */
	c->n_captures = m_end - 4000 < first
				? 0
				: (m_end - 4000 - first) / every_us(p) + 1;
	/* One more than fits, for a site ends in the midst of life. */
	if (b->off_us == INT64_MAX)
		c->n_captures++;
	c->rtc = 1;
}

/* One capture in 200 is lost: its number is used up, nothing else is left. */
static bool is_lost(const struct wx_sim_plan *p, int64_t seq)
{
	return wx_sim_unit(wx_sim_hash(wx_sim_split(p->key, "lost", 0),
				       (uint64_t)seq)) < 0.005;
}

/* The next capture of this boot that left something; false: none. */
static bool next_capture(struct wx_sim_cursor *c)
{
	const struct wx_sim_plan *p = c->plan;
	const struct wx_sim_boot *b = &p->clock.boot[c->boot];

	while (!c->has_next && c->capture < c->n_captures) {
		capture_of(p, b, c->capture++, c->seq, &c->next);
		c->has_next =
			c->next.state != WX_SIM_CLOSED || !is_lost(p, c->seq);
		c->seq++;
	}
	if (c->has_next && c->next.state != WX_SIM_CLOSED) {
		c->capture = c->n_captures;
		c->rest = c->next;
		c->has_rest = true;
		c->has_next = false;
	}
	return c->has_next;
}

/* Captures as they close and clock events as they come. */
static bool next_run(struct wx_sim_cursor *c, struct wx_sim_item *out)
{
	const struct wx_sim_boot *b = &c->plan->clock.boot[c->boot];
	bool capture = next_capture(c);

	if (c->rtc < b->n_rtc &&
	    (!capture || b->rtc[c->rtc].m_us <= c->next.m1_us)) {
		rtc_event_of(b, c->rtc++, out);
		return true;
	}
	if (!capture)
		return false;
	*out = c->next;
	c->has_next = false;
	return true;
}

static void end_boot(struct wx_sim_cursor *c)
{
	if (c->boot + 1 == c->plan->clock.n_boots) {
		c->stage = CLOSE;
		return;
	}
	c->boot++;
	begin_boot(c);
}

void wx_sim_cursor_init(struct wx_sim_cursor *c, const struct wx_sim_plan *p)
{
	*c = (struct wx_sim_cursor){ .plan = p, .seq = p->first_seq };
	begin_boot(c);
}

bool wx_sim_cursor_next(struct wx_sim_cursor *c, struct wx_sim_item *out)
{
	const struct wx_sim_plan *p = c->plan;

	for (;;) {
		const struct wx_sim_boot *b = &p->clock.boot[c->boot];

		switch (c->stage++) {
		case BOOTED:
			event_init(b, "boot", 210000, out);
			return true;
		case LOST:
			if (!p->rtc_lost[c->boot])
				break;
			event_init(b, "rtc_lost", 260000, out);
			return true;
		case REST:
			if (!c->has_rest)
				break;
			*out = c->rest;
			c->has_rest = false;
			return true;
		case REST_ENV: {
			int64_t was = c->env_seq;

			c->env_seq = c->seq++;
			if (c->boot == 0)
				break;
			env_of(b - 1, was, WX_SIM_RECOVERED, out);
			return true;
		}
		case RUN:
			if (next_run(c, out)) {
				c->stage = RUN;
				return true;
			}
			end_boot(c);
			break;
		case CLOSE:
			env_of(b, c->env_seq, WX_SIM_CLOSED, out);
			return true;
		case STILL_OPEN:
			if (!c->has_rest)
				break;
			*out = c->rest;
			c->has_rest = false;
			return true;
		default:
			c->stage = DONE;
			return false;
		}
	}
}
