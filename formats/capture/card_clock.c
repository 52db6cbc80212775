/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/card_clock.c: the recorder's own clock on the one time line.
 *
 * Most cards tell nothing of how their clock ran: their captures have r0, and
 * wx-align assumes a drift. Where something was known better (the host saw a
 * recording begin, a GPS told the seconds of one), the file is a boot of its
 * own: m counts microseconds from its first sample, and its events tie m to
 * UTC.
 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "capture/card_in.h"

int card_clock_begin(struct card *c, FILE *out, struct wx_error *err)
{
	(void)c;
	(void)out;
	(void)err;
	return WX_OK;
}

static int write_event(const json_t *event, int64_t boot, FILE *out,
		       struct wx_error *err)
{
	json_t *line = json_deep_copy(event);
	int rc;

	if (!json_is_object(line)) {
		json_decref(line);
		return WX_OK;
	}
	json_object_set_new(line, "b", json_integer(boot));
	rc = wx_json_write_line(line, out, err);
	json_decref(line);
	return rc;
}

int card_clock_of(struct card *c, const struct card_file *f,
		  struct card_clock *k, FILE *out, struct wx_error *err)
{
	const json_t *events = json_object_get(f->says, "ev");
	int rc = WX_OK;

	*k = (struct card_clock){ -1, -1, -1 };
	if (!json_array_size(events))
		return WX_OK;
	k->boot = c->next_boot++;
	k->m0_us = 0;
	if (f->ns > 0 && f->fs > 0)
		k->m1_us = llround((double)f->ns / f->fs * 1e6);
	for (size_t i = 0; i < json_array_size(events) && !rc; i++)
		rc = write_event(json_array_get(events, i), k->boot, out, err);
	return rc;
}
