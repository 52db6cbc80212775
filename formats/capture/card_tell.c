/* SPDX-License-Identifier: MIT */
/*
 * formats/capture/card_tell.c: what there is to say about the files of a card.
 * A fault of one is mostly that of hundreds: each kind is one line.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "capture/card_in.h"
#include "capture/filename.h"
#include "sound/kind.h"
#include "sound/rescue.h"

void card_tell(struct card *c, const char *key, const char *name,
	       const char *fmt, ...)
{
	struct card_remark *r = c->remark;
	va_list args;

	while (r < c->remark + c->n_remarks && strcmp(r->key, key) != 0)
		r++;
	if (r == c->remark + CARD_MAX_REMARKS)
		return;
	if (r == c->remark + c->n_remarks) {
		c->n_remarks++;
		snprintf(r->key, sizeof(r->key), "%s", key);
		r->first = name;
		va_start(args, fmt);
		vsnprintf(r->text, sizeof(r->text), fmt, args);
		va_end(args);
	}
	r->n++;
}

void card_tell_all(struct card *c)
{
	for (size_t i = 0; i < c->n_remarks; i++) {
		const struct card_remark *r = &c->remark[i];

		if (r->n == 1)
			wx_warn(c->log, "%s: %s", r->first, r->text);
		else
			wx_warn(c->log, "%s and %zu more: %s", r->first,
				r->n - 1, r->text);
	}
	c->n_remarks = 0;
}

/* ---- of one file ---- */

static const char *undated(const struct card_file *f)
{
	struct wx_time t;

	switch (wx_filename_time(f->name, 0, &t)) {
	case WX_FILENAME_UNSET:
		return "the date in its name is of a clock that was not set";
	case WX_FILENAME_UNDATED:
		return f->unset ? "its clock was not set"
				: "no date in its name";
	default:
		return f->needs_offset
			       ? "neither it nor site.json's utc_offset tells "
				 "the zone of its clock"
			       : "its clock was not set";
	}
}

/* Better told by what it is instead. */
#define NO_FILE (WX_DAMAGE_LFS_POINTER | WX_DAMAGE_NOT_AUDIO)

static void tell_damage(struct card *c, const struct card_file *f)
{
	char text[300] = "", key[48];
	size_t at = 0;

	for (unsigned i = 0; wx_rescue_word(i); i++)
		if (f->damage & 1u << i && at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "%s%s (%s)", at ? ", " : "",
					       wx_rescue_word(i),
					       wx_rescue_means(i));
	snprintf(key, sizeof(key), "damage %x", f->damage);
	card_tell(c, key, f->name, "%s%s", text,
		  json_object_get(f->says, "parts")
			  ? "; a repaired copy is beside it"
			  : "");
}

/* Its damage is told, and nobody will miss its start. */
static bool is_mute(const struct card_file *f)
{
	return f->damage && f->ns <= 0 && !f->says;
}

void card_tell_file(struct card *c, const struct card_file *f)
{
	const char *why = undated(f), *what = wx_kind_sentence(f->kind);
	char key[16];

	/* Of what is no recording that is read, that is enough. */
	if (f->kind && what && (!f->damage || f->damage & NO_FILE)) {
		snprintf(key, sizeof(key), "kind %d", f->kind);
		card_tell(c, key, f->name, "%s", what);
		return;
	}
	if (f->damage & NO_FILE)
		;
	else if (f->is_recording && f->triggered)
		card_tell(c, "triggered", f->name,
			  "a triggered recording, its samples leave time out; "
			  "its windows come without a start time");
	else if (f->is_recording && f->r0_us == INT64_MIN && !is_mute(f))
		card_tell(c, why, f->name, "%s; it came without a start time",
			  why);
	if (f->damage)
		tell_damage(c, f);
}
