/* SPDX-License-Identifier: MIT */
/*
 * lib/report/report.h: a season as one page of HTML that needs nothing else: no
 * network, no other file, no framework.
 *
 * Charts are SVG, each with a title, a description and the table behind it; the
 * page follows the reader's dark or light, prints, and its policy
 * (Content-Security-Policy) lets no script run but its own, by hash. Nothing of
 * the archive is changed.
 */
#ifndef WX_REPORT_REPORT_H
#define WX_REPORT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "archive/archive.h"
#include "weather/profile.h"
#include "weather/track.h"

struct wx_report_opts {
	const struct wx_profile *profile;
	int n_review; /* windows to review, 0 to WX_REVIEW_MAX */
	bool audio;   /* their sound is in the page */
	const struct wx_track_format *track_format; /* of what is filled in */
	wx_track_read_fn *track_read;
	struct wx_time now;
	bool (*stopped)(void);
};

struct wx_report_made {
	uint64_t n_windows;
	size_t n_days;
	int n_review;
};

/* Text of the page to out; a failed write shows in ferror(). */
int wx_report_write(const struct wx_archive *a,
		    const struct wx_report_opts *opts, FILE *out,
		    struct wx_report_made *made, struct wx_log *log,
		    struct wx_error *err);

#endif
