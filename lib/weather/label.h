/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/label.h: what rain and wind one window holds, how surely, why.
 *
 *     node,capture,offset_s,start_utc,length_s,rain_mm_h,rain_class,rain_p,
 *     rain_probs,rain_keep,rain_source,wind_m_s,wind_gust_m_s,wind_class,
 *     wind_p,wind_probs,wind_keep,wind_source,flags,rain_track,wind_track,
 *     rain_tip_before,rain_tip_after,rain_sigma_ln,rain_smoothed
 */
#ifndef WX_WEATHER_LABEL_H
#define WX_WEATHER_LABEL_H

#include "base/csv.h"

/* Beaufort has 13; two dozen steps of a rate are more than tips can tell. */
enum { WX_MAX_CLASSES = 24 };

struct wx_class_label {
	double value;     /* mm/h or m/s; NAN: unknown */
	const char *name; /* class; "" when unknown */
	double p;         /* of that class; NAN when unknown */
	double probs[WX_MAX_CLASSES];
	int n_probs;        /* 0 when unknown */
	int keep;           /* sure enough to train on */
	const char *source; /* tips pulses interval track none */
	const char *track;  /* "tracks/n1/a.txt:12", a person's label; "" */
};

struct wx_label {
	const char *node, *capture; /* lent */
	double offset_s;
	struct wx_time start_utc;
	double length_s;
	struct wx_class_label rain, wind;
	double wind_gust_m_s;
	const char *flags; /* words, blank between */
	/* Why that rain, by the station: see wx_rate_why. */
	struct wx_time rain_tip_before, rain_tip_after; /* NONE: no such tip */
	double rain_sigma_ln; /* NAN: the table of gaps */
	int rain_smoothed;
};

#define WX_LABEL_HEADER                                                        \
	"node,capture,offset_s,start_utc,length_s,rain_mm_h,rain_class,rain_"  \
	"p,"                                                                   \
	"rain_probs,rain_keep,rain_source,wind_m_s,wind_gust_m_s,wind_class,"  \
	"wind_p,wind_probs,wind_keep,wind_source,flags,rain_track,wind_track," \
	"rain_tip_before,rain_tip_after,rain_sigma_ln,rain_smoothed"

/*
 * What was written last, for one table: the rain of windows between two tips
 * is mostly the same. { 0 } before the first; names and sources of classes
 * are told apart by their addresses, so they must outlive it.
 */
struct wx_label_last {
	struct wx_class_label rain;
	struct wx_time tip_before, tip_after;
	struct wx_row_kept rain_text, tips_text;
};

void wx_label_write(struct wx_row *row, struct wx_label_last *last,
		    const struct wx_label *l);

struct wx_label_cols {
	int node, capture, offset_s, start_utc, length_s, rain_mm_h, rain_class,
		rain_p, rain_probs, rain_keep, rain_source, wind_m_s,
		wind_gust_m_s, wind_class, wind_p, wind_probs, wind_keep,
		wind_source, flags, rain_track, wind_track, rain_tip_before,
		rain_tip_after, rain_sigma_ln, rain_smoothed;
};
int wx_label_cols(const struct wx_csv *csv, struct wx_label_cols *cols,
		  struct wx_error *err);
/* Texts are lent by csv until its next row. */
int wx_label_get(const struct wx_csv *csv, const struct wx_label_cols *cols,
		 struct wx_label *out, struct wx_error *err);

#endif
