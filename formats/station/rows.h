/* SPDX-License-Identifier: MIT */
/*
 * formats/station/rows.h: what a row of any log becomes: its interval, its
 * end, what its rain means. Every reader hands its rows over through this.
 */
#ifndef WX_STATION_ROWS_H
#define WX_STATION_ROWS_H

#include "station/rawlog.h"
#include "station/stamp.h"
#include "weather/rain.h"
#include "weather/station.h"

enum { WX_ROWS_AHEAD = 32 }; /* rows that tell the interval */

struct wx_raw_row {
	/*
	 * utc as stamped; the logger's values. interval_s NAN: as of the
	 * others.
	 */
	struct wx_obs obs;
	long line;
	double rain_step_mm; /* last digit of rain_mm as printed; NAN */
};

struct wx_rows {
	struct wx_rawlog *lines;
	const struct wx_station_opts *opts;
	wx_obs_fn *row;
	void *ctx;
	enum wx_rain_kind kind;
	struct wx_counter rain, tips, turns;
	bool turns_are_counted; /* cup_turns is a counter's reading */
	bool rows_are_tips;     /* of kind TIPS, and no column tells how many */
	struct wx_time last, latest; /* stamps */
	double interval_s;           /* nominal; NAN: not known yet */
	bool settled;
	int n_ahead;
	struct wx_raw_row ahead[WX_ROWS_AHEAD];
};

/* The two bools are false after it, and the reader's to set. */
void wx_rows_init(struct wx_rows *r, struct wx_rawlog *lines,
		  const struct wx_station_opts *opts, enum wx_rain_kind kind,
		  wx_obs_fn *row, void *ctx);
int wx_rows_put(struct wx_rows *r, const struct wx_raw_row *raw,
		struct wx_error *err);
/* No more rows of this schema: hands over what waits for its interval. */
int wx_rows_end(struct wx_rows *r, struct wx_error *err);

/*
 * Before wx_rows_end: WX_ERR_FORMAT when rows were left out because their time
 * cannot be read, and none was taken.
 */
int wx_rows_check_times(const struct wx_rows *r, struct wx_error *err);

/*
 * The instant of a civil time, by opts' zone or offset; WX_ERR_FORMAT with the
 * option to give, when neither is told. text is for messages.
 *
 * Where a zone's clock was put back, an hour stands twice: rows are taken to go
 * on from the one before, so that the second time a stamp comes is the second
 * hour. Where no row before tells, the first is taken and that is told. A
 * stamp in the hour that was left out is WX_ERR_FORMAT: the logger's clock is
 * not of that zone.
 */
int wx_rows_civil(struct wx_rawlog *lines, const struct wx_civil *civil,
		  const char *text, const struct wx_station_opts *opts,
		  struct wx_time *utc, struct wx_error *err);

/* A stamp as opts' time_format has it, else as wx_stamp_parse knows them. */
void wx_rows_stamp(const struct wx_station_opts *opts,
		   const struct wx_field *stamp, enum wx_date_order order,
		   struct wx_stamp *out);

/*
 * The instant that a stamp tells. A stamp without a zone is
 * as of wx_rows_civil. One that is no time is warned of, and
 * *use is false.
 */
int wx_rows_time(struct wx_rawlog *lines, const struct wx_field *stamp,
		 const struct wx_station_opts *opts, enum wx_date_order order,
		 struct wx_time *utc, bool *use, struct wx_error *err);

/* A row of nothing, for readers whose values are in no columns. */
void wx_raw_row_init(struct wx_raw_row *raw);
/*
 * v, in the key's own unit, into the row; one that is not believable is warned
 * of and left out. NAN: no value.
 */
void wx_raw_row_set(struct wx_raw_row *raw, int key, double v,
		    struct wx_rawlog *lines);

/*
 * Flags a row that the file's last line holds, if that does not end: its last
 * value may have been cut. Told once.
 */
void wx_raw_row_torn(struct wx_raw_row *raw, struct wx_rawlog *lines);

/* Adds a word that is not there yet, while there is room. */
void wx_obs_flag(struct wx_obs *obs, const char *word);

#endif
