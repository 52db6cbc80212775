/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/rescue.h: what is wrong with a recording, and a copy of what is
 * left of it.
 *
 * A look says the classes of damage. Where a WAV file's header hides sound that
 * is there, promises sound that is not, or leads readers astray, a copy under
 * another name has exactly the frames that exist, under a header that every
 * reader understands. Our own walker (sound/wav.h) reads the damaged file as
 * well: the copy is for people and for other programs. The file itself is never
 * changed.
 */
#ifndef WX_SOUND_RESCUE_H
#define WX_SOUND_RESCUE_H

#include <stdbool.h>

#include "base/error.h"
#include "sound/wav.h"

/* Classes of damage: bits of wx_rescue.damage. wx_rescue_words has the words. */
enum wx_damage {
	WX_DAMAGE_EMPTY = 1 << 0,       /* a file of 0 bytes */
	WX_DAMAGE_NULL = 1 << 1,        /* nothing but NULs, but for a header */
	WX_DAMAGE_HEADER_ONLY = 1 << 2, /* a header, or part of one */
	WX_DAMAGE_NOISE_ONLY = 1 << 3,  /* bytes as if by chance, no sound */
	WX_DAMAGE_TRUNCATED = 1 << 4,   /* ends before its sound does */
	WX_DAMAGE_SIZE_ZERO = 1 << 5, /* sound, and a size of 0 in the header */
	WX_DAMAGE_SIZE_FALSE = 1 << 6, /* a size that is none: 44, wrapped */
	WX_DAMAGE_OVERSIZE = 1
			     << 7, /* a size past the file's end, a stand-in */
	WX_DAMAGE_PREALLOCATED = 1 << 8, /* NULs where sound was to come */
	WX_DAMAGE_PART_FRAME = 1 << 9,   /* the last frame is torn */
	WX_DAMAGE_NO_PAD = 1 << 10,      /* chunks that most readers misread */
	WX_DAMAGE_BAD_FORMAT = 1 << 11,  /* a WAV whose fmt cannot be */
	WX_DAMAGE_LFS_POINTER = 1 << 12, /* Git LFS's text in place of a file */
	WX_DAMAGE_NOT_AUDIO = 1 << 13,   /* no recording of any known kind */
};

enum { WX_RESCUE_WORDS_SIZE = 160, WX_RESCUE_TEXT_SIZE = 400 };

struct wx_rescue {
	unsigned damage; /* enum wx_damage; 0: nothing is wrong */
	bool is_wav;     /* wav is filled in as far as it was learned */
	bool can_copy;   /* wx_rescue_copy has something to better */
	struct wx_wav wav;
	struct wx_wav_chunks chunks;
	/* For people, a sentence without the file's name; "" if all is well. */
	char text[WX_RESCUE_TEXT_SIZE];
};

/**
 * Look at a file that should be a recording.
 *
 * A healthy WAV takes two small reads. More is read only where those give
 * cause: NULs at an end of the file, a size that is none.
 *
 * @param name     for messages.
 * @param[out] out always filled, as far as was learned.
 *
 * @retval WX_OK      also of the worst file: out tells.
 * @retval WX_ERR_IO  it could not be read.
 */
int wx_rescue_look(int fd, const char *name, struct wx_rescue *out,
		   struct wx_error *err);

/* The words of damage, blank between; "" for 0. Returns buf. */
const char *wx_rescue_words(unsigned damage, char buf[WX_RESCUE_WORDS_SIZE]);
/* The word of bit i, counted from 0; NULL past the last: for a list of them. */
const char *wx_rescue_word(unsigned i);
/* For people, to go behind it: "its last frame is torn". NULL past the last. */
const char *wx_rescue_means(unsigned i);

/* What a copy holds. */
struct wx_rescued {
	int64_t n_frames, size_bytes;
	bool changed; /* false: these very bytes were there already */
	/* For a log: "8000 frames; the header said 0; kept LIST guan". */
	char text[WX_RESCUE_TEXT_SIZE];
};

/**
 * Write a new file with the sound of a damaged WAV, whole or not at all.
 *
 * It has the fmt of the old one, every whole frame that exists byte for byte,
 * and the chunks around them that are whole themselves and up to
 * WX_RESCUE_MAX_CHUNK bytes, on their side of the sound: times and places lie
 * in them. From 4 GiB on it is RF64. The bytes are a function of the original's.
 *
 * @param fd   what `look` was made of; stays as it is.
 * @param to   replaced if there and other; folders are made.
 *
 * @retval WX_ERR_FORMAT  look->can_copy is false.
 * @retval WX_ERR_IO      reading or writing failed, or the file has shrunk.
 */
enum { WX_RESCUE_MAX_CHUNK = 1 << 20 };
int wx_rescue_copy(int fd, const char *name, const struct wx_rescue *look,
		   const char *to, struct wx_rescued *out,
		   struct wx_error *err);

#endif
