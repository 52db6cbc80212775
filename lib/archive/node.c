/* SPDX-License-Identifier: MIT */
/* lib/archive/node.c: see node.h. */
#include "archive/node.h"

#include <string.h>

const struct wx_node_driver *
wx_node_driver_of(const struct wx_node_formats *formats, const char *source)
{
	const struct wx_node_driver *const *d = formats->driver;

	for (; *d; d++)
		if (!strncmp(source, (*d)->scheme, strlen((*d)->scheme)))
			return *d;
	return NULL;
}
