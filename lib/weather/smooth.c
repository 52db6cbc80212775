/* SPDX-License-Identifier: MIT */
/* lib/weather/smooth.c: tips, forward and backward, into chances of rates. */
#include "weather/smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "weather/rate.h"
#include "weather/smooth_parts.h"

enum {
	BLOCK = 128, /* tips of a block ... */
	LAP = 16,    /* ... and how many more at both ends: rain forgets */
	PIECES = BLOCK + 2 * LAP + 2,
	KEPT = 3,         /* blocks */
	STEPS = 320,      /* most in a piece: see steps_of */
	LEAST_STEPS = 12, /* in a gap; more do not tell more */
};

/* Steps are at most this share of the distance to the nearer tip. */
#define STEP_SHARE 8.0
#define STEP_MIN_S 10.0
#define STEP_MAX_S 600.0
/*
 * Shorter gaps than this tell more of how drops flicker, whatever the bucket,
 * than of how rain goes on; and a law that is not quite true is not believed
 * as one that is: of what a gap says of characters, so much counts.
 */
#define TELLING_S 60.0
#define TELLS     0.5
/* How probable the law as it is is before any tip; the others share the rest. */
#define COMMON 0.5
/* Characters less probable are left out. */
#define LEAST_SHARE 0.02

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
	struct piece piece[PIECES];
	size_t n_pieces;
	float *at_s; /* of a node, since its piece's from_ns */
	float *cdf;  /* n_limits of each */
	size_t n_nodes, cap_at, cap_cdf;
	double character[WX_CHARACTERS]; /* how probable, by its tips */
	unsigned used;                   /* when last */
};

struct wx_smooth {
	struct wx_states character[WX_CHARACTERS];
	const struct wx_states *states; /* the one at hand */
	const struct wx_gauge *gauge;
	int n_limits;
	float below[WX_MAX_LIMITS][WX_STATES]; /* of any character */
	double scale;
	unsigned clock;
	const struct block *told; /* of the last answer */
	struct block block[KEPT];
	/* Of the piece at hand. */
	double dt_s[STEPS];
	int move[STEPS];
	wx_smooth_grid ahead[STEPS + 1], back[2], tmp;
	/* Of states at the left end of each piece, by what is before it. */
	float tip_ahead[WX_CHARACTERS][PIECES + 1][WX_STATES];
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
		for (int k = 0; k < WX_CHARACTERS; k++) {
			struct wx_states_law of =
				wx_states_law_of(law, (enum wx_character)k);

			wx_states_init(&s->character[k], &of);
		}
		s->states = s->character;
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
				s->states, i, classes->limit[l]);
	for (int i = 0; i < KEPT; i++) {
		s->block[i].lo = s->block[i].hi = 0;
		s->block[i].n_nodes = s->block[i].n_pieces = 0;
	}
}

static double seconds(int64_t ns)
{
	return (double)ns / 1e9;
}

/* ---- a piece ---- */

static double normalise(float states[WX_STATES])
{
	return wx_smooth_normalise(states, WX_STATES, WX_STATES - 1);
}

static double normalise_all(wx_smooth_grid g)
{
	return wx_smooth_normalise(g[0], WX_STATES * WX_FILLS, WX_FILLS - 1);
}

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

static void start(const struct wx_smooth *s, const struct piece *p,
		  const float *tip, wx_smooth_grid g)
{
	memset(g, 0, sizeof(wx_smooth_grid));
	for (int i = 0; i < WX_STATES; i++) {
		if (p->left)
			g[i][0] = tip[i];
		else
			for (int k = 0; k < WX_FILLS; k++)
				g[i][k] = (float)s->states->share[i] / WX_FILLS;
	}
}

/*
 * All of ahead[], from the chances at its left end to those at its right one.
 * Returns ln P(no tip within, then one) where there is one.
 */
static double go_ahead(struct wx_smooth *s, const struct piece *p, size_t n,
		       const float *left, float *right)
{
	double t = 0, ln_p = 0, last = 0;

	start(s, p, left, s->ahead[0]);
	for (size_t i = 0; i < n; i++) {
		wx_smooth_grid *g = &s->ahead[i + 1];

		wx_smooth_moves(s->states, s->move[i], s->ahead[i], *g);
		wx_smooth_fill(s->states, s->gauge->bucket_mm,
			       wet_s(s, p, i, t), *g, right);
		ln_p += last;
		last = normalise_all(*g);
		t += s->dt_s[i];
	}
	return ln_p + normalise(right);
}

/* One step back, from s->back[(n + 1) % 2] into s->back[n % 2]. */
static void step_back(struct wx_smooth *s, const struct piece *p, size_t n,
		      double t, const float *beyond)
{
	memcpy(s->tmp, s->back[(n + 1) % 2], sizeof(wx_smooth_grid));
	wx_smooth_fill_back(s->states, s->gauge->bucket_mm, wet_s(s, p, n, t),
			    s->tmp, beyond);
	wx_smooth_moves_back(s->states, s->move[n], s->tmp, s->back[n % 2]);
	normalise_all(s->back[n % 2]);
}

static void end(struct wx_smooth *s, const struct piece *p, size_t n)
{
	float *g = s->back[n % 2][0];

	for (size_t i = 0; i < WX_STATES * WX_FILLS; i++)
		g[i] = p->right ? 0 : 1;
}

static void node_add(struct wx_smooth *s, struct block *b, size_t node,
		     float *weight, float share, double at_s)
{
	normalise(weight);
	b->at_s[node] = (float)at_s;
	for (int l = 0; l < s->n_limits; l++) {
		float sum = 0;

		for (int i = 0; i < WX_STATES; i++)
			sum += weight[i] * s->below[l][i];
		b->cdf[node * (size_t)s->n_limits + (size_t)l] += share * sum;
	}
}

/*
 * Both ways together, for all nodes of piece k. tip: what the tips from its
 * right end on say of the states there; made that of its left end.
 */
static void settle(struct wx_smooth *s, struct block *b, size_t k,
		   float (*ahead)[WX_STATES], float *tip, float share)
{
	const struct piece *p = &b->piece[k];
	double t = seconds(p->to_ns - p->from_ns);
	float weight[WX_STATES];
	size_t n = steps_of(s, p);

	go_ahead(s, p, n, ahead[k], ahead[k + 1]);
	end(s, p, n);
	for (int i = 0; i < WX_STATES; i++) {
		weight[i] = p->right ? ahead[k + 1][i] * tip[i] : 0;
		for (int f = 0; f < WX_FILLS && !p->right; f++)
			weight[i] += s->ahead[n][i][f];
	}
	node_add(s, b, p->first + n, weight, share, t);
	for (size_t i = n; i-- > 0;) {
		t -= s->dt_s[i];
		step_back(s, p, i, t, p->right && i + 1 == n ? tip : NULL);
		for (int j = 0; j < WX_STATES; j++) {
			weight[j] = 0;
			for (int f = 0; f < WX_FILLS; f++)
				weight[j] += s->ahead[i][j][f] *
					     s->back[i % 2][j][f];
		}
		node_add(s, b, p->first + i, weight, share, fmax(t, 0));
	}
	for (int i = 0; i < WX_STATES; i++)
		tip[i] = s->back[0][i][0];
	normalise(tip);
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

/*
 * How probable each character is by the block's tips; adds up to 1. Fills
 * tip_ahead.
 */
static void weigh(struct wx_smooth *s, struct block *b)
{
	double *share = b->character, most = -INFINITY, sum = 0;

	for (int k = 0; k < WX_CHARACTERS; k++) {
		float(*tip)[WX_STATES] = s->tip_ahead[k];

		s->states = &s->character[k];
		for (int i = 0; i < WX_STATES; i++) /* anything was before */
			tip[0][i] = (float)(s->states->share[i] *
					    s->states->rate_mm_h[i]);
		normalise(tip[0]);
		share[k] = log(k == WX_COMMON ? COMMON : (1 - COMMON) / 2);
		for (size_t i = 0; i < b->n_pieces; i++) {
			const struct piece *p = &b->piece[i];
			double ln_p = go_ahead(s, p, steps_of(s, p), tip[i],
					       tip[i + 1]);

			if (p->left && p->right &&
			    seconds(p->to_ns - p->from_ns) > TELLING_S)
				share[k] += TELLS * ln_p;
		}
		most = fmax(most, share[k]);
	}
	for (int k = 0; k < WX_CHARACTERS; k++)
		sum += share[k] = exp(share[k] - most);
	for (int k = 0; k < WX_CHARACTERS; k++)
		share[k] /= sum;
}

/* Adds what a character says of all nodes, as much as it counts. */
static void tell(struct wx_smooth *s, struct block *b, int character,
		 float share)
{
	float tip[WX_STATES];

	s->states = &s->character[character];
	for (int i = 0; i < WX_STATES; i++) /* anything may come */
		tip[i] = 1;
	for (size_t i = b->n_pieces; i-- > 0;)
		settle(s, b, i, s->tip_ahead[character], tip, share);
}

static bool compute(struct wx_smooth *s, struct block *b)
{
	size_t nodes = 0, n_cdf;
	double heard = 0;

	for (size_t i = 0; i < b->n_pieces; i++) {
		b->piece[i].first = nodes;
		b->piece[i].n = steps_of(s, &b->piece[i]) + 1;
		nodes += b->piece[i].n;
	}
	b->n_nodes = nodes;
	n_cdf = nodes * (size_t)s->n_limits;
	if (WX_GROW(&b->at_s, &b->cap_at, nodes, NULL) != WX_OK ||
	    WX_GROW(&b->cdf, &b->cap_cdf, n_cdf, NULL) != WX_OK)
		return false;
	memset(b->cdf, 0, n_cdf * sizeof(*b->cdf));
	weigh(s, b);
	for (int k = 0; k < WX_CHARACTERS; k++)
		if (b->character[k] > LEAST_SHARE)
			heard += b->character[k];
	for (int k = 0; k < WX_CHARACTERS; k++)
		if (b->character[k] > LEAST_SHARE)
			tell(s, b, k, (float)(b->character[k] / heard));
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
	s->told = b;
	return true;
}

void wx_smooth_characters(const struct wx_smooth *s, double p[WX_CHARACTERS])
{
	memcpy(p, s->told->character, sizeof(s->told->character));
}

void wx_smooth_trust(const struct wx_smooth *s, double *states, double *gaps)
{
	*states = s->character[0].law.trust_states;
	*gaps = s->character[0].law.trust_gaps;
}
