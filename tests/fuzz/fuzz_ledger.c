/* SPDX-License-Identifier: MIT */
/* A ledger as power cuts and editors leave it: read, added to, read again. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "dataset/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_to(const char *path, const uint8_t *data, size_t size)
{
	FILE *out = fopen(path, "w");

	if (!out || fwrite(data, 1, size, out) != size || fclose(out))
		abort();
}

static char dir[] = "/dev/shm/wx-fuzz-ledger.XXXXXX";

static void remove_dir(void)
{
	rmdir(dir);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char *path;
	struct wx_ledger_line line = { .category = "training",
				       .label = "=rain",
				       .path = "training/x.wav",
				       .start_utc = "" };
	struct wx_ledger *l;

	if (!path) {
		if (!mkdtemp(dir) ||
		    !(path = wx_strf("%s/%s", dir, WX_LEDGER_FILE)))
			abort();
		atexit(remove_dir);
	}
	write_to(path, data, size);
	for (int i = 0; i < 2; i++) {
		if (wx_ledger_open(dir, 4711, &l, NULL, NULL))
			break;
		/* What was added is there, whatever stood before it. */
		if (i == 1 && wx_ledger_find(l, line.sha256, "training",
					     "=rain") != WX_LEDGER_THERE)
			abort();
		if (wx_ledger_add(l, &line, false, NULL))
			abort();
		wx_ledger_close(l, NULL);
	}
	unlink(path);
	return 0;
}
