/* SPDX-License-Identifier: MIT */
/* Header fields as a stranger may send them; what is taken makes sense. */
#include <stdlib.h>
#include <string.h>

#include "node/http_head.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size ? size : 1); /* its end is its end */
	struct wx_node_head head = { 0 };
	uint8_t sha256[WX_SHA256_LEN];
	int64_t start, end, total;

	if (!text)
		return 0;
	memcpy(text, data, size);
	if (wx_http_range(text, size, &start, &end, &total) &&
	    (start < 0 || end < start || (total != -1 && total <= end)))
		abort();
	if (wx_http_etag(text, size, &head) !=
	    (head.etag[0] == '"' && strlen(head.etag) >= 2))
		abort();
	if (head.has_crc && (head.etag_len < 0 || !head.etag[0]))
		abort();
	wx_http_repr_digest(text, size, sha256);
	free(text);
	return 0;
}
