/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/rate.h: rain rate of any stretch of time from the tips of a
 * bucket, and how probable each class is.
 *
 * One tip of 0.2 mm in 10 s reads 72 mm/h, so tips are not counted: the water
 * of a tip is spread over the gap before it. How the true rate scatters around
 * that is known from real rain at 10 to 60 s put through a 0.2 mm bucket, as a
 * table by the gap G between the tips around a window and its distance n to
 * the nearer one. Other buckets scale G and n by bucket_mm / 0.2.
 */
#ifndef WX_WEATHER_RATE_H
#define WX_WEATHER_RATE_H

#include "weather/gauge.h"
#include "weather/profile.h"
#include "weather/states.h"

/* The bucket the table below was made with, and where its times scale from. */
#define WX_RATE_TABLE_BUCKET_MM 0.2
/* Longer gaps are two events, s. */
#define WX_RATE_EVENT_GAP_S 1800.0
/* Within an event up to this gap the rate is log-normal, above the table. */
#define WX_RATE_TABLE_GAP_S 1200.0
/* Further than this from any tip a gauge that works saw no rain, s. */
#define WX_RATE_FAR_S 7200.0
/*
 * Water falling while a bucket tips is lost: 0.45 s of it, whatever the rate
 * (Duchon, Fiebrich, Grimsley 2014, J. Atmos. Oceanic Technol. 31).
 */
#define WX_RATE_LOST_S 0.45
/* Doubt in the bucket's size, 1 sigma, a share. */
#define WX_RATE_BUCKET_SIGMA 0.03

enum { WX_RATE_CELLS = 14 };

struct wx_rate {
	const struct wx_gauge *gauge;     /* lent, finished */
	const struct wx_classes *classes; /* lent */
	double scale;                     /* of times, bucket_mm / 0.2 */
	/* P(rate < limit) in each cell of the table. */
	double cell_cdf[WX_RATE_CELLS][WX_MAX_LIMITS];
	struct wx_smooth *smooth; /* lent, begun with the gauge; NULL: none */
	bool smoothed;            /* ... and it told of the last window */
	const struct wx_senses *senses; /* lent, of the node; NULL: none */
	size_t at;       /* where the last window was: the next is near */
	double sigma_ln; /* of the last window, see wx_rate_why */
};

/* What a window was judged by, for its flags and for whoever asks why. */
struct wx_rate_why {
	size_t prev, next; /* tips around it; SIZE_MAX: none in the record */
	double gap_s;      /* between them, or within the record; NAN */
	double sigma_ln;   /* scatter of ln(rate); NAN: the table of gaps */
	bool smoothed;     /* all tips around told, not the gap alone ... */
	double character[WX_CHARACTERS]; /* ... by rain of these, P each */
	bool edge;       /* the record ends before the gap does, and soon */
	bool bounce;     /* one of them bounced */
	bool too_fast;   /* gap shorter than any rain: field visit, chatter */
	bool lone;       /* rain by a tip with no other within an event */
	bool outside;    /* the gauge was not read all the time */
	unsigned sensed; /* bits of wx_sense that bear on it ... */
	double unsensed_cdf[WX_MAX_LIMITS]; /* ... P(rate < limit) before */
};

struct wx_senses;
struct wx_smooth;

/* Without smoother and senses; whoever has one sets it afterwards. */
void wx_rate_init(struct wx_rate *r, const struct wx_gauge *gauge,
		  const struct wx_classes *classes);

/*
 * Rain from start for length_s seconds, with start known to start_sigma_s:
 * averaged over where it may be, any class being as probable as another where
 * that is outside the gauge's record.
 * Unknown (see wx_class_unknown) outside the gauge's record.
 */
void wx_rate_label(struct wx_rate *r, struct wx_time start, double length_s,
		   double start_sigma_s, struct wx_class_label *out,
		   struct wx_rate_why *why);

#endif
