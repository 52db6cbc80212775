/* SPDX-License-Identifier: MIT */
/* tests/fuzz/fuzz_voices.c: what is taken from a detector is believable. */
#include <stdint.h>
#include <stdlib.h>

#include "sound/voices.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct wx_voices v;

	if (wx_voices_parse((const char *)data, n, &v, NULL) != WX_OK)
		abort();
	for (size_t i = 0; i < v.n; i++)
		if (!(v.v[i].from_s <= v.v[i].to_s) || !(v.v[i].p >= 0) ||
		    !(v.v[i].p <= 1))
			abort();
	if (!(wx_voices_between(&v, 0, 1e300) <= 1))
		abort();
	wx_voices_fini(&v);
	return 0;
}
