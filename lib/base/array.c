/* SPDX-License-Identifier: MIT */
/*
 * lib/base/array.c: see array.h.
 *
 * Doubling costs address space, not memory: realloc() moves large blocks
 * without copying them, and pages that nobody wrote to do not count.
 */
#include "base/array.h"

#include <stdlib.h>
#include <string.h>

int wx_grow(void *array, size_t *room, size_t n, size_t size,
	    struct wx_error *err)
{
	size_t more = *room ? *room : 64;
	void *p;

	if (n <= *room)
		return WX_OK;
	while (more < n)
		more *= 2;
	/* By memcpy: *array is a pointer to anything but void. */
	memcpy(&p, array, sizeof(p));
	p = reallocarray(p, more, size);
	if (!p)
		return wx_fail_nomem(err);
	memcpy(array, &p, sizeof(p));
	*room = more;
	return WX_OK;
}

void wx_sort(void *v, size_t n, size_t size,
	     int (*compare)(const void *a, const void *b, void *ctx), void *ctx)
{
	const char *p = v;

	for (size_t i = 1; i < n; i++)
		if (compare(p + (i - 1) * size, p + i * size, ctx) > 0) {
			qsort_r(v, n, size, compare, ctx);
			return;
		}
}
