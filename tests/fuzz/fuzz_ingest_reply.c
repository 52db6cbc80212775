/* SPDX-License-Identifier: MIT */
/* What a stranger answers to an upload: a verdict for each file, or a reason. */
#include <stdlib.h>
#include <string.h>

#include "dataset/ingest_reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1); /* its end is its end */
	struct wx_ingest_verdict v[3];

	if (!text)
		return 0;
	memcpy(text, data, size);
	for (size_t n = 1; n <= WX_COUNT(v); n++) {
		struct wx_error err = { 0 };
		int rc = wx_ingest_reply_read(text, size, n, v, &err);

		if ((rc != WX_OK) != (err.text[0] != '\0') ||
		    (rc && rc != WX_ERR_FORMAT && rc != WX_ERR_RANGE))
			abort();
		for (size_t i = 0; !rc && i < n; i++)
			if ((v[i].end == WX_INGEST_SENT) != !v[i].why[0] ||
			    strlen(v[i].why) >= sizeof(v[i].why))
				abort();
	}
	free(text);
	return 0;
}
