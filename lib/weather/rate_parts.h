/* SPDX-License-Identifier: MIT */
/* lib/weather/rate_parts.h: what rate*.c share; nobody else needs it. */
#ifndef WX_WEATHER_RATE_PARTS_H
#define WX_WEATHER_RATE_PARTS_H

#include "weather/rate.h"

static inline double wx_rate_s(int64_t ns)
{
	return (double)ns / 1e9;
}

/* First tip after ns. */
size_t wx_rate_tip_after(struct wx_rate *r, int64_t ns);
/* The cell of the table for times scaled to its bucket. */
int wx_rate_cell(double gap_s, double near_s);
/* What the table says in it, mixed into cdf with a weight. */
void wx_rate_add_cell(const struct wx_rate *r, int cell, double weight,
		      double *cdf);
/* Scatter of ln(true rate / rate) by the gap. */
double wx_rate_scatter(double gap_s);

/*
 * mm/h of [from, to) by amounts, and P(rate < limit) into cdf; sets *wet where
 * it is, else leaves it.
 */
double wx_rate_by_amount(struct wx_rate *r, const struct wx_span *read,
			 int64_t from, int64_t to, double weight, double *cdf,
			 bool *wet);

/*
 * Bring what the smoother says of [from, to) into cdf, which holds what the
 * gap says: log-odds are added, each with its trust. That keeps a cdf rising,
 * and a class the same however its neighbours are cut.
 */
void wx_rate_pool(struct wx_rate *r, const struct wx_span *read, int64_t from,
		  int64_t to, double *cdf);

#endif
