/* SPDX-License-Identifier: MIT */
/* lib/dataset/split.c: see split.h. */
#include "dataset/split.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HOURS = 100 * 366 * 24, N_STRATA = WX_SPLIT_STRATA };

struct hour {
	uint32_t n_windows;
	uint16_t first_wet_s, last_wet_s; /* in the hour; first > last: dry */
	uint16_t stratum;                 /* highest of its windows */
	bool joined;                      /* to the hour before, by an event */
	bool testing;                     /* once dealt */
	bool keep[2];                     /* locked to a side */
};

struct wx_split {
	struct hour *hour;
	int64_t first; /* hours since 1970 */
	size_t n;
	double purge_s;
};

struct wx_split *wx_split_new(double purge_s)
{
	struct wx_split *s = calloc(1, sizeof(*s));

	if (s)
		s->purge_s = purge_s;
	return s;
}

void wx_split_free(struct wx_split *s)
{
	if (!s)
		return;
	free(s->hour);
	free(s);
}

static int64_t hour_of(struct wx_time t)
{
	int64_t s = t.utc_ns / WX_NS_PER_S - (t.utc_ns % WX_NS_PER_S < 0);

	return s / WX_SPLIT_BLOCK_S - (s % WX_SPLIT_BLOCK_S < 0);
}

static struct wx_time hour_start(int64_t hour)
{
	return (struct wx_time){ hour * WX_SPLIT_BLOCK_S * WX_NS_PER_S };
}

/* Make the table reach from hour a to b; new hours are dry and empty. */
static int reach(struct wx_split *s, int64_t a, int64_t b, struct wx_error *err)
{
	int64_t first = s->n && s->first < a ? s->first : a;
	int64_t last = s->n && s->first + (int64_t)s->n - 1 > b
			       ? s->first + (int64_t)s->n - 1
			       : b;
	size_t n = (size_t)(last - first + 1);
	struct hour *more;

	if (n == s->n)
		return WX_OK;
	if (last - first >= MAX_HOURS)
		return wx_fail(err, WX_ERR_RANGE,
			       "the windows span over 100 years; is a clock "
			       "wrong?");
	more = malloc(n * sizeof(*more));
	if (!more)
		return wx_fail_nomem(err);
	for (size_t i = 0; i < n; i++)
		more[i] = (struct hour){ .first_wet_s = UINT16_MAX };
	if (s->n)
		memcpy(more + (s->first - first), s->hour,
		       s->n * sizeof(*more));
	free(s->hour);
	s->hour = more;
	s->first = first;
	s->n = n;
	return WX_OK;
}

int wx_split_add(struct wx_split *s, struct wx_time start, double length_s,
		 int stratum, bool wet, struct wx_error *err)
{
	struct wx_time end = wx_time_add_s(start, length_s - 1e-3);
	int64_t a = hour_of(start), b = hour_of(end);
	int rc = reach(s, a, b, err);

	if (rc)
		return rc;
	s->hour[a - s->first].n_windows += stratum >= 0;
	for (int64_t i = a; i <= b; i++) {
		struct hour *h = &s->hour[i - s->first];
		double from = wx_time_diff_s(start, hour_start(i));
		double to = wx_time_diff_s(end, hour_start(i));

		if (h->stratum < stratum)
			h->stratum = (uint16_t)stratum;
		if (!wet)
			continue;
		from = fmax(from, 0);
		to = fmin(to, WX_SPLIT_BLOCK_S);
		if (h->first_wet_s > from)
			h->first_wet_s = (uint16_t)from;
		if (h->last_wet_s < to)
			h->last_wet_s = (uint16_t)to;
	}
	return WX_OK;
}

static bool is_wet(const struct hour *h)
{
	return h->first_wet_s <= h->last_wet_s;
}

/* SplitMix64 (Steele, Lea, Flood 2014): one well mixed number of another. */
static uint64_t mix(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

double wx_split_chance(uint64_t seed, uint64_t of)
{
	return (double)(mix(seed ^ mix(of)) >> 11) / 9007199254740992.0;
}

void wx_split_lock(struct wx_split *s, struct wx_time t, enum wx_side side)
{
	int64_t i = hour_of(t) - s->first;

	if (i >= 0 && i < (int64_t)s->n && side != WX_SIDE_PURGED)
		s->hour[i].keep[side] = true;
}

/* Hours i to end - 1 go to a side as one, but for those that are locked. */
static void put_block(struct wx_split *s, size_t i, size_t end, bool testing)
{
	for (; i < end; i++) {
		struct hour *h = &s->hour[i];

		h->testing = h->keep[WX_SIDE_TESTING] ||
			     (testing && !h->keep[WX_SIDE_TRAINING]);
	}
}

void wx_split_deal(struct wx_split *s, double test_share, uint64_t seed)
{
	double owed[N_STRATA]; /* test windows due and not yet dealt */

	/* NAN: no block of this stratum yet. */
	for (int i = 0; i < N_STRATA; i++)
		owed[i] = NAN;
	for (size_t i = 1; i < s->n; i++) {
		const struct hour *a = &s->hour[i - 1], *b = &s->hour[i];

		s->hour[i].joined =
			is_wet(a) && is_wet(b) &&
			WX_SPLIT_BLOCK_S - a->last_wet_s + b->first_wet_s <=
				WX_SPLIT_EVENT_GAP_S;
	}
	for (size_t i = 0, end; i < s->n; i = end) {
		double n = 0;
		int stratum = 0;
		bool keep[2] = { false, false };

		for (end = i; end < s->n && (end == i || s->hour[end].joined);
		     end++) {
			n += s->hour[end].n_windows;
			if (stratum < s->hour[end].stratum)
				stratum = s->hour[end].stratum;
			keep[0] |= s->hour[end].keep[0];
			keep[1] |= s->hour[end].keep[1];
		}
		if (n == 0)
			continue;
		/* A stratum's first block always trains: seed's chance to be
		 * early stops short of that. */
		if (isnan(owed[stratum]))
			owed[stratum] =
				n * fmax(0, 0.5 - test_share) *
				wx_split_chance(seed, (uint64_t)stratum);
		owed[stratum] += n * test_share;

		bool testing = keep[WX_SIDE_TESTING] ||
			       (!keep[WX_SIDE_TRAINING] && test_share > 0 &&
				owed[stratum] >= n / 2);

		if (testing)
			owed[stratum] -= n;
		put_block(s, i, end, testing);
	}
}

static bool tests_at(const struct wx_split *s, int64_t hour)
{
	return hour >= s->first && hour < s->first + (int64_t)s->n &&
	       s->hour[hour - s->first].testing;
}

/* How many of the hours from a to b test? */
static int64_t n_testing(const struct wx_split *s, struct wx_time a,
			 struct wx_time b)
{
	int64_t n = 0;

	for (int64_t i = hour_of(a); i <= hour_of(b); i++)
		n += tests_at(s, i);
	return n;
}

enum wx_side wx_split_side(const struct wx_split *s, struct wx_time start,
			   double length_s)
{
	struct wx_time end = wx_time_add_s(start, length_s - 1e-3);

	if (tests_at(s, hour_of(start)))
		/* It may not reach into training. */
		return n_testing(s, start, end) ==
				       hour_of(end) - hour_of(start) + 1
			       ? WX_SIDE_TESTING
			       : WX_SIDE_PURGED;
	return n_testing(s, wx_time_add_s(start, -s->purge_s),
			 wx_time_add_s(end, s->purge_s))
		       ? WX_SIDE_PURGED
		       : WX_SIDE_TRAINING;
}

struct wx_time wx_split_block(const struct wx_split *s, struct wx_time t)
{
	int64_t hour = hour_of(t);

	while (hour > s->first && hour < s->first + (int64_t)s->n &&
	       s->hour[hour - s->first].joined)
		hour--;
	return hour_start(hour);
}

int wx_split_n_blocks(const struct wx_split *s, enum wx_side side)
{
	bool testing = side == WX_SIDE_TESTING;
	int n = 0;

	for (size_t i = 0; i < s->n; i++)
		n += !s->hour[i].joined && s->hour[i].testing == testing &&
		     s->hour[i].n_windows > 0;
	return n;
}

void wx_split_hours(const struct wx_split *s, int *n, int *n_empty)
{
	size_t first = 0, end = s->n;

	while (first < end && !s->hour[first].n_windows)
		first++;
	while (end > first && !s->hour[end - 1].n_windows)
		end--;
	*n = (int)(end - first);
	*n_empty = 0;
	for (size_t i = first; i < end; i++)
		*n_empty += !s->hour[i].n_windows;
}
