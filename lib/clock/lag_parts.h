/* SPDX-License-Identifier: MIT */
/* lib/clock/lag_parts.h: what lag*.c share; nobody else needs it. */
#ifndef WX_CLOCK_LAG_PARTS_H
#define WX_CLOCK_LAG_PARTS_H

#include <kiss_fftr.h>
#include <stdbool.h>

#include "clock/lag.h"

/* Both must have this share of a segment. */
#define WX_LAG_MIN_OVERLAP 0.7

/*
 * A series on a grid of its own, so that its stamps fall into the middle of
 * the bins: bin i stands for utc t0_s + i step_s. NAN where nothing fell.
 */
struct wx_lag_grid {
	double t0_s; /* since 1970 */
	double step_s;
	float *v;
	int64_t n;
};

/* Median distance of stamps; NAN: fewer than three. */
double wx_lag_native_step(const struct wx_lag_series *s);
/* Why a series can tell no time, or NULL. */
const char *wx_lag_unfit(const struct wx_lag_series *s,
			 const struct wx_lag_how *how);

int wx_lag_grid_init(struct wx_lag_grid *g, const struct wx_lag_series *s,
		     double step_s, struct wx_error *err);
/* Take the running mean off and clip what is over 6 MAD. */
int wx_lag_grid_clean(struct wx_lag_grid *g, double high_pass_s,
		      struct wx_error *err);
void wx_lag_grid_fini(struct wx_lag_grid *g);

/* Cross and auto spectra, summed. */
struct wx_lag_sum {
	kiss_fft_cpx *x; /* of n_freq */
	float *pa, *pb;
	double n; /* segments */
};

/* A Welch estimate in blocks that follow each other in time. */
struct wx_lag_spectra {
	int length; /* of a segment, samples */
	int nfft, n_freq;
	kiss_fftr_cfg forward, inverse;
	kiss_fft_scalar *window, *seg_a, *seg_b;
	kiss_fft_cpx *fa, *fb;
	int max_blocks;
	int n_blocks; /* that hold a segment, after _add */
	struct wx_lag_sum *block;
	struct wx_lag_sum total;
	float *coherence;       /* of bands, less its bias; of HT only */
	kiss_fft_cpx *weighted; /* what is correlated */
	kiss_fft_scalar *corr;  /* nfft: lag k at k, -k at nfft - k */
	int first_freq;         /* those below count for nothing */
};

int wx_lag_spectra_init(struct wx_lag_spectra *s, int64_t length,
			int max_blocks, struct wx_error *err);
void wx_lag_spectra_fini(struct wx_lag_spectra *s);

/* Samples of a that have one of b, which is read off samples further on. */
int64_t wx_lag_common(const struct wx_lag_grid *a, const struct wx_lag_grid *b,
		      int64_t off, int64_t *from);

/*
 * The segments of a and b, half overlapped, over all that they have in common;
 * where that is shorter than a segment, over the shorter series.
 */
void wx_lag_spectra_set(struct wx_lag_spectra *s, const struct wx_lag_grid *a,
			const struct wx_lag_grid *b, int64_t off);

void wx_lag_sum_clear(const struct wx_lag_spectra *s, struct wx_lag_sum *sum);
void wx_lag_sum_add(const struct wx_lag_spectra *s, struct wx_lag_sum *to,
		    const struct wx_lag_sum *from);

/* As if a's stamps had been lag samples earlier. */
void wx_lag_sum_turn(const struct wx_lag_spectra *s, struct wx_lag_sum *sum,
		     double lag);

enum wx_lag_weight {
	WX_LAG_PHAT,     /* all alike */
	WX_LAG_COHERENT, /* by coherence: as sharp as PHAT, less noise */
	WX_LAG_HT,       /* Hannan and Thomson: the likeliest */
};

/*
 * Correlate into s->corr. n_eff: how many independent segments the sum has,
 * which is what bias coherence has.
 */
void wx_lag_correlate(struct wx_lag_spectra *s, const struct wx_lag_sum *sum,
		      enum wx_lag_weight weight, double n_eff);

static inline float wx_lag_corr(const struct wx_lag_spectra *s, int64_t k)
{
	return s->corr[k >= 0 ? k : k + s->nfft];
}

/* Highest within max either way. */
int64_t wx_lag_peak(const struct wx_lag_spectra *s, int64_t max);
/* Between the samples: the top of the band-limited curve near k. */
double wx_lag_refine(const struct wx_lag_spectra *s, int64_t k);

#endif
