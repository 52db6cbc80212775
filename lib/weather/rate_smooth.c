/* SPDX-License-Identifier: MIT */
/* lib/weather/rate_smooth.c: what all tips say, beside what the gap says. */
#include <math.h>

#include "weather/rate_parts.h"
#include "weather/smooth.h"

/* A longer window is looked at this often, s. */
#define LOOK_S 10.0
/* No surer than this: what no series had is not impossible. */
#define LEAST_P 2e-4

static double log_odds(double p)
{
	p = fmin(fmax(p, LEAST_P), 1 - LEAST_P);
	return log(p / (1 - p));
}

/* Averaged over the window; false where the smoother cannot tell. */
static bool smoothed(struct wx_rate *r, const struct wx_span *read,
		     int64_t from, int64_t to, double *cdf)
{
	int n = (int)(wx_rate_s(to - from) / LOOK_S + 0.5);

	n = n < 1 ? 1 : n;
	for (int i = 0; i < n; i++) {
		double here[WX_MAX_LIMITS];
		int64_t at = from + (2 * i + 1) * ((to - from) / (2 * n));

		at = at < read->from_ns ? read->from_ns : at;
		at = at > read->to_ns ? read->to_ns : at;
		if (!wx_smooth_at(r->smooth, read, at, here))
			return false;
		for (int l = 0; l < r->classes->n - 1; l++)
			cdf[l] += here[l] / n;
	}
	return true;
}

void wx_rate_pool(struct wx_rate *r, const struct wx_span *read, int64_t from,
		  int64_t to, double *cdf)
{
	double all[WX_MAX_LIMITS] = { 0 }, states, gaps;

	if (!r->smooth || wx_rate_s(to - from) > WX_SMOOTH_LONGEST_S ||
	    !smoothed(r, read, from, to, all))
		return;
	wx_smooth_trust(r->smooth, &states, &gaps);
	for (int l = 0; l < r->classes->n - 1; l++) {
		double x = states * log_odds(all[l]) + gaps * log_odds(cdf[l]);

		cdf[l] = 1 / (1 + exp(-x));
	}
	r->smoothed = true;
}
