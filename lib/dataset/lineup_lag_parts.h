/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup_lag_parts.h: what lineup_lag_*.c share; nobody else needs
 * it. */
#ifndef WX_DATASET_LINEUP_LAG_PARTS_H
#define WX_DATASET_LINEUP_LAG_PARTS_H

#include "dataset/lineup_lag.h"

/* Two barometers agree no better, whatever the figures say. */
#define WX_LAG_SLACK_S 5.0

/* An accepted lag. */
struct wx_lag_entry {
	const struct wx_lineup_lag *lag;
	double t_s;    /* the middle */
	double zone_s; /* NAN: none, but far off */
	double rest_s;
	double sigma_s;
	bool of_station; /* whose fault zone_s is */
	bool is_told;    /* a finding has it */
};

struct wx_lag_judge {
	struct wx_lag_findings *out;
	struct wx_lag_entry *entry; /* of one station, by time */
	size_t n;
	struct wx_error *err;
};

int wx_lag_judge_add(struct wx_lag_judge *j, const struct wx_lag_finding *f);
/* One more span says so. */
void wx_lag_finding_cover(struct wx_lag_finding *f,
			  const struct wx_lag_entry *e);
/* Median, and its standard deviation. n > 0; sorts v. */
double wx_lag_median(double *v, size_t n, double *sd);

/* What is left of the lags when zones are off, in the mean of all nodes. */
struct wx_lag_rest {
	double s; /* nodes less station; n > 0 */
	double sd_s;
	size_t n;
};
/* And whether its rows are stamped as they are told to be. */
int wx_lag_station_rest(struct wx_lag_judge *j, struct wx_lag_rest *rest);

#endif
