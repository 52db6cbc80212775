/* SPDX-License-Identifier: MIT */
/*
 * lib/archive/daybook.c: see daybook.h.
 *
 * In the working folder: DATE.in, rows of the file that is being read;
 * DATE.all, those of the files before, sorted; DATE.run*, sorted chunks.
 */
#include "archive/daybook.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "archive/subsume.h"
#include "base/array.h"
#include "base/file.h"
#include "base/text.h"

enum { SORT_BYTES = 4 << 20 };

struct day {
	int64_t day;
	bool sorted;
};

struct wx_daybook {
	char *dir;
	FILE *in;                /* DATE.in of the day that rows come for */
	struct day *day;         /* of the file that is being read */
	size_t n_days, room, at; /* at: the day of in */
	char *last;              /* last line of that day */
	size_t last_n, last_room;
};

static char *day_path(const struct wx_daybook *b, int64_t day,
		      const char *ending)
{
	char text[WX_DAY_SIZE];

	wx_day_format(day, text);
	return wx_strf("%s/%s.%s", b->dir, text, ending);
}

/* Only files of ours are in it. */
static int empty(const char *dir, struct wx_error *err)
{
	struct wx_names names;
	int rc = wx_names_read(dir, 1, &names, err);

	for (size_t i = 0; !rc && i < names.n; i++) {
		char *path = wx_strf("%s/%s", dir, names.name[i]);

		if (!path)
			rc = wx_fail_nomem(err);
		else if (unlink(path) != 0 && errno != ENOENT)
			rc = wx_fail_errno(err, "%s: cannot remove", path);
		free(path);
	}
	if (!rc)
		wx_names_fini(&names);
	return rc;
}

int wx_daybook_open(const char *dir, struct wx_daybook **out,
		    struct wx_error *err)
{
	struct wx_daybook *b = calloc(1, sizeof(*b));
	int rc;

	*out = NULL;
	if (!b || !(b->dir = strdup(dir))) {
		free(b);
		return wx_fail_nomem(err);
	}
	rc = wx_mkdirs(dir, err);
	if (!rc)
		rc = empty(dir, err);
	if (rc) {
		wx_daybook_close(b);
		return rc;
	}
	*out = b;
	return WX_OK;
}

void wx_daybook_close(struct wx_daybook *b)
{
	if (!b)
		return;
	if (b->in)
		fclose(b->in);
	empty(b->dir, NULL);
	rmdir(b->dir);
	free(b->dir);
	free(b->day);
	free(b->last);
	free(b);
}

static int close_written(FILE *f, const char *path, struct wx_error *err)
{
	bool bad = ferror(f) != 0;

	if (fclose(f) != 0 || bad)
		return wx_fail_errno(err, "%s: cannot write", path);
	return WX_OK;
}

/* Have DATE.in open for a day; a day that rows come back to is unsorted. */
static int turn_to(struct wx_daybook *b, int64_t day, struct wx_error *err)
{
	char *path = day_path(b, day, "in");
	size_t i = 0;
	int rc = path ? WX_OK : wx_fail_nomem(err);

	if (!rc && b->in)
		rc = close_written(b->in, path, err);
	b->in = NULL;
	while (!rc && i < b->n_days && b->day[i].day != day)
		i++;
	if (!rc)
		rc = WX_GROW(&b->day, &b->room, i + 1, err);
	if (!rc) {
		b->day[i] = (struct day){ day, i == b->n_days };
		b->n_days += i == b->n_days;
		b->at = i;
		b->last_n = 0;
		b->in = fopen(path, "ae");
		if (!b->in)
			rc = wx_fail_errno(err, "%s: cannot write", path);
	}
	free(path);
	return rc;
}

/* Lines sort as bytes; their '\n' sorts below every other character. */
static int compare_lines(const char *a, size_t n_a, const char *b, size_t n_b)
{
	size_t n = n_a < n_b ? n_a : n_b;
	int d = memcmp(a, b, n);

	return d ? d : (n_a > n_b) - (n_a < n_b);
}

int wx_daybook_add(struct wx_daybook *b, struct wx_time utc, const char *line,
		   size_t n, struct wx_error *err)
{
	int64_t day = wx_time_day(utc);

	if (!b->in || b->day[b->at].day != day) {
		int rc = turn_to(b, day, err);

		if (rc)
			return rc;
	}
	if (b->last_n && compare_lines(b->last, b->last_n, line, n) > 0)
		b->day[b->at].sorted = false;
	if (WX_GROW(&b->last, &b->last_room, n, err))
		return WX_ERR_NOMEM;
	memcpy(b->last, line, n);
	b->last_n = n;
	fwrite(line, 1, n, b->in);
	return WX_OK;
}

struct stream {
	FILE *f;
	char *line;
	size_t room;
	ssize_t n; /* of the line that stands; -1 at the end */
};

static void stream_next(struct stream *s)
{
	s->n = getline(&s->line, &s->room, s->f);
}

/*
 * Merge two sorted files into out. once: a line that both have counts once for
 * each pair, so that of n and m equal lines the greater number stays.
 */
static int merge(const char *path_a, const char *path_b, const char *out,
		 bool once, struct wx_error *err)
{
	struct stream a = { .f = fopen(path_a, "re") };
	struct stream b = { .f = fopen(path_b, "re") };
	FILE *to = fopen(out, "we");
	int rc = WX_OK;

	if (!a.f || !b.f || !to) {
		rc = wx_fail_errno(err, "%s: cannot merge into it", out);
		goto out;
	}
	stream_next(&a);
	stream_next(&b);
	while (a.n >= 0 || b.n >= 0) {
		int d = a.n < 0   ? 1
			: b.n < 0 ? -1
				  : compare_lines(a.line, (size_t)a.n, b.line,
						  (size_t)b.n);
		struct stream *s = d <= 0 ? &a : &b;

		fwrite(s->line, 1, (size_t)s->n, to);
		stream_next(s);
		if (d == 0 && once)
			stream_next(&b);
	}
	if (ferror(a.f) || ferror(b.f))
		rc = wx_fail_errno(err, "%s: cannot read", path_a);
out:
	if (to) {
		int rc_close = close_written(to, out, err);

		rc = rc ? rc : rc_close;
	}
	if (a.f)
		fclose(a.f);
	if (b.f)
		fclose(b.f);
	free(a.line);
	free(b.line);
	return rc;
}

static int by_line(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;

	return compare_lines(x, (size_t)(strchr(x, '\n') - x), y,
			     (size_t)(strchr(y, '\n') - y));
}

/* Sort whole lines in buf[0..n) and write them. */
static int write_run(char *buf, size_t n, const char *path,
		     struct wx_error *err)
{
	size_t n_lines = 0, i = 0;
	char **line;
	FILE *f;

	for (char *p = buf; p < buf + n; p = strchr(p, '\n') + 1)
		n_lines++;
	line = malloc((n_lines + 1) * sizeof(*line));
	if (!line)
		return wx_fail_nomem(err);
	for (char *p = buf; p < buf + n; p = strchr(p, '\n') + 1)
		line[i++] = p;
	qsort(line, n_lines, sizeof(*line), by_line);
	f = fopen(path, "we");
	for (i = 0; f && i < n_lines; i++)
		fwrite(line[i], 1,
		       (size_t)(strchr(line[i], '\n') - line[i]) + 1, f);
	free(line);
	return f ? close_written(f, path, err)
		 : wx_fail_errno(err, "%s: cannot write", path);
}

/* Sorted chunk into path: alone, or merged with what is there. */
static int add_run(char *buf, size_t n, const char *path, bool first,
		   struct wx_error *err)
{
	char *run = wx_strf("%s1", path), *both = wx_strf("%s2", path);
	int rc = run && both ? WX_OK : wx_fail_nomem(err);

	if (!rc)
		rc = write_run(buf, n, first ? path : run, err);
	if (!rc && !first)
		rc = merge(path, run, both, false, err);
	if (!rc && !first && (rename(both, path) != 0 || unlink(run) != 0))
		rc = wx_fail_errno(err, "%s: cannot replace", path);
	free(run);
	free(both);
	return rc;
}

/* A day's rows of one file, from path into sorted. */
static int sort_file(const char *path, const char *sorted, struct wx_error *err)
{
	FILE *f = fopen(path, "re");
	char *buf = malloc(SORT_BYTES + 1);
	size_t have = 0, got;
	bool first = true;
	int rc = WX_OK;

	if (!f || !buf)
		rc = wx_fail_errno(err, "%s: cannot sort", path);
	while (!rc) {
		char *end;

		got = fread(buf + have, 1, SORT_BYTES - have, f);
		have += got;
		buf[have] = '\0';
		end = have ? memrchr(buf, '\n', have) : NULL;
		if (!end)
			break;
		end++;
		rc = add_run(buf, (size_t)(end - buf), sorted, first, err);
		first = false;
		have -= (size_t)(end - buf);
		memmove(buf, end, have);
		if (!got)
			break;
	}
	if (f)
		fclose(f);
	free(buf);
	return rc;
}

/* A day's rows of the file that ended: sorted, and merged with the rest. */
static int end_day(struct wx_daybook *b, const struct day *d,
		   struct wx_error *err)
{
	char *in = day_path(b, d->day, "in"), *all = day_path(b, d->day, "all");
	char *run = day_path(b, d->day, "run");
	char *tmp = day_path(b, d->day, "tmp");
	int rc = in && all && run && tmp ? WX_OK : wx_fail_nomem(err);

	if (!rc && !d->sorted) {
		rc = sort_file(in, run, err);
		if (!rc && rename(run, in) != 0)
			rc = wx_fail_errno(err, "%s: cannot replace", in);
	}
	if (!rc && access(all, F_OK) == 0) {
		rc = merge(all, in, tmp, true, err);
		if (!rc && (rename(tmp, all) != 0 || unlink(in) != 0))
			rc = wx_fail_errno(err, "%s: cannot replace", all);
	} else if (!rc && rename(in, all) != 0) {
		rc = wx_fail_errno(err, "%s: cannot rename", in);
	}
	free(in);
	free(all);
	free(run);
	free(tmp);
	return rc;
}

int wx_daybook_end_file(struct wx_daybook *b, struct wx_error *err)
{
	int rc = WX_OK;

	if (b->in)
		rc = close_written(b->in, b->dir, err);
	b->in = NULL;
	for (size_t i = 0; !rc && i < b->n_days; i++)
		rc = end_day(b, &b->day[i], err);
	b->n_days = 0;
	return rc;
}

static int commit_day(const char *from, const char *to, const char *header,
		      bool *changed, struct wx_error *err)
{
	struct stream s = { .f = fopen(from, "re") };
	struct wx_subsume group;
	struct wx_file *file = NULL;
	int rc;

	if (!s.f)
		return wx_fail_errno(err, "%s: cannot open", from);
	rc = wx_file_create(to, &file, err);
	if (!rc) {
		fprintf(wx_file_get(file), "%s\n", header);
		wx_subsume_init(&group, wx_file_get(file));
		for (stream_next(&s); !rc && s.n >= 0; stream_next(&s))
			rc = wx_subsume_add(&group, s.line, (size_t)s.n, err);
		wx_subsume_fini(&group);
	}
	if (!rc && ferror(s.f))
		rc = wx_fail_errno(err, "%s: cannot read", from);
	if (rc)
		wx_file_abort(file);
	else
		rc = wx_file_commit(file, changed, err);
	fclose(s.f);
	free(s.line);
	return rc;
}

/* Is it the name of a day's table, "2026-06-01.csv"? */
static bool is_table(const char *name, int64_t *day)
{
	char text[WX_DAY_SIZE];

	if (strlen(name) != WX_DAY_SIZE - 1 + 4 ||
	    strcmp(name + WX_DAY_SIZE - 1, ".csv") != 0)
		return false;
	memcpy(text, name, WX_DAY_SIZE - 1);
	text[WX_DAY_SIZE - 1] = '\0';
	return wx_day_parse(text, day, NULL) == WX_OK;
}

/* Tables of days that no file tells of any more. */
static int remove_stale(const struct wx_daybook *b, const char *out,
			int *n_changed, struct wx_error *err)
{
	struct wx_names names;
	int rc = wx_names_read(out, 1, &names, err);

	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < names.n; i++) {
		int64_t day;
		char *all, *table;

		if (!is_table(names.name[i], &day))
			continue;
		all = day_path(b, day, "all");
		table = wx_strf("%s/%s", out, names.name[i]);
		if (!all || !table) {
			rc = wx_fail_nomem(err);
		} else if (access(all, F_OK) != 0) {
			++*n_changed;
			if (unlink(table) != 0)
				rc = wx_fail_errno(err, "%s: cannot remove",
						   table);
		}
		free(all);
		free(table);
	}
	wx_names_fini(&names);
	return rc;
}

int wx_daybook_commit(struct wx_daybook *b, const char *out, const char *header,
		      int *n_days, int *n_changed, struct wx_error *err)
{
	struct wx_names names;
	int rc = wx_names_read(b->dir, 1, &names, err);

	*n_days = *n_changed = 0;
	if (rc)
		return rc;
	for (size_t i = 0; !rc && i < names.n; i++) {
		char *from = wx_strf("%s/%s", b->dir, names.name[i]);
		char *to = wx_strf("%s/%.10s.csv", out, names.name[i]);
		bool changed = false;

		rc = from && to ? commit_day(from, to, header, &changed, err)
				: wx_fail_nomem(err);
		++*n_days;
		*n_changed += changed;
		free(from);
		free(to);
	}
	wx_names_fini(&names);
	return rc ? rc : remove_stale(b, out, n_changed, err);
}
