/* SPDX-License-Identifier: MIT */
/*
 * lib/weather/gauge.h: what a rain gauge's record says and does not say.
 *
 * Rows of observations go in, in any order; out come the instants at which the
 * bucket tipped, cleaned and with the doubt of each, and the spans of time in
 * which the gauge was read at all. Outside those nobody knows whether it
 * rained, so nothing may be concluded from the absence of tips.
 *
 * A row that carries rain (tips, or rain_mm) with interval_s > 0 covers its
 * interval; one with interval_s unknown covers the time since the row before,
 * up to WX_GAUGE_MAX_STEP_S. Holes of up to 3 intervals between rows are
 * bridged. A list of tips (interval_s 0) cannot show an outage: it covers the
 * time from its first row to the end of the step that its last one's stamp was
 * cut to (a second, a minute), but no silence past WX_GAUGE_MAX_SILENCE_S;
 * where other rows (wind, temperature) with an interval are there, these say
 * when the logger ran.
 */
#ifndef WX_WEATHER_GAUGE_H
#define WX_WEATHER_GAUGE_H

#include <stdbool.h>
#include <stddef.h>

#include "weather/obs.h"
#include "weather/spans.h"

/*
 * Instants of 1837 to 2103 are looked at, ns since 1970: the difference of any
 * two, and a month more, fits in 64 bits.
 */
#define WX_EVIDENCE_MAX_NS INT64_C(4200000000000000000)
/* Rows without interval_s further apart than this are not one record. */
#define WX_GAUGE_MAX_STEP_S 3600.0
/*
 * Longest silence of a list of tips that counts as dry: a month. It also keeps
 * one tip stamped years ahead from making everything before it dry.
 */
#define WX_GAUGE_MAX_SILENCE_S (31.0 * WX_S_PER_DAY)
/* Pulses nearer than this are one closure: no bucket moves so fast. */
#define WX_GAUGE_MERGE_S 0.15
/*
 * A pair nearer than WX_GAUGE_BOUNCE_S with over WX_GAUGE_ALONE_S of silence on
 * both sides is one tip and a bounce: two real ones would mean a cloudburst
 * of one second.
 */
#define WX_GAUGE_BOUNCE_S 1.0
#define WX_GAUGE_ALONE_S  60.0
/* More than this in one row is a misread, not rain; mm/h. */
#define WX_GAUGE_CEILING_MM_H 2000.0
/*
 * Counts, or water, of longer rows than this tell of a minute within too little
 * to train on, s: of made and real rain, labels of 60 s that passed for 0.94 to
 * 0.96 were right in 0.89 of those by rows of 600 s, in 0.73 to 0.80 by 1800 s,
 * in 0.58 to 0.71 by 3600 s.
 */
#define WX_GAUGE_COARSE_S 600.0
/* Below this the bucket may hold snow; node's or station's air, degC. */
#define WX_GAUGE_FROST_DEGC 1.0
/*
 * So long after that a tip may be of snow that melts in the funnel: of snow, 3
 * to 6 mm melt a day and degC (degree-day factors, Hock 2003, J. Hydrol. 282),
 * so that a fall of 3 mm of water is gone after 4 to 8 h of 3 degC.
 */
#define WX_GAUGE_THAW_S 21600.0
/* In less than that no snow falls that makes a tip, nor does one reading tell. */
#define WX_GAUGE_SNOW_S 1200.0

enum {
	WX_TIP_BOUNCE = 1,   /* a bounce after it was dropped */
	WX_TIP_SAME_ROW = 2, /* counted in one row with the one before */
	WX_TIP_COARSE = 4,   /* in a row of over WX_GAUGE_COARSE_S */
};

struct wx_tip {
	int64_t utc_ns;
	float sigma_s; /* of its place, from the stamp's step */
	unsigned flags;
};

struct wx_gauge_row; /* a row that carries water, as given */

struct wx_gauge {
	/* Results, valid after wx_gauge_finish. */
	double bucket_mm;   /* water per tip; NAN: not known */
	struct wx_tip *tip; /* sorted */
	size_t n_tips;
	struct wx_spans read;   /* when the gauge was read */
	struct wx_spans frozen; /* when the station's air was below frost */
	struct wx_spans solid;  /* when the station told of hail or snow */
	struct wx_spans closed; /* see wx_gauge_close */
	/*
	 * With no bucket known (by_amount) a tip stands for a wet row, and its
	 * water fell within [from, to) of amount[]. Amounts that come in steps
	 * tell of a bucket whose size somebody should give: step_mm, else 0.
	 */
	bool by_amount;
	struct wx_amount {
		int64_t from_ns, to_ns;
		double mm;
	} * amount;
	double step_mm;
	bool siphon_like; /* it has a siphon, and nobody said so */
	bool coarse;      /* some tips are of long rows: wx_gauge_is_coarse */
	bool no_bucket;   /* tips were counted, but nobody knows of what */
	/* To be set before the first row, where it is so: see siphon.h. */
	bool siphon;
	/* Of the rows added: out of order, misread; of the tips: dropped. */
	size_t n_unsorted, n_refused, n_merged, n_bounced;

	/* Private. */
	double given_mm;
	struct wx_gauge_row *row;
	size_t n_rows, cap_rows, cap_tips, cap_amounts;
	struct wx_spans by_row, alive, cold;
	int64_t last_ns;
};

/* bucket_mm NAN: taken from rows that tell tips and rain_mm, if there are. */
void wx_gauge_init(struct wx_gauge *g, double bucket_mm);
void wx_gauge_fini(struct wx_gauge *g);
/*
 * From here to there somebody was at it, or it was blocked: what rows say that
 * reach into that time is not used, and nobody knows what fell. Before the rows
 * are added. WX_ERR_NOMEM only.
 */
int wx_gauge_close(struct wx_gauge *g, struct wx_time from, struct wx_time to,
		   struct wx_error *err);
/*
 * Add a row; one without utc is passed over, one that cannot be is counted as
 * refused. WX_ERR_NOMEM only.
 */
int wx_gauge_add(struct wx_gauge *g, const struct wx_obs *obs,
		 struct wx_error *err);
/* Make tips and spans of all rows so far; more may be added afterwards. */
int wx_gauge_finish(struct wx_gauge *g, struct wx_error *err);
/* The first tip after ns, of those from number lo on; n_tips: there is none. */
size_t wx_gauge_tip_after(const struct wx_gauge *g, size_t lo, int64_t ns);
/* Does [from, to) touch a wet row of over WX_GAUGE_COARSE_S? */
bool wx_gauge_is_coarse(const struct wx_gauge *g, int64_t from_ns,
			int64_t to_ns);
/* Forget what ended before utc, to keep memory small along a season. */
void wx_gauge_trim(struct wx_gauge *g, struct wx_time before);

#endif
