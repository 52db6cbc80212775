/* SPDX-License-Identifier: MIT */
/* formats/capture/gps_sync.c: see gps_sync.h. */
#include "capture/gps_sync.h"

#include <math.h>

#include "capture/scan.h"

/* Of the microcontroller that samples, and of its converter as it is set. */
#define TICKS_PER_S 48e6

enum {
	N_BUFFERS = 8,
	REFERENCE_HZ = 384000, /* oversampled up to this */
	DIVIDER = 4,
	CYCLES = 12 + 16, /* conversion and acquisition */
	FIRST_PPM = 1000,
	NEXT_PPM = 40,
	CLOCK_PPM = 100,
	FIRST_YEAR = 2007, /* as in file names; others were never set */
	LAST_YEAR = 2099,
};

#define NS_PER_MS INT64_C(1000000)

void wx_pps_init(struct wx_pps *p, double nominal_hz)
{
	*p = (struct wx_pps){ .nominal_hz = nominal_hz };
}

static bool take_header(struct wx_pps *p, struct wx_scan s)
{
	static const char *const names[WX_PPS_N_COLS] = {
		[WX_PPS_NUMBER] = "PPS_NUMBER",
		[WX_PPS_TIME] = "AUDIOMOTH_TIME",
		[WX_PPS_TOTAL] = "TOTAL_SAMPLES",
		[WX_PPS_TIMER] = "TIMER_COUNT",
		[WX_PPS_FILLED] = "BUFFERS_FILLED",
		[WX_PPS_WRITTEN] = "BUFFERS_WRITTEN",
		[WX_PPS_RMC_TIME] = "LAST_RMC_AUDIOMOTH_TIME",
		[WX_PPS_RMC_GPS] = "LAST_RMC_GPS_TIME",
		[WX_PPS_STATUS] = "STATUS",
	};

	for (int i = 0; i < WX_PPS_N_COLS; i++)
		p->col[i] = wx_scan_column(s, ',', names[i]);
	for (int i = 0; i < WX_PPS_RMC_TIME; i++)
		if (p->col[i] < 0)
			return false;
	p->has_header = true;
	return true;
}

static bool take_time(const struct wx_pps *p, struct wx_scan s, int col,
		      struct wx_time *out)
{
	struct wx_scan field;
	struct wx_civil c;

	if (!wx_scan_nth(s, ',', p->col[col], &field) ||
	    !wx_scan_civil(&field, &c) || c.year < FIRST_YEAR ||
	    c.year > LAST_YEAR)
		return false;
	wx_scan_text(&field, "Z");
	*out = wx_civil_to_time(&c, 0);
	return field.p == field.end;
}

static bool take_count(const struct wx_pps *p, struct wx_scan s, int col,
		       int64_t *out)
{
	struct wx_scan field;

	return wx_scan_nth(s, ',', p->col[col], &field) &&
	       wx_scan_i64(field, out) && *out >= 0 && *out < INT64_C(1) << 48;
}

struct row {
	struct wx_time time;
	int64_t number, total, timer, filled, written;
};

static bool take_row(const struct wx_pps *p, struct wx_scan s, struct row *r)
{
	return take_time(p, s, WX_PPS_TIME, &r->time) &&
	       take_count(p, s, WX_PPS_NUMBER, &r->number) &&
	       take_count(p, s, WX_PPS_TOTAL, &r->total) &&
	       take_count(p, s, WX_PPS_TIMER, &r->timer) &&
	       take_count(p, s, WX_PPS_FILLED, &r->filled) &&
	       take_count(p, s, WX_PPS_WRITTEN, &r->written);
}

static int64_t round_s(int64_t ns)
{
	return (int64_t)floor((double)ns / 1e9 + 0.5);
}

static struct wx_time full_second(struct wx_time t)
{
	int64_t over = t.utc_ns % WX_NS_PER_S;

	return wx_time_add_ns(t, over < WX_NS_PER_S / 2 ? -over
							: WX_NS_PER_S - over);
}

/* By how many full seconds the clock is ahead of GPS, where a row tells. */
static void take_off(struct wx_pps *p, struct wx_scan s, const struct row *r)
{
	struct wx_scan status;
	struct wx_time seen, gps;
	int64_t ahead_ns;

	if (p->has_off ||
	    !wx_scan_nth(s, ',', p->col[WX_PPS_STATUS], &status) ||
	    !wx_scan_is(&status, "A") ||
	    !take_time(p, s, WX_PPS_RMC_TIME, &seen) ||
	    !take_time(p, s, WX_PPS_RMC_GPS, &gps))
		return;
	/* The sentence came within the second that follows its pulse. */
	ahead_ns = seen.utc_ns - gps.utc_ns -
		   (r->time.utc_ns - full_second(r->time).utc_ns);
	p->off_s = (int64_t)floor((double)ahead_ns / 1e9);
	p->has_off = true;
}

/*
 * Samples at the pulse, to a fraction: those that are finished, less what is
 * missing of the next.
 */
static double sample_at(const struct wx_pps *p, const struct row *r)
{
	double over = exp2(floor(log2(REFERENCE_HZ / p->nominal_hz)));
	double complete = 2 + DIVIDER * (2 + over * CYCLES);
	double between = TICKS_PER_S / p->nominal_hz;
	double left = complete - (double)r->timer;

	if (left < 0)
		left += between;
	/* Settings that are not known: to the sample, then. */
	if (!(left >= 0 && left <= between))
		left = between / 2;
	return (double)r->total - left / between;
}

static bool is_good(const struct wx_pps *p, const struct row *r, int64_t *s)
{
	int64_t dt_ns = r->time.utc_ns - p->last_time.utc_ns;
	double samples = (double)(r->total - p->last_total);
	double seconds, mean_hz = p->nominal_hz, ppm = FIRST_PPM;

	*s = round_s(dt_ns);
	seconds = (double)*s;
	if (p->n_anchors > 1) {
		double since = wx_time_diff_s(p->last.utc, p->first.utc);

		mean_hz = (double)(p->last_total - p->first_total) / since;
		ppm = NEXT_PPM;
	}
	return *s > 0 && *s < WX_S_PER_DAY &&
	       fabs((double)dt_ns / NS_PER_MS - seconds * 1e3) <=
		       ceil(CLOCK_PPM * 1e-3 * seconds) &&
	       fabs(samples - seconds * mean_hz) <=
		       ceil(ppm * 1e-6 * mean_hz * seconds);
}

static enum wx_pps_line add(struct wx_pps *p, const struct row *r,
			    struct wx_pps_anchor *anchor)
{
	int64_t s = 0;

	if (p->n_anchors && !is_good(p, r, &s)) {
		p->n_passed++;
		return WX_PPS_PASSED;
	}
	anchor->sample = sample_at(p, r);
	anchor->utc = p->n_anchors
			      ? wx_time_add_ns(p->last.utc, s * WX_NS_PER_S)
			      : full_second(r->time);
	if (!p->n_anchors) {
		p->first = *anchor;
		p->first_total = r->total;
	} else {
		p->n_missed += (size_t)(s - 1);
	}
	p->n_anchors++;
	p->last = *anchor;
	p->last_total = r->total;
	p->last_time = r->time;
	return WX_PPS_ANCHOR;
}

enum wx_pps_line wx_pps_line(struct wx_pps *p, const char *text, size_t n,
			     struct wx_pps_anchor *anchor)
{
	struct wx_scan s = wx_scan_of(text, n);
	struct row r;

	wx_scan_trim(&s);
	if (s.p == s.end)
		return WX_PPS_HEADER;
	if (!p->has_header)
		return p->nominal_hz >= 1000 && take_header(p, s)
			       ? WX_PPS_HEADER
			       : WX_PPS_BAD;
	if (p->overflow)
		return WX_PPS_OVERFLOW;
	if (!take_row(p, s, &r))
		return WX_PPS_BAD;
	p->overflow = r.filled - r.written >= N_BUFFERS;
	if (p->overflow)
		return WX_PPS_OVERFLOW;
	take_off(p, s, &r);
	return add(p, &r, anchor);
}

struct wx_time wx_pps_utc(const struct wx_pps *p,
			  const struct wx_pps_anchor *anchor)
{
	return wx_time_add_ns(anchor->utc, -p->off_s * WX_NS_PER_S);
}
