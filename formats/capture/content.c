/* SPDX-License-Identifier: MIT */
/* formats/capture/content.c: see content.h. */
#include "capture/content.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "capture/card.h"
#include "capture/filename.h"
#include "capture/holder.h"
#include "capture/layout.h"
#include "capture/says.h"
#include "sound/kind.h"
#include "sound/rescue.h"

#define HOLDER_ENTRY(name) &wx_holder_##name,

static const struct wx_holder *const holders[] = { WX_HOLDERS(HOLDER_ENTRY) };

enum { MAX_LOG_BYTES = 128 << 20 };

/* ---- what a file says ---- */

static void append(json_t *says, const char *key, json_t *value)
{
	json_t *list = json_object_get(says, key);

	if (!list) {
		list = json_array();
		json_object_set_new(says, key, list);
	}
	json_array_append_new(list, value);
}

void wx_holder_add_part(json_t *says, const char *w, int64_t n_frames,
			double rate_hz, int64_t r0_us)
{
	json_t *part = json_pack("{s:s}", "w", w);

	if (json_array_size(json_object_get(says, "parts")) >=
	    WX_HOLDER_MAX_PARTS) {
		json_decref(part);
		return;
	}
	if (n_frames >= 0) {
		json_object_set_new(part, "ns", json_integer(n_frames));
		json_object_set_new(part, "fs", json_real(rate_hz));
	}
	if (r0_us != INT64_MIN)
		json_object_set_new(part, "r0", json_integer(r0_us));
	append(says, "parts", part);
}

void wx_holder_add_damage(json_t *says, const char *word)
{
	append(says, "dmg", json_string(word));
}

void wx_holder_lines(int fd, wx_holder_line_fn *fn, void *ctx)
{
	int copy = dup(fd);
	FILE *in = copy < 0 ? NULL : fdopen(copy, "r");
	char text[1024];
	bool go_on = in && fseek(in, 0, SEEK_SET) == 0;

	while (go_on && ftello(in) < MAX_LOG_BYTES &&
	       fgets(text, sizeof(text), in)) {
		size_t n = strlen(text);

		while (n && (text[n - 1] == '\n' || text[n - 1] == '\r'))
			n--;
		text[n] = '\0';
		go_on = fn(ctx, text, n);
	}
	if (in)
		fclose(in);
	else if (copy >= 0)
		close(copy);
}

/* What else a file is that is called a recording. */
static void put_kind(int fd, const char *name, json_t *says)
{
	char head[WX_KIND_HEAD];
	ssize_t n = pread(fd, head, sizeof(head), 0);
	enum wx_kind kind = wx_kind_of(head, n > 0 ? (size_t)n : 0, name);

	if (kind != WX_KIND_UNKNOWN && kind != WX_KIND_EMPTY &&
	    kind != WX_KIND_NULS) /* of which its damage tells */
		json_object_set_new(says, "kind",
				    json_string(wx_kind_word(kind)));
}

/* A recording that is read as it is, or a file that should be one. */
static void describe_sound(int fd, const char *name, json_t *line, json_t *says)
{
	struct wx_rescue look;
	struct wx_recording_says rec;

	if (wx_rescue_look(fd, name, &look, NULL))
		return;
	for (unsigned i = 0; wx_rescue_word(i); i++)
		if (look.damage & 1u << i)
			wx_holder_add_damage(says, wx_rescue_word(i));
	if (look.can_copy)
		wx_holder_add_part(says, WX_HOLDER_RECOVERED, -1, 0, INT64_MIN);
	if (!look.is_wav) {
		put_kind(fd, name, says);
		return;
	}
	if (look.wav.rate_hz) {
		json_object_set_new(line, "ns",
				    json_integer(look.wav.n_frames));
		json_object_set_new(line, "fs", json_integer(look.wav.rate_hz));
	}
	wx_recording_says_fd(fd, &look.wav, &look.chunks, &rec);
	wx_says_put(&rec, says);
}

static const struct wx_holder *holder_by_head(int fd, const char *name)
{
	unsigned char head[64];
	ssize_t n = pread(fd, head, sizeof(head), 0);

	for (size_t i = 0; n > 0 && i < WX_COUNT(holders); i++)
		if (holders[i]->is(name, head, (size_t)n))
			return holders[i];
	return NULL;
}

static void describe(int fd, const char *name, json_t *line)
{
	enum wx_layout layout = wx_layout_of(name);
	json_t *says = json_object_get(line, "says"); /* by its driver */
	const struct wx_holder *holder;

	if (layout == WX_LAYOUT_NONE || layout == WX_LAYOUT_FOREIGN)
		return;
	says = says ? json_incref(says) : json_object();
	holder = holder_by_head(fd, name);
	if (holder) {
		holder->describe(fd, name, says);
		json_object_set_new(says, "kind", json_string(holder->kind));
	} else if (layout == WX_LAYOUT_RECORDING || layout == WX_LAYOUT_HOLDS) {
		describe_sound(fd, name, line, says);
	}
	if (json_object_size(says))
		json_object_set(line, "says", says);
	json_decref(says);
}

/* ---- what is made of it ---- */

/* What follows the last '~': "recovered.wav", "env.csv", "0001.wav". */
static bool is_derived(const char *name)
{
	const char *word = strrchr(name, '~');
	size_t digits = word ? strspn(word + 1, "0123456789") : 0;

	if (!word)
		return false;
	return !strcasecmp(word + 1, WX_HOLDER_RECOVERED) ||
	       !strcasecmp(word, "~" WX_HOLDER_ENV) ||
	       (digits >= 4 && !strcasecmp(word + 1 + digits, ".wav"));
}

static bool may_be_one(const char *name, const char *other)
{
	struct wx_filename a, b;

	wx_filename_read(name, &a);
	wx_filename_read(other, &b);
	return !a.has_civil || !b.has_civil ||
	       wx_civil_to_time(&a.civil, 0).utc_ns ==
		       wx_civil_to_time(&b.civil, 0).utc_ns;
}

static const json_t *parts_of(const json_t *line)
{
	return json_object_get(json_object_get(line, "says"), "parts");
}

const struct wx_holder *wx_holder_get(const json_t *says)
{
	const char *kind = wx_json_str(says, "kind", "");

	for (size_t i = 0; i < WX_COUNT(holders); i++)
		if (!strcmp(holders[i]->kind, kind))
			return holders[i];
	return NULL;
}

/* Of a file of very many parts: who makes them all. */
static const struct wx_holder *holder_of_runs(const json_t *line)
{
	const json_t *says = json_object_get(line, "says");
	const struct wx_holder *holder =
		json_object_get(says, "runs") ? wx_holder_get(says) : NULL;

	return holder && holder->make_all ? holder : NULL;
}

static bool derives(const json_t *line)
{
	return json_array_size(parts_of(line)) > 0 || holder_of_runs(line);
}

static int make_recovered(int fd, const char *name, const char *to,
			  struct wx_error *err)
{
	struct wx_rescue look;
	struct wx_rescued done;
	int rc = wx_rescue_look(fd, name, &look, err);

	return rc ? rc : wx_rescue_copy(fd, name, &look, to, &done, err);
}

static int make_part(int fd, const char *path, const json_t *says,
		     const char *w, const char *to, struct wx_error *err)
{
	const struct wx_holder *holder = wx_holder_get(says);

	if (!strcmp(w, WX_HOLDER_RECOVERED))
		return make_recovered(fd, path, to, err);
	if (holder && holder->make)
		return holder->make(fd, path, says, w, to, err);
	return wx_fail(err, WX_ERR_FORMAT,
		       "%s: '%s' is not unpacked by this version", path,
		       wx_json_str(says, "kind", ""));
}

/* One part; nothing to do if it is there. */
static int derive_part(const char *path, const json_t *says, const char *w,
		       size_t *n_made, struct wx_error *err)
{
	char *to = wx_strf("%s~%s", path, w);
	const struct wx_holder *holder = wx_holder_get(says);
	bool grows = holder && holder->grows;
	bool is_there = to && access(to, F_OK) == 0;
	int rc = WX_OK, fd = -1;

	if (!to)
		return wx_fail_nomem(err);
	if (is_there && !grows)
		goto out;
	if (!is_derived(to)) { /* of a journal that somebody edited */
		rc = wx_fail(err, WX_ERR_FORMAT, "%s: not a name of ours", to);
		goto out;
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	rc = fd < 0 ? wx_fail_errno(err, "%s: cannot open", path)
		    : make_part(fd, path, says, w, to, err);
	*n_made += !rc && !is_there;
out:
	if (fd >= 0)
		close(fd);
	free(to);
	return rc;
}

static int derive(const char *dir, const json_t *line, size_t *n_made,
		  struct wx_log *log, struct wx_error *err)
{
	const struct wx_holder *holder = holder_of_runs(line);
	const char *name = wx_json_str(line, "n", "");
	const json_t *parts = parts_of(line);
	char *path;
	int rc;

	if (holder)
		return holder->make_all(dir, line, n_made, log, err);
	path = wx_strf("%s/%s", dir, wx_json_str(line, "as", name));
	rc = path ? WX_OK : wx_fail_nomem(err);
	for (size_t i = 0; i < json_array_size(parts) && !rc; i++)
		rc = derive_part(path, json_object_get(line, "says"),
				 wx_json_str(json_array_get(parts, i), "w", ""),
				 n_made, err);
	free(path);
	return rc;
}

const struct wx_content wx_capture_content = {
	.describe = describe,
	.is_derived = is_derived,
	.may_be_one = may_be_one,
	.derives = derives,
	.derive = derive,
	.index = { wx_card_begin, wx_card_add, wx_card_write, wx_card_end },
};
