/* SPDX-License-Identifier: MIT */
/* formats/station/station.h: every reader of station logs, and how to pick. */
#ifndef WX_STATION_STATION_H
#define WX_STATION_STATION_H

#include "weather/station.h"

/* To add one: its file here, one line, a capture. */
#define WX_STATION_FORMATS(X) \
	X(campbell_toa5)      \
	X(csv)                \
	X(davis_archive)      \
	X(davis_loop)         \
	X(ecowitt)            \
	X(hobo)               \
	X(nmea)               \
	X(openlog)            \
	X(rtl433)             \
	X(tempest)            \
	X(tips)               \
	X(vaisala_wxt)        \
	X(weatherlink)        \
	X(weewx)              \
	X(weewx_csv)

#define WX_STATION_DECLARE(name) \
	extern const struct wx_station_format wx_station_##name;
WX_STATION_FORMATS(WX_STATION_DECLARE)
#undef WX_STATION_DECLARE

/* NULL when there is none; the tool lists wx_station_format_names. */
const struct wx_station_format *wx_station_format_find(const char *name);
const char *wx_station_format_names(char *buf, size_t size); /* "a, b, c" */

/* All fields not given. */
void wx_station_opts_init(struct wx_station_opts *opts);

/*
 * Open, probe if format is NULL, read, close: what most callers want.
 * path "-" is stdin, which is only probed when it can be rewound.
 */
int wx_station_read(const char *path, const struct wx_station_format *format,
		    const struct wx_station_opts *opts, wx_obs_fn *row,
		    void *ctx, struct wx_log *log, struct wx_error *err);

#endif
