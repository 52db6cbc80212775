/* SPDX-License-Identifier: MIT */
/* lib/archive/archive.c: where things are; see archive.h. */
#include "archive/archive.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

/* "." says nothing in a path or a message. */
static char *root_of(const char *dir)
{
	size_t n = strlen(dir);

	while (n > 1 && dir[n - 1] == '/')
		n--;
	return strndup(n ? dir : ".", n ? n : 1);
}

static bool is_here(const char *root)
{
	return !strcmp(root, ".");
}

int wx_archive_open(const char *dir, struct wx_archive **out,
		    struct wx_error *err)
{
	struct wx_archive *a = calloc(1, sizeof(*a));
	char *path = NULL;
	int rc;

	*out = NULL;
	if (!a || !(a->root = root_of(dir)) ||
	    !(path = wx_archive_path(a, "site.json"))) {
		rc = wx_fail_nomem(err);
	} else if (access(path, F_OK) != 0 && errno == ENOENT) {
		rc = wx_fail(err, WX_ERR_IO,
			     "%s: no such file, expected an archive in folder "
			     "%s: name one with -a DIR, or write its site.json "
			     "as wx-site(5) shows",
			     path, a->root);
	} else {
		rc = wx_site_read(path, &a->site, err);
	}
	free(path);
	if (rc) {
		wx_archive_close(a);
		return rc;
	}
	*out = a;
	return WX_OK;
}

void wx_archive_close(struct wx_archive *a)
{
	if (!a)
		return;
	wx_site_free(a->site);
	free(a->root);
	free(a);
}

char *wx_archive_path(const struct wx_archive *a, const char *fmt, ...)
{
	char *rest = NULL, *path;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vasprintf(&rest, fmt, args);
	va_end(args);
	if (n < 0)
		return NULL;
	if (is_here(a->root))
		return rest;
	path = wx_strf("%s/%s", strcmp(a->root, "/") ? a->root : "", rest);
	free(rest);
	return path;
}

int wx_archive_days(const struct wx_archive *a, const char *table,
		    const char *id, struct wx_days *out, struct wx_error *err)
{
	char *dir = wx_archive_path(a, "%s/%s", table, id);
	struct wx_names names = { 0 };
	int rc;

	*out = (struct wx_days){ 0 };
	rc = dir ? wx_names_read(dir, 1, &names, err) : wx_fail_nomem(err);
	if (!rc && names.n) {
		out->day = malloc(names.n * sizeof(*out->day));
		if (!out->day)
			rc = wx_fail_nomem(err);
	}
	/* Names sort as their days do: 1678 to 2262 have four digits. */
	for (size_t i = 0; !rc && i < names.n; i++) {
		size_t n = strlen(names.name[i]);
		char day[WX_DAY_SIZE] = "";

		if (n != 14 || strcmp(names.name[i] + 10, ".csv"))
			continue;
		memcpy(day, names.name[i], 10);
		if (!wx_day_parse(day, &out->day[out->n], NULL))
			out->n++;
	}
	wx_names_fini(&names);
	free(dir);
	return rc;
}

void wx_days_fini(struct wx_days *d)
{
	free(d->day);
	*d = (struct wx_days){ 0 };
}

size_t wx_folder_length(const char *capture_name)
{
	const char *slash = strrchr(capture_name, '/');

	return slash ? (size_t)(slash - capture_name) : 0;
}

int wx_folder_compare(const char *a, const char *b)
{
	size_t n_a = wx_folder_length(a), n_b = wx_folder_length(b);
	int cmp = memcmp(a, b, n_a < n_b ? n_a : n_b);

	if (!cmp)
		cmp = (n_a > n_b) - (n_a < n_b);
	return cmp ? cmp : strcmp(a, b);
}

/*
 * A folder's part as a part of its table's path. Folder "a" becomes a.csv and
 * "a/b" a/b.csv; so that no folder "a.csv" or "_root" lands on another's
 * table, those get a '_', and one more where they end in some already.
 */
static bool needs_mark(const char *part, size_t n)
{
	while (n && part[n - 1] == '_')
		n--;
	return (n >= 4 && !memcmp(part + n - 4, ".csv", 4)) ||
	       (n == 5 && !memcmp(part, "_root", 5));
}

char *wx_sound_table(const char *node, const char *capture_name)
{
	size_t n = wx_folder_length(capture_name);
	const char *part = capture_name, *end = capture_name + n;
	char *out, *p;

	if (!n)
		return wx_strf("sound/%s/_root.csv", node);
	out = malloc(strlen("sound//.csv") + strlen(node) + 2 * n + 1);
	if (!out)
		return NULL;
	p = out + sprintf(out, "sound/%s/", node);
	while (part <= end) {
		const char *stop = memchr(part, '/', (size_t)(end - part));
		size_t len = (size_t)((stop ? stop : end) - part);

		memcpy(p, part, len);
		p += len;
		if (needs_mark(part, len))
			*p++ = '_';
		if (stop)
			*p++ = '/';
		part += len + 1;
	}
	strcpy(p, ".csv");
	return out;
}
