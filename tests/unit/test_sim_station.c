/* SPDX-License-Identifier: MIT */
/* Made instruments, where theory says what they must give. */
#include "sim/station.h"
#include "testing.h"

struct tips {
	int64_t us[5000];
	int n, bounces;
};

static void on_tip(void *ctx, int64_t utc_us, bool bounce)
{
	struct tips *t = ctx;

	if (bounce)
		t->bounces++;
	else if (t->n < 5000)
		t->us[t->n++] = utc_us;
}

static void balance(const char *label, const struct wx_sim_bucket *b)
{
	CHECK_F64(label,
		  b->tipped_mm + b->lost_mm + b->evaporated_mm + b->wetness_mm +
			  b->fill_mm,
		  b->inflow_mm + b->start_mm, 1e-9);
}

/* In steady rain a tip comes each B / R + 0.45 s. */
static void test_gaps(void)
{
	static const double rates[] = { 0.5, 2.5, 10, 60, 200 };

	for (size_t k = 0; k < WX_COUNT(rates); k++) {
		struct wx_sim_bucket b;
		struct tips t = { .n = 0 };
		double gap_s;

		wx_sim_bucket_init(&b, 5 + k, 0.2);
		for (int64_t s = 0; s < 20000; s++)
			wx_sim_bucket_step(&b, s * 1000000, rates[k], on_tip,
					   &t);
		/* Two tips a round, for the sides are unlike. */
		gap_s = (double)(t.us[t.n - 1 - t.n % 2] - t.us[1]) /
			(t.n - 2 - t.n % 2) * 1e-6;
		if (t.n > 3)
			CHECK_F64("gap", gap_s, 720 / rates[k] + 0.45,
				  0.005 * 720 / rates[k]);
		balance("steady rain", &b);
		CHECK_F64("loss, share of inflow", b.lost_mm / b.inflow_mm,
			  0.45 / (720 / rates[k] + 0.45),
			  0.1 * 0.45 / (720 / rates[k]) + 0.001);
		CHECK_INT("tips handed over", t.n, b.n_tips);
		CHECK_INT("bounces handed over", t.bounces, b.n_bounces);
	}
}

/* A small amount on a dry funnel wets it, and the air takes it back. */
static void test_wetting(void)
{
	struct wx_sim_bucket b;
	struct tips t = { .n = 0 };

	wx_sim_bucket_init(&b, 1, 0.2);
	b.fill_mm = b.start_mm = 0;
	for (int64_t s = 0; s < 360; s++)
		wx_sim_bucket_step(&b, s * 1000000, 1, on_tip, &t);
	CHECK_F64("0.1 mm only wet the funnel", b.wetness_mm, 0.1, 1e-6);
	CHECK_F64("and filled nothing", b.fill_mm, 0, 1e-6);
	for (int64_t s = 360; s < 5 * 3600; s++)
		wx_sim_bucket_step(&b, s * 1000000, 0, on_tip, &t);
	CHECK_F64("which dried", b.wetness_mm, 0, 1e-9);
	CHECK_INT("without a tip", t.n, 0);
	balance("wetting", &b);
}

/* About one tip in a hundred bounces, within 0.15 s. */
static void test_bounce(void)
{
	struct wx_sim_bucket b;
	struct tips t = { .n = 0 };

	wx_sim_bucket_init(&b, 2, 0.05);
	for (int64_t s = 0; s < 20000; s++)
		wx_sim_bucket_step(&b, s * 1000000, 40, on_tip, &t);
	CHECK("many tips", b.n_tips > 3000);
	CHECK_F64("bounces a hundred tips",
		  100.0 * t.bounces / (double)b.n_tips, 1, 0.6);
}

static void test_cups(void)
{
	struct wx_sim_cups c = WX_SIM_CUPS_INIT;
	int32_t pulse_us[WX_SIM_MAX_PULSES];
	double turns, sum = 0;
	int pulses = 0;

	for (int i = 0; i < 60; i++)
		wx_sim_cups_step(&c, 5, 5, NULL);
	turns = c.turns;
	for (int i = 0; i < 600; i++) {
		int n = wx_sim_cups_step(&c, 5, 5, pulse_us);

		for (int k = 0; k < n; k++)
			sum += k && pulse_us[k] <= pulse_us[k - 1];
		pulses += n;
	}
	CHECK_F64("wind run", (c.turns - turns) * 0.6667, 3000, 1);
	CHECK_F64("closures are turns", pulses, c.turns - turns, 1);
	CHECK_F64("in order", sum, 0, 0);
	/* Distance constant: after 2.5 m of wind run 63 % of a step. */
	c = (struct wx_sim_cups)WX_SIM_CUPS_INIT;
	wx_sim_cups_step(&c, 2.5, 2.5, NULL);
	CHECK_F64("63 % after the distance constant", c.speed_m_s / 2.5,
		  1 - exp(-1), 1e-9);
	/* Below the threshold they do not start, above it they do. */
	c = (struct wx_sim_cups)WX_SIM_CUPS_INIT;
	for (int i = 0; i < 60; i++)
		wx_sim_cups_step(&c, 0.45, 0.45, NULL);
	CHECK_F64("still below the threshold", c.turns, 0, 0);
	for (int i = 0; i < 60; i++)
		wx_sim_cups_step(&c, 0.55, 0.55, NULL);
	CHECK("turning above it", c.turns > 40);
}

/* The phase of the pulses gives the wind back (10 s means). */
static void test_phase(void)
{
	struct wx_sim_weather w = { 9, wx_sim_climate_get("showery"), 0 };
	static struct wx_sim_sample s[7201];
	struct wx_sim_cups c = WX_SIM_CUPS_INIT;
	double sq = 0;
	int n = 0;

	wx_sim_weather_get(&w, 1717200000 + 43200, 7201, s);
	for (int i = 0; i + 10 <= 7200; i += 10) {
		double before = c.turns, mean = 0;

		for (int k = i; k < i + 10; k++) {
			wx_sim_cups_step(&c, s[k].wind_m_s, s[k + 1].wind_m_s,
					 NULL);
			mean += (s[k].wind_m_s + s[k + 1].wind_m_s) / 20;
		}
		if (i == 0)
			continue;
		sq += pow((c.turns - before) * c.m_s_per_hz / 10 - mean, 2);
		n++;
	}
	CHECK("10 s means within 0.2 m/s", sqrt(sq / n) < 0.2);
}

/* The logger: rows of 10 s that add up to tips and closures. */
static void test_logger(void)
{
	struct wx_sim_weather w = { 4, wx_sim_climate_get("wet"), 0 };
	static struct wx_sim_sample s[21601];
	struct wx_sim_logger l;
	struct wx_sim_row r;
	struct tips t = { .n = 0 };
	int64_t start_s = 1717200000;
	int rows = 0, tips = 0, turns = 0, bad_end = 0, slow_max = 0;

	wx_sim_weather_get(&w, start_s, 21601, s);
	wx_sim_logger_init(&l, 4, start_s, 0.2, 10);
	l.tip = on_tip;
	l.ctx = &t;
	for (int i = 0; i < 21600; i++) {
		if (!wx_sim_logger_step(&l, start_s + i, &s[i], &r))
			continue;
		rows++;
		bad_end += r.end_s != start_s + 10 * rows;
		tips += r.tips;
		turns += r.turns;
		/* 3 s: one closure more or less is 0.22 m/s. */
		slow_max += r.wind_max_m_s < r.wind_avg_m_s - 0.25;
	}
	CHECK_INT("rows", rows, 2160);
	CHECK_INT("stamped at their ends", bad_end, 0);
	CHECK_INT("every tip in a row", tips, t.n);
	CHECK_F64("every closure in a row", turns, l.cups.turns, 1);
	CHECK_INT("gusts above means", slow_max, 0);
	CHECK("it rained", t.n > 20);
	balance("weather", &l.bucket);
	CHECK_F64("tips tell the rain, less what stuck",
		  (double)l.bucket.n_tips * 0.2,
		  l.bucket.inflow_mm - l.bucket.lost_mm - l.bucket.wetness_mm -
			  l.bucket.evaporated_mm,
		  0.25 + 0.015 * l.bucket.inflow_mm);
}

int main(void)
{
	test_gaps();
	test_wetting();
	test_bounce();
	test_cups();
	test_phase();
	test_logger();
	return wx_test_end();
}
