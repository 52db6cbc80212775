/* SPDX-License-Identifier: MIT */
/*
 * formats/node/eifw.c: a board with Edge Impulse stock firmware, by its AT
 * commands over a serial line or a TCP port that stands for one.
 *
 *     b                                      a prompt, whatever it did before
 *     AT+CONFIG?                             its sensors; its secrets, too
 *     AT+SAMPLESETTINGS=wxset,0.0625,10000   interval and length, ms
 *     AT+SAMPLESTART=Built-in microphone
 *         Sampling...                        now, by this host's clock
 *         ... Used buffer, from=0, to=320248.
 *     AT+READBUFFER=0,25920,n                start and length; base64
 *     AT+READFILE=NAME,n                     where there is no buffer
 *     AT+UNLINKFILE=NAME                     only to release
 *
 * Such a board keeps nothing and knows no time: each pull records what
 * site.json asks for, and the host is the only clock. It is deaf while it is
 * read. Nothing it sends has a checksum; what is no base64, or not as long as
 * asked for, is asked for once more.
 *
 * Source: edgeimpulse/firmware-nordic-thingy53, firmware-espressif-esp32,
 * edge-impulse-cli (ei-serial-protocol.ts); AT command set 1.8.0.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "node/eifw.h"
#include "node/node.h"

enum {
	TRIES = 4, /* of a step that brings nothing */
	MAX_SAMPLE = 256 << 20,
};

#define HELLO_S 5.0

/* ---- the end of a request ---- */

static void forget_sample(struct eifw *n)
{
	free(n->sample.name);
	n->sample = (struct eifw_sample){ 0 };
}

void eifw_end(struct eifw *n, enum wx_node_end how, const struct wx_error *why)
{
	struct wx_node_req *req = n->req;
	struct wx_error none = { 0 };

	n->req = NULL;
	wx_eifw_talk_stop(&n->talk);
	wx_loop_untimer(n->loop, &n->settle);
	if (req)
		req->done(req, how, why ? why : &none);
}

static void end_text(struct eifw *n, enum wx_node_end how, int code,
		     const char *text)
{
	struct wx_error why = { 0 };

	wx_fail(&why, code, "%s", text);
	eifw_end(n, how, &why);
}

void eifw_again(struct eifw *n, enum wx_node_end how,
		const struct wx_error *why)
{
	if (++n->tries >= TRIES) {
		n->tries = 0;
		n->greeted = false;
		eifw_end(n, how, why);
		return;
	}
	n->greeted = false;
	eifw_advance(n);
}

/* A step went wrong in one of the usual ways; what: "to AT+CONFIG?". */
static void unanswered(struct eifw *n, enum wx_eifw_end how, const char *what)
{
	struct wx_error why = { 0 };

	if (how == WX_EIFW_LONG)
		wx_fail(&why, WX_ERR_IO, "no end to its answer %s", what);
	else if (n->talk.n)
		wx_fail(&why, WX_ERR_IO, "its answer %s breaks off", what);
	else
		wx_fail(&why, WX_ERR_IO, "no answer %s", what);
	eifw_again(n,
		   how == WX_EIFW_SILENT && !n->talk.n ? WX_NODE_SILENT
						       : WX_NODE_CUT,
		   &why);
}

void eifw_refused(struct eifw *n, const char *what, const char *line,
		  size_t n_line)
{
	char quoted[WX_QUOTE_SIZE];
	struct wx_error why = { 0 };

	wx_fail(&why, WX_ERR_IO, "answers %s '%s'", what,
		wx_eifw_quote(&n->secrets, line, n_line, quoted));
	n->tries = 0;
	eifw_end(n, WX_NODE_REFUSED, &why);
}

bool eifw_body_of(struct eifw *n, enum wx_eifw_end how, const char *what,
		  const char **body, size_t *n_body)
{
	struct wx_error why = { 0 };

	if (how != WX_EIFW_CAME) {
		unanswered(n, how, what);
		return false;
	}
	if (wx_eifw_body(n->talk.in, n->talk.n, n->command, body, n_body))
		return true;
	wx_fail(&why, WX_ERR_IO, "%s comes back changed: is the line noisy?",
		n->command);
	eifw_again(n, WX_NODE_CUT, &why);
	return false;
}

void eifw_ask(struct eifw *n, void (*then)(struct eifw *, enum wx_eifw_end),
	      const struct wx_eifw_ask *a)
{
	n->then = then;
	wx_eifw_talk_ask(&n->talk, a);
}

/* n->command holds it. */
static void ask_small(struct eifw *n,
		      void (*then)(struct eifw *, enum wx_eifw_end))
{
	const struct wx_eifw_ask a = { .command = n->command,
				       .until = WX_EIFW_PROMPT,
				       .silence_s = EIFW_NORMAL_S,
				       .total_s = 5 * EIFW_NORMAL_S,
				       .most = EIFW_SMALL };

	eifw_ask(n, then, &a);
}

/* ---- a prompt, its configuration ---- */

static void greeted(struct eifw *n, enum wx_eifw_end how)
{
	if (how != WX_EIFW_CAME) {
		unanswered(n, how, "to a line end: is this its port?");
		return;
	}
	n->greeted = true;
	eifw_advance(n);
}

/* What is still being sent is waited for: a board does not stop in a reply. */
static void greet(struct eifw *n)
{
	struct wx_eifw_ask a = { .command = "b",
				 .until = WX_EIFW_CALM,
				 .silence_s = HELLO_S,
				 .total_s = 4 * HELLO_S,
				 .most = 2 * EIFW_CHUNK };

	if (n->timeout_s < a.silence_s)
		a.silence_s = n->timeout_s;
	eifw_ask(n, greeted, &a);
}

static void configured(struct eifw *n, enum wx_eifw_end how)
{
	struct wx_error err = { 0 };
	const char *body, *line;
	size_t n_body, n_line;

	if (!eifw_body_of(n, how, "to AT+CONFIG?", &body, &n_body))
		return;
	wx_eifw_config_fini(&n->config);
	if (wx_eifw_config_read(body, n_body, &n->secrets, &n->config, &err)) {
		line = wx_eifw_complaint(body, n_body, &n_line);
		if (line)
			eifw_refused(n, "AT+CONFIG? with", line, n_line);
		else
			eifw_again(n, WX_NODE_REFUSED, &err);
		return;
	}
	n->has_config = true;
	n->tries = 0;
	eifw_advance(n);
}

static void configure(struct eifw *n)
{
	snprintf(n->command, sizeof(n->command), "AT+CONFIG?");
	ask_small(n, configured);
}

/* ---- what to record ---- */

/* WX_ERR_FORMAT: site.json asks for what it has not. */
static int choose(struct eifw *n, const struct wx_eifw_sensor **sensor,
		  struct wx_error *err)
{
	double length_s = n->site->record.length_s;
	int rc = wx_eifw_sensor_find(&n->config, n->site->record.sensor, sensor,
				     err);

	if (rc)
		return rc;
	if (isnan(wx_eifw_rate_hz(*sensor)))
		return wx_fail(err, WX_ERR_FORMAT,
			       "'%s': it tells no frequency of this sensor",
			       (*sensor)->name);
	if (length_s > (*sensor)->max_s)
		return wx_fail(err, WX_ERR_RANGE,
			       "'%s' records %g s at most, and \"length_s\" in "
			       "site.json is %g",
			       (*sensor)->name, (*sensor)->max_s, length_s);
	return WX_OK;
}

static void set(struct eifw *n, enum wx_eifw_end how)
{
	const char *body, *line;
	size_t n_body, n_line;
	struct wx_error why = { 0 };

	if (!eifw_body_of(n, how, "to AT+SAMPLESETTINGS", &body, &n_body))
		return;
	line = wx_eifw_complaint(body, n_body, &n_line);
	if (line) {
		eifw_refused(n, "AT+SAMPLESETTINGS with", line, n_line);
		return;
	}
	if (!wx_eifw_is_ok(body, n_body)) {
		wx_fail(&why, WX_ERR_IO, "no OK to AT+SAMPLESETTINGS");
		eifw_again(n, WX_NODE_CUT, &why);
		return;
	}
	n->is_set = true;
	n->tries = 0;
	eifw_advance(n);
}

static void set_up(struct eifw *n)
{
	struct wx_error err = { 0 };
	const struct wx_eifw_sensor *sensor;

	if (choose(n, &sensor, &err)) {
		eifw_end(n, WX_NODE_REFUSED, &err);
		return;
	}
	n->sensor = sensor;
	snprintf(n->command, sizeof(n->command),
		 "AT+SAMPLESETTINGS=wxset,%.10g,%.0f",
		 1000 / wx_eifw_rate_hz(sensor),
		 n->site->record.length_s * 1000);
	ask_small(n, set);
}

/* ---- recording ---- */

static void recorded(struct eifw *n, enum wx_eifw_end how);

static bool is_there(const struct eifw *n, const char *line)
{
	return n->talk.n &&
	       memmem(n->talk.in, n->talk.n, line, strlen(line)) != NULL;
}

/* The first time that a line of the reply is seen. */
static void came(void *ctx, struct wx_time at)
{
	struct eifw *n = ctx;

	if (n->then != recorded)
		return;
	if (wx_time_is_none(n->start.sampling) && is_there(n, "Sampling..."))
		n->start.sampling = at;
	if (wx_time_is_none(n->start.over) && is_there(n, "Done sampling"))
		n->start.over = at;
}

static void recorded(struct eifw *n, enum wx_eifw_end how)
{
	struct wx_eifw_sample s = { 0 };
	const char *line = NULL;
	size_t n_line;

	n->is_set = false;
	if (wx_time_is_none(n->start.over))
		n->start.over = wx_time_now();
	if (n->talk.n) {
		wx_eifw_sample_read(n->talk.in, n->talk.n, &s);
		line = wx_eifw_complaint(n->talk.in, n->talk.n, &n_line);
	}
	if (how != WX_EIFW_CAME) {
		n->greeted = false;
		end_text(n, WX_NODE_CUT, WX_ERR_IO,
			 is_there(n, "Sampling...")
				 ? "recording did not come to its end"
				 : "recording did not begin");
		return;
	}
	if (s.to <= s.from && line) {
		/* It may have been a command that came wrong. */
		if (wx_eifw_body(n->talk.in, n->talk.n, n->command, &line,
				 &n_line)) {
			line = wx_eifw_complaint(n->talk.in, n->talk.n,
						 &n_line);
			eifw_refused(n, "AT+SAMPLESTART with", line, n_line);
		} else {
			end_text(n, WX_NODE_CUT, WX_ERR_IO,
				 "AT+SAMPLESTART came back changed");
		}
		return;
	}
	if ((s.to <= s.from && !*s.file) || s.to - s.from > MAX_SAMPLE) {
		end_text(n, WX_NODE_CUT, WX_ERR_IO,
			 "it recorded, but tells no buffer or file to read");
		return;
	}
	n->sample.at = s;
	n->sample.size_bytes = s.to - s.from;
	n->sample.recorded = true;
	eifw_note_start(n);
	n->tries = 0;
	eifw_advance(n);
}

static void record(struct eifw *n)
{
	double length_s = n->site->record.length_s;
	const struct wx_eifw_ask a = { .command = n->command,
				       .until = WX_EIFW_PROMPT,
				       .silence_s = (length_s + 3) * 10,
				       .total_s = (length_s + 3) * 10,
				       .most = EIFW_SMALL };
	char *name = strdup(n->req->name);

	forget_sample(n);
	if (!name) {
		end_text(n, WX_NODE_CUT, WX_ERR_NOMEM, "out of memory");
		return;
	}
	n->sample.name = name;
	n->start.sampling = n->start.over = WX_TIME_NONE;
	snprintf(n->command, sizeof(n->command), "AT+SAMPLESTART=%s",
		 n->sensor->name);
	eifw_ask(n, recorded, &a);
}

static void get(struct eifw *n)
{
	const struct eifw_sample *s = &n->sample;

	if (!s->recorded || strcmp(s->name, n->req->name) != 0) {
		if (n->is_set)
			record(n);
		else
			set_up(n);
	} else if (s->size_bytes && s->done == s->size_bytes) {
		eifw_end(n, WX_NODE_DONE, NULL);
	} else if (s->at.to > s->at.from) {
		eifw_read_chunk(n);
	} else {
		eifw_read_file(n);
	}
}

/* ---- the other requests ---- */

static void unlinked(struct eifw *n, enum wx_eifw_end how)
{
	const char *body, *line;
	size_t n_body, n_line;

	if (!eifw_body_of(n, how, "to AT+UNLINKFILE", &body, &n_body))
		return;
	line = wx_eifw_complaint(body, n_body, &n_line);
	if (line)
		eifw_refused(n, "AT+UNLINKFILE with", line, n_line);
	else
		eifw_end(n, WX_NODE_DONE, NULL);
}

/* The last sample's file; a buffer is used again by the next. */
static void release(struct eifw *n)
{
	if (!n->sample.name || strcmp(n->sample.name, n->req->name) != 0 ||
	    !*n->sample.at.file) {
		eifw_end(n, WX_NODE_GONE, NULL);
		return;
	}
	snprintf(n->command, sizeof(n->command), "AT+UNLINKFILE=%s",
		 n->sample.at.file);
	ask_small(n, unlinked);
}

static void info(struct eifw *n)
{
	struct wx_node_req *req = n->req;
	json_t *answer = wx_eifw_config_info(&n->config);

	req->answer = answer;
	eifw_end(n, WX_NODE_DONE, NULL);
	json_decref(answer);
}

/* ---- what is next ---- */

void eifw_advance(struct eifw *n)
{
	struct wx_error err = { 0 };

	if (!n->talk.link) {
		if (wx_eifw_talk_open(&n->talk, n->address, EIFW_BAUD, &err)) {
			eifw_end(n, WX_NODE_SILENT, &err);
			return;
		}
		n->slow_baud = wx_link_baud(n->talk.link);
	}
	if (!n->greeted)
		greet(n);
	else if (!n->has_config)
		configure(n);
	else if (n->req->op == WX_NODE_GET)
		get(n);
	else if (n->req->op == WX_NODE_RELEASE)
		release(n);
	else
		info(n);
}

static void talked(void *ctx, enum wx_eifw_end how)
{
	struct eifw *n = ctx;

	n->then(n, how);
}

/* Plugged in again it has started anew: its buffer may be another's. */
static void lost(void *ctx, const struct wx_error *why)
{
	struct eifw *n = ctx;

	n->greeted = n->has_config = n->is_set = false;
	forget_sample(n);
	wx_loop_untimer(n->loop, &n->settle);
	if (n->req)
		eifw_end(n, WX_NODE_CUT, why);
}

/* ---- the driver ---- */

static void node_close(void *node)
{
	struct eifw *n = node;

	wx_loop_untimer(n->loop, &n->settle);
	wx_eifw_talk_close(&n->talk);
	wx_eifw_config_fini(&n->config);
	wx_eifw_secrets_fini(&n->secrets);
	forget_sample(n);
	eifw_starts_fini(n);
	free(n);
}

static int node_open(struct wx_node_loop *loop, const struct wx_site_node *site,
		     const struct wx_node_opts *opts, void **node,
		     struct wx_error *err)
{
	struct eifw *n = calloc(1, sizeof(*n));
	int rc;

	*node = NULL;
	if (!n)
		return wx_fail_nomem(err);
	n->loop = loop;
	n->site = site;
	n->log = opts->log;
	n->timeout_s = opts->timeout_s;
	n->address = site->source + strlen("eifw:");
	n->settle.fire = eifw_settled;
	eifw_starts_init(n);
	wx_eifw_talk_init(&n->talk, loop);
	n->talk.came = came;
	n->talk.done = talked;
	n->talk.lost = lost;
	n->talk.ctx = n;
	if (strncmp(n->address, "udp:", 4) == 0)
		rc = wx_fail(err, WX_ERR_FORMAT,
			     "'%s': expected eifw:/dev/PORT or "
			     "eifw:tcp://HOST:PORT",
			     site->source);
	else
		rc = wx_eifw_talk_open(&n->talk, n->address, EIFW_BAUD, err);
	if (rc) {
		node_close(n);
		return rc;
	}
	n->slow_baud = wx_link_baud(n->talk.link);
	*node = n;
	return WX_OK;
}

static void start(void *node, struct wx_node_req *req)
{
	struct eifw *n = node;
	struct wx_error none = { 0 };

	req->answer = NULL;
	req->cloned = false;
	if (req->op == WX_NODE_CLOCK) {
		req->done(req, WX_NODE_GONE, &none);
		return;
	}
	n->req = req;
	n->tries = 0;
	/* A try after one that broke off: what is still in its buffer. */
	if (n->sample.recorded)
		n->sample.done = n->sample.at.to > 0 ? req->from : 0;
	n->sample.head_told = false;
	eifw_advance(n);
}

static void cancel(void *node, struct wx_node_req *req)
{
	struct eifw *n = node;

	if (n->req != req)
		return;
	n->greeted = n->is_set = false; /* it may be in the midst of it */
	eifw_end(n, WX_NODE_STOPPED, NULL);
}

static bool has_index(void *node)
{
	(void)node;
	return false;
}

/* Names of a folder a day and the second of asking: none was before. */
static int list(void *node, wx_node_file_fn *fn, void *ctx,
		struct wx_error *err)
{
	struct eifw *n = node;
	struct wx_civil t = wx_time_to_civil(wx_time_now(), 0);
	int rc = WX_OK;

	for (int i = 1; i <= n->site->record.n_samples && !rc; i++) {
		char name[64];

		snprintf(name, sizeof(name),
			 "%04d-%02d-%02d/%02d%02d%02d-%04d.cbor", t.year,
			 t.month, t.day, t.hour, t.minute, t.second, i);
		rc = fn(ctx, name, -1, -1, false, err);
	}
	return rc;
}

const struct wx_node_driver wx_node_eifw = {
	.scheme = "eifw:",
	.desc = "a board with Edge Impulse firmware",
	.in_flight = 1,
	.has_loop = true,
	.open = node_open,
	.close = node_close,
	.start = start,
	.cancel = cancel,
	.has_index = has_index,
	.list = list,
	.tell = eifw_tell,
};
