/* SPDX-License-Identifier: MIT */
/*
 * lib/sim/truth.h: what really happened at a made site.
 *
 *     truth/weather.csv      a row a second: utc (its start), rain_mm_h,
 *                            wind_m_s, ...
 *     truth/captures.csv     node,capture,start_utc,end_utc,n_frames
 *     nodes/NODE/index.jsl   what each node says of its captures
 */
#ifndef WX_SIM_TRUTH_H
#define WX_SIM_TRUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/time.h"

struct wx_truth_capture {
	char *node, *name;         /* "n1", "b0017/000123.wav" */
	struct wx_time start, end; /* of the first, past the last frame */
	int64_t n_frames;
	double rate_hz; /* nominal, as the node says; NAN: it does not */
	bool is_open;   /* never finished: nobody can fetch it */
	bool has_crc;
	int64_t size_bytes; /* -1: not told */
	uint32_t crc;
};

struct wx_truth {
	int64_t t0_s; /* Unix; second i of the weather is t0_s + i */
	size_t n_s;
	float *rain_mm_h, *wind_m_s;
	uint32_t *n_rainy; /* n_s + 1: rainy seconds before second i */
	struct wx_truth_capture *capture; /* by node, then name */
	size_t n_captures;
};

/*
 * dir: the made site. rain_from_mm_h: what counts as a rainy second. Seconds
 * must follow one another without a gap: WX_ERR_FORMAT.
 */
int wx_truth_read(const char *dir, double rain_from_mm_h, struct wx_truth *out,
		  struct wx_error *err);
void wx_truth_fini(struct wx_truth *t);

/* By "raw/NODE/NAME" or "NAME"; NULL: never made. */
const struct wx_truth_capture *
wx_truth_find(const struct wx_truth *t, const char *node, const char *capture);

/*
 * True start of the window offset_s (at the nominal rate) into a capture: the
 * sample clock's own error included.
 */
struct wx_time wx_truth_start(const struct wx_truth_capture *c,
			      double offset_s);

/*
 * Mean over [start, start + length_s) of a series above, its first and last
 * second by their share; NAN where the truth does not cover it all.
 */
double wx_truth_mean(const struct wx_truth *t, const float *series,
		     struct wx_time start, double length_s);
/* Is a second within margin_s of the window rainy? */
bool wx_truth_near_rain(const struct wx_truth *t, struct wx_time start,
			double length_s, double margin_s);

#endif
