/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/station.h: what a reader of station logs is told, and hands
 * over. formats/station/ implements it, one file and one table row a format.
 */
#ifndef WX_WEATHER_STATION_H
#define WX_WEATHER_STATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/zone.h"
#include "weather/obs.h"
#include "weather/rain.h"

/* What no file says of itself; from site.json or the command line. */
struct wx_station_opts {
	bool has_offset;
	int offset_s;               /* of the file's times, ahead of UTC */
	const struct wx_zone *zone; /* instead: where they are of; NULL */
	bool stamp_start;           /* intervals are stamped at their start */
	double interval_s;          /* of rows; NAN: from the stamps */
	double bucket_mm;           /* water per tip; NAN: not given */
	double modulus;        /* of rain counters: wx_counter; NAN: none */
	const char *rain_kind; /* "interval" "cumulative" "tips"; NULL */
	double m_s_per_hz, cup_offset_m_s; /* NAN: not given */
	const char
		*date_order; /* "dmy" "mdy" "ymd"; NULL: the file must tell */
	const char *time_format; /* of strptime(3); NULL: the usual ones */
	int64_t skip_lines;      /* before a csv's header */
	const char *date;        /* of the first time without one; NULL */
	const char *sensor;    /* "MODEL", "MODEL/ID" of several heard; NULL */
	const json_t *columns; /* observation key -> "name [unit]"; NULL */
	const json_t *registers;     /* registers.schema.json; NULL */
	struct wx_rain_carry *carry; /* kept from file to file; NULL */
	struct wx_log *notes; /* which columns were taken and why; NULL */
};

/* One row handed over; a failure ends the reading and is passed on. */
typedef int wx_obs_fn(void *ctx, const struct wx_obs *obs,
		      struct wx_error *err);

struct wx_station_format {
	const char *name; /* as typed after -f, [a-z0-9-] */
	const char *desc; /* one line for --help */
	bool binary;      /* its files are no text */
	/* 0..100: how surely these first n bytes are this format. */
	int (*probe)(const uint8_t *head, size_t n);
	/*
	 * Calls row() for each row, oldest first. What the file leaves open
	 * (zone, bucket) is WX_ERR_FORMAT naming the option to give. Bad rows
	 * are warned of ("FILE:LINE: found, expected") and skipped.
	 */
	int (*read)(FILE *in, const char *name,
		    const struct wx_station_opts *opts, wx_obs_fn *row,
		    void *ctx, struct wx_log *log, struct wx_error *err);
};

#endif
