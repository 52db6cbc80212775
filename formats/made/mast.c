/* SPDX-License-Identifier: MIT */
/*
 * formats/made/mast.c: the mast's three logs and the true weather.
 *
 * station/mast.dat, Campbell TOA5 as LoggerNet writes it: four header lines,
 * CRLF, local time without a zone, each stamp the END of its 10 s, "NAN" where
 * a sensor gave nothing:
 *
 *     "TOA5","made","CR1000X","10471","CR1000X.Std.05.01","CPU:mast.CR1X",...
 *     "TIMESTAMP","RECORD","Rain_mm_Tot","WS_ms_Avg","WS_ms_Max",...
 *     "TS","RN","mm","meters/second","meters/second","Deg","Deg C","%","hPa"
 *     "","","Tot","Avg","Max","Smp","Avg","Smp","Smp"
 *     "2024-06-01 01:00:10",0,0,2.4,3.111,231.4,14.52,71.3,963.21
 *
 * station/mast.csv is a cheaper logger's idea of the same: UTC, one minute,
 * its own names, rain as a total that never goes back, km/h and kPa.
 *
 * station/tips.csv has one line a closure, bounces too: header "utc".
 */
#include <stdlib.h>

#include "base/csv.h"
#include "base/file.h"
#include "base/text.h"
#include "made/made.h"
#include "sim/station.h"

enum { CHUNK_S = 3600, ROW_S = 10, MINUTE_ROWS = 6 };

enum { WEATHER, TRUE_TIPS, TOA5, TIPS, MINUTES, N_TABLES };

static const struct {
	const char *path, *header;
} tables[N_TABLES] = {
	[WEATHER] = { "truth/weather.csv",
		      "utc,rain_mm_h,wind_m_s,wind_dir_deg,air_temp_degc,"
		      "rel_hum_pct,pressure_hpa" },
	[TRUE_TIPS] = { "truth/tips.csv", "utc" },
	[TOA5] = { "station/mast.dat", NULL },
	[TIPS] = { "station/tips.csv", "utc" },
	[MINUTES] = { "station/mast.csv",
		      "when,rain_total_mm,cup_turns,wind_kmh,gust_kmh,"
		      "wind_from,temp_c,humidity,press_kpa" },
};

static const char toa5_header[] =
	"\"TOA5\",\"made\",\"CR1000X\",\"10471\",\"CR1000X.Std.05.01\","
	"\"CPU:mast.CR1X\",\"20471\",\"Fast\"\r\n"
	"\"TIMESTAMP\",\"RECORD\",\"Rain_mm_Tot\",\"WS_ms_Avg\","
	"\"WS_ms_Max\",\"WindDir\",\"AirT_C\",\"RH\",\"BP_hPa\"\r\n"
	"\"TS\",\"RN\",\"mm\",\"meters/second\",\"meters/second\",\"Deg\","
	"\"Deg C\",\"%\",\"hPa\"\r\n"
	"\"\",\"\",\"Tot\",\"Avg\",\"Max\",\"Smp\",\"Avg\",\"Smp\","
	"\"Smp\"\r\n";

struct mast {
	const struct wx_sim_opts *opts;
	struct wx_file *file[N_TABLES];
	struct wx_row row[N_TABLES]; /* not used for TOA5 */
	struct wx_sim_logger logger;
	struct wx_sim_sample sample[CHUNK_S + 1];
	int64_t record, total_tips, total_turns; /* since the logger's birth */
	/* of the minute being gathered */
	int n_rows, turns;
	double gust_m_s;
};

static void on_tip(void *ctx, int64_t utc_us, bool bounce)
{
	struct mast *m = ctx;
	struct wx_time t = wx_time_from_us(utc_us);

	wx_row_time(&m->row[TIPS], t, 3);
	wx_row_end(&m->row[TIPS]);
	if (bounce)
		return;
	wx_row_time(&m->row[TRUE_TIPS], t, 6);
	wx_row_end(&m->row[TRUE_TIPS]);
}

static void write_weather(struct mast *m, int64_t t_s,
			  const struct wx_sim_sample *s)
{
	struct wx_row *row = &m->row[WEATHER];

	wx_row_time(row, wx_time_from_us(t_s * 1000000), 0);
	wx_row_f64(row, s->rain_mm_h, 3);
	wx_row_f64(row, s->wind_m_s, 2);
	wx_row_f64(row, s->wind_dir_deg, 1);
	wx_row_f64(row, s->air_temp_degc, 2);
	wx_row_f64(row, s->rel_hum_pct, 1);
	wx_row_f64(row, s->pressure_hpa, 4);
	wx_row_end(row);
}

/* ",1.25" with the zeros at the end dropped, as CSI's own programs do. */
static void put(FILE *out, bool nan, double v, int decimals)
{
	char buf[WX_NUM_SIZE];
	int n = wx_f64_format(v, decimals, buf);

	if (nan) {
		fputs(",\"NAN\"", out);
		return;
	}
	while (decimals > 0 && buf[n - 1] == '0')
		n--;
	if (decimals > 0 && buf[n - 1] == '.')
		n--;
	fprintf(out, ",%.*s", n, buf);
}

static void write_toa5(struct mast *m, const struct wx_sim_row *r)
{
	FILE *out = wx_file_get(m->file[TOA5]);
	struct wx_civil c = wx_time_to_civil(
		wx_time_from_us(r->end_s * 1000000), m->opts->utc_offset_s);

	fprintf(out, "\"%04d-%02d-%02d %02d:%02d:%02d\",%lld", c.year, c.month,
		c.day, c.hour, c.minute, c.second, (long long)m->record++);
	put(out, false, r->tips * m->opts->bucket_mm, 4);
	put(out, r->nan[0], r->wind_avg_m_s, 3);
	put(out, r->nan[0], r->wind_max_m_s, 3);
	put(out, r->nan[0], r->wind_dir_deg, 1);
	put(out, r->nan[1], r->air_temp_degc, 2);
	put(out, r->nan[2], r->rel_hum_pct, 1);
	put(out, r->nan[3], r->pressure_hpa, 2);
	fputs("\r\n", out);
}

static void write_minute(struct mast *m, const struct wx_sim_row *r)
{
	struct wx_row *row = &m->row[MINUTES];
	double slope = m->logger.cups.m_s_per_hz;

	m->total_tips += r->tips;
	m->total_turns += r->turns;
	m->turns += r->turns;
	if (r->wind_max_m_s > m->gust_m_s)
		m->gust_m_s = r->wind_max_m_s;
	if (++m->n_rows < MINUTE_ROWS)
		return;
	wx_row_time(row, wx_time_from_us(r->end_s * 1000000), 0);
	/* Not from zero: it hung elsewhere before. */
	wx_row_f64(row, (double)(586 + m->total_tips) * m->opts->bucket_mm, 3);
	wx_row_i64(row, 1204511 + m->total_turns);
	wx_row_f64(row, 3.6 * slope * m->turns / 60, 2);
	wx_row_f64(row, 3.6 * m->gust_m_s, 2);
	wx_row_f64(row, r->wind_dir_deg, 0);
	wx_row_f64(row, r->air_temp_degc, 1);
	wx_row_f64(row, r->rel_hum_pct, 0);
	wx_row_f64(row, r->pressure_hpa / 10, 3);
	wx_row_end(row);
	m->n_rows = m->turns = 0;
	m->gust_m_s = 0;
}

static void write_second(struct mast *m, int64_t t_s,
			 const struct wx_sim_sample *s)
{
	struct wx_sim_row r;

	write_weather(m, t_s, s);
	if (!wx_sim_logger_step(&m->logger, t_s, s, &r))
		return;
	if (!r.off)
		write_toa5(m, &r);
	write_minute(m, &r);
}

static int open_tables(struct mast *m, const char *dir, struct wx_error *err)
{
	for (int i = 0; i < N_TABLES; i++) {
		char *path = wx_strf("%s/%s", dir, tables[i].path);
		int rc = path ? wx_file_create(path, &m->file[i], err)
			      : wx_fail_nomem(err);

		free(path);
		if (rc)
			return rc;
		wx_row_init(&m->row[i], wx_file_get(m->file[i]));
		if (tables[i].header)
			wx_row_line(&m->row[i], tables[i].header);
	}
	fputs(toa5_header, wx_file_get(m->file[TOA5]));
	return WX_OK;
}

static int commit_tables(struct mast *m, struct wx_error *err)
{
	int rc = WX_OK;

	for (int i = 0; i < N_TABLES && !rc; i++) {
		bool changed;

		wx_row_flush(&m->row[i]);
		rc = wx_file_commit(m->file[i], &changed, err);
		m->file[i] = NULL;
	}
	return rc;
}

int wx_made_mast(const char *dir, const struct wx_sim_opts *o,
		 struct wx_made_tick *tick, struct wx_error *err)
{
	struct wx_sim_weather w = wx_sim_weather_of(o);
	int64_t end_s = wx_sim_end_s(o);
	struct mast *m = calloc(1, sizeof(*m));
	int rc;

	if (!m)
		return wx_fail_nomem(err);
	m->opts = o;
	wx_sim_logger_init(&m->logger,
			   wx_sim_split((uint64_t)o->seed, "mast", 0),
			   o->start_s, o->bucket_mm, ROW_S);
	m->logger.tip = on_tip;
	m->logger.ctx = m;
	rc = open_tables(m, dir, err);
	for (int64_t t = o->start_s; !rc && t < end_s; t += CHUNK_S) {
		int64_t n = end_s - t < CHUNK_S ? end_s - t : CHUNK_S;

		wx_sim_weather_get(&w, t, (size_t)n + 1, m->sample);
		for (int64_t i = 0; i < n; i++)
			write_second(m, t + i, &m->sample[i]);
		tick->done++;
		if (tick->stop)
			rc = WX_ERR_IO;
	}
	if (!rc)
		rc = commit_tables(m, err);
	for (int i = 0; i < N_TABLES; i++)
		wx_file_abort(m->file[i]);
	free(m);
	return rc;
}
