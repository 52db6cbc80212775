/* SPDX-License-Identifier: MIT */
/* Rows of a gauge into tips: what is dropped, spread, covered. */
#include "weather/gauge.h"

#include "testing.h"

#define T0 INT64_C(1767225600) /* 2026-01-01T00:00:00Z, a whole minute */
enum { MAX_ROWS = 12 };

struct row {
	double t_s, interval_s, tips, mm;
};

static const struct {
	const char *name;
	double bucket_mm;
	int n;
	struct row row[MAX_ROWS];
	size_t n_tips;
	double tip_s[4]; /* where the first four stand, after T0 */
	double sigma_s;  /* of the first */
	size_t n_spans, merged, bounced, unsorted, refused;
} cases[] = {
	{ "nothing", .2, 0, { { 0, 0, 0, 0 } }, 0, { 0 }, 0, 0, 0, 0, 0, 0 },
	{ "exact tips",
	  .2,
	  2,
	  { { .5, 0, 1, NAN }, { 120.5, 0, 1, NAN } },
	  2,
	  { .5, 120.5 },
	  0,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "out of order",
	  .2,
	  2,
	  { { 120.5, 0, 1, NAN }, { .5, 0, 1, NAN } },
	  2,
	  { .5, 120.5 },
	  0,
	  1,
	  0,
	  0,
	  1,
	  0 },
	{ "one closure twice",
	  .2,
	  3,
	  { { .5, 0, 1, NAN }, { .6, 0, 1, NAN }, { 50.5, 0, 1, NAN } },
	  2,
	  { .5, 50.5 },
	  0,
	  1,
	  1,
	  0,
	  0,
	  0 },
	{ "a bounce, alone on both sides",
	  .2,
	  3,
	  { { .5, 0, 1, NAN }, { 100.5, 0, 1, NAN }, { 101.2, 0, 1, NAN } },
	  2,
	  { .5, 100.5 },
	  0,
	  1,
	  0,
	  1,
	  0,
	  0 },
	{ "near, but amid a downpour: no bounce",
	  .2,
	  3,
	  { { .5, 0, 1, NAN }, { 10.5, 0, 1, NAN }, { 11.2, 0, 1, NAN } },
	  3,
	  { .5, 10.5, 11.2 },
	  0,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "equal stamps of whole seconds are one tip",
	  .2,
	  3,
	  { { 1, 0, 1, NAN }, { 1, 0, 1, NAN }, { 33, 0, 1, NAN } },
	  2,
	  { 1.5, 33.5 },
	  .288675,
	  1,
	  1,
	  0,
	  0,
	  0 },
	{ "equal stamps of whole minutes are real tips",
	  .2,
	  9,
	  { { 0, 0, 1, NAN },
	    { 0, 0, 1, NAN },
	    { 60, 0, 1, NAN },
	    { 180, 0, 1, NAN },
	    { 240, 0, 1, NAN },
	    { 300, 0, 1, NAN },
	    { 360, 0, 1, NAN },
	    { 420, 0, 1, NAN },
	    { 480, 0, 1, NAN } },
	  9,
	  { 15, 45, 90, 210 },
	  8.660254,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "a few minutes tell: seconds would not all be 0",
	  .2,
	  4,
	  { { 0, 0, 1, NAN },
	    { 0, 0, 1, NAN },
	    { 180, 0, 1, NAN },
	    { 300, 0, 1, NAN } },
	  4,
	  { 15, 45, 210, 330 },
	  8.660254,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "equal minutes of one: perhaps of seconds",
	  .2,
	  3,
	  { { 0, 0, 1, NAN }, { 0, 0, 1, NAN }, { 180, 0, 1, NAN } },
	  2,
	  { .5, 180.5 },
	  .288675,
	  1,
	  1,
	  0,
	  0,
	  0 },
	{ "tips of a row are spread over it",
	  .2,
	  2,
	  { { 60, 60, 2, NAN }, { 120, 60, 0, NAN } },
	  2,
	  { 15, 45 },
	  8.660254,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "water of a row is tips of the bucket",
	  .254,
	  1,
	  { { 60, 60, NAN, .508 } },
	  2,
	  { 15, 45 },
	  8.660254,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "the same row twice",
	  .2,
	  2,
	  { { 60, 60, 1, NAN }, { 60, 60, 1, NAN } },
	  1,
	  { 30 },
	  17.320508,
	  1,
	  1,
	  0,
	  0,
	  0 },
	{ "instants know better than the row that sums them up",
	  .2,
	  3,
	  { { 10.5, 0, 1, NAN }, { 40.25, 0, 1, NAN }, { 60, 60, 2, NAN } },
	  2,
	  { 10.5, 40.25 },
	  0,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "no whole number of tips: not this bucket",
	  .2,
	  1,
	  { { 60, 60, NAN, .3 } },
	  0,
	  { 0 },
	  0,
	  0,
	  0,
	  0,
	  0,
	  1 },
	{ "bucket told by the rows",
	  NAN,
	  1,
	  { { 60, 60, 2, .4 } },
	  2,
	  { 15, 45 },
	  8.660254,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "negative and absurd water",
	  .2,
	  3,
	  { { 60, 60, -1, NAN },
	    { 120, 60, 10000, NAN },
	    { 180.5, 0, 10000, NAN } },
	  0,
	  { 0 },
	  0,
	  0,
	  0,
	  0,
	  0,
	  3 },
	{ "three rows missing: bridged",
	  .2,
	  2,
	  { { 60, 60, 0, NAN }, { 300, 60, 0, NAN } },
	  0,
	  { 0 },
	  0,
	  1,
	  0,
	  0,
	  0,
	  0 },
	{ "four rows missing: an outage",
	  .2,
	  2,
	  { { 60, 60, 0, NAN }, { 360, 60, 0, NAN } },
	  0,
	  { 0 },
	  0,
	  2,
	  0,
	  0,
	  0,
	  0 },
	{ "rain not measured: not read",
	  .2,
	  1,
	  { { 60, 60, NAN, NAN } },
	  0,
	  { 0 },
	  0,
	  0,
	  0,
	  0,
	  0,
	  0 },
	{ "a list of tips silent for a month and more",
	  .2,
	  2,
	  { { .5, 0, 1, NAN }, { 32 * 86400. + .5, 0, 1, NAN } },
	  2,
	  { .5, 32 * 86400. + .5 },
	  0,
	  2,
	  0,
	  0,
	  0,
	  0 },
};

static struct wx_obs obs_of(const struct row *r)
{
	struct wx_obs o;

	wx_obs_init(&o);
	o.utc.utc_ns = T0 * WX_NS_PER_S + (int64_t)llround(r->t_s * 1e9);
	o.interval_s = r->interval_s;
	o.tips = r->tips;
	o.rain_mm = r->mm;
	return o;
}

static void test_case(size_t i)
{
	const char *name = cases[i].name;
	struct wx_gauge g;

	wx_gauge_init(&g, cases[i].bucket_mm);
	for (int k = 0; k < cases[i].n; k++) {
		struct wx_obs o = obs_of(&cases[i].row[k]);

		CHECK_INT(name, wx_gauge_add(&g, &o, NULL), WX_OK);
	}
	/* Twice: a second finish starts again from the rows. */
	CHECK_INT(name, wx_gauge_finish(&g, NULL), WX_OK);
	CHECK_INT(name, wx_gauge_finish(&g, NULL), WX_OK);
	CHECK_INT(name, g.n_tips, cases[i].n_tips);
	for (size_t k = 0; k < g.n_tips && k < 4; k++)
		CHECK_F64(name,
			  (double)(g.tip[k].utc_ns - T0 * WX_NS_PER_S) / 1e9,
			  cases[i].tip_s[k], 1e-6);
	if (g.n_tips)
		CHECK_F64(name, (double)g.tip[0].sigma_s, cases[i].sigma_s,
			  1e-5);
	CHECK_INT(name, g.read.n, cases[i].n_spans);
	CHECK_INT(name, g.n_merged, cases[i].merged);
	CHECK_INT(name, g.n_bounced, cases[i].bounced);
	CHECK_INT(name, g.n_unsorted, cases[i].unsorted);
	CHECK_INT(name, g.n_refused, cases[i].refused);
	wx_gauge_fini(&g);
}

/* Ten thousand closures in a minute: chatter, and still no disaster. */
static void test_chatter(void)
{
	struct wx_gauge g;

	wx_gauge_init(&g, .2);
	for (int i = 0; i < 10000; i++) {
		struct wx_obs o = obs_of(&(struct row){ .006 * i, 0, 1, NAN });

		wx_gauge_add(&g, &o, NULL);
	}
	CHECK_INT("chatter", wx_gauge_finish(&g, NULL), WX_OK);
	CHECK_INT("chatter: at most one each 0.15 s", g.n_tips, 400);
	CHECK_INT("chatter: all are told of", g.n_merged, 9600);
	wx_gauge_fini(&g);
}

/* Releases of two or three tips, and a cloudburst that has no end. */
static void test_siphon(void)
{
	static const double at_s[] = { 0,    7,    600,  606,  613,  1200, 1206,
				       3000, 3006, 3013, 3600, 3608, 3616, 3624,
				       3632, 3640, 3648, 3656, 3664, 3672 };
	static const double want_s[] = { 0, 600, 1200, 3000, 3600, 3616 };
	double mm = 0;
	struct wx_gauge g;

	wx_gauge_init(&g, .2);
	g.siphon = true;
	for (size_t i = 0; i < WX_COUNT(at_s); i++) {
		struct wx_obs o = obs_of(&(struct row){ at_s[i], 0, 1, NAN });

		wx_gauge_add(&g, &o, NULL);
	}
	/* Twice: what is joined already is not joined again. */
	wx_gauge_finish(&g, NULL);
	CHECK_INT("siphon", wx_gauge_finish(&g, NULL), WX_OK);
	for (size_t i = 0; i < g.n_tips; i++) {
		mm += g.bucket_mm;
		if (i < WX_COUNT(want_s))
			CHECK_F64("siphon: where it was full",
				  (double)(g.tip[i].utc_ns - T0 * WX_NS_PER_S) /
					  1e9,
				  want_s[i], 1);
		CHECK("siphon: no gap of a release",
		      !i || g.tip[i].utc_ns - g.tip[i - 1].utc_ns >
				      10 * WX_NS_PER_S);
	}
	CHECK_F64("siphon: the total stays", mm, .2 * WX_COUNT(at_s), 1e-9);
	CHECK("siphon: its place is known less well",
	      g.n_tips && g.tip[0].sigma_s > 5);
	CHECK("siphon: nobody needs to be told", !g.siphon_like);
	wx_gauge_fini(&g);
}

/* Of a logger's rows of 5 minutes: what fell into one is of one release. */
static void test_siphon_rows(void)
{
	struct wx_gauge g;

	wx_gauge_init(&g, .2);
	g.siphon = true;
	for (int i = 1; i <= 60; i++) {
		int tips = i % 6 ? 0 : i % 12 ? 2 : 3;
		struct wx_obs o =
			obs_of(&(struct row){ 300 * i, 300, tips, NAN });

		wx_gauge_add(&g, &o, NULL);
	}
	CHECK_INT("siphon's rows", wx_gauge_finish(&g, NULL), WX_OK);
	CHECK_INT("siphon's rows: releases", g.n_tips, 10);
	CHECK_F64("siphon's rows: water of one", g.bucket_mm, .5, 1e-9);
	CHECK("siphon's rows: known to the row",
	      g.n_tips && g.tip[0].sigma_s > 40);
	wx_gauge_fini(&g);
}

/* n tips in a row and then 20 minutes of nothing, twenty times. */
static void test_siphon_like(void)
{
	static const struct {
		const char *name;
		int n;
		double gap_s;
		bool like;
	} table[] = {
		{ "drizzle", 1, 0, false },
		{ "a siphon", 2, 6, true },
		{ "a larger one", 3, 9, true },
		{ "showers of two tips", 2, 50, false },
		{ "showers", 9, 20, false },
	};

	for (size_t i = 0; i < WX_COUNT(table); i++) {
		struct wx_gauge g;

		wx_gauge_init(&g, .2);
		for (int k = 0; k < 20 * table[i].n; k++) {
			double s = 1200.5 * (k / table[i].n) +
				   table[i].gap_s * (k % table[i].n);
			struct wx_obs o = obs_of(&(struct row){ s, 0, 1, NAN });

			wx_gauge_add(&g, &o, NULL);
		}
		wx_gauge_finish(&g, NULL);
		CHECK_INT(table[i].name, g.siphon_like, table[i].like);
		wx_gauge_fini(&g);
	}
}

static int64_t at(double s)
{
	return T0 * WX_NS_PER_S + (int64_t)(s * 1e9);
}

/* Somebody was at it, twice, told in any order; the rest is as it was. */
static void test_closed(void)
{
	static const struct row rows[] = {
		{ 60, 60, 1, NAN },  { 120, 60, 9, NAN }, { 180, 60, 9, NAN },
		{ 240, 60, 1, NAN }, { 300, 60, 0, NAN }, { 360, 60, 9, NAN },
		{ 420, 60, 1, NAN }, { 400, 0, 1, NAN },
	};
	static const double closed[][2] = { { 310, 350 },
					    { 70, 90 },
					    { 80, 180 } };
	struct wx_gauge g;

	wx_gauge_init(&g, .2);
	for (size_t i = 0; i < WX_COUNT(closed); i++)
		wx_gauge_close(&g, (struct wx_time){ at(closed[i][0]) },
			       (struct wx_time){ at(closed[i][1]) }, NULL);
	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		struct wx_obs o = obs_of(&rows[i]);

		wx_gauge_add(&g, &o, NULL);
	}
	CHECK_INT("closed", wx_gauge_finish(&g, NULL), WX_OK);
	CHECK_INT("closed: no tip of those rows", g.n_tips, 3);
	CHECK_INT("closed: three times of reading", g.read.n, 3);
	CHECK("before", wx_spans_find(&g.read, at(0), at(60)));
	CHECK("not the row that reaches into it",
	      !wx_spans_touch(&g.read, at(70), at(180)));
	CHECK("between", wx_spans_find(&g.read, at(180), at(300)));
	CHECK("nor the second", !wx_spans_touch(&g.read, at(310), at(350)));
	CHECK("after", wx_spans_find(&g.read, at(360), at(420)));
	wx_gauge_fini(&g);
}

/* A list of tips is no record of the time in which nobody may believe it. */
static void test_closed_list(void)
{
	struct wx_gauge g;

	wx_gauge_init(&g, .2);
	wx_gauge_close(&g, (struct wx_time){ at(1000) },
		       (struct wx_time){ at(2000) }, NULL);
	for (int i = 0; i < 10; i++) {
		struct wx_obs o = obs_of(&(struct row){ 333.5 * i, 0, 1, NAN });

		wx_gauge_add(&g, &o, NULL);
	}
	CHECK_INT("closed list", wx_gauge_finish(&g, NULL), WX_OK);
	CHECK_INT("closed list: tips", g.n_tips, 7);
	CHECK_INT("closed list: spans", g.read.n, 2);
	CHECK("closed list: before", wx_spans_find(&g.read, at(1), at(1000)));
	CHECK("closed list: after", wx_spans_find(&g.read, at(2000), at(3000)));
	wx_gauge_fini(&g);
}

/* The last tip lies within the record that tells of it. */
static void test_last_stamp(void)
{
	static const struct {
		const char *name;
		double end_s, row_s; /* of a last tip, of a last row of air */
		double read_s;       /* where the record ends */
	} last[] = {
		{ "a second", 701, NAN, 702 },
		{ "to the instant", 701.25, NAN, 701.25 },
		{ "at the end of the logger's rows", 720, 720, 721 },
		{ "before it", 700, 720, 720 },
		{ "outside of them", 960, 720, 720 },
	};

	for (size_t i = 0; i < WX_COUNT(last); i++) {
		struct wx_gauge g;
		struct row rows[] = { { last[i].row_s, 60, NAN, NAN },
				      { 3, 0, 1, NAN },
				      { last[i].end_s, 0, 1, NAN } };

		wx_gauge_init(&g, .2);
		for (size_t k = isnan(last[i].row_s); k < 3; k++) {
			struct wx_obs o = obs_of(&rows[k]);

			CHECK_INT(last[i].name, wx_gauge_add(&g, &o, NULL), 0);
		}
		CHECK_INT(last[i].name, wx_gauge_finish(&g, NULL), WX_OK);
		CHECK_INT(last[i].name, g.read.v[g.read.n - 1].to_ns,
			  at(last[i].read_s));
		wx_gauge_fini(&g);
	}
}

/* After a trim the rest is as if the old rows had never come. */
/* Two tips counted in one row of length_s; then nothing. */
static void check_coarse(double length_s, double bucket_mm, bool coarse)
{
	struct wx_gauge g;
	struct row rows[] = { { length_s, length_s, NAN, .45 },
			      { length_s * 2, length_s, NAN, 0 } };

	if (!isnan(bucket_mm))
		rows[0].tips = 2;
	wx_gauge_init(&g, bucket_mm);
	for (size_t k = 0; k < 2; k++) {
		struct wx_obs o = obs_of(&rows[k]);

		CHECK_INT("add", wx_gauge_add(&g, &o, NULL), 0);
	}
	CHECK_INT("finish", wx_gauge_finish(&g, NULL), WX_OK);
	CHECK_INT("begins", wx_gauge_is_coarse(&g, at(0), at(10)), coarse);
	CHECK_INT("amid", wx_gauge_is_coarse(&g, at(length_s / 2), at(400)),
		  coarse);
	CHECK_INT("ends",
		  wx_gauge_is_coarse(&g, at(length_s - 10), at(length_s)),
		  coarse);
	CHECK("dry row",
	      !wx_gauge_is_coarse(&g, at(length_s + 10), at(length_s + 20)));
	wx_gauge_fini(&g);
}

static void test_trim(void)
{
	static const struct row rows[] = {
		{ 60, 60, 1, NAN },
		{ 120, 60, 0, NAN },
		{ 86400 + 60, 60, 2, NAN },
		{ 86400 + 120, 60, 0, NAN },
	};
	struct wx_gauge g;

	wx_gauge_init(&g, .2);
	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		struct wx_obs o = obs_of(&rows[i]);

		wx_gauge_add(&g, &o, NULL);
	}
	wx_gauge_finish(&g, NULL);
	CHECK_INT("before", g.n_tips, 3);
	CHECK_INT("before", g.read.n, 2);
	wx_gauge_trim(&g, (struct wx_time){ (T0 + 86400) * WX_NS_PER_S });
	wx_gauge_finish(&g, NULL);
	CHECK_INT("after", g.n_tips, 2);
	CHECK_INT("after", g.read.n, 1);
	wx_gauge_fini(&g);
}

static void test_amounts(void)
{
	static const struct {
		const char *name;
		double mm[4];
		double step_mm;
	} table[] = {
		{ "steps of a bucket", { .254, .508, .254, 1.27 }, .254 },
		{ "a weighing gauge", { .03, .11, .27, .2 }, 0 },
		{ "coarse, but no steps", { .2, .33, .5, .71 }, 0 },
	};

	for (size_t i = 0; i < WX_COUNT(table); i++) {
		struct wx_gauge g;

		wx_gauge_init(&g, NAN);
		for (int k = 0; k < 4; k++) {
			struct wx_obs o = obs_of(&(struct row){
				60 * (k + 1), 60, NAN, table[i].mm[k] });

			wx_gauge_add(&g, &o, NULL);
		}
		wx_gauge_finish(&g, NULL);
		CHECK(table[i].name, g.by_amount && !g.no_bucket);
		CHECK_F64(table[i].name, g.step_mm, table[i].step_mm, 1e-9);
		wx_gauge_fini(&g);
	}
}

static void test_spans(void)
{
	struct wx_span v[] = { { 10, 20, 0 }, { 30, 40, 0 } };
	struct wx_spans s = { v, 2, 2 };

	CHECK("inside", wx_spans_find(&s, 10, 20) == &v[0]);
	CHECK("second", wx_spans_find(&s, 31, 32) == &v[1]);
	CHECK("over the end", !wx_spans_find(&s, 15, 21));
	CHECK("between", !wx_spans_find(&s, 22, 25));
	CHECK("touches", wx_spans_touch(&s, 15, 35));
	CHECK("ends where the span begins", !wx_spans_touch(&s, 20, 30));
}

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++)
		test_case(i);
	test_chatter();
	test_siphon();
	test_closed();
	test_closed_list();
	test_siphon_rows();
	test_siphon_like();
	test_last_stamp();
	check_coarse(600, .2, false);
	check_coarse(610, .2, true);
	check_coarse(3600, NAN, true);
	check_coarse(360, NAN, false);
	test_trim();
	test_amounts();
	test_spans();
	return wx_test_end();
}
