/* SPDX-License-Identifier: MIT */
/* sim.json: what is read back is what was planned. */
#include <stdlib.h>
#include <unistd.h>

#include "made/made.h"
#include "testing.h"

enum { N_NODES = 3 };

static const struct wx_sim_opts opts = {
	.seed = 9,
	.start_s = 1717200000,
	.days = 1.5,
	.n_nodes = N_NODES,
	.capture_s = 10,
	.every_s = 300,
	.rate_hz = 16000,
	.bucket_mm = 0.2,
	.utc_offset_s = -12600,
	.climate = "dry",
};

static void compare(const struct wx_sim_node *node, const struct wx_sim_plan *p)
{
	const struct wx_sim_clock *a = &node->clock, *b = &p->clock;
	int64_t from = opts.start_s * 1000000, differ = 0;

	CHECK_STR("id", node->id, p->id);
	CHECK_INT("card", node->card, p->card);
	CHECK_INT("boots", a->n_boots, b->n_boots);
	/* Two days past the end, too. */
	for (int64_t us = from; us < from + INT64_C(4) * 86400000000;
	     us += 60999999) {
		struct wx_sim_reading x = { 0 }, y = { 0 };
		struct wx_time t = wx_time_from_us(us);
		bool on = wx_sim_clock_at(a, t, &x);

		differ += on != wx_sim_clock_at(b, t, &y) || x.m_us != y.m_us ||
			  x.boot != y.boot || x.r_us != y.r_us ||
			  (on && strcmp(x.source, y.source)) ||
			  (x.err_ms != y.err_ms && !isnan(x.err_ms));
	}
	CHECK_INT("the same clocks", differ, 0);
}

int main(void)
{
	char dir[] = "/tmp/wxset-sim-XXXXXX", sim[64], site[64];
	struct wx_sim_plan plans[N_NODES];
	struct wx_sim_site *s = NULL;
	struct wx_error err = { 0 };

	if (!mkdtemp(dir))
		return 1;
	snprintf(sim, sizeof(sim), "%s/sim.json", dir);
	snprintf(site, sizeof(site), "%s/site.json", dir);
	for (int i = 0; i < N_NODES; i++)
		wx_sim_plan_init(&plans[i], &opts, i + 1, NULL);
	CHECK_INT("claim", wx_made_claim(dir, &opts, plans, &err), WX_OK);
	CHECK_INT("read", wx_sim_site_read(sim, &s, &err), WX_OK);
	CHECK_STR("no failure", err.text, "");
	if (s) {
		CHECK_INT("start", s->start.utc_ns / WX_NS_PER_S, opts.start_s);
		CHECK_INT("end", s->end.utc_ns / WX_NS_PER_S,
			  opts.start_s + 129600);
		CHECK_INT("nodes", s->n_nodes, N_NODES);
		for (size_t i = 0; i < s->n_nodes; i++)
			compare(&s->node[i], &plans[i]);
	}
	wx_sim_site_free(s);
	CHECK_INT("another file is refused", wx_sim_site_read(site, &s, NULL),
		  WX_ERR_FORMAT);
	for (int i = 0; i < N_NODES; i++)
		wx_sim_plan_fini(&plans[i]);
	unlink(sim);
	unlink(site);
	rmdir(dir);
	return wx_test_end();
}
