/* SPDX-License-Identifier: MIT */
/*
 * formats/station/live.h: what a station sends now, logged as it comes.
 *
 *     /dev/ttyUSB0[?baud=N]   a serial port
 *     tcp:HOST:PORT           a stream: ser2net, a WeatherLink IP
 *     udp:[HOST]:PORT         datagrams that come here, as a Tempest's
 *     -                       standard input, as rtl_433's
 *
 * A line goes into the log as it came. Where messages tell no time, that of
 * their first byte goes in front of it:
 *
 *     2026-06-01T12:00:00.250Z $WIMWV,214.0,R,5.3,M,A*25
 *
 * which the format's reader takes for the time of arrival. A line that the end
 * of a connection cut is told and left out. Of a gauge that sends a byte or a
 * line a tip, silence ends a line, too. A Davis console is asked: for packets,
 * which go into the log in hexadecimal, or for the records of its archive.
 *
 * What is lost is opened again, for ever, after 1 to 10 s.
 */
#ifndef WX_STATION_LIVE_H
#define WX_STATION_LIVE_H

#include "archive/livelog.h"
#include "weather/station.h"

struct wx_live_opts {
	const char *port; /* as above */
	int baud;         /* 0: as the format's instruments mostly have it */
	const struct wx_station_format *format;
	const char *dir;       /* station/ID/raw */
	bool (*stopped)(void); /* looked at five times a second */
	struct wx_log *log;    /* lost, back, cut lines */
	struct wx_log *notes;  /* each line; NULL */
};

/*
 * Until stopped, or the end of standard input. WX_ERR_FORMAT: no such port can
 * be, or the format's logs are files only; WX_ERR_IO: the log cannot be
 * written, or the port is not there at the start.
 */
int wx_live_run(const struct wx_live_opts *opts, uint64_t *n_lines,
		struct wx_error *err);

#endif
