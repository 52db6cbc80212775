/* SPDX-License-Identifier: MIT */
/* Exchanges to anchors, boots that lean on each other, the air, a row. */
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "clock/env.h"
#include "clock/timeline.h"
#include "clock/window.h"
#include "testing.h"

#define UTC0 INT64_C(1780272000000000) /* 2026-06-01T00:00:00Z */
#define S    INT64_C(1000000)

static const struct wx_time latest = { (UTC0 + 864000 * S) * 1000 };

static const struct {
	const char *label, *json;
	int rc;
	int64_t host_est_err_us;
	double error_ms;
} lines[] = {
	{ "all keys",
	  "{\"t1\":5,\"t4\":105,\"b\":1,\"m2\":7,\"m3\":17,\"r\":3,\"s\":"
	  "\"sntp\",\"e\":12.5,\"host_synced\":true,\"host_est_err_us\":410,"
	  "\"host_max_err_us\":900}",
	  WX_OK, 410, 12.5 },
	{ "only what is needed",
	  "{\"t1\":5,\"t4\":5,\"b\":0,\"m2\":0,\"m3\":0}", WX_OK, -1, NAN },
	{ "errors below 0 are none",
	  "{\"t1\":5,\"t4\":5,\"b\":0,\"m2\":0,\"m3\":0,\"e\":-1,"
	  "\"host_est_err_us\":-2}",
	  WX_OK, -1, NAN },
	{ "a source of a page's length",
	  "{\"t1\":5,\"t4\":5,\"b\":0,\"m2\":0,\"m3\":0,\"s\":"
	  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
	  WX_OK, -1, NAN },
	{ "no m3", "{\"t1\":5,\"t4\":5,\"b\":0,\"m2\":0}", WX_ERR_FORMAT, 0,
	  0 },
	{ "t1 a text", "{\"t1\":\"5\",\"t4\":5,\"b\":0,\"m2\":0,\"m3\":0}",
	  WX_ERR_FORMAT, 0, 0 },
	{ "t1 with a fraction",
	  "{\"t1\":5.5,\"t4\":7,\"b\":0,\"m2\":0,\"m3\":0}", WX_ERR_FORMAT, 0,
	  0 },
	{ "answered before it was asked",
	  "{\"t1\":5,\"t4\":4,\"b\":0,\"m2\":0,\"m3\":0}", WX_ERR_RANGE, 0, 0 },
	{ "node sent before it received",
	  "{\"t1\":5,\"t4\":50,\"b\":0,\"m2\":9,\"m3\":8}", WX_ERR_RANGE, 0,
	  0 },
	{ "longer in the node than on the way there and back",
	  "{\"t1\":5,\"t4\":50,\"b\":0,\"m2\":0,\"m3\":46}", WX_ERR_RANGE, 0,
	  0 },
	{ "over a minute",
	  "{\"t1\":0,\"t4\":60000001,\"b\":0,\"m2\":0,\"m3\":0}", WX_ERR_RANGE,
	  0, 0 },
	{ "the end of time",
	  "{\"t1\":9223372036854775807,\"t4\":9223372036854775807,\"b\":0,"
	  "\"m2\":0,\"m3\":0}",
	  WX_ERR_RANGE, 0, 0 },
	{ "below 0", "{\"t1\":-5,\"t4\":5,\"b\":0,\"m2\":0,\"m3\":0}",
	  WX_ERR_RANGE, 0, 0 },
};

static void test_lines(void)
{
	for (size_t i = 0; i < WX_COUNT(lines); i++) {
		json_t *in = json_loads(lines[i].json, 0, NULL), *out;
		struct wx_exchange x = { 0 }, y = { 0 };

		CHECK_INT(lines[i].label, wx_exchange_parse(in, &x, NULL),
			  lines[i].rc);
		json_decref(in);
		if (lines[i].rc != WX_OK)
			continue;
		CHECK_INT(lines[i].label, x.host_est_err_us,
			  lines[i].host_est_err_us);
		CHECK_F64(lines[i].label, x.error_ms, lines[i].error_ms, 0);
		out = wx_exchange_json(&x);
		CHECK_INT("schema",
			  wx_schema_check(out, "clock-line", "test", NULL),
			  WX_OK);
		CHECK_INT("there and back", wx_exchange_parse(out, &y, NULL),
			  WX_OK);
		CHECK("there and back",
		      x.t1_us == y.t1_us && x.m3_us == y.m3_us &&
			      x.r_us == y.r_us && !strcmp(x.source, y.source) &&
			      x.host_max_err_us == y.host_max_err_us);
		json_decref(out);
	}
}

/* An exchange of node time m, node ahead by off_us, ways of so many us. */
static struct wx_exchange exchange(int64_t boot, int64_t m_us, int64_t there,
				   int64_t back, bool synced)
{
	return (struct wx_exchange){ .t1_us = UTC0 + m_us - there,
				     .t4_us = UTC0 + m_us + 10 + back,
				     .boot = boot,
				     .m2_us = m_us,
				     .m3_us = m_us + 10,
				     .host_synced = synced,
				     .host_est_err_us = 100 };
}

static void test_bursts(void)
{
	struct wx_exchange x[] = {
		/* Boot 2, later in the file but a burst of its own. */
		exchange(2, 5 * S, 300, 300, true),
		/* One burst, last first; the quartile is two of seven. */
		exchange(1, 3600 * S, 40000, 500, true),
		exchange(1, 3599 * S, 300, 310, true),
		exchange(1, 10 * S, 20000, 90000, true),
		exchange(1, 11 * S, 300, 300, true),
		exchange(1, 12 * S, 5000, 300, true),
		exchange(1, 13 * S, 300, 5000, true),
		exchange(1, 14 * S, 9000, 300, true),
		/* Over an hour after its first: the next one. */
		exchange(1, 3611 * S, 300, 300, false),
	};
	struct wx_anchors list = { 0 };
	const struct wx_anchor *a;
	size_t n;

	CHECK_INT("add",
		  wx_anchors_add_exchanges(&list, x, WX_COUNT(x), latest, NULL),
		  WX_OK);
	wx_anchors_sort(&list);
	CHECK_INT("three bursts", list.n, 3);
	a = wx_anchors_of_boot(&list, 1, &n);
	CHECK_INT("two of boot 1", n, 2);
	CHECK_INT("seven in the first", a[0].n_exchanges, 7);
	CHECK_F64("least delay", a[0].delay_s, 0.0006, 0.00002);
	CHECK_F64("offset", (double)(a[0].utc_us - a[0].m_us - UTC0), 0, 10);
	CHECK_F64("floor", a[0].sigma_s, WX_EXCHANGE_FLOOR_S, 1e-9);
	CHECK("host not synchronised widens", a[1].sigma_s >= WX_HOST_FREE_S);
	CHECK_INT("none of boot 3",
		  wx_anchors_of_boot(&list, 3, &n) == NULL && n == 0, 1);
	wx_anchors_fini(&list);
}

/* Boot 5 has a rate; 4, 6 and 9 have one anchor, 7 has none. */
static void test_siblings(void)
{
	static const struct {
		int64_t boot;
		int found;
		double rate_ppm;
	} want[] = { { 4, 1, 10 }, { 5, 1, 10 }, { 6, 1, 10 },
		     { 7, 0, 0 },  { 8, 1, -5 }, { 9, 1, -5 } };
	struct wx_timeline tl = { 0 };
	static const struct {
		int64_t boot, m_us, late_us;
	} sync[] = { { 9, 0, 0 },
		     { 4, 0, 0 },
		     { 5, 0, 0 },
		     { 5, 86400 * S, 864000 },
		     { 6, 50 * S, 0 },
		     { 8, 0, 0 },
		     { 8, 86400 * S, -432000 } };

	for (size_t i = 0; i < WX_COUNT(sync); i++)
		wx_anchors_add_event(
			&tl.anchors, "sync", "gps", sync[i].boot, sync[i].m_us,
			UTC0 + sync[i].m_us + sync[i].late_us, 1, latest, NULL);
	/* Boot 8 has anchors, but no captures. */
	for (int64_t boot = 4; boot < 10; boot++)
		if (boot != 8)
			CHECK_INT("add",
				  wx_timeline_add(&tl, boot, 3600 * S, 7200 * S,
						  NULL),
				  WX_OK);
	CHECK_INT("fit", wx_timeline_fit(&tl, NULL), WX_OK);
	for (size_t i = 0; i < WX_COUNT(want); i++) {
		const struct wx_clock *c = wx_timeline_clock(&tl, want[i].boot);

		CHECK_INT("found", c != NULL, want[i].found);
		if (c)
			CHECK_F64("rate", c->rate_ppm, want[i].rate_ppm, 0.05);
	}
	CHECK("no such boot", wx_timeline_clock(&tl, 1) == NULL);
	wx_timeline_fini(&tl);
}

static const char env_text[] = "pressure_hpa,m,air_temp_degc\n"
			       "900,600000000,10\n"
			       "901,600500000,99\n" /* too soon: passed over */
			       "902,1200000000,12\n"
			       "0,1500000000,85\n" /* what sensors say */
			       "904,3600000000,20\n"
			       "x,y,z\n"
			       "905,-5,20\n"
			       "999,4000000000,2"; /* torn */

static const struct {
	int64_t m_s;
	double t, p;
} air[] = {
	{ 0, 10, 900 }, /* 10 minutes before the first */
	{ 599, 10, 900 },  { 600, 10, 900 },   { 900, 11, 901 },
	{ 1200, 12, 902 }, { 1350, 12, 902 }, /* the failed one beside */
	{ 1800, 12, 902 }, { 1801, NAN, NAN }, { 2999, NAN, NAN },
	{ 3000, 20, 904 }, { 4200, 20, 904 },  { 4201, NAN, NAN },
};

static void test_env(void)
{
	char path[] = "/tmp/wxset-env.XXXXXX";
	int fd = mkstemp(path);
	struct wx_env env = { 0 };
	struct wx_log log = { 0 };

	CHECK("write", write(fd, env_text, sizeof(env_text) - 1) ==
			       (ssize_t)sizeof(env_text) - 1);
	close(fd);
	CHECK_INT("read", wx_env_read(&env, path, &log, NULL), WX_OK);
	unlink(path);
	wx_env_sort(&env);
	CHECK_INT("readings", env.n, 3);
	CHECK_INT("one remark for all", log.n_warnings, 1);
	for (int back = 0; back < 2; back++) /* any order of asking */
		for (size_t i = 0; i < WX_COUNT(air); i++) {
			size_t k = back ? WX_COUNT(air) - 1 - i : i;
			struct wx_env_reading r =
				wx_env_at(&env, air[k].m_s * S);
			char label[32];

			snprintf(label, sizeof(label), "air at %d s",
				 (int)air[k].m_s);
			CHECK_F64(label, r.air_temp_degc, air[k].t, 1e-4);
			CHECK_F64(label, r.pressure_hpa, air[k].p, 1e-4);
			CHECK_F64(label, r.rel_hum_pct, NAN, 0);
		}
	wx_env_fini(&env);
	CHECK_F64("none at all", wx_env_at(&env, 5).air_temp_degc, NAN, 0);
}

static const struct {
	const char *label, *row;
	int rc;
} rows[] = {
	{ "good",
	  "n1,raw/n1/a.wav,0.000,2026-06-01T00:00:00.000Z,10.000,0.1,"
	  "1,2,3,1,x",
	  WX_OK },
	{ "undated", "n1,raw/n1/a.wav,0.000,,10.000,,,,,2,", WX_OK },
	{ "no length", "n1,raw/n1/a.wav,0.000,,,,,,,2,", WX_ERR_RANGE },
	{ "length 0", "n1,raw/n1/a.wav,0.000,,0,,,,,2,", WX_ERR_RANGE },
	{ "a week", "n1,raw/n1/a.wav,0.000,,604800,,,,,2,", WX_ERR_RANGE },
	{ "error below 0", "n1,raw/n1/a.wav,0,,10,-1,,,,2,", WX_ERR_RANGE },
	{ "no zone", "n1,raw/n1/a.wav,0,2026-06-01T00:00:00,10,,,,,2,",
	  WX_ERR_FORMAT },
	{ "a word for a number", "n1,raw/n1/a.wav,0,,ten,,,,,2,",
	  WX_ERR_FORMAT },
};

static void test_rows(void)
{
	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		char text[512], back[512] = "";
		struct wx_window_cols cols;
		struct wx_window w;
		struct wx_csv *csv;
		FILE *in;
		int rc;

		snprintf(text, sizeof(text), "%s\n%s\n", WX_WINDOW_HEADER,
			 rows[i].row);
		in = fmemopen(text, strlen(text), "r");
		rc = wx_csv_open_stream(in, "t", NULL, &csv, NULL);
		CHECK_INT("open", rc, WX_OK);
		CHECK_INT("cols", wx_window_cols(csv, &cols, NULL), WX_OK);
		CHECK_INT("next", wx_csv_next(csv, NULL), 1);
		CHECK_INT(rows[i].label, wx_window_get(csv, &cols, &w, NULL),
			  rows[i].rc);
		if (rows[i].rc == WX_OK) { /* written as it was read */
			FILE *out = fmemopen(back, sizeof(back), "w");
			struct wx_window again;
			struct wx_row *row = calloc(1, sizeof(*row));

			again = w;
			wx_row_init(row, out);
			wx_window_write(row, &again);
			wx_row_flush(row);
			fclose(out);
			free(row);
			CHECK("starts the same",
			      !strncmp(back, rows[i].row, 17));
		}
		wx_csv_close(csv);
		fclose(in);
	}
}

int main(void)
{
	test_lines();
	test_bursts();
	test_siblings();
	test_env();
	test_rows();
	return wx_test_end();
}
