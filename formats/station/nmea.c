/* SPDX-License-Identifier: MIT */
/*
 * formats/station/nmea.c: wind and weather in NMEA 0183 sentences.
 *
 *     2026-06-01T12:00:00.250Z $WIMWV,214.0,R,5.3,M,A*25
 *     ^ of arrival, stamped.h   ^ talker WI, sentence MWV, checksum
 *     $GPRMC,120000.00,A,...,010626,,,A*hh      or the time of a GPS
 *
 * - MWV  angle, R(elative to the sensor) or T(heoretical), speed, unit, A|V
 * - MWD  direction true, speed in knots and m/s
 * - MDA  pressure, air temperature, humidity, direction true, wind
 * - XDR  type, value, unit, id: those of Vaisala's WXT (A S C H P V of ids 0 to
 *        2: rain V counts on), and STNP, the pressure of Airmar's
 * - R and T are two frames of reference, and MWD a third: wind is taken from
 *   one sentence of one talker only, the most telling that has any
 * - blank, V and unit # are no value
 * - a sentence whose checksum is wrong is left out, and where others have one,
 *   one that has none: it was cut
 *
 * Source: NMEA 0183 as the manuals of Airmar 110WX and 200WX, Gill and Vaisala
 * tell it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "station/stamped.h"
#include "station/station.h"

enum {
	WIND,
	AIR,
	RAIN,
	N_STREAMS,
	NAME_SIZE = 12, /* "WIMWV/R" */
	MAX_SOURCES = 16,
	MAX_SINCE = 64, /* sentences of one second */
};

struct nmea {
	struct wx_rawlog lines;
	struct wx_stream stream[N_STREAMS];
	const struct wx_station_opts *opts;
	enum wx_date_order order;
	bool looking;  /* for sources, in a pass of its own */
	bool has_sums; /* some sentence had a checksum */
	bool chosen;
	int n_sources;
	char source[MAX_SOURCES][NAME_SIZE]; /* that have told wind */
	char wind[NAME_SIZE];                /* the one taken; "": none yet */
	char owner[WX_N_KEYS][NAME_SIZE];    /* of other values */
	struct wx_time clock;                /* of RMC or ZDA */
	int since;                           /* sentences since then */
	int rain_at;                         /* stream that has the rain */
	long n_timeless, n_values;
	struct wx_field f[WX_FIELDS_MAX];
	int n_f;
	double value[WX_N_KEYS]; /* of the sentence */
};

static bool is_upper(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* "$WIMWV," */
static bool is_start(const char *p, size_t n)
{
	if (n < 7 || p[0] != '$' || p[6] != ',')
		return false;
	for (int i = 1; i < 6; i++)
		if (!is_upper(p[i]))
			return false;
	return true;
}

static size_t find_sentence(const char *text, size_t n)
{
	size_t i = 0;

	while (i < n && !is_start(text + i, n - i))
		i++;
	return i;
}

static int probe(const uint8_t *head, size_t n)
{
	static const char *const ours[] = { "MWV", "MWD", "MDA", "XDR" };
	const char *p = (const char *)head;

	for (size_t at = find_sentence(p, n); at < n;
	     at += 7 + find_sentence(p + at + 7, n - at - 7))
		for (size_t i = 0; i < WX_COUNT(ours); i++)
			if (!memcmp(p + at + 3, ours[i], 3))
				return 80;
	return 0;
}

/* ---- what a sentence tells ---- */

/* Field i as a number; NAN when it is blank or not there. */
static double field(const struct nmea *m, int i)
{
	double v;

	return i < m->n_f && wx_f64_parse(m->f[i].text, m->f[i].n, &v) ? v
								       : NAN;
}

static char letter(const struct nmea *m, int i)
{
	return i < m->n_f ? m->f[i].text[0] : '\0';
}

static double in_unit(int key, double v, char unit)
{
	struct wx_unit u;

	return wx_unit_letter(key, unit, &u) ? v * u.scale + u.offset : NAN;
}

static void read_mwv(struct nmea *m)
{
	if (letter(m, 5) != 'A')
		return;
	m->value[WX_KEY_DIR] = field(m, 1);
	m->value[WX_KEY_WIND] = in_unit(WX_KEY_WIND, field(m, 3), letter(m, 4));
}

static double speed(const struct nmea *m, int knots, int m_s)
{
	double v = field(m, m_s);

	return isnan(v) ? in_unit(WX_KEY_WIND, field(m, knots), 'N') : v;
}

static void read_mda(struct nmea *m)
{
	double bar = field(m, 3);

	m->value[WX_KEY_PRES] = isnan(bar)
					? in_unit(WX_KEY_PRES, field(m, 1), 'I')
					: in_unit(WX_KEY_PRES, bar, 'B');
	m->value[WX_KEY_TEMP] = field(m, 5);
	m->value[WX_KEY_HUM] = field(m, 9);
	m->value[WX_KEY_DIR] = field(m, 13);
	m->value[WX_KEY_WIND] = speed(m, 17, 19);
}

static void read_xdr(struct nmea *m)
{
	static const struct {
		char type;
		const char *id;
		int key;
	} ids[] = {
		{ 'A', "1", WX_KEY_DIR },     { 'S', "1", WX_KEY_WIND },
		{ 'S', "2", WX_KEY_GUST },    { 'C', "0", WX_KEY_TEMP },
		{ 'H', "0", WX_KEY_HUM },     { 'P', "0", WX_KEY_PRES },
		{ 'P', "STNP", WX_KEY_PRES }, { 'V', "0", WX_KEY_RAIN },
	};

	for (int i = 1; i + 3 < m->n_f; i += 4)
		for (size_t k = 0; k < WX_COUNT(ids); k++)
			if (letter(m, i) == ids[k].type &&
			    !strcmp(m->f[i + 3].text, ids[k].id))
				m->value[ids[k].key] =
					in_unit(ids[k].key, field(m, i + 1),
						letter(m, i + 2));
}

/* "120000.25" and a date: an instant. */
static void read_clock(struct nmea *m, int day, int month, int year)
{
	double hms = field(m, 1);
	int whole = hms >= 0 && hms < 240000 ? (int)hms : -1;
	struct wx_civil c = { .year = year,
			      .month = month,
			      .day = day,
			      .hour = whole / 10000,
			      .minute = whole / 100 % 100,
			      .second = whole % 100 };

	if (whole < 0 || year < 1980 || year > 2099 || wx_civil_check(&c, NULL))
		return;
	c.ns = (int32_t)(round((hms - whole) * 1000) * 1e6);
	if (c.ns > 999000000)
		c.ns = 999000000;
	m->clock = wx_civil_to_time(&c, 0);
	m->since = 0;
}

static void read_rmc(struct nmea *m)
{
	double date = field(m, 9);
	int d = date >= 0 && date < 320000 ? (int)date : 0;

	if (letter(m, 2) == 'A')
		read_clock(m, d / 10000, d / 100 % 100, 2000 + d % 100);
}

static void read_zda(struct nmea *m)
{
	double y = field(m, 4), mon = field(m, 3), d = field(m, 2);

	if (d >= 1 && d <= 31 && mon >= 1 && mon <= 12 && y >= 0 && y < 9999)
		read_clock(m, (int)d, (int)mon, (int)y);
}

/* ---- whose wind it is ---- */

/* The most telling first; "$WIMWV,..,R" is WIMWV/R. */
static int rank(const char *source)
{
	static const char *const names[] = { "MWD", "MDA", "MWV/T", "MWV/R",
					     "XDR" };

	for (int i = 0; i < (int)WX_COUNT(names); i++)
		if (!strcmp(source + 2, names[i]))
			return i;
	return WX_COUNT(names);
}

static bool is_told(const struct nmea *m, const char *source)
{
	const char *told = m->opts->sensor;

	return !strcmp(told, source) || !strcmp(told, source + 2);
}

static int two_sources(const struct nmea *m, const char *a, const char *b,
		       struct wx_error *err)
{
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: wind is told by %s and by %s; say which is yours: "
		       "--sensor %s (sensor in site.json)",
		       m->lines.name, a, b, a);
}

static void see_source(struct nmea *m, const char *source)
{
	for (int i = 0; i < m->n_sources; i++)
		if (!strcmp(m->source[i], source))
			return;
	if (m->n_sources < MAX_SOURCES)
		memcpy(m->source[m->n_sources++], source, NAME_SIZE);
}

/* After a pass over the whole file. */
static int choose(struct nmea *m, struct wx_error *err)
{
	const char *best = NULL;
	char others[MAX_SOURCES * (NAME_SIZE + 2)] = "";

	if (m->opts->sensor)
		return WX_OK;
	for (int i = 0; i < m->n_sources; i++)
		if (!best || rank(m->source[i]) < rank(best))
			best = m->source[i];
	for (int i = 0; i < m->n_sources; i++) {
		const char *s = m->source[i];

		if (s == best)
			continue;
		if (rank(s) == rank(best))
			return two_sources(m, best, s, err);
		strcat(others, others[0] ? ", " : "");
		strcat(others, s);
	}
	if (others[0])
		wx_warn(m->lines.log,
			"%s: wind is taken from %s, not from %s (--sensor "
			"decides)",
			m->lines.name, best, others);
	if (best)
		memcpy(m->wind, best, NAME_SIZE);
	return WX_OK;
}

/* Is the sentence's wind ours? In a pipe, the first is, if none follows. */
static int take_wind(struct nmea *m, const char *source, bool *ours,
		     struct wx_error *err)
{
	if (m->opts->sensor && !m->wind[0] && is_told(m, source))
		memcpy(m->wind, source, NAME_SIZE);
	if (!m->opts->sensor && !m->wind[0] && !m->chosen)
		memcpy(m->wind, source, NAME_SIZE);
	*ours = !strcmp(m->wind, source);
	if (*ours || m->chosen || m->opts->sensor)
		return WX_OK;
	return two_sources(m, m->wind, source, err);
}

static int put(struct nmea *m, const char *source, struct wx_time utc,
	       struct wx_error *err)
{
	bool ours = true;
	int at, rc = WX_OK;

	if (!isnan(m->value[WX_KEY_WIND]) || !isnan(m->value[WX_KEY_DIR]))
		rc = take_wind(m, source, &ours, err);
	for (int k = 0; !rc && k < WX_N_KEYS; k++) {
		bool wind =
			k == WX_KEY_WIND || k == WX_KEY_GUST || k == WX_KEY_DIR;

		if (isnan(m->value[k]) || (wind && !ours))
			continue;
		if (!wind && !m->owner[k][0])
			memcpy(m->owner[k], source, NAME_SIZE);
		if (!wind && strcmp(m->owner[k], source) != 0)
			continue;
		m->n_values++;
		at = !strcmp(source, m->wind) ? WIND
		     : k == WX_KEY_RAIN       ? RAIN
					      : AIR;
		wx_stream_set(&m->stream[at], utc, k, m->value[k]);
		if (k != WX_KEY_RAIN)
			continue;
		m->stream[at].raw.rain_step_mm = 0.01;
		m->rain_at = at;
	}
	return rc;
}

/* ---- sentences ---- */

/* Length up to the checksum; 0 when the sentence is not to be trusted. */
static size_t check(struct nmea *m, const char *p, size_t n)
{
	const char *star = memchr(p, '*', n);
	char quoted[WX_QUOTE_SIZE];
	uint8_t told, sum = 0;

	if (!star && !m->has_sums)
		return n;
	for (const char *q = p + 1; star && q < star; q++)
		sum ^= (uint8_t)*q;
	if (star && (size_t)(p + n - star) >= 3 &&
	    wx_hex_parse(star + 1, 2, &told, 1) && told == sum) {
		m->has_sums = true;
		return (size_t)(star - p);
	}
	wx_rawlog_warn(&m->lines, WX_ROW_WIDTH,
		       star ? "the checksum is wrong in '%s': left out"
			    : "no checksum, unlike others, in '%s': left out",
		       wx_quote(p, n, quoted));
	return 0;
}

/* Fills value[]; the source's name. False: nothing of ours. */
static bool read_values(struct nmea *m, const char *id, char name[NAME_SIZE])
{
	const char *type = id + 2; /* behind the talker */
	bool mwv = !memcmp(type, "MWV", 3);

	for (int k = 0; k < WX_N_KEYS; k++)
		m->value[k] = NAN;
	memset(name, 0, NAME_SIZE);
	snprintf(name, NAME_SIZE, mwv ? "%.5s/%.1s" : "%.5s", id,
		 mwv && m->n_f > 2 ? m->f[2].text : "");
	if (mwv)
		read_mwv(m);
	else if (!memcmp(type, "MDA", 3))
		read_mda(m);
	else if (!memcmp(type, "XDR", 3))
		read_xdr(m);
	else if (!memcmp(type, "MWD", 3)) {
		m->value[WX_KEY_DIR] = field(m, 1);
		m->value[WX_KEY_WIND] = speed(m, 5, 7);
	}
	for (int k = 0; k < WX_N_KEYS; k++)
		if (!isnan(m->value[k]))
			return true;
	return false;
}

/* A sentence at the time in front of its line, if there is one. */
static int read_sentence(struct nmea *m, char *p, size_t n, struct wx_time utc,
			 struct wx_error *err)
{
	char id[6], name[NAME_SIZE];
	int rc;

	n = p[1] == 'P' ? 0 : check(m, p, n); /* a maker's own */
	if (!n)
		return WX_OK;
	memcpy(id, p + 1, 5);
	id[5] = '\0';
	m->n_f = wx_fields_split(p, n, ',', m->f);
	if (!memcmp(id + 2, "RMC", 3))
		read_rmc(m);
	else if (!memcmp(id + 2, "ZDA", 3))
		read_zda(m);
	if (!read_values(m, id, name))
		return WX_OK;
	if (m->looking) {
		if (!isnan(m->value[WX_KEY_WIND]))
			see_source(m, name);
		return WX_OK;
	}
	if (wx_time_is_none(utc) && !wx_time_is_none(m->clock)) {
		if (m->since++ < MAX_SINCE)
			utc = m->clock;
		else
			wx_rawlog_warn(&m->lines, WX_ROW_TIME,
				       "no RMC or ZDA for %d sentences: left "
				       "out",
				       MAX_SINCE);
	}
	m->n_timeless += wx_time_is_none(utc);
	if (wx_time_is_none(utc))
		return WX_OK;
	rc = wx_streams_turn(m->stream, N_STREAMS, utc, err);
	return rc ? rc : put(m, name, utc, err);
}

static int read_line(struct nmea *m, char *text, size_t n, struct wx_error *err)
{
	size_t at = find_sentence(text, n), next;
	struct wx_time utc = WX_TIME_NONE;
	bool told = false, use = true;
	int rc = WX_OK;

	if (at < n && !m->looking)
		rc = wx_prefix_time(&m->lines, text, at, m->order, m->opts,
				    &utc, &told, &use, err);
	for (; !rc && (use || !told) && at < n; at = next) {
		next = at + 7 + find_sentence(text + at + 7, n - at - 7);
		rc = read_sentence(m, text + at, next - at, utc, err);
	}
	return rc;
}

static int pass(struct nmea *m, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&m->lines, &text, &n, err)) == 1) {
		rc = read_line(m, text, n, err);
		if (rc)
			return rc;
	}
	return rc;
}

/* Which sentences tell wind: a silent pass, where the file can be rewound. */
static int look(struct nmea *m, struct wx_error *err)
{
	struct wx_log *log = m->lines.log;
	const char *name = m->lines.name;
	FILE *in = m->lines.in;
	int rc;

	if (fseek(in, 0, SEEK_CUR) != 0)
		return WX_OK;
	m->looking = m->chosen = true;
	m->lines.log = NULL;
	rc = pass(m, err);
	m->looking = false;
	m->clock = WX_TIME_NONE;
	wx_rawlog_fini(&m->lines);
	if (!rc && fseek(in, 0, SEEK_SET) != 0)
		rc = wx_fail_errno(err, "%s: cannot read twice", name);
	if (!rc)
		rc = wx_rawlog_init(&m->lines, in, name, log, err);
	return rc ? rc : choose(m, err);
}

static int read_all(struct nmea *m, struct wx_error *err)
{
	int rc =
		wx_prefix_order(&m->lines, find_sentence, true, &m->order, err);

	if (!rc)
		rc = look(m, err);
	if (!rc)
		rc = pass(m, err);
	if (!rc)
		rc = wx_streams_turn(m->stream, N_STREAMS, WX_TIME_NONE, err);
	if (!rc && !m->n_values && m->n_timeless)
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: no time, neither in front of the sentences nor by "
			"RMC or ZDA; expected lines as 2026-06-01T12:00:00Z "
			"$WIMWV,...: log it through ts "
			"'%%Y-%%m-%%dT%%H:%%M:%%.S%%z' (moreutils)",
			m->lines.name);
	if (!rc && !m->n_values)
		return wx_fail(err, WX_ERR_FORMAT,
			       m->opts->sensor
				       ? "%s: expected wind or weather of "
					 "--sensor in MWV, MWD, MDA or XDR, "
					 "found none"
				       : "%s: expected wind or weather in MWV, "
					 "MWD, MDA or XDR, found none",
			       m->lines.name);
	return rc ? rc : wx_rows_end(&m->stream[m->rain_at].rows, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct nmea *m = calloc(1, sizeof(*m));
	enum wx_rain_kind kind = opts->rain_kind
					 ? wx_rain_kind_parse(opts->rain_kind)
					 : WX_RAIN_CUMULATIVE;
	int rc;

	if (!m)
		return wx_fail_nomem(err);
	m->opts = opts;
	m->rain_at = RAIN;
	m->clock = WX_TIME_NONE;
	m->order = wx_date_order_parse(opts->date_order);
	rc = wx_rawlog_init(&m->lines, in, name, log, err);
	for (int i = 0; i < N_STREAMS; i++)
		wx_stream_init(&m->stream[i], &m->lines, opts,
			       i == AIR ? WX_RAIN_INTERVAL : kind, row, ctx);
	if (!rc)
		rc = read_all(m, err);
	wx_rawlog_fini(&m->lines);
	free(m);
	return rc;
}

const struct wx_station_format wx_station_nmea = {
	.name = "nmea",
	.desc = "NMEA 0183 sentences: MWV, MWD, MDA, XDR",
	.probe = probe,
	.read = read_rows,
};
