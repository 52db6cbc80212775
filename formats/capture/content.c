/* SPDX-License-Identifier: MIT */
/* formats/capture/content.c: see content.h. */
#include "capture/content.h"

#include <string.h>
#include <strings.h>

#include "capture/card.h"
#include "sound/wav.h"

static void describe(int fd, const char *name, json_t *line)
{
	struct wx_wav wav = { 0 };

	if (wx_wav_probe_fd(fd, name, &wav, NULL) || wav.rate_hz == 0)
		return;
	json_object_set_new(line, "ns", json_integer(wav.n_frames));
	json_object_set_new(line, "fs", json_integer(wav.rate_hz));
}

/* What follows the last '~': "recovered.wav", "env.csv", "0001.wav". */
static bool is_derived(const char *name)
{
	const char *word = strrchr(name, '~');
	size_t digits = word ? strspn(word + 1, "0123456789") : 0;

	if (!word)
		return false;
	return !strcasecmp(word, "~recovered.wav") ||
	       !strcasecmp(word, "~env.csv") ||
	       (digits >= 4 && !strcasecmp(word + 1 + digits, ".wav"));
}

static bool derives(const json_t *line)
{
	(void)line;
	return false;
}

static int derive(const char *dir, const json_t *line, size_t *n_made,
		  struct wx_log *log, struct wx_error *err)
{
	(void)dir;
	(void)line;
	(void)n_made;
	(void)log;
	(void)err;
	return WX_OK;
}

const struct wx_content wx_capture_content = {
	.describe = describe,
	.is_derived = is_derived,
	.derives = derives,
	.derive = derive,
	.index = { wx_card_begin, wx_card_add, wx_card_write, wx_card_end },
};
