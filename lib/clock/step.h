/* SPDX-License-Identifier: MIT */
/* lib/clock/step.h: the steps that errors and grids are rounded to. */
#ifndef WX_CLOCK_STEP_H
#define WX_CLOCK_STEP_H

#include <math.h>

/* The next of step[i] x 10^k (10 to 100, n of them) that is not below v. */
static inline double wx_step_next(double v, const int *step, int n)
{
	int i = 0, e;

	if (!(v > 0))
		return 0;
	e = (int)floor(log10(v)) - 1;
	/* 1e-9: 0.05 must stay 0.05 whatever the last bit says. */
	while (i < n - 1 && v > step[i] * pow(10, e) * (1 + 1e-9))
		i++;
	/* Divided, not times 0.1: what is printed is to end where it does. */
	return e < 0 ? step[i] / pow(10, -e) : step[i] * pow(10, e);
}

/*
 * The next of ... 0.01 0.02 0.05 0.1 0.2 0.5 ... that is not below v. A grid
 * or a sigma is never known better, and what differs by a little mostly gets
 * the same. 0 and less stay 0.
 */
static inline double wx_step_up(double v)
{
	static const int steps[] = { 10, 20, 50, 100 };

	return wx_step_next(v, steps, 4);
}

/*
 * The same for a bound on an error: a third more than it must be at most, so
 * that it is no guess; and still so coarse that a repeated pull, which moves it
 * by far less, mostly gives the same.
 */
static inline double wx_step_bound(double v)
{
	static const int steps[] = {
		10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100
	};

	return wx_step_next(v, steps, 11);
}

#endif
