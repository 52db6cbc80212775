/* SPDX-License-Identifier: MIT */
/* formats/node/fault.c: what goes wrong with a node that is played. */
#include "node/fault.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "sim/rng.h"

static const struct fault {
	const char *name, *unit;
	double dflt, min, max;
} faults[] = {
#define FAULT_ROW(id, ...) [WX_FAULT_##id] = { __VA_ARGS__ },
	WX_FAULTS(FAULT_ROW)
#undef FAULT_ROW
};

struct wx_faults {
	struct wx_fault_plan plan;
	uint64_t key;
	pthread_mutex_t lock;
	struct wx_sim_rng chance[WX_N_FAULTS], choice[WX_N_FAULTS];
};

/* ---- the plan ---- */

static int unknown(const char *text, size_t n, struct wx_error *err)
{
	char all[512], name[64];
	size_t at = 0;

	for (size_t i = 0; i < WX_N_FAULTS; i++)
		at += (size_t)snprintf(all + at, sizeof(all) - at, "%s%s",
				       i ? " " : "", faults[i].name);
	snprintf(name, sizeof(name), "%.*s", (int)n, text);
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: no such fault, expected one of: %s", name, all);
}

int wx_fault_add(struct wx_fault_plan *plan, const char *text,
		 struct wx_error *err)
{
	size_t n = strcspn(text, ":"), i = 0;
	const struct fault *f;
	double p;

	while (i < WX_N_FAULTS && (strlen(faults[i].name) != n ||
				   strncmp(faults[i].name, text, n) != 0))
		i++;
	if (i == WX_N_FAULTS)
		return unknown(text, n, err);
	f = &faults[i];
	p = f->dflt;
	if (text[n] && !*f->unit)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected %s alone, found more", text,
			       f->name);
	if (text[n] && (!wx_f64_parse(text + n + 1, strlen(text + n + 1), &p) ||
			!(p >= f->min && p <= f->max)))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected %s:P with P from %g to %g %s",
			       text, f->name, f->min, f->max, f->unit);
	plan->on[i] = true;
	plan->p[i] = p;
	return WX_OK;
}

/* ---- at work ---- */

int wx_faults_new(const struct wx_fault_plan *plan, const char *node,
		  struct wx_faults **out, struct wx_error *err)
{
	struct wx_faults *f = calloc(1, sizeof(*f));

	*out = f;
	if (!f)
		return wx_fail_nomem(err);
	pthread_mutex_init(&f->lock, NULL);
	f->key = wx_sim_split(wx_sim_split(0, "faults", 0), node, 0);
	if (plan)
		f->plan = *plan;
	for (size_t i = 0; i < WX_N_FAULTS; i++) {
		f->chance[i] = wx_sim_rng(f->key, faults[i].name, 0);
		f->choice[i] = wx_sim_rng(f->key, faults[i].name, 1);
	}
	return WX_OK;
}

void wx_faults_free(struct wx_faults *f)
{
	if (!f)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f);
}

bool wx_fault_on(const struct wx_faults *f, enum wx_fault which, double *p)
{
	if (p)
		*p = f->plan.p[which];
	return f->plan.on[which];
}

static double draw(struct wx_faults *f, struct wx_sim_rng *from)
{
	double u;

	pthread_mutex_lock(&f->lock);
	u = wx_sim_uniform(from, 0, 1);
	pthread_mutex_unlock(&f->lock);
	return u;
}

bool wx_fault_hits(struct wx_faults *f, enum wx_fault which)
{
	return f->plan.on[which] &&
	       draw(f, &f->chance[which]) * 100 < f->plan.p[which];
}

uint64_t wx_fault_draw(struct wx_faults *f, enum wx_fault which, uint64_t n)
{
	return (uint64_t)(draw(f, &f->choice[which]) * (double)n);
}

bool wx_fault_picks(const struct wx_faults *f, enum wx_fault which,
		    const char *name)
{
	uint64_t key;

	if (!f->plan.on[which])
		return false;
	key = wx_sim_split(wx_sim_split(f->key, faults[which].name, 2), name,
			   0);
	return wx_sim_unit(wx_sim_hash(key, 0)) * 100 < f->plan.p[which];
}
