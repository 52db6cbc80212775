/* SPDX-License-Identifier: MIT */
/* formats/track/track.c: the table of readers; see track.h. */
#include "track/track.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

#define ROW(name) &wx_track_##name,
static const struct wx_track_format *const formats[] = { WX_TRACK_FORMATS(
	ROW) };
#undef ROW

int wx_track_parse(const char *text, size_t n, const char *name,
		   struct wx_track *out, const struct wx_track_format **format,
		   struct wx_log *log, struct wx_error *err)
{
	const struct wx_track_format *best = NULL;
	int most = 0;

	wx_track_init(out);
	if (format)
		*format = NULL;
	if (n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		n -= 3;
	}
	if (strspn(text, " \t\r\n") == n)
		return WX_OK;
	for (size_t i = 0; i < WX_COUNT(formats); i++) {
		int sure = formats[i]->probe(text, n);

		if (sure > most) {
			most = sure;
			best = formats[i];
		}
	}
	if (!best)
		return wx_fail(
			err, WX_ERR_FORMAT,
			"%s: no label track: expected lines 'start TAB "
			"end TAB text' as Audacity exports them, a table "
			"with 'Begin Time (s)' as Raven does, or columns "
			"hour,minutes,seconds,level",
			name);
	if (format)
		*format = best;
	return best->read(text, n, name, out, log, err);
}

int wx_track_read(const char *path, struct wx_track *out, struct wx_log *log,
		  struct wx_error *err)
{
	char *text = NULL;
	size_t n = 0;
	int rc = wx_file_read(path, WX_TRACK_MAX_BYTES, &text, &n, err);

	wx_track_init(out);
	if (rc == WX_OK)
		rc = wx_track_parse(text, n, path, out, NULL, log, err);
	free(text);
	return rc;
}
