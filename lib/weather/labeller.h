/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/labeller.h: a window and a station's evidence into a label.
 *
 * Flags say what made a label unknown or doubtful:
 *   no_time         the window has no start_utc
 *   no_rain_record  the gauge was not read for the whole window
 *   maintenance     the station that would have told was not to be used then
 *   no_bucket       tips were counted, but of what size nobody told
 *   frost           air below 1 degC, node's or station's: the bucket may hold
 *                   snow
 *   solid           the station told of hail or snow
 *   thaw            rain by a tip within 6 h of long frost: snow may melt in the
 *                   funnel, and the label is not kept
 *   record_edge     the gauge's record ends before the gap between tips does
 *   siphon          tips as of a siphon that nobody told of: not kept
 *   coarse_rain     rain of a row of over 10 min is spread over it: not kept
 *   lone_tip        rain by one tip: dew, a drop off a tree, a knock; not kept
 *   bounce          a tip that bounced bounds the window's gap
 *   fast_tips       tips faster than rain: a field visit, a bad contact
 *   no_wind         wind was not measured for most of the window
 *   below_threshold the cups stood still, which is less than their threshold
 *   wind_3s         shorter than cups can follow: judged by 3 s around
 *   unheard         rain of over 1.2 mm/h, and the window, whose sound was
 *                   looked at, lacks the flag rain_band
 *   humidity_used   the node's humidity bears on its rain: senses.h
 *   sound_used      so does its sound
 * and the words of doubt.h on the stations that told rain or wind; with
 * rain_bad and wind_bad the label is not kept.
 */
#ifndef WX_WEATHER_LABELLER_H
#define WX_WEATHER_LABELLER_H

#include "clock/window.h"
#include "weather/doubt.h"
#include "weather/rate.h"
#include "weather/senses.h"
#include "weather/wind.h"

/* What one station has said. */
struct wx_evidence {
	struct wx_gauge gauge;
	struct wx_wind wind;
	struct wx_rate rate;      /* of the gauge; a labeller's */
	struct wx_smooth *smooth; /* the same; NULL: not asked for */
	struct wx_doubts doubts;
};

enum { WX_LABEL_FLAGS_SIZE = 320 };

struct wx_labeller {
	const struct wx_profile *profile;    /* lent */
	struct wx_evidence *const *evidence; /* lent */
	size_t n_evidence;
	char flags[WX_LABEL_FLAGS_SIZE];
	/* How the last window was judged; SIZE_MAX: by no evidence. */
	size_t rain_by, wind_by; /* of evidence */
	struct wx_rate_why rain_why;
	struct wx_wind_why wind_why;
};

void wx_evidence_init(struct wx_evidence *e, double bucket_mm,
		      double m_s_per_hz, double cup_offset_m_s,
		      double cup_threshold_m_s);
/* Before the first row; without it nothing is doubted. limits are copied. */
void wx_evidence_doubt(struct wx_evidence *e, const struct wx_limits *limits);
void wx_evidence_fini(struct wx_evidence *e);
/* Label rain by all tips around, not by one gap: about as slow as it is right. */
int wx_evidence_smooth(struct wx_evidence *e, struct wx_error *err);
int wx_evidence_add(struct wx_evidence *e, const struct wx_obs *obs,
		    struct wx_error *err);
int wx_evidence_finish(struct wx_evidence *e, struct wx_error *err);
void wx_evidence_trim(struct wx_evidence *e, struct wx_time before);

/*
 * Label by n finished pieces of evidence; again after any of them changed.
 * The first that measured rain for the whole of a window tells its rain, the
 * first that measured wind for most of it its wind: they are not mixed.
 */
void wx_labeller_init(struct wx_labeller *l, const struct wx_profile *profile,
		      struct wx_evidence *const *evidence, size_t n);

/* What the node whose windows follow sensed; NULL: nothing. */
void wx_labeller_senses(struct wx_labeller *l, const struct wx_senses *senses);

/*
 * The label of a window. Texts in out are lent by the window, the profile and
 * the labeller (flags: until the next call). A window without start_utc or
 * with a length that is no length is unknown.
 */
void wx_labeller_window(struct wx_labeller *l, const struct wx_window *window,
			struct wx_label *out);

#endif
