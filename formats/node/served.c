/* SPDX-License-Identifier: MIT */
/* formats/node/served.c: a played node's boots, clocks and state. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "node/served_in.h"

enum { STEP_AFTER = 16 }; /* requests for the clock: those before a pull */

/* ---- from open to close ---- */

int wx_served_open(const struct wx_served_opts *opts, struct wx_served **out,
		   struct wx_error *err)
{
	struct wx_served *s = calloc(1, sizeof(*s));
	struct wx_store_state st;
	int rc;

	*out = NULL;
	if (!s)
		return wx_fail_nomem(err);
	s->opts = *opts;
	s->set_boot = INT64_MIN;
	pthread_mutex_init(&s->lock, NULL);
	rc = wx_faults_new(opts->faults, opts->id, &s->faults, err);
	if (rc == WX_OK)
		rc = wx_store_open(opts->root, &s->store, err);
	if (rc == WX_OK)
		rc = wx_store_state(s->store, &st, err);
	if (rc != WX_OK) {
		wx_served_close(s);
		return rc;
	}
	s->boot = st.boot + 1;
	s->start = wx_time_now();
	*out = s;
	return WX_OK;
}

void wx_served_close(struct wx_served *s)
{
	if (!s)
		return;
	wx_store_close(s->store);
	wx_faults_free(s->faults);
	for (size_t i = 0; i < s->n_seen; i++)
		free(s->seen[i].name);
	free(s->seen);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

const char *wx_served_id(const struct wx_served *s)
{
	return s->opts.id;
}

struct wx_faults *wx_served_faults(struct wx_served *s)
{
	return s->faults;
}

void wx_served_trace(const struct wx_served *s, const char *fmt, ...)
{
	char line[WX_STORE_NAME_SIZE + 100];
	va_list args;

	if (!s->opts.trace)
		return;
	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	s->opts.trace(s->opts.trace_ctx, s->opts.id, line);
}

/* ---- boots ---- */

enum wx_served_state wx_served_request(struct wx_served *s)
{
	double reboot, die;
	int64_t n;

	pthread_mutex_lock(&s->lock);
	n = ++s->n_requests;
	pthread_mutex_unlock(&s->lock);
	if (wx_fault_on(s->faults, WX_FAULT_DIE, &die) && (double)n > die)
		return WX_SERVED_DEAD;
	if (wx_fault_on(s->faults, WX_FAULT_REBOOT, &reboot) &&
	    n == (int64_t)reboot + 1) {
		wx_served_boot(s);
		return WX_SERVED_BOOTS;
	}
	return WX_SERVED_UP;
}

void wx_served_boot(struct wx_served *s)
{
	struct wx_time now = wx_time_now();
	struct wx_node_now is;
	char line[64];

	pthread_mutex_lock(&s->lock);
	s->n_boots++;
	s->boot_at = now;
	pthread_mutex_unlock(&s->lock);
	if (!served_now(s, now, &is))
		return;
	snprintf(line, sizeof(line), "{\"ev\":\"boot\",\"b\":%lld,\"m\":0}",
		 (long long)is.boot);
	wx_store_append(s->store, line, NULL); /* as far as a node can */
	wx_served_trace(s, "boot %lld", (long long)is.boot);
}

/* ---- clocks ---- */

/* What faults make of the clocks. With the lock held. */
static void spoil_clock(struct wx_served *s, struct wx_time now,
			struct wx_node_now *n)
{
	double step;

	if (s->n_boots) {
		n->boot += s->n_boots;
		n->m_us = (now.utc_ns - s->boot_at.utc_ns) / WX_NS_PER_US;
		n->has_rtc = false;
		n->state = "none";
		n->error_ms = -1;
	}
	if (wx_fault_on(s->faults, WX_FAULT_CLOCK_UNSET, NULL)) {
		n->has_rtc = true;
		n->r_us = SERVED_UNSET_US + n->m_us;
		n->state = "none";
		n->error_ms = -1;
	}
	if (wx_fault_on(s->faults, WX_FAULT_CLOCK_STEP, &step) &&
	    s->n_clock > STEP_AFTER)
		n->r_us += (int64_t)(step * 1e6);
}

bool served_now(struct wx_served *s, struct wx_time now,
		struct wx_node_now *out)
{
	*out = (struct wx_node_now){ .state = "none", .error_ms = -1 };
	if (s->opts.clock) {
		if (!s->opts.clock(s->opts.clock_ctx, now, out))
			return false;
	} else {
		out->boot = s->boot;
		out->m_us = (now.utc_ns - s->start.utc_ns) / WX_NS_PER_US;
	}
	pthread_mutex_lock(&s->lock);
	spoil_clock(s, now, out);
	if (s->set_boot == out->boot) {
		out->has_rtc = true;
		out->r_us = out->m_us + s->set_offset_us;
		out->state = "set";
		out->error_ms = -1;
	}
	pthread_mutex_unlock(&s->lock);
	return true;
}

json_t *wx_served_clock(struct wx_served *s, const int64_t *t1_us,
			struct wx_time in)
{
	struct wx_node_now came, left;
	json_t *doc;

	pthread_mutex_lock(&s->lock);
	s->n_clock++;
	pthread_mutex_unlock(&s->lock);
	if (!served_now(s, in, &came))
		return NULL;
	doc = json_pack("{s:I s:I s:s}", "b", (json_int_t)came.boot, "m2",
			(json_int_t)came.m_us, "s", came.state);
	if (doc && t1_us)
		json_object_set_new(doc, "t1", json_integer(*t1_us));
	if (doc && came.has_rtc)
		json_object_set_new(doc, "r", json_integer(came.r_us));
	if (doc && came.error_ms >= 0)
		json_object_set_new(doc, "e", json_integer(came.error_ms));
	if (doc && served_now(s, wx_time_now(), &left)) /* last of all */
		json_object_set_new(doc, "m3", json_integer(left.m_us));
	return doc;
}

int wx_served_set_clock(struct wx_served *s, int64_t utc_us, struct wx_time in,
			bool *power, struct wx_error *err)
{
	struct wx_node_now now;
	json_t *event;
	char *line;
	int rc;

	*power = served_now(s, in, &now);
	if (!*power)
		return WX_OK;
	event = json_pack("{s:s s:I s:I s:I}", "ev", "set", "b",
			  (json_int_t)now.boot, "m", (json_int_t)now.m_us,
			  "utc", (json_int_t)utc_us);
	if (event && now.has_rtc)
		json_object_set_new(event, "r", json_integer(now.r_us));
	line = event ? json_dumps(event, JSON_COMPACT) : NULL;
	rc = line ? wx_store_append(s->store, line, err) : wx_fail_nomem(err);
	if (rc == WX_OK) {
		pthread_mutex_lock(&s->lock);
		s->set_boot = now.boot;
		s->set_offset_us = utc_us - now.m_us;
		pthread_mutex_unlock(&s->lock);
	}
	free(line);
	json_decref(event);
	return rc;
}

/* ---- info ---- */

json_t *wx_served_info(struct wx_served *s)
{
	struct wx_store_state st;
	double vbat_v = s->opts.vbat_v;
	json_t *doc;

	if (wx_store_state(s->store, &st, NULL) != WX_OK)
		return NULL;
	doc = json_pack("{s:s s:s s:I s:I s:o}", "id", s->opts.id, "fw",
			s->opts.fw ? s->opts.fw : "wx-sim " WX_VERSION,
			"fs_free", (json_int_t)st.fs_free, "fs_total",
			(json_int_t)st.fs_total, "rec",
			st.recording[0] ? json_string(st.recording)
					: json_null());
	if (wx_fault_on(s->faults, WX_FAULT_BATTERY, NULL))
		wx_fault_on(s->faults, WX_FAULT_BATTERY, &vbat_v);
	if (doc && !isnan(vbat_v))
		json_object_set_new(doc, "vbat", json_real(vbat_v));
	if (doc && !isnan(s->opts.rssi_dbm))
		json_object_set_new(doc, "rssi",
				    json_integer(lrint(s->opts.rssi_dbm)));
	return doc;
}
