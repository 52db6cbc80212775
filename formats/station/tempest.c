/* SPDX-License-Identifier: MIT */
/*
 * formats/station/tempest.c: what a WeatherFlow Tempest, Sky or Air tells its
 * network, UDP port 50222, one JSON object a line.
 *
 *     {"serial_number":"ST-00000512","type":"obs_st","obs":[[1780315200,
 *      0.18,0.22,0.27,144,6,1017.57,22.37,50.26,328,0.03,3,0.2,0,0,0,2.41,1]]}
 *
 * obs_st has time, lull, mean wind, gust (m/s), direction, seconds of a wind
 * sample, pressure (hPa), temperature (degC), humidity (%), light, UV, sun,
 * rain of the interval (mm), its kind, lightning twice, volts, and the
 * interval in minutes, whose end is stamped. The older obs_sky has wind and
 * rain, obs_air the rest: a pair of them is one station. null is missing.
 *
 * A hub hears the neighbours' devices too: of several of a kind, the one meant
 * must be told. rapid_wind, which obs repeats as a mean, and events are passed
 * over, as are copies of a message.
 *
 * Source: WeatherFlow Tempest UDP Reference v171.
 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "station/rows.h"
#include "station/station.h"
#include "station/unit.h"

enum { SERIAL_SIZE = 24, MAX_MINUTES = 1440 };

/* Where each value is in an obs; -1: not there. */
static const struct kind {
	const char *type;
	int key_at[WX_N_KEYS];
	int minutes_at, fell_at; /* fell_at: 1 rain, 2 hail, 3 both; -1 */
} kinds[] = {
	{ "obs_st",
	  { [WX_KEY_TIPS] = -1,
	    [WX_KEY_RAIN] = 12,
	    [WX_KEY_TURNS] = -1,
	    [WX_KEY_WIND] = 2,
	    [WX_KEY_GUST] = 3,
	    [WX_KEY_DIR] = 4,
	    [WX_KEY_TEMP] = 7,
	    [WX_KEY_HUM] = 8,
	    [WX_KEY_PRES] = 6 },
	  17,
	  13 },
	{ "obs_sky",
	  { [WX_KEY_TIPS] = -1,
	    [WX_KEY_RAIN] = 3,
	    [WX_KEY_TURNS] = -1,
	    [WX_KEY_WIND] = 5,
	    [WX_KEY_GUST] = 6,
	    [WX_KEY_DIR] = 7,
	    [WX_KEY_TEMP] = -1,
	    [WX_KEY_HUM] = -1,
	    [WX_KEY_PRES] = -1 },
	  9,
	  12 },
	{ "obs_air",
	  { [WX_KEY_TIPS] = -1,
	    [WX_KEY_RAIN] = -1,
	    [WX_KEY_TURNS] = -1,
	    [WX_KEY_WIND] = -1,
	    [WX_KEY_GUST] = -1,
	    [WX_KEY_DIR] = -1,
	    [WX_KEY_TEMP] = 2,
	    [WX_KEY_HUM] = 3,
	    [WX_KEY_PRES] = 1 },
	  7,
	  -1 },
};

enum { N_KINDS = WX_COUNT(kinds) };

/* The device of a kind that is ours. */
struct device {
	struct wx_rows rows;
	char serial[SERIAL_SIZE]; /* "": none yet */
	int64_t last_s;           /* its last stamp */
};

struct tempest {
	struct wx_rawlog lines;
	const struct wx_station_opts *opts;
	struct device device[N_KINDS];
	long n_others, n_copies, n_rows;
};

static int probe(const uint8_t *head, size_t n)
{
	return memmem(head, n, "\"serial_number\"", 15) &&
			       (memmem(head, n, "\"obs_", 5) ||
				memmem(head, n, "\"rapid_wind\"", 12) ||
				memmem(head, n, "\"hub_sn\"", 8))
		       ? 88
		       : 0;
}

/* Is it among the serial numbers told, "ST-1" or "SK-1,AR-2"? */
static bool is_told(const char *told, const char *serial)
{
	size_t n = strlen(serial);

	for (const char *p = told; (p = strstr(p, serial)); p++)
		if ((p == told || p[-1] == ',') && (!p[n] || p[n] == ','))
			return true;
	return false;
}

static int take_device(struct tempest *t, struct device *d, const char *serial,
		       bool *ours, struct wx_error *err)
{
	const char *told = t->opts->sensor;
	char quoted[WX_QUOTE_SIZE];

	*ours = told ? is_told(told, serial)
		     : !d->serial[0] || !strcmp(d->serial, serial);
	t->n_others += !*ours;
	if (*ours)
		snprintf(d->serial, sizeof(d->serial), "%s", serial);
	if (*ours || told)
		return WX_OK;
	return wx_rawlog_fail(
		&t->lines, err, WX_ERR_FORMAT,
		"two devices of a kind are heard, '%s' and '%s'; "
		"say which is yours: --sensor %s (sensor in "
		"site.json)",
		d->serial, wx_quote(serial, strlen(serial), quoted), d->serial);
}

static double number(const json_t *obs, int at)
{
	const json_t *v = at < 0 ? NULL : json_array_get(obs, (size_t)at);

	return json_is_number(v) ? json_number_value(v) : NAN;
}

static int read_obs(struct tempest *t, struct device *d, const struct kind *k,
		    const json_t *obs, struct wx_error *err)
{
	double utc_s = number(obs, 0), minutes = number(obs, k->minutes_at);
	struct wx_raw_row raw;

	/* No such device is older than 2015. */
	if (!(utc_s >= 1420070400 && utc_s < 4102444800)) {
		wx_rawlog_warn(&t->lines, WX_ROW_TIME,
			       "expected Unix seconds as the first value of "
			       "%s: left out",
			       k->type);
		return WX_OK;
	}
	if ((int64_t)utc_s == d->last_s) {
		t->n_copies++;
		return WX_OK;
	}
	d->last_s = (int64_t)utc_s;
	wx_raw_row_init(&raw);
	raw.obs.utc = (struct wx_time){ d->last_s * WX_NS_PER_S };
	if (minutes > 0 && minutes <= MAX_MINUTES)
		raw.obs.interval_s = minutes * 60;
	for (int key = 0; key < WX_N_KEYS; key++)
		wx_raw_row_set(&raw, key, number(obs, k->key_at[key]),
			       &t->lines);
	if (number(obs, k->fell_at) >= 2)
		wx_obs_flag(&raw.obs, "hail");
	raw.rain_step_mm = 0.01;
	t->n_rows++;
	return wx_rows_put(&d->rows, &raw, err);
}

static int read_message(struct tempest *t, const json_t *msg,
			struct wx_error *err)
{
	const char *type = wx_json_str(msg, "type", "");
	const char *serial = wx_json_str(msg, "serial_number", "");
	const json_t *list = json_object_get(msg, "obs");
	json_t *obs;
	size_t i;
	bool ours;
	int rc = WX_OK;

	for (size_t k = 0; k < N_KINDS; k++) {
		struct device *d = &t->device[k];

		if (strcmp(type, kinds[k].type) != 0)
			continue;
		if (!*serial || strlen(serial) >= SERIAL_SIZE) {
			wx_rawlog_warn(&t->lines, WX_ROW_WIDTH,
				       "expected a serial number of the "
				       "device: left out");
			return WX_OK;
		}
		rc = take_device(t, d, serial, &ours, err);
		if (rc || !ours)
			return rc;
		json_array_foreach(list, i, obs)
		{
			if (!rc)
				rc = read_obs(t, d, &kinds[k], obs, err);
		}
	}
	return rc;
}

static int read_line(struct tempest *t, const char *text, size_t n,
		     struct wx_error *err)
{
	const char *open = memchr(text, '{', n); /* behind a logger's stamp */
	size_t at = open ? (size_t)(open - text) : 0;
	char quoted[WX_QUOTE_SIZE];
	json_t *msg =
		json_loadb(text + at, n - at, JSON_REJECT_DUPLICATES, NULL);
	int rc = WX_OK;

	if (json_is_object(msg))
		rc = read_message(t, msg, err);
	else
		wx_rawlog_warn(&t->lines, WX_ROW_WIDTH,
			       "expected a JSON object, found '%s': left out",
			       wx_quote(text, n, quoted));
	json_decref(msg);
	return rc;
}

static int read_all(struct tempest *t, struct wx_error *err)
{
	char *text;
	size_t n;
	int rc;

	while ((rc = wx_rawlog_next(&t->lines, &text, &n, err)) == 1) {
		rc = read_line(t, text, n, err);
		if (rc)
			return rc;
	}
	if (!rc && !t->n_rows)
		return wx_fail(err, WX_ERR_FORMAT,
			       t->opts->sensor
				       ? "%s: expected obs_st, obs_sky or "
					 "obs_air of --sensor, found none"
				       : "%s: expected obs_st, obs_sky or "
					 "obs_air, found none",
			       t->lines.name);
	for (size_t k = 0; !rc && k < N_KINDS; k++)
		rc = wx_rows_end(&t->device[k].rows, err);
	return rc;
}

static int read_rows(FILE *in, const char *name,
		     const struct wx_station_opts *opts, wx_obs_fn *row,
		     void *ctx, struct wx_log *log, struct wx_error *err)
{
	struct tempest *t = calloc(1, sizeof(*t));
	int rc;

	if (!t)
		return wx_fail_nomem(err);
	t->opts = opts;
	rc = wx_rawlog_init(&t->lines, in, name, log, err);
	for (size_t k = 0; k < N_KINDS; k++) {
		wx_rows_init(&t->device[k].rows, &t->lines, opts,
			     WX_RAIN_INTERVAL, row, ctx);
		t->device[k].rows.settled = true; /* each row tells its own */
	}
	if (!rc)
		rc = read_all(t, err);
	if (!rc && t->n_copies)
		wx_warn(opts->notes, "%s: %ld messages were copies", name,
			t->n_copies);
	if (!rc && t->n_others)
		wx_warn(opts->notes, "%s: %ld messages of other devices", name,
			t->n_others);
	wx_rawlog_fini(&t->lines);
	free(t);
	return rc;
}

const struct wx_station_format wx_station_tempest = {
	.name = "tempest",
	.desc = "WeatherFlow Tempest, Sky and Air, a UDP message a line",
	.probe = probe,
	.read = read_rows,
};
