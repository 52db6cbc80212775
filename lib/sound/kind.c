/* SPDX-License-Identifier: MIT */
/*
 * lib/sound/kind.c: see kind.h.
 *
 * Sources of the marks: RFC 9639 (FLAC), RFC 3533 (Ogg), ISO/IEC 11172-3 (MP3
 * frame header), EBU Tech 3306 (RF64), ITU-R BS.2088 (BW64), the git-LFS
 * specification; WAC by a Song Meter SM2's file, which begins with "WAac".
 */
#include "sound/kind.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "base/text.h"

static const struct {
	const char *word, *sentence;
} kinds[] = {
	[WX_KIND_UNKNOWN] = { "unknown",
			      "no recording of a kind that is known" },
	[WX_KIND_EMPTY] = { "empty", "a file of 0 bytes" },
	[WX_KIND_WAV] = { "wav", NULL },
	[WX_KIND_NULS] = { "nuls",
			   "nothing but zeros: the recorder had made room for "
			   "it and lost its power, or the card is damaged" },
	[WX_KIND_LFS] = { "git-lfs",
			  "a pointer to a file that was never fetched: run "
			  "'git lfs pull' or 'git annex get' where it comes "
			  "from" },
	[WX_KIND_HTML] = { "html",
			   "a web page and no sound: was it downloaded without "
			   "a login?" },
	[WX_KIND_TEXT] = { "text", "text and no sound" },
	[WX_KIND_WAC] = { "wac",
			  "Wildlife Acoustics' compressed WAC, which only "
			  "their Kaleidoscope reads: convert it to WAV with "
			  "that" },
	[WX_KIND_FLAC] = { "flac", NULL },
	[WX_KIND_MP3] = { "mp3",
			  "MP3, which is not read: levels and spectra of it "
			  "mislead" },
	[WX_KIND_OGG] = { "ogg",
			  "Ogg, which is not read: levels and spectra of it "
			  "mislead" },
	[WX_KIND_MP4] = { "mp4",
			  "MP4 or M4A, which is not read: levels and spectra "
			  "of it mislead" },
	[WX_KIND_SOUND] = { "sound",
			    "sound of a coding that is not read here: convert "
			    "it to WAV" },
	[WX_KIND_SUD] = { "sud",
			  "a SoundTrap archive: its makers' SoundTrap Host "
			  "makes WAV files of it" },
	[WX_KIND_ZIP] = { "zip", "a ZIP archive: unpack it first" },
	[WX_KIND_GZIP] = { "gzip", "compressed with gzip: unpack it first" },
};

struct mark {
	enum wx_kind kind;
	size_t at, n;
	const char *bytes;
};

static const struct mark marks[] = {
	{ WX_KIND_FLAC, 0, 4, "fLaC" },
	{ WX_KIND_WAC, 0, 4, "WAac" },
	{ WX_KIND_WAC, 0, 4, "WAC " },
	{ WX_KIND_OGG, 0, 4, "OggS" },
	{ WX_KIND_MP4, 4, 4, "ftyp" },
	{ WX_KIND_SOUND, 8, 4, "AIFF" },
	{ WX_KIND_SOUND, 8, 4, "AIFC" },
	{ WX_KIND_SOUND, 0, 4, "caff" },
	{ WX_KIND_SOUND, 0, 4, "wvpk" },
	{ WX_KIND_SOUND, 0, 4, ".snd" },
	{ WX_KIND_SOUND, 0, 4, "RIFX" },
	{ WX_KIND_MP3, 0, 3, "ID3" },
	{ WX_KIND_ZIP, 0, 4, "PK\3\4" },
	{ WX_KIND_GZIP, 0, 3, "\x1f\x8b\x08" },
	{ WX_KIND_LFS, 0, 34, "version https://git-lfs.github.com" },
	{ WX_KIND_LFS, 0, 15, "/annex/objects/" },
};

static bool has(const uint8_t *head, size_t n, const char *bytes, size_t len,
		size_t at)
{
	return n >= at + len && memcmp(head + at, bytes, len) == 0;
}

static bool is_wav(const uint8_t *h, size_t n)
{
	return (has(h, n, "RIFF", 4, 0) || has(h, n, "RF64", 4, 0) ||
		has(h, n, "BW64", 4, 0)) &&
	       has(h, n, "WAVE", 4, 8);
}

static bool is_nul(const uint8_t *h, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (h[i])
			return false;
	return true;
}

/* The head of a frame of layer III whose rates are no forbidden ones. */
static bool is_mp3(const uint8_t *h, size_t n)
{
	return n >= 4 && h[0] == 0xff && (h[1] & 0xe6) == 0xe2 &&
	       (h[1] & 0x18) != 0x08 && (h[2] & 0xf0) != 0xf0 &&
	       (h[2] & 0xf0) != 0 && (h[2] & 0x0c) != 0x0c;
}

/* Past a byte-order mark and blanks. */
static bool is_html(const uint8_t *h, size_t n)
{
	static const char *const starts[] = { "<!doctype html", "<html",
					      "<head", "<?xml" };
	const char *p = (const char *)h;
	size_t i = has(h, n, "\xef\xbb\xbf", 3, 0) ? 3 : 0;

	while (i < n && strchr(" \t\r\n", p[i]) && p[i])
		i++;
	for (size_t k = 0; k < WX_COUNT(starts); k++)
		if (n - i >= strlen(starts[k]) &&
		    strncasecmp(p + i, starts[k], strlen(starts[k])) == 0)
			return true;
	return false;
}

/* A letter of several bytes may be cut where head ends. */
static bool is_text(const uint8_t *h, size_t n)
{
	size_t cut = 0;

	for (size_t i = 0; i < n; i++)
		if ((h[i] < 0x20 && !(h[i] >= '\t' && h[i] <= '\r')) ||
		    h[i] == 0x7f)
			return false;
	while (cut < 4 && cut < n && !wx_utf8_valid((const char *)h, n - cut))
		cut++;
	return cut < 4 && cut < n;
}

static bool is_named(const char *name, const char *extension)
{
	const char *dot = strrchr(name, '.');

	return dot && strcasecmp(dot, extension) == 0;
}

enum wx_kind wx_kind_of(const void *head, size_t n, const char *name)
{
	const uint8_t *h = head;

	if (n == 0)
		return WX_KIND_EMPTY;
	if (is_wav(h, n))
		return WX_KIND_WAV;
	for (size_t i = 0; i < WX_COUNT(marks); i++)
		if (has(h, n, marks[i].bytes, marks[i].n, marks[i].at))
			return marks[i].kind;
	if (is_nul(h, n))
		return WX_KIND_NULS;
	if (is_mp3(h, n))
		return WX_KIND_MP3;
	if (is_html(h, n))
		return WX_KIND_HTML;
	if (is_named(name, ".sud"))
		return WX_KIND_SUD;
	return is_text(h, n) ? WX_KIND_TEXT : WX_KIND_UNKNOWN;
}

const char *wx_kind_word(enum wx_kind kind)
{
	return kinds[kind].word;
}

enum wx_kind wx_kind_of_word(const char *word)
{
	for (size_t i = 0; i < WX_COUNT(kinds); i++)
		if (strcmp(kinds[i].word, word) == 0)
			return (enum wx_kind)i;
	return WX_KIND_UNKNOWN;
}

const char *wx_kind_sentence(enum wx_kind kind)
{
	return kinds[kind].sentence;
}

bool wx_kind_is_sound(enum wx_kind kind)
{
	switch (kind) {
	case WX_KIND_WAV:
	case WX_KIND_WAC:
	case WX_KIND_FLAC:
	case WX_KIND_MP3:
	case WX_KIND_OGG:
	case WX_KIND_MP4:
	case WX_KIND_SOUND:
	case WX_KIND_SUD:
		return true;
	default:
		return false;
	}
}
