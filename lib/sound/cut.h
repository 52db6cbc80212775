/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/cut.h: sound put into files of its own, sample for sample.
 *
 * Thousands of files are made at a time, so that none is synced alone: they
 * appear by rename as everywhere, and the caller syncs the file system once
 * (syncfs) before it writes down that they are there.
 */
#ifndef WX_SOUND_CUT_H
#define WX_SOUND_CUT_H

#include "base/error.h"
#include "base/hash.h"
#include "sound/wav.h"

/*
 * Copy a file whole, bytes and all: blocks shared where the file system can
 * (FICLONE), else by copy_file_range, else by reading and writing. A file that
 * is at `to` is replaced. The folder of `to` must be there.
 */
int wx_copy(const char *from, const char *to, struct wx_error *err);

/* A capture that is open for cutting. */
struct wx_cutter;

/* Failures are those of wx_wav_probe, and WX_ERR_FORMAT for WX_WAV_OTHER. */
int wx_cutter_open(const char *path, struct wx_cutter **out,
		   struct wx_error *err);
const struct wx_wav *wx_cutter_wav(const struct wx_cutter *c); /* lends */
void wx_cutter_close(struct wx_cutter *c);

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

#endif
