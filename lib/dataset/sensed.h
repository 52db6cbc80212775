/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/sensed.h: the days of a node into what is known of its senses
 * (weather/senses.h), from windows/ and beside the stations of the archive.
 */
#ifndef WX_DATASET_SENSED_H
#define WX_DATASET_SENSED_H

#include "dataset/evidence.h"
#include "weather/senses.h"

/*
 * One day, days by rising date, of which the stations are loaded. Rows that
 * cannot be read tell nothing here: whoever labels them says so. A table that
 * lacks what is asked for is not gone through.
 */
int wx_sensed_day(struct wx_senses *s, const struct wx_archive *a,
		  const char *node, int64_t day,
		  const struct wx_site_evidence *stations,
		  struct wx_error *err);

/*
 * The day and those before it that it is known from, of the node's days of
 * windows; loads the stations too.
 */
int wx_sensed_upto(struct wx_senses *s, const struct wx_archive *a,
		   const char *node, const struct wx_days *days, int64_t day,
		   struct wx_site_evidence *stations, struct wx_error *err);

#endif
