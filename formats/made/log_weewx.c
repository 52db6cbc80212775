/* SPDX-License-Identifier: MIT */
/*
 * formats/made/log_weewx.c: WeeWX's data base, in the unit system that the seed's
 * remainder by three picks.
 */
#include <sqlite3.h>

#include "made/log.h"
#include "station/unit.h"

static const struct units {
	int number;
	double mm, m_s, degc, degc_at_0, hpa; /* one of theirs in ours */
} systems[] = {
	{ 1, WX_MM_PER_INCH, WX_M_S_PER_MPH, WX_DEGC_PER_DEGF, WX_DEGC_AT_0F,
	  WX_HPA_PER_INHG },
	{ 16, 10, WX_M_S_PER_KM_H, 1, 0, 1 },
	{ 17, 1, 1, 1, 0, 1 },
};

static void begin(struct wx_made_log *log, FILE *out)
{
	sqlite3 **db = log->state;

	(void)out;
	if (sqlite3_open(":memory:", db) == SQLITE_OK)
		sqlite3_exec(*db,
			     "CREATE TABLE archive (dateTime INTEGER NOT NULL "
			     "UNIQUE PRIMARY KEY, usUnits INTEGER NOT NULL, "
			     "interval INTEGER NOT NULL, pressure REAL, "
			     "outTemp REAL, outHumidity REAL, windSpeed REAL, "
			     "windDir REAL, windGust REAL, rain REAL); BEGIN",
			     NULL, NULL, NULL);
}

static void row(struct wx_made_log *log, const struct wx_made_reading *r,
		FILE *out)
{
	const struct units *u = &systems[log->opts->seed % 3];
	sqlite3 **db = log->state;
	char *sql = sqlite3_mprintf(
		"INSERT INTO archive VALUES (%lld, %d, %d, %.15g, %.15g, "
		"%.15g, %.15g, %.15g, %.15g, %.15g)",
		(long long)r->end_s, u->number, r->step_s / 60,
		r->pressure_hpa / u->hpa,
		(r->air_temp_degc - u->degc_at_0) / u->degc, r->rel_hum_pct,
		r->wind_avg_m_s / u->m_s, r->wind_dir_deg,
		r->wind_gust_m_s / u->m_s, r->rain_mm / u->mm);

	(void)out;
	if (sql)
		sqlite3_exec(*db, sql, NULL, NULL, NULL);
	sqlite3_free(sql);
}

static void end(struct wx_made_log *log, FILE *out)
{
	sqlite3 **db = log->state;
	sqlite3_int64 n = 0;
	unsigned char *bytes;

	sqlite3_exec(*db, "COMMIT", NULL, NULL, NULL);
	bytes = sqlite3_serialize(*db, "main", &n, 0);
	if (bytes)
		fwrite(bytes, 1, (size_t)n, out);
	sqlite3_free(bytes);
	sqlite3_close(*db);
	*db = NULL;
}

const struct wx_made_format wx_made_log_weewx = {
	.name = "weewx",
	.file = "weewx.sdb",
	.site = "",
	.step_s = 300,
	.wind_step_m_s = 0.001,
	.rain = WX_MADE_INTERVAL,
	.whole = true,
	.state_size = sizeof(sqlite3 *),
	.begin = begin,
	.row = row,
	.end = end,
};
