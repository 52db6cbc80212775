/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/catalog.c: the captures of a node, from its index; see
 * archive.h. indexline.c reads a line.
 *
 * A node-year of one-minute captures is 525,600 lines. Names lie in one block
 * and lines in one array.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/indexline.h"
#include "base/array.h"
#include "base/hash.h"
#include "base/lines.h"
#include "base/text.h"

/* A file with more bad lines than this is one remark more, not thousands. */
enum { MAX_WARNINGS = 20, NAME_SIZE = 1001 /* wx_name_check */ };

struct builder {
	struct wx_catalog *out;
	struct wx_capture *line; /* every line with a name, as they came */
	size_t n_lines, room_lines, room_events;
	size_t n_names, room_names; /* bytes of out->names */
	struct wx_log *log;
};

static int add_capture(struct builder *b, const struct wx_index_line *l,
		       struct wx_error *err)
{
	struct wx_capture *c;
	int rc = WX_GROW(&b->out->names, &b->room_names,
			 b->n_names + l->name_len + 1, err);

	if (!rc)
		rc = WX_GROW(&b->line, &b->room_lines, b->n_lines + 1, err);
	if (rc)
		return rc;
	c = &b->line[b->n_lines++];
	*c = l->capture;
	c->name = (char *)b->n_names; /* names may move: an offset until then */
	memcpy(b->out->names + b->n_names, l->name, l->name_len);
	b->out->names[b->n_names + l->name_len] = '\0';
	b->n_names += l->name_len + 1;
	return WX_OK;
}

static int add_event(struct builder *b, const struct wx_index_line *l,
		     struct wx_error *err)
{
	int rc = WX_GROW(&b->out->event, &b->room_events, b->out->n_events + 1,
			 err);

	if (!rc)
		b->out->event[b->out->n_events++] = l->event;
	return rc;
}

static int add_line(struct builder *b, struct wx_line *line,
		    struct wx_error *why, struct wx_error *err)
{
	struct wx_index_line l;
	int rc = wx_index_line_read(line->text, line->n, &l, why);

	if (rc == WX_ERR_NOMEM)
		return wx_fail_nomem(err);
	if (l.kind == WX_INDEX_CAPTURE)
		rc = add_capture(b, &l, err);
	else if (l.kind == WX_INDEX_EVENT)
		rc = add_event(b, &l, err);
	else
		rc = WX_OK;
	wx_index_line_fini(&l);
	return rc;
}

static int add_file(struct builder *b, const char *path, struct wx_error *err)
{
	struct wx_lines *in = NULL;
	struct wx_line line;
	size_t n_bad = 0;
	int rc = wx_lines_open(path, &in, err);

	while (!rc && (rc = wx_lines_next(in, &line, err)) == 1) {
		struct wx_error why = { 0 };
		bool had_nuls = wx_line_cut_nuls(&line) > 0;

		rc = WX_OK;
		if (line.too_long)
			wx_fail(&why, WX_ERR_FORMAT, "a line of over %d bytes",
				WX_LINES_MAX);
		else if (line.n)
			rc = add_line(b, &line, &why, err);
		else if (had_nuls)
			wx_fail(&why, WX_ERR_FORMAT, "a line of NULs");
		/* A last line without its end is what a power cut leaves. */
		if (why.code && line.complete && n_bad++ < MAX_WARNINGS)
			wx_warn(b->log, "%s:%ld: %s", path, line.number,
				why.text);
	}
	if (n_bad > MAX_WARNINGS)
		wx_warn(b->log, "%s: %zu more such lines", path,
			n_bad - MAX_WARNINGS);
	wx_lines_close(in);
	return rc;
}

/* By name; of the same name in the order in which they came. */
static int by_name(const void *va, const void *vb)
{
	const struct wx_capture *a = va, *b = vb;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->name > b->name) - (a->name < b->name);
}

static void sort_lines(struct builder *b)
{
	for (size_t i = 0; i < b->n_lines; i++)
		b->line[i].name = b->out->names + (size_t)b->line[i].name;
	for (size_t i = 1; i < b->n_lines; i++)
		if (by_name(&b->line[i - 1], &b->line[i]) > 0) {
			qsort(b->line, b->n_lines, sizeof(*b->line), by_name);
			return;
		}
}

/* "~0123abcd": what a file has behind its name whose name was taken. */
enum { BESIDE = 9 };

static size_t beside_length(const char *name, size_t n)
{
	uint32_t crc;

	return n > BESIDE && name[n - BESIDE] == '~' &&
			       wx_crc32_parse(name + n - BESIDE + 1, BESIDE - 1,
					      &crc)
		       ? BESIDE
		       : 0;
}

static bool is_sound(const struct wx_capture *c)
{
	size_t n = strlen(c->name);

	n -= beside_length(c->name, n);
	return n >= 4 && !strncasecmp(c->name + n - 4, ".wav", 4);
}

/* Is the version of a name that c tells kept beside, and whole? */
static bool lies_beside(int dir, const struct wx_capture *c, char *buf,
			size_t size)
{
	struct stat st;

	snprintf(buf, size, "%s~%08" PRIx32, c->name, c->crc);
	return c->has_crc && fstatat(dir, buf, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size == c->size_bytes;
}

/* Do lines of one name tell two files? */
static bool is_told_twice(const struct wx_capture *c, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (c[i].has_crc && c[i - 1].has_crc &&
		    (c[i].crc != c[i - 1].crc ||
		     c[i].size_bytes != c[i - 1].size_bytes))
			return true;
	return false;
}

static size_t n_of_name(const struct builder *b, size_t i)
{
	size_t n = 1;

	while (i + n < b->n_lines &&
	       !strcmp(b->line[i].name, b->line[i + n].name))
		n++;
	return n;
}

/*
 * A node that was wiped gives its names anew: two lines of one name tell two
 * files, and the later one lies beside the earlier (archive/pull.h). Each line
 * gets the name that its bytes have here.
 */
static int tell_apart(struct builder *b, int dir, struct wx_error *err)
{
	char name[NAME_SIZE + BESIDE];
	size_t n = 0, n_bytes = 0, room = 0;

	for (size_t i = 0; i < b->n_lines; i += n) {
		n = n_of_name(b, i);
		if (n == 1 || !is_told_twice(&b->line[i], n))
			continue;
		for (size_t k = i; k < i + n; k++) {
			size_t len;

			if (!lies_beside(dir, &b->line[k], name, sizeof(name)))
				continue;
			len = strlen(name) + 1;
			if (WX_GROW(&b->out->beside, &room, n_bytes + len, err))
				return WX_ERR_NOMEM;
			memcpy(b->out->beside + n_bytes, name, len);
			b->line[k].name = NULL; /* the next of out->beside */
			n_bytes += len;
		}
	}
	if (!n_bytes)
		return WX_OK;
	for (size_t i = 0, at = 0; i < b->n_lines; i++) {
		if (b->line[i].name)
			continue;
		b->line[i].name = b->out->beside + at;
		at += strlen(b->line[i].name) + 1;
	}
	qsort(b->line, b->n_lines, sizeof(*b->line), by_name);
	return WX_OK;
}

/*
 * The last line of each name. Sound that is still being recorded is left out;
 * a table that still grows is not, for wx-pull takes what it holds so far.
 */
static int finish(struct builder *b, int dir, struct wx_error *err)
{
	struct wx_catalog *out = b->out;
	size_t room_others = 0;
	int rc;

	sort_lines(b);
	out->capture = b->line;
	rc = tell_apart(b, dir, err);
	for (size_t i = 0; i < b->n_lines && !rc; i++) {
		struct wx_capture *c = &b->line[i];

		if (i + 1 < b->n_lines && !strcmp(c->name, c[1].name))
			continue;
		if (is_sound(c)) {
			if (c->size_bytes != WX_INDEX_OPEN)
				out->capture[out->n_captures++] = *c;
			continue;
		}
		rc = WX_GROW(&out->other, &room_others, out->n_others + 1, err);
		if (!rc)
			out->other[out->n_others++] = *c;
	}
	return rc;
}

/* Of a list, those whose files are in the folder: whole, or in part too. */
static size_t keep_present(int dir, bool in_part, struct wx_capture *c,
			   size_t n)
{
	struct stat st;
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (fstatat(dir, c[i].name, &st, 0) || !S_ISREG(st.st_mode))
			continue;
		if (!in_part && st.st_size != c[i].size_bytes)
			continue;
		c[i].size_bytes = st.st_size;
		c[kept++] = c[i];
	}
	return kept;
}

/* index~HASH.jsl first, by name, so that index.jsl has the last word. */
static int add_folder(struct builder *b, const char *dir, struct wx_error *err)
{
	struct wx_names names;
	bool has_index = false;
	char *path;
	int rc = wx_names_read(dir, 1, &names, err);

	for (size_t i = 0; !rc && i < names.n; i++) {
		const char *name = names.name[i];

		has_index |= !strcmp(name, "index.jsl");
		if (strncmp(name, "index~", 6) ||
		    strcmp(name + strlen(name) - 4, ".jsl"))
			continue;
		path = wx_strf("%s/%s", dir, name);
		rc = path ? add_file(b, path, err) : wx_fail_nomem(err);
		free(path);
	}
	if (!rc && has_index) {
		path = wx_strf("%s/index.jsl", dir);
		rc = path ? add_file(b, path, err) : wx_fail_nomem(err);
		free(path);
	}
	wx_names_fini(&names);
	return rc;
}

int wx_catalog_read(const struct wx_archive *a, const char *node,
		    bool present_only, struct wx_catalog *out,
		    struct wx_log *log, struct wx_error *err)
{
	struct builder b = { .out = out, .log = log };
	char *dir = wx_archive_path(a, "raw/%s", node);
	int rc, fd = -1;

	*out = (struct wx_catalog){ 0 };
	rc = dir ? add_folder(&b, dir, err) : wx_fail_nomem(err);
	if (!rc) {
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno != ENOENT)
			rc = wx_fail_errno(err, "%s: cannot open", dir);
	}
	if (rc)
		free(b.line);
	else
		rc = finish(&b, fd, err);
	if (!rc && present_only) {
		out->n_captures =
			keep_present(fd, false, out->capture, out->n_captures);
		out->n_others =
			keep_present(fd, true, out->other, out->n_others);
	}
	if (fd >= 0)
		close(fd);
	if (rc)
		wx_catalog_fini(out);
	free(dir);
	return rc;
}

void wx_catalog_fini(struct wx_catalog *c)
{
	free(c->capture);
	free(c->event);
	free(c->other);
	free(c->names);
	free(c->beside);
	*c = (struct wx_catalog){ 0 };
}
