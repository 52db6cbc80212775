/* SPDX-License-Identifier: MIT */
/*
 * The line of a boot: by hand, with hostile anchors, and against made nodes
 * whose truth is known (distributions, not single runs).
 */
#include <stdlib.h>

#include "clock/fit.h"
#include "testing.h"

#define UTC0 INT64_C(1780272000000000) /* 2026-06-01T00:00:00Z */
#define S    INT64_C(1000000)
#define HOUR (3600 * S)
#define DAY  (24 * HOUR)

static const struct wx_clock_prior no_prior = { 0, WX_PRIOR_SD_PPM };
static const struct wx_time latest = { (UTC0 + 1000 * DAY) * 1000 };

/* --- by hand ------------------------------------------------------------ */

struct mark {
	int64_t m_us, utc_us;
	double e_ms;
};

static void add_marks(struct wx_anchors *list, const struct mark *mark,
		      size_t n)
{
	for (size_t i = 0; i < n; i++)
		CHECK_INT("add",
			  wx_anchors_add_event(list, "sync", "sntp", 1,
					       mark[i].m_us, mark[i].utc_us,
					       mark[i].e_ms, latest, NULL),
			  WX_OK);
	wx_anchors_sort(list);
}

#define OFF (2 * DAY) /* the boot began two days after UTC0 */
#define AT(m, late_s)                                             \
	{                                                         \
		(m), UTC0 + OFF + (m) + (int64_t)((late_s)*S), 10 \
	}

static const struct {
	const char *label;
	struct mark mark[6];
	size_t n;
	int found; /* 1: a fit */
	size_t n_used;
	double rate_ppm; /* NAN: not looked at */
	double off_s;    /* of utc - UTC0 - OFF - m at m = DAY; within 30 ms */
	double disagree_s; /* within 1 s */
} fits[] = {
	{ "no anchor", { { 0 } }, 0, 0, 0, NAN, NAN, 0 },
	{ "one: its offset, no rate", { AT(DAY, 3) }, 1, 1, 1, 0, 3, 0 },
	{ "two: a line",
	  { AT(0, 0), AT(2 * DAY, 1.728) },
	  2,
	  1,
	  2,
	  10,
	  0.864,
	  0 },
	{ "two, last first",
	  { AT(2 * DAY, 1.728), AT(0, 0) },
	  2,
	  1,
	  2,
	  10,
	  0.864,
	  0 },
	{ "told twice counts once",
	  { AT(DAY, 3), AT(DAY, 3), AT(DAY, 3) },
	  3,
	  1,
	  1,
	  0,
	  3,
	  0 },
	{ "three, one wrong by an hour",
	  { AT(0, 0), AT(DAY, 3600.9), AT(2 * DAY, 1.728) },
	  3,
	  1,
	  2,
	  10,
	  0.864,
	  0 },
	{ "three, the first wrong by a day",
	  { AT(0, -86400), AT(DAY, 0.864), AT(2 * DAY, 1.728) },
	  3,
	  1,
	  2,
	  10,
	  0.864,
	  0 },
	{ "two that contradict: no rate, a wide error",
	  { AT(0, 0), AT(DAY, 3600) },
	  2,
	  1,
	  1,
	  0,
	  3600,
	  3600 },
	{ "two against two, hours apart: one pair wins, but is not trusted",
	  { AT(0, 0), AT(12 * HOUR, 0), AT(DAY, 7200), AT(DAY + HOUR, 7200) },
	  4,
	  1,
	  2,
	  NAN,
	  NAN,
	  7200 },
	{ "five, two wrong",
	  { AT(0, 0), AT(6 * HOUR, 50), AT(12 * HOUR, 0), AT(DAY, 0),
	    AT(2 * DAY, -100) },
	  5,
	  1,
	  3,
	  0,
	  0,
	  0 },
	{ "1970 alone", { { DAY, 86400 * S, 10 } }, 1, 0, 0, NAN, NAN, 0 },
	{ "2000 beside a good one",
	  { { 0, INT64_C(946684800) * S, 10 }, AT(DAY, 3) },
	  2,
	  1,
	  1,
	  0,
	  3,
	  0 },
	{ "the future", { { 0, INT64_MAX, 10 } }, 1, 0, 0, NAN, NAN, 0 },
	{ "before time", { { 0, INT64_MIN + 1, 10 } }, 1, 0, 0, NAN, NAN, 0 },
	{ "m below 0", { { -1, UTC0, 10 } }, 1, 0, 0, NAN, NAN, 0 },
	{ "m beyond a node's life",
	  { { INT64_MAX, UTC0, 10 }, AT(DAY, 3) },
	  2,
	  1,
	  1,
	  0,
	  3,
	  0 },
	{ "an error below 0 is none told",
	  { { DAY, UTC0 + OFF + DAY, -5 } },
	  1,
	  1,
	  1,
	  0,
	  0,
	  0 },
	{ "an error of years",
	  { { DAY, UTC0 + OFF + DAY, 1e300 } },
	  1,
	  1,
	  1,
	  0,
	  0,
	  0 },
};

static void test_by_hand(void)
{
	for (size_t i = 0; i < WX_COUNT(fits); i++) {
		struct wx_anchors list = { 0 };
		struct wx_anchor *a;
		struct wx_clock c = { 0 };
		size_t n;
		double off;
		int rc;

		add_marks(&list, fits[i].mark, fits[i].n);
		a = wx_anchors_of_boot(&list, 1, &n);
		rc = wx_clock_fit(a, n, 0, 2 * DAY, NULL, no_prior, &c, NULL);
		CHECK_INT(fits[i].label, rc, fits[i].found);
		if (rc == 1) {
			off = wx_time_diff_s(wx_clock_utc(&c, (double)DAY),
					     wx_time_from_us(UTC0 + OFF + DAY));
			CHECK_INT(fits[i].label, c.n_used, fits[i].n_used);
			if (!isnan(fits[i].rate_ppm))
				CHECK_F64(fits[i].label, c.rate_ppm,
					  fits[i].rate_ppm, 0.4);
			if (!isnan(fits[i].off_s))
				CHECK_F64(fits[i].label, off, fits[i].off_s,
					  0.03);
			CHECK_F64(fits[i].label, c.disagree_s,
				  fits[i].disagree_s, 1);
			CHECK(fits[i].label,
			      wx_clock_max_err(&c, DAY) >= c.disagree_s);
		}
		wx_anchors_fini(&list);
	}
}

static void test_fault_named(void)
{
	static const struct mark marks[] = {
		AT(0, 0),       AT(DAY, -7200), AT(DAY + HOUR, 400),
		AT(2 * DAY, 0), AT(3 * DAY, 0), AT(4 * DAY, 0)
	};
	struct wx_anchors list = { 0 };
	struct wx_clock c;

	add_marks(&list, marks, WX_COUNT(marks));
	CHECK_INT("fit",
		  wx_clock_fit(list.anchor, list.n, 0, DAY, NULL, no_prior, &c,
			       NULL),
		  1);
	CHECK_STR("zone", list.anchor[1].fault,
		  "off by whole hours: a wrong time zone?");
	CHECK_STR("off", list.anchor[2].fault, "over 4 sigma off");
	CHECK_INT("rejected", c.n_rejected, 2);
	CHECK_STR("good", list.anchor[3].fault, NULL);
	/* A second fit of the same anchors starts afresh. */
	wx_clock_fit(list.anchor, 3, 0, DAY, NULL, no_prior, &c, NULL);
	CHECK_INT("again",
		  wx_clock_fit(list.anchor, list.n, 0, DAY, NULL, no_prior, &c,
			       NULL),
		  1);
	CHECK_INT("rejected again", c.n_rejected, 2);
	wx_anchors_fini(&list);
}

/* --- made nodes --------------------------------------------------------- */

static uint64_t rng_state;

static double uniform(void) /* splitmix64 */
{
	uint64_t z = rng_state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (double)((z ^ (z >> 31)) >> 11) / 9007199254740992.0;
}

static double normal(void)
{
	return sqrt(-2 * log(1 - uniform())) * cos(2 * M_PI * uniform());
}

enum { KNOT_S = 600, MAX_KNOTS = 40 * 144 };

enum what { PLAIN, FRONT, COMPENSATED, RC };

/*
 * m - (utc - on) at each 600 s: a fork of +-20 ppm, beta and T0 as crystals
 * have them, days of 15 +-8 degC, some with a front of 15 K on the way; or a
 * compensated crystal of +-2 ppm; or an RC oscillator, 2 % off or so, with
 * 40 ppm/K.
 */
struct crystal {
	double gain_s[MAX_KNOTS];
	double t_degc[MAX_KNOTS];
	int n;
};

static void crystal_make(struct crystal *c, int days, enum what what)
{
	double phase = uniform() * 2 * M_PI;
	double fall = (double)days * (0.1 + 0.8 * uniform());
	double ppm = (2 * uniform() - 1) * (what == COMPENSATED ? 2 : 20);
	double beta = what == COMPENSATED ? 0 : 0.034 * (1 + 0.15 * normal());
	double t0 = 25 + 2.5 * normal(), gain = 0;

	c->n = days * 144;
	for (int i = 0; i < c->n; i++) {
		double day = i / 144.0;
		double t = 15 + 8 * cos(2 * M_PI * day + phase) -
			   ((what == FRONT || what == COMPENSATED) && day > fall
				    ? 15
				    : 0);

		c->t_degc[i] = t;
		c->gain_s[i] = gain;
		if (what == RC)
			gain += (1000 * ppm + 40 * (t - t0)) * 1e-6 * KNOT_S;
		gain += (ppm - beta * (t - t0) * (t - t0)) * 1e-6 * KNOT_S;
	}
}

/* What a sensor beside it logs each 10 minutes, half a degree off. */
static void crystal_air(const struct crystal *c, struct wx_env *env)
{
	*env = (struct wx_env){ .n = (size_t)c->n, .size = (size_t)c->n };
	env->reading = malloc(env->n * sizeof(*env->reading));
	for (int i = 0; i < c->n; i++)
		env->reading[i] = (struct wx_env_reading){
			llround((i * (double)KNOT_S + c->gain_s[i]) * 1e6),
			(float)(c->t_degc[i] + 0.5), NAN, NAN
		};
}

static int64_t crystal_m(const struct crystal *c, double t_s)
{
	int i = (int)(t_s / KNOT_S);
	double f = t_s / KNOT_S - i;
	double g;

	if (i > c->n - 2) {
		i = c->n - 2;
		f = t_s / KNOT_S - i;
	}
	g = c->gain_s[i] + f * (c->gain_s[i + 1] - c->gain_s[i]);
	return llround((t_s + g) * 1e6);
}

/* 16 exchanges 3 ms apart, over a quiet LAN. */
static void burst(struct wx_exchange *x, const struct crystal *c, double t_s,
		  double delay_ms)
{
	for (int i = 0; i < 16; i++) {
		double t = t_s + i * 0.003;
		double there = delay_ms * 1e-3 * (0.3 + 0.4 * uniform());
		double back = delay_ms * 1e-3 * (0.3 + 0.4 * uniform());

		/* Some answers are late: the quartile must find the others. */
		if (uniform() < 0.3)
			back += delay_ms * 1e-3 * 10 * uniform();
		x[i] = (struct wx_exchange){
			.t1_us = UTC0 + llround(t * 1e6),
			.t4_us = UTC0 + llround((t + there + back) * 1e6),
			.boot = 1,
			.m2_us = crystal_m(c, t + there),
			.m3_us = crystal_m(c, t + there) + 20,
			.host_synced = true,
			.host_est_err_us = 500,
		};
	}
}

/* A pull at t, and before it one that died after its first burst. */
static void add_pulls(struct wx_anchors *list, const struct crystal *c,
		      double t_s, double died_s, double delay_ms)
{
	struct wx_exchange x[48];
	size_t n = 32;

	burst(x, c, t_s, delay_ms);
	burst(x + 16, c, t_s + 5 + uniform(), delay_ms);
	if (!isnan(died_s)) {
		burst(x + 32, c, died_s, delay_ms);
		n = 48;
	}
	CHECK_INT("exchanges",
		  wx_anchors_add_exchanges(list, x, n, latest, NULL), WX_OK);
}

static void add_syncs(struct wx_anchors *list, const struct crystal *c,
		      double from_s, double to_s, double step_s, double e_ms)
{
	for (double t = from_s; t <= to_s; t += step_s)
		wx_anchors_add_event(
			list, "sync", "sntp", 1, crystal_m(c, t),
			UTC0 + llround((t + normal() * e_ms * 1e-3) * 1e6),
			e_ms, latest, NULL);
}

static const struct scene {
	const char *label;
	int days;
	enum what what;
	bool air;           /* the node logs its temperature */
	double sync_step_s; /* 0: no syncs */
	double pull_step_s; /* first pull after one step; 0: one at the end */
	bool both_sides;    /* of every window is an anchor */
	double p95_s;       /* of the error, at most; 0: not asked */
} scenes[] = {
	{ "syncs each 6 h, a pull at the end", 3, PLAIN, false, 21600, 0, true,
	  0.08 },
	{ "syncs each 6 h, 30 days", 30, PLAIN, false, 21600, 0, true, 0.08 },
	{ "nightly pulls", 30, PLAIN, false, 0, 86400, true, 0.2 },
	{ "nightly pulls, a front", 30, FRONT, false, 0, 86400, true, 0.4 },
	{ "a visit each 14 days, a front", 29, FRONT, false, 0, 14 * 86400,
	  true, 6 },
	{ "one pull after 2 days", 2, PLAIN, false, 0, 0, false, 0 },
	{ "one pull after 20 days", 20, PLAIN, false, 0, 0, false, 0 },
	{ "nightly pulls, T known", 30, PLAIN, true, 0, 86400, true, 0.1 },
	{ "nightly pulls, a front, T known", 30, FRONT, true, 0, 86400, true,
	  0.1 },
	{ "a visit each 14 days, a front, T known", 29, FRONT, true, 0,
	  14 * 86400, true, 2 },
	{ "a visit after 30 days, T known", 30, PLAIN, true, 0, 30 * 86400,
	  true, 2 },
	{ "a visit after 30 days, front, T known", 30, FRONT, true, 0,
	  30 * 86400, true, 5 },
	{ "compensated, nightly, T known", 30, COMPENSATED, true, 0, 86400,
	  false, 0.05 },
	{ "an RC oscillator, nightly", 20, RC, false, 0, 86400, false, 20 },
	{ "compensated, nightly", 30, COMPENSATED, false, 0, 86400, false,
	  0.05 },
};

enum { SEEDS = 60, PER_SEED = 200 };

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* late_s: how much later the last pull came; died_s: a burst of one that was
 * killed before it, NAN: none. */
static void scene_fit(const struct scene *s, const struct crystal *c,
		      double late_s, double died_s, struct wx_anchors *list,
		      struct wx_clock *clock)
{
	double end_s = s->days * 86400.0;
	struct wx_env air = { 0 };
	struct wx_anchor *a;
	size_t n;

	if (s->air)
		crystal_air(c, &air);
	if (s->sync_step_s > 0)
		add_syncs(list, c, 10, end_s, s->sync_step_s, 12);
	if (s->pull_step_s > 0) {
		add_pulls(list, c, 5, NAN, 1);
		for (double t = s->pull_step_s; t < end_s; t += s->pull_step_s)
			add_pulls(list, c, t, NAN, 1);
	}
	rng_state += (uint64_t)(late_s * 1e6); /* other delays */
	add_pulls(list, c, end_s + late_s, end_s + died_s, 1);
	wx_anchors_sort(list);
	a = wx_anchors_of_boot(list, 1, &n);
	CHECK_INT(s->label,
		  wx_clock_fit(a, n, crystal_m(c, 60), crystal_m(c, end_s - 60),
			       s->air ? &air : NULL, no_prior, clock, NULL),
		  1);
	wx_env_fini(&air);
}

/* The bound holds for 95 % of all windows, and is not a wide guess. */
static void test_honest(const struct scene *s)
{
	static struct crystal c;
	static double error[SEEDS * PER_SEED], bound[SEEDS * PER_SEED];
	size_t n = 0, inside = 0;
	double p95, mid;

	for (int seed = 0; seed < SEEDS; seed++) {
		struct wx_anchors list = { 0 };
		struct wx_clock clock;

		rng_state = (uint64_t)seed * 7919 + 1;
		crystal_make(&c, s->days, s->what);
		scene_fit(s, &c, 0, NAN, &list, &clock);
		for (int i = 0; i < PER_SEED; i++) {
			double t = 60 + uniform() * (s->days * 86400.0 - 120);
			int64_t m = crystal_m(&c, t);

			error[n] = fabs(wx_time_diff_s(
				wx_clock_utc(&clock, (double)m),
				wx_time_from_us(UTC0 + llround(t * 1e6))));
			bound[n] = wx_clock_max_err(&clock, m);
			inside += error[n] <= bound[n];
			n++;
		}
		wx_anchors_fini(&list);
		wx_clock_fini(&clock);
	}
	qsort(error, n, sizeof(*error), by_value);
	qsort(bound, n, sizeof(*bound), by_value);
	p95 = error[n * 95 / 100];
	mid = bound[n / 2];
	printf("%-38s error p50 %6.3f p95 %6.3f max %6.3f s, max_err p50 %6.3f "
	       "p95 %6.3f s, inside %5.1f %%, bound/p95 %.1f\n",
	       s->label, error[n / 2], p95, error[n - 1], mid,
	       bound[n * 95 / 100], 100.0 * (double)inside / (double)n,
	       mid / p95);
	CHECK(s->label, (double)inside >= 0.95 * (double)n);
	if (s->p95_s > 0)
		CHECK(s->label, p95 <= s->p95_s);
	if (s->both_sides)
		CHECK(s->label, mid <= 4 * p95);
}

static bool same_line(const struct wx_clock *a, const struct wx_clock *b)
{
	const struct wx_bend *p = &a->bend, *q = &b->bend;

	return a->ref_utc_us == b->ref_utc_us && a->rate_ppm == b->rate_ppm &&
	       a->heat.share == b->heat.share && p->n == q->n &&
	       (!p->n ||
		(!memcmp(p->knot_s, q->knot_s, p->n * sizeof(*p->knot_s)) &&
		 !memcmp(p->knot_m_us, q->knot_m_us,
			 p->n * sizeof(*p->knot_m_us))));
}

/*
 * The same raw data pulled again: other exchanges, some seconds to a minute
 * later. Windows must come out with the same bytes.
 */
static void test_same_bytes(const struct scene *s)
{
	enum { PAIRS = 200 };
	static struct crystal c;
	int differ = 0, errs = 0, limit;

	for (int pair = 0; pair < PAIRS; pair++) {
		struct wx_anchors list[2] = { { 0 }, { 0 } };
		struct wx_clock k[2];
		bool err_differs = false;

		rng_state = (uint64_t)pair * 104729 + 3;
		crystal_make(&c, s->days, s->what);
		for (int i = 0; i < 2; i++) {
			rng_state = (uint64_t)pair * 104729 + 4;
			scene_fit(s, &c, i * (20 + pair % 40), i ? 1 : NAN,
				  &list[i], &k[i]);
		}
		differ += !same_line(&k[0], &k[1]);
		for (int64_t m = 0; m < s->days * DAY; m += 6 * HOUR)
			err_differs |= wx_clock_max_err(&k[0], m) !=
				       wx_clock_max_err(&k[1], m);
		errs += err_differs;
		wx_clock_fini(&k[0]);
		wx_clock_fini(&k[1]);
		wx_anchors_fini(&list[0]);
		wx_anchors_fini(&list[1]);
	}
	printf("%-38s repeated pulls: %d of %d fits differ, %d in max_err\n",
	       s->label, differ, PAIRS, errs);
	/* Seconds of rounding are not enough for a clock of 2 %. */
	limit = s->what == RC ? PAIRS / 50 : PAIRS / 100;
	CHECK(s->label, differ <= limit && errs <= limit);
}

int main(void)
{
	test_by_hand();
	test_fault_named();
	for (size_t i = 0; i < WX_COUNT(scenes); i++)
		test_honest(&scenes[i]);
	for (size_t i = 0; i < WX_COUNT(scenes); i++)
		test_same_bytes(&scenes[i]);
	return wx_test_end();
}
