/* SPDX-License-Identifier: MIT */
/* lib/sim/clock.c: true UTC to a made node's clocks and back. */
#include "sim/clock.h"

#include <math.h>
#include <stdlib.h>

#define DAY_US (INT64_C(86400) * 1000000)

static int64_t floor_div(int64_t a, int64_t b)
{
	int64_t q = a / b;

	return a % b < 0 ? q - 1 : q;
}

/* Straight line through (0, d0) and (span, d1), rounded down. */
static int64_t on_line(int64_t d0, int64_t d1, int64_t dt, int64_t span)
{
	/* 128 bits: a month at 100 ppm past the table is 7e8 x 3e12. */
	__int128 p = (__int128)(d1 - d0) * dt;
	__int128 q = p / span;

	return d0 + (int64_t)(p % span < 0 ? q - 1 : q);
}

static int64_t drift_at(const struct wx_sim_boot *b, int64_t dt_us)
{
	int64_t last = (int64_t)b->n_drift - 1;
	int64_t i = floor_div(dt_us, WX_SIM_KNOT_US);

	if (i >= last) {
		int64_t back = DAY_US / WX_SIM_KNOT_US;
		int64_t from = last > back ? last - back : 0;

		return on_line(b->drift_us[last],
			       2 * b->drift_us[last] - b->drift_us[from],
			       dt_us - last * WX_SIM_KNOT_US,
			       (last - from) * WX_SIM_KNOT_US);
	}
	if (i < 0)
		i = 0;
	return on_line(b->drift_us[i], b->drift_us[i + 1],
		       dt_us - i * WX_SIM_KNOT_US, WX_SIM_KNOT_US);
}

int64_t wx_sim_boot_m_us(const struct wx_sim_boot *b, int64_t true_us)
{
	int64_t dt = true_us - b->on_us;

	return dt + drift_at(b, dt);
}

static int64_t true_us_of(struct wx_time t)
{
	return floor_div(t.utc_ns, WX_NS_PER_US);
}

static struct wx_sim_boot *boot_at(const struct wx_sim_clock *c,
				   int64_t true_us)
{
	for (size_t i = 0; i < c->n_boots; i++)
		if (true_us >= c->boot[i].on_us && true_us < c->boot[i].off_us)
			return &c->boot[i];
	return NULL;
}

const struct wx_sim_rtc *wx_sim_boot_rtc(const struct wx_sim_boot *b,
					 int64_t m_us)
{
	size_t i;

	for (i = b->n_rtc - 1; i > 0 && b->rtc[i].m_us > m_us; i--)
		;
	return &b->rtc[i];
}

bool wx_sim_clock_at(const struct wx_sim_clock *c, struct wx_time t,
		     struct wx_sim_reading *out)
{
	int64_t us = true_us_of(t);
	const struct wx_sim_boot *b = boot_at(c, us);
	const struct wx_sim_rtc *r;

	if (!b)
		return false;
	out->boot = b->boot;
	out->m_us = wx_sim_boot_m_us(b, us);
	r = wx_sim_boot_rtc(b, out->m_us);
	out->r_us = r->r_us + (out->m_us - r->m_us);
	out->source = r->source;
	out->err_ms = r->err_ms;
	return true;
}

struct wx_time wx_sim_clock_utc(const struct wx_sim_clock *c, int64_t boot,
				int64_t m_us)
{
	for (size_t i = 0; i < c->n_boots; i++) {
		const struct wx_sim_boot *b = &c->boot[i];
		int64_t dt = m_us;

		if (b->boot != boot)
			continue;
		/* The rate is 1 within 1e-3: each step gains 3 digits. */
		for (int k = 0; k < 6; k++)
			dt = m_us - drift_at(b, dt);
		return wx_time_from_us(b->on_us + dt);
	}
	return WX_TIME_NONE;
}

void wx_sim_clock_fini(struct wx_sim_clock *c)
{
	for (size_t i = 0; i < c->n_boots; i++) {
		free(c->boot[i].drift_us);
		free(c->boot[i].rtc);
	}
	free(c->boot);
	*c = (struct wx_sim_clock){ 0 };
}
