/* SPDX-License-Identifier: MIT */
/* lib/base/csv_row.c: the writing half of csv.h. */
#include "base/csv.h"

#include <string.h>

#include "base/text.h"

void wx_row_init(struct wx_row *row, FILE *out)
{
	row->out = out;
	row->n_flushed = 0;
	row->n = 0;
	row->n_fields = 0;
}

void wx_row_flush(struct wx_row *row)
{
	fwrite(row->buf, 1, row->n, row->out);
	row->n_flushed += row->n;
	row->n = 0;
}

/* Room for the delimiter and n more bytes, which fit in the buffer. */
static inline char *row_put(struct wx_row *row, size_t n)
{
	if (row->n + n + 2 > sizeof(row->buf))
		wx_row_flush(row);
	if (row->n_fields++)
		row->buf[row->n++] = ',';
	return row->buf + row->n;
}

static void put_quoted(struct wx_row *row, const char *text)
{
	*row_put(row, 1) = '"';
	row->n++;
	for (; *text; text++) {
		if (row->n + 3 > sizeof(row->buf))
			wx_row_flush(row);
		if (*text == '"')
			row->buf[row->n++] = '"';
		row->buf[row->n++] = *text;
	}
	row->buf[row->n++] = '"';
}

/* Of text up to its end or what must be quoted, which is all up to ','. */
static size_t plain_length(const char *text)
{
	size_t n = 0;

	while ((unsigned char)text[n] > ',' ||
	       (text[n] && !strchr(",\"\r\n", text[n])))
		n++;
	return n;
}

void wx_row_str(struct wx_row *row, const char *text)
{
	size_t n = plain_length(text);

	if (text[n] || n > sizeof(row->buf) / 2) {
		put_quoted(row, text);
		return;
	}
	memcpy(row_put(row, n), text, n);
	row->n += n;
}

void wx_row_f64(struct wx_row *row, double v, int decimals)
{
	row->n += (size_t)wx_f64_format(v, decimals, row_put(row, WX_NUM_SIZE));
}

void wx_row_f64s(struct wx_row *row, const double *v, int n, int decimals)
{
	row_put(row, 0);
	for (int i = 0; i < n; i++) {
		if (row->n + WX_NUM_SIZE + 1 > sizeof(row->buf))
			wx_row_flush(row);
		if (i)
			row->buf[row->n++] = ';';
		row->n += (size_t)wx_f64_format(v[i], decimals,
						row->buf + row->n);
	}
}

void wx_row_i64(struct wx_row *row, int64_t v)
{
	row->n += (size_t)wx_i64_format(v, row_put(row, 24));
}

void wx_row_time(struct wx_row *row, struct wx_time t, int decimals)
{
	row->n +=
		(size_t)wx_time_format(t, decimals, row_put(row, WX_TIME_SIZE));
}

uint64_t wx_row_at(const struct wx_row *row)
{
	return row->n_flushed + row->n;
}

void wx_row_keep(const struct wx_row *row, uint64_t from, int n_fields,
		 struct wx_row_kept *out)
{
	bool comma = row->n_fields > n_fields;
	uint64_t n = wx_row_at(row) - from - comma;

	out->n = 0;
	if (from < row->n_flushed || n > sizeof(out->text))
		return;
	out->n = (size_t)n;
	out->n_fields = n_fields;
	memcpy(out->text, row->buf + row->n - n, out->n);
}

bool wx_row_again(struct wx_row *row, const struct wx_row_kept *kept)
{
	if (!kept->n)
		return false;
	memcpy(row_put(row, kept->n), kept->text, kept->n);
	row->n += kept->n;
	row->n_fields += kept->n_fields - 1;
	return true;
}

void wx_row_empty(struct wx_row *row)
{
	row_put(row, 0);
}

void wx_row_end(struct wx_row *row)
{
	if (row->n + 1 > sizeof(row->buf))
		wx_row_flush(row);
	row->buf[row->n++] = '\n';
	row->n_fields = 0;
}

void wx_row_line(struct wx_row *row, const char *line)
{
	wx_row_flush(row);
	fputs(line, row->out);
	fputc('\n', row->out);
}
