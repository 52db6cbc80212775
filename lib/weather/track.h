/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/track.h: what a person heard, as stretches of time with a text:
 * what a reader of label tracks hands over. formats/track/ implements it, one
 * file and one table row a format.
 *
 * Times are integer nanoseconds, so that what is read is written again as it
 * was. What they count from is the track's name's to say: see weather/ear.h.
 */
#ifndef WX_WEATHER_TRACK_H
#define WX_WEATHER_TRACK_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* Past 30 years a time is a mistake: also keeps sums within 64 bits. */
#define WX_TRACK_MAX_NS INT64_C(1000000000000000000)
/* A larger file was not written by a person; bytes. */
#define WX_TRACK_MAX_BYTES (16 << 20)

struct wx_mark {
	int64_t from_ns, to_ns; /* equal: a point, which has no length */
	double low_hz, high_hz; /* NAN: not told */
	const char *text;       /* "little", "rain=3"; "" */
	const char *capture;    /* whose time it is; NULL: the whole track's */
	const char *fields;     /* all of its row, tabs between; NULL */
	long line;              /* from 1; 0: not from a file */
};

struct wx_track {
	struct wx_mark *mark; /* as they stand in the file */
	size_t n, room;
	/* How the file is written, to write it so again. */
	int decimals, hz_decimals; /* 0..9 */
	const char *columns;       /* names, tabs between; NULL: the format's */
	char delim;                /* between columns; 0: the format's */
	bool comma;                /* decimals after ',' */
	bool crlf;
	/* Private: holds every text. */
	char **text;
	size_t n_texts, room_texts;
};

void wx_track_init(struct wx_track *t);
void wx_track_fini(struct wx_track *t);
/* A copy that lives as long as the track; NULL when out of memory. */
const char *wx_track_text(struct wx_track *t, const char *text, size_t n);
/* Texts of mark are borrowed: wx_track_text. */
int wx_track_add(struct wx_track *t, const struct wx_mark *mark,
		 struct wx_error *err);

struct wx_track_format {
	const char *name; /* [a-z0-9-] */
	const char *desc; /* one line */
	/* 0..100: how surely this text is this format. */
	int (*probe)(const char *text, size_t n);
	/*
	 * text[n] is 0. Lines that make no sense are warned of as "FILE:LINE:
	 * found, expected" and passed over; WX_ERR_FORMAT where all of it does
	 * not. out is initialised.
	 */
	int (*read)(const char *text, size_t n, const char *name,
		    struct wx_track *out, struct wx_log *log,
		    struct wx_error *err);
	/*
	 * WX_ERR_RANGE when the format cannot hold a mark. A failed write shows
	 * in ferror().
	 */
	int (*write)(FILE *out, const struct wx_track *t, struct wx_error *err);
};

/* Reads a track of any format: formats/track/track.h has it. */
typedef int wx_track_read_fn(const char *path, struct wx_track *out,
			     struct wx_log *log, struct wx_error *err);

#endif
