/* SPDX-License-Identifier: MIT */
/*
 * formats/station/vaisala_wxt.c: Vaisala WXT510, 520 and 530 in ASCII.
 *
 *     2026-06-01T12:00:00.250Z 0R1,Dn=236D,Dm=283D,Dx=031D,Sm=1.0M,Sx=1.3M
 *     ^ of arrival, stamped.h  ^ address, message, fields with their units
 *     01.06.2026;12:00:00;UTC;0r3,Rc=0.02M,Rd=10s,Ri=0.6MIYt
 *                                                        ^ CRC of "0r"
 *
 * - messages: 0 composite, 1 wind, 2 air, 3 rain; 4, 5 and 9 hold none of it
 * - a letter means what its key makes of it: M is m/s, mm or mmHg
 * - # is an invalid value. A direction is # below 0.05 m/s too: with Sm=0.0M
 *   that is calm
 * - Rc is counted up from power-up or the last reset, in steps of 0.01 mm
 * - a message that was spliced, cut or fails its CRC is left out as a whole;
 *   one behind the other without a break are told apart
 *
 * Source: WXT530 Series User Guide, M211840EN, "ASCII protocol"; its CRC as
 * checked against logs of the field.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "station/stamped.h"
#include "station/station.h"

enum { COMPOSITE, WIND, AIR, RAIN, N_STREAMS, START = 7, N_CRC = 3 };

struct wxt {
	struct wx_rawlog lines;
	struct wx_stream stream[N_STREAMS]; /* by the message's number */
	const struct wx_station_opts *opts;
	enum wx_date_order order;
	bool stamped;   /* has a message had a time? */
	char address;   /* '\0': none yet */
	char rain_from; /* message whose Rc is taken; '\0': none yet */
};

static const struct {
	char name[3], message; /* besides the composite one */
	int key;
} fields[] = {
	{ "Dm", '1', WX_KEY_DIR },  { "Sm", '1', WX_KEY_WIND },
	{ "Sx", '1', WX_KEY_GUST }, { "Ta", '2', WX_KEY_TEMP },
	{ "Ua", '2', WX_KEY_HUM },  { "Pa", '2', WX_KEY_PRES },
	{ "Rc", '3', WX_KEY_RAIN },
};

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "0R1,Dn=": no CRC and no field of another message looks like it. */
static bool is_start(const char *p, size_t n)
{
	return n >= START && (is_letter(p[0]) || is_digit(p[0])) &&
	       (p[1] == 'R' || p[1] == 'r') && is_digit(p[2]) && p[3] == ',' &&
	       is_letter(p[4]) && is_letter(p[5]) && p[6] == '=';
}

static size_t find_message(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && !is_start(text + i, n - i))
		i++;
	return i;
}

static int probe(const uint8_t *head, size_t n)
{
	return find_message((const char *)head, n) < n ? 85 : 0;
}

/* ---- a message ---- */

/* Polynomial 0xa001, from 0, as three characters of 0x40 and up. */
static bool crc_is_right(const char *p, size_t n)
{
	unsigned crc = 0;

	for (size_t i = 0; i < n; i++) {
		crc ^= (uint8_t)p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1;
	}
	return p[n] == (char)(0x40 | crc >> 12) &&
	       p[n + 1] == (char)(0x40 | (crc >> 6 & 63)) &&
	       p[n + 2] == (char)(0x40 | (crc & 63));
}

/* "283D" in the key's own unit; NAN for "283#". */
static bool read_value(const char *p, size_t n, int key, double *out,
		       double *scale)
{
	struct wx_unit u;
	double v;

	if (n < 2 || !wx_f64_parse(p, n - 1, &v))
		return false;
	*out = NAN;
	if (p[n - 1] == '#')
		return true;
	if (!wx_unit_letter(key, p[n - 1], &u))
		return false;
	*out = v * u.scale + u.offset;
	*scale = u.scale;
	return true;
}

/* "Dm=283D" of a message into value[]; false when it is damaged. */
static bool read_field(const char *p, size_t n, char message,
		       double value[WX_N_KEYS], double *rain_scale)
{
	double scale = 1;

	if (n < 3 || p[2] != '=' || memchr(p + 3, '=', n - 3))
		return false;
	for (size_t i = 0; i < WX_COUNT(fields); i++) {
		int key = fields[i].key;

		if (memcmp(p, fields[i].name, 2) != 0)
			continue;
		if ((message != '0' && message != fields[i].message) ||
		    !read_value(p + 3, n - 3, key, &value[key], &scale))
			return false;
		if (key == WX_KEY_RAIN)
			*rain_scale = scale;
	}
	return true;
}

/* The fields behind "0R1,"; false when one is damaged. */
static bool read_fields(const char *p, size_t n, char message,
			double value[WX_N_KEYS], double *rain_scale)
{
	const char *end = p + n, *comma;

	for (;; p = comma + 1) {
		comma = memchr(p, ',', (size_t)(end - p));
		n = (size_t)((comma ? comma : end) - p);
		/* Some terminals leave a Z behind the last unit. */
		if (!comma && n > 4 && p[n - 1] == 'Z' &&
		    (is_letter(p[n - 2]) || p[n - 2] == '#'))
			n--;
		if (!read_field(p, n, message, value, rain_scale))
			return false;
		if (!comma)
			return true;
	}
}

static int damaged(struct wxt *w, const char *p, size_t n, const char *why)
{
	char quoted[WX_QUOTE_SIZE];

	wx_rawlog_warn(&w->lines, WX_ROW_WIDTH, "%s in '%s': left out", why,
		       wx_quote(p, n, quoted));
	return WX_OK;
}

static int take_address(struct wxt *w, char address, bool *ours,
			struct wx_error *err)
{
	const char *told = w->opts->sensor;

	if (!w->address)
		w->address = told && told[0] ? told[0] : address;
	*ours = address == w->address;
	if (*ours || told)
		return WX_OK;
	return wx_rawlog_fail(&w->lines, err, WX_ERR_FORMAT,
			      "there are messages of two transmitters, "
			      "addresses %c and %c; say which is yours: "
			      "--sensor %c (sensor in site.json)",
			      w->address, address, w->address);
}

static int read_message(struct wxt *w, const char *p, size_t n,
			struct wx_time utc, struct wx_error *err)
{
	double value[WX_N_KEYS], rain_scale = 1;
	char message = p[2];
	struct wx_stream *s;
	bool ours;
	int rc;

	while (n && (p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	if (p[1] == 'r') {
		if (n < START + N_CRC || !crc_is_right(p, n - N_CRC))
			return damaged(w, p, n, "the CRC is wrong");
		n -= N_CRC;
	}
	rc = take_address(w, p[0], &ours, err);
	if (rc || !ours || message > '3')
		return rc;
	for (int k = 0; k < WX_N_KEYS; k++)
		value[k] = NAN;
	if (!read_fields(p + 4, n - 4, message, value, &rain_scale))
		return damaged(w, p, n, "expected fields as Sm=1.0M");
	if (!isnan(value[WX_KEY_RAIN]) && !w->rain_from)
		w->rain_from = message;
	if (message != w->rain_from) /* one counter, told twice */
		value[WX_KEY_RAIN] = NAN;
	s = &w->stream[message - '0'];
	for (int k = 0; k < WX_N_KEYS; k++)
		wx_stream_set(s, utc, k, value[k]);
	s->raw.rain_step_mm = rain_scale > 1 ? 0.001 * rain_scale : 0.01;
	return WX_OK;
}

/* ---- lines ---- */

static int no_time(struct wxt *w, struct wx_error *err)
{
	if (w->stamped) {
		wx_rawlog_warn(&w->lines, WX_ROW_TIME,
			       "no time in front of the message: left out");
		return WX_OK;
	}
	return wx_rawlog_fail(
		&w->lines, err, WX_ERR_FORMAT,
		"no time in front of the message, and a WXT tells none; "
		"expected lines as 2026-06-01T12:00:00Z 0R1,Dm=236D,Sm=1.0M: "
		"log it through ts '%%Y-%%m-%%dT%%H:%%M:%%.S%%z' (moreutils)");
}

static int read_line(struct wxt *w, const char *text, size_t n,
		     struct wx_error *err)
{
	size_t at = find_message(text, n), next;
	char quoted[WX_QUOTE_SIZE];
	struct wx_time utc;
	bool told, use;
	int rc;

	if (at == n) {
		/* A table's header, a comment; "0TX,Start-up" and the like. */
		if (w->stamped && *text != '#' && !strstr(text, "TX,"))
			wx_rawlog_warn(&w->lines, WX_ROW_WIDTH,
				       "expected a message as 0R1,Dm=236D, "
				       "found '%s': left out",
				       wx_quote(text, n, quoted));
		return WX_OK;
	}
	rc = wx_prefix_time(&w->lines, text, at, w->order, w->opts, &utc, &told,
			    &use, err);
	if (!rc && !told)
		return no_time(w, err);
	if (rc || !use)
		return rc;
	w->stamped = true;
	rc = wx_streams_turn(w->stream, N_STREAMS, utc, err);
	for (; !rc && at < n; at = next) {
		next = at + START +
		       find_message(text + at + START, n - at - START);
		rc = read_message(w, text + at, next - at, utc, err);
	}
	return rc;
}

static int read_all(struct wxt *w, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc = wx_prefix_order(&w->lines, find_message, true, &w->order, err);

	while (!rc && (rc = wx_rawlog_next(&w->lines, &text, &n, err)) == 1)
		rc = read_line(w, text, n, err);
	if (!rc)
		rc = wx_streams_turn(w->stream, N_STREAMS, WX_TIME_NONE, err);
	if (!rc && !w->stamped)
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected messages as 0R1,Dm=236D,Sm=1.0M, "
			       "found none",
			       w->lines.name);
	if (!rc && w->rain_from)
		rc = wx_rows_end(&w->stream[w->rain_from - '0'].rows, err);
	return rc;
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct wxt *w = calloc(1, sizeof(*w));
	enum wx_rain_kind kind = opts->rain_kind
					 ? wx_rain_kind_parse(opts->rain_kind)
					 : WX_RAIN_CUMULATIVE;
	int rc;

	if (!w)
		return wx_fail_nomem(err);
	w->opts = opts;
	w->order = wx_date_order_parse(opts->date_order);
	rc = wx_rawlog_init(&w->lines, in, name, log, err);
	for (int i = 0; i < N_STREAMS; i++)
		wx_stream_init(&w->stream[i], &w->lines, opts,
			       i == WIND || i == AIR ? WX_RAIN_INTERVAL : kind,
			       row, ctx);
	if (!rc)
		rc = read_all(w, err);
	wx_rawlog_fini(&w->lines);
	free(w);
	return rc;
}

const struct wx_station_format wx_station_vaisala_wxt = {
	.name = "vaisala-wxt",
	.desc = "Vaisala WXT510, 520 and 530 in ASCII, with time stamps",
	.probe = probe,
	.read = read_rows,
};
