/* SPDX-License-Identifier: MIT */
/* lib/weather/rate_amount.c: rain of a gauge whose bucket nobody told. */
#include <math.h>

#include "weather/rate_parts.h"

/* A dry row amid wet ones of a gauge whose resolution nobody told. */
enum { CELL_UNSURE = 3 };
/* Scatter of 10 s within a minute of rain, drop by drop: CV .33 to .41. */
#define WITHIN_ROW_SIGMA .35

/*
 * The water of the rows that [from, to)
 * touches, each spread over its row. Returns how long of it was wet.
 */
static double judge_wet(struct wx_rate *r, int64_t from, int64_t to,
			double *mm_h, double *cdf)
{
	const struct wx_gauge *g = r->gauge;
	double mm = 0, wet_s = 0, row_s = 0, sigma, s;
	size_t i = wx_rate_tip_after(r, from);

	/* A tip stands in the middle of its row. */
	if (i > 0 && g->amount[i - 1].to_ns > from)
		i--;
	for (; i < g->n_tips && g->amount[i].from_ns < to; i++) {
		const struct wx_amount *a = &g->amount[i];
		int64_t b = a->from_ns > from ? a->from_ns : from;
		int64_t e = a->to_ns < to ? a->to_ns : to;

		if (e <= b)
			continue;
		row_s = fmax(row_s, wx_rate_s(a->to_ns - a->from_ns));
		wet_s += wx_rate_s(e - b);
		mm += a->mm * (double)(e - b) / (double)(a->to_ns - a->from_ns);
	}
	*mm_h = 3600 * mm / wx_rate_s(to - from);
	if (wet_s <= 0)
		return 0;
	s = wx_rate_scatter(row_s);
	sigma = fmax(s, WITHIN_ROW_SIGMA);
	for (i = 0; i + 1 < (size_t)r->classes->n; i++)
		cdf[i] = wx_normal_cdf(log(r->classes->limit[i] / *mm_h) /
				       sigma);
	return wet_s;
}

double wx_rate_by_amount(struct wx_rate *r, const struct wx_span *read,
			 int64_t from, int64_t to, double weight, double *cdf,
			 bool *wet)
{
	const struct wx_gauge *g = r->gauge;
	double here[WX_MAX_LIMITS] = { 0 }, mm_h;

	if (judge_wet(r, from, to, &mm_h, here) > 0) {
		*wet = true;
	} else {
		size_t i = wx_rate_tip_after(r, from);
		int64_t before = i ? g->tip[i - 1].utc_ns : read->from_ns;
		int64_t after = i < g->n_tips ? g->tip[i].utc_ns : read->to_ns;
		double near_s =
			fmin(wx_rate_s(from - before), wx_rate_s(after - to));
		double gap_s = wx_rate_s(after - before);
		int cell = gap_s < WX_RATE_EVENT_GAP_S
				   ? CELL_UNSURE
				   : wx_rate_cell(gap_s, near_s);

		wx_rate_add_cell(r, cell, 1, here);
	}
	for (int i = 0; i < r->classes->n - 1; i++)
		cdf[i] += weight * here[i];
	return mm_h;
}
