/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/probe.h: what a node has and how it is, without pulling.
 *
 * A probe writes nothing and needs no archive. It asks what any driver can be
 * asked (archive/node.h): the node itself, a few clock exchanges, its index; of
 * a card without an index, each recording is looked into.
 */
#ifndef WX_ARCHIVE_PROBE_H
#define WX_ARCHIVE_PROBE_H

#include <stdio.h>

#include "archive/node.h"

struct wx_probe_opts {
	double timeout_s; /* of silence, for each thing that is asked */
	double max_s;     /* for all of it */
	const struct wx_node_formats *formats;
	struct wx_log *log;
	bool (*stopped)(void); /* asked often; true: end soon */
};

/*
 * What is there, a new reference (schema "probe-line"), also where something
 * failed on the way: what was learned until then. site's id is not looked at;
 * without has_offset, a card's times without a zone are told as if in UTC.
 *
 * WX_ERR_FORMAT: a source that no driver speaks, or a node that answers what
 * no node would; WX_ERR_IO: it cannot be reached, or fell silent.
 */
int wx_probe(const struct wx_site_node *site, const struct wx_probe_opts *opts,
	     json_t **out, struct wx_error *err);

/* What wx_probe found, for people: some lines, each indented by two blanks. */
void wx_probe_print(const json_t *found, FILE *out);

/*
 * Only what the node says of itself, an object as WX_NODE_INFO gives it, or
 * NULL: nobody answered who speaks that way. A quick question to a port.
 */
json_t *wx_probe_info(const char *source, const struct wx_probe_opts *opts);

#endif
