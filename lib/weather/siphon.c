/* SPDX-License-Identifier: MIT */
/* lib/weather/siphon.c: see siphon.h. */
#include "weather/siphon.h"

#include <math.h>

/* Silence on both sides of a release that is surely one. */
#define QUIET_S (4 * WX_SIPHON_RELEASE_S)
/* Fewer releases alone tell nothing. */
#define LIKE_MIN 8
/* Nor do tips that are known to a minute. */
#define LIKE_SIGMA_S 5.0F

static double between_s(const struct wx_tip *a, const struct wx_tip *b)
{
	return (double)(b->utc_ns - a->utc_ns) / 1e9;
}

/*
 * Do two neighbours belong together? Those that a logger counted in one row
 * do; others if they are as near as their stamps can tell.
 */
static bool is_next(const struct wx_tip *a, const struct wx_tip *b)
{
	return b->flags & WX_TIP_SAME_ROW ||
	       between_s(a, b) <
		       WX_SIPHON_RELEASE_S + (double)(a->sigma_s + b->sigma_s);
}

/* How many tips, of n, are of the first one's release. */
static size_t release(const struct wx_tip *t, size_t n)
{
	size_t k = 1;

	while (k < n && is_next(&t[k - 1], &t[k]) &&
	       (t[k].flags & WX_TIP_SAME_ROW ||
		between_s(&t[0], &t[k - 1]) < WX_SIPHON_RELEASE_S))
		k++;
	return k;
}

/* Releases, and their tips; of those that stand alone, and of all. */
struct counts {
	size_t alone, alone_tips, several; /* several: of two tips and more */
	size_t all;
};

static struct counts count(const struct wx_tip *t, size_t n)
{
	struct counts c = { 0 };

	for (size_t i = 0, k; i < n; i += k) {
		k = release(t + i, n - i);
		c.all++;
		if ((i && between_s(&t[i - 1], &t[i]) < QUIET_S) ||
		    (i + k < n &&
		     between_s(&t[i + k - 1], &t[i + k]) < QUIET_S))
			continue;
		c.alone++;
		c.alone_tips += k;
		c.several += k > 1;
	}
	return c;
}

/* Tips of a release, on average. */
static double usual(const struct wx_tip *t, size_t n, double bucket_mm)
{
	struct counts c = count(t, n);
	double mean = c.alone ? (double)c.alone_tips / (double)c.alone
			      : (double)n / (double)c.all;

	return fmin(mean, fmax(WX_SIPHON_MOST_MM / bucket_mm, 1));
}

bool wx_siphon_like(const struct wx_tip *tip, size_t n)
{
	struct counts c = count(tip, n);

	for (size_t i = 0; i < n; i++)
		if (tip[i].sigma_s > LIKE_SIGMA_S)
			return false;
	return c.alone >= LIKE_MIN && 3 * c.several > 2 * c.alone;
}

/*
 * m tips in place of k, which may stand at the same place. A release begins
 * where the siphon was full; one that a row counted may be anywhere in the row.
 */
static void join(struct wx_tip *out, size_t m, const struct wx_tip *tip,
		 size_t k)
{
	bool row = k > 1 && tip[1].flags & WX_TIP_SAME_ROW;
	double each_s =
		k > 1 ? between_s(&tip[0], &tip[k - 1]) / (double)(k - 1) : 0;
	double length_s = each_s * (double)(row ? k : k - 1);
	double before_s = row ? each_s / 2 : 0, share = row ? .5 : 0;
	float sigma_s = (float)(fmax(row ? length_s / (double)m : 0,
				     WX_SIPHON_RELEASE_S) /
				sqrt(12));
	struct wx_tip first = tip[0];

	first.flags &= ~(unsigned)WX_TIP_SAME_ROW;
	first.sigma_s = fmaxf(first.sigma_s, sigma_s);
	for (size_t j = 0; j < m; j++) {
		double s = length_s * ((double)j + share) / (double)m;

		out[j] = first;
		out[j].utc_ns += (int64_t)((s - before_s) * 1e9);
	}
}

size_t wx_siphon_join(struct wx_tip *tip, size_t n, double *bucket_mm)
{
	double each = n ? usual(tip, n, *bucket_mm) : 1;
	size_t to = 0;

	for (size_t i = 0, k; i < n; i += k) {
		size_t m;

		k = release(tip + i, n - i);
		m = (size_t)fmin(fmax(round((double)k / each), 1), (double)k);
		join(tip + to, m, tip + i, k);
		to += m;
	}
	if (to)
		*bucket_mm *= (double)n / (double)to;
	return to;
}
