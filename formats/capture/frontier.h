/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/frontier.h: what a Frontier Labs recorder (BAR, BAR-LT)
 * notes beside its recordings.
 *
 * GPS_log.csv, one line a try, at times weeks apart:
 *
 *     GPS log file
 *     Latitude (decimal degrees),Longitude (decimal degrees),HH/MM,DD/MM/YY
 *     -27.3886+152.8717,10:08,19/09/2019
 *     Failed to acquire GPS lock after 30 mins
 *
 * Its times are of the minute, in a zone that it does not tell: they say where
 * the recorder stood, and nothing of its clock.
 *
 * logfile.txt, logfile_SERIAL_SD1.txt:
 *
 *      Serial Number: 00008570
 *      Firmware: 3.30 (Jul 20 2021 15:53:03)
 *     2022-03-31 09:48:38 Battery at 66% ( 3.80 V )
 *     2022-03-31 09:48:40 Updating clock from the GPS to local time 09:48:40
 *                                                               (UTC-03:00)
 *     2022-03-31 09:51:39 GPS position lock acquired [+44.67699-063.55557]
 *     2022-03-31 10:01:02 Total buffer overruns = 0
 *
 * on one line each; stamps are its wall clock. Where the clock was updated, it
 * was right to the second from then on.
 *
 * Sources: BAR-LT logs of firmware 3.14 and 3.30, published by the Queensland
 * University of Technology (emu).
 */
#ifndef WX_CAPTURE_FRONTIER_H
#define WX_CAPTURE_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

enum wx_frontier_kind {
	WX_FRONTIER_OTHER,
	WX_FRONTIER_FIX,      /* lat_deg, lon_deg; civil */
	WX_FRONTIER_NO_FIX,   /* GPS_log.csv: it tried in vain */
	WX_FRONTIER_UPDATED,  /* the clock, by GPS: utc, zone_s */
	WX_FRONTIER_BATTERY,  /* battery_v */
	WX_FRONTIER_SERIAL,   /* text */
	WX_FRONTIER_FIRMWARE, /* text */
	WX_FRONTIER_OVERRUN,  /* samples were lost */
};

struct wx_frontier_line {
	enum wx_frontier_kind kind;
	bool has_civil;
	struct wx_civil civil;   /* its wall clock, if the line tells it */
	double lat_deg, lon_deg; /* NAN both */
	struct wx_time utc;      /* UPDATED: what it was set to; NONE */
	int zone_s;              /* UPDATED: ahead of UTC */
	double battery_v;        /* NAN */
	char text[64];           /* "" */
};

/* A line of GPS_log.csv, or of a logfile, without its end. */
void wx_frontier_gps_line(const char *text, size_t n,
			  struct wx_frontier_line *out);
void wx_frontier_log_line(const char *text, size_t n,
			  struct wx_frontier_line *out);

/* Which of the two a file is by its name: 0 for neither. */
enum wx_frontier_file {
	WX_FRONTIER_NEITHER,
	WX_FRONTIER_GPS_LOG,
	WX_FRONTIER_LOGFILE,
};
enum wx_frontier_file wx_frontier_name(const char *name);

#endif
