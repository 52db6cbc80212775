/* SPDX-License-Identifier: MIT */
/* lib/clock/exchange.c: lines of clock.jsonl, written and read. */
#include "clock/exchange.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* A slower answer says nothing of the time that wx-align could use. */
#define MAX_DELAY_US INT64_C(60000000)
/* 1970 to 2262: keeps every later sum of microseconds in 64 bits. */
#define MAX_UTC_US INT64_C(9000000000000000)

static const char *const host_words[] = {
	[WX_HOST_UNKNOWN] = "unknown",
	[WX_HOST_FREE] = "free",
	[WX_HOST_SYNCED] = "synced",
};

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
	bad |= json_object_set_new(o, "host", json_string(host_words[x->host]));
	if (!isnan(x->host_err_ms))
		bad |= json_object_set_new(o, "host_err_ms",
					   json_real(x->host_err_ms));
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

static double number(const json_t *line, const char *key)
{
	const json_t *v = json_object_get(line, key);

	return json_is_number(v) && json_number_value(v) >= 0
		       ? json_number_value(v)
		       : NAN;
}

static void read_optional(const json_t *line, struct wx_exchange *x)
{
	const json_t *r = json_object_get(line, "r");
	const char *s = json_string_value(json_object_get(line, "s"));
	const char *host = json_string_value(json_object_get(line, "host"));

	x->r_us = json_is_integer(r) ? json_integer_value(r) : INT64_MIN;
	if (s && strlen(s) < sizeof(x->source))
		memcpy(x->source, s, strlen(s) + 1);
	x->error_ms = number(line, "e");
	x->host_err_ms = number(line, "host_err_ms");
	for (int i = 0; host && i < (int)WX_COUNT(host_words); i++)
		if (!strcmp(host, host_words[i]))
			x->host = (enum wx_host_clock)i;
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
