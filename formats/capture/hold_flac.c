/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/hold_flac.c: a recording as FLAC, which Frontier Labs'
 * recorders write. All that follows reads WAV and cuts it without a change, so
 * that it is unpacked once, to the very integers that were packed.
 */
#include <limits.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/file.h"
#include "capture/holder.h"
#include "sound/wav.h"

enum { FRAMES = 4096, CHECK_BYTES = 16 << 20, KEEP_BYTES = 64 << 20 };

static bool is(const char *name, const void *head, size_t n)
{
	(void)name;
	return n >= 8 && !memcmp(head, "fLaC", 4);
}

/* Bytes a sample; 0: not one of ours. */
static int width(const SF_INFO *info)
{
	switch (info->format & SF_FORMAT_SUBMASK) {
	case SF_FORMAT_PCM_S8: /* WAV has 8 bits unsigned: better wider */
	case SF_FORMAT_PCM_16:
		return 2;
	case SF_FORMAT_PCM_24:
		return 3;
	default:
		return 0;
	}
}

static SNDFILE *open_flac(int fd, SF_INFO *info)
{
	SNDFILE *snd;

	*info = (SF_INFO){ 0 };
	if (lseek(fd, 0, SEEK_SET) != 0)
		return NULL;
	snd = sf_open_fd(fd, SFM_READ, info, SF_FALSE);
	if (snd && width(info) && info->channels > 0 &&
	    info->channels <= WX_WAV_MAX_CHANNELS &&
	    info->samplerate >= WX_WAV_MIN_RATE_HZ &&
	    info->samplerate <= WX_WAV_MAX_RATE_HZ)
		return snd;
	if (snd)
		sf_close(snd);
	return NULL;
}

static void describe(int fd, const char *name, json_t *says)
{
	SF_INFO info;
	SNDFILE *snd = open_flac(fd, &info);

	(void)name;
	if (!snd || info.frames <= 0) {
		wx_holder_add_damage(says, "header_only");
	} else {
		wx_holder_add_part(says, "0001.wav", info.frames,
				   info.samplerate, INT64_MIN);
	}
	if (snd)
		sf_close(snd);
}

/* The high bytes of 32-bit samples, little-endian. */
static int write_samples(FILE *out, const int *sample, size_t n, int bytes,
			 const char *name, struct wx_error *err)
{
	for (size_t i = 0; i < n; i++) {
		unsigned v = (unsigned)sample[i] >> (32 - 8 * bytes);

		for (int k = 0; k < bytes; k++, v >>= 8)
			putc_unlocked((int)(v & 0xff), out);
	}
	return ferror(out) ? wx_fail_errno(err, "%s: cannot unpack", name)
			   : WX_OK;
}

/*
 * Silence packs a thousandfold, and the disk is the other nodes', too: some of
 * it stays theirs.
 */
static int check_room(FILE *out, const char *name, struct wx_error *err)
{
	struct statvfs fs;

	if (fstatvfs(fileno(out), &fs) == 0 &&
	    (int64_t)fs.f_bavail * (int64_t)fs.f_frsize < KEEP_BYTES)
		return wx_fail(err, WX_ERR_IO,
			       "%s: no room on the disk to unpack it; free "
			       "some, and the next pull will",
			       name);
	return WX_OK;
}

/*
 * As many frames as there are: a file whose power went does not know, and one
 * that breaks off has fewer than it says.
 */
static int unpack_frames(SNDFILE *snd, const struct wx_wav *wav,
			 const char *name, FILE *out, uint32_t *n_bytes,
			 struct wx_error *err)
{
	int *buf = malloc(sizeof(*buf) * FRAMES * (size_t)wav->channels);
	int64_t sum = 0, check = 0;
	int rc = buf ? WX_OK : wx_fail_nomem(err);
	sf_count_t n;

	while (!rc && (n = sf_readf_int(snd, buf, FRAMES)) > 0) {
		sum += n * wav->block_align;
		if (sum > UINT32_MAX - WX_WAV_HEADER_SIZE - 1)
			rc = wx_fail(err, WX_ERR_RANGE,
				     "%s: over 4 GiB as WAV, which WAV cannot "
				     "hold; split it",
				     name);
		else if (sum >= check && !(rc = check_room(out, name, err)))
			check = sum + CHECK_BYTES;
		if (!rc)
			rc = write_samples(out, buf,
					   (size_t)n * (size_t)wav->channels,
					   wav->sample_bytes, name, err);
	}
	if (!rc && sum & 1)
		putc(0, out);
	*n_bytes = (uint32_t)sum;
	free(buf);
	return rc;
}

static int unpack(SNDFILE *snd, const SF_INFO *info, const char *name,
		  FILE *out, struct wx_error *err)
{
	const struct wx_wav wav = {
		.code = WX_WAV_PCM,
		.channels = info->channels,
		.sample_bytes = width(info),
		.rate_hz = (uint32_t)info->samplerate,
		.block_align = (uint32_t)(info->channels * width(info)),
	};
	uint8_t header[WX_WAV_HEADER_SIZE] = { 0 };
	uint32_t n_bytes;
	int rc;

	fwrite(header, 1, sizeof(header), out);
	rc = unpack_frames(snd, &wav, name, out, &n_bytes, err);
	if (rc)
		return rc;
	rewind(out);
	wx_wav_header(&wav, n_bytes, header);
	if (fwrite(header, 1, sizeof(header), out) != sizeof(header))
		return wx_fail_errno(err, "%s: cannot unpack", name);
	return WX_OK;
}

static int make(int fd, const char *name, const json_t *says, const char *w,
		const char *to, struct wx_error *err)
{
	struct wx_file *f = NULL;
	SF_INFO info;
	SNDFILE *snd = open_flac(fd, &info);
	int rc;

	(void)says;
	(void)w;
	if (!snd)
		return wx_fail(err, WX_ERR_FORMAT, "%s: no FLAC that is read",
			       name);
	rc = wx_file_create(to, &f, err);
	if (!rc)
		rc = unpack(snd, &info, name, wx_file_get(f), err);
	sf_close(snd);
	if (!rc)
		return wx_file_commit(f, NULL, err);
	wx_file_abort(f);
	return rc;
}

const struct wx_holder wx_holder_flac = {
	.kind = "flac",
	.is = is,
	.describe = describe,
	.make = make,
};
