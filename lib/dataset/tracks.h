/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/tracks.h: a person's label tracks of one node, on its windows.
 *
 *     tracks/n1/b0017/000123.txt        of capture raw/n1/b0017/000123.wav:
 *     tracks/n1/b0017/000123~wind.txt   seconds from its first sample; so are
 *     tracks/n1/b0017/000123.Table.1.selections.txt
 *     tracks/n1/2026-06-01.csv          seconds (hours) of that day, UTC
 *     tracks/n1/20260601T093000Z.txt    seconds from that instant on
 *     tracks/review-1.txt               a table of several captures: rows with
 *                                       Begin Path and File Offset (s)
 *
 * Files end in .txt, .csv or .tsv, and may have ~ANYTHING before that. What is
 * told of a capture goes before what is told of its time.
 */
#ifndef WX_DATASET_TRACKS_H
#define WX_DATASET_TRACKS_H

#include "archive/archive.h"
#include "clock/window.h"
#include "weather/ear.h"

struct wx_tracks;

/*
 * Read every track of a node. Files that are no tracks, and labels with a text
 * that is no class of the profile, are warned of and left out. a, node and
 * profile are lent. *out is NULL where the node has no track.
 */
int wx_tracks_read(const struct wx_archive *a, const char *node,
		   const struct wx_profile *profile, wx_track_read_fn *read,
		   struct wx_log *log, struct wx_tracks **out,
		   struct wx_error *err);
void wx_tracks_free(struct wx_tracks *t); /* NULL is allowed */

/* Windows that both a person and a station told of. */
struct wx_agreement {
	uint64_t n[WX_MAX_CLASSES][WX_MAX_CLASSES]; /* [by ear][by station] */
};

/*
 * Let the person's word stand in a window's label: class, p, probs, keep,
 * source "track", track, and flags; its value stays the station's. Counts into
 * rain and wind, before that, what both of them are sure of. Texts in label
 * are lent until the next call. WX_ERR_NOMEM only. t may be NULL.
 */
int wx_tracks_label(struct wx_tracks *t, const struct wx_window *window,
		    struct wx_label *label, struct wx_agreement *rain,
		    struct wx_agreement *wind, struct wx_error *err);

/*
 * Warn of tracks of captures that have no window, and of labels beyond the end
 * of theirs, once all windows were seen.
 */
void wx_tracks_unused(struct wx_tracks *t, struct wx_log *log);

#endif
