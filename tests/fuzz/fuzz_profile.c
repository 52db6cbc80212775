/* SPDX-License-Identifier: MIT */
/* Any bytes as a profile: refused, or with limits that rise. */
#include <stdint.h>
#include <stdlib.h>

#include "weather/profile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wx_profile p;

	if (wx_profile_parse((const char *)data, size, "fuzz", &p, NULL) !=
	    WX_OK)
		return 0;
	if (p.rain.n < 2 || p.rain.n > WX_MAX_CLASSES || !(p.rain.limit[0] > 0))
		abort();
	for (int i = 1; i < p.rain.n - 1; i++)
		if (!(p.rain.limit[i] > p.rain.limit[i - 1]))
			abort();
	return 0;
}
