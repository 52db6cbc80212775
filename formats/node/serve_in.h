/* SPDX-License-Identifier: MIT */
/*
 * formats/node/serve_in.h: what the parts of the served node share. Nobody
 * else includes it.
 */
#ifndef WX_NODE_SERVE_IN_H
#define WX_NODE_SERVE_IN_H

#include <jansson.h>
#include <microhttpd.h>

#include "node/serve.h"

enum { SERVE_MAX_BODY = 1024 }; /* of a POST: {"utc":...} needs 30 */

struct wx_serve {
	struct wx_serve_opts opts;
	struct MHD_Daemon *daemon;
	char url[48];
};

/* One request, from its head to its answer. */
struct serve_request {
	struct wx_time head_at; /* when its head was there */
	size_t n_body;          /* one past the maximum: it was longer */
	char body[SERVE_MAX_BODY + 1];
};

/* ---- answers: serve.c ---- */

void serve_header(struct MHD_Response *r, const char *name, const char *value);
/* Queue r and let go of it; NULL (out of memory) closes the connection. */
enum MHD_Result serve_send_off(struct MHD_Connection *c, unsigned status,
			       struct MHD_Response *r);
/* A short answer in words; none at all; "no such method". */
enum MHD_Result serve_say(struct MHD_Connection *c, unsigned status,
			  const char *text);
enum MHD_Result serve_nothing(struct MHD_Connection *c, unsigned status);
enum MHD_Result serve_not_allowed(struct MHD_Connection *c, const char *allow);
/* Takes doc; NULL: out of memory. */
enum MHD_Result serve_json(struct MHD_Connection *c, json_t *doc);
/* A header of the request; NULL: none. */
const char *serve_asked(struct MHD_Connection *c, const char *name);

/* ---- what is asked for ---- */

enum MHD_Result serve_file(struct wx_serve *s, struct MHD_Connection *c,
			   const char *method, const char *name);
enum MHD_Result serve_get_clock(struct wx_serve *s, struct MHD_Connection *c,
				const struct serve_request *q);
enum MHD_Result serve_post_clock(struct wx_serve *s, struct MHD_Connection *c,
				 const struct serve_request *q);
enum MHD_Result serve_get_info(struct wx_serve *s, struct MHD_Connection *c);

#endif
