/* SPDX-License-Identifier: MIT */
/* formats/node/eifw_text.c: see eifw_text.h. */
#include "node/eifw_text.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"

#define WANTED_HZ 16000.0

enum {
	MIN_SECRET = 4, /* shorter ones would tear up any text */
	MAX_SECRETS = 64,
	LINE_SIZE = 512, /* the rest of a line is not looked at */
};

static const char set[] = "(set)", not_shown[] = "(not shown)";
static const char hidden[] = "(secret)";

/* ---- lines ---- */

/* The next line of text[*at..n), without its end; false: none. */
static bool next_line(const char *text, size_t n, size_t *at, const char **line,
		      size_t *n_line)
{
	size_t to = *at;

	if (*at >= n)
		return false;
	while (to < n && text[to] != '\n' && text[to] != '\r')
		to++;
	*line = text + *at;
	*n_line = to - *at;
	*at = to + 1;
	return true;
}

static void trim(const char **text, size_t *n)
{
	while (*n && isspace((unsigned char)**text)) {
		(*text)++;
		(*n)--;
	}
	while (*n && isspace((unsigned char)(*text)[*n - 1]))
		(*n)--;
}

/* "key: value", of which the value may hold colons. */
static bool split(const char *line, size_t n, const char **key, size_t *n_key,
		  const char **value, size_t *n_value)
{
	const char *colon = memchr(line, ':', n);

	if (!colon)
		return false;
	*key = line;
	*n_key = (size_t)(colon - line);
	*value = colon + 1;
	*n_value = n - *n_key - 1;
	trim(key, n_key);
	trim(value, n_value);
	return *n_key > 0;
}

static bool is_text(const char *text, size_t n, const char *other)
{
	return n == strlen(other) && strncasecmp(text, other, n) == 0;
}

static const char *find(const char *text, size_t n, const char *what)
{
	return memmem(text, n, what, strlen(what));
}

/* ---- secrets ---- */

void wx_eifw_secrets_fini(struct wx_eifw_secrets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		explicit_bzero(s->text[i], strlen(s->text[i]));
		free(s->text[i]);
	}
	free(s->text);
	*s = (struct wx_eifw_secrets){ 0 };
}

static bool is_secret_key(const char *key, size_t n)
{
	static const char *const words[] = { "key",  "pass",   "secret",
					     "hmac", "token",  "psk",
					     "auth", "credent" };
	char lower[LINE_SIZE];

	n = n < sizeof(lower) ? n : sizeof(lower) - 1;
	for (size_t i = 0; i < n; i++)
		lower[i] = (char)tolower((unsigned char)key[i]);
	for (size_t i = 0; i < WX_COUNT(words); i++)
		if (find(lower, n, words[i]))
			return true;
	return false;
}

static int add_one(struct wx_eifw_secrets *s, const char *text, size_t n,
		   struct wx_error *err)
{
	if (n < MIN_SECRET || s->n >= MAX_SECRETS)
		return WX_OK;
	for (size_t i = 0; i < s->n; i++)
		if (strlen(s->text[i]) == n && !memcmp(text, s->text[i], n))
			return WX_OK;
	if (WX_GROW(&s->text, &s->room, s->n + 1, err))
		return WX_ERR_NOMEM;
	s->text[s->n] = strndup(text, n);
	if (!s->text[s->n])
		return wx_fail_nomem(err);
	s->n++;
	return WX_OK;
}

/* Where a bad line brought NULs, each part is one. */
static int add_secret(struct wx_eifw_secrets *s, const char *text, size_t n,
		      struct wx_error *err)
{
	int rc = WX_OK;

	for (size_t at = 0, part; at < n && !rc; at += part + 1) {
		part = strnlen(text + at, n - at);
		rc = add_one(s, text + at, part, err);
	}
	return rc;
}

/* How many bytes at text are a secret: of two that begin alike, the longer. */
static size_t secret_at(const struct wx_eifw_secrets *s, const char *text,
			size_t n)
{
	size_t len = 3, most = 0;

	for (size_t i = 0; i < s->n; i++) {
		size_t k = strlen(s->text[i]);

		if (k > most && k <= n && !memcmp(text, s->text[i], k))
			most = k;
	}
	if (most)
		return most;
	/* An API key, of whatever project. */
	if (n < 11 || memcmp(text, "ei_", 3) != 0)
		return 0;
	while (len < n && isalnum((unsigned char)text[len]))
		len++;
	return len >= 11 ? len : 0;
}

const char *wx_eifw_quote(const struct wx_eifw_secrets *s, const char *text,
			  size_t n, char buf[WX_QUOTE_SIZE])
{
	char clean[LINE_SIZE];
	size_t to = 0;

	for (size_t i = 0; i < n && to + sizeof(hidden) < sizeof(clean);) {
		size_t k = secret_at(s, text + i, n - i);

		if (k) {
			memcpy(clean + to, hidden, sizeof(hidden) - 1);
			to += sizeof(hidden) - 1;
			i += k;
		} else {
			clean[to++] = text[i++];
		}
	}
	return wx_quote(clean, to, buf);
}

/* ---- AT+CONFIG? ---- */

static void copy(char out[WX_EIFW_TEXT], const struct wx_eifw_secrets *s,
		 const char *text, size_t n)
{
	char quoted[WX_QUOTE_SIZE];

	snprintf(out, WX_EIFW_TEXT, "%.*s", WX_EIFW_TEXT - 1,
		 wx_eifw_quote(s, text, n, quoted));
}

/* "[62.50Hz, 100.00Hz]" */
static void read_rates(struct wx_eifw_sensor *s, const char *text, size_t n)
{
	size_t at = 0;

	while (at < n && s->n_rates < WX_EIFW_RATES) {
		size_t from, to;
		double hz;

		for (from = at; from < n && !isdigit((unsigned char)text[from]);
		     from++)
			;
		for (to = from; to < n && (isdigit((unsigned char)text[to]) ||
					   text[to] == '.');
		     to++)
			;
		if (wx_f64_parse(text + from, to - from, &hz) && hz > 0 &&
		    hz <= 1e6)
			s->rate_hz[s->n_rates++] = hz;
		at = to + 1;
	}
}

/* "Built-in microphone, Max sample length: 61s, Frequencies: [16000.00Hz]" */
static void read_sensor(struct wx_eifw_config *c, const char *text, size_t n)
{
	static const char length[] = "Max sample length:";
	static const char rates[] = "Frequencies:";
	const char *comma = memchr(text, ',', n);
	const char *p;
	size_t n_name = comma ? (size_t)(comma - text) : n, k;
	struct wx_eifw_sensor *s = &c->sensor[c->n_sensors];
	char *end;

	if (c->n_sensors == WX_EIFW_SENSORS)
		return;
	*s = (struct wx_eifw_sensor){ .max_s = NAN };
	trim(&text, &n_name);
	if (!n_name || n_name >= sizeof(s->name))
		return;
	for (k = 0; k < n_name; k++)
		if (text[k] < 0x20 || text[k] > 0x7e)
			return; /* it could not be asked for */
	memcpy(s->name, text, n_name);
	p = find(text, n, length);
	if (p) {
		char number[24];

		p += sizeof(length) - 1;
		snprintf(number, sizeof(number), "%.*s",
			 (int)(n - (size_t)(p - text)), p);
		s->max_s = strtod(number, &end);
		if (end == number || !(s->max_s >= 0 && s->max_s < 1e9))
			s->max_s = NAN;
	}
	p = find(text, n, rates);
	if (p)
		read_rates(s, p, n - (size_t)(p - text));
	c->n_sensors++;
}

static void read_known(struct wx_eifw_config *c,
		       const struct wx_eifw_secrets *s, const char *section,
		       const char *key, size_t n_key, const char *v, size_t n)
{
	bool device = strcasecmp(section, "Device info") == 0;
	int64_t baud;

	if (strcasecmp(section, "Sensors") == 0) {
		if (is_text(key, n_key, "Name"))
			read_sensor(c, v, n);
	} else if (!device) {
		return;
	} else if (is_text(key, n_key, "ID")) {
		copy(c->id, s, v, n);
	} else if (is_text(key, n_key, "Type")) {
		copy(c->type, s, v, n);
	} else if (is_text(key, n_key, "AT Version")) {
		copy(c->version, s, v, n);
	} else if (is_text(key, n_key, "Data Transfer Baudrate") &&
		   wx_i64_parse(v, n, &baud) && baud > 0 && baud <= 12000000) {
		c->data_baud = (int)baud;
	}
}

/*
 * Only what is known to be harmless is shown: a firmware may have secrets under
 * names of its own, and a bad line may change a name or join two lines.
 */
static const char *value_shown(const struct wx_eifw_secrets *s, const char *key,
			       size_t n_key, const char *v, size_t n,
			       char buf[WX_QUOTE_SIZE])
{
	static const char *const harmless[] = {
		"ID",      "Type",      "AT Version", "Data Transfer Baudrate",
		"Present", "SSID",      "Security",   "MAC",
		"Label",   "Connected", "Interval",   "Length",
		"Host",    "Path",      "URL",
	};

	if (!n)
		return "";
	if (is_secret_key(key, n_key))
		return set;
	for (size_t i = 0; i < WX_COUNT(harmless); i++)
		if (is_text(key, n_key, harmless[i]) && !memchr(v, '@', n) &&
		    !is_secret_key(v, n))
			return wx_eifw_quote(s, v, n, buf);
	return not_shown;
}

static int show(struct wx_eifw_config *c, const struct wx_eifw_secrets *s,
		const char *section, const char *key, size_t n_key,
		const char *v, size_t n, struct wx_error *err)
{
	char name[WX_EIFW_TEXT], quoted[WX_QUOTE_SIZE];
	json_t *of = json_object_get(c->shown, section);
	int bad = 0;

	copy(name, s, key, n_key);
	if (!of) {
		of = json_object();
		bad = json_object_set_new(c->shown, section, of);
	}
	if (!bad)
		bad = json_object_set_new(
			of, name,
			json_string(value_shown(s, key, n_key, v, n, quoted)));
	return bad ? wx_fail_nomem(err) : WX_OK;
}

/* "===== WIFI =====" */
static bool is_section(const char *line, size_t n)
{
	return n > 2 && line[0] == '=';
}

static void section_name(const struct wx_eifw_secrets *s, const char *line,
			 size_t n, char out[WX_EIFW_TEXT])
{
	while (n && (*line == '=' || *line == ' ')) {
		line++;
		n--;
	}
	while (n && (line[n - 1] == '=' || isspace((unsigned char)line[n - 1])))
		n--;
	copy(out, s, line, n);
}

/* Secrets first: they may stand in any other line, too. */
static int find_secrets(const char *text, size_t n, struct wx_eifw_secrets *s,
			struct wx_error *err)
{
	const char *line, *key, *v;
	size_t at = 0, n_line, n_key, n_v;
	int rc = WX_OK;

	while (!rc && next_line(text, n, &at, &line, &n_line))
		if (split(line, n_line, &key, &n_key, &v, &n_v) &&
		    is_secret_key(key, n_key))
			rc = add_secret(s, v, n_v, err);
	return rc;
}

int wx_eifw_config_read(const char *text, size_t n,
			struct wx_eifw_secrets *secrets,
			struct wx_eifw_config *out, struct wx_error *err)
{
	char section[WX_EIFW_TEXT] = "";
	const char *line, *key, *v;
	size_t at = 0, n_line, n_key, n_v;
	int rc;

	*out = (struct wx_eifw_config){ .shown = json_object() };
	rc = out->shown ? find_secrets(text, n, secrets, err)
			: wx_fail_nomem(err);
	while (!rc && next_line(text, n, &at, &line, &n_line)) {
		trim(&line, &n_line);
		n_line = n_line < LINE_SIZE ? n_line : LINE_SIZE;
		if (is_section(line, n_line)) {
			section_name(secrets, line, n_line, section);
		} else if (*section &&
			   split(line, n_line, &key, &n_key, &v, &n_v)) {
			read_known(out, secrets, section, key, n_key, v, n_v);
			if (strcasecmp(section, "Sensors") != 0)
				rc = show(out, secrets, section, key, n_key, v,
					  n_v, err);
		}
	}
	if (!rc &&
	    sscanf(out->version, "%5d.%5d", &out->major, &out->minor) != 2)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "its configuration tells no AT Version: is this "
			     "Edge Impulse firmware?");
	return rc;
}

void wx_eifw_config_fini(struct wx_eifw_config *c)
{
	json_decref(c->shown);
	*c = (struct wx_eifw_config){ 0 };
}

bool wx_eifw_config_has(const struct wx_eifw_config *c, int major, int minor)
{
	return c->major > major || (c->major == major && c->minor >= minor);
}

int wx_eifw_sensor_find(const struct wx_eifw_config *c, const char *name,
			const struct wx_eifw_sensor **out, struct wx_error *err)
{
	char list[WX_QUOTE_SIZE] = "";
	size_t at = 0;

	for (size_t i = 0; i < c->n_sensors; i++) {
		const struct wx_eifw_sensor *s = &c->sensor[i];

		if (name ? strcmp(s->name, name) == 0
			 : strcasestr(s->name, "audio") ||
				    strcasestr(s->name, "microphone")) {
			*out = s;
			return WX_OK;
		}
		if (at < sizeof(list))
			at += (size_t)snprintf(list + at, sizeof(list) - at,
					       "%s'%s'", i ? ", " : "",
					       s->name);
	}
	return wx_fail(err, WX_ERR_FORMAT,
		       "it has no sensor %s%s%s; it has %s: name one of them "
		       "in site.json, \"record\": {\"sensor\": ...}",
		       name ? "'" : "with ", name ? name : "audio in its name",
		       name ? "'" : "", *list ? list : "none");
}

double wx_eifw_rate_hz(const struct wx_eifw_sensor *s)
{
	double best = NAN;

	for (size_t i = 0; i < s->n_rates; i++)
		if (isnan(best) ||
		    fabs(s->rate_hz[i] - WANTED_HZ) < fabs(best - WANTED_HZ))
			best = s->rate_hz[i];
	return best;
}

json_t *wx_eifw_config_info(const struct wx_eifw_config *c)
{
	json_t *out = json_pack("{s:s, s:s, s:s}", "id", c->id, "fw",
				c->version, "type", c->type);
	json_t *sensors = json_array();
	int bad = !out || !sensors;

	for (size_t i = 0; i < c->n_sensors && !bad; i++) {
		const struct wx_eifw_sensor *s = &c->sensor[i];
		json_t *rates = json_array();
		json_t *one = json_pack("{s:s}", "name", s->name);

		for (size_t k = 0; k < s->n_rates; k++)
			bad |= json_array_append_new(rates,
						     json_real(s->rate_hz[k]));
		if (!isnan(s->max_s))
			bad |= json_object_set_new(one, "max_s",
						   json_real(s->max_s));
		bad |= json_object_set_new(one, "rates_hz", rates);
		bad |= json_array_append_new(sensors, one);
	}
	bad |= json_object_set_new(out, "sensors", sensors);
	bad |= json_object_set(out, "config", c->shown);
	if (bad) {
		json_decref(out);
		out = NULL;
	}
	return out;
}
