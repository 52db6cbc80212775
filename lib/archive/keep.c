/* SPDX-License-Identifier: MIT */
/* lib/archive/keep.c: see keep.h. */
#include "archive/keep.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

enum { CHUNK = 1 << 16 };

enum common { SAME, OLD_IS_PREFIX, NEW_IS_PREFIX, DIFFERENT };

/* How the bytes of two files begin alike. */
static int compare(const char *path_new, const char *path_old, enum common *out,
		   struct wx_error *err)
{
	FILE *a = fopen(path_new, "re"), *b = fopen(path_old, "re");
	char *buf = malloc(2 * CHUNK);
	size_t n_a = CHUNK, n_b = CHUNK;
	int rc = WX_OK;

	*out = SAME;
	if (!a || !b || !buf)
		rc = wx_fail_errno(err, "%s: cannot open",
				   a ? path_old : path_new);
	while (!rc && *out == SAME && n_a == CHUNK && n_b == CHUNK) {
		n_a = fread(buf, 1, CHUNK, a);
		n_b = fread(buf + CHUNK, 1, CHUNK, b);
		if (ferror(a) || ferror(b))
			rc = wx_fail_errno(err, "%s: cannot read",
					   ferror(a) ? path_new : path_old);
		else if (memcmp(buf, buf + CHUNK, n_a < n_b ? n_a : n_b) != 0)
			*out = DIFFERENT;
		else if (n_a != n_b)
			*out = n_a > n_b ? OLD_IS_PREFIX : NEW_IS_PREFIX;
	}
	if (a)
		fclose(a);
	if (b)
		fclose(b);
	free(buf);
	return rc;
}

/* Is name "STEM~xxxxxxxx.EXT" of base "STEM.EXT", or base itself? */
static bool is_kin(const char *name, const char *base)
{
	const char *dot = strrchr(base, '.');
	size_t stem = dot && dot != base ? (size_t)(dot - base) : strlen(base);

	if (!strcmp(name, base))
		return true;
	return strlen(name) == strlen(base) + 9 && !strncmp(name, base, stem) &&
	       name[stem] == '~' &&
	       strspn(name + stem + 1, "0123456789abcdef") >= 8 &&
	       !strcmp(name + stem + 9, base + stem);
}

static char *beside(const char *dir, const char *base, uint32_t crc)
{
	const char *dot = strrchr(base, '.');
	size_t stem = dot && dot != base ? (size_t)(dot - base) : strlen(base);

	return wx_strf("%s/%.*s~%08x%s", dir, (int)stem, base, crc,
		       base + stem);
}

static int check_name(const char *path, const char *base, struct wx_error *err)
{
	size_t n = strlen(base);
	struct wx_error why = { 0 };

	if (wx_name_check(base, &why))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: this name cannot be kept: %s", path,
			       why.text);
	if (n >= 5 && !strcmp(base + n - 5, ".part"))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: a name that ends in .part is of a file not "
			       "whole yet; rename it",
			       path);
	return WX_OK;
}

/* What is there of that name, and how it compares; *replace is lent. */
static int look(const char *path, const char *dir, const char *base,
		const struct wx_names *names, struct wx_keep *out,
		const char **replace, struct wx_error *err)
{
	*replace = NULL;
	out->what = WX_KEEP_NEW;
	for (size_t i = 0; i < names->n; i++) {
		enum common c = DIFFERENT;
		char *kept;
		int rc;

		if (!is_kin(names->name[i], base))
			continue;
		kept = wx_strf("%s/%s", dir, names->name[i]);
		rc = kept ? compare(path, kept, &c, err) : wx_fail_nomem(err);
		if (!rc && (c == SAME || c == NEW_IS_PREFIX)) {
			out->what = WX_KEEP_HAVE;
			out->to = kept;
			return WX_OK;
		}
		free(kept);
		if (rc)
			return rc;
		if (c == OLD_IS_PREFIX && !*replace)
			*replace = names->name[i];
		if (out->what == WX_KEEP_NEW)
			out->what = WX_KEEP_BESIDE;
	}
	if (*replace)
		out->what = WX_KEEP_GROWN;
	return WX_OK;
}

/* A folder, a device: no log. */
static int check_regular(const char *path, struct wx_error *err)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return wx_fail_errno(err, "%s: cannot open", path);
	if (!S_ISREG(st.st_mode))
		return wx_fail(err, WX_ERR_FORMAT,
			       "%s: expected a file, found something else",
			       path);
	return WX_OK;
}

int wx_keep_plan(const char *path, const char *dir, struct wx_keep *out,
		 struct wx_error *err)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path, *replace = NULL;
	struct wx_names names = { 0 };
	uint32_t crc = 0;
	int rc;

	*out = (struct wx_keep){ 0 };
	rc = check_regular(path, err);
	if (!rc)
		rc = check_name(path, base, err);
	if (!rc)
		rc = wx_names_read(dir, 1, &names, err);
	if (!rc)
		rc = look(path, dir, base, &names, out, &replace, err);
	if (rc || out->what == WX_KEEP_HAVE)
		goto out;
	/* The base name stays the base name; others are named by content. */
	if (out->what == WX_KEEP_NEW || (replace && !strcmp(replace, base))) {
		out->to = wx_strf("%s/%s", dir, base);
	} else {
		rc = wx_file_hash(path, &crc, NULL, NULL, err);
		if (rc)
			goto out;
		out->to = beside(dir, base, crc);
		if (replace)
			out->old = wx_strf("%s/%s", dir, replace);
	}
	out->from = strdup(path);
	if (!out->to || !out->from)
		rc = wx_fail_nomem(err);
out:
	wx_names_fini(&names);
	if (rc)
		wx_keep_fini(out);
	return rc;
}

static int copy(FILE *in, FILE *out, const char *from, struct wx_error *err)
{
	char *buf = malloc(CHUNK);
	size_t n = buf ? CHUNK : 0;
	int rc = buf ? WX_OK : wx_fail_nomem(err);

	while (n == CHUNK && !ferror(out)) {
		n = fread(buf, 1, CHUNK, in);
		fwrite(buf, 1, n, out);
	}
	if (!rc && ferror(in))
		rc = wx_fail_errno(err, "%s: cannot read", from);
	free(buf);
	return rc;
}

int wx_keep_do(const struct wx_keep *keep, struct wx_error *err)
{
	struct wx_file *file = NULL;
	FILE *in = NULL;
	int rc;

	if (keep->what == WX_KEEP_HAVE)
		return WX_OK;
	in = fopen(keep->from, "re");
	if (!in)
		return wx_fail_errno(err, "%s: cannot open", keep->from);
	rc = wx_file_create(keep->to, &file, err);
	if (!rc)
		rc = copy(in, wx_file_get(file), keep->from, err);
	if (rc)
		wx_file_abort(file);
	else
		rc = wx_file_commit(file, NULL, err);
	fclose(in);
	/* Only now: what it holds is in the new one. */
	if (!rc && keep->old && unlink(keep->old) != 0 && errno != ENOENT)
		rc = wx_fail_errno(err, "%s: cannot remove", keep->old);
	return rc;
}

void wx_keep_fini(struct wx_keep *keep)
{
	free(keep->from);
	free(keep->to);
	free(keep->old);
	*keep = (struct wx_keep){ 0 };
}
