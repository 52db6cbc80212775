/* SPDX-License-Identifier: MIT */
/* lib/weather/smooth_step.c: rain goes on and a bucket fills, for one step. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "weather/smooth_parts.h"

/* Moves less probable than this are left out. */
#define RARE 1e-7F
/* A sum below this is no chance at all. */
#define NOTHING 1e-30F

/* Apart, so that a compiler sees that it can do several levels at once. */
static inline void add(float *restrict out, float p, const float *restrict in)
{
	for (int k = 0; k < WX_FILLS; k++)
		out[k] += p * in[k];
}

void wx_smooth_moves(const struct wx_states *st, int move, wx_smooth_grid in,
		     wx_smooth_grid out)
{
	for (int j = 0; j < WX_STATES; j++) {
		float sum[WX_FILLS] = { 0 };

		for (int i = 0; i < WX_STATES; i++)
			if (st->move[move][i][j] > RARE)
				add(sum, st->move[move][i][j], in[i]);
		memcpy(out[j], sum, sizeof(sum));
	}
}

void wx_smooth_moves_back(const struct wx_states *st, int move,
			  wx_smooth_grid in, wx_smooth_grid out)
{
	for (int i = 0; i < WX_STATES; i++) {
		float sum[WX_FILLS] = { 0 };

		for (int j = 0; j < WX_STATES; j++)
			if (st->move[move][i][j] > RARE)
				add(sum, st->move[move][i][j], in[j]);
		memcpy(out[i], sum, sizeof(sum));
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
	enum { LANES = 4 }; /* so that a compiler adds up four at once */
	float part[LANES] = { 0 }, sum = 0;

	static_assert(WX_STATES % LANES == 0 && WX_FILLS % LANES == 0,
		      "n is whole lanes");
	for (size_t i = 0; i < n; i += LANES)
		for (int k = 0; k < LANES; k++)
			part[k] += v[i + (size_t)k];
	for (int k = 0; k < LANES; k++)
		sum += part[k];
	if (!(sum > NOTHING)) {
		memset(v, 0, n * sizeof(*v));
		v[fallback] = 1;
		return log((double)NOTHING);
	}
	for (size_t i = 0; i < n; i++)
		v[i] *= 1 / sum;
	return log((double)sum);
}
