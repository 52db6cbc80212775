/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/lag_row.h: which instant of its row does a station's value tell of?
 *
 * A logger stamps an interval at its start or at its end, and writes down what
 * it read at that end or the mean of the interval. Counted from the end, in
 * intervals, the value then tells of the place
 *
 *      0, -1/2   stamped as it is told to be: read, a mean
 *     +1, +1/2   stamped at its start, told as the end
 *     -1, -3/2   stamped at its end, told as the start
 *
 * A sensor beside it settles which: the difference of both is steadiest where
 * they are read together. One series is sparse (a node's, of each minute), the
 * other dense (a station's, of each 10 s), and of weather that walks the
 * difference grows by 3 Pa a minute, so a place is known far better than by the
 * peak of a correlation, whose step is the sparse one.
 *
 * How likely each place is, is kept by blocks of time, so that days and nodes
 * add up and yet one block's luck, which all nodes share, counts once.
 */
#ifndef WX_CLOCK_LAG_ROW_H
#define WX_CLOCK_LAG_ROW_H

#include "clock/lag.h"

/* Two intervals either way, in eighths. */
enum { WX_LAG_ROW_PER = 8, WX_LAG_ROW_PLACES = 4 * WX_LAG_ROW_PER + 1 };

static inline double wx_lag_row_place(int k)
{
	return (double)k / WX_LAG_ROW_PER - 2;
}

struct wx_lag_row {
	int64_t block;                    /* of 3 h since 1970 */
	double unlike[WX_LAG_ROW_PLACES]; /* -log likelihood */
};

struct wx_lag_rows {
	struct wx_lag_row *row;
	size_t n, size;
};

/**
 * Add the blocks of two series of the same thing.
 *
 * @param ref         the station's, stamped at the ends of its rows.
 * @param interval_s  of its rows.
 * @param near_s      a lag, as of wx_lag(), that was found already: full hours.
 *
 * Series that can tell nothing add nothing.
 */
int wx_lag_rows_add(struct wx_lag_rows *rows, const struct wx_lag_series *node,
		    const struct wx_lag_series *ref, double interval_s,
		    double near_s, struct wx_error *err);
int wx_lag_rows_join(struct wx_lag_rows *to, const struct wx_lag_rows *from,
		     struct wx_error *err);
void wx_lag_rows_fini(struct wx_lag_rows *rows);

struct wx_lag_row_sum {
	double place; /* the likeliest; NAN: none stands out, or at the edge */
	double sd;    /* of it, by leaving out blocks */
	size_t n_blocks;
};

/* Add up what was found. Sorts rows. */
struct wx_lag_row_sum wx_lag_rows_sum(struct wx_lag_rows *rows);

/*
 * By how many standard deviations the likeliest place of lo .. hi beats that of
 * lo2 .. hi2, by blocks; 0: fewer than 4 of them. After wx_lag_rows_sum().
 */
double wx_lag_rows_prefer(const struct wx_lag_rows *rows, double lo, double hi,
			  double lo2, double hi2);

#endif
