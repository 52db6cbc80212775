/* SPDX-License-Identifier: MIT */
/*
 * formats/station/weewx_row.h: a row of WeeWX's archive, from its database or
 * a table that was made of it.
 *
 * dateTime is the END of the interval, Unix seconds; interval its length in
 * minutes; rain is that of the interval. usUnits tells each row's units: 1 US
 * (inch, mph, degF, inHg), 16 METRIC (cm, km/h, degC, mbar), 17 METRICWX (mm,
 * m/s, degC, mbar). pressure is the station's own, barometer that at sea
 * level: only the first is taken.
 *
 * Source: WeeWX's customization guide, "The database"; weewx/units.py.
 */
#ifndef WX_STATION_WEEWX_ROW_H
#define WX_STATION_WEEWX_ROW_H

#include "station/rows.h"

enum { /* of the columns that are read; values come after the interval */
       WX_WEEWX_TIME,
       WX_WEEWX_UNITS,
       WX_WEEWX_INTERVAL,
       WX_WEEWX_VALUES,
       WX_WEEWX_N = WX_WEEWX_VALUES + 7,
};

extern const char *const wx_weewx_names[WX_WEEWX_N];

/*
 * v: a value a column, NAN where there is none. Rows without a believable
 * time, unit system or interval are warned of and left out.
 */
int wx_weewx_put(struct wx_rows *rows, const double v[WX_WEEWX_N],
		 struct wx_error *err);

#endif
