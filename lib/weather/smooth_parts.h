/* SPDX-License-Identifier: MIT */
/* lib/weather/smooth_parts.h: what smooth*.c share; nobody else needs it. */
#ifndef WX_WEATHER_SMOOTH_PARTS_H
#define WX_WEATHER_SMOOTH_PARTS_H

#include <stddef.h>

#include "weather/states.h"

/* Levels of fill; a tip is where they end. */
enum { WX_FILLS = 16 };

/* A chance of each state and level. */
typedef float wx_smooth_grid[WX_STATES][WX_FILLS];

/* The step of st->move[]; in may not be out. */
void wx_smooth_moves(const struct wx_states *st, int move, wx_smooth_grid in,
		     wx_smooth_grid out);
/* The same backward. */
void wx_smooth_moves_back(const struct wx_states *st, int move,
			  wx_smooth_grid in, wx_smooth_grid out);

/* Fills for dt_s; over[]: what of each state ran over. */
void wx_smooth_fill(const struct wx_states *st, double bucket_mm, double dt_s,
		    wx_smooth_grid g, float *over);
/* The same backward; beyond the brim is worth beyond[state], or 0. */
void wx_smooth_fill_back(const struct wx_states *st, double bucket_mm,
			 double dt_s, wx_smooth_grid g, const float *beyond);

/*
 * To a sum of 1; what adds up to nothing becomes v[fallback]. n is of states,
 * or of a grid. Returns ln of the sum.
 */
double wx_smooth_normalise(float *v, size_t n, size_t fallback);

#endif
