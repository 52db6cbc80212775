/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/catalog.c: the captures of a node, from its index; see
 * archive.h. indexline.c reads a line.
 *
 * A node-year of one-minute captures is 525,600 lines. Names lie in one block,
 * lines in one array of 40 bytes each; what is the same in one as in the next
 * (a length, a rate, a boot) is held once.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "archive/deleted.h"
#include "archive/indexline.h"
#include "base/array.h"
#include "base/hash.h"
#include "base/lines.h"
#include "base/text.h"

/* A file with more bad lines than this is one remark more, not thousands. */
enum { MAX_WARNINGS = 20, NAME_SIZE = 1001 /* wx_name_check */ };

/* Of more boots nothing is told: no node has so many that are two. */
enum { MAX_REFOLDS = 1000 };

/* Blocks, so that forms stay where they are. */
enum { FORMS_IN_BLOCK = 128, FORMS_AT_HAND = 64 };
struct wx_forms {
	struct wx_forms *before;
	size_t n;
	struct wx_capture_form form[FORMS_IN_BLOCK];
};

struct builder {
	struct wx_catalog *out;
	struct wx_held *line; /* every line with a name, as they came */
	/* By hash: those met lately. A form that is held twice does no harm. */
	const struct wx_capture_form *at_hand[FORMS_AT_HAND];
	size_t n_lines, room_lines, room_events, room_refolds;
	struct wx_refold last, former; /* the captures before */
	/* Bytes of out->names. Behind the NUL of each the file's CRC-32, which
	 * only counts where a name stands twice. */
	size_t n_names, room_names;
	struct wx_deleted *deleted; /* read when the first file is missing */
	const char *dir;
	struct wx_log *log;
};

static bool same_form(const struct wx_capture_form *a,
		      const struct wx_capture_form *b)
{
	return a->size_bytes == b->size_bytes && a->boot == b->boot &&
	       a->n_frames == b->n_frames &&
	       (a->rate_hz == b->rate_hz ||
		(isnan(a->rate_hz) && isnan(b->rate_hz))) &&
	       a->recovered == b->recovered && a->by_name == b->by_name &&
	       a->by_header == b->by_header && a->triggered == b->triggered &&
	       a->has_crc == b->has_crc && a->deleted == b->deleted;
}

/* The one that is held of this kind; NULL: out of memory. */
static const struct wx_capture_form *hold_form(struct builder *b,
					       struct wx_capture_form form)
{
	uint64_t hash = (uint64_t)form.size_bytes * 31 + (uint64_t)form.boot;
	const struct wx_capture_form **at =
		&b->at_hand[(hash ^ (hash >> 6)) % FORMS_AT_HAND];
	struct wx_forms *block = b->out->forms;

	if (*at && same_form(*at, &form))
		return *at;
	if (!block || block->n == FORMS_IN_BLOCK) {
		block = malloc(sizeof(*block));
		if (!block)
			return NULL;
		block->before = b->out->forms;
		block->n = 0;
		b->out->forms = block;
	}
	block->form[block->n] = form;
	return *at = &block->form[block->n++];
}

/* Where name was put; WX_ERR_*. */
static int add_name(struct builder *b, const char *name, size_t n, uint32_t crc,
		    uint32_t *name_at, struct wx_error *err)
{
	char *to;

	if (b->n_names > UINT32_MAX)
		return wx_fail(err, WX_ERR_RANGE,
			       "names of over 4 GB, expected a node's");
	if (WX_GROW(&b->out->names, &b->room_names,
		    b->n_names + n + 1 + sizeof(crc), err))
		return WX_ERR_NOMEM;
	*name_at = (uint32_t)b->n_names;
	to = b->out->names + b->n_names;
	memcpy(to, name, n);
	to[n] = '\0';
	memcpy(to + n + 1, &crc, sizeof(crc));
	b->n_names += n + 1 + sizeof(crc);
	return WX_OK;
}

/*
 * Lines mostly come as they were written: q tells where they do not. Two before
 * and two after must say so: one alone may be a slip.
 */
static int follow(struct builder *b, const struct wx_capture *c,
		  struct wx_error *err)
{
	size_t n = b->out->n_refolds;
	struct wx_refold *at = n ? &b->out->refold[n - 1] : NULL;
	struct wx_refold was = b->last, were = b->former;

	if (c->boot < 0 || c->seq < 0 || c->m0_us < 0)
		return WX_OK;
	b->former = was;
	b->last = (struct wx_refold){ c->boot, c->seq, c->m0_us, 1 };
	if (at && at->boot == c->boot) {
		at->n += c->seq > at->seq && c->m0_us < at->m_us;
		return WX_OK;
	}
	if (was.boot != c->boot || c->seq <= was.seq || c->m0_us >= was.m_us ||
	    were.boot != c->boot || c->seq <= were.seq ||
	    c->m0_us >= were.m_us || n == MAX_REFOLDS)
		return WX_OK;
	if (WX_GROW(&b->out->refold, &b->room_refolds, n + 1, err))
		return WX_ERR_NOMEM;
	b->out->refold[b->out->n_refolds++] = were;
	return WX_OK;
}

static int add_capture(struct builder *b, const struct wx_index_line *l,
		       struct wx_error *err)
{
	const struct wx_capture *c = &l->capture;
	struct wx_held held = { .temp_degc = (float)c->temp_degc,
				.m0_us = c->m0_us,
				.m1_us = c->m1_us,
				.r0_us = c->r0_us };
	int rc = add_name(b, l->name, l->name_len, c->crc, &held.name_at, err);

	held.form = hold_form(b, (struct wx_capture_form){
					 c->size_bytes, c->boot, c->n_frames,
					 c->rate_hz, c->recovered, c->by_name,
					 c->by_header, c->triggered, c->has_crc,
					 false });
	if (!rc && !held.form)
		rc = wx_fail_nomem(err);
	if (!rc)
		rc = WX_GROW(&b->line, &b->room_lines, b->n_lines + 1, err);
	if (!rc)
		rc = follow(b, c, err);
	if (!rc)
		b->line[b->n_lines++] = held;
	return rc;
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
static int by_name(const void *va, const void *vb, void *names)
{
	const struct wx_held *a = va, *b = vb;
	int order =
		strcmp((char *)names + a->name_at, (char *)names + b->name_at);

	return order ? order
		     : (a->name_at > b->name_at) - (a->name_at < b->name_at);
}

static void sort_lines(struct builder *b)
{
	wx_sort(b->line, b->n_lines, sizeof(*b->line), by_name, b->out->names);
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

static bool is_sound(const char *name)
{
	size_t n = strlen(name);

	n -= beside_length(name, n);
	return n >= 4 && !strncasecmp(name + n - 4, ".wav", 4);
}

static uint32_t crc_of(const struct builder *b, const struct wx_held *c)
{
	const char *name = wx_catalog_name(b->out, c);
	uint32_t crc;

	memcpy(&crc, name + strlen(name) + 1, sizeof(crc));
	return crc;
}

/* Is the version of a name that c tells kept beside, and whole? */
static bool lies_beside(const struct builder *b, int dir,
			const struct wx_held *c, char *buf, size_t size)
{
	struct stat st;

	snprintf(buf, size, "%s~%08" PRIx32, wx_catalog_name(b->out, c),
		 crc_of(b, c));
	return c->form->has_crc &&
	       fstatat(dir, buf, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISREG(st.st_mode) && st.st_size == c->form->size_bytes;
}

/* Do lines of one name tell two files? */
static bool is_told_twice(const struct builder *b, const struct wx_held *c,
			  size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (c[i].form->has_crc && c[i - 1].form->has_crc &&
		    (crc_of(b, &c[i]) != crc_of(b, &c[i - 1]) ||
		     c[i].form->size_bytes != c[i - 1].form->size_bytes))
			return true;
	return false;
}

static size_t n_of_name(const struct builder *b, size_t i)
{
	const char *name = wx_catalog_name(b->out, &b->line[i]);
	size_t n = 1;

	while (i + n < b->n_lines &&
	       !strcmp(name, wx_catalog_name(b->out, &b->line[i + n])))
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
	size_t n = 0;
	int rc = WX_OK;

	for (size_t i = 0; i < b->n_lines && !rc; i += n) {
		n = n_of_name(b, i);
		if (n == 1 || !is_told_twice(b, &b->line[i], n))
			continue;
		for (size_t k = i; k < i + n && !rc; k++)
			if (lies_beside(b, dir, &b->line[k], name,
					sizeof(name)))
				rc = add_name(b, name, strlen(name),
					      crc_of(b, &b->line[k]),
					      &b->line[k].name_at, err);
	}
	if (!rc)
		sort_lines(b);
	return rc;
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
		const struct wx_held *c = &b->line[i];
		const char *name = wx_catalog_name(out, c);

		if (i + 1 < b->n_lines &&
		    !strcmp(name, wx_catalog_name(out, &c[1])))
			continue;
		if (is_sound(name)) {
			if (c->form->size_bytes != WX_INDEX_OPEN)
				out->capture[out->n_captures++] = *c;
			continue;
		}
		rc = WX_GROW(&out->other, &room_others, out->n_others + 1, err);
		if (!rc)
			out->other[out->n_others++] = *c;
	}
	return rc;
}

/* Does c stand for a file that was deleted here? WX_ERR_NOMEM, else 1 or 0. */
static int mark_deleted(struct builder *b, struct wx_held *c)
{
	struct wx_capture_form form = *c->form;

	/* What is wrong with the journal is for wx-pull and wx-check to tell. */
	if (!b->deleted &&
	    wx_deleted_read(b->dir, &b->deleted, NULL, NULL) != WX_OK)
		return 0;
	if (!wx_deleted_has(b->deleted, wx_catalog_name(b->out, c)))
		return 0;
	form.deleted = true;
	c->form = hold_form(b, form);
	return c->form ? 1 : WX_ERR_NOMEM;
}

/*
 * Of a list, those whose files are in the folder: whole, or in part too, their
 * size then being that of the file.
 */
static int keep_present(struct builder *b, int dir, bool in_part,
			struct wx_held *c, size_t *n, struct wx_error *err)
{
	struct stat st;
	size_t kept = 0;

	for (size_t i = 0; i < *n; i++) {
		struct wx_capture_form form = *c[i].form;
		bool there =
			!fstatat(dir, wx_catalog_name(b->out, &c[i]), &st, 0) &&
			S_ISREG(st.st_mode);
		int deleted = there || in_part ? 0 : mark_deleted(b, &c[i]);

		if (deleted < 0)
			return wx_fail_nomem(err);
		if (deleted)
			c[kept++] = c[i];
		if (!there)
			continue;
		if (!in_part && st.st_size != form.size_bytes)
			continue;
		if (st.st_size != form.size_bytes) {
			form.size_bytes = st.st_size;
			c[i].form = hold_form(b, form);
			if (!c[i].form)
				return wx_fail_nomem(err);
		}
		c[kept++] = c[i];
	}
	*n = kept;
	return WX_OK;
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
	b.dir = dir;
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
	if (!rc && present_only)
		rc = keep_present(&b, fd, false, out->capture, &out->n_captures,
				  err);
	if (!rc && present_only)
		rc = keep_present(&b, fd, true, out->other, &out->n_others,
				  err);
	if (fd >= 0)
		close(fd);
	if (rc)
		wx_catalog_fini(out);
	wx_deleted_free(b.deleted);
	free(dir);
	return rc;
}

void wx_catalog_fini(struct wx_catalog *c)
{
	struct wx_forms *f = c->forms, *before;

	for (; f; f = before) {
		before = f->before;
		free(f);
	}
	free(c->capture);
	free(c->event);
	free(c->other);
	free(c->refold);
	free(c->names);
	*c = (struct wx_catalog){ 0 };
}
