/* SPDX-License-Identifier: MIT */
/* lib/dataset/lineup_parts.h: what lineup*.c share; nobody else needs it. */
#ifndef WX_DATASET_LINEUP_PARTS_H
#define WX_DATASET_LINEUP_PARTS_H

#include "archive/daytable.h"
#include "clock/cut.h"
#include "clock/env.h"
#include "clock/sanity.h"
#include "dataset/lineup.h"

/* What this room says in the flags of windows. */
#define WX_LINEUP_WORDS                                                      \
	"anchors_disagree clock_unset header_dated in_future name_dated "    \
	"rate_double rate_half rate_suspect recovered triggered unanchored " \
	"weather_anchored offset rain_band speech speech_capture "           \
	"speech_cleared "                                                    \
	"speech_near unscreened"

/* A capture that has windows. */
struct wx_lineup_item {
	struct wx_time start;  /* NONE: undated */
	uint32_t capture : 31; /* in the catalogue */
	uint32_t speech : 1;   /* sound/ has it somewhere in the capture */
	uint32_t first;        /* of its windows */
};

/*
 * What is learned of a window before its row is written: as it is written. 20
 * bytes, for of a node-year there may be millions.
 */
struct __attribute__((packed, aligned(4))) wx_lineup_window {
	uint64_t flags : WX_FLAG_WORDS;
	uint64_t quality : 4;
	uint64_t n_dc : 5;     /* seconds in dc_e4, up to 16 */
	float pressure_hpa;    /* NAN */
	int16_t temp_c100;     /* hundredths of a degree; WX_NO_C100 */
	uint16_t rel_hum_c100; /* UINT16_MAX: not known */
	int16_t dc_e4;         /* mean of its sound, 1e-4 of full scale */
	int16_t rain_c10; /* its highest level in 600 to 1200 Hz, 0.1 dB; */
			  /* WX_NO_C100 */
};
#define WX_NO_C100 INT16_MIN

struct wx_lineup_row { /* a row to come */
	int64_t start_ms;
	uint32_t item, k;
};

/* What the captures of a boot tell of their sample clock. */
struct wx_lineup_rate {
	int64_t boot;
	double nominal_hz;
	struct wx_sample_clock sample;
	const char *words; /* for flags; NULL: it is what they say */
};

/* A boot whose m wraps: how far, and its first capture. */
struct wx_lineup_wrap {
	int64_t boot, period, m_us, r_us;
};

/*
 * A card without m has one clock, that of its recorder, in this boot; m counts
 * from 2000-01-01T00:00:00Z, as it does for cards that know of GPS.
 */
#define WX_LINEUP_CARD_BOOT     INT64_C(0)
#define WX_LINEUP_CARD_EPOCH_US INT64_C(946684800000000)

struct wx_lineup {
	const struct wx_archive *a;
	const char *node;
	struct wx_log *log;
	struct wx_time latest;
	struct wx_catalog catalog;
	struct wx_timeline timeline;
	struct wx_env air; /* of boot air_boot: what the fit last asked for */
	int64_t air_boot;
	struct wx_lineup_wrap *wrap; /* mostly none */
	size_t n_wraps, size_wraps;
	bool card_has_pairs;
	struct wx_lineup_rate *rate; /* of boots that tell it */
	size_t n_rates, size_rates;
	bool boots_go_back; /* their numbers do not follow the time */
	int64_t card_us;    /* first capture dated by its name; INT64_MAX */
	struct wx_lineup_item *item;
	size_t n_items;
	struct wx_lineup_window *window;
	size_t n_windows;
	struct wx_flags flags;
	struct wx_lineup_row *row; /* rows to come, of the day at hand */
	size_t n_rows, size_rows;
	struct wx_day_table table;
	struct wx_lineup_totals totals;
};

static inline const struct wx_held *
wx_lineup_capture(const struct wx_lineup *l, const struct wx_lineup_item *it)
{
	return &l->catalog.capture[it->capture];
}

/* Of its capture. */
static inline const char *wx_lineup_name(const struct wx_lineup *l,
					 const struct wx_lineup_item *it)
{
	return wx_catalog_name(&l->catalog, wx_lineup_capture(l, it));
}

/* Its real-time clock: a time that could be? */
bool wx_lineup_date_is_set(const struct wx_lineup *l, const struct wx_held *c);

/* Does its time come from the node's monotonic clock? */
bool wx_lineup_has_m(const struct wx_held *c);
struct wx_cut wx_lineup_cut(const struct wx_lineup *l, const struct wx_held *c);

/* The instant of a frame, and how wrong it may be; words for its flags. */
struct wx_time wx_lineup_date(const struct wx_lineup *l,
			      const struct wx_held *c, const struct wx_cut *cut,
			      int64_t frame, double *max_err_s,
			      const char **words);

/*
 * What the node's tables of a boot say of the air, sorted; log may be NULL. A
 * table that cannot be read is a remark.
 */
int wx_lineup_read_air(const struct wx_lineup *l, int64_t boot,
		       struct wx_env *env, struct wx_log *log,
		       struct wx_error *err);
/* Of n > 0; sorts them. */
int64_t wx_lineup_median(int64_t *v, size_t n);
/* A wx_timeline_air_fn, ctx being a wx_lineup: also a station's where the node
 * has none. */
const struct wx_env *wx_lineup_air(void *ctx, int64_t boot);
/* Put together m that wraps, of captures and events; first of all. */
int wx_lineup_unwrap(struct wx_lineup *l, struct wx_error *err);
/* Of an instant of which the node's clock said r_us; false: it is not known. */
bool wx_lineup_unwrap_m(const struct wx_lineup *l, int64_t boot, int64_t r_us,
			int64_t *m_us);

/* Find sample clocks that are wrong, and tell of them. */
int wx_lineup_judge_rates(struct wx_lineup *l, struct wx_error *err);
/* For those who ask the time line; after a fit. */
void wx_lineup_tell_rates(struct wx_lineup *l);
/* NULL: nothing is wrong, or nothing known. */
const struct wx_lineup_rate *wx_lineup_rate_of(const struct wx_lineup *l,
					       const struct wx_held *c);

/* Anchors of pairs that a person wrote down, before the fit. */
int wx_lineup_read_pairs(struct wx_lineup *l, struct wx_error *err);
/* Anchors of the weather, for boots that have none; the fit is to be repeated. */
int wx_lineup_anchor_by_weather(struct wx_lineup *l, struct wx_error *err);

/* What the anchored boots before and after the i-th leave of the time. */
struct wx_lineup_bounds {
	bool has_lo, has_hi;
	int64_t lo_us, hi_us; /* its first capture not before, its last not
			       * after */
	double err_s;         /* of those */
};
struct wx_lineup_bounds wx_lineup_bounds(struct wx_lineup *l, size_t i);
/* After a fit: numbers that go back or were used twice; tells of them. */
void wx_lineup_judge_boots(struct wx_lineup *l);
/* What still has no anchor, between its neighbours. */
void wx_lineup_bracket_boots(struct wx_lineup *l);

/* Is it such a table? */
bool wx_lineup_is_env(const char *name);

/* Quality and flags of windows from sound/; air from the node's tables. Both
 * sort the items as they need them. */
int wx_lineup_join_sound(struct wx_lineup *l, struct wx_error *err);
int wx_lineup_join_air(struct wx_lineup *l, struct wx_error *err);
/*
 * What only all of a node's sound tells, after sound/ was joined: offsets from
 * its own median, and speech, whose whole capture and neighbours are marked.
 */
int wx_lineup_judge_sound(struct wx_lineup *l, struct wx_error *err);
/* Rows of all days wanted. */
int wx_lineup_write_days(struct wx_lineup *l, const int64_t *days,
			 size_t n_days, struct wx_error *err);

#endif
