/* SPDX-License-Identifier: MIT */
/* Rows of labels/ as text and back. */
#include "weather/label.h"

#include <stdlib.h>

#include "testing.h"

static const struct {
	const char *name, *row;
	int rc;
} cases[] = {
	{ "all there",
	  "n1,raw/n1/a.wav,10.000,2026-01-01T00:00:10.000Z,10.000,6.02,rain,"
	  "0.990,0.009;0.001;0.990,1,tips,3.70,5.10,breeze,0.999,"
	  "0.000;0.999;0.001,1,interval,bounce,,,"
	  "2026-01-01T00:00:00.125Z,2026-01-01T00:02:00.000Z,0.253,1",
	  WX_OK },
	{ "nothing known",
	  "n1,raw/n1/a.wav,,,,,,,,0,none,,,,,,0,none,no_time,,,,,,0", WX_OK },
	{ "by ear",
	  "n1,raw/n1/a.wav,0.000,2026-01-01T00:00:10.000Z,10.000,0.00,rain,"
	  "1.000,0.000;0.000;1.000,1,track,,,,,,0,track,track_mixed,"
	  "tracks/n1/a.txt:12,tracks/n1/a~wind.txt:1,,,,0",
	  WX_OK },
	{ "a probability above 1",
	  "n1,raw/n1/a.wav,,,,,,,2.000,0,none,,,,,,0,none,", WX_ERR_FORMAT },
	{ "no number", "n1,raw/n1/a.wav,,,,,,,0.1;x,0,none,,,,,,0,none,",
	  WX_ERR_FORMAT },
	{ "a tip at no time",
	  "n1,raw/n1/a.wav,,,,,,,,0,none,,,,,,0,none,,,,yesterday,,,0",
	  WX_ERR_FORMAT },
	{ "too many",
	  "n1,raw/n1/a.wav,,,,,,,0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;0;"
	  "0;0;0;0;0,0,none,,,,,,0,"
	  "none,",
	  WX_ERR_FORMAT },
};

static char *round_trip(const char *row, int *rc)
{
	char *in = NULL, *out = NULL;
	size_t n_in, n_out;
	FILE *fin, *f = open_memstream(&in, &n_in);
	struct wx_label_cols cols;
	struct wx_label l;
	struct wx_csv *csv = NULL;
	static struct wx_row r;
	struct wx_label_last last = { 0 };

	fprintf(f, "%s\n%s\n", WX_LABEL_HEADER, row);
	fclose(f);
	fin = fmemopen(in, n_in, "r");
	f = open_memstream(&out, &n_out);
	wx_row_init(&r, f);
	*rc = wx_csv_open_stream(fin, "labels", NULL, &csv, NULL);
	if (*rc == WX_OK)
		*rc = wx_label_cols(csv, &cols, NULL);
	if (*rc == WX_OK && wx_csv_next(csv, NULL) == 1)
		*rc = wx_label_get(csv, &cols, &l, NULL);
	if (*rc == WX_OK)
		wx_label_write(&r, &last, &l);
	wx_row_flush(&r);
	fclose(f);
	wx_csv_close(csv);
	fclose(fin);
	free(in);
	return out;
}

static double any(const double *of, int n)
{
	return of[rand() % n];
}

/* One of few labels, so that many are as the one before. */
static void make_class(struct wx_class_label *c)
{
	static const char *const names[] = { "", "none", "rain" };
	static const double values[] = { NAN, 0, 0.005, 12.5 };

	*c = (struct wx_class_label){ .value = any(values, 4),
				      .name = names[rand() % 3],
				      .p = any(values, 3),
				      .n_probs = rand() % 3,
				      .keep = rand() % 2,
				      .source = "tips",
				      .track = "" };
	for (int i = 0; i < c->n_probs; i++)
		c->probs[i] = any(values, 3);
}

static void change(struct wx_label *l)
{
	static const int64_t tips[] = { INT64_MIN, 0, 1767225600000000000 };

	if (rand() % 4 == 0)
		make_class(&l->rain);
	if (rand() % 8 == 0) /* one number alone */
		l->rain.probs[0] = rand() % 100 / 100.0;
	if (rand() % 8 == 0)
		l->rain.keep = !l->rain.keep;
	make_class(&l->wind);
	if (rand() % 3 == 0)
		l->rain_tip_before.utc_ns = tips[rand() % 3];
	if (rand() % 3 == 0)
		l->rain_tip_after.utc_ns = tips[rand() % 3];
}

/* What is remembered of the row before does not show, nor does a flush. */
static void same_without_memory(void)
{
	static struct wx_row with, without;
	struct wx_label l = { .node = "n1", .capture = "a,b" };
	struct wx_label_last last = { 0 };
	char *a = NULL, *b = NULL;
	size_t n_a, n_b;
	FILE *fa = open_memstream(&a, &n_a), *fb = open_memstream(&b, &n_b);

	srand(6);
	wx_row_init(&with, fa);
	wx_row_init(&without, fb);
	for (int i = 0; i < 4000; i++) { /* several buffers full */
		struct wx_label_last none = { 0 };

		change(&l);
		wx_label_write(&with, &last, &l);
		wx_label_write(&without, &none, &l);
	}
	wx_row_flush(&with);
	wx_row_flush(&without);
	fclose(fa);
	fclose(fb);
	CHECK("several buffers", n_b > 3 * sizeof(with.buf));
	CHECK_INT("size", n_a, n_b);
	CHECK("the same bytes", n_a == n_b && !memcmp(a, b, n_a));
	free(a);
	free(b);
}

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++) {
		char want[400];
		int rc;
		char *got = round_trip(cases[i].row, &rc);

		snprintf(want, sizeof(want), "%s\n", cases[i].row);
		CHECK_INT(cases[i].name, rc, cases[i].rc);
		if (cases[i].rc == WX_OK)
			CHECK_STR(cases[i].name, got, want);
		free(got);
	}
	same_without_memory();
	return wx_test_end();
}
