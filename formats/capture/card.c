/* SPDX-License-Identifier: MIT */
/* formats/capture/card.c: see card.h. */
#include "capture/card.h"

#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/json.h"
#include "base/text.h"
#include "capture/aurora.h"
#include "capture/card_in.h"
#include "capture/filename.h"
#include "capture/holder.h"
#include "capture/layout.h"
#include "capture/says.h"
#include "sound/kind.h"
#include "sound/rescue.h"

int wx_card_begin(const struct wx_site_node *site, const char *dir,
		  struct wx_log *log, void **card, struct wx_error *err)
{
	struct card *c = calloc(1, sizeof(*c));

	*card = c;
	if (!c)
		return wx_fail_nomem(err);
	c->site = site;
	c->dir = dir;
	c->log = log;
	return WX_OK;
}

static uint16_t damage_of(const json_t *says)
{
	const json_t *list = json_object_get(says, "dmg");
	uint16_t damage = 0;

	for (size_t i = 0; i < json_array_size(list); i++)
		for (unsigned k = 0; wx_rescue_word(k); k++) {
			const char *word =
				json_string_value(json_array_get(list, i));

			if (word && !strcmp(word, wx_rescue_word(k)))
				damage |= (uint16_t)(1u << k);
		}
	return damage;
}

/* When it began: by itself, by its name, or as the host saw it. */
static void date_file(struct card *c, const char *name, const json_t *obj,
		      struct card_file *f)
{
	struct wx_recording_says says;
	struct wx_says_start start;
	struct wx_filename file;
	char text[WX_SAYS_REMARK], key[48];

	wx_filename_read(name, &file);
	wx_says_get(obj, &says);
	wx_says_start(&says, name, c->site->has_offset, c->site->offset_s,
		      &start);
	if (!wx_time_is_none(start.start))
		f->r0_us = start.start.utc_ns / WX_NS_PER_US;
	f->from = (uint8_t)start.from;
	f->unset = says.unset;
	f->needs_offset = start.needs_offset;
	f->temp_degc = (float)says.temp_degc;
	f->triggered = says.triggered || file.kind == WX_FILENAME_TRIGGERED;
	f->zone_s = says.has_zone ? says.zone_s : CARD_NO_ZONE;
	if (f->is_new && *wx_says_remark(&start, text)) {
		snprintf(key, sizeof(key), "match %d", start.match);
		card_tell(c, key, f->name, "%s", text);
	}
}

/* A node is one recorder: is this another's card? */
static void check_recorder(struct card *c, const json_t *says,
			   const struct card_file *f)
{
	const char *said = wx_json_str(says, "dev", "");
	char id[WX_QUOTE_SIZE], key[WX_QUOTE_SIZE];

	wx_quote(said, strlen(said), id);
	if (!*c->recorder)
		snprintf(c->recorder, sizeof(c->recorder), "%.39s", id);
	/* "AudioMoth 24F3190361DA3578", where its comment is lost */
	if (!f->is_new || !*said || strstr(id, c->recorder) ||
	    strstr(c->recorder, id))
		return;
	snprintf(key, sizeof(key), "recorder %.40s", id);
	card_tell(c, key, f->name,
		  "made by recorder %.40s, but this node's first by %s: is it "
		  "the right card? Each recorder is a node of its own",
		  id, c->recorder);
}

static bool is_recording(const struct card_file *f, const char *name)
{
	enum wx_layout layout = wx_layout_of(name);
	struct wx_aurora_name aurora;

	if (wx_aurora_name(name, &aurora)) /* what lies in it is */
		return false;
	return f->ns >= 0 || layout == WX_LAYOUT_RECORDING ||
	       layout == WX_LAYOUT_HOLDS;
}

/* Names that tell no date are of no use here. */
static int add_alias(struct card *c, const char *name, const char *of,
		     struct wx_error *err)
{
	struct wx_filename f;
	struct card_alias a;

	wx_filename_read(name, &f);
	if (f.kind != WX_FILENAME_LOCAL && f.kind != WX_FILENAME_UTC)
		return WX_OK;
	if (WX_GROW(&c->alias, &c->room_aliases, c->n_aliases + 1, err))
		return WX_ERR_NOMEM;
	a = (struct card_alias){ strdup(name), strdup(of) };
	if (!a.name || !a.of) {
		free(a.name);
		free(a.of);
		return wx_fail_nomem(err);
	}
	c->alias[c->n_aliases++] = a;
	return WX_OK;
}

/*
 * A recording that came first under a name without a date, and then under one
 * with: the date is as good as if it had come the other way round.
 */
static void date_by_aliases(struct card *c)
{
	static const struct wx_recording_says nothing = {
		.start = WX_TIME_NONE
	};

	for (size_t i = 0; i < c->n_aliases; i++) {
		struct card_file *f = card_find(c, c->alias[i].of);
		struct wx_says_start start;

		if (!f || !f->is_recording || f->r0_us != INT64_MIN)
			continue;
		wx_says_start(&nothing, c->alias[i].name, c->site->has_offset,
			      c->site->offset_s, &start);
		f->needs_offset |= start.needs_offset;
		if (wx_time_is_none(start.start))
			continue;
		f->r0_us = start.start.utc_ns / WX_NS_PER_US;
		f->from = (uint8_t)start.from;
	}
}

int wx_card_add(void *card, const json_t *line, bool is_new,
		struct wx_error *err)
{
	struct card *c = card;
	const char *name = wx_json_str(line, "n", "");
	const char *alias = wx_json_str(line, "alias", NULL);
	json_t *says = json_object_get(line, "says");
	struct card_file *f;

	if (alias)
		return add_alias(c, alias, wx_json_str(line, "of", ""), err);
	if (WX_GROW(&c->file, &c->room, c->n + 1, err))
		return WX_ERR_NOMEM;
	f = &c->file[c->n];
	*f = (struct card_file){
		.order = (uint32_t)c->n,
		.is_new = is_new,
		.r0_us = INT64_MIN,
		.size_bytes = wx_json_i64(line, "l", 0),
		.ns = wx_json_i64(line, "ns", -1),
		.fs = wx_json_f64(line, "fs", NAN),
		.temp_degc = NAN,
		.zone_s = CARD_NO_ZONE,
		.damage = damage_of(says),
		.kind = (uint8_t)wx_kind_of_word(wx_json_str(says, "kind", "")),
	};
	f->name = strdup(wx_json_str(line, "as", name));
	if (!f->name)
		return wx_fail_nomem(err);
	snprintf(f->crc, sizeof(f->crc), "%s", wx_json_str(line, "crc", ""));
	f->is_recording = is_recording(f, name);
	if (f->is_recording)
		date_file(c, name, says, f);
	check_recorder(c, says, f);
	if (is_new && !json_object_get(says, "ev") &&
	    !strcmp(wx_json_str(says, "kind", ""), "pps"))
		card_tell(c, "pps", f->name,
			  "its pulses are of no use: fewer than two, or not of "
			  "the time that its name tells");
	f->holds_packets = json_object_get(says, "runs");
	if (f->holds_packets || json_object_get(says, "parts") ||
	    json_object_get(says, "ev") || json_object_get(says, "rtc"))
		f->says = json_incref(says);
	c->n++;
	return WX_OK;
}

/* By name; of one name the last line of the journal first. */
static int by_name(const void *a, const void *b)
{
	const struct card_file *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->order < y->order) - (x->order > y->order);
}

/* ---- lines ---- */

static void put_i64(json_t *line, const char *key, int64_t v, int64_t none)
{
	if (v != none)
		json_object_set_new(line, key, json_integer(v));
}

/* 16000, not 16000.0: as nodes write it. */
static void put_number(json_t *line, const char *key, double v)
{
	if (isfinite(v))
		json_object_set_new(line, key,
				    v == floor(v) && fabs(v) < 1e15
					    ? json_integer((json_int_t)v)
					    : json_real(v));
}

/*
 * Sound that the header hid or cut: the file was found like that, as by a node
 * after a power loss.
 */
#define FOUND                                                               \
	(WX_DAMAGE_SIZE_ZERO | WX_DAMAGE_SIZE_FALSE | WX_DAMAGE_TRUNCATED | \
	 WX_DAMAGE_OVERSIZE | WX_DAMAGE_PREALLOCATED | WX_DAMAGE_PART_FRAME)

/* What a file and what lies in it share. */
static void put_common(const struct card_file *f, int64_t r0_us, json_t *line)
{
	char words[WX_RESCUE_WORDS_SIZE];
	bool found = (f->damage & FOUND) && f->ns > 0;

	put_i64(line, "r0", r0_us, INT64_MIN);
	put_number(line, "T", round((double)f->temp_degc * 10) / 10);
	json_object_set_new(line, "st",
			    json_string(found ? "recovered" : "closed"));
	if (r0_us != INT64_MIN)
		json_object_set_new(line, "by",
				    json_string(f->from == WX_SAYS_NAME
							? "name"
							: "header"));
	if (f->triggered)
		json_object_set_new(line, "gap", json_string("trigger"));
	if (f->damage)
		json_object_set_new(
			line, "dmg",
			json_string(wx_rescue_words(f->damage, words)));
}

static int write_line(json_t *line, FILE *out, struct wx_error *err)
{
	int rc = line ? wx_json_write_line(line, out, err) : wx_fail_nomem(err);

	json_decref(line);
	return rc;
}

static int write_file(const struct card_file *f, const struct card_clock *k,
		      FILE *out, struct wx_error *err)
{
	json_t *line = json_pack("{s:s, s:I, s:s}", "n", f->name, "l",
				 (json_int_t)f->size_bytes, "c", f->crc);

	if (!line)
		return wx_fail_nomem(err);
	put_i64(line, "b", k->boot, -1);
	put_i64(line, "m0", k->m0_us, -1);
	put_i64(line, "m1", k->m1_us, -1);
	put_i64(line, "ns", f->ns, -1);
	put_number(line, "fs", f->fs);
	if (f->is_recording)
		put_common(f, f->r0_us, line);
	else
		json_object_set_new(line, "st", json_string("closed"));
	return write_line(line, out, err);
}

/*
 * One that was made of f, if it is there: what could not be made is no capture.
 * Its length is told by itself.
 */
static int write_part(const struct card *c, const struct card_file *f,
		      const json_t *part, const struct card_clock *k, FILE *out,
		      struct wx_error *err)
{
	const char *w = wx_json_str(part, "w", "");
	bool is_sound = json_object_get(part, "ns");
	char *path = wx_strf("%s/%s~%s", c->dir, f->name, w);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	struct wx_wav wav = { 0 };
	struct stat st;
	json_t *line;
	int rc = WX_OK;

	if (!path)
		return wx_fail_nomem(err);
	if (fd < 0 || fstat(fd, &st) != 0 || !strcmp(w, WX_HOLDER_RECOVERED))
		goto out;
	if (is_sound)
		wx_wav_probe_fd(fd, path, &wav, NULL);
	line = json_pack("{s:s, s:I}", "n", path + strlen(c->dir) + 1, "l",
			 (json_int_t)st.st_size);
	put_i64(line, "b", k->boot, -1);
	if (is_sound) {
		put_i64(line, "m0", k->m0_us, -1);
		put_i64(line, "ns", wav.n_frames, -1);
		put_i64(line, "fs", wav.rate_hz, 0);
		put_common(f, wx_json_i64(part, "r0", f->r0_us), line);
	} else {
		json_object_set_new(line, "st", json_string("closed"));
	}
	rc = write_line(line, out, err);
out:
	if (fd >= 0)
		close(fd);
	free(path);
	return rc;
}

static int write_all(struct card *c, const struct card_file *f, FILE *out,
		     struct wx_error *err)
{
	const json_t *parts = json_object_get(f->says, "parts");
	const struct wx_holder *holder = json_object_get(f->says, "runs")
						 ? wx_holder_get(f->says)
						 : NULL;
	struct card_clock k = { -1, -1, -1 };
	int rc = card_clock_of(c, f, &k, out, err);

	if (!rc)
		rc = write_file(f, &k, out, err);
	for (size_t i = 0; i < json_array_size(parts) && !rc; i++)
		rc = write_part(c, f, json_array_get(parts, i), &k, out, err);
	if (!rc && holder && holder->index)
		rc = holder->index(f->name, f->says, out, err);
	return rc;
}

bool card_has_env(const struct card_file *f)
{
	const json_t *parts = json_object_get(f->says, "parts");

	for (size_t i = 0; i < json_array_size(parts); i++)
		if (!strcmp(wx_json_str(json_array_get(parts, i), "w", ""),
			    WX_HOLDER_ENV))
			return true;
	return false;
}

struct card_file *card_find(const struct card *c, const char *name)
{
	size_t from = 0, to = c->n;

	while (from < to) { /* the first of that name */
		size_t mid = from + (to - from) / 2;

		if (strcmp(c->file[mid].name, name) < 0)
			from = mid + 1;
		else
			to = mid;
	}
	return from < c->n && !strcmp(c->file[from].name, name) ? &c->file[from]
								: NULL;
}

int wx_card_write(void *card, FILE *out, struct wx_error *err)
{
	struct card *c = card;
	int rc;

	if (c->n)
		qsort(c->file, c->n, sizeof(*c->file), by_name);
	date_by_aliases(c);
	rc = card_clock_begin(c, out, err);
	for (size_t i = 0, to; i < c->n && !rc; i = to) {
		struct card_file *f = &c->file[i];

		for (to = i + 1; to < c->n; to++) {
			if (strcmp(c->file[to].name, f->name) != 0)
				break;
			f->is_new &= c->file[to].is_new; /* a file touched */
		}
		if (f->is_new)
			card_tell_file(c, f);
		rc = write_all(c, f, out, err);
	}
	card_tell_all(c);
	return rc;
}

void wx_card_end(void *card)
{
	struct card *c = card;

	if (!c)
		return;
	free(c->stretch);
	for (size_t i = 0; i < c->n; i++) {
		free(c->file[i].name);
		json_decref(c->file[i].says);
	}
	for (size_t i = 0; i < c->n_aliases; i++) {
		free(c->alias[i].name);
		free(c->alias[i].of);
	}
	free(c->alias);
	free(c->file);
	free(c);
}
