/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/summary.h: does a station live, and what of it looks wrong?
 *
 * Rows go in one after another, in the order of the file; nothing of them is
 * kept but figures, so that memory does not grow. What is suspect is for a
 * person to look at: none of it is taken out of the table.
 *
 * The limits are those of one-minute values, after WMO's Guidelines on Quality
 * Control Procedures for Data from Automatic Weather Stations (Zahumensky
 * 2004) and WMO-No. 305 for values up to an hour apart.
 */
#ifndef WX_WEATHER_SUMMARY_H
#define WX_WEATHER_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

#include "weather/obs.h"

/* What a station may measure, in the table's order. */
enum wx_summary_column {
	WX_SUM_TIPS,
	WX_SUM_RAIN,
	WX_SUM_TURNS,
	WX_SUM_WIND,
	WX_SUM_GUST,
	WX_SUM_DIR,
	WX_SUM_TEMP,
	WX_SUM_HUM,
	WX_SUM_PRES,
	WX_SUM_N,
};

enum wx_suspect_kind {
	WX_SUSPECT_DOUBLE, /* tips nearer than a bucket moves: bounce */
	WX_SUSPECT_RANGE,  /* no weather is like this */
	WX_SUSPECT_SPIKE,  /* far off from the values on both sides */
	WX_SUSPECT_STEP,   /* far off from the value before */
	WX_SUSPECT_STUCK,  /* does not move for longer than weather can */
	WX_SUSPECT_RATE,   /* more than 5 mm of rain in a minute */
	WX_SUSPECT_ORDER,  /* a gust below the mean */
	WX_SUSPECT_N,
};

/* Two tips nearer than this are suspect, s; in clocks that tell seconds. */
#define WX_SUMMARY_DOUBLE_S 2.0
/* A cloudburst may have some: suspect from this share of all tips on. */
#define WX_SUMMARY_DOUBLE_SHARE 0.01
/* Stuck: at least so many values, too. Means of long intervals move less. */
enum { WX_SUMMARY_STUCK_N = 30 };

/* How rain was told. */
enum wx_summary_rain {
	WX_SUM_IN_INTERVALS,
	WX_SUM_AT_INSTANTS, /* rows of one tip, mostly */
	WX_SUM_OVER_GAPS,   /* of a counter, while the log had a hole */
	WX_SUM_N_RAIN,
};

enum { WX_SUMMARY_GAPS = 6, WX_SUMMARY_FLAGS = 12, WX_SUMMARY_WORD = 24 };

struct wx_suspect {
	uint64_t n;
	struct wx_time first;
	double value;    /* at first; of STUCK its longest time, s; NAN */
	double previous; /* before first; NAN */
};

/* One column's values so far. Times are ends of intervals. */
struct wx_summary_values {
	uint64_t n;
	double min, max, sum;
	/* Private: the last value; a step that waits for the next one; how
	 * long the column has not moved. */
	struct wx_time at;
	double last, before, step;
	bool waits, spike_only;
	struct wx_time since;
	double low, high, from;
	uint64_t n_run;
	bool told;
};

struct wx_summary {
	uint64_t n_rows, n_instants, n_back; /* n_back: earlier than before */
	struct wx_time first, last;          /* earliest and latest utc */
	double interval_s;                   /* of most rows; NAN: none has */
	uint64_t n_gaps;
	double gaps_s, longest_gap_s;
	struct wx_time longest_gap; /* where it begins */
	double rain_mm[WX_SUM_N_RAIN], tips[WX_SUM_N_RAIN];
	/* Instants so many whole seconds after the one before. */
	uint64_t tip_gaps[WX_SUMMARY_GAPS];
	struct wx_summary_values column[WX_SUM_N];
	struct wx_suspect suspect[WX_SUM_N][WX_SUSPECT_N];
	struct {
		char word[WX_SUMMARY_WORD];
		uint64_t n;
	} flag[WX_SUMMARY_FLAGS]; /* words of flags; "": no more */
	/* Private. */
	struct wx_time until, last_utc, last_tip;
	int64_t stamp_step_ns; /* every stamp is a multiple of it */
	uint64_t n_votes;      /* for interval_s */
	int64_t minute;
	double minute_mm;
	uint64_t n_tip_rows, n_double;
};

void wx_summary_init(struct wx_summary *s);
/* A row without utc is passed over. */
void wx_summary_add(struct wx_summary *s, const struct wx_obs *obs);
/* No more rows. True: something is suspect, or there was no row at all. */
bool wx_summary_finish(struct wx_summary *s);

/* After finish. name is the file's, as given. */
void wx_summary_print(const struct wx_summary *s, const char *name, FILE *out);
/* An object of station-summary.schema.json; NULL: out of memory. */
json_t *wx_summary_json(const struct wx_summary *s, const char *name);

/* "wind_avg_m_s"; "spike". */
const char *wx_summary_column_name(enum wx_summary_column column);
const char *wx_suspect_name(enum wx_suspect_kind kind);

#endif
