/* SPDX-License-Identifier: MIT */
/*
 * tests/fuzz/fuzz_httpcond.c: a Range header, a line break, an If-Match
 * header, of a file of 1000 bytes.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "node/httpcond.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char *range = malloc(n + 1), *list;
	uint64_t first, count;

	if (!range)
		return 0;
	memcpy(range, data, n);
	range[n] = '\0';
	list = strchr(range, '\n');
	if (list)
		*list++ = '\0';
	if (wx_range_parse(range, 1000, &first, &count) != WX_RANGE_NOWHERE &&
	    (count == 0 || first >= 1000 || count > 1000 - first))
		abort();
	if (wx_range_parse(range, 0, &first, &count) == WX_RANGE_PART)
		abort();
	/* What matches strongly matches weakly. */
	if (list && wx_etag_listed(list, "\"a-1\"", false) &&
	    !wx_etag_listed(list, "\"a-1\"", true))
		abort();
	free(range);
	return 0;
}
