/* SPDX-License-Identifier: MIT */
/* tests/unit/test_heard.c: what a person says of voices in captures. */
#include <stdlib.h>
#include <unistd.h>

#include "dataset/heard.h"
#include "testing.h"

int main(void)
{
	static const struct {
		const char *line, *name;
		enum wx_heard what;
		unsigned n_warned;
	} rows[] = {
		{ "cleared raw/n1/a.wav", "a.wav", WX_HEARD_CLEARED, 0 },
		{ "speech raw/n1/b/a.wav", "b/a.wav", WX_HEARD_SPEECH, 0 },
		{ " \tspeech\traw/n1/a.wav\tmine", "a.wav", WX_HEARD_SPEECH,
		  0 },
		{ "cleared raw/n1/a b.wav  anna", "a b.wav", WX_HEARD_CLEARED,
		  0 },
		{ "cleared raw/n1/a.wav ", "a.wav", WX_HEARD_CLEARED, 0 },
		{ "cleared raw/n1/a.wav\r", "a.wav", WX_HEARD_CLEARED, 0 },
		/* The later one counts. */
		{ "cleared raw/n1/a.wav\nspeech raw/n1/a.wav", "a.wav",
		  WX_HEARD_SPEECH, 0 },
		{ "speech raw/n1/a.wav\ncleared raw/n1/a.wav", "a.wav",
		  WX_HEARD_CLEARED, 0 },
		{ "# cleared raw/n1/a.wav", "a.wav", WX_HEARD_NOTHING, 0 },
		{ "", "a.wav", WX_HEARD_NOTHING, 0 },
		{ "cleared raw/n2/a.wav", "a.wav", WX_HEARD_NOTHING, 0 },
		{ "cleared raw/n11/a.wav", "a.wav", WX_HEARD_NOTHING, 0 },
		/* What is not understood clears nothing. */
		{ "cleared", "", WX_HEARD_NOTHING, 1 },
		{ "cleared n1/a.wav", "a.wav", WX_HEARD_NOTHING, 1 },
		{ "clear raw/n1/a.wav", "a.wav", WX_HEARD_NOTHING, 1 },
		{ "clearedraw/n1/a.wav", "a.wav", WX_HEARD_NOTHING, 1 },
		{ "cleared raw/n1/b.wav", "a.wav", WX_HEARD_NOTHING, 1 },
		/* One blank: part of a name that is not there. */
		{ "cleared raw/n1/a.wav anna", "a.wav", WX_HEARD_NOTHING, 1 },
	};
	for (size_t i = 0; i < WX_COUNT(rows); i++) {
		char path[] = "/tmp/wxset-heard.XXXXXX";
		int fd = mkstemp(path);
		struct wx_heard_list *list;
		struct wx_log log = { 0 };
		FILE *f = fdopen(fd, "w");

		CHECK(rows[i].line, f != NULL);
		fputs(rows[i].line, f);
		fclose(f);
		CHECK_INT(rows[i].line,
			  wx_heard_read(path, "n1", &list, &log, NULL), WX_OK);
		CHECK_INT(rows[i].line, wx_heard_of(list, rows[i].name),
			  rows[i].what);
		wx_heard_unused(list, &log);
		CHECK_INT(rows[i].line, log.n_warnings, rows[i].n_warned);
		wx_heard_free(list);
		unlink(path);
	}
	return wx_test_end();
}
