/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/archive.h: where things are in an archive, its locks, its
 * journals, and the captures it holds.
 *
 *     site.json
 *     raw/NODE/...             the node's bytes under the node's names
 *     raw/NODE/index.jsl       the node's index (made by wx-pull for cards
 *                              that are dated by their file names)
 *     raw/NODE/clock.jsonl     clock exchanges
 *     raw/NODE/journal.jsonl   what was pulled and released, append-only
 *     station/ID/raw/...  station/ID/DATE.csv
 *     sound/NODE/FOLDER.csv    one for each folder of captures
 *     windows/NODE/DATE.csv  labels/NODE/DATE.csv
 *     .lock/NAME               locks
 *
 * Paths in tables are relative to the archive: "raw/n1/b0017/000123.wav".
 */
#ifndef WX_ARCHIVE_ARCHIVE_H
#define WX_ARCHIVE_ARCHIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "archive/site.h"
#include "base/file.h"
#include "base/time.h"

struct wx_archive {
	char *root;
	struct wx_site *site;
};

/* Reads DIR/site.json; an absent one is WX_ERR_IO that says what to do. */
int wx_archive_open(const char *dir, struct wx_archive **out,
		    struct wx_error *err);
void wx_archive_close(struct wx_archive *a);

/* ROOT/ and the formatted rest; the caller frees; NULL: out of memory. */
char *wx_archive_path(const struct wx_archive *a, const char *fmt, ...)
	WX_PRINTF(2, 3);

/*
 * One holder of a name at a time ("pull-n1", "nightly"): WX_ERR_IO with the
 * holder's process id and tool when it is taken. The kernel drops it when the
 * process ends, however it ends.
 */
struct wx_lock;
int wx_lock_take(const struct wx_archive *a, struct wx_lock **out,
		 struct wx_error *err, const char *name, ...) WX_PRINTF(4, 5);
void wx_lock_drop(struct wx_lock *lock);

/*
 * An append-only file of JSON lines that survives kill -9: a torn last line
 * is cut off when it is opened. Appends gather until wx_journal_sync.
 */
struct wx_journal;
int wx_journal_open(const char *path, struct wx_journal **out,
		    struct wx_error *err);
int wx_journal_append(struct wx_journal *j, const json_t *line,
		      struct wx_error *err);
/* Write and fsync what was appended. */
int wx_journal_sync(struct wx_journal *j, struct wx_error *err);
void wx_journal_close(struct wx_journal *j); /* without sync */

/* One capture as a line of its node's index tells it. */
struct wx_capture {
	int64_t size_bytes;   /* -1: still growing */
	int64_t boot, seq;    /* -1: not told */
	int64_t m0_us, m1_us; /* monotonic, first and past last sample; -1 */
	int64_t r0_us;        /* node's real-time clock, Unix us; INT64_MIN */
	int64_t n_frames;     /* -1 */
	double rate_hz;       /* nominal; NAN */
	double temp_degc;     /* NAN */
	bool recovered;
	bool by_name;   /* r0_us is from the file's name, */
	bool by_header; /* or from what it says of itself: a card's */
	bool triggered; /* leaves silence out: samples do not count seconds */
	bool has_crc;
	uint32_t crc;
};

/* What the captures of a node mostly have in common: kept once. */
struct wx_capture_form {
	int64_t size_bytes; /* -1: a table that was growing, see wx_catalog */
	int64_t boot, n_frames;
	double rate_hz;
	bool recovered, by_name, by_header, triggered, has_crc;
	bool deleted; /* its sound lies here no more: archive/deleted.h */
};

/*
 * One capture of a catalogue, of which there may be a million: what wx_capture
 * has, but for what only matters while it is fetched.
 */
struct wx_held {
	uint32_t name_at; /* see wx_catalog_name */
	float temp_degc;
	const struct wx_capture_form *form;
	int64_t m0_us, m1_us, r0_us;
};

/* A clock event of the index. */
struct wx_clock_event {
	char kind[12];                    /* boot set sync step rtc_lost */
	char source[8];                   /* sntp gps ...; "" */
	int64_t boot, m_us, r_us, utc_us; /* INT64_MIN: not told */
	double error_ms;                  /* NAN: not told */
};

/*
 * A boot whose m falls as q rises, below m_us after seq, and how many of its
 * captures do: its number was used twice, or m wraps.
 */
struct wx_refold {
	int64_t boot, seq, m_us;
	size_t n;
};

struct wx_catalog {
	struct wx_held *capture; /* sorted by name; closed ones only */
	size_t n_captures;
	struct wx_clock_event *event; /* as they came */
	size_t n_events;
	/* Env tables and the like: all that is no .wav, sorted by name. */
	struct wx_held *other;
	size_t n_others;
	struct wx_refold *refold;
	size_t n_refolds;
	char *names; /* holds every name */
	struct wx_forms *forms;
};

/* Below raw/NODE, checked by wx_name_check; lent by the catalogue. */
static inline const char *wx_catalog_name(const struct wx_catalog *c,
					  const struct wx_held *held)
{
	return c->names + held->name_at;
}

/*
 * Everything the index files of raw/NODE (index.jsl, and index~HASH.jsl left
 * from before a node forgot its index) name. With present_only: captures that
 * lie in raw/NODE with their full size, or were deleted by the site's retention,
 * and tables that lie there at all (they come while they grow), size_bytes being
 * that of the file. Bad lines are
 * warned of and skipped; a wrong optional value (a temperature of -999) is
 * warned of and reads as not told. The last line for a name wins, index.jsl's
 * over those of the others; but lines of one name whose bytes are two files
 * here are two captures, the later one called NAME~CRC8.
 */
int wx_catalog_read(const struct wx_archive *a, const char *node,
		    bool present_only, struct wx_catalog *out,
		    struct wx_log *log, struct wx_error *err);
void wx_catalog_fini(struct wx_catalog *c);

/* Days of which DIR/TABLE/NODE/DATE.csv is there, sorted. table: "windows". */
struct wx_days {
	int64_t *day;
	size_t n;
};
int wx_archive_days(const struct wx_archive *a, const char *table,
		    const char *id, struct wx_days *out, struct wx_error *err);
void wx_days_fini(struct wx_days *d);

/* Length of a capture's folder, "b0017" of "b0017/000123.wav"; 0: none. */
size_t wx_folder_length(const char *capture_name);
/* By folder, then by name: the order of sound/ tables and of their rows. */
int wx_folder_compare(const char *a, const char *b);

/*
 * sound/ table of a capture: "b0017/000123.wav" -> "sound/NODE/b0017.csv",
 * "x.wav" -> "sound/NODE/_root.csv". Relative to the archive; caller frees.
 */
char *wx_sound_table(const char *node, const char *capture_name);

#endif
