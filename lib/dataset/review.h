/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/review.h: which windows a person should listen to next.
 *
 * Those whose label is least sure, spread over time, classes and nodes: each
 * pick is the one with the largest product of 1 - p (of the site's target; of a
 * label that is not known p is 1 / classes), a share that halves with a pick an
 * hour or so away, and one over the root of how often its class and its node
 * were picked. Sound that failed its check, and what a person labelled already,
 * is left out. The same labels give the same picks.
 */
#ifndef WX_DATASET_REVIEW_H
#define WX_DATASET_REVIEW_H

#include "archive/archive.h"
#include "clock/window.h"
#include "weather/label.h"
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

/*
 * The same picks without the files: for a page to listen to. Give the picker
 * every window with its label in the order of rows.h, then let it pick. a and
 * profile are lent.
 */
struct wx_picker;

struct wx_pick {
	const char *node, *capture; /* lent by the picker */
	double offset_s, length_s;
	struct wx_time start;
	bool voice; /* there may be speech in it, or next to it */
};

/* n: how many, 1 to WX_REVIEW_MAX. */
int wx_picker_new(const struct wx_archive *a, const struct wx_profile *profile,
		  int n, struct wx_picker **out, struct wx_error *err);
/* A wx_rows_fn; picker is the context. */
int wx_picker_add(void *picker, const struct wx_window *w,
		  const struct wx_label *l, struct wx_error *err);
/* Once: the i-th pick is pick(i), i below *n. By node and time. */
int wx_picker_pick(struct wx_picker *p, int *n, struct wx_error *err);
struct wx_pick wx_picker_get(const struct wx_picker *p, int i);
/* The table that wx_review writes, without a word filled in; free() it. */
int wx_picker_table(const struct wx_picker *p,
		    const struct wx_track_format *format, char **text,
		    struct wx_error *err);
void wx_picker_free(struct wx_picker *p); /* NULL is allowed */

#endif
