/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/lag_spectra.c: Welch's cross-spectrum, and what it correlates to.
 *
 * The whole of each segment is tapered (Hann) after a straight line was taken
 * off: red spectra leak, and without both a PHAT finds peaks where there are
 * none. Segments are 8 times as long as the lags looked for, so that what one
 * has of the other's at their ends weighs nothing, and what wraps around as
 * little.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock/lag_parts.h"

/* Points per sample at which the top of the curve is looked for. */
#define UPSAMPLE 8
enum { N_NEAR = 2 * UPSAMPLE + 1 };
/* Coherence 1 would weigh infinitely: no two sensors agree that far. */
#define MAX_COHERENCE 0.999f
/* Coherence is the mean of this share of a frequency either way. */
#define BAND 8

static int sum_init(const struct wx_lag_spectra *s, struct wx_lag_sum *sum)
{
	size_t n = (size_t)s->n_freq;

	sum->x = malloc(n * sizeof(*sum->x));
	sum->pa = malloc(n * sizeof(*sum->pa));
	sum->pb = malloc(n * sizeof(*sum->pb));
	if (!sum->x || !sum->pa || !sum->pb)
		return WX_ERR_NOMEM;
	wx_lag_sum_clear(s, sum);
	return WX_OK;
}

static void sum_fini(struct wx_lag_sum *sum)
{
	free(sum->x);
	free(sum->pa);
	free(sum->pb);
}

void wx_lag_sum_clear(const struct wx_lag_spectra *s, struct wx_lag_sum *sum)
{
	size_t n = (size_t)s->n_freq;

	memset(sum->x, 0, n * sizeof(*sum->x));
	memset(sum->pa, 0, n * sizeof(*sum->pa));
	memset(sum->pb, 0, n * sizeof(*sum->pb));
	sum->n = 0;
}

void wx_lag_sum_add(const struct wx_lag_spectra *s, struct wx_lag_sum *to,
		    const struct wx_lag_sum *from)
{
	for (int i = 0; i < s->n_freq; i++) {
		to->x[i].r += from->x[i].r;
		to->x[i].i += from->x[i].i;
		to->pa[i] += from->pa[i];
		to->pb[i] += from->pb[i];
	}
	to->n += from->n;
}

void wx_lag_sum_turn(const struct wx_lag_spectra *s, struct wx_lag_sum *sum,
		     double lag)
{
	for (int i = 0; i < s->n_freq; i++) {
		double turn = 2 * M_PI * i * lag / s->nfft;
		float c = (float)cos(turn), q = (float)sin(turn);
		kiss_fft_cpx x = sum->x[i];

		sum->x[i].r = x.r * c - x.i * q;
		sum->x[i].i = x.i * c + x.r * q;
	}
}

static void set_window(struct wx_lag_spectra *s)
{
	for (int i = 0; i < s->length; i++)
		s->window[i] = (float)(0.5 - 0.5 * cos(2 * M_PI * (i + 0.5) /
						       s->length));
}

int wx_lag_spectra_init(struct wx_lag_spectra *s, int64_t length,
			int max_blocks, struct wx_error *err)
{
	size_t n, n_freq;
	int bad = 0;

	*s = (struct wx_lag_spectra){ .length = (int)length, .first_freq = 1 };
	s->nfft = kiss_fftr_next_fast_size_real(s->length);
	s->n_freq = s->nfft / 2 + 1;
	n = (size_t)s->nfft;
	n_freq = (size_t)s->n_freq;
	s->forward = kiss_fftr_alloc(s->nfft, 0, NULL, NULL);
	s->inverse = kiss_fftr_alloc(s->nfft, 1, NULL, NULL);
	s->window = malloc(n * sizeof(*s->window));
	s->seg_a = malloc(n * sizeof(*s->seg_a));
	s->seg_b = malloc(n * sizeof(*s->seg_b));
	s->corr = malloc(n * sizeof(*s->corr));
	s->fa = malloc(n_freq * sizeof(*s->fa));
	s->fb = malloc(n_freq * sizeof(*s->fb));
	s->weighted = malloc(n_freq * sizeof(*s->weighted));
	s->coherence = calloc(n_freq, sizeof(*s->coherence));
	s->block = calloc((size_t)max_blocks, sizeof(*s->block));
	bad |= !s->forward || !s->inverse || !s->window || !s->seg_a ||
	       !s->seg_b || !s->corr || !s->fa || !s->fb || !s->weighted ||
	       !s->coherence || !s->block;
	for (; !bad && s->max_blocks < max_blocks; s->max_blocks++)
		bad |= sum_init(s, &s->block[s->max_blocks]) != WX_OK;
	bad = bad || sum_init(s, &s->total) != WX_OK;
	if (bad) {
		wx_lag_spectra_fini(s);
		return wx_fail_nomem(err);
	}
	set_window(s);
	return WX_OK;
}

void wx_lag_spectra_fini(struct wx_lag_spectra *s)
{
	for (int i = 0; i < s->max_blocks; i++)
		sum_fini(&s->block[i]);
	sum_fini(&s->total);
	free(s->block);
	free(s->weighted);
	free(s->coherence);
	free(s->fb);
	free(s->fa);
	free(s->corr);
	free(s->seg_b);
	free(s->seg_a);
	free(s->window);
	kiss_fftr_free(s->inverse);
	kiss_fftr_free(s->forward);
	*s = (struct wx_lag_spectra){ 0 };
}

static float value_at(const struct wx_lag_grid *g, int64_t i)
{
	return i >= 0 && i < g->n ? g->v[i] : NAN;
}

static bool overlap_enough(const struct wx_lag_spectra *s,
			   const struct wx_lag_grid *a,
			   const struct wx_lag_grid *b, int64_t ia, int64_t ib)
{
	int64_t n = 0;

	for (int i = 0; i < s->length; i++)
		n += !isnan(value_at(a, ia + i)) && !isnan(value_at(b, ib + i));
	return (double)n >= WX_LAG_MIN_OVERLAP * s->length;
}

/* The straight line through what is known of a segment. */
static void line_of(const struct wx_lag_spectra *s, const struct wx_lag_grid *g,
		    int64_t from, double *off, double *slope)
{
	double n = 0, sx = 0, sxx = 0, sy = 0, sxy = 0, det;

	for (int i = 0; i < s->length; i++) {
		double x = i, y = value_at(g, from + i);

		if (isnan(y))
			continue;
		n++;
		sx += x;
		sxx += x * x;
		sy += y;
		sxy += x * y;
	}
	det = n * sxx - sx * sx;
	*slope = det > 0 ? (n * sxy - sx * sy) / det : 0;
	*off = n > 0 ? (sy - *slope * sx) / n : 0;
}

/*
 * A segment less its line, tapered. Over a gap goes a straight line: red
 * weather is nearer to that than to 0, whose edges are noise.
 */
static void load(const struct wx_lag_spectra *s, const struct wx_lag_grid *g,
		 int64_t from, kiss_fft_scalar *out)
{
	double off, slope;
	int known = -1;

	line_of(s, g, from, &off, &slope);
	for (int i = 0; i < s->length; i++) {
		double y = value_at(g, from + i);

		out[i] = 0;
		if (isnan(y))
			continue;
		out[i] = (float)(y - off - slope * i);
		for (int j = known + 1; j < i && known >= 0; j++)
			out[j] = out[known] + (out[i] - out[known]) *
						      (float)(j - known) /
						      (float)(i - known);
		known = i;
	}
	for (int i = 0; i < s->length; i++)
		out[i] *= s->window[i];
	memset(out + s->length, 0,
	       (size_t)(s->nfft - s->length) * sizeof(*out));
}

static void add_segment(struct wx_lag_spectra *s, struct wx_lag_sum *sum,
			const struct wx_lag_grid *a,
			const struct wx_lag_grid *b, int64_t ia, int64_t ib)
{
	load(s, a, ia, s->seg_a);
	load(s, b, ib, s->seg_b);
	kiss_fftr(s->forward, s->seg_a, s->fa);
	kiss_fftr(s->forward, s->seg_b, s->fb);
	for (int i = 0; i < s->n_freq; i++) {
		kiss_fft_cpx p = s->fa[i], q = s->fb[i];

		sum->x[i].r += p.r * q.r + p.i * q.i;
		sum->x[i].i += p.i * q.r - p.r * q.i;
		sum->pa[i] += p.r * p.r + p.i * p.i;
		sum->pb[i] += q.r * q.r + q.i * q.i;
	}
	sum->n++;
}

/* Blocks that got no segment go to the end. */
static void drop_empty(struct wx_lag_spectra *s)
{
	s->n_blocks = 0;
	for (int i = 0; i < s->max_blocks; i++) {
		struct wx_lag_sum full = s->block[i];

		if (!(full.n > 0))
			continue;
		s->block[i] = s->block[s->n_blocks];
		s->block[s->n_blocks++] = full;
	}
}

int64_t wx_lag_common(const struct wx_lag_grid *a, const struct wx_lag_grid *b,
		      int64_t off, int64_t *from)
{
	int64_t lo = off < 0 ? -off : 0;
	int64_t hi = b->n - off < a->n ? b->n - off : a->n;

	*from = lo;
	return hi > lo ? hi - lo : 0;
}

void wx_lag_spectra_set(struct wx_lag_spectra *s, const struct wx_lag_grid *a,
			const struct wx_lag_grid *b, int64_t off)
{
	int64_t from, n = wx_lag_common(a, b, off, &from);
	int64_t hop = s->length / 2, count, n_blocks;

	if (n < s->length) {
		from = a->n <= b->n ? 0 : -off;
		n = a->n < b->n ? a->n : b->n;
	}
	count = n >= s->length ? (n - s->length) / hop + 1 : 0;
	n_blocks = count < s->max_blocks ? count : s->max_blocks;
	for (int i = 0; i < s->max_blocks; i++)
		wx_lag_sum_clear(s, &s->block[i]);
	for (int64_t k = 0; k < count; k++) {
		int64_t ia = from + k * hop;

		if (overlap_enough(s, a, b, ia, ia + off))
			add_segment(s, &s->block[k * n_blocks / count], a, b,
				    ia, ia + off);
	}
	drop_empty(s);
	wx_lag_sum_clear(s, &s->total);
	for (int i = 0; i < s->n_blocks; i++)
		wx_lag_sum_add(s, &s->total, &s->block[i]);
}

/* Of noise alone it is 1/n: that comes off later, of the mean of a band. */
static float raw_coherence(const struct wx_lag_sum *sum, int i)
{
	kiss_fft_cpx x = sum->x[i];
	float power = sum->pa[i] * sum->pb[i];

	return power > 0 ? (x.r * x.r + x.i * x.i) / power : 0;
}

static float unbiased(double coherence, double n_eff)
{
	double bias = 1 / n_eff;

	return fminf(fmaxf((float)((coherence - bias) / (1 - bias)), 0),
		     MAX_COHERENCE);
}

/*
 * Coherence of each frequency, the mean of a band a quarter of it wide: of one
 * alone it is as good as noise, and the many where nothing is coherent would
 * outweigh the few where something is. Simulated, quiet air at 1 Hz: p95 of
 * the error 0.73 s, 1.33 s without. Into s->coherence.
 */
static void set_coherence(struct wx_lag_spectra *s,
			  const struct wx_lag_sum *sum, double n_eff)
{
	int lo = s->first_freq, hi = s->first_freq, end = s->n_freq / 2;
	double mean = 0;

	for (int i = s->first_freq; i < end; i++) {
		int reach = i / BAND > 2 ? i / BAND : 2;

		while (hi < end && hi <= i + reach)
			mean += (double)raw_coherence(sum, hi++);
		while (lo < i - reach)
			mean -= (double)raw_coherence(sum, lo++);
		s->coherence[i] = unbiased(mean / (hi - lo), n_eff);
	}
}

/*
 * What its part of the cross-spectrum is multiplied by. PHAT and COHERENT leave
 * the phase alone; HT's is that of the likelihood: coherence / (1 - coherence)
 * in the mean, and less where this part is small by chance.
 */
static float weight_of(enum wx_lag_weight weight, float coherence, float mag,
		       float power)
{
	switch (weight) {
	case WX_LAG_PHAT:
		return 1 / mag;
	case WX_LAG_COHERENT:
		return coherence / mag;
	case WX_LAG_HT:
		break;
	}
	return sqrtf(coherence) / (1 - coherence) / sqrtf(power);
}

void wx_lag_correlate(struct wx_lag_spectra *s, const struct wx_lag_sum *sum,
		      enum wx_lag_weight weight, double n_eff)
{
	if (weight == WX_LAG_HT)
		set_coherence(s, sum, n_eff);
	/*
	 * Up to half the Nyquist frequency: past it, what red weather folded
	 * down from beyond is no smaller than what belongs there, and draws
	 * the peak to whole samples. Simulated, 24 h at 1 Hz: median error
	 * 0.010 s, 0.040 s with all of the band.
	 */
	memset(s->weighted, 0, (size_t)s->n_freq * sizeof(*s->weighted));
	for (int i = s->first_freq; i < s->n_freq / 2; i++) {
		kiss_fft_cpx x = sum->x[i];
		float mag2 = x.r * x.r + x.i * x.i;
		float power = sum->pa[i] * sum->pb[i];
		float coherence = s->coherence[i], w;

		if (!(mag2 > 0) || !(power > 0))
			continue;
		/* Of what may be noise, bands would make peaks of their own. */
		if (weight == WX_LAG_COHERENT)
			coherence = unbiased(raw_coherence(sum, i), n_eff);
		w = weight_of(weight, coherence, sqrtf(mag2), power);
		s->weighted[i] = (kiss_fft_cpx){ x.r * w, x.i * w };
	}
	kiss_fftri(s->inverse, s->weighted, s->corr);
}

int64_t wx_lag_peak(const struct wx_lag_spectra *s, int64_t max)
{
	int64_t best = -max;

	for (int64_t k = -max; k <= max; k++)
		if (wx_lag_corr(s, k) > wx_lag_corr(s, best))
			best = k;
	return best;
}

/* The correlation at N_NEAR lags around k, from the spectrum itself. */
static void curve(const struct wx_lag_spectra *s, int64_t k, float r[N_NEAR])
{
	float c[N_NEAR], q[N_NEAR], step_c[N_NEAR], step_q[N_NEAR];

	for (int j = 0; j < N_NEAR; j++) {
		double lag = (double)k + (double)(j - UPSAMPLE) / UPSAMPLE;
		double turn = 2 * M_PI * lag / s->nfft;

		step_c[j] = (float)cos(turn);
		step_q[j] = (float)sin(turn);
		c[j] = 1;
		q[j] = 0;
		r[j] = 0;
	}
	for (int i = 1; i < s->n_freq - 1; i++) {
		kiss_fft_cpx w = s->weighted[i];

		for (int j = 0; j < N_NEAR; j++) {
			float t = c[j] * step_c[j] - q[j] * step_q[j];

			q[j] = c[j] * step_q[j] + q[j] * step_c[j];
			c[j] = t;
			r[j] += w.r * c[j] - w.i * q[j];
		}
	}
}

double wx_lag_refine(const struct wx_lag_spectra *s, int64_t k)
{
	float r[N_NEAR];
	int top = 0;
	double d = 0, bend;

	curve(s, k, r);
	for (int j = 1; j < N_NEAR; j++)
		if (r[j] > r[top])
			top = j;
	if (top > 0 && top < N_NEAR - 1) {
		bend = (double)r[top - 1] - 2 * (double)r[top] +
		       (double)r[top + 1];
		if (bend < 0)
			d = ((double)r[top - 1] - (double)r[top + 1]) /
			    (2 * bend);
	}
	return (double)k + (top - UPSAMPLE + d) / UPSAMPLE;
}
