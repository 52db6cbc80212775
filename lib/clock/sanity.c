/* SPDX-License-Identifier: MIT */
/* lib/clock/sanity.c: see sanity.h. */
#include "clock/sanity.h"

#include <math.h>

#include "clock/anchor.h"

#define DAY_S   86400.0
#define QUARTER 900.0
/* Rates further off than this are another rate, not a bad divider. */
#define RATIO_NEAR 0.02
#define MAX_PPM    1000.0

/* Differences of a stranger's integers, without overflow. */
static double apart_s(int64_t a_us, int64_t b_us)
{
	return ((double)a_us - (double)b_us) * 1e-6;
}

enum wx_rtc wx_rtc_judge(int64_t r_us, int64_t m_us, int64_t built_us,
			 int64_t now_us)
{
	if (wx_clock_unset(r_us))
		return WX_RTC_UNSET;
	if (apart_s(r_us, now_us) > DAY_S)
		return WX_RTC_FUTURE;
	if (built_us == INT64_MIN)
		return WX_RTC_PLAUSIBLE;
	if (fabs(apart_s(r_us, built_us) - (double)m_us * 1e-6) <=
	    WX_RTC_BUILT_S)
		return WX_RTC_BUILT;
	return r_us < built_us ? WX_RTC_PAST : WX_RTC_PLAUSIBLE;
}

const char *wx_rtc_text(enum wx_rtc rtc)
{
	static const char *const text[] = {
		[WX_RTC_PLAUSIBLE] = "",
		[WX_RTC_UNSET] = "a clock that was not set",
		[WX_RTC_BUILT] = "set to when the firmware was compiled",
		[WX_RTC_PAST] = "before the firmware was compiled",
		[WX_RTC_FUTURE] = "in the future",
	};

	return text[rtc];
}

struct wx_zone wx_zone_of(double offset_s)
{
	static const struct {
		enum wx_zone_kind kind;
		double step_s;
	} steps[] = { { WX_ZONE_DAY, DAY_S },
		      { WX_ZONE_HOUR, 4 * QUARTER },
		      { WX_ZONE_HALF, 2 * QUARTER },
		      { WX_ZONE_QUARTER, QUARTER } };
	struct wx_zone none = { WX_ZONE_NONE, 0, offset_s };

	if (!isfinite(offset_s) || fabs(offset_s) <= WX_ZONE_NEAR_S)
		return none;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		double k = round(offset_s / steps[i].step_s);
		double zone_s = k * steps[i].step_s;

		if (k == 0 || fabs(offset_s - zone_s) > WX_ZONE_NEAR_S)
			continue;
		if (steps[i].kind != WX_ZONE_DAY &&
		    fabs(zone_s) > WX_ZONE_MAX_S)
			continue;
		return (struct wx_zone){ steps[i].kind, zone_s,
					 offset_s - zone_s };
	}
	return none;
}

const char *wx_zone_text(enum wx_zone_kind kind)
{
	static const char *const text[] = {
		[WX_ZONE_NONE] = NULL,
		[WX_ZONE_HOUR] = "off by whole hours: a wrong time zone?",
		[WX_ZONE_HALF] = "off by half hours: a wrong time zone?",
		[WX_ZONE_QUARTER] = "off by quarter hours: a wrong time zone?",
		[WX_ZONE_DAY] = "off by whole days: a wrong date?",
	};

	return text[kind];
}

struct wx_rtc_step wx_rtc_step(const struct wx_rtc_point *p, size_t n,
			       size_t from)
{
	for (size_t i = from + 1; i < n; i++) {
		double dm_s = apart_s(p[i].m_us, p[i - 1].m_us);
		double step_s = apart_s(p[i].r_us, p[i - 1].r_us) - dm_s;

		if (fabs(step_s) >
		    WX_STEP_LEAST_S + WX_STEP_PPM * 1e-6 * fabs(dm_s))
			return (struct wx_rtc_step){ i, step_s,
						     wx_zone_of(step_s) };
	}
	return (struct wx_rtc_step){ n, 0, wx_zone_of(0) };
}

/* --- the sample clock --------------------------------------------------- */

/* Does b begin where a ends? By a's m1, or by one of the likely rates. */
static bool follows(const struct wx_sample_run *a,
		    const struct wx_sample_run *b, double nominal_hz)
{
	static const double ratios[] = { 1, 0.5, 2 };
	double took_s, told_s;

	if (b->m0_us <= a->m0_us)
		return false;
	if (a->m1_us >= 0)
		return fabs(apart_s(b->m0_us, a->m1_us)) <= WX_SAMPLE_GAP_S;
	took_s = apart_s(b->m0_us, a->m0_us);
	told_s = (double)a->n_frames / nominal_hz;
	for (size_t i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++)
		if (fabs(took_s / (told_s * ratios[i]) - 1) <= RATIO_NEAR / 2)
			return true;
	return false;
}

struct sums {
	double rate, weight; /* rates by the square of their length */
	double best_s;
	size_t n;
};

/* A rate's variance falls with the square of the time it is taken over. */
static void add_stretch(struct sums *s, double frames, double time_s)
{
	double w = time_s * time_s;

	if (!(time_s >= WX_SAMPLE_MIN_S) || !(frames > 0))
		return;
	s->rate += w * frames / time_s;
	s->weight += w;
	s->best_s = fmax(s->best_s, time_s);
	s->n++;
}

static enum wx_sample_verdict judge(double ratio)
{
	if (fabs(ratio - 1) <= MAX_PPM * 1e-6)
		return WX_SAMPLE_GOOD;
	if (fabs(ratio / 2 - 1) <= RATIO_NEAR)
		return WX_SAMPLE_DOUBLE;
	if (fabs(ratio * 2 - 1) <= RATIO_NEAR)
		return WX_SAMPLE_HALF;
	return WX_SAMPLE_DIVIDER;
}

struct wx_sample_clock wx_sample_clock(const struct wx_sample_run *run,
				       size_t n, double nominal_hz)
{
	struct wx_sample_clock c = { .rate_hz = nominal_hz,
				     .sd_ppm = WX_SAMPLE_PRIOR_PPM / 2 };
	struct sums s = { 0 };
	size_t i = 0;

	if (!(nominal_hz > 0))
		return c;
	while (i < n) {
		int64_t from_us = run[i].m0_us, to_us;
		double frames = 0;

		while (i + 1 < n && run[i].n_frames > 0 &&
		       follows(&run[i], &run[i + 1], nominal_hz))
			frames += (double)run[i++].n_frames;
		to_us = run[i].m0_us;
		if (run[i].m1_us >= 0 && run[i].n_frames > 0) {
			to_us = run[i].m1_us;
			frames += (double)run[i].n_frames;
		}
		i++;
		add_stretch(&s, frames, apart_s(to_us, from_us));
	}
	if (!s.n)
		return c;
	c.rate_hz = s.rate / s.weight;
	c.ppm = (c.rate_hz / nominal_hz - 1) * 1e6;
	c.sd_ppm = WX_SAMPLE_STAMP_S / sqrt(s.weight) * 1e6;
	c.base_s = s.best_s;
	c.n_runs = s.n;
	c.verdict = judge(c.rate_hz / nominal_hz);
	return c;
}

const char *wx_sample_text(enum wx_sample_verdict verdict)
{
	static const char *const text[] = {
		[WX_SAMPLE_UNKNOWN] = "not measured",
		[WX_SAMPLE_GOOD] = "as told",
		[WX_SAMPLE_DIVIDER] = "over 1000 ppm off: a wrong I2S divider "
				      "or header",
		[WX_SAMPLE_DOUBLE] = "twice what is told: a wrong channel or "
				     "PDM setting",
		[WX_SAMPLE_HALF] = "half of what is told: a wrong channel or "
				   "PDM setting",
	};

	return text[verdict];
}
