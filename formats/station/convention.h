/* SPDX-License-Identifier: MIT */
/*
 * formats/station/convention.h: which columns of a Campbell table are meant,
 * by what programmers of such loggers call them and by unit and processing.
 */
#ifndef WX_STATION_CONVENTION_H
#define WX_STATION_CONVENTION_H

#include "station/column.h"

struct wx_campbell_table {
	const struct wx_header *names, *units, *procs; /* of one width */
};

/*
 * Adds to cols what the user did not tell. Two columns that fit one key
 * equally well are WX_ERR_FORMAT, with the option that decides.
 */
int wx_convention_add(struct wx_columns *cols,
		      const struct wx_campbell_table *table,
		      const struct wx_station_opts *opts,
		      struct wx_rawlog *lines, struct wx_error *err);

/* Per interval or cumulative, by the processing of the columns taken. */
int wx_convention_rain_kind(const struct wx_columns *cols,
			    const struct wx_campbell_table *table,
			    const struct wx_station_opts *opts,
			    struct wx_rawlog *lines, enum wx_rain_kind *out,
			    struct wx_error *err);

#endif
