/* SPDX-License-Identifier: MIT */
/* lib/weather/smooth_step.c: rain goes on and a bucket fills, for one step. */
#include <math.h>
#include <string.h>

#include "weather/smooth_parts.h"

/* Moves less probable than this are left out. */
#define RARE 1e-7F

/* Apart, so that a compiler sees that it can do several levels at once. */
static inline void add(float *restrict out, float p, const float *restrict in)
{
	for (int k = 0; k < WX_FILLS; k++)
		out[k] += p * in[k];
}

/* in may not be out. */
void wx_smooth_moves(const struct wx_states *st, int move, wx_smooth_grid in,
		     wx_smooth_grid out)
{
	memset(out, 0, sizeof(wx_smooth_grid));
	for (int i = 0; i < WX_STATES; i++)
		for (int j = 0; j < WX_STATES; j++) {
			float p = st->move[move][i][j];

			if (p > RARE)
				add(out[j], p, in[i]);
		}
}

void wx_smooth_moves_back(const struct wx_states *st, int move,
			  wx_smooth_grid in, wx_smooth_grid out)
{
	memset(out, 0, sizeof(wx_smooth_grid));
	for (int i = 0; i < WX_STATES; i++)
		for (int j = 0; j < WX_STATES; j++) {
			float p = st->move[move][i][j];

			if (p > RARE)
				add(out[i], p, in[j]);
		}
}

/* Levels by which a state fills the bucket: whole ones, and a share. */
static int levels(double mm_h, double bucket_mm, double dt_s, float *f)
{
	double d = mm_h * dt_s / 3600 / bucket_mm * WX_FILLS;

	if (d >= WX_FILLS) {
		*f = 0;
		return WX_FILLS;
	}
	*f = (float)(d - floor(d));
	return (int)d;
}

/* Fills, and returns what of each state ran over. */
void wx_smooth_fill(const struct wx_states *st, double bucket_mm, double dt_s,
		    wx_smooth_grid g, float *over)
{
	for (int i = WX_STATES_DRY; i < WX_STATES; i++) {
		float f, from[2 * WX_FILLS + 1] = { 0 },
					     *x = from + WX_FILLS + 1;
		int n = levels(st->rate_mm_h[i], bucket_mm, dt_s, &f);

		memcpy(x, g[i], sizeof(g[i]));
		for (int k = 0; k < WX_FILLS; k++)
			g[i][k] = (1 - f) * x[k - n] + f * x[k - n - 1];
		over[i] = 0;
		for (int k = WX_FILLS - n; k < WX_FILLS; k++)
			over[i] += x[k];
		if (n < WX_FILLS)
			over[i] += f * x[WX_FILLS - n - 1];
	}
}

/* What lies beyond the brim is worth beyond[state]. */
void wx_smooth_fill_back(const struct wx_states *st, double bucket_mm,
			 double dt_s, wx_smooth_grid g, const float *beyond)
{
	for (int i = 0; i < WX_STATES; i++) {
		float f, x[2 * WX_FILLS + 1];
		int n = levels(st->rate_mm_h[i], bucket_mm, dt_s, &f);

		memcpy(x, g[i], sizeof(g[i]));
		for (int k = WX_FILLS; k <= 2 * WX_FILLS; k++)
			x[k] = beyond ? beyond[i] : 0;
		for (int k = 0; k < WX_FILLS; k++)
			g[i][k] = (1 - f) * x[k + n] + f * x[k + n + 1];
	}
}

/*
 * To a sum of 1; what adds up to nothing becomes the highest rate's. Returns
 * ln of what it was.
 */
double wx_smooth_normalise(float *v, size_t n, size_t fallback)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)v[i];
	if (!(sum > 1e-30)) {
		memset(v, 0, n * sizeof(*v));
		v[fallback] = 1;
		return log(1e-30);
	}
	for (size_t i = 0; i < n; i++)
		v[i] = (float)((double)v[i] / sum);
	return log(sum);
}
