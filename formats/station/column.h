/* SPDX-License-Identifier: MIT */
/*
 * formats/station/column.h: which column of a table holds what, in what unit.
 *
 * A column is told as in site.json: its name, then its unit in brackets where
 * that is not the key's own ("press_kpa [kPa]"). A name that itself ends in
 * a unit ("Rain [in]", "Temp 2m (C)") needs no more. "#3" is the third column,
 * for tables without a header; "Date+Time" joins two. "-" takes none.
 */
#ifndef WX_STATION_COLUMN_H
#define WX_STATION_COLUMN_H

#include "station/rawlog.h"
#include "station/rows.h"
#include "station/unit.h"

struct wx_header {
	char *text; /* holds the names */
	const char **name;
	int n;
};

/* Copies the fields; names that are not UTF-8 are taken for Latin-1. */
int wx_header_init(struct wx_header *h, const struct wx_field *fields, int n,
		   struct wx_error *err);
void wx_header_fini(struct wx_header *h);
bool wx_header_same(const struct wx_header *h, const struct wx_field *fields,
		    int n);

struct wx_column {
	int key, at;
	struct wx_unit unit;
	const json_t *reg; /* how its number is made (registers.h); NULL */
	int at2;           /* column of the register's other half; -1: none */
};

struct wx_columns {
	int time, time2; /* -1: none */
	int interval;    /* seconds of each row, by wx_columns_add_plain */
	int n;
	struct wx_column col[WX_N_KEYS];
	bool decimal_comma;
	bool campbell; /* 7999 and its like are missing, whatever the key */
};

/* What the user says of a key; NULL: nothing. */
const char *wx_columns_told(const struct wx_station_opts *opts,
			    const char *key);
bool wx_columns_has(const struct wx_columns *cols, int key);

/*
 * Adds the columns that the user tells, time too. A name that is not there is
 * WX_ERR_FORMAT, naming those that are; so is a unit that the key cannot have.
 * file_unit(ctx, at), if given, is the unit that the file itself tells.
 */
int wx_columns_add_told(struct wx_columns *cols, const struct wx_header *h,
			const struct wx_station_opts *opts,
			const char *(*file_unit)(void *ctx, int at), void *ctx,
			struct wx_rawlog *lines, struct wx_error *err);
/*
 * Columns that have the very names of keys, and interval_s, where the user told
 * of no other. WX_ERR_FORMAT: two of one name.
 */
int wx_columns_add_plain(struct wx_columns *cols, const struct wx_header *h,
			 const struct wx_station_opts *opts,
			 struct wx_rawlog *lines, struct wx_error *err);
/* Seconds that the row stands for, as it tells; NAN: it does not. */
double wx_columns_interval(const struct wx_columns *cols,
			   const struct wx_field *fields);

/* The number in a column's field, before its unit; a decimal point it has. */
bool wx_column_number(const struct wx_column *c, const struct wx_field *fields,
		      double *out);

/* "A, B, C and 12 more": for messages. */
void wx_header_list(const struct wx_header *h, char *buf, size_t size);

/*
 * The values of a row, in the keys' own units; missing and unbelievable ones
 * are NAN, the latter with a warning. fields may be changed.
 */
void wx_columns_read(const struct wx_columns *cols, struct wx_field *fields,
		     const struct wx_header *h, struct wx_rawlog *lines,
		     struct wx_raw_row *out);

/*
 * "time=A,rain_mm=B, or so [in]" into map, key by key; a comma counts before
 * "KEY=" only.
 */
int wx_columns_parse(const char *text, json_t *map, struct wx_error *err);

#endif
