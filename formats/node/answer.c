/* SPDX-License-Identifier: MIT */
/* formats/node/answer.c: see answer.h. */
#include "node/answer.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/timex.h>
#include <time.h>

#include "base/json.h"
#include "clock/exchange.h"

enum { MAX_STEP_US = 1000 }; /* between both clocks; more is no slewing */

static int64_t clock_us(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct wx_moment wx_moment_now(void)
{
	return (struct wx_moment){ .real_us = clock_us(CLOCK_REALTIME),
				   .mono_us = clock_us(CLOCK_MONOTONIC) };
}

void wx_node_host_state(struct wx_exchange *x)
{
	struct timex tx = { 0 };
	int state = adjtimex(&tx);

	x->host_synced =
		state >= 0 && state != TIME_ERROR && !(tx.status & STA_UNSYNC);
	x->host_est_err_us = state >= 0 ? tx.esterror : -1;
	x->host_max_err_us = state >= 0 ? tx.maxerror : -1;
}

json_t *wx_node_exchange(const json_t *doc, struct wx_moment t1,
			 struct wx_moment t4)
{
	struct wx_exchange x = { .t1_us = t1.real_us, .t4_us = t4.real_us };
	int64_t real_us = t4.real_us - t1.real_us;
	int64_t mono_us = t4.mono_us - t1.mono_us;
	json_t *line;

	if (llabs(real_us - mono_us) > MAX_STEP_US)
		return NULL;
	x.boot = wx_json_i64(doc, "b", -1);
	x.m2_us = wx_json_i64(doc, "m2", -1);
	x.m3_us = wx_json_i64(doc, "m3", -1);
	x.r_us = wx_json_i64(doc, "r", INT64_MIN);
	x.error_ms = wx_json_f64(doc, "e", NAN);
	snprintf(x.source, sizeof(x.source), "%s", wx_json_str(doc, "s", ""));
	wx_node_host_state(&x);
	line = wx_exchange_json(&x);
	if (!line || wx_exchange_parse(line, &x, NULL)) {
		json_decref(line);
		line = NULL;
	}
	return line;
}
