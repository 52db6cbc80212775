/* SPDX-License-Identifier: MIT */
/* formats/node/serve_clock.c: a node's clocks and its state. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "node/serve_in.h"

static bool clock_now(struct wx_serve *s, struct wx_time now,
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
	if (s->set_boot == out->boot) {
		out->has_rtc = true;
		out->r_us = out->m_us + s->set_offset_us;
		out->state = "set";
		out->error_ms = -1;
	}
	pthread_mutex_unlock(&s->lock);
	return true;
}

enum MHD_Result serve_get_clock(struct wx_serve *s, struct MHD_Connection *c,
				const struct serve_request *q)
{
	const char *t1 =
		MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "t1");
	int64_t t1_us = 0;
	struct wx_node_now in, out;
	json_t *doc;

	if (t1 && !wx_i64_parse(t1, strlen(t1), &t1_us))
		return serve_say(c, MHD_HTTP_BAD_REQUEST,
				 "t1 must be whole microseconds\n");
	if (!clock_now(s, q->head_at, &in))
		return serve_say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "no power\n");
	doc = json_pack("{s:I s:I s:s}", "b", (json_int_t)in.boot, "m2",
			(json_int_t)in.m_us, "s", in.state);
	if (doc && t1)
		json_object_set_new(doc, "t1", json_integer(t1_us));
	if (doc && in.has_rtc)
		json_object_set_new(doc, "r", json_integer(in.r_us));
	if (doc && in.error_ms >= 0)
		json_object_set_new(doc, "e", json_integer(in.error_ms));
	if (doc && clock_now(s, wx_time_now(), &out)) /* last of all */
		json_object_set_new(doc, "m3", json_integer(out.m_us));
	return serve_json(c, doc);
}

/* Set the real-time clock, and log the step as a node must. */
enum MHD_Result serve_post_clock(struct wx_serve *s, struct MHD_Connection *c,
				 const struct serve_request *q)
{
	json_t *doc, *event = NULL;
	struct wx_node_now now;
	char *line = NULL;
	int64_t utc_us;
	enum MHD_Result rc = MHD_NO;

	if (q->n_body > SERVE_MAX_BODY)
		return serve_say(c, MHD_HTTP_CONTENT_TOO_LARGE, "too long\n");
	doc = json_loadb(q->body, q->n_body, 0, NULL);
	if (!json_is_integer(json_object_get(doc, "utc"))) {
		rc = serve_say(c, MHD_HTTP_BAD_REQUEST,
			       "expected {\"utc\": Unix microseconds}\n");
		goto out;
	}
	utc_us = wx_json_i64(doc, "utc", 0);
	if (!clock_now(s, q->head_at, &now)) {
		rc = serve_say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "no power\n");
		goto out;
	}
	event = json_pack("{s:s s:I s:I s:I}", "ev", "set", "b",
			  (json_int_t)now.boot, "m", (json_int_t)now.m_us,
			  "utc", (json_int_t)utc_us);
	if (event && now.has_rtc)
		json_object_set_new(event, "r", json_integer(now.r_us));
	line = event ? json_dumps(event, JSON_COMPACT) : NULL;
	if (!line)
		goto out;
	if (wx_store_append(s->store, line, NULL) != WX_OK) {
		rc = serve_say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
			       "cannot log it\n");
		goto out;
	}
	pthread_mutex_lock(&s->lock);
	s->set_boot = now.boot;
	s->set_offset_us = utc_us - now.m_us;
	pthread_mutex_unlock(&s->lock);
	rc = serve_nothing(c, MHD_HTTP_NO_CONTENT);
out:
	free(line);
	json_decref(event);
	json_decref(doc);
	return rc;
}

enum MHD_Result serve_get_info(struct wx_serve *s, struct MHD_Connection *c)
{
	struct wx_store_state st;
	json_t *doc;

	if (wx_store_state(s->store, &st, NULL) != WX_OK)
		return serve_say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
				 "cannot read\n");
	doc = json_pack("{s:s s:s s:I s:I s:o}", "id", s->opts.id, "fw",
			s->opts.fw ? s->opts.fw : "wx-sim " WX_VERSION,
			"fs_free", (json_int_t)st.fs_free, "fs_total",
			(json_int_t)st.fs_total, "rec",
			st.recording[0] ? json_string(st.recording)
					: json_null());
	if (doc && !isnan(s->opts.vbat_v))
		json_object_set_new(doc, "vbat", json_real(s->opts.vbat_v));
	if (doc && !isnan(s->opts.rssi_dbm))
		json_object_set_new(doc, "rssi",
				    json_integer(lrint(s->opts.rssi_dbm)));
	return serve_json(c, doc);
}
