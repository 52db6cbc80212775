/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup.h: one node's captures on the one time line.
 *
 * Its index and clock exchanges give the clocks, its captures the windows,
 * sound/ their quality, its own tables the air; windows/ is what comes out.
 * Of a window 20 bytes are kept until its day is written, so that a node-year
 * fits.
 */
#ifndef WX_DATASET_LINEUP_H
#define WX_DATASET_LINEUP_H

#include "archive/archive.h"
#include "clock/timeline.h"

struct wx_lineup;

/*
 * Flags that windows may have besides those of sound/:
 *
 *     name_dated        by its file's name; max_err_s is an assumption
 *     header_dated      by what its recorder wrote into it; the same
 *     rate_suspect      m0 and m1 give a sample rate over 1000 ppm off
 *     anchors_disagree  which of the boot's anchors are right is not known
 *     recovered         the node found the capture after a power loss
 *
 * and those without a time: unanchored (no anchor in this boot), clock_unset
 * (the name is of 1970, 1980, 2000, 2010 or to come), in_future, triggered (a
 * capture that leaves silence out, so that samples do not count seconds).
 */

/*
 * Read index and exchanges, fit the clocks. Nothing after latest can have been
 * recorded. a, node (an id of its site) and log are lent.
 */
int wx_lineup_new(const struct wx_archive *a, const char *node,
		  struct wx_time latest, struct wx_log *log,
		  struct wx_lineup **out, struct wx_error *err);
void wx_lineup_free(struct wx_lineup *l);

const struct wx_timeline *wx_lineup_timeline(const struct wx_lineup *l);

struct wx_lineup_totals {
	size_t captures;
	size_t too_short; /* for a window, or of no length */
	size_t windows, undated;
	size_t files, files_changed; /* of windows/NODE */
	double max_err_s;            /* the widest; 0 if none is dated */
};

/*
 * Write windows/NODE, once; only n_days days of it if n_days is not 0. What is
 * wrong with a table of sound/ or of the air is a remark: times come first.
 */
int wx_lineup_write(struct wx_lineup *l, const int64_t *days, size_t n_days,
		    struct wx_lineup_totals *totals, struct wx_error *err);

#endif
