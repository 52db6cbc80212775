/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/site.h: site.json, checked against its schema and filled with
 * defaults. Every text is lent by the site and valid until wx_site_free.
 *
 * Paths that site.json gives relative to the archive come out joined to the
 * folder of the site.json that was read: good for open() as they are.
 */
#ifndef WX_ARCHIVE_SITE_H
#define WX_ARCHIVE_SITE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/* Which of a node's files come first. */
enum wx_site_order { WX_ORDER_OLDEST, WX_ORDER_NEWEST, WX_ORDER_SMALLEST };

struct wx_site_node {
	const char *id;
	const char *source; /* "http://...", "dir:PATH", PATH joined */
	bool release;       /* may captures be deleted on the node? */
	bool by_hand;       /* pulled when it is named, and not otherwise */
	bool compensated;   /* its clock has a compensated crystal */
	enum wx_site_order order;
	double min_battery_v; /* below it nothing is asked of it; NAN */
	bool has_offset;
	int offset_s;            /* of times in file names, ahead of UTC */
	const char *clock_pairs; /* table of its time and UTC, joined; NULL */
	const char *token_file;  /* bearer token, one line, joined; NULL */
	const char *pin;         /* sha256//BASE64 of an HTTPS key; NULL */
	struct {
		const char *sensor; /* its name; NULL: the microphone */
		int n_samples;      /* 1.. */
		double length_s;    /* of each */
	} record;                   /* of a board that keeps nothing itself */
};

/* A cup or pulse anemometer: speed = offset + slope x frequency. */
struct wx_cup {
	double m_s_per_hz;    /* NAN: not given */
	double offset_m_s;    /* 0 */
	double threshold_m_s; /* below it they stand still; default offset_m_s */
};

struct wx_site_station {
	const char *id;
	const char *format; /* "campbell-toa5"; NULL: probe */
	const char *source; /* "file:GLOB" of glob(3), joined; NULL */
	bool has_offset;
	int offset_s;
	const char *zone;        /* "Europe/Zurich", instead; NULL */
	const char *date_order;  /* "dmy" "mdy" "ymd"; NULL: the file tells */
	const char *time_format; /* of strptime(3); NULL */
	int64_t skip_lines;      /* before the header of a csv */
	const char *date;        /* of times that have none; NULL */
	const char *sensor;      /* which of several is heard; NULL */
	bool stamp_start;        /* intervals are stamped at their start */
	double interval_s;       /* of rows; NAN: from the stamps */
	double bucket_mm;        /* its own, or the gauge model's; NAN */
	bool siphon;             /* its gauge has one; or the model's */
	double modulus;          /* of its rain counter; NAN: none */
	const char *rain_kind;   /* "interval" "cumulative" "tips"; NULL */
	struct wx_cup cup;       /* its own, or the anemometer model's */
	const json_t
		*maintenance;  /* ["FROM/TO"], of wx_time_pair_parse; NULL */
	const char *registers; /* file of them, joined; NULL */
	const json_t *columns; /* {"rain_mm": "Rain_mm_Tot"}; NULL */
};

struct wx_site {
	json_t *doc;  /* what was read, for keys that only one tool needs */
	json_t *kept; /* texts that were made of it */
	const char *name;
	double latitude_deg, longitude_deg, elevation_m; /* NAN: unknown */
	struct wx_site_node *nodes;
	size_t n_nodes;
	struct wx_site_station *stations;
	size_t n_stations;
	double window_length_s, window_hop_s;
	const char *profile; /* of labels: a name, or a file's joined path */
	const char *quality; /* file of limits (base/limits.h), joined; NULL */
	const char *target;  /* of the export: "rain" "wind" "both" */
	const json_t *without; /* array of flags kept from datasets; NULL */
	double raw_sound_days; /* of retention; NAN: kept for ever */
	double test_share;     /* 0..1 */
	int64_t seed;
};

/*
 * WX_ERR_FORMAT with "PATH: /pointer: ..." for what the schema or the rules
 * beyond it refuse (an id twice, an id with a slash).
 */
int wx_site_read(const char *path, struct wx_site **out, struct wx_error *err);
void wx_site_free(struct wx_site *site);

/* NULL when there is none of that id. */
const struct wx_site_node *wx_site_node(const struct wx_site *s,
					const char *id);
const struct wx_site_station *wx_site_station(const struct wx_site *s,
					      const char *id);

#endif
