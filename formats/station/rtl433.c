/* SPDX-License-Identifier: MIT */
/*
 * formats/station/rtl433.c: what rtl_433 -F json hears, one object a line.
 *
 *     {"time":"2026-06-01 12:00:00","model":"Fineoffset-WH24","id":5,
 *      "temperature_C":21.4,"wind_avg_m_s":1.2,"rain_mm":1150.8,...}
 *
 * - the unit is in the key's suffix; older keys without one are read only of
 *   the models whose unit is known
 * - rain counts on since the battery was put in. A new id is a new counter
 * - the receiver hears the neighbours too: of several stations, the one meant
 *   must be told
 * - many stations send each message two or three times: what is the same
 *   within two seconds is one
 * - a message may hold only rain, or only wind: a row for each
 * - the time is the host's own, without a zone, unless -M utc or an ISO or Unix
 *   form was asked for; "@0.198s" is one within a file of radio samples
 *
 * Source: rtl_433's DATA_FORMAT.md and its test recordings.
 */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "station/rows.h"
#include "station/station.h"
#include "station/unit.h"

enum { NAME_SIZE = 64, REPEAT_S = 2 };

struct rtl {
	struct wx_rawlog lines;
	struct wx_rows rows;
	const struct wx_station_opts *opts;
	char model[NAME_SIZE], id[NAME_SIZE]; /* of the station; "": none yet */
	struct wx_obs last;                   /* as sent, for repeats */
	bool has_last;
	const char *unitless; /* key whose unit is not told; NULL */
	long n_others, n_repeats;
};

/* model: for keys without a unit, what its name begins with. */
static const struct {
	const char *name;
	int key;
	double scale, offset;
	const char *model;
} values[] = {
	{ "rain_mm", WX_KEY_RAIN, 1, 0, NULL },
	{ "rain_in", WX_KEY_RAIN, WX_MM_PER_INCH, 0, NULL },
	{ "rainfall_mm", WX_KEY_RAIN, 1, 0, NULL },
	{ "rainfall_accumulation_inch", WX_KEY_RAIN, WX_MM_PER_INCH, 0, NULL },
	{ "rain_total_mm", WX_KEY_RAIN, 1, 0, NULL },
	{ "rain_inch", WX_KEY_RAIN, WX_MM_PER_INCH, 0, NULL },
	{ "wind_avg_m_s", WX_KEY_WIND, 1, 0, NULL },
	{ "wind_avg_km_h", WX_KEY_WIND, WX_M_S_PER_KM_H, 0, NULL },
	{ "wind_avg_mi_h", WX_KEY_WIND, WX_M_S_PER_MPH, 0, NULL },
	{ "wind_speed_ms", WX_KEY_WIND, 1, 0, NULL },
	{ "wind_speed_kph", WX_KEY_WIND, WX_M_S_PER_KM_H, 0, NULL },
	{ "wind_speed_mph", WX_KEY_WIND, WX_M_S_PER_MPH, 0, NULL },
	{ "wind_max_m_s", WX_KEY_GUST, 1, 0, NULL },
	{ "wind_max_km_h", WX_KEY_GUST, WX_M_S_PER_KM_H, 0, NULL },
	{ "wind_max_mi_h", WX_KEY_GUST, WX_M_S_PER_MPH, 0, NULL },
	{ "wind_dir_deg", WX_KEY_DIR, 1, 0, NULL },
	{ "direction_deg", WX_KEY_DIR, 1, 0, NULL },
	{ "temperature_C", WX_KEY_TEMP, 1, 0, NULL },
	{ "temperature_F", WX_KEY_TEMP, WX_DEGC_PER_DEGF, WX_DEGC_AT_0F, NULL },
	{ "humidity", WX_KEY_HUM, 1, 0, NULL },
	{ "pressure_hPa", WX_KEY_PRES, 1, 0, NULL },
	{ "pressure_kPa", WX_KEY_PRES, 10, 0, NULL },
	{ "rain", WX_KEY_RAIN, 1, 0, "Fine Offset WH1080" },
	{ "speed", WX_KEY_WIND, WX_M_S_PER_KM_H, 0, "Fine Offset WH1080" },
	{ "gust", WX_KEY_GUST, WX_M_S_PER_KM_H, 0, "Fine Offset WH1080" },
	{ "wind_speed", WX_KEY_WIND, 1, 0, "Bresser-5in1" },
	{ "wind_gust", WX_KEY_GUST, 1, 0, "Bresser-5in1" },
	{ "windstrength", WX_KEY_WIND, WX_M_S_PER_KM_H, 0, "HIDEKI" },
	{ "winddirection", WX_KEY_DIR, 1, 0, "HIDEKI" },
	{ "rain_total", WX_KEY_RAIN, 1, 0, "HIDEKI" },
};

static int probe(const uint8_t *head, size_t n)
{
	const uint8_t *end = memchr(head, '\n', n);
	size_t len = end ? (size_t)(end - head) : n;

	return len > 2 && *head == '{' && memmem(head, len, "\"time\"", 6) &&
			       memmem(head, len, "\"model\"", 7)
		       ? 90
		       : 0;
}

/* A number, also one that was sent as a text. */
static double number(const json_t *v)
{
	const char *text = json_string_value(v);
	double out;

	if (json_is_number(v))
		return json_number_value(v);
	return text && wx_f64_parse(text, strlen(text), &out) ? out : NAN;
}

/* Id as text, whichever way it is sent; "" without one. */
static void id_of(const json_t *msg, char out[NAME_SIZE])
{
	const json_t *id = json_object_get(msg, "id");

	if (!id)
		id = json_object_get(msg, "sensor_id");
	out[0] = '\0';
	if (json_is_integer(id))
		snprintf(out, NAME_SIZE, "%" JSON_INTEGER_FORMAT,
			 json_integer_value(id));
	else if (json_is_string(id))
		snprintf(out, NAME_SIZE, "%s", json_string_value(id));
}

/* The value that a message has for a row of the table; NULL: none. */
static const json_t *value_of(const json_t *msg, const char *model, size_t i)
{
	const char *of = values[i].model;

	return of && strncmp(model, of, strlen(of)) != 0
		       ? NULL
		       : json_object_get(msg, values[i].name);
}

/* Rain or wind: what makes a sensor a station. */
static bool is_weather(const json_t *msg, const char *model)
{
	for (size_t i = 0; i < WX_COUNT(values); i++)
		if (values[i].key <= WX_KEY_DIR && value_of(msg, model, i))
			return true;
	return false;
}

/* A key that older versions wrote without its unit, of a model not known. */
static const char *unitless(const json_t *msg, const char *model)
{
	for (size_t i = 0; i < WX_COUNT(values); i++)
		if (values[i].model && !value_of(msg, model, i) &&
		    json_is_number(json_object_get(msg, values[i].name)))
			return values[i].name;
	return NULL;
}

static void read_values(struct rtl *r, const json_t *msg, const char *model,
			struct wx_raw_row *raw)
{
	for (size_t i = 0; i < WX_COUNT(values); i++) {
		const json_t *v = value_of(msg, model, i);
		double scale = values[i].scale;

		if (!v)
			continue;
		wx_raw_row_set(raw, values[i].key,
			       number(v) * scale + values[i].offset, &r->lines);
		if (values[i].key == WX_KEY_RAIN) /* 0.1 mm, 0.01 in */
			raw->rain_step_mm = scale > 1 ? scale / 100 : 0.1;
	}
}

/* ---- whose message it is ---- */

/* "MODEL" or "MODEL/ID", as told, against a message's. */
static bool is_told(const char *told, const char *model, const char *id)
{
	size_t n = strlen(model);

	return !strncmp(told, model, n) &&
	       (!told[n] || (told[n] == '/' && !strcmp(told + n + 1, id)));
}

static int two_stations(const struct rtl *r, const char *model, const char *id,
			struct wx_error *err)
{
	char a[WX_QUOTE_SIZE], b[WX_QUOTE_SIZE];
	char *one = wx_strf("%s/%s", r->model, r->id);
	char *two = wx_strf("%s/%s", model, id);
	int rc = WX_ERR_NOMEM;

	if (one && two)
		rc = wx_rawlog_fail(
			&r->lines, err, WX_ERR_FORMAT,
			"two stations are heard, '%s' and '%s'; say which is "
			"yours: --sensor MODEL/ID (sensor in site.json), or "
			"--sensor MODEL if its id changed with the battery",
			wx_quote(one, strlen(one), a),
			wx_quote(two, strlen(two), b));
	free(one);
	free(two);
	return rc == WX_ERR_NOMEM ? wx_fail_nomem(err) : rc;
}

/* Rows from now on are of another counter, which nothing was carried of. */
static int new_counter(struct rtl *r, struct wx_error *err)
{
	int rc = wx_rows_end(&r->rows, err);

	wx_rawlog_warn(&r->lines, WX_ROW_COUNTER,
		       "the station's id is new: its rain counter begins anew");
	if (r->opts->carry)
		*r->opts->carry = (struct wx_rain_carry){ 0 };
	wx_rows_init(&r->rows, &r->lines, r->opts, WX_RAIN_CUMULATIVE,
		     r->rows.row, r->rows.ctx);
	return rc;
}

/* Is it our station's? */
static int take_station(struct rtl *r, const char *model, const char *id,
			bool weather, bool *ours, struct wx_error *err)
{
	const char *told = r->opts->sensor;
	bool same = !strcmp(model, r->model) && !strcmp(id, r->id);
	int rc = WX_OK;

	*ours = told ? is_told(told, model, id) : same;
	if (!told && !*ours && weather) {
		if (r->model[0])
			return two_stations(r, model, id, err);
		*ours = true;
	}
	r->n_others += !*ours;
	if (!*ours || same)
		return WX_OK;
	if (r->model[0])
		rc = new_counter(r, err);
	snprintf(r->model, sizeof(r->model), "%s", model);
	snprintf(r->id, sizeof(r->id), "%s", id);
	return rc;
}

static bool same_value(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

/* The same values within the time that a station repeats a message for. */
static bool is_repeat(struct rtl *r, const struct wx_obs *o)
{
	double age_s = wx_time_diff_s(o->utc, r->last.utc);
	bool same = r->has_last && age_s >= 0 && age_s <= REPEAT_S;

	for (int k = 0; k < WX_N_KEYS && same; k++)
		same = same_value(*wx_key_value((struct wx_obs *)o, k),
				  *wx_key_value(&r->last, k));
	if (!same) {
		r->last = *o;
		r->has_last = true;
	}
	return same;
}

/* ---- lines ---- */

static int time_of(struct rtl *r, const json_t *msg, struct wx_time *utc,
		   bool *use, struct wx_error *err)
{
	const json_t *v = json_object_get(msg, "time");
	const char *text = json_string_value(v);
	char buf[WX_NUM_SIZE];
	struct wx_field f;

	if (json_is_number(v)) {
		wx_f64_format(json_number_value(v), 6, buf);
		text = buf;
	}
	if (text && *text == '@')
		return wx_rawlog_fail(
			&r->lines, err, WX_ERR_FORMAT,
			"the time counts from the start of a file "
			"of radio samples; run rtl_433 with "
			"-M time:iso:usec:tz");
	f = (struct wx_field){ (char *)(text ? text : ""),
			       text ? strlen(text) : 0 };
	return wx_rows_time(&r->lines, &f, r->opts, WX_DATE_NOT_TOLD, utc, use,
			    err);
}

static int read_message(struct rtl *r, const json_t *msg, struct wx_error *err)
{
	const char *model = wx_json_str(msg, "model", "");
	struct wx_raw_row raw;
	char name[NAME_SIZE], id[NAME_SIZE];
	bool ours, use;
	int rc;

	snprintf(name, sizeof(name), "%s", model);
	id_of(msg, id);
	if (!r->unitless && !is_weather(msg, name))
		r->unitless = unitless(msg, name);
	rc = take_station(r, name, id, is_weather(msg, name), &ours, err);
	if (rc || !ours)
		return rc;
	wx_raw_row_init(&raw);
	read_values(r, msg, name, &raw);
	rc = time_of(r, msg, &raw.obs.utc, &use, err);
	if (rc || !use)
		return rc;
	if (is_repeat(r, &raw.obs)) {
		r->n_repeats++;
		return WX_OK;
	}
	return wx_rows_put(&r->rows, &raw, err);
}

static int read_line(struct rtl *r, const char *text, size_t n,
		     struct wx_error *err)
{
	char quoted[WX_QUOTE_SIZE];
	json_error_t why;
	json_t *msg = json_loadb(text, n, JSON_REJECT_DUPLICATES, &why);
	int rc = WX_OK;

	if (json_is_object(msg))
		rc = read_message(r, msg, err);
	else
		wx_rawlog_warn(&r->lines, WX_ROW_WIDTH,
			       "expected a JSON object, found '%s': left out",
			       wx_quote(text, n, quoted));
	json_decref(msg);
	return rc;
}

static int read_all(struct rtl *r, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&r->lines, &text, &n, err)) == 1) {
		rc = read_line(r, text, n, err);
		if (rc)
			return rc;
	}
	if (!rc && !r->model[0] && r->unitless)
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: the unit of '%s' is not in its name, as in "
			"rain_mm, and not known of this model; record it "
			"with an rtl_433 of 2019 or later, or give -f csv "
			"a table whose --columns tell units",
			r->lines.name, r->unitless);
	if (!rc && !r->model[0])
		return wx_fail(err, WX_ERR_FORMAT,
			       r->opts->sensor
				       ? "%s: expected lines of a station with "
					 "rain or wind, found none of --sensor"
				       : "%s: expected lines of a station with "
					 "rain or wind, found none",
			       r->lines.name);
	return rc ? rc : wx_rows_end(&r->rows, err);
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct rtl *r = calloc(1, sizeof(*r));
	int rc;

	if (!r)
		return wx_fail_nomem(err);
	r->opts = opts;
	rc = wx_rawlog_init(&r->lines, in, name, log, err);
	wx_rows_init(&r->rows, &r->lines, opts, WX_RAIN_CUMULATIVE, row, ctx);
	if (!rc)
		rc = read_all(r, err);
	if (!rc && r->n_repeats)
		wx_warn(opts->notes, "%s: %ld messages were repeats", name,
			r->n_repeats);
	if (!rc && r->n_others)
		wx_warn(opts->notes, "%s: %ld messages of other sensors", name,
			r->n_others);
	wx_rawlog_fini(&r->lines);
	free(r);
	return rc;
}

const struct wx_station_format wx_station_rtl433 = {
	.name = "rtl433",
	.desc = "rtl_433 -F json, a message a line",
	.probe = probe,
	.read = read_rows,
};
