/* SPDX-License-Identifier: MIT */
/* formats/station/column.c: see column.h. */
#include "station/column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/instrument.h"
#include "base/text.h"
#include "station/registers.h"

/* Latin-1 takes up to two bytes a character in UTF-8. */
static char *copy_utf8(char *to, const struct wx_field *f)
{
	if (wx_utf8_valid(f->text, f->n)) {
		memcpy(to, f->text, f->n);
		to += f->n;
	} else {
		for (size_t i = 0; i < f->n; i++) {
			unsigned char c = (unsigned char)f->text[i];

			if (c >= 0x80)
				*to++ = (char)(0xc0 | c >> 6);
			*to++ = (char)(c < 0x80 ? c : 0x80 | (c & 0x3f));
		}
	}
	*to++ = '\0';
	return to;
}

int wx_header_init(struct wx_header *h, const struct wx_field *fields, int n,
		   struct wx_error *err)
{
	size_t size = 1;
	char *to;

	for (int i = 0; i < n; i++)
		size += 2 * fields[i].n + 1;
	h->n = n;
	h->text = malloc(size);
	h->name = calloc((size_t)n + 1, sizeof(*h->name));
	if (!h->text || !h->name) {
		wx_header_fini(h);
		return wx_fail_nomem(err);
	}
	to = h->text;
	for (int i = 0; i < n; i++) {
		h->name[i] = to;
		to = copy_utf8(to, &fields[i]);
	}
	return WX_OK;
}

void wx_header_fini(struct wx_header *h)
{
	free(h->text);
	free(h->name);
	*h = (struct wx_header){ 0 };
}

bool wx_header_same(const struct wx_header *h, const struct wx_field *fields,
		    int n)
{
	if (h->n != n)
		return false;
	for (int i = 0; i < n; i++)
		if (strcmp(h->name[i], fields[i].text) != 0)
			return false;
	return true;
}

void wx_header_list(const struct wx_header *h, char *buf, size_t size)
{
	char quoted[WX_QUOTE_SIZE];
	size_t n = 0;

	buf[0] = '\0';
	for (int i = 0; i < h->n; i++) {
		wx_quote(h->name[i], strlen(h->name[i]), quoted);
		if (n + strlen(quoted) + 30 > size) {
			snprintf(buf + n, size - n, " and %d more", h->n - i);
			return;
		}
		n += (size_t)snprintf(buf + n, size - n, "%s'%s'",
				      i ? ", " : "", quoted);
	}
}

const char *wx_columns_told(const struct wx_station_opts *opts, const char *key)
{
	return json_string_value(json_object_get(opts->columns, key));
}

bool wx_columns_has(const struct wx_columns *cols, int key)
{
	for (int i = 0; i < cols->n; i++)
		if (cols->col[i].key == key)
			return true;
	return false;
}

/* "Rain [in]" or "Rain (in)": where the unit is, and how long the name. */
static bool bracket(const char *text, size_t *n_name, const char **unit,
		    size_t *n_unit)
{
	size_t n = strlen(text);
	char open = n && text[n - 1] == ']' ? '[' : '(';
	const char *at;

	if (!n || (text[n - 1] != ']' && text[n - 1] != ')'))
		return false;
	at = strrchr(text, open);
	if (!at || at == text)
		return false;
	*unit = at + 1;
	*n_unit = (size_t)(text + n - 1 - *unit);
	while (at > text && at[-1] == ' ')
		at--;
	*n_name = (size_t)(at - text);
	return true;
}

static int find_name(const struct wx_header *h, const char *name, size_t n)
{
	for (int i = 0; i < h->n; i++)
		if (strlen(h->name[i]) == n && !memcmp(h->name[i], name, n))
			return i;
	return -1;
}

/* Column of that name, its unit text (not NULL: from the brackets) apart. */
static int find(const struct wx_header *h, const char *spec, int key,
		const char **unit, size_t *n_unit)
{
	size_t n = strlen(spec), n_name;
	int64_t number;
	int at = find_name(h, spec, n);

	(void)key;
	*unit = NULL;
	if (at >= 0) { /* the header's own brackets tell the unit */
		bracket(h->name[at], &n_name, unit, n_unit);
		return at;
	}
	if (bracket(spec, &n_name, unit, n_unit)) {
		at = find_name(h, spec, n_name);
		n = n_name;
	}
	if (at < 0 && spec[0] == '#' &&
	    wx_i64_parse(spec + 1, n - 1, &number) && number >= 1 &&
	    number <= h->n)
		return (int)number - 1;
	/* "Temp" for a column "Temp (C)", if there is one such. */
	for (int i = 0; at < 0 && !*unit && i < h->n; i++) {
		if (!bracket(h->name[i], &n_name, unit, n_unit))
			continue;
		if (n_name == n && !memcmp(h->name[i], spec, n))
			return i;
		*unit = NULL;
	}
	return at;
}

static int no_such(const struct wx_header *h, const char *key, const char *spec,
		   struct wx_rawlog *lines, struct wx_error *err)
{
	char list[500], quoted[WX_QUOTE_SIZE];

	wx_header_list(h, list, sizeof(list));
	return wx_rawlog_fail(lines, err, WX_ERR_FORMAT,
			      "no column '%s' for %s among %s",
			      wx_quote(spec, strlen(spec), quoted), key, list);
}

static int add_one(struct wx_columns *cols, const struct wx_header *h, int key,
		   const char *spec,
		   const char *(*file_unit)(void *ctx, int at), void *ctx,
		   struct wx_rawlog *lines, struct wx_error *err)
{
	const char *unit;
	size_t n_unit = 0;
	int at = find(h, spec, key, &unit, &n_unit);
	struct wx_column c = { .key = key, .at = at, .unit = { 1, 0 } };
	char quoted[WX_QUOTE_SIZE];

	if (at < 0)
		return no_such(h, wx_keys[key].name, spec, lines, err);
	if (!unit && file_unit) {
		unit = file_unit(ctx, at);
		n_unit = strlen(unit);
	}
	if (n_unit && !wx_unit_find(key, unit, n_unit, &c.unit))
		return wx_rawlog_fail(
			lines, err, WX_ERR_FORMAT,
			"column '%s': '%s' is no unit for %s; expected one of "
			"%s, as in --columns %s='%s [UNIT]'",
			h->name[at], wx_quote(unit, n_unit, quoted),
			wx_keys[key].name, wx_unit_list(key), wx_keys[key].name,
			h->name[at]);
	cols->col[cols->n++] = c;
	return WX_OK;
}

/* "Date+Time": two columns, unless one has that very name. */
static int add_time(struct wx_columns *cols, const struct wx_header *h,
		    const char *spec, struct wx_rawlog *lines,
		    struct wx_error *err)
{
	const char *unit, *plus = strchr(spec, '+');
	size_t n_unit;

	cols->time = find(h, spec, -1, &unit, &n_unit);
	cols->time2 = -1;
	if (cols->time < 0 && plus) {
		cols->time = find_name(h, spec, (size_t)(plus - spec));
		cols->time2 = find_name(h, plus + 1, strlen(plus + 1));
	}
	if (cols->time < 0 ||
	    (cols->time2 < 0 && plus && find_name(h, spec, strlen(spec)) < 0))
		return no_such(h, "time", spec, lines, err);
	return WX_OK;
}

int wx_columns_add_told(struct wx_columns *cols, const struct wx_header *h,
			const struct wx_station_opts *opts,
			const char *(*file_unit)(void *ctx, int at), void *ctx,
			struct wx_rawlog *lines, struct wx_error *err)
{
	const char *spec = wx_columns_told(opts, "time");
	int rc = spec ? add_time(cols, h, spec, lines, err) : WX_OK;

	for (int k = 0; !rc && k < WX_N_KEYS; k++) {
		spec = wx_columns_told(opts, wx_keys[k].name);
		if (spec && strcmp(spec, "-") != 0)
			rc = add_one(cols, h, k, spec, file_unit, ctx, lines,
				     err);
	}
	return rc;
}

int wx_columns_add_plain(struct wx_columns *cols, const struct wx_header *h,
			 const struct wx_station_opts *opts,
			 struct wx_rawlog *lines, struct wx_error *err)
{
	cols->interval = find_name(h, "interval_s", 10);
	for (int i = 0; i < h->n; i++) {
		int key = wx_key_find(h->name[i], strlen(h->name[i]));
		int first = find_name(h, h->name[i], strlen(h->name[i]));

		if (key < 0 || wx_columns_told(opts, wx_keys[key].name))
			continue;
		if (first != i)
			return wx_rawlog_fail(
				lines, err, WX_ERR_FORMAT,
				"columns %d and %d are both named '%s'; say "
				"which: --columns %s='#%d'",
				first + 1, i + 1, h->name[i], h->name[i],
				first + 1);
		if (!wx_columns_has(cols, key))
			cols->col[cols->n++] = (struct wx_column){
				.key = key, .at = i, .unit = { 1, 0 }
			};
	}
	return WX_OK;
}

double wx_columns_interval(const struct wx_columns *cols,
			   const struct wx_field *fields)
{
	double s;

	if (cols->interval < 0 || !wx_f64_parse(fields[cols->interval].text,
						fields[cols->interval].n, &s))
		return NAN;
	return s >= 0 && s <= WX_S_PER_DAY ? s : NAN;
}

/* Words that loggers write where there is no value. */
static bool is_missing_word(const char *text, size_t n)
{
	static const char *const words[] = { "nan",  "na",  "n/a",  "null",
					     "none", "inf", "-inf", "+inf",
					     "nil",  "-",   "--",   "---" };

	for (size_t i = 0; i < WX_COUNT(words); i++)
		if (strlen(words[i]) == n && !strncasecmp(words[i], text, n))
			return true;
	return n == 0;
}

/* Numbers that stand for "no value" wherever they cannot be one. */
static bool is_missing_code(double v)
{
	static const double codes[] = { 7999,       6999,       9999,   999,
					99.99,      99.9,       32767,  32768,
					2147483647, 2147483648, 9999999 };

	for (size_t i = 0; i < WX_COUNT(codes); i++)
		if (fabs(v) == codes[i])
			return true;
	return false;
}

static bool is_campbell_missing(double v)
{
	return fabs(v) == 7999 || fabs(v) == 2147483648;
}

/* The weight of the last digit printed. */
static double last_digit(const struct wx_field *f)
{
	static const double weight[] = { 1,    1e-1, 1e-2, 1e-3, 1e-4,
					 1e-5, 1e-6, 1e-7, 1e-8, 1e-9 };
	const char *dot = memchr(f->text, '.', f->n);
	size_t n = dot ? (size_t)(f->text + f->n - dot - 1) : 0;

	return weight[n < WX_COUNT(weight) ? n : WX_COUNT(weight) - 1];
}

bool wx_column_number(const struct wx_column *c, const struct wx_field *fields,
		      double *out)
{
	const struct wx_field *f = &fields[c->at];

	if (c->reg)
		return wx_register_read(
			c->reg, f, c->at2 < 0 ? NULL : &fields[c->at2], out);
	return wx_f64_parse(f->text, f->n, out);
}

static double to_number(const struct wx_columns *cols,
			const struct wx_column *c, struct wx_field *fields,
			const struct wx_header *h, struct wx_rawlog *lines)
{
	const struct wx_field *f = &fields[c->at];
	char quoted[WX_QUOTE_SIZE];
	double v, raw;

	if (cols->decimal_comma && !c->reg) {
		char *comma = memchr(f->text, ',', f->n);

		if (comma)
			*comma = '.';
	}
	if (c->key == WX_KEY_DIR && wx_compass(f->text, f->n, &raw))
		return raw;
	if (!wx_column_number(c, fields, &raw)) {
		if (!is_missing_word(f->text, f->n))
			wx_rawlog_warn(lines, WX_ROW_NUMBER,
				       "column '%s': expected a number, found "
				       "'%s': taken as missing",
				       h->name[c->at],
				       wx_quote(f->text, f->n, quoted));
		return NAN;
	}
	if (isnan(raw) || (cols->campbell && is_campbell_missing(raw)))
		return NAN;
	v = c->unit.scale ? raw * c->unit.scale + c->unit.offset
			  : wx_vane_deg(raw);
	if (wx_key_believes(c->key, v))
		return v;
	if (!c->unit.scale)
		wx_rawlog_warn(lines, WX_ROW_RANGE,
			       "column '%s': %g ohm is none of the vane's "
			       "steps: taken as missing",
			       h->name[c->at], raw);
	else if (!is_missing_code(raw))
		wx_rawlog_warn(lines, WX_ROW_RANGE,
			       "column '%s': %s %g is not believable: taken as "
			       "missing; is the unit right?",
			       h->name[c->at], wx_keys[c->key].name, v);
	return NAN;
}

void wx_columns_read(const struct wx_columns *cols, struct wx_field *fields,
		     const struct wx_header *h, struct wx_rawlog *lines,
		     struct wx_raw_row *out)
{
	wx_obs_init(&out->obs);
	out->rain_step_mm = NAN;
	for (int i = 0; i < cols->n; i++) {
		const struct wx_column *c = &cols->col[i];
		double v = to_number(cols, c, fields, h, lines);

		if (c->key == WX_KEY_DIR && v > 360) {
			wx_rawlog_warn(lines, WX_ROW_WRAP,
				       "column '%s': direction %g is past 360: "
				       "taken as %g",
				       h->name[c->at], v, v - 360);
			v -= 360;
		}
		if (c->key == WX_KEY_RAIN)
			out->rain_step_mm =
				last_digit(&fields[c->at]) * c->unit.scale;
		*wx_key_value(&out->obs, c->key) = v;
	}
}

/* ---- as an option ---- */

static bool is_key(const char *text, size_t n)
{
	return (n == 4 && !memcmp(text, "time", 4)) ||
	       wx_key_find(text, n) >= 0;
}

int wx_columns_parse(const char *text, json_t *map, struct wx_error *err)
{
	while (*text) {
		size_t n_key = strcspn(text, "=");
		const char *from = text + n_key + 1, *end = from;

		if (text[n_key] != '=' || !is_key(text, n_key))
			return wx_fail(err, WX_ERR_FORMAT,
				       "expected KEY=COLUMN, KEY one of time "
				       "and the table's columns, found '%s'",
				       text);
		while (*end &&
		       !(*end == ',' && is_key(end + 1, strcspn(end + 1, "="))))
			end++;
		if (end == from)
			return wx_fail(err, WX_ERR_FORMAT,
				       "no column given in '%s'; '-' is none",
				       text);
		if (json_object_setn_new(
			    map, text, n_key,
			    json_stringn(from, (size_t)(end - from))))
			return wx_fail(err, WX_ERR_FORMAT, "not UTF-8");
		text = *end ? end + 1 : end;
	}
	return WX_OK;
}
