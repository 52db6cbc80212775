/* SPDX-License-Identifier: MIT */
/* lib/clock/step.h: the coarse steps that errors and grids are rounded to. */
#ifndef WX_CLOCK_STEP_H
#define WX_CLOCK_STEP_H

#include <math.h>

/*
 * The next of ... 0.01 0.02 0.05 0.1 0.2 0.5 ... that is not below v. An error
 * is never known better, and what differs by a little mostly gets the same.
 * 0 and less stay 0.
 */
static inline double wx_step_up(double v)
{
	double decade;

	if (!(v > 0))
		return 0;
	decade = pow(10, floor(log10(v)));
	/* 1e-9: 0.05 must stay 0.05 whatever the last bit says. */
	for (int i = 0; i < 4; i++) {
		static const double steps[] = { 1, 2, 5, 10 };

		if (v <= steps[i] * decade * (1 + 1e-9))
			return steps[i] * decade;
	}
	return 10 * decade;
}

#endif
