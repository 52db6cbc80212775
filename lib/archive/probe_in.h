/* SPDX-License-Identifier: MIT */
/* lib/archive/probe_in.h: what probe*.c share; nobody else includes it. */
#ifndef WX_ARCHIVE_PROBE_IN_H
#define WX_ARCHIVE_PROBE_IN_H

#include "archive/probe.h"
#include "archive/pull_set.h"

struct probe {
	const struct wx_probe_opts *opts;
	const struct wx_node_driver *driver;
	struct wx_node_loop *loop;
	void *node;
	double end_s;

	/* The request under way. */
	bool over;
	enum wx_node_end end;
	json_t *answer;
	struct wx_error why;

	/* Lines of the index. */
	char *line;
	size_t n_line;
	bool too_long;
	struct pull_set closed, open; /* keys of names */
	struct wx_error err;
	int64_t n_captures, n_bytes, n_open, n_tables, n_refused, n_undated;
	int64_t n_zoneless;
	double sound_s;
	int64_t first_us, last_us; /* INT64_MIN: none is dated */

	/* Of the exchange with the least delay; boot -1: none. */
	int64_t boot, m_us, at_us; /* m_us by the node was at_us by us */

	json_t *out, *events, *damage, *recorders;
};

/* Time is up, or nobody wants to know any more; and the error of it. */
bool probe_is_over(const struct probe *p);
int probe_fail(struct probe *p, struct wx_error *err);

/* obj[key] is one more. */
void probe_count(json_t *obj, const char *key);

/* Lines of an index, in pieces of any size; what was read of them so far. */
int probe_bytes(struct probe *p, const char *data, size_t n);
void probe_forget_lines(struct probe *p);

/* ---- probe_card.c: a card without an index ---- */

/* Looks into every recording, as a pull would. */
int probe_card(struct probe *p, const struct wx_site_node *site,
	       struct wx_error *err);

#endif
