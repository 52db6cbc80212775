/* SPDX-License-Identifier: MIT */
/* Any file name; a start only where there is a kind that has one. */
#include <stdlib.h>
#include <string.h>

#include "capture/filename.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *name = malloc(size + 1);
	struct wx_time t;
	enum wx_filename_kind kind;

	if (!name)
		return 0;
	memcpy(name, data, size);
	name[size] = '\0';
	kind = wx_filename_time(name, 3600, &t);
	if (wx_time_is_none(t) ==
	    (kind == WX_FILENAME_LOCAL || kind == WX_FILENAME_UTC))
		abort();
	free(name);
	return 0;
}
