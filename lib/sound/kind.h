/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/kind.h: what a file is, by its first bytes.
 *
 * A name ending in .wav promises nothing: cards and downloads hold pointers to
 * files that were never fetched, error pages, blocks of NUL, and sound in
 * codings that are not read here. Each has its name and a sentence that says
 * what to do, so that nobody has to learn it from "no RIFF at its head".
 */
#ifndef WX_SOUND_KIND_H
#define WX_SOUND_KIND_H

#include <stdbool.h>
#include <stddef.h>

enum wx_kind {
	WX_KIND_UNKNOWN,
	WX_KIND_EMPTY, /* 0 bytes */
	WX_KIND_WAV,   /* RIFF, RF64 or BW64, and WAVE */
	WX_KIND_NULS,  /* nothing but NUL as far as was looked */
	WX_KIND_LFS,   /* a git-LFS or git-annex pointer */
	WX_KIND_HTML,  /* a web page: an error, or a login */
	WX_KIND_TEXT,  /* other printable UTF-8 */
	WX_KIND_WAC,   /* Wildlife Acoustics' compressed sound */
	WX_KIND_FLAC,
	WX_KIND_MP3,
	WX_KIND_OGG,
	WX_KIND_MP4,   /* m4a, aac in a box */
	WX_KIND_SOUND, /* of other codings: AIFF, CAF, WavPack, AU, RIFX */
	WX_KIND_SUD,   /* SoundTrap's archive, by its name */
	WX_KIND_ZIP,
	WX_KIND_GZIP,
};

/* How much of a file is worth handing in; less will do. */
enum { WX_KIND_HEAD = 512 };

/* head: its first n bytes, all of them if n < WX_KIND_HEAD. */
enum wx_kind wx_kind_of(const void *head, size_t n, const char *name);

/* "git-lfs", "flac": for the journal; "unknown". And back, UNKNOWN for others. */
const char *wx_kind_word(enum wx_kind kind);
enum wx_kind wx_kind_of_word(const char *word);

/*
 * To go after the file's name and a colon: "Wildlife Acoustics' compressed WAC,
 * which only their Kaleidoscope reads: convert it to WAV with that". NULL for
 * what is read, WAV and FLAC.
 */
const char *wx_kind_sentence(enum wx_kind kind);

/* Sound, in a coding that is read here or in another. */
bool wx_kind_is_sound(enum wx_kind kind);

#endif
