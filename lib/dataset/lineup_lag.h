/* SPDX-License-Identifier: MIT */
/*
 * lib/dataset/lineup_lag.h: the weather as a clock: what a node and a station
 * beside it both felt, and how far apart their stamps of it are.
 *
 *     pressure  the node's barometer against the station's: anchors
 *     wind      the level of its sound at 20 to 100 Hz against the wind speed
 *     rain      the level at 2 to 7 kHz against rain: finds hours, no more
 *
 * Each boot is measured in spans, of a day for pressure, so that a station that
 * changes its zone in mid-season shows. A node's stamps are those that its
 * clock gives them; those of a boot without an anchor are rough.
 *
 * A station's stamps are taken as they are, the end of an interval. A value
 * that was read at that instant has lag 0, one that was averaged over the
 * interval minus half of it: loggers do either, and do not say which.
 */
#ifndef WX_DATASET_LINEUP_LAG_H
#define WX_DATASET_LINEUP_LAG_H

#include "clock/lag.h"
#include "clock/lag_row.h"
#include "dataset/lineup.h"

enum wx_felt {
	WX_FELT_PRESSURE,
	WX_FELT_WIND,
	WX_FELT_RAIN,
	WX_FELT_COUNT,
	WX_FELT_AIR = WX_FELT_COUNT, /* of stations only: no lag is measured */
};
const char *wx_felt_name(enum wx_felt felt);

/* One span of one boot against one station. */
struct wx_lineup_lag {
	const char *node, *station; /* lent by the site */
	enum wx_felt felt;
	int64_t boot, m_us; /* the span's middle */
	/* By the node's clock as it is; if it is rough, still by that. */
	struct wx_time from, to;
	double max_err_s;  /* of that clock; NAN: rough */
	double interval_s; /* of the station's rows; NAN: instants or unknown */
	bool is_synced;    /* the boot has an exchange or a sync */
	bool has_ref;      /* the station has values of that time */
	bool stamp_start;  /* its rows are told to be stamped at their start */
	struct wx_lag lag;
	struct wx_lag_rows rows; /* of an accepted lag of pressure */
};

struct wx_lineup_lags {
	struct wx_lineup_lag *lag;
	size_t n, size;
};

/*
 * Add the lags of a node, of all boots, against each of its site's stations
 * that has tables. A table that cannot be read is a remark.
 */
int wx_lineup_lags_add(struct wx_lineup_lags *lags, struct wx_lineup *l,
		       struct wx_error *err);
void wx_lineup_lags_fini(struct wx_lineup_lags *lags);

/*
 * Full hours, or halves, that an accepted lag is near, seconds; NAN: it is near
 * none.
 */
double wx_lineup_lag_zone(const struct wx_lineup_lag *lag);

void wx_lineup_lag_print(const struct wx_lineup_lag *lag, FILE *out);
/* A new reference; NULL: out of memory. */
json_t *wx_lineup_lag_json(const struct wx_lineup_lag *lag);

/* --- what all of them say together -------------------------------------- */

enum wx_lag_fault {
	WX_LAG_STATION_ZONE,   /* full hours (or halves) off */
	WX_LAG_STATION_SUMMER, /* one hour off, from a day on */
	WX_LAG_STATION_STAMP,  /* start told as end, or end as start */
	WX_LAG_STATION_OFF,    /* by something else */
	WX_LAG_NODE_ZONE,      /* the node's anchors are */
	WX_LAG_NODE_OFF,       /* or its captures are not its own */
};

struct wx_lag_finding {
	enum wx_lag_fault fault;
	const char *node; /* NULL: the station's fault */
	const char *station;
	int64_t boot;            /* of the node */
	struct wx_time from, to; /* between the middles of the spans */
	double off_s; /* positive: what is at fault stamps too late */
	double sd_s;
	size_t n;       /* spans that say so */
	bool was_start; /* WX_LAG_STATION_STAMP: what it was told to be, */
	double sure;    /* and by how many sigma it is the other */
};

struct wx_lag_findings {
	struct wx_lag_finding *finding;
	size_t n, size;
};

/*
 * Who is wrong? What most nodes say of a station is the station's fault, and
 * so is what a single one says whose clock was compared with a host's or GPS.
 * Sorts the lags.
 */
int wx_lag_findings(struct wx_lag_findings *out, struct wx_lineup_lags *lags,
		    struct wx_error *err);
void wx_lag_findings_fini(struct wx_lag_findings *f);
void wx_lag_finding_print(const struct wx_lag_finding *f, FILE *out);
json_t *wx_lag_finding_json(const struct wx_lag_finding *f);

#endif
