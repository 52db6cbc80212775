/* SPDX-License-Identifier: MIT */
/* Reading tables as the field writes them; writing what reads back. */
#include "base/csv.h"

#include <stdlib.h>

#include "base/text.h"
#include "testing.h"

/* Rows as "a|b;c|d" with the line each began on: "2:a|b". */
static const struct {
	const char *label, *in, *rows;
	int rc;
} cases[] = {
	{ "plain", "x,y\n1,2\n3,4\n", "2:1|2;3:3|4", WX_OK },
	{ "no last break", "x,y\n1,2", "2:1|2", WX_OK },
	{ "CRLF", "x,y\r\n1,2\r\n3,4\r\n", "2:1|2;3:3|4", WX_OK },
	{ "bare CR", "x,y\r1,2\r3,4\r", "2:1|2;3:3|4", WX_OK },
	{ "byte-order mark", "\xef\xbb\xbfx,y\n1,2\n", "2:1|2", WX_OK },
	{ "blank lines", "x\n\n1\n\n\n2\n", "3:1;6:2", WX_OK },
	{ "blanks stay", "x,y\n 1 ,\t2\n", "2: 1 |\t2", WX_OK },
	{ "empty fields", "x,y,z\n,,\n", "2:||", WX_OK },
	{ "quoted", "x,y\n\"a,b\",\"c \"\"d\"\"\"\n", "2:a,b|c \"d\"", WX_OK },
	{ "quoted blanks stay", "x,y\n \"a\" , b\n", "2: \"a\" | b", WX_OK },
	{ "break in quotes", "x,y\n\"a\nb\",2\n3,4\n", "2:a\nb|2;4:3|4",
	  WX_OK },
	{ "CRLF after quotes", "x,y\r\n\"1\",\"2\"\r\n3,4\r\n", "2:1|2;3:3|4",
	  WX_OK },
	{ "short and long rows", "x,y\n1\n1,2,3\n", "2:1;3:1|2|3", WX_OK },
	{ "quote at the end of the file", "x\n\"a\"", "2:a", WX_OK },
	{ "open quote in the last line", "x\n\"a", "2:a", WX_OK },
	{ "open quote that hides rows", "x\n1\n\"a\nb\n", "2:1", WX_OK },
	{ "column twice", "x,y,x\n1,2,3\n", "", WX_ERR_FORMAT },
	{ "columns without a name", "x,,\n1,2,3\n", "2:1|2|3", WX_OK },
	{ "NUL", "x,y\n1\0,2\n", NULL, WX_OK },
	{ "empty file", "", "", WX_ERR_FORMAT },
};

static void read_all(const char *label, const char *in, size_t n,
		     const char *want, int want_rc)
{
	FILE *f = fmemopen((void *)(n ? in : " "), n ? n : 1, "r");
	char got[400] = "";
	size_t len = 0;
	struct wx_csv *csv;
	int rc;

	if (n == 0)
		fgetc(f);
	rc = wx_csv_open_stream(f, "t.csv", NULL, &csv, NULL);
	CHECK_INT(label, rc, want_rc);
	while (rc == WX_OK && wx_csv_next(csv, NULL) == 1) {
		len += (size_t)snprintf(got + len, sizeof(got) - len,
					"%s%ld:", len ? ";" : "",
					wx_csv_line(csv));
		for (int i = 0; i < wx_csv_n_fields(csv); i++)
			len += (size_t)snprintf(got + len, sizeof(got) - len,
						"%s%s", i ? "|" : "",
						wx_csv_get(csv, i));
	}
	if (want)
		CHECK_STR(label, got, want);
	wx_csv_close(rc == WX_OK ? csv : NULL);
	fclose(f);
}

static void typed(void)
{
	static const char in[] = "utc,v,n\n2024-06-01T12:00:00Z,1.5,7\n"
				 ",,\nx,\x1b,1.5\n";
	FILE *f = fmemopen((void *)in, sizeof(in) - 1, "r");
	struct wx_error err = { 0 };
	struct wx_csv *csv;
	struct wx_time t;
	int64_t n;
	double v;
	int col;

	CHECK_INT("open", wx_csv_open_stream(f, "t.csv", NULL, &csv, NULL), 0);
	CHECK_INT("column", wx_csv_need(csv, "v", &col, NULL), WX_OK);
	CHECK_INT("its place", col, 1);
	CHECK_INT("no column", wx_csv_need(csv, "w", &col, &err),
		  WX_ERR_FORMAT);
	CHECK_STR("says which there are", err.text,
		  "t.csv:1: expected a column 'w', found: utc, v, n");
	CHECK_INT("row", wx_csv_next(csv, NULL), 1);
	CHECK_INT("time", wx_csv_time(csv, 0, &t, NULL), WX_OK);
	CHECK_INT("time", t.utc_ns, 1717243200000000000);
	CHECK_INT("number", wx_csv_f64(csv, 1, &v, NULL), WX_OK);
	CHECK_F64("number", v, 1.5, 0);
	CHECK_INT("whole", wx_csv_i64(csv, 2, -1, &n, NULL), WX_OK);
	CHECK_INT("whole", n, 7);
	wx_csv_next(csv, NULL);
	wx_csv_time(csv, 0, &t, NULL);
	CHECK("no time", wx_time_is_none(t));
	wx_csv_f64(csv, 1, &v, NULL);
	CHECK_F64("no number", v, NAN, 0);
	wx_csv_i64(csv, 2, -1, &n, NULL);
	CHECK_INT("no whole number", n, -1);
	wx_csv_next(csv, NULL);
	CHECK_INT("bad time", wx_csv_time(csv, 0, &t, NULL), WX_ERR_FORMAT);
	CHECK_INT("bad whole", wx_csv_i64(csv, 2, -1, &n, NULL), WX_ERR_FORMAT);
	err = (struct wx_error){ 0 };
	CHECK_INT("bad number", wx_csv_f64(csv, 1, &v, &err), WX_ERR_FORMAT);
	CHECK_STR("says where and what", err.text,
		  "t.csv:4: column v: expected a number, found '\\x1B'");
	wx_csv_close(csv);
	fclose(f);
}

static void too_long(void)
{
	size_t n = 10 << 20;
	char *big = malloc(n);
	FILE *f;
	struct wx_csv *csv = NULL;
	struct wx_error err = { 0 };

	memset(big, 'x', n);
	memcpy(big, "a\n", 2);
	f = fmemopen(big, n, "r");
	CHECK_INT("open", wx_csv_open_stream(f, "t.csv", NULL, &csv, NULL), 0);
	CHECK_INT("10 MB line", wx_csv_next(csv, &err), WX_ERR_FORMAT);
	CHECK("says where", strstr(err.text, "t.csv:2: a row of over"));
	CHECK("and stays refused", wx_csv_next(csv, NULL) < 0);
	wx_csv_close(csv);
	fclose(f);
	free(big);
}

/* Random fields written, then read back, across all buffer edges. */
static void writes_read_back(void)
{
	static const char *const pieces[] = {
		"a", ",", "\"", "\n", "\r", " ", "\xc3\xa9", "long text here"
	};
	static char want[3000][4][64];
	static struct wx_row row;
	FILE *f = tmpfile();
	struct wx_csv *csv;

	srand(3);
	wx_row_init(&row, f);
	wx_row_line(&row, "p,q,r,s");
	for (int i = 0; i < 3000; i++) {
		for (int k = 0; k < 4; k++) {
			want[i][k][0] = '\0';
			for (int j = rand() % 4; j > 0; j--)
				strcat(want[i][k],
				       pieces[rand() % WX_COUNT(pieces)]);
			if (k == 0)
				strcat(want[i][k], "."); /* no blank rows */
			wx_row_str(&row, want[i][k]);
		}
		wx_row_end(&row);
	}
	wx_row_flush(&row);
	rewind(f);
	CHECK_INT("open", wx_csv_open_stream(f, "t", NULL, &csv, NULL), WX_OK);
	for (int i = 0; i < 3000; i++) {
		CHECK_INT("row", wx_csv_next(csv, NULL), 1);
		for (int k = 0; k < 4; k++)
			CHECK_STR("field", wx_csv_get(csv, k), want[i][k]);
	}
	CHECK_INT("end", wx_csv_next(csv, NULL), 0);
	wx_csv_close(csv);
	fclose(f);
}

/* Rows of letters and delimiters, cut as strchr() would. */
static void cuts_the_plain_way(void)
{
	static const char delims[] = { ',', ';', '\t' };

	srand(5);
	for (int i = 0; i < 3000; i++) {
		char delim = delims[i % 3], text[40], *p = text;
		int n = 1 + rand() % 30;
		struct wx_csv_opts opts = { .delim = delim, .no_header = 1 };
		struct wx_csv *csv;
		FILE *f = tmpfile();

		for (int k = 0; k < n; k++)
			text[k] =
				rand() % 3 ? (char)('a' + rand() % 26) : delim;
		text[n] = '\0';
		fwrite(text, 1, (size_t)n, f);
		if (i % 2)
			fputc('\n', f);
		rewind(f);
		CHECK_INT("open", wx_csv_open_stream(f, "t", &opts, &csv, NULL),
			  WX_OK);
		CHECK_INT(text, wx_csv_next(csv, NULL), 1);
		for (int k = 0; p; k++) {
			char *d = strchr(p, delim);

			if (d)
				*d++ = '\0';
			CHECK_STR("field", wx_csv_get(csv, k), p);
			CHECK_INT("length", wx_csv_get_len(csv, k), strlen(p));
			p = d;
			CHECK_INT("last", k + 1 == wx_csv_n_fields(csv), !p);
		}
		wx_csv_close(csv);
		fclose(f);
	}
}

/* What must be quoted is, at any place; a list is one field. */
static void writes_fields(void)
{
	static struct wx_row row;
	const double v[] = { 0.25, -1, 12.3456 };
	char text[4] = "", line[64];

	for (int c = 1; c < 256; c++)
		for (int at = 0; at < 3; at++) {
			bool quote = strchr(",\"\r\n", c) != NULL;

			strcpy(text, "aaa");
			text[at] = (char)c;
			wx_row_init(&row, NULL);
			wx_row_str(&row, text);
			CHECK_INT("quoted", row.buf[0] == '"' && row.n > 4,
				  quote);
			CHECK_INT("length", row.n, quote ? 5 + (c == '"') : 3);
		}
	wx_row_init(&row, NULL);
	wx_row_f64s(&row, v, 3, 2);
	wx_row_f64s(&row, v, 0, 2);
	wx_row_f64s(&row, v, 1, 0);
	wx_row_end(&row);
	snprintf(line, sizeof(line), "%.*s", (int)row.n, row.buf);
	CHECK_STR("lists", line, "0.25;-1.00;12.35,,0\n");
}

static void keeps_fields(void)
{
	static struct wx_row row;
	static char many[WX_COUNT(row.buf)];
	struct wx_row_kept none = { 0 }, first, mid, flushed, too_long;
	FILE *f = tmpfile();
	char line[64];

	wx_row_init(&row, f);
	CHECK("none", !wx_row_again(&row, &none));
	wx_row_i64(&row, 1);
	wx_row_keep(&row, 0, 1, &first);
	wx_row_i64(&row, 2);
	wx_row_str(&row, "a,b");
	wx_row_keep(&row, 1, 2, &mid);
	wx_row_end(&row);
	CHECK("at the start", wx_row_again(&row, &mid));
	CHECK("after it", wx_row_again(&row, &mid));
	CHECK("last", wx_row_again(&row, &first));
	CHECK_INT("fields", row.n_fields, 5);
	wx_row_end(&row);
	snprintf(line, sizeof(line), "%.*s", (int)row.n, row.buf);
	CHECK_STR("rows", line, "1,2,\"a,b\"\n2,\"a,b\",2,\"a,b\",1\n");
	memset(many, 'x', sizeof(many) - 1);
	for (size_t i = sizeof(first.text) - 1; i < sizeof(many); i *= 3) {
		uint64_t from = wx_row_at(&row);

		wx_row_str(&row, many + sizeof(many) - 1 - i);
		wx_row_i64(&row, 7);
		wx_row_keep(&row, from, 2, &too_long);
		CHECK("long", !wx_row_again(&row, &too_long));
	}
	wx_row_flush(&row);
	wx_row_i64(&row, 7);
	wx_row_keep(&row, wx_row_at(&row) - 5, 1, &flushed);
	CHECK("flushed", !wx_row_again(&row, &flushed));
	fclose(f);
}

int main(void)
{
	for (size_t i = 0; i < WX_COUNT(cases); i++)
		read_all(cases[i].label, cases[i].in,
			 cases[i].rows ? strlen(cases[i].in) : 10,
			 cases[i].rows, cases[i].rc);
	typed();
	too_long();
	writes_read_back();
	cuts_the_plain_way();
	writes_fields();
	keeps_fields();
	return wx_test_end();
}
