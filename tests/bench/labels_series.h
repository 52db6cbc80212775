/* SPDX-License-Identifier: MIT */
/*
 * tests/bench/labels_series.h: rain whose truth is known, through a bucket.
 *
 * A series is real (epoch_s,mm_per_h, or epoch_s,mm drop by drop) or of
 * wx-sim's weather. Its tips: any fill at the start, 0.5 s of water lost each
 * tip, which is not the estimator's own number. Judged are 10 s windows within
 * 30 minutes of true rain: none < 0.1 <= little < 2.5 <= rain. Of a record
 * that is cut, only those whose gap its end cuts.
 */
#ifndef WX_BENCH_LABELS_SERIES_H
#define WX_BENCH_LABELS_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "weather/gauge.h"
#include "weather/profile.h"

#define WINDOW_S 10

enum siphon { SIPHON_NONE, SIPHON_THERE, SIPHON_KNOWN };

struct series {
	char name[64];
	double t0_s, step_s;
	size_t n;
	double *rate_mm_h;
	double *tip_s; /* real tips, since t0_s; NULL: made */
	enum siphon siphon;
	double stamp_s; /* step of the tips' stamps; 0: exact */
	double cut_s;   /* the record ends and begins so often; 0: never */
	double from_s;  /* windows before it are not judged */
	size_t n_tips;
};

/* What one window came to; classes but for mm_h, p and chances. */
struct judged {
	int truth, label;
	float p, cdf[2];
	float states[2], gaps[2]; /* cdf by the smoother and by the gap alone */
	int naive[3]; /* tips in the window, in the minute, bare inter-tip */
	int known[2]; /* by the true mean of the minute, and of 5 minutes */
	float mm_h;   /* true */
};

struct all_judged {
	struct judged *v;
	size_t n, room;
};

extern const struct wx_classes aurora3;

/* 0..1, of a generator that is the same everywhere. */
double draw(uint64_t *seed);
/* Exits on failure, as a bench may. */
void series_read(const char *path, struct series *out);
/* days of a climate of wx-sim's. */
void series_made(const char *climate, uint64_t seed, int days,
		 struct series *out);

/*
 * Tips that fell beside the instrument of the series (epoch_s,mm), known to
 * the minute: judged instead of made ones. Returns water per tip.
 */
double series_tips(const char *path, struct series *s);

struct wx_smooth;
/* Adds its windows; smooth NULL: by the gap alone. */
void series_judge(const struct series *s, double bucket_mm, uint64_t seed,
		  struct wx_smooth *smooth, bool both, struct all_judged *out);

#endif
