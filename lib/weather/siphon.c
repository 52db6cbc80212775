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

/* How many tips, of n, are of the first one's release. */
static size_t release(const struct wx_tip *t, size_t n)
{
	size_t k = 1;

	while (k < n &&
	       between_s(&t[k - 1], &t[k]) <
		       WX_SIPHON_RELEASE_S +
			       (double)(t[k - 1].sigma_s + t[k].sigma_s) &&
	       between_s(&t[0], &t[k - 1]) < WX_SIPHON_RELEASE_S)
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

/* A tip later than the one before, at a place that is known no better. */
static struct wx_tip tip_at(const struct wx_tip *like, int64_t ns)
{
	struct wx_tip t = *like;

	t.utc_ns = ns;
	t.sigma_s = fmaxf(t.sigma_s, (float)(WX_SIPHON_RELEASE_S / sqrt(12)));
	return t;
}

size_t wx_siphon_join(struct wx_tip *tip, size_t n, double *bucket_mm)
{
	double each = n ? usual(tip, n, *bucket_mm) : 1;
	size_t to = 0;

	for (size_t i = 0, k; i < n; i += k) {
		int64_t first = tip[i].utc_ns, last;
		struct wx_tip like = tip[i];
		size_t m;

		k = release(tip + i, n - i);
		last = tip[i + k - 1].utc_ns;
		m = (size_t)fmin(fmax(round((double)k / each), 1), (double)k);
		for (size_t j = 0; j < m; j++)
			tip[to++] = tip_at(
				&like,
				first + (int64_t)((double)(last - first) *
						  (double)j / (double)m));
	}
	if (to)
		*bucket_mm *= (double)n / (double)to;
	return to;
}
