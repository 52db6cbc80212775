/* SPDX-License-Identifier: MIT */
/* Rain counters through resets and misreads; tips from printed water. */
#include "testing.h"
#include "weather/rain.h"

enum { MAX = 8 };

/* Readings a minute apart, and what each must credit. */
struct readings {
	const char *label;
	double read[MAX], credit[MAX], total;
	int n;
};

static const struct readings counters[] = {
	{ "the first is not known", { 81.2, 81.4 }, { NAN, .2 }, .2, 2 },
	{ "reset to 0", { 5, 0, 0.2, 0.4 }, { NAN, NAN, .2, .2 }, .4, 4 },
	{ "daily reset of little rain",
	  { 0.2, 0, 0.2, 0.4 },
	  { NAN, NAN, .2, .2 },
	  .4,
	  4 },
	/* weewx: an Acurite's bit error */
	{ "misread low",
	  { 193.6, 52.5, 193.8, 193.8 },
	  { NAN, NAN, .2, 0 },
	  .2,
	  4 },
	{ "misread low, and believable as a reset after the fact",
	  { 10.2, 4, 10.4, 10.6 },
	  { NAN, NAN, .2, .2 },
	  .4,
	  4 },
	{ "misread 0 early in the season",
	  { 5, 0, 5.2, 5.2 },
	  { NAN, NAN, .2, 0 },
	  .2,
	  4 },
	{ "a reading that no rain makes, sent twice",
	  { 10, 10921.75, 10921.75, 10.2, 10.4, 10.6 },
	  { NAN, NAN, NAN, NAN, .2, .2 },
	  .4,
	  6 },
	{ "misread 0", { 193.6, 0, 193.6 }, { NAN, NAN, 0 }, 0, 3 },
	{ "misread high", { 10, 99, 10.2 }, { NAN, NAN, .2 }, .2, 3 },
	{ "a true jump is confirmed",
	  { 10, 40, 40.2 },
	  { NAN, NAN, 30.2 },
	  30.2,
	  3 },
	/* weewx-rtldavis: 7 bits, 115 -> 49 -> 115 was 1.28 in of no rain */
	{ "two misreads in a row",
	  { 115, 49, 48, 115, 115.2 },
	  { NAN, NAN, NAN, 0, .2 },
	  .2,
	  5 },
	{ "a wrap that none declared",
	  { 125, 127, 1, 2, 4 },
	  { NAN, 2, NAN, 1, 2 },
	  5,
	  5 },
	{ "a hole", { 1, NAN, 1.4 }, { NAN, NAN, .4 }, .4, 3 },
};

/* Counters that begin again at 0 where they would reach modulus. */
static const struct {
	double modulus;
	struct readings r;
} wraps[] = {
	/* 49 is not in the first quarter */
	{ 128,
	  { "two misreads",
	    { 115, 49, 48, 115, 116 },
	    { NAN, NAN, NAN, 0, 1 },
	    1,
	    5 } },
	{ 128,
	  { "a wrap", { 125, 127, 1, 2, 4 }, { NAN, 2, NAN, 3, 2 }, 7, 5 } },
	{ 128,
	  { "a misread that looks like one",
	    { 125, 3, 125, 126 },
	    { NAN, NAN, 0, 1 },
	    1,
	    4 } },
	{ 128, { "a reset halfway", { 60, 0, 1 }, { NAN, NAN, 1 }, 1, 3 } },
	{ 128, { "not its modulus", { 130, 1, 2 }, { NAN, NAN, 1 }, 1, 3 } },
	{ 655.36, { "mm", { 655.2, 0.1, 0.3 }, { NAN, NAN, .46 }, .46, 3 } },
};

static void check_readings(const struct readings *r, double modulus)
{
	struct wx_counter c = { .modulus = modulus };
	double total = 0;

	for (int k = 0; k < r->n; k++) {
		struct wx_time t = { k * 60 * WX_NS_PER_S };
		enum wx_counter_event event;
		double span_s, got = wx_counter_read(&c, t, r->read[k], 1,
						     &span_s, &event);

		CHECK_F64(r->label, got, r->credit[k], 1e-9);
		total += got > 0 ? got : 0;
	}
	CHECK_F64(r->label, total, r->total, 1e-9);
}

static void check_counters(void)
{
	for (size_t i = 0; i < WX_COUNT(counters); i++) {
		check_readings(&counters[i], 0);
		check_readings(&counters[i], NAN);
	}
	for (size_t i = 0; i < WX_COUNT(wraps); i++)
		check_readings(&wraps[i].r, wraps[i].modulus);
}

static void check_span(void)
{
	struct wx_counter c = { 0 };
	enum wx_counter_event event;
	double span_s;

	wx_counter_read(&c, (struct wx_time){ 0 }, 1, 1, &span_s, &event);
	CHECK_F64("first", span_s, NAN, 0);
	wx_counter_read(&c, (struct wx_time){ 60 * WX_NS_PER_S }, NAN, 1,
			&span_s, &event);
	wx_counter_read(&c, (struct wx_time){ 180 * WX_NS_PER_S }, 1.2, 1,
			&span_s, &event);
	CHECK_F64("over the hole", span_s, 180, 0);
	wx_counter_read(&c, (struct wx_time){ 90 * WX_NS_PER_S }, 1.4, 1,
			&span_s, &event);
	CHECK_F64("clock set back", span_s, NAN, 0);
}

static const struct {
	double mm, bucket, step, tips;
} tips[] = {
	{ 0, 0.254, 1, 0 },       { 0.254, 0.254, 0.001, 1 },
	{ 0.25, 0.254, 0.01, 1 }, { 0.51, 0.254, 0.01, 2 },
	{ 0.76, 0.254, 0.01, 3 }, { 28.45, 0.254, 0.01, 112 },
	{ 0.25, 0.2, 0.01, NAN }, /* another bucket */
	{ 0.5, 0.2, 0.1, NAN },   { 0.3, 0.1, 0.1, 3 },
	{ 0.6, 0.2794, 0.1, 2 },  { 0.254, NAN, 0.001, NAN },
	{ NAN, 0.254, NAN, NAN },
};

int main(void)
{
	check_counters();
	check_span();
	for (size_t i = 0; i < WX_COUNT(tips); i++)
		CHECK_F64(
			"tips",
			wx_rain_tips(tips[i].mm, tips[i].bucket, tips[i].step),
			tips[i].tips, 0);
	CHECK_INT("kind", wx_rain_kind_parse("cumulative"), WX_RAIN_CUMULATIVE);
	CHECK_INT("kind", wx_rain_kind_parse(NULL), WX_RAIN_NOT_TOLD);
	return wx_test_end();
}
