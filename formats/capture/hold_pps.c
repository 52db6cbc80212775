/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/hold_pps.c: pulses of a GPS as events of a clock whose m
 * counts samples, at the nominal rate, from the first of the recording.
 *
 * A pulse is known better than to a microsecond, but a recording's sample clock
 * is no straight line to that: a millisecond is what the events claim, and the
 * windows of sound have.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "capture/filename.h"
#include "capture/gps_sync.h"
#include "capture/holder.h"

#define EVENT_ERR_MS 1.0

/* Of so many pulses a line of the journal tells, the first and last of them. */
enum { MAX_EVENTS = 13 };

/* A WAV file of 4 GiB at the lowest rate is as many seconds long. */
enum { MAX_PULSES = 268436 };

/* AudioMoth's rates, of which the table itself tells none. */
static const double rates_hz[] = { 48000, 8000,   16000,  32000,
				   96000, 192000, 250000, 384000 };

struct pulses {
	struct wx_pps pps;
	struct wx_pps_anchor *anchor;
	size_t n, room;
	bool failed;
};

static bool is(const char *name, const void *head, size_t n)
{
	size_t len = strlen(name);
	const char word[] = "PPS_NUMBER";

	return len > 4 && !strcasecmp(name + len - 4, ".csv") &&
	       memmem(head, n, word, sizeof(word) - 1);
}

static bool take_line(void *ctx, const char *text, size_t n)
{
	struct pulses *p = ctx;
	struct wx_pps_anchor anchor;
	enum wx_pps_line kind = wx_pps_line(&p->pps, text, n, &anchor);

	if (kind == WX_PPS_ANCHOR) {
		p->failed = WX_GROW(&p->anchor, &p->room, p->n + 1, NULL);
		if (!p->failed)
			p->anchor[p->n++] = anchor;
	}
	return kind != WX_PPS_OVERFLOW && !p->failed && p->n < MAX_PULSES;
}

static void add_event(const struct pulses *p, size_t i, json_t *events)
{
	const struct wx_pps_anchor *a = &p->anchor[i];
	struct wx_time utc = wx_pps_utc(&p->pps, a);
	/* A recording that began with a pulse has that one before its first
	 * sample is finished: by less than one. */
	double m_us = fmax(a->sample, 0) / p->pps.nominal_hz * 1e6;

	if (wx_time_is_none(utc))
		return;
	json_array_append_new(
		events, json_pack("{s:s, s:I, s:I, s:s, s:f}", "ev", "sync",
				  "m", (json_int_t)llround(m_us), "utc",
				  (json_int_t)(utc.utc_ns / WX_NS_PER_US), "s",
				  "pps", "e", EVENT_ERR_MS));
}

/*
 * A pulse falls into the first second of each recording: a table whose first
 * one does not is another recording's, or was renamed. (AudioMoth's own tool,
 * AudioMoth-Utils syncer.js, allows half a second; samples are counted all the
 * same where the very first pulse was missed.) Name and table are both by the
 * recorder's clock, in UTC. A name without a date (PPS.CSV, of a recording that
 * was cut off) may be any's.
 */
static bool is_named_by(const char *name, const struct pulses *p)
{
	struct wx_filename f;
	double late_s;

	wx_filename_read(name, &f);
	if (f.kind != WX_FILENAME_LOCAL && f.kind != WX_FILENAME_UTC)
		return true;
	late_s = wx_time_diff_s(p->pps.first.utc,
				wx_civil_to_time(&f.civil, f.zone_s));
	return late_s >= -0.5 && late_s <= 1;
}

static void describe(int fd, const char *name, json_t *says)
{
	struct pulses p = { .n = 0 };
	json_t *events = json_array();
	size_t last = 0;
	bool use;

	for (size_t i = 0; i < WX_COUNT(rates_hz) && p.n < 2; i++) {
		wx_pps_init(&p.pps, rates_hz[i]);
		p.n = 0;
		wx_holder_lines(fd, take_line, &p);
	}
	/* One pulse alone may be any. */
	use = p.n >= 2 && is_named_by(name, &p);
	for (size_t i = 0; i < MAX_EVENTS && use; i++) {
		size_t at = i * (p.n - 1) / (MAX_EVENTS - 1);

		if (i == 0 || at != last)
			add_event(&p, at, events);
		last = at;
	}
	if (json_array_size(events))
		json_object_set(says, "ev", events);
	json_decref(events);
	free(p.anchor);
}

const struct wx_holder wx_holder_pps = {
	.kind = "pps",
	.is = is,
	.describe = describe,
};
