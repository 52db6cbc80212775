/* SPDX-License-Identifier: MIT */
/* formats/station/told.c: see told.h. */
#include "station/told.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "station/column.h"

void wx_told_init(struct wx_told *t)
{
	*t = (struct wx_told){ .interval_s = NAN,
			       .modulus = NAN,
			       .bucket_mm = NAN,
			       .cups = { .m_s_per_hz = NAN } };
}

void wx_told_fini(struct wx_told *t)
{
	wx_zone_free(t->zone_data);
	json_decref(t->map);
	json_decref(t->reg_file);
}

static int one_of(const char *option, const char *value, const char *choices,
		  struct wx_error *err)
{
	char *found = value ? wx_strf("|%s|", value) : NULL;
	bool ok = !value ||
		  (found && !strchr(value, '|') && strstr(choices, found));

	free(found);
	return ok ? WX_OK
		  : wx_fail(err, WX_ERR_RANGE,
			    "--%s: expected %.*s, found '%s'", option,
			    (int)strlen(choices) - 2, choices + 1, value);
}

static int parse_words(const struct wx_told *t, struct wx_error *err)
{
	int rc = one_of("stamp", t->stamp, "|start|end|", err);

	if (!rc)
		rc = one_of("rain-kind", t->rain_kind,
			    "|interval|cumulative|tips|", err);
	return rc ? rc
		  : one_of("date-order", t->date_order, "|dmy|mdy|ymd|", err);
}

static int parse_zone(struct wx_told *t, struct wx_error *err)
{
	struct wx_error why = { 0 };

	if (t->zone && t->utc_offset)
		return wx_fail(err, WX_ERR_RANGE,
			       "--zone or --utc-offset, not both");
	if (t->utc_offset && wx_offset_parse(t->utc_offset, &t->offset_s, &why))
		return wx_fail(err, WX_ERR_RANGE, "--utc-offset: %s", why.text);
	t->has_offset = t->utc_offset != NULL;
	if (t->zone && wx_zone_read(t->zone, &t->zone_data, &why))
		return wx_fail(err, WX_ERR_RANGE, "--zone: %s", why.text);
	return WX_OK;
}

static int parse_date(const struct wx_told *t, struct wx_error *err)
{
	struct wx_error why = { 0 };
	int64_t day;

	return t->date && wx_day_parse(t->date, &day, &why)
		       ? wx_fail(err, WX_ERR_RANGE, "--date: %s", why.text)
		       : WX_OK;
}

int wx_told_parse(struct wx_told *t, struct wx_error *err)
{
	struct wx_error why = { 0 };
	int rc = parse_words(t, err);

	if (!rc)
		rc = wx_instruments_parse(t->bucket, &t->bucket_mm, t->cup,
					  &t->cups, err);
	if (!rc)
		rc = parse_zone(t, err);
	if (!rc)
		rc = parse_date(t, err);
	t->map = json_object();
	if (!rc && !t->map)
		rc = wx_fail_nomem(err);
	for (int i = 0; !rc && i < t->columns.n; i++)
		if (wx_columns_parse(t->columns.v[i], t->map, &why))
			rc = wx_fail(err, WX_ERR_RANGE, "--columns: %s",
				     why.text);
	if (!rc && t->registers)
		rc = wx_json_read(t->registers, "registers", &t->reg_file, err);
	return rc;
}

static void from_site(const struct wx_site_station *s,
		      struct wx_station_opts *opts)
{
	opts->has_offset = s->has_offset;
	opts->offset_s = s->offset_s;
	opts->date_order = s->date_order;
	opts->date = s->date;
	opts->time_format = s->time_format;
	opts->skip_lines = s->skip_lines;
	opts->sensor = s->sensor;
	opts->stamp_start = s->stamp_start;
	opts->interval_s = s->interval_s;
	opts->bucket_mm = s->bucket_mm;
	opts->modulus = s->modulus;
	opts->rain_kind = s->rain_kind;
	opts->m_s_per_hz = s->cup.m_s_per_hz;
	opts->cup_offset_m_s = s->cup.offset_m_s;
}

static void over(const struct wx_told *t, struct wx_station_opts *opts)
{
	if (t->stamp)
		opts->stamp_start = !strcmp(t->stamp, "start");
	if (t->rain_kind)
		opts->rain_kind = t->rain_kind;
	if (t->sensor)
		opts->sensor = t->sensor;
	if (t->time_format)
		opts->time_format = t->time_format;
	if (t->skip_lines)
		opts->skip_lines = t->skip_lines;
	if (t->date)
		opts->date = t->date;
	if (t->date_order)
		opts->date_order = t->date_order;
	if (!isnan(t->interval_s))
		opts->interval_s = t->interval_s;
	if (!isnan(t->modulus))
		opts->modulus = t->modulus;
	if (!isnan(t->bucket_mm))
		opts->bucket_mm = t->bucket_mm;
	if (!isnan(t->cups.m_s_per_hz)) {
		opts->m_s_per_hz = t->cups.m_s_per_hz;
		opts->cup_offset_m_s = t->cups.offset_m_s;
	}
}

int wx_told_opts(const struct wx_told *t, const struct wx_site_station *s,
		 struct wx_told_opts *out, struct wx_error *err)
{
	struct wx_station_opts *opts = &out->opts;

	wx_station_opts_init(opts);
	out->map = json_copy(t->map);
	if (!out->map)
		return wx_fail_nomem(err);
	if (s) {
		from_site(s, opts);
		if (s->columns &&
		    json_object_update_missing(out->map, (json_t *)s->columns))
			return wx_fail_nomem(err);
	}
	if (t->has_offset || t->zone_data) {
		opts->has_offset = t->has_offset;
		opts->offset_s = t->offset_s;
		opts->zone = t->zone_data;
	} else if (s && s->zone) {
		if (wx_zone_read(s->zone, &out->zone, err))
			return err->code;
		opts->zone = out->zone;
	}
	over(t, opts);
	opts->registers = t->reg_file;
	if (!t->reg_file && s && s->registers) {
		if (wx_json_read(s->registers, "registers", &out->reg_file,
				 err))
			return err->code;
		opts->registers = out->reg_file;
	}
	opts->columns = json_object_size(out->map) ? out->map : NULL;
	return WX_OK;
}

void wx_told_opts_fini(struct wx_told_opts *o)
{
	wx_zone_free(o->zone);
	json_decref(o->map);
	json_decref(o->reg_file);
}
