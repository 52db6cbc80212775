/* SPDX-License-Identifier: MIT */
/*
 * lib/report/season.h: a season in numbers small enough for a page.
 *
 * One walk over windows/ and labels/, one over station/, one over sound/ (of
 * which at most WX_SEASON_SOUND_BYTES are read). What is kept grows with nodes
 * times days, never with windows; the season is cut into at most
 * WX_SEASON_BINS stretches of time.
 */
#ifndef WX_REPORT_SEASON_H
#define WX_REPORT_SEASON_H

#include "archive/archive.h"
#include "clock/window.h"
#include "weather/label.h"
#include "weather/profile.h"

enum { WX_SEASON_BINS = 750, WX_SEASON_WORDS = 48 };
#define WX_SEASON_SOUND_BYTES (INT64_C(192) << 20)

struct wx_season_day { /* of one node */
	uint32_t n_windows, n_captures, n_labelled, n_kept;
	uint32_t n_suspect, n_fail;
	float sound_s;   /* of windows */
	float max_err_s; /* NAN: none known */
};

struct wx_season_bin {
	float rain_mm, tips;    /* of the first station that measures them */
	float rate_sum, rate_n; /* rain_mm_h of the windows of all nodes */
	float wind_sum, wind_n; /* its means, m/s */
	float gust_m_s;         /* the highest; NAN */
	float rain_p_sum, rain_p_n; /* over the windows of all nodes */
	float wind_p_sum, wind_p_n;
	uint32_t n_windows, n_rain_kept, n_wind_kept;
	/* Windows by class. */
	uint32_t rain_class[WX_MAX_CLASSES], wind_class[WX_MAX_CLASSES];
};

struct wx_season_class { /* of rain or of wind */
	uint64_t n_windows, n_kept, n_heard;
	uint64_t n_samples[2];        /* in the dataset: training, testing */
	uint64_t ear[WX_MAX_CLASSES]; /* a person said this, the station [i] */
	/* Seconds by the level of a band, dB re full scale: -150 to 0. */
	uint32_t level[151];
};

struct wx_season_word {
	char text[40];
	uint64_t n;
};

struct wx_season_node {
	const char *id;            /* lent by the site */
	struct wx_season_day *day; /* n_days of them */
	uint64_t n_captures, n_undated;
	uint64_t n_gone, n_quarantined, n_released; /* of its journal */
	double sound_s;
};

struct wx_season {
	const struct wx_archive *a;
	const struct wx_profile *profile;
	int64_t first_day; /* UTC; n_days 0: no window and no observation */
	size_t n_days;
	double bin_s;
	struct wx_season_bin *bin;
	size_t n_bins;
	struct wx_season_node *node; /* as in site.json */
	size_t n_nodes;
	struct wx_season_class rain[WX_MAX_CLASSES], wind[WX_MAX_CLASSES];
	uint64_t n_windows, n_unlabelled, n_rain_unknown, n_wind_unknown;
	uint64_t n_bad_sound; /* windows whose sound failed its checks */
	uint64_t n_rain_unsure, n_wind_unsure;
	uint64_t n_samples; /* of the dataset */
	bool has_dataset;
	struct wx_season_word word[WX_SEASON_WORDS]; /* flags of windows */
	uint64_t n_obs;                              /* of stations */
	uint64_t n_level_s; /* seconds of sound in the levels */
};

/* Also told of each labelled window. */
typedef int wx_season_row_fn(void *ctx, const struct wx_window *w,
			     const struct wx_label *l, struct wx_error *err);

/*
 * a and profile are lent. Tables that are not there, or are broken, are warned
 * of and left out.
 */
int wx_season_read(const struct wx_archive *a, const struct wx_profile *profile,
		   wx_season_row_fn *row, void *ctx, struct wx_season *out,
		   struct wx_log *log, struct wx_error *err);
void wx_season_fini(struct wx_season *s);

/* A quantile, 0 to 1, of the levels of a class, dB; NAN: there are none. */
double wx_season_level(const struct wx_season_class *c, double q);

#endif
