/* SPDX-License-Identifier: MIT */
/* formats/node/serve_clock.c: a node's clocks and its state. */
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "node/serve_in.h"

static enum MHD_Result no_power(struct MHD_Connection *c)
{
	return serve_say(c, MHD_HTTP_SERVICE_UNAVAILABLE, "no power\n");
}

enum MHD_Result serve_get_clock(struct wx_serve *s, struct MHD_Connection *c,
				const struct serve_request *q)
{
	const char *t1 =
		MHD_lookup_connection_value(c, MHD_GET_ARGUMENT_KIND, "t1");
	int64_t t1_us = 0;
	json_t *doc;

	if (t1 && !wx_i64_parse(t1, strlen(t1), &t1_us))
		return serve_say(c, MHD_HTTP_BAD_REQUEST,
				 "t1 must be whole microseconds\n");
	doc = wx_served_clock(s->opts.node, t1 ? &t1_us : NULL, q->head_at);
	return doc ? serve_json(c, doc) : no_power(c);
}

enum MHD_Result serve_post_clock(struct wx_serve *s, struct MHD_Connection *c,
				 const struct serve_request *q)
{
	json_t *doc;
	int64_t utc_us;
	bool told, power;
	int rc;

	if (q->n_body > SERVE_MAX_BODY)
		return serve_say(c, MHD_HTTP_CONTENT_TOO_LARGE, "too long\n");
	doc = json_loadb(q->body, q->n_body, 0, NULL);
	told = json_is_integer(json_object_get(doc, "utc"));
	utc_us = wx_json_i64(doc, "utc", 0);
	json_decref(doc);
	if (!told)
		return serve_say(c, MHD_HTTP_BAD_REQUEST,
				 "expected {\"utc\": Unix microseconds}\n");
	rc = wx_served_set_clock(s->opts.node, utc_us, q->head_at, &power,
				 NULL);
	if (rc != WX_OK)
		return serve_say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
				 "cannot log it\n");
	return power ? serve_nothing(c, MHD_HTTP_NO_CONTENT) : no_power(c);
}

enum MHD_Result serve_get_info(struct wx_serve *s, struct MHD_Connection *c)
{
	json_t *doc = wx_served_info(s->opts.node);

	return doc ? serve_json(c, doc)
		   : serve_say(c, MHD_HTTP_INTERNAL_SERVER_ERROR,
			       "cannot read\n");
}
