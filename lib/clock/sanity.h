/* SPDX-License-Identifier: MIT */
/*
 * lib/clock/sanity.h: what no crystal does, named: clocks that were never set,
 * zones and summer time, steps, and sample clocks with a wrong divider. None of
 * it may be fitted as drift.
 */
#ifndef WX_CLOCK_SANITY_H
#define WX_CLOCK_SANITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- a real-time clock's reading ---------------------------------------- */

enum wx_rtc {
	WX_RTC_PLAUSIBLE,
	WX_RTC_UNSET,  /* of a year in which clocks begin to count */
	WX_RTC_BUILT,  /* set to when the firmware was compiled, at boot */
	WX_RTC_PAST,   /* before the firmware was there */
	WX_RTC_FUTURE, /* a day or more after now */
};

/*
 * A clock that lost its power is set to __DATE__ __TIME__ by common libraries
 * (RTClib) at every boot: then it read the build's time when m was 0, give or
 * take a zone (the build's is local) and how long the boot took.
 */
#define WX_RTC_BUILT_S (14 * 3600.0)

/*
 * What is to be thought of r at m, microseconds. built_us: when the firmware
 * was compiled, INT64_MIN: not known; now_us: the host's clock.
 */
enum wx_rtc wx_rtc_judge(int64_t r_us, int64_t m_us, int64_t built_us,
			 int64_t now_us);
/* "" for WX_RTC_PLAUSIBLE. */
const char *wx_rtc_text(enum wx_rtc rtc);

/* --- zones -------------------------------------------------------------- */

/* So near a multiple of a quarter of an hour an offset is suspect: a clock
 * set by hand, in another zone, is within a minute of it. */
#define WX_ZONE_NEAR_S 60.0
/* UTC-12 against UTC+14. */
#define WX_ZONE_MAX_S (26 * 3600.0)

enum wx_zone_kind {
	WX_ZONE_NONE,
	WX_ZONE_HOUR,    /* zones, summer time */
	WX_ZONE_HALF,    /* India, Newfoundland, Adelaide */
	WX_ZONE_QUARTER, /* Nepal, Chatham: 45 minutes; else chance */
	WX_ZONE_DAY,     /* a wrong date */
};

struct wx_zone {
	enum wx_zone_kind kind;
	double zone_s; /* the multiple; 0 if none */
	double rest_s; /* what is left, +-WX_ZONE_NEAR_S; all if none */
};

/* Take an offset apart. One within a minute of 0 is none. */
struct wx_zone wx_zone_of(double offset_s);
/* As the fault of an anchor; NULL for none. */
const char *wx_zone_text(enum wx_zone_kind kind);

/* --- steps -------------------------------------------------------------- */

struct wx_rtc_point {
	int64_t m_us, r_us; /* of one boot */
};

struct wx_rtc_step {
	size_t at;     /* first point after it; n: none */
	double step_s; /* positive: forwards */
	struct wx_zone zone;
};

/* Between two points a clock goes no faster than this; below, it drifted. */
#define WX_STEP_PPM 500.0
/* Real-time clocks of whole seconds. */
#define WX_STEP_LEAST_S 2.0

/* The first step at or after point from + 1. Points by m. */
struct wx_rtc_step wx_rtc_step(const struct wx_rtc_point *p, size_t n,
			       size_t from);

/* --- the sample clock --------------------------------------------------- */

/* A capture: triggered ones, that leave silence out, do not belong here. */
struct wx_sample_run {
	int64_t m0_us, m1_us; /* of the first, one past the last; -1: unknown */
	int64_t n_frames;
};

enum wx_sample_verdict {
	WX_SAMPLE_UNKNOWN, /* nothing long enough: nominal, +-100 ppm */
	WX_SAMPLE_GOOD,
	WX_SAMPLE_DIVIDER, /* over 1000 ppm off: an I2S divider or a header */
	WX_SAMPLE_DOUBLE, /* twice the nominal rate: mono told as stereo, PDM */
	WX_SAMPLE_HALF,
};

/* m is told to the ms by many nodes: 17 ppm of 60 s. */
#define WX_SAMPLE_MIN_S   60.0
#define WX_SAMPLE_STAMP_S 0.001
/* m1 of one capture and m0 of the next within this: no frame between. */
#define WX_SAMPLE_GAP_S 0.005
/* A crystal nobody measured, ppm. */
#define WX_SAMPLE_PRIOR_PPM 100.0

struct wx_sample_clock {
	enum wx_sample_verdict verdict;
	double rate_hz; /* frames a second of m; the nominal one if unknown */
	double ppm;     /* over the nominal rate */
	double sd_ppm;
	double base_s; /* the longest stretch without a gap */
	size_t n_runs; /* stretches that were used */
};

/*
 * The rate over captures, by m0, of one boot or several: over each stretch
 * without a gap that is long enough, weighed by its length. Where m1 is not
 * told, a capture only counts up to the next one that begins where the nominal
 * rate, its half or its double would have it end.
 */
struct wx_sample_clock wx_sample_clock(const struct wx_sample_run *run,
				       size_t n, double nominal_hz);
const char *wx_sample_text(enum wx_sample_verdict verdict);

#endif
