/* SPDX-License-Identifier: MIT */
/*
 * formats/station/weewx.c: the archive table of WeeWX's SQLite database.
 *
 * dateTime is the END of the interval, Unix seconds; interval its length in
 * minutes; rain is that of the interval; NULL is missing. usUnits tells each
 * row's units: 1 US (inch, mph, degF, inHg), 16 METRIC (cm, km/h, degC, mbar),
 * 17 METRICWX (mm, m/s, degC, mbar). pressure is the station's own, barometer
 * that at sea level: only the first is taken.
 *
 * Source: WeeWX's customization guide, "The database"; weewx/units.py.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "station/rows.h"
#include "station/station.h"
#include "station/unit.h"

enum { COL_TIME, COL_UNITS, COL_INTERVAL, COL_VALUES };

/* The columns that are read, after the three above. */
static const struct {
	const char *name;
	int key;
} values[] = {
	{ "rain", WX_KEY_RAIN },     { "windSpeed", WX_KEY_WIND },
	{ "windGust", WX_KEY_GUST }, { "windDir", WX_KEY_DIR },
	{ "outTemp", WX_KEY_TEMP },  { "outHumidity", WX_KEY_HUM },
	{ "pressure", WX_KEY_PRES },
};

static const struct units {
	int number;
	struct wx_unit rain, speed, temp, pres;
} systems[] = {
	{ 1,
	  { WX_MM_PER_INCH, 0 },
	  { WX_M_S_PER_MPH, 0 },
	  { WX_DEGC_PER_DEGF, WX_DEGC_AT_0F },
	  { WX_HPA_PER_INHG, 0 } },
	{ 16, { 10, 0 }, { WX_M_S_PER_KM_H, 0 }, { 1, 0 }, { 1, 0 } },
	{ 17, { 1, 0 }, { 1, 0 }, { 1, 0 }, { 1, 0 } },
};

static int probe(const uint8_t *head, size_t n)
{
	return n >= 100 && !memcmp(head, "SQLite format 3", 16) ? 70 : 0;
}

static const struct wx_unit *unit_of(const struct units *u, int key)
{
	static const struct wx_unit same = { 1, 0 };

	switch (key) {
	case WX_KEY_RAIN:
		return &u->rain;
	case WX_KEY_WIND:
	case WX_KEY_GUST:
		return &u->speed;
	case WX_KEY_TEMP:
		return &u->temp;
	case WX_KEY_PRES:
		return &u->pres;
	default:
		return &same;
	}
}

static const struct units *system_of(int number)
{
	for (size_t i = 0; i < WX_COUNT(systems); i++)
		if (systems[i].number == number)
			return &systems[i];
	return NULL;
}

static int fail_db(sqlite3 *db, const char *name, struct wx_error *err)
{
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: expected a WeeWX database with a table 'archive': "
		       "%s",
		       name, db ? sqlite3_errmsg(db) : "cannot open");
}

/* A database may be in use by WeeWX: nothing is written, and we wait. */
static int open_db(const char *name, sqlite3 **db, struct wx_error *err)
{
	int rc = sqlite3_open_v2(name, db, SQLITE_OPEN_READONLY, NULL);

	if (rc != SQLITE_OK)
		return fail_db(*db, name, err);
	sqlite3_busy_timeout(*db, 5000);
	sqlite3_limit(*db, SQLITE_LIMIT_LENGTH, 1 << 20);
	/* A stranger's schema runs no functions of ours. */
	sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return WX_OK;
}

static bool has_column(sqlite3 *db, const char *name)
{
	return sqlite3_table_column_metadata(db, NULL, "archive", name, NULL,
					     NULL, NULL, NULL,
					     NULL) == SQLITE_OK;
}

/* Columns that a schema lacks are NULL. */
static int prepare(sqlite3 *db, const char *name, sqlite3_stmt **stmt,
		   struct wx_error *err)
{
	char sql[400] = "SELECT dateTime, usUnits, interval";
	size_t n = strlen(sql);

	for (size_t i = 0; i < WX_COUNT(values); i++)
		n += (size_t)snprintf(sql + n, sizeof(sql) - n, ", %s",
				      has_column(db, values[i].name)
					      ? values[i].name
					      : "NULL");
	snprintf(sql + n, sizeof(sql) - n, " FROM archive ORDER BY dateTime");
	if (sqlite3_prepare_v2(db, sql, -1, stmt, NULL) != SQLITE_OK)
		return fail_db(db, name, err);
	return WX_OK;
}

static double number(sqlite3_stmt *stmt, int col)
{
	int type = sqlite3_column_type(stmt, col);

	return type == SQLITE_INTEGER || type == SQLITE_FLOAT
		       ? sqlite3_column_double(stmt, col)
		       : NAN;
}

static int put_row(sqlite3_stmt *stmt, struct wx_rows *rows,
		   struct wx_error *err)
{
	const struct units *u = system_of(sqlite3_column_int(stmt, COL_UNITS));
	double utc_s = number(stmt, COL_TIME);
	double minutes = number(stmt, COL_INTERVAL);
	struct wx_raw_row raw;

	rows->lines->line++;
	if (!u || !(utc_s > 0 && utc_s < 4102444800) ||
	    !(minutes > 0 && minutes <= 1440)) {
		wx_rawlog_warn(rows->lines, WX_ROW_TIME,
			       "dateTime %.0f, usUnits %d, interval %g: "
			       "expected Unix seconds, 1, 16 or 17, and "
			       "minutes: row left out",
			       utc_s, sqlite3_column_int(stmt, COL_UNITS),
			       minutes);
		return WX_OK;
	}
	wx_raw_row_init(&raw);
	raw.obs.utc = (struct wx_time){ (int64_t)utc_s * WX_NS_PER_S };
	raw.obs.interval_s = minutes * 60;
	for (size_t i = 0; i < WX_COUNT(values); i++) {
		const struct wx_unit *unit = unit_of(u, values[i].key);

		wx_raw_row_set(&raw, values[i].key,
			       number(stmt, COL_VALUES + (int)i) * unit->scale +
				       unit->offset,
			       rows->lines);
	}
	raw.rain_step_mm = 0.01 * u->rain.scale;
	return wx_rows_put(rows, &raw, err);
}

static int read_table(const char *name, struct wx_rows *rows,
		      struct wx_error *err)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int step = SQLITE_DONE, rc = open_db(name, &db, err);

	if (!rc)
		rc = prepare(db, name, &stmt, err);
	while (!rc && (step = sqlite3_step(stmt)) == SQLITE_ROW)
		rc = put_row(stmt, rows, err);
	if (!rc && step != SQLITE_DONE)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: after %ld rows: %s; try sqlite3 %s .recover",
			     name, rows->lines->line, sqlite3_errmsg(db), name);
	sqlite3_finalize(stmt);
	sqlite3_close(db);
	return rc;
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct wx_rows *rows = calloc(1, sizeof(*rows));
	struct wx_rawlog lines;
	int rc;

	if (!rows)
		return wx_fail_nomem(err);
	rc = wx_rawlog_init(&lines, in, name, log, err);
	wx_rows_init(rows, &lines, opts, WX_RAIN_INTERVAL, row, ctx);
	if (!rc)
		rc = read_table(name, rows, err);
	if (!rc)
		rc = wx_rows_end(rows, err);
	wx_rawlog_fini(&lines);
	free(rows);
	return rc;
}

const struct wx_station_format wx_station_weewx = {
	.name = "weewx",
	.desc = "the SQLite database of WeeWX",
	.binary = true,
	.probe = probe,
	.read = read_rows,
};
