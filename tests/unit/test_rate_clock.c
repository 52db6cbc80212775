/* SPDX-License-Identifier: MIT */
/*
 * By simulation: windows whose clock is wrong, and known to be, are labelled
 * about as honestly as those whose clock is right; and the less sure, the worse
 * it is. Told of a clock that is better than it is, labels would brag.
 */
#include "sim/rng.h"
#include "testing.h"
#include "weather/rate.h"

#define T0 (INT64_C(1767225600) * WX_NS_PER_S)
enum { STEP_S = 10, N_STEPS = 4 * 8640, N_SEEDS = 6 };

static const struct wx_classes aurora = {
	3, { "none", "little", "rain" }, { .1, 2.5 }, .15, .8
};

/* Four days of showers: some minutes of a rate that wanders. */
static void make_rain(struct wx_sim_rng *rng, double *mm_h)
{
	double x = 0;
	int i = 0;

	memset(mm_h, 0, N_STEPS * sizeof(*mm_h));
	while ((i += 30 + (int)(200 * wx_sim_exponential(rng))) < N_STEPS) {
		int n = 6 + (int)(90 * wx_sim_exponential(rng));
		double mean = exp(1.1 * wx_sim_normal(rng));

		for (; n-- && i < N_STEPS; i++) {
			x = .985 * x + .173 * wx_sim_normal(rng);
			mm_h[i] = mean * exp(.9 * x - .3);
		}
	}
}

static void make_gauge(struct wx_sim_rng *rng, const double *mm_h,
		       struct wx_gauge *g)
{
	double fill = wx_sim_uniform(rng, 0, .2);
	struct wx_obs o;

	wx_gauge_init(g, .2);
	wx_obs_init(&o);
	o.interval_s = STEP_S;
	for (int i = 0; i < N_STEPS; i++) {
		fill += mm_h[i] * STEP_S / 3600;
		o.tips = floor(fill / .2);
		fill -= o.tips * .2;
		o.utc.utc_ns = T0 + (i + 1) * STEP_S * WX_NS_PER_S;
		CHECK_INT("row", wx_gauge_add(g, &o, NULL), WX_OK);
	}
	CHECK_INT("gauge", wx_gauge_finish(g, NULL), WX_OK);
}

static int class_of(double mm_h)
{
	return (mm_h >= .1) + (mm_h >= 2.5);
}

struct score {
	double p, right, kept, kept_right;
	int n;
};

/*
 * Windows within half an hour of rain. Each is where it is, but said to be
 * off by sigma_s of chance, and labelled as known to told_s.
 */
static void score_add(struct score *s, struct wx_rate *r, const double *mm_h,
		      struct wx_sim_rng *rng, double sigma_s, double told_s)
{
	int last = -1000;

	for (int i = 400; i < N_STEPS - 400; i++) {
		double off = sigma_s * wx_sim_normal(rng);
		struct wx_time at = { T0 + i * STEP_S * WX_NS_PER_S +
				      (int64_t)(off * 1e9) };
		struct wx_class_label l;
		struct wx_rate_why why;
		bool right;

		if (mm_h[i] > 0)
			last = i;
		if (i - last > 180)
			continue;
		wx_rate_label(r, at, STEP_S, told_s, &l, &why);
		right = !strcmp(l.name, aurora.name[class_of(mm_h[i])]);
		s->n++;
		s->p += l.p;
		s->right += right;
		s->kept += l.keep;
		s->kept_right += l.keep && right;
	}
}

static struct score score_of(double sigma_s, double told_s)
{
	static double mm_h[N_STEPS];
	struct score s = { 0 };

	for (int seed = 0; seed < N_SEEDS; seed++) {
		struct wx_sim_rng rng = wx_sim_rng((uint64_t)seed, "rain", 0);
		struct wx_gauge g;
		struct wx_rate r;

		make_rain(&rng, mm_h);
		make_gauge(&rng, mm_h, &g);
		wx_rate_init(&r, &g, &aurora);
		score_add(&s, &r, mm_h, &rng, sigma_s, told_s);
		wx_gauge_fini(&g);
	}
	s.p /= s.n;
	s.right /= s.n;
	s.kept_right /= s.kept;
	s.kept /= s.n;
	return s;
}

int main(void)
{
	static const double sigmas_s[] = { 2, 15, 60, 300 };
	struct score sure = score_of(0, 0), before = sure;

	printf("sigma 0: p %.3f right %.3f, kept %.3f right %.3f\n", sure.p,
	       sure.right, sure.kept, sure.kept_right);
	for (size_t i = 0; i < WX_COUNT(sigmas_s); i++) {
		double sigma_s = sigmas_s[i];
		struct score told = score_of(sigma_s, sigma_s);
		struct score untold = score_of(sigma_s, 0);

		printf("sigma %g: told p %.3f right %.3f, kept %.3f right "
		       "%.3f; not told p %.3f right %.3f, kept right %.3f\n",
		       sigma_s, told.p, told.right, told.kept, told.kept_right,
		       untold.p, untold.right, untold.kept_right);
		CHECK("less sure", told.p <= before.p + .002);
		CHECK("fewer kept", told.kept <= before.kept + .002);
		CHECK("as honest as with a clock",
		      told.p - told.right < sure.p - sure.right + .02);
		CHECK("not worse than if not told",
		      told.right >= untold.right - .01 &&
			      told.kept_right >= untold.kept_right - .005);
		if (sigma_s >= 300)
			CHECK("who is not told brags",
			      untold.p - untold.right >
				      told.p - told.right + .02);
		before = told;
	}
	return wx_test_end();
}
