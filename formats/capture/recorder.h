/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/recorder.h: what a recorder wrote into its recording.
 *
 * A WAV file of a field recorder says in its chunks when it began, who made it
 * and how the battery was, in up to four ways at once:
 *
 *     LIST INFO ICMT, IART   AudioMoth's sentence (audiomoth.h), or one line of
 *                            JSON by OpenSoundscape, which quotes it
 *     guan                   GUANO key and value lines (guano.h)
 *     wamd                   Wildlife Acoustics' records (wamd.h)
 *
 * before the data or behind it, padded or not. Hand each chunk in as it comes,
 * then ask once. Whose word counts for the start: the first of opso (its file
 * is a clip, what it quotes is of the whole), guano, wamd and comment that
 * gives date and zone; without any, the first that gives a date. Other facts
 * come from whichever says them, in the same order, but for the battery and
 * temperature of one AudioMoth, which are equal in both.
 */
#ifndef WX_CAPTURE_RECORDER_H
#define WX_CAPTURE_RECORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"
#include "capture/audiomoth.h"
#include "capture/guano.h"
#include "capture/wamd.h"
#include "sound/wav.h"

enum wx_says_from {
	WX_SAYS_NOTHING,
	WX_SAYS_OPSO,
	WX_SAYS_GUANO,
	WX_SAYS_WAMD,
	WX_SAYS_COMMENT,
	WX_SAYS_NAME, /* of the file: wx_says_start alone gives it */
};

enum { WX_SAYS_TEXT = 64 };

struct wx_recording_says {
	enum wx_says_from from; /* whose start it is */
	/*
	 * UTC of the first sample by the recorder's own clock. WX_TIME_NONE:
	 * nothing says it, or not its zone (then has_civil may be set), or the
	 * clock had not been set (a year before 2007).
	 */
	struct wx_time start;
	bool has_civil;        /* a date was said, set or not */
	struct wx_civil civil; /* the recorder's wall clock, as it stands */
	bool has_zone;
	int zone_s; /* of civil, ahead of UTC */
	bool unset; /* the date is one of a clock that nobody set */
	/* "" when not said. Printable ASCII; cut if longer. */
	char device[WX_SAYS_TEXT];     /* serial number, not always hex */
	char deployment[WX_SAYS_TEXT]; /* AudioMoth's deployment id */
	char make[WX_SAYS_TEXT];       /* "AudioMoth", "Wildlife Acoustics" */
	char model[WX_SAYS_TEXT];
	char firmware[WX_SAYS_TEXT]; /* or AudioMoth's range, "1.2.2..1.3.0" */
	char gain[WX_SAYS_TEXT];
	double battery_v;  /* NAN: not said */
	int battery_bound; /* -1: less than battery_v, +1: more, 0: equal */
	double temp_degc;  /* inside the recorder; NAN */
	double temp_ext_degc, rel_hum_pct; /* NAN */
	double lat_deg, lon_deg;           /* north, east positive; NAN both */
	/*
	 * A trigger was set: silence is left out, samples tell no time. The
	 * name (WX_FILENAME_TRIGGERED) says the same.
	 */
	bool triggered;
	enum wx_audiomoth_stop stop;
	/*
	 * Its power went while it recorded: what the header says at opening is
	 * still there, sizes of 0 and a write error. Not known to be one.
	 */
	bool interrupted;
	/* Firmware that may print another time than it named the file by. */
	bool zone_fault;
};

/* What has been seen of one file. Zeroed by _init. No memory of its own. */
struct wx_recorder {
	bool has_comment, has_guano, has_wamd, has_opso;
	struct wx_audiomoth comment;
	char artist[WX_SAYS_TEXT];
	struct wx_guano guano;
	struct wx_wamd wamd;
	struct wx_civil opso_civil; /* of the clip */
	bool opso_dated;
	int opso_zone_s;
};

/* Chunks longer than this need not be handed in whole. */
enum { WX_RECORDER_MAX_CHUNK = 1 << 20 };

void wx_recorder_init(struct wx_recorder *r);

/*
 * One chunk: its four letters and (the first n bytes of) its body, without
 * header and pad. Chunks that say nothing are passed over; bytes that are not
 * what they claim are, too.
 */
void wx_recorder_chunk(struct wx_recorder *r, const char id[4],
		       const void *body, size_t n);

/* data_declared: size of the data chunk as it stands; 0 in interrupted files.*/
void wx_recorder_says(const struct wx_recorder *r, int64_t data_declared,
		      struct wx_recording_says *out);

/* All that together, of a file whose chunks have been found. */
void wx_recording_says_fd(int fd, const struct wx_wav *wav,
			  const struct wx_wav_chunks *chunks,
			  struct wx_recording_says *out);

/* ---- the header's time against the name's ---- */

enum wx_says_match {
	WX_MATCH_ALONE, /* only one of them tells a time, or none */
	WX_MATCH_AGREE, /* within WX_MATCH_TOLERANCE_S */
	/*
	 * The name is in UTC, or otherwise a multiple of 15 minutes off: another
	 * zone, or summer time. The header told its own: it counts.
	 */
	WX_MATCH_ZONE,
	/*
	 * AudioMoth firmware 1.2.2 with a zone of not whole hours: the header
	 * is wrong by up to 3600 s. The name counts, in the header's zone.
	 */
	WX_MATCH_FAULT,
	WX_MATCH_OFF, /* otherwise apart: renamed? The header counts */
};

/* The name tells whole seconds, and a late start renames after rounding. */
#define WX_MATCH_TOLERANCE_S 2.0

struct wx_says_start {
	struct wx_time start; /* what to take; WX_TIME_NONE: undated */
	enum wx_says_from from;
	enum wx_says_match match;
	double diff_s; /* header - name; 0 for ALONE */
	/*
	 * Was its zone site.json's word (has_offset, offset_s)? Only then does
	 * the start move with it.
	 */
	bool by_site_offset;
	/* A date there is, and only the zone is missing to make it a start. */
	bool needs_offset;
};

/*
 * When a recording began, by what it says and by its name ("" for none).
 * has_offset and offset_s are what site.json declares: they count where neither
 * header nor name tells a zone. Asked without, the answer is of the file alone
 * and can be kept; with needs_offset the same question is asked again once
 * there is an offset. A triggered recording has a start like another; that its
 * samples leave time out is another matter.
 */
void wx_says_start(const struct wx_recording_says *says, const char *name,
		   bool has_offset, int offset_s, struct wx_says_start *out);

/*
 * What to tell the user of out, "" when nothing: "its header says 08:00:00,
 * its name 08:30:00: ..." Returns buf.
 */
enum { WX_SAYS_REMARK = 256 };
const char *wx_says_remark(const struct wx_says_start *s,
			   char buf[WX_SAYS_REMARK]);

/* As the journal has it: "guano" "wamd" "name", "comment" also for opso; "". */
const char *wx_says_from_word(enum wx_says_from from);

#endif
