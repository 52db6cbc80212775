/* SPDX-License-Identifier: MIT */
/* formats/station/live_lines.c: what comes, as lines; see live.h. */
#include <stdlib.h>
#include <string.h>

#include "base/lines.h"
#include "station/live_in.h"

/* As the readers have it, less the stamp. */
enum { MAX_LINE = WX_LINES_MAX - 64, STAMP = 25, ROOM = STAMP + MAX_LINE + 1 };

/*
 * This much silence ends a pulse that has no line end. Buckets do not tip
 * twice as fast; a USB adapter holds bytes back for 16 ms.
 */
#define PULSE_S 0.25

struct lines {
	char buf[ROOM]; /* a stamp's place, then the line so far */
	size_t n;       /* of the line */
	struct wx_time at;
	bool too_long;
};

static int lines_open(struct live *v, struct wx_error *err)
{
	v->talk_ctx = calloc(1, sizeof(struct lines));
	return v->talk_ctx ? WX_OK : wx_fail_nomem(err);
}

static void lines_close(struct live *v)
{
	free(v->talk_ctx);
}

static void end_line(struct live *v)
{
	struct lines *l = v->talk_ctx;
	char *text = l->buf + STAMP, stamp[WX_TIME_SIZE];
	size_t n = l->n;

	l->n = 0;
	if (l->too_long)
		wx_warn(v->opts->log,
			"%s: a line of over %d bytes is left out: no station "
			"writes one",
			v->opts->port, MAX_LINE);
	if (l->too_long || !n) {
		l->too_long = false;
		return;
	}
	text[n++] = '\n';
	if (v->kind->stamped) {
		wx_time_format(l->at, 3, stamp);
		text -= STAMP;
		n += STAMP;
		memcpy(text, stamp, STAMP - 1);
		text[STAMP - 1] = ' ';
	}
	live_log(v, l->at, text, n);
}

static void lines_data(struct live *v, const uint8_t *data, size_t n,
		       struct wx_time at)
{
	struct lines *l = v->talk_ctx;

	for (size_t i = 0; i < n; i++) {
		if (data[i] == '\n' || data[i] == '\r') {
			end_line(v);
			continue;
		}
		if (!data[i])
			continue; /* noise of a cable that is being plugged */
		if (!l->n)
			l->at = at;
		if (l->n < MAX_LINE)
			l->buf[STAMP + l->n++] = (char)data[i];
		else
			l->too_long = true;
	}
	if (v->kind->pulses)
		live_timer(v, l->n ? PULSE_S : -1);
}

static void lines_down(struct live *v)
{
	struct lines *l = v->talk_ctx;
	char quoted[WX_QUOTE_SIZE];

	if (l->n)
		wx_warn(v->opts->log,
			"%s: a line was cut, and is left out: '%s'",
			v->opts->port, wx_quote(l->buf + STAMP, l->n, quoted));
	l->n = 0;
	l->too_long = false;
}

const struct live_talk live_lines = {
	.extension = "log",
	.open = lines_open,
	.close = lines_close,
	.data = lines_data,
	.packet_end = end_line,
	.timer = end_line,
	.down = lines_down,
};
