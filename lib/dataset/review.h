/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/review.h: which windows a person should listen to next.
 *
 * Those whose label is least sure, spread over time, classes and nodes: each
 * pick is the one with the largest product of 1 - p (of the site's target; of a label
 * that is not known p is 1 / classes), a share that halves with a pick an hour
 * or so away, and one over the root of how often its class and its node were
 * picked. Sound that failed its check, and what a person labelled already, is
 * left out. The same labels give the same picks.
 */
#ifndef WX_DATASET_REVIEW_H
#define WX_DATASET_REVIEW_H

#include "archive/archive.h"
#include "weather/profile.h"
#include "weather/track.h"

enum { WX_REVIEW_MAX = 1000 };

struct wx_review_made {
	int n;          /* windows asked for; may be fewer than wanted */
	char track[64]; /* "tracks/review-1.txt", relative to the archive */
	char list[64];  /* "tracks/review-1.m3u" */
	bool is_new;    /* else it was there, maybe filled in by now */
};

/*
 * Write the next tracks/review-K.txt, a table to fill in, and .m3u, to listen
 * by; a table that asks for these windows already is left as it is.
 */
int wx_review(const struct wx_archive *a, const struct wx_profile *profile,
	      int n, const struct wx_track_format *format, struct wx_log *log,
	      struct wx_review_made *out, struct wx_error *err);

#endif
