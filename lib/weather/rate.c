/* SPDX-License-Identifier: MIT */
/* lib/weather/rate.c: tips around a window into its rate and class. */
#include "weather/rate_parts.h"

#include <math.h>
#include <string.h>

#include "weather/senses.h"
#include "weather/smooth.h"

/*
 * P(none, little, rain) with limits 0.1 and 2.5 mm/h for a window in a gap of
 * gap_s and more, at least near_s from the nearer tip: 0.2 mm bucket, real
 * rain series of five climates, windows within 30 minutes of true rain; the
 * last row is for the rest of the year. Rows of one gap must stand together,
 * by rising near_s. Where the source gives a range, its middle; the row 7200,
 * 60 it leaves out lies between its neighbours.
 */
static const struct cell {
	double gap_s, near_s, none, little;
} cells[WX_RATE_CELLS] = {
	{ 1200, 0, .20, .79 },     { 1800, 0, .11, .73 },
	{ 1800, 60, .21, .74 },    { 1800, 180, .44, .56 },
	{ 1800, 600, .56, .44 },   { 3600, 0, .17, .64 },
	{ 3600, 60, .35, .63 },    { 3600, 180, .60, .40 },
	{ 3600, 600, .89, .11 },   { 7200, 0, .08, .65 },
	{ 7200, 60, .38, .60 },    { 7200, 180, .635, .365 },
	{ 7200, 600, .865, .135 }, { 7200, WX_RATE_FAR_S, .99, .009 },
};
/* Where the table was measured: its limits, mm/h. */
#define TABLE_LOW_MM_H  0.1
#define TABLE_HIGH_MM_H 2.5
/* No table of 60 numbers is surer than this. */
#define TABLE_MIN_P 0.002

/* Scatter of ln(true rate / rate) by the gap, middles of the table's rows. */
static const struct point {
	double gap_s, value;
} sigmas[] = {
	{ 20, .06 },  { 45, .12 },  { 85, .16 },   { 190, .25 },
	{ 425, .43 }, { 850, .78 }, { 1470, .85 }, { 2500, 1 },
}, dry_shares[] = { /* within a gap of an event it may be dry all the same */
	{ 60, 0 }, { 90, .01 }, { 210, .01 }, { 450, .02 }, { 900, .16 },
	{ 1500, .20 },
};

/* The water before a first tip and after a last one spreads at most so far. */
#define EDGE_SHARE 4 /* of WX_RATE_EVENT_GAP_S */
/* A tip each 3 s of a 0.2 mm bucket is 240 mm/h: rather a hand than rain. */
#define FAST_GAP_S 3.0
/* Tips of two rows that overlap may stand at one instant. */
#define MIN_GAP_S 0.001
/* Below this start_sigma_s the place of a window is as good as known. */
#define SURE_START_S 0.05
/* Above this, more than a stamp to the minute, it may be in another shower. */
#define COARSE_START_S 20.0

/* One side of a gap. */
struct side {
	int64_t ns;
	bool real; /* a tip; else where the record ends, or nothing at all */
	double next_s; /* gap beyond it, NAN: none within the event */
};

/* What the pieces of a window add up to. */
struct sum {
	double mm;       /* all water */
	double event_mm; /* that within gaps of an event ... */
	double event_s;  /* ... and for how long */
	double span_s;   /* those gaps, whole */
	double tip_sigma_s;
	double cdf[WX_MAX_LIMITS]; /* of the rest, weighted by seconds */
};

static double between(const struct point *p, size_t n, double gap_s)
{
	size_t i = 1;

	if (gap_s <= p[0].gap_s)
		return p[0].value;
	while (i < n && p[i].gap_s < gap_s)
		i++;
	if (i == n)
		return p[n - 1].value;
	return p[i - 1].value + (p[i].value - p[i - 1].value) *
					log(gap_s / p[i - 1].gap_s) /
					log(p[i].gap_s / p[i - 1].gap_s);
}

double wx_rate_scatter(double gap_s)
{
	return between(sigmas, WX_COUNT(sigmas), gap_s);
}

/* x with wx_normal_cdf(x) = p; only for the table, so halving will do. */
static double normal_inverse(double p)
{
	double lo = -9, hi = 9;

	for (int i = 0; i < 60; i++) {
		double x = (lo + hi) / 2;

		if (wx_normal_cdf(x) < p)
			lo = x;
		else
			hi = x;
	}
	return (lo + hi) / 2;
}

/*
 * The table knows two points of the rate's distribution. Between and above
 * them it is taken for log-normal, the one through both; what is below the
 * lower point is taken for truly dry, hence below every limit.
 */
static double cell_cdf(const struct cell *c, double limit)
{
	double z0 = normal_inverse(fmax(c->none, TABLE_MIN_P));
	double z1 = normal_inverse(fmin(c->none + c->little, 1 - TABLE_MIN_P));

	if (limit <= TABLE_LOW_MM_H)
		return c->none;
	return wx_normal_cdf(z0 +
			     (z1 - z0) * log(limit / TABLE_LOW_MM_H) /
				     log(TABLE_HIGH_MM_H / TABLE_LOW_MM_H));
}

void wx_rate_init(struct wx_rate *r, const struct wx_gauge *gauge,
		  const struct wx_classes *classes)
{
	*r = (struct wx_rate){ .gauge = gauge, .classes = classes };
	r->scale = isnan(gauge->bucket_mm)
			   ? 1
			   : gauge->bucket_mm / WX_RATE_TABLE_BUCKET_MM;
	for (int c = 0; c < WX_RATE_CELLS; c++)
		for (int i = 0; i < classes->n - 1; i++)
			r->cell_cdf[c][i] =
				cell_cdf(&cells[c], classes->limit[i]);
}

int wx_rate_cell(double gap_s, double near_s)
{
	int c = WX_RATE_CELLS - 1;

	while (c > 0 && cells[c].gap_s > gap_s)
		c--;
	while (c > 0 && cells[c].near_s > near_s)
		c--;
	return c;
}

/* Seconds that [a, b) and [c, d) share. */
static double shared_s(double a, double b, double c, double d)
{
	return fmax(fmin(b, d) - fmax(a, c), 0);
}

void wx_rate_add_cell(const struct wx_rate *r, int cell, double weight,
		      double *cdf)
{
	for (int i = 0; i < r->classes->n - 1; i++)
		cdf[i] += weight * r->cell_cdf[cell][i];
}

/*
 * A steady rate with its scatter, dry with probability dry. tip_sigma_s is
 * the doubt of where tips span_s apart stand.
 */
static void add_lognormal(struct wx_rate *r, double mm_h, double gap_s,
			  double tip_sigma_s, double span_s, double dry,
			  double weight, double *cdf)
{
	double s = wx_rate_scatter(gap_s / r->scale);
	double t = tip_sigma_s / span_s;
	double lost = 0.2 * WX_RATE_LOST_S / gap_s; /* doubt in what is lost */
	double sigma =
		sqrt(s * s + WX_RATE_BUCKET_SIGMA * WX_RATE_BUCKET_SIGMA +
		     2 * t * t + lost * lost);

	r->sigma_ln = fmax(r->sigma_ln, sigma); /* NAN: sigma */
	for (int i = 0; i < r->classes->n - 1; i++)
		cdf[i] += weight *
			  (dry +
			   (1 - dry) * wx_normal_cdf(log(r->classes->limit[i] /
							 mm_h) /
						     sigma));
}

/* Tips gap_s apart: mm/h. */
static double rate_of(const struct wx_rate *r, double gap_s)
{
	double s = fmax(gap_s - WX_RATE_LOST_S, gap_s / 10);

	return 3600 * r->gauge->bucket_mm / s;
}

/*
 * The part [a, b) of a window, seconds after the left side of a gap of gap_s,
 * where one event may have ended and another begun. Within the gap next to a
 * tip, at the distance n from it, the chance that this event's water still (or
 * already) falls drops evenly to 0: the bucket's fill is anything up to full.
 * For the rest the table speaks.
 */
static void add_edge(struct wx_rate *r, const struct side *left,
		     const struct side *right, double gap_s, double a, double b,
		     struct sum *sum)
{
	double mid = (a + b) / 2;
	double to_left = left->real ? mid : INFINITY;
	double to_right = right->real ? gap_s - mid : INFINITY;
	double near_s = fmin(to_left, to_right);
	double next_s = to_left < to_right ? left->next_s : right->next_s;
	double still = fmax(1 - near_s / next_s, 0); /* NAN: 0 */

	wx_rate_add_cell(r, wx_rate_cell(gap_s / r->scale, near_s / r->scale),
			 (1 - still) * (b - a), sum->cdf);
	if (still > 0)
		add_lognormal(r, rate_of(r, next_s), next_s, 0, next_s, 0,
			      still * (b - a), sum->cdf);
}

/* Half a bucket beside an event's outer tip. */
static double end_mm(const struct wx_rate *r, const struct side *side,
		     double gap_s, double a, double b)
{
	double most = WX_RATE_EVENT_GAP_S / EDGE_SHARE * r->scale;
	double s = fmin(fmin(side->next_s, most) / 2, gap_s);

	return side->real ? r->gauge->bucket_mm / 2 * shared_s(a, b, 0, s) / s
			  : 0;
}

/*
 * Water of [a, b) in a gap between two events, at its two ends only: what one
 * leaves is in the other's first tip, so that the sum is that of the tips.
 */
static double edge_mm(const struct wx_rate *r, const struct side *left,
		      const struct side *right, double gap_s, double a,
		      double b)
{
	return end_mm(r, left, gap_s, a, b) +
	       end_mm(r, right, gap_s, gap_s - b, gap_s - a);
}

static void add_gap(struct wx_rate *r, const struct side *left,
		    const struct side *right, int64_t from, int64_t to,
		    struct sum *sum)
{
	double gap_s = wx_rate_s(right->ns - left->ns);
	double a = wx_rate_s(from - left->ns), b = wx_rate_s(to - left->ns);
	bool both = left->real && right->real;

	if (both && gap_s <= WX_RATE_EVENT_GAP_S * r->scale) {
		double mm = rate_of(r, gap_s) * (b - a) / 3600;

		sum->mm += mm;
		if (gap_s <= WX_RATE_TABLE_GAP_S * r->scale) {
			sum->event_mm += mm;
			sum->event_s += b - a;
			sum->span_s += gap_s;
			return;
		}
		wx_rate_add_cell(r, wx_rate_cell(gap_s / r->scale, 0), b - a,
				 sum->cdf);
		return;
	}
	sum->mm += edge_mm(r, left, right, gap_s, a, b);
	add_edge(r, left, right, gap_s, a, b, sum);
}

/* Windows mostly come in order. */
size_t wx_rate_tip_after(struct wx_rate *r, int64_t ns)
{
	const struct wx_gauge *g = r->gauge;
	size_t hi = g->n_tips;

	if (r->at > hi || (r->at && g->tip[r->at - 1].utc_ns > ns))
		r->at = 0;
	for (int i = 0; i < 4 && r->at < hi; i++, r->at++)
		if (g->tip[r->at].utc_ns > ns)
			return r->at;
	return r->at = wx_gauge_tip_after(g, r->at, ns);
}

/*
 * Tip i as the side of a gap, or what stands in its place: beyond stands for
 * the record's end. step is where its own event goes on: -1 before, +1 after.
 */
static struct side side_of(const struct wx_rate *r, const struct wx_span *read,
			   size_t i, int step, int64_t beyond)
{
	const struct wx_gauge *g = r->gauge;
	struct side s = { .ns = beyond, .next_s = NAN };
	size_t j = i + (size_t)step;

	if (i >= g->n_tips || g->tip[i].utc_ns < read->from_ns ||
	    g->tip[i].utc_ns > read->to_ns)
		return s;
	s.ns = g->tip[i].utc_ns;
	s.real = true;
	if (j < g->n_tips && g->tip[j].utc_ns >= read->from_ns &&
	    g->tip[j].utc_ns <= read->to_ns) {
		double gap = fabs(wx_rate_s(g->tip[j].utc_ns - s.ns));

		if (gap <= WX_RATE_EVENT_GAP_S * r->scale)
			s.next_s = fmax(gap, MIN_GAP_S);
	}
	return s;
}

/* All gaps that [from, to) touches; the record's ends stand at ends[]. */
static void add_gaps(struct wx_rate *r, const struct wx_span *read,
		     int64_t from, int64_t to, const int64_t ends[2],
		     struct sum *sum)
{
	const struct wx_gauge *g = r->gauge;
	size_t i = wx_rate_tip_after(r, from);
	struct side left = side_of(r, read, i - 1, -1, ends[0]);

	if (left.real)
		sum->tip_sigma_s = g->tip[i - 1].sigma_s;
	while (from < to) {
		struct side right = side_of(r, read, i, +1, ends[1]);
		int64_t end = right.ns < to ? right.ns : to;

		if (right.real)
			sum->tip_sigma_s = fmax(sum->tip_sigma_s,
						(double)g->tip[i].sigma_s);
		if (end > from)
			add_gap(r, &left, &right, from, end, sum);
		from = end > from ? end : from;
		if (!right.real)
			break;
		left = side_of(r, read, i, -1, ends[0]);
		i++;
	}
}

/* mm/h, and P(rate < limit) into cdf, of [from, to) at one place in time. */
static double judge_at(struct wx_rate *r, const struct wx_span *read,
		       int64_t from, int64_t to, const int64_t ends[2],
		       double weight, double *cdf)
{
	struct sum sum = { 0 };
	double length_s = wx_rate_s(to - from);

	add_gaps(r, read, from, to, ends, &sum);
	if (sum.event_s > 0) {
		double mm_h = 3600 * sum.event_mm / sum.event_s;
		double gap_s =
			3600 * r->gauge->bucket_mm / mm_h + WX_RATE_LOST_S;
		double dry = between(dry_shares, WX_COUNT(dry_shares),
				     gap_s / r->scale);

		add_lognormal(r, mm_h, gap_s, sum.tip_sigma_s, sum.span_s, dry,
			      sum.event_s, sum.cdf);
	}
	for (int i = 0; i < r->classes->n - 1; i++)
		cdf[i] += weight * sum.cdf[i] / length_s;
	return 3600 * sum.mm / length_s;
}

/*
 * The same where the record may end before the gap does: the next tip could
 * come at once, or never. Half of each: only what both agree on is sure.
 */
static double judge_within(struct wx_rate *r, const struct wx_span *read,
			   int64_t from, int64_t to, double weight, double *cdf,
			   struct wx_rate_why *why)
{
	/* As far as the table can see, and short of overflow. */
	int64_t far = (int64_t)(3e9 * WX_RATE_FAR_S * fmax(r->scale, 1));
	int64_t near[2] = { read->from_ns, read->to_ns };
	int64_t never[2] = { from - far, to + far };
	double mm_h;

	near[0] = from < near[0]       ? from
		  : near[0] < never[0] ? never[0]
				       : near[0];
	near[1] = to > near[1] ? to : near[1] > never[1] ? never[1] : near[1];
	if (!why->edge || (near[0] == never[0] && near[1] == never[1]))
		return judge_at(r, read, from, to, never, weight, cdf);
	mm_h = judge_at(r, read, from, to, never, weight / 2, cdf);
	judge_at(r, read, from, to, near, weight / 2, cdf);
	return mm_h;
}

/* What the window is judged by; sets the flags of why. */
static void look_around(struct wx_rate *r, const struct wx_span *read,
			int64_t from, int64_t to, struct wx_rate_why *why)
{
	const struct wx_gauge *g = r->gauge;
	size_t i = wx_rate_tip_after(r, from), first = i;
	int64_t before = read->from_ns, after = read->to_ns;

	if (i > 0 && g->tip[i - 1].utc_ns >= read->from_ns) {
		first = why->prev = i - 1;
		before = g->tip[i - 1].utc_ns;
		why->bounce = g->tip[i - 1].flags & WX_TIP_BOUNCE;
	}
	while (i < g->n_tips && g->tip[i].utc_ns < to)
		i++;
	if (i < g->n_tips && g->tip[i].utc_ns <= read->to_ns) {
		why->next = i;
		after = g->tip[i].utc_ns;
	}
	for (size_t k = first; k < i; k++) {
		why->bounce |= !!(g->tip[k].flags & WX_TIP_BOUNCE);
		if (k + 1 < g->n_tips &&
		    wx_rate_s(g->tip[k + 1].utc_ns - g->tip[k].utc_ns) <
			    FAST_GAP_S * r->scale)
			why->too_fast = true;
	}
	why->gap_s = wx_rate_s(after - before);
	/* A gap this long is the same to the table, however long it is. */
	why->edge = (why->prev == SIZE_MAX || why->next == SIZE_MAX) &&
		    why->gap_s < WX_RATE_FAR_S * r->scale;
}

/* Is no other tip of tip i's event there? */
static bool is_lone(const struct wx_gauge *g, size_t i, double event_s)
{
	return i >= g->n_tips ||
	       ((i == 0 || wx_rate_s(g->tip[i].utc_ns - g->tip[i - 1].utc_ns) >
				   event_s) &&
		(i + 1 == g->n_tips ||
		 wx_rate_s(g->tip[i + 1].utc_ns - g->tip[i].utc_ns) > event_s));
}

/* How well the place of the nearer tip is known. */
static double near_sigma(const struct wx_gauge *g, int64_t from, int64_t to,
			 const struct wx_rate_why *why)
{
	double before = INFINITY, after = INFINITY;

	if (why->prev != SIZE_MAX)
		before = wx_rate_s(from - g->tip[why->prev].utc_ns);
	if (why->next != SIZE_MAX)
		after = wx_rate_s(g->tip[why->next].utc_ns - to);
	if (isinf(fmin(before, after)))
		return 0;
	return (double)g->tip[before < after ? why->prev : why->next].sigma_s;
}

/* Would the label be the same with the window a little earlier or later? */
static bool place_matters(const struct wx_rate *r, const struct wx_span *read,
			  int64_t from, int64_t to, double sigma_s,
			  double clock_s, const struct wx_rate_why *why)
{
	const struct wx_gauge *g = r->gauge;
	double before = INFINITY, after = INFINITY;

	if (sigma_s < SURE_START_S)
		return false;
	if (why->prev != SIZE_MAX)
		before = wx_rate_s(from - g->tip[why->prev].utc_ns);
	if (why->next != SIZE_MAX)
		after = wx_rate_s(g->tip[why->next].utc_ns - to);
	sigma_s *= 2;
	if (wx_rate_s(from - read->from_ns) < 2 * clock_s ||
	    wx_rate_s(read->to_ns - to) < 2 * clock_s)
		return true;
	if (fmin(before, after) > WX_RATE_FAR_S * r->scale + sigma_s)
		return false;
	return why->gap_s > WX_RATE_TABLE_GAP_S * r->scale ||
	       fmin(before, after) < sigma_s || why->edge;
}

/*
 * Where a window may be, in sigmas; each is as probable as its weight. Three
 * points are Gauss and Hermite's, exact for what bends gently. Where the clock
 * is so bad that whole showers fit in between, fifteen equal parts.
 */
struct places {
	int n;
	const double *shift, *weight; /* NULL: all the same */
};

static struct places places_of(double sigma_s)
{
	static const double none = 0;
	static const double hermite[3] = { -1.7320508, 0, 1.7320508 };
	static const double hermite_weight[3] = { 1 / 6.0, 2 / 3.0, 1 / 6.0 };
	static const double even[15] = { -1.8339, -1.2816, -.9674, -.7279,
					 -.5244,  -.3407,  -.1679, 0,
					 .1679,   .3407,   .5244,  .7279,
					 .9674,   1.2816,  1.8339 };

	if (sigma_s <= 0)
		return (struct places){ 1, &none, NULL };
	if (sigma_s <= COARSE_START_S)
		return (struct places){ 3, hermite, hermite_weight };
	return (struct places){ 15, even, NULL };
}

/*
 * One place where the window may be against the tips; NAN where its clock puts
 * it, off_ns away, outside of what the gauge was read for.
 */
static double judge_place(struct wx_rate *r, int64_t from, int64_t to,
			  int64_t by_ns, int64_t off_ns, double weight,
			  double *cdf, bool *wet, struct wx_rate_why *why)
{
	const struct wx_span *read =
		wx_spans_find(&r->gauge->read, from + off_ns, to + off_ns);
	double here[WX_MAX_LIMITS] = { 0 }, mm_h;
	int n = r->classes->n;

	for (int i = 0; i < n - 1 && !read; i++) /* any class as well */
		cdf[i] += weight * (i + 1) / n;
	if (!read)
		return NAN;
	from += by_ns;
	to += by_ns;
	if (r->gauge->by_amount)
		return wx_rate_by_amount(r, read, from, to, weight, cdf, wet);
	mm_h = judge_within(r, read, from, to, 1, here, why);
	wx_rate_pool(r, read, from, to, here);
	for (int i = 0; i < n - 1; i++)
		cdf[i] += weight * here[i];
	return mm_h;
}

/*
 * Averaged over where the window may be: sigma_s against the tips, of which
 * clock_s is its own clock's.
 */
static double judge(struct wx_rate *r, int64_t from, int64_t to, double sigma_s,
		    double clock_s, double *cdf, bool *wet,
		    struct wx_rate_why *why)
{
	struct places p = places_of(sigma_s);
	double sum = 0, known = 0;

	for (int i = 0; i < p.n; i++) {
		int64_t by = (int64_t)(p.shift[i] * sigma_s * 1e9);
		int64_t off = (int64_t)(p.shift[i] * clock_s * 1e9);
		double weight = p.weight ? p.weight[i] : 1.0 / p.n;
		double mm_h = judge_place(r, from, to, by, off, weight, cdf,
					  wet, why);

		if (!isnan(mm_h)) {
			sum += weight * mm_h;
			known += weight;
		}
	}
	return sum / known;
}

void wx_rate_label(struct wx_rate *r, struct wx_time start, double length_s,
		   double start_sigma_s, struct wx_class_label *out,
		   struct wx_rate_why *why)
{
	const struct wx_gauge *g = r->gauge;
	int64_t from = start.utc_ns, to = from + (int64_t)(length_s * 1e9);
	const struct wx_span *read = wx_spans_find(&g->read, from, to);
	double cdf[WX_MAX_LIMITS] = { 0 }, sigma_s = start_sigma_s, by_s, mm_h;
	bool wet = false;

	*why = (struct wx_rate_why){ .prev = SIZE_MAX,
				     .next = SIZE_MAX,
				     .gap_s = NAN,
				     .sigma_ln = NAN,
				     .outside = !read };
	wx_class_unknown(out);
	if (!read || to <= from || g->no_bucket)
		return;
	if (g->by_amount) {
		if (sigma_s < SURE_START_S)
			sigma_s = 0;
	} else {
		look_around(r, read, from, to, why);
		by_s = near_sigma(g, from, to, why);
		sigma_s = sqrt(sigma_s * sigma_s + by_s * by_s);
		if (!place_matters(r, read, from, to, sigma_s, start_sigma_s,
				   why))
			sigma_s = 0;
	}
	r->sigma_ln = NAN;
	r->smoothed = false;
	mm_h = judge(r, from, to, sigma_s, start_sigma_s, cdf, &wet, why);
	why->sigma_ln = r->sigma_ln;
	why->smoothed = r->smoothed;
	if (why->smoothed)
		wx_smooth_characters(r->smooth, why->character);
	memcpy(why->unsensed_cdf, cdf, sizeof(cdf));
	if (r->senses)
		why->sensed = wx_senses_weigh(r->senses, r, from, to, why,
					      &mm_h, cdf);
	wx_class_label(r->classes, mm_h, cdf,
		       g->by_amount ? "interval" : "tips", out);
	why->lone = !g->by_amount && out->name != r->classes->name[0] &&
		    is_lone(g, why->prev, WX_RATE_EVENT_GAP_S * r->scale) &&
		    is_lone(g, why->next, WX_RATE_EVENT_GAP_S * r->scale);
	/* One tip a minute is no 12 mm/h: not without the bucket's size. */
	if (why->too_fast || why->lone || g->siphon_like ||
	    (wet && g->step_mm > 0))
		out->keep = 0;
}
