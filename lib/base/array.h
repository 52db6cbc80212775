/* SPDX-License-Identifier: MIT */
/* lib/base/array.h: arrays that grow. */
#ifndef WX_BASE_ARRAY_H
#define WX_BASE_ARRAY_H

#include "base/error.h"

/*
 * Room for n elements in *array, which may move and is realloc()'s; *room is
 * how many it has room for, 0 at first. WX_ERR_NOMEM leaves both as they were.
 */
#define WX_GROW(array, room, n, err) \
	wx_grow(array, room, n, sizeof(**(array)), err)
int wx_grow(void *array, size_t *room, size_t n, size_t size,
	    struct wx_error *err);

/*
 * qsort_r() for what mostly is sorted already: nothing is done then, where
 * glibc's would take as much memory again.
 */
void wx_sort(void *v, size_t n, size_t size,
	     int (*compare)(const void *a, const void *b, void *ctx),
	     void *ctx);

#endif
