/* SPDX-License-Identifier: MIT */
/* Made nodes: clocks that invert, indexes that hang together. */
#include "base/text.h"
#include "sim/node.h"
#include "testing.h"

static const struct wx_sim_opts opts = {
	.seed = 3,
	.start_s = 1717200000,
	.days = 2,
	.n_nodes = 4,
	.capture_s = 10,
	.every_s = 300,
	.rate_hz = 16000,
	.bucket_mm = 0.2,
	.utc_offset_s = 3600,
	.climate = "showery",
};

static void test_inverse(const struct wx_sim_plan *p)
{
	const struct wx_sim_clock *c = &p->clock;
	int64_t from = opts.start_s * 1000000, worst = 0, off = 0, last = 0;

	/* On for a month after the site's end. */
	for (int64_t us = from; us < from + INT64_C(32) * 86400000000;
	     us += 977777777) {
		struct wx_sim_reading r;
		int64_t back;

		if (!wx_sim_clock_at(c, wx_time_from_us(us), &r)) {
			off++;
			continue;
		}
		back = wx_sim_clock_utc(c, r.boot, r.m_us).utc_ns / 1000;
		if (llabs(back - us) > worst)
			worst = llabs(back - us);
		CHECK("boots only go up", r.boot * 1000 >= last);
		last = r.boot * 1000;
	}
	CHECK("the inverse is good to 1 us", worst <= 1);
	CHECK("no power before the first boot", off >= 1);
	CHECK("no such boot", wx_time_is_none(wx_sim_clock_utc(c, 999999, 0)));
}

/* Drift is what crystal and temperature make of it. */
static void test_drift(const struct wx_sim_plan *p)
{
	const struct wx_sim_boot *b = &p->clock.boot[0];
	int64_t day = INT64_C(86400) * 1000000;
	double ppm = (double)(wx_sim_boot_m_us(b, b->on_us + day) - day) /
		     (double)day * 1e6;

	/* Nights at 5, days at 25 degC: the fork loses 0 to 14 ppm. */
	CHECK("slower than the crystal at 25 degC", ppm < p->crystal_ppm + 0.1);
	CHECK("but not by more than the cold makes it",
	      ppm > p->crystal_ppm - 16);
	CHECK_INT("no time at power-on", wx_sim_boot_m_us(b, b->on_us), 0);
}

struct seen {
	int captures, closed, open, recovered, envs, syncs, lost_rtc, boots;
	int64_t seq, end_us;
};

static void see_capture(const struct wx_sim_plan *p, struct seen *s,
			const struct wx_sim_item *it)
{
	double frames = (double)it->n_frames;
	double true_s = (double)(it->end_us - it->start_us) * 1e-6;
	struct wx_time t = wx_sim_clock_utc(&p->clock, it->boot, it->m0_us);

	s->captures++;
	CHECK("numbers go up", it->seq > s->seq);
	CHECK("captures do not overlap", it->start_us > s->end_us);
	CHECK("the stamp tells the first frame",
	      llabs(t.utc_ns / 1000 - it->start_us) <= 201);
	CHECK_F64("the sample clock has its own error, ppm",
		  (frames / p->opts.rate_hz / true_s - 1) * 1e6, p->sample_ppm,
		  true_s > 1 ? 1 / true_s : 1e6);
	CHECK("names are safe", wx_name_check(it->name, NULL) == WX_OK);
	s->closed += it->state == WX_SIM_CLOSED;
	s->open += it->state == WX_SIM_OPEN;
	s->recovered += it->state == WX_SIM_RECOVERED;
	CHECK("whole unless cut short",
	      (it->n_frames == 160000) == (it->state == WX_SIM_CLOSED));
	s->seq = it->seq;
	s->end_us = it->end_us;
}

static struct seen walk(const struct wx_sim_plan *p)
{
	struct wx_sim_cursor c;
	struct wx_sim_item it;
	struct seen s = { 0 };

	wx_sim_cursor_init(&c, p);
	while (wx_sim_cursor_next(&c, &it)) {
		switch (it.kind) {
		case WX_SIM_CAPTURE:
			see_capture(p, &s, &it);
			break;
		case WX_SIM_ENV:
			s.envs++;
			break;
		case WX_SIM_EVENT:
			s.boots += !strcmp(it.event, "boot");
			s.lost_rtc += !strcmp(it.event, "rtc_lost");
			if (strcmp(it.event, "sync"))
				break;
			s.syncs++;
			CHECK("a sync is as good as it says",
			      fabs((double)it.utc_us -
				   (double)wx_sim_clock_utc(&p->clock, it.boot,
							    it.m0_us)
						   .utc_ns /
					   1e3) <= it.err_ms * 1e3 + 1);
			break;
		}
	}
	CHECK("that was all", !wx_sim_cursor_next(&c, &it));
	return s;
}

static void test_nodes(void)
{
	static const struct {
		int boots, lost;
	} want[] = { { 1, 0 }, { 2, 1 }, { 2, 0 }, { 1, 0 } };

	for (int i = 0; i < opts.n_nodes; i++) {
		struct wx_sim_plan p;
		struct seen s;

		CHECK_INT("plan", wx_sim_plan_init(&p, &opts, i + 1, NULL), 0);
		test_inverse(&p);
		test_drift(&p);
		s = walk(&p);
		CHECK_INT("boots", s.boots, want[i].boots);
		CHECK_INT("clocks lost", s.lost_rtc, want[i].lost);
		CHECK_INT("tables", s.envs, want[i].boots);
		CHECK_INT("one is being recorded", s.open, 1);
		CHECK_INT("one a power cut", s.recovered, want[i].boots - 1);
		CHECK("captures all the time",
		      s.closed > 555 && s.closed <= 576);
		CHECK("a sync each six hours", s.syncs >= 8);
		CHECK_INT("the last is a card", p.card, i == 3);
		wx_sim_plan_fini(&p);
	}
}

/* After a power cut without a battery the clock says 2000 until SNTP. */
static void test_lost(void)
{
	struct wx_sim_plan p;
	const struct wx_sim_boot *b;
	struct wx_sim_reading r;

	wx_sim_plan_init(&p, &opts, 2, NULL);
	b = &p.clock.boot[1];
	CHECK("off between boots",
	      !wx_sim_clock_at(&p.clock, wx_time_from_us(b->on_us - 1), &r));
	CHECK("on", wx_sim_clock_at(&p.clock,
				    wx_time_from_us(b->on_us + 60000000), &r));
	CHECK_STR("nobody set it", r.source, "none");
	CHECK_F64("2000-01-01", (double)(r.r_us / 86400000000), 10957, 0);
	CHECK("later",
	      wx_sim_clock_at(&p.clock, wx_time_from_us(b->on_us + 600000000),
			      &r));
	CHECK_STR("SNTP did", r.source, "sntp");
	CHECK("and it is right within 0.1 s",
	      llabs(r.r_us - b->on_us - 600000000) < 100000);
	wx_sim_plan_fini(&p);
}

/* A node is what it is, whoever stands beside it; but for the last, a card. */
static void test_alone(void)
{
	struct wx_sim_opts more = opts;
	struct wx_sim_plan a, b;

	more.n_nodes = 9;
	wx_sim_plan_init(&a, &opts, 2, NULL);
	wx_sim_plan_init(&b, &more, 2, NULL);
	CHECK_F64("crystal", a.crystal_ppm, b.crystal_ppm, 0);
	CHECK_INT("boot", a.clock.boot[1].on_us, b.clock.boot[1].on_us);
	CHECK_INT("drift", a.clock.boot[1].drift_us[9],
		  b.clock.boot[1].drift_us[9]);
	wx_sim_plan_fini(&a);
	wx_sim_plan_fini(&b);
}

int main(void)
{
	test_nodes();
	test_lost();
	test_alone();
	return wx_test_end();
}
