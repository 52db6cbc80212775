/* SPDX-License-Identifier: MIT */
/* lib/sim/station.c: bucket, cups and logger of a made mast. */
#include "sim/station.h"

#include <math.h>
#include <string.h>

#include "sim/noise.h"

#define TIPPING_S        0.45
#define WETTING_MM       0.1
#define EVAPORATION_MM_H 0.03 /* of a part-filled bucket, in dry air */

void wx_sim_bucket_init(struct wx_sim_bucket *b, uint64_t key, double bucket_mm)
{
	double unlike;

	memset(b, 0, sizeof(*b));
	b->rng = wx_sim_rng(key, "bucket", 0);
	b->bucket_mm = bucket_mm;
	unlike = wx_sim_uniform(&b->rng, -0.015, 0.015);
	b->side_mm[0] = bucket_mm * (1 + unlike);
	b->side_mm[1] = bucket_mm * (1 - unlike);
	b->bounce_share = 0.01;
	b->fill_mm = b->start_mm = wx_sim_uniform(&b->rng, 0, 0.9) * bucket_mm;
}

static void dry_out(struct wx_sim_bucket *b)
{
	double rest = EVAPORATION_MM_H / 3600, from_funnel, from_bucket;

	from_funnel = fmin(rest, b->wetness_mm);
	from_bucket = fmin(rest - from_funnel, b->fill_mm);
	b->wetness_mm -= from_funnel;
	b->fill_mm -= from_bucket;
	b->evaporated_mm += from_funnel + from_bucket;
}

static void tip_over(struct wx_sim_bucket *b, int64_t utc_us,
		     wx_sim_tip_fn *tip, void *ctx)
{
	b->tipped_mm += b->side_mm[b->side];
	b->n_tips++;
	b->side = !b->side;
	b->fill_mm = 0;
	b->tipping_s = TIPPING_S;
	if (tip)
		tip(ctx, utc_us, false);
	if (wx_sim_uniform(&b->rng, 0, 1) < b->bounce_share) {
		b->n_bounces++;
		utc_us += (int64_t)wx_sim_uniform(&b->rng, 40e3, 150e3);
		if (tip)
			tip(ctx, utc_us, true);
	}
}

void wx_sim_bucket_step(struct wx_sim_bucket *b, int64_t utc_us,
			double rain_mm_h, wx_sim_tip_fn *tip, void *ctx)
{
	double mm_s = rain_mm_h / 3600, left_s = 1;

	if (mm_s <= 0) {
		b->tipping_s = fmax(b->tipping_s - 1, 0);
		dry_out(b);
		return;
	}
	b->inflow_mm += mm_s;
	if (b->wetness_mm < WETTING_MM) {
		double held = fmin(mm_s, WETTING_MM - b->wetness_mm);

		b->wetness_mm += held;
		left_s -= held / mm_s;
	}
	while (left_s > 0) {
		double room_s = (b->side_mm[b->side] - b->fill_mm) / mm_s;

		if (b->tipping_s > 0) {
			double d = fmin(b->tipping_s, left_s);

			b->lost_mm += mm_s * d;
			b->tipping_s -= d;
			left_s -= d;
		} else if (room_s > left_s) {
			b->fill_mm += mm_s * left_s;
			break;
		} else {
			left_s -= fmax(room_s, 0);
			tip_over(b, utc_us + (int64_t)((1 - left_s) * 1e6), tip,
				 ctx);
		}
	}
}

int wx_sim_cups_step(struct wx_sim_cups *c, double u0_m_s, double u1_m_s,
		     int32_t *pulse_us)
{
	enum { STEPS = 4 };
	const double dt = 1.0 / STEPS;
	int n = 0;

	for (int i = 0; i < STEPS; i++) {
		double u = u0_m_s + (u1_m_s - u0_m_s) * (i + 0.5) / STEPS;
		double aim = u < c->threshold_m_s ? 0 : u;
		double before = c->turns, after, next;
		/* Cups that coast in a calm stop, too. */
		double v = fmax(fmax(u, c->speed_m_s), c->threshold_m_s);

		c->speed_m_s += (aim - c->speed_m_s) *
				(1 - exp(-v * dt / c->distance_m));
		after = before + c->speed_m_s / c->m_s_per_hz * dt;
		for (next = floor(before) + 1;
		     next <= after && n < WX_SIM_MAX_PULSES; next++, n++)
			if (pulse_us)
				pulse_us[n] = (int32_t)(1e6 * dt *
							(i + (next - before) /
								     (after -
								      before)));
		c->turns = after;
	}
	return n;
}

void wx_sim_logger_init(struct wx_sim_logger *l, uint64_t key, int64_t start_s,
			double bucket_mm, int interval_s)
{
	memset(l, 0, sizeof(*l));
	wx_sim_bucket_init(&l->bucket, key, bucket_mm);
	l->cups = (struct wx_sim_cups)WX_SIM_CUPS_INIT;
	l->key = key;
	l->start_s = start_s;
	l->interval_s = interval_s;
}

/*
 * Every second day the logger's battery is changed: 4 to 14 minutes without
 * rows, and tips that only the bucket knows of.
 */
static bool is_off(const struct wx_sim_logger *l, int64_t t_s)
{
	int64_t period = 2 * 86400, k = (t_s - l->start_s) / period;
	struct wx_sim_rng r = wx_sim_rng(l->key, "outage", k);
	double at = wx_sim_uniform(&r, 0.2, 0.8) * (double)period;
	double long_s = wx_sim_uniform(&r, 240, 840);
	double x = (double)(t_s - l->start_s - k * period);

	return x > at && x < at + long_s;
}

/* Now and then a sensor gives nothing for some minutes. */
static bool is_nan(const struct wx_sim_logger *l, int64_t t_s, int sensor)
{
	/* 3.4 sigma of a process that changes every 2 minutes: 1 in 3000. */
	return wx_sim_noise_at(wx_sim_split(l->key, "nan", sensor), 120,
			       (double)t_s) > 3.4;
}

static void count_tip(void *ctx, int64_t utc_us, bool bounce)
{
	struct wx_sim_logger *l = ctx;

	l->tips += !bounce;
	if (l->tip)
		l->tip(l->ctx, utc_us, bounce);
}

static void finish_row(struct wx_sim_logger *l, int64_t end_s,
		       const struct wx_sim_sample *s, struct wx_sim_row *row)
{
	double slope = l->cups.m_s_per_hz;
	uint64_t i = (uint64_t)end_s;

	*row = (struct wx_sim_row){ .end_s = end_s,
				    .tips = l->tips,
				    .turns = l->turns };
	row->wind_avg_m_s = slope * l->turns / l->interval_s;
	row->wind_max_m_s = slope * l->max3 / 3.0;
	row->wind_dir_deg = s->wind_dir_deg;
	row->air_temp_degc =
		s->air_temp_degc +
		0.02 * wx_sim_normal_at(wx_sim_split(l->key, "t", 0), i);
	row->rel_hum_pct = fmin(
		s->rel_hum_pct +
			0.2 * wx_sim_normal_at(wx_sim_split(l->key, "u", 0), i),
		100);
	row->pressure_hpa =
		s->pressure_hpa +
		0.01 * wx_sim_normal_at(wx_sim_split(l->key, "p", 0), i);
	for (int k = 0; k < 4; k++)
		row->nan[k] = is_nan(l, end_s, k);
	row->off = is_off(l, end_s) || is_off(l, end_s - l->interval_s);
	l->n_s = l->tips = l->turns = l->max3 = 0;
}

bool wx_sim_logger_step(struct wx_sim_logger *l, int64_t t_s,
			const struct wx_sim_sample now[2],
			struct wx_sim_row *row)
{
	int n = wx_sim_cups_step(&l->cups, now[0].wind_m_s, now[1].wind_m_s,
				 NULL);
	int sum;

	wx_sim_bucket_step(&l->bucket, t_s * 1000000, now[0].rain_mm_h,
			   count_tip, l);
	l->turns += n;
	l->last3[t_s % 3] = n;
	sum = l->last3[0] + l->last3[1] + l->last3[2];
	l->max3 = sum > l->max3 ? sum : l->max3;
	if (++l->n_s < l->interval_s)
		return false;
	finish_row(l, t_s + 1, &now[1], row);
	return true;
}
