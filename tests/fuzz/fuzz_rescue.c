/* SPDX-License-Identifier: MIT */
/*
 * tests/fuzz/fuzz_rescue.c: of whatever file, the copy holds the frames that
 * the look found, byte for byte, and there is nothing more to mend in it.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/file.h"
#include "sound/rescue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char to[] = "/dev/shm/wx-fuzz-rescue.XXXXXX";

static void remove_copy(void)
{
	unlink(to);
}

static void check_copy(const struct wx_rescue *r, const uint8_t *data)
{
	int fd = open(to, O_RDONLY | O_CLOEXEC);
	struct wx_rescue again;
	uint8_t *frames = malloc((size_t)r->wav.data_bytes + 1);

	if (fd < 0 || !frames || wx_rescue_look(fd, "copy", &again, NULL) ||
	    again.wav.n_frames != r->wav.n_frames || again.can_copy ||
	    again.wav.block_align != r->wav.block_align ||
	    again.wav.rate_hz != r->wav.rate_hz ||
	    (again.wav.odd & ~(unsigned)WX_WAV_NO_FRAMES))
		abort();
	if (wx_file_read_at(fd, "copy", frames, (size_t)r->wav.data_bytes,
			    again.wav.data_offset, NULL) ||
	    memcmp(frames, data + r->wav.data_offset,
		   (size_t)r->wav.data_bytes) != 0)
		abort();
	free(frames);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool begun;
	char words[WX_RESCUE_WORDS_SIZE];
	struct wx_rescue r;
	struct wx_rescued made;
	struct wx_error err = { 0 };
	int fd = memfd_create("fuzz", MFD_CLOEXEC), rc;

	if (!begun) {
		begun = true;
		if (mkstemp(to) < 0)
			abort();
		atexit(remove_copy);
	}
	if (fd < 0 || write(fd, data, n) != (ssize_t)n)
		abort();
	if (wx_rescue_look(fd, "x.wav", &r, &err) != WX_OK)
		abort();
	if ((wx_rescue_words(r.damage, words)[0] == '\0') !=
	    (r.text[0] == '\0'))
		abort();
	rc = wx_rescue_copy(fd, "x.wav", &r, to, &made, &err);
	if ((rc == WX_OK) != r.can_copy || (rc && !err.text[0]))
		abort();
	if (rc == WX_OK)
		check_copy(&r, data);
	close(fd);
	return 0;
}
