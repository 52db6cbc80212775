/* SPDX-License-Identifier: MIT */
/*
 * formats/station/davis_archive.c: archive records of Davis Vantage stations.
 *
 * Either pages as the console's DMP and DMPAFT commands send them, 267 bytes:
 * a sequence number, five records, four bytes of padding, a CRC; or the records
 * themselves back to back, as weatherlink.com's webdl.php replies. A record has
 * 52 bytes, little-endian (revision B, byte 42 is 0):
 *
 *      0  date: day + month x 32 + (year - 2000) x 512
 *      2  time: hour x 100 + minute, of the interval's end
 *      4  outside temperature, 0.1 degF           10  rain, clicks
 *     14  pressure, 0.001 inHg                    23  outside humidity, %
 *     24  mean wind, mph    25  highest wind      27  direction, 22.5 deg
 *
 * A clock of the console's zone, with daylight saving if it was set so; a click
 * is 0.01 in, 0.2 mm or 0.1 mm, as the bucket is: neither is in the record. The
 * ring of pages may end in records of the last round: a step back of more than
 * the two hours of a clock change is one. A page that the host did not
 * acknowledge comes a second time.
 *
 * Source: Vantage Serial Communication Reference 2.6.1.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "station/rows.h"
#include "station/station.h"
#include "station/unit.h"

enum {
	RECORD = 52,
	PER_PAGE = 5,
	PAGE = 267,
	MAX_BACK_S = 2 * 3600,
	FIRST_YEAR = 2000,
};

struct davis {
	struct wx_rawlog lines; /* its line is the record's number */
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	struct wx_time latest;
	long n_old;
	uint8_t page[PAGE], last[PAGE]; /* last: the right one before it */
	bool has_last;
};

static bool is_unused(const uint8_t *r)
{
	return wx_le16(r) == 0xffff && wx_le16(r + 2) == 0xffff;
}

static bool civil_of(const uint8_t *r, struct wx_civil *out)
{
	unsigned date = wx_le16(r), time = wx_le16(r + 2);

	*out = (struct wx_civil){ .year = FIRST_YEAR + (int)(date >> 9),
				  .month = (int)(date >> 5 & 15),
				  .day = (int)(date & 31),
				  .hour = (int)(time / 100),
				  .minute = (int)(time % 100) };
	return wx_civil_check(out, NULL) == WX_OK;
}

static bool is_record(const uint8_t *r)
{
	struct wx_civil c;

	return is_unused(r) ||
	       ((r[42] == 0 || r[42] == 0xff) && civil_of(r, &c));
}

static bool is_page(const uint8_t *p)
{
	return wx_crc16(p, PAGE) == 0 && is_record(p + 1);
}

static int probe(const uint8_t *head, size_t n)
{
	size_t n_records = n / RECORD, good = 0;
	struct wx_civil c;

	if (n >= PAGE && is_page(head))
		return 100;
	for (size_t i = 0; i < n_records; i++)
		good += is_record(head + i * RECORD);
	return n_records && good == n_records && civil_of(head, &c) ? 80 : 0;
}

static void set(struct davis *d, struct wx_raw_row *raw, int key, unsigned code,
		unsigned dash, double value)
{
	if (code != dash)
		wx_raw_row_set(raw, key, value, &d->lines);
}

static void read_values(struct davis *d, const uint8_t *r,
			struct wx_raw_row *raw)
{
	unsigned temp = wx_le16(r + 4), pres = wx_le16(r + 14);
	double degf = (double)(int16_t)temp / 10;

	set(d, raw, WX_KEY_TIPS, wx_le16(r + 10), 0xffff, wx_le16(r + 10));
	set(d, raw, WX_KEY_TEMP, temp, 0x7fff, (degf - 32) / 1.8);
	set(d, raw, WX_KEY_PRES, pres, 0, pres / 1000.0 * WX_HPA_PER_INHG);
	set(d, raw, WX_KEY_HUM, r[23], 0xff, r[23]);
	set(d, raw, WX_KEY_WIND, r[24], 0xff, r[24] * WX_M_S_PER_MPH);
	/* A dashed gust reads 0, which is one only if the mean is known. */
	set(d, raw, WX_KEY_GUST, r[24], 0xff, r[25] * WX_M_S_PER_MPH);
	set(d, raw, WX_KEY_DIR, r[27], 0xff, r[27] < 16 ? r[27] * 22.5 : NAN);
}

/* In the console's zone; *use: a record of this round, with a time. */
static int read_time(struct davis *d, const uint8_t *r, struct wx_time *utc,
		     bool *use, struct wx_error *err)
{
	struct wx_civil c;
	char text[80];
	int rc;

	*use = civil_of(r, &c);
	if (!*use) {
		wx_rawlog_warn(&d->lines, WX_ROW_TIME,
			       "record %ld: %04x %04x is no date and time: "
			       "left out",
			       d->lines.line, wx_le16(r), wx_le16(r + 2));
		return WX_OK;
	}
	if (!d->opts->has_offset && !d->opts->zone)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: the records are in the console's own zone, "
			       "which is not told; give --utc-offset +hh:mm or "
			       "--zone NAME (utc_offset or zone in site.json)",
			       d->lines.name);
	snprintf(text, sizeof(text), "%04d-%02d-%02d %02d:%02d", c.year,
		 c.month, c.day, c.hour, c.minute);
	rc = wx_rows_civil(&d->lines, &c, text, d->opts, utc, err);
	if (rc)
		return rc;
	*use = wx_time_is_none(d->latest) ||
	       wx_time_diff_s(d->latest, *utc) <= MAX_BACK_S;
	d->n_old += !*use;
	if (*use && d->latest.utc_ns < utc->utc_ns)
		d->latest = *utc;
	return WX_OK;
}

static int read_record(struct davis *d, const uint8_t *r, struct wx_error *err)
{
	struct wx_raw_row raw;
	bool use;
	int rc;

	d->lines.line++;
	if (is_unused(r))
		return WX_OK;
	if (r[42] == 0xff)
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: record %ld is of revision A (consoles from "
			"before 2002), expected revision B; export it as "
			"text with WeatherLink",
			d->lines.name, d->lines.line);
	wx_raw_row_init(&raw);
	rc = read_time(d, r, &raw.obs.utc, &use, err);
	if (rc || !use)
		return rc;
	read_values(d, r, &raw);
	if (isnan(d->opts->bucket_mm) && raw.obs.tips > 0)
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: rain is in clicks of the bucket, whose size "
			"is not told; give --bucket MM (bucket_mm in "
			"site.json): 0.254 for 0.01 in, 0.2 or 0.1",
			d->lines.name);
	return wx_rows_put(&d->rows, &raw, err);
}

/* The records of a page whose CRC is right; of another, none. */
static int read_page(struct davis *d, const uint8_t *page, struct wx_error *err)
{
	int rc = WX_OK;

	if (wx_crc16(page, PAGE) != 0) {
		wx_rawlog_warn(&d->lines, WX_ROW_WIDTH,
			       "the CRC of the page after record %ld is wrong: "
			       "its %d records are left out; download it again",
			       d->lines.line, PER_PAGE);
		d->lines.line += PER_PAGE;
		return WX_OK;
	}
	/* Pages are numbered: the same one is sent again for want of an ACK. */
	if (d->has_last && !memcmp(page, d->last, PAGE)) {
		d->lines.line += PER_PAGE;
		return WX_OK;
	}
	memcpy(d->last, page, PAGE);
	d->has_last = true;
	for (int i = 0; i < PER_PAGE && !rc; i++)
		rc = read_record(d, page + 1 + i * RECORD, err);
	return rc;
}

static int read_all(struct davis *d, FILE *in, struct wx_error *err)
{
	size_t unit, n = fread(d->page, 1, PAGE, in);
	bool pages = n == PAGE && is_page(d->page);
	int rc = WX_OK;

	if (!pages && (n < RECORD || !is_record(d->page)))
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: expected archive records of 52 bytes or DMP "
			"pages of 267, found neither",
			d->lines.name);
	unit = pages ? PAGE : RECORD;
	while (!rc && n >= unit) {
		rc = pages ? read_page(d, d->page, err)
			   : read_record(d, d->page, err);
		n -= unit;
		memmove(d->page, d->page + unit, n);
		n += fread(d->page + n, 1, PAGE - n, in);
	}
	if (!rc && ferror(in))
		rc = wx_fail_errno(err, "%s: cannot read", d->lines.name);
	if (!rc && n)
		wx_warn(d->lines.log,
			"%s: the last %zu bytes are no whole %s: left out",
			d->lines.name, n, pages ? "page" : "record");
	return rc;
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct davis *d = calloc(1, sizeof(*d));
	int rc;

	if (!d)
		return wx_fail_nomem(err);
	d->opts = opts;
	d->latest = WX_TIME_NONE;
	rc = wx_rawlog_init(&d->lines, in, name, log, err);
	wx_rows_init(&d->rows, &d->lines, opts, WX_RAIN_INTERVAL, row, ctx);
	setvbuf(in, NULL, _IOFBF, 1 << 16);
	if (!rc)
		rc = read_all(d, in, err);
	if (!rc)
		rc = wx_rows_end(&d->rows, err);
	if (!rc && d->n_old)
		wx_warn(log,
			"%s: %ld records are more than 2 h older than one "
			"before them, the ring's last round: left out",
			name, d->n_old);
	wx_rawlog_fini(&d->lines);
	free(d);
	return rc;
}

const struct wx_station_format wx_station_davis_archive = {
	.name = "davis-archive",
	.desc = "Davis Vantage archive records and DMP pages",
	.binary = true,
	.probe = probe,
	.read = read_rows,
};
