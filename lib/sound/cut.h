/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/cut.h: sound put into files of its own, sample for sample.
 *
 * Thousands of files are made at a time: each appears by rename, as everywhere,
 * but none is synced alone. After a power cut a file may be short (on the file
 * systems in use its size follows its data): look at the size. Whoever was
 * killed finds TO.part, which a caller that notes down beforehand what it is
 * about to make can remove.
 */
#ifndef WX_SOUND_CUT_H
#define WX_SOUND_CUT_H

#include "base/error.h"
#include "base/hash.h"
#include "sound/wav.h"

/* A capture that is open for cutting. */
struct wx_cutter;

/* Failures are those of wx_wav_probe_fd(), and WX_ERR_FORMAT for WX_WAV_OTHER. */
int wx_cutter_open(const char *path, struct wx_cutter **out,
		   struct wx_error *err);
const struct wx_wav *wx_cutter_wav(const struct wx_cutter *c); /* lends */
void wx_cutter_close(struct wx_cutter *c);

/*
 * Copy the capture whole, bytes and all: blocks shared where the file system
 * can, else within the kernel, else by reading and writing. What is at `to` is
 * replaced; its folder must be there.
 */
int wx_cutter_copy(struct wx_cutter *c, const char *to, struct wx_error *err);

/*
 * The same without copying a byte: blocks shared where the file system can,
 * else a hard link, else a copy. A hard link is the capture itself: whoever
 * writes to one writes to both.
 */
int wx_cutter_link(struct wx_cutter *c, const char *to, struct wx_error *err);

/**
 * Write frames first .. first + n_frames - 1 as a WAV of their own: a header of
 * WX_WAV_HEADER_SIZE bytes, then the bytes of the frames as they are.
 *
 * @param to   replaced if there; its folder must be there.
 * @param sha  every byte of the new file is added to it; NULL: not wanted.
 *
 * @retval WX_ERR_RANGE  the capture does not hold these frames, or they are
 *                       none, or more than a WAV can hold (4 GiB).
 */
int wx_cutter_cut(struct wx_cutter *c, int64_t first, int64_t n_frames,
		  const char *to, struct wx_sha256 *sha, struct wx_error *err);

/*
 * The bytes of n_frames from frame first on, as they are in the capture; out has
 * room. WX_ERR_RANGE: it does not hold them.
 */
int wx_cutter_read(const struct wx_cutter *c, int64_t first, int64_t n_frames,
		   void *out, struct wx_error *err);

/* Bytes of such a file. */
int64_t wx_cut_size(const struct wx_wav *wav, int64_t n_frames);

#endif
