/* SPDX-License-Identifier: MIT */
/* lib/dataset/labelled.h: what a run of wx-label has labelled, in numbers. */
#ifndef WX_DATASET_LABELLED_H
#define WX_DATASET_LABELLED_H

#include <jansson.h>

#include "dataset/tracks.h"

struct wx_labelled {
	uint64_t windows, rain_kept, wind_kept;
	uint64_t days, days_changed;     /* tables, and those anew */
	uint64_t measured;               /* of which a station told */
	uint64_t rain_heard, wind_heard; /* labelled by a person */
	uint64_t by_humidity, by_sound;  /* on whose rain the node's bears */
	struct wx_agreement rain_ear, wind_ear; /* against the station */
};

/* Count a window as it is written; measured, days and *_ear are the caller's. */
void wx_labelled_count(struct wx_labelled *n, const struct wx_label *l);

/* By schemas/label-run.schema.json; the caller's. NULL: out of memory. */
json_t *wx_labelled_json(const struct wx_labelled *n,
			 const struct wx_profile *p, size_t n_nodes);

/* All that agree and all there are. */
void wx_agreement_sum(const struct wx_agreement *a, uint64_t *agree,
		      uint64_t *n);
/* {"classes": [...], "ear_by_station": [[...], ...]}; the caller's. */
json_t *wx_agreement_json(const struct wx_classes *c,
			  const struct wx_agreement *a);

#endif
