/* SPDX-License-Identifier: MIT */
/* lib/audit/common.c: what every part of an audit uses; see parts.h. */
#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>

#include "audit/parts.h"
#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"

void audit_found(struct audit *au, enum wx_audit_grade grade, const char *what,
		 const char *path, const char *todo, const char *fmt, ...)
{
	char text[1200];
	struct wx_audit_finding f = { .grade = grade,
				      .what = what,
				      .path = path,
				      .text = text,
				      .todo = todo };
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	au->st->n_found[grade]++;
	au->o->found(au->o->ctx, &f);
}

/* "/srv/ridge/raw/n1/x: text" is told as "raw/n1/x" and "text". */
static void log_write(void *ctx, const char *text)
{
	struct audit *au = ctx;
	size_t n = strlen(au->root), n_path = strlen(au->log_path);

	if (!strncmp(text, au->root, n) && text[n] == '/')
		text += n + 1;
	if (!strncmp(text, au->log_path, n_path) && text[n_path] == ':')
		text += n_path + 1 + (text[n_path + 1] == ' ');
	au->n_logged++;
	audit_found(au, WX_AUDIT_FAULT, au->log_what, au->log_path,
		    au->log_todo, "%s%s",
		    *text >= '0' && *text <= '9' ? "line " : "", text);
}

struct wx_log audit_log(struct audit *au, const char *what, const char *path,
			const char *todo)
{
	au->log_what = what;
	au->log_path = path;
	au->log_todo = todo;
	au->n_logged = 0;
	return (struct wx_log){ .write = log_write, .ctx = au };
}

bool audit_stat(const struct audit *au, const char *path, struct stat *st)
{
	char *full = wx_strf("%s/%s", au->root, path);
	bool there = full && lstat(full, st) == 0;

	free(full);
	return there;
}

bool audit_stopped(const struct audit *au, int *rc, struct wx_error *err)
{
	if (!au->o->stopped || !au->o->stopped())
		return false;
	*rc = wx_fail(
		err, WX_ERR_IO,
		"stopped; what was read is noted, run again for the rest");
	return true;
}

bool audit_wants_node(const struct audit *au, const char *id)
{
	for (size_t i = 0; i < au->o->n_nodes; i++)
		if (!strcmp(au->o->node[i], id))
			return true;
	return au->o->n_nodes == 0;
}

int audit_hash(struct audit *au, const char *path, const struct stat *st,
	       bool want_sha256, struct wx_seen_value *out, bool *known,
	       struct wx_error *err)
{
	struct wx_error why = { 0 };
	uint64_t size = 0;
	char *full;
	int rc;

	*known = true;
	if (wx_seen_get(au->seen, path, st, out) &&
	    (out->has_digest || !want_sha256)) {
		au->st->n_known++;
		return WX_OK;
	}
	full = wx_strf("%s/%s", au->root, path);
	if (!full)
		return wx_fail_nomem(err);
	*out = (struct wx_seen_value){ .has_digest = want_sha256 };
	rc = wx_file_hash(full, &out->crc, want_sha256 ? out->digest : NULL,
			  &size, &why);
	free(full);
	*known = rc == WX_OK;
	if (rc != WX_OK) {
		audit_found(au, WX_AUDIT_FAULT, "unreadable", path,
			    "check the disk (dmesg, smartctl), and restore it "
			    "from a copy",
			    "cannot be read: %s", why.text);
		return WX_OK;
	}
	au->st->n_hashed++;
	au->st->hashed_bytes += size;
	if (au->o->progress)
		au->o->progress(au->st->hashed_bytes, au->to_read_bytes);
	return wx_seen_put(au->seen, path, st, out, err);
}

static int add_file(struct audit_files *out, const char *name,
		    const struct stat *st, struct wx_error *err)
{
	size_t n = strlen(name) + 1;
	int rc = WX_GROW(&out->file, &out->room, out->n + 1, err);

	if (rc == WX_OK)
		rc = WX_GROW(&out->names, &out->room_names, out->n_names + n,
			     err);
	if (rc != WX_OK)
		return rc;
	memcpy(out->names + out->n_names, name, n);
	out->file[out->n].name_at = (uint32_t)out->n_names;
	out->file[out->n++].st = *st;
	out->n_names += n;
	return WX_OK;
}

static int by_name(const void *va, const void *vb, void *names)
{
	const struct audit_file *a = va, *b = vb;

	return strcmp((char *)names + a->name_at, (char *)names + b->name_at);
}

static int walk(struct audit *au, FTS *fts, size_t n_root,
		struct audit_files *out, struct wx_error *err)
{
	FTSENT *e;
	int rc = WX_OK;

	errno = 0;
	while (rc == WX_OK && (e = fts_read(fts))) {
		const char *name = e->fts_path + n_root;

		if (e->fts_info == FTS_F) {
			au->st->n_files++;
			au->st->size_bytes += (uint64_t)e->fts_statp->st_size;
			rc = add_file(out, name, e->fts_statp, err);
		} else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR ||
			   (e->fts_info == FTS_NS && e->fts_level > 0)) {
			audit_found(au, WX_AUDIT_FAULT, "unreadable",
				    e->fts_path + strlen(au->root) + 1,
				    "let whoever runs wx-check read it",
				    "cannot be read: %s",
				    strerror(e->fts_errno));
		}
	}
	return rc;
}

int audit_files_read(struct audit *au, const char *dir, struct audit_files *out,
		     struct wx_error *err)
{
	char *top = *dir ? wx_strf("%s/%s", au->root, dir) : strdup(au->root);
	char *argv[] = { top, NULL };
	FTS *fts;
	int rc = top ? WX_OK : wx_fail_nomem(err);

	*out = (struct audit_files){ 0 };
	if (rc != WX_OK)
		return rc;
	fts = fts_open(argv, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (fts) {
		rc = walk(au, fts, strlen(top) + 1, out, err);
		fts_close(fts);
	} else {
		rc = wx_fail_errno(err, "%s: cannot read", top);
	}
	free(top);
	if (rc == WX_OK)
		wx_sort(out->file, out->n, sizeof(*out->file), by_name,
			out->names);
	else
		audit_files_fini(out);
	return rc;
}

void audit_files_fini(struct audit_files *f)
{
	free(f->file);
	free(f->names);
	*f = (struct audit_files){ 0 };
}

size_t audit_files_find(const struct audit_files *f, const char *name)
{
	size_t low = 0, high = f->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int c = strcmp(audit_name(f, mid), name);

		if (c == 0)
			return mid;
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return f->n;
}

bool audit_is_leftover(const char *name)
{
	size_t n = strlen(name);

	return (n > 5 && !strcmp(name + n - 5, ".part")) ||
	       !strncmp(name, ".part/", 6) || strstr(name, "/.part/");
}
