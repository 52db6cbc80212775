/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log.h: one mast as the stations that people own write it down
 * (wx-sim --logs DIR).
 *
 *     logs/FILE        a log of each format, with what goes wrong in the field
 *     truth/NAME.csv   what can be known from it, a row each
 *     site.json        an archive whose stations are these logs
 *
 * A format is its file log_NAME.c and one line here.
 */
#ifndef WX_MADE_LOG_H
#define WX_MADE_LOG_H

#include "base/zone.h"
#include "sim/node.h"

#define WX_MADE_LOGS(X)  \
	X(hobo)          \
	X(davis_pages)   \
	X(davis_records) \
	X(davis_loop)    \
	X(davis_loop2)   \
	X(rtl433)        \
	X(weewx)         \
	X(weewx_csv)     \
	X(ecowitt)       \
	X(tempest)       \
	X(weatherlink)   \
	X(vaisala_wxt)   \
	X(nmea)          \
	X(nmea_gps)      \
	X(openlog)

/* What a station knows at the end of an interval. */
struct wx_made_reading {
	int64_t end_s; /* Unix */
	int step_s;
	int64_t tips, turns;             /* of the interval */
	int64_t total_tips, total_turns; /* since its counter's last reset */
	double rain_mm, total_mm;        /* the same as water */
	double wind_avg_m_s, wind_gust_m_s, wind_dir_deg;
	double air_temp_degc, rel_hum_pct, pressure_hpa;
	bool restarted; /* power came back within the interval */
};

/* Of a log that is being written. */
struct wx_made_log {
	const struct wx_sim_opts *opts;
	const struct wx_zone *zone; /* of clocks that keep daylight saving */
	int64_t row;                /* from 0 */
	void *state;                /* of state_size bytes, 0 at first */
};

enum wx_made_rain {
	WX_MADE_INTERVAL, /* water of each interval: lost with the row */
	WX_MADE_COUNTER,  /* goes on while nobody listens; resets */
	WX_MADE_EVENTS,   /* an instant each tip */
};

struct wx_made_format {
	const char *name; /* of the station; its truth is truth/NAME.csv */
	const char *file;
	const char *site; /* more keys of its station in site.json; "" */
	int step_s;
	double wind_step_m_s; /* resolution */
	enum wx_made_rain rain;
	bool resends;     /* a piece may come twice */
	bool turns_alone; /* wind only as counted turns of the cups */
	bool whole;       /* a data base: its end is never torn */
	size_t state_size;
	/*
	 * Each writes a piece of the file, or nothing yet; NULL: it has none.
	 * end() closes the piece that was begun.
	 */
	void (*begin)(struct wx_made_log *log, FILE *out);
	void (*tip)(struct wx_made_log *log, int64_t utc_s, FILE *out);
	void (*row)(struct wx_made_log *log, const struct wx_made_reading *r,
		    FILE *out);
	void (*end)(struct wx_made_log *log, FILE *out);
};

#define WX_MADE_DECLARE(name) \
	extern const struct wx_made_format wx_made_log_##name;
WX_MADE_LOGS(WX_MADE_DECLARE)
#undef WX_MADE_DECLARE

/* The zone of the loggers' clocks that keep daylight saving time. */
#define WX_MADE_ZONE "Europe/Zurich"

/* utc_s on the clock of the log's zone. */
struct wx_civil wx_made_civil(const struct wx_made_log *log, int64_t utc_s);

/*
 * All of them, of the season that opts name. WX_ERR_FORMAT where dir holds
 * something else. A file that is there with the right bytes is left alone.
 */
int wx_made_logs(const char *dir, const struct wx_sim_opts *opts,
		 struct wx_error *err);

#endif
