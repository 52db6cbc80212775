/* SPDX-License-Identifier: MIT */
/*
 * formats/station/weewx.c: the archive table of WeeWX's SQLite database.
 *
 * Its columns are those of weewx_row.h; NULL is missing.
 */
#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "station/station.h"
#include "station/weewx_row.h"

static int probe(const uint8_t *head, size_t n)
{
	return n >= 100 && !memcmp(head, "SQLite format 3", 16) ? 70 : 0;
}

static int fail_db(sqlite3 *db, const char *name, struct wx_error *err)
{
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: expected a WeeWX database with a table 'archive': "
		       "%s",
		       name, db ? sqlite3_errmsg(db) : "cannot open");
}

/* Of 100 bytes at its begin: how it is read, and 2 is by a write-ahead log. */
enum { READ_VERSION = 19, BY_WAL = 2 };

/* As SQLite wants a name that has options. NULL when out of memory. */
static char *as_uri(const char *name, const char *options)
{
	char *path = malloc(3 * strlen(name) + 1), *to = path, *uri;

	if (!path)
		return NULL;
	for (; *name; name++)
		to += sprintf(to, strchr("%?#", *name) ? "%%%02X" : "%c",
			      *name);
	*to = '\0';
	uri = wx_strf("file:%s%s?%s", *path == '/' ? "//" : "", path, options);
	free(path);
	return uri;
}

/* Has it a write-ahead log that is empty, and so is not at work? */
static bool at_rest(FILE *in, const char *name)
{
	char *log = wx_strf("%s-wal", name);
	uint8_t version = 0;
	bool is = log && pread(fileno(in), &version, 1, READ_VERSION) == 1 &&
		  version == BY_WAL && access(log, F_OK) != 0;

	free(log);
	return is;
}

/*
 * A database may be in use by WeeWX: nothing is written, and we wait. Beside
 * one with a write-ahead log SQLite would leave two files, or fail where it may
 * not, unless told that nobody changes it.
 */
static int open_db(FILE *in, const char *name, sqlite3 **db,
		   struct wx_error *err)
{
	char *uri = as_uri(name, at_rest(in, name) ? "immutable=1" : "");
	int rc;

	if (!uri)
		return wx_fail_nomem(err);
	rc = sqlite3_open_v2(uri, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
			     NULL);
	free(uri);
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

/* Columns that a schema lacks are NULL, but the three that each row needs. */
static int prepare(sqlite3 *db, const char *name, sqlite3_stmt **stmt,
		   struct wx_error *err)
{
	char sql[400] = "SELECT ";
	size_t n = strlen(sql);

	for (int i = 0; i < WX_WEEWX_N; i++)
		n += (size_t)snprintf(
			sql + n, sizeof(sql) - n, "%s%s", i ? ", " : "",
			i <= WX_WEEWX_INTERVAL ||
					has_column(db, wx_weewx_names[i])
				? wx_weewx_names[i]
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
	double v[WX_WEEWX_N];

	rows->lines->line++;
	for (int i = 0; i < WX_WEEWX_N; i++)
		v[i] = number(stmt, i);
	return wx_weewx_put(rows, v, err);
}

static int read_table(FILE *in, const char *name, struct wx_rows *rows,
		      struct wx_error *err)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *stmt = NULL;
	int step = SQLITE_DONE, rc = open_db(in, name, &db, err);

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
	lines.complete = true; /* a row of a database is whole */
	wx_rows_init(rows, &lines, opts, WX_RAIN_INTERVAL, row, ctx);
	if (!rc)
		rc = read_table(in, name, rows, err);
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
