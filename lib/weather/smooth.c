/* SPDX-License-Identifier: MIT */
/* lib/weather/smooth.c: tips, forward and backward, into chances of rates. */
#include "weather/smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "weather/rate.h"
#include "weather/states.h"

enum {
	FILLS = 32,       /* levels of fill; a tip is where they end */
	BLOCK = 128,      /* tips of a block ... */
	LAP = 16,         /* ... and how many more at both ends: rain forgets */
	KEPT = 3,         /* blocks */
	STEPS = 320,      /* most in a piece: see steps_of */
	LEAST_STEPS = 12, /* in a gap; more do not tell more */
};

/* Steps are at most this share of the distance to the nearer tip. */
#define STEP_SHARE 8.0
#define STEP_MIN_S 10.0
#define STEP_MAX_S 600.0
/* Moves less probable than this are left out. */
#define RARE 1e-7F

typedef float grid[WX_STATES][FILLS];

/* From one tip to the next, or what lies before a first or after a last one. */
struct piece {
	int64_t from_ns, to_ns;
	bool left, right; /* is there a tip at this end? */
	size_t first, n;  /* of the block's nodes */
};

struct block {
	size_t lo, hi; /* tips; lo == hi: none */
	size_t tip_chunk;
	int64_t read_ns; /* where the span that was read began */
	struct piece piece[BLOCK + 2 * LAP + 2];
	size_t n_pieces;
	float *at_s; /* of a node, since its piece's from_ns */
	float *cdf;  /* n_limits of each */
	size_t n_nodes, cap_at, cap_cdf;
	unsigned used; /* when last */
};

struct wx_smooth {
	struct wx_states states;
	const struct wx_gauge *gauge;
	int n_limits;
	float below[WX_MAX_LIMITS][WX_STATES];
	double scale;
	unsigned clock;
	struct block block[KEPT];
	/* Of the piece at hand. */
	double dt_s[STEPS];
	int move[STEPS];
	grid ahead[STEPS + 1], back[2], tmp;
	float tip_ahead[WX_STATES];
	float tip_back[BLOCK + 2 * LAP + 3][WX_STATES]; /* at a piece's left */
};

int wx_smooth_new(const struct wx_states_law *law, struct wx_smooth **out,
		  struct wx_error *err)
{
	struct wx_states_law builtin;
	struct wx_smooth *s = NULL;
	int rc = WX_OK;

	*out = NULL;
	if (!law) {
		rc = wx_states_law_read(&builtin, err);
		law = &builtin;
	}
	if (rc == WX_OK) {
		s = calloc(1, sizeof(*s));
		if (!s)
			rc = wx_fail_nomem(err);
	}
	if (rc == WX_OK) {
		wx_states_init(&s->states, law);
		*out = s;
	}
	return rc;
}

static void block_fini(struct block *b)
{
	free(b->at_s);
	free(b->cdf);
	*b = (struct block){ 0 };
}

void wx_smooth_free(struct wx_smooth *s)
{
	for (int i = 0; s && i < KEPT; i++)
		block_fini(&s->block[i]);
	free(s);
}

void wx_smooth_begin(struct wx_smooth *s, const struct wx_gauge *gauge,
		     const struct wx_classes *classes)
{
	s->gauge = gauge;
	s->scale = gauge->bucket_mm / WX_RATE_TABLE_BUCKET_MM;
	s->n_limits = classes->n - 1;
	for (int l = 0; l < s->n_limits; l++)
		for (int i = 0; i < WX_STATES; i++)
			s->below[l][i] = (float)wx_states_below(
				&s->states, i, classes->limit[l]);
	for (int i = 0; i < KEPT; i++) {
		s->block[i].lo = s->block[i].hi = 0;
		s->block[i].n_nodes = s->block[i].n_pieces = 0;
	}
}

static double seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

/* ---- one step ---- */

/* Apart, so that a compiler sees that it can do several levels at once. */
static inline void add(float *restrict out, float p, const float *restrict in)
{
	for (int k = 0; k < FILLS; k++)
		out[k] += p * in[k];
}

/* in may not be out. */
static void moves(const struct wx_states *st, int move, grid in, grid out)
{
	memset(out, 0, sizeof(grid));
	for (int i = 0; i < WX_STATES; i++)
		for (int j = 0; j < WX_STATES; j++) {
			float p = st->move[move][i][j];

			if (p > RARE)
				add(out[j], p, in[i]);
		}
}

static void moves_back(const struct wx_states *st, int move, grid in, grid out)
{
	memset(out, 0, sizeof(grid));
	for (int i = 0; i < WX_STATES; i++)
		for (int j = 0; j < WX_STATES; j++) {
			float p = st->move[move][i][j];

			if (p > RARE)
				add(out[i], p, in[j]);
		}
}

/* Levels by which a state fills the bucket: whole ones, and a share. */
static int levels(const struct wx_smooth *s, int state, double dt_s, float *f)
{
	double d = s->states.rate_mm_h[state] * dt_s / 3600 /
		   s->gauge->bucket_mm * FILLS;

	if (d >= FILLS) {
		*f = 0;
		return FILLS;
	}
	*f = (float)(d - floor(d));
	return (int)d;
}

/* Fills, and returns what of each state ran over. */
static void fill(const struct wx_smooth *s, double dt_s, grid g, float *over)
{
	for (int i = WX_STATES_DRY; i < WX_STATES; i++) {
		float f, from[2 * FILLS + 1] = { 0 }, *x = from + FILLS + 1;
		int n = levels(s, i, dt_s, &f);

		memcpy(x, g[i], sizeof(g[i]));
		for (int k = 0; k < FILLS; k++)
			g[i][k] = (1 - f) * x[k - n] + f * x[k - n - 1];
		over[i] = 0;
		for (int k = FILLS - n; k < FILLS; k++)
			over[i] += x[k];
		if (n < FILLS)
			over[i] += f * x[FILLS - n - 1];
	}
}

/* What lies beyond the brim is worth beyond[state]. */
static void fill_back(const struct wx_smooth *s, double dt_s, grid g,
		      const float *beyond)
{
	for (int i = 0; i < WX_STATES; i++) {
		float f, x[2 * FILLS + 1];
		int n = levels(s, i, dt_s, &f);

		memcpy(x, g[i], sizeof(g[i]));
		for (int k = FILLS; k <= 2 * FILLS; k++)
			x[k] = beyond ? beyond[i] : 0;
		for (int k = 0; k < FILLS; k++)
			g[i][k] = (1 - f) * x[k + n] + f * x[k + n + 1];
	}
}

/* To a sum of 1; what adds up to nothing becomes the highest rate's. */
static void normalise(float *v, size_t n, size_t fallback)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (double)v[i];
	if (!(sum > 1e-30)) {
		memset(v, 0, n * sizeof(*v));
		v[fallback] = 1;
		return;
	}
	for (size_t i = 0; i < n; i++)
		v[i] = (float)((double)v[i] / sum);
}

/* ---- a piece ---- */

static size_t steps_of(struct wx_smooth *s, const struct piece *p)
{
	double length = seconds(p->to_ns - p->from_ns), t = 0;
	double least = fmin(length / LEAST_STEPS, STEP_MIN_S * s->scale);
	bool last = false;
	size_t n = 0;

	while (!last) {
		double to_left = p->left ? t : INFINITY;
		double to_right = p->right ? length - t : INFINITY;
		double dt = fmin(fmin(to_left, to_right) / STEP_SHARE,
				 STEP_MAX_S * s->scale);

		dt = fmax(dt, least);
		last = t + 1.5 * dt > length || n + 1 == STEPS;
		if (last)
			dt = length - t;
		s->dt_s[n] = dt;
		s->move[n++] = wx_states_step(dt);
		t += dt;
	}
	return n;
}

/* How long of step n it fills: after a tip some water is lost. */
static double wet_s(const struct wx_smooth *s, const struct piece *p, size_t n,
		    double t)
{
	double lost = p->left ? WX_RATE_LOST_S - t : 0;

	return s->dt_s[n] - fmin(fmax(lost, 0), s->dt_s[n]);
}

static void start(const struct wx_smooth *s, const struct piece *p, grid g)
{
	memset(g, 0, sizeof(grid));
	for (int i = 0; i < WX_STATES; i++) {
		if (p->left)
			g[i][0] = s->tip_ahead[i];
		else
			for (int k = 0; k < FILLS; k++)
				g[i][k] = (float)s->states.share[i] / FILLS;
	}
}

/* All of ahead[], and tip_ahead at its right end. */
static void go_ahead(struct wx_smooth *s, const struct piece *p, size_t n)
{
	float over[WX_STATES] = { 0 };
	double t = 0;

	start(s, p, s->ahead[0]);
	for (size_t i = 0; i < n; i++) {
		moves(&s->states, s->move[i], s->ahead[i], s->ahead[i + 1]);
		fill(s, wet_s(s, p, i, t), s->ahead[i + 1], over);
		normalise(s->ahead[i + 1][0], WX_STATES * FILLS, FILLS - 1);
		t += s->dt_s[i];
	}
	if (p->right)
		memcpy(s->tip_ahead, over, sizeof(over));
	normalise(s->tip_ahead, WX_STATES, WX_STATES - 1);
}

/* One step back, from s->back[(n + 1) % 2] into s->back[n % 2]. */
static void step_back(struct wx_smooth *s, const struct piece *p, size_t n,
		      double t, const float *beyond)
{
	memcpy(s->tmp, s->back[(n + 1) % 2], sizeof(grid));
	fill_back(s, wet_s(s, p, n, t), s->tmp, beyond);
	moves_back(&s->states, s->move[n], s->tmp, s->back[n % 2]);
	normalise(s->back[n % 2][0], WX_STATES * FILLS, FILLS - 1);
}

static void end(struct wx_smooth *s, const struct piece *p, size_t n)
{
	float *g = s->back[n % 2][0];

	for (size_t i = 0; i < WX_STATES * FILLS; i++)
		g[i] = p->right ? 0 : 1;
}

/* What the tips from here on say of the states at the piece's left end. */
static void look_back(struct wx_smooth *s, const struct piece *p, size_t n,
		      const float *tip, float *out)
{
	double t = seconds(p->to_ns - p->from_ns);

	end(s, p, n);
	for (size_t i = n; i-- > 0;) {
		t -= s->dt_s[i];
		step_back(s, p, i, t, p->right && i + 1 == n ? tip : NULL);
	}
	for (int i = 0; i < WX_STATES; i++)
		out[i] = s->back[0][i][0];
	normalise(out, WX_STATES, WX_STATES - 1);
}

static void node_set(struct wx_smooth *s, struct block *b, size_t node,
		     float *weight, double at_s)
{
	normalise(weight, WX_STATES, WX_STATES - 1);
	b->at_s[node] = (float)at_s;
	for (int l = 0; l < s->n_limits; l++) {
		float sum = 0;

		for (int i = 0; i < WX_STATES; i++)
			sum += weight[i] * s->below[l][i];
		b->cdf[node * (size_t)s->n_limits + (size_t)l] = sum;
	}
}

/* Both ways together, for all nodes of a piece. */
static void settle(struct wx_smooth *s, struct block *b, struct piece *p,
		   size_t n, const float *tip)
{
	double t = seconds(p->to_ns - p->from_ns);
	float weight[WX_STATES];

	go_ahead(s, p, n);
	end(s, p, n);
	for (int i = 0; i < WX_STATES; i++) {
		weight[i] = p->right ? s->tip_ahead[i] * tip[i] : 0;
		for (int k = 0; k < FILLS && !p->right; k++)
			weight[i] += s->ahead[n][i][k];
	}
	node_set(s, b, p->first + n, weight, t);
	for (size_t i = n; i-- > 0;) {
		t -= s->dt_s[i];
		step_back(s, p, i, t, p->right && i + 1 == n ? tip : NULL);
		for (int j = 0; j < WX_STATES; j++) {
			weight[j] = 0;
			for (int k = 0; k < FILLS; k++)
				weight[j] += s->ahead[i][j][k] *
					     s->back[i % 2][j][k];
		}
		node_set(s, b, p->first + i, weight, fmax(t, 0));
	}
}

/* ---- blocks ---- */

static bool has_tip(const struct wx_gauge *g, const struct wx_span *read,
		    size_t i)
{
	return i < g->n_tips && g->tip[i].utc_ns >= read->from_ns &&
	       g->tip[i].utc_ns <= read->to_ns;
}

/* Do tips i and i + 1 bound one piece? */
static bool joined(const struct wx_smooth *s, const struct wx_span *read,
		   size_t i)
{
	const struct wx_gauge *g = s->gauge;

	return has_tip(g, read, i) && has_tip(g, read, i + 1) &&
	       seconds(g->tip[i + 1].utc_ns - g->tip[i].utc_ns) <=
		       2 * WX_SMOOTH_FAR_S * s->scale;
}

static void add_piece(struct block *b, int64_t from, int64_t to, bool left,
		      bool right)
{
	if (to > from)
		b->piece[b->n_pieces++] = (struct piece){ .from_ns = from,
							  .to_ns = to,
							  .left = left,
							  .right = right };
}

/* The pieces of the block that tip belongs to. */
static void lay_out(struct wx_smooth *s, struct block *b,
		    const struct wx_span *read, size_t tip)
{
	const struct wx_tip *v = s->gauge->tip;
	size_t least = tip - tip % BLOCK, most = least + BLOCK + LAP;
	int64_t far = (int64_t)(1e9 * WX_SMOOTH_FAR_S * s->scale);
	size_t lo = tip, hi = tip;

	least = least > LAP ? least - LAP : 0;
	b->n_pieces = 0;
	while (lo > least && joined(s, read, lo - 1))
		lo--;
	while (hi < most && joined(s, read, hi))
		hi++;
	b->lo = lo;
	b->hi = hi + 1;
	if (lo == 0 || !joined(s, read, lo - 1))
		add_piece(b,
			  v[lo].utc_ns - read->from_ns < far
				  ? read->from_ns
				  : v[lo].utc_ns - far,
			  v[lo].utc_ns, false, true);
	for (size_t i = lo; i < hi; i++)
		add_piece(b, v[i].utc_ns, v[i + 1].utc_ns, true, true);
	if (!joined(s, read, hi))
		add_piece(b, v[hi].utc_ns,
			  read->to_ns - v[hi].utc_ns < far ? read->to_ns
							   : v[hi].utc_ns + far,
			  true, false);
}

static bool compute(struct wx_smooth *s, struct block *b)
{
	size_t n = b->n_pieces, nodes = 0;

	/* Anything may have been before, and may come after. */
	for (int i = 0; i < WX_STATES; i++) {
		s->tip_back[n][i] = 1;
		s->tip_ahead[i] =
			(float)(s->states.share[i] * s->states.rate_mm_h[i]);
	}
	normalise(s->tip_ahead, WX_STATES, WX_STATES - 1);
	for (size_t i = n; i-- > 0;) {
		size_t steps = steps_of(s, &b->piece[i]);

		look_back(s, &b->piece[i], steps, s->tip_back[i + 1],
			  s->tip_back[i]);
		nodes += b->piece[i].n = steps + 1;
	}
	b->n_nodes = nodes;
	if (WX_GROW(&b->at_s, &b->cap_at, nodes, NULL) != WX_OK ||
	    WX_GROW(&b->cdf, &b->cap_cdf, nodes * (size_t)s->n_limits, NULL) !=
		    WX_OK)
		return false;
	nodes = 0;
	for (size_t i = 0; i < n; i++) {
		struct piece *p = &b->piece[i];

		p->first = nodes;
		nodes += p->n;
		settle(s, b, p, steps_of(s, p), s->tip_back[i + 1]);
	}
	return true;
}

static bool within(const struct block *b, const struct wx_span *read,
		   size_t tip)
{
	return tip >= b->lo && tip < b->hi && b->tip_chunk == tip / BLOCK &&
	       b->read_ns == read->from_ns;
}

/* The block of a tip: one that is kept, or the one longest unused anew. */
static struct block *block_of(struct wx_smooth *s, const struct wx_span *read,
			      size_t tip)
{
	struct block *b = &s->block[0];

	for (int i = 0; i < KEPT; i++) {
		struct block *x = &s->block[i];

		if (within(x, read, tip)) {
			x->used = ++s->clock;
			return x;
		}
		if (x->used < b->used)
			b = x;
	}
	lay_out(s, b, read, tip);
	b->tip_chunk = tip / BLOCK;
	b->read_ns = read->from_ns;
	b->used = ++s->clock;
	if (compute(s, b))
		return b;
	b->lo = b->hi = 0;
	return NULL;
}

/* The tip whose block knows of an instant; SIZE_MAX: it is far from any. */
static size_t tip_of(struct wx_smooth *s, const struct wx_span *read,
		     int64_t ns)
{
	const struct wx_gauge *g = s->gauge;
	double far = WX_SMOOTH_FAR_S * s->scale;
	size_t i = wx_gauge_tip_after(g, 0, ns);

	if (i > 0 && has_tip(g, read, i - 1) &&
	    (joined(s, read, i - 1) ||
	     seconds(ns - g->tip[i - 1].utc_ns) < far))
		return i - 1;
	if (has_tip(g, read, i) && seconds(g->tip[i].utc_ns - ns) < far)
		return i;
	return SIZE_MAX;
}

/* Between the two nodes around it. */
static void between(const struct wx_smooth *s, const struct block *b,
		    const struct piece *p, int64_t ns, double *cdf)
{
	float t = (float)seconds(ns - p->from_ns), f;
	const float *at = b->at_s + p->first, *v;
	size_t lo = 0, hi = p->n - 1, n = (size_t)s->n_limits;

	while (hi - lo > 1) {
		size_t mid = (lo + hi) / 2;

		if (at[mid] > t)
			hi = mid;
		else
			lo = mid;
	}
	f = hi > lo && at[hi] > at[lo] ? (t - at[lo]) / (at[hi] - at[lo]) : 0;
	f = fminf(fmaxf(f, 0), 1);
	v = b->cdf + (p->first + lo) * n;
	for (size_t l = 0; l < n; l++)
		cdf[l] =
			(double)((1 - f) * v[l] + f * v[(hi > lo ? n : 0) + l]);
}

bool wx_smooth_at(struct wx_smooth *s, const struct wx_span *read,
		  int64_t at_ns, double cdf[WX_MAX_LIMITS])
{
	size_t tip = tip_of(s, read, at_ns), lo = 0, hi;
	const struct block *b;

	if (tip == SIZE_MAX || !(b = block_of(s, read, tip)))
		return false;
	hi = b->n_pieces;
	while (hi - lo > 1) { /* the last that does not begin after it */
		size_t mid = (lo + hi) / 2;

		if (b->piece[mid].from_ns > at_ns)
			hi = mid;
		else
			lo = mid;
	}
	if (hi == 0 || at_ns < b->piece[lo].from_ns ||
	    at_ns > b->piece[lo].to_ns)
		return false;
	between(s, b, &b->piece[lo], at_ns, cdf);
	return true;
}

void wx_smooth_trust(const struct wx_smooth *s, double *states, double *gaps)
{
	*states = s->states.law.trust_states;
	*gaps = s->states.law.trust_gaps;
}
