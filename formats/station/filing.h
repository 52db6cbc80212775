/* SPDX-License-Identifier: MIT */
/*
 * formats/station/filing.h: a station's logs in an archive, and the tables of
 * days that all of them together make.
 */
#ifndef WX_STATION_FILING_H
#define WX_STATION_FILING_H

#include <glob.h>

#include "archive/keep.h"
#include "archive/site.h"
#include "station/station.h"

struct wx_filing {
	char *dir; /* station/ID of the archive: logs go into its raw/ */
	const struct wx_station_format *format; /* NULL: by content */
	const struct wx_station_opts *opts;
};

/* Keep a log as given; not one that cannot be read. */
int wx_filing_keep(const struct wx_filing *f, const char *path,
		   enum wx_keep_what *what, struct wx_error *err);
/* "grown, kept" */
const char *wx_keep_text(enum wx_keep_what what);

/*
 * The files of the station's own source, sorted, for globfree; none, and no
 * failure, if it is only live.
 */
int wx_filing_source(const struct wx_filing *f, const struct wx_site_station *s,
		     glob_t *out, struct wx_error *err);

/* Does it have a log of what the station sent (live.h)? */
bool wx_filing_has_live(const struct wx_filing *f);
/* Logs that were kept, into dir/DATE.csv. progress may be NULL. */
int wx_filing_tables(const struct wx_filing *f,
		     void (*progress)(size_t done, size_t total),
		     struct wx_log *log, int *n_days, int *n_changed,
		     struct wx_error *err);

#endif
