/* SPDX-License-Identifier: MIT */
/*
 * formats/station/ecowitt.c: uploads of Ecowitt, Ambient and Weather
 * Underground consoles, as a listener saved them.
 *
 *     PASSKEY=..&dateutc=2026-06-01+12:00:00&windspeedmph=4.5&totalrainin=..
 *     {"dateutc": "2026-06-01 12:00:00", "windspeedmph": "4.5", ...}
 *
 * One body after the other: forms a line each (also as the query of a GET),
 * JSON objects in one line or several. The names tell the units: inch, mph,
 * degF, inHg.
 *
 * - dateutc is UTC; the word "now" is no time
 * - rain is counters. totalrainin goes on for ever; yearly, monthly and daily
 *   ones begin anew, and what fell between is lost: the longest there is in the
 *   first body is taken. *rain_piezo is another sensor, and no bucket
 * - the last value of a form at a file's end that is no line's end may have
 *   been cut: one of ours is left out, and the row flagged torn
 * - PASSKEY, MAC and PASSWORD tell whose station it is: they are not read
 *
 * Source: Ecowitt's "Customized" upload; Weather Underground's PWS protocol.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/text.h"
#include "station/rows.h"
#include "station/station.h"
#include "station/unit.h"

enum { BODY_MAX = 64 << 10, VALUE_SIZE = 64 };

static const struct {
	const char *name;
	int key;
	double scale, offset;
} values[] = {
	{ "windspeedmph", WX_KEY_WIND, WX_M_S_PER_MPH, 0 },
	{ "windgustmph", WX_KEY_GUST, WX_M_S_PER_MPH, 0 },
	{ "winddir", WX_KEY_DIR, 1, 0 },
	{ "tempf", WX_KEY_TEMP, WX_DEGC_PER_DEGF, WX_DEGC_AT_0F },
	{ "humidity", WX_KEY_HUM, 1, 0 },
	{ "baromabsin", WX_KEY_PRES, WX_HPA_PER_INHG, 0 },
};

/* The longest first. */
static const char *const counters[] = { "totalrainin", "yearlyrainin",
					"monthlyrainin", "dailyrainin" };

struct ecowitt {
	struct wx_rawlog lines;
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	const char *counter; /* of counters; NULL: none seen yet */
	long n_bodies;
	size_t n_body;
	int depth; /* of braces in body */
	bool in_text, escaped;
	bool is_cut; /* the body's last value was */
	char body[BODY_MAX];
};

static bool has(const uint8_t *head, size_t n, const char *text)
{
	return memmem(head, n, text, strlen(text)) != NULL;
}

static int probe(const uint8_t *head, size_t n)
{
	return has(head, n, "dateutc") && (has(head, n, "windspeedmph") ||
					   has(head, n, "rainin"))
		       ? 90
		       : 0;
}

/* ---- a body's values ---- */

static json_t *form_value(const char *text, size_t n)
{
	char out[VALUE_SIZE];
	size_t len = 0;

	for (size_t i = 0; i < n && len < sizeof(out) - 1; i++) {
		uint8_t c = (uint8_t)text[i];

		if (c == '+')
			c = ' ';
		else if (c == '%' && i + 2 < n &&
			 wx_hex_parse(text + i + 1, 2, &c, 1))
			i += 2;
		out[len++] = (char)c;
	}
	return json_stringn(out, len);
}

/* "a=1&b=2", from after a '?' if there is one, to a blank. */
static json_t *parse_form(const char *text)
{
	json_t *out = json_object();
	const char *query = strchr(text, '?');

	text = query ? query + 1 : text;
	while (out && *text && *text != ' ') {
		size_t n = strcspn(text, "& "), eq = strcspn(text, "=& ");

		if (eq < n && eq > 0 && eq < VALUE_SIZE) {
			json_t *v = form_value(text + eq + 1, n - eq - 1);

			if (v)
				json_object_setn_new(out, text, eq, v);
		}
		text += n + (text[n] == '&');
	}
	return out;
}

static bool number(const json_t *body, const char *name, double *out)
{
	const json_t *v = json_object_get(body, name);
	const char *text = json_string_value(v);

	if (json_is_number(v))
		*out = json_number_value(v);
	return json_is_number(v) ||
	       (text && wx_f64_parse(text, strlen(text), out));
}

static void read_rain(struct ecowitt *e, const json_t *body,
		      struct wx_raw_row *raw)
{
	double v;

	for (size_t i = 0; i < WX_COUNT(counters) && !e->counter; i++)
		if (number(body, counters[i], &v)) {
			e->counter = counters[i];
			wx_warn(i ? e->lines.log : e->opts->notes,
				"%s: rain from %s%s", e->lines.name, e->counter,
				i ? ", which begins anew at times: what falls "
				    "just before is lost"
				  : "");
		}
	if (!e->counter || !number(body, e->counter, &v))
		return;
	wx_raw_row_set(raw, WX_KEY_RAIN, v * WX_MM_PER_INCH, &e->lines);
	raw->rain_step_mm = 0.0254;
}

static int read_body(struct ecowitt *e, const json_t *body,
		     struct wx_error *err)
{
	const char *stamp = json_string_value(json_object_get(body, "dateutc"));
	struct wx_station_opts utc = *e->opts;
	struct wx_raw_row raw;
	struct wx_field f;
	double v;
	bool use;
	int rc;

	e->n_bodies++;
	if (stamp && !strcmp(stamp, "now"))
		return wx_rawlog_fail(&e->lines, err, WX_ERR_FORMAT,
				      "dateutc is \"now\": the body holds no "
				      "time; let the listener write its own, "
				      "UTC, in its place");
	utc.has_offset = true;
	utc.offset_s = 0;
	utc.zone = NULL;
	wx_raw_row_init(&raw);
	f = (struct wx_field){ (char *)(stamp ? stamp : ""),
			       stamp ? strlen(stamp) : 0 };
	rc = wx_rows_time(&e->lines, &f, &utc, WX_DATE_NOT_TOLD, &raw.obs.utc,
			  &use, err);
	if (rc || !use)
		return rc;
	for (size_t i = 0; i < WX_COUNT(values); i++)
		if (number(body, values[i].name, &v))
			wx_raw_row_set(&raw, values[i].key,
				       v * values[i].scale + values[i].offset,
				       &e->lines);
	read_rain(e, body, &raw);
	if (e->is_cut)
		wx_raw_row_torn(&raw, &e->lines);
	return wx_rows_put(&e->rows, &raw, err);
}

/* ---- bodies in a file ---- */

/* Not quoted: it may hold a key or a password. */
static int bad_body(struct ecowitt *e)
{
	wx_rawlog_warn(&e->lines, WX_ROW_WIDTH,
		       "expected a form or a JSON object with a dateutc: left "
		       "out");
	return WX_OK;
}

static int end_json(struct ecowitt *e, struct wx_error *err)
{
	json_t *body = json_loadb(e->body, e->n_body, 0, NULL);
	int rc = json_is_object(body) ? read_body(e, body, err) : bad_body(e);

	json_decref(body);
	e->n_body = 0;
	e->depth = 0;
	e->in_text = e->escaped = false;
	return rc;
}

/* Gathers lines until the braces close. */
static int add_json(struct ecowitt *e, const char *text, size_t n,
		    struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t i = 0; i < n && !rc; i++) {
		char c = text[i];

		if (!e->depth && c != '{')
			continue; /* between objects: commas, brackets */
		if (e->n_body == BODY_MAX)
			return end_json(e, err);
		e->body[e->n_body++] = c;
		if (e->in_text) {
			e->in_text = e->escaped || c != '"';
			e->escaped = !e->escaped && c == '\\';
			continue;
		}
		e->in_text = c == '"';
		e->depth += (c == '{') - (c == '}');
		if (!e->depth)
			rc = end_json(e, err);
	}
	e->in_text = e->escaped = false; /* no text goes over a line's end */
	return rc;
}

static bool is_ours(const char *name)
{
	for (size_t i = 0; i < WX_COUNT(values); i++)
		if (!strcmp(values[i].name, name))
			return true;
	for (size_t i = 0; i < WX_COUNT(counters); i++)
		if (!strcmp(counters[i], name))
			return true;
	return !strcmp(name, "dateutc");
}

/* The last value of a line without an end is not known to be whole. */
static void drop_last(struct ecowitt *e, const char *text, json_t *body)
{
	const char *last = strrchr(text, '&');
	char name[VALUE_SIZE];
	size_t n;

	last = last ? last + 1 : text;
	n = strcspn(last, "= ");
	if (n >= sizeof(name) || last[n] != '=' || strchr(last, ' '))
		return; /* "GET ...?a=1&b=2 HTTP/1.1" holds b as a whole */
	memcpy(name, last, n);
	name[n] = '\0';
	if (!is_ours(name))
		return;
	json_object_del(body, name);
	e->is_cut = true;
}

static int add_form(struct ecowitt *e, const char *text, struct wx_error *err)
{
	json_t *body = parse_form(text);
	int rc;

	if (!body)
		return wx_fail_nomem(err);
	if (!e->lines.complete)
		drop_last(e, text, body);
	rc = json_object_get(body, "dateutc") ? read_body(e, body, err)
					      : bad_body(e);
	json_decref(body);
	return rc;
}

static int read_all(struct ecowitt *e, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&e->lines, &text, &n, err)) == 1) {
		if (e->depth || strchr("{[],", *text) || *text == ' ')
			rc = add_json(e, text, n, err);
		else
			rc = add_form(e, text, err);
		if (rc)
			return rc;
	}
	if (!rc && e->depth)
		rc = bad_body(e);
	if (!rc && !e->n_bodies)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "%s: expected uploads with a dateutc, found none",
			     e->lines.name);
	return rc ? rc : wx_rows_end(&e->rows, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct ecowitt *e = calloc(1, sizeof(*e));
	int rc;

	if (!e)
		return wx_fail_nomem(err);
	e->opts = opts;
	rc = wx_rawlog_init(&e->lines, in, name, log, err);
	wx_rows_init(&e->rows, &e->lines, opts, WX_RAIN_CUMULATIVE, row, ctx);
	if (!rc)
		rc = read_all(e, err);
	wx_rawlog_fini(&e->lines);
	free(e);
	return rc;
}

const struct wx_station_format wx_station_ecowitt = {
	.name = "ecowitt",
	.desc = "saved uploads of Ecowitt, Ambient and WU consoles",
	.probe = probe,
	.read = read_rows,
};
