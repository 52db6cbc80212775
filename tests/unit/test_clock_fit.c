/* SPDX-License-Identifier: MIT */
/* The line of a boot: by hand, and with hostile anchors. */
#include "clock/step.h"
#include "made_clock.h"

static const struct wx_clock_prior no_prior = { .sd_ppm = WX_PRIOR_SD_PPM };

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

/* A compensated crystal where somebody told of one, and anchors allow it. */
static void test_told(void)
{
	static const struct {
		const char *label;
		double rate_ppm;
		const struct wx_osc *osc;
	} rows[] = { { "it is", 1.5, &wx_osc_tcxo },
		     { "it is none", 60, &wx_osc_crystal } };
	const struct wx_clock_prior prior = { .sd_ppm = WX_PRIOR_SD_PPM,
					      .told = &wx_osc_tcxo };

	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		struct wx_anchors list = { 0 };
		struct wx_clock c;

		for (int d = 0; d < 5; d++) {
			const struct mark m[] = { AT(
				d * DAY, d * rows[i].rate_ppm * 0.0864) };

			add_marks(&list, m, 1);
		}
		CHECK_INT(rows[i].label,
			  wx_clock_fit(list.anchor, list.n, 0, 4 * DAY, NULL,
				       prior, &c, NULL),
			  1);
		CHECK(rows[i].label, c.osc == rows[i].osc);
		CHECK_INT(rows[i].label, c.n_used, 5);
		CHECK_F64(rows[i].label, c.rate_ppm, rows[i].rate_ppm, 0.4);
		wx_clock_fini(&c);
		wx_anchors_fini(&list);
	}
}

/* Exactly what a reader of decimals gets, so that text and JSON end there. */
static void test_steps(void)
{
	static const struct {
		double v, up, bound;
	} steps[] = {
		{ 0, 0, 0 },
		{ -1, 0, 0 },
		{ NAN, 0, 0 },
		{ 0.05, 0.05, 0.05 },
		{ 0.0500001, 0.1, 0.06 },
		{ 0.353, 0.5, 0.4 },
		{ 0.61, 1, 0.8 },
		{ 0.81, 1, 1 },
		{ 1, 1, 1 },
		{ 1.01, 2, 1.2 },
		{ 9, 10, 10 },
		{ 2001, 5000, 2500 },
		{ 1e-5, 1e-5, 1e-5 },
	};

	for (size_t i = 0; i < WX_COUNT(steps); i++) {
		char label[32];

		snprintf(label, sizeof(label), "%g", steps[i].v);
		CHECK(label, wx_step_up(steps[i].v) == steps[i].up);
		CHECK(label, wx_step_bound(steps[i].v) == steps[i].bound);
	}
}

int main(void)
{
	test_by_hand();
	test_steps();
	test_fault_named();
	test_told();
	return wx_test_end();
}
