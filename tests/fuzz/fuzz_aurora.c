/* SPDX-License-Identifier: MIT */
/*
 * tests/fuzz/fuzz_aurora.c: of whatever packets, every frame is in exactly one
 * part, parts follow one another, and their files have the bytes that the index
 * tells. The input is the stamps, readings and the length of the last packet;
 * the sound between them is left out of it.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/json.h"
#include "capture/aurora.h"
#include "capture/holder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { INPUT = 4 + 24 };

/* A sparse file of packets; what is over tells how the last is torn. */
static int make_file(const uint8_t *data, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	off_t at = 0;
	uint16_t rest = 0;

	if (fd < 0)
		abort();
	for (; n >= INPUT; n -= INPUT, data += INPUT, at += WX_AURORA_PACKET)
		if (pwrite(fd, data, 4, at) != 4 ||
		    pwrite(fd, data + 4, 24, at + WX_AURORA_PACKET - 24) != 24)
			abort();
	if (n >= 2)
		memcpy(&rest, data, 2);
	if (ftruncate(fd, at + rest % WX_AURORA_PACKET) ||
	    (n >= 6 && rest >= 4 && pwrite(fd, data + 2, 4, at) != 4))
		abort();
	return fd;
}

static size_t size_of(int fd, const struct wx_aurora *a, size_t part)
{
	char *text = NULL;
	size_t n = 0;
	FILE *mem = open_memstream(&text, &n);
	int rc = !mem ? -1
		 : part < a->n_parts
			 ? wx_aurora_write_wav(fd, "x", a, part, mem, NULL)
			 : wx_aurora_write_env(fd, "x", a, mem, NULL);

	if (rc || fclose(mem))
		abort();
	free(text);
	return n;
}

static void check_parts(int fd, const struct wx_aurora *a)
{
	int64_t packet = 0, frames = 0, m0 = -1;

	for (size_t i = 0; i < a->n_parts; i++) {
		const struct wx_aurora_part *p = &a->part[i];

		if (p->packet != packet || p->n_frames < 1 ||
		    (p->m0_us >= 0 && p->m0_us <= m0) ||
		    (i < 20 &&
		     size_of(fd, a, i) != 44 + 2 * (size_t)p->n_frames))
			abort();
		packet +=
			(p->n_frames + WX_AURORA_FRAMES - 1) / WX_AURORA_FRAMES;
		frames += p->n_frames;
		m0 = p->m0_us >= 0 ? p->m0_us : m0;
	}
	if (frames != a->n_frames || packet != (int64_t)a->n_packets)
		abort();
}

static void check_says(int fd, const struct wx_aurora *a)
{
	static const char name[] = "data_seq_1_run_2_hour_1000.pcm";
	json_t *says = json_object();
	char *text = NULL;
	size_t n = 0, env_l, n_lines = 0;
	FILE *mem = open_memstream(&text, &n);

	wx_holder_aurora.describe(fd, name, says);
	if (!mem ||
	    (json_object_get(says, "runs") != NULL) != (a->n_parts > 0) ||
	    wx_holder_aurora.index(name, says, mem, NULL) || fclose(mem))
		abort();
	env_l = (size_t)wx_json_i64(says, "env_l", 0);
	if ((env_l > 0) != (a->n_env > 0) ||
	    (env_l && env_l != size_of(fd, a, a->n_parts)))
		abort();
	for (size_t i = 0; i < n; i++)
		n_lines += text[i] == '\n';
	if (n_lines != a->n_parts + (env_l > 0))
		abort();
	free(text);
	json_decref(says);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct wx_aurora a;
	int fd = make_file(data, n < 100 * INPUT ? n : 100 * INPUT);

	if (wx_aurora_read(fd, "data_seq_1_run_2_hour_1000.pcm", &a, NULL))
		abort();
	check_parts(fd, &a);
	check_says(fd, &a);
	wx_aurora_fini(&a);
	close(fd);
	return 0;
}
