/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/evidence.h: what the stations of an archive have said, brought
 * in day by day so that memory does not grow with the season.
 */
#ifndef WX_DATASET_EVIDENCE_H
#define WX_DATASET_EVIDENCE_H

#include "archive/archive.h"
#include "weather/labeller.h"

/*
 * Add a table of observations, "-" is stdin. Rows that cannot be read are
 * warned of, counted in *n_bad and passed over.
 */
int wx_evidence_read(const char *path, struct wx_evidence *e,
		     struct wx_log *log, size_t *n_bad, struct wx_error *err);

/*
 * A stretch of time, as of wx_time_pair_parse, of which nothing is to be used;
 * before the rows. Fails as that does, or WX_ERR_NOMEM.
 */
int wx_evidence_close(struct wx_evidence *e, const char *pair,
		      struct wx_error *err);

struct wx_station_evidence {
	const struct wx_site_station *site;
	struct wx_days days;
	size_t n_loaded;             /* days.day[0..n_loaded) are in, or were */
	bool no_bucket, siphon_like; /* of any day so far */
	struct wx_evidence e;
};

struct wx_site_evidence {
	const struct wx_archive *a; /* lent */
	struct wx_log *log;
	struct wx_station_evidence *station;
	struct wx_evidence **evidence; /* of each station, for a labeller */
	size_t n;
	size_t n_bad; /* rows and tables passed over */
	bool failed;  /* some of them because they could not be read */
};

/* Close it also after a failure. */
int wx_site_evidence_open(struct wx_site_evidence *s,
			  const struct wx_archive *a, struct wx_log *log,
			  struct wx_error *err);
/*
 * Make ready for windows of a UTC day; days by rising date. A labeller must be
 * initialised anew after it.
 */
int wx_site_evidence_day(struct wx_site_evidence *s, int64_t day,
			 struct wx_error *err);
void wx_site_evidence_close(struct wx_site_evidence *s);

#endif
