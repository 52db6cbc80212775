/* SPDX-License-Identifier: MIT */
/*
 * formats/station/openlog.c: what a micro:bit with SparkFun's weather kit
 * writes to an OpenLog.
 *
 *     timestamp,wind_dir,wind_count,rain_count
 *     1780315200,NE,1042,17
 *     1780315210,???,1042,17
 *
 * Counts go on since power-up: turns of the cups, tips of the bucket. A vane
 * that stood between two of its reeds is ???. A program that counts each edge
 * of a pulse counts everything twice, which shows: no count is ever odd.
 *
 * A timestamp is Unix time, or a date and time; a micro:bit has neither without
 * a clock, and counts from power-up instead: that is refused.
 *
 * Source: cards of such kits; SparkFun weather:bit, SEN-15901.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "station/rows.h"
#include "station/station.h"
#include "station/unit.h"

enum { TIME, DIR, TURNS, TIPS, N_COLUMNS, MIN_RISES = 5 };

static const char header[] = "timestamp,wind_dir,wind_count,rain_count";

/* Is a counter ever odd? */
struct parity {
	double last;
	long rises, odd;
};

struct openlog {
	struct wx_rawlog lines;
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	enum wx_date_order order;
	long n_rows;
	struct parity turns, tips;
	struct wx_field f[WX_FIELDS_MAX];
};

static int probe(const uint8_t *head, size_t n)
{
	size_t skip = n >= 3 && !memcmp(head, "\xef\xbb\xbf", 3) ? 3 : 0;

	return n - skip >= strlen(header) &&
			       !strncasecmp((const char *)head + skip, header,
					    strlen(header))
		       ? 95
		       : 0;
}

/* A count; NAN for ??? and other words. */
static double count_of(struct openlog *o, int at, struct parity *p)
{
	const struct wx_field *f = &o->f[at];
	char quoted[WX_QUOTE_SIZE];
	double v;

	if (!wx_f64_parse(f->text, f->n, &v) || v < 0 || v != floor(v)) {
		if (f->n && f->text[0] != '?')
			wx_rawlog_warn(&o->lines, WX_ROW_NUMBER,
				       "expected a count, found '%s': taken as "
				       "missing",
				       wx_quote(f->text, f->n, quoted));
		return NAN;
	}
	if (v > p->last) {
		p->rises++;
		p->odd += fmod(v - p->last, 2) != 0;
	}
	p->last = v;
	return v;
}

/* A number that is no time since 1970: milliseconds of the board. */
static bool is_uptime(const struct wx_field *f)
{
	double v;

	return wx_f64_parse(f->text, f->n, &v);
}

static int no_clock(struct openlog *o, struct wx_error *err)
{
	const struct wx_field *f = &o->f[TIME];
	char quoted[WX_QUOTE_SIZE];

	return wx_rawlog_fail(
		&o->lines, err, WX_ERR_FORMAT,
		"'%s' is no time since 1970 but counts from power-up, which "
		"is not told; expected Unix time: give the board a clock (an "
		"RTC), or let a host that receives the lines write its own",
		wx_quote(f->text, f->n, quoted));
}

static int read_row(struct openlog *o, struct wx_error *err)
{
	const struct wx_field *t = &o->f[TIME], *dir = &o->f[DIR];
	struct wx_raw_row raw;
	struct wx_stamp s;
	double deg;
	bool use;
	int rc;

	wx_stamp_parse(t->text, t->n, o->order, &s);
	if (s.kind == WX_STAMP_BAD && is_uptime(t) && !o->n_rows)
		return no_clock(o, err);
	wx_raw_row_init(&raw);
	rc = wx_rows_time(&o->lines, t, o->opts, o->order, &raw.obs.utc, &use,
			  err);
	if (rc || !use)
		return rc;
	if (wx_compass(dir->text, dir->n, &deg) ||
	    wx_f64_parse(dir->text, dir->n, &deg))
		wx_raw_row_set(&raw, WX_KEY_DIR, deg, &o->lines);
	wx_raw_row_set(&raw, WX_KEY_TURNS, count_of(o, TURNS, &o->turns),
		       &o->lines);
	wx_raw_row_set(&raw, WX_KEY_TIPS, count_of(o, TIPS, &o->tips),
		       &o->lines);
	o->n_rows++;
	return wx_rows_put(&o->rows, &raw, err);
}

static int read_line(struct openlog *o, char *text, size_t n,
		     struct wx_error *err)
{
	int n_f;

	if (!strncasecmp(text, header, strlen(header)))
		return WX_OK; /* the first line, and one after each start */
	n_f = wx_fields_split(text, n, ',', o->f);
	/* A cut count would be a smaller one. */
	if (n_f == N_COLUMNS && o->lines.complete)
		return read_row(o, err);
	if (n_f != N_COLUMNS)
		wx_rawlog_warn_width(&o->lines, N_COLUMNS, n_f);
	else
		wx_rawlog_warn(&o->lines, WX_ROW_WIDTH,
			       "the last line does not end: cut? left out");
	return WX_OK;
}

static void tell_parity(const struct openlog *o, const struct parity *p,
			const char *column, const char *option)
{
	if (p->rises >= MIN_RISES && !p->odd)
		wx_warn(o->lines.log,
			"%s: %s rose %ld times, never by an odd number: is "
			"each pulse counted twice? then halve %s",
			o->lines.name, column, p->rises, option);
}

static int read_all(struct openlog *o, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&o->lines, &text, &n, err)) == 1) {
		rc = read_line(o, text, n, err);
		if (rc)
			return rc;
	}
	if (!rc && !o->n_rows)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected rows of %s, found none",
			       o->lines.name, header);
	if (rc)
		return rc;
	tell_parity(o, &o->tips, "rain_count", "--bucket");
	tell_parity(o, &o->turns, "wind_count", "the cups' m_s_per_hz");
	return wx_rows_end(&o->rows, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct openlog *o = calloc(1, sizeof(*o));
	int rc;

	if (!o)
		return wx_fail_nomem(err);
	o->opts = opts;
	o->order = wx_date_order_parse(opts->date_order);
	o->turns.last = o->tips.last = INFINITY;
	rc = wx_rawlog_init(&o->lines, in, name, log, err);
	wx_rows_init(&o->rows, &o->lines, opts, WX_RAIN_CUMULATIVE, row, ctx);
	o->rows.turns_are_counted = true;
	if (!rc)
		rc = read_all(o, err);
	wx_rawlog_fini(&o->lines);
	free(o);
	return rc;
}

const struct wx_station_format wx_station_openlog = {
	.name = "openlog",
	.desc = "SparkFun's weather kit on a micro:bit with an OpenLog",
	.probe = probe,
	.read = read_rows,
};
