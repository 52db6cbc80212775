/* SPDX-License-Identifier: MIT */
/*
 * The pulses of AudioMoth GPS-Sync: made ones, whose rate is known. With the
 * path of a real file and its nominal rate, what it gives is printed.
 */
#include "capture/gps_sync.h"

#include <stdlib.h>

#include "base/lines.h"
#include "testing.h"

#define HEAD                                                           \
	"PPS_NUMBER,AUDIOMOTH_TIME,SAMPLES,TOTAL_SAMPLES,TIMER_COUNT," \
	"BUFFERS_FILLED,BUFFERS_WRITTEN,LAST_RMC_AUDIOMOTH_TIME,"      \
	"LAST_RMC_GPS_TIME,STATUS,LAT_DEG,LAT_MIN,LAT_DIR"

/* 2024-05-28T10:00:00Z */
#define START_S INT64_C(1716890400)

static enum wx_pps_line feed(struct wx_pps *p, const char *line,
			     struct wx_pps_anchor *a)
{
	return wx_pps_line(p, line, strlen(line), a);
}

/* Samples per true second over all of it. */
static double rate_hz(const struct wx_pps *p)
{
	return (p->last.sample - p->first.sample) /
	       wx_time_diff_s(p->last.utc, p->first.utc);
}

static const char *stamp(int64_t ms, char buf[WX_TIME_SIZE])
{
	int n = wx_time_format(wx_time_from_us((START_S * 1000 + ms) * 1000), 3,
			       buf);

	buf[n - 1] = '\0'; /* without the Z, as in the file */
	return buf;
}

/* As the firmware counts: what is finished, and ticks into the next. */
static void make_row(char *row, size_t size, int64_t ms, double sample,
		     double nominal_hz, int filled)
{
	double over = exp2(floor(log2(384000 / nominal_hz)));
	double complete = 2 + 4 * (2 + over * 28);
	double between = 48e6 / nominal_hz, total = ceil(sample);
	double left = (total - sample) * between;
	double timer = complete - left < 0 ? complete + between - left
					   : complete - left;
	char text[WX_TIME_SIZE];

	snprintf(row, size, "7,%s,48000,%.0f,%.0f,%d,0,,,,,,", stamp(ms, text),
		 total, timer, filled);
}

static const struct {
	const char *label;
	double nominal_hz, ppm;
	int drift_us; /* of the recorder's clock, each second */
	int skip_from, skip_to;
} runs[] = {
	{ "48 kHz, slow", 48000, -4.1, 0, 0, 0 },
	{ "48 kHz, fast in frost", 48000, 800, 0, 0, 0 },
	{ "8 kHz", 8000, 17.3, 20, 0, 0 },
	{ "384 kHz", 384000, -12, -20, 0, 0 },
	{ "250 kHz", 250000, 3, 0, 0, 0 },
	{ "pulses missed", 48000, -4.1, 14, 100, 160 },
};

/* An hour. The rate comes out to a tick of the timer over it. */
static void test_runs(void)
{
	for (size_t i = 0; i < WX_COUNT(runs); i++) {
		const char *label = runs[i].label;
		double nominal = runs[i].nominal_hz;
		double rate = nominal * (1 + runs[i].ppm * 1e-6);
		struct wx_pps_anchor a = { 0 };
		struct wx_pps p;
		size_t n = 0;
		char row[200];
		double off;

		wx_pps_init(&p, nominal);
		CHECK_INT(label, feed(&p, HEAD "\r", &a), WX_PPS_HEADER);
		for (int k = 0; k < 3600; k++) {
			if (k >= runs[i].skip_from && k < runs[i].skip_to)
				continue;
			make_row(row, sizeof(row),
				 k * 1000 + 3 + k * runs[i].drift_us / 1000,
				 k * rate - 0.3, nominal, 0);
			if (feed(&p, row, &a) == WX_PPS_ANCHOR)
				n++;
			off = fabs(a.sample - (k * rate - 0.3));
			/* Or one sample, where a tick decides which is next. */
			if (a.utc.utc_ns != (START_S + k) * WX_NS_PER_S ||
			    (off > 0.01 && fabs(off - 1) > 0.01))
				CHECK(label, !"sample and second");
		}
		CHECK_INT(label, n,
			  3600 - (runs[i].skip_to - runs[i].skip_from));
		CHECK_INT(label, p.n_missed,
			  runs[i].skip_to - runs[i].skip_from);
		CHECK_INT(label, p.n_passed, 0);
		CHECK_F64(label, rate_hz(&p) / rate, 1, 1e-9);
	}
}

static const struct {
	const char *label;
	int ms;        /* of the third row; the second is at 1003 */
	double sample; /* 96000 would be right */
	int filled;
	int want;
} thirds[] = {
	{ "good", 2003, 96000, 7, WX_PPS_ANCHOR },
	{ "clock at its edge", 2004, 96000, 0, WX_PPS_ANCHOR },
	{ "clock past it", 2005, 96000, 0, WX_PPS_PASSED },
	{ "clock of half a second", 2503, 96000, 0, WX_PPS_PASSED },
	{ "no second further", 1003, 48000, 0, WX_PPS_PASSED },
	{ "backwards", 3, 0, 0, WX_PPS_PASSED },
	{ "40 ppm off the mean", 2003, 96002, 0, WX_PPS_ANCHOR },
	{ "more", 2003, 96003, 0, WX_PPS_PASSED },
	{ "buffers lost", 2003, 96000, 8, WX_PPS_OVERFLOW },
};

static void test_rules(void)
{
	for (size_t i = 0; i < WX_COUNT(thirds); i++) {
		const char *label = thirds[i].label;
		struct wx_pps_anchor a = { 0 };
		struct wx_pps p;
		char row[200];

		wx_pps_init(&p, 48000);
		feed(&p, HEAD, &a);
		make_row(row, sizeof(row), 3, 0, 48000, 0);
		CHECK_INT(label, feed(&p, row, &a), WX_PPS_ANCHOR);
		make_row(row, sizeof(row), 1003, 48000, 48000, 0);
		CHECK_INT(label, feed(&p, row, &a), WX_PPS_ANCHOR);
		make_row(row, sizeof(row), thirds[i].ms, thirds[i].sample,
			 48000, thirds[i].filled);
		CHECK_INT(label, feed(&p, row, &a), thirds[i].want);
		/* The next one is held against the last good one. */
		make_row(row, sizeof(row), 3003,
			 thirds[i].want == WX_PPS_ANCHOR
				 ? thirds[i].sample * 1.5
				 : 144000,
			 48000, 0);
		CHECK_INT(label, feed(&p, row, &a),
			  thirds[i].want == WX_PPS_OVERFLOW ? WX_PPS_OVERFLOW
							    : WX_PPS_ANCHOR);
	}
}

/* The first interval may be 1000 ppm off, and no more. */
static void test_first(void)
{
	static const struct {
		double samples;
		int want;
	} seconds[] = { { 48048, WX_PPS_ANCHOR }, { 48050, WX_PPS_PASSED } };

	for (size_t i = 0; i < WX_COUNT(seconds); i++) {
		struct wx_pps_anchor a = { 0 };
		struct wx_pps p;
		char row[200];

		wx_pps_init(&p, 48000);
		feed(&p, HEAD, &a);
		make_row(row, sizeof(row), 3, 0, 48000, 0);
		feed(&p, row, &a);
		make_row(row, sizeof(row), 1003, seconds[i].samples, 48000, 0);
		CHECK_INT("first", feed(&p, row, &a), seconds[i].want);
	}
}

static void test_bad(void)
{
	static const char *const rows[] = {
		"7,2024-05-28T10:00:00.003,48000",
		"7,2024-05-28T10:00:00.003,48000,x,1,0,0,,,,",
		"7,2024-05-28T10:00:00.003,48000,-1,1,0,0,,,,",
		"7,2024-05-28T10:00:00.003,48000,99999999999999999,1,0,0,,,,",
		"7,1970-01-01T00:00:00.003,48000,0,1,0,0,,,,", /* unset */
		"7,28.05.2024 10:00:00,48000,0,1,0,0,,,,",
		"7,,,,,,,,,,",
	};
	struct wx_pps_anchor a = { 0 };
	struct wx_pps p;

	wx_pps_init(&p, 48000);
	CHECK_INT("no header", feed(&p, "a,b,c", &a), WX_PPS_BAD);
	CHECK_INT("a row first", feed(&p, rows[0], &a), WX_PPS_BAD);
	feed(&p, HEAD, &a);
	for (size_t i = 0; i < WX_COUNT(rows); i++)
		CHECK_INT(rows[i], feed(&p, rows[i], &a), WX_PPS_BAD);
	CHECK_INT("blank", feed(&p, "\r", &a), WX_PPS_HEADER);
	wx_pps_init(&p, 0);
	CHECK_INT("no nominal rate", feed(&p, HEAD, &a), WX_PPS_BAD);
}

/* GPS's sentences tell whole seconds better than the recorder's clock. */
static void test_off(void)
{
	static const char *const rows[] = {
		/* 2 s fast: the sentence of 09:59:58 came at 10:00:00.5 */
		"0,2024-05-28T10:00:00.003,0,0,906,0,0,,,,,,",
		"1,2024-05-28T10:00:01.003,0,48000,906,0,0,"
		"2024-05-28T10:00:00.524,2024-05-28T09:59:58.000,A,1,1,N",
		"2,2024-05-28T10:00:02.003,0,96000,906,0,0,"
		"2024-05-28T10:00:01.353,2024-05-28T09:59:59.000,A,1,1,N",
	};
	struct wx_pps_anchor a = { 0 };
	struct wx_pps p;

	wx_pps_init(&p, 48000);
	feed(&p, ",x," HEAD, &a); /* other columns before do no harm */
	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		char row[300];

		snprintf(row, sizeof(row), "0,0,%s", rows[i]);
		CHECK_INT(rows[i], feed(&p, row, &a), WX_PPS_ANCHOR);
	}
	CHECK_INT("2 s", p.off_s, 2);
	CHECK_INT("corrected", wx_pps_utc(&p, &p.first).utc_ns,
		  (START_S - 2) * WX_NS_PER_S);
	CHECK_F64("sample", p.last.sample, 96000, 1e-9);
}

static int print_file(const char *path, double nominal_hz)
{
	struct wx_lines *in = NULL;
	struct wx_pps_anchor a;
	struct wx_line line;
	struct wx_pps p;
	char from[WX_TIME_SIZE], to[WX_TIME_SIZE];

	wx_pps_init(&p, nominal_hz);
	if (wx_lines_open(path, &in, NULL))
		return 1;
	while (wx_lines_next(in, &line, NULL) == 1)
		if (wx_pps_line(&p, line.text, line.n, &a) == WX_PPS_BAD)
			printf("line %ld: bad\n", line.number);
	wx_lines_close(in);
	wx_time_format(wx_pps_utc(&p, &p.first), 0, from);
	wx_time_format(wx_pps_utc(&p, &p.last), 0, to);
	printf("%zu anchors, %s to %s, %.3f Hz, %zu missed, off %d s\n",
	       p.n_anchors, from, to, rate_hz(&p), p.n_missed, (int)p.off_s);
	return 0;
}

int main(int argc, char *argv[])
{
	if (argc == 3)
		return print_file(argv[1], atof(argv[2]));
	test_runs();
	test_rules();
	test_first();
	test_bad();
	test_off();
	return wx_test_end();
}
