/* SPDX-License-Identifier: MIT */
/* A list of samples as anybody may have written it; lines or a document. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/text.h"
#include "dataset/info_labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is told of stays below the dataset, and can be sent as it is. */
static int on_item(void *ctx, const struct wx_info_item *item,
		   struct wx_error *err)
{
	(void)err;
	++*(size_t *)ctx;
	if (wx_name_check(item->path, NULL) || !*item->name ||
	    !*item->category || !item->label_key ||
	    (item->label != NULL) + (item->segments != NULL) +
			    (item->map != NULL) >
		    1)
		abort();
	return WX_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct wx_error err = { 0 };
	struct wx_info *info;
	size_t n = 0, again = 0;
	char path[40];
	int fd = memfd_create("info", 0);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (wx_info_open(path, &info, &err) == WX_OK) {
		int rc = wx_info_each(info, on_item, &n, &err);

		if (rc != wx_info_each(info, on_item, &again, NULL) ||
		    n != again || (rc && !err.text[0]))
			abort();
		wx_info_close(info);
	} else if (!err.text[0]) {
		abort();
	}
	close(fd);
	return 0;
}
