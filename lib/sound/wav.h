/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/wav.h: what a WAV file holds, by walking its chunks.
 *
 * Field files are often damaged: a recorder that lost power leaves a data size
 * of 0, a pipe leaves 0xFFFFFFFF, a card leaves 44 bytes or none. libsndfile
 * opens half of them as silence, so that we walk the chunks (RIFF, RF64, BW64)
 * ourselves, trust no size, and say what is odd. Nothing is repaired here.
 */
#ifndef WX_SOUND_WAV_H
#define WX_SOUND_WAV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum wx_wav_code {
	WX_WAV_OTHER, /* compressed or of a width we do not read */
	WX_WAV_PCM,   /* integers of 1 (unsigned), 2, 3 or 4 bytes */
	WX_WAV_FLOAT, /* IEEE 754 of 4 or 8 bytes */
};

/* What is odd: bits of wx_wav.odd. wx_wav_words gives their words. */
enum wx_wav_odd {
	WX_WAV_EMPTY = 1 << 0,      /* a file of 0 bytes */
	WX_WAV_NOT_WAV = 1 << 1,    /* no RIFF and WAVE at its head */
	WX_WAV_BAD_FORMAT = 1 << 2, /* fmt chunk missing or absurd */
	WX_WAV_NO_FRAMES = 1 << 3,  /* not one whole frame */
	WX_WAV_SIZE_ZERO = 1 << 4,  /* frames, but a data size of 0 */
	WX_WAV_SIZE_FALSE = 1 << 5, /* a placeholder, or the file's size */
	WX_WAV_TRUNCATED = 1 << 6,  /* the file ends before its data */
	WX_WAV_PART_FRAME = 1 << 7, /* the last frame is torn */
	WX_WAV_TAIL = 1 << 8,       /* behind data bytes that are no chunk */
	WX_WAV_NO_PAD = 1 << 9, /* an odd chunk, and no pad before the next */
	WX_WAV_RIFF_SIZE = 1 << 10,    /* RIFF's size is not the file's */
	WX_WAV_PREALLOCATED = 1 << 11, /* NULs to the end, not taken as sound */
};

/*
 * Odd bits that readers which trust the header stumble over: they would see
 * other frames than n_frames. Such a file is better exported by wx_cutter_cut,
 * which writes a fresh header, than by wx_copy.
 */
#define WX_WAV_MISLEADS                                            \
	(WX_WAV_SIZE_ZERO | WX_WAV_SIZE_FALSE | WX_WAV_TRUNCATED | \
	 WX_WAV_PART_FRAME | WX_WAV_NO_PAD | WX_WAV_PREALLOCATED)

struct wx_wav {
	enum wx_wav_code code;
	unsigned tag;          /* wFormatTag, of the subformat if extensible */
	int channels;          /* 1..WX_WAV_MAX_CHANNELS; 0: unknown */
	int bits;              /* valid bits a sample, as declared */
	int sample_bytes;      /* width of a sample in the file */
	uint32_t rate_hz;      /* frames per second, WX_WAV_MIN_RATE_HZ.. */
	uint32_t block_align;  /* bytes a frame */
	int64_t fmt_offset;    /* of fmt's content; 0: none */
	uint32_t fmt_bytes;    /* 16, or 40 of the extensible form */
	int64_t data_offset;   /* of the first frame, bytes; 0: no data chunk */
	int64_t data_declared; /* as the data chunk (or ds64) says */
	int64_t data_bytes;    /* really there: n_frames * block_align */
	int64_t n_frames;      /* that can be read; OTHER: 0, ask libsndfile */
	int64_t file_bytes;
	unsigned odd; /* enum wx_wav_odd */
};

enum {
	WX_WAV_MAX_CHANNELS = 8,
	WX_WAV_MIN_RATE_HZ = 1000,
	WX_WAV_MAX_RATE_HZ = 1000000,
	WX_WAV_WORDS_SIZE = 128,
};

/**
 * Walk the chunks of a file.
 *
 * How many bytes of data there are: as many as declared, but never past the
 * end of the file. Where the declared size is no size (0, 44 in a longer file
 * as some recorders leave, 0x7FFFFFFF, 0xFFFFFFFF) or passes the end, data
 * runs to the end of the file or to a tail of known chunks that ends exactly
 * there, or a byte before. A plain RIFF above 4 GiB tells its size without the
 * upper bits: they are put back where that leads to the end or to a chunk.
 *
 * Recorders that claim a file's room beforehand leave NULs behind the sound
 * when power goes. Such a tail, up to the end of the file, is no sound if it has
 * 64 KiB; and, behind a size that was no size, if it fills a sector or more in
 * a file of whole clusters. A file that says its size right and holds nothing
 * but NULs is left alone: that is a microphone that was dead.
 *
 * @param[out] out  always filled as far as was learned, odd included.
 *
 * @retval WX_OK          frames can be counted; there may be none (NO_FRAMES).
 * @retval WX_ERR_FORMAT  EMPTY, NOT_WAV, BAD_FORMAT, or NO_FRAMES for want of
 *                        a data chunk. The text says what was found.
 * @retval WX_ERR_IO      the file could not be read.
 */
int wx_wav_probe_fd(int fd, const char *name, struct wx_wav *out,
		    struct wx_error *err);
/* The same of a file in memory. */
int wx_wav_probe_mem(const void *data, size_t n, const char *name,
		     struct wx_wav *out, struct wx_error *err);

/* A chunk beside fmt, ds64 and data. */
struct wx_wav_chunk {
	char id[5];         /* four bytes as in the file, and a NUL */
	bool after_data;    /* false: before it, or there is no data */
	int64_t offset;     /* of its first byte of content */
	int64_t declared;   /* bytes of content, as the chunk says */
	int64_t size_bytes; /* of them in the file; a pad never counts */
};

/* The first of them, in the order of the file: "LIST" "guan" "wamd" ... */
enum { WX_WAV_MAX_CHUNKS = 32 };
struct wx_wav_chunks {
	struct wx_wav_chunk chunk[WX_WAV_MAX_CHUNKS];
	size_t n;
};

/*
 * Like wx_wav_probe_*, and which chunks stand around the sound. Those that were
 * found are told after a failure, too. Behind data only chunks that are known
 * count, so that sound is never taken for one.
 */
int wx_wav_chunks_fd(int fd, const char *name, struct wx_wav *out,
		     struct wx_wav_chunks *chunks, struct wx_error *err);
int wx_wav_chunks_mem(const void *data, size_t n, const char *name,
		      struct wx_wav *out, struct wx_wav_chunks *chunks,
		      struct wx_error *err);

/* The words of odd, blank between; "" for 0. Returns buf. */
const char *wx_wav_words(unsigned odd, char buf[WX_WAV_WORDS_SIZE]);

/*
 * The header that goes before n_bytes of data (below 4 GiB - 44) in the coding
 * of wav: plain tags 1 and 3, which are understood everywhere, also where wav
 * had the extensible form.
 */
enum { WX_WAV_HEADER_SIZE = 44 };
void wx_wav_header(const struct wx_wav *wav, uint32_t n_bytes,
		   uint8_t out[WX_WAV_HEADER_SIZE]);

#endif
