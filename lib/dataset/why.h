/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/why.h: why a window has the label it has: the tips around it,
 * the gap, the rate and its doubt, the station, the clock, a person's label.
 *
 * It is worked out anew from station/, windows/ and tracks/, by the same code
 * that writes labels/.
 */
#ifndef WX_DATASET_WHY_H
#define WX_DATASET_WHY_H

#include <jansson.h>
#include <stdio.h>

#include "archive/archive.h"
#include "weather/profile.h"
#include "weather/track.h"

/*
 * window is CAPTURE@OFFSET, "raw/n1/b0017/000123.wav@120" (the window that
 * holds that second), or NODE/INSTANT, "n1/2026-06-01T12:00:00Z". *out is by
 * schemas/label-why.schema.json and the caller's. WX_ERR_RANGE: no such window;
 * WX_ERR_FORMAT: not so written.
 */
int wx_why(const struct wx_archive *a, const struct wx_profile *profile,
	   wx_track_read_fn *read, const char *window, struct wx_log *log,
	   json_t **out, struct wx_error *err);

/* The same in sentences. */
void wx_why_write(const json_t *why, FILE *out);

#endif
