/* SPDX-License-Identifier: MIT */
/* formats/capture/layout.c: see layout.h. */
#include "capture/layout.h"

#include <string.h>
#include <strings.h>

#include "base/error.h"
#include "capture/frontier.h"
#include "capture/songmeter.h"

static const char wac_advice[] =
	"WAC (Wildlife Acoustics' compressed sound): make WAV of them with "
	"Kaleidoscope, or set the recorder to WAV";
static const char lossy_advice[] =
	"lossy sound (MP3, M4A, OGG and the like): levels and spectra of it "
	"mislead; set the recorder to WAV or FLAC";
static const char other_advice[] =
	"sound of a kind that is not read here: make WAV of them";

static const struct {
	const char *ext, *advice;
} foreign[] = {
	{ "wac", wac_advice },    { "w4v", wac_advice },
	{ "mp3", lossy_advice },  { "m4a", lossy_advice },
	{ "aac", lossy_advice },  { "ogg", lossy_advice },
	{ "oga", lossy_advice },  { "opus", lossy_advice },
	{ "wma", lossy_advice },  { "aif", other_advice },
	{ "aiff", other_advice }, { "au", other_advice },
	{ "caf", other_advice },  { "w64", other_advice },
};

static const char *base_of(const char *name)
{
	const char *slash = strrchr(name, '/');

	return slash ? slash + 1 : name;
}

/* Behind the last dot; "" if there is none. */
static const char *extension_of(const char *base)
{
	const char *dot = strrchr(base, '.');

	return dot && dot != base ? dot + 1 : "";
}

/* Does any part of the path begin so? */
static bool has_part(const char *name, const char *start)
{
	for (const char *p = name; p; p = strchr(p, '/')) {
		p += *p == '/';
		if (!strncasecmp(p, start, strlen(start)))
			return true;
	}
	return false;
}

static bool is_litter(const char *name)
{
	static const char *const of[] = {
		"._",         ".Spotlight-",  ".Trash",
		".fseventsd", "$RECYCLE.BIN", "System Volume Information",
	};

	for (size_t i = 0; i < WX_COUNT(of); i++)
		if (has_part(name, of[i]))
			return true;
	return false;
}

/* data_seq_S_run_R_hour_H.pcm */
static bool is_aurora(const char *base)
{
	static const char *const word[] = { "data_seq_", "_run_", "_hour_" };

	for (size_t i = 0; i < WX_COUNT(word); i++) {
		size_t n = strlen(word[i]), digits;

		if (strncasecmp(base, word[i], n) != 0)
			return false;
		digits = strspn(base + n, "0123456789");
		if (!digits)
			return false;
		base += n + digits;
	}
	return !strcasecmp(base, ".pcm");
}

const char *wx_layout_advice(const char *name)
{
	const char *ext = extension_of(base_of(name));

	for (size_t i = 0; i < WX_COUNT(foreign); i++)
		if (!strcasecmp(ext, foreign[i].ext))
			return foreign[i].advice;
	return NULL;
}

enum wx_layout wx_layout_of(const char *name)
{
	const char *base = base_of(name), *ext = extension_of(base);

	if (is_litter(name))
		return WX_LAYOUT_LITTER;
	if (!strcasecmp(ext, "wav") || !strcmp(base, "data"))
		return WX_LAYOUT_RECORDING;
	if (!strcasecmp(ext, "flac") || !strcasecmp(ext, "cbor") ||
	    is_aurora(base))
		return WX_LAYOUT_HOLDS;
	if (!strcasecmp(base, "GPS.TXT") || !strcasecmp(base, "CONFIG.TXT") ||
	    !strcasecmp(base, "PPS.CSV") || wx_songmeter_name(name) ||
	    wx_frontier_name(name) != WX_FRONTIER_NEITHER)
		return WX_LAYOUT_SIDE;
	if (!strcasecmp(ext, "csv"))
		return WX_LAYOUT_BESIDE;
	return wx_layout_advice(name) ? WX_LAYOUT_FOREIGN : WX_LAYOUT_NONE;
}
