/* SPDX-License-Identifier: MIT */
/* lib/weather/track.c: see track.h. */
#include "weather/track.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void wx_track_init(struct wx_track *t)
{
	*t = (struct wx_track){ .decimals = 6, .hz_decimals = 6 };
}

void wx_track_fini(struct wx_track *t)
{
	for (size_t i = 0; i < t->n_texts; i++)
		free(t->text[i]);
	free(t->text);
	free(t->mark);
	wx_track_init(t);
	t->mark = NULL;
}

const char *wx_track_text(struct wx_track *t, const char *text, size_t n)
{
	char *copy;

	if (!n)
		return "";
	if (WX_GROW(&t->text, &t->room_texts, t->n_texts + 1, NULL))
		return NULL;
	copy = malloc(n + 1);
	if (!copy)
		return NULL;
	memcpy(copy, text, n);
	copy[n] = '\0';
	return t->text[t->n_texts++] = copy;
}

int wx_track_add(struct wx_track *t, const struct wx_mark *mark,
		 struct wx_error *err)
{
	int rc = WX_GROW(&t->mark, &t->room, t->n + 1, err);

	if (rc == WX_OK)
		t->mark[t->n++] = *mark;
	return rc;
}
