/* SPDX-License-Identifier: MIT */
/* formats/capture/card.c: see card.h. */
#include "capture/card.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/json.h"
#include "capture/filename.h"

enum { MAX_REMARKS = 20 };

struct file {
	char *name; /* as it lies here */
	size_t order;
	int64_t r0_us;
	int64_t size_bytes, ns, fs;
	char crc[WX_CRC32_HEX];
	enum wx_filename_kind kind;
	bool is_new;
};

struct card {
	const struct wx_site_node *site;
	struct wx_log *log;
	struct file *file;
	size_t n, room;
	size_t n_remarks;
};

int wx_card_begin(const struct wx_site_node *site, const char *dir,
		  struct wx_log *log, void **card, struct wx_error *err)
{
	struct card *c = calloc(1, sizeof(*c));

	(void)dir;
	*card = c;
	if (!c)
		return wx_fail_nomem(err);
	c->site = site;
	c->log = log;
	return WX_OK;
}

int wx_card_add(void *card, const json_t *line, bool is_new,
		struct wx_error *err)
{
	struct card *c = card;
	const char *name = wx_json_str(line, "n", "");
	struct wx_time t;
	struct file *f;

	if (WX_GROW(&c->file, &c->room, c->n + 1, err))
		return WX_ERR_NOMEM;
	f = &c->file[c->n];
	*f = (struct file){ .order = c->n, .is_new = is_new };
	f->name = strdup(wx_json_str(line, "as", name));
	if (!f->name)
		return wx_fail_nomem(err);
	f->kind = wx_filename_time(name, c->site->offset_s, &t);
	f->r0_us = wx_time_is_none(t) ? INT64_MIN : t.utc_ns / WX_NS_PER_US;
	f->size_bytes = wx_json_i64(line, "l", 0);
	f->ns = wx_json_i64(line, "ns", -1);
	f->fs = wx_json_i64(line, "fs", -1);
	snprintf(f->crc, sizeof(f->crc), "%s", wx_json_str(line, "crc", ""));
	c->n++;
	return WX_OK;
}

/* By name; of one name the last line of the journal first. */
static int by_name(const void *a, const void *b)
{
	const struct file *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : (x->order < y->order) - (x->order > y->order);
}

static const char *undated(enum wx_filename_kind kind)
{
	switch (kind) {
	case WX_FILENAME_UNSET:
		return "the date in its name is of a clock that was not set";
	case WX_FILENAME_TRIGGERED:
		return "a triggered recording, its samples leave time out";
	default:
		return "no date in its name";
	}
}

static void remark(struct card *c, const struct file *f)
{
	if (f->is_new && f->r0_us == INT64_MIN && c->n_remarks++ < MAX_REMARKS)
		wx_warn(c->log, "%s: %s; it came without a start time", f->name,
			undated(f->kind));
}

static int write_line(const struct file *f, FILE *out, struct wx_error *err)
{
	json_t *line = json_pack("{s:s, s:I, s:s}", "n", f->name, "l",
				 (json_int_t)f->size_bytes, "c", f->crc);
	int rc;

	if (!line)
		return wx_fail_nomem(err);
	if (f->ns >= 0)
		json_object_set_new(line, "ns", json_integer(f->ns));
	if (f->fs >= 0)
		json_object_set_new(line, "fs", json_integer(f->fs));
	if (f->r0_us != INT64_MIN)
		json_object_set_new(line, "r0", json_integer(f->r0_us));
	json_object_set_new(line, "st", json_string("closed"));
	if (f->r0_us != INT64_MIN)
		json_object_set_new(line, "by", json_string("name"));
	rc = wx_json_write_line(line, out, err);
	json_decref(line);
	return rc;
}

int wx_card_write(void *card, FILE *out, struct wx_error *err)
{
	struct card *c = card;
	int rc = WX_OK;

	qsort(c->file, c->n, sizeof(*c->file), by_name);
	for (size_t i = 0, to; i < c->n && !rc; i = to) {
		struct file *f = &c->file[i];

		for (to = i + 1; to < c->n; to++) {
			if (strcmp(c->file[to].name, f->name) != 0)
				break;
			f->is_new &= c->file[to].is_new; /* a file touched */
		}
		remark(c, f);
		rc = write_line(f, out, err);
	}
	if (c->n_remarks > MAX_REMARKS)
		wx_warn(c->log, "%zu more files came without a start time",
			c->n_remarks - MAX_REMARKS);
	return rc;
}

void wx_card_end(void *card)
{
	struct card *c = card;

	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		free(c->file[i].name);
	free(c->file);
	free(c);
}
