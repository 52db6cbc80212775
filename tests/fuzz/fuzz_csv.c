/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a table: rows and fields are those of a splitter that looks at
 * one byte at a time, and what is written again reads as the same.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader {
	const uint8_t *p, *end;
	char *field; /* of at least the input's size */
};

/* The next field into r->field; what it ended with: ',', '\n' or 0. */
static int naive_field(struct reader *r, size_t *n)
{
	bool quoted = r->p < r->end && *r->p == '"';

	*n = 0;
	r->p += quoted;
	while (r->p < r->end) {
		uint8_t c = *r->p++;

		if (quoted && c == '"') {
			if (r->p < r->end && *r->p == '"')
				r->p++;
			else {
				quoted = false;
				continue;
			}
		} else if (!quoted && (c == ',' || c == '\n')) {
			return c;
		} else if (!quoted && c == '\r') {
			r->p += r->p < r->end && *r->p == '\n';
			return '\n';
		}
		r->field[(*n)++] = (char)c;
	}
	return 0;
}

static struct wx_csv *open_bytes(const void *data, size_t size, FILE **in)
{
	static const struct wx_csv_opts opts = { .no_header = 1 };
	struct wx_csv *csv = NULL;

	*in = size ? fmemopen((void *)(uintptr_t)data, size, "r") : NULL;
	if (*in)
		wx_csv_open_stream(*in, "fuzz", &opts, &csv, NULL);
	return csv;
}

static bool has_bom(const void *data, size_t size)
{
	return size >= 3 && !memcmp(data, "\xef\xbb\xbf", 3);
}

static void close_all(struct wx_csv *csv, FILE *in)
{
	wx_csv_close(csv);
	if (in)
		fclose(in);
}

/*
 * Where a quote stands anywhere but around a whole field, RFC 4180 says
 * nothing, and libcsv says what it likes.
 */
static bool rfc_quotes(const uint8_t *data, size_t size)
{
	bool in = false;

	for (size_t i = 0; i < size; i++) {
		if (data[i] != '"')
			continue;
		if (!in && i && !memchr(",\r\n", data[i - 1], 3))
			return false;
		if (in && i + 1 < size && data[i + 1] == '"')
			i++;
		else if (in && i + 1 < size && !memchr(",\r\n", data[i + 1], 3))
			return false;
		else
			in = !in;
	}
	return !in;
}

static void same_as_naive(struct wx_csv *csv, const uint8_t *data, size_t size)
{
	struct reader r = { data, data + size, malloc(size + 1) };

	while (wx_csv_next(csv, NULL) > 0) {
		int n_fields = 0, end;

		while (r.p < r.end && (*r.p == '\n' || *r.p == '\r'))
			r.p++;
		do {
			size_t n;

			end = naive_field(&r, &n);
			if (n_fields >= wx_csv_n_fields(csv) ||
			    n != wx_csv_get_len(csv, n_fields) ||
			    memcmp(r.field, wx_csv_get(csv, n_fields), n))
				abort();
			n_fields++;
		} while (end == ',');
		if (n_fields != wx_csv_n_fields(csv))
			abort();
	}
	while (r.p < r.end && (*r.p == '\n' || *r.p == '\r'))
		r.p++;
	if (r.p < r.end)
		abort();
	free(r.field);
}

/* All rows, but for those of one empty field, which are blank lines. */
static char *rewrite(struct wx_csv *csv, size_t *n)
{
	static struct wx_row row;
	char *text = NULL;
	FILE *out = open_memstream(&text, n);

	wx_row_init(&row, out);
	while (wx_csv_next(csv, NULL) > 0) {
		if (wx_csv_n_fields(csv) == 1 && !*wx_csv_get(csv, 0))
			continue;
		for (int i = 0; i < wx_csv_n_fields(csv); i++)
			wx_row_str(&row, wx_csv_get(csv, i));
		wx_row_end(&row);
	}
	wx_row_flush(&row);
	fclose(out);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *in;
	struct wx_csv *csv = open_bytes(data, size, &in);
	size_t n = 0, n_again = 0;
	char *text, *again;

	if (csv && rfc_quotes(data, size) && !has_bom(data, size))
		same_as_naive(csv, data, size);
	close_all(csv, in);
	csv = open_bytes(data, size, &in);
	text = csv ? rewrite(csv, &n) : NULL;
	close_all(csv, in);
	in = NULL;
	csv = text && has_bom(text, n) ? NULL : open_bytes(text, n, &in);
	again = csv ? rewrite(csv, &n_again) : NULL;
	if (csv && (n != n_again || memcmp(text, again, n)))
		abort();
	close_all(csv, in);
	free(text);
	free(again);
	return 0;
}
