/* SPDX-License-Identifier: MIT */
/* formats/track/track.h: every format of label tracks, and how to pick. */
#ifndef WX_TRACK_TRACK_H
#define WX_TRACK_TRACK_H

#include "weather/track.h"

/* To add one: its file here, one line, a track. */
#define WX_TRACK_FORMATS(X) \
	X(audacity)         \
	X(levels)           \
	X(raven)

#define WX_TRACK_DECLARE(name) \
	extern const struct wx_track_format wx_track_##name;
WX_TRACK_FORMATS(WX_TRACK_DECLARE)
#undef WX_TRACK_DECLARE

/*
 * Open, probe, read. WX_ERR_FORMAT when it is no label track, WX_ERR_RANGE
 * above WX_TRACK_MAX_BYTES. An empty file is a track without labels.
 */
wx_track_read_fn wx_track_read;
/* The same of text in memory, text[n] being 0; format may be NULL. */
int wx_track_parse(const char *text, size_t n, const char *name,
		   struct wx_track *out, const struct wx_track_format **format,
		   struct wx_log *log, struct wx_error *err);

#endif
