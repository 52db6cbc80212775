/* SPDX-License-Identifier: MIT */
/*
 * formats/station/told.h: what a user tells of a station's log, over what
 * site.json says of the station.
 */
#ifndef WX_STATION_TOLD_H
#define WX_STATION_TOLD_H

#include "archive/site.h"
#include "base/cli.h"
#include "base/instrument.h"
#include "station/station.h"

/* As typed; NULL and NAN: not given. */
struct wx_told {
	const char *utc_offset, *zone, *stamp, *rain_kind, *date_order, *sensor,
		*bucket, *cup, *registers, *date, *time_format;
	struct wx_strs columns;
	double interval_s, modulus;
	int64_t skip_lines; /* 0: not given */
	/* what wx_told_parse makes of them */
	bool has_offset;
	int offset_s;
	double bucket_mm;
	struct wx_cup_model cups; /* m_s_per_hz NAN: not given */
	struct wx_zone *zone_data;
	json_t *map;      /* key -> column */
	json_t *reg_file; /* of registers */
};

void wx_told_init(struct wx_told *t);
void wx_told_fini(struct wx_told *t);
/*
 * WX_ERR_RANGE, naming the option, what it takes and what was found; another
 * failure is that of a file.
 */
int wx_told_parse(struct wx_told *t, struct wx_error *err);

/* Options for a reader, and what they borrow; {0} before. */
struct wx_told_opts {
	struct wx_station_opts opts;
	struct wx_zone *zone; /* of site.json, and so reg_file */
	json_t *map, *reg_file;
};

/* t stays lent to out. s may be NULL: no site.json. */
int wx_told_opts(const struct wx_told *t, const struct wx_site_station *s,
		 struct wx_told_opts *out, struct wx_error *err);
void wx_told_opts_fini(struct wx_told_opts *o);

#endif
