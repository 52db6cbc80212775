/* SPDX-License-Identifier: MIT */
/* Tips into rates and probabilities, against figures worked out by hand. */
#include "weather/rate.h"

#include "testing.h"

#define T0 (INT64_C(1767225600) * WX_NS_PER_S)
enum { MAX_TIPS = 6 };

static const struct wx_classes aurora = {
	3, { "none", "little", "rain" }, { .1, 2.5 }, .15, .8
};

static int64_t at_ns(double s)
{
	return T0 + (int64_t)llround(s * 1e9);
}

/* Tips, and a record from -1 day to end_s (0: a day). */
static struct wx_gauge gauge_of(double bucket_mm, const double *tip_s,
				double end_s)
{
	struct wx_gauge g;
	struct wx_obs o;

	wx_gauge_init(&g, bucket_mm);
	wx_obs_init(&o);
	o.interval_s = 0;
	o.tips = 0;
	o.utc.utc_ns = at_ns(-86400 + .25);
	wx_gauge_add(&g, &o, NULL);
	o.utc.utc_ns = at_ns(end_s != 0 ? end_s : 86400);
	wx_gauge_add(&g, &o, NULL);
	o.tips = 1;
	for (int i = 0; i < MAX_TIPS && tip_s[i] != 0; i++) {
		o.utc.utc_ns = at_ns(tip_s[i]);
		wx_gauge_add(&g, &o, NULL);
	}
	wx_gauge_finish(&g, NULL);
	return g;
}

/*
 * Within an event: rate 3600 B / (G - 0.45), sigma by interpolation in ln G,
 * dry share likewise; see rate.c. Elsewhere the table's own figures.
 */
static const struct {
	const char *name;
	double bucket_mm, tip_s[MAX_TIPS], end_s, at_s, length_s, sigma_s;
	const char *class;
	double mm_h, p[3];
	int keep;
	bool edge;
} cases[] = {
	{ "tips 120 s apart",
	  .2,
	  { 100.25, 220.25 },
	  0,
	  150,
	  10,
	  0,
	  "rain",
	  6.02,
	  { .009, .001, .990 },
	  1,
	  false },
	{ "the same, stamps mean nothing outside",
	  .2,
	  { 100.25, 220.25, 340.25 },
	  0,
	  215,
	  10,
	  0,
	  "rain",
	  6.02,
	  { .009, .001, .990 },
	  1,
	  false },
	/* R 2.404, near the limit: sigma .3534, dry .0147, P(z < .111) = .5443. */
	{ "tips 300 s apart",
	  .2,
	  { 100.25, 400.25 },
	  0,
	  200,
	  10,
	  0,
	  "little",
	  2.40,
	  { .015, .536, .449 },
	  0,
	  false },
	{ "1500 s apart: the table, and the rate of the gap",
	  .2,
	  { 100.25, 1600.25 },
	  0,
	  800,
	  10,
	  0,
	  "little",
	  .48,
	  { .20, .79, .01 },
	  0,
	  false },
	{ "3000 s apart, in the middle",
	  .2,
	  { 100.25, 3100.25 },
	  0,
	  1600,
	  10,
	  0,
	  "none",
	  0,
	  { .56, .44, 0 },
	  0,
	  false },
	{ "30 s before a lone tip: B over 450 s",
	  .2,
	  { 100.25, 3100.25 },
	  0,
	  3065.25,
	  10,
	  0,
	  "little",
	  1.6,
	  { .11, .73, .16 },
	  0,
	  false },
	{ "200 s after a lone tip: B/2 over 225 s",
	  .2,
	  { 100.25, 9100.25 },
	  0,
	  295.25,
	  10,
	  0,
	  "none",
	  1.6,
	  { .635, .365, 0 },
	  0,
	  false },
	{ "three hours after",
	  .2,
	  { 100.25, 30000 },
	  0,
	  10900,
	  10,
	  0,
	  "none",
	  0,
	  { .99, .008, .002 },
	  1,
	  false },
	{ "no tip in two days",
	  .2,
	  { 0 },
	  0,
	  0,
	  10,
	  0,
	  "none",
	  0,
	  { .99, .008, .002 },
	  1,
	  false },
	{ "twice the bucket: half the scale of time",
	  .4,
	  { 100.25, 6100.25 },
	  0,
	  3100,
	  10,
	  0,
	  "none",
	  0,
	  { .56, .44, 0 },
	  0,
	  false },
	{ "30 s after a last tip, 60 s event: half still falls",
	  .2,
	  { 40.25, 100.25, 9000.25 },
	  0,
	  125.25,
	  10,
	  0,
	  "rain",
	  6,
	  { .04, .325, .635 },
	  0,
	  false },
	{ "the record ends 60 s after the tip: half of never",
	  .2,
	  { 100.25 },
	  160.25,
	  125.25,
	  10,
	  0,
	  "little",
	  1.6,
	  { .14, .72, .14 },
	  0,
	  true },
	{ "past the record",
	  .2,
	  { 100.25 },
	  160.25,
	  155.25,
	  10,
	  0,
	  "",
	  NAN,
	  { NAN, NAN, NAN },
	  0,
	  false },
	{ "at the very edge of an event, clock sure",
	  .2,
	  { 40.25, 100.25, 9000.25 },
	  0,
	  80.25,
	  10,
	  0,
	  "rain",
	  12.09,
	  { .002, 0, .998 },
	  1,
	  false },
	{ "the same, clock off by 30 s: less sure",
	  .2,
	  { 40.25, 100.25, 9000.25 },
	  0,
	  80.25,
	  10,
	  30,
	  "rain",
	  11.26,
	  { .009, .069, .922 },
	  1,
	  false },
};

static void test_case(size_t i)
{
	const char *name = cases[i].name;
	struct wx_gauge g =
		gauge_of(cases[i].bucket_mm, cases[i].tip_s, cases[i].end_s);
	struct wx_class_label l;
	struct wx_rate_why why;
	struct wx_rate r;

	wx_rate_init(&r, &g, &aurora);
	wx_rate_label(&r, (struct wx_time){ at_ns(cases[i].at_s) },
		      cases[i].length_s, cases[i].sigma_s, &l, &why);
	CHECK_STR(name, l.name, cases[i].class);
	CHECK_F64(name, l.value, cases[i].mm_h, .006);
	CHECK_INT(name, l.keep, cases[i].keep);
	CHECK(name, why.edge == cases[i].edge);
	for (int k = 0; k < l.n_probs; k++)
		CHECK_F64(name, l.probs[k], cases[i].p[k], .006);
	CHECK_INT(name, l.n_probs, isnan(cases[i].mm_h) ? 0 : 3);
	wx_gauge_fini(&g);
}

/* Other limits: between the table's two the distribution never falls. */
static void test_limits(void)
{
	struct wx_classes many = { 6,
				   { "a", "b", "c", "d", "e", "f" },
				   { .05, .1, .5, 2.5, 10 },
				   0,
				   0 };
	struct wx_gauge g =
		gauge_of(.2, (const double[MAX_TIPS]){ 100.25, 3100.25 }, 0);
	struct wx_rate_why why;
	struct wx_class_label l;
	struct wx_rate r;
	double sum = 0;

	wx_rate_init(&r, &g, &many);
	for (int c = 0; c < WX_RATE_CELLS; c++)
		for (int i = 1; i < 5; i++)
			CHECK("limits",
			      r.cell_cdf[c][i] >= r.cell_cdf[c][i - 1]);
	wx_rate_label(&r, (struct wx_time){ at_ns(1600) }, 10, 0, &l, &why);
	CHECK_F64("none is what is below 0.05 and 0.1", l.probs[0], .56, 1e-9);
	CHECK_F64("nothing between", l.probs[1], 0, 1e-9);
	CHECK_F64("up to 2.5 as in the table",
		  l.probs[0] + l.probs[1] + l.probs[2] + l.probs[3], .998,
		  1e-9);
	for (int i = 0; i < l.n_probs; i++)
		sum += l.probs[i];
	CHECK_F64("all of it", sum, 1, 1e-12);
	wx_gauge_fini(&g);
}

/* Merged classes are as probable as their parts together. */
static void test_merged(void)
{
	const double tips[MAX_TIPS] = { 100.25,  160.25,  1000.25,
					1300.25, 5000.25, 5060.25 };
	static const struct wx_classes low = { 2, { "a", "b" }, { .1 }, 0, 0 };
	static const struct wx_classes high = {
		2, { "a", "b" }, { 2.5 }, 0, 0
	};
	struct wx_gauge g = gauge_of(.2, tips, 0);
	struct wx_class_label all, upper, lower;
	struct wx_rate r3, r_low, r_high;
	struct wx_rate_why why;

	wx_rate_init(&r3, &g, &aurora);
	wx_rate_init(&r_low, &g, &low);
	wx_rate_init(&r_high, &g, &high);
	for (int i = -200; i < 2000; i++) {
		struct wx_time t = { at_ns(10 * i) };

		wx_rate_label(&r3, t, 10, 1, &all, &why);
		wx_rate_label(&r_low, t, 10, 1, &upper, &why);
		wx_rate_label(&r_high, t, 10, 1, &lower, &why);
		CHECK_F64("upper two", upper.probs[1],
			  all.probs[1] + all.probs[2], 1e-12);
		CHECK_F64("lower two", lower.probs[0],
			  all.probs[0] + all.probs[1], 1e-12);
	}
	wx_gauge_fini(&g);
}

/* Water is neither lost nor made: windows add up to the tips. */
static void test_water(void)
{
	const double tips[MAX_TIPS] = { 100.25,  160.25,  1000.25,
					1300.25, 5000.25, 5060.25 };
	struct wx_gauge g = gauge_of(.2, tips, 0);
	struct wx_rate_why why;
	struct wx_class_label l;
	struct wx_rate r;
	double mm = 0;

	wx_rate_init(&r, &g, &aurora);
	for (int i = -100; i < 1000; i++) {
		wx_rate_label(&r, (struct wx_time){ at_ns(10 * i) }, 10, 0, &l,
			      &why);
		mm += l.value * 10 / 3600;
	}
	/* Two events of 4 and 2 tips, and 0.45 s of each gap's rate. */
	CHECK_F64("sum", mm, 6 * .2, .005);
	wx_gauge_fini(&g);
}

/*
 * An uncertain window's probabilities are the mean of those it would have in
 * every place it may be, whatever lies there: showers, their edges, the end of
 * the record, rows of water.
 */
static double mean_off(struct wx_rate *r, double at_s, double sigma_s)
{
	enum { N = 601 };
	double sum[3] = { 0 }, all = 0, worst = 0;
	struct wx_class_label l;
	struct wx_rate_why why;

	for (int i = 0; i < N; i++) {
		double z = -4 + 8.0 * i / (N - 1), w = exp(-z * z / 2);

		wx_rate_label(r, (struct wx_time){ at_ns(at_s + z * sigma_s) },
			      10, 0, &l, &why);
		all += w;
		for (int k = 0; k < l.n_probs; k++)
			sum[k] += w * l.probs[k];
	}
	wx_rate_label(r, (struct wx_time){ at_ns(at_s) }, 10, sigma_s, &l,
		      &why);
	for (int k = 0; k < 3; k++)
		worst = fmax(worst, fabs(l.probs[k] - sum[k] / all));
	return worst;
}

static void test_uncertain(void)
{
	static const double sigmas_s[] = { .5, 3, 12, 30, 100, 400, 2000 };
	const double tips[MAX_TIPS] = { 100.25,  160.25,  1000.25,
					1300.25, 5000.25, 5060.25 };
	struct wx_gauge g = gauge_of(.2, tips, 0);
	struct wx_rate r;

	wx_rate_init(&r, &g, &aurora);
	for (size_t k = 0; k < WX_COUNT(sigmas_s); k++) {
		double worst = 0, sum = 0;
		int n = 0;

		for (double at = -600; at < 7000; at += 37, n++) {
			double off = mean_off(&r, at, sigmas_s[k]);

			worst = fmax(worst, off);
			sum += off;
		}
		CHECK("near the mean of all places", worst < .18);
		CHECK("nearer on average", sum / n < .035);
	}
	wx_gauge_fini(&g);
}

/* Dew, or a drop off a tree: rain perhaps, but nothing to learn from. */
static void test_lone(void)
{
	static const double tips_s[][MAX_TIPS] = { { 50000 },
						   { 50000, 50800 } };

	for (int n = 1; n <= 2; n++) {
		struct wx_gauge g = gauge_of(.2, tips_s[n - 1], 0);
		int wet = 0, kept = 0, dry = 0;
		struct wx_rate r;

		wx_rate_init(&r, &g, &aurora);
		for (double at = 40000; at < 60000; at += 10) {
			struct wx_class_label l;
			struct wx_rate_why why;

			wx_rate_label(&r, (struct wx_time){ at_ns(at) }, 10, 0,
				      &l, &why);
			wet += l.name != aurora.name[0];
			kept += l.name != aurora.name[0] && l.keep;
			dry += l.name == aurora.name[0] && l.keep;
			CHECK_INT("by one tip", why.lone,
				  n == 1 && l.name != aurora.name[0]);
		}
		CHECK("rain, by the tips", wet > 10);
		CHECK("dry far from them", dry > 500);
		CHECK_INT("rain of one tip is not kept", kept > 0, n > 1);
		wx_gauge_fini(&g);
	}
}

/* The same of a gauge that tells water by the minute. */
static void test_uncertain_amounts(void)
{
	struct wx_class_label sure, unsure;
	struct wx_rate_why why;
	struct wx_gauge g;
	struct wx_rate r;
	struct wx_obs o;

	wx_gauge_init(&g, NAN);
	wx_obs_init(&o);
	o.interval_s = 60;
	for (int k = 0; k < 400; k++) {
		o.utc.utc_ns = at_ns(60 * (k + 1));
		o.rain_mm = k >= 200 && k < 203 ? .1 + .01 * k : 0;
		wx_gauge_add(&g, &o, NULL);
	}
	wx_gauge_finish(&g, NULL);
	wx_rate_init(&r, &g, &aurora);
	wx_rate_label(&r, (struct wx_time){ at_ns(12080) }, 10, 0, &sure, &why);
	wx_rate_label(&r, (struct wx_time){ at_ns(12080) }, 10, 120, &unsure,
		      &why);
	CHECK("in the shower", sure.p > .95 && sure.keep);
	CHECK("or not", unsure.p < .7 && !unsure.keep);
	wx_gauge_fini(&g);
}

/* Windows in any order get the same labels. */
static void test_order(void)
{
	const double tips[MAX_TIPS] = { 100.25,  160.25,  1000.25,
					1300.25, 5000.25, 5060.25 };
	struct wx_gauge g = gauge_of(.2, tips, 0);
	struct wx_class_label l, again;
	struct wx_rate_why why;
	struct wx_rate r, fresh;

	wx_rate_init(&r, &g, &aurora);
	for (int i = 0; i < 500; i++) {
		struct wx_time t = { at_ns((i * 7919) % 6000) };

		wx_rate_init(&fresh, &g, &aurora);
		wx_rate_label(&r, t, 10, 1, &l, &why);
		wx_rate_label(&fresh, t, 10, 1, &again, &why);
		CHECK("order", l.p == again.p && l.value == again.value);
	}
	wx_gauge_fini(&g);
}

/* Nobody told the bucket: rows speak, but never as if they were tips. */
static void test_amounts(void)
{
	static const struct {
		const char *name;
		double mm[3]; /* of three minutes from T0 */
		double at_s;
		const char *class;
		double mm_h;
		int keep;
	} table[] = {
		{ "weighing gauge", { .1, .11, .12 }, 70, "rain", 6.6, 1 },
		{ "a bucket's step", { .2, .2, .2 }, 70, "rain", 12, 0 },
		{ "dry hours after", { .1, .11, .12 }, 9000, "none", 0, 1 },
	};

	for (size_t i = 0; i < WX_COUNT(table); i++) {
		struct wx_class_label l;
		struct wx_rate_why why;
		struct wx_gauge g;
		struct wx_rate r;
		struct wx_obs o;

		wx_gauge_init(&g, NAN);
		wx_obs_init(&o);
		o.interval_s = 60;
		for (int k = 0; k < 400; k++) {
			o.utc.utc_ns = at_ns(60 * (k + 1));
			o.rain_mm = k < 3 ? table[i].mm[k] : 0;
			wx_gauge_add(&g, &o, NULL);
		}
		wx_gauge_finish(&g, NULL);
		wx_rate_init(&r, &g, &aurora);
		wx_rate_label(&r, (struct wx_time){ at_ns(table[i].at_s) }, 10,
			      0, &l, &why);
		CHECK_STR(table[i].name, l.name, table[i].class);
		CHECK_STR(table[i].name, l.source, "interval");
		CHECK_F64(table[i].name, l.value, table[i].mm_h, .01);
		CHECK_INT(table[i].name, l.keep, table[i].keep);
		wx_gauge_fini(&g);
	}
}

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++)
		test_case(i);
	test_limits();
	test_merged();
	test_water();
	test_uncertain();
	test_lone();
	test_uncertain_amounts();
	test_order();
	test_amounts();
	return wx_test_end();
}
