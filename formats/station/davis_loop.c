/* SPDX-License-Identifier: MIT */
/*
 * formats/station/davis_loop.c: LOOP and LOOP2 packets of Davis consoles.
 *
 * A packet of 99 bytes each 2.5 s, little-endian, tells what is now, and no
 * time: a capture of packets alone cannot be dated and is refused. A line a
 * packet can, in hexadecimal behind the time of arrival (stamped.h):
 *
 *     2026-06-01T12:00:00.250Z 4c4f4f00001c011e751f0328470300015301ffff...
 *
 *      0  "LOO"              4  0: LOOP, 1: LOOP2    7  pressure, 0.001 inHg
 *     12  temperature, 0.1 degF                     14  wind now, mph
 *     16  direction, 1..360  33  humidity, %        50  rain of the day, clicks
 *     52  LOOP: of the month; LOOP2: of 15 minutes: not read
 *     54  LOOP: of the year; LOOP2: of an hour      97  CRC, high byte first
 *
 * - rain is the counter of the year, which outlives a night's gap; where there
 *   are LOOP2 packets, that of the day, which both have. Both fall to 0 at their
 *   ends
 * - when the console loses its sensors, temperature and humidity are dashed but
 *   the wind reads 0: it is no calm
 *
 * Source: Vantage Serial Communication Reference 2.6.1.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/text.h"
#include "station/stamped.h"
#include "station/station.h"

enum { PACKET = 99, HEX = 2 * PACKET, NO_TYPE = -1 };

struct loop {
	struct wx_rawlog lines;
	struct wx_stream stream;
	const struct wx_station_opts *opts;
	enum wx_date_order order;
	int rain_type; /* type of the packets whose rain is taken */
	bool by_day;   /* both types come, and of both */
	unsigned last_clicks;
	bool has_clicks, stamped;
};

static bool is_packet(const uint8_t *p)
{
	return !memcmp(p, "LOO", 3) && p[4] <= 1 && wx_crc16(p, PACKET) == 0;
}

static size_t find_packet(const char *text, size_t n)
{
	for (size_t i = 0; i + HEX <= n; i++)
		if (!strncasecmp(text + i, "4c4f4f", 6))
			return i;
	return n;
}

/* Bare packets among the console's answers; how many have a right CRC. */
static int count_bare(const uint8_t *p, size_t n, int *n_right)
{
	int count = 0;

	*n_right = 0;
	for (size_t i = 0; i + PACKET <= n; i++) {
		if (memcmp(p + i, "LOO", 3) != 0 || p[i + 4] > 1)
			continue;
		count++;
		*n_right += is_packet(p + i);
		i += PACKET - 1;
	}
	return count;
}

static int probe(const uint8_t *head, size_t n)
{
	int n_right;

	if (find_packet((const char *)head, n) < n)
		return 90;
	return count_bare(head, n, &n_right) ? 90 : 0;
}

/* ---- a packet ---- */

static void set(struct loop *l, struct wx_time utc, int key, unsigned code,
		unsigned dash, double value)
{
	if (code != dash)
		wx_stream_set(&l->stream, utc, key, value);
}

static int read_rain(struct loop *l, const uint8_t *p, struct wx_time utc,
		     struct wx_error *err)
{
	unsigned clicks = wx_le16(p + (p[4] || l->by_day ? 50 : 54));
	bool rose = l->has_clicks && clicks > l->last_clicks;

	if (l->rain_type == NO_TYPE)
		l->rain_type = p[4];
	if ((p[4] != l->rain_type && !l->by_day) || clicks == 0xffff)
		return WX_OK;
	l->last_clicks = clicks;
	l->has_clicks = true;
	if (rose && isnan(l->opts->bucket_mm))
		return wx_rawlog_fail(
			&l->lines, err, WX_ERR_FORMAT,
			"rain is in clicks of the bucket, whose size is not "
			"told; give --bucket MM (bucket_mm in site.json): "
			"0.254 for 0.01 in, 0.2 or 0.1");
	wx_stream_set(&l->stream, utc, WX_KEY_TIPS, clicks);
	return WX_OK;
}

static int read_packet(struct loop *l, const uint8_t *p, struct wx_time utc,
		       struct wx_error *err)
{
	unsigned temp = wx_le16(p + 12), pres = wx_le16(p + 7),
		 dir = wx_le16(p + 16);
	bool lost = temp == 0x7fff && p[33] == 0xff && !p[14];
	int rc = wx_streams_turn(&l->stream, 1, utc, err);

	if (rc)
		return rc;
	set(l, utc, WX_KEY_PRES, pres, 0, pres / 1000.0 * WX_HPA_PER_INHG);
	set(l, utc, WX_KEY_TEMP, temp, 0x7fff,
	    ((double)(int16_t)temp / 10 - 32) / 1.8);
	set(l, utc, WX_KEY_HUM, p[33], 0xff, p[33]);
	set(l, utc, WX_KEY_WIND, lost ? 0xff : p[14], 0xff,
	    p[14] * WX_M_S_PER_MPH);
	set(l, utc, WX_KEY_DIR, dir >= 1 && dir <= 360 ? dir : 0, 0, dir);
	return read_rain(l, p, utc, err);
}

/* ---- lines ---- */

static int no_time(struct loop *l, struct wx_error *err)
{
	if (!l->stamped)
		return wx_rawlog_fail(&l->lines, err, WX_ERR_FORMAT,
				      "no time in front of the packet, and it "
				      "tells none itself; expected lines as "
				      "2026-06-01T12:00:00Z 4c4f4f00...");
	wx_rawlog_warn(&l->lines, WX_ROW_TIME,
		       "no time in front of the packet: left out");
	return WX_OK;
}

static int read_line(struct loop *l, const char *text, size_t n,
		     struct wx_error *err)
{
	size_t at = find_packet(text, n);
	char quoted[WX_QUOTE_SIZE];
	struct wx_time utc;
	uint8_t p[PACKET];
	bool told, use;
	int rc;

	if (at == n || !wx_hex_parse(text + at, HEX, p, PACKET)) {
		if (*text != '#')
			wx_rawlog_warn(&l->lines, WX_ROW_WIDTH,
				       "expected a packet of %d hexadecimal "
				       "digits, found '%s': left out",
				       HEX, wx_quote(text, n, quoted));
		return WX_OK;
	}
	rc = wx_prefix_time(&l->lines, text, at, l->order, l->opts, &utc, &told,
			    &use, err);
	if (!rc && !told)
		return no_time(l, err);
	if (rc || !use)
		return rc;
	l->stamped = true;
	if (is_packet(p))
		return read_packet(l, p, utc, err);
	wx_rawlog_warn(&l->lines, WX_ROW_WIDTH,
		       "the packet's CRC is wrong, or it is neither LOOP nor "
		       "LOOP2: left out");
	return WX_OK;
}

/* Does a file begin with packets of both types? */
static bool has_both(const char *head, size_t n)
{
	bool seen[2] = { false };

	for (size_t at = find_packet(head, n); at < n;
	     at += HEX + find_packet(head + at + HEX, n - at - HEX)) {
		seen[0] |= !memcmp(head + at + 8, "00", 2);
		seen[1] |= !memcmp(head + at + 8, "01", 2);
	}
	return seen[0] && seen[1];
}

/* A capture of bare packets is told for what it is. */
static int look_ahead(struct loop *l, struct wx_error *err)
{
	uint8_t head[4096];
	FILE *in = l->lines.in;
	int n_right, count;
	size_t n;

	if (fseek(in, 0, SEEK_CUR) != 0)
		return WX_OK;
	n = fread(head, 1, sizeof(head), in);
	if (fseek(in, 0, SEEK_SET) != 0)
		return wx_fail_errno(err, "%s: cannot read", l->lines.name);
	l->by_day = has_both((char *)head, n);
	count = count_bare(head, n, &n_right);
	if (!count)
		return WX_OK;
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: holds LOOP packets (%d in its first %zu bytes, %d "
		       "with a right CRC), which tell no time; give the "
		       "console's archive (davis-archive), or log each packet "
		       "as a line: time, blank, %d hexadecimal digits",
		       l->lines.name, count, n, n_right, HEX);
}

static int read_all(struct loop *l, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc = look_ahead(l, err);

	if (!rc)
		rc = wx_prefix_order(&l->lines, find_packet, true, &l->order,
				     err);
	while (!rc && (rc = wx_rawlog_next(&l->lines, &text, &n, err)) == 1)
		rc = read_line(l, text, n, err);
	if (!rc)
		rc = wx_streams_turn(&l->stream, 1, WX_TIME_NONE, err);
	if (!rc && !l->stamped)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected LOOP packets, a line each, found "
			       "none",
			       l->lines.name);
	if (!rc)
		wx_warn(l->opts->notes, "%s: rain from the %s's counter",
			l->lines.name,
			l->by_day || l->rain_type ? "day" : "year");
	return rc ? rc : wx_rows_end(&l->stream.rows, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct loop *l = calloc(1, sizeof(*l));
	int rc;

	if (!l)
		return wx_fail_nomem(err);
	l->opts = opts;
	l->rain_type = NO_TYPE;
	l->order = wx_date_order_parse(opts->date_order);
	rc = wx_rawlog_init(&l->lines, in, name, log, err);
	wx_stream_init(&l->stream, &l->lines, opts, WX_RAIN_CUMULATIVE, row,
		       ctx);
	if (!rc)
		rc = read_all(l, err);
	wx_rawlog_fini(&l->lines);
	free(l);
	return rc;
}

const struct wx_station_format wx_station_davis_loop = {
	.name = "davis-loop",
	.desc = "Davis LOOP and LOOP2 packets in hex, with time stamps",
	.binary = true, /* bare packets, to say what they are */
	.probe = probe,
	.read = read_rows,
};
