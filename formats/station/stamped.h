/* SPDX-License-Identifier: MIT */
/*
 * formats/station/stamped.h: messages without a time of their own, which
 * whoever received them wrote down behind the time of arrival.
 *
 *     2026-06-01T12:00:00.250Z 0R1,Dm=236D,...       ISO, to the millisecond
 *     01/06/2026 12:00:00 $WIMWV,...                 needs a date order
 *     2026-06-01 12:00:00.044864::0R0,...            any marks between
 *     01.06.2026;12:00:00;UTC;2.2b;01;1;3;0r3,...    columns of a table
 *     1780315200<TAB>0R1,...                         Unix seconds
 *     12:00:00.250: <- $WIMWV,...                    needs a date
 *
 * Each kind of message has a step of its own, and is a stream of rows.
 */
#ifndef WX_STATION_STAMPED_H
#define WX_STATION_STAMPED_H

#include "station/rows.h"
#include "station/unit.h"

enum { WX_PREFIX_SIZE = 80, WX_STREAM_STEPS = 9 };

/*
 * The time in front of a message: as much of text[0..n) as is one, into buf,
 * which stamp lends. BAD when it begins with none.
 */
enum wx_stamp_kind wx_prefix_stamp(const char *text, size_t n,
				   enum wx_date_order order,
				   char buf[WX_PREFIX_SIZE],
				   struct wx_field *stamp);

/*
 * The instant in front of a message. *told is false when there is none; *use
 * when it cannot be read, as in wx_rows_time. A time of day alone, as
 * "12:00:00.250: <- ", is of opts' date, and of the next day each time that it
 * goes back by more than half of one; without a date it is WX_ERR_FORMAT.
 */
int wx_prefix_time(struct wx_rawlog *lines, const char *text, size_t n,
		   enum wx_date_order order, const struct wx_station_opts *opts,
		   struct wx_time *utc, bool *told, bool *use,
		   struct wx_error *err);

/* Where the message of a line begins; n when it has none. */
typedef size_t wx_message_fn(const char *text, size_t n);

/*
 * The order of the dates in front of the messages, when it is not told and a
 * date needs one: decided over the whole file, which then begins again. A pipe
 * is left as it is. year_first: may a year of two digits come first?
 */
int wx_prefix_order(struct wx_rawlog *lines, wx_message_fn *find,
		    bool year_first, enum wx_date_order *order,
		    struct wx_error *err);

/* Rows of one kind of message; those of one stamp are one row. */
struct wx_stream {
	struct wx_rows rows;
	struct wx_station_opts opts;
	struct wx_raw_row raw; /* being gathered, if has_raw */
	bool has_raw;
	long line;
	int n_wind, n_dir;
	double dir_x, dir_y; /* sums of unit vectors */
	struct wx_time last;
	double step_s[WX_STREAM_STEPS]; /* the last ones, in a ring */
	int n_steps;
};

/* Stamps are those of arrival: opts' stamp_start does not count. */
void wx_stream_init(struct wx_stream *s, struct wx_rawlog *lines,
		    const struct wx_station_opts *opts, enum wx_rain_kind kind,
		    wx_obs_fn *row, void *ctx);
/*
 * A value of a message at utc, in the key's own unit. Call wx_streams_turn
 * before. Of several in one stamp: the mean wind and direction, the highest
 * gust, the last of all else.
 */
void wx_stream_set(struct wx_stream *s, struct wx_time utc, int key, double v);
/* Hands over every row that is not of utc; WX_TIME_NONE: every one. */
int wx_streams_turn(struct wx_stream *s, size_t n, struct wx_time utc,
		    struct wx_error *err);

#endif
