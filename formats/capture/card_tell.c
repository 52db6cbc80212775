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
#include "capture/kind.h"
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

/* What the words of sound/rescue.h mean to whoever has to act. */
static const struct {
	const char *word, *text;
} classes[] = {
	{ "empty", "a file of 0 bytes" },
	{ "null", "nothing but zeros" },
	{ "header_only", "a header and no sound" },
	{ "noise_only", "bytes as if by chance, no sound" },
	{ "truncated", "it ends before its sound does" },
	{ "size_zero", "its header knows of no sound: power was lost" },
	{ "size_false", "its header has a size that is none" },
	{ "oversize", "its header promises more than there is" },
	{ "preallocated", "zeros where sound was to come" },
	{ "part_frame", "its last frame is torn" },
	{ "no_pad", "a chunk of odd size is not padded" },
	{ "bad_format", "its header tells no format that can be" },
	{ "lfs_pointer", "a Git LFS pointer, not the file: git lfs pull" },
	{ "not_audio", "no recording of a kind that is known" },
};

/* Better told by what it is instead. */
#define NO_FILE (WX_DAMAGE_LFS_POINTER | WX_DAMAGE_NOT_AUDIO)

static void tell_damage(struct card *c, const struct card_file *f)
{
	const char *sentence = f->kind ? wx_kind_sentence(f->kind) : NULL;
	char text[300] = "", key[48];
	size_t at = 0;

	for (unsigned i = 0; wx_rescue_word(i); i++) {
		const char *word = wx_rescue_word(i), *means = "";

		if (!(f->damage & 1u << i))
			continue;
		for (size_t k = 0; k < WX_COUNT(classes); k++)
			if (!strcmp(classes[k].word, word))
				means = classes[k].text;
		if (at < sizeof(text))
			at += (size_t)snprintf(text + at, sizeof(text) - at,
					       "%s%s (%s)", at ? ", " : "",
					       word, means);
	}
	snprintf(key, sizeof(key), "damage %x %d", f->damage, f->kind);
	if (f->damage & NO_FILE && sentence) {
		card_tell(c, key, f->name, "%s", sentence);
		return;
	}
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
	const char *why = undated(f);

	if (f->damage & NO_FILE) /* of what is no recording, that is enough */
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
