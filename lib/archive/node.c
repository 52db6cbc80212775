/* SPDX-License-Identifier: MIT */
/* lib/archive/node.c: see node.h. */
#include "archive/node.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

const struct wx_node_driver *
wx_node_driver_of(const struct wx_node_formats *formats, const char *source)
{
	const struct wx_node_driver *const *d = formats->driver;

	for (; *d; d++)
		if (!strncmp(source, (*d)->scheme, strlen((*d)->scheme)))
			return *d;
	return NULL;
}

int wx_node_fail_source(const struct wx_node_formats *formats,
			const char *source, struct wx_error *err)
{
	const struct wx_node_driver *const *d = formats->driver;
	char known[100] = "", quoted[WX_QUOTE_SIZE];
	size_t at = 0;

	for (; *d && at < sizeof(known); d++)
		at += (size_t)snprintf(known + at, sizeof(known) - at, "%s%s",
				       at ? " " : "", (*d)->scheme);
	return wx_fail(err, WX_ERR_FORMAT,
		       "'%s' is no source: expected one that begins with one "
		       "of %s",
		       wx_quote(source, strlen(source), quoted), known);
}
