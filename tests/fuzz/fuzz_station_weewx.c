/* SPDX-License-Identifier: MIT */
/* Any bytes as a database, which SQLite wants as a file with a name. */
#include <unistd.h>

#include "station_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/dev/shm/wx-fuzz-XXXXXX";
	int fd = size ? mkstemp(path) : -1, n_rows = 0;
	const struct wx_station_format *f = &wx_station_weewx;
	struct wx_station_opts opts;
	struct wx_error err = { 0 };
	struct wx_log log = { 0 };
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r+");

	if (!in)
		return 0;
	wx_station_opts_init(&opts);
	opts.bucket_mm = data[0] & 1 ? 0.254 : NAN;
	f->probe(data + 1, size - 1);
	fwrite(data + 1, 1, size - 1, in);
	fflush(in);
	if (f->read(in, path, &opts, wx_station_fuzz_row, &n_rows, &log, &err) >
	    0)
		abort();
	fclose(in);
	unlink(path);
	return 0;
}
