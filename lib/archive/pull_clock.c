/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/pull_clock.c: clock exchanges, 16 before the files and 16 after,
 * all of them kept: wx-align picks those with the least delay.
 *
 * A pull that finds nothing new changes nothing: then one exchange tells
 * whether the node still runs since the last recorded one, and when that is
 * less than an hour old nothing is recorded.
 */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "archive/pull_in.h"
#include "base/json.h"
#include "base/text.h"

enum { FRESH_S = 3600, MAX_FAILED = 3, TAIL_SIZE = 4096 };

static void clear(struct pull_clock *c)
{
	for (int i = 0; i < c->n; i++)
		json_decref(c->line[i]);
	c->n = c->failed = 0;
}

/* The last whole line of clock.jsonl. */
static void read_last(struct pull_node *n)
{
	struct pull_clock *c = &n->clock;
	char *path = wx_strf("%s/clock.jsonl", n->dir);
	FILE *in = path ? fopen(path, "re") : NULL;
	char tail[TAIL_SIZE + 1] = "";
	json_t *line = NULL;
	char *end, *start;
	size_t len = 0;

	c->last_boot = c->last_t4_us = -1;
	c->read_last = true;
	if (in) {
		if (fseeko(in, -TAIL_SIZE, SEEK_END) != 0)
			rewind(in);
		len = fread(tail, 1, TAIL_SIZE, in);
		fclose(in);
	}
	free(path);
	tail[len] = '\0';
	end = strrchr(tail, '\n');
	if (!end)
		return;
	*end = '\0';
	start = strrchr(tail, '\n');
	line = json_loads(start ? start + 1 : tail, 0, NULL);
	if (line) {
		c->last_boot = wx_json_i64(line, "b", -1);
		c->last_t4_us = wx_json_i64(line, "t4", -1);
	}
	json_decref(line);
}

/* Is the exchange that came no news, for the last one is young? */
static bool is_fresh(const struct pull_clock *c)
{
	int64_t age_us = wx_json_i64(c->line[0], "t4", 0) - c->last_t4_us;

	return wx_json_i64(c->line[0], "b", -1) == c->last_boot &&
	       age_us >= 0 && age_us < (int64_t)FRESH_S * 1000000;
}

static void record(struct pull_node *n)
{
	struct pull_clock *c = &n->clock;
	char *path = wx_strf("%s/clock.jsonl", n->dir);
	struct wx_journal *to = NULL;
	struct wx_error err = { 0 };
	int rc = path ? wx_journal_open(path, &to, &err) : wx_fail_nomem(&err);

	for (int i = 0; i < c->n && !rc; i++)
		rc = wx_journal_append(to, c->line[i], &err);
	if (!rc)
		rc = wx_journal_sync(to, &err);
	if (rc)
		pull_fail_node(n, rc, &err);
	else
		n->report.n_exchanges += (uint64_t)c->n;
	wx_journal_close(to);
	free(path);
}

static void ended(struct pull_slot *s, enum wx_node_end end,
		  const struct wx_error *why)
{
	struct pull_node *n = s->node;
	struct pull_clock *c = &n->clock;
	int most;

	s->state = SLOT_FREE;
	if (end == WX_NODE_DONE && s->req.answer) {
		c->line[c->n++] = json_incref(s->req.answer);
		return;
	}
	if (end == WX_NODE_GONE) {
		c->none = true;
		return;
	}
	/* Of no use is what a busy host saw leave after it had arrived: the next
	 * may be, and takes no time-out. */
	most = end == WX_NODE_DONE ? PULL_EXCHANGES : MAX_FAILED;
	if (++c->failed < most && end != WX_NODE_STOPPED)
		return;
	c->over = true;
	/* The captures are worth having all the same. */
	if (!n->failed && !pull_stopped(n) && c->n == 0)
		pull_warn(n, "no clock exchange: %s",
			  why->code ? why->text : "answers of no use");
}

static void ask(struct pull_node *n)
{
	struct pull_slot *s = &n->slot[0];

	s->then = ended;
	s->again_s = 0;
	if (!pull_slot_room(s))
		return;
	s->req = (struct wx_node_req){
		.op = WX_NODE_CLOCK, .name = "clock", .etag = "", .clone_fd = -1
	};
	pull_slot_start(s);
}

/* Is there anything that an exchange would be of use for? */
static bool has_news(const struct pull_node *n)
{
	if (n->grow.grew || n->report.n_adopted)
		return true;
	for (size_t i = 0; i < n->n_items; i++)
		if (n->item[i].kind == PULL_FILE)
			return true;
	return false;
}

bool pull_clock_before(struct pull_node *n)
{
	struct pull_clock *c = &n->clock;

	if (n->slot[0].state == SLOT_RUNNING)
		return true;
	if (!n->driver->has_clock || n->failed || pull_stopped(n))
		c->over = true;
	if (!c->read_last) {
		c->after = has_news(n);
		read_last(n);
	}
	if (c->n == 1 && !c->after && is_fresh(c))
		c->none = true; /* nothing to record */
	if (!c->none && !c->over && c->n < PULL_EXCHANGES) {
		ask(n);
		return true;
	}
	if (!c->none && c->n)
		record(n);
	c->last_boot = c->n ? wx_json_i64(c->line[0], "b", -1) : -1;
	clear(c);
	return false;
}

bool pull_clock_after(struct pull_node *n)
{
	struct pull_clock *c = &n->clock;

	if (n->slot[0].state == SLOT_RUNNING)
		return true;
	if (c->after && !c->none && !c->over && !n->failed &&
	    !pull_stopped(n) && c->n < PULL_EXCHANGES) {
		ask(n);
		return true;
	}
	if (c->n && wx_json_i64(c->line[0], "b", -1) != c->last_boot)
		pull_warn(n, "the node restarted during this pull");
	if (c->n)
		record(n);
	clear(c);
	return false;
}
