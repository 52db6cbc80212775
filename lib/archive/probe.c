/* SPDX-License-Identifier: MIT */
/* lib/archive/probe.c: see probe.h. */
#include "archive/probe.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "archive/indexline.h"
#include "archive/probe_in.h"
#include "base/json.h"
#include "base/lines.h"
#include "base/text.h"
#include "base/time.h"

enum { EXCHANGES = 8, TRIES = 3, STEP_MS = 100, MAX_LENGTH_S = 100 * 86400 };

bool probe_is_over(const struct probe *p)
{
	return wx_mono_s() > p->end_s ||
	       (p->opts->stopped && p->opts->stopped());
}

static void set_i64(json_t *obj, const char *key, int64_t v)
{
	json_object_set_new(obj, key, json_integer(v));
}

void probe_count(json_t *obj, const char *key)
{
	set_i64(obj, key, wx_json_i64(obj, key, 0) + 1);
}

/* ---- one request ---- */

static void done(struct wx_node_req *req, enum wx_node_end end,
		 const struct wx_error *why)
{
	struct probe *p = req->ctx;

	p->over = true;
	p->end = end;
	p->answer = json_incref(req->answer);
	if (why)
		p->why = *why;
}

/* Asks, and waits for the end; the answer, if one comes, is in p->answer. */
static enum wx_node_end ask(struct probe *p, struct wx_node_req *req)
{
	json_decref(p->answer);
	p->answer = NULL;
	p->over = false;
	p->why = (struct wx_error){ 0 };
	req->ctx = p;
	req->done = done;
	req->etag = "";
	req->clone_fd = -1;
	p->driver->start(p->node, req);
	while (!p->over) {
		p->loop->step(p->loop, STEP_MS);
		if (!p->over && probe_is_over(p))
			p->driver->cancel(p->node, req);
	}
	return p->end;
}

/* The same, again where that may help. */
static enum wx_node_end ask_for(struct probe *p, enum wx_node_op op,
				const char *name)
{
	enum wx_node_end end = WX_NODE_CUT;

	for (int i = 0; i < TRIES && end == WX_NODE_CUT && !probe_is_over(p);
	     i++) {
		struct wx_node_req req = { .op = op, .name = name };

		end = ask(p, &req);
	}
	return end;
}

int probe_fail(struct probe *p, struct wx_error *err)
{
	if (wx_mono_s() > p->end_s)
		return wx_fail(err, WX_ERR_IO, "not done after %.0f s",
			       p->opts->max_s);
	return wx_fail(err, WX_ERR_IO, "%s",
		       p->why.code ? p->why.text : "stopped");
}

static bool is_lost(enum wx_node_end end)
{
	return end == WX_NODE_SILENT || end == WX_NODE_DENIED ||
	       end == WX_NODE_STOPPED;
}

/* ---- clock ---- */

static int64_t delay_of(const json_t *x)
{
	return wx_json_i64(x, "t4", 0) - wx_json_i64(x, "t1", 0) -
	       (wx_json_i64(x, "m3", 0) - wx_json_i64(x, "m2", 0));
}

static void note_clock(struct probe *p, const json_t *x, int n)
{
	int64_t r_us = wx_json_i64(x, "r", INT64_MIN);
	int64_t m2 = wx_json_i64(x, "m2", 0), m3 = wx_json_i64(x, "m3", 0);
	const char *source = wx_json_str(x, "s", "");
	json_t *clock = json_object();

	p->boot = wx_json_i64(x, "b", -1);
	p->m_us = m2 + (m3 - m2) / 2;
	p->at_us = wx_json_i64(x, "t1", 0) +
		   (wx_json_i64(x, "t4", 0) - wx_json_i64(x, "t1", 0)) / 2;
	set_i64(clock, "b", p->boot);
	json_object_set_new(clock, "runs_s", json_real((double)m3 / 1e6));
	if (*source)
		json_object_set_new(clock, "source", json_string(source));
	/* r is the node's clock at m2, which was half of m3 - m2 before. */
	if (r_us != INT64_MIN)
		json_object_set_new(
			clock, "offset_s",
			json_real((double)(r_us + (m3 - m2) / 2 - p->at_us) /
				  1e6));
	json_object_set_new(clock, "err_s",
			    json_real((double)delay_of(x) / 2e6));
	set_i64(clock, "exchanges", n);
	json_object_set_new(clock, "host_synced",
			    json_boolean(wx_json_bool(x, "host_synced", 0)));
	json_object_set_new(p->out, "clock", clock);
}

static int probe_clock(struct probe *p, struct wx_error *err)
{
	json_t *best = NULL;
	int n = 0;

	p->boot = -1;
	for (int i = 0; i < EXCHANGES && p->driver->has_clock; i++) {
		enum wx_node_end end = ask_for(p, WX_NODE_CLOCK, "clock");

		if (is_lost(end)) {
			json_decref(best);
			return probe_fail(p, err);
		}
		if (end != WX_NODE_DONE)
			break;
		if (!p->answer)
			continue;
		n++;
		if (!best || delay_of(p->answer) < delay_of(best)) {
			json_decref(best);
			best = json_incref(p->answer);
		}
	}
	if (best)
		note_clock(p, best, n);
	json_decref(best);
	return WX_OK;
}

/* ---- lines of the index ---- */

/* A table, or the notes of a recorder. */
static bool is_table(const char *name, size_t n)
{
	return n > 4 && (strncasecmp(name + n - 4, ".csv", 4) == 0 ||
			 strncasecmp(name + n - 4, ".txt", 4) == 0);
}

/* By this computer's clock where the node's boot is the present one. */
static int64_t start_of(const struct probe *p, const struct wx_capture *c)
{
	if (p->boot >= 0 && c->boot == p->boot && c->m0_us >= 0)
		return p->at_us - (p->m_us - c->m0_us);
	return c->r0_us;
}

static void add_capture(struct probe *p, const struct wx_capture *c)
{
	int64_t start = start_of(p, c);
	double length_s = c->n_frames >= 0 && c->rate_hz > 0
				  ? (double)c->n_frames / c->rate_hz
				  : 0;
	int64_t end = start;

	if (length_s > MAX_LENGTH_S) /* a stranger's number */
		length_s = 0;
	p->n_captures++;
	p->n_bytes += c->size_bytes;
	p->sound_s += length_s;
	if (start == INT64_MIN) {
		p->n_undated++;
		return;
	}
	end += (int64_t)(length_s * 1e6);
	if (p->first_us == INT64_MIN || start < p->first_us)
		p->first_us = start;
	if (p->last_us == INT64_MIN || end > p->last_us)
		p->last_us = end;
}

/* The first closed line of a name counts; whether it differs, a pull sees. */
static int take_capture(struct probe *p, const struct wx_index_line *l)
{
	bool is_open = l->capture.size_bytes == WX_INDEX_OPEN;
	char name[1024];
	uint64_t key;
	bool was_open;

	snprintf(name, sizeof(name), "%.*s", (int)l->name_len, l->name);
	key = pull_key('l', name, 0, 0);
	was_open = pull_set_has(&p->open, key);
	if (pull_set_has(&p->closed, key) || (was_open && is_open))
		return WX_OK;
	if (is_table(l->name, l->name_len)) {
		p->n_tables++;
		return pull_set_add(&p->closed, key, &p->err);
	}
	p->n_open += is_open ? 1 : -was_open;
	if (!is_open)
		add_capture(p, &l->capture);
	return pull_set_add(is_open ? &p->open : &p->closed, key, &p->err);
}

static int take_line(struct probe *p, const char *text, size_t n)
{
	struct wx_index_line l;
	struct wx_error why = { 0 };
	int rc;

	while (n && *text == '\0') { /* of a power cut */
		text++;
		n--;
	}
	if (n && text[n - 1] == '\r')
		n--;
	if (n == 0)
		return WX_OK;
	rc = wx_index_line_read(text, n, &l, &why);
	if (rc == WX_ERR_NOMEM)
		return wx_fail_nomem(&p->err);
	rc = WX_OK;
	if (l.kind == WX_INDEX_CAPTURE)
		rc = take_capture(p, &l);
	else if (l.kind == WX_INDEX_EVENT)
		probe_count(p->events, l.event.kind);
	else
		p->n_refused++;
	wx_index_line_fini(&l);
	return rc;
}

/* Bytes of an index, in pieces of any size. */
int probe_bytes(struct probe *p, const char *data, size_t n)
{
	int rc = WX_OK;

	while (n && !rc) {
		const char *nl = memchr(data, '\n', n);
		size_t part = nl ? (size_t)(nl - data) : n;

		p->too_long |= p->n_line + part >= WX_LINES_MAX;
		if (!p->too_long) {
			memcpy(p->line + p->n_line, data, part);
			p->n_line += part;
			p->line[p->n_line] = '\0';
		}
		if (nl && p->too_long)
			p->n_refused++;
		else if (nl)
			rc = take_line(p, p->line, p->n_line);
		if (nl) {
			p->n_line = 0;
			p->too_long = false;
		}
		data += part + (nl ? 1 : 0);
		n -= part + (nl ? 1 : 0);
	}
	return rc;
}

void probe_forget_lines(struct probe *p)
{
	pull_set_fini(&p->closed);
	pull_set_fini(&p->open);
	json_object_clear(p->events);
	p->n_line = 0;
	p->too_long = false;
	p->n_captures = p->n_bytes = p->n_open = p->n_tables = 0;
	p->n_refused = p->n_undated = 0;
	p->sound_s = 0;
	p->first_us = p->last_us = INT64_MIN;
}

static int on_head(struct wx_node_req *req, const struct wx_node_head *head)
{
	(void)head; /* asked from its start */
	probe_forget_lines(req->ctx);
	return WX_OK;
}

static int on_data(struct wx_node_req *req, const void *data, size_t n)
{
	struct probe *p = req->ctx;

	return probe_is_over(p) ? WX_ERR_IO : probe_bytes(p, data, n);
}

static int probe_index(struct probe *p, struct wx_error *err)
{
	enum wx_node_end end = WX_NODE_CUT;

	for (int i = 0; i < TRIES && end == WX_NODE_CUT && !probe_is_over(p);
	     i++) {
		struct wx_node_req req = { .op = WX_NODE_GET,
					   .name = "index.jsl",
					   .size_bytes = -1,
					   .head = on_head,
					   .data = on_data };

		end = ask(p, &req);
	}
	if (p->err.code)
		return wx_fail(err, p->err.code, "%s", p->err.text);
	if (end == WX_NODE_GONE)
		return wx_fail(err, WX_ERR_IO,
			       "it has no index.jsl: is its address right?");
	return end == WX_NODE_DONE ? WX_OK : probe_fail(p, err);
}

/* ---- all of it ---- */

static void set_time(json_t *out, const char *key, int64_t us)
{
	char text[WX_TIME_SIZE];

	if (us < 0 || us > INT64_MAX / WX_NS_PER_US)
		return; /* not told, or not believable */
	wx_time_format((struct wx_time){ us * WX_NS_PER_US }, 0, text);
	json_object_set_new(out, key, json_string(text));
}

static void put_counts(struct probe *p, bool indexed)
{
	json_object_set_new(p->out, "index", json_boolean(indexed));
	set_i64(p->out, "captures", p->n_captures);
	set_i64(p->out, "bytes", p->n_bytes);
	json_object_set_new(p->out, "sound_s", json_real(p->sound_s));
	set_i64(p->out, "open", p->n_open);
	set_i64(p->out, "tables", p->n_tables);
	set_i64(p->out, "refused", p->n_refused);
	set_i64(p->out, "undated", p->n_undated);
	if (p->n_zoneless)
		set_i64(p->out, "zoneless", p->n_zoneless);
	set_time(p->out, "first", p->first_us);
	set_time(p->out, "last", p->last_us);
	if (json_object_size(p->events))
		json_object_set(p->out, "events", p->events);
	if (json_object_size(p->damage))
		json_object_set(p->out, "recordings", p->damage);
	if (json_object_size(p->recorders))
		json_object_set(p->out, "recorders", p->recorders);
}

static int probe_node(struct probe *p, const struct wx_site_node *site,
		      struct wx_error *err)
{
	enum wx_node_end end = ask_for(p, WX_NODE_INFO, "info");
	bool indexed = !p->driver->has_index || p->driver->has_index(p->node);
	int rc;

	/* Where a wire leads to no index, this is all that can be told. */
	if (is_lost(end) ||
	    (end != WX_NODE_DONE && !indexed && p->driver->has_loop))
		return probe_fail(p, err);
	if (p->answer)
		json_object_set(p->out, "info", p->answer);
	rc = probe_clock(p, err);
	if (rc)
		return rc;
	rc = indexed ? probe_index(p, err) : probe_card(p, site, err);
	if (!rc)
		put_counts(p, indexed);
	return rc;
}

static int probe_open(struct probe *p, const struct wx_site_node *site,
		      const struct wx_probe_opts *opts, struct wx_error *err)
{
	struct wx_node_opts node_opts = { .timeout_s = opts->timeout_s,
					  .log = opts->log };
	int rc;

	*p = (struct probe){ .opts = opts,
			     .driver = wx_node_driver_of(opts->formats,
							 site->source),
			     .end_s = wx_mono_s() + opts->max_s,
			     .first_us = INT64_MIN,
			     .last_us = INT64_MIN };
	if (!p->driver)
		return wx_node_fail_source(opts->formats, site->source, err);
	p->line = malloc(WX_LINES_MAX);
	p->out = json_pack("{s:s, s:b}", "source", site->source, "ok", 0);
	p->events = json_object();
	p->damage = json_object();
	p->recorders = json_object();
	if (!p->line || !p->out || !p->events || !p->damage || !p->recorders)
		return wx_fail_nomem(err);
	rc = opts->formats->loop_new(&p->loop, err);
	return rc ? rc
		  : p->driver->open(p->loop, site, &node_opts, &p->node, err);
}

static void probe_close(struct probe *p)
{
	if (p->node)
		p->driver->close(p->node);
	if (p->loop)
		p->loop->free(p->loop);
	pull_set_fini(&p->closed);
	pull_set_fini(&p->open);
	json_decref(p->answer);
	json_decref(p->events);
	json_decref(p->damage);
	json_decref(p->recorders);
	json_decref(p->out);
	free(p->line);
}

int wx_probe(const struct wx_site_node *site, const struct wx_probe_opts *opts,
	     json_t **out, struct wx_error *err)
{
	struct wx_site_node as_utc = *site;
	struct probe p;
	int rc;

	/* Or a card would be refused for want of it. */
	as_utc.has_offset = true;
	rc = probe_open(&p, &as_utc, opts, err);
	if (!rc)
		rc = probe_node(&p, site, err);
	if (p.out)
		json_object_set_new(p.out, "ok", json_boolean(rc == WX_OK));
	if (p.out && rc && err)
		json_object_set_new(p.out, "error", json_string(err->text));
	*out = json_incref(p.out);
	probe_close(&p);
	return rc;
}

json_t *wx_probe_info(const char *source, const struct wx_probe_opts *opts)
{
	struct wx_site_node site = { .id = "probe", .source = source };
	json_t *info = NULL;
	struct probe p;

	if (!probe_open(&p, &site, opts, NULL)) {
		struct wx_node_req req = { .op = WX_NODE_INFO, .name = "info" };

		if (ask(&p, &req) == WX_NODE_DONE)
			info = json_incref(p.answer);
	}
	probe_close(&p);
	return info;
}
