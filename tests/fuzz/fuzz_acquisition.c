/* SPDX-License-Identifier: MIT */
/*
 * tests/fuzz/fuzz_acquisition.c: any bytes as an acquisition; what is read can
 * be read again, and what is made of it is a WAV file with as many frames.
 */
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "capture/acquisition.h"
#include "sound/wav.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static int count(void *ctx, int64_t row, const double *value,
		 struct wx_error *err)
{
	int64_t *n_rows = ctx;

	(void)value;
	(void)err;
	if (row != (*n_rows)++)
		abort();
	return WX_OK;
}

static void make(int fd, const struct wx_acquisition *a)
{
	int channels = wx_acquisition_channels(a);
	struct wx_acq_axis axis[WX_ACQ_ENVS];
	struct wx_wav wav;
	char *text = NULL;
	size_t n = 0;
	FILE *out = open_memstream(&text, &n);

	if (!out)
		abort();
	if ((wx_acquisition_write_wav(fd, "x", a, out, NULL) == WX_OK) !=
		    (channels > 0) ||
	    fflush(out) != 0)
		abort();
	if (channels && a->n_rows > 0 &&
	    (wx_wav_probe_mem(text, n, "x", &wav, NULL) != WX_OK || wav.odd ||
	     wav.n_frames != a->n_rows || wav.channels != channels))
		abort();
	if (wx_acquisition_env(a, axis))
		wx_acquisition_write_env(fd, "x", a, 0, out, NULL);
	fclose(out);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static int fd = -1;
	struct wx_error err = { 0 };
	struct wx_acquisition a;
	int64_t n_rows = 0;
	int rc;

	if (fd < 0)
		fd = memfd_create("acquisition", 0);
	if (fd < 0 || ftruncate(fd, 0) != 0 ||
	    pwrite(fd, data, n, 0) != (ssize_t)n)
		abort();
	wx_acquisition_looks(data, n);
	rc = wx_acquisition_read(fd, "x", &a, &err);
	if ((rc == WX_OK) != (err.text[0] == '\0'))
		abort();
	if (rc != WX_OK)
		return 0;
	if (a.n_sensors < 1 || a.n_sensors > WX_ACQ_SENSORS ||
	    !(a.interval_ms > 0) || a.values_offset > (int64_t)n ||
	    wx_acquisition_rows(fd, "x", &a, count, &n_rows, NULL) != WX_OK ||
	    n_rows != a.n_rows)
		abort();
	make(fd, &a);
	return 0;
}
