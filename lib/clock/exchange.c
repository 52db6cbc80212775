/* SPDX-License-Identifier: MIT */
/* lib/clock/exchange.c: lines of clock.jsonl, written and read. */
#include "clock/exchange.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/json.h"

/* A slower answer says nothing of the time that wx-align could use. */
#define MAX_DELAY_US INT64_C(60000000)
/* 1970 to 2262: keeps every later sum of microseconds in 64 bits. */
#define MAX_UTC_US INT64_C(9000000000000000)

json_t *wx_exchange_json(const struct wx_exchange *x)
{
	json_t *o = json_object();
	int bad = !o;

	bad |= json_object_set_new(o, "t1", json_integer(x->t1_us));
	bad |= json_object_set_new(o, "t4", json_integer(x->t4_us));
	bad |= json_object_set_new(o, "b", json_integer(x->boot));
	bad |= json_object_set_new(o, "m2", json_integer(x->m2_us));
	bad |= json_object_set_new(o, "m3", json_integer(x->m3_us));
	if (x->r_us != INT64_MIN)
		bad |= json_object_set_new(o, "r", json_integer(x->r_us));
	if (x->source[0])
		bad |= json_object_set_new(o, "s", json_string(x->source));
	if (!isnan(x->error_ms))
		bad |= json_object_set_new(o, "e", json_real(x->error_ms));
	bad |= json_object_set_new(o, "host_synced",
				   json_boolean(x->host_synced));
	if (x->host_est_err_us >= 0)
		bad |= json_object_set_new(o, "host_est_err_us",
					   json_integer(x->host_est_err_us));
	if (x->host_max_err_us >= 0)
		bad |= json_object_set_new(o, "host_max_err_us",
					   json_integer(x->host_max_err_us));
	if (bad) {
		json_decref(o);
		return NULL;
	}
	return o;
}

static int need(const json_t *line, const char *key, int64_t max, int64_t *out,
		struct wx_error *err)
{
	const json_t *v = json_object_get(line, key);

	if (!json_is_integer(v))
		return wx_fail(err, WX_ERR_FORMAT,
			       "a clock exchange needs %s, an integer", key);
	*out = json_integer_value(v);
	if (*out < 0 || *out > max)
		return wx_fail(err, WX_ERR_RANGE,
			       "%s is %lld, expected 0 to %lld", key,
			       (long long)*out, (long long)max);
	return WX_OK;
}

/* 0 or more; anything else counts as not told. */
static int64_t optional(const json_t *line, const char *key)
{
	const json_t *v = json_object_get(line, key);

	return json_is_integer(v) && json_integer_value(v) >= 0
		       ? json_integer_value(v)
		       : -1;
}

static void read_optional(const json_t *line, struct wx_exchange *x)
{
	const json_t *r = json_object_get(line, "r");
	const json_t *e = json_object_get(line, "e");
	const char *s = json_string_value(json_object_get(line, "s"));

	x->r_us = json_is_integer(r) ? json_integer_value(r) : INT64_MIN;
	x->error_ms = json_is_number(e) && json_number_value(e) >= 0
			      ? json_number_value(e)
			      : NAN;
	if (s && strlen(s) < sizeof(x->source))
		memcpy(x->source, s, strlen(s) + 1);
	x->host_synced = json_is_true(json_object_get(line, "host_synced"));
	x->host_est_err_us = optional(line, "host_est_err_us");
	x->host_max_err_us = optional(line, "host_max_err_us");
}

int wx_exchange_parse(const json_t *line, struct wx_exchange *out,
		      struct wx_error *err)
{
	struct wx_exchange x = { 0 };
	int64_t delay_us;
	int rc = need(line, "t1", MAX_UTC_US, &x.t1_us, err);

	if (rc == WX_OK)
		rc = need(line, "t4", MAX_UTC_US, &x.t4_us, err);
	if (rc == WX_OK)
		rc = need(line, "b", INT64_MAX, &x.boot, err);
	if (rc == WX_OK)
		rc = need(line, "m2", MAX_UTC_US, &x.m2_us, err);
	if (rc == WX_OK)
		rc = need(line, "m3", MAX_UTC_US, &x.m3_us, err);
	if (rc != WX_OK)
		return rc;
	delay_us = (x.t4_us - x.t1_us) - (x.m3_us - x.m2_us);
	if (x.t4_us < x.t1_us || x.m3_us < x.m2_us || delay_us < 0 ||
	    delay_us > MAX_DELAY_US)
		return wx_fail(err, WX_ERR_RANGE,
			       "a clock exchange with a delay of %lld us: "
			       "expected 0 to %lld",
			       (long long)delay_us, (long long)MAX_DELAY_US);
	read_optional(line, &x);
	*out = x;
	return WX_OK;
}

static int add_line(void *ctx, json_t *obj, long line, struct wx_error *err)
{
	struct wx_exchanges *e = ctx;

	(void)line;
	if (WX_GROW(&e->x, &e->size, e->n + 1, err))
		return WX_ERR_NOMEM;
	if (wx_exchange_parse(obj, &e->x[e->n], NULL) == WX_OK)
		e->n++;
	else
		e->n_bad++;
	return WX_OK;
}

int wx_exchanges_read(const char *path, struct wx_exchanges *out,
		      struct wx_log *log, struct wx_error *err)
{
	int rc;

	*out = (struct wx_exchanges){ 0 };
	rc = wx_jsonl_read(path, NULL, add_line, out, log, err);
	if (out->n_bad)
		wx_warn(log,
			"%s: passed over %zu exchanges that cannot be "
			"true",
			path, out->n_bad);
	if (rc != WX_OK)
		wx_exchanges_fini(out);
	return rc;
}

void wx_exchanges_fini(struct wx_exchanges *e)
{
	free(e->x);
	*e = (struct wx_exchanges){ 0 };
}
